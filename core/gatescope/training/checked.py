"""What of a run's folder is looked at before it is read, and what a run can be."""

import json
import os
import stat
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

from gatescope.errors import say
from gatescope.training.build import weights_to_be
from gatescope.training.config import MIXED, TrainConfig
from gatescope.training.run import Run, RunError

MOST_BYTES = 2**27
"""Of a file of a run that is no weights."""

LONGEST = 2_000_000
"""Steps, delays and the like in a task's options: some tasks make a name for each."""

MOST_DIGITS = 12
"""Of a step's number."""

FLOAT, FLOAT_BYTES = "F32", 4
"""What safetensors calls the numbers that a run's weights are, and the bytes of each: `save_run`
writes no others, and a network of others would not read its task."""


def opened(folder: Path, name: str) -> BinaryIO:
    """A file in a run's folder.

    Raises
    ------
    RunError
        When it is no file, or lies elsewhere.
    OSError
        When it is missing, or may not be read.
    """
    real = os.path.realpath(folder / name)
    if os.path.dirname(real) != os.path.realpath(folder):
        raise RunError(say("run_file_elsewhere", folder=folder, name=name))
    # a pipe would wait until somebody writes into it
    file = open(real, "rb", opener=lambda at, flags: os.open(at, flags | os.O_NONBLOCK))  # noqa: SIM115
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise RunError(say("run_file_none", folder=folder, name=name))
    return file


def content(folder: Path, name: str, most: int = MOST_BYTES) -> bytes:
    """What stands in a file of a run's folder.

    Raises
    ------
    RunError
        As `opened`, or when it is larger; nothing of it is read then.
    OSError
        As `opened`.
    """
    with opened(folder, name) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise RunError(say("run_file_large", folder=folder, name=name, size=size, most=most))
        return file.read()


def shapes(folder: Path, name: str) -> dict[str, tuple[int, ...]]:
    """The shapes of the weights in a safetensors file, without reading them.

    Raises
    ------
    RunError, OSError
        As `opened`.
    ValueError, KeyError, TypeError
        When it is no such file, or has another size than its weights.
    """
    with opened(folder, name) as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= min(size - 8, MOST_BYTES):
            raise ValueError(say("no_safetensors", name=name))
        told = json.loads(file.read(length))
    found = {
        each: tuple(tensor["shape"]) for each, tensor in told.items() if each != "__metadata__"
    }
    for each in found:
        if (dtype := told[each]["dtype"]) != FLOAT:
            raise ValueError(
                say("weight_dtype", name=each[:60], dtype=str(dtype)[:20], usual=FLOAT)
            )
    if any(type(n) is not int or n < 0 for shape in found.values() for n in shape):
        raise ValueError(say("weight_shape_none", name=name))
    if 8 + length + sum(FLOAT_BYTES * prod(shape) for shape in found.values()) != size:
        raise ValueError(say("weights_of_another_size", name=name, size=size))
    return found


def config_of(data: bytes, weights: int) -> TrainConfig:
    """A run's settings.

    Parameters
    ----------
    data
        Their JSON.
    weights
        How many weights there are at a step: what asks for more layers is not built.

    Raises
    ------
    ValueError, TypeError
        When they are none, or no run has such.
    """
    said = json.loads(data)
    if not isinstance(said, dict):
        raise TypeError(say("settings_none"))
    layers, cells = said.get("num_layers", 1), str(said.get("cell", "")).count(MIXED) + 1
    if not isinstance(layers, int) or layers > weights or cells > weights:
        raise ValueError(say("layers_without_weights", layers=max(layers, cells), weights=weights))
    for name, value in dict(said.get("task_options", {})).items():
        for number in value if isinstance(value, list) else [value]:
            if isinstance(number, int | float) and not abs(number) <= LONGEST:
                raise ValueError(
                    say("option_too_large", name=str(name)[:40], number=number, most=LONGEST)
                )
    return TrainConfig.of(**said)


def by_step(names: Mapping[str, Any]) -> dict[int, list[str]]:
    """The weights' names without their step, by step.

    Raises
    ------
    ValueError
        When there is none, or a step is no whole number.
    """
    found: dict[int, list[str]] = {}
    for name in names:
        step, _, weight = name.partition("/")
        if not (step.isdecimal() and step.isascii() and len(step) <= MOST_DIGITS):
            raise ValueError(say("step_none", step=step[:40]))
        found.setdefault(int(step), []).append(weight)
    if not found:
        raise ValueError(say("no_checkpoint"))
    return found


def require_shapes(config: TrainConfig, found: Mapping[str, tuple[int, ...]]) -> None:
    """Raise ValueError unless every checkpoint has the weights of the network, in their shapes."""
    expected = {name: tuple(w.shape) for name, w in weights_to_be(config).state_dict().items()}
    for step, names in by_step(found).items():
        if step > config.max_steps:
            raise ValueError(say("checkpoint_after_end", step=step, most=config.max_steps))
        there = {name: found[f"{step}/{name}"] for name in names}
        for name in expected.keys() | there.keys():
            shape, wanted = there.get(name), expected.get(name)
            if shape != wanted:
                raise ValueError(
                    say("weight_shape", step=step, name=name[:60], shape=shape, expected=wanted)
                )


def require_rows(config: TrainConfig, steps: int, history: bytes, gradients: bytes) -> None:
    """Raise ValueError where there are more rows than a run of these settings can have."""
    most = config.max_steps + 3
    sides = 2 * len(config.layers) * (1 + config.bidirectional)
    for name, data, rows in (
        ("history", history, most),
        ("gradients", gradients, 1 + steps * sides * config.make_task().length),
    ):
        if (count := data.count(b"\n")) > rows:
            raise ValueError(say("too_many_rows", count=count, name=name, most=rows))


def require_sound(run: Run) -> None:
    """Raise ValueError where the numbers of a run are none that a training leaves."""
    steps = [row.step for row in run.history]
    if steps != sorted(set(steps)) or not all(0 <= step <= run.config.max_steps for step in steps):
        raise ValueError(say("history_steps"))
    for row in run.gradients:
        if row.checkpoint not in run.checkpoints or row.time < 0:
            raise ValueError(say("gradients_without_weights", step=row.checkpoint))
    if run.parameters < 0 or run.seconds < 0:
        raise ValueError(say("weights_after_seconds", count=run.parameters, seconds=run.seconds))
