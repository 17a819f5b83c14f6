"""What lesson 8 says in numbers: sizes, times and scores of cells that are compared."""

from typing import Any

from gatescope import SequenceModel
from gatescope.analysis import Verdict
from gatescope.experiments.comparison import difference, difference_from, judged
from viz_app.features import Benchmark
from viz_app.features.lessons.builds import sceptic
from viz_app.features.lessons.facts.experiment import facts as of_the_experiment
from viz_app.kit.recordings import Recordings

CELLS = ("rnn", "lstm", "gru")
UNITS = 32


def facts(recordings: Recordings) -> dict[str, Any]:
    """See `viz_app.features.lessons.facts`."""
    result = Benchmark().data(recordings)
    summary = result.summary().set_index("network")
    ahead = "lstm" if summary["score"]["lstm"] >= summary["score"]["gru"] else "gru"
    behind = "gru" if ahead == "lstm" else "lstm"
    apart = difference(result.table, ahead, behind, "score")
    best = max(CELLS, key=lambda cell: float(summary["score"][cell]))
    (linear,) = (each for each in result.references if each.kind == "linear")
    beside = difference_from(result.table, best, linear.score, "score")
    at = {
        f"{network}_{name}": float(sceptic.side(network, rate, most).test.mean())
        for network in ("lstm", "rnn")
        for name, rate in (("low", sceptic.LOW), ("high", sceptic.HIGH))
        for most in (max(sceptic.SEEDS),)
    }
    large, rnn = (sceptic.side(name, sceptic.HIGH, 1).parameters for name in ("large", "rnn"))
    own = sceptic.side("lstm", sceptic.HIGH, max(sceptic.SEEDS)).test
    before = of_the_experiment(recordings)
    return {
        "share": 100 * _parameters("gru") / _parameters("lstm"),
        "parameters": int(summary["parameters"]["lstm"]),
        "order": tuple(sorted(CELLS, key=lambda cell: float(summary["step_ms"][cell]))),
        **{f"ms_{cell}": float(summary["step_ms"][cell]) for cell in CELLS},
        **{f"units_{cell}": int(summary["units"][cell]) for cell in CELLS},
        **{f"score_{cell}": float(summary["score"][cell]) for cell in CELLS},
        "better": ahead if judged(apart, "score") is Verdict.BETTER else "open",
        "bench_seeds": int(summary["seeds"]["lstm"]),
        "ahead": ahead, "behind": behind, "level": apart.level,
        "apart_low": 100 * apart.low, "apart_high": 100 * apart.high,
        "linear": linear.score, "best_score": float(summary["score"][best]),
        "pays": _pays(judged(beside, "score")),
        "low": sceptic.LOW, "high": sceptic.HIGH, **at,
        "at_low": _ahead(at["lstm_low"], at["rnn_low"]),
        "at_high": _ahead(at["lstm_high"], at["rnn_high"]),
        "times": large / rnn, "large": large, "rnn_parameters": rnn,
        "seeds": len(own), "mean": 100 * float(own.mean()),
        "spread": 100 * float(own.std(ddof=1)), "best_of": 100 * float(own.max()),
        "enough": sceptic.ENOUGH,
        **{name: before[name] for name in ("who", "short", "rnn_short", "lstm_short")},
        "exp_seeds": before["seeds"],
    }  # fmt: skip


def _parameters(cell: str) -> int:
    """Of the recurrent layer alone."""
    model: Any = SequenceModel(cell, 1, UNITS, 1)
    return sum(parameter.numel() for parameter in model.recurrent.parameters())


def _ahead(lstm: float, rnn: float) -> str:
    """Who is ahead by a point or more."""
    return "same" if abs(lstm - rnn) < 0.01 else "lstm" if lstm > rnn else "rnn"


def _pays(verdict: Verdict) -> str:
    """What the verdict says of recurrence."""
    return {Verdict.BETTER: "yes", Verdict.WORSE: "no"}.get(verdict, "open")
