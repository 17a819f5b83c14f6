"""One name for one thing: what the house calls otherwise stands in no text."""

import re
from collections.abc import Mapping

import pytest

from gatescope.errors import SENTENCES
from viz_app.text import texts

HOUSE = {
    "the no-memory baseline": r"remember(s|ed|ing)? nothing",
    "replicated, criterion, measured, met": r"\bc(o|a)mes? out\b|\bcoming out\b",
    "accuracy": r"\bright answers?\b|%\)?\*{0,2} right\b|\bright in \{?%",
    "the persistence (naive) forecast": r"the same again",
    "PyTorch's default initialization, initial gate biases": (
        r"torch starts|where (the|its) gates? starts?|\btorch['’]s default|initialisation"
    ),
    "the fix": r"\bmend(s|ed|ing)?\b",
    "largest gradient norm, clipped": (
        r"longest gradient|gradients? (was|is|were|are) longer|\b(was|were) cut\b"
    ),
    "training, validation, test set": (
        r"\bunseen\b|\b(training|validation|test) part\b|\bvalidation examples\b"
    ),
    "bidirectional": r"\bboth ways\b",
    "per unit, per character, per seed": (
        r"\b(a|one) (row|line|bar|column|curve|panel|dot|point|colour) (a|an) \w+"
        r"|\bbits a character|\bnumbers a word"
    ),
    "positive, negative": r"\bprais(e|es|ed|ing)\b|\bblam(e|es|ed|ing)\b",
    "step limit": r"\bsteps at most\b",
    "training techniques": r"\btraining aids?\b",
    "forget gate (GRU: update gate)": r"\bretention gates?\b",
    "original, with intervention": r"\bwith the change\b|^as it is$",
    "training step, time step": r"\bsteps? of (the )?(training|sequence)\b",
    "CPU seconds": r"\bseconds of the processor\b|\bprocessor time\b",
    "fraction, or per cent": (
        r"\b(a|an|the|this|its|their|what|which|same|smaller|larger|largest|smallest|mean|in"
        r"|by) shares?\b|\bshares? (of|in)\b|^shares?$"
    ),
    "output layer": r"\bread-?outs?\b",
    "plain order": (
        r"no number any more|manieth|\bwho asks\b|more machinery|thin rules"
        r"|not comes? out|is none steps"
    ),
    "95%": r"[\d}] %",
    "0.9": r"(?<![\w}.])\.\d",
    "a true minus": r"(?<![\w}\])/.-])-\d",
    "5·10⁻⁶": r"\{[a-z_]*:[^}]*[eE]\}|\d[eE]-?\d",
}
"""What is said, and what is not: a pattern, in any case."""


def read(text: str) -> str:
    """A text as a reader sees it: what is filled in as its last sign, code left out."""
    text = re.sub(r"`[^`]*`|--[\w-]+|\b\w+_\w+\b(?![^{}]*\})", "", text)
    return re.sub(r"\{\w*(:[^}]*)?\}", lambda m: "%" if "%" in (m[1] or "") else "1", text)


def unwanted(file: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Where a text is not as the house speaks: its key, what is said instead, and the text."""
    patterns = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in HOUSE.items()}
    return [
        (key, name, text)
        for key, text in file.items()
        for name, pattern in patterns.items()
        if pattern.search(text if name == "5·10⁻⁶" else read(text))
    ]


def files() -> dict[str, dict[str, str]]:
    """All texts by file, those of errors among them."""
    found: dict[str, dict[str, str]] = {"error": dict(SENTENCES)}
    for key, text in texts("en").items():
        file, name = key.split(".", 1)
        found.setdefault(file, {})[name] = text
    return found


@pytest.mark.parametrize("file", sorted(files()))
def test_one_name_for_one_thing(file: str) -> None:
    """The terms of the field, as textbooks have them, and numbers as English writes them."""
    assert unwanted(files()[file]) == []


@pytest.mark.parametrize(
    "text",
    [
        "an answer that remembers nothing", "It comes out", "Right answers", "97% right",
        "{accuracy:.0%} right", "the same again", "torch's default initialisation", "the mend",
        "the longest gradient", "on unseen examples", "LSTM both ways", "a row a unit",
        "bits a character", "praise", "numbers a word", "steps at most", "retention gate",
        "with the change", "steps of training", "the share of steps", "read-out", "95 %",
        "{low:.0%} to 90 %", "above .9", "between -1 and 1", "{loss:.1e}", "below 1e-05",
    ],
)  # fmt: skip
def test_what_the_house_does_not_say_is_found(text: str) -> None:
    """Each pattern finds what it is for."""
    assert unwanted({"key": text})


@pytest.mark.parametrize(
    "text",
    [
        "Identical requests share one run.", "`--readout-dropout` drops units", "0.9, −1 and 95%",
        "accuracy {accuracy:.0%}", "from {low:.2f} to {high:.2f}", "steps 1-20", "LSTM-like",
        "the right one", "what it measured", "the forget gate", "share this view", "see gates.svg",
    ],
)  # fmt: skip
def test_what_the_house_says_is_left_alone(text: str) -> None:
    """Neither verbs, nor names of options, nor ranges."""
    assert unwanted({"key": text}) == []
