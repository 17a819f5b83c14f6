"""What lesson 1 says in numbers: the adding problem, and what is scored without memory."""

from typing import Any

from gatescope.tasks import make_task
from viz_app.features import Tasks
from viz_app.features.lessons.builds import constant
from viz_app.kit.recordings import Recordings

RNN, LSTM = "adding-rnn-one-unit", "adding-lstm-one-unit"

BEATEN = 0.5
"""A network remembers whose loss is below so much of the baseline."""

ROWS = 1
"""The seed of the rows that are looked at."""

SYMBOLS = 5
"""Of the task that is asked about at the end."""


def facts(recordings: Recordings) -> dict[str, Any]:
    """See `viz_app.features.lessons.facts`."""
    task, batch = Tasks("adding", seed=ROWS).data(recordings)
    first, second = (mark.step for mark in batch.marks[0])
    losses = {run: float(recordings.run(run).test_loss) for run in (RNN, LSTM)}
    baseline, best = float(task.baseline_loss), constant.mean(recordings)
    recall = make_task("delayed_recall", symbols=SYMBOLS)
    return {
        "steps": task.length, "last": batch.end, "first": first, "second": second,
        "one": float(batch.inputs[first, 0, 0]), "other": float(batch.inputs[second, 0, 0]),
        "sum": float(batch.targets[batch.end, 0, 0]), "wait": batch.end - first,
        "gap": second - first, "best": best, "one_mean": best / 2, "rows": constant.ROWS,
        "baseline": baseline,
        "rnn_loss": losses[RNN], "lstm_loss": losses[LSTM], "tolerance": task.tolerance,
        "better": _better(losses, baseline),
        "at_baseline": _learned(baseline, baseline), "symbols": SYMBOLS,
        "guess": 100 * float(recall.baseline_accuracy),
    }  # fmt: skip


def _better(losses: dict[str, float], baseline: float) -> str:
    """Which of the two networks remembers."""
    there = {run for run, loss in losses.items() if loss < BEATEN * baseline}
    return {(): "neither", (RNN,): "rnn", (LSTM,): "lstm"}.get(tuple(there), "both")


def _learned(loss: float, baseline: float) -> str:
    """What a network has learned whose loss that is."""
    return "memory" if loss < BEATEN * baseline else "average"
