"""Step through: where does this number come from?"""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from gatescope import CELLS, Run
from viz_app.features import StepThrough
from viz_app.features.step_through import computation_graph, play
from viz_app.features.step_through import data as step_through
from viz_app.features.step_through.chart_layout import StepLook
from viz_app.kit import units
from viz_app.kit.chart import play as clock
from viz_app.kit.page import (
    ask,
    blocks,
    choices,
    own_input,
    picks,
    player,
    run_choice,
    stage,
    window,
)
from viz_app.kit.page import served as cached
from viz_app.text import name_of, say


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


def ask_way(view: StepThrough, place: Any) -> None:
    """Forward or backward."""
    place.segmented_control(
        say("step.way"), view.among(cached.recordings)["way"].values, key="way",
        format_func=lambda key: say(f"step.way_{key}"), help=say("step.way_help"),
        required=True, label_visibility="collapsed",
    )  # fmt: skip


def wired(name: str, here: stage.Stage) -> None:
    """A cell without a drawing of every term: its wiring, and the unit's numbers on it."""
    run = cached.run_of(name)
    chosen = ask.view(StepThrough(name))
    ask.layer(chosen, picks.redraw, here.bar)
    ask.example(chosen, here.bar)
    ask.checkpoint(chosen, here.bar)
    layer, example, checkpoint = chosen.layer, chosen.example, chosen.checkpoint
    one = units.one_example(units.layer_of(cached.trace(name, checkpoint), layer), example)
    order = cached.unit_order(name, layer, "index")
    marks = units.marks_of(run.probe(), example)
    first = order[0], computation_graph.at_step(one, marks)
    chosen = picks.keep(chosen, order, range(one.sizes["time"]), first)
    columns = here.controls.columns([0.2, 0.2, 0.6])
    unit = columns[0].selectbox(
        say("step.unit"), order, key="unit", help=say("gates.picked_unit_help")
    )
    step = columns[1].number_input(
        say("step.step"), 0, one.sizes["time"] - 1, key="step", help=say("gates.picked_step_help")
    )
    cell = run.config.layers[one.attrs["layer"]]
    view = computation_graph.view(cached.trace(name, checkpoint), layer, example, unit, step, cell)
    here.headline(say("step.wired_headline", unit=unit, step=step))
    blocks.chart(view.spec(window.look()), view.alternative(), place=here.picture)
    kind = CELLS[view.cell]
    if kind.equations:
        here.told.code(kind.equations, language=None, wrap_lines=True)
        here.told.caption(say("step.wiring_source", source=kind.source))
    here.told.caption(say("step.other_cell", cell=name_of("cell", view.cell)))
    with here.more:
        with st.expander(say("app.settings_of_run")):
            blocks.run_settings(run, checkpoint)
        with st.expander(say("app.export")):
            blocks.downloads(
                f"wiring-{name}-example{example}", lambda: view.chart(window.theme(), 760),
                view.table,
            )  # fmt: skip
    choices.remember_view(chosen.but(way=None, unit=unit, step=step))


@st.fragment
def body() -> None:
    """The whole page: what is chosen on it draws nothing else anew."""
    here = stage.stage(say("step.title"), wide=True)
    name = run_choice.choose_run(here.bar, picks.forget)
    run = cached.run_of(name)
    if run.config.cell not in step_through.CELLS:
        wired(name, here)
        return
    view = ask.view(StepThrough(name))
    ask.layer(view, picks.redraw, here.bar)
    ask.example(view, here.bar)
    view = own_input.ask(view, here, picks.redraw)
    player.button(view.name, "time", st.session_state.get("step") or 0, here.bar)
    ask.checkpoint(view, here.bar, plays=view.name)
    ask_way(view, here.head)
    seen = view.data(cached.recordings)
    steps, count = seen.data("forward").shape()
    view = picks.keep(view, range(count), range(steps), seen.picked())
    large = seen.data(view.way).is_large
    lines = here.controls.toggle(say("step.lines"), key="step_lines", help=say("step.lines_help"))
    equations = here.window.name != "phone" or here.controls.toggle(
        say("step.equations"), key="step_equations", help=say("step.equations_help")
    )
    look = StepLook(window.theme(), window=here.window, lines=lines, equations=equations)
    with here.picture:
        drawn(view, look, large)
    pickers(seen, here.controls)
    notes(run, seen, view.way, large, here)
    with here.more:
        with st.expander(say("app.settings_of_run")):
            blocks.run_settings(run, view.checkpoint)
        blocks.folded_files(view)
    choices.remember_view(view)


def drawn(view: StepThrough, look: StepLook, large: bool) -> None:
    """The drawing; what plays stands below its clock."""
    playing = player.now(view.name)
    # a chart keeps its key, and with it its place in the browser, until picks are redrawn
    key, kind = f"step-{picks.count()}", "" if playing is None else playing.kind
    seen = view.but(layer=None, **({"checkpoint": None} if kind else {}))
    unit, step = picks.asked((kind, seen.key()))
    view = view.but(unit=unit, step=step)
    if playing is None:
        spec = view.picked_spec(look, cached.recordings)
    else:
        key, large = f"{key}-{kind}", large or kind == "training"
        look = replace(look, window=look.window.below(clock.HEIGHT), buttons=False)
        steps = view.data(cached.recordings).data("forward").shape()[0]
        trained = cached.run_of(view.run).steps
        first = player.clock(playing, trained if kind == "training" else range(steps))
        made = play.training if kind == "training" else play.time
        spec = made(view, look, first, cached.recordings)
    # the same for every pick and while it plays: with another text it would be drawn anew
    told = view.but(checkpoint=None) if kind == "training" else view
    blocks.chart(
        spec, told.alternative(cached.recordings), key=key,
        on_select=partial(moved, key, large), selection_mode="pick",
    )  # fmt: skip


def pickers(view: step_through.StepView, place: Any) -> None:
    """Unit and step by number, in a form.

    A field by itself could send an old number along with one of several quick steps, and take it
    back.
    """
    steps, count = view.data("forward").shape()
    with place.expander(say("step.go_to")), st.form("step_go", border=False):
        columns = st.columns([0.3, 0.3, 0.4], vertical_alignment="bottom")
        numbers = {
            name: column.number_input(
                say(f"step.{name}"), 0, most - 1, key=f"go_{name}", value=None,
                placeholder=str(st.session_state[name]), help=say(f"step.{name}_help"),
            )
            for column, name, most in zip(columns, ("unit", "step"), (count, steps), strict=False)
        }  # fmt: skip
        if columns[2].form_submit_button(say("step.go")):
            for name, value in numbers.items():
                if value is not None:
                    st.session_state[name] = int(value)
            picks.redraw()
            st.rerun(scope="fragment")


def notes(run: Run, view: step_through.StepView, way: str, large: bool, here: stage.Stage) -> None:
    """What the letters mean, the convention, and how numbers are rounded."""
    gru = run.config.cell == "gru"
    told = [say(f"step.how_{way}_gru" if gru else f"step.how_{way}")]
    if view.terms.attrs["direction"] == "reverse":
        told.append(say("step.reverse"))
    if large:
        told.append(say("step.large"))
    with here.more.expander(say("step.how")):
        st.caption("  \n".join(told))


run_choice.require_runs()
choices.restore()
own_input.restore()
choices.take("way")
picks.anew()
body()
