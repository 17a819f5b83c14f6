"""Intervene: what if it could not forget?"""

from typing import Any

import streamlit as st

from gatescope import Run
from gatescope.intervention import Intervention
from viz_app.features import Intervene
from viz_app.features.intervene import form as intervene_form
from viz_app.features.intervene import words as intervene_words
from viz_app.kit import interventions
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.classes.turn import Turn
from viz_app.kit.classes.value import Asked
from viz_app.kit.page import ask, blocks, choices, classroom, own_input, run_choice, stage, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.stage import Stage
from viz_app.kit.question import OneOf
from viz_app.kit.units import shown
from viz_app.text import name_of, say

MODES = ("lesson", "own")
DOES = "intervene_does_asked"  # keeps what a link asks for, until the widgets are there

OPENED = "intervene_opened"  # the question with its run and layer; the example it opens with
LINKED = "linked"  # instead of the question: a link says which example
AXIS = 8  # pixels of a picture's axes beside its labels


def question(view: Intervene, here: Stage) -> bool:
    """Ask a prepared question, and let it be guessed; returns whether it is revealed."""
    here.told.selectbox(
        say("intervene.choose"), view.among(cached.recordings)["ask"].values, key="ask",
        label_visibility="collapsed", format_func=intervene_words.short, on_change=forget_unit,
    )  # fmt: skip
    key = str(view.ask)
    asked, place = intervene_words.ask(key, view.scene(cached.recordings)), place_of(view)
    revealed = st.session_state.setdefault("intervene_revealed", {})
    told, turn = in_class(view)
    if told is not None and turn.told:
        guess = None if turn.last is None else turn.last.answer
        revealed[place] = None if guess is None else intervene_words.OUTCOMES[int(guess)]
    if place in revealed and turn.stage in ("alone", "told"):
        here.told.markdown(asked)
        if told is not None and turn.told:
            classroom.results(told, here.told)
        return True
    bold, rest = asked.split("**")[1:]
    here.headline(bold)
    # a class answers at once: on a phone above the picture
    first = here.head if here.window.narrow and turn.stage != "alone" else here.told
    first.markdown(rest.strip())
    if told is None or turn.stage == "alone":
        ask_for_guess(key, place, here.told)
    elif turn.stage == "answer":
        ask_in_class(key, told, turn, first)
    else:
        of = None if turn.last is None else int(turn.last.answer)
        lines = (f"- **{each}**" if k == of else f"- {each}" for k, each in enumerate(told.options))
        first.markdown("\n".join(lines))
    return False


def in_class(view: Intervene) -> tuple[Asked | None, Turn]:
    """What a class is asked, and this browser's turn; nothing where the interval decides nothing.

    Of who is in no class nothing is measured before the guess.
    """
    if not classroom.is_in():
        return None, Turn()
    outcome = view.cost(cached.recordings).outcome
    if outcome not in intervene_words.OUTCOMES:
        classroom.nothing_asked()
        return None, Turn()
    key, outcomes = str(view.ask), intervene_words.OUTCOMES
    text, options = intervene_words.short(key), intervene_words.options(key)
    truth = outcomes.index(outcome)
    place = f"intervene.{place_of(view)}"
    asked = Asked(place, OneOf(len(outcomes), truth), text, options)
    return asked, classroom.turn(asked)


def ask_in_class(key: str, asked: Asked, turn: Turn, told: Any) -> None:
    """The possible answers, and the button that counts one."""
    guesses = intervene_words.guesses(key)
    guess = told.radio(
        say("intervene.guess_first"), intervene_words.OUTCOMES, index=None,
        key=f"intervene_guess {asked.place} {turn.round}",
        format_func=lambda each: guesses[each],
    )  # fmt: skip
    number = None if guess is None else intervene_words.OUTCOMES.index(guess)
    told.button(
        say("class.give"), type="primary", width="stretch", disabled=guess is None,
        on_click=classroom.give, args=(asked, str(number)),
    )  # fmt: skip


def place_of(view: Intervene) -> str:
    """Where a guess is kept: what was asked of which layer."""
    return f"{view.run} {view.layer} {view.ask}"


