"""The faults in the tutorial's listings, in numbers: counted or computed, nothing is trained."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn

from gatescope.cells import make_cell
from gatescope.experiments.tutorial.untrained import values_of
from gatescope.recording import record


def steps_seen(steps: int = 20) -> tuple[int, int]:
    """Of a two-directional layer that is read at the last step: how many steps each half has seen.

    A step was seen where the loss changes with the half's state there.
    """
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layer = nn.LSTM(1, 8, bidirectional=True)
        x = torch.randn(steps, 1, 1)
    trace = record(layer, x, lambda output: output[0][-1].sum())
    seen = [
        int((values_of(trace, f"lstm/{node}", "grad_hidden_state") != 0).any((1, 2)).sum())
        for node in ("l0", "l0_reverse")
    ]
    return seen[0], seen[1]


def candidates(blind: bool, inputs: int = 1000) -> int:
    """How many different candidates a GRU offers for so many inputs in the same state.

    ``blind``: the input's weights on the candidate are zero, as the listing has it.
    """
    with torch.random.fork_rng():
        torch.manual_seed(0)
        cell = make_cell("gru", 1, 8)
        start = torch.rand(1, 8)
    with torch.no_grad():
        if blind:
            cell.weight_ih[16:] = 0
        state = {"hidden_state": start.expand(inputs, 8)}
        x = torch.linspace(-2, 2, inputs).unsqueeze(1)
        # the reset gate sees the input too; it is held open
        cell.weight_ih[:8] = 0
        found = cell.step(x, state)["candidate"]
    return len(np.unique(found.round(decimals=6).numpy(), axis=0))


def plateau_moves(min_rate: float, rate: float = 1e-3, checks: int = 60) -> int:
    """How often torch's ReduceLROnPlateau lowers a rate when nothing gets better."""
    optimizer = torch.optim.Adam([nn.Parameter(torch.zeros(1))], lr=rate)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=3, min_lr=min_rate)
    rates = [rate]
    for _ in range(checks):
        plateau.step(1.0)
        rates.append(optimizer.param_groups[0]["lr"])
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
