"""The command line: ``gatescope app | train | compare | retention | record | sheets | figure …``.

Whatever is slow to import is imported inside the commands, so that ``--help`` answers at once.
"""

import importlib.util
import runpy
from pathlib import Path
from typing import Annotated, Any

import typer

from viz_app.commands._options import Command, Later, argument, option, told
from viz_app.commands._terminal import PLAIN, OneLineErrors
from viz_app.commands.figure import figure
from viz_app.kit import environment as names
from viz_app.text import say

Whole = int | None

HOST, PORT = "127.0.0.1", 8501

app = typer.Typer(cls=OneLineErrors, help=say("cli.about"), **PLAIN)
app.add_typer(figure, name="figure")


def _print_version(asked: bool) -> None:
    if asked:
        # found and not imported: gatescope brings torch
        package = importlib.util.find_spec("gatescope")
        assert package is not None
        assert package.origin is not None
        file = Path(package.origin).with_name("version.py")
        typer.echo(runpy.run_path(str(file))["__version__"])
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, option("version", "--version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


def _count(key: str, name: str) -> Any:
    """A number that the environment can say as well."""
    usual = {"default": names.USUAL_NUMBERS[name]}
    return option(key, f"--{key.replace('_', '-')}", said=usual, min=1, max=names.MOST_NUMBER)


@app.command("app", cls=Command, **told("app"))
def serve_app(
    host: Annotated[str, option("host", "--host", said={"default": HOST})] = HOST,
    port: Annotated[int, option("port", "--port", said={"default": PORT}, min=1, max=65535)] = PORT,
    runs: Annotated[
        Path | None, option("runs", "--runs", metavar="FOLDER", exists=True, file_okay=False)
    ] = None,
    processes: Annotated[int, option("processes", "--processes", min=1, max=64)] = 1,
    scheduler: Annotated[
        str | None, option("app_scheduler", "--scheduler", metavar="ADDRESS")
    ] = None,
    jobs_each: Annotated[Whole, _count("jobs_each", names.JOBS_EACH)] = None,
    job_hours: Annotated[Whole, _count("job_hours", names.JOB_HOURS)] = None,
    new_browsers: Annotated[Whole, _count("new_browsers", names.NEW_BROWSERS)] = None,
    behind_proxy: Annotated[bool, option("behind_proxy", "--behind-proxy")] = False,
    embed: Annotated[list[str] | None, option("embed", "--embed", metavar="ORIGIN")] = None,
    nginx: Annotated[
        Path | None, option("nginx_conf", "--nginx-conf", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Serve the app."""
    from viz_app.serve import hand_on, require_origins, require_scheduler, serve

    require_origins(embed or ())
    hand_on(
        {
            names.OWN_RUNS: runs and runs.resolve(), names.SCHEDULER: scheduler,
            names.JOBS_EACH: jobs_each, names.JOB_HOURS: job_hours,
            names.NEW_BROWSERS: new_browsers, names.PROXIED: 1 if behind_proxy else None,
            names.EMBED: " ".join(embed or ()) or None,
        }
    )  # fmt: skip
    require_scheduler()
    serve(host, port, processes, nginx)


for name in ("train", "retention", "compare", "claim"):
    app.command(name, cls=Later, **told(name))(lambda: None)


@app.command("runs", cls=Command, **told("stored_runs"))
def stored_runs(
    folder: Annotated[Path, argument("store", "FOLDER")],
    remove: Annotated[str | None, option("remove", "--remove", metavar="NAME")] = None,
) -> None:
    """List a store's runs, or remove one."""
    from viz_app.commands._sweep import list_runs

    list_runs(folder, remove)


@app.command("record", cls=Command, **told("record"))
def record_run(
    context: typer.Context,
    out: Annotated[Path, option("record_out", "--out", metavar="TRACE.nc")],
    run: Annotated[Path | None, argument("run", "[RUN]")] = None,
    model: Annotated[str | None, option("model", "--model", metavar="FILE.py:FUNCTION")] = None,
    step: Annotated[Whole, option("checkpoint", "--step")] = None,
    no_loss: Annotated[bool, option("no_loss", "--no-loss")] = False,
    signals: Annotated[list[str] | None, option("kept_signals", "--signals")] = None,
    layers: Annotated[list[str] | None, option("kept_layers", "--layers")] = None,
    window: Annotated[str | None, option("kept_window", "--window", metavar="FIRST-LAST")] = None,
    every: Annotated[Whole, option("kept_every", "--every", min=1)] = None,
) -> None:
    """Record a saved run, or what a function makes."""
    from viz_app.commands.record import record_to

    record_to(out, context.params)


@app.command("sheets", cls=Command, **told("sheets"))
def write_sheets(
    out: Annotated[Path, option("sheets_out", "--out", metavar="FOLDER", file_okay=False)],
    lessons: Annotated[list[str] | None, argument("sheets_lessons", "[LESSON...]")] = None,
) -> None:
    """Write lessons and plans on paper."""
    from viz_app.commands.sheets import write

    write(out, lessons or ())


def main() -> None:
    """Run the command line; the entry point ``gatescope``."""
    app()
