"""What is asked, and whether an answer is right: the same for a lesson, a class and a sheet.

A question is a value without words: its texts are its lesson's, its truth is computed. An answer is
plain: a number, or several; `Question.read` and `Question.write` are its form in an address, in a
browser's store and in a table.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from viz_app.text import say

Answer = int | float | tuple[int, ...] | tuple[float, ...]

SURE = (1, 2, 3)
"""How sure who answers is: a guess, fairly, certain. Told with an answer, or not."""

BINS = 10
"""Into how many parts the range of a number is divided where answers are counted."""

NOTCHES = 48
"""So many numbers a slider by powers of ten has."""

STARTS = (1 / 2, 1 / 4, 3 / 4, 0, 1)
"""Where in its range a number's slider may stand before it is moved."""

EXACT = 0.52
"""Of a slider's step: an answer so near is that of the nearest place, which is rounded a little."""

APART = "~"
"""Between the parts of an answer."""


class AnswerError(ValueError):
    """An answer that a question cannot have; the message says what can be answered."""


@dataclass(frozen=True)
class Question:
    """What is asked. A subclass has the truth, and what can be answered."""

    kind: ClassVar[str]

    def read(self, text: str) -> Answer:
        """An answer from its text.

        Raises
        ------
        AnswerError
            When that cannot be answered.
        """
        raise NotImplementedError

    def write(self, answer: Answer) -> str:
        """An answer as text."""
        parts = answer if isinstance(answer, tuple) else (answer,)
        return APART.join(f"{part:.6g}" for part in parts)

    def right(self, answer: Answer) -> bool:
        """Whether an answer is right, or near enough."""
        raise NotImplementedError

    def exact(self, answer: Answer) -> bool:
        """Whether a right answer is as near as an answer can be: else it is only close."""
        return self.right(answer)

    def counts(self, answers: Sequence[Answer]) -> tuple[int, ...]:
        """How many answered what, in the order of what can be answered."""
        raise NotImplementedError


@dataclass(frozen=True)
class OneOf(Question):
    """One of several.

    Attributes
    ----------
    options
        How many there are.
    truth
        The number of the right one, from 0.
    """

    kind: ClassVar[str] = "one"

    options: int
    truth: int

    def read(self, text: str) -> int:
        """The number of an option."""
        numbers = _whole(text, 1, self.options)
        if numbers is None:
            raise AnswerError(say("question.one_wrong", text=_brief(text), last=self.options - 1))
        return numbers[0]

    def right(self, answer: Answer) -> bool:
        """Whether it is the right one."""
        return answer == self.truth

    def counts(self, answers: Sequence[Answer]) -> tuple[int, ...]:
        """How many for each option."""
        return tuple(sum(answer == option for answer in answers) for option in range(self.options))


@dataclass(frozen=True)
class Number(Question):
    """A number between two others.

    Attributes
    ----------
    low, high, step
        What can be answered; ``log`` spreads it by powers of ten, where ``low`` is above 0.
    truth, near
        What is right, and how far from it an answer still is: of powers of ten where ``log``.
    """

    kind: ClassVar[str] = "number"

    low: float
    high: float
    truth: float
    near: float
    step: float = 0.01
    log: bool = False

    def read(self, text: str) -> float:
        """A number in the range."""
        numbers = _numbers(text, 1, self.low, self.high)
        if numbers is None:
            raise AnswerError(
                say("question.number_wrong", text=_brief(text), low=self.low, high=self.high)
            )
        return numbers[0]

    def right(self, answer: Answer) -> bool:
        """Whether it is near enough."""
        assert isinstance(answer, int | float)
        return math.isclose(self._at(answer), self._at(self.truth), abs_tol=self.near * (1 + 1e-9))

    def exact(self, answer: Answer) -> bool:
        """Whether no other place of the slider is nearer."""
        assert isinstance(answer, int | float)
        return abs(self._at(answer) - self._at(self.truth)) <= self.notch() * EXACT

    def counts(self, answers: Sequence[Answer]) -> tuple[int, ...]:
        """How many in each of ten parts of the range."""
        low, high = self._at(self.low), self._at(self.high)
        counts = [0] * BINS
        for answer in answers:
            assert isinstance(answer, int | float)
            part = int((self._at(answer) - low) / (high - low) * BINS)
            counts[min(max(part, 0), BINS - 1)] += 1
        return tuple(counts)

    def edges(self) -> tuple[float, ...]:
        """Where the ten parts begin, and the last ends."""
        low, high = self._at(self.low), self._at(self.high)
        places = (low + (high - low) * part / BINS for part in range(BINS + 1))
        return tuple(10**place if self.log else place for place in places)

    def notch(self) -> float:
        """From a place of the slider to the next: of powers of ten where ``log``."""
        if not self.log:
            return self.step
        return (self._at(self.high) - self._at(self.low)) / (NOTCHES - 1)

    def places(self) -> list[float]:
        """Where a slider can stand, from the lowest to the highest."""
        if not self.log:
            count = math.floor((self.high - self.low) / self.step + 1e-9)
            return [float(self.low + part * self.step) for part in range(count + 1)]
        low, high = self._at(self.low), self._at(self.high)
        shares = (part / (NOTCHES - 1) for part in range(1, NOTCHES - 1))
        between = [float(f"{10 ** (low + (high - low) * share):.2g}") for share in shares]
        return list(dict.fromkeys([float(self.low), *between, float(self.high)]))

    def start(self) -> float:
        """Where the slider stands at first: in the middle, or beside it where that is right."""
        there = self.places()
        starts = [there[round(share * (len(there) - 1))] for share in STARTS]
        return next((each for each in starts if not self.right(each)), starts[0])

    def _at(self, value: float) -> float:
        return math.log10(max(value, self.low)) if self.log else value


