"""The modes a model may be in: training with dropout, eval, frozen, no_grad, half precision."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import gatescope

TIME, BATCH, FEATURES, UNITS = 6, 4, 3, 5
LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def data(output: Tensor | PackedSequence) -> Tensor:
    return output.data if isinstance(output, PackedSequence) else output


def test_dropped_units_have_no_gradient() -> None:
    """Where the mask is 0 the first layer's hidden state gets no gradient through the second."""
    layer = nn.GRU(FEATURES, 40, 2, dropout=0.5).double()
    with torch.no_grad():
        layer.weight_hh_l0.zero_()
    x = torch.randn(1, BATCH, FEATURES, dtype=torch.float64)
    trace = gatescope.record(layer, x, lambda output: output[0].sum())
    share = (trace["gru/l0"]["grad_hidden_state"].values == 0).mean()
    assert share == pytest.approx(0.5, abs=0.12)
    evaluated = gatescope.record(layer.eval(), x, lambda output: output[0].sum())
    assert (evaluated["gru/l0"]["grad_hidden_state"].values != 0).all()


@pytest.mark.parametrize("mode", ["eval", "no_grad", "inference", "frozen", "all"])
@pytest.mark.parametrize("kind", LAYERS)
def test_gradients_do_not_depend_on_the_callers_mode(kind: str, mode: str) -> None:
    """Eval mode, no_grad around the call, frozen weights: the same numbers, bit for bit."""
    model = gatescope.SequenceModel(kind, FEATURES, UNITS, 2, num_layers=2).double()
    x = torch.randn(TIME, BATCH, FEATURES, dtype=torch.float64)
    expected = gatescope.record(model, x, lambda output: output.square().sum())
    assert float(np.abs(expected["recurrent/l0"]["grad_hidden_state"]).min()) > 0
    if mode in ("eval", "all"):
        model.eval()
    if mode in ("frozen", "all"):
        model.requires_grad_(False)
    grad = torch.set_grad_enabled(mode not in ("no_grad", "all"))
    with grad, torch.inference_mode(mode == "inference"):
        found = gatescope.record(model, x, lambda output: output.square().sum())
    assert found.identical(expected)


@pytest.mark.parametrize("kind", LAYERS)
def test_without_a_loss_there_are_values_alone(kind: str) -> None:
    """The same values, no gradient, no loss attribute, and no autograd graph on the way."""
    model = gatescope.SequenceModel(kind, FEATURES, UNITS, 2).double()
    x = torch.randn(TIME, BATCH, FEATURES, dtype=torch.float64)
    full = gatescope.record(model, x, lambda output: output.sum())["recurrent/l0"]
    graphs: list[bool] = []
    model.register_forward_hook(lambda module, args, output: graphs.append(output.requires_grad))
    trace = gatescope.record(model, x)
    assert graphs == [False]
    node = trace["recurrent/l0"]
    assert "loss" not in trace.attrs
    names = [str(name) for name in full.data_vars if not str(name).startswith("grad_")]
    assert list(node.data_vars) == names
    for name in names:
        np.testing.assert_array_equal(node[name], full[name])


@pytest.mark.parametrize(
    ("dtype", "stored", "tolerance"),
    [
        (torch.float32, "float32", 1e-5),  # float32's own rounding over 6 steps
        (torch.bfloat16, "float32", 0.03),  # 8 bits of mantissa, as the docstring says
    ],
)
@pytest.mark.parametrize("kind", LAYERS)
def test_lower_precision_is_close_to_float64(
    kind: str, dtype: torch.dtype, stored: str, tolerance: float
) -> None:
    """Same model, same input, rounded; bfloat16 is stored as float32, the dtype is kept."""
    model = gatescope.SequenceModel(kind, FEATURES, UNITS, 2, num_layers=2).to(dtype)
    x = torch.randn(TIME, BATCH, FEATURES).to(dtype)
    low = gatescope.record(model, x, lambda output: output.sum())
    high = gatescope.record(model.double(), x.double(), lambda output: output.sum())
    for node, exact in zip(low.leaves, high.leaves, strict=True):
        assert node.attrs["dtype"] == str(dtype).removeprefix("torch.")
        for name, signal in node.data_vars.items():
            assert signal.dtype == stored
            scale = np.abs(exact[name]).max().item()
            np.testing.assert_allclose(signal, exact[name], rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", LAYERS)
def test_an_output_changed_in_place_does_not_change_the_trace(
    kind: str, packed: bool, batch_first: bool, loop: Any
) -> None:
    """The model halves its layer's output in place: values before it, gradients through it."""
    layer = LAYERS[kind](FEATURES, UNITS, batch_first=batch_first).double()
    x = torch.randn(TIME, BATCH, FEATURES, dtype=torch.float64)
    lengths = [3, 6, 1, 5] if packed else None

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: Tensor) -> Tensor:
            inputs: Any = x.transpose(0, 1) if batch_first else x
            if packed:
                inputs = pack_padded_sequence(
                    inputs, lengths, batch_first=batch_first, enforce_sorted=False
                )
            output = data(layer(inputs)[0])
            return output.mul_(0.5)

    trace = gatescope.record(Model(), x, lambda output: output.square().sum())
    oracle = loop.run(layer, x, lengths=lengths)
    (oracle.outputs * 0.5).square().sum().backward()
    oracle.check(trace, "layer", gradients=True)
    oracle.check(gatescope.record(Model(), x), "layer", gradients=False)


def test_weights_changed_afterwards_do_not_change_the_trace() -> None:
    """A trace is frozen data: training on, or reusing the input's memory, leaves it as it was."""
    layer, x = nn.RNN(FEATURES, UNITS), torch.randn(TIME, BATCH, FEATURES)
    trace = gatescope.record(layer, x, lambda output: output[0].sum())
    before = trace.copy(deep=True)
    with torch.no_grad():
        x.zero_()
        for parameter in layer.parameters():
            parameter.zero_()
    assert trace.identical(before)
