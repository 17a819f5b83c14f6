"""What recording costs, against the bare layer and a loop written by hand.

Run by hand: ``python tests/benchmarks/bench_record.py``. Every round times each way once, one
after another; the numbers are medians of the ratios of a round. A pause of the machine can make one
round absurd, so the range of the ratios stands beside their median: a row of few rounds, or of a
wide range, says little, and is left out of the mean when it has fewer than five rounds.

What a recording costs by itself, whatever is recorded, is its time less that of the bare pass, for
layers of one unit and a model of four modules. Models that are called a step at a time stand beside
their bare pass as they are called (with a loss: forward and backward; without: forward, gradients
on); what is chosen of a recording beside the whole of it.

Memory is the largest that a process of its own took beyond what it had before, in bytes of the
signals that it kept. All tables are also written to assets/benchmarks/record.md.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

import psutil
import torch
from _shared import ROOT
from _tables import SIZES, markdown, seconds, table
from torch import Tensor, nn

from gatescope import Cell, __version__, make_cell, record

BY_HAND = SIZES[:4]
FEWEST, MOST = 5, 30
"""Rounds that count: below the fewest a row is not in the mean."""

LIMIT = 15
"""Seconds after which a size has to do with the rounds there are."""

LAYERS: dict[str, Callable[[int, int], nn.RNNBase]] = {
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "rnn": nn.RNN,
    "lstm, 3 layers, both ways": lambda features, units: nn.LSTM(
        features, units, num_layers=3, bidirectional=True
    ),
}
LENGTHS = (100, 1_000, 5_000, 20_000)
"""Steps over which time and memory are to grow alike; 8 examples, 2 inputs, 64 units."""

SOME = {
    "signals": {"signals": ["forget_gate"]},
    "layers": {"layers": []},
    "batch": {"batch": [0]},
    "units": {"units": slice(0, 8)},
    "time=10": {"time": 10},
}
"""What is chosen, beside everything."""

CHOICES: dict[str, dict[str, object]] = {
    "everything": {},
    "everything, no loss": {"loss": None},
    "time=10": {"time": 10},
    "units=slice(0, 8)": {"units": slice(0, 8)},
    'signals=["forget_gate"]': {"signals": ["forget_gate"]},
}
TARGET = ROOT / "assets" / "benchmarks" / "record.md"


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


def time_of(work: Callable[[], object], layer: nn.Module) -> float:
    """Seconds for one go."""
    layer.zero_grad(set_to_none=True)
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def time_all(ways: dict[str, Callable[[], object]], layer: nn.RNNBase) -> dict[str, float]:
    """One round: seconds for each way."""
    return {name: time_of(work, layer) for name, work in ways.items()}


def compared(cell: str, patience: float) -> tuple[list[str], list[Sequence[object]]]:
    """A table of one cell: every size, every way."""
    rows: list[Sequence[object]] = []
    ratios: dict[str, list[float]] = {"bare": [], "hand": [], "forward": []}
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
        if shape in BY_HAND and layer.num_layers == 1:
            ways["hand"] = lambda m=layer, x=inputs: by_hand(m, x)
        time_all(ways, layer)  # warms up
        rounds: list[dict[str, float]] = []
        start = time.monotonic()
        while len(rounds) < MOST:
            taken = time.monotonic() - start
            if rounds and (taken > LIMIT or (taken > patience and len(rounds) >= FEWEST)):
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
        name: f"{geometric_mean(values):.2f}" if values else "" for name, values in ratios.items()
    }
    rows.append(("geometric mean", "", "", "", means["bare"], "", means["hand"], means["forward"]))
    headers = ["size", "rounds", "bare", "record", "/ bare", "range", "/ by hand", "forward"]
    return headers, rows


def in_own_process(shape: Sequence[int], choice: str) -> dict[str, float]:
    """What one recording of an LSTM takes, in a process that does nothing else."""
    line = [sys.executable, __file__, "--one", json.dumps([*shape, choice])]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def one(asked: Sequence[object]) -> None:
    """Record once, and print seconds, bytes that were kept, and the most that was taken."""
    *shape, choice = asked
    batch, steps, features, units = map(int, shape)  # type: ignore[call-overload]
    options = {"loss": loss_of} | CHOICES[str(choice)]
    layer = nn.LSTM(features, units)
    inputs = torch.randn(steps, batch, features)
    record(layer, inputs[:20], **options)  # type: ignore[arg-type]
    process, most = psutil.Process(), resident_peak()
    before = process.memory_info().rss
    start = time.perf_counter()
    trace = record(layer, inputs, **options)  # type: ignore[arg-type]
    taken = time.perf_counter() - start
    peak = resident_peak()
    print(
        json.dumps(
            {
                "seconds": taken,
                "kept": sum(leaf.nbytes for leaf in trace.leaves),
                "taken": (peak - before) if peak > most else 0,
            }
        )
    )


def resident_peak() -> float:
    """The most memory that this process ever had, in bytes (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return 1024 * float(next(line.split()[1] for line in lines if line.startswith("VmHWM")))


def memory() -> tuple[list[str], list[Sequence[object]]]:
    """What is taken, for what is kept."""
    shape = (64, 1000, 8, 128)
    found = {choice: in_own_process(shape, choice) for choice in CHOICES}
    whole = found["everything"]["taken"]
    rows = [
        (
            choice,
            f"{one['kept'] / 1e6:.0f} MB",
            f"{one['taken'] / 1e6:.0f} MB",
            f"{one['taken'] / one['kept']:.2f}",
            f"{one['taken'] / whole:.2f}",
        )
        for choice, one in found.items()
    ]
    return ["kept of 64x1000x8x128", "kept", "taken", "taken / kept", "taken / everything"], rows


def growth() -> tuple[list[str], list[Sequence[object]]]:
    """Time and memory over the number of steps."""
    rows = []
    for steps in LENGTHS:
        rounds = [in_own_process((8, steps, 2, 64), "everything") for _ in range(3)]
        taken = median(found["seconds"] for found in rounds)
        rows.append(
            (
                f"{steps:,}",
                seconds(taken),
                f"{1e6 * taken / steps:.0f}",
                f"{rounds[0]['kept'] / 1e6:.1f} MB",
                f"{median(found['taken'] / found['kept'] for found in rounds):.2f}",
            )
        )
    return ["steps, of 8x...x2x64", "time", "us a step", "kept", "taken / kept"], rows


class Tagger(nn.Module):
    """Four modules around a layer of one unit."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.lstm = nn.Embedding(10, 8), nn.LSTM(8, 1)
        self.dropout, self.head = nn.Dropout(0.1), nn.Linear(1, 3)

    def forward(self, words: Tensor) -> Tensor:
        """(time, batch) to (time, batch, tag)."""
        scores: Tensor = self.head(self.dropout(self.lstm(self.words(words))[0]))
        return scores


class Steps(nn.Module):
    """Calls a layer or a cell once a step, and a head on each answer."""

    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        self.part, self.head = part, nn.Linear(16, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        """(time, batch, feature) to (time, batch, 2)."""
        state: Any = None
        outputs = []
        for step in inputs:
            if isinstance(self.part, nn.RNNBase):
                output, state = self.part(step.unsqueeze(0), state)
                output = output[0]
            elif isinstance(self.part, Cell):
                signals = self.part(step, state)
                state = {name: signals[name] for name in self.part.states}
                output = state["hidden_state"]
            else:
                state = self.part(step, state)
                output = state[0] if isinstance(state, tuple) else state
            outputs.append(self.head(output))
        return torch.stack(outputs)


STEPPED: dict[str, Callable[[], nn.Module]] = {
    "nn.LSTMCell": lambda: nn.LSTMCell(4, 16),
    "nn.GRUCell": lambda: nn.GRUCell(4, 16),
    "nn.RNNCell": lambda: nn.RNNCell(4, 16),
    "nn.LSTM": lambda: nn.LSTM(4, 16),
    "nn.GRU": lambda: nn.GRU(4, 16),
    "gatescope's GRU cell": lambda: make_cell("gru", 4, 16),
}


def squares(output: Tensor | tuple[Tensor, object]) -> Tensor:
    """The mean square of what a model answers."""
    answer = output if isinstance(output, Tensor) else output[0]
    return answer.square().mean()


def in_turn(
    ways: dict[str, Callable[[], object]], model: nn.Module, rounds: int
) -> dict[str, list[float]]:
    """Seconds for each way, round after round."""
    for work in ways.values():
        work()  # warms up
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            times[name].append(time_of(work, model))
    return times


def fixed() -> tuple[list[str], list[Sequence[object]]]:
    """What a recording takes beside the pass itself."""
    one = torch.randn(1, 1, 1)
    models: dict[str, tuple[nn.Module, Tensor]] = {
        "rnn": (nn.RNN(1, 1), one),
        "gru": (nn.GRU(1, 1), one),
        "lstm": (nn.LSTM(1, 1), one),
        "four modules": (Tagger(), torch.zeros(1, 1, dtype=torch.int64)),
        "lstm, 3 layers, both ways": (nn.LSTM(1, 1, num_layers=3, bidirectional=True), one),
    }
    rows: list[Sequence[object]] = []
    for name, (model, inputs) in models.items():
        ways: dict[str, Callable[[], object]] = {
            "bare": lambda m=model, x=inputs: squares(m(x)).backward(),
            "record": lambda m=model, x=inputs: record(m, x, squares),
            "forward": lambda m=model, x=inputs: m(x),
            "record forward": lambda m=model, x=inputs: record(m, x),
        }
        times = in_turn(ways, model, 300)
        extra = [
            [1e3 * (b - a) for a, b in zip(times[bare], times[recorded], strict=True)]
            for bare, recorded in (("bare", "record"), ("forward", "record forward"))
        ]
        rows.append((name, *(f"{median(each):.2f} ms" for each in extra), _range(extra[0], "ms")))
    return ["a recording beside its pass", "with a loss", "without", "range, with a loss"], rows


def stepped() -> tuple[list[str], list[Sequence[object]]]:
    """Models that are called a step at a time, in units of their bare pass."""
    rows: list[Sequence[object]] = []
    for name, make in STEPPED.items():
        for steps in (50, 500):
            model, inputs = Steps(make()), torch.randn(steps, 8, 4)
            cells: list[str] = []
            for loss in (squares, None):
                ways: dict[str, Callable[[], object]] = {
                    "bare": lambda m=model, x=inputs, f=loss: f(m(x)).backward() if f else m(x),
                    "everything": lambda m=model, x=inputs, f=loss: record(m, x, f),
                    "time=10": lambda m=model, x=inputs, f=loss: record(m, x, f, time=10),
                }
                times = in_turn(ways, model, 9)
                for way in ("everything", "time=10"):
                    ratios = [a / b for a, b in zip(times[way], times["bare"], strict=True)]
                    cells.append(f"{median(ratios):.2f}")
                    if way == "everything":
                        cells.append(_range(ratios))
            rows.append((f"{name}, {steps} calls", *cells))
    with_loss = ["with a loss", "range", "time=10"]
    return ["called a step at a time", *with_loss, "without", "range", "time=10"], rows


def chosen() -> tuple[list[str], list[Sequence[object]]]:
    """What is chosen of an LSTM's recording, in units of recording everything."""
    rows: list[Sequence[object]] = []
    for batch, steps, features, units in SIZES:
        layer, inputs = nn.LSTM(features, units), torch.randn(steps, batch, features)
        for loss in (loss_of, None):
            ways: dict[str, Callable[[], object]] = {
                name: lambda m=layer, x=inputs, f=loss, o=options: record(m, x, f, **o)
                for name, options in ({"everything": {}} | SOME).items()
            }
            times = in_turn(ways, layer, 9 if steps * batch * units < 10**6 else FEWEST)
            ratios = [
                median(a / b for a, b in zip(times[name], times["everything"], strict=True))
                for name in SOME
            ]
            shape = "x".join(map(str, (batch, steps, features, units)))
            rows.append((shape, "yes" if loss else "no", *(f"{ratio:.2f}" for ratio in ratios)))
    return ["chosen / everything", "loss", *SOME], rows


def _range(values: Sequence[float], unit: str = "") -> str:
    return f"{min(values):.2f} to {max(values):.2f} {unit}".rstrip()


def swing() -> str:
    """How far this machine's times lie apart: one piece of work, over and over, and who waits."""
    layer, inputs = nn.LSTM(2, 64), torch.randn(200, 8, 2)
    times = in_turn({"bare": lambda: bare(layer, inputs)}, layer, MOST)["bare"]
    waiting = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        f"one piece of work took {1e3 * min(times):.1f} to {1e3 * max(times):.1f} ms "
        f"(median {1e3 * median(times):.1f}), load average {waiting}"
    )


