"""How good a network's forecasts are, beside those that need no network."""

import math
from dataclasses import dataclass

import numpy as np
import torch

from gatescope.analysis import RULES, Interval, bootstrap_interval
from gatescope.extras import library
from gatescope.models import SequenceModel
from gatescope.tasks.forecast import Forecast

RULE = RULES["forecasting"]
MEMORIES = 15
"""A block is at least so many times as long as the errors' memory, the steps in which their
autocorrelation falls to 1/e; shorter ones make too narrow an interval."""

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
        """The share of forecasts with the smaller error, over all their steps.

        By chance it is about one half: so it is between two that are equally good.
        """
        one, other = self.squared(name).mean(1), self.squared(than).mean(1)
        return float((one < other).mean())


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

    def windows(part: Forecast) -> tuple[np.ndarray, np.ndarray]:
        rows = part.forecasts(part.targets).inputs.permute(1, 0, 2).flatten(1)
        return rows.double().numpy(), part.truth(part.targets).double().numpy()

    learnt, validation = windows(task.held_out("train")), windows(task.held_out("validation"))
    ridge = library("sklearn.linear_model").Ridge
    fits = [ridge(alpha=alpha).fit(*learnt) for alpha in ALPHAS]
    errors = [((_rows(fit.predict(validation[0])) - validation[1]) ** 2).mean() for fit in fits]
    best = fits[int(np.argmin(errors))]
    return _rows(best.predict(windows(task)[0]))


def ratio(one: np.ndarray, other: np.ndarray, *, block: int) -> Interval:
    """Mean of squared errors in units of another's, of the same forecasts.

    Neighbouring forecasts share most of their window and their weather, so whole blocks of them
    are drawn anew (the moving-block bootstrap, Künsch 1989), of both alike. What follows from it
    says `RULES` under ``forecasting``; its ``n`` counts the blocks that lie side by side.

    Parameters
    ----------
    one, other
        (forecast,), squared errors of the same forecasts, in the order of time.
    block
        Forecasts in a block, at least; see `block_length`.
    """
    errors = np.stack([one, other], axis=1)
    size = block_length(one, other, block)
    return bootstrap_interval(errors, _ratio, block=size, of_means=True, level=RULE.level)


def block_length(one: np.ndarray, other: np.ndarray, least: int) -> int:
    """Forecasts in a block: ``least``, or `MEMORIES` of the difference of both errors.

    The memory is that of a first-order autoregression with its lag-one autocorrelation.
    """
    apart = one - _ratio(np.stack([one, other], axis=1).mean(axis=0)) * other
    apart = apart - apart.mean()
    power = float(apart @ apart)
    alike = float(apart[1:] @ apart[:-1]) / power if power > 0 else 0.0
    memory = -1 / math.log(alike) if 0 < alike < 1 else 0.0
    return max(1, least, math.ceil(MEMORIES * memory))


def _ratio(means: np.ndarray) -> float:
    """Of two columns."""
    one, other = means
    return float(one / other)


def _rows(values: np.ndarray) -> np.ndarray:
    """(forecast, horizon), also where scikit-learn leaves a horizon of one out."""
    return values if values.ndim == 2 else values[:, None]
