"""Gates: what do the gates do, step by step?"""

from functools import partial

import streamlit as st

from viz_app.features import Gates
from viz_app.features.gates.data import GatesView
from viz_app.kit.chart.gates_data import GatesLook
from viz_app.kit.page import ask, blocks, choices, picks, run_choice, visible_picker
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


def answered(view: Gates) -> None:
    """What the network says to this example."""
    answers, example = cached.answers(view.run, view.checkpoint), view.example
    st.caption(
        say(
            "gates.answer", example=example,
            answer=answers.answers[example], target=answers.targets[example],
        )
    )  # fmt: skip


@st.fragment
def body(name: str) -> None:
    """Everything below the choice of the network."""
    run, recordings = cached.run_of(name), cached.recordings
    head = st.container()
    view = ask.view(Gates(name))
    ask.layer(view, picks.redraw)
    example_column, slider_column, sort_column = st.columns([0.16, 0.52, 0.32])
    ask.example(view, example_column)
    ask.checkpoint(view, slider_column)
    blocks.run_settings(run, view.checkpoint, head)
    sort_column.selectbox(
        say("gates.sort"), view.among(recordings)["sort"].values, key="sort",
        format_func=lambda key: say(f"gates.sort_{key}"),
        help=say("gates.sort_help", count=len(run.probe().marks)),
    )  # fmt: skip

    shape = view.whole(recordings).data.shape
    view = view.with_part(visible_picker.ask(shape.steps, len(shape.units), picks.redraw))
    first = view.but(unit=None, step=None).picked(recordings)
    seen = view.data(recordings).seen.shape
    view = picks.keep(view, sorted(seen.units), range(seen.start, seen.end), first)
    words = view.words(recordings)
    st.markdown(f"**{words.headline}**")
    if run.task.asks:
        answered(view)
    fade = drawn(view, words.alternative, shape.steps)

    st.markdown(f"##### {say('gates.look')}")
    st.markdown("  \n".join(words.look_for))
    blocks.show_files(view, **({"fade": True} if fade else {}))
    choices.remember_view(view)


def drawn(view: Gates, alternative: str, steps: int) -> bool:
    """The chart, and unit and step by keyboard below it; returns whether it fades."""
    seen = view.data(cached.recordings)
    kept = bool(seen.seen.shape.kept_in)
    look = GatesLook(blocks.theme(), fade=kept and st.session_state.get("fade", False))
    spec = view.spec(look, cached.recordings)
    # as long as only its data change the browser keeps the chart
    key = f"gates-{view.run}-{view.layer}"
    asked = picks.asked(key)
    blocks.plot(
        seen.with_picks(spec, look, view.unit, asked, picks.count()), alternative, key=key,
        on_select=partial(clicked, key, steps),
        selection_mode=[p["name"] for p in spec["params"] if p["name"] in ("pick", "zoom")],
    )  # fmt: skip
    pickers(seen, kept)
    return look.fade


def pickers(view: GatesView, kept: bool) -> None:
    """Unit and step by keyboard, and the fading."""
    unit_column, step_column, fade_column = st.columns([0.2, 0.2, 0.6], vertical_alignment="bottom")
    unit_column.selectbox(
        say("gates.picked_unit"), sorted(view.seen.shape.units), key="unit",
        help=say("gates.picked_unit_help"), on_change=picks.redraw,
    )  # fmt: skip
    step_column.number_input(
        say("gates.picked_step"), view.seen.shape.start, view.seen.shape.end - 1, key="step",
        help=say("gates.picked_step_help"), on_change=picks.redraw,
    )  # fmt: skip
    if kept:
        fade_column.toggle(say("gates.fade"), key="fade", help=say("gates.fade_help"))


run_choice.require_runs()
choices.restore()
visible_picker.restore()
picks.anew()
run_name = run_choice.choose_run(
    blocks.heading(say("gates.title"), say("gates.question")), picks.forget
)
body(run_name)
