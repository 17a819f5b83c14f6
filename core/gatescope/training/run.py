"""A trained network with its history, and its folder on disk."""

import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import safetensors.torch
from torch import Tensor

from gatescope.models import SequenceModel
from gatescope.tasks import Batch, Task
from gatescope.training.build import build_model, probe_batch
from gatescope.training.config import TrainConfig
from gatescope.training.gradients import GradientRow
from gatescope.training.progress import Progress
from gatescope.version import __version__

SCHEMA = 1
CONFIG, HISTORY, GRADIENTS, WEIGHTS, RESULT = (
    "config.json",
    "history.csv",
    "gradients.csv",
    "checkpoints.safetensors",
    "run.json",
)


class RunError(ValueError):
    """A run's folder that cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Run:
    """One finished training run.

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
        Of the last weights on examples never trained on.
    parameters
        Number of trained numbers.
    seconds
        Time that training took.
    """

    config: TrainConfig
    history: tuple[Progress, ...]
    checkpoints: dict[int, dict[str, Tensor]]
    gradients: tuple[GradientRow, ...]
    test_loss: float
    test_accuracy: float
    parameters: int
    seconds: float

    @property
    def steps(self) -> list[int]:
        """The steps at which there is a checkpoint, in order."""
        return sorted(self.checkpoints)

    @property
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
            raise ValueError(f"there is no checkpoint at step {step}; there are {kept}")
        model = build_model(self.config)
        model.load_state_dict(self.checkpoints[step])
        return model.eval()

    def probe(self) -> Batch:
        """The fixed examples on which its gradients were measured; never trained on."""
        return probe_batch(self.config)


def save_run(run: Run, folder: str | os.PathLike[str]) -> Path:
    """Write a run into a folder: JSON, CSV and safetensors.

    The folder appears whole or not at all. An older run of that name is replaced; a folder that
    holds anything else is refused.

    Parameters
    ----------
    run
        What to write.
    folder
        Where; its parent is made when it is missing.

    Raises
    ------
    RunError
        When the folder exists and is not a run.

    Examples
    --------
    >>> import gatescope, tempfile
    >>> run = gatescope.train(gatescope.TrainConfig(task="parity", max_steps=2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = gatescope.save_run(run, f"{folder}/mine")
    ...     gatescope.load_run(path).test_loss == run.test_loss
    True
    """
    target = Path(folder)
    if target.exists() and not (target / RESULT).is_file():
        raise RunError(f"{target} exists and is not a run: choose another folder or remove it")
    target.parent.mkdir(parents=True, exist_ok=True)
    parts = {
        CONFIG: _json(run.config.model_dump()),
        HISTORY: csv_of(run.history, Progress),
        GRADIENTS: csv_of(run.gradients, GradientRow),
        WEIGHTS: safetensors.torch.save(
            {
                f"{step}/{name}": tensor.contiguous()
                for step, weights in run.checkpoints.items()
                for name, tensor in weights.items()
            }
        ),
    }
    result = {
        "schema": SCHEMA,
        "gatescope": __version__,
        "test_loss": run.test_loss,
        "test_accuracy": run.test_accuracy,
        "parameters": run.parameters,
        "seconds": run.seconds,
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()},
    }
    parts[RESULT] = _json(result)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, data in parts.items():
            (fresh / name).write_bytes(data)
        fresh.chmod(0o755)
        if target.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
            try:
                target.rename(old / target.name)
                fresh.rename(target)
            except BaseException:
                if not target.exists():
                    (old / target.name).rename(target)
                old.rmdir()
                raise
            shutil.rmtree(old)
        else:
            fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def load_run(folder: str | os.PathLike[str]) -> Run:
    """Read a run that `save_run` wrote; nothing in it is executed.

    Raises
    ------
    RunError
        When the folder is missing, incomplete, changed since it was written, or of a newer
        version.

    Examples
    --------
    See `save_run`.

    >>> import gatescope
    >>> gatescope.load_run("nowhere")
    Traceback (most recent call last):
    ...
    gatescope.training.run.RunError: there is no run at nowhere: no such folder
    """
    source = Path(folder)
    if not source.is_dir():
        raise RunError(f"there is no run at {source}: no such folder")
    result, parts = _read_parts(source)
    try:
        config = TrainConfig(**json.loads(parts[CONFIG]))
        checkpoints: dict[int, dict[str, Tensor]] = {}
        for key, tensor in safetensors.torch.load(parts[WEIGHTS]).items():
            step, name = key.split("/", 1)
            checkpoints.setdefault(int(step), {})[name] = tensor
        return Run(
            config=config,
            history=tuple(rows_of(parts[HISTORY], Progress)),
            checkpoints=dict(sorted(checkpoints.items())),
            gradients=tuple(rows_of(parts[GRADIENTS], GradientRow)),
            test_loss=float(result["test_loss"]),
            test_accuracy=float(result["test_accuracy"]),
            parameters=int(result["parameters"]),
            seconds=float(result["seconds"]),
        )
    except (ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
        raise RunError(f"the run at {source} cannot be read: {error}") from error


def _read_parts(source: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The result and every other file's bytes, checked against the digests in the result."""
    try:
        result = json.loads((source / RESULT).read_bytes())
        schema, digests = result["schema"], dict(result["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{source} is not a run: {RESULT} is missing or unreadable") from error
    if schema != SCHEMA:
        raise RunError(
            f"the run at {source} has schema {schema}, this version reads {SCHEMA}: "
            "use the version of gatescope that wrote it, or train it again"
        )
    parts = {}
    for name in (CONFIG, HISTORY, GRADIENTS, WEIGHTS):
        try:
            parts[name] = (source / name).read_bytes()
        except OSError as error:
            raise RunError(f"the run at {source} is incomplete: {name} is missing") from error
        if hashlib.sha256(parts[name]).hexdigest() != digests.get(name):
            raise RunError(f"the run at {source} is damaged: {name} changed since it was written")
    return result, parts


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def csv_of(rows: Sequence[Any], kind: type[Any]) -> bytes:
    """Rows of a dataclass, under a line of its fields' names."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(kind)])
    writer.writerows(asdict(row).values() for row in rows)
    return text.getvalue().encode()


def rows_of(data: bytes, kind: type[Any]) -> list[Any]:
    """Rows of a dataclass whose fields are int, float or str."""
    parse: dict[str, Any] = {field.name: field.type for field in fields(kind)}
    return [
        kind(**{name: parse[name](text) for name, text in row.items()})
        for row in csv.DictReader(io.StringIO(data.decode()))
    ]
