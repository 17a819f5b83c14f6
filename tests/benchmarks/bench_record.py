"""What recording costs, against the bare layer and a loop written by hand.

Run by hand: ``python tests/benchmarks/bench_record.py``. Every round times each way once, one
after another; the numbers are medians of the ratios of a round. A pause of the machine can make one
round absurd, so the range of the ratios stands beside their median: a row of few rounds, or of a
wide range, says little, and is left out of the mean when it has fewer than five rounds.
"""

import argparse
import time
from collections.abc import Callable
from statistics import geometric_mean, median

import torch
from _shared import seconds, table
from torch import Tensor, nn

from gatescope import record

SIZES = [
    (32, 100, 2, 32),
    (8, 200, 2, 64),
    (32, 500, 2, 64),
    (1, 500, 2, 128),
    (64, 1000, 8, 128),
    (8, 200, 64, 512),
]
"""Batch, steps, inputs, units."""

BY_HAND = SIZES[:4]
FEWEST, MOST = 5, 30
"""Rounds that count: below the fewest a row is not in the mean."""

LIMIT = 15
"""Seconds after which a size has to do with the rounds there are."""

LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


def loss_of(output: tuple[Tensor, object]) -> Tensor:
    """Every step counts."""
    return output[0].square().mean()


def by_hand(layer: nn.RNNBase, inputs: Tensor) -> list[Tensor]:
    """The same by a Python loop that keeps the gradient of every gate and state."""
    w_in, w_rec, b_in, b_rec = layer._flat_weights
    units = layer.hidden_size
    hidden = cell = torch.zeros(inputs.shape[1], units)
    kept: list[Tensor] = []
    outputs = []
    for step in inputs:
        from_input = step @ w_in.T + b_in
        from_state = hidden @ w_rec.T + b_rec
        if isinstance(layer, nn.LSTM):
            i, f, g, o = (from_input + from_state).chunk(4, dim=1)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            cell = f * cell + i * g
            hidden = o * cell.tanh()
            new = [i, f, g, o, cell, hidden]
        elif isinstance(layer, nn.GRU):
            r_in, z_in, n_in = from_input.chunk(3, dim=1)
            r_rec, z_rec, n_rec = from_state.chunk(3, dim=1)
            r, z = (r_in + r_rec).sigmoid(), (z_in + z_rec).sigmoid()
            n = (n_in + r * n_rec).tanh()
            hidden = (1 - z) * n + z * hidden
            new = [r, z, n, hidden]
        else:
            hidden = (from_input + from_state).tanh()
            new = [hidden]
        for tensor in new:
            tensor.retain_grad()
        kept += new
        outputs.append(hidden)
    loss_of((torch.stack(outputs), None)).backward()
    return [tensor.grad for tensor in kept if tensor.grad is not None]


def bare(layer: nn.RNNBase, inputs: Tensor) -> None:
    """Forward and backward without a recording."""
    loss_of(layer(inputs)).backward()


def forward(layer: nn.RNNBase, inputs: Tensor) -> None:
    """Forward alone."""
    with torch.no_grad():
        layer(inputs)


def time_of(work: Callable[[], object], layer: nn.RNNBase) -> float:
    """Seconds for one go."""
    layer.zero_grad(set_to_none=True)
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def time_all(ways: dict[str, Callable[[], object]], layer: nn.RNNBase) -> dict[str, float]:
    """One round: seconds for each way."""
    return {name: time_of(work, layer) for name, work in ways.items()}


def main() -> None:
    """Print a table for each cell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cell", choices=LAYERS, action="append")
    parser.add_argument("--seconds", type=float, default=2, help="for one cell and size")
    asked = parser.parse_args()
    for cell in asked.cell or LAYERS:
        rows, ratios = [], {"bare": [], "hand": [], "forward": []}
        for shape in SIZES:
            batch, steps, features, units = shape
            torch.manual_seed(0)
            layer = LAYERS[cell](features, units)
            inputs = torch.randn(steps, batch, features)
            ways: dict[str, Callable[[], object]] = {
                "record": lambda m=layer, x=inputs: record(m, x, loss_of),
                "bare": lambda m=layer, x=inputs: bare(m, x),
                "record forward": lambda m=layer, x=inputs: record(m, x),
                "forward": lambda m=layer, x=inputs: forward(m, x),
            }
            if shape in BY_HAND:
                ways["hand"] = lambda m=layer, x=inputs: by_hand(m, x)
            time_all(ways, layer)  # warms up
            rounds: list[dict[str, float]] = []
            start = time.monotonic()
            while len(rounds) < MOST:
                taken = time.monotonic() - start
                if rounds and (taken > LIMIT or (taken > asked.seconds and len(rounds) >= FEWEST)):
                    break
                rounds.append(time_all(ways, layer))
            middle = {name: median(found[name] for found in rounds) for name in ways}
            against_bare = [found["record"] / found["bare"] for found in rounds]
            ratio = {
                "bare": median(against_bare),
                "forward": median(found["record forward"] / found["forward"] for found in rounds),
            }
            if "hand" in ways:
                ratio["hand"] = median(found["record"] / found["hand"] for found in rounds)
            if len(rounds) >= FEWEST:
                for name, value in ratio.items():
                    ratios[name].append(value)
            rows.append(
                (
                    "x".join(map(str, shape)),
                    len(rounds),
                    seconds(middle["bare"]),
                    seconds(middle["record"]),
                    f"{ratio['bare']:.2f}",
                    f"{min(against_bare):.2f} to {max(against_bare):.2f}",
                    f"{ratio['hand']:.2f}" if "hand" in ratio else "",
                    f"{ratio['forward']:.2f}",
                )
            )
        means = {
            name: f"{geometric_mean(values):.2f}" if values else ""
            for name, values in ratios.items()
        }
        rows.append(
            ("geometric mean", "", "", "", means["bare"], "", means["hand"], means["forward"])
        )
        print(f"{cell}, {torch.get_num_threads()} threads; batch x steps x inputs x units")
        table(
            [
                "size",
                "rounds",
                "bare",
                "record",
                "/ bare",
                "range",
                "/ by hand",
                "forward / no_grad",
            ],
            rows,
        )


if __name__ == "__main__":
    main()
