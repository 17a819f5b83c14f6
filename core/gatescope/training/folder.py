"""A run's folder on disk: written whole or not at all, refused when it does not fit together."""

import csv
import hashlib
import io
import json
import math
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
from torch import Tensor

from gatescope.training.build import weights_to_be
from gatescope.training.config import TrainConfig
from gatescope.training.gradients import GradientRow
from gatescope.training.progress import Progress
from gatescope.training.run import Run, RunError, measured
from gatescope.training.scoring import (
    HELD_OUT_EXAMPLES,
    TEST_SEED,
    evaluate,
    score_on_test,
)
from gatescope.version import __version__

SCHEMA, UNTIED = 2, 1
"""Of run folders: this version's, and the one before it, in which nothing tied numbers to weights
and the score was always that of `HELD_OUT_EXAMPLES` examples."""

SAME_LOSS, SAME_ACCURACY = 1e-3, 3e-3
"""How far a score that is measured anew may lie from the saved one, the loss relative to it:
another machine rounds otherwise, and an answer in 500 may tip over."""

CONFIG, HISTORY, GRADIENTS, WEIGHTS, RESULT = (
    "config.json",
    "history.csv",
    "gradients.csv",
    "checkpoints.safetensors",
    "run.json",
)


def save_run(run: Run, folder: str | os.PathLike[str]) -> Path:
    """Write a run into a folder: JSON, CSV and safetensors.

    The folder appears whole or not at all. An older run of that name is replaced; a folder that
    holds anything else is refused. Score, history and gradients stand in it with the fingerprints
    of the weights that they were measured of; of a run that does not fit together, score and
    gradients are measured anew, see `Run`.

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
    unscored = run.task.asks and math.isnan(run.test_accuracy)
    parts = _parts(measured(run) if unscored or not run.fits else run)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, data in parts.items():
            (fresh / name).write_bytes(data)
        fresh.chmod(0o755)
        _put(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def _parts(run: Run) -> dict[str, bytes]:
    """Every file of a run's folder; the last one has the digests of all."""
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
    result: dict[str, Any] = {
        "schema": SCHEMA,
        "gatescope": __version__,
        "test_loss": run.test_loss,
        "test_accuracy": run.test_accuracy,
        "parameters": run.parameters,
        "seconds": run.seconds,
        "fingerprints": {str(step): found for step, found in (run.fingerprints or {}).items()},
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()},
    }
    result["sha256"][RESULT] = digest_of(result)
    return parts | {RESULT: _json(result)}


def _put(fresh: Path, target: Path) -> None:
    """Rename a finished folder into its place; an older one goes only once that has worked."""
    if not target.exists():
        fresh.rename(target)
        return
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


