"""A number belongs to the weights beside it: what was measured of others is never carried."""

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gatescope.training import (
    OWN,
    LiveFile,
    Run,
    RunError,
    TrainConfig,
    build_model,
    fingerprints,
    load_run,
    measured,
    own_run,
    save_run,
    train,
)
from gatescope.training.folder import digest_of
from gatescope.training.live_run_file import load_live

RUNS = Path(__file__).parents[2] / "assets" / "runs"
SMALL = TrainConfig(
    task="adding", task_options={"length": 5}, hidden_size=3, max_steps=6, evaluate_every=3
)


@pytest.fixture(scope="module")
def run() -> Run:
    return train(SMALL)


@pytest.fixture(scope="module")
def adding() -> Run:
    return load_run(RUNS / "adding-lstm")


def shut(run: Run, bias: float = -5.0) -> dict[int, dict[str, Tensor]]:
    """The checkpoints of an LSTM, in the last one the forget gates' bias set to ``bias``."""
    last = {name: weight.clone() for name, weight in run.checkpoints[run.steps[-1]].items()}
    size = run.config.hidden_size
    for name in ("bias_ih_l0", "bias_hh_l0"):
        last[f"recurrent.{name}"][size : 2 * size] = bias / 2
    return run.checkpoints | {run.steps[-1]: last}


def moved(run: Run, step: int) -> dict[int, dict[str, Tensor]]:
    """The checkpoints with one number of one of them changed in its last digits."""
    weights = {name: weight.clone() for name, weight in run.checkpoints[step].items()}
    weights["readout.bias"] += 1e-4
    return run.checkpoints | {step: weights}


def by_torch(run: Run, weights: dict[str, Tensor]) -> tuple[float, float]:
    """Squared error and share within .04 on the 500 test examples, by ``torch.nn.LSTM`` alone."""
    layer = nn.LSTM(2, run.config.hidden_size)
    layer.load_state_dict({k[10:]: w for k, w in weights.items() if k.startswith("recurrent.")})
    batch = run.task.sample(500, seed=2)
    said = layer(batch.inputs)[0][-1] @ weights["readout.weight"].T + weights["readout.bias"]
    error = (said - batch.targets[-1]).detach().double()
    near = error.abs() < run.task.tolerance  # type: ignore[attr-defined]
    return float((error**2).mean()), float(near.double().mean())


def test_other_weights_have_other_numbers(adding: Run, tmp_path: Path) -> None:
    """Forget gates at sigma(-5): neither the old score, nor history, nor gradients, on disk too."""
    changed = replace(adding, checkpoints=shut(adding))
    last = adding.steps[-1]
    assert not changed.fits
    assert math.isnan(changed.test_loss)
    assert math.isnan(changed.test_accuracy)
    assert math.isnan(changed.seconds)
    assert changed.history == ()
    loss, accuracy = by_torch(adding, changed.checkpoints[last])
    assert (loss, accuracy) == pytest.approx((0.381, 0.05), abs=2e-3)
    assert changed.score() == pytest.approx((loss, accuracy), rel=1e-5)
    for found in (measured(changed), load_run(save_run(changed, tmp_path / "run"))):
        assert found.fits
        assert found.test_loss == pytest.approx(loss, rel=1e-5)
        assert found.test_accuracy == accuracy
        assert found.history == ()
        cell = [r for r in found.gradients if r.checkpoint == last and r.signal == "cell_state"]
        assert 0 < cell[0].median / cell[-1].median < 1e-40  # was 1.26
        untouched = [row for row in found.gradients if row.checkpoint != last]
        assert untouched == [row for row in adding.gradients if row.checkpoint != last]


def test_one_changed_checkpoint_takes_its_own_gradients_and_the_history_along(run: Run) -> None:
    """The last weights are the same, so their score is."""
    changed = replace(run, checkpoints=moved(run, 0))
    assert changed.history == ()
    assert {row.checkpoint for row in changed.gradients} == set(run.steps) - {0}
    assert (changed.test_loss, changed.test_accuracy) == (run.test_loss, run.test_accuracy)
    again = measured(changed)
    assert [row.checkpoint for row in again.gradients] == [r.checkpoint for r in run.gradients]


