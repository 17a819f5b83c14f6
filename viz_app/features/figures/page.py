"""Figures: a figure for my slides."""

from collections.abc import Callable
from dataclasses import fields
from functools import partial
from io import BytesIO
from typing import Any

import streamlit as st

from viz_app import features
from viz_app.kit import export
from viz_app.kit.chart.style import Theme
from viz_app.kit.choice import Among
from viz_app.kit.export import FigureError, Sized
from viz_app.kit.figure import Figure
from viz_app.kit.figure_layout import COLUMN, NARROWEST, PAGE, SLIDE, WIDEST, Layout
from viz_app.kit.page import blocks, choices, run_choice, stage, visible_picker, window
from viz_app.kit.page import served as cached
from viz_app.kit.sharing import shared_unpacked
from viz_app.kit.view import View
from viz_app.text import say
from viz_app.text.plain import plain

# choices that are made on a page and could be anything
PLAIN = ("relative", "log")

SIZES = {"column": COLUMN, "page": PAGE, "slide": SLIDE}
DOTS = 300
FIRST_POINTS = {"column": 7.0, "page": 9.0, "slide": 14.0, "own": 9.0}


def key(name: str) -> str:
    """Where a setting of this page is kept."""
    return f"figures_{name}"


def ask_layout() -> Layout:
    """Width, type, colours, title and caption."""
    first, second, third, fourth = st.columns([0.46, 0.16, 0.16, 0.22], vertical_alignment="bottom")
    sizes = [*SIZES, "own"]
    choices.keep(key("size"), sizes, "page")
    size = first.segmented_control(
        say("figures.size"), sizes, key=key("size"), required=True, width="stretch",
        format_func=lambda name: say(f"figures.size_{name}"), help=say("figures.size_help"),
        on_change=lambda: st.session_state.pop(key("points"), None),
    )  # fmt: skip
    size = str(size)
    millimetres = SIZES.get(size, PAGE)
    if size == "own":
        st.session_state.setdefault(key("millimetres"), PAGE)
        millimetres = second.number_input(
            say("figures.millimetres"), NARROWEST, WIDEST, key=key("millimetres"), step=5.0,
            format="%.0f", help=say("figures.millimetres_help"),
        )  # fmt: skip
    st.session_state.setdefault(key("points"), FIRST_POINTS[size])
    points = third.number_input(
        say("figures.points"), 4.0, 40.0, key=key("points"), step=1.0, format="%.0f",
        help=say("figures.points_help"),
    )  # fmt: skip
    choices.keep(key("theme"), ["light", "dark"], window.theme())
    themes: list[Theme] = ["light", "dark"]
    theme = fourth.segmented_control(
        say("figures.theme"), themes, key=key("theme"), required=True, width="stretch",
        format_func=lambda name: say(f"figures.theme_{name}"), help=say("figures.theme_help"),
    )  # fmt: skip
    title = text("heading", st.columns([0.4, 0.6])[0])
    caption = text("caption", st.columns([1.0])[0])
    return Layout(millimetres, points, theme or window.theme(), title, caption)


def text(name: str, place: Any) -> str:
    """Ask for a line of text."""
    st.session_state.setdefault(key(name), "")
    line: str = place.text_input(
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

    def drawn(kind: str) -> BytesIO:
        return BytesIO(export.render(sized(view, layout), kind, figure.about, DOTS))

    def table() -> BytesIO:
        return BytesIO(figure.table().to_csv(index=False).encode())

    def arrays() -> BytesIO:
        return BytesIO(bytes(figure.arrays().to_netcdf(engine="h5netcdf")))

    files: list[tuple[str, Callable[[], BytesIO], str, str, str | None]] = [
        (say("figures.download", format=kind.upper()), partial(drawn, kind), kind,
         export.MIME[kind], say("figures.download_help"))
        for kind in ("png", "svg", "pdf", "html")
    ]  # fmt: skip
    files += [
        (say("figures.data", format="CSV"), table, "csv", "text/csv", None),
        (say("figures.data", format="netCDF"), arrays, "nc", "application/x-netcdf", None),
    ]
    for column, (label, data, ending, mime, help_) in zip(st.columns(6), files, strict=True):
        column.download_button(
            label, data=data, file_name=f"{view.name}.{ending}", mime=mime, on_click="ignore",
            help=help_, width="stretch",
        )  # fmt: skip


choices.keep_all(key(""))
run_choice.require_runs()
choices.restore()
visible_picker.restore()
bar = stage.heading(say("figures.title"), say("figures.question"))
run = run_choice.choose_run(bar, choices.forget)
names = run_choice.beside(run)
views = list(features.OF_ANY_RUN)
choices.keep(key("view"), views, views[0])
name = st.pills(
    say("figures.view"), views, key=key("view"), required=True,
    format_func=lambda name: say(f"figures.view_{name}"), help=say("figures.view_help"),
)  # fmt: skip
try:
    layout, view = ask_layout(), chosen(str(name), run)
    set_figure = sized(view, layout)
except FigureError as error:
    st.error(plain(error))
    st.stop()
downloads(view, layout)
width, height = set_figure.pixels
st.caption(
    say(
        "figures.real", millimetres=layout.millimetres, points=layout.points, dots=DOTS,
        high=layout.millimetres * height / width,
    )
)  # fmt: skip
st.image(preview(view, layout), width=round(width))
blocks.python(view.code_of_figure(layout))
st.caption(say("figures.terminal"))
st.code(view.command(layout, cached.recordings), language="bash", wrap_lines=True)
choices.remember(run=run)
