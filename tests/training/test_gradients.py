"""The gradient rows of a run, measured again from its weights."""

from typing import Any

import numpy as np
import pytest
import torch

import gatescope
from gatescope.training import SummedLoss, TrainConfig, train


def run(**changes: Any) -> gatescope.Run:
    given: dict[str, Any] = {
        "task": "adding",
        "task_options": {"length": 7},
        "hidden_size": 4,
        "batch_size": 4,
        "max_steps": 6,
        "evaluate_every": 3,
    }
    return train(TrainConfig(**(given | changes)))


def five_digits(value: float) -> float:
    return float(f"{value:.5g}")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"cell": "gru", "num_layers": 2, "bidirectional": True},
        {"cell": "lstm_coupled", "dropout": 0.5, "num_layers": 2},
        {"cell": "lstm_no_forget"},
        {"task": "temporal_order", "task_options": {"length": 10}, "cell": "rnn"},
    ],
)
def test_a_checkpoint_reproduces_its_gradient_rows(changes: dict[str, Any]) -> None:
    """Each example's own loss, the L2 norm over units, median and percentiles over examples."""
    done = run(**changes)
    probe, task = done.probe(), done.task
    rows = {(r.checkpoint, r.node, r.signal, r.time): r for r in done.gradients}
    assert len(rows) == len(done.gradients)
    counted = 0
    for step in done.steps:
        trace = gatescope.record(
            done.model(step),
            probe.inputs,
            # the sum over examples of each one's loss, written out
            lambda out: torch.stack(
                [
                    torch.nn.functional.mse_loss(out[-1, b], probe.targets[-1, b])
                    if task.kind == "regression"
                    else torch.nn.functional.cross_entropy(out[-1, b], probe.targets[-1, b])
                    for b in range(out.shape[1])
                ]
            ).sum(),
        )
        for node in trace.leaves:
            for signal in ("hidden_state", "cell_state"):
                if f"grad_{signal}" not in node:
                    continue
                norms = np.linalg.norm(node[f"grad_{signal}"].values.astype(float), axis=-1)
                for time, over in enumerate(norms):
                    row = rows[step, node.path.strip("/"), signal, time]
                    expected = [five_digits(v) for v in np.quantile(over, [0.1, 0.5, 0.9])]
                    # float32 sums in another order, then five digits
                    found = [row.low, row.median, row.high]
                    assert found == pytest.approx(expected, rel=2e-4)
                    assert row.zeros == pytest.approx((over == 0).mean(), rel=1e-4)
                    counted += 1
    assert counted == len(rows)


def test_an_examples_gradient_does_not_depend_on_the_batch() -> None:
    """`SummedLoss` on one example alone gives the same gradient as among 32, in float64."""
    done = run()
    model, probe = done.model().double(), done.probe()
    whole = gatescope.record(model, probe.inputs.double(), SummedLoss(done.task, double(probe)))
    for b in (0, 17):
        one = gatescope.tasks.Batch(
            probe.inputs[:, b : b + 1].double(),
            probe.targets[:, b : b + 1].double(),
            probe.scored[:, b : b + 1],
            probe.marks[b : b + 1],
        )
        alone = gatescope.record(model, one.inputs, SummedLoss(done.task, one))
        for name, signal in alone["recurrent/l0"].data_vars.items():
            among = whole["recurrent/l0"][name].values[:, b : b + 1]
            np.testing.assert_allclose(signal.values, among, rtol=1e-9, atol=1e-15)


def double(batch: gatescope.Batch) -> gatescope.Batch:
    return gatescope.Batch(batch.inputs.double(), batch.targets.double(), batch.scored, batch.marks)


def test_the_probe_is_never_trained_on() -> None:
    """For the digits it comes from the test part; it is the same for every seed."""
    first, second = (
        run(task="digits", task_options={}, max_steps=1, seed=seed).probe() for seed in (0, 1)
    )
    assert torch.equal(first.inputs, second.inputs)
    test = gatescope.make_task("digits", split="test").sample(500, 0).inputs
    known = {tuple(row) for row in test[..., 0].T.tolist()}
    assert {tuple(row) for row in first.inputs[..., 0].T.tolist()} <= known
    assert first.inputs.shape[1] == 32


def test_a_checkpoint_that_is_not_there_is_refused() -> None:
    """The message lists those there are."""
    done = run()
    with pytest.raises(ValueError, match="no checkpoint at step 99; available: 0, 1, 2"):
        done.model(99)
    assert not done.model().training
