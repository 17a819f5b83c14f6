"""What a class guesses before it sees the experiment: at which delay each network fails."""

import pandas as pd
import streamlit as st

from gatescope.experiments import RetentionConfig
from viz_app.features.retention import words as retention_words
from viz_app.kit.page import asked, classroom
from viz_app.kit.page.answer_forms import Texts
from viz_app.kit.page.asked import Seen
from viz_app.kit.page.stage import Stage
from viz_app.kit.question import OneOf
from viz_app.text import say

ASKED_OF = ("rnn", "lstm", "lstm:chrono")
"""The networks that the sentences compare."""


def ask(experiment: RetentionConfig, table: pd.DataFrame, here: Stage) -> bool:
    """Ask the class, one network after another; returns whether all may be seen.

    Whoever is in no class is not asked. What was answered before stands below what is asked now.

    Parameters
    ----------
    experiment, table
        The finished experiment that is asked about.
    here
        The places of the page.
    """
    if not classroom.is_in():
        return True
    turns = [
        (variant, *_turn(experiment, table, variant))
        for variant in ASKED_OF
        if variant in experiment.variants
    ]
    for variant, shown, texts in turns:
        if shown.turn.stage == "alone":  # who leads, while everyone goes on alone
            continue
        if not shown.told:
            with here.told:
                asked.ask(shown, texts)
            return False
        with here.controls:
            _answer(table, variant, shown)
    return True


def _turn(experiment: RetentionConfig, table: pd.DataFrame, variant: str) -> tuple[Seen, Texts]:
    """A question about one network, as it is drawn now, and its words."""
    delays = sorted(experiment.delays)
    fails = retention_words.fails_at(table, variant)
    question = OneOf(len(delays) + 1, len(delays) if fails is None else delays.index(fails))
    texts = Texts(*retention_words.guess(experiment, variant))
    return asked.seen(question, texts, f"retention.{variant}"), texts


def _answer(table: pd.DataFrame, variant: str, shown: Seen) -> None:
    """What happened, and what the class had said."""
    st.markdown(retention_words.failed(table, variant))
    if shown.given is not None:
        said = shown.asked.said(shown.asked.question.write(shown.given.answer))
        st.markdown(say("class.you_said", answer=said))
    classroom.results(shown.asked)
