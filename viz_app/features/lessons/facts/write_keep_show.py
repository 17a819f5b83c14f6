"""Lesson 4: what the three gates of the one-unit LSTM do on Start's row."""

from typing import Any

import numpy as np

from gatescope import intervene
from gatescope.intervention import Clamp
from viz_app.features import Start
from viz_app.features.start.chart_scene import DOORS
from viz_app.features.start.scene import LEAK, LSTM
from viz_app.kit.recordings import Recordings

OTHER, WAIT = 0.8, 10
"""The forget gate that is asked about at the end, and how many steps it keeps."""

SUMS, BEYOND = (0.0, 2.0), 0.1
"""All sums of two numbers from 0 to 1; an answer beyond all of them by so much explodes."""

COUNTS, LOST = 0.5, 0.25
"""A number counts where the answer follows at least so much of it; below the other it is lost."""

MANY, SEED = 4096, 0
"""Rows from which the average of all sums is taken."""


def facts(recordings: Recordings) -> dict[str, Any]:
    """All that the lesson says in numbers."""
    trained, leaky = Start("trained").data(recordings), Start("leaky").data(recordings)
    assert trained.gates is not None
    write, keep, show = trained.gates.T
    first, second = sorted(trained.marks)
    gap = second - first
    batch = recordings.run(LSTM).task.sample(MANY, SEED)
    follows = follow("leaky", recordings)
    bias = float(trained.weights["readout.bias"][0])
    return {
        "count": len(trained.values),
        "mark1": first,
        "mark2": second,
        "marks": (first, second),
        "last": len(trained.values) - 1,
        "i_mark": tuple(float(write[step]) for step in (first, second)),
        "i_ceiling": float(np.ceil(np.delete(write, [first, second]).max() * 50) / 50),
        "gap": gap,
        "f_low": LEAK,
        "left_low": LEAK**gap,
        "f_mean": float(keep[first + 1 : second + 1].mean()),
        "left": float(np.prod(keep[first + 1 : second + 1])),
        "o_low": float(show.min()),
        "says_start": float(trained.answers[max(first - 1, 0)]),
        "drift": float(trained.answers[second - 1] - trained.answers[first]),
        "average": float(batch.targets[batch.end, :, 0].mean()),
        "says_end": float(trained.answers[-1]),
        "state_end": float(trained.state[-1]),
        "bias": bias,
        "for_state": float(trained.answers[-1]) - bias,
        "says_leaky": float(leaky.answers[-1]),
        "left_first": LEAK ** (len(trained.values) - 1 - first),
        "left_second": LEAK ** (len(trained.values) - 1 - second),
        "target": trained.target,
        "follows_first": follows[0],
        "follows_second": follows[1],
        "after": len(trained.values) - 1 - second,
        "verdict": verdict(float(leaky.answers[-1]), follows),
        "wiping_gate": wiping_gate(recordings),
        "f_other": OTHER,
        "wait": WAIT,
        "left_other": OTHER**WAIT,
        "rnn": rnn(recordings),
    }


def follow(variant: str, recordings: Recordings) -> tuple[float, float]:
    """How much the answer follows each number: from 0 to 1, and the answer moves by so much."""
    marks = sorted(Start(variant).data(recordings).marks)
    low, high = (
        [float(Start(variant, f"{step}={number}").data(recordings).answers[-1]) for step in marks]
        for number in (0, 1)
    )
    return high[0] - low[0], high[1] - low[1]


def verdict(answer: float, follows: tuple[float, float]) -> str:
    """What becomes of the answer when the forget gate is held."""
    if not SUMS[0] - BEYOND <= answer <= SUMS[1] + BEYOND:
        return "explodes"
    first, second = follows
    if second < COUNTS:
        return "average"
    return "second" if first < LOST else "same"


def wiping_gate(recordings: Recordings) -> str:
    """The gate that, held at 0 in the middle, leaves least of the cell state."""
    run, scene = recordings.run(LSTM), Start("trained").data(recordings)
    example, middle = Start().example(recordings), sum(scene.marks) // 2
    inputs = run.probe().inputs[:, example : example + 1]
    left = {}
    for gate in DOORS:
        done = intervene(
            run.model(run.steps[-1]), inputs, Clamp(gate, 0.0, steps=range(middle, middle + 1))
        )
        (leaf,) = done.changed.leaves
        left[gate] = abs(float(leaf.to_dataset()["cell_state"][middle, 0, 0]))
    return min(left, key=lambda gate: left[gate])


def rnn(recordings: Recordings) -> str:
    """Why the plain RNN with one unit fails: its answer does not follow the first number."""
    return "overwrites" if follow("rnn", recordings)[0] < COUNTS else "can"
