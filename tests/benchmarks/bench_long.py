"""What a long recording takes: memory and time of writing it to a file, and of opening it.

Run by hand: ``python tests/benchmarks/bench_long.py``; ``--steps`` sets how long (100,000 is the
default, a million what is promised). Each number comes from a process of its own: the most memory
beyond what it had before (Linux), and CPU seconds. The bare pass has the same loss; without a loss
it runs without gradients.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from _tables import table
from torch import nn

from gatescope import open_trace, record
from gatescope.recording.overview import read_overview
from viz_app.features.gates import data as gates
from viz_app.features.your_model import long

UNITS = 64
KINDS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
WAYS = ("bare", "file", "every 100th")


def loss_of(output: tuple[torch.Tensor, object]) -> torch.Tensor:
    """Every step counts."""
    return output[0].square().mean()


def status(name: str) -> float:
    """A number of this process's, in bytes (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return 1024 * float(next(line.split()[1] for line in lines if line.startswith(name)))


def one(kind: str, way: str, steps: int, with_loss: bool, path: str) -> None:
    """Run once, and print the most memory and the seconds."""
    layer, x = KINDS[kind](2, UNITS), torch.randn(steps, 1, 2)
    loss = loss_of if with_loss else None
    record(layer, x[:50], loss)

    def bare() -> None:
        if loss is not None:
            loss(layer(x)).backward()
            return
        with torch.no_grad():
            layer(x)

    ways: dict[str, Callable[[], object]] = {
        "bare": bare,
        "file": lambda: record(layer, x, loss, to=path),
        "every 100th": lambda: record(layer, x, loss, time=100),
    }
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    before, start = status("VmRSS"), time.process_time()
    ways[way]()
    print(json.dumps([status("VmHWM") - before, time.process_time() - start]))


def opened(path: str) -> float:
    """CPU seconds until the first picture of a recording in a file."""
    start = time.process_time()
    with open_trace(path) as trace:
        layer = next(iter(trace.leaves)).to_dataset()
        seen = gates.view(long.window(layer, 0, 0))
        seen.spec(gates.GatesLook(), seen.picked())
        overview = read_overview(Path(path), next(iter(trace.leaves)).path.strip("/"), 0)
        if overview is not None:
            ends = (0, long.WINDOW - 1)
            chart = long.chart(overview, "forget_gate", layer["time"].values, ends, "light")
            chart.to_dict(validate=False)
    return time.process_time() - start


def main() -> None:
    """Print two tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--one", nargs=4)
    found = parser.parse_args()
    if found.one:
        kind, way, with_loss, path = found.one
        one(kind, way, found.steps, with_loss == "1", path)
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            for with_loss in (False, True):
                numbers = {}
                for way in WAYS:
                    line = [sys.executable, __file__, f"--steps={found.steps}", "--one"]
                    line += [kind, way, str(int(with_loss)), f"{folder}/{kind}.nc"]
                    done = subprocess.run(line, capture_output=True, text=True, check=True)
                    numbers[way] = json.loads(done.stdout)
                beyond = [
                    f"{(numbers[way][0] - numbers['bare'][0]) / 1e6:+,.0f} MB, "
                    f"{numbers[way][1] / numbers['bare'][1]:.2f}"
                    for way in WAYS[1:]
                ]
                bare = f"{numbers['bare'][0] / 1e6:,.0f} MB, {numbers['bare'][1]:.2f} s"
                rows.append((kind, "yes" if with_loss else "no", bare, *beyond))
        print(f"{found.steps:,} steps, {UNITS} units, beyond the bare pass and times it")
        table(["layer", "loss", *WAYS], rows)
        pictures = []
        for steps in (1_000, found.steps):
            path = f"{folder}/{steps}.nc"
            record(nn.LSTM(2, UNITS), torch.randn(steps, 1, 2), loss_of, to=path).close()
            opened(path)
            pictures.append((f"{steps:,}", f"{min(opened(path) for _ in range(5)):.3f} s"))
        table(["steps", "first picture"], pictures)


if __name__ == "__main__":
    main()
