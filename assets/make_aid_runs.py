"""Train the prepared runs of the pages Training techniques and Architectures again.

``python assets/make_aid_runs.py [name ...]``; without a name, all of them. Of the techniques' runs
the first seed's are kept whole, and the test losses of all seeds in one table beside them.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from gatescope.experiments import AidPair, load_losses, run_key, save_losses
from gatescope.experiments.aids import seeded
from gatescope.experiments.effects import SEEDS
from gatescope.training import Progress, Run, TrainConfig, save_run, train
from gatescope.training.loop import log_spaced

ASSETS = Path(__file__).parent
KEPT = 3
"""Checkpoints that are kept of each run."""

# Small and noisy: 1,022 days to learn from, so 32 units overfit within some hundred steps.
WEATHER = TrainConfig(
    task="forecast",
    task_options={"series": "weather", "window": 14, "horizon": 3},
    cell="lstm",
    hidden_size=32,
    learning_rate=1e-2,
    max_steps=600,
    evaluate_every=20,
)
ADAM = TrainConfig(**(WEATHER.model_dump() | {"learning_rate": 1e-3}))

# Plain gradient descent at a rate at which the gradient of a plain RNN explodes now and then.
ORDER = TrainConfig(
    task="temporal_order",
    task_options={"length": 20},
    cell="rnn",
    hidden_size=24,
    optimizer="sgd",
    learning_rate=0.3,
    max_grad_norm=None,
    max_steps=1000,
    evaluate_every=20,
)


def with_aid(aid: Any, strength: float, base: TrainConfig = WEATHER) -> TrainConfig:
    """The settings with an aid."""
    return AidPair(aid=aid, strength=strength, base=base).with_aid()


def weather(**changes: Any) -> TrainConfig:
    """The forecast of the weather with other settings."""
    return TrainConfig(**(WEATHER.model_dump() | changes))


AIDS: dict[str, TrainConfig] = {
    "aid-order": ORDER,
    "aid-order-clip": with_aid("clipping", 1.0, ORDER),
    "aid-weather": WEATHER,
    "aid-weather-l1": with_aid("l1", 3e-4),
    "aid-weather-l2": with_aid("l2", 1e-3),
    "aid-weather-dropout": with_aid("dropout", 0.5),
    "aid-weather-recurrent-dropout": with_aid("recurrent_dropout", 0.5),
    "aid-weather-stop": with_aid("early_stopping", 5),
    "aid-weather-plateau": with_aid("plateau", 3),
    "aid-weather-adam": ADAM,
    "aid-weather-adam-floor": with_aid("plateau_floor", 3, ADAM),
    "aid-weather-batch-4": weather(batch_size=4),
    "aid-weather-batch-128": weather(batch_size=128),
    "aid-weather-units-4": weather(hidden_size=4),
    "aid-weather-units-64": weather(hidden_size=64),
}

# All six have the same settings, and 8 units a layer and direction.
RECALL: dict[str, Any] = {
    "task": "delayed_recall",
    "task_options": {"delay": 40, "symbols": 4},
    "hidden_size": 8,
    "initialization": "forget_bias",
    "forget_bias": 2.0,
    "learning_rate": 1e-2,
    "max_steps": 800,
}
ARCHITECTURES: dict[str, TrainConfig] = {
    "layers-1": TrainConfig(**RECALL, cell="lstm"),
    "layers-2": TrainConfig(**RECALL, cell="lstm", num_layers=2),
    "layers-4": TrainConfig(**RECALL, cell="lstm", num_layers=4),
    "layers-gru-lstm": TrainConfig(**RECALL, cell="gru+lstm"),
    "both-ways-last": TrainConfig(**RECALL, cell="lstm", bidirectional=True),
    "both-ways-ends": TrainConfig(**RECALL, cell="lstm", bidirectional=True, read_at="both_ends"),
}
LOSSES = ASSETS / "aid_runs" / "test_losses.csv"
FOLDERS = {"aid_runs": AIDS, "architecture_runs": ARCHITECTURES}


def thinned(run: Run) -> Run:
    """The run with fewer checkpoints."""
    kept = log_spaced(run.steps, KEPT)
    return replace(
        run,
        checkpoints={step: run.checkpoints[step] for step in kept},
        gradients=tuple(row for row in run.gradients if row.checkpoint in kept),
    )


def tell(progress: Progress) -> None:
    """Print one evaluation."""
    print(f"  {progress.step:6,}  {progress.loss:.4f}  {progress.accuracy:.3f}", flush=True)


def other_seeds(names: list[str], known: dict[str, float]) -> None:
    """Train the techniques' runs from the seeds that follow, and write all test losses."""
    rows = []
    for name, config in AIDS.items():
        for seed in range(config.seed, config.seed + SEEDS):
            one = seeded(config, seed)
            if run_key(one) not in known or (seed != config.seed and (not names or name in names)):
                known[run_key(one)] = train(one).test_loss
            rows.append((name, one, known[run_key(one)]))
            print(f"{name} seed {seed}: {known[run_key(one)]:.4f}", flush=True)
    save_losses(rows, LOSSES)


def main(names: list[str]) -> None:
    """Train the named runs, or all."""
    known = load_losses(LOSSES) if names and LOSSES.exists() else {}
    for folder, configs in FOLDERS.items():
        for name, config in configs.items():
            if not names or name in names:
                print(name)
                run = train(config, tell)
                save_run(thinned(run), ASSETS / folder / name)
                known[run_key(config)] = run.test_loss
    other_seeds(names, known)


if __name__ == "__main__":
    main(sys.argv[1:])
