"""Statements that trained networks test: from evidence to criteria and numbers."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from gatescope.analysis import RULES, Interval, mean_interval, welch_difference
from gatescope.experiments.tutorial import Criterion, as_ratio, exactly, less, more
from viz_app.features.tutorial.evidence import Evidence, Finding
from viz_app.features.tutorial.untrained import MOST

SOLVED = 0.9
"""Accuracy from which a learning rate works."""

WORSE, MOVES, LOST = 1.1, 0.2, 0.1
"""Validation loss at the end over its best that is overfitting; accuracy that a learning rate
moves, and that dropout costs, to matter."""

TABLES = ("reviews", "text", "stocks")


class Solvers(NamedTuple):
    """How many of how many seeds of a network solved a delay, and the median of their steps.

    A seed that never solved it counts with infinitely many.
    """

    variant: str
    delay: int
    solved: int
    seeds: int
    steps: float


def beside_naive(e: Evidence, experiment: str, cell: str) -> Interval:
    """A network's test loss in units of the no-memory baseline's, the geometric mean over seeds."""
    losses, baseline = (e.values(experiment, cell, name) for name in ("loss", "baseline"))
    return as_ratio(mean_interval(np.log(losses / baseline)))


def distracted(e: Evidence) -> Finding:
    """The claim about distractors: plain RNN, LSTM, LSTM without forget gate."""
    lines = {"rnn": "rnn", "gate": "lstm:chrono", "without": "lstm_no_forget"}
    found = {name: e.with_distractors(line) for name, line in lines.items()}
    criteria = tuple(
        Criterion(name, accuracy, MOST, at_least=name == "gate", rule="claim")
        for name, accuracy in found.items()
    )
    return Finding(criteria, {"seeds": found["rnn"].n})


def converges(e: Evidence) -> Finding:
    """LSTM and RNN as PyTorch starts them, at the two longest delays that either has solved."""
    learnt = [d for d in e.delays if e.solved("rnn", d)[0] or e.solved("lstm", d)[0]]
    delays = dict(zip(("shorter", "longer"), (learnt or e.delays[:1])[-2:], strict=False))
    criteria = []
    for name, delay in delays.items():
        solved, steps = (
            e.solved_difference("lstm", "rnn", delay),
            e.steps_ratio("lstm", "rnn", delay),
        )
        criteria += [
            more(f"solved_{name}", solved, "retention"),
            Criterion(f"steps_{name}", steps, 1.0, at_least=False, rule="retention"),
        ]
    return Finding(tuple(criteria), {**delays, "solvers": _solvers(e, delays.values())})


def _solvers(e: Evidence, delays: Iterable[int]) -> tuple[Solvers, ...]:
    """RNN and LSTM, however it starts, at some delays."""
    return tuple(
        Solvers(name, delay, *e.solved(name, delay), e.steps_to_solve(name, delay).estimate)
        for delay in delays
        for name in ("rnn", "lstm", "lstm:forget_bias", "lstm:chrono")
        if e.solved(name, delay)[1]
    )


def slower(e: Evidence) -> Finding:
    """CPU time of a training step, with like weights and with like units; and the scores."""
    times = {name: e.time_ratio(name, "lstm", "rnn") for name in TABLES}
    units = {name: e.time_ratio(f"{name}_units", "lstm", "rnn") for name in TABLES}
    accuracy = e.difference("reviews", "lstm", "rnn")
    criteria = (
        *(more(f"time_{name}", ratio, "tutorial_time") for name, ratio in times.items()),
        *(more(f"units_{name}", ratio, "tutorial_time") for name, ratio in units.items()),
        more("accuracy", accuracy, "tutorial_score"),
        *(
            less(f"loss_{name}", e.loss_ratio(name, "lstm", "rnn"), "tutorial_loss", ratio=True)
            for name in TABLES
        ),
    )
    scores = e.means("reviews")
    numbers = {"lstm": scores["lstm"], "rnn": scores["rnn"], "seeds": e.seeds("reviews")}
    return Finding(criteria, numbers)


def rates(e: Evidence) -> list[str]:
    """The learning rates that were tried."""
    settings = e.of("learning_rate")["setting"]
    return list(dict.fromkeys(name.split()[1] for name in settings))


def scores_by_rate(e: Evidence, cell: str) -> np.ndarray:
    """Accuracy of a cell, (learning rate, seed)."""
    return np.array([e.values("learning_rate", f"{cell} {rate}") for rate in rates(e)])


def tuning(e: Evidence) -> Finding:
    """With how many of the learning rates each cell learnt, seed by seed."""
    works = {cell: (scores_by_rate(e, cell) >= SOLVED).sum(0) for cell in ("rnn", "lstm")}
    apart = welch_difference(works["lstm"], works["rnn"])
    numbers = {cell: float(counts.mean()) for cell, counts in works.items()}
    numbers |= {"count": len(rates(e)), "seeds": e.seeds("learning_rate")}
    return Finding((more("rates", apart, "tutorial_rates"),), numbers)


def short(e: Evidence) -> Finding:
    """Plain RNNs on the shortest delay, on stock returns, and on text."""
    delay = e.delays[0]
    solved, seeds = e.solved("rnn", delay)
    ratios = {name: beside_naive(e, name, "rnn") for name in ("stocks", "text")}
    criteria = (
        Criterion("solved", e.solved_share("rnn", delay), MOST, rule="retention_most"),
        *(less(name, ratio, "tutorial_loss", ratio=True) for name, ratio in ratios.items()),
    )
    return Finding(criteria, {"delay": delay, "solved": solved, "seeds": seeds})


def better(e: Evidence) -> Finding:
    """Bits per character of each cell, with a learning rate that was chosen for it."""
    bits = {cell: loss / math.log(2) for cell, loss in e.means("text", "loss").items()}
    loss = e.loss_ratio("text", "lstm", "rnn")
    numbers = {"steps": int(e.of("text")["steps"].max()), "seeds": e.seeds("text")}
    return Finding((less("loss", loss, "tutorial_loss", ratio=True),), bits | numbers)


def gru(e: Evidence) -> Finding:
    """Weights, CPU time of a step and score of a GRU beside an LSTM."""
    weights = e.counted("weights", "gru") / e.counted("weights", "lstm")
    times = {name: e.time_ratio(name, "gru", "lstm") for name in TABLES}
    accuracy = e.difference("reviews", "gru", "lstm")
    loss = e.loss_ratio("stocks", "gru", "lstm")
    least = RULES["tutorial_score"].smallest
    most = math.exp(RULES["tutorial_loss"].smallest)
    criteria = (
        Criterion("weights", exactly(weights), 1, at_least=False, rule=None),
        *(less(f"time_{name}", ratio, "tutorial_time") for name, ratio in times.items()),
        Criterion("accuracy", accuracy, -least, rule="tutorial_score"),
        Criterion("loss", loss, most, at_least=False, rule="tutorial_loss"),
    )
    scores = e.means("reviews")
    numbers = {"gru": scores["gru"], "lstm": scores["lstm"], "seeds": e.seeds("reviews")}
    return Finding(criteria, numbers)


def film(e: Evidence) -> Finding:
    """Accuracy, and steps half the way, on film reviews."""
    scores, half = e.means("reviews"), e.means("reviews", "half_way")
    steps = e.difference("reviews", "lstm", "rnn", "half_way")
    criteria = (
        more("accuracy", e.difference("reviews", "lstm", "rnn"), "tutorial_score"),
        less("half_way", steps, "tutorial_steps"),
    )
    return Finding(
        criteria,
        {
            "lstm": scores["lstm"], "rnn": scores["rnn"], "lstm_half": half["lstm"],
            "rnn_half": half["rnn"], "seeds": e.seeds("reviews"),
        },
    )  # fmt: skip


def stock(e: Evidence) -> Finding:
    """Errors against the naive forecast, and how far seeds differ.

    Spread is the distance from the cell's median (Brown & Forsythe 1974), in units of the naive
    forecast's error.
    """
    ratios = {
        cell: e.values("stocks", cell, "loss") / e.values("stocks", cell, "baseline")
        for cell in ("lstm", "rnn")
    }
    apart = {cell: np.abs(found - np.median(found)) for cell, found in ratios.items()}
    spread = welch_difference(apart["lstm"], apart["rnn"])
    error = e.loss_ratio("stocks", "lstm", "rnn")
    criteria = (
        less("naive", beside_naive(e, "stocks", "lstm"), "tutorial_loss", ratio=True),
        less("error", error, "tutorial_loss", ratio=True),
        Criterion("spread", spread, 0.0, at_least=False, rule="tutorial_loss"),
    )
    numbers = {cell: float(found.mean()) for cell, found in ratios.items()}
    numbers |= {f"{cell}_spread": float(found.std(ddof=1)) for cell, found in ratios.items()}
    return Finding(criteria, numbers | {"seeds": e.seeds("stocks")})


def dropout(e: Evidence) -> Finding:
    """Recurrent dropout of 80 % on a task that must hold two symbols, beside none."""
    name = "recurrent_dropout"
    steps = e.difference(name, "0.8", "0", "half_way", paired=True)
    loss = e.loss_ratio(name, "0.8", "0", paired=True)
    lost = e.difference(name, "0", "0.8", paired=True)
    half, scores = e.means(name, "half_way"), e.means(name)
    criteria = (
        more("half_way", steps, "tutorial_steps"),
        more("loss", loss, "tutorial_loss", ratio=True),
        Criterion("lost", lost, LOST, rule="tutorial_score"),
    )
    return Finding(
        criteria,
        {
            "half": half["0"], "half_much": half["0.8"], "ratio": loss.estimate,
            "none": scores["0"], "much": scores["0.8"], "seeds": e.seeds(name),
        },
    )  # fmt: skip


def tuned(e: Evidence) -> Finding:
    """How far the learning rate moves the accuracy, seed by seed; and lowering it on a plateau."""
    moved = {cell: np.ptp(scores_by_rate(e, cell), axis=0) for cell in ("lstm", "rnn")}
    criteria = (
        *(
            Criterion(f"moves_{cell}", mean_interval(spread), MOVES, rule="tutorial_score")
            for cell, spread in moved.items()
        ),
        more("most", welch_difference(moved["lstm"], moved["rnn"]), "tutorial_score"),
        less("plateau", e.techniques["plateau"].change, "technique"),
    )
    numbers = {cell: float(spread.mean()) for cell, spread in moved.items()}
    numbers |= {"plateau_change": e.techniques["plateau"].change.estimate}
    return Finding(criteria, numbers | {"seeds": e.seeds("learning_rate")})


def scarce(e: Evidence) -> Finding:
    """A short daily series: the validation loss at its best, and at the end; and forward passes."""
    best, last = (e.values("scarce", "lstm", f"{name}_validation") for name in ("best", "last"))
    risen = as_ratio(mean_interval(np.log(last / best)))
    times = {name: e.time_ratio(f"{name}_forward", "lstm", "rnn") for name in TABLES}
    criteria = (
        Criterion("overfits", risen, WORSE, rule="tutorial_loss"),
        *(more(f"forward_{name}", ratio, "tutorial_time") for name, ratio in times.items()),
    )
    return Finding(
        criteria,
        {
            "risen": risen.estimate, "at": e.means("scarce", "best_at")["lstm"],
            "end": int(e.of("scarce")["steps"].max()), "seeds": e.seeds("scarce"),
            "work": e.counted("weights", "lstm") / e.counted("weights", "rnn"),
        },
    )  # fmt: skip
