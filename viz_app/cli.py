"""The command line: ``gatescope app | train | compare | retention | claim | record | figure …``.

Whatever is slow to import is imported inside the commands, so that ``--help`` answers at once.
"""

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viz_app.terminal import OneLineErrors, argument, option, require_file
from viz_app.text import say

if TYPE_CHECKING:
    import xarray as xr

PLAIN: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
app = typer.Typer(cls=OneLineErrors, help=say("cli.about"), **PLAIN)
figure = typer.Typer(help=say("cli.figure"), **PLAIN)
app.add_typer(figure, name="figure")


class Theme(StrEnum):
    """Colours of a figure."""

    light = "light"
    dark = "dark"


Whole = int | None
Real = float | None
Trace = Annotated[Path, argument("trace", "TRACE.nc")]
Figure = Annotated[Path, option("figure_out", "--out", metavar="FIGURE")]
Colours = Annotated[Theme, option("theme", "--theme")]


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
) -> None:
    """Serve the app."""
    from viz_app.serve import serve

    if runs is not None:
        os.environ["GATESCOPE_RUNS"] = str(runs.resolve())
    serve(host, port)


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
    initialisation: Annotated[str | None, option("initialisation", "--init")] = None,
    forget_bias: Annotated[Real, option("forget_bias", "--forget-bias")] = None,
    chrono_max: Annotated[Whole, option("chrono_max", "--chrono-max")] = None,
    optimiser: Annotated[str | None, option("optimiser", "--optimiser")] = None,
    learning_rate: Annotated[Real, option("learning_rate", "--learning-rate")] = None,
    batch_size: Annotated[Whole, option("batch_size", "--batch-size")] = None,
    max_steps: Annotated[Whole, option("max_steps", "--steps")] = None,
    clip: Annotated[Real, option("clip", "--clip")] = None,
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
    from viz_app.practice import practise

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
    optimiser: Annotated[str | None, option("optimiser", "--optimiser")] = None,
    learning_rate: Annotated[Real, option("learning_rate", "--learning-rate")] = None,
    batch_size: Annotated[Whole, option("batch_size", "--batch-size")] = None,
    max_steps: Annotated[Whole, option("max_steps", "--steps")] = None,
    clip: Annotated[Real, option("clip", "--clip")] = None,
    no_clip: Annotated[bool, option("no_clip", "--no-clip")] = False,
    distractors: Annotated[Whole, option("distractors", "--distractors")] = None,
    symbols: Annotated[Whole, option("symbols", "--symbols")] = None,
    workers: Annotated[Whole, option("workers", "--workers", min=1)] = None,
    scheduler: Annotated[str | None, option("scheduler", "--scheduler", metavar="ADDRESS")] = None,
) -> None:
    """Run a retention experiment; the parameters are named as in `RetentionConfig`."""
    from viz_app.sweeps import retain

    retain(context.params)


