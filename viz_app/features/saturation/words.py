"""Sentences about saturation, each number in them taken from what is drawn."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from viz_app.features.saturation.data import Found, kind_of
from viz_app.kit.words import commas, joined, percent, some, spoken
from viz_app.text import has, name_of, say

STUCK = 0.95
"""A unit that is at one end in at least this share of steps is called stuck there."""
NEVER = 0.99
"""From this share on it is never elsewhere, below it hardly ever."""
MOST_NAMED = 6


def sentences(found: Found, step: int) -> list[str]:
    """Which units are stuck at a checkpoint, and how that changed from the first to the last."""
    told: list[str] = []
    for signal, shares in found.items():
        told += _stuck(signal, shares.sel(checkpoint=step))
    if not told:
        told = [_nearest(found, step)]
    return [*told, *_changed(found)]


def spread(shares: np.ndarray) -> str:
    """From the smallest share to the largest."""
    low, high = percent(float(shares.min())), percent(float(shares.max()))
    return low if low == high else say("saturation.range", low=low, high=high)


def named(units: Sequence[int], total: int) -> str:
    """Units by their number where they are few."""
    if len(units) == 1:
        return say("saturation.unit", unit=units[0])
    if len(units) == total:
        return say("saturation.all_units", total=total)
    if len(units) > MOST_NAMED:
        return say("saturation.many_units", count=len(units), total=total)
    return say("saturation.few_units", units=joined([str(unit) for unit in units]))


def saturated(shares: xr.Dataset) -> float:
    """The share of all steps, units and examples at either end."""
    return float((shares["left"] + shares["right"]).mean())


def alternative(signal: str, shares: xr.Dataset) -> str:
    """What a scatter shows, for those who cannot see it; ``shares`` at one checkpoint."""
    left, right = (np.nan_to_num(shares[side].values) for side in ("left", "right"))
    return say(
        "saturation.alt", signal=name_of("signal", signal), count=some("units", len(left)),
        left_title=say(f"saturation.left_{kind_of(signal)}"), left=percent(float(left.max())),
        left_unit=int(left.argmax()), right=percent(float(right.max())),
        right_title=say(f"saturation.right_{kind_of(signal)}"), right_unit=int(right.argmax()),
    )  # fmt: skip


def map_alternative(signal: str, shares: xr.Dataset) -> str:
    """What the values by checkpoint show."""
    ends = [saturated(shares.isel(checkpoint=place)) for place in (0, -1)]
    return say(
        "saturation.map_alt", signal=name_of("signal", signal), first=percent(ends[0]),
        last=percent(ends[1]), count=some("training_steps", shares.sizes["checkpoint"]),
        step=int(shares["checkpoint"][-1]),
    )  # fmt: skip


def _stuck(signal: str, shares: xr.Dataset) -> list[str]:
    """The units of one signal that are stuck at an end, or jump between both."""
    left, right = shares["left"].values, shares["right"].values
    both = np.where((left < STUCK) & (right < STUCK), left + right, 0)
    return [
        _sentence(signal, side, values, other)
        for side, values, other in (
            ("left", left, right), ("right", right, left), ("both", both, both),
        )
        if (values >= STUCK).any()
    ]  # fmt: skip


def _sentence(signal: str, side: str, values: np.ndarray, other: np.ndarray) -> str:
    units = [int(unit) for unit in np.flatnonzero(values >= STUCK)]
    least = float(values[units].min())
    number = "one" if len(units) == 1 else "some"
    kind = kind_of(signal)
    key = f"saturation.{signal}_{side}_{number}"
    return say(
        key if has(key) else f"saturation.{kind}_{side}_{number}",
        units=named(units, len(values)),
        signal=name_of("signal", signal),
        share=spread(values[units]),
        other=spread(other[units]),
        never=say("saturation.never" if least >= NEVER else "saturation.hardly_ever"),
        always=say("saturation.always" if least >= NEVER else "saturation.nearly_always"),
    )


def _nearest(found: Found, step: int) -> str:
    """Nothing is stuck; which unit comes nearest."""
    best = (-1.0, "", "", 0)
    for signal, shares in found.items():
        for side in ("left", "right"):
            values = np.nan_to_num(shares[side].sel(checkpoint=step).values)
            best = max(best, (float(values.max()), signal, side, int(values.argmax())))
    share, signal, side, unit = best
    kind = kind_of(signal)
    none = say(f"saturation.none_{kind}", stuck=STUCK)
    if not share:
        return spoken(none, say(f"saturation.none_at_all_{kind}"))
    end, name = say(f"saturation.end_{side}_{kind}"), name_of("signal", signal)
    nearest = say("saturation.nearest", unit=unit, signal=name, end=end, share=percent(share))
    return spoken(none, nearest)


def _changed(found: Found) -> list[str]:
    """How saturation went from the first checkpoint to the last."""
    steps = next(iter(found.values()))["checkpoint"].values
    if len(steps) < 2:
        return []
    parts = [
        say(
            "saturation.went", signal=name_of("signal", signal),
            first=percent(saturated(shares.isel(checkpoint=0))),
            last=percent(saturated(shares.isel(checkpoint=-1))),
        )
        for signal, shares in found.items()
    ]  # fmt: skip
    ends = say(f"saturation.ends_{kind_of(next(iter(found)))}")
    steps_told = some("training_steps", int(steps[-1]))
    return [say("saturation.changed", ends=ends, steps=steps_told, parts=commas(parts))]
