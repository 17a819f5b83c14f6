"""Connectivity against plain autograd, output by output, and a linear network that is known."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gatescope import SequenceModel
from gatescope.analysis import connectivity, relative_connectivity


def one_by_one(model: nn.Module, inputs: Tensor, column: int | None) -> np.ndarray:
    """(output_time, input_time, batch): one example, one output and one backward at a time."""
    time, batch, _ = inputs.shape
    found = np.zeros((time, time, batch))
    for example in range(batch):
        alone = inputs[:, example : example + 1].clone().requires_grad_()
        outputs = model(alone)
        outputs = outputs[0] if isinstance(outputs, tuple) else outputs
        for step in range(time):
            wanted = range(outputs.shape[-1]) if column is None else [column]
            squares = torch.zeros(time, dtype=inputs.dtype)
            for k in wanted:
                (gradient,) = torch.autograd.grad(outputs[step, 0, k], alone, retain_graph=True)
                squares += gradient[:, 0].square().sum(-1)
            found[step, :, example] = squares.sqrt().numpy()
    return found


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "lstm_peephole"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("column", [None, 1])
def test_against_one_backward_for_each_output(
    cell: str, layers: int, bidirectional: bool, column: int | None
) -> None:
    """In float64, for one output and for all; zero after t unless the network reads backwards."""
    torch.manual_seed(0)
    model = SequenceModel(cell, 2, 3, 3, num_layers=layers, bidirectional=bidirectional)
    model = model.double().eval()
    inputs = torch.randn(7, 2, 2, dtype=torch.float64)
    found = connectivity(model, inputs, column)
    np.testing.assert_allclose(found.values, one_by_one(model, inputs, column), rtol=1e-10)
    assert found.dims == ("output_time", "input_time", "batch")
    later = np.triu(np.ones((7, 7), dtype=bool), 1)
    if bidirectional:
        assert (found.values[later] > 0).all()
    else:
        assert (found.values[later] == 0).all()
    assert (found.values[~later] > 0).all()


def test_a_linear_network_is_a_power_of_its_matrix() -> None:
    """d o_t / d x_s = R W^(t-s) U: with relu and positive numbers nothing is cut."""
    draw = np.random.default_rng(1)
    weight, read, write = draw.uniform(0, 0.5, (4, 4)), draw.uniform(size=(4, 2)), [0.3, 1, 0, 2]
    model = SequenceModel("rnn", 2, 4, 1)
    model.recurrent = nn.RNN(2, 4, nonlinearity="relu", bias=False)
    model = model.double().eval()
    with torch.no_grad():
        model.recurrent.weight_hh_l0.copy_(torch.tensor(weight))
        model.recurrent.weight_ih_l0.copy_(torch.tensor(read))
        model.readout.weight.copy_(torch.tensor([write], dtype=torch.float64))
    inputs = torch.rand(9, 1, 2, dtype=torch.float64) + 0.1
    found = connectivity(model, inputs).values[..., 0]
    for t in range(9):
        for s in range(9):
            expected = 0.0
            if s <= t:
                power = np.linalg.matrix_power(weight, t - s)
                expected = np.linalg.norm(np.array(write) @ power @ read)
            assert found[t, s] == pytest.approx(expected, rel=1e-12)


def test_a_single_weight_decays_as_its_power() -> None:
    """w = 1/2 in an identity network: 2^-(t-s), down to 2^-1000, where a square is already 0."""
    layer = nn.RNN(1, 1, nonlinearity="relu", bias=False).double().eval()
    with torch.no_grad():
        layer.weight_hh_l0.fill_(0.5)
        layer.weight_ih_l0.fill_(1.0)
    found = connectivity(layer, torch.ones(1001, 1, 1, dtype=torch.float64), steps=[1000, 3])
    assert found["output_time"].values.tolist() == [1000, 3]
    assert found.values[0, :, 0].tolist() == [0.5 ** (1000 - s) for s in range(1001)]
    assert found.values[1, :5, 0].tolist() == [0.125, 0.25, 0.5, 1, 0]


def test_targets_may_change_with_step_and_example() -> None:
    """Each row is that of the logit which is right there."""
    torch.manual_seed(2)
    model = SequenceModel("gru", 1, 3, 4).double().eval()
    inputs = torch.randn(6, 3, 1, dtype=torch.float64)
    target = torch.randint(4, (6, 3))
    found = connectivity(model, inputs, target)
    every = [connectivity(model, inputs, column) for column in range(4)]
    for step in range(6):
        for example in range(3):
            expected = every[int(target[step, example])].values[step, :, example]
            np.testing.assert_allclose(found.values[step, :, example], expected, rtol=1e-12)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies that do not fit at once are taken in parts."""
    torch.manual_seed(3)
    model = SequenceModel("lstm", 2, 3, 2).double().eval()
    inputs = torch.randn(5, 2, 2, dtype=torch.float64)
    whole = connectivity(model, inputs)
    for most in (1, 15):
        module = import_module("gatescope.analysis.connectivity")  # not the function of that name
        monkeypatch.setattr(module, "MOST_STEPS", most)
        np.testing.assert_allclose(connectivity(model, inputs).values, whole.values, rtol=1e-12)


