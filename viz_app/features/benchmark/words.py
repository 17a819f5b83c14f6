"""Sentences about a comparison, every number in them taken from its table."""

import math
from collections.abc import Callable

import pandas as pd

from gatescope.analysis import Interval, Verdict
from gatescope.experiments.comparison import (
    Comparison,
    Reference,
    difference,
    difference_from,
    judged,
    rule_of,
)
from viz_app.features.benchmark.data import network_name, reference_name, score_name, score_text
from viz_app.features.benchmark.setting import aim_text, how, short, what
from viz_app.kit.run_words import digits
from viz_app.text import say

__all__ = ["aim_text", "how", "rule", "sentences", "wall", "what"]


def sentences(result: Comparison) -> list[str]:
    """What to look for; the first sentence is the headline. Empty where no run is finished."""
    found = result.summary()
    if found.empty:
        return []
    told = [
        _best(result, found),
        _recurrence(result, found),
        *_fastest(result, found),
        *_first(result, found),
    ]
    return [sentence for sentence in told if sentence]


def wall(result: Comparison) -> str:
    """How long training took by the clock on the wall, all runs together."""
    return say("bench.wall", minutes=float(result.table["wall_seconds"].sum()) / 60)


def rule() -> str:
    """By which rule the sentences are told."""
    scores, ratios = rule_of("score"), rule_of("loss")
    return say(
        "bench.rule", level=scores.level, seeds=scores.n, points=100 * scores.smallest,
        ratio=ratios.smallest,
    )  # fmt: skip


def _best(result: Comparison, found: pd.DataFrame) -> str:
    """The best on the test examples, and whether the next one is told apart from it."""
    task = result.config.make_task()
    column, said = _measure(task.nearer)
    measure = say("bench.by_loss") if task.nearer else score_name(task)
    order = found[found[column].map(math.isfinite)].sort_values(
        column, ascending=task.nearer, kind="stable"
    )
    if order.empty:
        return say("bench.none_finite")
    best = order.iloc[0]
    words = {"best": network_name(best["network"]), "value": said(best[column]), "what": measure}
    if len(order) == 1:
        return say("bench.only", **words)
    second = order.iloc[1]
    words |= {"next": network_name(second["network"]), "other": said(second[column])}
    interval = difference(result.table, best["network"], second["network"], column)
    if interval.n < rule_of(column).n:
        return say("bench.best_few", needed=rule_of(column).n, **words)
    return say(
        f"bench.best_{judged(interval, column)}", difference=_told(interval, column), **words
    )


def _recurrence(result: Comparison, found: pd.DataFrame) -> str:
    """Whether the best network beats the best of what needs no recurrence."""
    task = result.config.make_task()
    column, said = _measure(task.nearer)
    fitted = [reference for reference in result.references if reference.kind != "naive"]
    finite = found[found[column].map(math.isfinite)]
    if not fitted or finite.empty:
        return ""
    order = finite.sort_values(column, ascending=task.nearer, kind="stable")
    best = str(order["network"].iloc[0])
    choose = min if task.nearer else max
    other: Reference = choose(fitted, key=lambda reference: float(getattr(reference, column)))
    reference = float(getattr(other, column))
    interval = difference_from(result.table, best, reference, column)
    words = {
        "reference": reference_name(other, task),
        "what": say("bench.by_loss") if task.nearer else score_name(task),
        "value": said(reference),
        "network": said(float(order[column].iloc[0])),
    }
    if interval.n < rule_of(column).n:
        return say("bench.recurrence_few", needed=rule_of(column).n, **words)
    return say(
        f"bench.recurrence_{judged(interval, column)}", difference=_told(interval, column), **words
    )


def _measure(by_loss: bool) -> tuple[str, Callable[[float], str]]:
    """The column that networks are ranked by, and how its numbers are written."""
    return ("loss", digits) if by_loss else ("score", score_text)


def _told(interval: Interval, column: str) -> str:
    """A difference with its interval and n: points of a score, or a ratio of losses and times."""
    ends = {name: float(getattr(interval, name)) for name in ("estimate", "low", "high")}
    by_score = column == "score"
    words = {name: 100 * end if by_score else math.exp(end) for name, end in ends.items()}
    key = "bench.difference_points" if by_score else "bench.difference_ratio"
    return say(key, level=interval.level, n=interval.n, **words)


def _fastest(result: Comparison, found: pd.DataFrame) -> list[str]:
    """Whose step takes least, and by how much the slowest is slower."""
    order = found[found["step_ms"].map(math.isfinite)].sort_values("step_ms", kind="stable")
    if len(order) < 2:
        return []
    best, last = order.iloc[0], order.iloc[-1]
    words = {
        "best": network_name(best["network"]),
        "ms": short(best["step_ms"]),
        "last": network_name(last["network"]),
        "other": short(last["step_ms"]),
    }
    second = order.iloc[1]["network"]
    interval = difference(result.table, best["network"], second, "step_ms")
    if judged(interval, "step_ms") is not Verdict.BETTER:
        return [say("bench.fastest_open", next=network_name(second), **words)]
    return [say("bench.fastest", **words)]


def _quickest(result: Comparison, sure: pd.DataFrame) -> list[str]:
    """Who is first in CPU seconds, where that is certain."""
    timed = sure[sure["seconds_to_aim"].map(math.isfinite)]
    order = timed.sort_values("seconds_to_aim", kind="stable")
    if len(order) < 2:
        return []
    quick, second = order.iloc[0], order.iloc[1]
    interval = difference(result.table, quick["network"], second["network"], "seconds_to_aim")
    if judged(interval, "seconds_to_aim") is not Verdict.BETTER:
        return []
    first, seconds = network_name(quick["network"]), short(quick["seconds_to_aim"])
    return [say("bench.first_seconds", first=first, seconds=seconds)]


def _first(result: Comparison, found: pd.DataFrame) -> list[str]:
    """Who reaches the aim first, in steps and in seconds, and who does not always."""
    aim = aim_text(result)
    sure = found[found["reached"] == found["seeds"]]
    told = []
    if sure.empty:
        told.append(say("bench.nobody_sure", aim=aim))
    else:
        steps = sure.sort_values("steps_to_aim", kind="stable")
        first = steps.iloc[0]
        words = {
            "aim": aim,
            "first": network_name(first["network"]),
            "steps": round(first["steps_to_aim"]),
        }
        if len(steps) == 1:
            told.append(say("bench.first_alone", **words))
        else:
            words |= {
                "next": network_name(steps.iloc[1]["network"]),
                "other": round(steps.iloc[1]["steps_to_aim"]),
            }
            pair = first["network"], steps.iloc[1]["network"]
            interval = difference(result.table, *pair, "steps_to_aim")
            sooner = judged(interval, "steps_to_aim") is Verdict.BETTER
            told.append(say("bench.first" if sooner else "bench.first_open", **words))
        told += _quickest(result, sure)
    for _, line in found[(found["reached"] < found["seeds"]) & (len(sure) > 0)].iterrows():
        told.append(
            say(
                "bench.not_all",
                network=network_name(line["network"]),
                count=int(line["reached"]),
                seeds=int(line["seeds"]),
            )
        )
    return told
