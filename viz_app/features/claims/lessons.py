"""What is to be learnt from a claim, every number taken from its table."""

import math
from collections.abc import Callable

from gatescope.analysis import Outcome
from gatescope.experiments.claims import Claim, ClaimResult
from gatescope.experiments.claims.rows import cell_of
from viz_app.features.claims.data import task_at, usual
from viz_app.kit.words import clauses, decimals, digits, percent, some
from viz_app.text import say


def lessons(claim: Claim, result: ClaimResult) -> list[str]:
    """What is to be learnt from it, as far as its numbers tell; empty while runs are missing."""
    makers: dict[str, Callable[[Claim, ClaimResult], list[str]]] = {
        "adding": _adding,
        "temporal_order": _order,
        "copy": _copy,
        "gradient_decay": _decay,
        "chrono_timescales": _timescales,
        "distractors": _distractors,
    }
    return makers[claim.key](claim, result) if result.verdict else []


def _adding(claim: Claim, result: ClaimResult) -> list[str]:
    table = result.table
    (at,) = claim.budget.values
    losses = {
        name: digits(cell_of(table, "loss", line, at))
        for name, line in (
            ("rnn", "rnn"), ("gru", "gru"), ("chrono", "lstm:chrono")
        )
    }  # fmt: skip
    for name, end in (("low", "lowest"), ("high", "highest")):
        losses[name] = digits(cell_of(table, "loss", "lstm:forget_bias", at, end))
    steps, unit = usual(claim).max_steps, task_at(claim, at).baseline_loss
    return [say("claims.lesson_adding", steps=steps, baseline=digits(unit), **losses)]


def _order(claim: Claim, result: ClaimResult) -> list[str]:
    table = result.table
    (at,) = claim.budget.values
    seen = cell_of(table, "sequences", "lstm:forget_bias", at)
    sequences = cell_of(table, "sequences", "lstm:chrono", at)
    if not math.isfinite(sequences):
        return []
    if math.isfinite(seen):
        words = {"sequences": f"{sequences:,.0f}", "seen": f"{seen:,.0f}"}
        return [say("claims.lesson_temporal_order_later", **words)]
    chrono, bias = (
        cell_of(table, "accuracy", line, at) for line in ("lstm:chrono", "lstm:forget_bias")
    )
    most = usual(claim).max_steps * usual(claim).batch_size
    guess = task_at(claim, at).baseline_accuracy
    words = {
        "chrono": percent(chrono), "bias": percent(bias), "guess": percent(guess),
        "sequences": f"{sequences:,.0f}", "seen": f"{most:,.0f}",
    }  # fmt: skip
    return [say("claims.lesson_temporal_order_never", **words)]


def _copy(claim: Claim, result: ClaimResult) -> list[str]:
    table = result.table
    lines = []
    for at in sorted(claim.budget.values):
        losses = {
            name: digits(cell_of(table, "loss", f"lstm:{line}", at))
            for name, line in (("bias", "forget_bias"), ("chrono", "chrono"))
        }
        baseline = digits(task_at(claim, at).baseline_loss)
        n = len(claim.budget.seeds_of(at))
        seeds = some("seeds", n)
        medians = say("claims.medians", seeds=seeds) if n > 1 else seeds
        lines.append(say("claims.lesson_copy", at=at, baseline=baseline, medians=medians, **losses))
    return lines


def _decay(claim: Claim, result: ClaimResult) -> list[str]:
    table = result.table
    lines = {"default": "lstm", "bias": "lstm:forget_bias", "chrono": "lstm:chrono"}
    left = {name: digits(cell_of(table, "kept", line, 20)) for name, line in lines.items()}
    ends = {
        "total": digits(cell_of(table, "kept_in_all", "lstm", 100)),
        "direct": digits(cell_of(table, "kept", "lstm", 100)),
    }
    return [say("claims.lesson_gradient_decay", **left, **ends)]


def _timescales(claim: Claim, result: ClaimResult) -> list[str]:
    table = result.table
    longest = max(claim.budget.values) + 1
    half_lives = {
        when: cell_of(table, f"half_life_{when}", "q50", longest) for when in ("before", "after")
    }
    promised = cell_of(table, "half_life_before", "q50", longest, "paper")
    words = {"at": longest, "promised": promised, "constant": 1 + longest / 2} | half_lives
    said = {name: f"{value:.0f}" for name, value in words.items()}
    lines = [say("claims.lesson_chrono_timescales", **said)]
    factor, after = half_lives["after"] / half_lives["before"], _outcome(result, "after")
    if after is Outcome.NOT_MET and factor > 1:
        longer = say("claims.lesson_chrono_timescales_longer", factor=decimals(factor, 1))
        return [*lines, longer]
    if after is Outcome.MET:
        return [*lines, say("claims.lesson_chrono_timescales_kept")]
    return lines


def _distractors(claim: Claim, result: ClaimResult) -> list[str]:
    table = result.table
    many = max(claim.budget.values)
    gated, free = (
        cell_of(table, "accuracy", line, many) for line in ("lstm:chrono", "lstm_no_forget")
    )
    needless = _outcome(result, "no_gate_fails") is Outcome.NOT_MET
    key = "lesson_distractors_free" if needless else "lesson_distractors_gate"
    rnn = [
        say(
            "claims.lesson_distractors_at", at=at,
            **{end: percent(cell_of(table, "accuracy", "rnn", at, end))
               for end in ("ours", "lowest", "highest")},
        )
        for at in sorted(claim.budget.values)
        if math.isfinite(cell_of(table, "accuracy", "rnn", at))
    ]  # fmt: skip
    return [
        say(f"claims.{key}", many=many, gated=percent(gated), free=percent(free)),
        say("claims.lesson_distractors_rnn", listed=clauses(rnn)),
    ]


def _outcome(result: ClaimResult, key: str) -> Outcome:
    """That of one part."""
    return next(part.outcome for part in result.parts if part.key == key)
