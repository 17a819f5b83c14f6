"""Parts of a round that a lone player's page and a class's have in common."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from viz_app.features.mystery import served as cached
from viz_app.features.mystery import words as mystery_words
from viz_app.features.mystery.picture import Mystery
from viz_app.kit.page import blocks, window
from viz_app.kit.page.stage import Stage
from viz_app.text import say

RIGHT_ONES = "mystery_right"


def right_ones() -> list[bool]:
    """Of all rounds that this session has guessed in, in order, whether the guess was right."""
    found: list[bool] = st.session_state.setdefault(RIGHT_ONES, [])
    return found


def guess_buttons(
    mystery: Mystery, place: str, guess: Callable[[int], None], into: DeltaGenerator
) -> None:
    """The possible answers, each a button with a number for a key."""
    offered = mystery_words.answers(mystery.riddle.kind, mystery.run)
    for number, answer in enumerate(offered):
        into.button(
            answer, key=f"mystery_guess_{place}_{number}", shortcut=str(number + 1),
            help=say("mystery.guess_help", digit=number + 1), on_click=guess, args=(number,),
            width="stretch",
        )  # fmt: skip


def answer(mystery: Mystery, guess: int | None, into: DeltaGenerator) -> None:
    """The answer, whether a guess was right, and how one can tell."""
    right, told = mystery_words.verdict(mystery, guess)
    (into.success if right else into.info)(f"{told}  \n{mystery_words.why(mystery)}")


def to_gates(mystery: Mystery, place: DeltaGenerator) -> None:
    """The way to this very picture among all gates and states, in a tab of its own."""
    place.link_button(
        say("mystery.open_gates"), mystery_words.gates_address(mystery),
        help=say("mystery.open_gates_help"), width="stretch",
    )  # fmt: skip


def picture(number: int, mystery: Mystery, revealed: bool) -> None:
    """The heatmap below its input, with its name or without."""
    spec = cached.spec(number, revealed, window.look())
    blocks.chart(spec, mystery_words.alternative(mystery, revealed))


def settings(mystery: Mystery, here: Stage) -> None:
    """How the network was trained, as far as it is drawn; folded."""
    with here.more.expander(say("app.settings_of_run")):
        blocks.run_settings(mystery.run, mystery.riddle.step)
