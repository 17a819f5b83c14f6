"""How good a network's forecasts are, beside those that need no network."""

from dataclasses import dataclass

import numpy as np
import torch

from gatescope.analysis import bootstrap_interval
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
    are drawn anew (`bootstrap_interval`). Fewer than five blocks have no interval: its ends are
    infinite.

    Parameters
    ----------
    one, other
        (forecast,), squared errors of the same forecasts.
    block
        Forecasts in a block.
    seed
        Of the draws.
    """
    errors = np.stack([one, other], axis=1)
    found = bootstrap_interval(
        errors, _of_means, block=max(block, 1), level=SURE / 100, draws=DRAWS, seed=seed
    )
    return Ratio(found.estimate, found.low, found.high)


def _of_means(errors: np.ndarray) -> float:
    one, other = errors.mean(0)
    return float(one / other)


def _rows(values: np.ndarray) -> np.ndarray:
    """(forecast, horizon), also where scikit-learn leaves a horizon of one out."""
    return values if values.ndim == 2 else values[:, None]
