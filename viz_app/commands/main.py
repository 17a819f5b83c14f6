"""The command line: ``gatescope app | train | compare | retention | claim | record | figure …``.

Whatever is slow to import is imported inside the commands, so that ``--help`` answers at once.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from viz_app.commands._terminal import PLAIN, OneLineErrors, Real, Whole, argument, option
from viz_app.commands.figure import figure
from viz_app.kit.environment import MOST_NUMBER
from viz_app.text import say

COUNT: Any = {"min": 1, "max": MOST_NUMBER}

app = typer.Typer(cls=OneLineErrors, help=say("cli.about"), **PLAIN)
app.add_typer(figure, name="figure")


def _print_version(asked: bool) -> None:
    if asked:
        from gatescope import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, option("version", "--version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command("app", help=say("cli.app"))
def serve_app(
    host: Annotated[str, option("host", "--host")] = "127.0.0.1",
    port: Annotated[int, option("port", "--port", min=1, max=65535)] = 8501,
    runs: Annotated[
        Path | None, option("runs", "--runs", metavar="FOLDER", exists=True, file_okay=False)
    ] = None,
    processes: Annotated[int, option("processes", "--processes", min=1, max=64)] = 1,
    scheduler: Annotated[
        str | None, option("app_scheduler", "--scheduler", metavar="ADDRESS")
    ] = None,
    jobs_each: Annotated[Whole, option("jobs_each", "--jobs-each", **COUNT)] = None,
    job_hours: Annotated[Whole, option("job_hours", "--job-hours", **COUNT)] = None,
    new_browsers: Annotated[Whole, option("new_browsers", "--new-browsers", **COUNT)] = None,
    behind_proxy: Annotated[bool, option("behind_proxy", "--behind-proxy")] = False,
    embed: Annotated[list[str] | None, option("embed", "--embed", metavar="ORIGIN")] = None,
    nginx: Annotated[
        Path | None, option("nginx_conf", "--nginx-conf", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Serve the app."""
    from viz_app.kit import environment as names
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


@app.command("train", help=say("cli.train"))
def train_run(
    context: typer.Context,
    task: Annotated[str, argument("task", "TASK")],
    cell: Annotated[str | None, option("cell", "--cell")] = None,
    hidden_size: Annotated[Whole, option("hidden_size", "--hidden-size")] = None,
    num_layers: Annotated[Whole, option("num_layers", "--layers")] = None,
    bidirectional: Annotated[bool, option("bidirectional", "--bidirectional")] = False,
    dropout: Annotated[Real, option("dropout", "--dropout")] = None,
    readout_dropout: Annotated[Real, option("readout_dropout", "--readout-dropout")] = None,
    recurrent_dropout: Annotated[Real, option("recurrent_dropout", "--recurrent-dropout")] = None,
    embedding_size: Annotated[Whole, option("embedding_size", "--embedding-size")] = None,
    read_at: Annotated[str | None, option("read_at", "--read-at")] = None,
    initialization: Annotated[str | None, option("initialization", "--init")] = None,
    forget_bias: Annotated[Real, option("forget_bias", "--forget-bias")] = None,
    chrono_max: Annotated[Whole, option("chrono_max", "--chrono-max")] = None,
    optimizer: Annotated[str | None, option("optimizer", "--optimizer", "--optimiser")] = None,
    learning_rate: Annotated[Real, option("learning_rate", "--learning-rate")] = None,
    batch_size: Annotated[Whole, option("batch_size", "--batch-size")] = None,
    max_steps: Annotated[Whole, option("max_steps", "--steps")] = None,
    max_grad_norm: Annotated[Real, option("max_grad_norm", "--max-grad-norm", "--clip")] = None,
    no_clip: Annotated[bool, option("no_clip", "--no-clip")] = False,
    plateau_patience: Annotated[Whole, option("plateau_patience", "--plateau-patience")] = None,
    plateau_factor: Annotated[Real, option("plateau_factor", "--plateau-factor")] = None,
    plateau_min_rate: Annotated[Real, option("plateau_min_rate", "--plateau-min-rate")] = None,
    l1: Annotated[Real, option("l1", "--l1")] = None,
    l2: Annotated[Real, option("l2", "--l2")] = None,
    evaluate_every: Annotated[Whole, option("evaluate_every", "--evaluate-every")] = None,
    stop_accuracy: Annotated[Real, option("stop_accuracy", "--stop-accuracy")] = None,
    stop_patience: Annotated[Whole, option("stop_patience", "--stop-patience")] = None,
    restore_best: Annotated[bool, option("restore_best", "--restore-best")] = False,
    seed: Annotated[Whole, option("seed", "--seed")] = None,
    length: Annotated[Whole, option("length", "--length")] = None,
    delay: Annotated[Whole, option("delay", "--delay")] = None,
    symbols: Annotated[Whole, option("symbols", "--symbols")] = None,
    distractors: Annotated[Whole, option("distractors", "--distractors")] = None,
    variant: Annotated[str | None, option("task_variant", "--variant")] = None,
    series: Annotated[str | None, option("series", "--series")] = None,
    ticker: Annotated[str | None, option("ticker", "--ticker")] = None,
    window: Annotated[Whole, option("compare_window", "--window")] = None,
    horizon: Annotated[Whole, option("horizon", "--horizon")] = None,
    out: Annotated[Path | None, option("train_out", "--out", metavar="FOLDER")] = None,
) -> None:
    """Train and save; the parameters are named as in ``gatescope.TrainConfig``."""
    from viz_app.commands.train import practise

    practise(context.params)


