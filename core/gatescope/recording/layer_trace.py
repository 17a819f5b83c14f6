"""What recording produces before it becomes a tree: frozen tensors, one value a layer and call."""

from dataclasses import dataclass

from torch import Tensor


class RecordError(RuntimeError):
    """A model that cannot be recorded; the message says why and what to do."""


@dataclass(frozen=True)
class LayerTrace:
    """The signals of one layer and direction in one call of its module.

    Attributes
    ----------
    path
        The module's path in the model, as in ``named_modules``.
    layer, reverse
        Which layer, and whether it reads the sequence from its end.
    cell
        ``rnn``, ``lstm``, ``gru``, or the name of one of our own cells.
    retention_gate
        The signal that multiplies the old state, or "" where there is none.
    signals
        (time, batch, unit) by name, in input time, gradients as ``grad_`` + name.
    lengths
        (batch,) of a packed batch, else None.
    """

    path: str
    layer: int
    reverse: bool
    cell: str
    retention_gate: str
    signals: dict[str, Tensor]
    lengths: Tensor | None = None

    @property
    def name(self) -> str:
        """The node's name below its module: ``l0``, ``l0_reverse``, ``l1`` ..."""
        return f"l{self.layer}" + ("_reverse" if self.reverse else "")
