"""Sentences about a comparison, every number in them taken from its table."""

import math
from collections.abc import Callable

import pandas as pd

from gatescope.experiments.comparison import Comparison, Reference
from viz_app.text import say
from viz_app.views.bench import network_name, reference_name, score_name, score_text
from viz_app.views.bench_setting import aim_text, how, short, what
from viz_app.views.settings import digits

__all__ = ["aim_text", "how", "sentences", "wall", "what"]


def sentences(result: Comparison) -> list[str]:
    """What to look for; the first sentence is the headline. Empty where no run is finished."""
    found = result.summary()
    if found.empty:
        return []
    told = [
        _best(result, found),
        _recurrence(result, found),
        *_fastest(found),
        *_first(result, found),
    ]
    return [sentence for sentence in told if sentence]


def wall(result: Comparison) -> str:
    """How long training took by the clock on the wall, all runs together."""
    return say("bench.wall", minutes=float(result.table["wall_seconds"].sum()) / 60)


def _best(result: Comparison, found: pd.DataFrame) -> str:
    """The best on the test examples, and whether the next one is told apart from it."""
    task = result.config.make_task()
    by_loss = task.nearer
    column = "loss" if by_loss else "score"
    said: Callable[[float], str] = digits if by_loss else score_text
    measure = say("bench.by_loss") if by_loss else score_name(task)
    order = found[found[column].map(math.isfinite)].sort_values(
        column, ascending=by_loss, kind="stable"
    )
    if order.empty:
        return say("bench.none_finite")
    best = order.iloc[0]
    words = {"best": network_name(best["network"]), "value": said(best[column]), "what": measure}
    if len(order) == 1:
        return say("bench.only", **words)
    second = order.iloc[1]
    words |= {"next": network_name(second["network"]), "other": said(second[column])}
    return say(f"bench.best_{_apart(best, second, column)}", seeds=int(best["seeds"]), **words)


def _recurrence(result: Comparison, found: pd.DataFrame) -> str:
    """Whether the best network beats the best of what needs no recurrence."""
    task = result.config.make_task()
    fitted = [reference for reference in result.references if reference.kind != "naive"]
    losses = found["loss"][found["loss"].map(math.isfinite)]
    if not fitted or losses.empty:
        return ""
    by_loss = task.nearer
    if by_loss:
        other: Reference = min(fitted, key=lambda reference: reference.loss)
        pair = float(losses.min()), other.loss
        wins, said = pair[0] < pair[1], digits
    else:
        other = max(fitted, key=lambda reference: reference.score)
        pair = float(found["score"].max()), other.score
        wins, said = pair[0] > pair[1], score_text
    measure = say("bench.by_loss") if by_loss else score_name(task)
    return say(
        "bench.recurrence_pays" if wins else "bench.recurrence_not",
        reference=reference_name(other, task),
        what=measure,
        value=said(pair[1]),
        network=said(pair[0]),
    )


def _fastest(found: pd.DataFrame) -> list[str]:
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
    if _apart(best, order.iloc[1], "step_ms") == "overlap":
        return [say("bench.fastest_overlap", next=network_name(order.iloc[1]["network"]), **words)]
    return [say("bench.fastest", **words)]


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
            meet = _reach(first, "steps_to_aim")[1] >= _reach(steps.iloc[1], "steps_to_aim")[0]
            told.append(say("bench.first_meet" if meet else "bench.first", **words))
        timed = sure[sure["seconds_to_aim"].map(math.isfinite)]
        if len(timed) > 1:
            quick = timed.sort_values("seconds_to_aim", kind="stable").iloc[0]
            told.append(
                say(
                    "bench.first_seconds",
                    first=network_name(quick["network"]),
                    seconds=short(quick["seconds_to_aim"]),
                )
            )
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


def _apart(one: pd.Series, other: pd.Series, column: str) -> str:
    """``overlap`` or ``apart`` by their intervals; ``single`` where one has none."""
    ends = [float(line[f"{column}_{end}"]) for line in (one, other) for end in ("low", "high")]
    if not all(map(math.isfinite, ends)):
        return "single"
    return "overlap" if ends[0] <= ends[3] and ends[2] <= ends[1] else "apart"


def _reach(line: pd.Series, column: str) -> tuple[float, float]:
    """Lowest and highest; the value itself where there is one."""
    low, high = float(line[f"{column}_low"]), float(line[f"{column}_high"])
    value = float(line[column])
    return (low, high) if math.isfinite(low) else (value, value)
