"""Training techniques: the same network on the same data and seeds, without and with one."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from gatescope import Run, TrainConfig, record
from gatescope.analysis import NEAR_ZERO, weight_sizes
from gatescope.experiments import Effect, effect_of, load_losses, run_key
from gatescope.experiments.aids import FIELDS, Aid
from gatescope.training import SummedLoss
from viz_app.features.gradient_flow import data as gradients
from viz_app.kit.chart.lines import Line, Panel
from viz_app.kit.library import AID_RUNS
from viz_app.kit.words import digits, number, percent, two_digits
from viz_app.text import name_of, say

WEATHER = "aid-weather"
CASES: dict[Aid, tuple[str, str]] = {
    "clipping": ("aid-order", "aid-order-clip"),
    "l1": (WEATHER, f"{WEATHER}-l1"),
    "l2": (WEATHER, f"{WEATHER}-l2"),
    "dropout": (WEATHER, f"{WEATHER}-dropout"),
    "recurrent_dropout": (WEATHER, f"{WEATHER}-recurrent-dropout"),
    "early_stopping": (WEATHER, f"{WEATHER}-stop"),
    "plateau": (WEATHER, f"{WEATHER}-plateau"),
    "plateau_floor": (f"{WEATHER}-adam", f"{WEATHER}-adam-floor"),
    "batch_size": (f"{WEATHER}-batch-4", f"{WEATHER}-batch-128"),
    "hidden_size": (f"{WEATHER}-units-4", f"{WEATHER}-units-64"),
}
"""The prepared runs of each aid: without it, and with it."""

SHARES = ("dropout", "recurrent_dropout")
STATES = ("hidden_state", "cell_state")


@dataclass(frozen=True)
class Pair:
    """Two runs, finished or in training, and the aid in which they differ."""

    aid: Aid
    without: Run
    aided: Run

    @property
    def runs(self) -> tuple[Run, Run]:
        """Without the aid, and with it."""
        return self.without, self.aided

    @property
    def names(self) -> tuple[str, str]:
        """What the sides are called."""
        first, second = (side_name(self.aid, run.config) for run in self.runs)
        return first, second


@cache
def known_losses() -> dict[str, float]:
    """The test losses of all seeds that come with the project, by their settings' key."""
    return load_losses(AID_RUNS / "test_losses.csv")


def prepared_effect(pair: Pair) -> Effect:
    """Over all seeds of a prepared pair; over its own alone where the table is of other runs."""
    known, configs = known_losses(), [run.config for run in pair.runs]
    own = {run_key(run.config): run.test_loss for run in pair.runs}
    if all(math.isclose(known.get(key, math.nan), own[key], rel_tol=1e-6) for key in own):
        return effect_of(configs[0], configs[1], known)
    return effect_of(configs[0], configs[1], own, 1)


def side_name(aid: Aid, settings: TrainConfig) -> str:
    """What a side is called: the aid's value, or that it is not there."""
    value = getattr(settings, FIELDS[aid])
    if not value:
        return say(f"aids.off_{aid}")
    return say(f"aids.on_{aid}", value=strength(aid, value))


def strength(aid: Aid, value: float) -> str:
    """How strong an aid is, as a person would write it."""
    return percent(value) if aid in SHARES else number(value)


def best(run: Run) -> tuple[int, float]:
    """The training step of the lowest validation loss, and that loss; NaN where there is none."""
    there = [(row.loss, row.step) for row in run.history if np.isfinite(row.loss)]
    if not there:
        return run.history[0].step, float("nan")
    loss, step = min(there)
    return step, loss


def column(run: Run, name: str) -> np.ndarray:
    """One number of a run's history, (evaluation,)."""
    return np.array([getattr(row, name) for row in run.history], dtype=float)


def largest_norm(run: Run) -> float:
    """The largest gradient norm of all updates; infinite where one was no number."""
    norms = column(run, "longest_gradient")[1:]
    return float(norms.max()) if len(norms) else float("nan")


def flow(pair: Pair) -> list[Panel]:
    """Gradient norms at each step of the sequence at the end of both runs, a panel a state."""
    by_side: list[dict[str, Line]] = []
    for name, run in zip(pair.names, pair.runs, strict=True):
        probe = run.probe()
        trace = record(run.model(), probe.inputs, SummedLoss(run.task, probe))
        forward = [leaf for leaf in trace.leaves if leaf.attrs["direction"] == "forward"]
        by_side.append(gradients.flow_of(forward[-1].to_dataset(), name))
    cell = name_of("cell", pair.without.config.layers[-1])
    there = [state for state in STATES if all(state in lines for lines in by_side)]
    drawn = {
        gradients.panel_title(cell, state): [lines[state] for lines in by_side] for state in there
    }
    return gradients.panels_of(drawn, height=220)


def numbers(pair: Pair) -> pd.DataFrame:
    """Both runs in numbers, one row a side, as text."""
    rows = []
    for run in pair.runs:
        step, lowest = best(run)
        last, sizes = run.history[-1], weight_sizes(run.checkpoints[run.steps[-1]])
        rows.append(
            {
                "best": say("aids.value_at", value=digits(lowest), step=step),
                "last": digits(last.loss),
                "train": digits(last.train_loss),
                "test": digits(run.test_loss),
                "steps": f"{last.step:,}",
                "rate": number(last.learning_rate),
                "norm": two_digits(largest_norm(run)),
                "mean_weight": digits(sizes.mean),
                "near_zero": f"{sizes.near_zero:.1%}",
            }
        )
    table = pd.DataFrame(rows, index=pd.Index(pair.names, name=say("aids.side")))
    return table.rename(columns=lambda name: say(f"aids.column_{name}", bound=NEAR_ZERO))


def losses(pair: Pair, effect: Effect) -> pd.DataFrame:
    """The test losses of all pairs, one row a side and one column a seed, as text."""
    sides = (effect.without, effect.aided)
    rows = [[digits(loss) for loss in side] for side in sides]
    columns = [say("aids.seed", seed=seed) for seed in effect.seeds]
    index = pd.Index(pair.names, name=say("aids.column_test"))
    return pd.DataFrame(rows, columns=columns, index=index)


def table(pair: Pair) -> pd.DataFrame:
    """The numbers behind the curves: one row a side and evaluation."""
    frames = [
        pd.DataFrame(run.history).assign(side=name)
        for name, run in zip(pair.names, pair.runs, strict=True)
    ]
    return pd.concat(frames, ignore_index=True)