@app.command("compare", help=say("cli.compare"))
def compare(
    context: typer.Context,
    out: Annotated[Path, option("compare_out", "--out", metavar="FOLDER", file_okay=False)],
    task: Annotated[str | None, option("compare_task", "--task")] = None,
    cells: Annotated[list[str] | None, option("compare_cells", "--cells")] = None,
    seeds: Annotated[list[int] | None, option("seeds", "--seeds")] = None,
    hidden_size: Annotated[Whole, option("compare_units", "--hidden-size")] = None,
    match: Annotated[str | None, option("compare_match", "--match")] = None,
    num_layers: Annotated[Whole, option("num_layers", "--layers")] = None,
    bidirectional: Annotated[bool, option("bidirectional", "--bidirectional")] = False,
    dropout: Annotated[Real, option("dropout", "--dropout")] = None,
    embedding_size: Annotated[Whole, option("embedding_size", "--embedding-size")] = None,
    forget_bias: Annotated[Real, option("compare_bias", "--forget-bias")] = None,
    optimiser: Annotated[str | None, option("optimiser", "--optimiser")] = None,
    learning_rate: Annotated[Real, option("compare_rate", "--learning-rate")] = None,
    rates: Annotated[list[str] | None, option("compare_rates", "--rates")] = None,
    batch_size: Annotated[Whole, option("compare_batch", "--batch-size")] = None,
    max_steps: Annotated[Whole, option("compare_steps", "--steps")] = None,
    clip: Annotated[Real, option("clip", "--clip")] = None,
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
    from viz_app.comparing import compare as run

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
    from viz_app.claiming import claim

    claim(context.params)


@app.command("runs", help=say("cli.stored_runs"))
def stored_runs(
    folder: Annotated[Path, argument("store", "FOLDER")],
    remove: Annotated[str | None, option("remove", "--remove", metavar="NAME")] = None,
) -> None:
    """List a store's runs, or remove one."""
    from viz_app.sweeps import list_runs

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
    from viz_app.recording import record_to

    record_to(out, context.params)


@figure.command("gates", help=say("cli.figure_gates"))
def figure_gates(
    path: Trace,
    out: Figure,
    node: Annotated[str | None, option("node", "--node")] = None,
    example: Annotated[int, option("example", "--example")] = 0,
    unit: Annotated[Whole, option("unit", "--unit")] = None,
    step: Annotated[Whole, option("step", "--step")] = None,
    theme: Colours = Theme.light,
    width: Annotated[Whole, option("width", "--width", min=50)] = None,
) -> None:
    """Draw a saved trace's gates."""
    trace, kind = _ready(path, out)
    from viz_app.views import gates, units

    layer = units.layer_of(trace, node)
    shape = gates.view(layer, example=example).data.shape
    _require_among("unit", unit, sorted(shape.units))
    _require_among("step", step, range(shape.start, shape.end))
    size = width or gates.GatesLook.width
    look = gates.GatesLook(theme=theme.value, width=size, hover=kind == "html")
    picked = {"example": example, "unit": unit, "step": step}
    _save(gates.chart(trace, node=node, look=look, **picked), out)


@figure.command("gradients", help=say("cli.figure_gradients"))
def figure_gradients(
    path: Trace,
    out: Figure,
    theme: Colours = Theme.light,
    width: Annotated[Whole, option("width_panel", "--width", min=50)] = None,
) -> None:
    """Draw a saved trace's gradient norms."""
    trace, _ = _ready(path, out)
    from viz_app.views import gradients

    look = {} if width is None else {"width": width}
    _save(gradients.chart(trace, theme=theme.value, **look), out)


@figure.command("view", help=say("cli.figure_view"))
def figure_view(
    context: typer.Context,
    view: Annotated[str, argument("view", "VIEW")],
    out: Figure,
    runs: Annotated[list[str] | None, argument("figure_runs", "RUN...")] = None,
    checkpoint: Annotated[Whole, option("checkpoint", "--checkpoint")] = None,
    layer: Annotated[str | None, option("node", "--layer")] = None,
    example: Annotated[Whole, option("example", "--example")] = None,
    unit: Annotated[Whole, option("unit", "--unit")] = None,
    step: Annotated[Whole, option("step", "--step")] = None,
    window: Annotated[str | None, option("window", "--window", metavar="FIRST-LAST")] = None,
    units: Annotated[str | None, option("units", "--units", metavar="A.B.C")] = None,
    show: Annotated[str | None, option("show", "--show", metavar="PANEL.PANEL")] = None,
    millimetres: Annotated[Real, option("millimetres", "--millimetres")] = None,
    points: Annotated[Real, option("points", "--points")] = None,
    theme: Colours = Theme.light,
    title: Annotated[str, option("figure_title", "--title")] = "",
    caption: Annotated[str, option("figure_caption", "--caption")] = "",
    dots: Annotated[int, option("dots", "--dots", min=30, max=2400)] = 300,
) -> None:
    """Set a view of runs as a figure, as the page Figures does."""
    from viz_app.setting import set_view

    set_view(context.params)


def _ready(path: Path, out: Path) -> "tuple[xr.DataTree, str]":
    """The trace, and the kind of figure that can be written."""
    from gatescope import load_trace
    from viz_app.figures import require_format

    kind = require_format(out)
    trace = load_trace(path)
    require_file(out)
    return trace, kind


def _require_among(name: str, value: int | None, there: Sequence[int]) -> None:
    if value is not None and value not in there:
        raise ValueError(
            say("cli.outside", option=name, first=there[0], last=there[-1], value=value)
        )


def _save(chart: Any, out: Path) -> None:
    from viz_app import figures

    typer.echo(say("cli.saved_figure", path=figures.save(chart, out)))


def main() -> None:
    """Run the command line; the entry point ``gatescope``."""
    app()
