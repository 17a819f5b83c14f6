"""A run's folder on disk: written whole or not at all."""

import csv
import hashlib
import io
import json
import math
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import safetensors.torch

from gatescope.errors import say
from gatescope.files import ASSETS, fresh_name
from gatescope.training.gradients import GradientRow
from gatescope.training.progress import Progress
from gatescope.training.run import Run, RunError, measured
from gatescope.version import __version__

SCHEMA, UNTIED = 2, 1
"""Of run folders: this version's, and the one before it, in which nothing tied numbers to weights
and the score was always that of `HELD_OUT_EXAMPLES` examples."""

CONFIG, HISTORY, GRADIENTS, WEIGHTS, RESULT = (
    "config.json",
    "history.csv",
    "gradients.csv",
    "checkpoints.safetensors",
    "run.json",
)

PREPARED = ("runs", "data_runs", "aid_runs", "architecture_runs")
"""Folders of runs that come with the package."""


def prepared_folder(name: str | os.PathLike[str]) -> Path | None:
    """The folder of a run that comes with the package; None where none is called so."""
    if os.fspath(name) != Path(name).name:
        return None  # it is a path
    places = (ASSETS / group / name for group in PREPARED)
    return next((folder for folder in places if os.path.isfile(folder / RESULT)), None)


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
        raise RunError(say("folder_is_no_run", folder=target))
    target.parent.mkdir(parents=True, exist_ok=True)
    unscored = run.task.asks and math.isnan(run.test_accuracy)
    parts = _parts(measured(run) if unscored or not run.fits else run)
    fresh = fresh_name(target)
    fresh.mkdir()
    try:
        for name, data in parts.items():
            (fresh / name).write_bytes(data)
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
    """Rows of a dataclass whose fields are int, float or str.

    Raises
    ------
    ValueError
        When a row has another number of cells, or one that is no such value.
    """
    parse: dict[str, Any] = {field.name: field.type for field in fields(kind)}
    rows = csv.DictReader(io.StringIO(data.decode()))
    if not set(rows.fieldnames or ()) <= set(parse):
        raise ValueError(say("table_columns", columns=rows.fieldnames, known=list(parse)))
    found = []
    for row in rows:
        if None in row or None in row.values():
            raise ValueError(say("table_cells", row=rows.line_num))
        found.append(kind(**{name: parse[name](text) for name, text in row.items()}))
    return found
