"""Compare: what differs between networks on the same example."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import torch
import xarray as xr

from gatescope import Batch, Run, record
from viz_app.features.compare import data as compare
from viz_app.features.compare.data import CompareView
from viz_app.features.compare.sides import (
    MOST,
    Compared,
    Side,
    aspects,
    common_sorts,
    first_aspects,
    shared,
)
from viz_app.features.compare.sides import compare as record_sides
from viz_app.features.compare.words import alternative, labels, networks
from viz_app.kit.answers import longest
from viz_app.kit.choice import Among, whole
from viz_app.kit.over_time import OverTime
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN, ViewError
from viz_app.kit.view_of_runs import Several
from viz_app.text import say

BESIDE = ("with", "third")
"""Where an address has the other sides."""

Sides = tuple[tuple[str, int], ...]
"""Each side's run, by name, and its checkpoint."""


@dataclass(frozen=True)
class Compare(OverTime, Several):
    """Two or three networks, or one at several checkpoints, on the same example.

    Attributes
    ----------
    run
        The first side.
    others
        The other sides, each a run or ``run@checkpoint``; None is one for each other cell on the
        same task, and none at all the run's own start, which then stands first.
    at
        The first side's checkpoint; None is the last.
    layer
        Layer and direction that all have; None is the first.
    example
        None is the one that must be remembered longest.
    sort
        How the units are sorted, of `viz_app.features.compare.sides.common_sorts`.
    pictures
        What is compared, of `viz_app.features.compare.sides.aspects`; None chooses.
    unit
        The unit whose lines are drawn where units correspond; None is the one that differs most.
    labels
        What each side is called; None calls them by cell, run and checkpoint.
    """

    name: ClassVar[str] = "compare"

    at: int = OPEN
    layer: str = OPEN
    example: int = OPEN
    sort: str = OPEN
    pictures: tuple[str, ...] | None = None
    unit: int = OPEN
    labels: tuple[str, ...] | None = None

    @classmethod
    def beside(cls, sides: Sides, recordings: Recordings = HERE) -> Self:
        """The view of these sides."""
        ends = [recordings.run(run).steps[-1] for run, _ in sides]
        (run, step), *others = sides
        texts = [
            name if at == end else f"{name}@{at}"
            for (name, at), end in zip(others, ends[1:], strict=True)
        ]
        return cls(run, tuple(texts), at=OPEN if step == ends[0] else step)

    def sides(self, recordings: Recordings = HERE) -> Sides:
        """Each side's run and checkpoint."""
        last = recordings.run(self.run).steps[-1]
        first = (self.run, last if self.at is None else self.at)
        others = self.others
        if others is None:
            others = tuple(name for name in recordings.beside(self.run) if name != self.run)
        if not others:
            return ((self.run, recordings.run(self.run).steps[0]), first)
        return (first, *(_side(text, recordings) for text in others[: MOST - 1]))

    def names(self, recordings: Recordings = HERE) -> tuple[str, ...]:
        """The runs of all sides, each once."""
        return tuple(dict.fromkeys(name for name, _ in self.sides(recordings)))

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What can be chosen of all sides."""
        sides = self.sides(recordings)
        each = [recordings.layers(name) for name, _ in sides]
        layers = [layer for layer in each[0] if all(layer in one for one in each)]
        batch = shared(recordings.run(name) for name, _ in sides)
        there = {
            "layer": Among(layers, layers[0]),
            "example": Among(range(len(batch.marks)), longest(batch)),
        }
        sorts = common_sorts(self._compared(there["layer"].of(self.layer), recordings))
        return there | {"sort": Among(sorts, sorts[0])}

    def compared(self, recordings: Recordings) -> Compared:
        """All sides' recordings."""
        return self._compared(self.complete(recordings).layer, recordings)

    def data(self, recordings: Recordings = HERE) -> CompareView:
        """One example of them."""
        made = self.complete(recordings).but(unit=None)
        return recordings.get(
            ("compare", made),
            lambda: compare.view(
                made.compared(recordings), example=made.example, keys=made.pictures, sort=made.sort
            ),
        )

    def alternative(self, recordings: Recordings = HERE) -> str:
        """What is compared, and where the sides differ most."""
        return alternative(self.data(recordings))

    def opening(self, recordings: Recordings = HERE) -> tuple[str, ...]:
        """What a page compares first: all that there is would not fit a window."""
        return tuple(first_aspects(aspects(self.compared(recordings).layers))[:1])

    def picked(self, recordings: Recordings = HERE) -> tuple[int, int]:
        """The unit that is drawn, and the first mark."""
        return self.data(recordings).picked(self.unit)

    def shown(self, recordings: Recordings = HERE) -> Self:
        """Complete, with the unit where there is one."""
        view = self.complete(recordings)
        alike = view.compared(recordings).alike
        return view.but(unit=view.picked(recordings)[0] if alike else None)

    def about(self, recordings: Recordings = HERE) -> dict[str, str]:
        """With each side's checkpoint."""
        steps = [str(step) for _, step in self.sides(recordings)]
        return super().about(recordings) | {"step": ", ".join(steps)}

    def file_name(self) -> str:
        """With the sides and the example."""
        sides = dict.fromkeys(
            (self.run, *(re.sub(r"@\d+$", "", text) for text in self.others or ()))
        )
        return f"{self.name}-{'-'.join(sides)}-example{self.example}"

    def to_query(self) -> dict[str, str]:
        """As an address has it: the other sides one by one."""
        query = super().to_query()
        query.pop("others", None)
        return query | dict(zip(BESIDE, self.others or (), strict=False))

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Self:
        """The same the other way."""
        beside = tuple(asked[name] for name in BESIDE if asked.get(name))
        return super().of(dict(asked) | ({"others": beside} if beside else {}))

    def _compared(self, node: str, recordings: Recordings) -> Compared:
        sides = self.sides(recordings)

        def recorded_sides() -> Compared:
            runs = [recordings.run(name) for name, _ in sides]
            steps = [step for _, step in sides]
            called = self.labels or labels(networks([n for n, _ in sides], runs), runs, steps)
            names = {id(run): name for run, (name, _) in zip(runs, sides, strict=True)}

            def recorded(run: Run, step: int, batch: Batch) -> xr.DataTree:
                if torch.equal(run.probe().inputs, batch.inputs):
                    return recordings.trace(names[id(run)], step)
                return record(run.model(step), batch.inputs)

            parts = zip(runs, steps, called, strict=True)
            return record_sides([Side(*part) for part in parts], node=node, recorded=recorded)

        return recordings.get(("compared", sides, self.labels, node), recorded_sides)


def _side(text: str, recordings: Recordings) -> tuple[str, int]:
    """A run, or ``run@checkpoint``."""
    name, _, end = text.rpartition("@")
    step = whole(end) if name else None
    if step is None:
        return text, recordings.run(text).steps[-1]
    steps = recordings.run(name).steps
    if step not in steps:
        raise ViewError(
            say("figures.wrong_checkpoint", name=name, step=step, steps=", ".join(map(str, steps)))
        )
    return name, step
