"""The run store: whole runs under the hash of their config, and nothing half-written."""

import json
import multiprocessing
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gatescope import Run, RunError, TrainConfig, save_run, train
from gatescope.experiments import RunStore, run_key, train_into

TINY = {"task": "delayed_recall", "task_options": {"delay": 3}, "cell": "rnn", "hidden_size": 4}


def tiny(**changes: object) -> TrainConfig:
    """A config that trains in a moment."""
    return TrainConfig(**{**TINY, "max_steps": 3, **changes})


@pytest.fixture(scope="module")
def run() -> Run:
    """A finished run."""
    return train(tiny())


def same(one: Run | None, other: Run) -> bool:
    """Whether two runs hold the same weights at the same steps."""
    return (
        one is not None
        and one.steps == other.steps
        and all(
            torch.equal(one.checkpoints[step][name], tensor)
            for step in other.steps
            for name, tensor in other.checkpoints[step].items()
        )
    )


def test_what_is_put_in_comes_out(run: Run, tmp_path: Path) -> None:
    """Under its config and no other."""
    store = RunStore(tmp_path / "store")
    assert store.get(run.config) is None
    assert store.put(run) == tmp_path / "store" / run_key(run.config)
    assert same(store.get(run.config), run)
    assert store.get(tiny(seed=1)) is None
    (entry,) = store.entries()
    assert (entry.key, entry.fault) == (run_key(run.config), "")
    store.remove(entry.key)
    assert list(store.entries()) == []


def test_the_key_is_that_of_the_settings_alone() -> None:
    """The order of options does not matter; every setting does."""
    first = tiny(task_options={"delay": 3, "symbols": 4})
    assert run_key(first) == run_key(tiny(task_options={"symbols": 4, "delay": 3}))
    keys = {run_key(tiny(**{name: value})) for name, value in [("seed", 1), ("max_grad_norm", 2.0)]}
    assert len(keys | {run_key(tiny())}) == 3
    # a key of today finds the runs of yesterday
    assert run_key(TrainConfig(task="digits")) == run_key(
        TrainConfig(**json.loads(TrainConfig(task="digits").model_dump_json()))
    )


@pytest.mark.parametrize("name", ["run.json", "config.json", "checkpoints.safetensors"])
def test_a_damaged_run_is_named_set_aside_and_replaced(run: Run, tmp_path: Path, name: str) -> None:
    """It counts as missing; putting a whole one keeps the damaged one under another name."""
    store = RunStore(tmp_path)
    folder = store.put(run)
    (folder / name).write_bytes((folder / name).read_bytes()[:-20])
    assert store.get(run.config) is None
    (entry,) = store.entries()
    assert entry.run is None
    assert str(folder) in entry.fault
    store.put(run)
    assert same(store.get(run.config), run)
    aside = [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert [path.name for path in aside] == [f".{folder.name}-unreadable-1"]
    assert len(list(store.entries())) == 1


def test_changed_weights_are_not_what_a_config_trains(run: Run, tmp_path: Path) -> None:
    """A store keeps what training ended with: other weights in a run's place are replaced."""
    store = RunStore(tmp_path / "store")
    last = run.steps[-1]
    other = {name: weight + 0.1 for name, weight in run.checkpoints[last].items()}
    changed = replace(run, checkpoints=run.checkpoints | {last: other})
    save_run(changed, store.path(run.config))
    assert store.get(run.config) is None
    store.put(run)
    assert same(store.get(run.config), run)


def test_a_run_under_a_name_of_its_own_is_listed(run: Run, tmp_path: Path) -> None:
    """As ``gatescope train --out runs/mine`` writes it; no experiment takes it for its own."""
    store = RunStore(tmp_path)
    store.put(run).rename(tmp_path / "mine")
    (entry,) = store.entries()
    assert (entry.key, entry.fault) == ("mine", "")
    assert same(entry.run, run)
    assert store.get(run.config) is None


@pytest.mark.long  # workers of two servers write to one store
def test_two_writers_leave_one_whole_run(tmp_path: Path) -> None:
    """Both train the same config at once, in processes of their own."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=train_into, args=(tmp_path, tiny())) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert same(RunStore(tmp_path).get(tiny()), train(tiny()))
    assert [path.name for path in tmp_path.glob("[!.]*")] == [run_key(tiny())]


def test_a_full_disk_leaves_nothing_behind(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write fails in the middle: the error is told, and the store is as it was."""

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(self))

    store = RunStore(tmp_path)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        store.put(run)
    assert list(tmp_path.glob("[!.]*")) == []


@pytest.mark.parametrize("key", ["nothing", "../other", ""])
def test_only_runs_can_be_removed(tmp_path: Path, key: str) -> None:
    """And only those in the store."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("dear")
    store = RunStore(tmp_path / "store")
    with pytest.raises(RunError):
        store.remove(key)
    assert (tmp_path / "other" / "letter.txt").exists()


def test_a_folder_of_something_else_stays(tmp_path: Path) -> None:
    """Removing takes runs, not other people's files; a store cannot be a file."""
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("dear")
    with pytest.raises(RunError, match="holds no run"):
        RunStore(tmp_path).remove("letters")
    assert (tmp_path / "letters" / "letter.txt").exists()
    with pytest.raises(RunError, match="runs cannot be kept"):
        RunStore(tmp_path / "letters" / "letter.txt")
