"""What somebody brings: a layer's weights and an input, or a recording."""

import tempfile
from pathlib import Path

import torch
import xarray as xr
from torch import nn

from gatescope import Run, load_trace, save_run
from gatescope.experiments.memory import fingerprint
from gatescope.reading import LayerWeights
from gatescope.training import own_run
from viz_app.text import say
from viz_app.text.plain import NAME, code, plain
from viz_app.views.library import Library

MOST_BYTES = 2**28
"""Of a recording's numbers."""

MOST_KEPT = 200
"""Networks that were brought and are kept on a server."""

PREFIX = "own"

PREPARED = "adding-lstm"
"""The run with which the page opens."""

SAMPLE_STEPS, SAMPLE_SEED = 40, 0
"""Of the input that a network reads until one is brought for it."""


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
    return say("your_model.found", layer=f"`{described(layer)}`", parameters=count)


def notes(weights: LayerWeights, layer: nn.RNNBase) -> list[str]:
    """What was done to the weights on the way from the file to the layer, a sentence each."""
    lines = []
    if weights.is_cell:
        lines.append(say("your_model.note_cell", cell=f"`nn.{type(layer).__name__}Cell`"))
    ways: dict[str, list[str]] = {}
    for name, way in weights.made.items():
        ways.setdefault(way, []).append(code(weights.label(name)))
    lines += [say(f"your_model.note_{way}", names=", ".join(of)) for way, of in ways.items()]
    if weights.dtype != torch.float32:
        dtype = str(weights.dtype).removeprefix("torch.")
        lines.append(say("your_model.note_precision", dtype=dtype))
    return lines


def prepared(library: Library) -> str | None:
    """The name of the run with which the page opens; None where there is none at all."""
    return PREPARED if PREPARED in library.runs else next(iter(library.runs), None)


def sample_inputs(features: int) -> torch.Tensor:
    """An input for a network for which none was brought: (time, 1, feature), normal numbers."""
    generator = torch.Generator().manual_seed(SAMPLE_SEED)
    return torch.randn(SAMPLE_STEPS, 1, features, generator=generator)


def key_of(run: Run) -> str:
    """The name under which a network and its input are kept, which tells them from any other."""
    return PREFIX + fingerprint(run)[:16]


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
    key = key_of(run)
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
        layers=", ".join(plain(leaf.path.strip("/"), NAME) for leaf in layers),
        examples=first.sizes["batch"],
        steps=first.sizes["time"],
        version=plain(trace.attrs.get("gatescope", "?"), NAME),
        gradients=say(f"your_model.{'with' if gradients else 'without'}_gradients"),
    )
