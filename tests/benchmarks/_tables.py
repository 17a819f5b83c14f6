"""Sizes and tables that the benchmarks share, with nothing but Python."""

from collections.abc import Sequence

SIZES = [
    (32, 100, 2, 32),
    (8, 200, 2, 64),
    (32, 500, 2, 64),
    (1, 500, 2, 128),
    (64, 1000, 8, 128),
    (8, 200, 64, 512),
]
"""What recording is timed on: batch, steps, inputs, units."""


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; the first column stands left, the others right."""
    lines = [list(map(str, row)) for row in (headers, *rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(headers))]
    for number, line in enumerate(lines):
        cells = [line[0].ljust(widths[0])]
        cells += [text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True)]
        print("  ".join(cells).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
    print(flush=True)


def markdown(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table for a page."""
    lines = [headers, ["---", *["---:"] * (len(headers) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def seconds(value: float) -> str:
    """A time as a person would say it."""
    return f"{value:.2f} s" if value >= 1 else f"{1000 * value:.0f} ms"


def size(count: float) -> str:
    """A number of bytes as a person would say it."""
    return f"{count / 1e6:.2f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
