"""The gates view: which units come first, where colours end, what an example is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from gatescope import Batch, Mark, load_trace, record, save_trace
from viz_app.features.gates import data as gates
from viz_app.features.gradient_flow import data as gradients
from viz_app.kit import units
from viz_app.kit.visible import Part

Made = Callable[..., xr.Dataset]
MARKED = [[1, 3], [0, 4]]
"""Marked steps of two examples of five steps."""


@pytest.fixture
def batch() -> Batch:
    """Two examples with marks, and inputs that nobody looks at."""
    marks = tuple(tuple(Mark(step, "x") for step in steps) for steps in MARKED)
    return Batch(torch.zeros(5, 2, 2), torch.zeros(5, 2), torch.zeros(5, 2).bool(), marks)


def rising(amounts: list[float], base: float = 0.4) -> np.ndarray:
    """(5, 2, unit): each unit is higher by its amount at the marked steps of each example."""
    values = np.full((5, 2, len(amounts)), base)
    for example, steps in enumerate(MARKED):
        values[steps, example] += amounts
    return values


@pytest.mark.parametrize(
    ("cell", "signals", "expected"),
    [
        ("lstm", {"input_gate": rising([0.1, 0.5, -0.3, 0.2])}, [1, 3, 0, 2]),
        ("gru", {"update_gate": rising([0.1, 0.5, -0.3, -0.2])}, [2, 3, 0, 1]),
        ("rnn", {"hidden_state": rising([0.1, 0.5, -0.3, -0.2], 0.0)}, [1, 2, 3, 0]),
    ],
)
def test_the_unit_that_answers_the_marks_most_comes_first(
    layer: Made, batch: Batch, cell: str, signals: Any, expected: list[int]
) -> None:
    """The input gate rising; the update gate falling; an RNN's state either way."""
    retention = {"lstm": "forget_gate", "gru": "update_gate", "rnn": ""}[cell]
    if cell == "lstm":
        # the forget gate would say the opposite, and must not be asked
        signals = signals | {"forget_gate": rising([0.0, -0.4, 0.5, 0.1])}
    made = layer(cell, retention, **signals)
    assert units.order_units(made, batch) == expected
    assert units.order_units(made, batch, "response") == expected
    assert gates.view(made, batch).data.shape.units == tuple(expected)


def test_half_life_and_mean_are_different_orders(layer: Made) -> None:
    """A gate that shuts once forgets all, however open it is on average."""
    gate = np.empty((4, 1, 3))
    gate[..., 0] = 0.5
    gate[..., 1] = [[0.99], [0.99], [0.99], [1e-9]]
    gate[..., 2] = 0.7
    made = layer("gru", "update_gate", update_gate=gate)
    assert units.order_units(made, sort="open") == [1, 2, 0]
    assert units.order_units(made, sort="half_life") == [2, 0, 1]
    assert units.order_units(made, sort="index") == [0, 1, 2]
    assert units.order_units(made) == [2, 0, 1]


def test_half_life_is_the_median_over_examples(layer: Made) -> None:
    """One example in which a unit holds for ever does not bring it to the top."""
    gate = np.full((4, 3, 2), 0.6)
    gate[:, :, 1] = 0.5
    gate[:, 2, 1] = 1.0
    made = layer("lstm", "forget_gate", forget_gate=gate)
    assert units.order_units(made, sort="half_life") == [0, 1]


def test_an_unknown_sort_is_refused(layer: Made) -> None:
    """It lists what there is here: no marks, so no response; no gate, so no half-life."""
    made = layer("rnn", hidden_state=np.zeros((3, 1, 2)))
    assert units.sorts(made, None) == ["index"]
    with pytest.raises(ValueError, match=r"'half_life' here; try index"):
        units.order_units(made, sort="half_life")


@pytest.mark.parametrize("example", [-1, 2, 99])
def test_an_example_that_is_not_there_is_refused(layer: Made, example: int) -> None:
    """It says how many there are."""
    made = layer("rnn", hidden_state=np.zeros((3, 2, 2)))
    with pytest.raises(ValueError, match=rf"example must be 0 to 1, got {example}"):
        gates.view(made, example=example)


@pytest.mark.parametrize("order", [[0, 1], [0, 1, 1], [1, 2, 3], []])
def test_an_order_names_every_unit_once(layer: Made, order: list[int]) -> None:
    """Else a row would be missing or doubled without a word."""
    made = layer("rnn", hidden_state=np.zeros((3, 1, 3)))
    with pytest.raises(ValueError, match="each of 3 units once"):
        gates.view(made, order=order)


def test_a_layer_that_is_not_there_is_refused() -> None:
    """The message lists the layers there are."""
    trace = record(nn.GRU(2, 3, bidirectional=True), torch.zeros(4, 1, 2))
    with pytest.raises(ValueError, match=r"no layer 'lstm/l0'; it has gru/l0, gru/l0_reverse"):
        units.layer_of(trace, "lstm/l0")


