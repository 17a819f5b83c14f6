"""Scaled recurrent weights, and one step of descent, against torch's own optimizer."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gatescope import SequenceModel, make_task
from gatescope.analysis import scale_recurrent, try_update

CELLS = ["rnn", "lstm", "gru", "lstm_peephole", "lstm_coupled", "lstm_no_forget"]


def build(cell: str) -> tuple[SequenceModel, Tensor, Callable[[Any], Tensor]]:
    """A float64 network with two layers, its inputs and its loss."""
    model = SequenceModel(cell, 2, 5, 1, num_layers=2).double()
    task = make_task("adding", length=12)
    batch = task.sample(6, seed=1)
    targets = batch.targets.double()

    def loss(outputs: Tensor) -> Tensor:
        return ((outputs[-1] - targets[-1]) ** 2).mean()

    return model, batch.inputs.double(), loss


def snapshot(model: nn.Module) -> dict[str, Tensor]:
    """A copy of all weights."""
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


@pytest.mark.parametrize("gain", [0.0, 0.5, 7.25])
@pytest.mark.parametrize("cell", CELLS)
def test_only_recurrent_matrices_are_scaled(cell: str, gain: float) -> None:
    """By exactly the factor, in a copy; the largest singular value grows by it."""
    model, _, _ = build(cell)
    before = snapshot(model)
    scaled = scale_recurrent(model, gain)
    recurrent = [name for name in before if "weight_hh" in name]
    assert len(recurrent) == 2
    for name, tensor in scaled.state_dict().items():
        expected = before[name] * gain if name in recurrent else before[name]
        assert torch.equal(tensor, expected), name
        assert torch.equal(model.state_dict()[name], before[name])
        assert tensor.data_ptr() != model.state_dict()[name].data_ptr()
    for name in recurrent:
        largest = torch.linalg.matrix_norm(scaled.state_dict()[name], 2)
        assert largest == pytest.approx(gain * torch.linalg.matrix_norm(before[name], 2))


@pytest.mark.parametrize("clip", [None, 1e-3, 1e6])
@pytest.mark.parametrize("gain", [1.0, 6.0])
@pytest.mark.parametrize("cell", CELLS)
def test_one_step_is_that_of_sgd(cell: str, gain: float, clip: float | None) -> None:
    """Norms and both losses as torch.optim.SGD with clip_grad_norm_ gives them in float64."""
    model, inputs, loss = build(cell)
    model = scale_recurrent(model, gain)
    before = snapshot(model)
    found = try_update(model, inputs, loss, learning_rate=0.1, max_grad_norm=clip)

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    first = loss(model(inputs))
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name])
    assert all(parameter.grad is None for parameter in model.parameters())
    first.backward()
    gradients = torch.cat([parameter.grad.ravel() for parameter in model.parameters()])
    norm = float(gradients.norm())
    if clip is not None:
        nn.utils.clip_grad_norm_(model.parameters(), clip)
    used = torch.cat([parameter.grad.ravel() for parameter in model.parameters()]).norm()
    optimizer.step()
    assert found.before == pytest.approx(float(first.detach()), rel=1e-12)
    assert found.norm == pytest.approx(norm, rel=1e-12)
    # torch adds 1e-6 to the norm before it divides
    assert found.clipped_norm == pytest.approx(float(used), rel=2e-6 / norm + 1e-12)
    assert found.after == pytest.approx(float(loss(model(inputs)).detach()), rel=1e-7)
    if clip == 1e-3:
        assert found.clipped_norm == pytest.approx(1e-3, rel=1e-12)
    if clip == 1e6:
        assert found.clipped_norm == found.norm


def test_a_frozen_model_and_unused_weights_are_fine() -> None:
    """Frozen weights stay frozen on the model; a weight that the loss does not use counts as 0."""
    model, inputs, loss = build("gru")
    model.requires_grad_(False)
    model.spare = nn.Linear(3, 3).double()
    model.eval()
    found = try_update(model, inputs, loss, learning_rate=0.1)
    assert not any(p.requires_grad for n, p in model.named_parameters() if "spare" not in n)
    assert found.after < found.before
    assert not model.training


def test_a_gradient_that_overflows_its_square_still_has_a_norm() -> None:
    """In float32 the square of 1e30 is infinite; the norm is not."""
    model = nn.Linear(1, 1, bias=False)
    found = try_update(
        model, torch.ones(1), lambda out: out.sum() * 1e30, learning_rate=0.0, max_grad_norm=1.0
    )
    assert found.norm == pytest.approx(1e30)
    assert found.clipped_norm == pytest.approx(1.0)
