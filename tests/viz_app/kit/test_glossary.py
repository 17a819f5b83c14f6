"""The glossary: its numbers, its sentences, its links, and terms that are touched in a text."""

import re
import tomllib
from collections.abc import Callable
from inspect import signature
from math import log
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

import viz_app.text as texts
from gatescope import SequenceModel
from gatescope.analysis import saturation
from viz_app.kit.glossary import (
    TERMS,
    marked,
    matching,
    mentioned,
    row_of,
    signs,
    touchable,
    without_marks,
)
from viz_app.pages import PAGES
from viz_app.text import mentions
from viz_app.text.mentions import marks

LANGUAGES = sorted(path.parent.name for path in texts.FOLDER.glob("*/glossary.toml"))
ENDS = re.compile(r"[.!?](?=\s|$)|[。！？]")


def words_of(language: str) -> dict[str, str]:
    """The file of a language."""
    path = texts.FOLDER / language / "glossary.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def texts_in(language: str) -> list[str]:
    """All that is said in a language outside the glossary, lessons too: one text a line."""
    files = list(texts.FOLDER.glob(f"{language}/**/*.toml"))
    said = [path.read_text(encoding="utf-8") for path in files if path.name != "glossary.toml"]
    return [line.casefold() for text in said for line in text.splitlines()]


def is_said(name: str, lines: list[str]) -> bool:
    """Whether a name stands in a text: its abbreviation, or all its words, in any form of them."""
    short = re.findall(r"[(（](.*?)[)）]", name)
    stems = [
        stem for word in re.sub(r"[(（].*", "", name).casefold().split()
        for stem in (word.split("的") if not word.isascii() else [word[:5]])
    ]  # fmt: skip
    return any(
        all(stem in line for stem in stems) or any(word.casefold() in line for word in short)
        for line in lines
    )


def is_whole(language: str) -> bool:
    """Whether a language has every file that English has."""
    names = [{path.name for path in (texts.FOLDER / each).glob("*.toml")} for each in
             (language, texts.DEFAULT)]  # fmt: skip
    return names[1] <= names[0]