@pytest.mark.parametrize("changes", [{"task_options": {"length": 9}}, {"cell": "lstm_peephole"}])
def test_another_task_or_network_has_another_score(run: Run, changes: dict[str, Any]) -> None:
    """The weights fit both: it is the settings that say what they answer to."""
    changed = replace(run, config=TrainConfig(**(run.config.model_dump() | changes)))
    assert math.isnan(changed.test_loss)
    assert changed.history == changed.gradients == ()


@pytest.mark.parametrize("changes", [{"seed": 4}, {"learning_rate": 1.0}, {"max_steps": 9}])
def test_how_it_was_trained_changes_no_score(run: Run, changes: dict[str, Any]) -> None:
    """Nor does leaving checkpoints out."""
    changed = replace(run, config=TrainConfig(**(run.config.model_dump() | changes)))
    assert (changed.test_loss, changed.history) == (run.test_loss, run.history)
    last = run.steps[-1]
    thinned = replace(run, checkpoints={last: run.checkpoints[last]})
    assert thinned.fits
    assert (thinned.test_loss, thinned.history) == (run.test_loss, run.history)


def test_a_fingerprint_is_of_names_types_shapes_and_bytes() -> None:
    """And of nothing else: not of the order, nor of how a tensor lies in memory."""
    weights = {"a": torch.arange(6.0).view(2, 3), "b": torch.zeros(2)}
    first = fingerprints(SMALL, {3: weights})[3]
    assert len(first) == 64
    same = {"b": torch.zeros(2), "a": torch.arange(6.0).view(3, 2).reshape(2, 3).T.contiguous().T}
    assert fingerprints(SMALL, {7: same}) == {7: first}
    others = [
        {"a": weights["a"], "c": weights["b"]},
        {"a": weights["a"], "b": torch.zeros(2, dtype=torch.int32)},
        {"a": weights["a"].view(3, 2), "b": weights["b"]},
        {"a": weights["a"] + torch.tensor([[0, 0, 0], [0, 0, 1e-6]]), "b": weights["b"]},
        {"a": weights["a"]},
    ]
    found = {fingerprints(SMALL, {0: other})[0] for other in others}
    assert len(found | {first}) == 6
    assert fingerprints(SMALL, {0: {"x": torch.tensor(1.0, dtype=torch.bfloat16)}})[0]


EDITS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "accuracy": lambda said: said.update(test_accuracy=1.0),
    "loss": lambda said: said.update(test_loss=said["test_loss"] * (1 + 1e-12)),
    "seconds": lambda said: said.update(seconds=1.0),
    "parameters": lambda said: said.update(parameters=1),
    "version": lambda said: said.update(gatescope="9.9"),
    "fingerprint": lambda said: said["fingerprints"].update({"6": "0" * 64}),
    "digest": lambda said: said["sha256"].update({"history.csv": "0" * 64}),
    "extra": lambda said: said.update(note="hello"),
}


@pytest.mark.parametrize("edited", EDITS)
def test_an_edited_result_is_noticed(run: Run, tmp_path: Path, edited: str) -> None:
    """Each of its entries is inside its digest."""
    path = save_run(run, tmp_path / "run") / "run.json"
    said = json.loads(path.read_text())
    EDITS[edited](said)
    path.write_text(json.dumps(said))
    with pytest.raises(RunError, match=r"damaged: run\.json changed since it was written"):
        load_run(path.parent)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 1}))
    if edited in ("accuracy", "loss"):  # as a file of schema 1 it is measured anew
        assert load_run(path.parent).test_accuracy == run.test_accuracy


def test_two_runs_in_one_folder_are_refused(run: Run, tmp_path: Path) -> None:
    """The weights of another run of the same shapes, every digest calculated anew."""
    folder = save_run(run, tmp_path / "run")
    other = save_run(replace(run, checkpoints=moved(run, 6)), tmp_path / "other")
    data = (other / "checkpoints.safetensors").read_bytes()
    (folder / "checkpoints.safetensors").write_bytes(data)
    said = json.loads((folder / "run.json").read_text())
    said["sha256"]["checkpoints.safetensors"] = hashlib.sha256(data).hexdigest()
    said["sha256"]["run.json"] = digest_of(said)
    (folder / "run.json").write_text(json.dumps(said))
    with pytest.raises(RunError, match="score, history and gradients do not belong to the weights"):
        load_run(folder)


