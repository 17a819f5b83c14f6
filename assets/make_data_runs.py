"""Train the prepared runs on data again: ``python assets/make_data_runs.py [name ...]``."""

import sys
from dataclasses import replace
from pathlib import Path

from gatescope.training import Progress, Run, TrainConfig, save_run, train
from gatescope.training.loop import log_spaced

RUNS = Path(__file__).parent / "data_runs"
KEPT, KEPT_OF_WORDS = 5, 3
"""Checkpoints that are kept of each run: these networks are larger than the others, those with a
vocabulary most of all."""

UNITS = {"lstm": 24, "gru": 28, "rnn": 50}
"""Like parameter counts: 2.6 to 2.7 thousand on one feature and one step ahead."""

# at 5e-3 with the usual clip the LSTM ends at twice this error
TEMPERATURE = {
    "batch_size": 64, "learning_rate": 1e-2, "max_grad_norm": 0.25, "max_steps": 2500,
    "plateau_patience": 3,
}  # fmt: skip
# chosen by the loss on the validation part; the last weights are the best ones there
SEA = TEMPERATURE | {"restore_best": True}
DENGUE = {
    "batch_size": 64, "learning_rate": 3e-3, "max_steps": 1000, "stop_patience": 5,
    "restore_best": True,
}  # fmt: skip
WEATHER = {"batch_size": 64, "learning_rate": 3e-3, "max_steps": 1500}
STOCKS = {"batch_size": 64, "learning_rate": 3e-3, "max_steps": 1000}


def forecasts() -> dict[str, TrainConfig]:
    """One step ahead for every series and cell; twelve hours and four weeks ahead too."""
    sea, dengue = {"series": "sea_temperature"}, {"series": "dengue", "window": 26}
    series: dict[str, tuple[dict[str, object], dict[str, object]]] = {
        "sea-temperature": (sea | {"window": 24}, SEA),
        "sea-temperature-12": (sea | {"window": 48, "horizon": 12}, SEA),
        "dengue": (dengue, DENGUE),
        "dengue-4": (dengue | {"horizon": 4}, DENGUE),
        "temperature": ({"window": 24}, TEMPERATURE),
        "temperature-12": ({"window": 48, "horizon": 12}, TEMPERATURE),
        # long enough to be seen overfitting
        "weather": ({"series": "weather", "window": 14}, WEATHER),
        "stocks": ({"series": "stocks", "ticker": "AAPL", "window": 10}, STOCKS),
    }
    return {
        f"forecast-{name}-{cell}": TrainConfig(
            task="forecast", task_options=options, cell=cell, hidden_size=units,
            evaluate_every=100, **training,
        )
        for name, (options, training) in series.items()
        for cell, units in UNITS.items()
    }  # fmt: skip


def reviews() -> dict[str, TrainConfig]:
    """Praise or blame by each cell, and by an LSTM that was trained without dropout."""
    dropped = {"readout_dropout": 0.3, "recurrent_dropout": 0.2}
    made: dict[str, tuple[str, int, dict[str, float]]] = {
        "lstm": ("lstm", 32, dropped),
        "gru": ("gru", 32, dropped),
        # with recurrent dropout a plain RNN stays 4 points below this
        "rnn": ("rnn", 32, {"readout_dropout": 0.3}),
        "lstm-no-dropout": ("lstm", 32, {}),
    }
    return {
        f"reviews-{name}": TrainConfig(
            task="reviews", cell=cell, hidden_size=units, embedding_size=8, batch_size=64,
            learning_rate=3e-3, max_steps=1000, **dropout,
        )
        for name, (cell, units, dropout) in made.items()
    }  # fmt: skip


FORECASTS = forecasts()
REVIEWS = reviews()
CHARACTERS: dict[str, TrainConfig] = {
    f"characters-{cell}": TrainConfig(
        task="characters", task_options={"length": 128}, cell=cell, hidden_size=units,
        readout_dropout=readout, recurrent_dropout=recurrent, learning_rate=rate, batch_size=32,
        max_steps=12_000, evaluate_every=250, plateau_patience=1, restore_best=True,
    )
    for cell, units, readout, recurrent, rate in (
        ("lstm", 192, 0.5, 0.3, 5e-3), ("gru", 192, 0.5, 0.3, 4e-3), ("rnn", 256, 0.25, 0.1, 2e-3)
    )
}  # fmt: skip
"""As large as helps on one book. All dropout is there for a reason: without recurrent dropout the
RNN ends at 2.5 bits per character, which counting letters beats.

Those that are shipped were trained by these settings, from the same weights and on the same
batches, on a GPU, in 2 minutes; here the LSTM takes about a quarter of an hour on one core, and
what rounding and dropout draw differently makes another network, as good.
"""
CONFIGS = FORECASTS | REVIEWS | CHARACTERS


def thinned(run: Run) -> Run:
    """The run with fewer checkpoints: the first, the last, and log-spaced between."""
    kept = log_spaced(run.steps, KEPT_OF_WORDS if run.task.vocabulary_size else KEPT)
    if run.config.task == "characters":  # the largest of these networks
        kept = [kept[0], kept[2], kept[-1]]
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
