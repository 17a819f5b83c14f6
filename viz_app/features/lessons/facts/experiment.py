"""What lesson 6 says in numbers: which networks hold a symbol for how long, and what that costs."""

from typing import Any

import numpy as np
import pandas as pd

from gatescope import record
from gatescope.analysis import RULES, Verdict, band, gradient_norm, wilson_interval
from gatescope.experiments import RetentionConfig
from gatescope.training import SummedLoss, build_model
from viz_app.features import Retention
from viz_app.features.lessons import measured
from viz_app.features.lessons.builds import smallest50
from viz_app.features.lessons.facts.what_keeps_it import HALF
from viz_app.kit.recordings import Recordings

AT = (5, 10, 20, 50, 100)
"""The delays at which an accuracy is guessed."""

SHORTER, SHORT, MIDDLE, LONG = 10, 20, 100, 200

PROBED, PROBE_SEED = 64, 0
"""On so many examples a gradient is measured, drawn from this seed."""

MOST = RULES["retention_most"]
BETTER = 2
"""So many more seeds of one network than of another are told apart here."""

ONLY = {"initialization", "chrono_max"}
"""The settings by which chrono differs."""


def facts(recordings: Recordings) -> dict[str, Any]:
    """See `viz_app.features.lessons.facts`."""
    config, table = Retention().data(recordings)
    task = config.config("lstm", SHORT, config.seeds[0]).make_task()
    guess = task.baseline_accuracy
    seeds, per_seed = len(config.seeds), float(table["seconds"].sum()) / len(config.seeds)
    solved = {
        (name, delay): _solved(table, name, delay)
        for name in ("rnn", "lstm", "lstm:chrono") for delay in (SHORT, MIDDLE, LONG)
    }  # fmt: skip
    small = measured.smallest()
    each = {name: _each(config, name) for name in ("rnn", "lstm")}
    fraction = wilson_interval(solved["rnn", MIDDLE], seeds, MOST.level)
    return {
        "symbols": round(1 / guess), "guess": guess, "guess_percent": 100 * guess,
        "knows_half": 100 * (0.5 + 0.5 * guess),
        "seeds": seeds, "units": config.base.hidden_size, "steps": config.base.max_steps,
        "at": AT, "curve": tuple(100 * _accuracy(table, "lstm", delay) for delay in AT),
        "last_held": max((d for d in AT if _accuracy(table, "lstm", d) > 0.9), default=0),
        "short": SHORT, "middle": MIDDLE, "long": LONG,
        "rnn_short": solved["rnn", SHORT], "lstm_short": solved["lstm", SHORT],
        "shorter": SHORTER, "rnn_shorter": _solved(table, "rnn", SHORTER),
        "rnn_each": each["rnn"], "lstm_each": each["lstm"],
        "who": _who(solved["rnn", SHORT], solved["lstm", SHORT]),
        "chrono_long": solved["lstm:chrono", LONG], "lstm_long": solved["lstm", LONG],
        "networks": len(config.variants), "delays": len(config.delays),
        "runs": len(config.variants) * len(config.delays), "per_seed": round(per_seed / 60),
        "all_minutes": round(per_seed * seeds / 60),
        "trained": len(small), "tried": len(small) // len(measured.SEEDS),
        "tried_seeds": len(measured.SEEDS), "tried_minutes": round(small["seconds"].sum() / 60),
        "fewest": smallest50.holding()[0], "goal": measured.DELAY,
        "level": MOST.level, "rule_low": fraction.low, "rule_high": fraction.high,
        "rnn_middle": solved["rnn", MIDDLE], "says": _says(solved["rnn", MIDDLE], seeds),
        "differs": _differs(config), "half": HALF, "left": HALF**SHORT,
    }  # fmt: skip


def _rows(table: pd.DataFrame, variant: str, delay: int) -> pd.DataFrame:
    return table[(table["variant"] == variant) & (table["delay"] == delay)]


def _solved(table: pd.DataFrame, variant: str, delay: int) -> int:
    return int(_rows(table, variant, delay)["solved"].sum())


def _accuracy(table: pd.DataFrame, variant: str, delay: int) -> float:
    return float(_rows(table, variant, delay)["accuracy"].median())


def _each(config: RetentionConfig, variant: str) -> float:
    """What each of `SHORT` steps leaves of the hidden state's gradient before training: the
    median over the seeds."""
    left = []
    for seed in config.seeds:
        settings = config.config(variant, SHORT, seed)
        task = settings.make_task()
        batch = task.held_out("test").sample(PROBED, PROBE_SEED)
        trace = record(build_model(settings).eval(), batch.inputs, SummedLoss(task, batch))
        layer = next(iter(trace.leaves)).to_dataset()
        norms = band(gradient_norm(layer, "hidden_state"), layer.attrs["dtype"]).median
        left.append(float(norms[-1 - SHORT] / norms[-1]))
    return float(np.median(left)) ** (1 / SHORT)


def _who(rnn: int, lstm: int) -> str:
    """Which of both is solved by more seeds."""
    return "same" if abs(rnn - lstm) < BETTER else "rnn" if rnn > lstm else "lstm"


def _says(solved: int, seeds: int) -> str:
    """Whether most seeds solve it, by the experiment's rule."""
    verdict = MOST.verdict(wilson_interval(solved, seeds, MOST.level))
    return {Verdict.BETTER: "most", Verdict.WORSE: "few"}.get(verdict, "open")


def _differs(config: RetentionConfig) -> str:
    """In what the LSTM with chrono differs from that with PyTorch's default."""
    one, other = (
        config.config(variant, LONG, config.seeds[0]).model_dump()
        for variant in ("lstm", "lstm:chrono")
    )
    different = {name for name in one if one[name] != other[name]}
    return "biases" if different and different <= ONLY else "units" if different else "task"
