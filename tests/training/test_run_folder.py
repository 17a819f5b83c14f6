"""A run's folder: read as it was written, whole or not at all, and refused when it is damaged."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gatescope.training import Run, RunError, TrainConfig, load_run, save_run, train
from gatescope.training.folder import digest_of

PARTS = ("config.json", "history.csv", "gradients.csv", "checkpoints.safetensors")


def trained(**changes: Any) -> Run:
    given: dict[str, Any] = {
        "task": "adding",
        "task_options": {"length": 5},
        "hidden_size": 3,
        "max_steps": 6,
        "evaluate_every": 3,
        "batch_size": 4,
    }
    return train(TrainConfig(**(given | changes)))


@pytest.fixture(scope="module")
def run() -> Run:
    return trained()


@pytest.fixture(scope="module")
def other() -> Run:
    return trained(seed=1, cell="gru")


def equal(left: Run, right: Run) -> bool:
    """Every field, bit for bit; nan equals nan."""
    for field in fields(Run):
        a, b = getattr(left, field.name), getattr(right, field.name)
        if field.name == "checkpoints":
            if a.keys() != b.keys():
                return False
            for step, weights in a.items():
                if weights.keys() != b[step].keys():
                    return False
                for name, weight in weights.items():
                    if weight.numpy().tobytes() != b[step][name].numpy().tobytes():
                        return False
        elif repr(a) != repr(b):
            return False
    return True


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"cell": "lstm_peephole", "num_layers": 2, "bidirectional": True, "stop_accuracy": 0.5},
        {"optimizer": "sgd", "learning_rate": 1e12, "max_grad_norm": None},
        {"task": "delayed_recall", "task_options": {"delay": 12}, "initialization": "chrono"},
    ],
    ids=["plain", "stacked", "diverged", "recall"],
)
def test_a_round_trip_changes_nothing(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Config, history, weights, gradients and scores; steps come back in order."""
    run = trained(**changes)
    read = load_run(save_run(run, tmp_path / "new" / "run"))
    assert equal(read, run)
    assert read.config == run.config
    assert list(read.checkpoints) == run.steps
    x = run.probe().inputs
    np.testing.assert_array_equal(run.model()(x).detach(), read.model()(x).detach())


def test_runs_that_differ_are_not_taken_for_equal(run: Run, other: Run) -> None:
    """The comparison of these tests can fail."""
    assert not equal(run, other)
    weights = {step: dict(kept) for step, kept in run.checkpoints.items()}
    name = next(iter(weights[6]))
    weights[6][name] = weights[6][name] + 1e-3
    assert not equal(run, replace(run, checkpoints=weights))


def test_a_folder_is_replaced_by_a_newer_run_and_nothing_else_is_left(
    tmp_path: Path, run: Run, other: Run
) -> None:
    """Given as a string too; what is read is the newer one."""
    save_run(run, tmp_path / "run")
    assert save_run(other, str(tmp_path / "run")) == tmp_path / "run"
    assert equal(load_run(tmp_path / "run"), other)
    assert os.listdir(tmp_path) == ["run"]
    assert sorted(os.listdir(tmp_path / "run")) == sorted((*PARTS, "run.json"))


@pytest.mark.parametrize(
    ("method", "call"),
    [("write_bytes", 1), ("write_bytes", 3), ("write_bytes", 5), ("rename", 1), ("rename", 2)],
)
def test_an_interrupted_save_leaves_the_older_run(
    tmp_path: Path, run: Run, other: Run, monkeypatch: pytest.MonkeyPatch, method: str, call: int
) -> None:
    """Whole, in its place and alone, whichever step fails."""
    save_run(run, tmp_path / "run")
    real, calls = getattr(Path, method), []

    def stop(self: Path, *args: Any) -> Any:
        calls.append(self)
        if len(calls) == call:
            raise OSError("no space left")
        return real(self, *args)

    monkeypatch.setattr(Path, method, stop)
    with pytest.raises(OSError, match="no space"):
        save_run(other, tmp_path / "run")
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["run"]
    assert equal(load_run(tmp_path / "run"), run)