def ask_for_guess(key: str, place: str, told: Any) -> None:
    """The possible answers, and the button that ends guessing."""
    guesses = intervene_words.guesses(key)
    guess = told.radio(
        say("intervene.guess_first"), intervene_words.OUTCOMES, index=None,
        key=f"intervene_guess {place}", format_func=lambda each: guesses[each],
    )  # fmt: skip

    def reveal() -> None:
        st.session_state["intervene_revealed"][place] = guess

    told.button(
        say("intervene.reveal"), type="primary", width="stretch", disabled=guess is None,
        help=say("intervene.reveal_help"), on_click=reveal,
    )  # fmt: skip


def forget_unit() -> None:
    """Another question changes another unit most."""
    st.session_state.pop("unit", None)


def own(view: Intervene, place: Any) -> Intervention:
    """Ask for an intervention; what a link asks for and cannot be made here is said."""
    done = intervene_form.own(view.scene(cached.recordings).layer, place)
    text = st.session_state.pop(DOES, None)
    if text is not None and interventions.read(text) != interventions.plain(done):
        kinds = list(intervene_form.KINDS)
        choices.say_not_there("does", text, kinds, interventions.write(interventions.plain(done)))
    return done


def judge(view: Intervene, here: Stage, run: Run) -> None:
    """The verdict, as the headline; whether the guess was right, the scores, and the rule."""
    task, kept = run.task.held_out("test"), view.cost(cached.recordings)
    here.headline(intervene_words.headline(kept, task))
    guess = st.session_state.get("intervene_revealed", {}).get(place_of(view))
    if view.does is None and guess is not None:
        right, text = intervene_words.judged(kept, guess)
        (here.told.success if right else here.told.info)(text)
    here.told.table(intervene_words.scores(kept, task))


def how(view: Intervene, here: Stage, run: Run) -> None:
    """What was measured and by which rule, folded."""
    task, kept = run.task.held_out("test"), view.cost(cached.recordings)
    with here.more.expander(say("intervene.how")):
        st.markdown(intervene_words.measured(kept, task))
        if view.does is None:
            guess = st.session_state["intervene_revealed"][place_of(view)]  # None: in a class
            st.markdown(intervene_words.answered(str(view.ask), kept, guess))
        st.markdown(intervene_words.rule(kept, task))


def opened(view: Intervene) -> tuple[str, ...]:
    """The signal that opens: the state that keeps, if the change is about it."""
    first = view.signals(cached.recordings)
    keeps = view.scene(cached.recordings).states[:1]
    return tuple(name for name in first if name in keeps) or first[-1:]


def chosen_pictures(view: Intervene, place: Any) -> tuple[Intervene, Intervene]:
    """Ask which signals have pictures and whose lines are drawn; each question opens anew.

    Returns the view as the address has it, and as it is drawn.
    """
    labels = {name: name_of("signal", name) for name in shown(view.scene(cached.recordings).layer)}
    first = opened(view)
    what = view.ask if view.does is None else f"{type(view.does[0]).__name__} {first[0]}"
    asked = ask.pictures(
        labels, first, f"intervene_signals {view.run} {view.layer} {what}", place,
        label=say("intervene.signals"), help_text=say("intervene.signals_help"),
        none=say("intervene.no_signals"),
    )  # fmt: skip
    seen = view.but(pictures=asked or first)
    units = list(range(view.scene(cached.recordings).layer.sizes["unit"]))
    choices.keep("unit", units, seen.picked(cached.recordings)[0])
    unit = place.selectbox(
        say("intervene.unit"), units, key="unit", help=say("intervene.unit_help")
    )
    seen = seen.but(unit=unit)
    return seen.but(pictures=asked), seen


