"""Lessons as files: what is read, what is refused, and what the words become."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from viz_app.features.lessons import lesson
from viz_app.features.lessons.asked import Asked
from viz_app.features.lessons.asked_read import asked_of
from viz_app.features.lessons.value import Goal
from viz_app.features.lessons.words import LessonError, fill
from viz_app.kit.question import Curve, Number, OneOf, Order, Place

MASTER = """
minutes = 10
after = ["a_state"]
title = "Write"
goal = "You can say {what}."
[teacher]
begin = "b"
believe = "c"
expect = "d"
fails = "e"
skip = "f"
[steps.guess]
words = "Numbers come to {marks}."
view = "start?variant=trained&own=6to9"
before = ""
controls = ["variant"]
then = "So it is."
[steps.guess.question]
kind = "place"
asks = "Where?"
truth = "marks"
places = 50
because = "There."
[steps.guess.question.wrong]
end = "The end."
[steps.guess.question.typical]
end = "last"
[steps.make]
words = "Make it."
[steps.make.build]
goal = "adder22"
reached = "Done."
[closing.wipe]
kind = "one"
asks = "Which?"
truth = "gate"
[closing.wipe.because]
input = "in"
forget = "out"
[closing.wipe.options]
input = "write"
forget = "keep"
[closing.life]
kind = "number"
asks = "How long?"
truth = "life"
low = 1
high = 1000
near = 0.1
log = true
unit = "steps"
because = "{life:brief}"
[closing.wiped]
kind = "order"
asks = "Sort."
truth = "sorted"
because = "So."
[closing.wiped.options]
a = "A"
b = "B"
"""

WORDS = """
title = "写入"
[steps.guess]
words = "数来到 {marks}。"
[closing.wipe.options]
forget = "保留"
"""

FACTS = {"marks": (6, 30), "last": 49, "gate": "forget", "life": 68.97, "sorted": ("b", "a")}


def written(folder: Path, text: str = MASTER, name: str = "04_write.toml") -> Path:
    """A lesson's file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_lesson_is_read_whole(tmp_path: Path) -> None:
    """Every part of it, in order."""
    read = lesson.read(written(tmp_path))
    assert (read.id, read.number, read.minutes, read.after) == ("write", 4, 10, ("a_state",))
    assert (read.title, dict(read.teacher)["skip"]) == ("Write", "f")
    guess, make = read.steps
    assert guess.view == ("start", (("variant", "trained"), ("own", "6to9")))
    assert guess.before is None
    assert guess.controls == ("variant",)
    assert make.view is make.before is None
    assert make.build == Goal("adder22", "", "Done.")
    assert list(read.questions) == ["guess", "closing.wipe", "closing.life", "closing.wiped"]
    assert read.step("make") is make
    assert read.step("none") is None


