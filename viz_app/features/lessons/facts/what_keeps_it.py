"""What lesson 5 says in numbers: half-lives, and what initial gate biases do to the gradient."""

import math
from typing import Any

import numpy as np

from gatescope import CELLS, record
from gatescope.analysis import half_life
from gatescope.training import SummedLoss
from viz_app.features import GradientFlow
from viz_app.features.gradient_flow.data import untrained
from viz_app.features.lessons.builds import remember20
from viz_app.features.lessons.facts.why_it_forgets import BACK, FACTOR
from viz_app.kit.recordings import Recordings

RUN = "adding-lstm"

LOW, HIGH, HALF = 0.9, 0.99, 0.5
"""The gates whose half-lives are asked for."""

LONG = 20
"""A unit keeps long whose half-life is longer."""

SHUT, OPEN = 0.25, 0.75
"""A gate is shut below the one, and open above the other."""


def facts(recordings: Recordings) -> dict[str, Any]:
    """See `viz_app.features.lessons.facts`."""
    forget = recordings.layer(RUN, None, None)["forget_gate"]
    lives = half_life(forget).median("batch").values
    start = _before(recordings)
    (flows,) = GradientFlow(RUN, ()).data(recordings).values()
    found = {flow.condition: flow.lines["cell_state"].value for flow in flows}
    left = {name: float(norm[-1 - BACK] / norm[-1]) for name, norm in found.items()}
    run, began = recordings.run(RUN), recordings.layer(RUN, recordings.run(RUN).steps[0], None)
    names = ("default", "forget_bias", "chrono")
    reached = remember20.BUILD.checked(remember20.BUILD.of(**remember20.BUILD.solution), recordings)
    return {
        "low": LOW, "high": HIGH, "half": HALF, "life_low": life_of(LOW),
        "life_high": life_of(HIGH), "life_half": life_of(HALF),
        "straight_low": HALF / (1 - LOW), "straight_high": HALF / (1 - HIGH),
        "long": LONG, "units": len(lives), "length": forget.sizes["time"],
        "keepers": int((lives > LONG).sum()), "longest": float(np.nanmax(lives)),
        "shortest": float(np.nanmin(lives)),
        "start": start, "stands": _stands(start), "life_start": life_of(start),
        "bias_one": 1 / (1 + math.exp(-1)), "sigma3": 1 / (1 + math.exp(-3)), "back": BACK,
        "order": tuple(sorted(names, key=lambda name: -left[name])),
        **{f"left_{name}": left[name] for name in names},
        **{f"path_{name}": _by_gates(name, recordings) for name in names},
        "began": run.config.initialization, "began_gate": float(began["forget_gate"].mean()),
        "goal": remember20.GOAL, "goal_gate": reached.numbers["gate"],
        "through": CELLS["lstm"].retention_gate, "factor": FACTOR, "left_factor": FACTOR**BACK,
    }  # fmt: skip


def life_of(gate: float) -> float:
    """Steps until half is gone, at a gate that stays where it is."""
    return math.log(0.5) / math.log(gate) if 0 < gate < 1 else math.inf if gate >= 1 else 0.0


def _before(recordings: Recordings) -> float:
    """The mean forget gate before training, at PyTorch's default."""
    model = untrained(recordings.run(RUN), "default")
    assert model is not None
    (leaf,) = record(model, recordings.batch(RUN).inputs).leaves
    return float(leaf.to_dataset()["forget_gate"].mean())


def _by_gates(initialization: str, recordings: Recordings) -> float:
    """What the forget gates alone would leave of the last cell state's gradient; the median."""
    run, probe = recordings.run(RUN), recordings.batch(RUN)
    model = untrained(run, initialization)
    assert model is not None
    (leaf,) = record(model, probe.inputs, SummedLoss(run.task, probe)).leaves
    layer = leaf.to_dataset()
    last = layer["grad_cell_state"].values[-1].astype(float)
    through = last * layer["forget_gate"].values[-BACK:].astype(float).prod(0)
    return float(np.median(np.linalg.norm(through, axis=-1) / np.linalg.norm(last, axis=-1)))


def _stands(gate: float) -> str:
    """Where a gate stands."""
    return "shut" if gate < SHUT else "open" if gate > OPEN else "half"
