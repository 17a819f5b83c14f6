"""Time and batch of a fused call: dense, or packed with sequences of different lengths."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Layout:
    """How a call's rows map to (time, batch).

    Attributes
    ----------
    time, batch
        Number of steps (of the longest sequence) and of sequences.
    batch_sizes
        Of a packed sequence, on the CPU; None for a dense one.
    mask
        (time, batch), True where a sequence has a step; None for a dense one.
    lengths
        (batch,) in the packed order; None for a dense one.
    starts
        (time,), the row with which each step of a packed sequence begins; None for a dense one.
    """

    time: int
    batch: int
    batch_sizes: Tensor | None = None
    mask: Tensor | None = None
    lengths: Tensor | None = None
    starts: Tensor | None = None

    @classmethod
    def packed(cls, batch_sizes: Tensor, device: torch.device) -> "Layout":
        """Read the layout of a packed sequence from its batch sizes."""
        batch = int(batch_sizes[0])
        rows = torch.arange(batch, device=device)
        mask = rows < batch_sizes.to(device).unsqueeze(1)
        starts = (batch_sizes.cumsum(0) - batch_sizes).to(device)
        return cls(len(batch_sizes), batch, batch_sizes, mask, mask.sum(0), starts)

    def block(self, rows: Tensor, first: int, stop: int, *, reverse: bool = False) -> Tensor:
        """Steps from ``first`` to before ``stop`` as a layer reads them, (time, batch, unit).

        A reverse layer reads each sequence from its own end. Past a packed sequence's end are
        zeros.
        """
        if self.mask is None:
            if reverse:
                return rows[self.time - stop : self.time - first].flip(0)
            return rows[first:stop]
        places = self._places(first, stop, reverse=reverse)
        return rows[places].masked_fill_(~self.mask[first:stop].unsqueeze(-1), 0)

    def put(self, rows: Tensor, first: int, block: Tensor, *, reverse: bool = False) -> None:
        """Undo `block`: put steps from ``first`` on into rows."""
        stop = first + len(block)
        if self.mask is not None:
            valid = self.mask[first:stop]
            rows[self._places(first, stop, reverse=reverse)[valid]] = block[valid]
        elif reverse:
            rows[self.time - stop : self.time - first] = block.flip(0)
        else:
            rows[first:stop] = block

    def unpad(self, padded: Tensor) -> Tensor:
        """Rows from (time, batch, unit)."""
        return padded if self.mask is None else padded[self.mask]

    def turned(self, rows: Tensor) -> Tensor:
        """Rows with each sequence turned around within its own length."""
        if self.mask is None:
            return rows.flip(0)
        return rows[self._places(0, self.time, reverse=True)[self.mask]]

    def _places(self, first: int, stop: int, *, reverse: bool) -> Tensor:
        """(time, batch): where a packed sequence's steps lie; anywhere past its end."""
        assert self.lengths is not None
        assert self.starts is not None
        steps = torch.arange(first, stop, device=self.lengths.device).unsqueeze(1)
        times = (self.lengths - 1 - steps if reverse else steps).clamp(min=0)
        times = torch.minimum(times, self.lengths - 1)
        return self.starts[times] + torch.arange(self.batch, device=self.lengths.device)

    def add_at_end(self, padded: Tensor, last: Tensor, first: int = 0) -> None:
        """Add (batch, unit) to each sequence's last step, in place.

        ``padded`` are steps from ``first`` on; sequences that end elsewhere get nothing.
        """
        assert self.lengths is not None
        steps = self.lengths - 1 - first
        here = ((steps >= 0) & (steps < len(padded))).nonzero().squeeze(1)
        padded[steps[here], here] += last[here]
