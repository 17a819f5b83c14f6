"""What all browsers share of the page Compare: recordings, views and finished specs, bounded."""

from typing import Any

import torch
import xarray as xr

from gatescope import Batch, Run, record
from viz_app import sharing
from viz_app.app_pages import cached
from viz_app.views import compare
from viz_app.views.compare_sides import Aspect, Compared, Side, aspects, common_sorts, shared
from viz_app.views.compare_sides import compare as record_sides

Places = tuple[tuple[str, int, str], ...]
"""Each side: a run's name, a checkpoint, and what the side is called."""


@sharing.shared
def compared(places: Places, node: str) -> Compared:
    """All sides on the same examples."""
    sides = [Side(cached.run_of(name), step, label) for name, step, label in places]
    names = {id(side.run): name for side, (name, _, _) in zip(sides, places, strict=True)}

    def recorded(run: Run, step: int, batch: Batch) -> xr.DataTree:
        if torch.equal(run.probe().inputs, batch.inputs):
            return cached.trace(names[id(run)], step)
        return record(run.model(step), batch.inputs)

    return record_sides(sides, node=node, recorded=recorded)


def layers(names: tuple[str, ...]) -> list[str]:
    """The layers and directions that all of these networks have."""
    each = [cached.layers(name) for name in names]
    return [layer for layer in each[0] if all(layer in one for one in each)]


def examples_of(names: tuple[str, ...]) -> Batch:
    """The examples that all of these networks are shown."""
    return shared(cached.run_of(name) for name in names)


def possible(places: Places, node: str) -> tuple[list[Aspect], list[str]]:
    """What can be compared, and by what the units can be sorted."""
    found = compared(places, node)
    return aspects(found.layers), common_sorts(found)


@sharing.shared
def view(
    places: Places, node: str, example: int, keys: tuple[str, ...], sort: str
) -> compare.CompareView:
    """One example of a comparison."""
    return compare.view(compared(places, node), example=example, keys=keys, sort=sort)


@sharing.shared
def spec(
    places: Places, node: str, example: int, keys: tuple[str, ...], sort: str,
    look: compare.GatesLook, picked: tuple[int, int],
) -> dict[str, Any]:  # fmt: skip
    """The finished chart."""
    return view(places, node, example, keys, sort).spec(look, picked)
