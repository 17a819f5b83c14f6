"""Sentences about a retention experiment, every number in them taken from its table."""

import pandas as pd

from gatescope.experiments import RetentionConfig, summarise
from gatescope.jobs import JobStatus
from viz_app.text import name_of, say
from viz_app.views.retention import variant_name

MOST = 0.5
"""A delay counts as solved where more than this share of the seeds solves it."""


def settings(experiment: RetentionConfig, runs: int) -> str:
    """What was trained, on what, how, and until when."""
    clip = "retention.no_clip" if experiment.clip is None else "retention.clip"
    return say(
        "retention.what",
        runs=runs,
        task=name_of("task", experiment.task),
        delays=", ".join(map(str, experiment.delays)),
        seeds=len(experiment.seeds),
        size=say(f"retention.size_{experiment.match}", units=experiment.hidden_size),
        optimiser=say(f"retention.optimiser_{experiment.optimiser}"),
        rate=experiment.learning_rate,
        batch=experiment.batch_size,
        clip=say(clip, clip=experiment.clip),
        solved=experiment.solved,
        steps=experiment.max_steps,
    )


def time_taken(table: pd.DataFrame) -> str:
    """How long training took in all."""
    minutes = float(table["seconds"].sum()) / 60
    return say("retention.time", minutes=minutes, half=minutes / 2)


def standing(stand: JobStatus) -> str:
    """Where an experiment stands."""
    words = {"done": stand.done, "total": stand.total}
    if stand.state == "waiting":
        if not stand.ahead:
            return say("retention.waiting_next", **words)
        return say("retention.waiting", ahead=stand.ahead, **words)
    left = ""
    if stand.seconds_left is not None:
        left = say("retention.left", time=time_left(stand.seconds_left))
    return say(f"retention.{stand.state}", left=left, reason=stand.fault, **words)


def time_left(seconds: float) -> str:
    """A time as a person would say it."""
    if seconds >= 90:
        return say("retention.minutes", count=seconds / 60)
    return say("retention.seconds", count=seconds)


def sentences(experiment: RetentionConfig, table: pd.DataFrame) -> list[str]:
    """The lesson, as far as this table has one: the first sentence is the headline."""
    found = summarise(table).set_index(["variant", "delay"])
    told = [_surprise(found)]
    told += _start(found)
    told += _bias(experiment, found)
    told += _gru(found)
    told += _life(found)
    return [sentence for sentence in told if sentence]


def solved_table(table: pd.DataFrame) -> pd.DataFrame:
    """How many seeds of each network solve each delay, as text: one row a network."""
    found = summarise(table)
    found["text"] = [
        say("retention.numbers_cell", solved=round(line.solved * line.seeds), seeds=line.seeds)
        for line in found.itertuples()
    ]
    order = list(dict.fromkeys(found["variant"]))
    wide = found.pivot(index="variant", columns="delay", values="text").loc[order].fillna("")
    wide.index = pd.Index(
        [variant_name(variant) for variant in order], name=say("retention.numbers_name")
    )
    wide.columns = [say("gates.steps", count=delay) for delay in wide.columns]
    return wide


def longest_solved(found: pd.DataFrame, variant: str) -> int | None:
    """The longest delay that most seeds of a variant solve; None when there is none."""
    if variant not in found.index.get_level_values("variant"):
        return None
    solved = found.loc[variant]["solved"]
    delays = solved[solved > MOST].index
    return int(max(delays)) if len(delays) else None


def _surprise(found: pd.DataFrame) -> str:
    """The longest delay at which the plain RNN beats torch's default LSTM, or how far each got."""
    if not {"rnn", "lstm"} <= set(found.index.get_level_values("variant")):
        return ""
    rnn, lstm = found.loc["rnn"], found.loc["lstm"]
    both = rnn.index.intersection(lstm.index)
    better = [delay for delay in both if rnn["solved"][delay] > MOST >= lstm["solved"][delay]]
    if not better:
        ends = {name: longest_solved(found, name) for name in ("rnn", "lstm")}
        words = {name: _steps(delay) for name, delay in ends.items()}
        return say("retention.no_surprise", **words)
    delay = max(better)
    seeds = int(rnn["seeds"][delay])
    return say(
        "retention.surprise",
        delay=delay,
        rnn=round(rnn["solved"][delay] * seeds),
        lstm=round(lstm["solved"][delay] * int(lstm["seeds"][delay])),
        seeds=seeds,
    )


def _start(found: pd.DataFrame) -> list[str]:
    """How far the LSTM gets with chrono initialisation."""
    if "lstm:chrono" not in found.index.get_level_values("variant"):
        return []
    chrono = found.loc["lstm:chrono"]
    default = longest_solved(found, "lstm") or 0
    longest = longest_solved(found, "lstm:chrono")
    delay = int(max(chrono.index)) if longest is None else longest
    line = chrono.loc[delay]
    words = {
        "delay": delay,
        "count": round(line["solved"] * line["seeds"]),
        "seeds": int(line["seeds"]),
    }
    if longest is None or longest <= default:
        return [say("retention.start_fails", **words)]
    return [say("retention.start", steps=round(line["solved_at"]), **words)]


def _bias(experiment: RetentionConfig, found: pd.DataFrame) -> list[str]:
    if "lstm:forget_bias" not in found.index.get_level_values("variant"):
        return []
    delay = longest_solved(found, "lstm:forget_bias")
    if delay is None:
        return [say("retention.bias_none", bias=experiment.forget_bias)]
    return [say("retention.bias", bias=experiment.forget_bias, delay=delay)]


def _gru(found: pd.DataFrame) -> list[str]:
    if not {"gru", "gru:chrono"} <= set(found.index.get_level_values("variant")):
        return []
    ends = {
        name: _steps(longest_solved(found, variant))
        for name, variant in (("default", "gru"), ("chrono", "gru:chrono"))
    }
    return [say("retention.gru", **ends)]


def _life(found: pd.DataFrame) -> list[str]:
    if not {"lstm", "lstm:chrono"} <= set(found.index.get_level_values("variant")):
        return []
    both = found.loc["lstm"].index.intersection(found.loc["lstm:chrono"].index)
    if not len(both):
        return []
    delay = int(max(both))
    lives = {
        name: _number(float(found.loc[(variant, delay), "half_life"]))
        for name, variant in (("default", "lstm"), ("chrono", "lstm:chrono"))
    }
    return [say("retention.life", delay=delay, **lives)]


def _steps(delay: int | None) -> str:
    return say("retention.none_solved") if delay is None else str(delay)


def _number(life: float) -> str:
    count = f"{life:.0f}" if life >= 10 else f"{life:.1f}"
    return say("gates.steps", count=count)
