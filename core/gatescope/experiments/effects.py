"""What a training technique does to the test loss: pairs of networks with the same seed."""

import csv
import io
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gatescope.analysis import RULES, Interval, Verdict, paired_difference
from gatescope.errors import say
from gatescope.experiments.aids import seeded
from gatescope.experiments.store import run_key
from gatescope.files import write_whole
from gatescope.training import TrainConfig

RULE = RULES["technique"]
SEEDS = RULE.n
"""Pairs that are trained, so that a verdict can follow."""

COLUMNS = ["run", "seed", "config", "test_loss"]
LEAST = 1e-12
"""A loss below this counts as this: it has a logarithm."""


@dataclass(frozen=True)
class Effect:
    """Pairs of networks that differ in one thing and share the seed.

    Attributes
    ----------
    seeds
        Of each pair.
    without, aided
        (pair,), test losses.
    """

    seeds: tuple[int, ...]
    without: tuple[float, ...]
    aided: tuple[float, ...]

    @property
    def change(self) -> Interval:
        """The relative change of the test loss: 0.1 is 10 % more.

        It is the paired t of the logarithms, whose mean difference is that of a ratio, taken back.
        Where a loss is no number, or there is no pair, the ends are infinite.
        """
        pairs = [np.asarray(side, dtype=float) for side in (self.aided, self.without)]
        if not self.seeds or not all(np.isfinite(side).all() for side in pairs):
            return Interval(math.nan, -math.inf, math.inf, len(self.seeds), RULE.level)
        aided, without = (np.log(np.maximum(side, LEAST)) for side in pairs)
        found = paired_difference(aided, without, RULE.level)
        change, low, high = (
            math.expm1(logarithm) if logarithm < 700 else math.inf
            for logarithm in (found.estimate, found.low, found.high)
        )
        return Interval(change, low, high, found.n, found.level)

    @property
    def verdict(self) -> Verdict:
        """By `RULES`: better is a lower test loss; fewer pairs than it takes are undecided."""
        return RULE.verdict(self.change, lower_is_better=True)


def effect_of(
    without: TrainConfig, aided: TrainConfig, losses: Mapping[str, float], seeds: int = SEEDS
) -> Effect:
    """The pairs whose test losses are known, of two settings that differ in one thing.

    Parameters
    ----------
    without, aided
        The settings of the first pair.
    losses
        Test losses by `run_key`, so that each belongs to the settings that made it.
    seeds
        How many to look for: that of the first pair and those that follow it.
    """
    rows = []
    for seed in range(without.seed, without.seed + seeds):
        keys = [run_key(seeded(config, seed)) for config in (without, aided)]
        if all(key in losses for key in keys):
            rows.append((seed, *(losses[key] for key in keys)))
    chosen, first, second = zip(*rows, strict=True) if rows else ((), (), ())
    return Effect(chosen, first, second)


def save_losses(
    rows: Sequence[tuple[str, TrainConfig, float]], path: str | os.PathLike[str]
) -> None:
    """Write test losses as CSV: a run's name, its seed, its settings' key, its test loss."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(
        (name, config.seed, run_key(config), repr(loss)) for name, config, loss in rows
    )
    write_whole(Path(path), text.getvalue().encode())


def load_losses(path: str | os.PathLike[str]) -> dict[str, float]:
    """Test losses by their settings' key, as `save_losses` wrote them.

    Raises
    ------
    ValueError
        When the file is not one of those, or a loss in it is no number.
    """
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            return {row["config"]: float(row["test_loss"]) for row in csv.DictReader(file)}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(say("losses_unreadable", path=path, reason=error)) from error
