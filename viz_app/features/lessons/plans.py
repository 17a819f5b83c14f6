"""A class from its first minute to its last: which lessons, when, and what is left out."""

from collections.abc import Iterator
from dataclasses import dataclass

from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.lesson import lesson, names
from viz_app.features.lessons.value import Lesson
from viz_app.features.lessons.words import fill
from viz_app.kit.document import Block, Document, Heading, Table, Text
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.words import joined
from viz_app.text import language, say

WIDTHS = (0.12, 0.28, 0.6)
"""Of the columns: minutes, lesson, how it begins."""


@dataclass(frozen=True)
class Plan:
    """A class of some minutes.

    Attributes
    ----------
    minutes
        In all.
    lessons
        Their numbers, in order.
    opening, closing
        Minutes before the first lesson and after the last; the lessons share the rest.
    """

    minutes: int
    lessons: tuple[int, ...]
    opening: int
    closing: int

    @property
    def each(self) -> int:
        """Minutes of a lesson, with the second vote."""
        return (self.minutes - self.opening - self.closing) // len(self.lessons)


PLANS = {
    "ninety": Plan(90, (1, 3, 4, 5, 6, 7), opening=5, closing=7),
    "forty_five": Plan(45, (4, 6, 7), opening=4, closing=5),
}


def document(name: str, recordings: Recordings = HERE) -> Document:
    """A plan on paper, in the reader's language."""
    plan, told = PLANS[name], {each.number: each for each in map(lesson, names())}
    here = [told[number] for number in plan.lessons if number in told]
    left = [each for number, each in told.items() if number not in plan.lessons]
    return Document(
        say(f"sheets.plan_{name}"), language(), tuple(_blocks(name, plan, here, left, recordings)),
        say("sheets.plan_lessons", lessons=joined([quoted(each) for each in here])),
        say("sheets.plan_foot"),
    )  # fmt: skip


def _blocks(
    name: str, plan: Plan, here: list[Lesson], left: list[Lesson], recordings: Recordings
) -> Iterator[Block]:
    yield Text(say("sheets.plan_before"))
    yield Heading(say("sheets.plan_minutes"))
    yield Table(
        tuple(say(f"sheets.plan_column_{column}") for column in ("minute", "what", "how")),
        tuple(_rows(plan, here, recordings)),
        WIDTHS,
    )
    yield Text(say("sheets.rounds"), framed=True)
    if left:
        yield Heading(say("sheets.plan_left"))
        lessons = [say("sheets.plan_of", number=each.number, title=each.title) for each in left]
        yield Text(say(f"sheets.plan_left_{name}", lessons=joined(lessons)))
    for each in here:
        for earlier in left:
            if any(asked.of == earlier.id for asked in each.closing):
                yield Text(say("sheets.plan_skip", number=each.number, lesson=quoted(earlier)))
    yield Heading(say("sheets.plan_late"))
    yield Text(say("sheets.plan_late_how"))


def quoted(told: Lesson) -> str:
    """A lesson's title as a sentence names it."""
    return say("sheets.quoted", title=told.title)


def _rows(plan: Plan, here: list[Lesson], recordings: Recordings) -> Iterator[tuple[str, ...]]:
    at = 0
    for what, how, minutes in [
        (say("sheets.plan_opening"), say("sheets.plan_opening_how"), plan.opening),
        *(
            (
                say("sheets.plan_lesson", number=each.number, title=each.title),
                fill(each.teacher["begin"], facts_of(each.id, recordings)),
                plan.each,
            )
            for each in here
        ),
        (say("sheets.plan_closing"), say("sheets.plan_closing_how"), plan.closing),
    ]:
        yield f"{at}–{at + minutes}", what, how
        at += minutes
