"""Sentences about a comparison, each number in them taken from what is shown."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gatescope import Run
from viz_app.features.compare.data import CompareView
from viz_app.features.compare.sides import Compared
from viz_app.features.gates.words import contrast
from viz_app.kit.words import clauses, decimals, digits, joined, percent, some, spoken
from viz_app.text import name_of, say
from viz_app.text.plain import plain

MOVED = 0.2
"""A unit's gate that differs by more than this somewhere is counted."""

SMALL = 0.01
"""What differs by less than this is called the same."""


def labels(networks: Sequence[str], runs: Sequence[Run], steps: Sequence[int]) -> list[str]:
    """What the sides are called: by network, by training step, or both.

    The same network is called the same in ``networks``.
    """
    ended = [step == run.steps[-1] for run, step in zip(runs, steps, strict=True)]
    if len(set(networks)) == 1:
        return [_when(run, step) for run, step in zip(runs, steps, strict=True)]
    if all(ended):
        return list(networks)
    return [
        say("compare.label", network=network, when=_when(run, step))
        for network, run, step in zip(networks, runs, steps, strict=True)
    ]


def networks(names: Sequence[str], runs: Sequence[Run]) -> list[str]:
    """What networks are called beside one another: by cell, and by name where cells are alike."""
    of_cell: dict[str, set[str]] = {}
    for name, run in zip(names, runs, strict=True):
        of_cell.setdefault(run.config.cell, set()).add(name)
    return [
        say("app.run_label", cell=name_of("cell", run.config.cell), name=name)
        if len(of_cell[run.config.cell]) > 1
        else name_of("cell", run.config.cell)
        for name, run in zip(names, runs, strict=True)
    ]


def headline(seen: CompareView) -> str:
    """One sentence: where the sides differ most."""
    found, sides = seen.largest(), seen.compared.sides
    facts = {
        "step": found.step, "before": decimals(found.before), "after": decimals(found.after),
        "first": plain(sides[0].label), "side": plain(sides[found.side].label),
    }  # fmt: skip
    if abs(found.after - found.before) < SMALL:
        return say("compare.headline_same", bound=SMALL)
    if found.unit is not None:
        return say("compare.headline_unit", unit=found.unit, signal=found.aspect.label, **facts)
    kind = "gate" if found.aspect.is_gate else "state"
    return say(
        f"compare.headline_{kind}", first_signal=found.aspect.named(0),
        signal=found.aspect.named(found.side), **facts,
    )  # fmt: skip


def look_for(seen: CompareView) -> list[str]:
    """What the picture shows: at the marks, over all steps, and in how many units."""
    lines = []
    for number, aspect in enumerate(seen.aspects):
        lines.append(_of_sides(seen, number))
        if aspect.is_gate and seen.compared.alike:
            lines += _moved(seen, number)
    if seen.compared.task.asks:
        lines.append(_answers(seen))
    counts = [side.run.parameters for side in seen.compared.sides]
    if len(set(counts)) > 1:
        each = say_each(seen.compared, [f"{count:,}" for count in counts])
        lines.append(say("compare.parameters", each=each))
    return lines


def how(seen: CompareView) -> str:
    """What the rows of the sides have to do with one another, and what is aligned."""
    told = [say("compare.how_alike" if seen.compared.alike else "compare.how_apart")]
    told.append(say(f"compare.how_{seen.sort}"))
    told += [
        say(
            f"compare.why_{aspect.key}",
            signals=say_each(seen.compared, [aspect.named(k) for k in range(len(aspect.signals))]),
        )
        for aspect in seen.aspects
        if aspect.is_aligned
    ]
    if not seen.compared.alike and not all(aspect.is_gate for aspect in seen.aspects):
        told.append(say("compare.how_size"))
    return spoken(*told)


def say_each(compared: Compared, values: Sequence[str]) -> str:
    """A value of each side beside its name."""
    return clauses(
        say("compare.each", side=plain(side.label), value=value)
        for side, value in zip(compared.sides, values, strict=True)
    )


