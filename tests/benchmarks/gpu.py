"""Recording on a GPU: is it exact there, and what does it cost?

Run by hand: ``python tests/benchmarks/gpu.py [--out FILE]``. Under four minutes where torch sees a
CUDA device; elsewhere it says that there is none. It needs torch, numpy, pandas, xarray, pydantic
and safetensors, and the package or its ``core`` folder beside this one.

Exactness: every signal and gradient that `record` gives on the GPU, against a float64 loop of
cells on the CPU; the error is the largest difference in units of the array's largest value. TF32
is off. Speed: as in bench_record.py, medians of the ratios of a round, the GPU waited for.
"""

import argparse
import platform
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from statistics import geometric_mean, median

import torch
from _parity import FAULTS, TOLERANCE, WAYS, bare_in_eval, parity
from _tables import SIZES, markdown, seconds, table
from torch import Tensor, nn

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "assets" / "benchmarks" / "record_gpu.md"
LAYERS: dict[str, Callable[[int, int], nn.RNNBase]] = {
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "rnn": nn.RNN,
    "lstm, 3 layers, both ways": lambda features, units: nn.LSTM(
        features, units, num_layers=3, bidirectional=True
    ),
}
FEWEST, MOST, PATIENCE = 3, 20, 1.5
"""Rounds of one size; after so many seconds the fewest will do."""


def mean_square(output: tuple[Tensor, object]) -> Tensor:
    """Every step counts."""
    return output[0].square().mean()


def forward(layer: nn.RNNBase, inputs: Tensor) -> None:
    """Forward alone."""
    with torch.no_grad():
        layer(inputs)


def timed(work: Callable[[], object], layer: nn.RNNBase, device: str) -> float:
    """Seconds for one go, until the device is done."""
    layer.zero_grad(set_to_none=True)
    wait(device)
    start = time.perf_counter()
    work()
    wait(device)
    return time.perf_counter() - start


def wait(device: str) -> None:
    """Until all that was asked of a GPU is done."""
    if device != "cpu":
        torch.cuda.synchronize()


def row_of(
    make: Callable[[int, int], nn.RNNBase], shape: tuple[int, ...], device: str
) -> tuple[list[object], float]:
    """One size of a layer: a row, and the ratio of recording to the bare layer."""
    from gatescope import record

    batch, steps, features, units = shape
    layer = make(features, units).to(device)
    inputs = torch.randn(steps, batch, features, device=device)
    ways: dict[str, Callable[[], object]] = {
        "record": lambda: record(layer, inputs, mean_square),
        "bare": lambda: mean_square(layer(inputs)).backward(),
        "record forward": lambda: record(layer, inputs),
        "forward": lambda: forward(layer, inputs),
    }
    rounds: list[dict[str, float]] = []
    for work in ways.values():  # warms up
        timed(work, layer, device)
    start = time.monotonic()
    while len(rounds) < MOST:
        if time.monotonic() - start > PATIENCE and len(rounds) >= FEWEST:
            break
        rounds.append({name: timed(work, layer, device) for name, work in ways.items()})
    ratios = [one["record"] / one["bare"] for one in rounds]
    row = [
        "x".join(map(str, shape)), len(rounds),
        *(milliseconds(median(one[name] for one in rounds)) for name in ("bare", "record")),
        f"{median(ratios):.2f}", f"{min(ratios):.2f} to {max(ratios):.2f}",
        f"{median(one['record forward'] / one['forward'] for one in rounds):.2f}",
    ]  # fmt: skip
    return row, median(ratios)


def milliseconds(value: float) -> str:
    """A time with a tenth of a millisecond: a GPU's small layers take less than one."""
    return seconds(value) if value >= 0.1 else f"{1000 * value:.1f} ms"


