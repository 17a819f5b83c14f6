"""The numbers of a comparison on one example: each side's values, means, and what differs."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from viz_app.features.compare.sides import Aspect, Compared
from viz_app.kit.units import colour_bounds, one_example


@dataclass(frozen=True)
class Largest:
    """Where two sides differ most.

    Attributes
    ----------
    aspect
        In what.
    side
        Which side differs from the first.
    step, unit
        Where; no unit where it is the mean over units that differs.
    before, after
        The first side's value, and the other's.
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

    Attributes
    ----------
    compared
        All examples.
    example, sort
        Which of them, and by what the units are sorted.
    aspects
        What is compared, top to bottom.
    orders
        Each side's units from the top.
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
