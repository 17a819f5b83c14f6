"""Texts and code: every key that is asked for is there, and every one that is there is used."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest
import torch

from gatescope import CELLS, DATA_TASKS, TASKS, SequenceModel, TrainConfig, record
from gatescope.experiments import RetentionConfig
from gatescope.experiments.comparison import ComparisonConfig
from gatescope.settings import settings_of
from gatescope.training import OWN
from viz_app.kit.choice import KINDS
from viz_app.kit.command_line import options_of_tasks
from viz_app.kit.figure_layout import Layout
from viz_app.kit.words import FORMS
from viz_app.text import name_of, say, texts

FOLDER = Path(__file__).parents[3] / "viz_app"
FILES = sorted(FOLDER.rglob("*.py"))
KEYS = set(texts("en"))
OPTIONS = {
    *(name for config in (TrainConfig, RetentionConfig, ComparisonConfig)
      for name in settings_of(config)),
    *KINDS, *Layout.__dataclass_fields__, *options_of_tasks(),
}  # fmt: skip
"""What the command line reads from tables: each has its help under its name."""

GROUPS = {key.split(".")[0] for key in KEYS}


class Read(NamedTuple):
    """What is looked for in a file, which is parsed once."""

    strings: frozenset[str]
    calls: dict[str, list[tuple[str, ast.Call]]]
    arguments: frozenset[str]


@cache
def read(path: Path) -> Read:
    """Its strings as patterns, its calls with a literal first value by name, its arguments."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    filled = [node for node in nodes if isinstance(node, ast.JoinedStr)]
    inside = {id(part) for node in filled for part in node.values}
    calls: dict[str, list[tuple[str, ast.Call]]] = {}
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                calls.setdefault(node.func.id, []).append((str(first.value), node))
    plain = {
        re.escape(str(node.value))
        for node in nodes
        if isinstance(node, ast.Constant) and id(node) not in inside
    }
    families = {
        "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
            for part in node.values
        )
        for node in filled
    }
    names = {node.arg for node in nodes if isinstance(node, ast.arg)}
    return Read(frozenset(plain | families), calls, frozenset(names))


def strings(path: Path) -> frozenset[str]:
    """Every string in a file, as a pattern; what an f-string fills in may be any word."""
    return read(path).strings


@cache
def asked() -> set[str]:
    """Patterns of keys in the code: a group's name, a dot, and something after it."""
    head = re.compile(rf"(?:{'|'.join(GROUPS)})\\\.(?:\w|\\w)")
    said = {text for path in FILES for text in strings(path)}
    family = re.compile(rf"(?:{'|'.join(GROUPS)})\\\.(?:\w+_)?")  # where a form's texts are
    families = {text for text in said if family.fullmatch(text)}
    found = {text for text in said - families if head.match(text)}
    found |= {rf"{text}\w+" for text in families}
    return {text for text in found if not text.endswith((r"\.py", r"\.svg", r"\.csv"))}


def test_every_key_in_the_code_is_there() -> None:
    """Literal ones exactly; a family that is filled in has at least one member."""
    patterns = asked()
    assert len(patterns) > 60
    missing = {p for p in patterns if not any(map(re.compile(p).fullmatch, KEYS))}
    assert missing == set()


def calls(function: str = "say") -> Iterator[tuple[str, ast.Call]]:
    """Every call of ``say``, or of another function, with a literal key."""
    for path in FILES:
        yield from read(path).calls.get(function, ())


def test_every_placeholder_is_filled() -> None:
    """A call gives exactly the values that its text has in braces."""
    checked = 0
    for key, node in calls():
        names = {keyword.arg for keyword in node.keywords}
        wanted = {
            name.split(".")[0] for _, name, _, _ in Formatter().parse(texts("en")[key]) if name
        }
        if None in names:  # ** fills in the rest
            assert names - {None} <= wanted, key
        else:
            assert names == wanted, key
        checked += 1
    assert checked > 80


def test_what_has_a_plural_is_asked_for_with_its_count() -> None:
    """A text of two forms by `counted` alone, which is asked for nothing else."""
    for key, _ in calls():
        assert FORMS not in texts("en")[key], key
    for key, node in calls("counted"):
        text = texts("en")[key]
        assert text.count(FORMS) == 1, key
        names = {keyword.arg for keyword in node.keywords} | {"count"}
        wanted = {name for _, name, _, _ in Formatter().parse(text) if name}
        assert wanted <= names <= wanted | {"count"} or None in names, key
    for noun, _ in calls("some"):
        assert f"count.{noun}" in KEYS


def named() -> set[str]:
    """Keys of things that have a name: cells, tasks and what is asked there, signals."""
    signals = set()
    for cell in CELLS:
        (leaf,) = record(SequenceModel(cell, 1, 2, 1), torch.zeros(2, 1, 1)).leaves
        signals |= {f"signal.{name}" for name in leaf.data_vars}
    names = [*TASKS, *DATA_TASKS]
    tasks = {f"task.{name}{end}" for name in names for end in ("", "_what")} | {f"task.{OWN}"}
    return signals | tasks | {f"cell.{name}" for name in CELLS}


def test_no_text_is_unused() -> None:
    """Each is asked for by its key, belongs to a family, or names a thing there is.

    The command line asks by the bare name of an option, so there a string of that name counts; and
    so does a page by a choice's name in the address.
    """
    # as one expression: the module keeps fewer compiled than there are
    pattern = re.compile("|".join(p for p in asked() if p != r"cli\.\w+"))
    terminal = {
        text for path in FILES if path.parent == FOLDER / "commands" for text in strings(path)
    }  # fmt: skip
    kit = FOLDER / "kit"
    drawing = (FOLDER / "features", kit / "page", kit / "task_options.py")
    pages = {
        text for path in FILES if any(map(path.is_relative_to, drawing)) for text in strings(path)
    }
    names = {
        name for path in FILES if path.parent == FOLDER / "commands"
        for name in read(path).arguments
    }  # fmt: skip
    names |= {
        f"{command}_{name}"
        for command in ("train", "retention", "compare", "view")
        for name in (*OPTIONS, *names)
    }
    names |= OPTIONS | {f"no_{name}" for name in OPTIONS}
    things = named()
    used = {
        key
        for key in KEYS
        if pattern.fullmatch(key)
        or key in things
        or (key.startswith("cli.") and (key[4:] in names or re.escape(key[4:]) in terminal))
        or (key.startswith("choice.") and re.escape(key.removeprefix("choice.")) in pages)
    }
    assert KEYS - used == set()


def test_everything_there_is_has_a_name() -> None:
    """Cells, tasks, their questions and signals, so that no name with underscores is shown."""
    assert named() - KEYS == set()
    assert name_of("signal", "forget_gate") == "forget gate"
    assert name_of("signal", "some_new_gate") == "some new gate"


@pytest.mark.parametrize("key", ["gates.no_such_text", "nothing", ""])
def test_an_unknown_key_is_an_error(key: str) -> None:
    """It is a fault of the program, not a text to show."""
    with pytest.raises(KeyError):
        say(key)


def test_no_text_is_empty_or_has_space_around_it() -> None:
    """Nor a placeholder that cannot be parsed."""
    for key, text in texts("en").items():
        assert text.strip() == text != "", key
        list(Formatter().parse(text))
