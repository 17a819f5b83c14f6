"""A run while it is training: its file is whole at any moment, and true."""

import math
from pathlib import Path

import pytest
import torch

from gatescope import Run, RunError, TrainConfig, train
from gatescope.training import LiveFile
from gatescope.training.live import MOST, load_live

CONFIG = TrainConfig(
    task="delayed_recall", task_options={"delay": 5}, cell="gru", hidden_size=4,
    max_steps=20, evaluate_every=5, num_layers=2, dropout=0.5,
)  # fmt: skip


def test_every_state_is_that_of_a_run_that_ended_there(tmp_path: Path) -> None:
    """History, weights and gradients; and the run comes out as if nobody had looked."""
    path, seen = tmp_path / "sub" / "live.safetensors", []
    live = LiveFile(CONFIG, path, every=0)

    def watch(history, model) -> None:  # type: ignore[no-untyped-def]
        live(history, model)
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
    live.close()
    with pytest.raises(RunError, match="no run in training at"):
        load_live(path)


def test_it_is_written_now_and_then(tmp_path: Path) -> None:
    """Not at every evaluation, and never more than so many measured steps."""
    path = tmp_path / "live.safetensors"
    live = LiveFile(CONFIG, path, every=3600)
    train(CONFIG, watch=live)
    assert load_live(path).steps == [0]
    live = LiveFile(CONFIG, path, every=0)
    train(CONFIG.model_copy(update={"evaluate_every": 1, "max_steps": 2 * MOST}), watch=live)
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
