"""Gates: what do the gates do, step by step?"""

from functools import partial
from typing import Any

import streamlit as st

from viz_app.features import Gates
from viz_app.features.gates.data import GatesView
from viz_app.kit.chart.gates_data import GatesLook
from viz_app.kit.page import ask, blocks, choices, picks, run_choice, stage, visible_picker, window
from viz_app.kit.page import served as cached
from viz_app.text import say


def clicked(key: str, steps: int) -> None:
    """Take over what was picked or dragged over in the chart, which draws its picks by itself."""
    selected = st.session_state[key]["selection"]
    for picked in selected.get("pick", []):
        st.session_state["unit"] = int(picked["unit"])
        st.session_state["step"] = int(picked["time"])
    dragged = selected.get("zoom") or {}
    if dragged != st.session_state.get("dragged", {}):
        st.session_state["dragged"] = dragged
        if visible_picker.zoom(dragged.get("x", []), steps):
            picks.redraw()


def answered(view: Gates) -> str:
    """What the network says to this example."""
    answers, example = cached.answers(view.run, view.checkpoint), view.example
    return say(
        "gates.answer", example=example,
        answer=answers.answers[example], target=answers.targets[example],
    )  # fmt: skip


@st.fragment
def body() -> None:
    """The whole page: what is chosen on it draws nothing else anew."""
    here, recordings = stage.stage(say("gates.title")), cached.recordings
    name = run_choice.choose_run(here.bar, picks.forget)
    run, view = cached.run_of(name), ask.view(Gates(name))
    ask.layer(view, picks.redraw, here.bar)
    ask.example(view, here.bar)
    ask.checkpoint(view, here.bar)
    shape = view.whole(recordings).data.shape
    view = view.with_part(
        visible_picker.ask(shape.steps, len(shape.units), picks.redraw, here.controls)
    )
    first = view.but(unit=None, step=None).picked(recordings)
    seen = view.data(recordings).seen.shape
    view = picks.keep(view, sorted(seen.units), range(seen.start, seen.end), first)
    words = view.words(recordings)
    here.headline(words.headline)
    with here.picture:
        fade = drawn(view, words.alternative, shape.steps, here.controls)
    here.look_for([*([answered(view)] if run.task.asks else []), *words.look_for])
    here.controls.selectbox(
        say("gates.sort"), view.among(recordings)["sort"].values, key="sort",
        format_func=lambda key: say(f"gates.sort_{key}"),
        help=say("gates.sort_help", count=len(run.probe().marks)),
    )  # fmt: skip
    with here.more:
        with st.expander(say("app.settings_of_run")):
            blocks.run_settings(run, view.checkpoint)
        blocks.folded_files(view, **({"fade": True} if fade else {}))
    choices.remember_view(view)


def drawn(view: Gates, alternative: str, steps: int, controls: Any) -> bool:
    """The chart, and unit and step by keyboard beside it; returns whether it fades."""
    seen = view.data(cached.recordings)
    kept = bool(seen.seen.shape.kept_in)
    look = GatesLook(
        window.theme(), fade=kept and st.session_state.get("fade", False), window=window.window()
    )
    spec = view.spec(look, cached.recordings)
    # as long as only its data change the browser keeps the chart
    key = f"gates-{view.run}-{view.layer}"
    asked = picks.asked(key)
    blocks.chart(
        seen.with_picks(spec, look, view.unit, asked, picks.count()), alternative, key=key,
        on_select=partial(clicked, key, steps),
        selection_mode=[p["name"] for p in spec["params"] if p["name"] in ("pick", "zoom")],
    )  # fmt: skip
    pickers(seen, kept, controls)
    return look.fade


def pickers(view: GatesView, kept: bool, place: Any) -> None:
    """Unit and step by keyboard, and the fading."""
    unit_column, step_column = place.columns(2)
    unit_column.selectbox(
        say("gates.picked_unit"), sorted(view.seen.shape.units), key="unit",
        help=say("gates.picked_unit_help"), on_change=picks.redraw,
    )  # fmt: skip
    step_column.number_input(
        say("gates.picked_step"), view.seen.shape.start, view.seen.shape.end - 1, key="step",
        help=say("gates.picked_step_help"), on_change=picks.redraw,
    )  # fmt: skip
    if kept:
        place.toggle(say("gates.fade"), key="fade", help=say("gates.fade_help"))


run_choice.require_runs()
choices.restore()
visible_picker.restore()
picks.anew()
body()
