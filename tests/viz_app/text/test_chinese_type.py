"""How Chinese texts are set: full-width marks, a space beside Latin, bold type that closes."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from viz_app.text import FOLDER

HAN = "\u4e00-\u9fff"
MARKS = "，。：；？！、（）《》"

VALUE = "□"
"""What stands for a value and for code, which bring their own room: see `viz_app.text.joints`."""

CODE = re.compile(
    r"`[^`]*`"
    r"|(?<=\])\([^)]*\)"  # where a link goes
    rf"|[A-Za-z0-9_.\]σₜ{VALUE}]+\((?:[^()]|\([^()]*\))*\)"  # a call, or a function of a formula
    rf"|\([0-9a-z_·{VALUE} ]*[−+*][0-9a-z_·{VALUE} ]*\)(²|·\w)?"  # a bracket of a formula
)
"""What is no sentence."""

WRONG = {
    "a half-width mark beside a Chinese letter": rf"[{HAN}][\"',.:;?!()]|[\"',:;?!()][{HAN}]",
    "a half-width bracket": r"(?<![\w`])\(|\)(?![\w`])",
    "no space between Chinese and Latin": rf"[{HAN}][A-Za-z0-9±−]|[A-Za-z0-9%][{HAN}]",
    "a space between Chinese letters": rf"[{HAN}] [{HAN}]",
    "a space beside a full-width mark": rf"[{MARKS}] (?![*·])|(?<![*·]) [{MARKS}]",
    "three points for an ellipsis": r"\.\.\.",
    "a form for many": r" \| ",
}
"""What a Chinese text has nowhere."""

BOLD = re.compile(r"\*\*([^*]+)\*\*")

FORMULA = re.compile(r"^[^，。：；？！]*[=≈][^，。：；？！]*$|\d{4}-\d\d-\d\d,")
"""A formula, or a table as a file has it."""


def bare(text: str) -> str:
    """A text with a sign for each value and each piece of code."""
    return CODE.sub(VALUE, re.sub(r"\{[^{}]*\}", VALUE, text))


def is_open(text: str) -> bool:
    """Whether some bold type is none for Markdown: it ends in a mark and a letter follows, or it
    begins with one and a letter stands before it.
    """
    return any(
        (found[1][-1] in f"{MARKS}”" and re.match(r"\w", text[found.end() :]))
        or (found[1][0] in f"{MARKS}“" and re.search(r"\w$", text[: found.start()]))
        for found in BOLD.finditer(text)
    )


def faults(text: str) -> list[str]:
    """What is wrong with a text."""
    if not re.search(f"[{HAN}]", text) or FORMULA.search(text):
        return []
    seen = bare(text)
    found = [name for name, pattern in WRONG.items() if re.search(pattern, seen)]
    found += ["bold type that does not close"] * is_open(text)
    return found + ["a quotation that does not close"] * (text.count("“") != text.count("”"))


def leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text of a file, by its place in it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{place}.{name}")
    elif isinstance(value, str):
        yield place, value


def test_chinese_texts_are_set_as_chinese() -> None:
    """In every file, the lessons among them."""
    texts = [
        leaf
        for path in sorted((FOLDER / "zh").rglob("*.toml"))
        for leaf in leaves(tomllib.loads(path.read_text(encoding="utf-8")), path.stem)
    ]
    assert len(texts) > 2000
    assert {place: (found, text) for place, text in texts if (found := faults(text))} == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("它忘了,所以错了。", "a half-width mark beside a Chinese letter"),
        ("门 (三个)。", "a half-width bracket"),
        ("这个LSTM 有三个门。", "no space between Chinese and Latin"),
        ("它忘 了。", "a space between Chinese letters"),
        ("它忘了。 所以错了。", "a space beside a full-width mark"),
        ("**它忘了。**所以错了。", "bold type that does not close"),
        ("它**“忘了”** 什么。", "bold type that does not close"),
        ("它忘了...", "three points for an ellipsis"),
        ("一个 | 几个", "a form for many"),
        ("“它忘了。", "a quotation that does not close"),
    ],
)
def test_each_fault_is_found(text: str, fault: str) -> None:
    """Where a text has it."""
    assert fault in faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "**它忘了。** 所以 LSTM 错了（3 次）。",
        "用 `f(x), g` 保存，例如 torch.save(layer.state_dict(), path)。",
        "{network}的 {share:.0%}，[去看](/gates?run=1)。",
        "= 0.1 (1 − f)",
        "**论断**：“一”、“二”。这是**一**个，那是**二**。**三**也是。",
    ],
)
def test_what_is_well_set_is_left_alone(text: str) -> None:
    """Code, links and formulas too."""
    assert faults(text) == []