def chosen(view: Intervene, here: Stage, run: Run) -> tuple[Intervene, bool]:
    """Ask for the intervention; returns the view, and whether what is changed is shown."""
    modes = MODES if run.task.asks else MODES[1:]  # a question asks what becomes of the score
    choices.keep("intervene_mode", list(modes), modes[0])
    mode = here.told.segmented_control(
        say("intervene.mode"), modes, key="intervene_mode", required=True,
        format_func=lambda each: say(f"intervene.mode_{each}"), help=say("intervene.mode_help"),
        label_visibility="collapsed", width="stretch",
    )  # fmt: skip
    if mode == "lesson":
        return view, question(view, here)
    classroom.nothing_asked()
    return view.but(ask=None, does=(own(view, here.told),)), True


def picture(view: Intervene, look: GatesLook, here: Stage, run: Run, *, revealed: bool) -> None:
    """Both runs on one example, and what changed."""
    seen = view if revealed else as_it_is(view)
    data, done = seen.data(cached.recordings), seen.done(cached.recordings)
    alternative = intervene_words.alternative(data, run.config.cell, done)
    blocks.chart(seen.spec(look, cached.recordings), alternative, place=here.picture)
    lines = [answered(seen, revealed=revealed)] if run.task.asks else []
    if revealed:
        touched = {
            getattr(one, "gate", getattr(one, "signal", "")) for one in seen.done(cached.recordings)
        }
        lines += intervene_words.changes(data, seen.compared(cached.recordings), touched)
        if not run.task.asks:
            here.headline(lines[0])
        here.look_for(lines)
    else:  # there is nothing to look for yet
        here.told.markdown("\n\n".join(lines))


def answered(view: Intervene, *, revealed: bool) -> str:
    """What both say to the example, or to one's own input."""
    asked = say("own.asked") if view.own else say("intervene.example", example=view.example)
    compared = view.on_its_rows(cached.recordings)
    return intervene_words.said_to(compared, view.place, asked, revealed=revealed)


def as_it_is(view: Intervene) -> Intervene:
    """The same signals and unit before anything is changed: nothing is given away."""
    return view.but(ask=None, does=(), pictures=view.signals(cached.recordings))


def files(view: Intervene, here: Stage, run: Run, *, revealed: bool) -> None:
    """What is folded: the run's settings, files, and the same in Python."""
    with here.more:
        with st.expander(say("app.settings_of_run")):
            blocks.run_settings(run)
        with st.expander(say("app.export")):
            blocks.show_downloads(view if revealed else as_it_is(view))
        if revealed:
            code = view.brief(cached.recordings).code
            blocks.python(code(scores=run.task.asks, **blocks.themed()))


def chosen_view(name: str) -> Intervene:
    """What is chosen; a question opens with its own example unless another one was chosen."""
    before, opened = st.session_state.get(OPENED, (None, None))
    now = tuple(st.session_state.get(each) for each in ("run", "layer", "ask"))
    if before not in (now, LINKED):
        usual = cached.recordings.among(name, ["example"])["example"].usual
        if st.session_state.get("example") in (opened, usual):
            st.session_state.pop("example", None)
    view = ask.view(Intervene(name))
    its_own = view.among(cached.recordings)["example"].usual
    st.session_state[OPENED] = (view.run, view.layer, view.ask), its_own
    return view


@st.fragment
def body() -> None:
    """The whole page: what is chosen on it draws nothing else anew."""
    look = GatesLook.of(window.look())
    here = stage.stage(say("intervene.title"), axis=look.margin + AXIS)
    name = run_choice.choose_run(here.bar, choices.forget)
    run, view = cached.run_of(name), chosen_view(name)
    ask.layer(view, place=here.bar)
    ask.example(view, here.bar)
    view = own_input.ask(view, here)
    view, revealed = chosen(view, here, run)
    if revealed and run.task.asks:
        judge(view, here, run)
        how(view, here, run)
    view, seen = chosen_pictures(view, here.more.expander(say("intervene.drawn")))
    picture(seen, look, here, run, revealed=revealed)
    files(seen, here, run, revealed=revealed)
    choices.remember_view(view)


def restore() -> None:
    """Take over what the address says of this page alone."""
    if choices.asked("example") is not None:
        st.session_state[OPENED] = LINKED, None
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
own_input.restore()
restore()
body()
