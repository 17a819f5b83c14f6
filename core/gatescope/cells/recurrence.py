"""The one class that owns time: it runs cells over a sequence, in layers and directions."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gatescope.cells.base import Cell, Signals
from gatescope.cells.observer import Step, current_observer


class Recurrence(nn.Module):
    """Cells unrolled over time.

    Parameters
    ----------
    cells
        The cells layer by layer; with ``bidirectional`` two a layer, forward then backward.
    bidirectional
        Each layer also reads the sequence from its end; the two outputs stand side by side.
    dropout
        Probability of dropping an output between two layers, while training.

    Examples
    --------
    Two different cells, one on the other:

    >>> import gatescope, torch
    >>> cells = [gatescope.make_cell("lstm", 3, 8), gatescope.make_cell("janet", 8, 4)]
    >>> gatescope.Recurrence(cells)(torch.randn(20, 5, 3)).shape
    torch.Size([20, 5, 4])
    """

    def __init__(
        self, cells: Sequence[Cell], *, bidirectional: bool = False, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.directions = 2 if bidirectional else 1
        if not cells or len(cells) % self.directions:
            raise ValueError(
                f"got {len(cells)} cells: give at least one for each layer and direction "
                f"({self.directions} a layer)"
            )
        self.cells = nn.ModuleList(cells)
        self.dropout = dropout

    def forward(self, inputs: Tensor) -> Tensor:
        """Run the whole sequence from zero states.

        Parameters
        ----------
        inputs
            (time, batch, feature).

        Returns
        -------
        Tensor
            (time, batch, directions * unit), the last layer's hidden states.
        """
        outputs = inputs
        for first in range(0, len(self.cells), self.directions):
            if first and self.dropout:
                outputs = nn.functional.dropout(outputs, self.dropout, self.training)
            halves = [
                self._direction(outputs, first // self.directions, reverse=bool(direction))
                for direction in range(self.directions)
            ]
            outputs = torch.cat(halves, dim=-1)
        return outputs

    def _direction(self, inputs: Tensor, layer: int, *, reverse: bool) -> Tensor:
        cell = self.cells[layer * self.directions + reverse]
        assert isinstance(cell, Cell)
        observer = current_observer()
        step: Step = cell.step
        if observer is not None:
            inputs = observer.attach(inputs)
            step = observer.stepper(self, layer, reverse, len(inputs), step)
        state = cell.initial_state(inputs[0])
        if observer is not None:
            state = {name: observer.attach(value) for name, value in state.items()}
        steps: list[Signals] = []
        for x in reversed(inputs.unbind(0)) if reverse else inputs.unbind(0):
            signals = step(x, state)
            state = {name: signals[name] for name in cell.states}
            steps.append(signals)
        if observer is not None:
            observer.layer(self, layer, reverse, steps)
        hidden = [signals["hidden_state"] for signals in steps]
        return torch.stack(hidden[::-1] if reverse else hidden)
