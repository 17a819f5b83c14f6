"""What lesson 7 says in numbers: what trained networks do when they are changed by hand."""

from typing import Any

import numpy as np

from gatescope.experiments.lead import Kept
from gatescope.intervention import ZeroUnit
from viz_app.features import Gates, Intervene
from viz_app.features.lessons.builds import one_unit
from viz_app.features.lessons.facts.what_keeps_it import life_of
from viz_app.kit.recordings import Recordings

ONE, DIGITS, SHARED = "adding-lstm-one-unit", "digits-lstm", "temporal-order-gru"
"""The network of lesson 4, one that reads pictures, and one whose units share their memory."""

ABOUT = 0.1
"""A network keeps all of its lead where it keeps more than all but this, and so on."""

HIGH = 0.98
"""The forget gate whose half-life is asked for: lesson 5 asks about others."""

HARMLESS = 0.95
"""A unit is not needed alone where without it so much of the accuracy is left."""


def facts(recordings: Recordings) -> dict[str, Any]:
    """See `viz_app.features.lessons.facts`."""
    forget, write, shut = (
        _cost(ONE, ask, recordings) for ask in ("cannot_forget", "always_writes", "output_closed")
    )
    digits = _cost(DIGITS, "cannot_forget", recordings)
    run = recordings.run(one_unit.RUN)
    silent = silenced(one_unit.RUN, recordings)
    before = one_unit.accuracy(one_unit.RUN, (), recordings)
    worst = min(range(len(silent)), key=silent.__getitem__)
    unharmed = [value for value in silent if value >= HARMLESS * before]
    loud = _loudest([unit for unit, value in enumerate(silent) if value in unharmed], recordings)
    each = silenced(SHARED, recordings)
    everyone = ZeroUnit(tuple(range(len(each))))
    together = one_unit.accuracy(SHARED, (everyone,), recordings)
    whole = one_unit.accuracy(SHARED, (), recordings)
    return {
        "one_before": forget.before.accuracy, "one_forget": forget.after.accuracy,
        "forgets": becomes(forget), "one_write": write.after.accuracy, "writes": becomes(write),
        "digits_before": digits.before.accuracy, "digits_forget": digits.after.accuracy,
        "digits_percent": 100 * digits.after.accuracy,
        "digits_guess": recordings.run(DIGITS).task.baseline_accuracy,
        "units": len(silent), "before": before, "guess": run.task.baseline_accuracy,
        "worst": worst, "worst_after": silent[worst], "harmless": len(unharmed),
        "harmless_least": min(unharmed, default=before),
        "loud": loud, "loud_after": silent[loud],
        "goal": one_unit.GOAL,
        "shared_units": len(each), "shared_least": min(each), "shared_all": together,
        "follows": _follows(min(each), together, whole),
        "one_shut": shut.after.accuracy,
        "kept": "stays" if becomes(shut) == "same" else "lost",
        "high": HIGH, "life_high": life_of(HIGH),
    }  # fmt: skip


def silenced(run: str, recordings: Recordings) -> list[float]:
    """The accuracy without each unit."""
    units = recordings.run(run).config.hidden_size
    return [one_unit.accuracy(run, (ZeroUnit((unit,)),), recordings) for unit in range(units)]


def _loudest(units: list[int], recordings: Recordings) -> int:
    """Which of these units has the strongest colour in the picture of the hidden states."""
    data = Gates(one_unit.RUN, pictures=("hidden_state",), sort="index").data(recordings).data
    names, rows = [style.name for style in data.shape.signals], list(data.shape.units)
    values = data.values[names.index("hidden_state")]
    strength = np.abs(values).mean(0)
    return max(units or rows, key=lambda unit: float(strength[rows.index(unit)]))


def becomes(cost: Kept) -> str:
    """What becomes of the answers that were right: all stay, some, as many as by guessing."""
    before, after = cost.before.accuracy, cost.after.accuracy
    left = after / before if before > 0 else 1.0
    if left >= 1 - ABOUT:
        return "same"
    return "none" if left <= ABOUT else "part"


def _follows(least: float, together: float, whole: float) -> str:
    """What is to be said of a unit whose silence changes nothing."""
    if least < HARMLESS * whole:
        return "needed"
    return "shared" if together < whole / 2 else "useless"


def _cost(run: str, ask: str, recordings: Recordings) -> Kept:
    return Intervene(run, ask=ask).cost(recordings)
