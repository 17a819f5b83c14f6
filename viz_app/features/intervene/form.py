"""An intervention of one's own: its widgets, and what they say."""

from typing import Any

import streamlit as st
import xarray as xr

from gatescope import CELLS
from gatescope.intervention import Bias, Clamp, Intervention, Scale, SetState, ZeroUnit
from viz_app.kit import interventions
from viz_app.kit.page import choices
from viz_app.text import name_of, say

KINDS = ("clamp", "scale", "zero", "set", "bias")
FIRST = {"clamp": 1.0, "scale": 0.5, "set": 0.0, "bias": -2.0}
"""The value each kind opens with."""

RANGES = {"clamp": (-1.0, 1.0), "scale": (0.0, 2.0), "set": (-3.0, 3.0), "bias": (-5.0, 5.0)}


def signals_for(kind: str, layer: xr.Dataset) -> list[str]:
    """The signals that a kind of intervention can be made on."""
    there = [str(name) for name in layer.data_vars if "unit" in layer[name].dims]
    states: list[str] = [name for name in ("cell_state", "hidden_state") if name in there]
    if kind == "zero":
        return []
    if kind == "set":
        return states
    if kind == "bias":
        cell = CELLS.get(layer.attrs["cell"])
        return [] if cell is None else [name for name in cell.blocks if name in there]
    first = layer.attrs["retention_gate"]
    return sorted(there, key=lambda name: (name != first, name in states))


def take_over(done: Intervention) -> None:
    """Let the widgets open with an intervention, as far as they can."""
    kind = next(name for name, kind in interventions.KINDS.items() if type(done) is kind)
    said = vars(done)
    number = next((said[name] for name in ("value", "factor", "add") if name in said), None)
    kept = {
        "kind": kind, f"signal_{kind}": said.get("signal", said.get("gate")),
        f"value_{kind}": number, "step": said.get("step"),
        "steps": None if said.get("steps") is None else (said["steps"][0], said["steps"][-1]),
    }  # fmt: skip
    st.session_state.pop("intervene_steps", None)
    st.session_state["intervene_units"] = list(said["units"] or ())
    for name, value in kept.items():
        if value is not None:
            st.session_state[f"intervene_{name}"] = value


def own(layer: xr.Dataset, place: Any) -> Intervention:
    """Ask for an intervention on a layer, at a place of the page."""
    kinds = [kind for kind in KINDS if kind == "zero" or signals_for(kind, layer)]
    choices.keep("intervene_kind", kinds, kinds[0])
    kind = place.selectbox(
        say("intervene.kind"), kinds, key="intervene_kind", help=say("intervene.kind_help"),
        format_func=lambda each: say(f"intervene.kind_{each}"),
    )  # fmt: skip
    signal = _signal(place, kind, layer)
    number = _value(place, kind, signal)
    units = _units(place, kind, layer.sizes["unit"])
    steps = _steps(place, kind, layer.sizes["time"])
    match kind:
        case "zero":
            return ZeroUnit(units or (0,), steps=steps)
        case "set":
            return SetState(signal, number, step=steps, units=units)
        case "bias":
            return Bias(signal, number, units=units)
        case "scale":
            return Scale(signal, number, units=units, steps=steps)
        case _:
            return Clamp(signal, number, units=units, steps=steps)


def _signal(column: Any, kind: str, layer: xr.Dataset) -> str:
    options = signals_for(kind, layer)
    if not options:
        return ""
    key = f"intervene_signal_{kind}"
    choices.keep(key, options, options[0])
    chosen: str = column.selectbox(
        say("intervene.signal"), options, key=key, help=say("intervene.signal_help"),
        format_func=lambda name: name_of("signal", name),
    )  # fmt: skip
    return chosen


def _units(column: Any, kind: str, count: int) -> tuple[int, ...] | None:
    """The chosen units; None for all, and to silence, the first."""
    kept = [unit for unit in st.session_state.get("intervene_units", []) if unit < count]
    st.session_state["intervene_units"] = kept or ([0] if kind == "zero" else [])
    chosen = column.multiselect(
        say("intervene.units"), list(range(count)), key="intervene_units",
        help=say("intervene.units_help"), placeholder=say("intervene.units_all"),
    )  # fmt: skip
    return tuple(sorted(chosen)) or None


def _steps(column: Any, kind: str, count: int) -> Any:
    """A range of steps, or one; None for all."""
    if kind == "bias":
        return None
    if kind == "set":
        choices.keep("intervene_step", list(range(count)), count // 2)
        return column.slider(
            say("intervene.step"), 0, count - 1, key="intervene_step",
            help=say("intervene.step_help"),
        )  # fmt: skip
    low, high = st.session_state.get("intervene_steps", (0, count - 1))
    fits = 0 <= low <= high < count
    st.session_state["intervene_steps"] = (low, high) if fits else (0, count - 1)
    low, high = column.slider(
        say("intervene.steps"), 0, count - 1, key="intervene_steps",
        help=say("intervene.steps_help"),
    )  # fmt: skip
    return None if (low, high) == (0, count - 1) else range(low, high + 1)


def _value(column: Any, kind: str, signal: str) -> float:
    if kind == "zero":
        return 0.0
    low, high = (0.0, 1.0) if kind == "clamp" and signal.endswith("_gate") else RANGES[kind]
    key = f"intervene_value_{kind}"
    kept = st.session_state.get(key, FIRST[kind])
    st.session_state[key] = min(max(float(kept), low), high)
    chosen: float = column.slider(
        say("intervene.value"), low, high, step=0.05, key=key,
        help=say(f"intervene.value_{kind}_help"),
    )  # fmt: skip
    return chosen
