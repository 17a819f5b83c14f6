"""What a class answered: counted for bars, and as a table with a row for each seat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pandas as pd

from viz_app.kit.classes.records import Seat
from viz_app.kit.classes.value import ROUNDS, Asked, Given
from viz_app.kit.question import Answer, Curve, Number, OneOf, Order, Place, Question
from viz_app.kit.words import number
from viz_app.text import say

MOST_ROWS = 10
"""Places that are drawn: those most answered, and the right ones."""

FORMULA = ("=", "+", "-", "@", "\t")
"""What a spreadsheet would take for a formula."""

Answers = Mapping[tuple[int, int], Given]
"""By seat and round."""


@dataclass(frozen=True)
class Bar:
    """How many answered one thing, in each round that there was.

    Attributes
    ----------
    label
        What was answered.
    counts, hits
        How many answered it, and how many of them were right: near enough is right too.
    right
        Whether it is what is right.
    who
        The seats whose last answer it was.
    apart
        Whether something lies between it and the bar before that nobody answered.
    """

    label: str
    counts: tuple[int, ...]
    hits: tuple[int, ...]
    right: bool
    who: tuple[int, ...] = ()
    apart: bool = False


@dataclass(frozen=True)
class Tally:
    """What was answered to a question.

    Attributes
    ----------
    bars
        In the order of what can be answered.
    answers, right
        How many answered in each round that there was, and how many of them were right.
    """

    bars: tuple[Bar, ...]
    answers: tuple[int, ...]
    right: tuple[int, ...]


def tally(asked: Asked, answers: Answers) -> Tally:
    """Count what was answered, round by round."""
    question = asked.question
    rounds: list[list[Answer]] = [
        [question.read(given.answer) for (_, when), given in answers.items() if when == round_]
        for round_ in ROUNDS
    ]
    if not rounds[-1] and asked.round < ROUNDS[-1]:
        rounds = rounds[:-1]
    parts = isinstance(question, Curve | Order)
    there = question.counts([_truth(asked)])
    true = (1,) * len(there) if parts else there
    counts = [question.counts(each) for each in rounds]
    hits = [_hits(question, each, count) for each, count in zip(rounds, counts, strict=True)]
    last = {seat: answers[seat, when].answer for seat, when in sorted(answers)}
    whose = {seat: question.counts([question.read(text)]) for seat, text in last.items()}
    rows = [
        Bar(
            label, tuple(each[place] for each in counts), tuple(each[place] for each in hits),
            bool(true[place]), tuple(seat for seat, said in whose.items() if said[place]),
        )
        for place, label in enumerate(_labels(asked, len(true)))
    ]  # fmt: skip
    if isinstance(question, Place):
        most = sorted(rows, key=lambda row: (not row.right, -sum(row.counts)))[:MOST_ROWS]
        rows = [row for row in rows if row in most and _is_seen(row)]
    if isinstance(question, Number):
        rows = _answered(rows)
    right = tuple(sum(question.right(each) for each in given) for given in rounds)
    return Tally(tuple(rows), tuple(map(len, rounds)), right)


def right_ones(asked: Asked, answers: Sequence[Given]) -> int:
    """How many answers are right."""
    return sum(asked.question.right(asked.question.read(each.answer)) for each in answers)


def table(
    questions: Sequence[Asked], answers: Mapping[str, Answers], seats: Sequence[Seat], names: bool
) -> pd.DataFrame:
    """Who answered what, in both rounds: a row for each question and seat, asked or not.

    Parameters
    ----------
    questions, answers
        What there is to be asked in order, and what was answered by the question's place.
    seats
        Who was in the class.
    names
        Whether nicknames are told.
    """
    rows = []
    for place, asked in enumerate(questions, 1):
        given = answers.get(asked.place, {})
        for seat in seats:
            own = {when: one for (who, when), one in given.items() if who == seat.number}
            row = {
                "question": place, "page": "" if asked.where is None else asked.where.page,
                "place": _cell(asked.place), "asked": _cell(asked.text),
                "correct": _cell(asked.said(asked.question.write(_truth(asked)))),
                "rounds": _rounds(asked, given), "seat": seat.number,
            }  # fmt: skip
            row |= {"nickname": _cell(seat.name)} if names else {}
            rows.append(row | _of_rounds(asked, own))
    columns = ["question", "page", "place", "asked", "correct", "rounds", "seat"]
    columns += ["nickname"] if names else []
    columns += [f"{name}_{round_}" for round_ in ROUNDS for name in ("answer", "sure", "right")]
    found = pd.DataFrame(rows, columns=columns)
    return found.astype({f"right_{round_}": "Int64" for round_ in ROUNDS})


def _rounds(asked: Asked, answers: Answers) -> int:
    """How often it was asked; 0 where the class was at it, or has it before it, and nobody was."""
    held = 0 if asked.phase == "waiting" else asked.round
    return max([held, *(round_ for _, round_ in answers)])


def _of_rounds(asked: Asked, own: Mapping[int, Given]) -> dict[str, object]:
    found: dict[str, object] = {}
    for round_, given in own.items():
        found[f"answer_{round_}"] = _cell(asked.said(given.answer))
        found[f"sure_{round_}"] = "" if given.sure is None else say(f"question.sure_{given.sure}")
        right = asked.question.right(asked.question.read(given.answer))
        found[f"right_{round_}"] = int(right)
    return found


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _hits(
    question: Question, answers: Sequence[Answer], counts: tuple[int, ...]
) -> tuple[int, ...]:
    """How many of those who are counted are right there."""
    if isinstance(question, Number):
        return question.counts([each for each in answers if question.right(each)])
    if isinstance(question, Place):
        near = [
            min(abs(place - true) for true in question.truth) <= question.near
            for place in range(len(counts))
        ]
        return tuple(count * each for count, each in zip(counts, near, strict=True))
    if isinstance(question, OneOf):
        return tuple(count * (k == question.truth) for k, count in enumerate(counts))
    return counts


def _is_seen(row: Bar) -> bool:
    return row.right or any(row.counts)


def _answered(rows: Sequence[Bar]) -> list[Bar]:
    """Without what nobody answered; a bar knows where such a part lies before it."""
    there = [place for place, row in enumerate(rows) if _is_seen(row)]
    gaps = [place - before > 1 for before, place in pairwise(there)]
    return [replace(rows[k], apart=gap) for k, gap in zip(there, (False, *gaps), strict=True)]


def _truth(asked: Asked) -> Answer:
    return asked.question.truth  # type: ignore[attr-defined]


def _labels(asked: Asked, count: int) -> list[str]:
    """What stands beside each bar."""
    question = asked.question
    if isinstance(question, Number):
        edges = [number(edge) for edge in question.edges()]
        return [say("class.range", low=a, high=b) for a, b in pairwise(edges)]
    if isinstance(question, Place):
        return [say(f"class.at_{question.axis}", place=place) for place in range(count)]
    if isinstance(question, Curve):
        pairs = zip(question.at, question.truth, strict=True)
        return [say("class.point", at=number(at), truth=number(truth)) for at, truth in pairs]
    named = asked.options
    texts = [named[k] if k < len(named) else str(k + 1) for k in range(count)]
    if isinstance(question, Order):
        order = [named[k] if k < len(named) else str(k + 1) for k in question.truth]
        return [
            say("class.in_order", place=place, thing=text) for place, text in enumerate(order, 1)
        ]
    assert isinstance(question, OneOf)
    return texts
