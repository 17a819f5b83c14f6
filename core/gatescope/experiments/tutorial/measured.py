"""All that is measured without training, as one table: what, of which, with which seed."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import torch

from gatescope.experiments.tutorial import listings, untrained

MEASURED_COLUMNS = ("measure", "setting", "seed", "value")
SEEDS = 200
"""Untrained networks of each kind."""

LATCH_TRIALS = 1000


def measured_table(seeds: int = SEEDS) -> pd.DataFrame:
    """Measure it; takes about ten seconds.

    Returns
    -------
    pandas.DataFrame
        A row a number. ``arriving``: `untrained.arriving` of an RNN, an LSTM and a GRU as torch
        initialises them, an LSTM with chrono initialization, one of four layers, and one of two
        directions; ``carousel``: `untrained.carousel`; these by seed. With seed 0 alone: ``gates``
        and ``weights`` of each cell, ``latch`` (trials that held, and all trials), ``seen`` (steps
        by each half), ``candidates`` and ``moves`` of the rate.
    """
    with torch.random.fork_rng():
        rows = [*_by_seed(seeds), *_counted()]
    return pd.DataFrame(rows, columns=list(MEASURED_COLUMNS))


def _by_seed(seeds: int) -> list[tuple[str, str, int, float]]:
    kinds: dict[str, Callable[..., float]] = {
        **{cell: partial(untrained.arriving, cell) for cell in ("rnn", "lstm", "gru")},
        "chrono": partial(untrained.arriving, "lstm", initialization="chrono"),
        "four": partial(untrained.arriving, "lstm", 4),
        "bidirectional": partial(untrained.arriving, "lstm", bidirectional=True),
    }
    gates = {"open": 1.0, "nine": 0.9, "default": None}
    rows: list[tuple[str, str, int, float]] = []
    for seed in range(seeds):
        for name, measure in kinds.items():
            rows.append(("arriving", name, seed, measure(seed=seed)))
        for name, gate in gates.items():
            rows.append(("carousel", name, seed, untrained.carousel(gate, seed=seed)))
    return rows


def _counted() -> list[tuple[str, str, int, float]]:
    cells = ("rnn", "lstm", "gru")
    forward, backward = listings.steps_seen()
    numbers: dict[str, dict[str, int]] = {
        "gates": {cell: untrained.gates_of(cell) for cell in cells},
        "weights": {cell: untrained.weights_of(cell) for cell in cells},
        "latch": {"held": untrained.latch(trials=LATCH_TRIALS), "trials": LATCH_TRIALS},
        "seen": {"forward": forward, "backward": backward},
        "candidates": {"blind": listings.candidates(True), "right": listings.candidates(False)},
        "moves": {"equal": listings.plateau_moves(1e-3), "below": listings.plateau_moves(1e-5)},
    }
    return [
        (measure, setting, 0, float(value))
        for measure, settings in numbers.items()
        for setting, value in settings.items()
    ]
