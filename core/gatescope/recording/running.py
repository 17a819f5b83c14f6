"""Runs a model under a recorder, once or, where it differentiates on the way, twice."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor, nn

from gatescope.cells.observer import observe
from gatescope.errors import RecordError, say
from gatescope.recording.attempt import Attempt, DifferentiatedOnTheWayError
from gatescope.recording.autograd_cells import OwnCells
from gatescope.recording.guards import (
    nothing_ran,
    require_followed,
    require_model,
    require_no_transform,
    require_visible,
    uncompiled,
)
from gatescope.recording.intercept import Interceptor
from gatescope.recording.layer_trace import LayerTrace
from gatescope.recording.names import LayerNames
from gatescope.recording.selection import EVERYTHING, Selection
from gatescope.recording.snapshot import Snapshot
from gatescope.recording.store_factory import Keeper
from gatescope.recording.stream import TraceFile
from gatescope.recording.tree import make_tree
from gatescope.recording.witness import Witness, witnessing

FOLLOWED = ("Can't call numpy()", "can't optimize a non-leaf", "Only Tensors created explicitly")
"""How torch refuses what is done to a tensor whose gradient is followed."""

CHANGED = ("modified by an inplace operation", "has been modified inplace")
"""How torch says that a backward pass lacks numbers which were changed."""

GIVEN = {np.ndarray: "array", Mapping: "mapping", list: "list"}
"""What a loader of data gives and most models do not take, and the sentence about it."""

SHOWN = 8
"""Of an output: how many parts are named."""

MakeRecorder = Callable[[Attempt, Keeper, LayerNames, Witness], Interceptor]
"""Makes what sees fused calls, and with it what sees our own cells."""


def recorder(attempt: Attempt, keeper: Keeper, names: LayerNames, witness: Witness) -> Interceptor:
    """See what runs, and change nothing."""
    return Interceptor(OwnCells(attempt, keeper, names, witness))


@dataclass(frozen=True)
class Invocation:
    """How a model is called, and the loss of what it gives.

    Attributes
    ----------
    model, inputs, loss, kwargs, method
        As `record` takes them.
    """

    model: nn.Module
    inputs: Any
    loss: Callable[[Any], Tensor] | None = None
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    method: str = "forward"

    def require_callable(self) -> None:
        """Raise RecordError where it cannot be called at all."""
        require_model(self.model, self.loss)
        # what is scripted may lack a forward, and has a sentence of its own
        if self.method != "forward" and not callable(getattr(self.model, self.method, None)):
            raise RecordError(say("no_method", kind=type(self.model).__name__, method=self.method))
        if self.loss is not None:
            require_followed(self.model)

    def __call__(self) -> Any:
        """Run the model, on copies of what was made in inference mode."""
        # a plain tuple is the arguments; a PackedSequence, a named tuple, is one of them
        inputs = self.inputs if type(self.inputs) is tuple else (self.inputs,)
        run = self.model if self.method == "forward" else getattr(self.model, self.method)
        arguments = [_usable(value) for value in inputs]
        options = {name: _usable(value) for name, value in self.kwargs.items()}
        try:
            return run(*arguments, **options)
        except (TypeError, AttributeError) as error:
            for kind, name in GIVEN.items():
                given = [v for v in (*arguments, *options.values()) if isinstance(v, kind)]
                if given and _is_of(type(given[0]), error):
                    raise RecordError(
                        say(f"given_{name}", kind=type(error).__name__, reason=error)
                    ) from error
            raise

    def judged(self, output: Any) -> Any:
        """The loss of an output; what goes wrong there comes with what the loss was given."""
        assert self.loss is not None
        try:
            return self.loss(output)
        except (TypeError, AttributeError, IndexError, KeyError) as error:
            error.add_note(say("loss_was_given", kind=_kind(output)))
            raise


def _kind(value: Any) -> str:
    """A type, and the types within a short tuple or list."""
    if isinstance(value, (tuple, list)) and 0 < len(value) <= SHOWN:
        return f"{type(value).__name__} ({', '.join(map(_kind, value))})"
    return type(value).__name__


def _is_of(kind: type, error: Exception) -> bool:
    """Whether an error is about a kind of argument, or torch raised it, not the user's code."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    file = "" if last is None else last.tb_frame.f_code.co_filename
    return kind.__name__ in str(error) or file.startswith(os.path.dirname(torch.__file__))


def _usable(argument: Any) -> Any:
    """The same, with a copy of each tensor that was made in inference mode."""
    if isinstance(argument, Tensor):
        return argument.clone() if argument.is_inference() else argument
    return torch.utils._pytree.tree_map_only(Tensor, _usable, argument)


