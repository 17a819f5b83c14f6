"""Numbers as they stand on the drawing of a step: rounded, and so that their sums hold.

Every total is rounded as it is. Where its rounded terms would miss it, the terms that rounding
cut the most are moved by one in the last digit, so a reader who adds up finds the total. Terms
that are the same at every step (biases) or are the total of another sum stay where they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

DIGITS = 3
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
GATES = {
    "rnn": ("hidden_state",),
    "lstm": ("input_gate", "forget_gate", "cell_candidate", "output_gate"),
    "gru": ("reset_gate", "update_gate"),
}


@dataclass(frozen=True)
class Sum:
    """A total, the terms that may be moved by a digit, and those that may not."""

    total: str
    movable: tuple[str, ...]
    fixed: tuple[str, ...] = ()


def sums_of(cell: str) -> tuple[Sum, ...]:
    """Every sum on a cell's drawing, forward and back."""
    gates = tuple(
        Sum(f"{gate}_pre", (f"{gate}_from_hidden", f"{gate}_from_input"), (f"{gate}_bias",))
        for gate in GATES[cell]
    )
    arriving = Sum("grad_hidden_state", ("grad_hidden_state_above",), ("grad_hidden_state_later",))
    back = tuple(f"{gate}_back" for gate in GATES[cell])
    if cell == "rnn":
        return (*gates, arriving)
    if cell == "lstm":
        return (
            *gates,
            arriving,
            Sum("cell_state", ("kept", "written")),
            Sum("grad_cell_state", ("grad_cell_state_through",), ("grad_cell_state_later",)),
            Sum("grad_hidden_state_before", back),
        )
    return (
        *gates,
        arriving,
        Sum("recurrent", ("recurrent_from_hidden",), ("recurrent_bias",)),
        Sum("candidate_pre", ("candidate_from_input", "reset"), ("candidate_bias",)),
        Sum("hidden_state", ("kept", "written")),
        Sum("grad_hidden_state_before", (*back, "recurrent_back", "kept_back")),
    )


def is_gradient(name: str) -> bool:
    """Whether a number is a gradient, which stands in units of a power of ten."""
    return name.startswith("grad_") or name.endswith("_back")


def rounded(terms: Mapping[str, np.ndarray], cell: str) -> dict[str, np.ndarray]:
    """Round every term to `DIGITS` decimals; gradients after division by their power of ten.

    Terms are (time, unit) by name, as in ``gatescope.analysis.one_step``; with gradients comes the
    ``exponent``: the power of ten of that step and unit.
    """
    scaled = dict(terms)
    found: dict[str, np.ndarray] = {}
    gradients = [name for name in terms if is_gradient(name)]
    if gradients:
        found["exponent"] = exponents([terms[name] for name in gradients])
        for name in gradients:
            scaled[name] = terms[name] / 10.0 ** found["exponent"]
    ticks = {name: np.rint(values * 10**DIGITS) for name, values in scaled.items()}
    for each in sums_of(cell):
        if each.total in ticks:
            _settle(each, scaled, ticks)
    return found | {name: values / 10**DIGITS + 0.0 for name, values in ticks.items()}


def exponents(gradients: Sequence[np.ndarray]) -> np.ndarray:
    """A power of ten for each step and unit: 0 where the largest gradient is 0.1 to 100."""
    largest = np.max(np.abs(gradients), axis=0)
    power = np.floor(np.log10(np.where(largest > 0, largest, 1.0)))
    return np.where((power >= -1) & (power <= 1), 0, power).astype(int)


def power_of_ten(exponent: int) -> str:
    """``10⁻³``; empty for 0."""
    return f"10{str(exponent).translate(SUPERSCRIPTS)}" if exponent else ""


def _settle(each: Sum, exact: Mapping[str, np.ndarray], ticks: dict[str, np.ndarray]) -> None:
    """Move terms by one in the last digit until they add up to the total."""
    for _ in each.movable:
        gap = ticks[each.total] - sum(ticks[name] for name in (*each.movable, *each.fixed))
        cut = np.stack([exact[name] * 10**DIGITS - ticks[name] for name in each.movable])
        there = np.stack([exact[name] != 0 for name in each.movable])
        wish = np.where(there, np.sign(gap) * cut, -np.inf).argmax(axis=0)
        for number, name in enumerate(each.movable):
            ticks[name] = ticks[name] + np.sign(gap) * (wish == number)
