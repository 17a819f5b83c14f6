"""The oracle of intervening: torch's layers as a hand-written loop that changes values itself.

It shares no code with the package. ``change(node, step, examples, name, value)`` is asked for
each signal where it is computed, and gives the value that the loop goes on with.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

Change = Callable[[str, int, list[int], str, Tensor], Tensor]
LAYERS: dict[str, type[nn.RNNBase]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
GATES = {
    "lstm": ("input_gate", "forget_gate", "cell_candidate", "output_gate"),
    "gru": ("reset_gate", "update_gate", "candidate"),
    "rnn": (),
}
STATES = {
    "lstm": ("cell_state", "hidden_state"), "gru": ("hidden_state",), "rnn": ("hidden_state",)
}  # fmt: skip


def one_step(
    kind: str, weights: list[Tensor], x: Tensor, h: Tensor, c: Tensor, see: Any
) -> dict[str, Tensor]:
    """torch's documented equations, each value handed to ``see`` where it is computed."""
    w, u, b, d, *projection = weights
    from_x, from_h = x @ w.T + b, h @ u.T + d
    s: dict[str, Tensor] = {}
    if kind == "lstm":
        ai, af, ag, ao = (from_x + from_h).chunk(4, -1)
        s["input_gate"] = see("input_gate", 1 / (1 + torch.exp(-ai)))
        s["forget_gate"] = see("forget_gate", 1 / (1 + torch.exp(-af)))
        s["cell_candidate"] = see("cell_candidate", ag.tanh())
        s["output_gate"] = see("output_gate", 1 / (1 + torch.exp(-ao)))
        fresh = s["forget_gate"] * c + s["input_gate"] * s["cell_candidate"]
        s["cell_state"] = see("cell_state", fresh)
        out = s["output_gate"] * s["cell_state"].tanh()
        s["hidden_state"] = see("hidden_state", out @ projection[0].T if projection else out)
    elif kind == "gru":
        (xr, xz, xn), (hr, hz, hn) = from_x.chunk(3, -1), from_h.chunk(3, -1)
        r = s["reset_gate"] = see("reset_gate", 1 / (1 + torch.exp(-xr - hr)))
        z = s["update_gate"] = see("update_gate", 1 / (1 + torch.exp(-xz - hz)))
        n = s["candidate"] = see("candidate", (xn + r * hn).tanh())
        s["hidden_state"] = see("hidden_state", n - z * n + z * h)
    else:
        s["hidden_state"] = see("hidden_state", (from_x + from_h).tanh())
    return s


def run(
    layer: nn.RNNBase, x: Tensor, change: Change, lengths: list[int] | None = None
) -> SimpleNamespace:
    """Unroll a layer over x (time, batch, feature) from zero states.

    Returns ``output`` (time, batch, directions * unit), zeros past an end, ``h`` and ``c`` as
    torch's last states, ``tensors[node][name]`` as (step, examples, tensor), and ``signals`` the
    same as arrays (time, batch, unit), NaN past an end.
    """
    time, batch = x.shape[:2]
    kind = layer.mode.split("_")[0].lower()
    groups = [([b], n) for b, n in enumerate(lengths)] if lengths else [([*range(batch)], time)]
    directions = 2 if layer.bidirectional else 1
    width = getattr(layer, "proj_size", 0) or layer.hidden_size
    tensors: dict[str, dict[str, list[tuple[int, list[int], Tensor]]]] = {}
    outputs, last_h, last_c = [], [], []
    for examples, length in groups:
        rows = list(x[:length, examples].unbind(0))
        ends_h, ends_c = [], []
        for number in range(layer.num_layers):
            halves = []
            for node in [f"l{number}", f"l{number}_reverse"][:directions]:
                weights = [getattr(layer, n) for n in layer.state_dict() if n.endswith(f"_{node}")]
                h, c = (x.new_zeros(len(examples), n) for n in (width, layer.hidden_size))
                hidden: list[Any] = [None] * length
                order = range(length)[::-1] if "reverse" in node else range(length)
                for t in order:

                    def see(name: str, value: Tensor, where: Any = (node, t, examples)) -> Tensor:
                        value = change(*where, name, value)
                        if value.requires_grad:
                            value.retain_grad()
                        return value

                    now = one_step(kind, weights, rows[t], h, c, see)
                    h, c = now["hidden_state"], now.get("cell_state", c)
                    hidden[t] = h
                    for name, value in now.items():
                        kept = tensors.setdefault(node, {}).setdefault(name, [])
                        kept.append((t, examples, value))
                halves.append(hidden)
                ends_h.append(h)
                ends_c.append(c)
            rows = [torch.cat(pair, -1) for pair in zip(*halves, strict=True)]
        whole = torch.stack(rows)
        outputs.append(torch.cat([whole, whole.new_zeros(time - length, *whole.shape[1:])]))
        last_h.append(torch.stack(ends_h))
        last_c.append(torch.stack(ends_c))
    found = SimpleNamespace(
        output=torch.cat(outputs, 1), h=torch.cat(last_h, 1), c=torch.cat(last_c, 1)
    )
    found.tensors = tensors
    found.signals = {node: arrays(s, time, batch, lambda v: v) for node, s in tensors.items()}
    return found


def arrays(
    signals: dict[str, list[tuple[int, list[int], Tensor]]],
    time: int,
    batch: int,
    of: Callable[[Tensor], Tensor | None],
) -> dict[str, np.ndarray]:
    """(time, batch, unit) by name of the tensors, or of what is asked of them."""
    whole = {}
    for name, steps in signals.items():
        array = np.full((time, batch, steps[0][2].shape[-1]), np.nan)
        for t, examples, value in steps:
            seen = of(value)
            array[t, examples] = 0 if seen is None else seen.detach()
        whole[name] = array
    return whole


def untouched(node: str, t: int, examples: list[int], name: str, value: Tensor) -> Tensor:
    """Change nothing."""
    return value


@pytest.fixture
def loop() -> SimpleNamespace:
    """The hand-written loop, and what goes with it."""
    return SimpleNamespace(
        run=run, arrays=arrays, untouched=untouched, gates=GATES, states=STATES, layers=LAYERS
    )


@pytest.fixture(autouse=True)
def seeded() -> None:
    """The same weights and inputs each time."""
    torch.manual_seed(3)


@pytest.fixture(params=LAYERS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each of torch's layers."""
    return str(request.param)


FORMS: dict[str, dict[str, Any]] = {
    "plain": {}, "stacked": {"num_layers": 2}, "bidirectional": {"bidirectional": True},
    "both": {"num_layers": 2, "bidirectional": True},
}  # fmt: skip


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One and two layers, one and two directions."""
    return FORMS[str(request.param)]
