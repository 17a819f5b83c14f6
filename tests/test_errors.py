"""Errors by key: each sentence is asked for with its values, and survives files and processes."""

import ast
import copy
import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from gatescope import RunError, TrainConfig, load_run, make_task
from gatescope.errors import SENTENCES, Sentence, joined, parts, restored, say, sentence_of

CORE = Path(__file__).parents[1] / "core" / "gatescope"

FOR_PROGRAMMERS = ("analysis", "cells")
"""Packages whose errors nobody can cause but who writes Python."""

INSIDE = {"PlainError", "UnusualError", "UnpicklingError", "AssertionError", "AttributeError"}
"""What is caught where it is raised from, or is a fault of the program."""


def fields(sentence: str) -> set[str]:
    """The names of the values in a sentence."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def calls() -> Iterator[tuple[str, set[str], str]]:
    """Every sentence that core asks for: where, its values' names, its key."""
    for path in sorted(CORE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say":
                where = f"{path.relative_to(CORE)}:{node.lineno}"
                names = {str(keyword.arg) for keyword in node.keywords}
                match node.args[0]:
                    case ast.Constant(str(key)):
                        yield where, names, key
                    case ast.IfExp(body=ast.Constant(str(one)), orelse=ast.Constant(str(other))):
                        yield from ((where, names, key) for key in (one, other))
                    case ast.JoinedStr(values=[ast.Constant(str(head)), *_]):
                        family = [key for key in SENTENCES if key.startswith(head)]
                        yield from ((where, names, key) for key in family)


def test_every_sentence_is_there_and_given_its_values() -> None:
    """No value is missing, and none is left over."""
    wrong = []
    for where, names, key in calls():
        wanted = fields(SENTENCES.get(key, ""))
        filled = names - {"None"} <= wanted if "None" in names else names == wanted
        if key not in SENTENCES or not filled:  # None: ** gives the rest
            wrong.append((where, key))
    assert wrong == []


def test_every_sentence_is_asked_for() -> None:
    """What nothing says any more is gone from the table; some are handed to `joined` by name."""
    assert set(SENTENCES) - {key for *_, key in calls()} == {"and_then", "both", "time"}


LONGEST = 45
"""Words of a sentence."""

HARD = {
    "available: a, b": r"no \w+ is called|; there (is|are)\b",
    "but at most": r", and (at most|at least)\b|\bare the most\b",
    "but a date is needed": r", and (an?|the)? ?[a-z]+ (is|are) needed\b|, and the layer reads\b",
    "is not a trace": r"(?<!there )\b(is|are) no [a-z]|\bwhich no\b",
    "format": r"\bschemas?\b",
    "needs": r"\basks? for\b(?! its)",
    "for example": r", as (by|torch|model|method|layer|time|lambda)\b",
    "its own forward": r"\bof (its|their) own\b",
    "does not fit": r"\bof another (size|version)\b",
    "only": r"\balone can\b|\bcan alone\b",
    "does not say": r"\b(tells?) which\b|\bnot tell\b",
}  # fmt: skip
"""How a sentence is not put, and how it is instead: where English has to be read twice."""


def hard(sentence: str) -> list[str]:
    """How a sentence should have been put, and that it is too long."""
    read = re.sub(r"\{[^}]*\}", "x", sentence)
    found = [better for better, pattern in HARD.items() if re.search(pattern, read)]
    return [*found, *(["shorter"] if len(read.split()) > LONGEST else [])]


def test_sentences_are_plain() -> None:
    """Each is read once, by who is no native speaker: one name, one order of words."""
    assert {key: found for key, sentence in SENTENCES.items() if (found := hard(sentence))} == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "no task is called {name!r}; there are {names}", "it has 3, and at most 2 are read",
        "in 3 pieces, {most} are the most", "'x', and a date is needed there",
        "x is 3, and the layer reads 2", "x is no trace", "it has schema {schema}",
        "it asks for 3 layers", "name one, as by layer=", "x has a forward of its own",
        "its weights are of another size", "the file does not tell how", "word " * 46,
    ],
)  # fmt: skip
def test_a_hard_sentence_is_found(sentence: str) -> None:
    """Each pattern finds what it is for."""
    assert hard(sentence)


