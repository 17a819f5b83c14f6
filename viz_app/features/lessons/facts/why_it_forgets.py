"""What lesson 3 says in numbers: what a factor leaves, and what is left in networks."""

from typing import Any

import torch

from gatescope import Run
from viz_app.features import GradientFlow, Retention, StepThrough
from viz_app.features.lessons.builds import factor as build
from viz_app.kit.recordings import Recordings

RUN, ONE_UNIT = "adding-rnn", "adding-rnn-one-unit"

FACTOR, LAGS = 0.9, (5, 10, 20, 30, 40)
"""The factor whose powers are guessed, and where."""

BACK = 20
"""So many steps back is asked."""

LARGE = 8.0
"""A factor on the recurrent matrix."""

OTHERS = {"half": 0.5, "close": 0.99, "above": 1.1}
"""The factors that are put in order."""

LEARNED = 0.8
"""A loss below so much of the baseline is no longer near it."""

HARDLY, MUCH = 0.2, 0.8
"""The slope of tanh below which a state hardly moves, and above which it moves as much."""

LIMIT = 1.0
"""Where a gradient is clipped."""


def facts(recordings: Recordings) -> dict[str, Any]:
    """See `viz_app.features.lessons.facts`."""
    (flows,) = GradientFlow(RUN, ()).data(recordings).values()
    norms = {flow.condition: flow.lines["hidden_state"].value for flow in flows}
    back = {name: float(value[-1 - BACK] / value[-1]) for name, value in norms.items()}
    large = build.BUILD.left((LARGE,), recordings)
    whole = float(norms["default"][0] / norms["default"][-1])
    h = float(StepThrough(ONE_UNIT).table(recordings=recordings)["hidden_state"].median())
    h = round(h, 3)  # as it is said
    slope = 1 - h**2
    run = recordings.run(RUN)
    baseline = float(run.task.baseline_loss)
    return {
        "factor": FACTOR, "lags": LAGS, "back": BACK,
        "there": len(norms["default"]) - 1 - BACK, "arrives": float(norms["default"][-1]),
        "curve": tuple(FACTOR**lag for lag in LAGS), "left_factor": FACTOR**BACK,
        "left": back["default"], "left_trained": back["trained"],
        "each": back["default"] ** (1 / BACK), "left_first": whole,
        "units": run.config.hidden_size, "length": len(norms["default"]),
        "large": LARGE, "large_left": large, "does": _does(large),
        "half": OTHERS["half"], "close": OTHERS["close"], "above": OTHERS["above"],
        "order": tuple(sorted(OTHERS, key=lambda name: -(OTHERS[name] ** BACK))),
        "left_half": OTHERS["half"] ** BACK, "left_close": OTHERS["close"] ** BACK,
        "left_above": OTHERS["above"] ** BACK,
        "clipped": _clipped(), "h": h, "slope": slope, "moves": _moves(slope),
        "rnn_loss": float(run.test_loss), "baseline": baseline,
        "stuck": _stuck(run, baseline), "trained": run.history[-1].step,
        "rnn_best": min(row.loss for row in run.history), "each_learned": _learned(recordings),
    }  # fmt: skip


def _stuck(run: Run, baseline: float) -> int:
    """The last training step before the loss first lies well below the baseline."""
    steps = [row.step for row in run.history]
    below = [row.loss < LEARNED * baseline for row in run.history]
    return steps[below.index(True) - 1] if any(below) else steps[-1]


def _learned(recordings: Recordings) -> float:
    """Of the plain RNNs that learned so many steps: what a step leaves, after training."""
    _, table = Retention().data(recordings)
    solved = table[(table["variant"] == "rnn") & (table["delay"] == BACK) & table["solved"]]
    return float((solved["gradient_left"] ** (1 / BACK)).median())


def _does(left: float) -> str:
    """What a gradient does on its way back."""
    return "shrinks" if left < build.LEAST else "grows" if left > build.MOST else "stays"


def _moves(slope: float) -> str:
    """How much a state moves when what is added up moves."""
    return "hardly" if slope < HARDLY else "as_much" if slope > MUCH else "less"


def _clipped() -> str:
    """What clipping changes of a gradient that is longer than the limit."""
    long = torch.nn.Parameter(torch.zeros(2))
    long.grad = torch.tensor([3.0, 4.0])
    before = long.grad.clone()
    torch.nn.utils.clip_grad_norm_([long], LIMIT)
    along = float(before @ long.grad / (before.norm() * long.grad.norm()))
    same_length = bool(torch.isclose(before.norm(), long.grad.norm()))
    if along > 1 - 1e-6:
        return "nothing" if same_length else "length"
    return "direction" if same_length else "both"
