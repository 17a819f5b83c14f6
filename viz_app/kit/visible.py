"""What of an example is in view: a window of time, some units, some kinds of panels."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from viz_app.kit.chart.gates_data import GatesData, SignalStyle
from viz_app.kit.chart.gates_fit import LINES
from viz_app.text import say

DEFAULT = ("gates", "states", "lines")
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
        Of `viz_app.kit.choice.PANELS`: which heatmaps, and whether the lines of the picked unit.
        Without a heatmap that there is, the states are drawn.
    pictures
        Signals by their names instead, and `viz_app.kit.chart.gates_fit.LINES`; None leaves it to
        ``panels``.
    """

    window: tuple[int, int] | None = None
    units: tuple[int, ...] = ()
    panels: tuple[str, ...] = DEFAULT
    pictures: tuple[str, ...] | None = None

    def wants(self, signal: SignalStyle) -> bool:
        """Whether a signal has a heatmap."""
        if self.pictures is not None:
            return signal.name in self.pictures
        return KINDS[signal.kind] in self.panels

    def of(self, data: GatesData) -> GatesData:
        """That part of a whole example's data.

        Raises
        ------
        ValueError
            When there is no such step or unit.
        """
        steps, units = self._steps(data), self._rows(data)
        shown = [n for n, s in enumerate(data.shape.signals) if self.wants(s)]
        shown = shown or [n for n, s in enumerate(data.shape.signals) if s.kind == "state"]
        gradients = any(data.shape.signals[n].kind == "gradient" for n in shown)
        start, length = data.shape.start + steps.start, steps.stop - steps.start
        shape = replace(
            data.shape,
            start=start,
            steps=length,
            units=tuple(data.shape.units[row] for row in units),
            signals=tuple(data.shape.signals[n] for n in shown),
            lines=LINES in (self.panels if self.pictures is None else self.pictures),
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
                say("figures.wrong_window", first=start, last=end - 1, window=str(self.window))
            )
        return slice(first - start, last + 1 - start)

    def _rows(self, data: GatesData) -> list[int]:
        unknown = set(self.units) - set(data.shape.units)
        if unknown:
            raise ValueError(say("figures.wrong_unit", unit=min(unknown)))
        chosen = set(self.units or data.shape.units)
        return [row for row, unit in enumerate(data.shape.units) if unit in chosen]


WHOLE = Part()


def _cut(values: np.ndarray, steps: slice, rows: list[int]) -> np.ndarray:
    """Those steps and rows; a view where all rows are meant."""
    part: np.ndarray[Any, Any] = values[steps]
    return part if len(rows) == values.shape[1] else part[:, rows]
