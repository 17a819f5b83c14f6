"""The commands ``gatescope figure …``: charts of a saved trace, and figures of runs.

Whatever is slow to import is imported inside the commands, as in `viz_app.commands.main`.
"""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viz_app.commands._terminal import PLAIN, Real, Whole, argument, option, require_file
from viz_app.text import say

if TYPE_CHECKING:
    import xarray as xr

figure = typer.Typer(help=say("cli.figure"), **PLAIN)


class Theme(StrEnum):
    """Colours of a figure."""

    light = "light"
    dark = "dark"


Trace = Annotated[Path, argument("trace", "TRACE.nc")]
Figure = Annotated[Path, option("figure_out", "--out", metavar="FIGURE")]
Colours = Annotated[Theme, option("theme", "--theme")]


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
    from viz_app.features.gates import data as gates
    from viz_app.kit import units

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
    from viz_app.features.gradient_flow import data as gradients

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
    sort: Annotated[str | None, option("sort", "--sort")] = None,
    way: Annotated[str | None, option("way", "--way", metavar="WAY")] = None,
    t: Annotated[Whole, option("output_step", "--t")] = None,
    relative: Annotated[str | None, option("relative", "--relative", metavar="1")] = None,
    gain: Annotated[Real, option("gain", "--gain")] = None,
    at: Annotated[Whole, option("at", "--at")] = None,
    pictures: Annotated[str | None, option("pictures", "--pictures", metavar="A.B")] = None,
    labels: Annotated[str | None, option("labels", "--labels", metavar="A|B")] = None,
    sentence: Annotated[str | None, option("sentence", "--sentence")] = None,
    forecast: Annotated[Whole, option("forecast", "--forecast")] = None,
    prompt: Annotated[str | None, option("prompt", "--prompt")] = None,
    temperature: Annotated[Real, option("temperature", "--temperature")] = None,
    top_k: Annotated[Whole, option("top_k", "--top-k", "--top_k")] = None,
    then: Annotated[str | None, option("then", "--then", metavar="FROM@TEMPERATURE")] = None,
    look: Annotated[str | None, option("look", "--look", metavar="MEANING")] = None,
    signal: Annotated[str | None, option("signal", "--signal")] = None,
    picture: Annotated[str | None, option("picture", "--picture")] = None,
    ask: Annotated[str | None, option("ask", "--ask", metavar="QUESTION")] = None,
    does: Annotated[str | None, option("does", "--does", metavar="KIND:SIGNAL:VALUE")] = None,
    log: Annotated[str | None, option("log", "--log", metavar="1")] = None,
    axis: Annotated[str | None, option("axis", "--axis", metavar="AXIS")] = None,
    job: Annotated[str | None, option("job_folder", "--job", metavar="FOLDER")] = None,
    claim: Annotated[str | None, option("claim_shown", "--claim", metavar="CLAIM")] = None,
    anew: Annotated[str | None, option("anew", "--anew", metavar="1")] = None,
    task: Annotated[str | None, option("task_shown", "--task", metavar="TASK")] = None,
    variant: Annotated[str | None, option("task_variant", "--variant", metavar="VARIANT")] = None,
    length: Annotated[Whole, option("length", "--length")] = None,
    delay: Annotated[Whole, option("delay", "--delay")] = None,
    symbols: Annotated[Whole, option("symbols", "--symbols")] = None,
    distractors: Annotated[Whole, option("distractors", "--distractors")] = None,
    chance: Annotated[Real, option("chance", "--chance")] = None,
    seed: Annotated[Whole, option("seed_shown", "--seed")] = None,
    entry: Annotated[str | None, option("entry", "--entry", metavar="ENTRY")] = None,
    aid: Annotated[str | None, option("aid", "--aid")] = None,
    millimetres: Annotated[Real, option("millimetres", "--millimetres")] = None,
    points: Annotated[Real, option("points", "--points")] = None,
    theme: Colours = Theme.light,
    title: Annotated[str, option("figure_title", "--title")] = "",
    caption: Annotated[str, option("figure_caption", "--caption")] = "",
    dots: Annotated[int, option("dots", "--dots", min=30, max=2400)] = 300,
) -> None:
    """Set a view of runs as a figure, as the page Figures does."""
    from viz_app.commands._layout import set_view

    set_view(context.params)


def _ready(path: Path, out: Path) -> "tuple[xr.DataTree, str]":
    """The trace, and the kind of figure that can be written."""
    from gatescope import load_trace
    from viz_app.kit.export import require_format

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
    from viz_app.kit import export

    typer.echo(say("cli.saved_figure", path=export.save(chart, out)))
