"""Step Jacobians against central differences, in float64, on trained and on random weights."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gatescope import CELLS, SequenceModel, load_run, make_cell
from gatescope.analysis import as_cell, states_of, step_jacobians
from gatescope.cells import Cell

RUNS = Path(__file__).parents[2] / "assets" / "runs"
SIZE = 1e-5


def of_torch(layer: nn.RNNBase, state: Tensor, x: Tensor) -> Tensor:
    """One step of a torch layer: (state,) to (state,), with (h, c) for an LSTM."""
    parts = [part[None, None] for part in state.split(layer.hidden_size)]
    given = tuple(parts) if isinstance(layer, nn.LSTM) else parts[0]
    after = layer(x[None, None], given)[1]
    return torch.cat([part.flatten() for part in (after if isinstance(after, tuple) else [after])])


def of_cell(cell: Cell, state: Tensor, x: Tensor) -> Tensor:
    """One step of a cell of ours."""
    parts = [part[None] for part in state.split(cell.hidden_size)]
    signals = cell.step(x[None], dict(zip(cell.states, parts, strict=True)))
    return torch.cat([signals[name][0] for name in cell.states])


def differences(step: object, layer: nn.Module, state: Tensor, x: Tensor) -> np.ndarray:
    """Central differences of a step, column by column."""
    columns = []
    with torch.no_grad():
        for unit in torch.eye(len(state), dtype=state.dtype) * SIZE:
            up, down = step(layer, state + unit, x), step(layer, state - unit, x)  # type: ignore[operator]
            columns.append((up - down) / (2 * SIZE))
    return torch.stack(columns, dim=1).numpy()


@pytest.mark.parametrize("name", ["adding-lstm", "adding-gru", "adding-rnn"])
def test_trained_networks_against_central_differences(name: str) -> None:
    """torch's own layer is stepped from the recorded state: c is in an LSTM's state."""
    run = load_run(RUNS / name)
    layer = run.model().recurrent.double()
    assert isinstance(layer, nn.RNNBase)
    inputs = run.probe().inputs[:, :2].double()
    found = step_jacobians(layer, inputs)
    states = states_of(as_cell(layer), inputs)
    size = layer.hidden_size * (2 if isinstance(layer, nn.LSTM) else 1)
    assert found.shape == (len(inputs), 2, size, size)
    for step in (0, 7, 30, len(inputs) - 1):
        for example in (0, 1):
            expected = differences(of_torch, layer, states[step, example], inputs[step, example])
            np.testing.assert_allclose(found[step, example], expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_against_central_differences(name: str) -> None:
    """The variants too; the states in the order of ``cell.states``."""
    torch.manual_seed(1)
    cell = make_cell(name, 2, 3).double()
    inputs = torch.randn(5, 2, 2, dtype=torch.float64)
    found = step_jacobians(cell, inputs)
    states = states_of(cell, inputs)
    # a state of zeros, normalised, is the steepest of all: its differences are coarser
    rtol = 1e-4 if name == "lstm_layer_norm" else 1e-7
    for step in range(5):
        expected = differences(of_cell, cell, states[step, 1], inputs[step, 1])
        np.testing.assert_allclose(found[step, 1], expected, rtol=rtol, atol=1e-9)
    assert not found.requires_grad


def test_an_lstms_highway_is_the_forget_gate() -> None:
    """With U = 0 the block dc_t/dc_{t-1} is diag(f), and nothing comes from h."""
    cell = make_cell("lstm", 1, 4).double()
    with torch.no_grad():
        cell.weight_hh.zero_()
    inputs = torch.randn(3, 1, 1, dtype=torch.float64)
    found = step_jacobians(cell, inputs)[:, 0]
    gates = torch.stack(
        [cell.step(x, cell.initial_state(x))["forget_gate"][0] for x in inputs]
    ).detach()  # fmt: skip
    np.testing.assert_allclose(found[:, 4:, 4:], torch.diag_embed(gates), rtol=1e-12)
    assert found[:, :, :4].abs().max() == 0


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize(("number", "reverse"), [(0, False), (1, False), (1, True)])
def test_layers_and_directions_of_torch(kind: type[nn.RNNBase], number: int, reverse: bool) -> None:
    """The cell that is made runs as that layer does, in its dtype, and shares no weights."""
    layer = kind(2, 3, num_layers=2, bidirectional=True).double()
    cell = as_cell(layer, number, reverse=reverse)
    alone = kind(cell.input_size, 3).double()
    suffix = f"_l{number}" + ("_reverse" if reverse else "")
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    alone.load_state_dict({f"{name}_l0": getattr(layer, name + suffix) for name in names})
    inputs = torch.randn(6, 2, cell.input_size, dtype=torch.float64)
    np.testing.assert_allclose(
        states_of(cell, inputs)[1:, :, :3], alone(inputs)[0].detach(), rtol=1e-12, atol=1e-14
    )
    before = layer.weight_hh_l0.clone()
    with torch.no_grad():
        cell.weight_hh.zero_()
    assert torch.equal(layer.weight_hh_l0, before)


def test_without_biases_and_with_relu() -> None:
    """Options of torch's layers are taken over."""
    cell = as_cell(nn.RNN(2, 3, bias=False, nonlinearity="relu"))
    assert cell.bias_ih is None
    assert cell.nonlinearity == "relu"


def test_what_is_not_supported_is_named() -> None:
    """A model, projections, inputs of another width."""
    with pytest.raises(ValueError, match="got SequenceModel"):
        step_jacobians(SequenceModel("lstm", 1, 2, 1), torch.zeros(2, 1, 1))
    with pytest.raises(ValueError, match="proj_size=2"):
        step_jacobians(nn.LSTM(1, 3, proj_size=2), torch.zeros(2, 1, 1))
    with pytest.raises(ValueError, match=r"\(time, batch, 3\), got \(4, 2\)"):
        step_jacobians(nn.GRU(3, 2), torch.zeros(4, 2))
