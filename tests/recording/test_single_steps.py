"""torch's single-step cells, and our own cells, called once a step by a model."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import gatescope
from gatescope import SequenceModel, copy_weights, make_cell

TIME, BATCH, FEATURES, UNITS = 5, 3, 4, 3
CELLS: dict[str, tuple[type[nn.RNNCellBase], dict[str, Any], str]] = {
    "lstm": (nn.LSTMCell, {}, "lstm"),
    "gru": (nn.GRUCell, {}, "gru"),
    "rnn_tanh": (nn.RNNCell, {}, "rnn"),
    "rnn_relu": (nn.RNNCell, {"nonlinearity": "relu"}, "rnn"),
}


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


class Stepper(nn.Module):
    """Calls a torch cell step by step; it may change the state it got, in place."""

    def __init__(self, cell: nn.RNNCellBase, scale: float = 1.0) -> None:
        super().__init__()
        self.cell, self.scale = cell, scale

    def forward(self, x: Tensor) -> Tensor:
        outputs, states = [], None
        for step in x:
            states = self.cell(step, states)
            h = states[0] if isinstance(states, tuple) else states
            if self.scale != 1:
                h.mul_(self.scale)
            outputs.append(h.clone())
        return torch.stack(outputs)


def unrolled(loop: Any, cell: nn.RNNCellBase, x: Tensor, scale: float = 1.0) -> Any:
    """The oracle of `Stepper`, its outputs in ``outputs``."""
    h, c = torch.zeros(BATCH, UNITS).double(), torch.zeros(BATCH, UNITS).double()
    outputs, collected = [], {}
    for t, step in enumerate(x):
        signals = loop.step(cell, "", step, h, c)
        h, c = signals["hidden_state"] * scale, signals.get("cell_state", c)
        outputs.append(h)
        for name, signal in signals.items():
            collected.setdefault(name, []).append((t, list(range(BATCH)), signal))
    return loop.Loop(torch.stack(outputs), h, c, {"l0": collected})


@pytest.mark.parametrize("scale", [1.0, 0.5], ids=["kept", "changed_in_place"])
@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", CELLS)
def test_a_torch_cell_called_step_by_step(
    kind: str, bias: bool, frozen: bool, scale: float, loop: Any
) -> None:
    """One node, a step a call; also where the model scales the state it was given in place."""
    make, options, name = CELLS[kind]
    cell, x = make(FEATURES, UNITS, bias=bias, **options).double(), random(TIME, BATCH, FEATURES)
    oracle = unrolled(loop, cell, x, scale)
    oracle.outputs.square().sum().backward()
    if frozen:
        cell.requires_grad_(False)
    model = Stepper(cell, scale)
    torch.testing.assert_close(model(x), oracle.outputs, rtol=1e-11, atol=1e-13)
    trace = gatescope.record(model, x, lambda output: output.square().sum())
    oracle.check(trace, "cell", gradients=True)
    assert trace["cell/l0"].attrs["cell"] == name
    assert trace["cell/l0"].coords["call"].values.tolist() == list(range(TIME))
    oracle.check(gatescope.record(model, x), "cell", gradients=False)


@pytest.mark.parametrize("kind", CELLS)
def test_an_unbatched_step_of_a_torch_cell(kind: str) -> None:
    """(feature,) in, as torch allows: recorded as a batch of one."""
    make, options, _ = CELLS[kind]
    cell, x = make(FEATURES, UNITS, **options).double(), random(FEATURES)
    trace = gatescope.record(cell, x, lambda out: (out[0] if kind == "lstm" else out).sum())
    node = trace[f"{make.__name__.lower()}/l0"]
    h = cell(x)[0] if kind == "lstm" else cell(x)
    torch.testing.assert_close(torch.from_numpy(node["hidden_state"].values), h[None, None])
    assert (node["grad_hidden_state"].values == 1).all()


def test_two_cells_of_one_shape_keep_their_own_weights(loop: Any) -> None:
    """Cells alike in size must not be taken for one another."""
    cells = [nn.GRUCell(FEATURES, UNITS).double() for _ in range(2)]
    model, x = nn.ModuleList(Stepper(cell) for cell in cells), random(TIME, BATCH, FEATURES)
    model.forward = lambda x: model[0](x) + model[1](x)
    trace = gatescope.record(model, x, lambda output: output.sum())
    oracles = [unrolled(loop, cell, x) for cell in cells]
    (oracles[0].outputs + oracles[1].outputs).sum().backward()
    for number, oracle in enumerate(oracles):
        oracle.check(trace, f"{number}.cell", gradients=True)


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_our_own_cell_called_step_by_step(kind: str, loop: Any) -> None:
    """Against torch's cell of the same weights, changed in place as well."""
    ours = make_cell(kind, FEATURES, UNITS).double()
    reference = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}[kind](FEATURES, UNITS)
    reference.double().load_state_dict(ours.state_dict())

    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = ours

        def forward(self, x: Tensor) -> Tensor:
            outputs, states = [], None
            for step in x:
                states = self.cell(step, states)
                states["hidden_state"].mul_(0.5)
                outputs.append(states["hidden_state"].clone())
            return torch.stack(outputs)

    x = random(TIME, BATCH, FEATURES)
    oracle = unrolled(loop, reference, x, 0.5)
    oracle.outputs.square().sum().backward()
    trace = gatescope.record(Own(), x, lambda output: output.square().sum())
    oracle.check(trace, "cell", gradients=True)


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize(("layers", "bidirectional"), [(1, False), (2, True)])
def test_our_time_loop_records_what_the_fused_layer_records(
    kind: str, layers: int, bidirectional: bool
) -> None:
    """Two independent ways to the same numbers: autograd through our cells, and closed forms."""
    fused = SequenceModel(
        kind, FEATURES, UNITS, 2, num_layers=layers, bidirectional=bidirectional
    ).double()
    directions = 2 if bidirectional else 1
    width = [FEATURES] + [directions * UNITS] * layers
    cells = []
    for number in range(layers * directions):
        layer, reverse = divmod(number, directions)
        cells.append(make_cell(kind, width[layer], UNITS).double())
        copy_weights(fused.recurrent, cells[-1], layer=layer, reverse=bool(reverse))
    own = SequenceModel(kind, FEATURES, UNITS, 2).double()
    own.recurrent = gatescope.Recurrence(cells, bidirectional=bidirectional)
    own.readout = fused.readout
    x = random(TIME, BATCH, FEATURES)
    traces = [gatescope.record(m, x, lambda out: out.square().sum()) for m in (fused, own)]
    assert [n.path for n in traces[0].leaves] == [n.path for n in traces[1].leaves]
    for left, right in zip(traces[0].leaves, traces[1].leaves, strict=True):
        assert left.attrs == right.attrs
        assert set(left.data_vars) == set(right.data_vars)
        for name, signal in left.data_vars.items():
            a, b = torch.from_numpy(signal.values), torch.from_numpy(right[name].values)
            torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-13)
