"""Heatmaps: the pixels, the legend and the recording hold together."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn

from gatescope import record
from viz_app.features.gates import data as gates
from viz_app.kit import units
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.raster import Raster
from viz_app.kit.chart.style import GATE_TABLE, STATE_TABLES, table
from viz_app.kit.library import Library

TITLES = {
    "input_gate": "input gate",
    "forget_gate": "forget gate",
    "output_gate": "output gate",
    "reset_gate": "reset gate",
    "update_gate": "update gate",
    "candidate": "candidate",
    "cell_state": "cell state",
    "hidden_state": "hidden state",
}


def painted(values: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
    """What a legend's own scale says of values: linear in RGB between its stops."""
    stops = np.array(scale["domain"], dtype=float)
    colours = [bytes.fromhex(colour.removeprefix("#")) for colour in scale["range"]]
    inside = np.clip(values, stops[0], stops[-1])
    above = np.minimum(np.searchsorted(stops, inside, side="right"), len(stops) - 1)
    share = (inside - stops[above - 1]) / (stops[above] - stops[above - 1])
    table = np.array([list(colour) for colour in colours], dtype=float)
    return table[above - 1] + share[..., None] * (table[above] - table[above - 1])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pixels_are_the_recording_in_the_colours_of_the_legend(
    name: str, library: Library, recorded: Callable[..., xr.Dataset], spec_of: Any, theme: Any
) -> None:
    """Row by row, for every gate and state of every prepared run."""
    run, layer = library.runs[name], recorded(name)
    view = gates.view(layer, run.probe(), run.task, example=5)
    spec = spec_of(view.spec(GatesLook(theme=theme), view.picked()))
    units = view.data.shape.units
    for signal in view.data.shape.signals:
        title = TITLES[signal.name]
        pixels, scale = spec.pixels(title), spec.scale(title)
        assert scale["interpolate"] == "rgb"
        assert scale["clamp"] is True
        values = layer[signal.name].values
        for row, unit in enumerate(units):
            expected = painted(values[:, 5, unit].astype("float64"), scale)
            # one level of 255 for the legend's six digits, half of one for rounding
            assert np.abs(pixels[row, :, :3] - expected).max() < 1.5, (title, unit)
        assert (pixels[..., 3] == 255).all()
        ends = (0.0, 1.0) if signal.kind == "gate" else (-signal.bound, signal.bound)
        assert (scale["domain"][0], scale["domain"][-1]) == pytest.approx(ends)


@pytest.mark.parametrize("sort", ["open", "half_life", "index"])
def test_gates_that_are_pinned_show_at_their_row(spec_of: Any, sort: str) -> None:
    """Forget gates held open by a bias of 20 are yellow, held shut by -20 purple, after sorting."""
    network, opened, shut = nn.LSTM(3, 6), 4, 1
    with torch.no_grad():
        for bias in (network.bias_ih_l0, network.bias_hh_l0):
            bias[6:12] = 0
            bias[6 + opened], bias[6 + shut] = 20, -20
        network.weight_hh_l0[6:12] = 0
    layer = units.layer_of(record(network, torch.randn(9, 2, 3)))
    view = gates.view(layer, order=units.order_units(layer, sort=sort))
    pixels = spec_of(view.spec(GatesLook(), (0, 0))).pixels("forget gate")[..., :3].astype(int)
    rows = {unit: row for row, unit in enumerate(view.data.shape.units)}
    assert (pixels[rows[opened]] == (0xFD, 0xE7, 0x25)).all()
    assert (pixels[rows[shut]] == (0x44, 0x01, 0x54)).all()
    others = [rows[unit] for unit in range(6) if unit not in (opened, shut)]
    assert not (pixels[others] == (0xFD, 0xE7, 0x25)).all(axis=-1).any()
    assert not (pixels[others] == (0x44, 0x01, 0x54)).all(axis=-1).any()
    if sort != "index":
        assert (rows[opened], rows[shut]) == (0, 5)
    else:
        assert view.data.shape.units == tuple(range(6))


