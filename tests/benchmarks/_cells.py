"""torch's layers as loops of cells in plain Python, in float64: what a recording must agree with.

One example after another, one step after another, with `retain_grad` on every signal; no code of
the package is used. Equations: the documentation of torch.nn.LSTM, GRU and RNN.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

Signals = dict[str, Tensor]
Arrays = dict[str, dict[str, np.ndarray]]


@dataclass(frozen=True)
class Unrolled:
    """What the loop gives.

    Attributes
    ----------
    outputs
        (time, batch, directions * width), zeros past an end.
    last
        (layers * directions, batch, width), as torch's h_n.
    steps
        By node (``l0``, ``l0_reverse``), example and time: every signal of a step.
    """

    outputs: Tensor
    last: Tensor
    steps: dict[str, list[list[Signals]]]

    def arrays(self, loss: Tensor) -> Arrays:
        """Every signal and its gradient by node, (time, batch, unit), NaN past an end."""
        loss.backward()
        time = len(self.outputs)
        return {node: _arrays(examples, time) for node, examples in self.steps.items()}


def unrolled(layer: nn.RNNBase, x: Tensor, lengths: Sequence[int]) -> Unrolled:
    """Run a layer as a loop; its states begin at 0.

    Parameters
    ----------
    layer
        A float64 layer of the CPU.
    x
        (time, batch, feature).
    lengths
        Steps of each example.
    """
    steps: dict[str, list[list[Signals]]] = {}
    outputs, last = [], []
    for example, length in enumerate(lengths):
        rows, states = list(x[:length, example]), []
        for number in range(layer.num_layers):
            halves = []
            for reverse in (False, True)[: 1 + layer.bidirectional]:
                name = f"l{number}" + "_reverse" * reverse
                found, state = _direction(layer, name, rows, reverse=reverse)
                steps.setdefault(name, []).append(found)
                states.append(state)
                halves.append([signals["hidden_state"] for signals in found])
            rows = [torch.cat(parts) for parts in zip(*halves, strict=True)]
        missing = rows[0].new_zeros(len(x) - length, len(rows[0]))
        outputs.append(torch.cat([torch.stack(rows), missing]))
        last.append(torch.stack(states))
    return Unrolled(torch.stack(outputs, 1), torch.stack(last, 1), steps)


def _direction(
    layer: nn.RNNBase, name: str, rows: list[Tensor], *, reverse: bool
) -> tuple[list[Signals], Tensor]:
    """The steps of one layer and direction, in the order of time, and the last state."""
    h = rows[0].new_zeros(getattr(layer, "proj_size", 0) or layer.hidden_size)
    c = rows[0].new_zeros(layer.hidden_size)
    found: dict[int, Signals] = {}
    order = range(len(rows))
    for time in reversed(order) if reverse else order:
        found[time] = _step(layer, f"_{name}", rows[time], h, c)
        h, c = found[time]["hidden_state"], found[time].get("cell_state", c)
        for signal in found[time].values():
            signal.retain_grad()
    return [found[time] for time in order], h


def _step(layer: nn.RNNBase, suffix: str, x: Tensor, h: Tensor, c: Tensor) -> Signals:
    """One step."""
    from_x = getattr(layer, "weight_ih" + suffix) @ x
    from_h = getattr(layer, "weight_hh" + suffix) @ h
    if layer.bias:
        from_x = from_x + getattr(layer, "bias_ih" + suffix)
        from_h = from_h + getattr(layer, "bias_hh" + suffix)
    if isinstance(layer, nn.LSTM):
        i, f, g, o = (from_x + from_h).chunk(4)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g
        h = o * c.tanh()
        if layer.proj_size:
            h = getattr(layer, "weight_hr" + suffix) @ h
        gates = {"input_gate": i, "forget_gate": f, "cell_candidate": g, "output_gate": o}
        return gates | {"cell_state": c, "hidden_state": h}
    if isinstance(layer, nn.GRU):
        (r_x, z_x, n_x), (r_h, z_h, n_h) = from_x.chunk(3), from_h.chunk(3)
        r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
        n = (n_x + r * n_h).tanh()
        h = (1 - z) * n + z * h
        return {"reset_gate": r, "update_gate": z, "candidate": n, "hidden_state": h}
    a = from_x + from_h
    return {"hidden_state": a.relu() if layer.nonlinearity == "relu" else a.tanh()}


def _arrays(examples: list[list[Signals]], time: int) -> dict[str, np.ndarray]:
    """Signals and gradients of one node."""
    found: dict[str, np.ndarray] = {}
    for name, like in examples[0][0].items():
        for key in (name, f"grad_{name}"):
            found[key] = np.full((time, len(examples), len(like)), np.nan)
        for example, steps in enumerate(examples):
            for step, signals in enumerate(steps):
                signal = signals[name]
                # a signal that the loss does not depend on has none
                gradient = torch.zeros_like(signal) if signal.grad is None else signal.grad
                found[name][step, example] = signal.detach().numpy()
                found[f"grad_{name}"][step, example] = gradient.numpy()
    return found
