"""Sentences about connectivity, each number in them taken from the row that is shown."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from gatescope import Task
from viz_app.features.connectivity.data import Found
from viz_app.kit.words import commas, percent, some, spoken, two_digits
from viz_app.text import name_of, say

Marks = Sequence[tuple[int, str]]


def sentences(found: Found, marks: Marks, step: int, *, relative: bool) -> list[str]:
    """What the row of one output step says of each network, and of all side by side."""
    rows = {cell: norms.sel(output_time=step).values for cell, norms in found.items()}
    told = [
        say(
            "connectivity.about", network=name_of("cell", cell),
            told=_about(row, _read(found[cell], marks, step)),
        )
        for cell, row in rows.items()
    ]  # fmt: skip
    return [*told, _sizes(rows, step, relative)]


def headline(found: Found, cell: str, marks: Marks, step: int) -> str:
    """What one network's row of an output step says first."""
    row, network = found[cell].sel(output_time=step).values, name_of("cell", cell)
    if not row.any():
        return say("connectivity.headline_dead", network=network, step=step)
    if not np.isfinite(row).all():
        return say("connectivity.headline_nan", network=network, step=step)
    there = [at for at, _ in _read(found[cell], marks, step)]
    if there:
        share = percent(float(row[there].sum() / row.sum()))
        return say(
            "connectivity.headline_marks", network=network, step=step, share=share,
            marks=some("marks", len(there)),
        )  # fmt: skip
    return say(
        "connectivity.headline_half", network=network, step=step, most=int(row.argmax()),
        count=some("time_steps", _holding_half(row)), total=f"{np.count_nonzero(row):,}",
    )  # fmt: skip


def what(task: Task, target: int | None) -> str:
    """Which output it is about."""
    if target is not None:
        return say("connectivity.logit", label=task.classes[target])
    return say("connectivity.outputs" if task.output_size > 1 else "connectivity.answer")


def alternative(cell: str, norms: xr.DataArray, step: int) -> str:
    """What a triangle shows, for those who cannot see it."""
    row = norms.sel(output_time=step).values
    return say(
        "connectivity.alt", network=name_of("cell", cell), steps=norms.sizes["input_time"],
        step=step, most=two_digits(row.max()), input=int(row.argmax()), first=two_digits(row[0]),
    )  # fmt: skip


def has_zeros(found: Found) -> bool:
    """Whether an input that was read matters exactly nothing."""
    return any(
        bool(((norms == 0) & (norms["input_time"] <= norms["output_time"])).any())
        for norms in found.values()
    )


def _read(norms: xr.DataArray, marks: Marks, step: int) -> list[tuple[int, str]]:
    """The marks that the network has read by that step."""
    return [mark for mark in marks if norms.attrs["backward"] or mark[0] <= step]


def _about(row: np.ndarray, marks: Marks) -> str:
    """One network's row: its marks against one another, and against all other steps."""
    if not row.any():
        return say("connectivity.dead")
    parts = []
    if len(marks) > 1 and row[marks[-1][0]]:
        (first, _), (last, _) = marks[0], marks[-1]
        parts.append(
            say(
                "connectivity.ratio",
                first=first,
                last=last,
                ratio=two_digits(row[first] / row[last]),
            )
        )
    if marks:
        steps = [step for step, _ in marks]
        share = float(row[steps].sum() / row.sum())
        key = "connectivity.on_mark" if len(marks) == 1 else "connectivity.on_marks"
        parts.append(say(key, count=len(marks), first=steps[0], share=percent(share)))
    parts.append(
        say("connectivity.half", count=_holding_half(row), most=int(row.argmax()))
        if _holding_half(row) > 1
        else say("connectivity.half_one", most=int(row.argmax()))
    )
    return spoken(*parts)


def _holding_half(row: np.ndarray) -> int:
    """The fewest steps that hold half of a row's sum."""
    falling = np.sort(row)[::-1].cumsum()
    return int(np.searchsorted(falling, 0.5 * falling[-1]) + 1)


def _sizes(rows: dict[str, np.ndarray], step: int, relative: bool) -> str:
    """How large each row's largest gradient is: what dividing by it hides."""
    parts = commas(
        say("connectivity.size", network=name_of("cell", cell), value=two_digits(row.max()))
        for cell, row in rows.items()
    )
    return say(f"connectivity.{'hidden' if relative else 'sizes'}", step=step, sizes=parts)
