"""Parts that every page has: its head, its downloads, and the same in Python."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from html import escape
from io import BytesIO
from typing import Any

import pandas as pd
import streamlit as st

from gatescope import Run
from viz_app.kit import export
from viz_app.kit.chart.fit import Fit
from viz_app.kit.page import served as cached
from viz_app.kit.page import window
from viz_app.kit.panels import PanelRow
from viz_app.kit.run_words import score, settings, warning
from viz_app.kit.tables import parted
from viz_app.kit.view import View
from viz_app.text import peek, say, speaking
from viz_app.text.plain import NAME, bare

"""Shares of the page's width. Streamlit gives a stretched chart's plot the whole width of its
column, so legends stand in the next one, which is left empty."""


def run_settings(run: Run, step: int | None = None) -> None:
    """How the network was trained, how well it does, and a plain word where it failed.

    Parameters
    ----------
    run, step
        What is shown: a run at a checkpoint; None is its last one.
    """
    st.caption(f"{settings(run, step)}  \n**{score(run, step)}**")
    told = warning(run, step)
    if told:
        st.info(told)


def line_legend(lines: Iterable[tuple[str, str, Sequence[int]]]) -> None:
    """One legend for several charts: each line's colour and dash beside its name."""
    entries = []
    for name, colour, dash in lines:
        stops, at = [], 0
        for length, ink in zip(dash, (colour, "transparent") * len(dash), strict=False):
            stops.append(f"{ink} {at}px {at + length}px")
            at += length
        entries.append(
            f'<span style="white-space:nowrap"><span aria-hidden="true" style="display:'
            f"inline-block;width:44px;height:3px;vertical-align:middle;margin-right:.5em;"
            f'background:repeating-linear-gradient(90deg,{",".join(stops)})"></span>{escape(name)}</span>'
        )
    st.html(
        '<div style="font-size:1rem;display:flex;flex-wrap:wrap;gap:.1em 1.6em">'
        f"{''.join(entries)}</div>"
    )


def chart(
    spec: Any, alternative: str, *, key: str | None = None, place: Any = st,
    width: Any = "stretch", **selection: Any,
) -> None:  # fmt: skip
    """A finished chart, and what it shows for those who cannot see it."""
    place.vega_lite_chart(spec, theme=None, width=width, key=key, alt=alternative, **selection)


def row(specs: Sequence[Any], alternatives: Sequence[str], least: int = 1) -> None:
    """Charts side by side, each as wide as its column; of fewer columns than ``least``, so many."""
    columns = st.columns(max(least, len(specs)), gap="small")
    for column, spec, alternative in zip(columns, specs, alternatives, strict=False):
        chart(spec, alternative, place=column)


def panel_row(panels: PanelRow, least: int = 1, name: str = "") -> None:
    """Charts below their legend, side by side where they fit; of too many a reader chooses.

    Two rows on one page that may have the same titles need another ``name`` each.
    """
    if panels.legend:
        line_legend(panels.legend)
    count = len(panels.specs)
    place = panels.place or Fit(max(least, count), count)
    start = 0 if place.at_once >= count else _group(panels.titles, place.at_once, name)
    shown = range(start, min(start + place.at_once, count))
    for first in shown[:: place.columns]:
        some = slice(first, min(first + place.columns, shown.stop))
        row(panels.specs[some], panels.alternatives[some], place.columns)


def _group(titles: Sequence[str], at_once: int, name: str) -> int:
    """Ask which panels are seen, where not all have room; returns the first of them."""
    starts = range(0, len(titles), at_once)
    named = {start: " · ".join(titles[start : start + at_once]) for start in starts}
    first = st.segmented_control(
        say("app.which_panels"), starts, format_func=named.__getitem__, required=True,
        default=0, key=f"which_panels_{name}{'_'.join(titles)}_{at_once}",
        label_visibility="collapsed",
    )  # fmt: skip
    return int(first or 0)


def table(found: pd.DataFrame) -> None:
    """A table; on a phone in parts, so that no column stands beside the window."""
    here = window.window()
    for part in parted(found, here.width) if here.name == "phone" else [found]:
        st.table(part)


def download(
    label: str, name: str, made: Callable[[], bytes | str], place: Any = st, **more: Any
) -> None:
    """A button for a file, which is made only when it is asked for; its ending says its kind."""

    place.download_button(
        label, later(made), name, export.MIME[name.rpartition(".")[2]], on_click="ignore",
        key=f"{label} {name}", **more,
    )  # fmt: skip


def later(made: Callable[[], bytes | str]) -> Callable[[], BytesIO]:
    """A file's content for when it is asked for: Streamlit asks outside of any session, and the
    file speaks the language that is read here now.
    """
    reader = peek()

    def read() -> BytesIO:
        with speaking(reader):
            content = made()
        return BytesIO(content.encode() if isinstance(content, str) else content)

    return read


def downloads(name: str, chart: Callable[[], Any], table: Callable[[], pd.DataFrame]) -> None:
    """Buttons for the figure and its data."""
    place, name = st.container(horizontal=True), bare(name, NAME)
    for kind in ("png", "svg", "pdf"):
        download(
            say("app.download", format=kind.upper()), f"{name}.{kind}",
            partial(_rendered, chart, kind), place, help=say("app.download_help"),
        )  # fmt: skip
    download(say("app.download_data"), f"{name}.csv", lambda: table().to_csv(index=False), place)


def _rendered(chart: Callable[[], Any], kind: str) -> bytes:
    return export.render(chart(), kind)


def folded_files(view: View, **look: Any) -> None:
    """Downloads of a view's still figure and its numbers, and the same in Python, each folded."""
    with st.expander(say("app.export")):
        show_downloads(view, **look)
    python(code_of(view, **look))


def show_downloads(view: View, **look: Any) -> None:
    """Downloads of a view's still figure and its numbers."""
    drawn = partial(view.chart, recordings=cached.recordings, **(themed() | look))
    downloads(view.file_name(), drawn, lambda: view.table(recordings=cached.recordings))


def code_of(view: View, **look: Any) -> str:
    """The lines of Python that draw what the page shows."""
    return view.brief(cached.recordings).code(**(themed() | look))


def themed() -> dict[str, Any]:
    """The reader's theme, as a chart takes it where it is not the usual."""
    return {} if window.theme() == "light" else {"theme": window.theme()}


def python(code: str) -> None:
    """The lines that draw this very chart."""
    with st.expander(say("app.python")):
        st.code(code, language="python")
