"""What a heatmap gives away: a few measured numbers, and how well each possible answer fits them.

Every measure can be seen in the picture: shares of nearly open or shut cells, what the units do at
the marks, whether rows move at all, how far values reach, how restless they are.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from viz_app.features.gates.words import contrast

OPEN, SHUT = 0.8, 0.2
"""From here on up a cell counts as open, and down as shut."""

HALF = (0.35, 0.65)
"""Between these a cell counts as half open."""

STILL, MOVING = 0.15, 0.35
"""The liveliest row of a gate that has learned nothing moves by less, of one that has by more."""

ALIKE, APART = 0.12, 0.27
"""Rows lie at one level when their means are within this, and at levels of their own beyond."""

SMOOTH, RESTLESS = 0.12, 0.2
"""Share of its range by which a unit moves in one step: a kept state, and an overwritten one."""


Evidence = Mapping[str, float]
"""What is measured on one picture; the reasons that a reader is given name the same numbers.

``mean`` of all cells; ``open``, ``half``, ``shut``: shares of cells that are at least `OPEN`,
within `HALF`, at most `SHUT`; ``rise`` and ``fall``: of the unit that rises or falls most at the
marks (0 without marks), with ``_unit``, ``_at`` them and ``_off`` them; ``swing`` of the liveliest
unit, ``moves_unit``, from ``moves_low`` to ``moves_high``; ``low`` and ``high``, the lowest and the
highest mean of a unit, with ``_unit``, and the ``spread`` between them; ``peak``, the largest
absolute value, with ``_unit`` and ``_step``; ``rough``, of a typical unit the mean change from one
step to the next, as a share of its range."""


def evidence(
    values: np.ndarray, marks: Sequence[tuple[int, str]], units: Sequence[int] = ()
) -> Evidence:
    """Measure a picture.

    ``values`` are (time, unit), in the units' own order; without ``units`` all are drawn.
    """
    drawn = np.array(units or range(values.shape[1]))
    exact = values[:, drawn].astype("float64")
    lowest, highest, means = exact.min(0), exact.max(0), exact.mean(0)
    ranges = highest - lowest
    row = int(ranges.argmax())
    step, most = np.unravel_index(np.abs(exact).argmax(), exact.shape)
    changes = np.abs(np.diff(exact, axis=0)).mean(0)
    return {
        "mean": float(exact.mean()),
        "open": float((exact >= OPEN).mean()),
        "half": float(((exact >= HALF[0]) & (exact <= HALF[1])).mean()),
        "shut": float((exact <= SHUT).mean()),
        **_at_marks(exact, marks, drawn),
        "swing": float(ranges[row]),
        "moves_unit": int(drawn[row]),
        "moves_low": float(lowest[row]),
        "moves_high": float(highest[row]),
        "spread": float(means.max()) - float(means.min()),
        "low": float(means.min()),
        "low_unit": int(drawn[means.argmin()]),
        "high": float(means.max()),
        "high_unit": int(drawn[means.argmax()]),
        "peak": float(exact[step, most]),
        "peak_unit": int(drawn[most]),
        "peak_step": int(step),
        "rough": float(np.median(changes / np.maximum(ranges, 1e-12))),
    }


def _at_marks(
    values: np.ndarray, marks: Sequence[tuple[int, str]], units: np.ndarray
) -> dict[str, float]:
    """The unit that rises most there, and the one that falls most."""
    at, off = contrast(values, marks) if marks else (np.zeros(1), np.zeros(1))
    found: dict[str, float] = {}
    for name, change in (("rise", at - off), ("fall", off - at)):
        row = change.argmax()
        found |= {name: max(float(change[row]), 0.0), f"{name}_unit": int(units[row])}
        found |= {f"{name}_at": float(at[row]), f"{name}_off": float(off[row])}
    return found


def _share(value: float, low: float, high: float) -> float:
    """0 up to ``low``, 1 from ``high`` on, and evenly between."""
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))


def _lstm_gate(e: Evidence) -> dict[str, float]:
    """An input gate rises at the marks, a forget gate is open nearly always; neither: output."""
    rise, kept = e["rise"], e["open"]
    return {"input_gate": rise, "forget_gate": kept, "output_gate": 1 - max(rise, kept)}


def _gru_gate(e: Evidence) -> dict[str, float]:
    """An update gate is held open and falls at the marks; where it does neither: reset."""
    held = (e["open"] + e["fall"]) / 2
    return {"reset_gate": 1 - held, "update_gate": held}


def _lstm_start(e: Evidence) -> dict[str, float]:
    """Chrono starts input gates shut, forget gates open, and leaves output gates at a half."""
    return {"input_gate": e["shut"], "forget_gate": e["open"], "output_gate": e["half"]}


def _gru_start(e: Evidence) -> dict[str, float]:
    """Chrono starts update gates open, and leaves reset gates at a half."""
    return {"reset_gate": e["half"], "update_gate": e["open"]}


def _cell(e: Evidence) -> dict[str, float]:
    """Only a cell state passes 1; a plain RNN is restless; a gated hidden state is neither."""
    beyond = _share(abs(e["peak"]), 1.0, 2.0)
    restless = 0.0 if beyond else _share(e["rough"], SMOOTH, RESTLESS)
    return {"rnn": restless, "lstm": beyond, "gru": 1 - max(beyond, restless)}


def _weights(e: Evidence) -> dict[str, float]:
    """Untrained rows keep their level: all the same one, or by chrono each its own."""
    trained, apart = _share(e["swing"], STILL, MOVING), _share(e["spread"], ALIKE, APART)
    bias, chrono = min(1 - trained, 1 - apart), min(1 - trained, apart)
    return {"bias": bias, "chrono": chrono, "trained": trained}


FITS: dict[str, Callable[[Evidence], Mapping[str, float]]] = {
    "lstm_gate": _lstm_gate,
    "gru_gate": _gru_gate,
    "lstm_start": _lstm_start,
    "gru_start": _gru_start,
    "cell": _cell,
    "weights": _weights,
}
"""For each kind of question its answers, in the order in which they are offered: each answer's
fit, 0 to 1."""

NEEDED, AHEAD = 0.5, 0.25
"""The right answer must fit at least so well, and better than any other by at least so much."""


def is_told(kind: str, right: str, found: Evidence) -> bool:
    """Whether a picture gives its answer away: it fits, and no other fits nearly as well."""
    fits = dict(FITS[kind](found))
    mine = fits.pop(right)
    return mine >= NEEDED and mine - max(fits.values()) >= AHEAD
