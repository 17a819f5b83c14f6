"""What a class answered, on a page: bars, and for those who cannot see them a sentence."""

from typing import Any

import streamlit as st

from viz_app.kit.chart.answer_bars import answer_bars
from viz_app.kit.classes.tally import Answers, Tally, tally
from viz_app.kit.classes.value import Asked
from viz_app.kit.page import blocks, window
from viz_app.kit.words import percent
from viz_app.text import say, words


def draw(asked: Asked, answers: Answers, place: Any = st) -> None:
    """The bars, and how many were right in each round."""
    found = tally(asked, answers)
    if not any(found.answers):
        place.caption(say("class.no_answers"))
        return
    rows = [(bar.label, bar.counts, bar.right) for bar in found.bars]
    spec = answer_bars(rows, found.answers, words(), window.look())
    counted = ", ".join(f"{bar.label} {' → '.join(map(str, bar.counts))}" for bar in found.bars)
    blocks.chart(spec, say("class.chart", counts=counted), place=place)
    place.caption(shares(found))


def shares(found: Tally) -> str:
    """How many were right, in each round that there was."""
    told = [
        say("class.right_of", share=percent(right / count), right=right, answers=count)
        for right, count in zip(found.right, found.answers, strict=True)
        if count
    ]
    return say("class.from_to", first=told[0], last=told[-1]) if len(told) > 1 else told[0]
