"""What somebody brings: a layer's weights and an input, or a recording."""

import tempfile
from pathlib import Path

import torch
import xarray as xr
from torch import nn

from gatescope import Run, load_trace, save_run
from gatescope.experiments.memory import fingerprint
from gatescope.training import own_run
from viz_app.text import say

MOST_BYTES = 2**28
"""Of a recording's numbers."""

MOST_KEPT = 200
"""Networks that were brought and are kept on a server."""

PREFIX = "own"


class TooManyError(ValueError):
    """The server keeps as many networks as it may."""


def described(layer: nn.RNNBase) -> str:
    """A layer as one would write it."""
    options = [
        f"{layer.input_size}, {layer.hidden_size}",
        *([f"num_layers={layer.num_layers}"] if layer.num_layers > 1 else []),
        *(["bidirectional=True"] if layer.bidirectional else []),
        *([] if layer.bias else ["bias=False"]),
        *([f"proj_size={layer.proj_size}"] if layer.proj_size else []),
        *(['nonlinearity="relu"'] if layer.mode == "RNN_RELU" else []),
    ]
    return f"nn.{type(layer).__name__}({', '.join(options)})"


def found(layer: nn.RNNBase) -> str:
    """What was inferred from the weights, in a sentence."""
    count = sum(weight.numel() for weight in layer.state_dict().values())
    dtype = str(layer.weight_ih_l0.dtype).removeprefix("torch.")
    return say("your_model.found", layer=f"`{described(layer)}`", parameters=count, dtype=dtype)


def kept(layer: nn.RNNBase, inputs: torch.Tensor, folder: Path) -> tuple[str, Run]:
    """Keep a network and its input as a run in a store; the same again is the same run.

    Parameters
    ----------
    layer, inputs
        As in ``gatescope.training.own_run``.
    folder
        The store's.

    Returns
    -------
    tuple
        The run's name there, and the run.

    Raises
    ------
    ValueError
        When they do not fit each other, or are too large to be shown.
    TooManyError
        When `MOST_KEPT` are there already.
    """
    run = own_run(layer, inputs)
    key = PREFIX + fingerprint(run)[:16]
    if not (folder / key).exists():
        if sum(1 for _ in folder.glob(f"{PREFIX}*")) >= MOST_KEPT:
            raise TooManyError(say("your_model.full", most=MOST_KEPT))
        save_run(run, folder / key)
    return key, run


def recording(data: bytes, name: str) -> xr.DataTree:
    """A recording from a file's content.

    Raises
    ------
    TraceError
        When it is none, is damaged or too large.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.nc"
        path.write_bytes(data)
        try:
            return load_trace(path, most_bytes=MOST_BYTES)
        except ValueError as error:
            raise type(error)(str(error).replace(str(path), name)) from None


def told(trace: xr.DataTree) -> str:
    """What a recording holds, in a sentence."""
    layers = list(trace.leaves)
    first = layers[0]
    gradients = any(str(name).startswith("grad_") for name in first.data_vars)
    return say(
        "your_model.trace_found",
        layers=", ".join(leaf.path.strip("/") for leaf in layers),
        examples=first.sizes["batch"],
        steps=first.sizes["time"],
        version=trace.attrs.get("gatescope", "?"),
        gradients=say(f"your_model.{'with' if gradients else 'without'}_gradients"),
    )
