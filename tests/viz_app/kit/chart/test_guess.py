"""A guess beside what is right: both stand where they belong, and the rest is as it was."""

import copy
import json
import re
from typing import Any

import pytest

from viz_app.features import Gates, Start
from viz_app.kit import drawing
from viz_app.kit.chart import guess
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.window import LAPTOP, WINDOWS, Look
from viz_app.kit.recordings import HERE
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


def test_guessed_steps_and_units_are_framed_in_gates() -> None:
    """On its own axes, in each panel that has them; the shared spec stays as it is."""
    look, view = GatesLook.of(Look("light", LAPTOP)), Gates("adding-lstm").complete(HERE)
    view = view.but(pictures=("input_gate", "lines"))
    shared = view.spec(look, HERE)
    seen = view.data(HERE).with_picks(shared, look, 0, view.picked(HERE), 0)
    before = copy.deepcopy(seen["vconcat"])
    framed = guess.on_panels(seen, (6, 30), (3,), words(), Look("light", LAPTOP))
    assert seen["vconcat"] == before
    steps = [
        [row["side"] for layer in panel["layer"] for row in _values(layer) if "side" in row]
        for panel in framed["vconcat"]
    ]
    assert all({5.5, 6.5, 29.5, 30.5} <= set(sides) for sides in steps)
    filters = re.findall(r'"oneOf": \[3\]', json.dumps(framed["vconcat"]))
    assert len(filters) == 2  # the frame and its name, in the one heatmap
    assert guess.on_panels(seen, (), (), words(), Look()) is seen


def _values(layer: dict[str, Any]) -> list[dict[str, Any]]:
    data = layer.get("data", {})
    return data["values"] if isinstance(data.get("values"), list) else []


def test_guessed_steps_are_framed_in_start() -> None:
    """At their places; its marks cannot be dragged where that is no thing to do."""
    look = Look("light", LAPTOP)
    shared = Start().spec(look, HERE)
    before = copy.deepcopy(shared)
    still = Start().guessed((6, 20), look, HERE, still=True)
    free = Start().guessed((), look, HERE)
    assert Start().spec(look, HERE) == before
    assert len(still["layer"]) == len(free["layer"]) + 3
    grab = {spec is still: _signal(spec, "grab") for spec in (still, free)}
    assert "mark1" in json.dumps(grab[False])
    assert "mark1" not in json.dumps(grab[True])
    assert _signal(free, "now")["value"] == 49
    tables = {"steps": [{"step": step} for step in range(50)], "one": [{"one": 1}]}
    stills = [json.dumps(spec | {"width": 900, "datasets": tables}) for spec in (still, free)]
    assert [MINE in drawing.svg(text) for text in stills] == [True, False]


def _signal(spec: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in spec["config"]["signals"] if each["name"] == name)
    return dict(found)
