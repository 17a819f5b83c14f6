"""What stands beside every picture of a run: how it was trained, and how well it does."""

from gatescope import DATA_TASKS, Run, TrainConfig
from viz_app.kit.chart.style import Theme
from viz_app.kit.words import digits, number, percent, some
from viz_app.text import name_of, say

__all__ = ["Theme", "network", "score", "settings", "task_label", "warning"]

SOLVED, LEARNT = 0.9, 0.1
"""Fractions of the way from the baseline to perfect above which a task is solved, or in part."""


def settings(run: Run, step: int | None = None) -> str:
    """Cell, size, task, initialization and training, in one line.

    Parameters
    ----------
    run
        The run.
    step
        The checkpoint that is shown; None is the last one.
    """
    config = run.config
    if not run.task.asks:
        key = "app.brought_both" if config.bidirectional else "app.brought"
        return say(
            key, cell=name_of("cell", config.cell), layers=some("layers", config.num_layers),
            units=some("units", config.hidden_size), parameters=some("parameters", run.parameters),
            examples=some("examples", len(run.probe().marks)),
            steps=some("time_steps", run.task.length),
            features=some("features", run.task.input_size),
        )  # fmt: skip
    return say(
        "app.settings",
        network=network(config),
        parameters=some("parameters", run.parameters),
        task=task_label(config.task, run.task.length),
        initialization=start(config, run.task.length),
        trained=trained(run, step),
    )


def what(config: TrainConfig) -> str:
    """What is trained, on what, and how."""
    length = config.make_task().length
    parts = [
        network(config),
        say("train.what_dropout", share=config.dropout) if config.dropout else "",
        task_label(config.task, length),
        start(config, length),
        say(
            "train.what_optimizer", optimizer=say(f"train.optimizer_{config.optimizer}"),
            rate=config.learning_rate, batch=config.batch_size,
        ),
        say(
            "retention.no_clip" if config.max_grad_norm is None else "retention.clip",
            clip=config.max_grad_norm,
        ),
        say("train.what_seed", seed=config.seed),
    ]  # fmt: skip
    return " · ".join(part for part in parts if part)


def task_label(task: str, length: int) -> str:
    """A task with its length, as ``"adding, 50 time steps"``."""
    return say("app.task_label", task=name_of("task", task), steps=some("time_steps", length))


def start(config: TrainConfig, length: int) -> str:
    """How its weights are initialized, on a task of that length."""
    return say(
        "app.init_forget_bias_gru"
        if config.initialization == "forget_bias" and config.cell == "gru"
        else f"app.init_{config.initialization}",
        bias=number(config.forget_bias),
        steps=config.chrono_max or length,
    )


def trained(run: Run, step: int | None = None) -> str:
    """How far the network that is shown was trained; of weights that no training gave, that."""
    at = run.steps[-1] if step is None else step
    if not run.history:
        return say("app.not_trained", step=at)
    end = run.history[-1].step
    if at == end:  # not where the best weights were put back
        return say("app.trained", steps=some("training_steps", end), seconds=run.seconds)
    return say("app.trained_so_far" if at else "app.untrained", step=at, steps=end)


def network(config: TrainConfig) -> str:
    """Cell, layers, directions and size, as ``"LSTM, 2 layers, 16 units each"``."""
    layers = len(config.layers)
    many = "_layers" if layers > 1 else ""
    both = "_both" if config.bidirectional else ""
    words = {"layers": some("layers", layers)} if many else {}
    told = say(
        f"app.network{many}{both}", cell=name_of("cell", config.cell),
        units=some("units", config.hidden_size), **words,
    )  # fmt: skip
    return say("app.network_ends", network=told) if config.read_at == "both_ends" else told


def score(run: Run, step: int | None = None) -> str:
    """Loss and accuracy on the test examples beside those of the baseline.

    ``run`` and ``step`` as in `settings`.
    """
    task = run.task.held_out("test")
    if not task.asks:
        return say("app.nothing_asked")
    measured = run.score(step)
    found = {
        "loss": digits(measured.loss),
        "baseline": digits(task.baseline_loss),
        "accuracy": percent(measured.accuracy),
        "guess": percent(task.baseline_accuracy),
    }
    if task.nearer:
        return say("app.score_nearer", **found)
    if task.kind == "regression":
        return say("app.score_regression", tolerance=number(task.tolerance), **found)
    return say("app.score_classification", **found)


def warning(run: Run, step: int | None = None) -> str | None:
    """A sentence for a run that did not learn its task, or only in part; none before its end."""
    if not run.task.asks or step not in (None, run.steps[-1]):
        return None
    measured, task = run.score(), run.task.held_out("test")
    if run.config.task in DATA_TASKS:
        return None if measured.loss < task.baseline_loss else say("app.not_better")
    way = (measured.accuracy - task.baseline_accuracy) / (1 - task.baseline_accuracy)
    learnt = way
    if task.kind == "regression":  # few answers are right within the tolerance, and all are near
        learnt = max(way, 1 - measured.loss / task.baseline_loss)
    if not learnt >= LEARNT:  # a loss of NaN too
        return say("app.unsolved")
    return None if way >= SOLVED else say("app.partly", accuracy=percent(measured.accuracy))
