"""The commands ``gatescope figure …``: charts of a saved trace, and figures of runs.

Whatever is slow to import is imported inside the commands, as in `viz_app.commands.main`.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from viz_app.commands._options import (
    REQUIRED,
    Command,
    Later,
    argument,
    help_key,
    made_command,
    of_tasks,
    option,
    parameter,
    told,
)
from viz_app.commands._terminal import PLAIN, Group, require_file
from viz_app.kit.command_line import option_names
from viz_app.text import say

if TYPE_CHECKING:
    import xarray as xr

DOTS = 300
"""An inch of a PNG."""

Whole = int | None

figure = typer.Typer(cls=Group, help=say("cli.figure"), **PLAIN)


class Theme(StrEnum):
    """Colours of a figure."""

    light = "light"
    dark = "dark"


Trace = Annotated[Path, argument("trace", "TRACE.nc")]
Figure = Annotated[Path, option("figure_out", "--out", metavar="FIGURE")]
Colours = Annotated[Theme, option("theme", "--theme")]


@figure.command("gates", cls=Command, **told("figure_gates"))
def figure_gates(
    path: Trace,
    out: Figure,
    node: Annotated[str | None, option("layer", "--layer", "--node")] = None,
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
    from viz_app.kit.chart.gates_look import GatesLook

    layer = units.layer_of(trace, node)
    shape = gates.view(layer, example=example).data.shape
    _require_among("unit", unit, sorted(shape.units))
    _require_among("step", step, range(shape.start, shape.end))
    size = width or GatesLook.width
    look = GatesLook(theme=theme.value, width=size, hover=kind == "html")
    _save(gates.chart(trace, node=node, look=look, example=example, unit=unit, step=step), out)


@figure.command("gradients", cls=Command, **told("figure_gradients"))
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


def command() -> TyperCommand:
    """``gatescope figure view``: every choice that a view can have, and how the figure is set."""
    from dataclasses import fields

    from viz_app.features import view_of
    from viz_app.kit.choice import KINDS, real, whole
    from viz_app.kit.figure_layout import PRESETS, Layout

    usual = {"text": view_of("text"), "layout": Layout}
    kinds: dict[Any, Any] = {whole: int, real: float}

    def asked(name: str, kind: Any) -> Parameter:
        names = {option_names(name)[0], f"--{name}"}  # a view's own line has the name as it is
        said = usual | of_tasks(name)
        return parameter(name, kind, option(help_key("view", name), *sorted(names), said=said))

    runs = parameter("runs", str, argument("figure_runs", "RUN..."), several=True)
    return made_command(
        _set_view,
        [
            parameter("view", str, argument("view", "VIEW"), REQUIRED),
            parameter("out", Path, option("figure_out", "--out", metavar="FIGURE"), REQUIRED),
            runs,
            *(
                asked(name, kinds.get(kind.read, str))
                for name, kind in KINDS.items()
                if name not in ("run", "others")
            ),
            *(
                asked(part.name, Theme if part.name == "theme" else type(part.default))
                for part in fields(Layout)
            ),
            parameter(
                "preset", str, option("preset", "--preset", said={"presets": ", ".join(PRESETS)})
            ),
            parameter("dots", int, option("dots", "--dots", min=30, max=2400)),
        ],
    )


def _set_view(given: Mapping[str, Any]) -> None:
    """Set a view of runs as a figure, as the page Figures does."""
    from dataclasses import fields

    from viz_app import features
    from viz_app.kit import export
    from viz_app.kit.choice import KINDS
    from viz_app.kit.figure_layout import Layout, preset

    said = {name: value for name, value in given.items() if value is not None}
    out: Path = said["out"]
    export.require_format(out)
    require_file(out)
    set_so = {part.name: said[part.name] for part in fields(Layout) if part.name in said}
    layout = preset(said["preset"], **set_so) if "preset" in said else Layout(**set_so)
    asked = {name: said[name] for name in KINDS if name in said}
    for run in given["runs"] or ():
        _require_run(run)
    found = features.view(said["view"], tuple(given["runs"] or ()), asked).figure()
    export.save(found.set(layout), out, found.about, said.get("dots", DOTS))
    typer.echo(say("cli.saved_figure", path=out))


def _require_run(name: str) -> None:
    """Raise ValueError where what is named is no folder, nor a network that is known by name."""
    from viz_app.kit.library import folder_of, prepared

    if Path(name).is_file():
        raise ValueError(say("cli.file_for_run", path=name))
    names = [name, *([name.rpartition("@")[0]] if "@" in name else [])]  # RUN@STEP
    if not any(Path(each).exists() or folder_of(each).exists() for each in names):
        raise ValueError(say("cli.no_run", name=name, names=", ".join(sorted(prepared()))))


figure.command("view", cls=Later, **told("figure_view"))(lambda: None)


def _ready(path: Path, out: Path) -> "tuple[xr.DataTree, str]":
    """The trace, and the kind of figure that can be written."""
    from gatescope import load_trace
    from viz_app.kit.export import require_format

    kind = require_format(out)
    if path.is_dir():
        raise ValueError(say("cli.folder_for_trace", path=path))
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
