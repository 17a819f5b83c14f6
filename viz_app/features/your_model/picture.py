"""What the page Your model shows: a prepared network, one that was brought, or a recording."""

from pathlib import Path

import streamlit as st
import xarray as xr

from gatescope import Run, record
from gatescope.recording.overview import read_overview
from viz_app.features.gates import data as gates
from viz_app.features.gradient_flow import data as gradients
from viz_app.features.your_model import long
from viz_app.kit import uploaded as brought
from viz_app.kit.chart.gates_data import GatesLook
from viz_app.kit.page import blocks, choices, run_choice, window
from viz_app.kit.page import served as cached
from viz_app.kit.sharing import shared
from viz_app.kit.units import with_its_gradients
from viz_app.text import say
from viz_app.text.plain import NAME, bare


def prepared(title: str, *, with_loss: bool) -> None:
    """The network with which the page opens, with its gradients or without."""
    name = brought.prepared(run_choice.shelf())
    if name is not None:
        run = cached.run_of(name)
        st.markdown(f"**{title}**")
        blocks.run_settings(run)
        picture(cached.trace(name, run.steps[-1], with_loss), run)


@shared
def own_trace(key: str, _run: Run) -> xr.DataTree:
    """The recording of a network that was brought; the key tells it from any other."""
    return record(_run.model(), _run.probe().inputs)


def picture(trace: xr.DataTree, run: Run | None = None, path: Path | None = None) -> None:
    """The gates of one layer on one example, and the gradient norms where there are any.

    Of a recording that is long or wide a window is shown; its overview is in the file at ``path``.
    """
    nodes = [leaf.path.strip("/") for leaf in trace.leaves]
    example_column, layer_column = st.columns([0.16, 0.84])
    count = next(iter(trace.leaves)).sizes["batch"]
    choices.keep("your_example", list(range(count)), 0)
    example = example_column.number_input(
        say("app.example"), 0, count - 1, key="your_example",
        help=say("app.example_help_trace", count=count),
    )  # fmt: skip
    node = nodes[0]
    if len(nodes) > 1:
        choices.keep("your_layer", nodes, nodes[0])
        node = layer_column.selectbox(
            say("app.layer"), nodes, key="your_layer", help=say("app.layer_help"),
            format_func=lambda each: bare(each, NAME),
        )  # fmt: skip
    batch, task = (None, None) if run is None else (run.probe(), run.task)
    alt, layer, place = brought.told(trace), trace[node].to_dataset(), example
    if long.at_once(layer) < layer.sizes["time"] or layer.nbytes > brought.MOST_BYTES:
        layer, place = _in_view(layer, node, example, path), 0
        trace = xr.DataTree.from_dict({node: layer})
    layer = with_its_gradients(layer)
    seen = gates.view(layer, batch, task, example=place)
    picked = seen.picked()
    look = GatesLook(theme=window.theme())
    plot, _ = st.columns([blocks.PLOT, blocks.LEGEND])
    blocks.chart(seen.spec(look, picked), alt, key=f"your-{node}-{example}", place=plot)
    still = GatesLook(theme=window.theme(), hover=False)
    blocks.downloads("recording", lambda: seen.chart(still, picked), seen.table)
    if any(str(name).startswith("grad_") for name in layer.data_vars):
        st.markdown(f"## {say('your_model.trace_gradients')}")
        st.altair_chart(gradients.chart(trace, theme=window.theme()), theme=None)


def _in_view(layer: xr.Dataset, node: str, example: int, path: Path | None) -> xr.Dataset:
    """Ask which steps of an example to show; they alone are returned. Show all at a glance."""
    steps, at_once = long.steps_of(layer, example), long.at_once(layer)
    first_column, signal_column = st.columns([0.3, 0.7])
    last = max(0, steps - at_once)
    st.session_state["your_first"] = min(st.session_state.get("your_first", 0), last)
    first = first_column.number_input(
        say("long.first"), 0, last, step=at_once, key="your_first",
        help=say("long.first_help", last=steps - 1, window=at_once),
    )  # fmt: skip
    part = long.window(layer, example, first)
    times = layer["time"].values
    ends = int(times[first]), int(times[first + part.sizes["time"] - 1])
    overview = None if path is None else read_overview(path, node, example)
    names = [] if overview is None else long.signals_of(overview, layer)
    if overview is not None and names:
        choices.keep("your_signal", names, names[0])
        name = signal_column.selectbox(
            say("long.signal"), names, key="your_signal", format_func=long.label,
            help=say("long.signal_help", block=layer.sizes["time"] // overview.sizes["block"]),
        )  # fmt: skip
        st.altair_chart(long.chart(overview, name, times, ends, window.theme()), theme=None)
        st.caption(long.alternative(overview, name))
    st.caption(
        say("long.in_view", first=ends[0], last=ends[1], steps=steps, example=example)
    )  # fmt: skip
    return part
