"""A trained network with its history."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from torch import Tensor

from gatescope.errors import GatescopeError, say
from gatescope.models import SequenceModel
from gatescope.tasks import Batch, Task
from gatescope.training.build import probe_batch, weights_to_be
from gatescope.training.config import TrainConfig
from gatescope.training.fingerprint import fingerprints
from gatescope.training.gradients import GradientRow, gradient_rows
from gatescope.training.progress import Progress
from gatescope.training.scoring import Score, score_on_test


class RunError(GatescopeError, ValueError):
    """A run's folder that cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Run:
    """One finished training run.

    Its numbers belong to its weights. Where other checkpoints or settings are put into it, as by
    ``dataclasses.replace``, what was measured of the old ones is not carried: the score becomes
    NaN, the history is empty, and the gradients of what changed are left out. `measured` measures
    anew, and `save_run` does so by itself.

    Attributes
    ----------
    config
        What it was asked to do.
    history
        One `Progress` an evaluation.
    checkpoints
        Weights by step: before the first update, after the last, and log-spaced between.
    gradients
        Per-time-step gradient norms on the probe batch at each checkpoint.
    test_loss, test_accuracy
        Of the last weights on examples never trained on, see `held_out_examples`; NaN where
        nothing was measured.
    parameters
        Number of trained numbers.
    seconds
        Time that training took; NaN where these weights are not what was trained.
    fingerprints
        By step, of the weights that the numbers were measured of; None: of those that are here.
    """

    config: TrainConfig
    history: tuple[Progress, ...]
    checkpoints: dict[int, dict[str, Tensor]]
    gradients: tuple[GradientRow, ...]
    test_loss: float
    test_accuracy: float
    parameters: int
    seconds: float
    fingerprints: Mapping[int, str] | None = None

    def __post_init__(self) -> None:
        """Leave out the numbers of other weights than these."""
        here = fingerprints(self.config, self.checkpoints)
        measured_of = here if self.fingerprints is None else self.fingerprints
        changed = {step for step, found in here.items() if measured_of.get(step) != found}
        if not changed:
            _set(self, fingerprints=here)
            return
        rows = tuple(r for r in self.gradients if r.checkpoint in here.keys() - changed)
        _set(self, history=(), gradients=rows, seconds=math.nan)
        if max(here) in changed:
            _set(self, test_loss=math.nan, test_accuracy=math.nan)

    @property
    def fits(self) -> bool:
        """Whether its numbers were measured of these very weights."""
        return self.fingerprints == fingerprints(self.config, self.checkpoints)

    @property
    def steps(self) -> list[int]:
        """The steps at which there is a checkpoint, in order."""
        return sorted(self.checkpoints)

    @cached_property
    def task(self) -> Task:
        """The task as it is drawn for training."""
        return self.config.make_task()

    def model(self, step: int | None = None) -> SequenceModel:
        """The network at a checkpoint, in eval mode.

        Parameters
        ----------
        step
            One of `steps`; None takes the last.

        Raises
        ------
        ValueError
            When there is no checkpoint at that step; the message lists those there are.
        """
        step = self.steps[-1] if step is None else step
        if step not in self.checkpoints:
            kept = ", ".join(map(str, self.steps))
            raise ValueError(say("checkpoint_unknown", step=step, steps=kept))
        model = weights_to_be(self.config)
        copies = {name: weight.clone() for name, weight in self.checkpoints[step].items()}
        model.load_state_dict(copies, assign=True)
        return model.eval()

    def score(self, step: int | None = None) -> Score:
        """The score on the test examples at a checkpoint; NaN where nothing is asked.

        That of the last one is known; every other one is measured once, on the same examples.

        Parameters
        ----------
        step
            As in `model`.
        """
        step = self.steps[-1] if step is None else step
        known = step == self.steps[-1] and not math.isnan(self.test_accuracy)
        if known or not self.task.asks:
            return Score(self.test_loss, self.test_accuracy)
        if step not in self._scores:
            self._scores[step] = score_on_test(self.model(step), self.task)
        return self._scores[step]

    @cached_property
    def _scores(self) -> dict[int, Score]:
        """By step, what `score` has measured."""
        return {}

    def probe(self) -> Batch:
        """The fixed examples on which its gradients were measured; never trained on."""
        drawn = self._probe
        return replace(
            drawn,
            inputs=drawn.inputs.clone(),
            targets=drawn.targets.clone(),
            scored=drawn.scored.clone(),
        )

    @cached_property
    def _probe(self) -> Batch:
        """Drawn once; each who asks gets a copy."""
        return probe_batch(self.config)


def measured(run: Run) -> Run:
    """The run with score and gradients measured of its weights as they are here.

    What was left out, because it had been measured of other weights, is there again; only the
    history is not, which is that of a training.
    """
    score, rows = run.score(), list(run.gradients)
    for step in run.steps if run.task.asks else []:
        if step not in {row.checkpoint for row in run.gradients}:
            rows += gradient_rows(step, run.model(step), run.task, run.probe())
    return replace(
        run,
        gradients=tuple(sorted(rows, key=lambda row: row.checkpoint)),
        test_loss=score.loss,
        test_accuracy=score.accuracy,
        fingerprints=None,
    )


def _set(run: Run, **values: object) -> None:
    """Set fields of a run that is being made."""
    for name, value in values.items():
        object.__setattr__(run, name, value)
