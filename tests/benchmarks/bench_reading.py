"""What reading a file costs: seconds and the most memory, for 50 MB of each kind.

Run by hand: ``python tests/benchmarks/bench_reading.py``. Each file is read in a process of its
own; memory is the most that the process ever had beyond what it had when the file's bytes were
not there yet, so those bytes count too. Aims: 5 s, and 4 times the file's size.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import numpy as np
import psutil
from _tables import seconds, table

from gatescope.loading import read_sequences, read_table, series_of

SIZE = 50_000_000
FEATURES = 6


def numbers(start: str, separator: str, decimal: str) -> Iterator[str]:
    """Rows of random numbers, over and over."""
    values = np.random.default_rng(0).normal(size=(2_000, FEATURES))
    rows = [separator.join(f"{value:.6f}".replace(".", decimal) for value in row) for row in values]
    while True:
        yield from (f"{start}{row}\n" for row in rows)


def dated(separator: str, decimal: str, written: str, step: str) -> Iterator[str]:
    """A row a time, with a number or more."""
    moment = np.datetime64("1990-01-01T00:00")
    kept = numbers("", separator, decimal)
    while True:
        block = moment + np.arange(10_000) * np.timedelta64(1, step)
        for time_of, row in zip(block.tolist(), kept, strict=False):
            yield f"{time_of:{written}}{separator}{row}"
        moment = block[-1] + np.timedelta64(1, step)


def grouped() -> Iterator[str]:
    """Numbers of five digits as 12.345,67."""
    rows = [f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
            for value in np.random.default_rng(0).uniform(10_000, 99_999, 5_000)]  # fmt: skip
    while True:
        yield from (";".join(rows[k : k + 5]) + "\n" for k in range(0, len(rows), 5))


def unix() -> Iterator[str]:
    """Milliseconds since 1970, and a number."""
    return (f"{1_600_000_000_000 + 1000 * k},{k % 977}.{k % 89}\n" for k in count())


def swiss() -> Iterator[str]:
    """Numbers as 1’234.25 and −5.5, with the typographer's marks."""
    return (f"{1 + k % 9}’{100 + k % 900}.25;−{k % 99}.5\n" for k in count())


def texts() -> Iterator[str]:
    """A number and two words."""
    while True:
        yield from (f"{k / 7:.3f},station {k},{'sun' if k % 3 else 'rain'}\n" for k in range(5_000))


HEAD = [f"v{k}" for k in range(FEATURES)]
KINDS: dict[str, tuple[str, Callable[[], Iterator[str]], str]] = {
    "numbers, comma": (",".join(HEAD) + "\n", lambda: numbers("", ",", "."), "table"),
    "decimal commas, semicolon": (";".join(HEAD) + "\n", lambda: numbers("", ";", ","), "table"),
    "thousands, 12.345,67": ("a;b;c;d;e\n", grouped, "table"),
    "thousands, 1’234.25": ("a;b\n", swiss, "table"),
    "unix milliseconds": ("time,v\n", unix, "series"),
    "times without marks": (
        ",".join(["time", *HEAD]) + "\n", lambda: dated(",", ".", "%Y%m%d%H%M", "m"), "series"
    ),
    "numbers and words": ("v,where,what\n", texts, "table"),
    "ISO dates and numbers": (
        ",".join(["time", *HEAD]) + "\n", lambda: dated(",", ".", "%Y-%m-%d %H:%M", "m"), "series"
    ),
    "d.m.Y and decimal commas": (
        ";".join(["time", *HEAD]) + "\n", lambda: dated(";", ",", "%d.%m.%Y %H:%M", "m"), "series"
    ),
    "sequences, comma": ("", lambda: numbers("", ",", "."), "sequences"),
    "sequences, tab, decimal commas": ("", lambda: numbers("", "\t", ","), "sequences"),
}  # fmt: skip


def made(kind: str, size: int) -> bytes:
    """A file of about that size."""
    head, rows, _ = KINDS[kind]
    kept, length = [head.encode()], 0
    for row in rows():
        kept.append(row.encode())
        length += len(kept[-1])
        if length >= size:
            return b"".join(kept)
    raise AssertionError


def peak() -> int:
    """The most memory that this process ever had, in bytes (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))


def one(path: str, way: str) -> None:
    """Read a file, and print seconds and bytes."""
    read_table(b"date,v\n2024-01-01,1\n", "warm.csv")
    before = psutil.Process().memory_info().rss
    data = Path(path).read_bytes()
    start = time.perf_counter(), time.process_time()
    found = {}
    if way == "sequences":
        read_sequences(data, "x.csv", FEATURES)
    else:
        read = read_table(data, "x.csv")
        names = [name for name in read.columns if read.is_number(name)]
        found["table"] = time.perf_counter() - start[0], peak() - before
        if way == "series":
            names = [name for name in names if name != "time"]
            series_of(read, names[0], names[1:], "time")
    found["all"] = time.perf_counter() - start[0], peak() - before
    print(json.dumps(found | {"cpu": time.process_time() - start[1], "size": len(data)}))


def measured(kind: str, size: int, folder: Path) -> Sequence[object]:
    """A row of the table."""
    path = folder / "file.csv"
    path.write_bytes(made(kind, size))
    line = [sys.executable, __file__, "--one", str(path), KINDS[kind][2]]
    found = json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
    rows = [kind, f"{found['size'] / 1e6:.0f} MB"]
    taken, most = found.get("table", found["all"])
    whole = seconds(found["all"][0]) if KINDS[kind][2] == "series" else ""
    ratio = f"{found['all'][1] / found['size']:.1f}" if whole else ""
    return [*rows, seconds(taken), f"{most / found['size']:.1f}", whole, ratio,
            seconds(found["cpu"])]  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE, help="bytes of each file")
    parser.add_argument("--kind", choices=KINDS, action="append", help="these alone")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        one(*asked.one)
        return
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        rows = [measured(kind, asked.size, Path(folder)) for kind in asked.kind or KINDS]
    headers = ["50 MB of" if asked.size == SIZE else "a file of", "size", "read", "memory / size",
               "with the series", "memory / size", "CPU of all"]  # fmt: skip
    table(headers, rows)


if __name__ == "__main__":
    main()