def test_the_first_row_is_on_top(recorded: Callable[..., xr.Dataset], spec_of: Any) -> None:
    """The axis of rows runs downward, its labels are the units, the picture spans all cells."""
    order = [*range(3, 16), 0, 1, 2]
    view = gates.view(recorded("adding-lstm"), order=order)
    spec = spec_of(view.spec(GatesLook(), (0, 0)))
    for title in ("input gate", "cell state"):
        image = next(part for part in spec.panel(title)["layer"] if part["mark"]["type"] == "image")
        scale = image["encoding"]["y"]["scale"]
        assert (scale["domain"], scale["reverse"]) == ([-0.5, 15.5], True)
        assert image["encoding"]["y"]["axis"]["labelExpr"] == f"{order}[datum.value]"
        assert (image["mark"]["aspect"], image["mark"]["smooth"]) == (False, False)
        (row,) = spec.rows(image["data"])
        corners = [row[corner] for corner in ("x", "x2", "y", "y2")]
        assert corners == [-0.5, 49.5, -0.5, 15.5]


def test_nothing_is_painted_where_there_is_no_value(pixels_of: Any) -> None:
    """NaN is transparent; what lies beyond the ends has the colour of the end."""
    values = np.array([[0.0, np.nan, 1.0], [-7.0, 0.5, 7.0]])
    pixels = pixels_of(Raster(values, 0, 1, GATE_TABLE).uri())
    assert pixels[..., 3].tolist() == [[255, 0, 255], [255, 255, 255]]
    assert pixels[1, 0].tolist() == pixels[0, 0].tolist() == [0x44, 0x01, 0x54, 255]
    assert pixels[1, 2].tolist() == pixels[0, 2].tolist() == [0xFD, 0xE7, 0x25, 255]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("bound", [0.013, 1.0, 250.0])
def test_zero_has_the_middle_colour_and_the_signs_differ(
    pixels_of: Any, theme: Any, bound: float
) -> None:
    """Orange below, purple above, at any bound."""
    values = np.array([[-bound, 0.0, bound]])
    below, middle, above = pixels_of(Raster(values, -bound, bound, table("state", theme)).uri())[0]
    assert tuple(middle[:3]) == tuple(bytes.fromhex(STATE_TABLES[theme].colours[5][1:]))
    assert int(below[0]) > int(below[2])
    assert int(above[2]) > int(above[0])
    (stops, scale) = (STATE_TABLES[theme].colours, table("state", theme).scale(-bound, bound))
    assert list(scale["range"]) == list(stops)
    assert list(scale["domain"]) == pytest.approx(np.linspace(-bound, bound, 11), abs=bound * 1e-5)


def test_gates_grow_lighter_as_they_open(pixels_of: Any) -> None:
    """Luminance rises all the way, so that it reads in grey and without colour vision."""
    pixels = pixels_of(Raster(np.linspace(0, 1, 101)[None], 0, 1, GATE_TABLE).uri())[0]
    grey = pixels[:, :3].astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(grey) > 0).all()


def test_a_line_goes_through_what_is_below_zero(pixels_of: Any) -> None:
    """In the middle of the row, as thin as a pixel, and nowhere else; none where rows are thin."""
    values = np.array([[-0.5, 0.5, np.nan], [0.0, -1.0, -0.01]])
    picture = Raster(values, -1, 1, STATE_TABLES["light"])
    seen = pixels_of(picture.lines(14))
    assert seen.shape == (14, 3, 4)
    assert [tuple(place) for place in np.argwhere(seen[..., 3] > 0)] == [(3, 0), (10, 1)]
    dark, light = seen[3, 0, :3], seen[10, 1, :3]
    assert dark.max() < 40
    assert light.min() == 255
    assert pixels_of(picture.lines(5)).shape == (1, 1, 4)
