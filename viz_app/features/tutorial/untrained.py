"""Statements that need no training of their own: gradients at the start, counts, CPU times."""

import numpy as np

from gatescope.analysis import median_interval, wilson_interval
from gatescope.experiments.tutorial import Criterion, exactly, less, more
from gatescope.experiments.tutorial.untrained import STEPS
from viz_app.features.tutorial.evidence import Evidence, Finding

UNCHANGED = 0.99
"""A gradient of which so much is left flows unchanged; as often a unit holds that can hold."""

WEAKER = 1 / 3
"""Of the gradient of one layer: up to here the trouble is back."""

MOST = 0.5


def trouble(gradient: np.ndarray) -> np.ndarray:
    """By what factor gradients vanish or explode."""
    return np.maximum(gradient, 1 / gradient)


def vanishing(e: Evidence) -> Finding:
    """Gradients over 50 steps, as the cells begin, and of an LSTM with chrono initialization."""
    found = {name: e.untrained("arriving", name) for name in ("rnn", "lstm", "gru", "chrono")}
    rnn = trouble(found["rnn"])
    criteria = (
        Criterion("rnn_vanishes", median_interval(rnn), 100.0),
        *(
            Criterion(f"{name}_eases", median_interval(rnn / trouble(found[name])), 100.0)
            for name in ("lstm", "chrono")
        ),
    )
    numbers = {name: float(np.median(values)) for name, values in found.items()}
    return Finding(criteria, numbers | {"steps": STEPS, "seeds": len(rnn)})


def rnn_gates(e: Evidence) -> Finding:
    """Gates in a recording of each cell."""
    found = {cell: e.counted("gates", cell) for cell in ("rnn", "lstm", "gru")}
    return Finding((Criterion("gates", exactly(found["rnn"]), 1, rule=None),), found)


def in_theory(e: Evidence) -> Finding:
    """A unit set by hand that holds; and how often training finds one."""
    held, trials = (int(e.counted("latch", name)) for name in ("held", "trials"))
    delay = e.delays[-1]
    solved, seeds = e.solved("rnn", delay)
    by_hand, trained = wilson_interval(held, trials), e.solved_share("rnn", delay)
    return Finding(
        (
            Criterion("by_hand", by_hand, UNCHANGED, rule="retention_most"),
            Criterion("trained", trained, MOST, at_least=False, rule="retention_most"),
        ),
        {"held": held, "trials": trials, "delay": delay, "solved": solved, "seeds": seeds},
    )


def carousel(e: Evidence) -> Finding:
    """What is left of the gradient along the cell."""
    found = {name: e.untrained("carousel", name) for name in ("open", "nine", "default")}
    criteria = tuple(
        Criterion(name, median_interval(found[name]), UNCHANGED) for name in ("open", "default")
    )
    numbers = {name: float(np.median(values)) for name, values in found.items()}
    return Finding(criteria, numbers | {"steps": STEPS, "seeds": len(found["open"])})


def stacking(e: Evidence) -> Finding:
    """The gradient at the first step of the lowest of four layers, and with two directions."""
    one, four, both = (e.untrained("arriving", name) for name in ("lstm", "four", "bidirectional"))
    medians = {"one": one, "four": four, "both": both}
    return Finding(
        (
            Criterion("layers", median_interval(four / one), WEAKER, at_least=False),
            Criterion("directions", median_interval(both / one), WEAKER, at_least=False),
        ),
        {name: float(np.median(values)) for name, values in medians.items()}
        | {"steps": STEPS, "seeds": len(one)},
    )


def remedies(e: Evidence) -> Finding:
    """How much less a GRU's gradient vanishes than an RNN's; and penalties and dropout."""
    ratio = trouble(e.untrained("arriving", "rnn")) / trouble(e.untrained("arriving", "gru"))
    kept = median_interval(ratio)
    changes = {name: e.techniques[name].change for name in ("l1", "l2", "dropout")}
    numbers = {f"{name}_change": change.estimate for name, change in changes.items()}
    return Finding(
        (
            Criterion("gru", kept, 100.0),
            *(less(name, change, "technique") for name, change in changes.items()),
        ),
        numbers
        | {
            "kept": kept.estimate, "lowest": float(ratio.min()), "highest": float(ratio.max()),
            "steps": STEPS, "untrained": kept.n, "seeds": changes["dropout"].n,
        },
    )  # fmt: skip


def convolution(e: Evidence) -> Finding:
    """An LSTM's CPU time in units of a convolution's."""
    found = {
        name: e.time_ratio(f"convolution_{steps}", "lstm", "convolution")
        for name, steps in (("short", 50), ("long", 400))
    }
    criteria = tuple(more(name, ratio, "tutorial_time") for name, ratio in found.items())
    return Finding(criteria)
