"""The tutorial's findings in words: numbers in sentences, and criteria as a table."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gatescope.analysis import Interval
from gatescope.experiments.tutorial import Criterion
from viz_app.features.claims import data as claims
from viz_app.features.tutorial.evidence import Finding
from viz_app.features.tutorial.measures import Solvers
from viz_app.kit.words import clauses, spoken, three_digits
from viz_app.text import say


def in_words(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """What a sentence is filled with: numbers, each also written out, and who solved what.

    A ``..._change`` is relative, and written in per cent.
    """
    changes = {
        name: f"{value:+.1%}".replace("-", "−")
        for name, value in numbers.items()
        if name.endswith("_change")
    }
    written = {
        f"{name}_written": three_digits(value)
        for name, value in numbers.items()
        if isinstance(value, int | float)
    }
    solvers = {"solvers": _solvers(numbers["solvers"])} if "solvers" in numbers else {}
    return {**numbers, **written, **changes, **solvers}


def _solvers(found: Sequence[Solvers]) -> str:
    """How many seeds of each network solved each delay, and how soon."""
    by_delay: dict[int, list[str]] = {}
    for each in found:
        never = math.isinf(each.steps)
        steps = say("tutorial.never") if never else say("tutorial.steps", steps=each.steps)
        line = say(
            "tutorial.solver", network=claims.line_name(each.variant), solved=each.solved,
            seeds=each.seeds, steps=steps,
        )  # fmt: skip
        by_delay.setdefault(each.delay, []).append(line)
    return spoken(
        *(
            say("tutorial.solvers", delay=delay, networks=clauses(lines))
            for delay, lines in by_delay.items()
        )
    )


def criteria_table(key: str, finding: Finding) -> pd.DataFrame:
    """What an entry's verdict follows from: a row of texts a criterion."""
    rows = [_row(key, each, finding.told) for each in finding.criteria]
    return pd.DataFrame(rows)


def _row(key: str, criterion: Criterion, numbers: Mapping[str, Any]) -> dict[str, str]:
    sign = "≥" if criterion.at_least else "≤"
    what = say(f"tutorial.criterion_{key}_{criterion.key}", **numbers)
    found = criterion.measured
    counted = criterion.rule is None
    return {
        say("tutorial.criterion"): f"{what} {sign} {three_digits(criterion.bound)}",
        say("tutorial.measured"): three_digits(found.estimate),
        say("tutorial.interval"): say("tutorial.counted") if counted else _ends(found),
        say("tutorial.n"): "" if counted else f"{found.n:,}",
        say("tutorial.met"): say(f"tutorial.outcome_{criterion.outcome}"),
    }


def _ends(found: Interval) -> str:
    ends = (three_digits(found.low), three_digits(found.high))
    return say("tutorial.ends", low=ends[0], high=ends[1], level=found.level)


def met(finding: Finding) -> str:
    """How many criteria are met, in a few words."""
    outcomes = [str(criterion.outcome) for criterion in finding.criteria]
    open_ = outcomes.count("undecided")
    said = say("tutorial.of_criteria", met=outcomes.count("met"), count=len(outcomes))
    return said + (say("tutorial.and_open", count=open_) if open_ else "")
