"""A view in a lesson: its chart, with the reader's guess drawn on it where it has that axis."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from viz_app.features import (
    Gates,
    Retention,
    SentimentScores,
    Start,
    StepThrough,
    Tasks,
    view_of,
)
from viz_app.features.lessons import guesses
from viz_app.features.lessons.value import Address
from viz_app.features.step_through.chart_layout import StepLook
from viz_app.features.tasks.chart_lanes import MARGIN, scaled
from viz_app.kit import export
from viz_app.kit.chart import guess as besides
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.guessed import Mark, filled
from viz_app.kit.chart.lines import Line, Style
from viz_app.kit.chart.window import Look
from viz_app.kit.over_time import OverTime
from viz_app.kit.page import blocks, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.stage import AXIS
from viz_app.kit.panels import OfLines, PanelRow, panel_row
from viz_app.kit.question import Answer, Curve, Number, Order, Place, Question
from viz_app.kit.view import View
from viz_app.text import say, words

GUESS = Style("#1f2430", "#eceff4", (6, 4), 2.6)
"""Of a guessed curve."""

Moved = Callable[[str | None], None]
"""Called with the change of a row, as `gatescope.tasks.edited` takes it."""

NARROW = 8
"""Of a picture whose axes lie within its width."""

OF_GATES = ("layers",)
"""Views whose charts are drawn in a `GatesLook`."""

WITH_LABELS, LABELLED = ("gates", "layers", "compare", "intervene"), 20
"""Views with units at their left, and pixels that they take besides the margin of these labels."""


@dataclass(frozen=True)
class Guess:
    """A question, and what is drawn of its answers.

    Attributes
    ----------
    question
        What is asked.
    mark
        Where on the view's chart it is drawn; None where it is not.
    rows
        What is drawn there, see `viz_app.features.lessons.guesses`.
    answer
        What was answered; None while nothing is.
    touched
        What is called with a place that is touched in the picture.
    """

    question: Question
    mark: Mark | None
    rows: Sequence[Mapping[str, Any]] = ()
    answer: Answer | None = None
    touched: Callable[[int], None] | None = None


def view_at(address: Address) -> View:
    """The view of an address."""
    name, query = address
    return view_of(name).of(dict(query))


def margin(view: View | None) -> int:
    """Pixels that the axes of a view's picture take beside its plots."""
    if isinstance(view, Tasks):
        return scaled(MARGIN, window.window().type_size)
    if view is not None and view.name in WITH_LABELS:
        return GatesLook.of(window.look()).margin + LABELLED
    within = view is None or isinstance(view, Start | OfLines)
    return NARROW if within else AXIS


def draw(view: View, key: str, guess: Guess | None = None, moved: Moved | None = None) -> None:
    """Draw a view.

    Parameters
    ----------
    view, key
        What, and the chart's key on the page.
    guess
        What is asked of it, where something is.
    moved
        Of Start: what is called with the change, where its marks may be dragged.
    """
    look = window.look()
    if isinstance(view, Start):
        _start(view, key, guess, moved, look)
    elif isinstance(view, Gates):
        _gates(view, key, guess)
    elif isinstance(view, StepThrough):
        _step(view, key, look)
    elif isinstance(view, OfLines):
        row = _lines(view, look, guess)
        specs = [_with(row.specs[0], view, guess, look), *row.specs[1:]]
        blocks.panel_row(row._replace(specs=specs))
    elif isinstance(view, Retention | SentimentScores):
        blocks.panel_row(view.row(look, cached.recordings))
    else:
        spec = _with(_other(view, look), view, guess, look)
        blocks.chart(spec, view.alternative(cached.recordings), key=key)


def _with(spec: dict[str, Any], view: View, guess: Guess | None, look: Look) -> dict[str, Any]:
    """A finished chart with guesses on it, where there are."""
    if guess is None or guess.mark is None:
        return spec
    if not guess.rows and not isinstance(guess.question, Place):
        return spec  # it needs no room yet
    return filled(guesses.on(spec, view, guess.mark, look), guess.rows)


def _start(view: Start, key: str, guess: Guess | None, moved: Moved | None, look: Look) -> None:
    touched = guess.touched if guess else None

    def told() -> None:
        selected = st.session_state[key]["selection"]
        if touched is not None:
            for found in selected.get("touched", []):
                touched(int(found["touched"]))
        if moved is not None:
            for found in selected.get("moved", []):
                marks = {int(found[f"m{k}"]): float(found[f"n{k}"]) for k in (1, 2)}
                moved(view.moved(marks, cached.recordings))

    spec = view.guessed(look, cached.recordings, still=moved is None)
    spec = filled(spec, guess.rows if guess else ())
    modes = [*(["touched"] if touched else []), *(["moved"] if moved else [])]
    chosen: dict[str, Any] = {"on_select": told, "selection_mode": modes} if modes else {}
    blocks.chart(spec, view.alternative(cached.recordings), key=key, **chosen)


