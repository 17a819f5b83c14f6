"""Models that are called a few steps at a time: many calls are looked into together."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from torch import Tensor, nn

import gatescope
from gatescope.recording import autograd_cells, short

BATCH, FEATURES, UNITS = 3, 4, 5
SIZES = (FEATURES, UNITS)
LAYERS: dict[str, Callable[[], nn.RNNBase]] = {
    "lstm": lambda: nn.LSTM(*SIZES),
    "gru, no biases": lambda: nn.GRU(*SIZES, bias=False),
    "rnn, relu": lambda: nn.RNN(*SIZES, nonlinearity="relu"),
    "lstm, batch first": lambda: nn.LSTM(*SIZES, batch_first=True),
    "lstm, projected": lambda: nn.LSTM(*SIZES, proj_size=2),
    "gru, 2 layers, both ways": lambda: nn.GRU(*SIZES, num_layers=2, bidirectional=True),
    "lstm, 2 layers, both ways": lambda: nn.LSTM(*SIZES, num_layers=2, bidirectional=True),
}
CELLS = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}


class Piecewise(nn.Module):
    """Calls a layer on one piece of the sequence after the other; it spoils what it was given."""

    def __init__(self, layer: nn.RNNBase, steps: int, *, spoils: bool = False) -> None:
        super().__init__()
        self.layer, self.steps, self.spoils = layer, steps, spoils

    def forward(self, x: Tensor) -> Tensor:
        time = 1 if self.layer.batch_first else 0
        outputs, state = [], None
        for part in x.split(self.steps, time):
            part = part.clone()
            output, state = self.layer(part, state)
            outputs.append(output.clone())
            if self.spoils:
                part.zero_()
                output.zero_()
        return torch.cat(outputs, time)


class Stepwise(nn.Module):
    """Calls a cell step by step."""

    def __init__(self, cell: nn.RNNCellBase) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: Tensor) -> Tensor:
        state, outputs = None, []
        for step in x:
            state = self.cell(step, state)
            outputs.append(state[0] if isinstance(state, tuple) else state)
        return torch.stack(outputs)


class OurSteps(nn.Module):
    """Calls one of our own cells step by step."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = gatescope.make_cell("gru", *SIZES)

    def forward(self, x: Tensor) -> Tensor:
        state, outputs = None, []
        for step in x:
            signals = self.cell(step, state)
            state = {"hidden_state": signals["hidden_state"]}
            outputs.append(signals["hidden_state"].clone())
        return torch.stack(outputs)


def total(output: Tensor) -> Tensor:
    return output.square().sum()


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def arrays(trace: xr.DataTree) -> dict[str, np.ndarray]:
    """The signals, without their gradients."""
    return {
        f"{leaf.path}/{name}": array.values
        for leaf in trace.leaves
        for name, array in leaf.data_vars.items()
        if not str(name).startswith("grad_")
    }


