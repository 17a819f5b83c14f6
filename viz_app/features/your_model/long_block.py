"""The part of Your model that shows recordings of very many steps."""

from pathlib import Path

import streamlit as st
import xarray as xr

from viz_app.features.your_model import long
from viz_app.kit.page import blocks, choices
from viz_app.text import say


def served() -> Path | None:
    """Ask for one of the recordings that this server has; None where there is none, or not."""
    paths = long.recordings()
    if not paths:
        return None
    name = st.selectbox(
        say("long.served"), [None, *paths], key="your_served", help=say("long.served_help"),
        format_func=lambda each: say("long.served_none") if each is None else each,
    )  # fmt: skip
    return None if name is None else paths[name]


def in_view(layer: xr.Dataset, node: str, example: int, path: Path | None) -> xr.Dataset:
    """Ask which steps of one example to show, and show all of them at a glance.

    Returns
    -------
    xarray.Dataset
        Those steps of that example alone.
    """
    steps, window = long.steps_of(layer, example), long.at_once(layer)
    first_column, signal_column = st.columns([0.3, 0.7])
    last = max(0, steps - window)
    st.session_state["your_first"] = min(st.session_state.get("your_first", 0), last)
    first = first_column.number_input(
        say("long.first"), 0, last, step=window, key="your_first",
        help=say("long.first_help", last=steps - 1, window=window),
    )  # fmt: skip
    part = long.window(layer, example, first)
    times = layer["time"].values
    ends = int(times[first]), int(times[first + part.sizes["time"] - 1])
    overview = None if path is None else long.overview(path, node, example)
    names = [] if overview is None else long.signals_of(overview, layer)
    if overview is not None and names:
        choices.keep("your_signal", names, names[0])
        name = signal_column.selectbox(
            say("long.signal"), names, key="your_signal", format_func=long.label,
            help=say("long.signal_help", block=layer.sizes["time"] // overview.sizes["block"]),
        )  # fmt: skip
        st.altair_chart(long.chart(overview, name, times, ends, blocks.theme()), theme=None)
        st.caption(long.alternative(overview, name))
    st.caption(
        say("long.in_view", first=ends[0], last=ends[1], steps=steps, example=example)
    )  # fmt: skip
    return part
