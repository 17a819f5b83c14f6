"""Sentences about gates, each number in them taken from the recording that is shown."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from gatescope.analysis import half_life, retention_gate
from viz_app.kit import words
from viz_app.kit.chart.gates_data import GatesShape
from viz_app.text import name_of, say

CLEAR = 0.3
"""A gate tells the marks apart clearly when it moves by this much there."""

SHUT, WIDE = 0.1, 0.9
"""Means up to, and from which on a gate is called shut, or held open; as in Saturation."""


def contrast(values: np.ndarray, marks: Sequence[tuple[int, str]]) -> tuple[np.ndarray, np.ndarray]:
    """Mean of a signal (time, unit) at the marks and elsewhere, each (unit,)."""
    marked = np.zeros(len(values), dtype=bool)
    marked[[step for step, _ in marks]] = True
    return values[marked].mean(axis=0), values[~marked].mean(axis=0)


def steps_in_words(life: float, steps: int) -> str:
    """A half-life as a person would say it."""
    if life < 1:
        return say("gates.half_step")
    if life > 10 * steps:
        return say("gates.forever", count=steps)
    return words.steps(life)


def notes(
    one: xr.Dataset, marks: Sequence[tuple[int, str]], units: Sequence[int], telling: str
) -> list[str]:
    """A line about each unit on this example: half-life, and what its telling gate does."""
    gate = retention_gate(one)
    lives = None if gate is None else half_life(gate).values
    values = one[telling].values
    signal = name_of("signal", telling)
    lines = []
    at, off = contrast(values, marks) if marks else (None, None)
    low, high, mean = (kind(axis=0) for kind in (values.min, values.max, values.mean))
    ids, told = one["unit"].values, words.decimals
    for unit in units:
        parts = [say("gates.numbered", unit=ids[unit])]
        if lives is not None:
            life = steps_in_words(float(lives[unit]), one.sizes["time"])
            parts.append(say("gates.note_half_life", steps=life))
        if at is not None and off is not None:
            parts.append(
                say("gates.note_gate", gate=signal, at=told(at[unit]), off=told(off[unit]))
            )
        elif telling.endswith("_gate"):
            parts.append(say("gates.note_mean", gate=signal, mean=told(mean[unit])))
        else:
            parts.append(
                say("gates.note_range", signal=signal, low=told(low[unit]), high=told(high[unit]))
            )
        lines.append(" · ".join(parts))
    return lines


def headline(
    one: xr.Dataset, marks: Sequence[tuple[int, str]], telling: str, direction: int
) -> str:
    """One sentence on what one sees on this example."""
    gate = retention_gate(one)
    if gate is None:
        return say("gates.headline_rnn")
    values = one[telling].values
    if not marks:
        return _spread(gate)
    at, off = contrast(values, marks)
    moved = direction * (at - off)
    unit = int(moved.argmax())
    found = {"unit": unit, "at": at[unit], "off": off[unit]}
    if moved[unit] < CLEAR:
        unit = int(np.abs(at - off).argmax())
        weak = abs(at[unit] - off[unit]) < CLEAR
        return say(
            "gates.headline_weak" if weak else "gates.headline_other",
            unit=unit,
            at=at[unit],
            off=off[unit],
            difference=abs(at[unit] - off[unit]),
            gate=name_of("signal", telling),
        )
    if direction > 0:
        shut = round(float(off[unit]), 2) <= SHUT
        return say("gates.headline_reads" if shut else "gates.headline_reads_partly", **found)
    wide = round(float(off[unit]), 2) >= WIDE
    found |= {"new_at": 1 - at[unit], "new_off": 1 - off[unit]}
    return say("gates.headline_update" if wide else "gates.headline_update_partly", **found)


def _spread(gate: xr.DataArray) -> str:
    """Between which means a retention gate (time, unit) lies, and how long that keeps."""
    mean, lives = gate.mean("time").values, half_life(gate).values
    ends = {"low": int(mean.argmin()), "high": int(mean.argmax())}
    found: dict[str, object] = {"gate": name_of("signal", str(gate.name))}
    for end, unit in ends.items():
        life = steps_in_words(float(lives[unit]), gate.sizes["time"])
        found |= {end: mean[unit], f"{end}_unit": unit, f"{end}_life": life}
    return say("gates.headline_spread", **found)


def alternative(shape: GatesShape, cell: str, told: Sequence[str] = ()) -> str:
    """What the chart is, for those who cannot see it, and what of it is ``told`` beside it."""
    return say(
        "gates.alt",
        signals=words.joined([signal.label for signal in shape.signals]),
        cell=name_of("cell", cell),
        units=words.some("units", len(shape.units)),
        told=words.spoken(*told),
    ).strip()


def look_for(
    one: xr.Dataset, marks: Sequence[tuple[int, str]], telling: str, state: str, step: int
) -> list[str]:
    """What to look for: two or three sentences that name units, steps and numbers."""
    lines = []
    if marks and telling.endswith("_gate"):
        at, off = contrast(one[telling].values, marks)
        steps = words.joined([str(marked) for marked, _ in marks])
        moved = say(
            "gates.look_moves", count=int((np.abs(at - off) > 0.2).sum()),
            total=words.some("units", len(at)), gate=name_of("signal", telling),
        )  # fmt: skip
        lines.append(
            words.spoken(words.counted("gates.look_marks", len(marks), steps=steps), moved)
        )
    gate = retention_gate(one)
    backward = one.attrs["direction"] == "reverse"
    between = slice(None) if gate is None else slice(0, step) if backward else slice(step + 1, None)
    if gate is not None and gate[{"time": between}].sizes["time"]:
        kept = np.multiply.reduce(gate.values[between], axis=0, dtype="float64")
        best, worst = int(kept.argmax()), int(kept.argmin())
        shares = [words.percent(float(kept[unit])) for unit in (best, worst)]
        ids = one["unit"].values
        how = "one" if len(kept) == 1 else "each" if shares[0] == shares[1] else "ends"
        lines.append(
            say(
                f"gates.look_kept_{how}", step=step, best=shares[0], best_unit=ids[best],
                worst=shares[1], worst_unit=ids[worst],
            )
        )  # fmt: skip
    values = one[state].values
    swing = values.max(axis=0) - values.min(axis=0)
    lines.append(
        say(
            "gates.look_state",
            state=name_of("signal", state),
            low=words.brief(float(values.min())),
            high=words.brief(float(values.max())),
            unit=one["unit"].values[int(swing.argmax())],
        )
    )
    return lines
