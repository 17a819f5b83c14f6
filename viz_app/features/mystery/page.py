"""Mystery heatmap: the name is hidden. What is it, and how can one tell?"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from viz_app.features.mystery import classroom
from viz_app.features.mystery import round_blocks as shared
from viz_app.features.mystery import served as cached
from viz_app.features.mystery import words as mystery_words
from viz_app.features.mystery.picture import Mystery
from viz_app.features.mystery.rounds import MOST_ROUNDS, following
from viz_app.kit.choice import whole
from viz_app.kit.page import choices, run_choice, stage
from viz_app.text import say

ROUND, GUESSES = "mystery_round", "mystery_guesses"


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


def head(bar: DeltaGenerator, number: int) -> None:
    """One's own score, and the way to a class game."""
    bar.markdown(say("mystery.round", number=number), width="content")
    bar.markdown(mystery_words.score(shared.right_ones()), width="content")
    bar.button(
        say("mystery.class_begin"), on_click=classroom.begin, args=(number,),
        help=say("mystery.class_begin_help"),
    )  # fmt: skip


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


def alone() -> None:
    """One round, played by oneself."""
    number = chosen_round()
    here = stage.stage(say("mystery.title"))
    head(here.bar, number)
    classroom.trouble()
    mystery = cached.round_of(number)
    if mystery is None:
        here.headline(say("mystery.nothing"))
        st.stop()
    here.headline(mystery_words.ask(mystery))
    revealed = number in guesses()
    with here.picture:
        shared.picture(number, mystery, revealed)
    place = here.controls.container(horizontal=here.window.narrow)
    (guessed if revealed else to_be_guessed)(number, mystery, place)
    if revealed:
        shared.settings(mystery, here)
    choices.remember(round=number)


run_choice.require_runs()
game = classroom.asked()
if game is None:
    alone()
else:
    classroom.visit(game)