def test_an_interrupted_first_save_leaves_nothing(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No half folder."""
    monkeypatch.setattr(Path, "rename", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_run(run, tmp_path / "run")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", ["folder", "empty folder", "file"])
def test_what_is_not_a_run_is_never_overwritten(tmp_path: Path, run: Run, kind: str) -> None:
    """The message says what to do; the user's files are as they were."""
    target = tmp_path / "thesis"
    if kind == "file":
        target.write_text("precious")
    else:
        target.mkdir()
    if kind == "folder":
        (target / "chapter.tex").write_text("precious")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(RunError, match="thesis exists and is not a run: choose another folder"):
        save_run(run, target)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def edit(name: str, change: Callable[[bytes], bytes], *, signed: bool = False) -> Any:
    """Change a file of the run; ``signed`` also puts its new digest into run.json."""

    def apply(folder: Path) -> None:
        data = change((folder / name).read_bytes())
        (folder / name).write_bytes(data)
        if signed:
            result = json.loads((folder / "run.json").read_bytes())
            result["sha256"][name] = hashlib.sha256(data).hexdigest()
            result["sha256"]["run.json"] = digest_of(result)
            (folder / "run.json").write_text(json.dumps(result))

    return apply


def result(*, signed: bool = False, **changes: Any) -> Any:
    """Change entries of run.json; None removes one; ``signed`` calculates its digest anew."""

    def change(data: bytes) -> bytes:
        entries = json.loads(data) | changes
        entries = {k: v for k, v in entries.items() if v is not None}
        if signed:
            entries["sha256"]["run.json"] = digest_of(entries)
        return json.dumps(entries).encode()

    return edit("run.json", change)


def flip(data: bytes) -> bytes:
    """One bit in the middle."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


DAMAGE: list[tuple[Any, str]] = [
    (shutil.rmtree, "there is no run at .*run: no such folder"),
    *[(lambda f, n=n: (f / n).unlink(), f"incomplete: {n} is missing") for n in PARTS],
    *[(edit(n, flip), f"damaged: {n} changed since it was written") for n in PARTS],
    *[(edit(n, half), f"damaged: {n} changed since it was written") for n in PARTS],
    (lambda f: (f / "run.json").unlink(), "is not a run: run.json is missing or unreadable"),
    (edit("run.json", half), "is not a run: run.json is missing or unreadable"),
    (edit("run.json", lambda _: b"[1]"), "is not a run: run.json is missing or unreadable"),
    (result(sha256=None), "is not a run: run.json is missing or unreadable"),
    (result(sha256=[]), "is not a run: run.json is missing or unreadable"),
    (result(schema=99), "has format 99, but this version of gatescope reads formats up to 2"),
    (result(test_loss=None, signed=True), "cannot be read: 'test_loss'"),
    (result(fingerprints=None, signed=True), "cannot be read: 'fingerprints'"),
    (result(fingerprints=[], signed=True), "cannot be read"),
    (result(fingerprints={}, signed=True), "do not belong to the weights in checkpoints"),
    (edit("config.json", lambda d: d.replace(b"lstm", b"lstn"), signed=True), "no cell .*'lstn'"),
    (edit("config.json", lambda d: b"[]", signed=True), "cannot be read"),
    (edit("history.csv", lambda d: d.replace(b"step", b"stop"), signed=True), "cannot be read"),
    (edit("gradients.csv", lambda d: d.replace(b"0", b"x"), signed=True), "cannot be read"),
    (edit("checkpoints.safetensors", half, signed=True), "cannot be read"),
]


@pytest.mark.parametrize(("damage", "words"), DAMAGE)
def test_a_damaged_run_is_refused_by_name(
    tmp_path: Path, run: Run, damage: Any, words: str
) -> None:
    """Missing, incomplete, flipped, truncated, newer or nonsense: which file, and where."""
    damage(save_run(run, tmp_path / "run"))
    with pytest.raises(RunError, match=words) as caught:
        load_run(tmp_path / "run")
    assert str(tmp_path / "run") in str(caught.value)


def test_loading_a_run_and_its_network_draws_nothing(tmp_path: Path) -> None:
    """Another thread that trains meanwhile keeps the random state that it is in the midst of."""
    run = train(TrainConfig(task="parity", max_steps=2))
    folder = save_run(run, tmp_path / "run")
    before = torch.random.get_rng_state()
    moved: list[torch.Tensor] = []
    set_state = torch.random.set_rng_state
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.random, "set_rng_state", lambda state: moved.append(state))
        model = load_run(folder).model()
    assert not moved
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.random.set_rng_state is set_state
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, run.checkpoints[2][name])
        assert weight.data_ptr() != run.checkpoints[2][name].data_ptr()
    assert all(weight.requires_grad for weight in model.parameters())


@pytest.mark.parametrize("name", ["adding-lstm", "reviews-gru", "aid-order", "both-ways-last"])
def test_a_prepared_run_is_read_by_its_name(
    run: Run, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each folder of them, from anywhere; a folder of that name comes first."""
    monkeypatch.chdir(tmp_path)
    prepared = load_run(name)
    assert prepared.steps[-1] > run.steps[-1]
    assert load_run(Path(name)).config == prepared.config
    save_run(run, name)
    assert load_run(name).config == run.config


@pytest.mark.parametrize("name", ["adding", "runs/adding-lstm", "../adding-lstm", "", ".", ".."])
def test_what_is_no_prepared_run_is_no_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path is a path."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunError, match=r"there is no run at|is no run|is missing"):
        load_run(name)