def require_close(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=0, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("name", LAYERS)
def test_short_calls_give_what_those_with_a_loss_give(name: str, steps: int) -> None:
    torch.manual_seed(0)
    model = Piecewise(LAYERS[name]().double(), steps)
    x = random(BATCH, 12, FEATURES) if model.layer.batch_first else random(12, BATCH, FEATURES)
    expected = gatescope.record(model, x, total)
    model.spoils = True
    found = gatescope.record(model, x)
    require_close(arrays(found), arrays(expected))
    for leaf, other in zip(found.leaves, expected.leaves, strict=True):
        assert leaf.attrs == other.attrs
        assert leaf["call"].values.tolist() == np.repeat(np.arange(12 // steps), steps).tolist()
        assert set(leaf.coords) == set(other.coords)
    with torch.no_grad():
        require_close(arrays(gatescope.record(model, x)), arrays(expected))


@pytest.mark.parametrize("name", ["lstm", "gru, no biases", "rnn, relu", "lstm, projected"])
def test_a_sequence_step_by_step_is_the_sequence_at_once(name: str) -> None:
    torch.manual_seed(0)
    layer, x = LAYERS[name]().double(), random(40, BATCH, FEATURES)
    at_once = {path.split("/")[-1]: a for path, a in arrays(gatescope.record(layer, x)).items()}
    found = arrays(gatescope.record(Piecewise(layer, 1), x))
    require_close({path.split("/")[-1]: a for path, a in found.items()}, at_once)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", CELLS)
def test_a_cells_steps_give_what_those_with_a_loss_give(name: str, bias: bool) -> None:
    torch.manual_seed(0)
    model, x = Stepwise(CELLS[name](*SIZES, bias=bias).double()), random(9, BATCH, FEATURES)
    require_close(arrays(gatescope.record(model, x)), arrays(gatescope.record(model, x, total)))


@pytest.mark.parametrize("how", ["in place", "behind autograd", "exchanged", "of one call"])
@pytest.mark.parametrize("kind", ["layer", "cell"])
def test_weights_that_change_between_calls(kind: str, how: str) -> None:
    """Each call's signals belong to the weights that it had."""
    torch.manual_seed(0)
    layer = nn.GRU(*SIZES).double() if kind == "layer" else nn.GRUCell(*SIZES).double()
    weight = "weight_hh_l0" if kind == "layer" else "weight_hh"
    x = random(4, BATCH, FEATURES)

    class Changing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.numbers = layer, []

        def forward(self, x: Tensor) -> Tensor:
            h = None
            for number, step in enumerate(x):
                before = getattr(self.layer, weight)
                self.numbers.append(before.detach().clone())
                if kind == "layer":
                    _, h = self.layer(step.unsqueeze(0), h)
                else:
                    h = self.layer(step, h)
                if how == "of one call" and number != 1:
                    continue
                with torch.no_grad():
                    if how == "in place":
                        before.mul_(2)
                    elif how == "behind autograd":
                        before.data.mul_(2)
                    elif how == "exchanged":
                        setattr(self.layer, weight, nn.Parameter(before * 2))
                    else:
                        before.add_(1)
            return h

    model = Changing()
    node = gatescope.record(model, x)["layer/l0"]
    used = [1, 2, 4, 8] if how != "of one call" else None
    original = getattr(layer, weight).detach()
    h = torch.zeros(BATCH, UNITS).double()
    ih, b_ih, b_hh = (
        getattr(layer, weight.replace("weight_hh", part)).detach()
        for part in ("weight_ih", "bias_ih", "bias_hh")
    )
    for number, step in enumerate(x):
        hh = original * used[number] if used else original + (number > 1)
        r_x, z_x, n_x = (step @ ih.T + b_ih).chunk(3, 1)
        r_h, z_h, n_h = (h @ hh.T + b_hh).chunk(3, 1)
        r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
        n = (n_x + r * n_h).tanh()
        h = (1 - z) * n + z * h
        for name, value in {"reset_gate": r, "update_gate": z, "candidate": n}.items():
            np.testing.assert_allclose(node[name].values[number], value, rtol=0, atol=1e-12)
        np.testing.assert_allclose(node["hidden_state"].values[number], h, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", ["layer", "cell", "ours"])
@pytest.mark.parametrize("loss", [None, total], ids=["no loss", "loss"])
@pytest.mark.parametrize(
    "chosen",
    [
        {"time": 3},
        {"time": slice(2, 5)},
        {"units": [4, 1]},
        {"units": slice(0, 2), "batch": [2]},
        {"signals": ["hidden_state"]},
        {"time": slice(5, 100, 2), "batch": slice(1, 3), "signals": ["update_gate"]},
    ],
    ids=str,
)
def test_what_is_chosen_is_the_whole_less_the_rest(kind: str, loss: Any, chosen: Any) -> None:
    torch.manual_seed(0)
    models = {
        "layer": lambda: Piecewise(nn.GRU(*SIZES), 2),
        "cell": lambda: Stepwise(nn.GRUCell(*SIZES)),
        "ours": OurSteps,
    }
    model, x = models[kind]().double(), random(8, BATCH, FEATURES)
    (whole,) = gatescope.record(model, x, loss).leaves
    (part,) = gatescope.record(model, x, loss, **chosen).leaves
    time = chosen.get("time", 1)
    steps = time if isinstance(time, slice) else slice(None, None, time)
    where = {"time": steps, "batch": chosen.get("batch"), "unit": chosen.get("units")}
    expected = whole.to_dataset().isel({dim: at for dim, at in where.items() if at is not None})
    names = chosen.get("signals", list(whole.data_vars))
    xr.testing.assert_identical(part.to_dataset(), expected[names])


def test_many_calls_are_looked_into_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    x = random(9, BATCH, FEATURES)
    models = [Stepwise(nn.LSTMCell(*SIZES)), Piecewise(nn.LSTM(*SIZES), 1), OurSteps()]
    for model in models:
        model.double()
        expected = [gatescope.record(model, x, loss) for loss in (None, total)]
        with monkeypatch.context() as few:
            few.setattr(short, "MOST", 2 * (BATCH * FEATURES + 3 * BATCH * UNITS))
            few.setattr(autograd_cells, "MOST", 2 * BATCH * UNITS)
            found = [gatescope.record(model, x, loss) for loss in (None, total)]
        for one, other in zip(found, expected, strict=True):
            require_close(arrays(one), arrays(other))
            for leaf, same in zip(one.leaves, other.leaves, strict=True):
                assert (
                    leaf["call"].values.tolist() == list(range(9)) == same["call"].values.tolist()
                )


def test_calls_short_and_long_and_of_other_batches_stand_in_their_order() -> None:
    torch.manual_seed(0)
    layer = nn.LSTM(*SIZES).double()

    class Mixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, parts: list[Tensor]) -> Tensor:
            return sum(self.layer(part)[0].sum() for part in parts)

    shapes = [(1, 3), (1, 3), (20, 3), (2, 3), (1, 2), (1, 2)]
    parts = [random(*shape, FEATURES) for shape in shapes]
    (node,) = gatescope.record(Mixed(), (parts,)).leaves
    (other,) = gatescope.record(Mixed(), (parts,), lambda output: output).leaves
    calls = [number for number, (steps, _) in enumerate(shapes) for _ in range(steps)]
    assert node["call"].values.tolist() == calls
    xr.testing.assert_identical(node["call_length"], other["call_length"])
    start = 0
    for part in parts:
        (alone,) = gatescope.record(layer, part, lambda output: output[0].sum()).leaves
        for name in node.data_vars:
            rows = node[name].values[start : start + len(part), : part.shape[1]]
            np.testing.assert_allclose(rows, alone[name].values, rtol=0, atol=1e-12)
        start += len(part)


def test_autograd_goes_through_short_calls_on_the_way() -> None:
    """A model that differentiates by itself, without a loss, gets what it gets unrecorded."""
    torch.manual_seed(0)

    class Inner(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.LSTM(*SIZES, num_layers=2)

        def forward(self, x: Tensor) -> Tensor:
            x = x.clone().requires_grad_()
            (slope,) = torch.autograd.grad(self.layer(x)[0].sum(), x)
            self.slope = slope
            return slope

    model, x = Inner().double(), random(2, BATCH, FEATURES)
    expected, given = model(x), []
    model.register_forward_hook(lambda module, inputs, output: given.append(output.clone()))
    gatescope.record(model, x)
    torch.testing.assert_close(given[0], expected, rtol=0, atol=1e-12)
