"""What a lesson asks, in words: the question it becomes once its facts are computed, and what is
said of an answer. `viz_app.features.lessons.lesson` says how a file writes it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from viz_app.features.lessons.words import LessonError, fact, fill, said
from viz_app.kit import words
from viz_app.kit.chart.guessed import Mark
from viz_app.kit.question import Answer, Curve, Number, OneOf, Order, Place, Question

AXES = ("time", "unit")
ON = ("time", "height", "rows")
"""Where on its view a number may be drawn, see `viz_app.kit.chart.guessed.Mark`."""

NAMED = {"axis": AXES, "on": ON}
"""Settings that are one of these."""

OTHER, LOW, HIGH = "other", "low", "high"


@dataclass(frozen=True)
class Asked:
    """A question of a lesson, in words, and where its truth is.

    Attributes
    ----------
    id
        Of its step, or its own at the end.
    kind
        One of `KEYS`.
    asks
        What is asked.
    options
        Of one and order: their words by id.
    truth
        The name of the fact that is right.
    settings
        What else it has, `KEYS`: numbers, or names of facts.
    because
        Why it is right: by the right option's id, or under ``""``.
    wrong
        What is said of a wrong answer, by the name of that answer.
    typical
        Which answer that is: the name of a fact.
    of
        The earlier lesson that it is from; "" is this one.
    titles
        Of a number its unit, of a curve its axes.
    """

    id: str
    kind: str
    asks: str
    options: Mapping[str, str]
    truth: str
    settings: Mapping[str, Any]
    because: Mapping[str, str]
    wrong: Mapping[str, str]
    typical: Mapping[str, str]
    of: str
    titles: Mapping[str, str]

    def question(self, facts: Mapping[str, Any]) -> Question:
        """What is asked, as a value.

        Raises
        ------
        LessonError
            When the facts do not fit.
        """
        truth = fact(self.truth, facts)
        try:
            made = self._question(truth, facts)
            made.read(made.write(self.answer(truth)))
        except (ValueError, TypeError, AssertionError) as error:
            raise LessonError(
                f"{self.id}: {self.truth} = {truth!r} is no answer: {error}"
            ) from error
        return made

    def mark(self, facts: Mapping[str, Any]) -> Mark | None:
        """Where on its view's chart a guess is drawn; None where that has no such axis."""
        if self.kind == "place":
            return Mark("unit" if self.settings.get("axis") == "unit" else "step")
        if self.kind != "number" or "on" not in self.settings:
            return None
        at, times = (self.settings.get(key, usual) for key, usual in (("at", 0), ("times", 1)))
        return Mark(
            self.settings["on"],
            *(float(fact(each, facts) if isinstance(each, str) else each) for each in (at, times)),
        )

    def told(self, facts: Mapping[str, Any]) -> "Asked":
        """The same with its facts in what is asked and in what can be answered."""
        options = {name: fill(text, facts) for name, text in self.options.items()}
        titles = {name: fill(text, facts) for name, text in self.titles.items()}
        return replace(self, asks=fill(self.asks, facts, options), options=options, titles=titles)

    def reason(self, facts: Mapping[str, Any]) -> str:
        """Why the right answer is right."""
        said = self.because.get("") or self.because[str(fact(self.truth, facts))]
        return fill(said, facts, self.options)

    def said_of(self, answer: Answer, facts: Mapping[str, Any]) -> str:
        """What is said of a wrong answer; "" where there is nothing, and of a right one."""
        question = self.question(facts)
        if question.right(answer):
            return ""
        return fill(self.wrong.get(self._named(question, answer, facts), ""), facts, self.options)

    def said(self, answer: Answer) -> str:
        """An answer in words."""
        ids = list(self.options)
        if self.kind == "one":
            return self.options[ids[int(answer)]]  # type: ignore[arg-type]
        if self.kind == "order":
            return " → ".join(self.options[ids[int(each)]] for each in answer)  # type: ignore[union-attr]
        if self.kind == "number":
            unit = self.unit(answer)
            space = "" if unit == "%" else " "
            return f"{words.number(float(answer))}{space}{unit}".strip()  # type: ignore[arg-type]
        return said(answer, "number" if self.kind == "curve" else "", {})

    def unit(self, answer: Answer | None = None) -> str:
        """The unit of a number, in the form that an answer takes, or in that for many."""
        forms = self.titles.get("unit", "").split(words.FORMS)
        return forms[0 if answer == 1 else -1]

    def _named(self, question: Question, answer: Answer, facts: Mapping[str, Any]) -> str:
        if self.kind == "one":
            name = list(self.options)[int(answer)]  # type: ignore[arg-type]
            return name if name in self.wrong else OTHER
        for name, source in self.typical.items():
            if self._like(question, answer, fact(source, facts)):
                return name
        if isinstance(question, Number | Curve):
            gap = float(np.mean(answer) - np.mean(question.truth))
            name = LOW if gap < 0 else HIGH
            return name if name in self.wrong else OTHER
        return OTHER

    def _like(self, question: Question, answer: Answer, typical: Any) -> bool:
        """Whether an answer is that one; of places, whether one of them is there."""
        if isinstance(question, Place):
            assert isinstance(answer, tuple)
            places = typical if isinstance(typical, tuple) else (typical,)
            return any(abs(one - other) <= question.near for one in answer for other in places)
        return replace(question, truth=self.answer(typical)).right(answer)  # type: ignore[call-arg]

    def answer(self, truth: Any) -> Answer:
        """A fact as an answer."""
        ids = list(self.options)
        if self.kind == "one":
            return ids.index(truth)
        if self.kind == "order":
            return tuple(ids.index(each) for each in truth)
        if self.kind == "place":
            return tuple(sorted(truth)) if isinstance(truth, tuple | list) else (int(truth),)
        if self.kind == "curve":
            return tuple(float(each) for each in truth)
        return float(truth)

    def _question(self, truth: Any, facts: Mapping[str, Any]) -> Question:
        is_fact = {key: value for key, value in self.settings.items() if key not in NAMED}
        has = dict(self.settings) | {
            key: fact(value, facts) for key, value in is_fact.items() if isinstance(value, str)
        }
        right: Any = self.answer(truth)
        if self.kind == "one":
            return OneOf(len(self.options), right)
        if self.kind == "order":
            return Order(right)
        if self.kind == "place":
            return Place(has["places"], right, has.get("near", 0), has.get("axis", AXES[0]))
        if self.kind == "curve":
            at = tuple(float(each) for each in has["at"])
            return Curve(at, has["low"], has["high"], right, has["near"])
        more = {key: has[key] for key in ("step", "log") if key in has}
        return Number(has["low"], has["high"], right, has["near"], **more)
