"""The oracle of recording: torch's layers as explicit Python loops under autograd.

It shares no code with the package. Every signal is a tensor with ``retain_grad``, so after a
backward pass it knows the total derivative that a recording must report.
"""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from torch import Tensor, nn

Signals = dict[str, Tensor]
GATES = {
    "LSTM": ("input_gate", "forget_gate", "cell_candidate", "output_gate"),
    "GRU": ("reset_gate", "update_gate", "candidate"),
    "RNN": (),
}


def step(module: nn.Module, suffix: str, x: Tensor, h: Tensor, c: Tensor | None) -> Signals:
    """One step of torch's documented equations; every returned tensor keeps its gradient."""
    zero = torch.zeros(())
    w, u, b, d = (
        getattr(module, f"{name}{suffix}", zero) if module.bias or name[0] == "w" else zero
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    from_x, from_h = x @ w.T + b, h @ u.T + d
    signals: Signals
    if isinstance(module, (nn.LSTM, nn.LSTMCell)):
        ai, af, ag, ao = (from_x + from_h).chunk(4, -1)
        i, f, g, o = ai.sigmoid(), af.sigmoid(), ag.tanh(), ao.sigmoid()
        c = f * c + i * g
        h = o * c.tanh()
        if getattr(module, "proj_size", 0):
            h = h @ getattr(module, f"weight_hr{suffix}").T
        signals = dict(zip(GATES["LSTM"], (i, f, g, o), strict=True))
        signals |= {"cell_state": c, "hidden_state": h}
    elif isinstance(module, (nn.GRU, nn.GRUCell)):
        (xr_, xz, xn), (hr, hz, hn) = from_x.chunk(3, -1), from_h.chunk(3, -1)
        r, z = (xr_ + hr).sigmoid(), (xz + hz).sigmoid()
        n = (xn + r * hn).tanh()
        signals = {"reset_gate": r, "update_gate": z, "candidate": n}
        signals["hidden_state"] = (1 - z) * n + z * h
    else:
        a = from_x + from_h
        signals = {"hidden_state": a.tanh() if module.nonlinearity == "tanh" else a.relu()}
    for signal in signals.values():
        if signal.requires_grad:
            signal.retain_grad()
    return signals


@dataclass
class Loop:
    """What running a layer as a loop gives.

    ``outputs`` (time, batch, directions * unit), zeros past an end; ``h`` and ``c`` as torch's
    h_n and c_n; ``signals[node][name]`` a list of (step, examples, tensor).
    """

    outputs: Tensor
    h: Tensor
    c: Tensor | None
    signals: dict[str, dict[str, list[tuple[int, list[int], Tensor]]]] = field(default_factory=dict)

    def forget_gradients(self) -> None:
        """Of what was differentiated on the way to the loss."""
        for node in self.signals.values():
            for steps in node.values():
                for _, _, signal in steps:
                    signal.grad = None

    def check(
        self,
        trace: xr.DataTree,
        path: str,
        *,
        gradients: bool,
        times: slice = slice(None),
        **close: Any,
    ) -> None:
        """Hold every node below ``path``, every signal and gradient, against this loop."""
        close = {"rtol": 1e-10, "atol": 1e-12} | close
        for node, found in self.signals.items():
            dataset = trace[f"{path}/{node}"].to_dataset().isel(time=times)
            names = set(found) | ({f"grad_{name}" for name in found} if gradients else set())
            assert set(dataset.data_vars) == names
            for name, steps in found.items():
                values = np.full(dataset[name].shape, np.nan)
                slopes = values.copy()
                for time, examples, signal in steps:
                    values[time, examples] = signal.detach()
                    slopes[time, examples] = 0 if signal.grad is None else signal.grad
                assert dataset[name].dims[:2] == ("time", "batch")
                np.testing.assert_allclose(dataset[name], values, **close)
                if gradients:
                    np.testing.assert_allclose(dataset[f"grad_{name}"], slopes, **close)


def run(
    layer: nn.RNNBase,
    x: Tensor,
    h0: Tensor | None = None,
    c0: Tensor | None = None,
    lengths: list[int] | None = None,
    masks: list[Tensor] | None = None,
) -> Loop:
    """Unroll a layer, x (time, batch, feature).

    ``masks`` are what the output of each layer but the last is multiplied by, each
    (time, batch, directions * unit); None drops nothing.
    """
    time, batch = x.shape[:2]
    directions = 2 if layer.bidirectional else 1
    width = getattr(layer, "proj_size", 0) or layer.hidden_size
    if h0 is None:
        h0 = x.new_zeros(layer.num_layers * directions, batch, width)
    if c0 is None:
        c0 = x.new_zeros(layer.num_layers * directions, batch, layer.hidden_size)
    groups = [(list(range(batch)), time)]
    if lengths is not None:
        groups = [([example], length) for example, length in enumerate(lengths)]
    signals: dict[str, dict[str, list[tuple[int, list[int], Tensor]]]] = {}
    last_h, last_c, outputs = [], [], []
    for examples, length in groups:
        rows = list(x[:length, examples].unbind(0))
        ends_h, ends_c = [], []
        for number in range(layer.num_layers):
            halves = []
            for reverse in range(directions):
                index = number * directions + reverse
                node = f"l{number}" + ("_reverse" if reverse else "")
                h, c = h0[index, examples], c0[index, examples]
                hidden: list[Any] = [None] * length
                for t in reversed(range(length)) if reverse else range(length):
                    now = step(layer, f"_{node}", rows[t], h, c)
                    h, c = now["hidden_state"], now.get("cell_state", c)
                    hidden[t] = h
                    for name, signal in now.items():
                        signals.setdefault(node, {}).setdefault(name, []).append(
                            (t, examples, signal)
                        )
                halves.append(hidden)
                ends_h.append(h)
                ends_c.append(c)
            rows = [torch.cat(pair, -1) for pair in zip(*halves, strict=True)]
            if masks is not None and number < layer.num_layers - 1:
                rows = [row * masks[number][t, examples] for t, row in enumerate(rows)]
        last_h.append(torch.stack(ends_h))
        last_c.append(torch.stack(ends_c))
        whole = torch.stack(rows)
        outputs.append(torch.cat([whole, whole.new_zeros(time - length, *whole.shape[1:])]))
    cell_state = torch.cat(last_c, 1) if isinstance(layer, nn.LSTM) else None
    return Loop(torch.cat(outputs, 1), torch.cat(last_h, 1), cell_state, signals)


@pytest.fixture
def loop() -> Any:
    """``loop.run`` unrolls a layer, ``loop.step`` takes one step of it or of a torch cell."""
    return SimpleNamespace(run=run, step=step, Loop=Loop)
