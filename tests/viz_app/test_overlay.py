"""Where there are too many cells to hover one by one: blocks that hide no value."""

from typing import Any

import numpy as np
import pandas as pd
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


def blocks_of(data: GatesData) -> tuple[pd.DataFrame, int, int]:
    """The blocks in their order, and how many steps and rows each spans."""
    across, down = data.shape.block()
    found = gates_rows(data, GatesLook(), data.shape.units[0])["blocks"]
    assert len(found) == -(-data.shape.steps // across) * -(-len(data.shape.units) // down)
    return found, across, down


@pytest.mark.parametrize(("steps", "units"), SIZES)
def test_blocks_hold_each_cell_once_with_range_and_mean(steps: int, units: int) -> None:
    """In the order of time, then of rows: minimum, maximum and mean of just those cells."""
    data = many(steps, units)
    blocks, across, down = blocks_of(data)
    assert 1 < len(blocks) <= 5000
    per_column = -(-units // down)
    for number in range(0, len(blocks), 97):
        time, row = number // per_column * across, number % per_column * down
        for signal, values in zip(SIGNALS, data.values, strict=True):
            part = values[time : time + across, row : row + down]
            said = [blocks[f"{signal.name}_{kind}"][number] for kind in ("low", "high", "mean")]
            assert said == pytest.approx([part.min(), part.max(), part.mean()])


@pytest.mark.parametrize("place", [(0, 0), (299, 39), (150, 7)])
def test_a_spike_never_vanishes(place: tuple[int, int]) -> None:
    """One value of 9 among 12,000 is in exactly one block, that of its step and unit."""
    data = many(300, 40)
    data.values[1][place] = 9.0
    blocks, across, down = blocks_of(data)
    (number,) = np.flatnonzero(blocks["cell_state_high"] == 9.0)
    assert number == place[0] // across * -(-40 // down) + place[1] // down


def test_a_value_that_is_missing_is_left_out_of_the_summary() -> None:
    """NaN counts for nothing; a block of nothing else has no number."""
    data = many(300, 40)
    data.values[1][:] = np.nan
    data.values[1][0, 0] = 2.5
    blocks, _, _ = blocks_of(data)
    for kind in ("low", "high", "mean"):
        column = blocks[f"cell_state_{kind}"]
        assert column[0] == 2.5
        assert column[1:].isna().all()


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
