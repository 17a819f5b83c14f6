"""Intervene: what if it could not forget?"""

import streamlit as st

from gatescope.intervention import Intervention
from viz_app.features import Intervene
from viz_app.features.intervene import form as intervene_form
from viz_app.features.intervene import words as intervene_words
from viz_app.kit import interventions
from viz_app.kit.page import ask, blocks, choices, run_choice, stage, window
from viz_app.kit.page import served as cached
from viz_app.kit.units import shown
from viz_app.text import name_of, say

MODES = ("lesson", "own")
DOES = "intervene_does_asked"  # keeps what a link asks for, until the widgets are there


def lesson(view: Intervene) -> bool:
    """Ask a prepared question, and let it be guessed; returns whether it is revealed."""
    st.pills(
        say("intervene.choose"), view.among(cached.recordings)["ask"].values, key="ask",
        required=True, help=say("intervene.choose_help"), format_func=short,
        on_change=forget_unit,
    )  # fmt: skip
    key = str(view.ask)
    st.markdown(intervene_words.ask(key, view.scene(cached.recordings)))
    place = f"{view.run} {view.layer} {key}"
    revealed = st.session_state.setdefault("intervene_revealed", {})
    if place not in revealed:
        ask_for_guess(key, place)
        return False
    cost, guess = view.cost(cached.recordings), revealed[place]
    st.markdown(intervene_words.answered(key, cost, guess))
    right, text = intervene_words.verdict(cost, guess)
    (st.success if right else st.info)(text)
    st.caption(intervene_words.rule(cached.run_of(view.run).task.held_out("test"), cost))
    return True


def ask_for_guess(key: str, place: str) -> None:
    """The possible answers, and the button that ends guessing."""
    told, button = st.columns([0.8, 0.2], vertical_alignment="bottom")
    guesses = intervene_words.guesses(key)
    guess = told.radio(
        say("intervene.guess_first"), intervene_words.OUTCOMES, index=None,
        key=f"intervene_guess {place}", format_func=lambda each: guesses[each],
    )  # fmt: skip

    def reveal() -> None:
        st.session_state["intervene_revealed"][place] = guess

    button.button(
        say("intervene.reveal"), type="primary", width="stretch", disabled=guess is None,
        help=say("intervene.reveal_help"), on_click=reveal,
    )  # fmt: skip


def forget_unit() -> None:
    """Another question changes another unit most."""
    st.session_state.pop("unit", None)


def short(key: str) -> str:
    """A question without its details: what stands in bold."""
    return say(f"intervene.question_{key}", **ANY).split("**")[1]


ANY = {"half": 0, "answered": 0, "state": "", "unit": 0, "share": 0.0}


def own(view: Intervene) -> Intervention:
    """Ask for an intervention; what a link asks for and cannot be made here is said."""
    done = intervene_form.own(view.scene(cached.recordings).layer)
    text = st.session_state.pop(DOES, None)
    if text is not None and interventions.read(text) != interventions.plain(done):
        kinds = list(intervene_form.KINDS)
        choices.say_not_there("does", text, kinds, interventions.write(interventions.plain(done)))
    return done


def chosen_pictures(view: Intervene, column: st.delta_generator.DeltaGenerator) -> Intervene:
    """Ask which signals have pictures; each question and kind opens on its own."""
    labels = {name: name_of("signal", name) for name in shown(view.scene(cached.recordings).layer)}
    first = view.signals(cached.recordings)
    what = view.ask if view.does is None else f"{type(view.does[0]).__name__} {first[0]}"
    return view.but(
        pictures=ask.pictures(
            labels, first, f"intervene_signals {view.run} {view.layer} {what}", column,
            label=say("intervene.signals"), help_text=say("intervene.signals_help"),
            none=say("intervene.no_signals"),
        )
    )  # fmt: skip


def chosen(name: str) -> tuple[Intervene, bool]:
    """Ask for all but the unit; returns the view, and whether what is changed is shown."""
    run, view = cached.run_of(name), ask.view(Intervene(name))
    ask.layer(view)
    modes = MODES if run.task.asks else MODES[1:]  # a lesson asks what becomes of the score
    choices.keep("intervene_mode", list(modes), modes[0])
    mode = st.segmented_control(
        say("intervene.mode"), modes, key="intervene_mode", required=True,
        format_func=lambda each: say(f"intervene.mode_{each}"), help=say("intervene.mode_help"),
    )  # fmt: skip
    revealed = True
    if mode == "lesson":
        revealed = lesson(view)
    else:
        view = view.but(ask=None, does=(own(view),))
    if revealed and run.task.asks:
        compared, cost = view.compared(cached.recordings), view.cost(cached.recordings)
        task = run.task.held_out("test")
        st.table(intervene_words.scores(cost, compared, task, view.example or 0))
    return view, revealed


def picture(view: Intervene, revealed: bool) -> None:
    """Both runs on one example, what changed, and how to have it elsewhere."""
    seen = view if revealed else as_it_is(view)
    data = seen.data(cached.recordings)
    cell, done = cached.run_of(view.run).config.cell, seen.done(cached.recordings)
    blocks.plot(
        seen.spec(window.theme(), cached.recordings), intervene_words.alternative(data, cell, done)
    )
    if revealed:
        st.markdown(f"##### {say('intervene.what_changed')}")
        compared = seen.compared(cached.recordings)
        st.markdown("  \n".join(intervene_words.changes(data, compared)))
    blocks.show_downloads(seen)
    if revealed:
        code = view.brief(cached.recordings).code
        blocks.python(code(scores=cached.run_of(view.run).task.asks, **blocks.themed()))


def as_it_is(view: Intervene) -> Intervene:
    """The same signals and unit before anything is changed: nothing is given away."""
    return view.but(ask=None, does=(), pictures=view.signals(cached.recordings))


@st.fragment
def body(name: str) -> None:
    """Everything below the choice of the network."""
    view, revealed = chosen(name)
    columns = st.columns([0.16, 0.16, 0.68])
    ask.example(view, columns[0])
    view = chosen_pictures(view, columns[2])
    units = list(range(view.scene(cached.recordings).layer.sizes["unit"]))
    choices.keep("unit", units, view.picked(cached.recordings)[0])
    unit = columns[1].selectbox(
        say("intervene.unit"), units, key="unit", help=say("intervene.unit_help")
    )
    view = view.but(unit=unit)
    picture(view, revealed)
    choices.remember_view(view)


def restore() -> None:
    """Take over what the address says of this page alone."""
    choices.take("ask")
    choices.take("change", "intervene_mode")
    choices.take("kind", "intervene_kind")
    does = choices.asked("does")
    if does is not None:
        st.session_state[DOES], st.session_state["intervene_mode"] = does, "own"
        for each in (interventions.read(does) or ())[:1]:
            intervene_form.take_over(each)
    elif choices.asked("ask") is not None and choices.address("change") is None:
        st.session_state["intervene_mode"] = "lesson"
    ask.restore_pictures()


run_choice.require_runs()
choices.restore()
restore()
run_name = run_choice.choose_run(
    stage.heading(say("intervene.title"), say("intervene.question")), choices.forget
)
blocks.run_settings(cached.run_of(run_name))
body(run_name)
