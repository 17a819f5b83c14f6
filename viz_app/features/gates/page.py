"""Gates: what do the gates do, step by step?"""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from viz_app.features import Gates
from viz_app.features.gates import play
from viz_app.features.gates.data import GatesView, label_of
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.page import (
    ask,
    blocks,
    choices,
    own_input,
    picks,
    player,
    run_choice,
    stage,
    visible_picker,
    window,
)
from viz_app.kit.page import served as cached
from viz_app.text import say

# Streamlit writes a text that stands alone in a page onto it: these have comments
AXIS = 20  # pixels beside the plots, without the margin of their labels
CARRIED = "pictures_of_gates"  # what a reader has chosen, for other networks and windows
LAST = "pictures_of_gates_last"  # what was shown last, and under which key


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
    said = cached.recordings.answers(view.run, view.checkpoint, view.changed)
    answer, target = said.answers[view.place], said.targets[view.place]
    if view.own:
        return say("own.answer", answer=answer, target=target)
    return say("gates.answer", example=view.example, answer=answer, target=target)


def pictures(view: Gates, look: GatesLook, place: Any) -> tuple[Gates, Gates]:
    """Ask for the pictures; returns the view with what was chosen, and with what is drawn."""
    recordings = cached.recordings
    possible, first = view.possible(recordings), view.fitting(look, recordings)
    key = f"pictures_{look.window.name}_{'.'.join(possible)}"
    opened = key not in st.session_state
    carried = st.session_state.get(CARRIED, ())
    if (panels := visible_picker.panels()) is not None:
        st.session_state[ask.PICTURES] = list(view.but(show=panels).of_show(recordings))
    elif opened and carried:  # of another cell the usual ones take the place of what it lacks
        wanted = {*carried, *(first if set(carried) - set(possible) else ())}
        st.session_state[key] = [name for name in possible if name in wanted]
    chosen = ask.pictures(
        {name: label_of(name) for name in possible}, first, key, place,
        label=say("gates.pictures"), help_text=say("gates.pictures_help"),
    )  # fmt: skip
    last, before = st.session_state.get(LAST, (None, None))
    st.session_state[LAST] = key, chosen
    if (last == key and before != chosen) or (last != key and chosen and not carried):
        st.session_state[CARRIED] = chosen or ()
    return view.but(pictures=chosen), view.but(pictures=chosen or first)


@st.fragment
def body() -> None:
    """The whole page: what is chosen on it draws nothing else anew."""
    look = GatesLook.of(window.look())
    here, recordings = stage.stage(say("gates.title"), axis=look.margin + AXIS), cached.recordings
    name = run_choice.choose_run(here.bar, picks.forget)
    run, view = cached.run_of(name), ask.view(Gates(name))
    ask.layer(view, picks.redraw, here.bar)
    ask.example(view, here.bar)
    view = own_input.ask(view, here, picks.redraw)
    player.button("gates", "time", st.session_state.get("step") or 0, here.bar)
    ask.checkpoint(view, here.bar, plays="gates")
    shown = here.controls.container()
    shape = view.whole(recordings).data.shape
    view = view.with_part(
        visible_picker.ask(shape.steps, len(shape.units), picks.redraw, here.controls)
    )
    view, seen = pictures(view, look, shown)
    first = seen.but(unit=None, step=None).picked(recordings)
    shape = seen.data(recordings).seen.shape
    seen = picks.keep(seen, sorted(shape.units), range(shape.start, shape.end), first)
    words = seen.words(recordings)
    here.headline(player.headline("gates", seen.checkpoint, words.headline))
    with here.picture:
        fade = drawn(seen, look, words.alternative, here.controls)
    here.look_for([*([answered(seen)] if run.task.asks else []), *words.look_for])
    here.controls.selectbox(
        say("gates.sort"), seen.among(recordings)["sort"].values, key="sort",
        format_func=lambda key: say(f"gates.sort_{key}"),
        help=say("gates.sort_help", count=len(run.probe().marks)),
    )  # fmt: skip
    with here.more:
        with st.expander(say("app.settings_of_run")):
            blocks.run_settings(run, seen.checkpoint)
        blocks.folded_files(seen, **({"fade": True} if fade else {}))
        picks.by_keys()
    choices.remember_view(seen.but(pictures=view.pictures))


def drawn(view: Gates, look: GatesLook, alternative: str, controls: Any) -> bool:
    """The chart, and unit and step by keyboard beside it; returns whether it fades."""
    whole, seen = view.whole(cached.recordings), view.data(cached.recordings)
    kept = bool(seen.seen.shape.kept_in)
    look = replace(look, fade=kept and st.session_state.get("fade", False))
    spec = view.spec(look, cached.recordings)
    # as long as only its data change the browser keeps the chart
    key = f"gates-{view.run}-{view.layer}"
    asked = picks.asked(key)
    if (playing := player.now("gates")) is not None:
        played(view, look, playing)
        pickers(seen, kept, controls)
        return look.fade
    blocks.chart(
        seen.with_picks(spec, look, view.unit, asked, picks.count()), alternative, key=key,
        on_select=partial(clicked, key, whole.data.shape.steps),
        selection_mode=[p["name"] for p in spec["params"] if p["name"] in ("pick", "zoom")],
    )  # fmt: skip
    pickers(seen, kept, controls)
    return look.fade


def played(view: Gates, look: GatesLook, playing: player.Playing) -> None:
    """The chart below its clock: all frames at once."""
    look, training = play.look_of(look), playing.kind == "training"
    steps = play.training_steps(view, cached.recordings)
    base = view.but(checkpoint=steps[-1]) if training else view
    spec, data = base.spec(look, cached.recordings), base.data(cached.recordings)
    asked, shape = picks.asked(("played", playing.kind)), data.seen.shape
    spec = data.with_picks(spec, look, asked[0], asked, picks.count())
    first = player.clock(playing, steps if training else range(shape.start, shape.end))
    moving = play.training if training else play.time
    # the same at every training step: with another text it would begin anew
    of_all = view.but(checkpoint=None).words(cached.recordings).alternative
    of_all = say("play.alt", told=of_all) if training else of_all
    blocks.chart(
        moving(view, spec, look, first, cached.recordings), of_all,
        key=f"played-{playing.kind}-{view.run}-{view.layer}",
    )  # fmt: skip


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
own_input.restore()
visible_picker.restore()
ask.restore_pictures()
picks.anew()
body()
