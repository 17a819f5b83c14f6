"""Lessons as files: what a lesson is made of, and how it is read.

``text/en/lessons/NN_name.toml`` is the master: what the lesson is made of, and its English words.
``text/zh/lessons/NN_name.toml`` has the words alone, under the same keys. The lesson's id is
``name``. **No number that is computed is typed**: braces in words are facts, which
``facts/name.py`` computes (see `viz_app.features.lessons.facts`).

.. code-block:: toml

    minutes = 10
    after = ["a_state"]                  # ids of the lessons that come before; [] for none
    title = "Write, keep, show"          # (words)
    goal = "say what each gate does."       # (words) what one can do afterwards

    [teacher]                            # (words) of the teacher's sheet: each of them
    begin = "…"                          # how to begin, what to say
    believe = "…"                        # what students believe, and why it is wrong
    expect = "…"                         # which answers to expect
    fails = "…"                          # what to say when something fails
    skip = "…"                           # what to skip, and what to do if the class is quick

    [steps.guess_place]                  # a step's id, which its address has; they come in order
    words = "Fifty numbers arrive …"     # (words) Markdown; at most three short sentences is best
    view = "start?variant=trained"       # what is seen: a name of viz_app.features.VIEWS and its
                                         # choices, as an address has them; left out: no picture
    before = "start?pictures=none"       # what is seen until the step's question is answered;
                                         # "" is no picture; left out: the view too, which then must
                                         # not give away the answer
    controls = ["variant"]               # choices of the view that may be changed, at most three
    change = "Drag the second mark …"    # (words) a thing to do with the controls, and to see
    then = "Nobody told it …"            # (words) said after the answer, or nothing

    [steps.guess_place.question]
    kind = "place"                       # one, number, place, curve, order
    asks = "At which steps do you open?" # (words)
    truth = "marks"                      # the NAME of the fact that is right
    because = "Only … count."            # (words) why it is right
    [steps.guess_place.question.wrong]   # (words) what is said of a typical wrong answer
    end = "That is the output gate's job."
    [steps.guess_place.question.typical] # which answer that is: the NAME of a fact; one kind needs
    end = "last_step"                    # none (an option's id), nor do low and high

    [steps.build]
    words = "Here are all 22 numbers …"
    [steps.build.build]
    goal = "adder22"                     # a module of viz_app.features.lessons.builds
    hint = "…"                           # (words) shown when asked for
    reached = "…"                        # (words) said when the goal is reached

    [closing.wipe]                       # exactly three questions at the end, each as above
    kind = "one"
    asks = "Which gate would you hold at 0 to wipe the memory?"
    truth = "wiping_gate"
    because = "…"
    of = "a_state"                       # where the question is from an earlier lesson: its id
    [closing.wipe.options]               # (words) in the order in which they are offered
    input_gate = "write"
    forget_gate = "keep"
    output_gate = "show"

What each kind has besides ``asks``, ``truth`` and ``because``; a number here may be the name of a
fact, so that nothing is typed twice:

====== ============================================================== ==========================
kind   keys                                                           the fact named by ``truth``
====== ============================================================== ==========================
one    ``options`` (words by id)                                      the right option's id
number ``low``, ``high``, ``near`` (how far off is still right),      a number
       ``step`` (0.01), ``log`` (false; then ``near`` counts powers
       of ten), ``unit`` (words: "step | steps"); ``on``, ``at``,
       ``times``: where the view has its axis, see below
place  ``places`` (how many there are, from 0), ``near`` (0),         a whole number, or a tuple
       ``axis`` ("time" or "unit")
curve  ``at`` (where the points are: a list, or a fact), ``low``,     a tuple, a height a point
       ``high``, ``near`` (on average), ``x`` and ``y`` (words: the
       titles of the axes)
order  ``options`` (words by id; not in the right order)              a tuple of all ids
====== ============================================================== ==========================

``because`` may be a table of words by the right answer (``one`` alone): other networks, other
reasons. ``wrong`` of number and curve has ``low`` and ``high`` too: below and above the right one;
``other`` stands for any wrong answer without words of its own.

A number whose axis its view has is drawn there: ``on = "time"`` as so many steps from step ``at``
on (of rows of a task), ``on = "height"`` at step ``at`` and so many ``times`` high (of lines),
``on = "rows"`` as a line below so many units (of Gates).

Braces: ``{mark1}`` is a fact. A whole number is written with thousands, another one with two
digits after the point; ``{left:percent}``, ``{left:digits}`` (any size), ``{life:brief}`` (three
digits), ``{left:number}`` (as the answer to a question is written) or Python's own ``{left:.3f}``
say it otherwise. A tuple is a list ("6 and 35"), with the same formats. A fact that is an option's
id is said as that option. ``{{`` and ``}}`` are braces.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import viz_app.text as speech
from viz_app.features import VIEWS
from viz_app.features.lessons.asked_read import asked_of, only, texts_of
from viz_app.features.lessons.value import Address, Goal, Lesson, Step
from viz_app.features.lessons.words import LessonError
from viz_app.kit.choice import KINDS
from viz_app.text import DEFAULT, language

MOST_CONTROLS = 3
CLOSING = 3
"""So many questions stand at the end."""

TEACHER = ("begin", "believe", "expect", "fails", "skip")
"""What the teacher's sheet says."""

