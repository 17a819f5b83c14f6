"""Sentences and tables about a claim, every number in them taken from its budget and result."""

import math
from typing import Any

import numpy as np
import pandas as pd

from gatescope.analysis import Outcome
from gatescope.experiments.claims import Claim, ClaimResult, Part
from gatescope.experiments.claims.decay import EXAMPLES
from gatescope.experiments.claims.judging import RULE
from viz_app.features.claims.data import line_name, usual
from viz_app.kit.words import (
    commas,
    counted,
    decimals,
    digits,
    joined,
    number,
    percent,
    some,
    spoken,
)
from viz_app.text import has, name_of, say


def sources(claim: Claim) -> str:
    """The papers that make it."""
    named = commas(say(f"claims.source_{source}") for source in claim.sources)
    return say("claims.sources", sources=named)


def budget(claim: Claim) -> str:
    """What is trained, how, and until when."""
    plan = claim.budget
    one = usual(claim)
    listed = {"values": commas(map(str, sorted(plan.values)))}
    if plan.option == "distractors":
        listed["delay"] = plan.options["delay"]
    own = f"claims.budget_{plan.option}_{plan.task}"
    what = say(own if has(own) else f"claims.budget_{plan.option}", **listed)
    words = {
        "networks": some("networks", len(plan.places())),
        "lines": joined([line_name(line) for line in plan.variants]),
        "values": say("claims.budget_values", task=name_of("task", plan.task), what=what),
        "seeds": _seeds(claim),
        "units": some("units", one.hidden_size),
    }
    if not claim.trains:
        return say("claims.budget_untrained", **words)
    stop = one.stop_accuracy
    return say(
        "claims.budget",
        rate=_rate(claim),
        batch=one.batch_size,
        clip="–" if one.max_grad_norm is None else number(one.max_grad_norm),
        steps=one.max_steps,
        stop="" if stop is None else say("claims.budget_stop", accuracy=percent(stop)),
        **words,
    )


def _seeds(claim: Claim) -> str:
    """How many seeds, and where there are others."""
    plan = claim.budget
    seeds = say("claims.budget_seeds_each", seeds=some("seeds", len(plan.seeds)))
    fewer = [at for at in plan.values if len(plan.seeds_of(at)) != len(plan.seeds)]
    if fewer:
        at, count = fewer[0], some("seeds", len(plan.seeds_of(fewer[0])))
        return say("claims.budget_seeds_fewer", seeds=seeds, at=at, fewer=count)
    return say("claims.budget_seeds_apart", seeds=seeds) if plan.own_seeds else seeds


def _rate(claim: Claim) -> str:
    """The learning rate, and who has one of its own."""
    text = rate = number(usual(claim).learning_rate)
    for line, own in claim.budget.own.items():
        if "learning_rate" in own:
            text = say(
                "claims.budget_rate", rate=rate, line=line_name(line),
                own=number(own["learning_rate"]),
            )  # fmt: skip
    return text


def took(result: ClaimResult) -> str:
    """How long training took; empty where nothing was trained."""
    return say("claims.took", minutes=result.seconds / 60) if result.seconds else ""


def verdict(claim: Claim, result: ClaimResult) -> str:
    """Whether it was replicated, and by how many seeds."""
    if result.verdict is None:
        return counted("claims.verdict_none", result.total, done=result.done)
    judged = [part for part in result.parts if not part.check]
    outcomes = [part.outcome for part in judged]
    lost = any(part.decides and part.outcome is Outcome.NOT_MET for part in judged)
    key = "decided" if lost and result.verdict == "fails" else result.verdict
    return counted(
        f"claims.verdict_{key}", len(judged), met=outcomes.count(Outcome.MET),
        open=outcomes.count(Outcome.UNDECIDED), evidence=_evidence(result),
    )  # fmt: skip


def _evidence(result: ClaimResult) -> str:
    """The fewest seeds that a criterion stands on, and whether they are too few."""
    count = min(part.interval.n for part in result.parts if part.interval is not None)
    seeds = some("seeds", count)
    return say("claims.evidence_weak", seeds=seeds) if count < RULE.n else seeds


def rule(claim: Claim) -> str:
    """By which rule the criteria are judged."""
    text = say("claims.rule", level=percent(RULE.level), needed=some("seeds", RULE.n))
    if claim.key == "chrono_timescales":
        return spoken(text, say("claims.rule_quantiles"))
    return text