def scores(seen: CompareView) -> pd.DataFrame:
    """Each side's test score, and that of the no-memory baseline."""
    compared, task = seen.compared, seen.compared.task.held_out("test")
    columns = [say("compare.column_right"), say("compare.column_loss")]
    baseline = task.baseline_loss, task.baseline_accuracy
    found = [*(side.run.score(side.step) for side in compared.sides), baseline]
    rows = [[percent(accuracy), digits(loss)] for loss, accuracy in found]
    names = [*(plain(side.label) for side in compared.sides), say("compare.nothing_remembered")]
    index = pd.Index(names, name=say("compare.side"))
    return pd.DataFrame(rows, columns=columns, index=index)


def alternative(seen: CompareView) -> str:
    """What the chart shows, for those who cannot see it."""
    compared = seen.compared
    units = [some("units", layer.sizes["unit"]) for layer in compared.layers]
    return say(
        "compare.alt_alike" if compared.alike else "compare.alt_apart",
        signals=joined([aspect.label for aspect in seen.aspects]),
        sides=clauses(
            say("compare.alt_side", side=side.label, units=count,
                cell=name_of("cell", side.run.config.cell))
            for side, count in zip(compared.sides, units, strict=True)
        ),
        steps=some("time_steps", compared.task.length),
        headline=headline(seen),
    )  # fmt: skip


def _when(run: Run, step: int) -> str:
    if step == 0:
        return say("compare.before")
    return say("compare.after") if step == run.steps[-1] else say("compare.at_step", step=step)


def _of_sides(seen: CompareView, number: int) -> str:
    """A gate on each side: at the marks and elsewhere, or on average where nothing is marked.

    A state: how far the same units reach, or of other units their mean size.
    """
    aspect, values = seen.aspects[number], seen.values[number]
    kind, told = "mean", [decimals(float(line.mean())) for line in seen.means[number]]
    if aspect.is_gate and seen.marks:
        at_and_off = [contrast(one, seen.marks) for one in values]
        told = [
            say(
                "compare.marks_each",
                at=decimals(float(at.mean())), off=decimals(float(off.mean())),
            )
            for at, off in at_and_off
        ]  # fmt: skip
    elif not aspect.is_gate and seen.compared.alike:
        ends = [(decimals(float(one.min())), decimals(float(one.max()))) for one in values]
        kind, told = "reach", [say("compare.reach_each", low=low, high=high) for low, high in ends]
    elif not aspect.is_gate:
        kind = "size"
    each = say_each(seen.compared, told)
    return say(f"compare.look_{kind}", signal=_each_signal(seen, number), each=each)


def _answers(seen: CompareView) -> str:
    """What each side says to the example."""
    compared = seen.compared
    told = [found.answers[seen.example] for found in compared.answers]
    return say(
        "compare.answered", example=seen.example, each=say_each(compared, told),
        target=compared.answers[0].targets[seen.example],
    )  # fmt: skip


def _moved(seen: CompareView, number: int) -> list[str]:
    """In how many units a gate differs from the first side's somewhere, of each other side."""
    first, *others = seen.values[number]
    sides = seen.compared.sides
    return [
        say(
            "compare.look_moved",
            count=int((np.abs(other - first).max(axis=0) > MOVED).sum()),
            units=some("units", first.shape[1]),
            signal=seen.aspects[number].label, bound=MOVED, side=plain(side.label),
            first=plain(sides[0].label),
        )
        for side, other in zip(sides[1:], others, strict=True)
    ]  # fmt: skip


def _each_signal(seen: CompareView, number: int) -> str:
    """What is compared; where the sides have different signals, all of their names."""
    aspect = seen.aspects[number]
    if not aspect.is_aligned:
        return aspect.label
    names = dict.fromkeys(aspect.named(side) for side in range(len(aspect.signals)))
    return say("compare.aligned", aspect=aspect.label, signals=" / ".join(names))
