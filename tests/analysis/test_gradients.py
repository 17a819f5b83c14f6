"""Norms and bands of gradients, against numpy and by hand, at the ends of the number range."""

import math

import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import gatescope
from gatescope.analysis import band, gradient_norm


def node(values: object, dtype: str = "float64") -> xr.Dataset:
    """A node whose gradient is given, (time, batch, unit)."""
    array = np.asarray(values, dtype=dtype)
    coords = {name: np.arange(n) for name, n in zip(("time", "batch"), array.shape, strict=False)}
    return xr.Dataset({"grad_hidden_state": (("time", "batch", "unit"), array)}, coords=coords)


def norms(values: object) -> xr.DataArray:
    """(time, batch)."""
    return xr.DataArray(np.asarray(values, dtype=float), dims=("time", "batch"))


@given(
    exponent=st.integers(-290, 290),
    rows=st.lists(st.lists(st.integers(-99, 99), min_size=3, max_size=3), min_size=1, max_size=4),
)
def test_a_norm_is_numpys_at_any_scale(exponent: int, rows: list[list[int]]) -> None:
    """numpy's norm of the unscaled numbers, times the scale: no under- or overflow between."""
    scale = 10.0**exponent
    found = gradient_norm(node([np.array(rows) * scale]), "hidden_state")
    expected = np.linalg.norm(rows, axis=-1) * scale
    np.testing.assert_allclose(found[0], expected, rtol=1e-12, atol=1e-307)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3e-200, 4e-200], 5e-200),  # squares underflow
        ([3e200, 4e200], 5e200),  # squares overflow
        ([0.0, 0.0], 0.0),
        ([-3.0, 4.0], 5.0),
        ([5e-324, 0.0], 5e-324),
        ([math.nan, math.nan], math.nan),
        ([math.inf, 1.0], math.inf),
        ([-math.inf, math.inf], math.inf),
        ([math.inf, math.nan], math.nan),
    ],
)
def test_a_norm_at_the_ends_of_the_range(values: list[float], expected: float) -> None:
    """Tiny, huge, zero, subnormal, missing and overflowed, without a warning."""
    found = gradient_norm(node([[values]]), "hidden_state").item()
    assert found == pytest.approx(expected, rel=1e-14, abs=0, nan_ok=True)


def test_float32_gradients_are_normed_in_float64() -> None:
    """1e-40 is subnormal in float32, its square is 0 there; the norm is right to its few digits."""
    found = gradient_norm(node([[[1e-40, 1e-40]]], "float32"), "hidden_state")
    assert found.dtype == "float64"
    assert found.item() == pytest.approx(math.sqrt(2) * float(np.float32(1e-40)), rel=1e-14)


@pytest.mark.parametrize("state", ["hidden_state", "cell_state"])
def test_norms_of_a_recording_keep_its_times_and_examples(state: str) -> None:
    """A packed batch: NaN past each end, numpy's norm before it, the trace's coordinates."""
    layer = nn.LSTM(2, 3).double()
    inputs = pack_padded_sequence(torch.randn(5, 2, 2).double(), [2, 5], enforce_sorted=False)
    trace = gatescope.record(layer, inputs, lambda output: output[0].data.square().sum())
    dataset = trace["lstm/l0"].to_dataset()
    found = gradient_norm(dataset, state)
    expected = np.linalg.norm(dataset[f"grad_{state}"].values, axis=-1)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert np.isnan(found.sel(batch=0)).values.tolist() == [False] * 2 + [True] * 3
    assert found.dims == ("time", "batch")
    assert found.coords["batch"].values.tolist() == [0, 1]


def test_a_missing_gradient_is_named() -> None:
    """With what there is instead."""
    trace = gatescope.record(nn.GRU(2, 3), torch.randn(4, 1, 2))
    with pytest.raises(
        ValueError, match=r"no grad_hidden_state: record it with a loss .*reset_gate"
    ):
        gradient_norm(trace["gru/l0"].to_dataset(), "hidden_state")


def test_a_band_is_the_median_and_the_10_to_90_percent() -> None:
    """0 to 10 over eleven examples: 5, 1 and 9, in whatever order they come, dimensions too."""
    values = norms([np.random.default_rng(0).permutation(11), np.arange(11) * 2])
    for given_ in (values, values.transpose("batch", "time")):
        found = band(given_)
        np.testing.assert_allclose(found.low, [1, 2], rtol=1e-14)
        np.testing.assert_allclose(found.median, [5, 10], rtol=1e-14)
        np.testing.assert_allclose(found.high, [9, 18], rtol=1e-14)


TINY32, TINY64 = 2.0**-126, 2.0**-1022


@pytest.mark.parametrize(
    ("row", "dtype", "zeros", "subnormal"),
    [
        ([0, 0, 1, 2], "float32", 0.5, 0),
        ([0, TINY32 / 2, TINY32, 1], "float32", 0.25, 0.25),
        ([0, TINY32 / 2, TINY32, 1], "bfloat16", 0.25, 0.25),
        ([0, TINY32 / 2, TINY64, TINY64 / 2], "float64", 0.25, 0.25),
        ([0, 2.0**-15, 2.0**-14, 1], "float16", 0.25, 0.25),
        ([0, math.nan, 1, math.nan], "float32", 0.5, 0),
        ([math.nan, math.nan, TINY32 / 4, 3], "float32", 0, 0.5),
        ([math.nan] * 4, "float32", math.nan, math.nan),
    ],
)
def test_a_band_counts_zeros_and_subnormals_among_those_that_are_there(
    row: list[float], dtype: str, zeros: float, subnormal: float
) -> None:
    """Zero is not subnormal, the smallest normal number is not either; NaN does not count."""
    found = band(norms([row]), dtype)
    assert found.zeros[0] == pytest.approx(zeros, nan_ok=True)
    assert found.subnormal[0] == pytest.approx(subnormal, nan_ok=True)


def test_a_band_leaves_nan_out_and_keeps_infinity() -> None:
    """Past an end, nothing at all at a step, and gradients that overflowed in some examples."""
    nan, inf = math.nan, math.inf
    found = band(norms([[1, 3, nan], [nan] * 3, [1, inf, inf], [inf] * 3]))
    np.testing.assert_allclose(found.median, [2, nan, inf, inf])
    np.testing.assert_allclose(found.low, [1.2, nan, inf, inf])
    np.testing.assert_allclose(found.high, [2.8, nan, inf, inf])
