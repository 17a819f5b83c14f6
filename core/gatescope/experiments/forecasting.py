"""How good a network's forecasts are, beside those that need no network."""

from dataclasses import dataclass

import numpy as np
import torch

from gatescope.models import SequenceModel
from gatescope.tasks.forecast import Forecast

SURE = 95
"""Per cent of an interval."""

DRAWS, SEED = 2000, 0
ALPHAS = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Penalties that the linear forecast is chosen from, on the validation part."""


@dataclass(frozen=True)
class Forecasts:
    """All forecasts of a part, and what came; each array is (forecast, horizon), scaled.

    Attributes
    ----------
    steps
        (forecast,), the first step of the series that is forecast.
    truth
        What came.
    network, naive, linear
        The network's, the naive one, and that of a ridge regression on the same window.
    """

    steps: np.ndarray
    truth: np.ndarray
    network: np.ndarray
    naive: np.ndarray
    linear: np.ndarray

    def squared(self, name: str) -> np.ndarray:
        """Squared errors of ``network``, ``naive`` or ``linear``, (forecast, horizon)."""
        errors: np.ndarray = (getattr(self, name) - self.truth) ** 2
        return errors

    def nearer(self, name: str, than: str = "naive") -> float:
        """The share of forecasts with the smaller error, over all their steps."""
        one, other = self.squared(name).mean(1), self.squared(than).mean(1)
        return float((one < other).mean())


@dataclass(frozen=True)
class Ratio:
    """A mean squared error in units of another, with its interval."""

    value: float
    low: float
    high: float


def forecasts_of(
    model: SequenceModel, task: Forecast, linear: np.ndarray | None = None
) -> Forecasts:
    """Make every forecast of a task's part.

    Parameters
    ----------
    model
        A network that was trained on the task, in eval mode.
    task
        The task, as ``run.task.held_out("test")``.
    linear
        What `linear_forecasts` gave for this task, where it is at hand.
    """
    return Forecasts(
        task.targets.numpy(),
        task.truth(task.targets).double().numpy(),
        network_forecasts(model, task),
        task.naive(task.targets).double().numpy(),
        linear_forecasts(task) if linear is None else linear,
    )


def network_forecasts(model: SequenceModel, task: Forecast) -> np.ndarray:
    """A network's forecasts of a task's part, (forecast, horizon), scaled."""
    with torch.no_grad():
        found: np.ndarray = model(task.forecasts(task.targets).inputs)[-1].double().numpy()
    return found


def linear_forecasts(task: Forecast) -> np.ndarray:
    """The forecasts of a ridge regression on the window, (forecast, horizon), scaled.

    It is fitted to the training part; of `ALPHAS` the penalty is taken that does best on the
    validation part.
    """
    from sklearn.linear_model import Ridge

    def windows(part: Forecast) -> tuple[np.ndarray, np.ndarray]:
        rows = part.forecasts(part.targets).inputs.permute(1, 0, 2).flatten(1)
        return rows.double().numpy(), part.truth(part.targets).double().numpy()

    learnt, validation = windows(task.held_out("train")), windows(task.held_out("validation"))
    fits = [Ridge(alpha=alpha).fit(*learnt) for alpha in ALPHAS]
    errors = [((_rows(fit.predict(validation[0])) - validation[1]) ** 2).mean() for fit in fits]
    best = fits[int(np.argmin(errors))]
    return _rows(best.predict(windows(task)[0]))


def ratio(one: np.ndarray, other: np.ndarray, *, block: int, seed: int = SEED) -> Ratio:
    """Mean of squared errors in units of another's, with a 95 % interval.

    Neighbouring forecasts share most of their window and their weather, so whole blocks of them
    are drawn anew (the moving-block bootstrap, Künsch 1989).

    Parameters
    ----------
    one, other
        (forecast,), squared errors of the same forecasts.
    block
        Forecasts in a block.
    seed
        Of the draws.
    """
    count = len(one)
    size = min(max(block, 1), count)
    draw = np.random.default_rng(seed)
    starts = draw.integers(0, count - size + 1, (DRAWS, -(-count // size)))
    # sums over a block from running sums
    sums = [np.concatenate([[0.0], np.cumsum(errors)]) for errors in (one, other)]
    drawn = [(running[starts + size] - running[starts]).sum(1) for running in sums]
    low, high = np.percentile(drawn[0] / drawn[1], [(100 - SURE) / 2, (100 + SURE) / 2])
    return Ratio(float(one.mean() / other.mean()), float(low), float(high))


def _rows(values: np.ndarray) -> np.ndarray:
    """(forecast, horizon), also where scikit-learn leaves a horizon of one out."""
    return values if values.ndim == 2 else values[:, None]
