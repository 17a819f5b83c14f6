"""Figures: a figure for my slides."""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from typing import Any

import streamlit as st

from viz_app import features
from viz_app.kit import export
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Window
from viz_app.kit.choice import Among
from viz_app.kit.export import FigureError, Sized
from viz_app.kit.figure import Figure
from viz_app.kit.figure_layout import (
    LARGEST,
    NARROWEST,
    PRESETS,
    SMALLEST,
    TALLEST,
    WIDEST,
    Layout,
)
from viz_app.kit.page import blocks, choices, run_choice, stage, visible_picker, window
from viz_app.kit.page import served as cached
from viz_app.kit.sharing import shared_unpacked
from viz_app.kit.view import View
from viz_app.text import say
from viz_app.text.plain import sentence

# choices that are made on a page and could be anything
PLAIN = ("relative", "log")

DOTS = 300
VIEW_WIDTH = 240  # pixels, with its label

OWN = "own"
EDGES = ".st-key-picture img {outline: 1px solid rgb(128 128 128 / 40%)}"


def key(name: str) -> str:
    """Where a setting of this page is kept."""
    return f"figures_{name}"


def ask_layout() -> Layout:
    """Measures, colours, title and caption."""
    names = [*PRESETS, OWN]
    choices.keep(key("preset"), names, "slide")
    name = st.selectbox(
        say("figures.preset"), names, key=key("preset"), help=say("figures.preset_help"),
        format_func=lambda name: say(f"figures.preset_{name.replace('-', '_')}"),
    )  # fmt: skip
    usual = PRESETS.get(str(name), Layout())
    if name == OWN:
        sides = st.columns(2)
        usual = Layout(
            number("millimetres", usual.millimetres, NARROWEST, WIDEST, sides[0]),
            number("points", usual.points, SMALLEST, LARGEST, sides[1]),
            height=number("height", usual.height, 0.0, TALLEST, sides[0]),
        )
    choices.keep(key("theme"), ["light", "dark"], window.theme())
    themes: list[Theme] = ["light", "dark"]
    theme = st.segmented_control(
        say("figures.theme"), themes, key=key("theme"), required=True, width="stretch",
        format_func=lambda name: say(f"figures.theme_{name}"), help=say("figures.theme_help"),
    )  # fmt: skip
    with st.expander(say("figures.texts")):
        title, caption = text("heading"), text("caption")
    return replace(usual, theme=theme or window.theme(), title=title, caption=caption)


def number(name: str, usual: float, least: float, most: float, place: Any) -> float:
    """Ask for a measure."""
    st.session_state.setdefault(key(name), usual)
    value: float = place.number_input(
        say(f"figures.{name}"), least, most, key=key(name), step=1.0 if most < 100 else 5.0,
        format="%.0f", help=say(f"figures.{name}_help"),
    )  # fmt: skip
    return max(value, NARROWEST) if name == "height" and value else value


def text(name: str) -> str:
    """Ask for a line of text."""
    st.session_state.setdefault(key(name), "")
    line: str = st.text_input(
        say(f"figures.{name}"), key=key(name), max_chars=300, help=say(f"figures.{name}_help")
    )
    return line.strip()


def chosen(name: str, run: str) -> View:
    """The view with what is chosen on its page, as far as this network has it."""
    view = features.view(name, [run], {"others": run_choice.several(names)[1]})
    opened, here = cached.run_of(run), {}
    steps, units = range(opened.task.length), range(opened.config.hidden_size)
    part = visible_picker.kept(len(steps), len(units))
    of_part = {"window": part.window, "units": part.units, "show": part.panels}
    there = view.among(cached.recordings) | {
        "unit": Among(units, None),
        "step": Among(steps, None),
    }
    for field in fields(view):
        if field.name in there:
            here[field.name] = choices.pick(field.name, there[field.name].values, None)
        elif field.name in of_part:
            here[field.name] = of_part[field.name]
        elif field.name in PLAIN:
            here[field.name] = st.session_state.get(field.name, field.default)
    return view.but(**here).brief(cached.recordings)


@shared_unpacked
def figure_of(view: View) -> Figure:
    """A view as a figure; it remembers how wide its panels came out."""
    return view.figure(cached.recordings)


@shared_unpacked
def sized(view: View, layout: Layout) -> Sized:
    """A view as a figure, set."""
    return figure_of(view).set(layout)


@shared_unpacked
def preview(view: View, layout: Layout) -> str:
    """The figure as an SVG."""
    return export.render(sized(view, layout), "svg").decode()


def downloads(view: View, layout: Layout) -> None:
    """Every format, each made only when it is asked for."""
    figure = figure_of(view)

    def drawn(kind: str) -> bytes:
        return export.render(sized(view, layout), kind, figure.about, DOTS)

    def table() -> str:
        return figure.table().to_csv(index=False)

    def arrays() -> bytes:
        return bytes(figure.arrays().to_netcdf(engine="h5netcdf"))

    files: list[tuple[str, Callable[[], bytes | str], str, str, str | None]] = [
        (say("figures.download", format=kind.upper()), partial(drawn, kind), kind,
         export.MIME[kind], say("figures.download_help"))
        for kind in ("png", "svg", "pdf", "html")
    ]  # fmt: skip
    files += [
        (say("figures.data", format="CSV"), table, "csv", "text/csv", None),
        (say("figures.data", format="netCDF"), arrays, "nc", "application/x-netcdf", None),
    ]
    places = [column for _ in range(2) for column in st.columns(3)]
    for column, (label, data, ending, mime, help_) in zip(places, files, strict=True):
        column.download_button(
            label, data=blocks.later(data), file_name=f"{view.name}.{ending}", mime=mime,
            on_click="ignore", help=help_, width="stretch",
        )  # fmt: skip


def measured(found: Sized, layout: Layout) -> str:
    """How large it is in the world."""
    width, height = found.pixels
    points = layout.points * found.scale / layout.scale
    small = points < 0.95 * layout.points
    return say(
        "figures.real_smaller" if small else "figures.real", millimetres=layout.millimetres,
        high=layout.millimetres * height / width, points=points if small else layout.points,
        asked=layout.points,
    )  # fmt: skip


def shown(view: View, layout: Layout, found: Sized, room: Window) -> None:
    """The picture, whole on the first screen."""
    width, height = found.pixels
    across = min(room.width, room.height * width / height)
    st.html(f"<style>{EDGES}</style>")
    st.image(preview(view, layout), alt=view.alternative(cached.recordings), width=round(across))


choices.keep_all(key(""))
run_choice.require_runs()
choices.restore()
visible_picker.restore()
here = stage.stage(say("figures.title"), axis=0)
run = run_choice.choose_run(here.bar, choices.forget)
names = run_choice.beside(run)
views = list(features.OF_ANY_RUN)
choices.keep(key("view"), views, views[0])
name = here.bar.selectbox(
    say("figures.view"), views, key=key("view"), width=window.scaled(VIEW_WIDTH),
    format_func=lambda name: say(f"figures.view_{name}"), help=say("figures.view_help"),
)  # fmt: skip
try:
    with here.controls:
        layout, view = ask_layout(), chosen(str(name), run)
    set_figure = sized(view, layout)
except FigureError as error:
    st.error(sentence(error))
    st.stop()
here.headline(measured(set_figure, layout))
with here.picture:
    shown(view, layout, set_figure, here.window)
with here.controls:
    downloads(view, layout)
with here.more:
    blocks.python(view.code_of_figure(layout))
    with st.expander(say("figures.terminal")):
        st.code(view.command(layout, cached.recordings), language="bash", wrap_lines=True)
choices.remember(run=run)
