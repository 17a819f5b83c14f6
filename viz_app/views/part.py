"""What of an example is in view: a window of time, some units, some kinds of panels."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from viz_app.charts.gates_data import GatesData

PANELS = ("gates", "states", "gradients", "lines")
DEFAULT = ("gates", "states", "lines")
NUMBER = r"\d{1,9}"
KINDS = {"gate": "gates", "state": "states", "gradient": "gradients"}


@dataclass(frozen=True)
class Part:
    """What is in view.

    Attributes
    ----------
    window
        The first and the last time step; None is all.
    units
        Unit numbers, drawn in the order of all; none at all means every one.
    panels
        Of `PANELS`: which heatmaps, and whether the picked unit's lines. Without a heatmap that
        there is, the states are drawn.
    """

    window: tuple[int, int] | None = None
    units: tuple[int, ...] = ()
    panels: tuple[str, ...] = DEFAULT

    def of(self, data: GatesData) -> GatesData:
        """That part of a whole example's data.

        Raises
        ------
        ValueError
            When there is no such step or unit.
        """
        steps, units = self._steps(data), self._rows(data)
        shown = [n for n, s in enumerate(data.shape.signals) if KINDS[s.kind] in self.panels]
        shown = shown or [n for n, s in enumerate(data.shape.signals) if s.kind == "state"]
        gradients = any(data.shape.signals[n].kind == "gradient" for n in shown)
        start, length = data.shape.start + steps.start, steps.stop - steps.start
        shape = replace(
            data.shape,
            start=start,
            steps=length,
            units=tuple(data.shape.units[row] for row in units),
            signals=tuple(data.shape.signals[n] for n in shown),
            lines="lines" in self.panels,
        )
        return replace(
            data,
            shape=shape,
            values=tuple(_cut(data.values[n], steps, units) for n in shown),
            notes=tuple(data.notes[row] for row in units),
            inputs=data.inputs[steps],
            marks=tuple(mark for mark in data.marks if start <= mark[0] < start + length),
            norms=tuple(norm[steps] for norm in data.norms) if gradients else (),
            log_kept=None if data.log_kept is None else _cut(data.log_kept, steps, units),
        )

    def _steps(self, data: GatesData) -> slice:
        start, end = data.shape.start, data.shape.end
        first, last = self.window or (start, end - 1)
        if not start <= first <= last < end:
            raise ValueError(
                f"the window must lie within steps {start} to {end - 1}, got {self.window}"
            )
        return slice(first - start, last + 1 - start)

    def _rows(self, data: GatesData) -> list[int]:
        unknown = set(self.units) - set(data.shape.units)
        if unknown:
            raise ValueError(f"the layer has no unit {min(unknown)}")
        chosen = set(self.units or data.shape.units)
        return [row for row, unit in enumerate(data.shape.units) if unit in chosen]


WHOLE = Part()


def window_of(text: str) -> tuple[int, int] | None:
    """A window as an address and a command line write it, ``10-30``; None where it is none."""
    found = re.fullmatch(rf"({NUMBER})-({NUMBER})", text)
    return (int(found[1]), int(found[2])) if found else None


def units_of(text: str) -> list[int]:
    """Units, as ``3.7.12``."""
    return sorted({int(part) for part in text.split(".") if re.fullmatch(NUMBER, part)})


def panels_of(text: str) -> list[str]:
    """Panels, as ``gates.lines``."""
    return [name for name in PANELS if name in text.split(".")]


def written(part: Part) -> dict[str, str | None]:
    """A part as an address and a command line write it; None where it is as usual."""
    return {
        "window": "-".join(map(str, part.window)) if part.window else None,
        "units": ".".join(map(str, part.units)) or None,
        "show": None if part.panels == DEFAULT else ".".join(part.panels) or "none",
    }


def _cut(values: np.ndarray, steps: slice, rows: list[int]) -> np.ndarray:
    """Those steps and rows; a view where all rows are meant."""
    part: np.ndarray[Any, Any] = values[steps]
    return part if len(rows) == values.shape[1] else part[:, rows]
