"""What needs no training: counted, computed, or measured on networks as they begin."""

import math
import statistics
import time
from itertools import pairwise

import numpy as np
import torch
import xarray as xr
from torch import nn

from gatescope.cells import make_cell
from gatescope.recording import record

EXAMPLES, UNITS, STEPS = 8, 32, 50


def _values(trace: xr.DataTree, node: str, signal: str) -> np.ndarray:
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


def latch(steps: int = 1000, noise: float = 0.3, seed: int = 0) -> float:
    """How often a plain RNN of one unit with weights set by hand holds a sign for ``steps``.

    h_t = tanh(2 h_{t-1} + x_t) has two stable states, near 1 and -1; the first input of +3 or -3
    chooses one, all others are noise of that size at most.
    """
    layer = nn.RNN(1, 1, bias=False)
    weights = layer.state_dict()
    with torch.no_grad():
        weights["weight_hh_l0"].fill_(2.0)
        weights["weight_ih_l0"].fill_(1.0)
    draw = torch.Generator().manual_seed(seed)
    x = (torch.rand(steps + 1, 100, 1, generator=draw) * 2 - 1) * noise
    x[0] = 3 * torch.where(torch.rand(100, 1, generator=draw) < 0.5, -1.0, 1.0)
    with torch.no_grad():
        output, _ = layer(x)
    return float((output[-1].sign() == x[0].sign()).double().mean())


def carousel(forget: float | None, steps: int = STEPS) -> float:
    """What is left of dL/dc after ``steps`` steps along the cell state alone.

    Parameters
    ----------
    forget
        The value that every forget gate is held at; None leaves torch's initialisation.
    steps
        How far back.

    Returns
    -------
    float
        The median over units of |dL/dc_0 / dL/dc_T|; gates see the input alone.
    """
    torch.manual_seed(0)
    layer = nn.LSTM(1, UNITS)
    weights = layer.state_dict()
    with torch.no_grad():
        weights["weight_hh_l0"].zero_()  # only the way along the cell is left
        if forget is not None:
            rows = slice(UNITS, 2 * UNITS)
            weights["weight_ih_l0"][rows] = 0
            weights["bias_hh_l0"][rows] = 0
            logit = math.inf if forget == 1 else math.log(forget / (1 - forget))
            weights["bias_ih_l0"][rows] = min(logit, 40.0)
    x = torch.randn(steps + 1, EXAMPLES, 1, generator=torch.Generator().manual_seed(1))
    trace = record(layer, x, lambda output: output[1][1].sum())
    gradient = _values(trace, "lstm/l0", "grad_cell_state")
    return float(np.median(np.abs(gradient[0] / gradient[-1])))


def arriving(cell: str, layers: int, steps: int = STEPS, seed: int = 0) -> float:
    """The gradient norm at the first step in the lowest layer, in units of that at the last step
    in the highest; torch's initialisation, the loss the sum of the last states."""
    torch.manual_seed(seed)
    kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell]
    model = kind(1, UNITS, num_layers=layers)
    x = torch.randn(steps, EXAMPLES, 1, generator=torch.Generator().manual_seed(1))
    trace = record(model, x, lambda output: output[0][-1].sum())
    name = "grad_hidden_state"
    lowest = _values(trace, f"{cell}/l0", name)[0]
    highest = _values(trace, f"{cell}/l{layers - 1}", name)[-1]
    return float(np.linalg.norm(lowest) / np.linalg.norm(highest))


def steps_seen(steps: int = 20) -> tuple[int, int]:
    """Of a two-directional layer that is read at the last step: how many steps each half has seen.

    A step was seen where the loss changes with the half's state there.
    """
    torch.manual_seed(0)
    layer = nn.LSTM(1, 8, bidirectional=True)
    x = torch.randn(steps, 1, 1)
    trace = record(layer, x, lambda output: output[0][-1].sum())
    seen = [
        int((_values(trace, f"lstm/{node}", "grad_hidden_state") != 0).any((1, 2)).sum())
        for node in ("l0", "l0_reverse")
    ]
    return seen[0], seen[1]


def candidates(blind: bool, inputs: int = 1000) -> int:
    """How many different candidates a GRU offers for so many inputs in the same state.

    ``blind``: the input's weights on the candidate are zero, as the listing has it.
    """
    torch.manual_seed(0)
    cell = make_cell("gru", 1, 8)
    with torch.no_grad():
        if blind:
            cell.weight_ih[16:] = 0
        state = {"hidden_state": torch.rand(1, 8).expand(inputs, 8)}
        x = torch.linspace(-2, 2, inputs).unsqueeze(1)
        # the reset gate sees the input too; it is held open
        cell.weight_ih[:8] = 0
        found = cell.step(x, state)["candidate"]
    return len(np.unique(found.round(decimals=6).numpy(), axis=0))


def plateau_moves(min_rate: float, rate: float = 1e-3, checks: int = 60) -> int:
    """How often torch's ReduceLROnPlateau lowers a rate when nothing gets better."""
    optimiser = torch.optim.Adam([nn.Parameter(torch.zeros(1))], lr=rate)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, patience=3, min_lr=min_rate)
    rates = [rate]
    for _ in range(checks):
        plateau.step(1.0)
        rates.append(optimiser.param_groups[0]["lr"])
    return sum(b < a for a, b in pairwise(rates))


def per_cent(truth: np.ndarray, forecast: np.ndarray) -> dict[str, float]:
    """'Accuracy in per cent': 100 less the mean absolute error in per cent, in °F, °C and K.

    Parameters
    ----------
    truth, forecast
        In °F.
    """
    celsius = [(values - 32) / 1.8 for values in (truth, forecast)]
    scales = {
        "F": (truth, forecast), "C": tuple(celsius), "K": tuple(v + 273.15 for v in celsius)
    }  # fmt: skip
    return {
        name: float(100 - 100 * np.mean(np.abs((came - said) / came)))
        for name, (came, said) in scales.items()
    }


def against_convolution(steps: int, rounds: int = 9) -> float:
    """Time of an LSTM's forward and backward pass in units of a convolution's, of like weights.

    Both map (32 examples, ``steps``, 32 features) to 64 features; the convolution sees 8 steps.
    Medians of one round each, one after another.
    """
    x = torch.randn(steps, 32, 32)
    recurrent, convolution = nn.LSTM(32, 64), nn.Conv1d(32, 64, 8, padding="same")
    across = x.permute(1, 2, 0).contiguous()
    ratios = []
    for _ in range(rounds):
        began = time.perf_counter()
        recurrent(x)[0].sum().backward()
        middle = time.perf_counter()
        convolution(across).sum().backward()
        ratios.append((middle - began) / (time.perf_counter() - middle))
    return statistics.median(ratios)
