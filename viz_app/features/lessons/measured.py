"""What lessons have measured beforehand, as it would take minutes: tables in ``assets/lessons``.

``assets/make_lessons.py`` makes them: all runs of `smallest_runs` and of `rate_runs`.
"""

from functools import cache
from typing import NamedTuple

import pandas as pd

from gatescope.experiments import RetentionConfig
from gatescope.files import ASSETS
from gatescope.training import TrainConfig

FOLDER = ASSETS / "lessons"
SMALLEST, RATES = FOLDER / "smallest.csv", FOLDER / "rates.csv"

DELAY, UNITS, SEEDS = 50, (2, 4, 8, 16, 32), (0, 1, 2)
"""The delay that is to be held, the sizes that are tried, and how often."""

SIZES = {"lstm": ("lstm", 32), "large": ("lstm", 64), "rnn": ("rnn", 63)}
"""Networks that are compared: two as large as each other, by parameters, and a larger one."""

LEARNING_RATES = (0.001, 0.003, 0.01)
RATE_SEEDS = tuple(range(10))
RATE_STEPS = 600


class Smallest(NamedTuple):
    """A network that may hold the delay: its variant and its units."""

    variant: str
    units: int


class Rated(NamedTuple):
    """A run of the comparison: which network, its learning rate, its seed."""

    network: str
    rate: float
    seed: int


def smallest_runs() -> dict[tuple[Smallest, int], TrainConfig]:
    """What is trained for `smallest`, by network and seed."""
    found = {}
    for units in UNITS:
        base = TrainConfig(task="delayed_recall", hidden_size=units, max_steps=1500)
        study = RetentionConfig(base=base, delays=(DELAY,), seeds=SEEDS)
        for (variant, _, seed), config in study.configs().items():
            found[Smallest(variant, units), seed] = config
    return found


def rate_runs() -> dict[Rated, TrainConfig]:
    """What is trained for `rates`."""
    return {
        Rated(name, rate, seed): TrainConfig(
            task="digits", cell=cell, hidden_size=units, learning_rate=rate, seed=seed,
            batch_size=64, max_steps=RATE_STEPS,
        )
        for name, (cell, units) in SIZES.items()
        for rate in LEARNING_RATES
        for seed in RATE_SEEDS
    }  # fmt: skip


@cache
def smallest() -> pd.DataFrame:
    """One row a run: ``variant``, ``units``, ``seed``, ``parameters``, ``accuracy`` on the test
    set, ``solved``, ``steps``, ``seconds``."""
    return pd.read_csv(SMALLEST)


@cache
def rates() -> pd.DataFrame:
    """One row a run: ``network``, ``rate``, ``seed``, ``parameters``, accuracy on the
    ``validation`` and the ``test`` set, ``seconds``."""
    return pd.read_csv(RATES)
