"""Step through: where does this number come from?"""

from functools import partial
from typing import Any

import streamlit as st

from gatescope import CELLS, Run
from viz_app.features import StepThrough
from viz_app.features.step_through import computation_graph
from viz_app.features.step_through import data as step_through
from viz_app.kit import units
from viz_app.kit.chart.gates_data import GatesLook
from viz_app.kit.page import ask, blocks, choices, picks, run_choice, stage, window
from viz_app.kit.page import served as cached
from viz_app.text import name_of, say

# shares of the width: beside the plots stand axes, and the picture of a digit
PLOT, BESIDE = {True: 0.86, False: 0.955}, {True: 0.14, False: 0.045}


def moved(key: str, large: bool) -> None:
    """Take over where keys, buttons and clicks have led; the browser has drawn it already.

    Where only one unit's numbers were sent, another unit's are drawn anew.
    """
    for picked in st.session_state[key]["selection"].get("pick", []):
        other = st.session_state["unit"] != int(picked["unit"])
        st.session_state["unit"] = int(picked["unit"])
        st.session_state["step"] = int(picked["time"])
        if large and other:
            picks.redraw()


def typed(name: str, key: str) -> None:
    """Take over a number that was typed."""
    st.session_state[name] = st.session_state[key]
    picks.redraw()


def ask_way(view: StepThrough, column: Any) -> None:
    """Forward or backward."""
    column.segmented_control(
        say("step.way"), view.among(cached.recordings)["way"].values, key="way",
        format_func=lambda key: say(f"step.way_{key}"), help=say("step.way_help"),
        required=True, width="stretch",
    )  # fmt: skip


def wired(name: str) -> None:
    """A cell without a drawing of every term: its wiring, and the unit's numbers on it."""
    run, head = cached.run_of(name), st.container()
    chosen = ask.view(StepThrough(name))
    ask.layer(chosen, picks.redraw)
    columns = st.columns([0.16, 0.16, 0.16, 0.52])
    ask.example(chosen, columns[0])
    ask.checkpoint(chosen, columns[3])
    layer, example, checkpoint = chosen.layer, chosen.example, chosen.checkpoint
    blocks.run_settings(run, checkpoint, head)
    one = units.one_example(units.layer_of(cached.trace(name, checkpoint), layer), example)
    order = cached.unit_order(name, layer, "index")
    marks = units.marks_of(run.probe(), example)
    first = order[0], computation_graph.at_step(one, marks)
    chosen = picks.keep(chosen, order, range(one.sizes["time"]), first)
    unit = columns[1].selectbox(
        say("step.unit"), order, key="unit", help=say("gates.picked_unit_help")
    )
    step = columns[2].number_input(
        say("step.step"), 0, one.sizes["time"] - 1, key="step", help=say("gates.picked_step_help")
    )
    cell = run.config.layers[one.attrs["layer"]]
    view = computation_graph.view(cached.trace(name, checkpoint), layer, example, unit, step, cell)
    drawing, words = st.columns([0.68, 0.32], gap="large")
    blocks.chart(view.spec(window.theme()), view.alternative(), place=drawing)
    kind = CELLS[view.cell]
    if kind.equations:
        words.code(kind.equations, language=None, wrap_lines=True)
        words.caption(say("step.wiring_source", source=kind.source))
    words.caption(say("step.other_cell", cell=name_of("cell", view.cell)))
    blocks.downloads(
        f"wiring-{name}-example{example}", lambda: view.chart(window.theme(), 760), view.table
    )
    choices.remember_view(chosen.but(way=None, unit=unit, step=step))


@st.fragment
def body(name: str) -> None:
    """Everything below the choice of the network."""
    run = cached.run_of(name)
    if run.config.cell not in step_through.CELLS:
        wired(name)
        return
    head = st.container()
    view = ask.view(StepThrough(name))
    ask.layer(view, picks.redraw)
    example_column, checkpoint_column, way_column = st.columns([0.16, 0.44, 0.4])
    ask.example(view, example_column)
    ask.checkpoint(view, checkpoint_column)
    ask_way(view, way_column)
    blocks.run_settings(run, view.checkpoint, head)
    seen = view.data(cached.recordings)
    steps, units = seen.data("forward").shape()
    view = picks.keep(view, range(units), range(steps), seen.picked())
    large = seen.data(view.way).is_large
    pictured = seen.gates.data.picture is not None
    plot, _ = st.columns([PLOT[pictured], BESIDE[pictured]])
    plot.space("small")  # else the chart's toolbar would lie over the choice of a way
    # a chart keeps its key, and with it its place in the browser, until picks are redrawn
    key = f"step-{picks.count()}"
    unit, step = picks.asked(view.but(layer=None).key())
    blocks.chart(
        view.but(unit=unit, step=step).picked_spec(GatesLook(window.theme()), cached.recordings),
        # the same for every pick: with another text the chart would be drawn anew
        say(f"step.alt_{view.way}", cell=name_of("cell", run.config.cell)),
        place=plot, key=key, on_select=partial(moved, key, large), selection_mode="pick",
    )  # fmt: skip
    pickers(seen)
    notes(run, seen, view.way, large)
    blocks.show_files(view)
    choices.remember_view(view)


def pickers(view: step_through.StepView) -> None:
    """Unit and step by number.

    Each number is a new widget: one that lived on could send an old number along with the next
    of several quick steps, and take it back.
    """
    steps, units = view.data("forward").shape()
    columns = st.columns([0.2, 0.2, 0.6])
    for column, name, count in zip(columns, ("unit", "step"), (units, steps), strict=False):
        key = f"step_{name}-{st.session_state[name]}"
        column.number_input(
            say(f"step.{name}"), 0, count - 1, st.session_state[name], key=key,
            help=say(f"step.{name}_help"), on_change=partial(typed, name, key),
        )  # fmt: skip


def notes(run: Run, view: step_through.StepView, way: str, large: bool) -> None:
    """What the letters mean, the convention, and how numbers are rounded."""
    gru = run.config.cell == "gru"
    told = [say(f"step.how_{way}_gru" if gru else f"step.how_{way}")]
    if view.terms.attrs["direction"] == "reverse":
        told.append(say("step.reverse"))
    if large:
        told.append(say("step.large"))
    st.caption("  \n".join(told))


run_choice.require_runs()
choices.restore()
choices.take("way")
picks.anew()
run_name = run_choice.choose_run(
    stage.heading(say("step.title"), say("step.question")), picks.forget
)
body(run_name)