def test_there_are_forty_to_sixty_terms() -> None:
    """Each with a name of its own."""
    assert 40 <= len(TERMS) <= 60
    assert len({term.whole for term in TERMS.values()}) == len(TERMS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_term_has_two_sentences(language: str) -> None:
    """In every language, and no file explains what is no term."""
    file = words_of(language)
    explained = {key.removesuffix("_is") for key in file if key.endswith("_is")}
    assert explained == set(TERMS)
    assert {key: len(ENDS.findall(file[f"{key}_is"])) for key in TERMS} == dict.fromkeys(TERMS, 2)


@pytest.mark.parametrize("language", [each for each in LANGUAGES if is_whole(each)])
def test_each_term_is_used(language: str) -> None:
    """On a page or in a lesson; a term that nobody says needs no explanation."""
    file, lines = words_of(language), texts_in(language)
    assert [file[key] for key in TERMS if not is_said(file[key], lines)] == []
    assert not is_said("zebra gate", lines)


def words_of_lessons(language: str) -> dict[int, list[str]]:
    """What each lesson says in a language, one text a line, by its number."""
    files = (texts.FOLDER / language / "lessons").glob("*.toml")
    return {int(path.name[:2]): path.read_text("utf-8").casefold().splitlines() for path in files}


@pytest.mark.parametrize("language", [each for each in LANGUAGES if is_whole(each)])
def test_a_lesson_says_the_terms_that_it_is_named_for(language: str) -> None:
    """Each term of a lesson stands in its words."""
    lessons, file = words_of_lessons(language), words_of(language)
    assert {term.lesson for term in TERMS.values()} == {None, *range(1, 10)}
    assert set(lessons) <= set(range(1, 11))
    assert [
        (key, term.lesson) for key, term in TERMS.items()
        if term.lesson in lessons and not is_said(file[key], lessons[term.lesson])
    ] == []  # fmt: skip


def test_the_numbers_in_the_meanings_are_right() -> None:
    """Half-lives, a GRU's parameters beside an LSTM's, and where a gate counts as saturated."""
    lives = [f"{log(0.5) / log(gate):.{places}f}" for gate, places in ((0.5, 0), (0.95, 0))]
    usual = signature(saturation).parameters
    for language in LANGUAGES:
        said = re.findall(r"\d+(?:\.\d+)?", words_of(language)["half_life_is"])
        assert sorted(said, key=float) == sorted(["0.5", "0.95", *lives], key=float)
        limits = re.findall(r"\d\.\d", words_of(language)["saturated_gate_is"])
        assert [float(each) for each in limits] == [usual["left"].default, usual["right"].default]
    gru, lstm = (
        sum(p.numel() for p in SequenceModel(cell, 3, 5, 1).recurrent.parameters())
        for cell in ("gru", "lstm")
    )
    assert gru / lstm == 3 / 4


ADDRESSES = sorted({term.page for term in TERMS.values()})


@pytest.mark.parametrize("address", ADDRESSES)
def test_each_link_opens(open_app: Callable[..., AppTest], address: str) -> None:
    """The page where a term is seen shows just that: nothing is asked for in vain."""
    page, _, query = address.partition("?")
    assert page in {each for part in PAGES.values() for each in part}
    asked = dict(parse_qsl(query))
    app = open_app(page, **asked)
    assert not app.exception
    assert [warning.value for warning in app.warning] == []
    written, before = dict(app.query_params), dict(open_app(page).query_params)
    assert all(written.get(name, before.get(name)) == value for name, value in asked.items())


def test_a_marked_term_opens_its_meaning() -> None:
    """The words of the mark, one explanation however often it is marked, the rest as it was."""
    shown = touchable("**A** [[gate|Gates]] and `[[gate]]`, [[half_life]] of a [[gate]] <b> \\< 1")
    assert shown.startswith('**A** <button class="term" popovertarget="term-gate">Gates</button>')
    assert shown.count('id="term-gate"') == shown.count('id="term-half_life"') == 1
    assert shown.count('popovertarget="term-gate"') == 2
    assert "`[[gate]]`" in shown
    assert "&lt;b> \\< 1" in shown
    assert TERMS["half_life"].meaning.replace("'", "&#x27;") in shown
    assert 'href="glossary?term=half_life"' in shown
    assert touchable("no [mark] [[ ]]") == "no [mark] [[ ]]"


def test_without_marks_the_words_stay() -> None:
    """For paper and alternative texts."""
    text = "the [[forget_gate]] ([[half_life|half-lives]])"
    assert marks(text) == ["forget_gate", "half_life"]
    assert without_marks(text) == "the forget gate (half-lives)"


def test_what_a_text_mentions_is_marked() -> None:
    """Once each, the longest name, in any form; what is marked, code or a link stays."""
    text = "Forget gates, GRUs and half-lives: a gate, `gate`, [gate](x), gatekeeper, RNN, gates."
    assert marked(text) == (
        "[[forget_gate|Forget gates]], [[gru|GRUs]] and [[half_life|half-lives]]: a [[gate|gate]], "
        "`gate`, [gate](x), gatekeeper, [[rnn|RNN]], gates."
    )
    assert [term.key for term in mentioned(text)] == [
        "forget_gate",
        "gru",
        "half_life",
        "gate",
        "rnn",
    ]
    row = row_of(mentioned(text))
    assert row.count("<button") == row.count("popover class") == 5
    names = tuple((term.key, term.whole) for term in TERMS.values())
    both = "[[gate|A]] gate, a heatmap {gate} `gate`"
    assert mentions.marked(both, names, 1) == both
    assert marked("Copy the sequence.") == "Copy the sequence."


@pytest.mark.parametrize("language", [each for each in LANGUAGES if is_whole(each)])
def test_help_texts_lead_to_the_glossary(language: str) -> None:
    """Each page's help, its first terms, at most two; none at the command line."""
    said = texts.texts(language)
    links = {key: re.findall(r"\]\(glossary\?term=(\w+)\)", text) for key, text in said.items()}
    there = {key: found for key, found in links.items() if found}
    assert len(there) > 40
    assert all(key.endswith("_help") and not key.startswith("cli.") for key in there)
    assert all(len(found) <= 2 and set(found) <= set(TERMS) for found in there.values())
    made = mentions.with_links({
        "glossary.gate": "gate", "glossary.gate_is": "X.", "x.a_help": "A gate, {gate}.",
        "x.a": "A gate.", "cli.a_help": "A gate.",
    })  # fmt: skip
    assert made["x.a_help"] == "A [gate](glossary?term=gate), {gate}."
    assert made["x.a"] == made["cli.a_help"] == "A gate."


def test_every_mark_in_the_texts_is_a_term() -> None:
    """In all languages, lessons with them."""
    files: list[Path] = list(texts.FOLDER.glob("**/*.toml"))
    assert len(files) > 30
    found = {(path.name, key) for path in files for key in marks(path.read_text("utf-8"))}
    assert {(name, key) for name, key in found if key not in TERMS} == set()
    with pytest.raises(KeyError):
        touchable("[[no_such_term]]")


def test_a_symbol_is_written_with_small_signs() -> None:
    """Below and above the line, one letter or what is in braces."""
    assert signs("h_t^{(l)} < c_{t−1}") == "h<sub>t</sub><sup>(l)</sup> &lt; c<sub>t−1</sub>"
    for term in TERMS.values():
        assert not re.search(r"[_^{}]", signs(term.symbol)), term.key


def test_a_term_is_found_by_its_name_and_its_meaning() -> None:
    """In any case; of nothing all are found."""
    assert [term.key for term in matching(" NAIVE ")] == ["persistence"]
    assert "half_life" in {term.key for term in matching("0.95")}
    assert len(matching("")) == len(TERMS)
    assert matching("zebra") == []


def test_a_marked_term_can_be_bold() -> None:
    """Also between Chinese words, where Markdown's stars would be seen; other bold words stay."""
    shown = touchable("**A** 这就是**[[gradient|梯度]]**。[[gate]] **B**")
    assert shown.startswith('**A** 这就是<span class="term-joined"><strong><button')
    assert ">梯度</button></strong>。</span><button" in shown
    assert "</button> **B**" in shown
