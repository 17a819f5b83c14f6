"""The numbers under a chart: text that reads back, and blocks that hide no value."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from viz_app.kit.chart.gates import gates_rows, gates_spec
from viz_app.kit.chart.gates_data import GatesData, GatesShape, GatesWords, SignalStyle
from viz_app.kit.chart.gates_look import GatesLook

WORDS = GatesWords("time", "unit", "step", "gate", "value", "left of {step}")
SIGNALS = (SignalStyle("forget_gate", "f", "gate"), SignalStyle("cell_state", "c", "state", 3.0))
SIZES = [(300, 80), (13_001, 1), (1000, 256), (121, 121), (6, 3000)]


def many(steps: int, units: int) -> GatesData:
    """Random values of that size, the units in a random order."""
    draw = np.random.default_rng(steps)
    order = tuple(int(unit) for unit in draw.permutation(units))
    values = (draw.random((steps, units)), draw.normal(size=(steps, units)))
    shape = GatesShape(steps, order, SIGNALS, kept_in="cell_state")
    return GatesData(shape, values, ("",) * units, log_kept=np.zeros((steps, units)))


def blocks_of(spec_of: Any, data: GatesData) -> tuple[dict[str, np.ndarray], int, int]:
    """The blocks' numbers by name, in their order, and how many steps and rows each spans."""
    across, down = data.shape.block()
    spec = spec_of(gates_spec(data, WORDS, GatesLook(), (data.shape.units[0], 0)))
    names = [f"{signal.name}_{kind}" for signal in SIGNALS for kind in ("low", "high", "mean")]
    found = {name: spec.told(name) for name in names}
    count = -(-data.shape.steps // across) * -(-len(data.shape.units) // down)
    assert {len(numbers) for numbers in found.values()} == {count}
    return found, across, down


@pytest.mark.parametrize(("steps", "units"), SIZES)
def test_blocks_hold_each_cell_once_with_range_and_mean(
    spec_of: Any, steps: int, units: int
) -> None:
    """In the order of time, then of rows: minimum, maximum and mean of just those cells."""
    data = many(steps, units)
    blocks, across, down = blocks_of(spec_of, data)
    count = len(blocks["forget_gate_low"])
    assert 1 < count <= 3000
    per_column = -(-units // down)
    for number in range(0, count, 97):
        time, row = number // per_column * across, number % per_column * down
        for signal, values in zip(SIGNALS, data.values, strict=True):
            part = values[time : time + across, row : row + down]
            said = [blocks[f"{signal.name}_{kind}"][number] for kind in ("low", "high", "mean")]
            assert said == pytest.approx([part.min(), part.max(), part.mean()], abs=5.1e-5)


@pytest.mark.parametrize("place", [(0, 0), (299, 79), (150, 7)])
def test_a_spike_never_vanishes(spec_of: Any, place: tuple[int, int]) -> None:
    """One value of 9 among 24,000 is in exactly one block, that of its step and unit."""
    data = many(300, 80)
    data.values[1][place] = 9.0
    blocks, across, down = blocks_of(spec_of, data)
    (number,) = np.flatnonzero(blocks["cell_state_high"] == 9.0)
    assert number == place[0] // across * -(-80 // down) + place[1] // down


def test_a_value_that_is_missing_is_left_out_of_the_summary(spec_of: Any) -> None:
    """NaN counts for nothing; a block of nothing else has no number."""
    data = many(300, 80)
    data.values[1][:] = np.nan
    data.values[1][0, 0] = 2.5
    blocks, _, _ = blocks_of(spec_of, data)
    for kind in ("low", "high", "mean"):
        column = blocks[f"cell_state_{kind}"]
        assert column[0] == 2.5
        assert np.isnan(column[1:]).all()


@pytest.mark.parametrize(("steps", "units", "blocked"), [(200, 65, False), (200, 66, True)])
def test_up_to_13000_cells_answer_one_by_one(
    spec_of: Any, steps: int, units: int, blocked: bool
) -> None:
    """Beyond, only the picked unit's values are sent, for its lines."""
    data = many(steps, units)
    spec = spec_of(gates_spec(data, WORDS, GatesLook(), (7, 3)))
    cells, (told,) = spec.found["datasets"]["cells"], spec.found["datasets"]["told"]
    assert cells.time.tolist() == list(range(steps))
    assert ("cell_state_mean" in told) is blocked
    assert ("cell_state" in told) is not blocked
    row = data.shape.units.index(7)
    if blocked:
        assert set(cells.unit) == {7}
        own = cells.cell_state
    else:
        own = spec.told("cell_state").reshape(steps, units)[:, row]
    np.testing.assert_allclose(own, data.values[1][:, row], atol=5.1e-5)


def test_a_still_figure_has_only_the_picked_units_numbers() -> None:
    """There is nothing to point at."""
    rows = gates_rows(many(300, 80), GatesLook(hover=False), 0)
    assert "told" not in rows
    assert set(rows["cells"].unit) == {0}


@given(
    values=arrays("float32", (3, 4), elements=st.floats(-999, 999, width=32) | st.just(np.nan)),
    largest=st.sampled_from([1e-30, 1e-6, 1.0, 1e6]),
)
def test_what_is_sent_as_text_is_what_was_there(
    spec_of: Any, values: np.ndarray, largest: float
) -> None:
    """To four decimals, a gradient to four digits, and nothing where there is nothing."""
    signals = (SIGNALS[1], SignalStyle("grad_h", "g", "gradient", 1.0))
    gradient = (values / 999 * largest).astype("float64")
    shape = GatesShape(3, (2, 0, 1, 3), signals)
    data = GatesData(shape, (values, gradient), ("",) * 4, norms=(np.ones(3),))
    spec = spec_of(gates_spec(data, WORDS, GatesLook(), (0, 0)))
    np.testing.assert_allclose(spec.told("cell_state"), values.ravel(), atol=5.01e-5, rtol=0)
    np.testing.assert_allclose(spec.told("grad_h"), gradient.ravel(), rtol=5.01e-4, atol=0)