def speed(name: str, device: str, end: float) -> tuple[list[str], list[Sequence[object]]]:
    """A table of one layer; sizes that are not begun before ``end`` are said to be left out."""
    rows: list[Sequence[object]] = []
    ratios = []
    for shape in SIZES:
        label = "x".join(map(str, shape))
        if time.monotonic() > end:
            rows.append((label, "no time left", *[""] * 5))
            continue
        try:
            row, ratio = row_of(LAYERS[name], shape, device)
        except FAULTS as reason:  # the rest is measured all the same
            rows.append((label, f"{type(reason).__name__}: {reason}".splitlines()[0], *[""] * 5))
            continue
        rows.append(row)
        ratios.append(ratio)
    mean = f"{geometric_mean(ratios):.2f}" if ratios else ""
    rows.append((f"geometric mean of {len(ratios)}", "", "", "", mean, "", ""))
    return ["size", "rounds", "bare", "record", "/ bare", "range", "forward"], rows


INTRODUCTION = """# Recording on a GPU

Made by `python tests/benchmarks/gpu.py`: {machine}. The CPU's numbers: [record.md](record.md).

## Exactness

The largest difference between a recording on the GPU and a float64 loop of cells on the CPU, over
all signals and gradients, each in units of the array's largest value. TF32 is off. The most that is
allowed is {single:.0e} in float32 and {double:.0e} in float64. {bare}.

{parity}

{verdict}

## Speed

`record` with a loss gives every gate, state and gradient, in the computer's own memory, the tree
included. `/ bare` is its time in units of the layer's own forward and backward pass on the GPU;
`forward`, without a loss, of the forward pass under `no_grad`. float32, train mode; sizes are batch
x steps x inputs x units. Medians of ratios, each of one round; the GPU is waited for.
"""


def machine(device: str) -> str:
    """Where and with what the numbers were taken."""
    from gatescope import __version__

    name = "the CPU"
    if device != "cpu":
        found = torch.cuda.get_device_properties(0)
        name = (
            f"{found.name}, {found.total_memory / 2**30:.0f} GiB, CUDA {torch.version.cuda}, "
            f"cuDNN {torch.backends.cudnn.version()}"
        )
    return (
        f"{date.today()}, {name}, {platform.system()} on {platform.machine()}, "
        f"Python {platform.python_version()}, torch {torch.__version__}, gatescope {__version__}"
    )


def exactness(device: str) -> tuple[str, list[str]]:
    """The page's first part, and what was wrong."""
    headers, rows, wrong = parity(device)
    table(headers, rows)
    count = len(rows) * len(WAYS)
    verdict = f"All {count} recordings are within that."
    if wrong:
        faults = "\n".join(f"- {each}" for each in wrong)
        verdict = f"{len(wrong)} of {count} recordings are not:\n\n{faults}"
    bare = bare_in_eval(device)
    print(f"{bare}.\n{verdict}\n", flush=True)
    text = INTRODUCTION.format(
        machine=machine(device), parity=markdown(headers, rows), verdict=verdict,
        bare=bare, single=TOLERANCE[torch.float32],
        double=TOLERANCE[torch.float64],
    )  # fmt: skip
    return text, wrong


def measured(device: str, out: Path, end: float) -> list[str]:
    """Print all tables and write them down; what was wrong.

    Parameters
    ----------
    device
        As torch names it.
    out
        The page; it is written as it grows, should the rest fail.
    end
        On the monotonic clock; no size is begun later.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    page, wrong = exactness(device)
    out.write_text(page, encoding="utf-8")
    for name in LAYERS:
        print(name)
        found = speed(name, device, end)
        table(*found)
        page += f"\n### {name}\n\n{markdown(*found)}\n"
        out.write_text(page, encoding="utf-8")
    return wrong


def main() -> int:
    """Measure where there is a GPU; 1 where a recording was not exact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=TARGET, help="the page that is written")
    parser.add_argument("--seconds", type=float, default=180, help="no size is begun after these")
    asked = parser.parse_args()
    if not torch.cuda.is_available():
        print("no GPU here: torch sees no CUDA device, so nothing is measured")
        return 0
    end = time.monotonic() + asked.seconds
    sys.path.insert(0, str(ROOT / "core"))
    try:
        print(machine("cuda"), end="\n\n")
    except ModuleNotFoundError as reason:
        print(f"{reason.name} is needed to record: pip install {reason.name}", file=sys.stderr)
        return 2
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    wrong = measured("cuda", asked.out, end)
    print(f"written to {asked.out}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
