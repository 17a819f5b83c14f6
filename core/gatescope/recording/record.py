"""The one call: a model and its inputs in, every gate, state and gradient out."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import Any

import torch
import xarray as xr
from torch import Tensor, nn

from gatescope.cells.observer import observe
from gatescope.recording.intercept import Interceptor
from gatescope.recording.keeper import Keeper, NamePath
from gatescope.recording.layer_trace import LayerTrace, RecordError
from gatescope.recording.own import OwnCells
from gatescope.recording.selection import EVERYTHING, Indices, Selection
from gatescope.recording.surroundings import (
    nothing_ran,
    require_followed,
    require_visible,
    uncompiled,
    untouched,
)
from gatescope.recording.tree import make_tree


def record(
    model: nn.Module,
    inputs: Any,
    loss: Callable[[Any], Tensor] | None = None,
    *,
    signals: Iterable[str] | None = None,
    layers: Iterable[str] | None = None,
    examples: Indices = None,
    units: Indices = None,
    time: slice | int | None = None,
) -> xr.DataTree:
    """Record every gate, state and gradient of a model's recurrent layers.

    The model runs once, in the mode it is in. Afterwards it is as it was: weights, gradients,
    buffers, hooks, and the random state.

    Parameters
    ----------
    model
        Any module that holds, anywhere inside, ``torch.nn.RNN``, ``LSTM`` or ``GRU``, their
        single-step cells, or one of our own cells; or such a module itself. What is compiled
        runs as the module that was compiled.
    inputs
        What its forward takes: a tensor, a ``PackedSequence``, or a tuple of arguments.
    loss
        From the model's output to a scalar. With it, ``grad_<signal>`` is there for every
        signal: the total derivative of that scalar, as ``retain_grad`` would report it had the
        cell been written as a Python loop. Works in eval mode and on frozen weights.
    signals
        Names to keep, as ``("forget_gate", "grad_cell_state")``; None keeps all.
    layers
        Nodes to keep, as ``("lstm/l0",)``; None keeps all.
    examples, units
        Indices to keep along the batch and along the hidden units (not along the shorter state
        of a projected LSTM): one, several or a slice, counted from 0. None keeps all.
    time
        Steps to keep: a slice counted from the first step, or a stride: 10 keeps every tenth.
        Where a module is called several times, its calls follow one another along time. None
        keeps all. What is not kept takes no memory, and changes no number that is.

    Returns
    -------
    xarray.DataTree
        One node a layer and direction, ``<module path>/l0``, ``<module path>/l0_reverse``, ...;
        each signal has the dimensions (time, batch, unit), and the reverse direction is laid out
        in input time. A packed batch has a ``length`` coordinate and NaN past each end; unbatched
        input is a batch of one. Numbers are in the model's precision; bfloat16 and float16 are
        stored as float32 (the attribute ``dtype`` says what the model had) and are good to about
        3 % of a signal's largest value.

    Raises
    ------
    RecordError
        When no recurrent layer ran, when one cannot be seen (scripted, quantised, in another
        thread, without gradients although there is a loss, under autocast), when the loss is no
        scalar or has no gradient, when an index or a name does not exist, or when what is asked
        for does not fit into memory.

    Examples
    --------
    >>> import gatescope, torch
    >>> lstm = torch.nn.LSTM(3, 8, num_layers=2)
    >>> trace = gatescope.record(lstm, torch.randn(20, 5, 3), lambda output: output[0].sum())
    >>> [node.path for node in trace.leaves]
    ['/lstm/l0', '/lstm/l1']
    >>> trace["lstm/l0"]["forget_gate"].dims, trace["lstm/l0"]["grad_cell_state"].shape
    (('time', 'batch', 'unit'), (20, 5, 8))

    Less of it:

    >>> part = gatescope.record(lstm, torch.randn(20, 5, 3), signals="forget_gate", time=5)
    >>> part["lstm/l1"]["time"].values.tolist(), list(part["lstm/l1"].data_vars)
    ([0, 5, 10, 15], ['forget_gate'])
    """
    selection = Selection.of(signals, layers, examples, units, time)
    _, trace = observed_run(model, inputs, loss, recorder, selection)
    return trace


MakeRecorder = Callable[[Tensor | None, Keeper], tuple[Interceptor, OwnCells]]
"""From an anchor, as in `replay`, to what sees fused calls and what sees our own cells."""


def recorder(anchor: Tensor | None, keeper: Keeper) -> tuple[Interceptor, OwnCells]:
    """See what runs, and change nothing."""
    own = OwnCells(anchor, keeper)
    return Interceptor(anchor, own), own


def observed_run(
    model: nn.Module,
    inputs: Any,
    loss: Callable[[Any], Tensor] | None,
    make: MakeRecorder,
    selection: Selection = EVERYTHING,
) -> tuple[Any, xr.DataTree]:
    """Run a model once under a recorder; everything else as in `record`.

    Returns
    -------
    tuple
        The model's output, and the trace.
    """
    require_visible(model)
    if loss is not None:
        require_followed(model)
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.set_grad_enabled(loss is not None))
        stack.enter_context(untouched(model))
        stack.enter_context(uncompiled(model))
        anchor = None if loss is None else _anchor(model)
        interceptor, own = make(anchor, Keeper(selection, module_paths(model)))
        arguments = inputs if _is_arguments(inputs) else (inputs,)
        with interceptor, observe(own):
            output = model(*_usable(arguments))
        if not interceptor.calls and not own.layers:
            raise RecordError(nothing_ran(model))
        value = None
        gradients: Sequence[Tensor | None] = []
        if loss is not None and anchor is not None:
            value = _scalar(loss(output))
            gradients = _differentiate(value, anchor, own.tensors())
    traces = _traces(interceptor, own, gradients)
    number = None if value is None else float(value.detach())
    return output, make_tree(traces, number, selection)


def _is_arguments(inputs: Any) -> bool:
    """A plain tuple is the arguments; a PackedSequence, a named tuple, is one of them."""
    return type(inputs) is tuple


def _anchor(model: nn.Module) -> Tensor:
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    return torch.zeros((), device=device, requires_grad=True)


def _usable(arguments: Any) -> Any:
    """The same, with a copy of each tensor that was made in inference mode."""
    return torch.utils._pytree.tree_map_only(
        Tensor, lambda tensor: tensor.clone() if tensor.is_inference() else tensor, arguments
    )


def _scalar(value: Any) -> Tensor:
    if not isinstance(value, Tensor) or value.numel() != 1:
        found = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise RecordError(
            f"the loss must be a scalar tensor, got {found}: reduce it, by .sum() or .mean()"
        )
    if not value.requires_grad:
        raise RecordError(
            "the loss has no gradient: it must be computed from the model's output by "
            "differentiable operations, without detach, .item() or no_grad"
        )
    return value


def _differentiate(value: Tensor, anchor: Tensor, own: list[Tensor]) -> Sequence[Tensor | None]:
    """Run the backward pass; nothing is accumulated into any ``.grad``."""
    reached, *gradients = torch.autograd.grad(value, [anchor, *own], allow_unused=True)
    if reached is None:
        raise RecordError(
            "the loss does not reach any recurrent layer: their outputs are detached, or unused"
        )
    return gradients


def _traces(
    interceptor: Interceptor, own: OwnCells, gradients: Sequence[Tensor | None]
) -> list[LayerTrace]:
    path_of = own.keeper.path_of
    traces = [
        direction.trace(path_of(call.module, direction.call.operation))
        for call in interceptor.calls
        for direction in call.directions
    ]
    own_paths = [path_of(layer.module, "cell") for layer in own.layers]
    return traces + own.traces(own_paths, gradients)


def module_paths(model: nn.Module) -> NamePath:
    """From a module, or None and what to call it then, to its path in the trace."""
    paths = {
        id(module): ".".join(part for part in path.split(".") if part != "_orig_mod")
        for path, module in model.named_modules()
    }

    def path_of(module: nn.Module | None, fallback: str) -> str:
        if module is None:
            return fallback
        return paths.get(id(module)) or type(module).__name__.lower()

    return path_of
