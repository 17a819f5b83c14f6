"""A guess on the picture of its step: on a page, on a sheet, in a file that plays."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from viz_app.features import Gates, Start, Tasks
from viz_app.features.lessons.asked import Asked
from viz_app.kit import export
from viz_app.kit.chart import guessed
from viz_app.kit.chart.guessed import Mark, row
from viz_app.kit.chart.window import Look
from viz_app.kit.figure import Figure
from viz_app.kit.panels import OfLines
from viz_app.kit.question import Answer, Place, Question
from viz_app.kit.recordings import Recordings
from viz_app.kit.view import View
from viz_app.kit.words import percent
from viz_app.text import say

Spec = dict[str, Any]
Row = dict[str, Any]

FITS: dict[str, type | tuple[type, ...]] = {
    "time": Tasks, "height": OfLines, "rows": Gates, "step": (Start, Gates), "unit": Gates,
}  # fmt: skip
"""Views whose charts have each axis."""


def mark_of(view: View | None, asked: Asked, facts: Mapping[str, Any]) -> Mark | None:
    """Where on a view's chart a guess is drawn; None where that has no such axis."""
    mark = asked.mark(facts)
    return mark if mark is not None and isinstance(view, FITS[mark.axis]) else None


def on(spec: Spec, view: View, mark: Mark, look: Look) -> Spec:
    """The view's finished chart, with room for guesses; see `viz_app.kit.chart.guessed.filled`."""
    if isinstance(view, Start):
        return view.with_guesses(spec, look)
    return guessed.on(spec, mark, look)


def figure(
    view: View, asked: Asked | None, facts: Mapping[str, Any], recordings: Recordings
) -> Figure:
    """A view as a figure; where the answer to a question has a place on it, what is right too."""
    plain = view.figure(recordings)
    mark = mark_of(view, asked, facts) if asked is not None else None
    if asked is None or mark is None:
        return plain
    rows = truth(asked.told(facts), asked.question(facts))

    def draw(width: int, look: Look) -> Spec:
        drawn = view.look_of(width, look) if isinstance(view, Start) else look
        return guessed.filled(on(export.spec(plain.draw(width, look)), view, mark, drawn), rows)

    return replace(plain, draw=draw)


def own(asked: Asked, answer: Answer) -> list[Row]:
    """A guess, with its words."""
    return _rows(asked, answer, "own", "question.your_guess")


def truth(asked: Asked, question: Question) -> list[Row]:
    """What is right, with its words; of a place the picture shows it."""
    right: Any = question.truth  # type: ignore[attr-defined]
    return [] if asked.kind == "place" else _rows(asked, right, "truth", "question.truth")


def crowd(question: Question, answers: Sequence[Answer]) -> list[Row]:
    """What a class guessed: a number each, of a place how many were there."""
    if not isinstance(question, Place):
        return [row(float(each), "class") for each in answers]  # type: ignore[arg-type]
    counts = Counter(place for each in answers for place in each)  # type: ignore[union-attr]
    shares = {int(place): count / len(answers) for place, count in sorted(counts.items())}
    name = say("question.class_guess")
    return [
        row(place, "class", say("question.named", name=name, value=percent(share)), share)
        for place, share in shares.items()
    ]


def _rows(asked: Asked, answer: Any, whose: guessed.Whose, key: str) -> list[Row]:
    if asked.kind == "place":
        return [row(int(place), whose, say(key)) for place in answer]
    text = say("question.named", name=say(key), value=asked.said(answer))
    return [row(float(answer), whose, text)]
