"""The one call: a model and its inputs in, every gate, state and gradient out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
import xarray as xr
from torch import Tensor, nn

from gatescope.cells.observer import observe
from gatescope.recording.intercept import Interceptor
from gatescope.recording.layer_trace import LayerTrace, RecordError
from gatescope.recording.own import OwnCells
from gatescope.recording.tree import make_tree


def record(
    model: nn.Module,
    inputs: Any,
    loss: Callable[[Any], Tensor] | None = None,
    *,
    signals: Iterable[str] | None = None,
    layers: Iterable[str] | None = None,
) -> xr.DataTree:
    """Record every gate, state and gradient of a model's recurrent layers.

    The model runs once, in the mode it is in. Afterwards it is as it was: weights, gradients,
    buffers, hooks, and the random state.

    Parameters
    ----------
    model
        Any module that holds, anywhere inside, ``torch.nn.RNN``, ``LSTM`` or ``GRU``, their
        single-step cells, or one of our own cells; or such a module itself.
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

    Returns
    -------
    xarray.DataTree
        One node a layer and direction, ``<module path>/l0``, ``<module path>/l0_reverse``, ...;
        each signal has the dimensions (time, batch, unit), and the reverse direction is laid out
        in input time. A packed batch has a ``length`` coordinate and NaN past each end.

    Raises
    ------
    RecordError
        When no recurrent layer ran, when the loss is no scalar or has no gradient, or when a
        name in ``signals`` or ``layers`` does not exist.
    """
    _, trace = observed_run(model, inputs, loss, recorder, signals=signals, layers=layers)
    return trace


MakeRecorder = Callable[[Tensor | None], tuple[Interceptor, OwnCells]]
"""From an anchor, as in `replay`, to what sees fused calls and what sees our own cells."""


def recorder(anchor: Tensor | None) -> tuple[Interceptor, OwnCells]:
    """See what runs, and change nothing."""
    own = OwnCells(anchor)
    return Interceptor(anchor, own), own


def observed_run(
    model: nn.Module,
    inputs: Any,
    loss: Callable[[Any], Tensor] | None,
    make: MakeRecorder,
    *,
    signals: Iterable[str] | None = None,
    layers: Iterable[str] | None = None,
) -> tuple[Any, xr.DataTree]:
    """Run a model once under a recorder; everything else as in `record`.

    Returns
    -------
    tuple
        The model's output, and the trace.
    """
    anchor = None if loss is None else _anchor(model)
    interceptor, own = make(anchor)
    arguments = inputs if _is_arguments(inputs) else (inputs,)
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.set_grad_enabled(loss is not None))
        stack.enter_context(_untouched(model))
        with interceptor, observe(own):
            output = model(*arguments)
        if not interceptor.calls and not own.layers:
            raise RecordError(_nothing_ran(model))
        value = None
        gradients: Sequence[Tensor | None] = []
        if loss is not None and anchor is not None:
            value = _scalar(loss(output))
            gradients = _differentiate(value, anchor, own.tensors())
    traces = _traces(model, interceptor, own, gradients, with_loss=loss is not None)
    number = None if value is None else float(value.detach())
    return output, make_tree(traces, number, signals, layers)


def _is_arguments(inputs: Any) -> bool:
    """A plain tuple is the arguments; a PackedSequence, a named tuple, is one of them."""
    return type(inputs) is tuple


def _anchor(model: nn.Module) -> Tensor:
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    return torch.zeros((), device=device, requires_grad=True)


@contextmanager
def _untouched(model: nn.Module) -> Iterator[None]:
    """Put the random state and every buffer back."""
    held = [
        (module._buffers, dict(module._buffers))
        for module in model.modules()
        if not isinstance(module, torch.jit.ScriptModule)
    ]
    buffers = [(buffer, buffer.detach().clone()) for buffer in model.buffers()]
    devices = sorted({p.device.index or 0 for p in model.parameters() if p.is_cuda})
    try:
        with torch.random.fork_rng(devices):
            yield
    finally:
        with torch.no_grad():
            for now, names in held:
                now.update(names)  # forward may have put others in their place
            for buffer, before in buffers:
                if not torch.equal(buffer, before):
                    buffer.copy_(before)


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
    model: nn.Module,
    interceptor: Interceptor,
    own: OwnCells,
    gradients: Sequence[Tensor | None],
    *,
    with_loss: bool,
) -> list[LayerTrace]:
    path_of = module_paths(model)
    traces = [
        direction.trace(
            path_of(call.module, direction.call.operation), call.order, gradients=with_loss
        )
        for call in interceptor.calls
        for direction in call.directions
    ]
    own_paths = [path_of(layer.module, "cell") for layer in own.layers]
    return traces + own.traces(own_paths, gradients)


def module_paths(model: nn.Module) -> Callable[[nn.Module | None, str], str]:
    """From a module, or None and what to call it then, to its path in the trace."""
    paths = {id(module): path for path, module in model.named_modules()}

    def path_of(module: nn.Module | None, fallback: str) -> str:
        if module is None:
            return fallback
        return paths.get(id(module)) or type(module).__name__.lower()

    return path_of


def _nothing_ran(model: nn.Module) -> str:
    """Why a recording is empty, as far as the model shows it."""
    kinds = {type(module).__name__ for module in model.modules()}
    if any(isinstance(module, torch.jit.ScriptModule) for module in model.modules()):
        return "the model is scripted, and its recurrent layers cannot be seen: give the original"
    quantised = [kind for kind in kinds if "Quantized" in kind or kind.startswith("Dynamic")]
    if any("quantized" in type(module).__module__ for module in model.modules()) or quantised:
        return "the model is quantised, and its recurrent layers cannot be seen: give the original"
    if any(isinstance(module, (nn.RNNBase, nn.RNNCellBase)) for module in model.modules()):
        return (
            "the model holds a recurrent layer, and it did not run in this thread: check that "
            "forward calls it, and not through another thread or a compiled copy"
        )
    return (
        f"{type(model).__name__} holds no recurrent layer: record() takes nn.RNN, nn.LSTM, nn.GRU, "
        "their cells, or a gatescope cell, alone or inside a model"
    )
