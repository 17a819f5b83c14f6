"""Dropout, penalties, embeddings and mixed layers in training, against torch's own."""

import pytest
import torch
from torch import nn

from gatescope import TrainConfig, make_task
from gatescope.training.build import build_model
from gatescope.training.update import Updater

SMALL = {"task": "adding", "task_options": {"length": 6}, "hidden_size": 5}


def gradients(config: TrainConfig, seed: int) -> tuple[nn.Module, dict[str, torch.Tensor]]:
    """The network before an update, and the gradient of that update."""
    model, task = build_model(config), config.make_task()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    torch.manual_seed(seed)
    Updater(model, config).update(task, task.sample(4, 0))
    found = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.load_state_dict(before)
    return model, found


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn", "mgu"])
def test_recurrent_dropout_is_a_network_without_those_columns(cell: str) -> None:
    config = TrainConfig(**SMALL, cell=cell, recurrent_dropout=0.4, max_grad_norm=None)
    model, found = gradients(config, seed=7)
    name = next(name for name, _ in model.named_parameters() if "weight_hh" in name)
    weight = model.get_parameter(name)
    torch.manual_seed(7)
    mask = torch.dropout(torch.ones(1, weight.shape[1]), 0.4, True)
    assert 0 < (mask == 0).sum() < mask.numel()
    # autograd through the masked matrix
    leaf = weight.detach().clone().requires_grad_()
    task = config.make_task()
    batch = task.sample(4, 0)
    outputs = torch.func.functional_call(model, {name: leaf * mask}, (batch.inputs,))
    (expected,) = torch.autograd.grad(task.loss(outputs, batch), leaf)
    torch.testing.assert_close(found[name], expected, rtol=1e-4, atol=1e-6)


def test_an_update_with_recurrent_dropout_moves_the_whole_matrix_only_where_it_was_used() -> None:
    config = TrainConfig(
        **SMALL, cell="lstm", recurrent_dropout=0.5, optimizer="sgd", max_grad_norm=None
    )
    model = build_model(config)
    before = model.recurrent.weight_hh_l0.detach().clone()
    torch.manual_seed(3)
    task = config.make_task()
    Updater(model, config).update(task, task.sample(4, 0))
    torch.manual_seed(3)
    mask = torch.dropout(torch.ones(1, 5), 0.5, True)
    moved = (model.recurrent.weight_hh_l0 != before).any(0)
    assert torch.equal(moved, mask[0] > 0)


def test_penalties_are_the_gradients_of_l1_and_l2() -> None:
    plain_model, plain = gradients(TrainConfig(**SMALL, max_grad_norm=None), seed=0)
    _, found = gradients(TrainConfig(**SMALL, max_grad_norm=None, l1=0.01, l2=0.1), seed=0)
    for name, weight in plain_model.named_parameters():
        there = weight.detach()
        extra = 0.01 * there.sign() + 0.2 * there if weight.ndim > 1 else torch.zeros_like(there)
        torch.testing.assert_close(found[name], plain[name] + extra, msg=name)


def test_readout_dropout_is_torchs() -> None:
    model = build_model(TrainConfig(**SMALL, readout_dropout=0.5)).train()
    x = make_task("adding", length=6).sample(3, 0).inputs
    torch.manual_seed(1)
    found = model(x)
    torch.manual_seed(1)
    hidden, _ = model.recurrent(x)
    torch.testing.assert_close(found, model.readout(torch.dropout(hidden, 0.5, True)))
    hidden, _ = model.eval().recurrent(x)
    torch.testing.assert_close(model(x), model.readout(hidden))


def test_an_embedding_looks_words_up_and_the_blank_stays_zero() -> None:
    config = TrainConfig(task="reviews", hidden_size=4, embedding_size=3)
    model = build_model(config)
    x = torch.tensor([[[5.0]], [[0.0]]])
    expected = torch.stack([model.embedding.weight[5], torch.zeros(3)]).unsqueeze(1)
    torch.testing.assert_close(model.embed(x), expected)
    task = config.make_task()
    Updater(model, config).update(task, task.sample(4, 0))
    assert not model.embedding.weight[0].any()


def test_mixed_layers() -> None:
    model = build_model(TrainConfig(**SMALL, cell="gru+lstm", bidirectional=True))
    kinds = [type(cell).__name__ for cell in model.recurrent.cells]
    assert kinds == ["GRU", "GRU", "LSTM", "LSTM"]
    for settings, said in (
        ({"cell": "gru+xyz"}, "there is no cell 'xyz'"),
        ({"cell": "gru+lstm", "num_layers": 2}, "num_layers must be left out"),
        ({"cell": "rnn+rnn", "initialization": "chrono"}, "no such gate"),
    ):
        with pytest.raises(ValueError, match=said):
            TrainConfig(**SMALL, **settings)
