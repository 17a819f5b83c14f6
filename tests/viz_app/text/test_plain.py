"""Text from outside: no markup of it is read, and it is never long."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_app.text.plain import MOST, NAME, SPLIT, bare, code, plain, sentence

FUZZ = settings(settings.get_profile("fuzz"))
SPECIAL = "\\`*[]<~$&"
MARKUP = (
    "![x](http://a.example/p)", "[x](http://a.example)", "<img src=//a.example>", "`code`",
    "**bold**", "_it_", "~~gone~~", "# head", "- item", "1. item", "$x^2$", ":smile:",
    ":material/home:", ":red[x]", ":streamlit:", "http://a.example", "https://a.example/x?y=1",
    "www.a.example", "me@a.example", "<http://a.example>", "&copy;", "| a | b |", "[^1]",
    "a <-> b -> c <- d -- e >= f",
    "```\ncode", "> quote", "    indented", "a  \nb", "a\n\nb", "Title\n===",
)  # fmt: skip


def read(text: str) -> str:
    """What markdown shows of an escaped text: each escape undone, the joiners not seen."""
    return re.sub(r"\\([!-/:-@[-`{-~])", r"\1", text).replace(SPLIT, "")


@pytest.mark.parametrize("text", MARKUP)
def test_what_is_shown_is_what_was_written(text: str) -> None:
    """Every letter is there, white space as one space."""
    assert read(plain(text)) == " ".join(text.split())


@given(st.text(st.characters(codec="utf-8"), max_size=200))
@FUZZ
def test_no_sign_of_markup_stands_without_its_escape(text: str) -> None:
    """Of any text: each sign follows a backslash that is not itself escaped."""
    found = plain(text)
    assert read(found) == bare(text)
    left = re.sub(r"\\[!-/:-@[-`{-~]", "\N{BULLET}", found)
    assert not set(left) & set(SPECIAL)
    assert not re.search(r"(?<![^\W_])_|_(?![^\W_])|:\S|:$", left)
    assert not re.match(r"[-+=#>]|\d+[.)]", left)
    undone = re.sub(r"\\([!-/:-@[-`{-~])", r"\1", found)  # what plugins see
    assert not re.search(r":[\w/+-]", undone)
    assert not re.search(r"https?://|www\.|[-.\w+]@", undone, re.IGNORECASE | re.ASCII)


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    """The fix stands at the end of a message."""
    value = "x" * 100_000
    found = bare(f"there is no job {value!r}: open the link again")
    assert len(found) <= MOST
    assert found.startswith("there is no job 'xxx")
    assert found.endswith("xxx': open the link again")
    assert " … " in found
    assert len(bare(value, NAME)) <= NAME
    assert bare("x" * NAME, NAME) == "x" * NAME


@pytest.mark.parametrize("hidden", ["\0", "\ud800", "\u202e", "\u200e", "\x1b", "\u2066", "\ufeff"])
def test_what_cannot_be_seen_is_shown_as_such(hidden: str) -> None:
    """Neither does it turn the text around, nor can it stop the message from being sent."""
    assert plain(f"a{hidden}b") == "a\N{REPLACEMENT CHARACTER}b"
    plain(hidden).encode()


def test_an_error_is_its_message() -> None:
    """Whatever there is to be shown."""
    assert plain(ValueError("no `x` here")) == r"no \`x\` here"
    assert plain(12) == "12"


@pytest.mark.parametrize("name", ["a`b", "``", "x` ![y](http://a.example) `"])
def test_a_name_as_code_ends_where_it_should(name: str) -> None:
    """Two marks: its own."""
    found = code(name)
    assert found.count("`") == 2
    assert found[0] == found[-1] == "`"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("two marks are at step 3", "Two marks are at step 3"),
        ("hidden_size is 0", "hidden_size is 0"),
        ("rows.csv is empty", "rows.csv is empty"),
        ("'a' is no number", "'a' is no number"),
        ("cells, not one", "Cells, not one"),
        ("这里没有", "这里没有"),
        ("", ""),
    ],
)
def test_a_message_that_stands_alone_begins_as_a_sentence(said: str, shown: str) -> None:
    """A name that it begins with stays as it is written."""
    assert read(sentence(said)) == shown