LESSON_WORDS = ("title", "goal")
STEP_WORDS = ("words", "change", "then")
BUILD_WORDS = ("hint", "reached")
QUESTION_WORDS = ("asks", "because", "unit", "x", "y")
TABLES = ("options", "wrong", "because", "teacher")
"""Tables of words by any key."""


def names() -> tuple[str, ...]:
    """The ids of all lessons, in order."""
    return tuple(_files(speech.FOLDER / DEFAULT / "lessons"))


def lesson(name: str, chosen: str = "") -> Lesson:
    """A lesson by its id, in a language; "" is the reader's. What that lacks is English.

    Raises
    ------
    LessonError
        When there is none, or its file is wrong.
    """
    return _lesson(speech.FOLDER, name, chosen or language())


def read(path: Path, words: Path | None = None) -> Lesson:
    """A lesson from its master, and from another language's words.

    Raises
    ------
    LessonError
        When a file is wrong; the message says what, where, and what may stand there.
    """
    told = _toml(path)
    if words is not None:
        told = _in_words(told, _toml(words), words.name)
    number, _, name = path.stem.partition("_")
    if not (number.isdigit() and name.isidentifier()):
        raise LessonError(f"a lesson's file is NN_name.toml, not {path.name}")
    try:
        return _made(name, int(number), told)
    except LessonError as error:
        raise LessonError(f"{path.name}: {error}") from error


@cache
def _lesson(folder: Path, name: str, chosen: str) -> Lesson:
    masters = _files(folder / DEFAULT / "lessons")
    if name not in masters:
        raise LessonError(f"there is no lesson {name!r}; there are {', '.join(masters)}")
    path = masters[name]
    words = folder / chosen / "lessons" / path.name
    return read(path, words if chosen != DEFAULT and words.exists() else None)


def _files(folder: Path) -> dict[str, Path]:
    return {path.stem.partition("_")[2]: path for path in sorted(folder.glob("[0-9]*_*.toml"))}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LessonError(f"{path.name} cannot be read: {error}") from error


def words_of(told: Mapping[str, Any]) -> dict[str, str]:
    """All words of a lesson's file by where they stand: ``steps.guess_place.question.asks``."""
    found: dict[str, str] = {}

    def walk(table: Mapping[str, Any], path: tuple[str, ...]) -> None:
        for key, value in table.items():
            if isinstance(value, Mapping):
                walk(value, (*path, key))
            elif isinstance(value, str) and is_words((*path, key)):
                found[".".join((*path, key))] = value

    walk(told, ())
    return found


def is_words(path: tuple[str, ...]) -> bool:
    """Whether words stand there: all else is what a lesson is made of."""
    *above, key = path
    if above and above[-1] in TABLES:
        return True
    inside = {0: LESSON_WORDS, 2: STEP_WORDS if above[:1] == ["steps"] else QUESTION_WORDS}
    of_parts = {"question": QUESTION_WORDS, "build": BUILD_WORDS}
    return key in inside.get(len(above), of_parts.get(above[-1] if above else "", ()))