def observed_run(
    invocation: Invocation,
    make: MakeRecorder,
    selection: Selection = EVERYTHING,
    file: TraceFile | None = None,
) -> tuple[Any, xr.DataTree]:
    """Run a model once under a recorder; everything else as in `record`.

    A model that differentiates on the way runs a second time, step by step (see `Attempt`). What
    goes to a file is not in the trace, which has the labels alone then.

    Returns
    -------
    tuple
        The model's output, and the trace.
    """
    require_no_transform()
    invocation.require_callable()
    model = invocation.model
    names = LayerNames(model)
    snapshot = Snapshot(model, (invocation.inputs, invocation.kwargs), invocation.loss)
    require_visible(names, snapshot.reached.values())
    parameters = list(model.parameters())
    devices = sorted({p.device.index or 0 for p in parameters if p.is_cuda})
    outside = torch.is_grad_enabled()
    for stepwise in (False, True):
        anchor = None if invocation.loss is None else _anchor(parameters)
        attempt = Attempt(anchor, stepwise=stepwise)
        witness = Witness(names, snapshot.reached)
        interceptor = make(attempt, Keeper(selection, file), names, witness)
        try:
            with (
                torch.inference_mode(False),
                torch.set_grad_enabled(anchor is not None or outside),
                torch.random.fork_rng(devices),
                uncompiled(model),
            ):
                output, value, gradients = _attempted(invocation, attempt, interceptor)
        except DifferentiatedOnTheWayError:
            pass
        except Exception as error:
            if not attempt.given_up:
                clearer = _of_frozen(error, model, attempt)
                if clearer is None:
                    raise
                raise clearer from error
        finally:
            attempt.is_over = True
            snapshot.put_back(behind=attempt.given_up)
        if not attempt.given_up:
            return output, make_tree(_traces(interceptor, gradients), value, selection)
        snapshot.require_rewound()
    raise AssertionError("a run step by step is never given up")


def _attempted(
    invocation: Invocation, attempt: Attempt, interceptor: Interceptor
) -> tuple[Any, float | None, Sequence[Tensor | None]]:
    """One run: the output, the loss, and the gradients of what our own cells computed."""
    own, witness = interceptor.own, interceptor.own.witness
    value = None
    with witnessing(witness), witness.watching_own_forwards(), interceptor, observe(own):
        output = invocation()
        witness.require_all_seen()
        witness.begin_loss()
        if invocation.loss is not None and not attempt.given_up:
            value = _scalar(invocation.judged(output))
            witness.require_all_seen()
    if not interceptor.calls and not own.layers:
        raise RecordError(nothing_ran(invocation.model, witness.reached.values()))
    gradients: Sequence[Tensor | None] = []
    # where the model runs every layer without gradients, there is nothing to go back to
    if value is not None and interceptor.is_followed and not attempt.given_up:
        _require_gradient(value)
        gradients = _differentiate(value, attempt, own.tensors())
    return output, None if value is None else float(value.detach()), gradients


def _traces(interceptor: Interceptor, gradients: Sequence[Tensor | None]) -> list[LayerTrace]:
    fused = [
        direction.trace(call.path) for call in interceptor.calls for direction in call.directions
    ]
    return fused + interceptor.own.traces(gradients)


def _anchor(parameters: Sequence[Tensor]) -> Tensor:
    device = parameters[0].device if parameters else torch.device("cpu")
    return torch.zeros((), device=device, requires_grad=True)


def _scalar(value: Any) -> Tensor:
    if isinstance(value, Tensor) and (value.is_complex() or value.is_meta):
        raise RecordError(say("loss_complex" if value.is_complex() else "loss_on_meta"))
    if not isinstance(value, Tensor) or value.numel() != 1:
        found = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise RecordError(say("loss_no_scalar", found=found))
    return value


def _require_gradient(value: Tensor) -> None:
    if not value.requires_grad:
        raise RecordError(say("loss_without_gradient"))


def _differentiate(value: Tensor, attempt: Attempt, own: list[Tensor]) -> Sequence[Tensor | None]:
    """Run the backward pass; nothing is accumulated into any ``.grad``."""
    assert attempt.anchor is not None
    begins = value.register_hook(attempt.begin_loss)  # type: ignore[no-untyped-call]
    try:
        reached, *gradients = torch.autograd.grad(value, [attempt.anchor, *own], allow_unused=True)
    except RuntimeError as error:
        clearer = _clearer(error)
        if clearer is None:
            raise
        raise clearer from error
    finally:
        begins.remove()
    if reached is None:
        raise RecordError(say("loss_reaches_nothing"))
    return gradients


def _of_frozen(error: Exception, model: nn.Module, attempt: Attempt) -> RecordError | None:
    """What an error says that comes of following a frozen layer; None of any other."""
    frozen = any(not parameter.requires_grad for parameter in model.parameters())
    if attempt.anchor is None or not frozen or not any(part in str(error) for part in FOLLOWED):
        return None
    return RecordError(say("frozen_followed", reason=error))


def _clearer(error: RuntimeError) -> RecordError | None:
    """torch's refusals of a backward pass in one sentence; None for any other error."""
    if any(part in str(error) for part in CHANGED):
        return RecordError(say("changed_in_place"))
    if "backward through the graph a second time" in str(error):
        return RecordError(say("graph_freed"))
    return None