def test_another_language_has_words_alone(tmp_path: Path) -> None:
    """What it lacks is English; all else is the master's."""
    master, words = written(tmp_path), written(tmp_path, WORDS, "words.toml")
    plain, read = lesson.read(master), lesson.read(master, words)
    assert read.title == "写入"
    assert read.goal == plain.goal
    assert read.steps[0].words == "数来到 {marks}。"
    assert read.steps[0].view == plain.steps[0].view
    assert dict(read.closing[0].options) == {"input": "write", "forget": "保留"}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ('[steps.guess]\nview = "gates?run=x"', "steps.guess.view"),
        ("minutes = 5", "minutes"),
        ('[steps.other]\nwords = "x"', "steps.other.words"),
        ('[closing.wipe.options]\nnone = "x"', "closing.wipe.options.none"),
    ],
)
def test_another_language_changes_nothing_else(tmp_path: Path, words: str, named: str) -> None:
    """No structure, and no text that the master lacks."""
    with pytest.raises(LessonError, match=re.escape(f"words.toml: {named} is no text")):
        lesson.read(written(tmp_path), written(tmp_path, words, "words.toml"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("minutes = 10", "", "minutes has to be given"),
        ("minutes = 10", 'minutes = "ten"', "minutes has to be given, as int"),
        ('title = "Write"', "", "the lesson.title has to be a text"),
        ('title = "Write"', 'tittle = "Write"', "tittle is none of minutes"),
        ('skip = "f"', "", "teacher has no skip"),
        ('believe = "c"', 'belief = "c"', "teacher: belief is none of"),
        ('"start?variant', '"starts?variant', "there is no view 'starts'; there are gates"),
        ("variant=trained", "colour=red", "steps.guess.view: colour is no choice"),
        ("own=6to9", "own", "steps.guess.view: own is no choice with a value"),
        ('controls = ["variant"]', 'controls = ["colour"]', "controls: colour is no choice"),
        ('controls = ["variant"]', 'controls = ["own", "run", "at", "log"]', "at most 3, not 4"),
        ('words = "Make it."', "", "steps.make.words has to be a text"),
        ('words = "Make it."', 'words = "M"\nbefore = ""', "before is for a step with"),
        ("[steps.make]", "[steps.closing]\nwords = 'x'\n[steps.m]", "steps.closing: an id is"),
        ("[closing.wiped]", "[closing.wrong]", "closing.wrong: an id is"),
        ('goal = "adder22"', 'goal = "22 adders"', "the name of a module, not '22 adders'"),
        ('kind = "place"', 'kind = "dot"', "kind is one of one, number, place, curve, order"),
        ("places = 50", "", "question has no places"),
        ("places = 50", "places = 50\nlow = 1", "low is none of kind"),
        ("places = 50", 'places = 50\naxis = "depth"', "axis is one of time, unit, not 'depth'"),
        ("high = 1000", "high = [1]", "closing.life.high is a number"),
        ('truth = "marks"', "truth = 7", "question.truth has to be a text, not 7"),
        ('because = "There."', "", "because has to be a text"),
        ('last"', 'last"\nmid = "half"', "typical: nothing is said of mid in wrong"),
        ('end = "The end."', 'ende = "The end."', "wrong: ende is none of end, other"),
        ('forget = "out"', "", "because has words for each option"),
        ('forget = "keep"', "", "options: a question of kind one has two or more"),
        ('b = "B"', "", "kind order has two or more"),
        ("[closing.wiped]", "[closing.other]\n[closing.wiped]", "closing.other.kind"),
        ("minutes = 10", "minutes = ", "04_write.toml cannot be read"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    """With its name, the place, and what may stand there."""
    assert MASTER.count(old) >= 1
    with pytest.raises(LessonError, match=re.escape(said)) as found:
        lesson.read(written(tmp_path, MASTER.replace(old, new, 1)))
    assert "04_write.toml" in str(found.value)


@pytest.mark.parametrize("count", [2, 4])
def test_three_questions_stand_at_the_end(tmp_path: Path, count: int) -> None:
    """Neither two nor four."""
    head, *closing = MASTER.split("\n[closing.wipe]")
    rest = f"\n[closing.wipe]{closing[0]}"
    one = (
        '\n[closing.again]\nkind="number"\nasks="?"\ntruth="x"\nlow=0\nhigh=1\nnear=0\nbecause="b"'
    )
    text = head + (rest.split("\n[closing.wiped]")[0] if count == 2 else rest + one)
    with pytest.raises(LessonError, match=rf"3 questions .* not {count}"):
        lesson.read(written(tmp_path, text))


@pytest.mark.parametrize("name", ["write.toml", "4-write.toml", "04_wri-te.toml"])
def test_a_file_has_a_number_and_a_name(tmp_path: Path, name: str) -> None:
    """Its id is an identifier: it names the module of its facts."""
    with pytest.raises(LessonError, match=r"NN_name\.toml"):
        lesson.read(written(tmp_path, name=name))


def test_an_unknown_lesson_says_which_there_are() -> None:
    """By id."""
    with pytest.raises(LessonError, match="no lesson 'nothing'; there are"):
        lesson.lesson("nothing")


def test_words_are_told_from_structure() -> None:
    """The same for a file of another language, which has words alone."""
    words = lesson.words_of(tomllib.loads(MASTER))
    assert words["steps.guess.question.asks"] == "Where?"
    assert words["closing.life.unit"] == "steps"
    assert words["closing.wipe.because.forget"] == "out"
    assert words["steps.guess.question.wrong.end"] == "The end."
    assert not {"steps.guess.view", "closing.wipe.truth", "steps.make.build.goal"} & set(words)
    assert "steps.guess.question.typical.end" not in words


def test_the_example_of_the_format_is_a_lesson(tmp_path: Path) -> None:
    """What `viz_app.features.lessons.lesson` tells writers of lessons to write."""
    block = str(lesson.__doc__).split(".. code-block:: toml")[1].split("\nWhat each kind")[0]
    text = "\n".join(line.removeprefix("    ") for line in block.splitlines())
    closing = text[text.index("[closing.wipe]") :] + "\n"
    more = "".join(closing.replace("closing.wipe", f"closing.{n}") for n in ("b", "c"))
    text = text.replace('truth = "marks"', 'truth = "marks"\nplaces = 50')
    read = lesson.read(written(tmp_path, f"{text}\n{more}"))
    assert [step.id for step in read.steps] == ["guess_place", "build"]
    assert read.closing[0].of == "a_state"


def question(kind: str, **more: Any) -> Asked:
    """A question whose truth is the fact ``x``."""
    return asked_of("q", {"kind": kind, "asks": "?", "truth": "x", "because": "b", **more}, "q")


def test_each_kind_becomes_its_question() -> None:
    """With what the file says, and facts where it names them."""
    options = {"a": "A", "b": "B"}
    assert question("one", options=options).question({"x": "b"}) == OneOf(2, 1)
    assert question("order", options=options).question({"x": ("b", "a")}) == Order((1, 0))
    number = question("number", low=0, high="top", near=0.5, step=1)
    assert number.question({"x": 3, "top": 9}) == Number(0, 9, 3.0, 0.5, 1)
    place = question("place", places="count", near=1, axis="unit")
    assert place.question({"x": 3, "count": 9}) == Place(9, (3,), 1, "unit")
    assert place.question({"x": (7, 2), "count": 9}) == Place(9, (2, 7), 1, "unit")
    curve = question("curve", at=[1, 2], low=0, high=1, near=0.1, x="lag", y="left")
    assert curve.question({"x": (0.9, 0.8)}) == Curve((1.0, 2.0), 0, 1, (0.9, 0.8), 0.1)


@pytest.mark.parametrize(
    ("kind", "more", "value"),
    [
        ("one", {"options": {"a": "A", "b": "B"}}, "c"),
        ("order", {"options": {"a": "A", "b": "B"}}, ("a", "a")),
        ("number", {"low": 0, "high": 1, "near": 0.1}, 1.5),
        ("number", {"low": 0, "high": 1, "near": 0.1}, float("nan")),
        ("place", {"places": 5}, 5),
        ("place", {"places": 5}, (1, 1)),
        ("curve", {"at": [1, 2], "low": 0, "high": 1, "near": 0.1}, (0.5,)),
        ("curve", {"at": [1, 2], "low": 0, "high": 1, "near": 0.1}, (0.5, 1.5)),
    ],
)
def test_a_fact_that_cannot_be_answered_is_refused(
    kind: str, more: dict[str, Any], value: Any
) -> None:
    """Nobody could be right."""
    with pytest.raises(LessonError, match=r"q: x = .* is no answer"):
        question(kind, **more).question({"x": value})


def test_a_missing_fact_is_named() -> None:
    """With those that there are."""
    with pytest.raises(LessonError, match="no fact 'x'; there are left, gap"):
        question("place", places=5).question({"left": 1, "gap": 2})
    with pytest.raises(LessonError, match="no fact 'x'"):
        fill("{x}", {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps {marks}", "steps 6 and 35"),
        ("{gates:.1f}", "0.1, 0.5 and 1.0"),
        ("{left}", "0.05"),
        ("{left:percent}", "5%"),
        ("{left:digits}", "0.047"),
        ("{left:.3f}", "0.047"),
        ("{life:brief}", "69.0"),
        ("{many}", "12,000"),
        ("{below}", "−0.25"),
        ("{below:.1f}", "−0.2"),
        ("{verdict}: {{x}}", "near the average: {x}"),
    ],
)
def test_words_are_filled_with_facts(text: str, said: str) -> None:
    """As the format says."""
    facts = {
        "marks": (6, 35), "gates": (0.1, 0.5, 1.0), "left": 0.0471, "life": 68.97, "many": 12_000,
        "below": -0.25, "verdict": "average",
    }  # fmt: skip
    assert fill(text, facts, {"average": "near the average"}) == said


def test_what_is_said_of_a_wrong_answer() -> None:
    """By what was answered; nothing where it was right."""
    wrong = {"a": "not {x}", "other": "neither"}
    one = question("one", options={"a": "A", "b": "B", "c": "C"}, wrong=wrong)
    assert [one.said_of(number, {"x": "b"}) for number in range(3)] == ["not B", "", "neither"]
    number = question(
        "number", low=0, high=1, near=0.05, wrong={"low": "more", "high": "less", "half": "half!"},
        typical={"half": "half"},
    )  # fmt: skip
    facts = {"x": 0.7, "half": 0.5}
    said = {guess: number.said_of(guess, facts) for guess in (0.1, 0.52, 0.7, 0.9)}
    assert said == {0.1: "more", 0.52: "half!", 0.7: "", 0.9: "less"}
    place = question("place", places=50, wrong={"end": "the end"}, typical={"end": "last"})
    facts = {"x": (6, 35), "last": 49}
    assert place.said_of((6, 49), facts) == "the end"
    assert place.said_of((6, 36), facts) == place.said_of((6, 35), facts) == ""
    curve = question(
        "curve", at=[1, 2], low=0, high=1, near=0.1, wrong={"low": "more", "high": "less"}
    )
    assert curve.said_of((0.1, 0.1), {"x": (0.9, 0.8)}) == "more"


def test_an_answer_in_words() -> None:
    """As it is drawn and told to the class."""
    options = {"a": "A", "b": "B"}
    assert question("one", options=options).said(1) == "B"
    assert question("order", options=options).said((1, 0)) == "B → A"
    steps = question("number", low=0, high=99, near=1, unit="step | steps")
    assert [steps.said(each) for each in (12.5, 1, 0)] == ["12.5 steps", "1 step", "0 steps"]
    assert question("number", low=0, high=99, near=1, unit="%").said(5) == "5%"
    assert question("place", places=50).said((6, 35)) == "6 and 35"
    assert question("curve", at=[1, 2], low=0, high=1, near=1).said((0.5, 0.25)) == "0.5 and 0.25"
