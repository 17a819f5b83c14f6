"""Where there are too many cells to hover one by one: blocks that hide no value."""

import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from viz_app.charts.gates import gates_rows, gates_spec
from viz_app.charts.gates_data import (
    GatesData,
    GatesLook,
    GatesShape,
    GatesWords,
    SignalStyle,
)

WORDS = GatesWords("time", "unit", "step", "gate", "value", "left of {step}")
SIGNALS = (SignalStyle("forget_gate", "f", "gate"), SignalStyle("cell_state", "c", "state", 3.0))
SIZES = [(300, 40), (5001, 1), (1000, 256), (71, 71), (6, 2000)]


def many(steps: int, units: int) -> GatesData:
    """Random values of that size, the units in a random order."""
    draw = np.random.default_rng(steps)
    order = tuple(int(unit) for unit in draw.permutation(units))
    values = (draw.random((steps, units)), draw.normal(size=(steps, units)))
    shape = GatesShape(steps, order, SIGNALS, kept_in="cell_state")
    return GatesData(shape, values, ("",) * units, log_kept=np.zeros((steps, units)))


def members(block: dict[str, Any], order: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The steps and rows that a block names."""
    ends = [int(number) for number in re.findall(r"\d+", block["steps"])]
    rows = [order.index(int(unit)) for unit in block["units"].split(", ")]
    return np.arange(ends[0], ends[-1] + 1), np.array(rows)


@pytest.mark.parametrize(("steps", "units"), SIZES)
def test_blocks_hold_each_cell_once_with_range_and_mean(steps: int, units: int) -> None:
    """Each names its steps and units, and says minimum, maximum and mean of just those."""
    data = many(steps, units)
    blocks = gates_rows(data, GatesLook(), data.shape.units[0])["blocks"].to_dict("records")
    assert 1 < len(blocks) <= 5000
    seen = np.zeros((steps, units), dtype=int)
    for number, block in enumerate(blocks):
        there = np.ix_(*members(block, data.shape.units))
        seen[there] += 1
        assert (block["time"], block["unit"]) == (
            int(re.findall(r"\d+", block["steps"])[0]),
            int(block["units"].split(", ")[0]),
        )
        if number % 97:
            continue
        for signal, values in zip(SIGNALS, data.values, strict=True):
            said = [float(part) for part in re.findall(r"-?\d+\.\d+", block[signal.name])]
            part = values[there]
            expected = [part.min(), part.max(), part.mean()]
            assert said == pytest.approx(expected if part.size > 1 else expected[1:], abs=5.1e-4)
    assert (seen == 1).all()


@pytest.mark.parametrize("place", [(0, 0), (299, 39), (150, 7)])
def test_a_spike_never_vanishes(place: tuple[int, int]) -> None:
    """One value of 9 among 12,000 is in exactly one block, that of its step and unit."""
    data = many(300, 40)
    data.values[1][place] = 9.0
    blocks = gates_rows(data, GatesLook(), 0)["blocks"].to_dict("records")
    (block,) = (b for b in blocks if "9.000" in b["cell_state"])
    steps, rows = members(block, data.shape.units)
    assert place[0] in steps
    assert place[1] in rows


def test_a_value_that_is_missing_is_left_out_of_the_summary() -> None:
    """NaN counts for nothing; a block of nothing else has a dash."""
    data = many(300, 40)
    data.values[1][:] = np.nan
    data.values[1][0, 0] = 2.5
    blocks = gates_rows(data, GatesLook(), 0)["blocks"]["cell_state"].tolist()
    assert blocks.count("–") == len(blocks) - 1
    assert [b for b in blocks if b != "–"] == ["2.500, ⌀ 2.500"]


def test_the_rectangles_cover_the_plot_without_gap(spec_of: Any) -> None:
    """Corners by the spec's own expressions: areas sum to the plot's, and none sticks out."""
    data = many(301, 43)
    spec = spec_of(gates_spec(data, WORDS, GatesLook(), (0, 0)))
    for title in ("f", "c"):
        (layer,) = (part for part in spec.panel(title)["layer"] if "tooltip" in part["encoding"])
        corners = {step["as"]: step["calculate"] for step in layer["transform"]}
        area = 0.0
        for block in spec.rows(layer["data"]):
            row = SimpleNamespace(**block)
            left, right, top, bottom = (
                eval(corners[name], {"min": min, "datum": row})
                for name in ("left", "right", "top", "bottom")
            )
            assert -0.5 <= left < right <= 300.5
            assert -0.5 <= top < bottom <= 42.5
            area += (right - left) * (bottom - top)
        assert area == 301 * 43


@pytest.mark.parametrize(("steps", "units", "blocked"), [(100, 50, False), (100, 51, True)])
def test_up_to_5000_cells_answer_one_by_one(
    spec_of: Any, steps: int, units: int, blocked: bool
) -> None:
    """Beyond, only the picked unit's cells are sent, for its traces."""
    data = many(steps, units)
    spec = spec_of(gates_spec(data, WORDS, GatesLook(), (7, 3)))
    cells = spec.found["datasets"]["cells"]
    assert ("blocks" in spec.found["datasets"]) is blocked
    assert len(cells) == (steps if blocked else steps * units)
    own = cells[cells.unit == 7].sort_values("time")
    row = data.shape.units.index(7)
    assert (own.row == row).all()
    np.testing.assert_allclose(own.cell_state, data.values[1][:, row], atol=5.1e-5)
    assert len(own) == steps


def test_a_still_figure_has_no_blocks() -> None:
    """There is nothing to hover."""
    assert "blocks" not in gates_rows(many(300, 40), GatesLook(hover=False), 0)
