"""One plain training loop."""

import math
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from gatescope.models import SequenceModel
from gatescope.training.build import build_model, probe_batch
from gatescope.training.config import TrainConfig
from gatescope.training.gradients import GradientRow, gradient_rows
from gatescope.training.progress import Progress
from gatescope.training.run import Run
from gatescope.training.scoring import (
    HELD_OUT_EXAMPLES,
    VALIDATION_SEED,
    evaluate,
    score_on_test,
)
from gatescope.training.update import Updater

CHECKPOINTS = 12
FIRST_BATCH_SEED = 1_000_000
"""Training draws from seeds of its own, far from those of validation and test."""


Watch = Callable[[Sequence[Progress], SequenceModel], None]


def train(
    config: TrainConfig,
    on_progress: Callable[[Progress], bool | None] | None = None,
    *,
    watch: Watch | None = None,
) -> Run:
    """Train a network.

    Parameters
    ----------
    config
        What to train, on what, and how.
    on_progress
        Called with a `Progress` at every evaluation; returning False stops the run, which is
        then finished as it stands.
    watch
        Called at every evaluation, first, with the history so far and the network, which it may
        look at and must not change: as `LiveFile`.

    Returns
    -------
    Run
        History, about 12 log-spaced checkpoints, per-time-step gradient norms at each of them,
        and the test score.

    Examples
    --------
    >>> import gatescope
    >>> config = gatescope.TrainConfig(task="temporal_order", cell="gru", max_steps=4)
    >>> run = gatescope.train(config, on_progress=lambda progress: None)
    >>> run.steps[0], run.steps[-1], run.test_accuracy <= 1
    (0, 4, True)
    """
    with torch.random.fork_rng():
        torch.manual_seed(config.seed)
        return _train(config, on_progress, watch)


def _train(
    config: TrainConfig,
    on_progress: Callable[[Progress], bool | None] | None,
    watch: Watch | None,
) -> Run:
    task = config.make_task()
    validating = task.held_out("validation")
    validation = validating.sample(HELD_OUT_EXAMPLES, VALIDATION_SEED)
    model = build_model(config)
    updater = Updater(model, config)
    plateau = _plateau(config, updater.optimizer)
    history: list[Progress] = []
    snapshots = {0: _weights(model)}
    made: list[tuple[float, float]] = []
    best: dict[int, dict[str, Tensor]] = {}
    began = time.perf_counter()
    for step in range(config.max_steps + 1):
        if step:
            batch = task.sample(config.batch_size, _batch_seed(config, step))
            loss = updater.update(task, batch)
            made.append((loss, updater.norm))
            if step >= 1.25 * max(snapshots):
                snapshots[step] = _weights(model)
        if step % config.evaluate_every == 0 or step == config.max_steps:
            score = evaluate(model, validating, validation)
            if plateau is not None and step:
                plateau.step(score[0])
            history.append(_row(config, step, made, score, updater, began))
            made = []
            if config.restore_best and _is_best(history):
                best = {step: _weights(model)}
            if watch is not None:
                looked = time.perf_counter()
                watch(history, model)
                began += time.perf_counter() - looked  # whoever watches, it is no training
            asked_to_stop = on_progress is not None and on_progress(history[-1]) is False
            if asked_to_stop or _finished(config, history):
                break
    if best:
        ((step, weights),) = best.items()
        model.load_state_dict(weights)
        snapshots = {kept: found for kept, found in snapshots.items() if kept < step}
    snapshots[step] = _weights(model)
    return _run(config, model, history, snapshots)


def _row(
    config: TrainConfig,
    step: int,
    made: list[tuple[float, float]],
    score: tuple[float, float],
    updater: Updater,
    began: float,
) -> Progress:
    losses, norms = zip(*made, strict=True) if made else ((math.nan,), (math.nan,))
    return Progress(
        step=step,
        max_steps=config.max_steps,
        train_loss=sum(losses) / len(losses),
        loss=score[0],
        accuracy=score[1],
        learning_rate=updater.optimizer.param_groups[0]["lr"],
        gradient_norm=updater.norm,
        seconds=time.perf_counter() - began,
        longest_gradient=_longest(norms) if made else math.nan,
    )


def _longest(norms: Sequence[float]) -> float:
    return max(norms) if all(map(math.isfinite, norms)) else math.inf


def _run(
    config: TrainConfig,
    model: SequenceModel,
    history: list[Progress],
    snapshots: dict[int, dict[str, Tensor]],
) -> Run:
    checkpoints = {kept: snapshots[kept] for kept in log_spaced(sorted(snapshots), CHECKPOINTS)}
    score = score_on_test(model, config.make_task())
    return Run(
        config=config,
        history=tuple(history),
        checkpoints=checkpoints,
        gradients=_gradients_at(config, checkpoints),
        test_loss=score.loss,
        test_accuracy=score.accuracy,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        seconds=history[-1].seconds,
    )


def _plateau(
    config: TrainConfig, optimizer: torch.optim.Optimizer
) -> torch.optim.lr_scheduler.ReduceLROnPlateau | None:
    if config.plateau_patience is None:
        return None
    return torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer,
        patience=config.plateau_patience,
        factor=config.plateau_factor,
        min_lr=config.plateau_min_rate,
    )


def log_spaced(steps: list[int], count: int) -> list[int]:
    """Choose about ``count`` of the sorted ``steps``: the first, the last, and log-spaced between.

    The spacing begins at a hundredth of the last step: before it, little has happened.
    """
    last = steps[-1]
    if len(steps) <= count:
        return steps
    lowest = max(1.0, last / 100)
    wanted = [lowest * (last / lowest) ** (k / (count - 2)) for k in range(count - 1)]
    nearest = {min(steps[1:], key=lambda step: abs(math.log(step / want))) for want in wanted}
    return sorted({steps[0], last} | nearest)


def _is_best(history: list[Progress]) -> bool:
    """Whether the last evaluation has a better validation loss than all before it."""
    return all(history[-1].loss < row.loss for row in history[:-1])


def _batch_seed(config: TrainConfig, step: int) -> int:
    return FIRST_BATCH_SEED * (config.seed + 1) + step


def _weights(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def _finished(config: TrainConfig, history: list[Progress]) -> bool:
    """Whether the score is reached twice running, the loss falls no more, or is not finite."""
    if not math.isfinite(history[-1].loss):
        return True
    reached = [row.accuracy >= (config.stop_accuracy or math.inf) for row in history[-2:]]
    if len(reached) == 2 and all(reached):
        return True
    if config.stop_patience is not None:
        losses = [row.loss for row in history]
        return len(losses) - 1 - losses.index(min(losses)) >= config.stop_patience
    return False


def _gradients_at(
    config: TrainConfig, checkpoints: dict[int, dict[str, Tensor]]
) -> tuple[GradientRow, ...]:
    probe, task = probe_batch(config), config.make_task()
    model = build_model(config)
    model.eval()
    rows: list[GradientRow] = []
    for step, weights in checkpoints.items():
        model.load_state_dict(weights)
        rows += gradient_rows(step, model, task, probe)
    return tuple(rows)