def how(claim: Claim) -> str:
    """What the lines of the picture are."""
    key = f"claims.how_{claim.key}"
    count = len(claim.budget.seeds)
    if claim.key == "gradient_decay":
        return say(key, networks=some("networks", count), examples=some("examples", EXAMPLES))
    if claim.key == "chrono_timescales":
        return say(key, networks=some("networks", count))
    if claim.key == "distractors":
        return say(key, seeds=some("seeds", count))
    return say("claims.how_learning")


def parts(result: ClaimResult) -> pd.DataFrame:
    """The criteria as a table to read: what, the criterion, what was measured, whether met."""
    return pd.DataFrame(
        [
            {
                say("claims.column_part"): _part_name(part),
                say("claims.column_bound"): say(
                    "claims.at_least" if part.at_least else "claims.at_most",
                    bound=_part_number(part, part.bound),
                ),
                say("claims.column_value"): _measured(part),
                say("claims.column_met"): say(f"claims.{part.outcome}"),
            }
            for part in result.parts
        ]
    ).set_index(say("claims.column_part"))


def _measured(part: Part) -> str:
    """The value, with its interval and n where it has one."""
    value, interval = _part_number(part, part.value), part.interval
    if interval is None:
        return value
    if not math.isfinite(interval.low):
        return say("claims.measured_open", value=value, n=interval.n)
    if math.isinf(interval.high):
        return say("claims.measured_from", value=value, low=_part_number(part, interval.low),
                   n=interval.n)  # fmt: skip
    ends = {name: _part_number(part, getattr(interval, name)) for name in ("low", "high")}
    return say("claims.measured_value", value=value, n=interval.n, **ends)


def _part_name(part: Part) -> str:
    name = say(f"claims.part_{part.key}")
    if part.check:
        return say("claims.checks", part=name)
    return say("claims.decides", part=name) if part.decides else name


def _part_number(part: Part, value: float) -> str:
    if part.key in ("is_product", "rate", "before", "after", "chrono_faster"):
        return digits(value)
    return percent(value)


def numbers(claim: Claim, result: ClaimResult) -> pd.DataFrame:
    """Ours beside the paper's, as a table to read."""
    rows = []
    shown = result.table[~result.table["measure"].isin(("difference", "rate"))]  # among the parts
    for row in shown.itertuples():
        ends = [_number(row.measure, end) for end in _range(row)]
        ours = _number(row.measure, row.ours)
        if row.measure == "times_faster" and not _ended(result, "lstm:forget_bias"):
            ours = say("claims.bound_number", value=ours)  # all its steps were not enough
        rows.append(
            {
                say("claims.column_what"): measure_name(claim, row.measure, int(row.at)),
                say("claims.column_line"): line_name(row.line),
                say("claims.column_ours"): ours,
                say("claims.column_range"): say("claims.from_to", low=ends[0], high=ends[1])
                if ends[0] != ends[1]
                else "–",
                say("claims.column_paper"): _published(row.measure, row.paper, row.note),
                say("claims.column_source"): say(f"claims.source_{row.source}")
                if row.source
                else "–",
            }
        )
    return pd.DataFrame(rows).set_index(say("claims.column_what"))


def _range(row: Any) -> tuple[float, float]:
    """Lowest and highest; of a quantile over units, whose row has one value, its interval."""
    ends = (row.low, row.high) if row.measure.startswith("half_life") else (row.lowest, row.highest)
    return ends if all(map(math.isfinite, ends)) else (row.lowest, row.highest)


def no_paper(result: ClaimResult) -> str:
    """A sentence where no paper's number stands beside any of ours; empty where one does."""
    return say("claims.no_paper") if result.table["paper"].isna().all() else ""


def _ended(result: ClaimResult, line: str) -> bool:
    """Whether every run of a variant has solved its task."""
    rows = result.table[(result.table["measure"] == "sequences") & (result.table["line"] == line)]
    return bool(len(rows) and np.isfinite(rows["highest"]).all())


def measure_name(claim: Claim, measure: str, at: int) -> str:
    """A quantity with its unit; some are called otherwise in one claim."""
    own = f"claims.measure_{measure}_{claim.key}"
    return say(own if has(own) else f"claims.measure_{measure}", at=at)


def _published(measure: str, value: float, note: str) -> str:
    if math.isnan(value):
        return "–"
    number = _number(measure, value)
    return say("claims.paper", value=number, note=say(f"claims.note_{note}")) if note else number


def _number(measure: str, value: float) -> str:
    if measure == "accuracy":
        return percent(value)
    if measure == "sequences":
        return say("claims.never") if math.isinf(value) else f"{value:,.0f}"
    if measure.startswith("half_life") or measure == "times_faster":
        return decimals(value, 1)
    return digits(value)
