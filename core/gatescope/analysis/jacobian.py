"""How one step's state depends on the step before: Jacobians of cells and of torch's layers.

The state s is every state that a cell hands on, one after another in the order of
``cell.states``: (h, c) for an LSTM, h for an RNN and a GRU. Leaving c out of an LSTM's state
misses the very path on which it remembers.
"""

import torch
from torch import Tensor, nn

from gatescope.cells import Cell, copy_weights, make_cell

MOST_NUMBERS = 1_000_000
"""Numbers in the intermediate tensors of one call; what fits the processor's cache is fast."""


def as_cell(layer: nn.Module, number: int = 0, *, reverse: bool = False) -> Cell:
    """One of our cells with the weights of a torch layer; a cell is given back as it is.

    Parameters
    ----------
    layer
        A ``Cell``, ``torch.nn.RNN``, ``LSTM`` or ``GRU``.
    number, reverse
        Which of a torch module's layers and directions.

    Raises
    ------
    ValueError
        For any other module, a layer that is not there, or an LSTM with projections.
    """
    if isinstance(layer, Cell):
        return layer
    if not isinstance(layer, nn.RNN | nn.LSTM | nn.GRU):
        raise ValueError(
            f"a Jacobian needs a gatescope cell or torch.nn.RNN, LSTM or GRU, "
            f"got {type(layer).__name__}"
        )
    if layer.proj_size:
        raise ValueError(f"an LSTM with proj_size={layer.proj_size} is not supported: take 0")
    width = layer.input_size
    if number:
        width = layer.hidden_size * (2 if layer.bidirectional else 1)
    kind = {nn.RNN: "rnn", nn.LSTM: "lstm", nn.GRU: "gru"}
    name = next(kind[base] for base in kind if isinstance(layer, base))
    options = {"nonlinearity": layer.nonlinearity} if isinstance(layer, nn.RNN) else {}
    cell = make_cell(name, width, layer.hidden_size, bias=layer.bias, **options)
    weight = layer.weight_ih_l0
    assert isinstance(weight, Tensor)
    cell = cell.to(weight)
    copy_weights(layer, cell, layer=number, reverse=reverse)
    return cell


def states_of(cell: Cell, inputs: Tensor) -> Tensor:
    """Run a cell over a sequence from zero states.

    Parameters
    ----------
    cell
        Any cell.
    inputs
        (time, batch, feature), in the order in which the cell reads.

    Returns
    -------
    Tensor
        (time + 1, batch, state): the zero state, then the state after each step.
    """
    state = cell.initial_state(inputs[0])
    states = [torch.cat([state[name] for name in cell.states], dim=-1)]
    with torch.no_grad():
        for x in inputs.unbind(0):
            signals = cell.step(x, state)
            state = {name: signals[name] for name in cell.states}
            states.append(torch.cat(list(state.values()), dim=-1))
    return torch.stack(states)


def step_jacobians(
    layer: nn.Module, inputs: Tensor, number: int = 0, *, reverse: bool = False
) -> Tensor:
    """ds_t/ds_{t-1} at every step of a sequence, from zero states.

    Parameters
    ----------
    layer
        One of our cells, or ``torch.nn.RNN``, ``LSTM`` or ``GRU``; its weights are not touched.
    inputs
        (time, batch, feature): what that layer reads, in the order in which it reads, and in the
        dtype of its weights (float64 keeps the digits of long products).
    number, reverse
        Which of a torch module's layers and directions.

    Returns
    -------
    Tensor
        (time, batch, state, state): element [t, b, i, j] is ds_t[i]/ds_{t-1}[j] of example b.

    Raises
    ------
    ValueError
        When the layer is not supported, or the inputs do not fit it.
    """
    cell = as_cell(layer, number, reverse=reverse)
    if inputs.ndim != 3 or inputs.shape[-1] != cell.input_size:
        raise ValueError(
            f"inputs must be (time, batch, {cell.input_size}), got {tuple(inputs.shape)}"
        )
    time, batch, _ = inputs.shape
    size, units = len(cell.states) * cell.hidden_size, cell.hidden_size

    def step(state: Tensor, x: Tensor) -> Tensor:
        parts = torch.split(state[None], units, dim=-1)
        signals = cell.step(x[None], dict(zip(cell.states, parts, strict=True)))
        return torch.cat([signals[name] for name in cell.states], dim=-1)[0]

    jacobian = torch.func.vmap(torch.func.jacrev(step))
    with torch.no_grad():
        before = states_of(cell, inputs)[:-1].reshape(-1, size)
        read = inputs.reshape(-1, inputs.shape[-1])
        chunk = max(1, MOST_NUMBERS // (size * len(cell.weight_ih)))
        parts = [
            jacobian(s, x)
            for s, x in zip(torch.split(before, chunk), torch.split(read, chunk), strict=True)
        ]
    return torch.cat(parts).reshape(time, batch, size, size)
