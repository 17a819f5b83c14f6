"""What training and a sweep cost beside what a user would otherwise do.

Run by hand: ``python tests/benchmarks/bench_training.py``, and ``--only training`` for its first
part alone. Training evaluates, keeps checkpoints, and measures gradients per time step at each of
them. It stands beside a loop that does the same work by hand, and beside one that does none of it.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from statistics import median

import torch
from _tables import seconds, table
from bench_record import by_hand
from torch import nn

from gatescope import TrainConfig, make_task, train
from gatescope.experiments import RunStore, sweep
from gatescope.training.build import build_model, probe_batch
from gatescope.training.scoring import HELD_OUT_EXAMPLES, VALIDATION_SEED

MARKS = torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64)
CELLS = ("lstm", "gru", "rnn")


def config(cell: str, **changes: object) -> TrainConfig:
    """Delayed recall, the default experiment's size."""
    settings = {"task": "delayed_recall", "task_options": {"delay": 50}, "hidden_size": 32}
    return TrainConfig(**{**settings, "cell": cell, "max_steps": 300, **changes})


def loop(settings: TrainConfig, checkpoints: Sequence[int] = ()) -> float:
    """The loop as one writes it by hand, on the same batches: seconds.

    With checkpoints it evaluates as often as training does, and at each of them keeps the weights
    and measures the gradients of the probe batch, in a loop over its steps with ``retain_grad``.
    """
    task, probe = make_task(settings.task, **settings.task_options), probe_batch(settings)
    held_out = task.held_out("validation").sample(HELD_OUT_EXAMPLES, VALIDATION_SEED)
    kept, norms = {}, {}
    model = build_model(settings)
    recurrent, readout = model.recurrent, model.readout
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.learning_rate)
    start = time.perf_counter()
    for step in range(settings.max_steps):
        if step in checkpoints:
            kept[step] = {name: value.clone() for name, value in model.state_dict().items()}
            gradients = by_hand(recurrent, probe.inputs)
            norms[step] = [gradient.double().norm(dim=-1).quantile(MARKS) for gradient in gradients]
        if checkpoints and step % settings.evaluate_every == 0:
            with torch.no_grad():
                outputs = readout(recurrent(held_out.inputs)[0])
                nn.functional.cross_entropy(outputs[-1], held_out.targets[-1])
        batch = task.sample(settings.batch_size, step)
        outputs = readout(recurrent(batch.inputs)[0])
        loss = nn.functional.cross_entropy(outputs[-1], batch.targets[-1])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return time.perf_counter() - start


def whole(settings: TrainConfig) -> float:
    """`gatescope.train` of the same, all that it does included: seconds."""
    start = time.perf_counter()
    train(settings)
    return time.perf_counter() - start


def swept(configs: list[TrainConfig], workers: int) -> float:
    """A sweep into an empty store, starting the processes included: seconds."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        sweep(configs, RunStore(folder), workers=workers)
        return time.perf_counter() - start


def training(asked: argparse.Namespace) -> None:
    """`gatescope.train` beside loops by hand, in turn, after one round that does not count."""
    rows = []
    for cell in CELLS:
        settings = config(cell)
        steps = train(settings).steps
        count = asked.rounds + 1
        rounds = [(whole(settings), loop(settings, steps), loop(settings)) for _ in range(count)]
        ours, same, bare = zip(*rounds[1:], strict=True)
        ratios = [median(a / b for a, b in zip(ours, other, strict=True)) for other in (same, bare)]
        row = [cell, seconds(median(ours)), seconds(median(same)), f"{ratios[0]:.2f}"]
        rows.append([*row, seconds(median(bare)), f"{ratios[1]:.2f}"])
    headers = ["300 steps of training", "gatescope.train", "same work by hand", "ratio"]
    table([*headers, "bare loop", "ratio"], rows)


def store(asked: argparse.Namespace) -> None:
    """Putting a run of the sweep below into a store: seconds, and its share of training it."""
    settings = config("lstm", max_steps=asked.steps)
    run = train(settings)
    cost = median(whole(settings) for _ in range(asked.rounds))
    with tempfile.TemporaryDirectory() as folder:
        runs = RunStore(folder)
        start = time.perf_counter()
        runs.put(run)
        taken = time.perf_counter() - start
    table(
        ["the store", "a run", "of training it"],
        [("put", seconds(taken), f"{taken / cost:.1%}")],
    )


def sweeping(asked: argparse.Namespace) -> None:
    """Twelve runs by one worker and by two."""
    configs = [config("lstm", seed=seed, max_steps=asked.steps) for seed in range(12)]
    one, two = swept(configs, 1), swept(configs, 2)
    table(
        ["a sweep of 12 runs", "1 worker", "2 workers", "times as fast"],
        [("LSTM", seconds(one), seconds(two), f"{one / two:.2f}")],
    )


PARTS = {"training": training, "store": store, "sweep": sweeping}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1500, help="of each run of store and sweep")
    parser.add_argument("--only", choices=PARTS, help="one part alone")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for name, part in PARTS.items():
        if asked.only in (None, name):
            part(asked)


if __name__ == "__main__":
    main()
