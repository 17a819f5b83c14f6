"""Interventions made ready for one layer: checked against its recording, with tensors for values.

Five kinds of interventions are three kinds of effects: a signal is set, or scaled, or something is
added to a pre-activation.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gatescope.cells import CELLS
from gatescope.errors import say
from gatescope.intervention.kinds import (
    Bias,
    Clamp,
    Intervention,
    InterventionError,
    Numbers,
    Scale,
    SetState,
    ZeroUnit,
)
from gatescope.recording.selection import whole_numbers

STATES = ("hidden_state", "cell_state")
Kind = Literal["set", "scale", "add"]


@dataclass(frozen=True)
class Effect:
    """One change of one signal in one layer.

    Attributes
    ----------
    name, kind
        The signal to be set or scaled, or the block of weights to whose bias is added.
    value
        (steps or 1, batch or 1, all units of the layer).
    units
        (all units,), True where the change is made.
    steps
        The steps in input time, in the order of ``value``; None for all.
    """

    name: str
    kind: Kind
    value: Tensor
    units: Tensor
    steps: tuple[int, ...] | None


def effects_of(intervention: Intervention, node: str, layer: xr.Dataset) -> list[Effect]:
    """Make an intervention ready for a layer.

    Parameters
    ----------
    intervention
        The intervention.
    node, layer
        The layer's name in the trace, and its recording from the untouched run.

    Raises
    ------
    InterventionError
        When it names a signal, unit or step that is not there, or a value that does not fit.
    """
    match intervention:
        case Clamp(signal, value, units, steps):
            return [_effect(node, layer, signal, "set", value, units, steps)]
        case Scale(signal, factor, units, steps):
            return [_effect(node, layer, signal, "scale", factor, units, steps)]
        case SetState(signal, value, step, units):
            if signal not in STATES:
                states = say("others_or", others=STATES[0], last=STATES[1])
                raise InterventionError(say("state_needed", states=states, signal=signal))
            return [_effect(node, layer, signal, "set", value, units, step)]
        case ZeroUnit(units, steps):
            if "projection" in layer.dims:
                raise InterventionError(say("projected_units", node=node))
            there = [name for name in STATES if name in layer]
            return [_effect(node, layer, name, "set", 0.0, units, steps) for name in there]
        case Bias(gate, add, units):
            _require_block(node, layer, gate)
            return [_effect(node, layer, gate, "add", add, units, None)]


def signal_of(intervention: Intervention) -> str:
    """The signal by which an intervention finds its layers."""
    match intervention:
        case ZeroUnit():
            return "hidden_state"
        case Bias(gate):
            return gate
        case _:
            return intervention.signal


def _require_block(node: str, layer: xr.Dataset, gate: str) -> None:
    cell = layer.attrs["cell"]
    if cell in CELLS and gate not in CELLS[cell].blocks:
        raise InterventionError(
            say(
                "gate_without_bias",
                gate=gate, node=node, cell=cell, names=", ".join(CELLS[cell].blocks),
            )
        )  # fmt: skip


def _effect(
    node: str, layer: xr.Dataset, name: str, kind: Kind, value: Any, units: Numbers, steps: Numbers
) -> Effect:
    signals = [str(key) for key in layer.data_vars if not str(key).startswith("grad_")]
    if name not in signals:
        raise InterventionError(
            say("node_without_signal", node=node, name=name, names=", ".join(signals))
        )
    time, batch, width = layer[name].shape
    chosen_units = _numbers(units, width, "unit", node)
    chosen_steps = _numbers(steps, time, "step", node)
    count = time if chosen_steps is None else len(chosen_steps)
    places = range(width) if chosen_units is None else chosen_units
    shape = (len(places),) if kind == "add" else (count, batch, len(places))
    where = say("signal_in", name=name, node=node)
    given = _fitted(value, shape, where)
    recorded = layer[name].values[slice(None) if chosen_steps is None else list(chosen_steps)]
    _require_numbers(given, recorded[..., list(places)], kind, layer.attrs["dtype"], where)
    whole = torch.zeros(*given.shape[:2], width, dtype=given.dtype)
    whole[..., list(places)] = given
    mask = torch.zeros(width, dtype=torch.bool)
    mask[list(places)] = True
    return Effect(name, kind, whole, mask, chosen_steps)


def _numbers(given: Numbers, count: int, what: str, node: str) -> tuple[int, ...] | None:
    """The numbers as a tuple, each there and none twice."""
    if given is None:
        return None
    try:
        numbers = whole_numbers(given)
    except TypeError as error:
        raise InterventionError(say(f"whole_{what}", given=repr(given))) from error
    for number in numbers:
        if not 0 <= number < count:
            raise InterventionError(say(f"beyond_{what}", node=node, number=number, last=count - 1))
    if not numbers or len(set(numbers)) < len(numbers):
        raise InterventionError(say(f"once_{what}", numbers=list(numbers)))
    return numbers


def _require_numbers(
    given: Tensor, recorded: np.ndarray, kind: Kind, dtype: str, where: str
) -> None:
    """Raise InterventionError for a value that the network's numbers do not reach, as NaN.

    Past a sequence's end, where the recording has NaN, a value may have it too.
    """
    most = torch.finfo(getattr(torch, dtype)).max
    odd = ~(given.abs() <= most).numpy()
    if odd.any() and kind != "add":
        odd = odd & ~np.isnan(recorded)
    if odd.any():
        value = np.broadcast_to(given.numpy(), odd.shape)[odd][0]
        raise InterventionError(say("value_too_large", where=where, most=most, found=float(value)))


def _fitted(value: Any, shape: tuple[int, ...], where: str) -> Tensor:
    """The value with three axes, each of full length or 1."""
    try:
        array = np.asarray(value.detach().cpu() if isinstance(value, Tensor) else value, float)
        np.broadcast_shapes(array.shape, shape)
        fits = np.broadcast_to(array, shape).shape == shape
    except (TypeError, ValueError):
        fits = False
    if not fits:
        found = getattr(value, "shape", value)
        found = tuple(found) if isinstance(found, tuple) else found
        what = "(units)" if len(shape) == 1 else "(steps, batch, units)"
        raise InterventionError(
            say("value_shape", where=where, axes=what, shape=shape, found=repr(found))
        )
    return torch.from_numpy(array.reshape((1,) * (3 - array.ndim) + array.shape).copy())