@dataclass(frozen=True)
class Place(Question):
    """One or more places in a picture, in no order: time steps, or units.

    Attributes
    ----------
    places
        How many there are; they are counted from 0.
    truth
        The right ones.
    near
        How far from the right one a place may be.
    axis
        What they are: ``"time"`` or ``"unit"``.
    """

    kind: ClassVar[str] = "place"

    places: int
    truth: tuple[int, ...]
    near: int = 0
    axis: str = "time"

    def read(self, text: str) -> tuple[int, ...]:
        """So many places as are right, each another."""
        count = len(self.truth)
        places = _whole(text, count, self.places)
        if places is None or len(set(places)) < count:
            raise AnswerError(
                say("question.place_wrong", text=_brief(text), count=count, last=self.places - 1)
            )
        return tuple(sorted(places))

    def right(self, answer: Answer) -> bool:
        """Whether each is near the right one: in their order, which is the best pairing."""
        assert isinstance(answer, tuple)
        pairs = zip(sorted(answer), sorted(self.truth), strict=True)
        return all(abs(place - true) <= self.near for place, true in pairs)

    def exact(self, answer: Answer) -> bool:
        """Whether these are the places."""
        assert isinstance(answer, tuple)
        return sorted(answer) == sorted(self.truth)

    def counts(self, answers: Sequence[Answer]) -> tuple[int, ...]:
        """How many for each place."""
        counts = [0] * self.places
        for answer in answers:
            assert isinstance(answer, tuple)
            for place in answer:
                counts[int(place)] += 1
        return tuple(counts)


@dataclass(frozen=True)
class Curve(Question):
    """A curve through some points.

    Attributes
    ----------
    at
        Where the points are.
    low, high
        Between which they lie.
    truth, near
        The right heights, and how far from them points may be on average.
    """

    kind: ClassVar[str] = "curve"

    at: tuple[float, ...]
    low: float
    high: float
    truth: tuple[float, ...]
    near: float

    def read(self, text: str) -> tuple[float, ...]:
        """A height for each point."""
        count = len(self.at)
        heights = _numbers(text, count, self.low, self.high)
        if heights is None:
            raise AnswerError(
                say(
                    "question.curve_wrong", text=_brief(text), count=count, low=self.low,
                    high=self.high,
                )
            )  # fmt: skip
        return heights

    def right(self, answer: Answer) -> bool:
        """Whether its points are near enough on average."""
        assert isinstance(answer, tuple)
        gaps = [abs(height - true) for height, true in zip(answer, self.truth, strict=True)]
        return sum(gaps) <= self.near * len(gaps) * (1 + 1e-9)

    def counts(self, answers: Sequence[Answer]) -> tuple[int, ...]:
        """For each point, how many are near enough there."""
        return tuple(
            sum(abs(answer[point] - true) <= self.near for answer in answers)  # type: ignore[index]
            for point, true in enumerate(self.truth)
        )


@dataclass(frozen=True)
class Order(Question):
    """Things to be put in order.

    Attributes
    ----------
    truth
        The numbers of the things, from 0 as they are told, in the right order.
    """

    kind: ClassVar[str] = "order"

    truth: tuple[int, ...]

    def read(self, text: str) -> tuple[int, ...]:
        """Each thing once."""
        count = len(self.truth)
        order = _whole(text, count, count)
        if order is None or len(set(order)) < count:
            raise AnswerError(say("question.order_wrong", text=_brief(text), count=count))
        return order

    def right(self, answer: Answer) -> bool:
        """Whether each is in its place."""
        return answer == self.truth

    def counts(self, answers: Sequence[Answer]) -> tuple[int, ...]:
        """For each place, how many put the right thing there."""
        return tuple(
            sum(answer[place] == true for answer in answers)  # type: ignore[index]
            for place, true in enumerate(self.truth)
        )


def _brief(text: str) -> str:
    return text[:40]


def _whole(text: str, count: int, below: int) -> tuple[int, ...] | None:
    parts = text.split(APART)
    numbers = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 7]
    if len(numbers) != count or len(parts) != count or any(number >= below for number in numbers):
        return None
    return tuple(numbers)


def _numbers(text: str, count: int, low: float, high: float) -> tuple[float, ...] | None:
    parts = text.split(APART, count)
    try:
        numbers = tuple(float(part) for part in parts)
    except ValueError:
        return None
    if len(numbers) != count or not all(low <= number <= high for number in numbers):
        return None
    return numbers
