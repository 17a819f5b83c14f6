"""What a job can be asked to do, by the name that stands in its file."""

import json
import math
from collections.abc import Mapping
from typing import Any, Protocol

from gatescope.errors import say
from gatescope.experiments import AidPair, RetentionConfig
from gatescope.experiments.claims import ClaimConfig
from gatescope.experiments.comparison import ComparisonConfig
from gatescope.settings import FrozenConfig
from gatescope.training import TrainConfig


class Experiment(Protocol):
    """Frozen settings of some training runs."""

    def configs(self) -> Mapping[Any, TrainConfig]:
        """Every run's settings, each under a key of its own."""

    def model_dump(self, *, mode: str = ...) -> dict[str, Any]:
        """The settings as JSON has them."""

    def first_saved(self) -> dict[str, Any]:
        """The settings as JSON had them when each was new."""


class SingleRun(FrozenConfig):
    """One network to train.

    Attributes
    ----------
    run
        Its settings.
    """

    run: TrainConfig

    def configs(self) -> dict[str, TrainConfig]:
        """The one run's settings."""
        return {"run": self.run}


class MemoryOf(FrozenConfig):
    """A run whose memory is to be measured.

    Attributes
    ----------
    folder
        Where the run is.
    fingerprint
        Which network it must be, as from ``gatescope.experiments.memory``.
    """

    folder: str
    fingerprint: str

    def configs(self) -> dict[str, TrainConfig]:
        """Nothing is trained."""
        return {}


KINDS: dict[str, type[Any]] = {
    "retention": RetentionConfig,
    "training": SingleRun,
    "claim": ClaimConfig,
    "comparison": ComparisonConfig,
    "memory": MemoryOf,
    "aid": AidPair,
}
"""To add a kind, give its class a line: frozen settings that can be dumped, with ``configs``."""


MOST_RUNS = 5000
"""Of one job: what a file asks for beyond is refused before it is built."""


def to_text(experiment: Experiment) -> str:
    """What a job's file holds."""
    return json.dumps({"kind": _kind(experiment), "experiment": experiment.model_dump(mode="json")})


def key_text(experiment: Experiment) -> str:
    """What a job's key is made of: the same for the same experiment, in every version."""
    return json.dumps({"kind": _kind(experiment), "experiment": experiment.first_saved()})


def from_said(said: Mapping[str, Any]) -> Experiment:
    """The experiment that a job's file tells of.

    Raises
    ------
    ValueError
        When it tells of none, or of one that cannot be run.
    """
    kind, settings = said.get("kind"), said.get("experiment")
    if kind not in KINDS or not isinstance(settings, dict):
        raise ValueError(say("job_kind_unknown", kind=kind, names=", ".join(KINDS)))
    _require_moderate(settings)
    experiment: Experiment = KINDS[kind].of(**settings)
    return experiment


def _kind(experiment: Experiment) -> str:
    return next(name for name, made in KINDS.items() if type(experiment) is made)


def _require_moderate(settings: Mapping[str, Any]) -> None:
    lists = [value for value in settings.values() if isinstance(value, list)]
    runs = math.prod(max(len(value), 1) for value in lists)
    if runs > MOST_RUNS:
        raise ValueError(say("job_too_many_runs", runs=runs, most=MOST_RUNS))
