"""What needs no training: counted, computed, or measured on networks as they begin."""

import math

import numpy as np
import torch
import xarray as xr
from torch import nn

from gatescope.models import SequenceModel
from gatescope.recording import record
from gatescope.training.config import Initialization
from gatescope.training.initialization import set_chrono

EXAMPLES, UNITS, STEPS = 8, 32, 50


def values_of(trace: xr.DataTree, node: str, signal: str) -> np.ndarray:
    """A signal of a layer, (time, batch, unit)."""
    found: np.ndarray = trace[node].to_dataset()[signal].to_numpy()
    return found


def gates_of(cell: str) -> int:
    """How many gates a recording of torch's own layer has."""
    layer = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell](1, 4)
    trace = record(layer, torch.zeros(2, 1, 1))
    (node,) = trace.leaves
    return sum(str(name).endswith("_gate") for name in node.data_vars)


def weights_of(cell: str, features: int = 1, units: int = UNITS) -> int:
    """How many weights torch's layer has; each is used once a step."""
    layer = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell](features, units)
    return sum(weight.numel() for weight in layer.parameters())


def latch(steps: int = 1000, noise: float = 0.3, seed: int = 0, trials: int = 100) -> int:
    """In how many trials a plain RNN of one unit, weights set by hand, holds a sign for ``steps``.

    h_t = tanh(2 h_{t-1} + x_t) has two stable states, near 1 and -1; the first input of +3 or -3
    chooses one, all others are noise of that size at most.
    """
    layer = nn.RNN(1, 1, bias=False)
    weights = layer.state_dict()
    with torch.no_grad():
        weights["weight_hh_l0"].fill_(2.0)
        weights["weight_ih_l0"].fill_(1.0)
    draw = torch.Generator().manual_seed(seed)
    x = (torch.rand(steps + 1, trials, 1, generator=draw) * 2 - 1) * noise
    x[0] = 3 * torch.where(torch.rand(trials, 1, generator=draw) < 0.5, -1.0, 1.0)
    with torch.no_grad():
        output, _ = layer(x)
    return int((output[-1].sign() == x[0].sign()).sum())


def carousel(forget: float | None, steps: int = STEPS, seed: int = 0) -> float:
    """What is left of dL/dc after ``steps`` steps along the cell state alone.

    Parameters
    ----------
    forget
        The value that every forget gate is held at; None leaves torch's initialization.
    steps
        How far back.
    seed
        Of the weights; the inputs have the next one.

    Returns
    -------
    float
        The median over units of |dL/dc_0 / dL/dc_T|; gates see the input alone.
    """
    layer = _network("lstm", seed).recurrent
    weights = layer.state_dict()
    with torch.no_grad():
        weights["weight_hh_l0"].zero_()  # only the way along the cell is left
        if forget is not None:
            rows = slice(UNITS, 2 * UNITS)
            weights["weight_ih_l0"][rows] = 0
            weights["bias_hh_l0"][rows] = 0
            logit = math.inf if forget == 1 else math.log(forget / (1 - forget))
            weights["bias_ih_l0"][rows] = min(logit, 40.0)
    trace = record(layer, _inputs(steps + 1, seed), lambda output: output[1][1].sum())
    gradient = values_of(trace, "lstm/l0", "grad_cell_state")
    return float(np.median(np.abs(gradient[0] / gradient[-1])))


def arriving(
    cell: str,
    layers: int = 1,
    steps: int = STEPS,
    seed: int = 0,
    *,
    initialization: Initialization = "default",
    bidirectional: bool = False,
) -> float:
    """The gradient norm at the first step in the lowest layer, in units of that at the last step
    in the highest.

    The loss is the sum of the outputs at the last step. Of a bidirectional layer both norms are
    the forward half's.

    Parameters
    ----------
    cell, layers, bidirectional
        ``rnn``, ``lstm`` or ``gru``; layers of `UNITS` units.
    steps
        How long the sequences are.
    seed
        Of the weights; the inputs have the next one.
    initialization
        ``"default"`` is torch's; ``"chrono"`` has ``steps`` for T_max.
    """
    model = _network(cell, seed, layers, bidirectional)
    if initialization == "chrono":
        set_chrono(model, steps, seed)
    trace = record(model.recurrent, _inputs(steps, seed), lambda output: output[0][-1].sum())
    name = "grad_hidden_state"
    lowest = values_of(trace, f"{cell}/l0", name)[0]
    highest = values_of(trace, f"{cell}/l{layers - 1}", name)[-1]
    return float(np.linalg.norm(lowest) / np.linalg.norm(highest))


def _network(cell: str, seed: int, layers: int = 1, bidirectional: bool = False) -> SequenceModel:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return SequenceModel(cell, 1, UNITS, 1, num_layers=layers, bidirectional=bidirectional)


def _inputs(steps: int, seed: int) -> torch.Tensor:
    """Noise, (time, batch, feature)."""
    return torch.randn(steps, EXAMPLES, 1, generator=torch.Generator().manual_seed(seed + 1))
