"""Sentences about a comparison, every number in them taken from its table."""

import math
from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from gatescope import Task
from gatescope.analysis import Interval, Verdict
from gatescope.experiments.comparison import (
    Comparison,
    Reference,
    difference,
    difference_from,
    judged,
    rule_of,
)
from viz_app.features.benchmark.data import (
    network_name,
    reference_name,
    score_name,
    score_text,
    short,
)
from viz_app.features.benchmark.setting import aim_text
from viz_app.kit.words import decimals, digits, percent, some
from viz_app.text import say


class Measure(NamedTuple):
    """What networks are ranked by: its column, its name, and how its numbers are written."""

    column: str
    what: str
    said: Callable[[float], str]


def sentences(result: Comparison) -> list[str]:
    """What to look for; the first sentence is the headline. Empty where no run is finished."""
    summary = result.summary()
    if summary.empty:
        return []
    measure = _measure(result.config.make_task())
    lines = [
        _best(result, summary, measure),
        _recurrence(result, summary, measure),
        *_fastest(result, summary),
        *_first(result, summary),
    ]
    return [sentence for sentence in lines if sentence]


def _measure(task: Task) -> Measure:
    """Forecasts are ranked by their loss, all else by the score."""
    if task.nearer:
        return Measure("loss", say("bench.by_loss"), digits)
    return Measure("score", score_name(task), score_text)


def _ranked(summary: pd.DataFrame, column: str) -> pd.DataFrame:
    """The networks with a finite number there, the best first: only of a score more is better."""
    finite = summary[summary[column].map(math.isfinite)]
    return finite.sort_values(column, ascending=column != "score", kind="stable")


def _is_ahead(result: Comparison, first: str, second: str, column: str) -> bool:
    """Whether the first network is better there, by the rule."""
    interval = difference(result.table, first, second, column)
    return judged(interval, column) is Verdict.BETTER


def _best(result: Comparison, summary: pd.DataFrame, measure: Measure) -> str:
    """The best on the test examples, and whether the next one is told apart from it."""
    column = measure.column
    order = _ranked(summary, column)
    if order.empty:
        return say("bench.none_finite")
    networks, values = order["network"], [measure.said(value) for value in order[column]]
    words = {"best": network_name(networks.iloc[0]), "value": values[0], "what": measure.what}
    if len(order) == 1:
        return say("bench.only", **words)
    words |= {"next": network_name(networks.iloc[1]), "other": values[1]}
    interval = difference(result.table, networks.iloc[0], networks.iloc[1], column)
    return _judged("best", interval, column, words)


def _recurrence(result: Comparison, summary: pd.DataFrame, measure: Measure) -> str:
    """Whether the best network beats the best of what needs no recurrence."""
    column = measure.column
    fitted = [reference for reference in result.references if reference.kind != "naive"]
    order = _ranked(summary, column)
    if not fitted or order.empty:
        return ""
    choose = max if column == "score" else min
    other: Reference = choose(fitted, key=lambda reference: float(getattr(reference, column)))
    reference = float(getattr(other, column))
    words = {
        "reference": reference_name(other, result.config.make_task()),
        "what": measure.what,
        "value": measure.said(reference),
        "network": measure.said(float(order[column].iloc[0])),
    }
    interval = difference_from(result.table, str(order["network"].iloc[0]), reference, column)
    return _judged("recurrence", interval, column, words)


def _judged(about: str, interval: Interval, column: str, words: dict[str, str]) -> str:
    """What the rule says of a difference: points of a score, or a ratio of losses and times."""
    needed = rule_of(column).n
    if interval.n < needed:
        return say(f"bench.{about}_few", needed=some("seeds", needed), **words)
    ends = {name: float(getattr(interval, name)) for name in ("estimate", "low", "high")}
    by_score = column == "score"
    text = say(
        "bench.difference_points" if by_score else "bench.difference_ratio",
        level=percent(interval.level),
        n=interval.n,
        **{name: _end(end, by_score) for name, end in ends.items()},
    )
    return say(f"bench.{about}_{judged(interval, column)}", difference=text, **words)


def _end(end: float, by_score: bool) -> str:
    """An end of a difference: points with their sign, or a ratio."""
    if not by_score:
        return decimals(math.exp(end), 2)
    points = decimals(100 * end, 1)
    return points if points.startswith("−") or points == "0.0" else f"+{points}"


def _fastest(result: Comparison, summary: pd.DataFrame) -> list[str]:
    """Whose step takes least, and by how much the slowest is slower."""
    order = _ranked(summary, "step_ms")
    if len(order) < 2:
        return []
    best, second, last = (order.iloc[place] for place in (0, 1, -1))
    words = {
        "best": network_name(best["network"]),
        "ms": short(best["step_ms"]),
        "last": network_name(last["network"]),
        "other": short(last["step_ms"]),
    }
    if _is_ahead(result, best["network"], second["network"], "step_ms"):
        return [say("bench.fastest", **words)]
    return [say("bench.fastest_open", next=network_name(second["network"]), **words)]


def _first(result: Comparison, summary: pd.DataFrame) -> list[str]:
    """Who reaches the aim first, in steps and in seconds, and who does not always."""
    aim, every = aim_text(result), summary["reached"] == summary["seeds"]
    sure = summary[every].sort_values("steps_to_aim", kind="stable")
    if sure.empty:
        return [say("bench.nobody_sure", aim=aim)]
    first = sure.iloc[0]
    words = {
        "aim": aim,
        "first": network_name(first["network"]),
        "steps": f"{first['steps_to_aim']:,.0f}",
    }
    if len(sure) == 1:
        lines = [say("bench.first_alone", **words)]
    else:
        second = sure.iloc[1]
        words |= {
            "next": network_name(second["network"]),
            "other": f"{second['steps_to_aim']:,.0f}",
        }
        sooner = _is_ahead(result, first["network"], second["network"], "steps_to_aim")
        lines = [say("bench.first" if sooner else "bench.first_open", **words)]
    return [
        *lines,
        *_quickest(result, sure),
        *(
            say(
                "bench.not_all", network=network_name(line["network"]),
                count=int(line["reached"]), seeds=some("seeds", int(line["seeds"])),
            )
            for _, line in summary[~every].iterrows()
        ),
    ]  # fmt: skip


def _quickest(result: Comparison, sure: pd.DataFrame) -> list[str]:
    """Who is first in CPU seconds, where that is certain."""
    order = _ranked(sure, "seconds_to_aim")
    if len(order) < 2:
        return []
    quick, second = order.iloc[0], order.iloc[1]
    if not _is_ahead(result, quick["network"], second["network"], "seconds_to_aim"):
        return []
    seconds = short(quick["seconds_to_aim"])
    return [say("bench.first_seconds", first=network_name(quick["network"]), seconds=seconds)]
