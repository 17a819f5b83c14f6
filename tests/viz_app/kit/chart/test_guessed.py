"""Guesses on a view's own chart: where they say, with their words; the rest stays as it is."""

import copy
import json
import re
from typing import Any

import numpy as np
import pytest

from viz_app.features import Gates, GradientFlow, Start, Tasks
from viz_app.kit import drawing, export
from viz_app.kit.chart import guessed
from viz_app.kit.chart.guessed import Mark, row
from viz_app.kit.chart.window import LAPTOP, WINDOWS, Look
from viz_app.kit.recordings import HERE
from viz_app.kit.view import View
from viz_app.text import say

MINE, RIGHT = "mine: 14", "right: 27"
LOOKS = [Look("light", LAPTOP), Look("dark", WINDOWS["phone"])]
WIDE = 500
POINT = re.compile(r'transform="translate\(([\d.]+),([\d.]+)\)" d="M[\d.]+,0A')


def still(view: View, look: Look) -> dict[str, Any]:
    """A view's picture, so wide."""
    return export.spec(view.figure(HERE).draw(WIDE, look))


def points(svg: str) -> list[tuple[float, float]]:
    """Where circles of guesses stand in their panel."""
    return [(float(x), float(y)) for x, y in POINT.findall(svg)]


def drawn(spec: dict[str, Any], *rows: dict[str, Any]) -> str:
    """As SVG, with these guesses."""
    return drawing.svg(json.dumps(guessed.filled(spec, rows)))


@pytest.mark.parametrize("look", LOOKS)
def test_a_guessed_time_goes_on_from_its_step(look: Look) -> None:
    """So many steps along the first row's axis; the others stay as they are."""
    spec = still(Tasks("adding", seed=1), look)
    before = copy.deepcopy(spec)
    ready = guessed.on(spec, Mark("time", 22), look)
    assert spec == before
    assert ready["vconcat"][1:] == before["vconcat"][1:]
    svg = drawn(ready, row(14, "own", MINE), row(27, "truth", RIGHT), row(3, "class"))
    assert [x for x, _ in points(svg)] == pytest.approx(
        [(22 + steps + 0.5) / 50 * WIDE for steps in (3, 27, 14)], abs=0.5
    )
    assert MINE in svg
    assert RIGHT in svg
    assert MINE not in drawn(ready)


@pytest.mark.parametrize("look", LOOKS)
def test_a_guessed_fraction_stands_at_its_height(look: Look) -> None:
    """On the line where it is right, above where it is more, at the step that is asked about."""
    view = GradientFlow("adding-rnn", ())
    (flows,) = view.data(HERE).values()
    line = flows[0].lines["hidden_state"].value
    spec = still(view, look)
    mark = Mark("height", 29, float(line[-1]))
    before = copy.deepcopy(spec)
    ready = guessed.on(spec, mark, look)
    assert spec == before
    right = float(line[29] / line[-1])
    svg = drawn(ready, row(1e3 * right, "own", MINE), row(right, "truth", RIGHT))
    (x, on_it), (same, above) = points(svg)[-2:]  # those of the line itself come before
    assert x == same
    heights = (layer["encoding"]["y"] for layer in spec["hconcat"][0]["layer"])
    low, high = next(y["scale"]["domain"] for y in heights if "scale" in y)
    power = spec["hconcat"][0]["height"] / np.log10(high / low)
    assert on_it - above == pytest.approx(3 * power, rel=0.01)
    assert MINE in svg


def test_a_guessed_number_of_units_is_a_line_below_them() -> None:
    """In the picture of units alone; the truth is another line."""
    view = Gates("adding-lstm", pictures=("forget_gate", "lines"), sort="half_life")
    look = LOOKS[0]
    spec = still(view, look)
    before = copy.deepcopy(spec)
    ready = guessed.on(spec, Mark("rows"), look)
    assert spec == before
    changed = [one != other for one, other in zip(ready["vconcat"], before["vconcat"], strict=True)]
    assert changed.count(True) == 1
    svg = drawn(ready, row(11, "own", MINE), row(2, "truth", RIGHT), row(5, "class"))
    height = ready["vconcat"][changed.index(True)]["height"]
    lines = {
        round(float(y), 1) for y in re.findall(r'<line transform="translate\(0,([\d.]+)\)', svg)
    }
    assert {round(units / 16 * height, 1) for units in (11, 2, 5)} <= lines
    assert svg.count(f">{MINE}<") == 2  # on its ground


def test_guessed_steps_and_units_are_framed_in_gates() -> None:
    """On its own axes, in each panel that has them; a unit out of view is none."""
    view = Gates("adding-lstm", pictures=("input_gate", "lines"), units=(3, 7))
    look = LOOKS[0]
    spec = still(view, look)
    before = copy.deepcopy(spec)
    steps, units = (guessed.on(spec, Mark(axis), look) for axis in ("step", "unit"))
    assert spec == before
    assert all(one != other for one, other in zip(steps["vconcat"], spec["vconcat"], strict=True))
    svg = drawn(steps, row(6, "own", MINE), row(30, "own", MINE), row(6, "class", share=0.5))
    sides = {float(x) for x in re.findall(r'<line transform="translate\(([\d.]+),0\)', svg)}
    assert {step / 50 * WIDE for step in (6, 7, 30, 31)} <= sides
    assert svg.count(f">{MINE}<") == 1
    for unit, there in ((3, 2), (5, 0)):
        assert drawn(units, row(unit, "own", MINE)).count(f">{MINE}<") == there
    assert drawn(units, row(7, "class", "class: 40%")).count(">class: 40%<") == 2


def test_guessed_steps_are_framed_in_start() -> None:
    """At their places; its marks cannot be dragged where that is no thing to do."""
    look = LOOKS[0]
    shared = Start().spec(look, HERE)
    before = copy.deepcopy(shared)
    fixed, free = (Start().guessed(look, HERE, still=still) for still in (True, False))
    assert Start().spec(look, HERE) == before
    grab = {spec is fixed: _signal(spec, "grab") for spec in (fixed, free)}
    assert "mark1" in json.dumps(grab[False])
    assert "mark1" not in json.dumps(grab[True])
    assert _signal(free, "now")["value"] == 49
    mine = say("question.your_guess")
    rows = [row(6, "own", mine), row(20, "own", mine)]
    tables = {"steps": [{"step": step} for step in range(50)], "one": [{"one": 1}]}
    plain = free | {"width": 900, "datasets": tables}
    with_, without = (drawn(plain, *some) for some in (rows, ()))
    assert with_.count(f">{mine}<") == 1
    assert with_.count('stroke-dasharray="5,3"') == without.count('stroke-dasharray="5,3"') + 2


def _signal(spec: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in spec["config"]["signals"] if each["name"] == name)
    return dict(found)