def _gates(view: Gates, key: str, guess: Guess | None) -> None:
    look, recordings = GatesLook.of(window.look()), cached.recordings
    seen = view.but(pictures=view.pictures or view.fitting(look, recordings))
    data, spec = seen.data(recordings), seen.spec(look, recordings)
    unit, step = seen.picked(recordings)
    spec = data.with_picks(spec, look, unit, (unit, step), 0)
    chosen: dict[str, Any] = {}
    if guess is not None:
        spec = _with(spec, view, guess, window.look())
        if guess.touched is not None and isinstance(guess.question, Place):
            touched = partial(_touched, key, guess.question.axis, guess.touched)
            chosen = {"on_select": touched, "selection_mode": ["pick"]}
    blocks.chart(spec, seen.alternative(recordings), key=key, **chosen)


def _step(view: StepThrough, key: str, look: Look) -> None:
    drawn = StepLook(
        look.theme, window=look.window, lines=False, buttons=False,
        equations=look.window.name != "phone",
    )  # fmt: skip
    spec = view.shown(cached.recordings).picked_spec(drawn, cached.recordings)
    blocks.chart(spec, view.alternative(cached.recordings), key=key)


def _touched(key: str, axis: str, touched: Callable[[int], None]) -> None:
    for found in st.session_state[key]["selection"].get("pick", []):
        touched(int(found[axis]))


def _lines(view: OfLines, look: Look, guess: Guess | None) -> PanelRow:
    recordings = cached.recordings
    question = guess.question if guess else None
    if guess is None or guess.answer is None or not isinstance(question, Curve):
        return view.row(look, recordings)
    heights = tuple(map(float, _several(guess.answer)))

    def made() -> PanelRow:
        first, *others = view.panels(recordings)
        line = Line(
            say("question.your_guess"), np.array(question.at), np.array(heights), style=GUESS,
            dots=True,
        )  # fmt: skip
        panels = [replace(first, lines=(*first.lines, line)), *others]
        return panel_row(panels, look, view.alt_texts, view.said)

    return recordings.get(("lesson curve", view, look, question.at, heights), made)


def _other(view: View, look: Look) -> dict[str, Any]:
    spec = getattr(view, "spec", None)
    if spec is not None:
        over_time = isinstance(view, OverTime) or view.name in OF_GATES
        drawn = GatesLook.of(look) if over_time else look
        return spec(drawn, cached.recordings)
    width = look.window.width

    def made() -> dict[str, Any]:
        return export.spec(view.still(width, look, cached.recordings))

    return cached.recordings.get(("lesson picture", view, look), made)


def beside(
    question: Question, answer: Answer, texts: Mapping[str, Any], truth: str, key: str
) -> None:
    """The guess and what is right, as a small picture.

    Parameters
    ----------
    question, answer
        What was asked, and what was answered.
    texts
        ``options``, ``titles``, and both answers in words: ``said``.
    truth
        The alternative text.
    key
        The chart's.
    """
    look, said = window.look(), words()
    spec: dict[str, Any] | None = None
    titles = (*texts["titles"], "", "")
    if isinstance(question, Number):
        spec = besides.number(
            said, _one(answer), question.truth, (question.low, question.high), look,
            log=question.log, unit=titles[0], labels=texts["said"],
        )  # fmt: skip
    elif isinstance(question, Curve):
        spec = besides.curve(
            said, question.at, [*map(float, _several(answer))], question.truth,
            (question.low, question.high), look, titles=(titles[0], titles[1]),
        )  # fmt: skip
    elif isinstance(question, Order):
        order = [*map(int, _several(answer))]
        spec = besides.order(said, texts["options"], order, question.truth, look)
    elif isinstance(question, Place):
        places, title = [*map(int, _several(answer))], say(f"question.place_{question.axis}")
        spec = besides.places(said, question.places, places, question.truth, title, look)
    if spec is not None:
        blocks.chart(spec, truth, key=key)


def _several(answer: Answer) -> tuple[float, ...]:
    return answer if isinstance(answer, tuple) else (answer,)


def _one(answer: Answer) -> float:
    return float(_several(answer)[0])