def machine() -> str:
    """Where and with what the numbers were taken."""
    cores, threads = psutil.cpu_count(), torch.get_num_threads()
    return (
        f"{date.today()}, {platform.system()} on {platform.machine()}, {cores} cores, "
        f"{threads} threads, Python {platform.python_version()}, torch {torch.__version__}, "
        f"gatescope {__version__}"
    )


INTRODUCTION = """# What recording costs

Made by `make bench` (tests/benchmarks/bench_record.py): {machine}.

`record` with a loss gives every gate, state and gradient, the tree included. `/ bare` is its time
in units of the layer's own forward and backward pass; `/ by hand`, of a Python loop with
`retain_grad`; `forward`, without a loss, of the layer's forward pass under `no_grad`. Sizes are
batch x steps x inputs x units. Medians of ratios, each of one round.

How this machine swings: before, {before}; after, {after}.
"""


def main() -> None:
    """Print all tables and write them down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cell", choices=LAYERS, action="append", help="these alone; not written")
    parser.add_argument("--seconds", type=float, default=2, help="for one cell and size")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        one(json.loads(asked.one))
        return
    parts: list[str] = []
    before = swing()
    print(machine(), before, sep="\n", end="\n\n")
    for cell in asked.cell or LAYERS:
        print(cell)
        found = compared(cell, asked.seconds)
        table(*found)
        parts.append(f"## {cell}\n\n{markdown(*found)}\n")
    if asked.cell:
        return
    tables = {
        "Small networks": fixed,
        "A step at a time": stepped,
        "What is chosen": chosen,
        "Memory": memory,
        "Long sequences": growth,
    }
    for title, measure in tables.items():
        print(title)
        found = measure()
        table(*found)
        parts.append(f"## {title}\n\n{markdown(*found)}\n")
    after = swing()
    print(after)
    parts.insert(0, INTRODUCTION.format(machine=machine(), before=before, after=after))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