def unkeyed() -> Iterator[str]:
    """Every error that is made from a text, where it could be made from a sentence."""
    for path in sorted(CORE.rglob("*.py")):
        if path.relative_to(CORE).parts[0] in FOR_PROGRAMMERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                kind = getattr(node.func, "id", getattr(node.func, "attr", ""))
                text = isinstance(node.args[0], ast.JoinedStr | ast.BinOp) or (
                    isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
                )
                if text and kind.endswith("Error") and kind not in INSIDE:
                    yield f"{path.relative_to(CORE)}:{node.lineno}"


def test_every_error_that_can_be_seen_has_a_sentence() -> None:
    """So that it can be said in another language."""
    assert list(unkeyed()) == []


def test_an_error_carries_its_key_and_values(tmp_path: Path) -> None:
    """Those of the package, and what is wrong with a setting."""
    with pytest.raises(RunError) as missing:
        load_run(tmp_path / "nowhere")
    assert missing.value.key == "run_missing"
    assert missing.value.values == {"folder": str(tmp_path / "nowhere")}
    assert str(missing.value) == (
        f"there is no run at {tmp_path / 'nowhere'}: no such folder; give that of a saved run, "
        "or a prepared name, as adding-lstm"
    )
    with pytest.raises(ValueError, match="delay must be at least 1") as below:
        make_task("delayed_recall", delay=0)
    said = sentence_of(below.value)
    assert isinstance(said, Sentence)
    assert (said.key, said.values) == ("option_below", {"name": "delay", "lowest": 1, "value": 0})


def test_what_is_wrong_with_settings_is_made_of_sentences() -> None:
    """Each fault has its own within the whole."""
    with pytest.raises(ValueError, match="hidden_size") as several:
        TrainConfig(task="adding", hidden_size=0, cell="lstm", colour="red")
    whole = sentence_of(several.value)
    assert isinstance(whole, Sentence)
    assert whole.key == "and_then"
    assert [whole.values[place].key for place in ("first", "others")] == ["setting", "setting"]
    assert whole.values["others"].values["wrong"].key == "setting_unknown"


def samples() -> list[str]:
    """Sentences of each kind: of numbers, of None, of others, of what is not ours."""
    inner = say("option_below", name="delay", lowest=1, value=None)
    return [
        say("inputs_too_many", count=12345, most=10),
        say("run_unreadable", folder=Path("a"), reason=RunError(inner)),
        say("run_unreadable", folder="{reason}", reason=OSError("line\nand line")),
        joined([inner, say("no_layer"), "plain"]),
        joined(say("time_of_s", count=number) for number in range(5000)),
    ]


@pytest.mark.parametrize("sentence", samples())
def test_a_sentence_survives(sentence: Sentence) -> None:
    """Pickle and copies, within an error or alone, and a file of its text and its parts."""
    error = RunError(sentence)
    for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error), copy.copy(error)):
        assert (str(again), again.key) == (sentence, sentence.key)
        assert again.values == sentence.values
    again = restored(str(sentence), json.loads(json.dumps(parts(sentence))))
    assert isinstance(again, Sentence)
    assert (again, again.key, again.values) == (sentence, sentence.key, sentence.values)


@pytest.mark.parametrize(
    "made_from",
    [
        None, "text", 3, [], ["no_such_key", {}], ["no_layer"], ["no_layer", []], ["no_layer", {}],
        ["inputs_too_many", {"count": "many", "most": 1}], ["inputs_too_many", {"count": 1}],
        [["no_layer", {}], {}], ["option_below", {"name": [[]], "lowest": 1, "value": 1}],
    ],
)  # fmt: skip
def test_what_does_not_fit_stays_a_text(made_from: object) -> None:
    """A damaged file, one of another version, and one that was written by somebody else."""
    assert type(restored("it failed", made_from)) is str


def test_a_foreign_error_is_one_bounded_line() -> None:
    """Its own text, or its class where it says nothing."""
    assert sentence_of(ValueError("a\n b")) == "a b"
    assert sentence_of(KeyError()) == "KeyError"
    assert sentence_of(ValueError("x" * 999), most=10) == "x" * 10 + "…"
