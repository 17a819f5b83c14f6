"""Signals of a call that nobody goes back through: what was not chosen is not computed.

Some units follow from some rows of the weights, some examples and steps from their rows of the
input and of the states before them. Only an LSTM's cell state has to go through all steps.
"""

from dataclasses import dataclass, field
from functools import partial

from torch import Tensor

from gatescope.recording.closed_form import LSTM_GATES, Equations, Steps, Weights
from gatescope.recording.loops import Signals
from gatescope.recording.signal_buffer import Part, Store

THROUGH = {*LSTM_GATES[:3], "cell_state"}
"""Signals that are needed at every step, where the cell state is."""


@dataclass
class Narrowed:
    """The chosen signals of one layer and direction, of a batch that is not packed.

    Attributes
    ----------
    equations, store
        Of the layer, and what is kept of it.
    weights
        The rows of the chosen units.
    longest
        Steps of a block, at most.
    c
        An LSTM's cell state before the next block, of the chosen examples and units.
    scratch
        Memory that one block after another is computed in.
    """

    equations: Equations
    store: Store
    weights: Weights
    longest: int
    c: Tensor | None
    scratch: Signals = field(default_factory=dict)

    @classmethod
    def of(
        cls, equations: Equations, store: Store, weights: Weights, longest: int, c0: Tensor | None
    ) -> "Narrowed":
        """Leave out the weights and the states of what was not chosen."""
        if c0 is not None:
            c0 = store.units_of("cell_state", store.examples_of(c0.unsqueeze(0)))[0]
        if store.kept.units is not None:
            weights = weights.of_units(store.kept.chosen_units, store.units)
        return cls(equations, store, weights, longest, c0)

    @property
    def through(self) -> bool:
        """Whether some signals are computed at all steps and others at the chosen ones."""
        return "cell_state" in self.store.names and self.store.kept.time is not None

    def is_done(self, first: int) -> bool:
        """Whether nothing is chosen from a step on."""
        return first >= self.store.reads.stop or not self.store.names

    def keep(self, first: int, steps: Steps) -> None:
        """Keep the chosen part of a block that begins at step ``first``.

        ``steps`` are whole, but for the cell state; ``h`` is (time, batch, hidden or projection).
        """
        store, stop = self.store, first + len(steps.h)
        part = store.part(first, stop)
        x, before, h = (store.examples_of(rows) for rows in (steps.x, steps.before, steps.h))
        h = store.units_of("hidden_state", h)
        wanted = {name for name in self.equations.names if name in store.names}
        if self.through:
            wanted -= THROUGH
            self._keep_through(part, Steps(x.contiguous(), before.contiguous(), h, self.c))
        if store.kept.time is not None:
            x, before, h = (rows[part.steps] for rows in (x, before, h))
        if not wanted or not len(h):
            return
        at = Steps(x.contiguous(), before.contiguous(), h, self.c)
        found = self.equations.signals(at, self.weights, wanted, partial(self._room, part, h))
        for name in wanted if store.streams else wanted & {"hidden_state"}:
            store.put(name, part, found[name])
        if "cell_state" in found:
            self.c = found["cell_state"][-1].clone()

    def _keep_through(self, part: Part, steps: Steps) -> None:
        """Keep what is computed at all steps."""
        wanted = THROUGH & self.store.names
        room = partial(self._memory, steps.h)
        found = self.equations.signals(steps, self.weights, wanted, room)
        for name in wanted:
            self.store.put(name, part, found[name][part.steps])
        self.c = found["cell_state"][-1].clone()

    def _room(self, part: Part, like: Tensor, name: str, width: int) -> Tensor:
        """Where a signal is computed: where it stays, if it may."""
        slot = self.store.room(name, part, like)
        return self._memory(like, name, width) if slot is None else slot

    def _memory(self, like: Tensor, name: str, width: int) -> Tensor:
        """Memory for as many steps as ``like`` has."""
        if name not in self.scratch:
            self.scratch[name] = like.new_empty(self.longest, like.shape[1], width)
        return self.scratch[name][: len(like)]
