"""The response at marked steps, on arrays made by hand and on a network that opens at a mark."""

import math

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn

import gatescope
from gatescope.analysis import at_marks, response
from gatescope.tasks import make_task


def signal(values: object) -> xr.DataArray:
    return xr.DataArray(np.asarray(values, dtype=float), dims=("time", "batch", "unit"))


def marked(values: object) -> xr.DataArray:
    return xr.DataArray(np.asarray(values, dtype=bool), dims=("time", "batch"))


def test_marks_are_where_the_task_put_them() -> None:
    """At the marked steps of each example, and nowhere else."""
    node = signal(np.zeros((4, 3, 1))).to_dataset(name="gate")
    found = at_marks(node, (((0, "a"), (3, "b")), ((1, "c"),), ()))
    expected = [[True, False, False], [False, True, False], [False] * 3, [True, False, False]]
    assert found.values.tolist() == expected
    assert found.dims == ("time", "batch")


def test_marks_of_another_batch_are_refused() -> None:
    """The message gives both sizes."""
    node = signal(np.zeros((4, 3, 1))).to_dataset(name="gate")
    with pytest.raises(ValueError, match="marks are for 2 examples, the trace has 3"):
        at_marks(node, ((), ()))


def test_a_response_is_the_mean_at_marks_less_the_mean_elsewhere() -> None:
    """Two units, two examples: (9 + 3) / 2 - (1 + 2) / 2 = 4.5, and -1 against 0.5."""
    values = signal([[[9, -1], [1, 0]], [[2, 1], [3, -1]]])
    found = response(values, marked([[True, False], [False, True]]))
    np.testing.assert_allclose(found, [4.5, -1.5], rtol=1e-14)


def test_steps_past_an_end_do_not_count() -> None:
    """NaN is left out on either side."""
    nan = math.nan
    values = signal([[[5], [4]], [[1], [nan]], [[nan], [nan]]])
    found = response(values, marked([[True, True], [False, False], [False, True]]))
    np.testing.assert_allclose(found, [3.5], rtol=1e-14)


def test_without_a_mark_there_is_no_response() -> None:
    """NaN, without a warning."""
    found = response(signal(np.ones((3, 2, 2))), marked(np.zeros((3, 2))))
    assert np.isnan(found).all()


def test_a_gate_built_to_open_at_the_marks_responds() -> None:
    """An input gate wired to the mark alone: sigmoid(3) at marks, sigmoid(-3) elsewhere."""
    layer = nn.LSTM(2, 1).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        layer.weight_ih_l0[0, 1] = 6  # row 0 is the input gate, feature 1 the mark
        layer.bias_ih_l0[0] = -3
    batch = make_task("adding", length=12).sample(5, 0)
    node = gatescope.record(layer, batch.inputs.double())["lstm/l0"].to_dataset()
    marks = at_marks(node, batch.marks)
    sigmoid = 1 / (1 + math.exp(-3))
    assert response(node["input_gate"], marks).item() == pytest.approx(2 * sigmoid - 1, rel=1e-12)
    assert response(node["output_gate"], marks).item() == pytest.approx(0, abs=1e-15)
