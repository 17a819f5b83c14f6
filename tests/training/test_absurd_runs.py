"""Runs whose digests are right and whose content is absurd: refused in a sentence, before much."""

import hashlib
import json
import os
import re
import shutil
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gatescope.training import Run, RunError, TrainConfig, load_run, save_run, train
from gatescope.training.checked import config_of
from gatescope.training.fingerprint import fingerprints
from gatescope.training.folder import digest_of

CONFIG, HISTORY, GRADIENTS, WEIGHTS, RESULT = (
    "config.json", "history.csv", "gradients.csv", "checkpoints.safetensors", "run.json",
)  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two checkpoints."""
    config = TrainConfig(
        task="adding", task_options={"length": 5}, hidden_size=3, max_steps=6, evaluate_every=3,
        batch_size=4,
    )  # fmt: skip
    return save_run(train(config), tmp_path_factory.mktemp("runs") / "good")


def sign(folder: Path, measured: bool = True) -> None:
    """Calculate all digests anew, as somebody would who means it; fingerprints too."""
    result = json.loads((folder / RESULT).read_bytes())
    for name in (CONFIG, HISTORY, GRADIENTS, WEIGHTS):
        with open(folder / name, "rb") as file:
            result["sha256"][name] = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        config = config_of((folder / CONFIG).read_bytes(), 99)
        steps: dict[int, dict[str, torch.Tensor]] = {}
        for key, tensor in safetensors.torch.load((folder / WEIGHTS).read_bytes()).items():
            step, name = key.split("/", 1)
            steps.setdefault(int(step), {})[name] = tensor
        of = {str(step): found for step, found in fingerprints(config, steps).items()}
        result["fingerprints"] = of if measured else result["fingerprints"]
    except Exception:  # noqa: BLE001  it is not to be a run
        result["fingerprints"] = {}
    result["sha256"][RESULT] = digest_of(result)
    (folder / RESULT).write_text(json.dumps(result))


def settings_with(**changes: Any) -> Callable[[Path], None]:
    def bend(folder: Path) -> None:
        said = json.loads((folder / CONFIG).read_bytes())
        (folder / CONFIG).write_text(json.dumps(said | changes))

    return bend


def options(task: str, **named: Any) -> Callable[[Path], None]:
    return settings_with(task=task, task_options=named)


def text(name: str, data: bytes | str) -> Callable[[Path], None]:
    def bend(folder: Path) -> None:
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)

    return bend


def rows(name: str, change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    def bend(folder: Path) -> None:
        lines = (folder / name).read_text().splitlines()
        (folder / name).write_text("\n".join(change(lines)) + "\n")

    return bend


def weights(change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> Any:
    def bend(folder: Path) -> None:
        there = safetensors.torch.load((folder / WEIGHTS).read_bytes())
        (folder / WEIGHTS).write_bytes(safetensors.torch.save(change(there)))

    return bend


def said(**changes: Any) -> Callable[[Path], None]:
    def bend(folder: Path) -> None:
        result = json.loads((folder / RESULT).read_bytes())
        (folder / RESULT).write_text(json.dumps(result | changes))

    return bend


def header(told: Any, size: int = 0) -> Callable[[Path], None]:
    """A safetensors file of that header, and so many bytes of nothing, which take no disk."""

    def bend(folder: Path) -> None:
        head = json.dumps(told).encode()
        with open(folder / WEIGHTS, "wb") as file:
            file.write(len(head).to_bytes(8, "little") + head)
            file.truncate(8 + len(head) + size)

    return bend


def step_as(name: str) -> Any:
    return weights(lambda there: {f"{name}/{k.partition('/')[2]}": v for k, v in there.items()})


def replaced(name: str, make: Callable[[Path], None]) -> Callable[[Path], None]:
    def bend(folder: Path) -> None:
        (folder / name).unlink()
        make(folder / name)

    return bend


def huge(path: Path) -> None:
    with open(path, "wb") as file:
        file.truncate(2**40)


DEEP = "[" * 100_000 + "]" * 100_000
ZEROS = "A" * 16
LINE = lambda **values: lambda lines: [*lines[:-1], _with(lines, **values)]  # noqa: E731


def _with(lines: list[str], **values: Any) -> str:
    row = dict(zip(lines[0].split(","), lines[-1].split(","), strict=True)) | values
    return ",".join(map(str, row.values()))


ABSURD: dict[str, Callable[[Path], None]] = {
    "no checkpoint": weights(lambda there: {}),
    "no step in a name": weights(lambda there: {k.replace("/", "."): v for k, v in there.items()}),
    "a negative step": step_as("-6"),
    "a step of letters": step_as("six"),
    "a step in other digits": step_as("٦"),
    "a step with a line between": step_as("1_0"),
    "a huge step": step_as("1" * 30),
    "a step of 5,000 digits": step_as("1" * 5000),
    "a step after the last": step_as("7"),
    "a weight less": weights(lambda there: dict(list(there.items())[1:])),
    "a weight more": weights(lambda there: there | {"6/more": torch.zeros(2)}),
    "a weight of another shape": weights(lambda there: there | {"6/readout.bias": torch.zeros(9)}),
    "weights of whole numbers": weights(lambda there: {k: v.long() for k, v in there.items()}),
    "weights of more digits": weights(lambda there: {k: v.double() for k, v in there.items()}),
    "weights of fewer digits": weights(lambda there: {k: v.half() for k, v in there.items()}),
    "weights of both": weights(lambda there: there | {"6/readout.bias": torch.zeros(1).double()}),
    "weights of nothing": weights(lambda there: {k: v[:0] for k, v in there.items()}),
    "complex weights": weights(lambda there: {k: v + 0j for k, v in there.items()}),
    "a header alone": header({"0/a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 4]}}),
    "a header of a shape below 0": header(
        {"0/a": {"dtype": "F32", "shape": [-2, -3], "data_offsets": [0, 24]}}, 24
    ),
    "a header that is a list": header([1]),
    "a header that is deep": text(WEIGHTS, len(DEEP).to_bytes(8, "little") + DEEP.encode()),
    "a terabyte of weights that fit their header": header(
        {"0/a": {"dtype": "F32", "shape": [2**38], "data_offsets": [0, 2**40]}}, 2**40
    ),
    "a header longer than the file": text(WEIGHTS, b"\xff" * 8 + b"{}"),
    "a billion units": settings_with(hidden_size=10**9),
    "units beyond all numbers": settings_with(hidden_size=10**30),
    "a billion layers": settings_with(num_layers=10**9),
    "layers of text": settings_with(num_layers="9" * 9),
    "a layer below 0": settings_with(num_layers=-1),
    "a million cells": settings_with(cell="+".join(["lstm"] * 10**6)),
    "no such cell": settings_with(cell="lstm\n# head ![x](http://x)"),
    "NaN": text(CONFIG, '{"task": "adding", "learning_rate": NaN}'),
    "NaN in the options": options("flip_flop", length=5, pulse_chance=float("nan")),
    "infinite options": options("flip_flop", length=float("inf")),
    "a setting more": settings_with(colour="red"),
    "settings that are a list": text(CONFIG, "[]"),
    "settings that are deep": text(CONFIG, DEEP),
    "settings with a deep option": text(CONFIG, '{"task_options": {"length": ' + DEEP + "}}"),
    "settings that are no text": text(CONFIG, b"\xff\xfe\x00"),
    "a number of 5,000 digits": text(CONFIG, '{"hidden_size": ' + "9" * 5000 + "}"),
    "a delay of a billion": options("noise_free_lag", delay=10**9),
    "a length of a billion": options("adding", length=10**9),
    "no such task": options("nothing"),
    "a task that is a path": options("../../etc/passwd"),
    "a ticker that is a path": options("forecast", series="stocks", ticker="../../etc/passwd"),
    "own inputs of no shape": options("own", data=ZEROS, shape=[], outputs=3),
    "own inputs of a shape below 0": options("own", data=ZEROS, shape=[-1, 1, 1], outputs=3),
    "own inputs of another shape": options("own", data=ZEROS, shape=[9, 1, 1], outputs=3),
    "own inputs without end": options("own", data="AADAfwAAwH8AAMB/", shape=[3, 1, 1], outputs=3),
    "own inputs of a billion outputs": options("own", data=ZEROS, shape=[3, 1, 1], outputs=10**9),
    "own inputs that are no text": options("own", data=5, shape=[3, 1, 1], outputs=3),
    "a series of nothing": options("forecast", series="own", data="", shape=[0, 1], features=["a"]),
    "a series of other names": options(
        "forecast", series="own", data=ZEROS, shape=[3, 1], features=[1] * 99, times=None
    ),
    "a history with a long field": rows(HISTORY, lambda lines: [*lines, "9" * 140_000]),
    "a history of other columns": rows(HISTORY, lambda lines: ["a,b", "1,2"]),
    "a history with a column less": rows(HISTORY, lambda lines: [lines[0][5:], "1"]),
    "a history with a column more": rows(HISTORY, lambda lines: [e + ",1" for e in lines]),
    "a history that goes back": rows(HISTORY, lambda lines: [lines[0], *lines[:0:-1]]),
    "a history that stands": rows(HISTORY, lambda lines: [*lines, lines[-1]]),
    "a history below 0": rows(HISTORY, LINE(step=-3)),
    "a history after the end": rows(HISTORY, LINE(step=10**9)),
    "a history of words": rows(HISTORY, LINE(loss="low")),
    "a history of a million rows": rows(HISTORY, lambda lines: [*lines, *["0"] * 10**6]),
    "a history with a null": text(HISTORY, b"step,\0\n1,2\n"),
    "a history that is no text": text(HISTORY, b"\xff\xfe"),
    "gradients of no checkpoint": rows(GRADIENTS, LINE(checkpoint=9)),
    "gradients before the beginning": rows(GRADIENTS, LINE(time=-1)),
    "gradients with a cell more": rows(GRADIENTS, lambda lines: [*lines[:-1], lines[-1] + ",1"]),
    "gradients with a cell less": rows(GRADIENTS, lambda lines: [*lines, lines[-1][:9]]),
    "gradients of words": rows(GRADIENTS, LINE(median="x")),
    "gradients of a million rows": rows(GRADIENTS, lambda lines: [*lines, *[lines[1]] * 10**6]),
    "no digests": said(sha256=[]),
    "a schema of a list": said(schema=[2]),
    "a schema far away": said(schema=10**300),
    "a loss of words": said(test_loss="low"),
    "weights below 0": said(parameters=-1),
    "weights without end": said(parameters=float("inf")),
    "time that runs back": said(seconds=-1.0),
    "fingerprints of a list": said(fingerprints=["a"]),
    "fingerprints of words": said(fingerprints={"six": "a"}),
    "a result that is deep": text(RESULT, DEEP),
    "a result that is a list": text(RESULT, "[]"),
    "a result of nothing": text(RESULT, ""),
    "a pipe": replaced(HISTORY, os.mkfifo),
    "a pipe of weights": replaced(WEIGHTS, os.mkfifo),
    "a pipe for a result": replaced(RESULT, os.mkfifo),
    "a device": replaced(CONFIG, lambda path: path.symlink_to("/dev/zero")),
    "a link that leads outside": replaced(HISTORY, lambda path: path.symlink_to("/etc/passwd")),
    "a result outside": replaced(RESULT, lambda path: path.symlink_to("/etc/passwd")),
    "a link that leads in a circle": replaced(GRADIENTS, lambda path: path.symlink_to(path)),
    "a folder": replaced(CONFIG, Path.mkdir),
    "a terabyte of history": replaced(HISTORY, huge),
    "a terabyte of settings": replaced(CONFIG, huge),
    "a terabyte of result": replaced(RESULT, huge),
    "a terabyte of weights": replaced(WEIGHTS, huge),
}  # fmt: skip

UNSIGNED = ("a device", "a pipe", "a link", "a folder", "a terabyte", "a result", "no digests")


@pytest.mark.parametrize("case", ABSURD)
def test_an_absurd_run_is_refused_in_a_sentence(case: str, good: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(good, tmp_path / "run")
    ABSURD[case](folder)
    if not case.startswith(UNSIGNED):
        sign(folder, measured=not case.startswith("fingerprints"))
    tracemalloc.start()
    try:
        with pytest.raises(RunError) as caught:
            load_run(folder)
        assert tracemalloc.get_traced_memory()[1] < 1e8
    finally:
        tracemalloc.stop()
    require_sentence(str(caught.value), tmp_path)


def require_sentence(message: str, tmp_path: Path) -> None:
    assert "\n" not in message
    assert not message.endswith(": None")
    assert len(message) < 600 + len(str(tmp_path))
    assert "run" in message
    assert not re.search(r"damaged: (config|history|gradients|checkpoints)", message)


def test_the_run_itself_is_fine_when_it_is_signed_anew(good: Path, tmp_path: Path) -> None:
    """So what is refused above is refused for what was bent; and a link to a folder is none."""
    folder = shutil.copytree(good, tmp_path / "run")
    sign(folder)
    (tmp_path / "link").symlink_to(folder)
    assert load_run(tmp_path / "link").config == load_run(good).config


@pytest.mark.parametrize("name", ["x" * 300, "a/" * 3000, "nul\0", "\ud800", ".."])
def test_a_name_that_no_folder_has_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        load_run(tmp_path / name)
    assert "\n" not in str(caught.value)


NUMBERS = st.sampled_from([0, -1, 1, 2, 7, 10**9, 2**31, 2**63, 10**40, 0.5, -0.0, 1e308])
ODD = st.one_of(
    NUMBERS, st.none(), st.booleans(), st.text(max_size=5), st.lists(NUMBERS, max_size=3),
    st.dictionaries(st.text(max_size=3), NUMBERS, max_size=2),
)  # fmt: skip


@settings(settings.get_profile("fuzz"))
@given(data=st.data())
def test_a_bent_run_is_read_to_the_same_or_refused(
    data: st.DataObject, good: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One value, line or byte is another; every digest is right again."""
    folder = tmp_path_factory.mktemp("bent") / "run"
    shutil.copytree(good, folder)
    name = data.draw(st.sampled_from([CONFIG, RESULT, HISTORY, GRADIENTS, WEIGHTS]))
    content = (folder / name).read_bytes()
    if name in (CONFIG, RESULT):
        told = json.loads(content)
        told[data.draw(st.sampled_from(sorted(told)))] = data.draw(ODD)
        (folder / name).write_text(json.dumps(told))
    elif name in (HISTORY, GRADIENTS):
        lines = content.decode().splitlines()
        place = data.draw(st.integers(0, len(lines) - 1))
        cells = lines[place].split(",")
        cells[data.draw(st.integers(0, len(cells) - 1))] = str(data.draw(ODD))
        lines[place] = ",".join(cells)
        (folder / name).write_text("\n".join(lines) + "\n")
    else:
        place = data.draw(st.integers(0, min(len(content), 1200) - 1))
        bent = bytearray(content)
        bent[place] = data.draw(st.integers(0, 255))
        (folder / name).write_bytes(bent[: data.draw(st.sampled_from([len(bent), len(bent) - 4]))])
    with suppress(Exception):  # the result itself is bent
        sign(folder)
    refused = ""
    try:
        run = load_run(folder)
    except RunError as error:
        refused = str(error)
    assert "\n" not in refused
    assert len(refused) < 600 + len(str(folder))
    if refused:
        return
    assert isinstance(run, Run)
    assert run.steps
    assert run.model()(run.probe().inputs).isfinite().all() or name == WEIGHTS
