"""Runs and what was recorded of them, each computed once: where views take their data from."""

from collections.abc import Callable, Collection, Hashable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import xarray as xr

from gatescope import Batch, Run, load_run, record
from gatescope.experiments.claims import CLAIMS, ClaimResult, load_claim
from gatescope.experiments.comparison import Comparison, load_comparison
from gatescope.experiments.memory import Curves
from gatescope.tasks import edited
from gatescope.training import SummedLoss
from viz_app.kit import units
from viz_app.kit.answers import Answers, answer, longest
from viz_app.kit.choice import Among
from viz_app.kit.library import Library, folder_of, open_library
from viz_app.kit.memory_shipped import curves_of
from viz_app.kit.packed import pack
from viz_app.kit.sharing import Store

R = TypeVar("R")

MEGABYTES = 128
"""What one's own Python keeps of its recordings and charts."""


class Own(NamedTuple):
    """An example that is changed by hand, and how, as `gatescope.tasks.edited` takes it."""

    example: int
    edit: str


class Recordings:
    """Runs by name, and their recordings on their probe examples.

    Parameters
    ----------
    open_run
        From a name to a run; raises `gatescope.RunError` where there is none.
    library
        All runs that there are.
    store
        Keeps what is computed. What it hands out is everybody's and is not changed.
    """

    def __init__(
        self, open_run: Callable[[str], Run], library: Callable[[], Library], store: Store
    ) -> None:
        self.run, self.library = open_run, library
        self._store = store

    def get(
        self, key: tuple[Hashable, ...], compute: Callable[[], R],
        packed: Callable[[Any], Any] = pack,
    ) -> R:  # fmt: skip
        """What a key, its first part a name, stands for: computed once; specs are kept packed."""
        return self._store.get(key, compute, packed)

    def beside(self, run: str) -> tuple[str, ...]:
        """One run for each cell on the same task as a run, which is among them."""
        library = self.library()
        if run not in library.runs:
            library = Library(library.runs | {run: self.run(run)}, {})
        return library.beside(run)

    def memory(self, run: str) -> Curves:
        """A run's measures of memory."""
        return self.get(("memory", run), lambda: curves_of(self.run(run)))

    def comparison(self, job: str) -> Comparison:
        """What a comparison has found: the folder that ``gatescope compare`` wrote."""
        return self.get(("comparison", job), lambda: load_comparison(job))

    def claim(self, key: str, job: str) -> ClaimResult:
        """What a claim's runs have shown: the folder that ``gatescope claim`` wrote."""
        return self.get(
            ("claim", key, job), lambda: load_claim(CLAIMS[key], Path(job) / f"{key}.json")
        )

    def batch(self, run: str, own: Own | None = None) -> Batch:
        """A run's probe examples, or one of them alone that is changed by hand.

        Raises
        ------
        gatescope.tasks.EditError
            When it cannot be changed so.
        """
        opened = self.run(run)
        if own is None:
            return self.get(("batch", run), opened.probe)
        return self.get(
            ("own row", run, own),
            lambda: edited(opened.task, self.batch(run), own.edit, own.example),
        )

    def trace(
        self, run: str, checkpoint: int | None, with_loss: bool = False, own: Own | None = None
    ) -> xr.DataTree:
        """A run's recording at a checkpoint (None: the last), with gradients of its loss if so."""
        opened = self.run(run)
        step = opened.steps[-1] if checkpoint is None else checkpoint

        def recorded() -> xr.DataTree:
            batch = self.batch(run, own)
            loss = SummedLoss(opened.task, batch) if with_loss else None
            return record(opened.model(step), batch.inputs, loss)

        return self.get(("trace", run, step, with_loss, own), recorded)

    def answers(self, run: str, checkpoint: int | None, own: Own | None = None) -> Answers:
        """What a run's network says at a checkpoint (None: the last)."""
        opened = self.run(run)
        step = opened.steps[-1] if checkpoint is None else checkpoint
        return self.get(
            ("answers", run, step, own), lambda: answer(opened, step, self.batch(run, own))
        )

    def layers(self, run: str) -> list[str]:
        """The layers and directions of a run's network, as ``"recurrent/l0"``."""
        return self.get(
            ("layers", run),
            lambda: [leaf.path.strip("/") for leaf in self.trace(run, None).leaves],
        )

    def layer(
        self, run: str, checkpoint: int | None, node: str | None, with_loss: bool = False,
        own: Own | None = None,
    ) -> xr.Dataset:  # fmt: skip
        """One layer and direction (None: the first) of a recording, all examples."""
        return units.layer_of(self.trace(run, checkpoint, with_loss, own), node)

    def among(self, run: str, names: Collection[str]) -> dict[str, Among]:
        """What the choices of these names can be of a run, as far as it says so."""
        told = {"checkpoint": self._checkpoints, "layer": self._nodes, "example": self._examples}
        return {name: among(run) for name, among in told.items() if name in names}

    def _checkpoints(self, run: str) -> Among:
        steps = self.run(run).steps
        return Among(steps, steps[-1])

    def _nodes(self, run: str) -> Among:
        layers = self.layers(run)
        return Among(layers, layers[0])

    def _examples(self, run: str) -> Among:
        probe = self.batch(run)
        return Among(range(len(probe.marks)), longest(probe))

    def order(self, run: str, node: str | None, sort: str | None = None) -> list[int]:
        """The order of a layer's units, by the trained network."""

        def ordered() -> list[int]:
            layer = self.layer(run, None, node)
            return units.order_units(layer, self.batch(run), sort)

        return self.get(("order", run, node, sort), ordered)

    def bounds(self, run: str, node: str | None) -> dict[str, float]:
        """Where the colours of a layer's states end, by the trained network."""
        return self.get(
            ("bounds", run, node), lambda: units.colour_bounds(self.layer(run, None, node))
        )


def open_anywhere(name: str) -> Run:
    """A run by the path of its folder, or by its name among those that there are."""
    folder = Path(name)
    return load_run(folder if folder.exists() else folder_of(name))


HERE = Recordings(open_anywhere, cache(open_library), Store(MEGABYTES * 2**20))
"""For one's own Python and the command line: a run may be a folder."""
