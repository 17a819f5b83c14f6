"""A run while it is training: one small file, which others may read at any moment."""

import json
import math
import time
from collections.abc import Sequence
from pathlib import Path

import safetensors.torch
from safetensors import safe_open

from gatescope.errors import say
from gatescope.files import write_whole
from gatescope.models import SequenceModel
from gatescope.training.build import probe_batch
from gatescope.training.checked import config_of, require_rows, require_shapes, shapes
from gatescope.training.config import TrainConfig
from gatescope.training.fingerprint import fingerprints
from gatescope.training.folder import SCHEMA, csv_of, rows_of
from gatescope.training.gradients import GradientRow, gradient_rows
from gatescope.training.progress import Progress
from gatescope.training.run import Run, RunError

MOST = 24
"""Measured steps that are kept; beyond, every other one is dropped."""

MOST_BYTES = 2**28
"""Of a file that is read: pages look at it again and again."""


class LiveFile:
    """Keeps a file of the state of a run that is training: give it to ``train`` as ``watch``.

    The file holds the settings, the history so far, the latest weights, and per-time-step
    gradient norms at up to `MOST` steps.

    Parameters
    ----------
    config
        What is being trained.
    path
        The file; its folder is made when it is missing. An older one is replaced.
    every
        Seconds from one writing to the next, at least; at first it is written oftener.
    """

    def __init__(self, config: TrainConfig, path: Path, *, every: float = 1.0) -> None:
        self.config, self.path, self.every = config, path, every
        self._probe, self._task = probe_batch(config), config.make_task()
        self._rows: dict[int, list[GradientRow]] = {}
        self._written, self._pause = -math.inf, every / 8
        path.parent.mkdir(parents=True, exist_ok=True)

    def __call__(self, history: Sequence[Progress], model: SequenceModel) -> None:
        """Write, if it is time; the network's mode is put back."""
        if time.monotonic() - self._written < self._pause:
            return
        self._measure(history[-1].step, model)
        metadata = {
            "schema": str(SCHEMA),
            "config": json.dumps(self.config.model_dump(mode="json")),
            "fingerprint": self._fingerprint(model),
            "history": csv_of(history, Progress).decode(),
            "gradients": csv_of(
                [row for rows in self._rows.values() for row in rows], GradientRow
            ).decode(),
        }
        weights = {
            name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()
        }
        write_whole(self.path, safetensors.torch.save(weights, metadata))
        self._written, self._pause = time.monotonic(), min(2 * self._pause, self.every)

    def close(self) -> None:
        """Remove the file: the run is finished, and kept elsewhere."""
        self.path.unlink(missing_ok=True)

    def _fingerprint(self, model: SequenceModel) -> str:
        return fingerprints(self.config, {0: model.state_dict()})[0]

    def _measure(self, step: int, model: SequenceModel) -> None:
        training = model.training
        model.eval()
        self._rows[step] = gradient_rows(step, model, self._task, self._probe)
        model.train(training)
        if len(self._rows) > MOST:
            for number in list(self._rows)[1:-1:2]:
                del self._rows[number]


def load_live(path: Path) -> Run:
    """Read what a `LiveFile` wrote last.

    Returns
    -------
    Run
        As it stands: one checkpoint, that of the latest weights; gradient norms at some of the
        steps so far; the test score is not known and nan.

    Raises
    ------
    RunError
        When there is no such file, or it cannot be read.
    """
    try:
        if (size := path.stat().st_size) > MOST_BYTES:
            raise ValueError(say("too_many_bytes", size=size, most=MOST_BYTES))
        there = shapes(path.parent, path.name)
        with safe_open(path, "pt") as file:
            said = file.metadata()
            config = config_of(said["config"].encode(), len(there))
            require_shapes(config, {f"0/{name}": shape for name, shape in there.items()})
            require_rows(config, MOST + 1, said["history"].encode(), said["gradients"].encode())
            weights = {name: file.get_tensor(name) for name in there}
        history = tuple(rows_of(said["history"].encode(), Progress))
        if said["fingerprint"] != fingerprints(config, {0: weights})[0]:
            raise ValueError(say("live_other_weights"))
        return Run(
            config=config,
            history=history,
            checkpoints={history[-1].step: weights},
            gradients=tuple(rows_of(said["gradients"].encode(), GradientRow)),
            test_loss=math.nan,
            test_accuracy=math.nan,
            parameters=sum(tensor.numel() for tensor in weights.values()),
            seconds=history[-1].seconds,
        )
    except Exception as error:
        raise RunError(say("no_live_run", path=path, reason=error)) from error