def test_an_example_ends_where_its_sequence_ends() -> None:
    """Each packed example has its own number of steps, and not one NaN."""
    network = nn.LSTM(2, 4)
    lengths = [7, 3, 5]
    packed = pack_padded_sequence(torch.randn(7, 3, 2), lengths, enforce_sorted=False)
    layer = units.layer_of(record(network, packed))
    for example, length in enumerate(lengths):
        view = gates.view(layer, example=example)
        assert view.data.shape.steps == length
        for signal, values in zip(view.data.shape.signals, view.data.values, strict=True):
            expected = layer[signal.name].values[:length, example][:, list(view.data.shape.units)]
            np.testing.assert_array_equal(values, expected)
            assert np.isfinite(values).all()
        table = view.table()
        assert len(table) == length * 4
        assert not table.isna().any().any()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.linspace(-3.456, 3.456, 2001), 3.3),
        (np.linspace(-0.9, 0.9, 2001), 1.0),
        (np.linspace(-0.0123, 0.0123, 2001), 0.012),
        (np.r_[np.linspace(-1, 1, 1901) * 2, np.full(10, 500.0)], 2.0),
        (np.zeros(10), 1.0),
        (np.r_[np.linspace(-9, 9, 2001), np.full(300, np.nan)], 8.6),
    ],
)
def test_colours_end_where_95_percent_lie_inside(
    layer: Made, values: np.ndarray, expected: float
) -> None:
    """Rounded up to two digits, and to 1 where that is near; few large values change nothing."""
    made = layer("lstm", "forget_gate", cell_state=values[:, None, None])
    assert units.colour_bounds(made) == {"cell_state": pytest.approx(expected)}


def test_a_bound_that_is_given_wins(layer: Made) -> None:
    """So that the colours keep their meaning while a network learns."""
    made = layer("lstm", cell_state=np.ones((3, 1, 2)), hidden_state=np.ones((3, 1, 2)))
    shape = gates.view(made, bounds={"cell_state": 7.5}).data.shape
    assert {s.name: (s.low, s.bound) for s in shape.signals} == {
        "cell_state": (-7.5, 7.5),
        "hidden_state": (-1.0, 1.0),
    }


def test_the_table_is_the_recording(name: str, library: Any, recorded: Made) -> None:
    """One row a step and unit; every signal has a column, those without a heatmap too."""
    layer, run = recorded(name), library.runs[name]
    table = gates.view(layer, run.probe(), run.task, example=9).table()
    signals = [str(signal) for signal in layer.data_vars]
    assert set(table.columns) == {"time", "unit", *signals}
    assert len(table) == layer.sizes["time"] * layer.sizes["unit"]
    for signal in signals:
        expected = layer[signal].values[table.time, 9, table.unit]
        np.testing.assert_array_equal(table[signal], expected)


def test_a_part_of_a_trace_keeps_its_numbers() -> None:
    """Steps, units and table are numbered as in the whole; the numbers are the same."""
    model, x = torch.nn.LSTM(2, 16), torch.randn(40, 3, 2)
    whole = record(model, x)["lstm/l0"].to_dataset()
    part = record(model, x, units=slice(8, 12), time=slice(10, 30))["lstm/l0"]
    seen = gates.view(part.to_dataset(), example=1)
    shape = seen.data.shape
    assert (shape.start, shape.end, sorted(shape.units)) == (10, 30, [8, 9, 10, 11])
    for row, unit in enumerate(shape.units):
        expected = whole["input_gate"].values[10:30, 1, unit]
        np.testing.assert_array_equal(seen.data.values[0][:, row], expected)
        assert f"unit {unit} " in seen.data.notes[row]
    window = seen.within(Part(window=(12, 20), units=(9, 11)))
    assert (window.seen.shape.start, window.seen.shape.steps) == (12, 9)
    table = window.table()
    assert sorted(set(table["time"])) == list(range(12, 21))
    assert sorted(set(table["unit"])) == [9, 11]
    one = table[(table["time"] == 15) & (table["unit"] == 11)]
    assert one["cell_state"].item() == whole["cell_state"].values[15, 1, 11]
    strided = record(model, x, time=3)["lstm/l0"].to_dataset()
    with pytest.raises(ValueError, match="has step 0 and then step 3"):
        gates.view(strided)


def test_a_layer_that_ran_without_gradients_is_drawn_without_them(tmp_path: Path) -> None:
    """A frozen encoder, and calls of other batches: gates, gradients of the rest, no warning."""

    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.still, self.main = torch.nn.GRU(3, 3), torch.nn.LSTM(3, 4)

        def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
            with torch.no_grad():
                inputs = tuple(self.still(x)[0] for x in inputs)
            return torch.cat([self.main(x)[0].flatten() for x in inputs])

    inputs = (torch.randn(6, 4, 3), torch.randn(3, 2, 3))
    save_trace(record(Model(), inputs, lambda output: output.sum()), tmp_path / "trace.nc")
    trace = load_trace(tmp_path / "trace.nc")
    assert trace["main/l0"].coords["call_length"].values.tolist() == [[6] * 4, [3, 3, 0, 0]]
    assert "grad_hidden_state" not in units.layer_of(trace, "still/l0")
    assert "grad_hidden_state" in units.layer_of(trace, "main/l0")
    for node in ("still/l0", "main/l0"):
        assert gates.chart(trace, node=node).to_dict()
    assert len(gradients.chart(trace).to_dict()["hconcat"]) == 2
