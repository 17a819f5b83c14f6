"""The numbers of a comparison on one example: each side's values, means, and what differs."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from viz_app.features.compare.sides import Aspect, Compared
from viz_app.kit.units import colour_bounds, marks_of, one_example


@dataclass(frozen=True)
class Largest:
    """Where two sides differ most.

    ``side`` differs from the first; there is no unit where it is the mean over units that does.
    ``before`` and ``after`` are the first side's value, and the other's.
    """

    aspect: Aspect
    side: int
    step: int
    unit: int | None
    before: float
    after: float


@dataclass(frozen=True)
class Numbers:
    """One example of a comparison.

    ``aspects`` are compared, top to bottom; ``orders`` are each side's units from the top, as
    ``sort`` says.
    """

    compared: Compared
    example: int
    sort: str
    aspects: tuple[Aspect, ...]
    orders: tuple[tuple[int, ...], ...]

    @cached_property
    def values(self) -> tuple[tuple[np.ndarray, ...], ...]:
        """By aspect and side: (time, unit), units by their number."""
        ones = [one_example(layer, self.example) for layer in self.compared.layers]
        return tuple(
            tuple(aspect.of(one, side) for side, one in enumerate(ones)) for aspect in self.aspects
        )

    @cached_property
    def means(self) -> tuple[tuple[np.ndarray, ...], ...]:
        """By aspect and side: (time,), over all units; of a state its mean size.

        A unit's sign means nothing: with all its weights turned round the network is the same.
        """
        return tuple(
            tuple((one if aspect.is_gate else np.abs(one)).mean(axis=1) for one in sides)
            for aspect, sides in zip(self.aspects, self.values, strict=True)
        )

    @cached_property
    def bounds(self) -> tuple[float, ...]:
        """By aspect: where the colours of all sides end, by the networks at their end."""
        limits = [colour_bounds(layer) for layer in self.compared.trained]
        return tuple(
            1.0
            if aspect.is_gate or aspect.is_aligned
            else max(found.get(aspect.key, 1.0) for found in limits)
            for aspect in self.aspects
        )

    @property
    def marks(self) -> tuple[tuple[int, str], ...]:
        """The example's salient steps and their labels."""
        return marks_of(self.compared.batch, self.example)

    def table(self) -> pd.DataFrame:
        """One row a side, unit and step, every aspect in a column."""
        frames = []
        for number, side in enumerate(self.compared.sides):
            columns = {a.key: v[number] for a, v in zip(self.aspects, self.values, strict=True)}
            steps, units = next(iter(columns.values())).shape
            frames.append(
                pd.DataFrame(
                    {"side": side.label, "checkpoint": side.step}
                    | {"time": np.repeat(np.arange(steps), units)}
                    | {"unit": np.tile(np.arange(units), steps)}
                    | {key: values.ravel() for key, values in columns.items()}
                )
            )
        return pd.concat(frames, ignore_index=True)

    def largest(self) -> Largest:
        """Where another side differs most from the first, differences over the colours' bounds.

        Unit by unit where units correspond, else by the mean over units.
        """
        alike, best = self.compared.alike, (-1.0, 0, 1, 0)
        rows = self.values if alike else self.means
        for number, (sides, bound) in enumerate(zip(rows, self.bounds, strict=True)):
            for side in range(1, len(sides)):
                sizes = np.abs(sides[side] - sides[0]) / bound
                if sizes.max() > best[0]:
                    best = (float(sizes.max()), number, side, int(sizes.argmax()))
        _, number, side, place = best
        where = np.unravel_index(place, rows[number][0].shape)
        before, after = (float(rows[number][k][where]) for k in (0, side))
        unit = int(where[1]) if alike else None
        return Largest(self.aspects[number], side, int(where[0]), unit, before, after)
