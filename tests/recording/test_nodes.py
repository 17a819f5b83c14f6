"""The nodes of a trace are copies of ones that xarray made, and cannot be told from them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn
from torch.nn.utils.rnn import pack_sequence

import gatescope
from gatescope.recording import nodes


class Twice(nn.Module):
    """One layer, called twice on batches of different sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ModuleDict({"lstm": nn.LSTM(2, 3, proj_size=1).double()})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        lstm = self.inner["lstm"]
        return lstm(x)[0].sum() + lstm(x[:, 1:])[0].sum()


def named(name: str) -> nn.Module:
    """A model whose layer has a slash in its name."""
    model = nn.Sequential()
    model.add_module(name, nn.GRU(2, 3))
    return model


X = torch.arange(24.0).view(4, 3, 2) / 24
CASES: dict[str, tuple[nn.Module, Any, dict[str, Any]]] = {
    "layers": (nn.LSTM(2, 3, num_layers=2, bidirectional=True), X, {}),
    "calls": (Twice(), X.double(), {}),
    "packed": (nn.GRU(2, 3), pack_sequence([X[:, 0], X[:2, 1]]), {}),
    "chosen": (nn.LSTM(2, 3), X, {"time": 2, "units": [2, 0], "batch": [1]}),
    "slash": (named("a/b"), X, {}),
}


def total(output: Any) -> torch.Tensor:
    while isinstance(output, tuple):
        output = output[0]
    return output.sum()


@pytest.mark.parametrize("case", CASES)
def test_a_trace_is_what_xarray_makes(
    case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model, inputs, options = CASES[case]
    for _ in range(2):  # the second time from the same patterns
        found = gatescope.record(model, inputs, total, **options)
    with monkeypatch.context() as slow:
        slow.setattr(nodes, "can_copy", lambda: False)
        expected = gatescope.record(model, inputs, total, **options)
    assert found.identical(expected)
    for one, other in zip(found.subtree, expected.subtree, strict=True):
        assert one.path == other.path
        assert dict(one.sizes) == dict(other.sizes)
        assert list(one.variables) == list(other.variables)
        assert one.to_dataset().identical(other.to_dataset())
        assert list(one.xindexes) == list(other.xindexes)
    whole = found.isel(time=slice(0, 2)) if case != "slash" else found
    assert whole.identical(expected.isel(time=slice(0, 2)) if case != "slash" else expected)
    assert found.copy(deep=True).identical(expected)
    leaf = found.leaves[0]
    leaf["more"] = leaf["hidden_state"] * 2
    np.testing.assert_array_equal(leaf["more"].values, 2 * leaf["hidden_state"].values)
    del leaf["more"]
    path = gatescope.save_trace(found, tmp_path / "trace.nc")
    assert gatescope.load_trace(path).identical(expected)


def test_this_xarrays_nodes_can_be_copied() -> None:
    """If not, recording still works, and takes half a millisecond more."""
    assert nodes.can_copy()


def test_what_is_changed_in_one_trace_stays_out_of_the_next() -> None:
    model = Twice()
    first = gatescope.record(model, X.double())
    leaf = first["inner.lstm/l0"]
    expected = first.copy(deep=True)
    leaf["call"].values[:] = 7
    leaf["call_length"].values[:] = 7
    leaf.attrs["cell"] = "other"
    leaf["hidden_state"].attrs["unit"] = "volt"
    leaf.coords["note"] = 1
    again = gatescope.record(model, X.double())
    again.attrs = expected.attrs
    assert again.identical(expected)


def test_another_xarray_makes_its_own_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not as it was is noticed, and nothing is copied."""
    nodes.can_copy.cache_clear()
    monkeypatch.setattr(nodes, "_join", lambda parent, children: None)
    try:
        assert not nodes.can_copy()
        assert xr.DataTree().identical(xr.DataTree())
        trace = gatescope.record(nn.GRU(2, 3), X)
        assert [leaf.path for leaf in trace.leaves] == ["/gru/l0"]
    finally:
        nodes.can_copy.cache_clear()
