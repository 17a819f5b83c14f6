"""Where the gates start: torch's default, a forget bias, or chrono."""

import torch
from torch import Tensor, nn

from gatescope.cells import Cell, Recurrence
from gatescope.cells.gru import GRU
from gatescope.cells.lstm import LSTM
from gatescope.models import SequenceModel

TORCH_CELLS: dict[type[nn.Module], type[Cell]] = {nn.LSTM: LSTM, nn.GRU: GRU}


def set_forget_bias(model: SequenceModel, bias: float) -> None:
    """Set the retention gate's bias of every layer and direction, in total (Gers et al. 2000).

    Torch adds two biases; the first takes the whole value, the second becomes 0.
    """
    for first, second, cell in _biases(model):
        gate = cell.retention_gate
        assert gate is not None
        _fill(first, second, cell, gate, torch.full_like(_block(first, cell, gate), bias))


def set_chrono(model: SequenceModel, max_steps: int, seed: int) -> None:
    """Spread the retention gates' time scales up to ``max_steps``.

    b_f = ln U[1, T_max - 1], and b_i = -b_f where an input gate has weights of its own; for a
    GRU the update gate takes b_f. Source: Tallec & Ollivier, 'Can recurrent neural networks
    warp time?', ICLR 2018.

    Parameters
    ----------
    model
        Its biases are changed in place.
    max_steps
        T_max, the longest time scale in steps, at least 3.
    seed
        Seeds the draw.
    """
    draw = torch.Generator().manual_seed(seed)
    for first, second, cell in _biases(model):
        gate = cell.retention_gate
        assert gate is not None
        uniform = torch.rand(len(_block(first, cell, gate)), generator=draw)
        bias = torch.log(1 + uniform * (max_steps - 2)).to(first)
        _fill(first, second, cell, gate, bias)
        if "input_gate" in cell.blocks:
            _fill(first, second, cell, "input_gate", -bias)


def _biases(model: SequenceModel) -> list[tuple[Tensor, Tensor | None, type[Cell]]]:
    """The bias vectors of every layer and direction, with the cell that explains their blocks.

    A cell whose gates see the input alone has only one.
    """
    recurrent = model.recurrent
    if isinstance(recurrent, Recurrence):
        cells = [cell for cell in recurrent.cells if isinstance(cell, Cell)]
        return [
            (cell.bias_ih, cell.bias_hh, type(cell))
            for cell in cells
            if cell.retention_gate and cell.bias_ih is not None
        ]
    assert isinstance(recurrent, nn.RNNBase)
    if type(recurrent) not in TORCH_CELLS:
        return []
    suffixes = ["", "_reverse"][: 2 if recurrent.bidirectional else 1]
    return [
        (
            getattr(recurrent, f"bias_ih_l{layer}{suffix}"),
            getattr(recurrent, f"bias_hh_l{layer}{suffix}"),
            TORCH_CELLS[type(recurrent)],
        )
        for layer in range(recurrent.num_layers)
        for suffix in suffixes
    ]


def _block(bias: Tensor, cell: type[Cell], gate: str) -> Tensor:
    return bias.detach().chunk(len(cell.blocks))[cell.blocks.index(gate)]


def _fill(first: Tensor, second: Tensor | None, cell: type[Cell], gate: str, value: Tensor) -> None:
    _block(first, cell, gate).copy_(value)
    if second is not None:
        _block(second, cell, gate).zero_()
