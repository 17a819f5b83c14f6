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
    """

    time: int
    batch: int
    batch_sizes: Tensor | None = None
    mask: Tensor | None = None
    lengths: Tensor | None = None

    @classmethod
    def packed(cls, batch_sizes: Tensor, device: torch.device) -> "Layout":
        """Read the layout of a packed sequence from its batch sizes."""
        batch = int(batch_sizes[0])
        rows = torch.arange(batch, device=device)
        mask = rows < batch_sizes.to(device).unsqueeze(1)
        return cls(len(batch_sizes), batch, batch_sizes, mask, mask.sum(0))

    def pad(self, rows: Tensor) -> Tensor:
        """Bring rows to (time, batch, unit), zeros past a sequence's end."""
        if self.mask is None:
            return rows
        padded = rows.new_zeros(self.time, self.batch, rows.shape[-1])
        padded[self.mask] = rows
        return padded

    def unpad(self, padded: Tensor) -> Tensor:
        """Undo `pad`."""
        return padded if self.mask is None else padded[self.mask]

    def flip(self, padded: Tensor) -> Tensor:
        """Turn each sequence around within its own length."""
        if self.mask is None or self.lengths is None:
            return padded.flip(0)
        steps = torch.arange(self.time, device=padded.device).unsqueeze(1)
        source = (self.lengths - 1 - steps).clamp(min=0).unsqueeze(-1)
        turned = padded.gather(0, source.expand(padded.shape))
        return turned.masked_fill_(~self.mask.unsqueeze(-1), 0)

    def add_at_end(self, padded: Tensor, last: Tensor, first: int = 0) -> None:
        """Add (batch, unit) to each sequence's last step, in place.

        ``padded`` are steps from ``first`` on; sequences that end elsewhere get nothing.
        """
        assert self.lengths is not None
        steps = self.lengths - 1 - first
        here = ((steps >= 0) & (steps < len(padded))).nonzero().squeeze(1)
        padded[steps[here], here] += last[here]
