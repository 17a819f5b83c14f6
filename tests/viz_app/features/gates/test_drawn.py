"""The gates chart as it is drawn: positions, curves and colours read back from the SVG."""

import json
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import vl_convert
import xarray as xr
from torch import nn

from gatescope import record
from viz_app.features.gates import data as gates
from viz_app.kit import export, units
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.library import Library

WIDTH, HEIGHT = 860, 96
QUIET, ACCENT = "#5b6270", "#c2185b"


def drawn(spec: dict[str, Any]) -> str:
    """The SVG, without the numbers that Vega counts up over all charts of a process.

    Marks of nothing, which only name a dataset, are left out too.
    """
    rows = {
        name: json.loads(data.to_json(orient="records", double_precision=15))
        for name, data in spec["datasets"].items()
        if hasattr(data, "to_json")
    }
    svg = vl_convert.vegalite_to_svg(json.dumps(spec | {"datasets": spec["datasets"] | rows}))
    svg = re.sub(r'<g class="mark-symbol [^>]*/>', "", svg)
    return re.sub(r"(gradient|clip)_?\d+", r"\1", svg)


def curve(svg: str) -> dict[int, float]:
    """What is left, by step: the points of the thin grey line."""
    (path,) = re.findall(rf'<path [^>]*d="([^"]*)"[^>]*stroke="{QUIET}" stroke-width="1.5"', svg)
    points = re.findall(r"[ML]([-\d.e]+),([-\d.e]+)", path)
    steps = {}
    for x, y in points:
        steps[float(x)] = 1 - float(y) / HEIGHT
    return {round(x * count / WIDTH - 0.5): left for count in [50] for x, left in steps.items()}


@pytest.mark.parametrize(
    ("name", "theme"),
    [("adding-lstm", "light"), ("temporal-order-gru", "dark"), ("digits-rnn", "light")],
)
def test_page_and_figure_are_one_picture(
    library: Library, recorded: Callable[..., xr.Dataset], name: str, theme: Any
) -> None:
    """The spec of a page and the chart of a figure draw the same SVG, on the theme's ground."""
    run = library.runs[name]
    view = gates.view(recorded(name), run.probe(), run.task, example=1)
    look = GatesLook(theme=theme, hover=False, fade=bool(view.data.shape.kept_in))
    picked = view.picked()
    page = drawn(view.spec(look, picked))
    assert page == drawn(export.spec(view.chart(look, picked)))
    ground = {"light": "#ffffff", "dark": "#11151c"}[theme]
    (first,) = re.findall(r"<rect [^>]*>", page)[:1]
    assert f'fill="{ground}"' in first


@pytest.fixture(scope="module", params=["forward", "reverse"])
def faded(request: pytest.FixtureRequest) -> tuple[xr.Dataset, str, int]:
    """A bidirectional LSTM's layer that reads this way, and its chart with step 20 picked."""
    with torch.random.fork_rng():
        torch.manual_seed(4)
        network = nn.LSTM(2, 5, bidirectional=True)
        trace = record(network, torch.randn(50, 1, 2))
    node = "lstm/l0" + ("_reverse" if request.param == "reverse" else "")
    chart = gates.chart(trace, node=node, unit=3, step=20, look=GatesLook(fade=True, hover=False))
    return units.layer_of(trace, node), drawn(export.spec(chart)), 20


def expected_left(layer: xr.Dataset, unit: int, step: int) -> dict[int, float]:
    """The product of the gates that were applied after the step, multiplied one by one."""
    gate = layer["forget_gate"].values[:, 0, unit].astype(float)
    steps = (
        range(step - 1, -1, -1) if layer.attrs["direction"] == "reverse" else range(step + 1, 50)
    )
    left, found = 1.0, {step: 1.0}
    for t in steps:
        left *= gate[t]
        found[t] = left
    return found


def test_the_curve_of_what_is_left(faded: tuple[xr.Dataset, str, int]) -> None:
    """In the reverse direction it runs backward."""
    layer, svg, step = faded
    assert curve(svg) == pytest.approx(expected_left(layer, 3, step), abs=2e-3)


def test_the_state_fades_by_what_is_lost(faded: tuple[xr.Dataset, str, int]) -> None:
    """Each later cell is covered by 0.94 of the share that is gone, at its place."""
    layer, svg, step = faded
    covers = re.findall(r'd="M([-\d.]+),([-\d.]+)h[^"]*" fill="#ffffff" opacity="([-\d.e]+)"', svg)
    found = {}
    rows = gates.view(layer).data.shape.units
    tall = max(float(y) for _, y, _ in covers) / (len(rows) - 1)
    for x, y, opacity in covers:
        found[round(float(x) * 50 / WIDTH), rows[round(float(y) / tall)]] = float(opacity)
    expected = {
        (t, unit): 0.94 * (1 - left)
        for unit in range(5)
        for t, left in expected_left(layer, unit, step).items()
        if t != step
    }
    assert found == pytest.approx(expected, abs=2e-3)


def test_rules_stand_half_a_step_beside_the_marks(
    library: Library, recorded: Callable[..., xr.Dataset]
) -> None:
    """In pixels, in all eight panels."""
    run = library.runs["adding-lstm"]
    view = gates.view(recorded("adding-lstm"), run.probe(), run.task, example=4)
    svg = drawn(view.spec(GatesLook(hover=False), view.picked()))
    at = re.findall(rf'<line [^>]*translate\(([\d.]+),[^>]*stroke="{ACCENT}"', svg)
    wanted = [(s + side) * WIDTH / 50 for s, _ in run.probe().marks[4] for side in (0, 1)]
    assert sorted(map(float, at)) == pytest.approx(sorted(8 * wanted), abs=1e-3)
    texts = re.findall(r">([^<>]+)</text>", svg)
    for _, label in run.probe().marks[4]:
        assert texts.count(label) == 1


def test_the_unit_and_what_is_known_of_it_are_written(
    library: Library, recorded: Callable[..., xr.Dataset]
) -> None:
    """The picked unit's note stands above its traces, its number beside its row."""
    run = library.runs["adding-gru"]
    view = gates.view(recorded("adding-gru"), run.probe(), run.task)
    svg = drawn(view.spec(GatesLook(hover=False), (6, 12)))
    note = view.data.notes[view.data.shape.units.index(6)]
    gate = recorded("adding-gru")["update_gate"].values[:, 0, 6].astype(float)
    life = math.log(0.5) / np.log(gate).mean()
    assert f"half-life {life:.0f} steps" in note or f"half-life {life:.1f} steps" in note
    assert svg.count(f">{note}</text>") == 1
    assert svg.count(">unit 6</text>") == len(view.data.shape.signals)
    assert ">what is left of step 12</text>" in svg
