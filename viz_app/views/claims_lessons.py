"""What is to be learnt from a claim, every number taken from its table."""

import math
from collections.abc import Callable

import pandas as pd

from gatescope.experiments.claims import Claim, ClaimResult
from gatescope.experiments.claims.rows import cell_of
from gatescope.experiments.claims.timescales import FACTOR
from viz_app.text import say
from viz_app.views.claims import task_at, usual
from viz_app.views.settings import digits


def lessons(claim: Claim, result: ClaimResult) -> list[str]:
    """What is to be learnt from it, as far as its numbers tell; empty while runs are missing."""
    makers: dict[str, Callable[[Claim, pd.DataFrame], list[str]]] = {
        "adding": _adding,
        "temporal_order": _order,
        "copy": _copy,
        "gradient_decay": _decay,
        "chrono_timescales": _timescales,
        "distractors": _distractors,
    }
    return makers[claim.key](claim, result.table) if result.verdict else []


def _adding(claim: Claim, table: pd.DataFrame) -> list[str]:
    (at,) = claim.budget.values
    found = {
        name: digits(cell_of(table, "loss", line, at))
        for name, line in (
            ("rnn", "rnn"), ("gru", "gru"), ("chrono", "lstm:chrono")
        )
    }  # fmt: skip
    for name, end in (("low", "lowest"), ("high", "highest")):
        found[name] = digits(cell_of(table, "loss", "lstm:forget_bias", at, end))
    steps, unit = usual(claim).max_steps, task_at(claim, at).baseline_loss
    return [say("claims.lesson_adding", steps=steps, baseline=digits(unit), **found)]


def _order(claim: Claim, table: pd.DataFrame) -> list[str]:
    (at,) = claim.budget.values
    seen = cell_of(table, "sequences", "lstm:forget_bias", at)
    sequences = cell_of(table, "sequences", "lstm:chrono", at)
    if math.isnan(sequences):
        return []
    if not math.isnan(seen):
        return [say("claims.lesson_temporal_order_later", sequences=sequences, seen=seen)]
    chrono, bias = (
        cell_of(table, "accuracy", line, at) for line in ("lstm:chrono", "lstm:forget_bias")
    )
    most = usual(claim).max_steps * usual(claim).batch_size
    words = {"chrono": chrono, "bias": bias, "sequences": sequences, "seen": most}
    return [say("claims.lesson_temporal_order_never", **words)]


def _copy(claim: Claim, table: pd.DataFrame) -> list[str]:
    told = []
    for at in sorted(claim.budget.values):
        found = {
            name: digits(cell_of(table, "loss", f"lstm:{line}", at))
            for name, line in (("bias", "forget_bias"), ("chrono", "chrono"))
        }
        baseline = digits(task_at(claim, at).baseline_loss)
        told.append(say("claims.lesson_copy", at=at, baseline=baseline, **found))
    return told


def _decay(claim: Claim, table: pd.DataFrame) -> list[str]:
    lines = {"default": "lstm", "bias": "lstm:forget_bias", "chrono": "lstm:chrono"}
    left = {name: digits(cell_of(table, "kept", line, 20)) for name, line in lines.items()}
    ends = {
        "total": digits(cell_of(table, "kept_in_all", "lstm", 100)),
        "direct": digits(cell_of(table, "kept", "lstm", 100)),
    }
    return [say("claims.lesson_gradient_decay", **left, **ends)]


def _timescales(claim: Claim, table: pd.DataFrame) -> list[str]:
    longest = max(claim.budget.values) + 1
    found = {
        when: cell_of(table, f"half_life_{when}", "q50", longest) for when in ("before", "after")
    }
    promised = cell_of(table, "half_life_before", "q50", longest, "paper")
    words = {"at": longest, "promised": promised, "constant": 1 + longest / 2}
    told = [say("claims.lesson_chrono_timescales", **words, **found)]
    factor = found["after"] / found["before"]
    if factor > FACTOR:
        return [*told, say("claims.lesson_chrono_timescales_longer", factor=factor)]
    return [*told, say("claims.lesson_chrono_timescales_kept")] if factor > 1 / FACTOR else told


def _distractors(claim: Claim, table: pd.DataFrame) -> list[str]:
    few, many = min(claim.budget.values), max(claim.budget.values)
    gated, free, rnn = (
        cell_of(table, "accuracy", line, many) for line in ("lstm:chrono", "lstm_no_forget", "rnn")
    )
    words = {"many": many, "gated": gated, "free": free}
    low, high = (cell_of(table, "accuracy", "rnn", many, end) for end in ("lowest", "highest"))
    at_rnn = {"few": cell_of(table, "accuracy", "rnn", few), "rnn": rnn, "low": low, "high": high}
    if free >= (usual(claim).stop_accuracy or 1.0):
        told = say("claims.lesson_distractors_free", **words)
    else:
        told = say("claims.lesson_distractors_gate", **words)
    return [told, say("claims.lesson_distractors_rnn", many=many, **at_rnn)]