def test_weights_of_another_shape_are_refused(run: Run, tmp_path: Path) -> None:
    """In one sentence that names the weight."""
    weights = run.checkpoints | {6: run.checkpoints[6] | {"readout.bias": torch.zeros(2)}}
    bare = Run(SMALL, (), weights, (), 1.0, 0.5, 9, 1.0)
    with pytest.raises(RunError, match=r"step 6 the weight readout.bias has the shape \(2,\)"):
        load_run(save_run(bare, tmp_path / "run"))


def as_schema_1(run: Run, folder: Path, **changes: Any) -> Path:
    """A folder as the version before wrote it: the digests of four files, and no fingerprints."""
    save_run(run, folder)
    said = json.loads((folder / "run.json").read_text()) | {"schema": 1} | changes
    del said["fingerprints"], said["sha256"]["run.json"]
    (folder / "run.json").write_text(json.dumps(said))
    return folder


def test_a_run_of_the_version_before_is_read_as_it_was(run: Run, tmp_path: Path) -> None:
    """Its score is measured anew and is the same; history and gradients are its own."""
    found = load_run(as_schema_1(run, tmp_path / "old"))
    assert (found.test_loss, found.test_accuracy) == (run.test_loss, run.test_accuracy)
    assert (repr(found.history), found.gradients) == (repr(run.history), run.gradients)
    assert load_run(save_run(found, tmp_path / "new")).fits


@pytest.mark.parametrize("changes", [{"test_accuracy": 1.0}, {"test_loss": 1e-4}])
def test_a_score_of_the_version_before_that_is_not_so_is_measured(
    run: Run, tmp_path: Path, changes: dict[str, float]
) -> None:
    """What else stands there is then as doubtful, and is measured anew or left out."""
    found = load_run(as_schema_1(run, tmp_path / "old", **changes))
    assert (found.test_loss, found.test_accuracy) == (run.test_loss, run.test_accuracy)
    assert found.gradients == run.gradients
    assert found.history == ()


def test_what_somebody_brought_has_no_score(tmp_path: Path) -> None:
    """Neither 0 nor 100%: none, on disk too, and in a folder of the version before."""
    run = own_run(nn.GRU(2, 3), torch.randn(9, 4, 2))
    assert run.config.task == OWN
    zero = replace(run, test_loss=0.0, test_accuracy=0.0)
    for found in (
        run,
        load_run(save_run(run, tmp_path / "own")),
        load_run(as_schema_1(zero, tmp_path / "old", test_loss=0.0, test_accuracy=0.0)),
    ):
        assert all(map(math.isnan, found.score()))
        assert all(map(math.isnan, found.score(0)))


def test_scores_at_every_checkpoint_are_of_its_weights(adding: Run) -> None:
    """All on the same test examples; nobody's is that of the last."""
    for step in (0, 710, 5000):
        expected = by_torch(adding, adding.checkpoints[step])
        assert adding.score(step) == pytest.approx(expected, rel=2e-4)
    with pytest.raises(ValueError, match="there is no checkpoint at step 7"):
        adding.score(7)


def test_a_live_file_with_other_weights_is_refused(tmp_path: Path) -> None:
    """Its history, gradients and weights are of one moment."""
    config = SMALL.model_copy(update={"cell": "gru"})
    file = LiveFile(config, tmp_path / "live", every=0.0)
    train(config, watch=file)
    assert load_live(file.path).fits
    data = bytearray(file.path.read_bytes())
    data[-1] ^= 1  # the last bit of the last weight's sign
    file.path.write_bytes(bytes(data))
    with pytest.raises(RunError, match="its scores and its weights do not belong together"):
        load_live(file.path)


def test_an_untrained_network_is_scored_too() -> None:
    """A run that is put together without a score: it is measured when it is asked for."""
    weights = build_model(SMALL).state_dict()
    bare = Run(SMALL, (), {0: weights}, (), math.nan, math.nan, 9, math.nan)
    assert bare.score() == pytest.approx(by_torch(bare, weights), rel=1e-5)