def load_run(folder: str | os.PathLike[str]) -> Run:
    """Read a run that `save_run` wrote; nothing in it is executed.

    Digests and fingerprints are checksums: they tell of damage, of files that were put together
    from two runs, and of a number that was edited. They are no signature, so they cannot tell of
    somebody who calculates them anew. A run of schema 1 has no fingerprints: its score is measured
    anew, and its history and gradients are left out where that is not the score it was saved with.

    Raises
    ------
    RunError
        When the folder is missing, incomplete, changed since it was written, or of a newer
        version, or its numbers are of other weights.

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
    _require_files(source)
    result, parts = _read_parts(source)
    try:
        run = _run_of(result, parts)
        _require_weights(run)
        if result["schema"] == UNTIED:
            return _tied(run)
    except (ValueError, KeyError, TypeError, AttributeError, safetensors.SafetensorError) as error:
        raise RunError(f"the run at {source} cannot be read: {error}") from error
    if not run.fits:
        raise RunError(
            f"the run at {source} does not fit together: its score, history and gradients are of "
            f"other weights than those in {WEIGHTS}: train it again, or take the folder as it was "
            "written"
        )
    return run


def _run_of(result: Mapping[str, Any], parts: Mapping[str, bytes]) -> Run:
    checkpoints: dict[int, dict[str, Tensor]] = {}
    for key, tensor in safetensors.torch.load(parts[WEIGHTS]).items():
        step, name = key.split("/", 1)
        checkpoints.setdefault(int(step), {})[name] = tensor
    of = None if result["schema"] == UNTIED else result["fingerprints"]
    return Run(
        config=TrainConfig(**json.loads(parts[CONFIG])),
        history=tuple(rows_of(parts[HISTORY], Progress)),
        checkpoints=dict(sorted(checkpoints.items())),
        gradients=tuple(rows_of(parts[GRADIENTS], GradientRow)),
        test_loss=float(result["test_loss"]),
        test_accuracy=float(result["test_accuracy"]),
        parameters=int(result["parameters"]),
        seconds=float(result["seconds"]),
        fingerprints=None if of is None else {int(step): found for step, found in of.items()},
    )


def _require_weights(run: Run) -> None:
    """Raise ValueError unless every checkpoint has the weights of the network, in their shapes."""
    expected = {n: tuple(w.shape) for n, w in weights_to_be(run.config).state_dict().items()}
    for step, weights in run.checkpoints.items():
        shapes = {name: tuple(weight.shape) for name, weight in weights.items()}
        for name in expected.keys() | shapes.keys():
            if shapes.get(name) != expected.get(name):
                raise ValueError(
                    f"at step {step} the weight {name} has the shape {shapes.get(name)}, and "
                    f"the settings ask for {expected.get(name)}"
                )


def _tied(run: Run) -> Run:
    """A run of schema 1 with its score measured anew; without what it does not confirm."""
    if not run.task.asks:
        return replace(run, test_loss=math.nan, test_accuracy=math.nan)
    model, testing = run.model(), run.task.held_out("test")
    then = evaluate(model, testing, testing.sample(HELD_OUT_EXAMPLES, TEST_SEED))
    same_loss = np.isclose(run.test_loss, then.loss, rtol=SAME_LOSS, atol=1e-9, equal_nan=True)
    if not same_loss or not abs(run.test_accuracy - then.accuracy) <= SAME_ACCURACY:
        return measured(replace(run, fingerprints={}))
    score = score_on_test(model, run.task)
    return replace(run, test_loss=score.loss, test_accuracy=score.accuracy)


def _require_files(source: Path) -> None:
    """Make sure that what is read are files: a pipe would have no end, a device neither."""
    for name in (RESULT, CONFIG, HISTORY, GRADIENTS, WEIGHTS):
        path = source / name
        if path.exists() and not path.is_file():
            raise RunError(f"{source} is not a run: {name} is no file")


def _read_parts(source: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The result and every other file's bytes, checked against the digests in the result."""
    try:
        result = json.loads((source / RESULT).read_bytes())
        schema, digests = result["schema"], result["sha256"]
        own, signed = digests.get(RESULT), digest_of(result)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f"{source} is not a run: {RESULT} is missing or unreadable") from error
    if schema not in (UNTIED, SCHEMA):
        raise RunError(
            f"the run at {source} has schema {schema}, this version reads up to {SCHEMA}: "
            "use the version of gatescope that wrote it, or train it again"
        )
    if schema == SCHEMA and own != signed:
        raise RunError(f"the run at {source} is damaged: {RESULT} changed since it was written")
    parts = {}
    for name in (CONFIG, HISTORY, GRADIENTS, WEIGHTS):
        try:
            parts[name] = (source / name).read_bytes()
        except OSError as error:
            raise RunError(f"the run at {source} is incomplete: {name} is missing") from error
        if hashlib.sha256(parts[name]).hexdigest() != digests.get(name):
            raise RunError(f"the run at {source} is damaged: {name} changed since it was written")
    return result, parts


def digest_of(result: Mapping[str, Any]) -> str:
    """The digest of ``run.json`` itself: of all that it says but this digest."""
    others = {name: digest for name, digest in result["sha256"].items() if name != RESULT}
    said = json.dumps({**result, "sha256": others}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


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