def _in_words(master: dict[str, Any], other: dict[str, Any], name: str) -> dict[str, Any]:
    """The master with its words in another language."""
    words, there = words_of(other), words_of(master)

    def strays(table: Mapping[str, Any], path: str = "") -> None:
        for key, value in table.items():
            if isinstance(value, Mapping):
                strays(value, f"{path}{key}.")
            elif f"{path}{key}" not in there:
                raise LessonError(f"{name}: {path}{key} is no text of the English lesson")

    strays(other)

    def put(table: Mapping[str, Any], path: str = "") -> dict[str, Any]:
        return {
            key: put(value, f"{path}{key}.") if isinstance(value, Mapping)
            else words.get(f"{path}{key}", value)
            for key, value in table.items()
        }  # fmt: skip

    return put(master)


def _made(name: str, number: int, told: dict[str, Any]) -> Lesson:
    only(told, ("minutes", "after", *LESSON_WORDS, "teacher", "steps", "closing"), "the lesson")
    for key, kind in (("minutes", int), ("after", list), ("steps", dict), ("closing", dict)):
        if not isinstance(told.get(key), kind):
            raise LessonError(f"{key} has to be given, as {kind.__name__}")
    for part in ("steps", "closing"):
        for key in told[part]:
            if not key.isidentifier() or key in ("closing", *TABLES):
                raise LessonError(f"{part}.{key}: an id is a name in letters, digits and _")
    teacher = told.get("teacher", {})
    only(teacher, TEACHER, "teacher")
    if missing := [key for key in TEACHER if not teacher.get(key)]:
        raise LessonError(f"teacher has no {', '.join(missing)}")
    closing = tuple(asked_of(key, each, f"closing.{key}") for key, each in told["closing"].items())
    if len(closing) != CLOSING:
        raise LessonError(f"{CLOSING} questions stand at the end (closing), not {len(closing)}")
    steps = tuple(_step(key, each) for key, each in told["steps"].items())
    if not steps:
        raise LessonError("steps has none")
    texts = texts_of(told, LESSON_WORDS, LESSON_WORDS, "the lesson")
    return Lesson(
        name, number, told["minutes"], tuple(told["after"]), texts["title"], texts["goal"],
        teacher, steps, closing,
    )  # fmt: skip


def _step(name: str, told: dict[str, Any]) -> Step:
    where = f"steps.{name}"
    only(told, (*STEP_WORDS, "view", "before", "controls", "question", "build"), where)
    texts = texts_of(told, STEP_WORDS, ("words",), where)
    question = told.get("question")
    view = _address(told.get("view", ""), f"{where}.view")
    before = _address(told["before"], f"{where}.before") if "before" in told else view
    if "before" in told and question is None:
        raise LessonError(f"{where}: before is for a step with a question")
    controls = tuple(told.get("controls", ()))
    if unknown := [each for each in controls if each not in KINDS]:
        raise LessonError(f"{where}.controls: {', '.join(unknown)} is no choice of a view")
    if len(controls) > MOST_CONTROLS:
        raise LessonError(f"{where}.controls: at most {MOST_CONTROLS}, not {len(controls)}")
    if controls and view is None:
        raise LessonError(f"{where}.controls: there is no view to change")
    return Step(
        name, texts["words"], view, before, controls, texts["change"], texts["then"],
        None if question is None else asked_of(name, question, f"{where}.question"),
        None if "build" not in told else _goal(told["build"], f"{where}.build"),
    )  # fmt: skip


def _goal(told: dict[str, Any], where: str) -> Goal:
    only(told, ("goal", *BUILD_WORDS), where)
    texts = texts_of(told, ("goal", *BUILD_WORDS), ("goal", "reached"), where)
    if not texts["goal"].isidentifier():
        raise LessonError(f"{where}.goal is the name of a module, not {texts['goal']!r}")
    return Goal(texts["goal"], texts["hint"], texts["reached"])


def _address(text: str, where: str) -> Address | None:
    """``"gates?run=adding-lstm&example=3"`` as a view's name and its choices."""
    if not text:
        return None
    name, _, query = text.partition("?")
    if name not in VIEWS:
        raise LessonError(f"{where}: there is no view {name!r}; there are {', '.join(VIEWS)}")
    pairs = [part.partition("=") for part in query.split("&") if part]
    if wrong := [key for key, equals, _ in pairs if not equals or key not in KINDS]:
        raise LessonError(f"{where}: {', '.join(wrong)} is no choice with a value")
    return name, tuple((key, value) for key, _, value in pairs)