def test_the_model_is_left_as_it_is() -> None:
    """Frozen weights are fine, under no_grad too; gradients and inputs stay untouched."""
    model = SequenceModel("lstm", 1, 2, 1).eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    inputs = torch.randn(4, 1, 1)
    with torch.no_grad():
        found = connectivity(model, inputs)
    assert found.values[3, 0, 0] > 0
    assert found.dtype == np.float64
    assert not inputs.requires_grad
    assert all(parameter.grad is None for parameter in model.parameters())
    trained = SequenceModel("lstm", 1, 2, 1).eval()
    connectivity(trained, inputs)
    assert all(parameter.grad is None for parameter in trained.parameters())


def test_relative_to_the_largest_of_each_row() -> None:
    """A row of 1, 2, 4 becomes .25, .5, 1, also a billion times smaller; zeros stay zero."""
    model = SequenceModel("rnn", 1, 2, 1).double().eval()
    found = connectivity(model, torch.randn(3, 1, 1, dtype=torch.float64))
    found.values[..., 0] = [[0, 0, 0], [1, 2, 4], [1e-9, 2e-9, 4e-9]]
    np.testing.assert_allclose(
        relative_connectivity(found).values[..., 0],
        [[0, 0, 0], [0.25, 0.5, 1], [0.25, 0.5, 1]], rtol=1e-12,
    )  # fmt: skip
    assert relative_connectivity(found).dims == found.dims


class Sealed(nn.Module):
    """A model that lets no gradient through."""

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs.detach()


class Last(nn.Module):
    """A model that answers once."""

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs[-1]


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (nn.GRU(2, 3).train(), {}, r"call model\.eval\(\)"),
        (Sealed().eval(), {}, "no gradient reaches the inputs"),
        (Last().eval(), {}, r"with 4 steps, got \(1, 2\)"),
        (nn.GRU(2, 3).eval(), {"steps": [4]}, "must be 0 to 3, got 4"),
        (nn.GRU(2, 3).eval(), {"target": 3}, "outputs 0 to 2, got 3 to 3"),
        (nn.GRU(2, 3).eval(), {"target": torch.zeros(4, dtype=torch.long)}, r"\(4, 1\), one a"),
        (nn.GRU(2, 3).eval(), {"target": torch.zeros(4, 1)}, r"got torch\.float32 \(4, 1\)"),
    ],
)
def test_what_does_not_fit_is_named(
    model: nn.Module, options: dict[str, object], message: str
) -> None:
    """Each with what to give instead."""
    with pytest.raises(ValueError, match=message):
        connectivity(model, torch.randn(4, 1, 2), **options)  # type: ignore[arg-type]


def test_inputs_must_be_sequences() -> None:
    """A matrix is none."""
    with pytest.raises(ValueError, match=r"\(time, batch, feature\), got \(4, 2\)"):
        connectivity(nn.GRU(2, 3).eval(), torch.randn(4, 2))


class Centred(nn.Module):
    """Takes the batch's mean away: no example is by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(2, 3)

    def forward(self, x: Tensor) -> Any:
        return self.gru(x - x.mean(1, keepdim=True))


@pytest.mark.parametrize("model", [Centred(), nn.GRU(2, 3, batch_first=True)])
@pytest.mark.parametrize("batch", [1, 3])
def test_a_model_that_mixes_examples_is_refused(model: nn.Module, batch: int) -> None:
    """Copies of an example would influence one another; what is read along the batch does too."""
    with pytest.raises(ValueError, match="depend on the others"):
        connectivity(model.eval(), torch.randn(5, batch, 2))
    if isinstance(model, Centred):
        with pytest.raises(ValueError, match="depend on the others"):
            connectivity(model, torch.zeros(5, batch, 2))


def test_true_is_no_number_of_an_output() -> None:
    with pytest.raises(ValueError, match="by numbers, got True or False"):
        connectivity(nn.GRU(2, 3).eval(), torch.randn(5, 1, 2), True)


class Words(nn.Module):
    """Looks its inputs up in a table, through which no gradient goes."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.gru = nn.Embedding(9, 2), nn.GRU(2, 3)

    def forward(self, x: Tensor) -> Any:
        return self.gru(self.table(x[..., 0].long()))


def test_numbers_of_words_have_no_gradient() -> None:
    """And no zeros that look measured."""
    with pytest.raises(ValueError, match="no gradient reaches the inputs"):
        connectivity(Words().eval(), torch.randint(9, (5, 2, 1)).float())
