"""Reading a run's folder: refused when it does not fit together, or is none at all."""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
from torch import Tensor

from gatescope.errors import say
from gatescope.training.checked import (
    MOST_BYTES,
    by_step,
    config_of,
    content,
    require_rows,
    require_shapes,
    require_sound,
    shapes,
)
from gatescope.training.config import TrainConfig
from gatescope.training.folder import (
    CONFIG,
    GRADIENTS,
    HISTORY,
    RESULT,
    SCHEMA,
    UNTIED,
    WEIGHTS,
    digest_of,
    prepared_folder,
    rows_of,
)
from gatescope.training.gradients import GradientRow
from gatescope.training.progress import Progress
from gatescope.training.run import Run, RunError, measured
from gatescope.training.scoring import (
    HELD_OUT_EXAMPLES,
    TEST_SEED,
    evaluate,
    score_on_test,
)

SAME_LOSS, SAME_ACCURACY = 1e-3, 3e-3
"""How far a score that is measured anew may lie from the saved one, the loss relative to it:
another machine rounds otherwise, and an answer in 500 may tip over."""


def load_run(folder: str | os.PathLike[str]) -> Run:
    """Read a run that `save_run` wrote, or one that comes with the package; nothing is executed.

    Digests and fingerprints are checksums: they tell of damage, of files that were put together
    from two runs, and of a number that was edited. They are no signature, so they cannot tell of
    somebody who calculates them anew. A run of schema 1 has no fingerprints: its score is measured
    anew, and its history and gradients are left out where that is not the score it was saved with.

    Parameters
    ----------
    folder
        Where it lies; or where there is no such folder, the name of a prepared run, which the app
        shows by these names, as ``"adding-lstm"`` or ``"temporal-order-gru"``.

    Raises
    ------
    RunError
        When the folder is missing, incomplete, changed since it was written, or of a newer
        version, or its numbers are of other weights.

    Examples
    --------
    See `save_run`.

    >>> import gatescope
    >>> gatescope.load_run("temporal-order-gru").config.cell
    'gru'
    >>> gatescope.load_run("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    gatescope.training.run.RunError: there is no run at nowhere: no such folder; give ...
    """
    source = Path(folder)
    if not os.path.isdir(source):
        source = prepared_folder(folder) or source
    if not os.path.isdir(source):
        raise RunError(say("run_missing", folder=str(source)[:200]))
    result = _result(source)
    try:
        run = _read(source, result)
        if result["schema"] == UNTIED:
            return _tied(run)
    except RunError:
        raise
    except Exception as error:
        raise RunError(say("run_unreadable", folder=source, reason=error)) from error
    if not run.fits:
        raise RunError(say("run_unfit", folder=source, name=WEIGHTS))
    return run


def _read(source: Path, result: Mapping[str, Any]) -> Run:
    """A run, from small files to large ones: what does not fit is not built, nor read first."""
    texts = {name: _part(source, name, result) for name in (CONFIG, HISTORY, GRADIENTS)}
    there = _shapes(source, result)
    steps = by_step(there)
    config = config_of(texts[CONFIG], max(map(len, steps.values())))
    require_shapes(config, there)
    require_rows(config, len(steps), texts[HISTORY], texts[GRADIENTS])
    run = _run_of(
        config, result, texts, _part(source, WEIGHTS, result, os.stat(source / WEIGHTS).st_size)
    )
    require_sound(run)
    return run


def _shapes(source: Path, result: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    try:
        return shapes(source, WEIGHTS)
    except OSError as error:
        raise _missing(source, WEIGHTS) from error
    except RunError:
        raise
    except Exception:
        _part(source, WEIGHTS, result)  # says so where it is not what was written
        raise


def _run_of(
    config: TrainConfig, result: Mapping[str, Any], texts: Mapping[str, bytes], weights: bytes
) -> Run:
    checkpoints: dict[int, dict[str, Tensor]] = {}
    for key, tensor in safetensors.torch.load(weights).items():
        step, name = key.split("/", 1)
        checkpoints.setdefault(int(step), {})[name] = tensor
    of = None if result["schema"] == UNTIED else result["fingerprints"]
    return Run(
        config=config,
        history=tuple(rows_of(texts[HISTORY], Progress)),
        checkpoints=dict(sorted(checkpoints.items())),
        gradients=tuple(rows_of(texts[GRADIENTS], GradientRow)),
        test_loss=float(result["test_loss"]),
        test_accuracy=float(result["test_accuracy"]),
        parameters=int(result["parameters"]),
        seconds=float(result["seconds"]),
        fingerprints=None if of is None else {int(step): found for step, found in of.items()},
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


def _result(source: Path) -> dict[str, Any]:
    """What ``run.json`` says, checked against its own digest."""
    try:
        result: dict[str, Any] = json.loads(content(source, RESULT))
        schema, digests = result["schema"], result["sha256"]
        own, signed = digests.get(RESULT), digest_of(result)
    except RunError:
        raise
    except Exception as error:
        raise RunError(say("no_run", folder=source, name=RESULT)) from error
    if schema not in (UNTIED, SCHEMA):
        raise RunError(say("run_schema", folder=source, schema=str(schema)[:40], newest=SCHEMA))
    if schema == SCHEMA and own != signed:
        raise _changed(source, RESULT)
    return result


def _part(source: Path, name: str, result: Mapping[str, Any], most: int = MOST_BYTES) -> bytes:
    """A file's bytes, checked against the digest in the result."""
    try:
        data = content(source, name, most)
    except OSError as error:
        raise _missing(source, name) from error
    if hashlib.sha256(data).hexdigest() != result["sha256"].get(name):
        raise _changed(source, name)
    return data


def _missing(source: Path, name: str) -> RunError:
    return RunError(say("run_incomplete", folder=source, name=name))


def _changed(source: Path, name: str) -> RunError:
    return RunError(say("run_damaged", folder=source, name=name))
