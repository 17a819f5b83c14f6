"""Sentences about a retention experiment, every number in them taken from its table."""

import pandas as pd

from gatescope.analysis import RULES, Interval, Verdict
from gatescope.experiments import (
    RetentionConfig,
    solved_difference,
    solved_fraction,
    summarise,
)
from gatescope.jobs import ClassStatus
from viz_app.features.retention.data import Measure, variant_name
from viz_app.kit.words import counted, decimals, duration, joined, number, percent, some, spoken
from viz_app.text import name_of, say

MOST, DIFFER = RULES["retention_most"], RULES["retention"]
"""Whether most seeds of a network solve a delay; whether two networks differ there."""

Groups = dict[tuple[str, int], pd.DataFrame]
"""The runs of a variant at a delay."""


def settings(experiment: RetentionConfig, *, seats: bool = False) -> str:
    """What was trained, on what, how, and until when; with seats, by each who joins a class."""
    count = len(experiment.seeds)
    runs = len(experiment.variants) * len(experiment.delays) * count
    clip = experiment.base.max_grad_norm
    return say(
        "retention.what",
        networks=some("networks", runs),
        task=name_of("task", experiment.base.task),
        delays=joined([str(delay) for delay in experiment.delays]),
        seeds=say("retention.what_seats" if seats else "retention.what_seeds",
                  seeds=some("seeds", count)),
        size=say(f"retention.size_{experiment.match}",
                 units=some("units", experiment.base.hidden_size)),
        optimizer=say(f"train.optimizer_{experiment.base.optimizer}"),
        rate=number(experiment.base.learning_rate),
        batch=experiment.base.batch_size,
        clip=say("retention.no_clip") if clip is None
        else say("retention.clip", clip=clip),
        solved=percent(experiment.solved),
        steps=experiment.base.max_steps,
    )  # fmt: skip


def guess(experiment: RetentionConfig, variant: str) -> tuple[str, tuple[str, ...]]:
    """What a class is asked about one network, and what it can answer."""
    seeds = some("seeds", len(experiment.seeds))
    text = say("retention.guess", network=variant_name(variant), seeds=seeds)
    delays = (some("steps", delay) for delay in sorted(experiment.delays))
    return text, (*delays, say("retention.guess_nowhere"))


def class_cost(experiment: RetentionConfig, students: int, seconds: float) -> str:
    """What an experiment of a class costs before it begins, of as many seeds as it would use."""
    seeds = len(experiment.seeds)
    runs = len(experiment.variants) * len(experiment.delays) * seeds
    return say(
        "retention.class_cost", students=some("students", students), seeds=some("seeds", seeds),
        runs=some("runs", runs), duration=duration(seconds),
    )  # fmt: skip


def time_taken(table: pd.DataFrame) -> str:
    """How long training took in all."""
    minutes = max(1, round(float(table["seconds"].sum()) / 60))
    return say("retention.time", minutes=some("minutes", minutes))


def stands(stand: ClassStatus, seconds: float) -> str:
    """How far a class is, and for how many seconds it would still train at most."""
    if not stand.seats:
        return say("retention.class_stand_none", duration=duration(seconds))
    students, runs = some("students", stand.seats), some("runs", stand.total)
    told = counted("retention.class_stand", stand.seats, students=students, done=stand.done,
                   runs=runs)  # fmt: skip
    if not stand.at_work:
        return told
    return say("retention.class_left", stand=told, duration=duration(seconds))


def sentences(experiment: RetentionConfig, table: pd.DataFrame) -> list[str]:
    """The lesson, as far as this table has one: the first sentence is the headline."""
    groups = {
        (str(variant), int(delay)): rows for (variant, delay), rows in
        table.groupby(["variant", "delay"], sort=False)
    }  # fmt: skip
    most = max(map(len, groups.values()), default=0)
    if most < MOST.n:
        return [say("retention.too_few", seeds=some("seeds", most), needed=MOST.n)]
    first, *rest = [*_surprise(groups), ""]
    lines = [first, *_start(groups), *rest]
    lines += [_reach(groups, variant) for variant in ("lstm:forget_bias", "gru", "gru:chrono")]
    lines += _life(groups)
    return [sentence for sentence in lines if sentence]


def rule() -> str:
    """By which rule the sentences are told."""
    return say(
        "retention.rule", seeds=some("seeds", MOST.n), level=percent(MOST.level),
        most=percent(MOST.centre), smallest=number(100 * DIFFER.smallest),
    )  # fmt: skip


def solved_table(table: pd.DataFrame) -> pd.DataFrame:
    """How many seeds of each network solve each delay, as text: one row a network."""
    summary = summarise(table)
    summary["text"] = [
        say("retention.numbers_cell", solved=round(line.solved * line.seeds), seeds=line.seeds)
        for line in summary.itertuples()
    ]
    order = list(dict.fromkeys(summary["variant"]))
    wide = summary.pivot(index="variant", columns="delay", values="text").loc[order].fillna("")
    wide.index = pd.Index(
        [variant_name(variant) for variant in order], name=say("retention.numbers_name")
    )
    wide.columns = [some("steps", delay) for delay in wide.columns]
    return wide


