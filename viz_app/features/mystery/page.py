"""Mystery heatmap: the name is hidden. What is it, and how can one tell?"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from viz_app.features.mystery import round_blocks as shared
from viz_app.features.mystery import served as cached
from viz_app.features.mystery import words as mystery_words
from viz_app.features.mystery.picture import Mystery
from viz_app.features.mystery.rounds import MOST_ROUNDS, following
from viz_app.kit.choice import whole
from viz_app.kit.classes.turn import Turn
from viz_app.kit.classes.value import Asked, Where
from viz_app.kit.page import choices, classroom, run_choice, stage
from viz_app.kit.page.stage import Stage
from viz_app.kit.question import OneOf
from viz_app.pages import script
from viz_app.text import say

ROUND, GUESSES, SCORED = "mystery_round", "mystery_guesses", "mystery_scored"


def chosen_round() -> int:
    """The round that the address asks for, or that was played last."""
    last = st.session_state.get(ROUND, 1)
    choices.take("round", ROUND, whole)
    choices.keep(ROUND, range(1, MOST_ROUNDS + 1), last)
    return int(st.session_state[ROUND])


def guesses() -> dict[int, int]:
    """What this session has guessed when it played alone, by round."""
    found: dict[int, int] = st.session_state.setdefault(GUESSES, {})
    return found


def asked_of(number: int, mystery: Mystery) -> Asked:
    """What is asked in a round, as a class takes it."""
    text, offered = mystery_words.asked(mystery)
    return Asked(f"mystery.{number}", OneOf(len(offered), mystery.answer), text, offered)


def head(bar: DeltaGenerator, number: int, *, leads: bool) -> None:
    """The round, and one's own score; who leads a class does not guess."""
    bar.markdown(say("mystery.round", number=number), width="content")
    if not leads:
        bar.markdown(mystery_words.score(shared.right_ones()), width="content")


def to_be_guessed(number: int, mystery: Mystery, place: DeltaGenerator) -> None:
    """The possible answers."""

    def guess(answer: int) -> None:
        guesses()[number] = answer
        shared.right_ones().append(answer == mystery.answer)

    shared.guess_buttons(mystery, str(number), guess, place)


def guessed(number: int, mystery: Mystery, place: DeltaGenerator) -> None:
    """The answer, and the ways on."""

    def go_on() -> None:
        st.session_state[ROUND] = following(number)

    shared.answer(mystery, guesses()[number], place)
    place.button(
        say("mystery.next"), shortcut="n", type="primary", on_click=go_on,
        help=say("mystery.next_help"), width="stretch",
    )  # fmt: skip
    shared.to_gates(mystery, place)


def in_class(asked: Asked, turn: Turn, mystery: Mystery, here: Stage) -> None:
    """Beside the picture in a class: guess when it is asked, see the answer when it is shown."""
    place = here.controls.container(horizontal=here.window.narrow)
    given = None if turn.last is None else int(turn.last.answer)
    if turn.told:
        settle(asked, given, mystery)
        shared.answer(mystery, given, place)
        classroom.results(asked, here.told)
        shared.to_gates(mystery, place)
    elif turn.stage == "answer":
        shared.guess_buttons(
            mystery, f"{asked.place}_{turn.round}",
            lambda answer: classroom.give(asked, str(answer)), place,
        )  # fmt: skip
    elif given is not None:
        here.told.markdown(say("mystery.class_guess", guess=asked.options[given]))
    else:
        here.told.markdown(mystery_words.offered(mystery))


def settle(asked: Asked, given: int | None, mystery: Mystery) -> None:
    """Add a guess whose answer is known by now to one's own score, once."""
    scored: set[str] = st.session_state.setdefault(SCORED, set())
    if given is not None and asked.place not in scored:
        scored.add(asked.place)
        shared.right_ones().append(given == mystery.answer)


def play() -> None:
    """One round, alone or with a class."""
    number = chosen_round()
    here = stage.stage(say("mystery.title"))
    mystery = cached.round_of(number)
    if mystery is None:
        here.headline(say("mystery.nothing"))
        st.stop()
    asked = asked_of(number, mystery)
    classroom.after(Where.of("mystery", {"round": str(following(number))}))
    turn = classroom.turn(asked)
    if turn.stage != "alone":
        in_class(asked, turn, mystery, here)
    head(here.bar, number, leads=turn.host)
    here.headline(mystery_words.ask(mystery))
    revealed = turn.told or (turn.stage == "alone" and number in guesses())
    with here.picture:
        shared.picture(number, mystery, revealed)
    if turn.stage == "alone":
        place = here.controls.container(horizontal=here.window.narrow)
        (guessed if revealed else to_be_guessed)(number, mystery, place)
    if revealed:
        shared.settings(mystery, here)
    choices.remember(round=number)


run_choice.require_runs()
if (game := choices.address("class")) is not None:  # of an address from before there were classes
    st.switch_page(script("class"), query_params={"join": game})
play()
