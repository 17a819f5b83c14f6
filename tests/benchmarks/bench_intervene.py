"""An intervention on one layer of 64 units over 200 steps, against a hand-written loop.

Run by hand: ``python tests/benchmarks/bench_intervene.py``. Both runs, both traces and all checks
are in the first time; the loop is what one would write instead: the changed run alone, its gates
kept in lists.
"""

import time
from collections.abc import Callable
from statistics import median

import torch
from _tables import seconds, table
from torch import Tensor, nn

import gatescope
from gatescope.intervention import Clamp

ROUNDS, TIME, UNITS = 15, 200, 64
LAYERS: dict[str, type[nn.RNNBase]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
SIGNALS = {"lstm": "forget_gate", "gru": "update_gate", "rnn": "hidden_state"}


def by_hand(layer: nn.RNNBase, x: Tensor) -> list[list[Tensor]]:
    """The layer as a loop, units 0 to 3 of one signal held at 1 from step 50 to 99."""
    w, u, b, d = (weight.detach() for weight in layer.parameters())
    h = c = x.new_zeros(x.shape[1], UNITS)
    kept = []

    def held(signal: Tensor, t: int) -> Tensor:
        if 50 <= t < 100:
            signal[:, :4] = 1.0
        return signal

    for t, row in enumerate(x):
        from_x, from_h = row @ w.T + b, h @ u.T + d
        if isinstance(layer, nn.LSTM):
            i, f, g, o = (from_x + from_h).chunk(4, -1)
            i, f, g, o = i.sigmoid(), held(f.sigmoid(), t), g.tanh(), o.sigmoid()
            c = f * c + i * g
            h = o * c.tanh()
            kept.append([i, f, g, o, c, h])
        elif isinstance(layer, nn.GRU):
            (xr, xz, xn), (hr, hz, hn) = from_x.chunk(3, -1), from_h.chunk(3, -1)
            r, z = (xr + hr).sigmoid(), held((xz + hz).sigmoid(), t)
            n = (xn + r * hn).tanh()
            h = (1 - z) * n + z * h
            kept.append([r, z, n, h])
        else:
            h = held((from_x + from_h).tanh(), t)
            kept.append([h])
    return kept


def taken(run: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    rows = []
    for kind, make in LAYERS.items():
        for batch in (1, 64):
            layer, x = make(2, UNITS), torch.randn(TIME, batch, 2)
            clamp = Clamp(SIGNALS[kind], 1.0, units=range(4), steps=range(50, 100))
            times: list[tuple[float, float]] = []
            for _ in range(ROUNDS):
                ours = taken(lambda: gatescope.intervene(layer, x, clamp))  # noqa: B023
                with torch.no_grad():
                    times.append((ours, taken(lambda: by_hand(layer, x))))  # noqa: B023
            ours, loop = (median(column) for column in zip(*times, strict=True))
            ratio = median(a / b for a, b in times)
            rows.append((f"{kind}, batch {batch}", seconds(ours), seconds(loop), f"{ratio:.1f}"))
    table([f"{UNITS} units, {TIME} steps", "intervene", "loop", "ratio"], rows)


if __name__ == "__main__":
    main()
