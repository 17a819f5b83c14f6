"""What a lesson asks, in words: the question it becomes once its facts are computed, and what is
said of an answer. `viz_app.features.lessons.lesson` says how a file writes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from string import Formatter
from typing import Any

import numpy as np

from viz_app.kit import words
from viz_app.kit.question import Answer, Curve, Number, OneOf, Order, Place, Question
from viz_app.text import filled

KEYS: dict[str, tuple[str, ...]] = {
    "one": (),
    "number": ("low", "high", "near", "step", "log"),
    "place": ("places", "near", "axis"),
    "curve": ("at", "low", "high", "near"),
    "order": (),
}
"""What a question of each kind has besides its words."""

NEEDED: dict[str, tuple[str, ...]] = {
    "one": (), "number": ("low", "high", "near"), "place": ("places",),
    "curve": ("at", "low", "high", "near"), "order": (),
}  # fmt: skip

COMMON = ("kind", "truth", "of", "typical", "options", "wrong", "because", "asks")
TEXTS: dict[str, tuple[str, ...]] = {"number": ("unit",), "curve": ("x", "y")}
AXES = ("time", "unit")

WRITE: dict[str, Callable[[float], str]] = {
    "percent": words.percent, "digits": words.digits, "brief": words.brief,
}  # fmt: skip
"""How a fact is said where the braces name it."""

OTHER, LOW, HIGH = "other", "low", "high"


class LessonError(ValueError):
    """A lesson's file that is wrong, or facts that do not fit it."""


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
        return said(answer, "", {})

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
        is_fact = {key: value for key, value in self.settings.items() if key != "axis"}
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


def asked_of(name: str, told: Mapping[str, Any], where: str) -> Asked:
    """A question from its part of a file."""
    kind = told.get("kind")
    if kind not in KEYS:
        raise LessonError(f"{where}.kind is one of {', '.join(KEYS)}, not {kind!r}")
    titles = TEXTS.get(kind, ())
    only(told, (*COMMON, *KEYS[kind], *titles), where)
    if missing := [key for key in NEEDED[kind] if key not in told]:
        raise LessonError(f"{where} has no {', '.join(missing)}")
    for key in KEYS[kind]:
        _setting(key, told.get(key, 0), f"{where}.{key}")
    options = told.get("options", {})
    if kind in ("one", "order"):
        if len(options) < 2:
            raise LessonError(f"{where}.options: a question of kind {kind} has two or more")
    elif options:
        raise LessonError(f"{where}.options are for one and order")
    because = told.get("because", "")
    reasons = dict(because) if isinstance(because, Mapping) else {"": because}
    if isinstance(because, Mapping) and (kind != "one" or set(because) != set(options)):
        raise LessonError(f"{where}.because has words for each option of a question of kind one")
    wrong, typical = told.get("wrong", {}), told.get("typical", {})
    there = {OTHER, *typical, *(options if kind == "one" else ())}
    there |= {LOW, HIGH} if kind in ("number", "curve") else set()
    if strange := [key for key in wrong if key not in there]:
        raise LessonError(
            f"{where}.wrong: {', '.join(strange)} is none of {', '.join(sorted(there))}"
        )
    if unsaid := [key for key in typical if key not in wrong]:
        raise LessonError(f"{where}.typical: nothing is said of {', '.join(unsaid)} in wrong")
    texts = texts_of(told, ("asks", "truth", "of", *titles), ("asks", "truth"), where)
    for each in reasons.values():
        texts_of({"because": each}, ("because",), ("because",), where)
    settings = {key: _listed(told[key]) for key in KEYS[kind] if key in told}
    return Asked(
        name, kind, texts["asks"], dict(options), texts["truth"], settings, reasons, dict(wrong),
        dict(typical), texts["of"], {key: texts[key] for key in titles},
    )  # fmt: skip


def only(told: Mapping[str, Any], keys: Sequence[str], where: str) -> None:
    """Nothing stands there but what may.

    Raises
    ------
    LessonError
        When there is more.
    """
    if strange := [key for key in told if key not in keys]:
        raise LessonError(f"{where}: {', '.join(strange)} is none of {', '.join(keys)}")


def texts_of(
    told: Mapping[str, Any], keys: Sequence[str], needed: Sequence[str], where: str
) -> dict[str, str]:
    """Texts by key, "" where there is none.

    Raises
    ------
    LessonError
        When one is missing or is no text.
    """
    for key in keys:
        text = told.get(key, "")
        if not isinstance(text, str) or (key in needed and not text.strip()):
            raise LessonError(f"{where}.{key} has to be a text, not {text!r}")
    return {key: told.get(key, "") for key in keys}


def fact(name: str, facts: Mapping[str, Any]) -> Any:
    """A fact by its name.

    Raises
    ------
    LessonError
        When there is none.
    """
    if name not in facts:
        raise LessonError(f"there is no fact {name!r}; there are {', '.join(facts)}")
    return facts[name]


def braces(text: str) -> list[str]:
    """The facts that a text names."""
    return [name for _, name, _, _ in Formatter().parse(text) if name is not None]


def fill(text: str, facts: Mapping[str, Any], options: Mapping[str, str] | None = None) -> str:
    """A text with its facts."""
    named = {name: _Said(fact(name, facts), options or {}) for name in braces(text)}
    return filled(text, named)


class _Said:
    """A fact as a sentence says it."""

    def __init__(self, value: Any, options: Mapping[str, str]) -> None:
        self.value, self.options = value, options

    def __format__(self, how: str) -> str:
        return said(self.value, how, self.options)


def said(value: Any, how: str, options: Mapping[str, str]) -> str:
    """A fact in words: an option, a list, or a number as the braces say."""
    if isinstance(value, str):
        return options.get(value, value)
    if isinstance(value, tuple | list):
        return words.joined([said(each, how, options) for each in value])
    if how in WRITE:
        return WRITE[how](float(value))
    if how:
        return filled(f"{{value:{how}}}", {"value": value})
    whole = isinstance(value, int | np.integer)
    return words.decimals(float(value), 0 if whole else 2)


def _setting(key: str, value: Any, where: str) -> None:
    if key == "axis":
        if value and value not in AXES:
            raise LessonError(f"{where} is one of {', '.join(AXES)}, not {value!r}")
    elif not (isinstance(value, int | float | str) or (key == "at" and isinstance(value, list))):
        raise LessonError(f"{where} is a number, or the name of a fact, not {value!r}")


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
