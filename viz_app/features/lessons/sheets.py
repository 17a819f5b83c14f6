"""A lesson on paper: the student's sheet with room to answer, the teacher's with the answers."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import pandas as pd

from viz_app.features import view
from viz_app.features.lessons import chart_paper, guesses
from viz_app.features.lessons.asked import Asked
from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.lesson import TEACHER, lesson, names
from viz_app.features.lessons.value import Address, Lesson, Step
from viz_app.features.lessons.words import fill
from viz_app.kit.chart.window import Look
from viz_app.kit.document import (
    Block,
    Document,
    Heading,
    Lines,
    Options,
    Picture,
    Text,
)
from viz_app.kit.figure import Figure
from viz_app.kit.figure_layout import Layout
from viz_app.kit.question import Curve, Number, Question
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.words import counted, decimals, joined, number, spoken
from viz_app.text import language, say

Kind = Literal["student", "teacher"]
KINDS: tuple[Kind, ...] = ("student", "teacher")

PAPER = Layout(millimetres=174.0, points=8.0, height=120.0)
"""How a view is drawn for a sheet."""

Facts = Mapping[str, Any]


def sheet(name: str, kind: Kind, recordings: Recordings = HERE) -> Document:
    """A lesson's sheet, in the reader's language.

    Parameters
    ----------
    name
        The lesson's id.
    kind
        For whom it is.
    recordings
        Whence its numbers and pictures come.

    Raises
    ------
    LessonError
        When there is no such lesson.
    """
    told = lesson(name)
    facts = facts_of(name, recordings)
    blocks = (_student if kind == "student" else _teacher)(told, facts, recordings)
    subtitle = counted("sheets.minutes", told.minutes)
    if there := [each for each in told.after if each in names()]:
        before = joined([lesson(each).title for each in there])
        subtitle = say("sheets.after", minutes=subtitle, lessons=before)
    foot = say(f"sheets.foot_{kind}", number=told.number, title=told.title)
    return Document(f"{told.number} · {told.title}", language(), tuple(blocks), subtitle, foot)


def _student(told: Lesson, facts: Facts, recordings: Recordings) -> Iterator[Block]:
    yield Text(say("sheets.goal", goal=say("lessons.goal", goal=fill(told.goal, facts))))
    yield Text(say("sheets.answer_first"), quiet=True)
    for place, step in enumerate(told.steps, 1):
        yield Heading(str(place))
        seen = step.before if step.question else step.view
        yield Text(fill(step.words, facts), tied=seen is not None)
        yield from _picture(seen, recordings)
        if step.question is not None:
            yield from _to_answer(step.question, facts)
        if step.change:
            yield Text(say("sheets.change", told=fill(step.change, facts)))
            yield Lines(1)
        if step.build is not None:
            yield Text(say("sheets.build"))
            if step.build.hint:
                yield Text(say("sheets.hint", told=fill(step.build.hint, facts)), quiet=True)
            yield Lines(2)
    yield Heading(say("sheets.closing"))
    for asked in told.closing:
        yield from _to_answer(asked, facts)


def _to_answer(asked: Asked, facts: Facts) -> Iterator[Block]:
    """A question, and room for the answer."""
    question, asked = asked.question(facts), asked.told(facts)
    yield Text(f"**{asked.asks}**", tied=True)
    if asked.options:
        yield Options(tuple(asked.options.values()))
    yield Text(_how(asked, question), quiet=True)
    if isinstance(question, Curve):
        yield _to_draw(asked, question)
    elif asked.kind != "one":
        yield Lines(1)


def _how(asked: Asked, question: Question) -> str:
    """How it is answered on paper, and how sure one is."""
    values: dict[str, str] = {}
    if isinstance(question, Number):
        values = {"low": number(question.low), "high": number(question.high),
                  "unit": asked.unit()}  # fmt: skip
    how = say(f"sheets.how_{question.kind}", **values)
    return say("sheets.and_sure", how=" ".join(how.split()))


def _to_draw(asked: Asked, question: Curve) -> Picture:
    """Empty axes with a rule at each point."""
    titles = asked.titles["x"], asked.titles["y"]
    low, high = question.low, question.high

    def draw(width: int, look: Look) -> Any:
        return chart_paper.axes(question.at, low, high, titles, width, look.theme)

    drawn = Figure(draw, pd.DataFrame, told=lambda: ": ".join(titles)).set(PAPER)
    return Picture(drawn.spec, drawn.pixels, drawn.spec["description"], 0.8)


def _teacher(told: Lesson, facts: Facts, recordings: Recordings) -> Iterator[Block]:
    yield Text(say("sheets.goal", goal=say("lessons.goal", goal=fill(told.goal, facts))))
    for note in TEACHER:
        yield Text(say(f"sheets.note_{note}", told=fill(told.teacher[note], facts)))
    yield Text(say("sheets.rounds"), quiet=True)
    for place, step in enumerate(told.steps, 1):
        yield Heading(say("sheets.step", number=place))
        yield Text(fill(step.words, facts), tied=step.question is not None or step.view is not None)
        if step.question is not None:
            yield from _answered(step.question, facts)
        yield from _picture(step.view, recordings, step.question, facts)
        yield from _rest(step, facts)
    yield Heading(say("sheets.closing"))
    for asked in told.closing:
        yield from _answered(asked, facts)


def _rest(step: Step, facts: Facts) -> Iterator[Block]:
    if step.then:
        yield Text(fill(step.then, facts))
    if step.change:
        yield Text(say("sheets.change", told=fill(step.change, facts)))
    if step.build is not None:
        if step.build.hint:
            yield Text(say("sheets.hint", told=fill(step.build.hint, facts)))
        yield Text(say("sheets.reached", told=fill(step.build.reached, facts)))


def _answered(asked: Asked, facts: Facts) -> Iterator[Block]:
    """A question with its answer, the reason, and what to say of wrong ones."""
    question, asked = asked.question(facts), asked.told(facts)
    right: Any = question.truth  # type: ignore[attr-defined]
    of = say("sheets.of", lesson=lesson(asked.of).title) if asked.of in names() else ""
    yield Text(spoken(f"**{asked.asks}**", of), tied=True)
    one = asked.kind == "one"
    if one:
        yield Options(tuple(asked.options.values()), right)
    answer = "" if one else say("sheets.right", answer=_right(asked, question, right))
    wrong = list(asked.wrong.items())
    yield Text(spoken(answer, asked.reason(facts)), framed=True, tied=bool(wrong))
    for place, (name, said) in enumerate(wrong, 1):
        told = say(
            "sheets.wrong", who=_who(asked, name, facts), told=fill(said, facts, asked.options)
        )
        yield Text(told, quiet=True, tied=place < len(wrong))


def _right(asked: Asked, question: Question, right: Any) -> str:
    if isinstance(question, Curve):
        return joined(
            [
                say("sheets.point", x=number(at), y=decimals(height, 2))
                for at, height in zip(question.at, right, strict=True)
            ]
        )
    return asked.said(right)


def _who(asked: Asked, name: str, facts: Facts) -> str:
    """Which wrong answer is meant."""
    if name in asked.typical:
        return asked.said(asked.answer(facts[asked.typical[name]]))
    if name in asked.options:
        return asked.options[name]
    return say(f"sheets.wrong_{name}")


def _picture(
    address: Address | None, recordings: Recordings, asked: Asked | None = None,
    facts: Facts | None = None,
) -> Iterator[Block]:  # fmt: skip
    """A view, where there is one; with a question also its answer, where the view has its axis."""
    if address is not None:
        name, choices = address
        figure = guesses.figure(view(name, (), dict(choices)), asked, facts or {}, recordings)
        drawn = figure.set(PAPER)
        yield Picture(drawn.spec, drawn.pixels, drawn.spec["description"])
