"""Train the prepared runs on real data again: ``python assets/make_data_runs.py [name ...]``."""

import sys
from dataclasses import replace
from pathlib import Path

from gatescope.training import Progress, Run, TrainConfig, save_run, train
from gatescope.training.loop import log_spaced

RUNS = Path(__file__).parent / "data_runs"
KEPT = 5
"""Checkpoints that are kept of each run: these networks are larger than the others."""

FORECASTS: dict[str, TrainConfig] = {}
REVIEWS: dict[str, TrainConfig] = {}
CHARACTERS: dict[str, TrainConfig] = {
    f"characters-{cell}": TrainConfig(
        task="characters", task_options={"length": 128}, cell=cell, hidden_size=units,
        readout_dropout=0.2, learning_rate=rate, batch_size=16, max_steps=4000,
        evaluate_every=250, plateau_patience=2,
    )
    for cell, units, rate in (("lstm", 64, 8e-3), ("gru", 76, 6e-3), ("rnn", 140, 2e-3))
}  # fmt: skip
"""About 40,000 weights each."""
CONFIGS = FORECASTS | REVIEWS | CHARACTERS


def thinned(run: Run) -> Run:
    """The run with fewer checkpoints: the first, the last, and log-spaced between."""
    kept = log_spaced(run.steps, KEPT)
    if run.config.task == "characters":
        del kept[1]  # the largest of these networks, and little has happened by then
    return replace(
        run,
        checkpoints={step: run.checkpoints[step] for step in kept},
        gradients=tuple(row for row in run.gradients if row.checkpoint in kept),
    )


def main(names: list[str]) -> None:
    """Train the named runs, or all."""
    for name in names or CONFIGS:
        print(name)
        save_run(thinned(train(CONFIGS[name], on_progress=tell)), RUNS / name)


def tell(progress: Progress) -> None:
    """Print one evaluation."""
    print(f"  {progress.step:6,}  {progress.loss:.4f}  {progress.accuracy:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
