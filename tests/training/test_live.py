"""A run while it is training: its file is whole at any moment, and true."""

import math
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save

from gatescope import Run, RunError, TrainConfig, train
from gatescope.training import LiveFile, live_run_file
from gatescope.training.live_run_file import MOST, load_live

CONFIG = TrainConfig(
    task="delayed_recall", task_options={"delay": 5}, cell="gru", hidden_size=4,
    max_steps=20, evaluate_every=5, num_layers=2, dropout=0.5,
)  # fmt: skip


def test_every_state_is_that_of_a_run_that_ended_there(tmp_path: Path) -> None:
    """History, weights and gradients; and the run comes out as if nobody had looked."""
    path, seen = tmp_path / "sub" / "live.safetensors", []
    file = LiveFile(CONFIG, path, every=0)

    def watch(history, model) -> None:  # type: ignore[no-untyped-def]
        file(history, model)
        assert model.training
        seen.append(load_live(path))

    watched, alone = train(CONFIG, watch=watch), train(CONFIG)
    assert [run.steps for run in seen] == [[0], [5], [10], [15], [20]]
    for run in seen:
        (step,) = run.steps
        until = [row for row in alone.history if row.step <= step]
        assert [(r.step, r.loss, r.accuracy) for r in run.history] == [
            (r.step, r.loss, r.accuracy) for r in until
        ]
        assert math.isnan(run.test_loss)
        assert run.parameters == alone.parameters
    ended: Run = seen[-1]
    for name, tensor in ended.checkpoints[20].items():
        assert torch.equal(tensor, alone.checkpoints[20][name])
        assert torch.equal(tensor, watched.checkpoints[20][name])
    last = [row for row in alone.gradients if row.checkpoint == 20]
    assert [row for row in ended.gradients if row.checkpoint == 20] == last
    file.close()
    with pytest.raises(RunError, match="no run in training at"):
        load_live(path)


def test_it_is_written_now_and_then(tmp_path: Path) -> None:
    """Not at every evaluation, and never more than so many measured steps."""
    path = tmp_path / "live.safetensors"
    file = LiveFile(CONFIG, path, every=3600)
    train(CONFIG, watch=file)
    assert load_live(path).steps == [0]
    longer = CONFIG.model_copy(update={"evaluate_every": 1, "max_steps": 2 * MOST})
    train(longer, watch=LiveFile(longer, path, every=0))
    measured = sorted({row.checkpoint for row in load_live(path).gradients})
    assert measured[0] == 0
    assert measured[-1] == 2 * MOST
    assert MOST / 2 <= len(measured) <= MOST


@pytest.mark.parametrize("content", [b"", b"{}", b"\x08\0\0\0\0\0\0\0{}      "])
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    """Never a traceback of another library."""
    path = tmp_path / "live.safetensors"
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"live\.safetensors"):
        load_live(path)


def test_what_is_too_large_or_asks_for_more_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its size, and by the shapes in its head, before a weight is read."""
    path = tmp_path / "live.safetensors"
    train(CONFIG, watch=LiveFile(CONFIG, path, every=0))
    size = path.stat().st_size
    with safe_open(path, "pt") as file:
        said, weights = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    monkeypatch.setattr(live_run_file, "MOST_BYTES", size - 1)
    with pytest.raises(RunError, match=f"it has {size:,} bytes, but at most {size - 1:,} are read"):
        load_live(path)
    monkeypatch.undo()
    monkeypatch.setattr(live_run_file, "safe_open", lambda *_: pytest.fail("it was read"))
    path.write_bytes(save(weights | {"more": torch.zeros(10, 10)}, said)[:-1])
    with pytest.raises(RunError, match="which does not fit its weights"):
        load_live(path)
    monkeypatch.undo()
    path.write_bytes(save(weights | {"more": torch.zeros(10, 10)}, said))
    with pytest.raises(RunError, match="the weight more has the shape"):
        load_live(path)
    path.write_bytes(save(weights, said | {"history": "\n" * 2000}))
    with pytest.raises(RunError, match=r"2,000 rows of history, but at most 23 are allowed"):
        load_live(path)