def longest_solved(groups: Groups, variant: str) -> int | None:
    """The longest delay that most seeds of a variant solve, by the rule; None without one."""
    solved = [
        delay
        for (name, delay), rows in groups.items()
        if name == variant and MOST.verdict(solved_fraction(rows)) is Verdict.BETTER
    ]
    return max(solved, default=None)


def fails_at(table: pd.DataFrame, variant: str) -> int | None:
    """The shortest delay that fewer than half of a network's runs solve; None without one."""
    shares = table[table["variant"] == variant].groupby("delay")["solved"].mean()
    return next((int(delay) for delay, share in shares.sort_index().items() if share < 0.5), None)


def failed(table: pd.DataFrame, variant: str) -> str:
    """Where a network fails first, with the count there."""
    rows, delay = table[table["variant"] == variant], fails_at(table, variant)
    longest = int(rows["delay"].max()) if delay is None else delay
    return say(
        "retention.guess_holds" if delay is None else "retention.guess_fails",
        network=variant_name(variant), delay=longest,
        **_counts("solved", rows[rows["delay"] == longest]),
    )  # fmt: skip


def how(measure: Measure) -> str:
    """How the picture of a measure is read."""
    own = {
        "solved_at": "how_solved_at", "half_life": "how_half_life", "gate_left": "how_least",
        "gradient_left": "how_least",
    }.get(measure)  # fmt: skip
    return spoken(say("retention.how"), say(f"retention.{own}") if own else "")


def _surprise(groups: Groups) -> list[str]:
    """Where the plain RNN and torch's default LSTM differ, either way, and what is undecided."""
    delays = sorted(delay for name, delay in groups if name == "rnn" and ("lstm", delay) in groups)
    if not delays:
        return []
    by_verdict: dict[Verdict, list[str]] = {verdict: [] for verdict in Verdict}
    for delay in reversed(delays):
        pair = groups["rnn", delay], groups["lstm", delay]
        difference = solved_difference(*pair)
        verdict = DIFFER.verdict(difference)
        first = verdict is Verdict.BETTER and not by_verdict[Verdict.BETTER]
        if verdict in (Verdict.BETTER, Verdict.WORSE) or (
            verdict is Verdict.UNDECIDED and difference.estimate
        ):
            key = "surprise" if first else verdict.value
            words = _counts("rnn", pair[0]) | _counts("lstm", pair[1])
            by_verdict[verdict].append(
                say(f"retention.{key}", delay=delay, difference=_told(difference), **words)
            )
    first_lines = by_verdict[Verdict.BETTER] or [say("retention.no_surprise")]
    undecided = by_verdict[Verdict.UNDECIDED]
    if undecided:  # an interval without 0 in it may be undecided too: why is said beside it
        why = say("retention.undecided_why", smallest=number(100 * DIFFER.smallest))
        undecided[0] = spoken(undecided[0], why)
    return [*first_lines, *by_verdict[Verdict.WORSE], *undecided]


def _start(groups: Groups) -> list[str]:
    """How far the LSTM gets with chrono initialization, and whether that is its start's doing."""
    delay = longest_solved(groups, "lstm:chrono")
    if delay is None:
        return [_reach(groups, "lstm:chrono")]
    chrono = groups["lstm:chrono", delay]
    steps = summarise(chrono)["solved_at"].iloc[0]
    words = _counts("chrono", chrono)
    lines = [say("retention.start", delay=delay, steps=f"{steps:,.0f}", **words)]
    if ("lstm", delay) in groups:
        default = groups["lstm", delay]
        difference = solved_difference(chrono, default)
        alone = DIFFER.verdict(difference) is Verdict.BETTER
        lines.append(
            say(
                "retention.start_alone" if alone else "retention.start_open",
                difference=_told(difference), **_counts("default", default),
            )
        )  # fmt: skip
    return lines


def _reach(groups: Groups, variant: str) -> str:
    """How far one variant gets."""
    if not any(name == variant for name, _ in groups):
        return ""
    delay = longest_solved(groups, variant)
    name = variant_name(variant)
    if delay is None:
        return say("retention.reach_none", network=name)
    return say(
        "retention.reach", network=name, delay=delay, **_counts("most", groups[variant, delay])
    )


def _life(groups: Groups) -> list[str]:
    both = [delay for name, delay in groups if name == "lstm" and ("lstm:chrono", delay) in groups]
    if not both:
        return []
    delay = max(both)
    lives = {
        name: _life_of(groups[variant, delay])
        for name, variant in (("default", "lstm"), ("chrono", "lstm:chrono"))
    }
    return [say("retention.life", delay=delay, **lives)]


def _life_of(rows: pd.DataFrame) -> str:
    life = float(rows["half_life"].median())
    return decimals(life, 0 if life >= 10 else 1)


def _counts(name: str, rows: pd.DataFrame) -> dict[str, int]:
    """How many of how many runs solved it, as a sentence takes them."""
    return {name: int(rows["solved"].sum()), f"{name}_seeds": len(rows)}


def _told(difference: Interval) -> str:
    """A difference of two fractions with its interval, in percentage points."""
    ends = {name: round(100 * getattr(difference, name)) for name in ("estimate", "low", "high")}
    signed = {name: f"{end:+d}".replace("-", "−") for name, end in ends.items()}
    return say("retention.difference", level=percent(difference.level), **signed)
