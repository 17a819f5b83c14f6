"""What a sentence may say of a network, whatever the network: rules that need no sentence of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gatescope import Run

COUNT = r"(\d[\d,]*)"
VALUE = r"([−-]?\d[\d,]*(?:\.\d+)?)"
UNIT = re.compile(rf"\bunit {COUNT}\b(?!\.\d)", re.IGNORECASE)
UNITS = re.compile(r"\bunits (\d+(?:, \d+)*(?: and \d+)?)(?![\d.%])", re.IGNORECASE)
STEP = re.compile(rf"\b(?:(training) )?step {COUNT}\b(?!\.\d)", re.IGNORECASE)
RISES = re.compile(rf"\b(?:grows|rises|climbs|opens) from {VALUE}(?: .*?)? to {VALUE}")
FALLS = re.compile(rf"\b(?:shrinks|falls|drops|fall|shuts) from {VALUE}(?: .*?)? to {VALUE}")
PERCENT = re.compile(r"(?<![\d.,])([−-]?\d[\d,.]*)%")
WHOLE = re.compile(r"\bapart\b|\blead\b|interval|\bsame\b|change|relative to|of that")
"""Of what more, or less than all can be left."""

GATE = re.compile(r"\bgates?\b")
NO_GATE = re.compile(r"\b(states?|gradients?|norms?|bias|multipl\w+|half-li\w+|candidates?)\b")
TWO_PLACES = re.compile(r"(?<![\d.,·])([−-]?\d+\.\d\d)(?![\d%])")
OF_A_GATE = re.compile(r"\b(opens|shuts|holds open|keeps shut) its \w+ gate|gate of unit")


@dataclass(frozen=True)
class Facts:
    """What a page can be about.

    Attributes
    ----------
    units, steps
        How many a layer has, and a sequence.
    last
        The last training step.
    gated
        Whether the network has gates.
    finite
        Whether its weights are numbers.
    """

    units: int
    steps: int
    last: int
    gated: bool
    finite: bool


def facts_of(runs: list[Run]) -> Facts:
    """Of a page that shows the first of these networks, and the others beside it."""
    weights = runs[0].checkpoints[runs[0].steps[-1]].values()
    return Facts(
        units=max(run.config.hidden_size for run in runs),
        steps=max(run.task.length for run in runs),
        last=max(run.steps[-1] for run in runs),
        gated=any(not cell.startswith(("rnn", "irnn")) for r in runs for cell in r.config.layers),
        finite=all(bool(weight.isfinite().all()) for weight in weights),
    )


def number(text: str) -> float:
    """A number as a sentence has it."""
    return float(text.replace(",", "").replace("−", "-").rstrip("."))


def untrue(text: str, facts: Facts) -> list[str]:
    """What a text says that no network of these facts can have."""
    lines = re.split(r"(?<=[.;!?])\s+|\n", text)
    return [f"{why}: {line}" for line in lines for why in _wrong(line, facts)]


def _wrong(line: str, facts: Facts) -> Iterator[str]:
    units = [number(found) for found in UNIT.findall(line)]
    units += [number(n) for found in UNITS.findall(line) for n in re.findall(r"\d+", found)]
    if any(unit >= facts.units for unit in units):
        yield "there is no such unit"
    for training, step in STEP.findall(line):
        if number(step) > (facts.last if training else facts.steps):
            yield f"there is no such {'training' if training else 'time'} step"
    if any(number(low) > number(high) for low, high in RISES.findall(line)):
        yield "this is no rise"
    if any(number(high) < number(low) for high, low in FALLS.findall(line)):
        yield "this is no fall"
    shares = [number(share) for share in PERCENT.findall(line)]
    if any(not 0 <= share <= 100 for share in shares) and not WHOLE.search(line):
        yield "more than all, or less than nothing"
    if GATE.search(line) and not NO_GATE.search(line):
        values = np.array([number(value) for value in TWO_PLACES.findall(line)])
        if ((values < 0) | (values > 1)).any():
            yield "no gate is so wide open"
    if not facts.gated and OF_A_GATE.search(line):
        yield "it has no gates"
    if not facts.finite and RISES.search(line):
        yield "its numbers are none"