@app.command("retention", help=say("cli.retention"))
def retention(
    context: typer.Context,
    out: Annotated[Path, option("retention_out", "--out", metavar="FOLDER", file_okay=False)],
    task: Annotated[str | None, option("retention_task", "--task")] = None,
    cells: Annotated[list[str] | None, option("cells", "--cells")] = None,
    delays: Annotated[list[int] | None, option("delays", "--delays")] = None,
    seeds: Annotated[list[int] | None, option("seeds", "--seeds")] = None,
    hidden_size: Annotated[Whole, option("hidden_size", "--hidden-size")] = None,
    match: Annotated[str | None, option("match", "--match")] = None,
    num_layers: Annotated[Whole, option("num_layers", "--layers")] = None,
    forget_bias: Annotated[Real, option("forget_bias", "--forget-bias")] = None,
    optimizer: Annotated[str | None, option("optimizer", "--optimizer", "--optimiser")] = None,
    learning_rate: Annotated[Real, option("learning_rate", "--learning-rate")] = None,
    batch_size: Annotated[Whole, option("batch_size", "--batch-size")] = None,
    max_steps: Annotated[Whole, option("max_steps", "--steps")] = None,
    max_grad_norm: Annotated[Real, option("max_grad_norm", "--max-grad-norm", "--clip")] = None,
    no_clip: Annotated[bool, option("no_clip", "--no-clip")] = False,
    distractors: Annotated[Whole, option("distractors", "--distractors")] = None,
    symbols: Annotated[Whole, option("symbols", "--symbols")] = None,
    workers: Annotated[Whole, option("workers", "--workers", min=1)] = None,
    scheduler: Annotated[str | None, option("scheduler", "--scheduler", metavar="ADDRESS")] = None,
) -> None:
    """Run a retention experiment; the parameters are named as in `RetentionConfig`."""
    from viz_app.commands.retention import retain

    retain(context.params)


@app.command("compare", help=say("cli.compare"))
def compare(
    context: typer.Context,
    out: Annotated[Path, option("compare_out", "--out", metavar="FOLDER", file_okay=False)],
    task: Annotated[str | None, option("compare_task", "--task")] = None,
    cells: Annotated[list[str] | None, option("compare_cells", "--cells")] = None,
    seeds: Annotated[list[int] | None, option("compare_seeds", "--seeds")] = None,
    hidden_size: Annotated[Whole, option("compare_units", "--hidden-size")] = None,
    match: Annotated[str | None, option("compare_match", "--match")] = None,
    num_layers: Annotated[Whole, option("num_layers", "--layers")] = None,
    bidirectional: Annotated[bool, option("bidirectional", "--bidirectional")] = False,
    dropout: Annotated[Real, option("dropout", "--dropout")] = None,
    embedding_size: Annotated[Whole, option("embedding_size", "--embedding-size")] = None,
    forget_bias: Annotated[Real, option("compare_bias", "--forget-bias")] = None,
    optimizer: Annotated[str | None, option("optimizer", "--optimizer", "--optimiser")] = None,
    learning_rate: Annotated[Real, option("compare_rate", "--learning-rate")] = None,
    rates: Annotated[list[str] | None, option("compare_rates", "--rates")] = None,
    batch_size: Annotated[Whole, option("compare_batch", "--batch-size")] = None,
    max_steps: Annotated[Whole, option("compare_steps", "--steps")] = None,
    max_grad_norm: Annotated[Real, option("max_grad_norm", "--max-grad-norm", "--clip")] = None,
    no_clip: Annotated[bool, option("no_clip", "--no-clip")] = False,
    evaluate_every: Annotated[Whole, option("evaluate_every", "--evaluate-every")] = None,
    aim_score: Annotated[Real, option("aim_score", "--aim-score")] = None,
    aim_loss: Annotated[Real, option("aim_loss", "--aim-loss")] = None,
    length: Annotated[Whole, option("compare_length", "--length")] = None,
    delay: Annotated[Whole, option("compare_delay", "--delay")] = None,
    symbols: Annotated[Whole, option("symbols", "--symbols")] = None,
    distractors: Annotated[Whole, option("distractors", "--distractors")] = None,
    variant: Annotated[str | None, option("task_variant", "--variant")] = None,
    series: Annotated[str | None, option("series", "--series")] = None,
    ticker: Annotated[str | None, option("ticker", "--ticker")] = None,
    window: Annotated[Whole, option("compare_window", "--window")] = None,
    horizon: Annotated[Whole, option("horizon", "--horizon")] = None,
    workers: Annotated[int, option("workers", "--workers", min=1)] = 2,
) -> None:
    """Run a comparison; the parameters are named as in `ComparisonConfig`."""
    from viz_app.commands.compare import compare as run

    run(context.params)


@app.command("claim", help=say("cli.claim"))
def run_claim(
    context: typer.Context,
    key: Annotated[str | None, argument("claim_key", "KEY")] = None,
    out: Annotated[
        Path | None, option("claim_out", "--out", metavar="FOLDER", file_okay=False)
    ] = None,
    workers: Annotated[int, option("workers", "--workers", min=1)] = 2,
) -> None:
    """Run a published claim at its budget."""
    from viz_app.commands.claim import claim

    claim(context.params)


@app.command("runs", help=say("cli.stored_runs"))
def stored_runs(
    folder: Annotated[Path, argument("store", "FOLDER")],
    remove: Annotated[str | None, option("remove", "--remove", metavar="NAME")] = None,
) -> None:
    """List a store's runs, or remove one."""
    from viz_app.commands._sweep import list_runs

    list_runs(folder, remove)


@app.command("record", help=say("cli.record"))
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


def main() -> None:
    """Run the command line; the entry point ``gatescope``."""
    app()
