"""What the page Your model shows: a prepared network, one that was brought, or a recording."""

from pathlib import Path
from typing import Any

import streamlit as st
import xarray as xr

from gatescope import Run, record
from gatescope.recording.overview import read_overview
from viz_app.features.gates.data import GatesView, label_of, view
from viz_app.features.gradient_flow import data as gradients
from viz_app.features.your_model import long
from viz_app.features.your_model.words import Told, told
from viz_app.kit import uploaded as brought
from viz_app.kit.chart.gates_fit import LINES
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.window import Look
from viz_app.kit.page import ask, blocks, choices, run_choice, tabbed, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.stage import Stage
from viz_app.kit.panels import panel_row
from viz_app.kit.sharing import shared
from viz_app.kit.units import with_its_gradients
from viz_app.kit.visible import Part
from viz_app.kit.words import digits
from viz_app.text import say
from viz_app.text.plain import NAME, bare

LAYER_WIDTH = 230  # pixels


def prepared(here: Stage, title: str, *, with_loss: bool) -> None:
    """The network with which the page opens, with its gradients or without."""
    name = brought.prepared(run_choice.shelf())
    if name is not None:
        run = cached.run_of(name)
        trace = cached.trace(name, run.steps[-1], with_loss)
        picture(here, trace, f"{name} {with_loss}", run, headline=title)


@shared
def own_trace(key: str, _run: Run) -> xr.DataTree:
    """The recording of a network that was brought; the key tells it from any other."""
    return record(_run.model(), _run.probe().inputs)


def picture(
    here: Stage,
    trace: xr.DataTree,
    key: str,
    run: Run | None = None,
    path: Path | None = None,
    headline: str = "",
) -> None:
    """The gates of one layer on one example; in tabs all its steps, and gradient norms.

    The key tells the recording from any other. Of one that is long or wide a window is shown; its
    overview is in the file at ``path``. The headline says what is seen, unless one is given.
    """
    example, node = _ask(here, trace)
    layer, place, overview = trace[node].to_dataset(), example, None
    times = layer["time"].values
    if long.at_once(layer) < layer.sizes["time"] or layer.nbytes > brought.MOST_BYTES:
        overview = None if path is None else read_overview(path, node, example)
        layer, place = _in_view(here, layer, example), 0
        trace = xr.DataTree.from_dict({node: layer})
    layer = with_its_gradients(layer)
    what = (key, node, example, int(layer["time"].values[0]))
    seen, said = _seen(*what, layer, place, run, brought.told(trace))
    here.headline(headline or said.headline)
    here.look_for([*([said.headline] if headline else []), *said.look_for])
    names = [] if overview is None else long.signals_of(overview, layer)
    graded = any(str(name).startswith("grad_") for name in layer.data_vars)
    tabs = ["gates", *(["whole"] if names else []), *(["gradients"] if graded else [])]
    look, shown, tab = window.look(), "gates", here.picture
    if len(tabs) > 1:
        with here.picture:
            shown, tab = tabbed.tabs("your_model.tab_", tabs)
        look = look.below(tabbed.HEIGHT)
    with tab:
        if shown == "gradients":
            panels = gradients.recorded(trace)
            blocks.panel_row(panel_row(panels, look, gradients.TEXTS, digits), least=2)
        elif shown == "whole" and overview is not None:
            choices.keep("your_signal", names, names[0])
            name = here.controls.selectbox(
                say("long.signal"), names, key="your_signal", format_func=label_of,
                help=say("long.signal_help", block=len(times) // overview.sizes["block"]),
            )  # fmt: skip
            ends = int(layer["time"].values[0]), int(layer["time"].values[-1])
            chart = long.chart(overview, name, times, ends, look)
            blocks.chart(chart.to_dict(), long.alternative(overview, name))
        else:
            drawn = _chosen(here, seen, GatesLook.of(look))
            spec = _spec(*what, drawn.part, look, drawn)
            blocks.chart(spec, said.alternative(drawn), key=f"your-{node}-{example}")
    with here.more:
        if run is not None and run.task.asks:
            with st.expander(say("app.settings_of_run")):
                blocks.run_settings(run)
        with st.expander(say("app.export")):
            picked, still = seen.picked(), GatesLook(window.theme(), hover=False)
            blocks.downloads("recording", lambda: seen.chart(still, picked), seen.table)


def _ask(here: Stage, trace: xr.DataTree) -> tuple[int, str]:
    """Ask for the example, and for the layer where there are several."""
    nodes = [leaf.path.strip("/") for leaf in trace.leaves]
    count = next(iter(trace.leaves)).sizes["batch"]
    choices.keep("your_example", list(range(count)), 0)
    example = here.bar.number_input(
        say("app.example"), 0, count - 1, key="your_example",
        help=say("app.example_help_trace", count=count), width=window.scaled(ask.EXAMPLE_WIDTH),
    )  # fmt: skip
    if len(nodes) == 1:
        return example, nodes[0]
    choices.keep("your_layer", nodes, nodes[0])
    node = here.bar.selectbox(
        say("app.layer"), nodes, key="your_layer", help=say("app.layer_help"),
        format_func=lambda each: bare(each, NAME), width=window.scaled(LAYER_WIDTH),
        label_visibility="collapsed",
    )  # fmt: skip
    return example, node


@shared
def _seen(
    key: str, node: str, example: int, first: int, _layer: xr.Dataset, _place: int,
    _run: Run | None, _holds: str,
) -> tuple[GatesView, Told]:  # fmt: skip
    """One example of a layer from a step on, and what is said of it."""
    batch, task = (None, None) if _run is None else (_run.probe(), _run.task)
    seen = view(_layer.load(), batch, task, example=_place)
    return seen, told(seen, _holds)


@shared
def _spec(
    key: str, node: str, example: int, first: int, part: Part, look: Look, _drawn: GatesView
) -> dict[str, Any]:
    return _drawn.spec(GatesLook.of(look), _drawn.picked())


def _chosen(here: Stage, seen: GatesView, look: GatesLook) -> GatesView:
    """The pictures that are chosen: first those that fit."""
    possible = [*(style.name for style in seen.data.shape.signals), LINES]
    first = seen.fitting(look)
    chosen = ask.pictures(
        {name: label_of(name) for name in possible}, first,
        f"your_pictures_{look.window.name}_{'.'.join(possible)}", here.controls,
        label=say("gates.pictures"), help_text=say("gates.pictures_help"),
    )  # fmt: skip
    return seen.within(Part(pictures=chosen or first))


def _in_view(here: Stage, layer: xr.Dataset, example: int) -> xr.Dataset:
    """Ask which steps of an example to show; they alone are returned."""
    steps, at_once = long.steps_of(layer, example), long.at_once(layer)
    last = max(0, steps - at_once)
    st.session_state["your_first"] = min(st.session_state.get("your_first", 0), last)
    first = here.controls.number_input(
        say("long.first"), 0, last, step=at_once, key="your_first",
        help=say("long.first_help", last=steps - 1, window=at_once),
    )  # fmt: skip
    part = long.window(layer, example, first)
    begin, end = (int(part["time"].values[place]) for place in (0, -1))
    told = say("long.in_view", first=begin, last=end, steps=steps, example=example)
    here.controls.caption(told)
    return part
