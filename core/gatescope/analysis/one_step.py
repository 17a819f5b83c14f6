"""One step of torch's three cells taken apart: every term of every equation, forward and back.

Glossary, name to symbol: ``<gate>_from_input`` W x_t, ``<gate>_from_hidden`` U h_{t-1},
``<gate>_bias`` b, ``<gate>_pre`` their sum a, the gate itself sigma(a) or tanh(a);
``kept`` and ``written`` the two terms of the new state; ``<state>_before`` the state one step
earlier. ``grad_`` + name is dL/d name, a total derivative unless said otherwise:
``grad_hidden_state_above`` and ``grad_hidden_state_later`` are the two terms of dL/dh_t (from the
loss or the layer above, and from the step that is read next), ``<gate>_back`` is what reaches
h_{t-1} through that gate of all units, U^T da, and ``grad_hidden_state_before`` what reaches it
in all: the ``later`` of the step before.
"""

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gatescope.analysis.step_terms import BACKWARD, FORWARD, Terms, Weights
from gatescope.cells import Cell
from gatescope.cells.gru import GRU
from gatescope.cells.lstm import LSTM
from gatescope.cells.rnn import RNN

CELL_NAMES: dict[type[Cell], str] = {RNN: "rnn", LSTM: "lstm", GRU: "gru"}

TOLERANCE = 1e-3
"""A gate worked out from the weights may differ from the recorded one by float32 and tf32."""


def one_step(layer: xr.Dataset, cell: Cell, inputs: Tensor, example: int = 0) -> xr.Dataset:
    """Take every step of one example apart, for all units.

    Parameters
    ----------
    layer
        One layer and direction of a trace of torch's RNN, LSTM or GRU, started from zero states;
        recorded with a loss, it gives the backward step too.
    cell
        That layer's weights, as from ``gatescope.analysis.as_cell``.
    inputs
        (time, feature), what this layer read in this example, as from `layer_inputs`.
    example
        Which example of the batch.

    Returns
    -------
    xarray.Dataset
        (time, unit), float64, in input time. "Before" and "later" follow the reading direction: a
        reverse layer has read t + 1 before t. Where the loss reads an LSTM's last cell state,
        that gradient counts as ``grad_cell_state_later`` of the last step that is read.

    Raises
    ------
    ValueError
        For another cell, a projection, or weights and inputs that do not give this recording.
    """
    kind = type(cell)
    if kind not in FORWARD or layer.attrs["cell"] != CELL_NAMES[kind]:
        raise ValueError(
            f"one_step takes torch's rnn, lstm and gru apart; the trace holds "
            f"{layer.attrs['cell']!r}, the weights are of {kind.__name__}"
        )
    one = layer.isel(batch=example)
    if "length" in layer.coords:
        one = one.isel(time=slice(int(layer["length"].values[example])))
    if "projection" in one.dims:
        raise ValueError("one_step does not know projections: record an LSTM without proj_size")
    steps, width = one.sizes["time"], cell.input_size
    if inputs.ndim != 2 or inputs.shape[1] != width or len(inputs) < steps:
        raise ValueError(f"inputs must be ({steps}, {width}), got {tuple(inputs.shape)}")
    turn = slice(None, None, -1 if layer.attrs["direction"] == "reverse" else 1)
    s = {str(name): one[name].values.astype("float64")[turn] for name in one.data_vars}
    x = inputs[:steps].detach().double().cpu().numpy()[turn]
    w = Weights(cell)
    terms = FORWARD[kind](s, x, w)
    _check(s, terms, cell)
    if "grad_hidden_state" in s:
        terms |= BACKWARD[kind](s, terms, w)
    return xr.Dataset(
        {name: (("time", "unit"), values[turn].copy()) for name, values in terms.items()},
        coords={"time": one["time"].values, "unit": one["unit"].values},
        attrs=layer.attrs,
    )


def layer_inputs(trace: xr.DataTree, node: str, inputs: Tensor, example: int = 0) -> Tensor:
    """What a layer reads in one example: the network's input, or the hidden states below it.

    Parameters
    ----------
    trace
        The whole recording, of a network in eval mode (dropout between layers is not recorded).
    node
        Path of the layer, as ``"lstm/l1_reverse"``.
    inputs
        (time, batch, feature), what the recurrent module was given.
    example
        Which example of the batch.

    Returns
    -------
    Tensor
        (time, feature), float64, in input time.
    """
    module, _, name = node.rpartition("/")
    number = int(name.removeprefix("l").removesuffix("_reverse"))
    if number == 0:
        return inputs[:, example].detach().double().cpu()
    below = [f"{module}/l{number - 1}{end}" for end in ("", "_reverse")]
    leaves = {leaf.path.strip("/"): leaf for leaf in trace.leaves}
    states = [
        leaves[path].to_dataset()["hidden_state"].isel(batch=example).values
        for path in below
        if path in leaves
    ]
    return torch.from_numpy(np.concatenate(states, axis=-1)).double()


def _check(s: Terms, terms: Terms, cell: Cell) -> None:
    """Make sure that weights and inputs are those of the recording."""
    for name in cell.blocks:
        a = terms[f"{name}_pre"]
        if name.endswith("_gate"):
            value = 0.5 * (1 + np.tanh(a / 2))
        else:
            relu = isinstance(cell, RNN) and cell.nonlinearity == "relu"
            value = np.maximum(a, 0) if relu else np.tanh(a)
        off = np.abs(value - s[name]).max(initial=0.0)
        if off > TOLERANCE * max(1.0, np.abs(value).max(initial=0.0)):
            raise ValueError(
                f"the {name} of these weights and inputs differs from the recorded one by "
                f"{off:.2g}: give the network and inputs that were recorded, from zero states"
            )
