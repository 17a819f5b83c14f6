"""Train the prepared runs again: ``python assets/make_runs.py [name ...]``."""

import sys
from pathlib import Path

from gatescope.training import Progress, TrainConfig, save_run, train

RUNS = Path(__file__).parent / "runs"

CONFIGS = {
    "adding-lstm": TrainConfig(
        task="adding",
        task_options={"length": 50},
        cell="lstm",
        hidden_size=16,
        initialisation="forget_bias",
        learning_rate=5e-3,
        batch_size=50,
        max_steps=4000,
        evaluate_every=100,
    ),
}


def report(progress: Progress) -> None:
    """Print one line an evaluation."""
    print(
        f"  step {progress.step:5d}  loss {progress.loss:.4f}  accuracy {progress.accuracy:.1%}",
        flush=True,
    )


def main(names: list[str]) -> None:
    """Train and save the named runs, all of them when none is named."""
    for name in names or CONFIGS:
        print(name)
        save_run(train(CONFIGS[name], report), RUNS / name)


if __name__ == "__main__":
    main(sys.argv[1:])
