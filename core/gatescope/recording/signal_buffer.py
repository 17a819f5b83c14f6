"""Where the chosen part of a layer's signals goes, laid out as the trace has it.

Signals arrive in blocks of steps, in the layer's own reading direction and a packed batch's own
order; they lie in the original order, NaN past each end, from the moment they are written. So
nothing is held twice, and what was not chosen is never held at all. What a reverse layer keeps is
turned round at the end, once. Where the recording goes to a file, the blocks
of a long call go there at once, and what is short at the end.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import psutil
import torch
from torch import Tensor

from gatescope.errors import RecordError, say
from gatescope.recording.layer_trace import Kept, sliced
from gatescope.recording.layout import Layout
from gatescope.recording.loops import Signals
from gatescope.recording.stream import CHUNK, FileRoom, Place

Room = Tensor | FileRoom
"""What blocks of a signal are written to."""

FEW = 2**11
"""Numbers of a signal up to which what is kept of it may hold all of it."""

SCATTERED = 16
"""How many numbers are computed while one is looked up by its place."""

MOST, SMALL = 0.9, 2**26
"""Share of the free memory that a recording may take; bytes below which nobody asks."""


class Part(NamedTuple):
    """The kept steps of a block, as the layer reads them.

    Attributes
    ----------
    steps
        Which steps of the block.
    places
        Their places among all kept steps.
    """

    steps: slice
    places: slice


@dataclass
class Store:
    """The kept signals of one layer and direction of one call.

    Attributes
    ----------
    node
        The layer and direction, for messages.
    layout
        Time and batch of the call.
    reverse
        Whether the layer reads the sequence from its end.
    order
        Where each sequence of the original batch went in a packed one, or None.
    widths
        The last dimension of every signal and gradient that the layer has.
    names
        Those that are kept.
    kept
        Which indices of each axis.
    place
        Where in a file this call has its place; None where all stays in memory.
    signals
        What was written to memory.
    streams
        Whether blocks go to the file at once.
    streamed
        The names of those that went there.
    later
        What of it all is kept in the end, where a call is so small that everything is held first.
    units
        The number of hidden units; a projected hidden state is narrower.
    is_all
        Whether all examples, units and steps are kept, of a batch that is not packed.
    latest
        The block that was asked for last, and what is kept of it: all signals ask in turn.
    """

    node: str
    layout: Layout
    reverse: bool
    order: Tensor | None
    widths: dict[str, int]
    names: frozenset[str]
    kept: Kept
    place: Place | None = None
    signals: Signals = field(default_factory=dict)
    streams: bool = False
    streamed: set[str] = field(default_factory=set)
    later: tuple[frozenset[str], Kept] | None = None
    units: int = field(init=False)
    is_all: bool = field(init=False)
    latest: tuple[tuple[int, int], Part] = ((0, 0), Part(slice(0), slice(0)))

    def __post_init__(self) -> None:
        """Look at what was asked for once: it is asked for at every block of every signal."""
        self.units = max(self.widths.values())
        self.is_all = self.layout.mask is None and self.kept.is_all

    @property
    def is_scattered(self) -> bool:
        """Whether to look up the chosen units takes longer than to compute all of them."""
        chosen = self.kept.chosen_units
        return isinstance(chosen, Tensor) and SCATTERED * len(chosen) > self.units

    @cached_property
    def reads(self) -> range:
        """The kept steps as the layer reads them, of a batch that is not packed."""
        count, kept = self.layout.time, self.kept.time
        if kept is None:
            return range(count)
        if not len(kept):
            return range(0)
        first, last = int(kept[0]), int(kept[-1])
        if self.reverse:
            first, last = count - 1 - last, count - 1 - first
        return range(first, last + 1, 1 if len(kept) < 2 else int(kept[1] - kept[0]))

    @property
    def in_place(self) -> bool:
        """Whether blocks may be computed where they stay: in memory, all of it, not packed."""
        return self.is_all and not self.streams

    @property
    def is_turned(self) -> bool:
        """Whether what is in memory runs as the layer reads, and is turned round in the end."""
        return self.reverse and self.layout.mask is None and not self.streams

    def shape(self, name: str) -> tuple[int, int, int]:
        """(time, batch, unit) of a signal as it is kept."""
        width = self.widths[name]
        kept = self.kept
        return (
            self.layout.time if kept.time is None else len(kept.time),
            self.layout.batch if kept.batch is None else len(kept.batch),
            width if kept.units is None or width != self.units else len(kept.units),
        )

    def require_room(self, like: Tensor) -> None:
        """Raise RecordError where the kept signals would not fit into the free memory."""
        if self.later is not None:  # so small that everything is held before some is kept
            return
        need = sum(like.itemsize * torch.Size(self.shape(name)).numel() for name in self.names)
        if need < SMALL:
            return
        if self.place is not None:
            self.place.require_room(need, self.node)
            return
        if like.is_cuda:
            free = torch.cuda.mem_get_info(like.device)[0]
        else:
            free = psutil.virtual_memory().available
        if need > MOST * free:
            time, batch, _ = self.shape(next(iter(self.names)))
            raise RecordError(
                say(
                    "recording_memory",
                    node=self.node, need=in_bytes(need), signals=len(self.names), time=time,
                    batch=batch, units=self.units, dtype=str(like.dtype).removeprefix("torch."),
                    free=in_bytes(free),
                )
            )  # fmt: skip

    def stream_if_long(self) -> None:
        """From now on blocks go to the file, if there is one and there are several."""
        numbers = self.layout.time * self.layout.batch * self.units
        self.streams = self.place is not None and numbers > CHUNK

    def slot(self, name: str, first: int, stop: int, like: Tensor) -> Tensor | None:
        """Where a block may be computed in place, so that it needs no `write`; None elsewhere."""
        if name not in self.names or not self.in_place:
            return None
        return self._memory(name, like)[first:stop]

    def part(self, first: int, stop: int) -> Part:
        """What is kept of the steps from ``first`` to before ``stop``, as the layer reads them."""
        if (first, stop) != self.latest[0]:
            kept = self.reads
            low, high = (
                min(len(kept), max(0, -((kept.start - end) // kept.step))) for end in (first, stop)
            )
            start = kept[low] - first if low < high else 0
            steps = slice(start, start + (high - low) * kept.step, kept.step)
            self.latest = (first, stop), Part(steps, slice(low, high))
        return self.latest[1]

    def room(self, name: str, part: Part, like: Tensor) -> Tensor | None:
        """Where the chosen part of a block may be computed, so that it needs no `put`."""
        if name not in self.names or self.streams or self.layout.mask is not None:
            return None
        return self._memory(name, like)[part.places]

    def chosen(self, name: str, part: Part, block: Tensor) -> Tensor:
        """The chosen part of a block of all steps, examples and units."""
        block = block if self.kept.time is None else block[part.steps]
        return self.units_of(name, self.examples_of(block))

    def put(self, name: str, part: Part, values: Tensor) -> None:
        """Keep the chosen part of a block."""
        places = part.places
        if name not in self.names or places.start == places.stop:
            return
        if not self.streams:
            self._memory(name, values)[places] = values
            return
        if self.reverse:
            kept = self.shape(name)[0]
            places, values = slice(kept - places.stop, kept - places.start), values.flip(0)
        self._room(name, values)[places] = values

    def write(self, name: str, first: int, block: Tensor) -> None:
        """Keep the chosen part of a block (step, example, unit) that begins at step ``first``."""
        if name not in self.names:
            return
        if self.layout.mask is not None and self.reverse:
            self._write_turned(self._room(name, block), first, self.units_of(name, block))
            return
        part = self.part(first, first + len(block))
        if self.layout.mask is None:
            self.put(name, part, self.chosen(name, part, block))
        else:
            self.put(name, part, self._within_lengths(name, first, part, block))

    def read(self, name: str, first: int, stop: int) -> Tensor:
        """A block of a signal that is kept whole, in the layer's reading direction."""
        return self.signals[name][first:stop]

    def fill(self, name: str, block: Tensor) -> None:
        """Keep the chosen part of (step, example, unit), given at the kept steps alone."""
        self._memory(name, block).copy_(self.units_of(name, self.examples_of(block)))

    def finished(self, like: Tensor, *, without_gradients: bool = False) -> Signals:
        """What was kept, in the order of ``widths``.

        A gradient is not written when the loss does not reach the layer: it is 0 then, or NaN
        where the model itself ran the layer without gradients.
        """
        missing = torch.nan if without_gradients else 0.0
        for name in self.names - set(self.signals) - self.streamed:
            if not self.streams and not self.shape(name)[0]:  # no step of this call is kept
                self._memory(name, like)
                continue
            width = self.widths[name]
            for first in range(0, self.layout.time, self.some):
                steps = min(self.some, self.layout.time - first)
                self.write(name, first, like.new_full((steps, self.layout.batch, width), missing))
        if self.place is not None:
            self.let_go()
        return self._taken() if self.later is None else self._cut(self._taken(), *self.later)

    def _cut(self, signals: Signals, names: frozenset[str], kept: Kept) -> Signals:
        """The part that is kept of a call of which everything was held."""
        self.names, self.kept = names, kept
        chosen = [name for name in signals if name in names]
        if kept.time is not None and not len(kept.time):  # as of nine calls of ten, for time=10
            by_width = {self.widths[name]: name for name in chosen}
            nothing = {width: self._part(name, signals[name]) for width, name in by_width.items()}
            return {name: nothing[self.widths[name]] for name in chosen}
        return {name: self._part(name, signals[name]) for name in chosen}

    def _part(self, name: str, signal: Tensor) -> Tensor:
        """What is kept of a signal that was held whole, laid out as the trace has it."""
        whole, kept = signal, self.kept
        if kept.time is not None:
            signal = signal[sliced(kept.time)]
        signal = self.units_of(name, self.examples_of(signal))
        # a view would hold all of it
        return signal.clone() if signal is not whole and whole.numel() > FEW else signal

    def let_go(self) -> None:
        """Write to the file what is held in memory."""
        assert self.place is not None
        for name, signal in self._taken().items():
            self.place.write(name, signal)
            self.streamed.add(name)

    def _taken(self) -> Signals:
        """What is in memory, as the trace has it, and then no longer here."""
        taken = {name: self.signals.pop(name) for name in self.widths if name in self.signals}
        if not self.is_turned:
            return taken
        return {name: taken.pop(name).flip(0) for name in list(taken)}

    @property
    def some(self) -> int:
        """Steps of a block of numbers that is written at once."""
        return max(1, CHUNK // (self.layout.batch * self.units))

    def lengths(self) -> Tensor | None:
        """(batch,) of a packed batch, in its original order."""
        lengths = self.layout.lengths
        return lengths if lengths is None or self.order is None else lengths[self.order]

    def _room(self, name: str, like: Tensor) -> Room:
        if self.streams and self.place is not None:
            self.streamed.add(name)
            return self.place.room(name, like.dtype)
        return self._memory(name, like)

    def _memory(self, name: str, like: Tensor) -> Tensor:
        signal = self.signals.get(name)
        if signal is None:
            # past a packed sequence's end nothing is written
            signal = like.new_empty(self.shape(name))
            self.signals[name] = signal if self.layout.mask is None else signal.fill_(torch.nan)
        return signal

    def units_of(self, name: str, block: Tensor) -> Tensor:
        """The chosen units of a block; of a projected hidden state all."""
        if self.kept.units is None or self.widths[name] != self.units:
            return block
        return taken(block, self.kept.chosen_units, 2)

    def examples_of(self, block: Tensor) -> Tensor:
        """The chosen examples of a block."""
        return block if self.kept.batch is None else taken(block, self.kept.examples, 1)

    def _within(self, first: int, stop: int) -> tuple[slice, Tensor]:
        """The kept steps from ``first`` to before ``stop``, and their places; steps ascend."""
        assert self.kept.time is not None
        bounds = torch.searchsorted(self.kept.time, torch.tensor([first, stop]))
        places = slice(int(bounds[0]), int(bounds[1]))
        return places, self.kept.time[places]

    @cached_property
    def columns(self) -> Tensor | None:
        """Where the kept examples stand in a packed batch."""
        kept = self.kept.batch
        if self.order is None:
            return kept
        return self.order if kept is None else self.order[kept.to(self.order.device)]

    def _within_lengths(self, name: str, first: int, part: Part, block: Tensor) -> Tensor:
        """The chosen part of a packed batch in its original order, NaN past each end."""
        assert self.layout.mask is not None
        there = self.layout.mask[first : first + len(block)][part.steps]
        block = self.units_of(name, block[part.steps])
        if self.columns is not None:
            block, there = (taken(part, self.columns, 1) for part in (block, there))
        return block.masked_fill(~there.unsqueeze(-1), torch.nan)

    def _write_turned(self, room: Room, first: int, block: Tensor) -> None:
        """Keep a block of a packed batch that is read from its end: each example by itself."""
        assert self.layout.lengths is not None
        ends = self.layout.lengths.tolist()
        examples = torch.arange(self.layout.batch) if self.order is None else self.order.cpu()
        if self.kept.batch is not None:
            examples = examples[self.kept.batch]
        for column, example in enumerate(examples.tolist()):
            stop = ends[example] - first
            if stop <= 0:
                continue
            start = max(0, stop - len(block))
            steps = block[: stop - start, example].flip(0)
            if self.kept.time is None:
                room[start:stop, column] = steps
            else:
                places, times = self._within(start, stop)
                room[places, column] = steps[(times - start).to(block.device)]


def taken(block: Tensor, chosen: slice | Tensor, dim: int) -> Tensor:
    """What is chosen of a block along its second or third dimension."""
    if isinstance(chosen, slice):
        return block[:, chosen] if dim == 1 else block[:, :, chosen]
    return block.index_select(dim, chosen.to(block.device))


def in_bytes(count: float) -> str:
    """A size as a person reads it: 1.5 GB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} TB"


def with_gradients(names: Iterable[str]) -> list[str]:
    """Names, and the gradient of each."""
    names = list(names)
    return names + [f"grad_{name}" for name in names]
