"""Where the chosen part of a layer's signals goes, laid out as the trace has it.

Signals arrive in blocks of steps, in the layer's own reading direction and a packed batch's own
order; they lie in input time, in the original order, NaN past each end, from the moment they are
written. So nothing is held twice, and what was not chosen is never held at all. What a reverse
layer keeps whole is turned round at the end, once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import psutil
import torch
from torch import Tensor

from gatescope.errors import RecordError
from gatescope.recording.layer_trace import Kept
from gatescope.recording.layout import Layout
from gatescope.recording.loops import Signals

MOST, SMALL = 0.9, 2**26
"""Share of the free memory that a recording may take; bytes below which nobody asks."""


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
    signals
        What was written.
    """

    node: str
    layout: Layout
    reverse: bool
    order: Tensor | None
    widths: dict[str, int]
    names: frozenset[str]
    kept: Kept
    signals: Signals = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether all examples, units and steps are kept, of a batch that is not packed."""
        return self.layout.mask is None and self.kept == Kept()

    @property
    def units(self) -> int:
        """The number of hidden units; a projected hidden state is narrower."""
        return max(self.widths.values())

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
        need = sum(like.itemsize * torch.Size(self.shape(name)).numel() for name in self.names)
        if need < SMALL:
            return
        if like.is_cuda:
            free = torch.cuda.mem_get_info(like.device)[0]
        else:
            free = psutil.virtual_memory().available
        if need > MOST * free:
            time, batch, _ = self.shape(next(iter(self.names)))
            raise RecordError(
                f"recording {self.node} takes {in_bytes(need)} ({len(self.names)} signals of "
                f"{time:,} steps, {batch:,} examples and up to {self.units:,} units, "
                f"{str(like.dtype).removeprefix('torch.')}), and {in_bytes(free)} are free: keep "
                "less, by signals=, layers=, batch=, units= or time="
            )

    def slot(self, name: str, first: int, stop: int, like: Tensor) -> Tensor | None:
        """Where a block may be computed in place, so that it needs no `write`; None elsewhere."""
        if name not in self.names or not self.whole:
            return None
        return self._room(name, like)[first:stop]

    def write(self, name: str, first: int, block: Tensor) -> None:
        """Keep the chosen part of a block (step, example, unit) that begins at step ``first``."""
        if name not in self.names:
            return
        room = self._room(name, block)
        block = self._units_of(name, block)
        if self.layout.mask is None:
            self._write_dense(room, first, block)
        else:
            self._write_packed(room, first, block)

    def read(self, name: str, first: int, stop: int) -> Tensor:
        """A block of a signal that is kept whole, in the layer's reading direction."""
        return self.signals[name][first:stop]

    def reads(self) -> list[int]:
        """The kept steps as the layer reads them, of a batch that is not packed."""
        if self.kept.time is None:
            return list(range(self.layout.time))
        steps: list[int] = self.kept.time.tolist()
        return [self.layout.time - 1 - step for step in reversed(steps)] if self.reverse else steps

    def fill(self, name: str, block: Tensor) -> None:
        """Keep the chosen part of (step, example, unit), given at the kept steps alone."""
        room = self._room(name, block)
        block = self._units_of(name, block)
        if self.kept.batch is not None:
            block = block[:, self.kept.batch.to(block.device)]
        room.copy_(block.flip(0) if self.reverse and not self.whole else block)

    def finished(self, like: Tensor, *, without_gradients: bool = False) -> Signals:
        """What was kept, in the order of ``widths``.

        A gradient is not written when the loss does not reach the layer: it is 0 then, or NaN
        where the model itself ran the layer without gradients.
        """
        missing = torch.nan if without_gradients else 0.0
        for name in self.names - set(self.signals):
            if self.layout.mask is None:
                self._room(name, like).fill_(missing)
            else:
                shape = (self.layout.time, self.layout.batch, self.widths[name])
                self.write(name, 0, like.new_full(shape, missing))
        kept = {name: self.signals.pop(name) for name in self.widths if name in self.names}
        if not (self.reverse and self.whole):
            return kept
        return {name: kept.pop(name).flip(0) for name in list(kept)}

    def lengths(self) -> Tensor | None:
        """(batch,) of a packed batch, in its original order."""
        lengths = self.layout.lengths
        return lengths if lengths is None or self.order is None else lengths[self.order]

    def _room(self, name: str, like: Tensor) -> Tensor:
        if name not in self.signals:
            # past a packed sequence's end nothing is written
            empty = like.new_empty(self.shape(name))
            self.signals[name] = empty if self.layout.mask is None else empty.fill_(torch.nan)
        return self.signals[name]

    def _units_of(self, name: str, block: Tensor) -> Tensor:
        """The chosen units of a block; of a projected hidden state all."""
        if self.kept.units is None or self.widths[name] != self.units:
            return block
        return block[..., self.kept.units.to(block.device)]

    def _write_dense(self, room: Tensor, first: int, block: Tensor) -> None:
        if self.kept.batch is not None:
            block = block[:, self.kept.batch.to(block.device)]
        stop = first + len(block)
        if self.reverse and not self.whole:
            first, stop = self.layout.time - stop, self.layout.time - first
            block = block.flip(0)
        if self.kept.time is None:
            room[first:stop] = block
            return
        places, steps = self._within(first, stop)
        room[places] = block[(steps - first).to(block.device)]

    def _within(self, first: int, stop: int) -> tuple[slice, Tensor]:
        """The kept steps from ``first`` to before ``stop``, and their places; steps ascend."""
        assert self.kept.time is not None
        bounds = torch.searchsorted(self.kept.time, torch.tensor([first, stop]))
        places = slice(int(bounds[0]), int(bounds[1]))
        return places, self.kept.time[places]

    def _write_packed(self, room: Tensor, first: int, block: Tensor) -> None:
        lengths, device = self.layout.lengths, block.device
        assert lengths is not None
        columns = torch.arange(self.layout.batch) if self.order is None else self.order.cpu()
        if self.kept.batch is not None:
            columns = columns[self.kept.batch]
        columns = columns.to(device)
        ends = lengths[columns]
        read = torch.arange(first, first + len(block), device=device).unsqueeze(1)
        valid = read < ends
        times = ends - 1 - read if self.reverse else read.expand(-1, len(columns))
        if self.kept.time is not None:
            places = torch.full((self.layout.time,), -1, device=device)
            places[self.kept.time.to(device)] = torch.arange(len(self.kept.time), device=device)
            times = places[times.clamp(min=0)]
            valid = valid & (times >= 0)
        row, column = valid.nonzero(as_tuple=True)
        room[times[valid], column] = block[row, columns[column]]


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
