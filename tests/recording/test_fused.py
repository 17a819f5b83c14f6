"""What lies around a recorded layer: gradients go through it as through torch's own."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

import gatescope
from gatescope.recording import loops

TIME, BATCH, FEATURES, UNITS = 6, 3, 4, 5
LENGTHS = [4, 1, 6]
KINDS: dict[str, tuple[type[nn.RNNBase], dict[str, Any]]] = {
    "rnn_tanh": (nn.RNN, {}),
    "rnn_relu": (nn.RNN, {"nonlinearity": "relu"}),
    "lstm": (nn.LSTM, {}),
    "gru": (nn.GRU, {}),
    "lstm_projected": (nn.LSTM, {"proj_size": 2}),
}


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def pieces(output: Any) -> list[Tensor]:
    """A layer's output, h_n and, of an LSTM, c_n."""
    outputs, states = output
    if isinstance(outputs, PackedSequence):
        outputs = pad_packed_sequence(outputs)[0]
    return [outputs, *(states if isinstance(states, tuple) else (states,))]


def total(parts: list[Tensor]) -> Tensor:
    return torch.stack([part.square().sum() for part in parts]).sum()


@pytest.mark.parametrize("chosen", [None, "hidden_state"], ids=["all", "some"])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_inputs_and_given_states_pass_through(
    kind: str, chosen: str | None, loop: Any
) -> None:
    """What lies before a recorded layer gets the exact gradient too: x, h_0 and c_0.

    So it does where the layer's own signals are not kept and have to be computed again.
    """
    make, options = KINDS[kind]
    layer = make(FEATURES, UNITS, num_layers=2, bidirectional=True, **options).double()
    x, front = random(TIME, BATCH, FEATURES).requires_grad_(), nn.Linear(4, 4).double()
    widths = [options.get("proj_size", UNITS)] + [UNITS] * (make is nn.LSTM)
    states = [random(4, BATCH, width).requires_grad_() for width in widths]
    seen: list[Tensor] = []

    class Model(nn.Module):
        """A linear map before the layer; its output is the loss, and its gradient is kept."""

        def __init__(self) -> None:
            super().__init__()
            self.layer, self.front = layer, front

        def forward(self, x: Tensor, *states: Any) -> Tensor:
            packed = pack_padded_sequence(front(x), LENGTHS, enforce_sorted=False)
            given = states if make is nn.LSTM else states[0]
            value = total(pieces(self.layer(packed, given)))
            seen.extend(torch.autograd.grad(value, [x, *states], retain_graph=True))
            return value

    gatescope.record(Model(), (x, *states), lambda value: value, signals=chosen)
    oracle = loop.run(layer, front(x), *states, lengths=LENGTHS)
    parts = [part for part in (oracle.outputs, oracle.h, oracle.c) if part is not None]
    expected = torch.autograd.grad(total(parts), [x, *states])
    for found, wanted in zip(seen, expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("with_loss", [True, False])
def test_a_model_that_differentiates_itself(with_loss: bool) -> None:
    """A forward that follows its own gradient (an energy model) runs as it does unrecorded."""
    layer = nn.LSTM(FEATURES, UNITS).double()

    class Descent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: Tensor) -> Tensor:
            with torch.enable_grad():
                x = x.detach().requires_grad_()
                (slope,) = torch.autograd.grad(self.layer(x)[0].square().sum(), x)
            return self.layer(x - 0.1 * slope)[0]

    x, outputs = random(TIME, BATCH, FEATURES), []
    model = Descent()
    expected = model(x)
    model.register_forward_hook(lambda module, args, output: outputs.append(output.detach()))
    trace = gatescope.record(model, x, (lambda output: output.sum()) if with_loss else None)
    torch.testing.assert_close(outputs[0], expected, rtol=1e-11, atol=1e-13)
    assert trace["layer/l0"].sizes["time"] == 2 * TIME
    assert ("grad_cell_state" in trace["layer/l0"]) == with_loss


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_large_matrices_are_packed_for_the_way_back(kind: Any) -> None:
    """float32, in which torch's own product of 1,024 numbers is good to 1e-5 of the largest."""
    torch.manual_seed(0)
    layer, x = kind(3, 256), torch.randn(12, 9, 3)
    matrix = layer.weight_hh_l0.detach()
    assert loops.can_pack()
    add = loops.adder(matrix, 12, 9)
    dh, da = torch.randn(9, 256), torch.randn(9, len(matrix) + 5)[:, 5:]
    expected = dh.double() + da.double() @ matrix.double()
    add(dh, da)
    torch.testing.assert_close(dh.double(), expected, rtol=0, atol=1e-5 * float(expected.max()))
    (found,) = gatescope.record(layer, x, lambda output: output[0].square().sum()).leaves
    layer.double()
    (exact,) = gatescope.record(layer, x.double(), lambda output: output[0].square().sum()).leaves
    for name, array in exact.data_vars.items():
        largest = float(abs(array).max())
        np.testing.assert_allclose(found[name], array, rtol=0, atol=2e-5 * largest, err_msg=name)


def test_another_torch_multiplies_as_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a matrix cannot be packed, it is not."""
    monkeypatch.setattr(torch.ops.mkldnn, "_reorder_linear_weight", None)
    loops.can_pack.cache_clear()
    try:
        assert not loops.can_pack()
        matrix, dh, da = torch.randn(1024, 256), torch.zeros(9, 256), torch.randn(9, 1024)
        loops.adder(matrix, 12, 9)(dh, da)
        torch.testing.assert_close(dh, da @ matrix)
    finally:
        loops.can_pack.cache_clear()
