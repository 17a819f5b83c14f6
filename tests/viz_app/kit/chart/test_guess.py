"""A guess beside what is right: both stand where they belong, and the rest is as it was."""

import json
from typing import Any

import pytest

from viz_app.kit import drawing
from viz_app.kit.chart import guess
from viz_app.kit.chart.window import LAPTOP, WINDOWS, Look
from viz_app.text import say, words

MINE, RIGHT = say("question.your_guess"), say("question.truth")
LOOKS = [Look("light", LAPTOP), Look("dark", WINDOWS["phone"])]


def drawn(spec: dict[str, Any]) -> str:
    """A spec for a page as SVG, 400 pixels wide."""
    return drawing.svg(json.dumps(spec | {"width": 400}))


def places(spec: dict[str, Any], field: str) -> list[float]:
    """The values of a field that the layers draw, each once, in order."""
    found: list[float] = []
    for layer in spec["layer"]:
        found += [row[field] for row in layer["data"].get("values", []) if field in row]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("log", "ends"), [(False, (0.0, 1.0)), (True, (1e-8, 1.0))])
def test_a_number_stands_at_its_place(look: Look, log: bool, ends: tuple[float, float]) -> None:
    """The guess hollow and dashed, what is right filled; each says which it is."""
    spec = guess.number(words(), 0.5, 0.0148, ends, look, log=log, labels=("half", "little"))
    assert places(spec, "value") == [0.5, 0.0148]
    text = drawn(spec)
    assert f"{MINE}: half" in text
    assert f"{RIGHT}: little" in text
    filled = [layer["mark"]["filled"] for layer in spec["layer"] if "filled" in layer["mark"]]
    assert filled == [False, True]
    if log:
        assert "10⁻⁸" in text


@pytest.mark.parametrize("look", LOOKS)
def test_a_curve_is_drawn_over_the_guessed_one(look: Look) -> None:
    """Through the same places; while it is guessed nothing of the right one is there."""
    at, mine, right = (1.0, 5.0, 20.0), (0.9, 0.5, 0.5), (0.9, 0.6, 0.12)
    both = guess.curve(words(), at, mine, right, (0, 1), look, titles=("steps", "left"))
    assert places(both, "x") == [*at]
    assert set(places(both, "y")) == {*mine, *right}
    assert all(text in drawn(both) for text in (MINE, RIGHT, "steps", "left"))
    alone = guess.curve(words(), at, mine, None, (0, 1), look)
    assert set(places(alone, "y")) == {*mine}
    assert RIGHT not in drawn(alone)


@pytest.mark.parametrize("look", LOOKS)
def test_an_order_is_linked_to_the_right_one(look: Look) -> None:
    """Each thing to itself; a straight line is one that stands right."""
    spec = guess.order(words(), ("a", "b", "c"), (0, 2, 1), (0, 1, 2), look)
    rows = spec["layer"][2]["data"]["values"]
    assert [(row["thing"], row["left"], row["right"], row["same"]) for row in rows] == [
        ("a", 0, 0, True), ("c", 1, 2, False), ("b", 2, 1, False),
    ]  # fmt: skip
    assert drawn(spec).count(">b<") == 2


@pytest.mark.parametrize("look", LOOKS)
def test_places_are_framed_and_filled(look: Look) -> None:
    """Of as many as there are."""
    spec = guess.places(words(), 10, (3, 9), (3, 7), "time step", look)
    ground, right, mine = (layer["data"]["values"] for layer in spec["layer"][:3])
    assert len(ground) == 10
    assert [row["from"] for row in right] == [3, 7]
    assert [row["from"] for row in mine] == [3, 9]
    assert "time step" in drawn(spec)
