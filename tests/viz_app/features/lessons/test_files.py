"""The lessons that there are, in every language: whole, short, computed; all they name is there."""

import re
import tomllib
from typing import Any

import pytest

from viz_app.features.lessons import lesson as files
from viz_app.features.lessons.builds import build_of
from viz_app.features.lessons.controls import offered
from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.lesson import is_words, words_of
from viz_app.features.lessons.picture import view_at
from viz_app.features.lessons.words import braces
from viz_app.kit.recordings import HERE
from viz_app.text import FOLDER, language, languages

NAMES = files.names()
LANGUAGES = sorted(languages(FOLDER))
MOST = {"en": 600, "zh": 1000}
"""English words and Chinese characters that a student reads in ten minutes."""

ALL = [(name, chosen) for name in NAMES for chosen in LANGUAGES]


def raw(name: str, chosen: str) -> dict[str, Any]:
    """A lesson's file."""
    (path,) = (FOLDER / chosen / "lessons").glob(f"[0-9]*_{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def length(text: str, chosen: str) -> int:
    """So many words, or so many Chinese characters and words in Latin letters."""
    plain = re.sub(r"[*_`]|\{[^{}]*\}", lambda found: "x" if found[0][0] == "{" else "", text)
    if chosen != "zh":
        return len(re.findall(r"[\w'’.-]*\w", plain))
    return len(re.findall(r"[\u4e00-\u9fff]", plain)) + len(re.findall(r"[A-Za-z0-9]+", plain))


@pytest.mark.parametrize(("name", "chosen"), ALL)
def test_a_lesson_takes_ten_minutes(name: str, chosen: str) -> None:
    """All that a student may read in it: the teacher's notes are not."""
    words = {key: text for key, text in words_of(raw(name, chosen)).items() if "teacher" not in key}
    count = sum(length(text, chosen) for text in words.values())
    assert count <= MOST[chosen]
    assert count > MOST[chosen] / 3


def test_words_are_counted() -> None:
    """As a person counts them."""
    assert length("At 0.9 the *write* gate's {gap} steps: one.", "en") == 8
    assert length("“遗忘”门等于 {f} 的 LSTM。", "zh") == 8


@pytest.mark.parametrize(("name", "chosen"), [pair for pair in ALL if pair[1] != "en"])
def test_another_language_has_the_same_words(name: str, chosen: str) -> None:
    """The same keys, and in each the same facts; and no structure."""
    master, other = words_of(raw(name, "en")), words_of(raw(name, chosen))
    assert set(other) <= set(master)
    for key, text in master.items():
        if key in other or re.search("[A-Za-z]", text):  # "%" is said so everywhere
            assert sorted(braces(text)) == sorted(braces(other[key])), key

    def leaves(table: dict[str, Any], path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        for key, value in table.items():
            found |= leaves(value, (*path, key)) if isinstance(value, dict) else {(*path, key)}
        return found

    assert all(map(is_words, leaves(raw(name, chosen))))


@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_a_fact(name: str) -> None:
    """All braces are facts, and every truth can be answered."""
    read, facts = files.lesson(name), facts_of(name)
    words = words_of(raw(name, "en"))
    said = {each for text in words.values() for each in braces(text)}
    for question in read.questions.values():
        value = question.question(facts)
        truth: Any = value.truth  # type: ignore[attr-defined]
        assert value.right(truth)
        assert question.reason(facts)
    assert said <= set(facts)


@pytest.mark.parametrize(("name", "chosen"), ALL)
def test_no_number_that_is_computed_is_typed(name: str, chosen: str) -> None:
    """A digit with a point in what a student reads stands in braces."""
    words = words_of(raw(name, chosen))
    for key, text in words.items():
        plain = re.sub(r"\{[^{}]*\}", "", text)
        assert "teacher" in key or not re.search(r"\d\.\d|\d%", plain), key


@pytest.mark.parametrize("name", NAMES)
def test_what_a_step_names_is_there(name: str) -> None:
    """Its views and what may be changed of them, its builds, the lessons before."""
    read = files.lesson(name)
    earlier = {each.id for each in map(files.lesson, NAMES) if each.number < read.number}
    wanted = {*read.after, *(question.of for question in read.closing if question.of)}
    assert all(each in earlier or each not in NAMES for each in wanted)
    for step in read.steps:
        for address in (step.view, step.before):
            if address is not None:
                view = view_at(address).complete(HERE)
                assert isinstance(view.alternative(HERE), str)
        if step.view is not None:
            for control in step.controls:
                if control != "own":
                    assert len(offered(view_at(step.view).complete(HERE), control)[0]) > 1
        if step.build is not None:
            made = build_of(step.build.name)
            if made.start:  # there is something to set: it is no worked example
                assert not made.checked(made.start, HERE).reached
            assert made.read(made.write(made.start)) == made.start
    assert any(step.question for step in read.steps)
    assert any(step.change for step in read.steps)
    assert any(step.build for step in read.steps)


@pytest.mark.parametrize("name", NAMES)
def test_order_is_no_hint(name: str) -> None:
    """What is to be put in order is not told in its order; options are not all right ones."""
    for question in files.lesson(name).questions.values():
        if question.kind == "order":
            truth = question.question(facts_of(name)).truth  # type: ignore[attr-defined]
            assert list(truth) != sorted(truth)


def test_a_lesson_is_read_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """And in English where a language has none of it."""
    assert language() == "en"
    assert files.lesson("write_keep_show").title == "Write, keep, show"
    assert files.lesson("write_keep_show", "zh").title == "写入、保留、输出"
    assert files.lesson("write_keep_show", "eo").title == "Write, keep, show"
