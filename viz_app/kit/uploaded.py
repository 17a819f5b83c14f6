"""What somebody brings: a layer's weights and an input, or a recording."""

from pathlib import Path

import torch
import xarray as xr
from torch import nn

from gatescope import Run, TraceError
from gatescope.experiments import Shelf
from gatescope.experiments.memory import fingerprint
from gatescope.loading import LayerWeights
from gatescope.tasks.uploaded import MOST_NUMBERS
from gatescope.training import own_run
from gatescope.training.build import PROBE_EXAMPLES
from viz_app.kit.library import Library
from viz_app.text import say
from viz_app.text.plain import NAME, code, plain

MOST_BYTES, MOST_WEIGHTS = 2**26, 2**25
"""Of a recording's numbers; and of a network's weights, in float32."""

MOST_VALUES, MOST_PRODUCTS = 2**22, 2 * 10**10
"""Of one signal over all that is recorded; and of weights with inputs, at all steps."""

MOST_UNITS, MOST_SIGNALS = 2**13, 64
"""Of a layer in a recording: each unit has a row and a line of text, each signal a heatmap."""

PREFIX = "own"

PREPARED = "adding-lstm"
"""The run with which the page opens."""

SAMPLE_STEPS, SAMPLE_SEED = 40, 0
"""Of the input that a network reads until one is brought for it."""


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
    """An input for a network for which none was brought: (time, 1, feature), normal numbers.

    Raises
    ------
    ValueError
        When it would hold more numbers than an input may.
    """
    if features * SAMPLE_STEPS > MOST_NUMBERS:
        most = MOST_NUMBERS // SAMPLE_STEPS
        raise ValueError(say("your_model.many_features", count=features, most=most))
    generator = torch.Generator().manual_seed(SAMPLE_SEED)
    return torch.randn(SAMPLE_STEPS, 1, features, generator=generator)


def key_of(run: Run) -> str:
    """The name under which a network and its input are kept, which tells them from any other."""
    return PREFIX + fingerprint(run)[:16]


def kept(layer: nn.RNNBase, inputs: torch.Tensor, folder: Path, owner: str = "") -> tuple[str, Run]:
    """Keep a network and its input as a run in a store; the same again is the same run.

    Parameters
    ----------
    layer, inputs
        As in ``gatescope.training.own_run``.
    folder
        The store's.
    owner
        Whoever brings it, and has room for so many; their oldest ones make place.

    Returns
    -------
    tuple
        The run's name there, and the run.

    Raises
    ------
    ValueError
        When they do not fit each other, or are too large to be shown.
    """
    require_small(layer, inputs)
    run = own_run(layer, inputs)
    key = key_of(run)
    Shelf(folder, PREFIX).put(key, run, owner)
    return key, run


def opened(key: str, folder: Path, owner: str = "") -> None:
    """Note that somebody looks at a network that was brought, so that it stays."""
    Shelf(folder, PREFIX).opened(key, owner)


def require_small(layer: nn.RNNBase, inputs: torch.Tensor) -> None:
    """Raise ValueError where running a network on its input would take too long here."""
    count = sum(weight.numel() for weight in layer.state_dict().values())
    steps, examples = inputs.shape[:2]
    examples = min(examples, PROBE_EXAMPLES)
    values = steps * examples * layer.hidden_size * layer.num_layers * (1 + layer.bidirectional)
    for key, found, most in (
        ("weights", 4 * count / 1e6, MOST_WEIGHTS / 1e6), ("values", values, MOST_VALUES),
        ("products", steps * examples * count, MOST_PRODUCTS),
    ):  # fmt: skip
        if found > most:
            raise ValueError(say(f"your_model.many_{key}", count=found, most=most))


def require_shown(trace: xr.DataTree, name: str) -> None:
    """Raise TraceError for a recording in which there is nothing to see."""
    for leaf in trace.leaves:
        if not leaf.data_vars or not all(leaf.sizes.values()):
            raise TraceError(say("your_model.no_signals", name=name, layer=leaf.path))
        if leaf.sizes["unit"] > MOST_UNITS:
            raise TraceError(
                say("your_model.many_units", name=name, layer=leaf.path,
                    count=leaf.sizes["unit"], most=MOST_UNITS)
            )  # fmt: skip
        if len(leaf.data_vars) > MOST_SIGNALS:
            raise TraceError(
                say("your_model.many_signals", name=name, layer=leaf.path,
                    count=len(leaf.data_vars), most=MOST_SIGNALS)
            )  # fmt: skip


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
