"""The modes a model may be in: training with dropout, eval, frozen, no_grad, half precision."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import gatescope

TIME, BATCH, FEATURES, UNITS = 6, 4, 3, 5
LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def data(output: Tensor | PackedSequence) -> Tensor:
    return output.data if isinstance(output, PackedSequence) else output


def test_dropped_units_have_no_gradient() -> None:
    """Where the mask is 0 the first layer's hidden state gets no gradient through the second."""
    layer = nn.GRU(FEATURES, 40, 2, dropout=0.5).double()
    with torch.no_grad():
        layer.weight_hh_l0.zero_()
    x = torch.randn(1, BATCH, FEATURES, dtype=torch.float64)
    trace = gatescope.record(layer, x, lambda output: output[0].sum())
    share = (trace["gru/l0"]["grad_hidden_state"].values == 0).mean()
    assert share == pytest.approx(0.5, abs=0.12)
    evaluated = gatescope.record(layer.eval(), x, lambda output: output[0].sum())
    assert (evaluated["gru/l0"]["grad_hidden_state"].values != 0).all()


@pytest.mark.parametrize("mode", ["eval", "no_grad", "inference", "frozen", "all"])
@pytest.mark.parametrize("kind", LAYERS)
def test_gradients_do_not_depend_on_the_callers_mode(kind: str, mode: str) -> None:
    """Eval mode, no_grad around the call, frozen weights: the same numbers, bit for bit."""
    model = gatescope.SequenceModel(kind, FEATURES, UNITS, 2, num_layers=2).double()
    x = torch.randn(TIME, BATCH, FEATURES, dtype=torch.float64)
    expected = gatescope.record(model, x, lambda output: output.square().sum())
    assert float(np.abs(expected["recurrent/l0"]["grad_hidden_state"]).min()) > 0
    if mode in ("eval", "all"):
        model.eval()
    if mode in ("frozen", "all"):
        model.requires_grad_(False)
    grad = torch.set_grad_enabled(mode not in ("no_grad", "all"))
    with grad, torch.inference_mode(mode == "inference"):
        found = gatescope.record(model, x, lambda output: output.square().sum())
    assert found.identical(expected)


@pytest.mark.parametrize("kind", LAYERS)
def test_without_a_loss_there_are_values_alone(kind: str) -> None:
    """The same values, no gradient, no loss attribute, and the graph that a plain call has."""
    model = gatescope.SequenceModel(kind, FEATURES, UNITS, 2).double()
    x = torch.randn(TIME, BATCH, FEATURES, dtype=torch.float64)
    full = gatescope.record(model, x, lambda output: output.sum())["recurrent/l0"]
    graphs: list[bool] = []
    model.register_forward_hook(lambda module, args, output: graphs.append(output.requires_grad))
    trace = gatescope.record(model, x)
    with torch.no_grad():
        assert gatescope.record(model, x).identical(trace)
    assert graphs == [True, False]
    node = trace["recurrent/l0"]
    assert "loss" not in trace.attrs
    names = [str(name) for name in full.data_vars if not str(name).startswith("grad_")]
    assert list(node.data_vars) == names
    for name in names:
        np.testing.assert_array_equal(node[name], full[name])


@pytest.mark.parametrize(
    ("dtype", "stored", "tolerance"),
    [
        (torch.float32, "float32", 1e-5),  # float32's own rounding over 6 steps
        (torch.bfloat16, "float32", 0.03),  # 8 bits of mantissa, as the docstring says
    ],
)
@pytest.mark.parametrize("kind", LAYERS)
def test_lower_precision_is_close_to_float64(
    kind: str, dtype: torch.dtype, stored: str, tolerance: float
) -> None:
    """Same model, same input, rounded; bfloat16 is stored as float32, the dtype is kept."""
    model = gatescope.SequenceModel(kind, FEATURES, UNITS, 2, num_layers=2).to(dtype)
    x = torch.randn(TIME, BATCH, FEATURES).to(dtype)
    low = gatescope.record(model, x, lambda output: output.sum())
    high = gatescope.record(model.double(), x.double(), lambda output: output.sum())
    for node, exact in zip(low.leaves, high.leaves, strict=True):
        assert node.attrs["dtype"] == str(dtype).removeprefix("torch.")
        for name, signal in node.data_vars.items():
            assert signal.dtype == stored
            scale = np.abs(exact[name]).max().item()
            np.testing.assert_allclose(signal, exact[name], rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", LAYERS)
def test_an_output_changed_in_place_does_not_change_the_trace(
    kind: str, packed: bool, batch_first: bool, loop: Any
) -> None:
    """The model halves its layer's output in place: values before it, gradients through it."""
    layer = LAYERS[kind](FEATURES, UNITS, batch_first=batch_first).double()
    x = torch.randn(TIME, BATCH, FEATURES, dtype=torch.float64)
    lengths = [3, 6, 1, 5] if packed else None

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: Tensor) -> Tensor:
            inputs: Any = x.transpose(0, 1) if batch_first else x
            if packed:
                inputs = pack_padded_sequence(
                    inputs, lengths, batch_first=batch_first, enforce_sorted=False
                )
            output = data(layer(inputs)[0])
            return output.mul_(0.5)

    trace = gatescope.record(Model(), x, lambda output: output.square().sum())
    oracle = loop.run(layer, x, lengths=lengths)
    (oracle.outputs * 0.5).square().sum().backward()
    oracle.check(trace, "layer", gradients=True)
    oracle.check(gatescope.record(Model(), x), "layer", gradients=False)


def test_weights_changed_afterwards_do_not_change_the_trace() -> None:
    """A trace is frozen data: training on, or reusing the input's memory, leaves it as it was."""
    layer, x = nn.RNN(FEATURES, UNITS), torch.randn(TIME, BATCH, FEATURES)
    trace = gatescope.record(layer, x, lambda output: output[0].sum())
    before = trace.copy(deep=True)
    with torch.no_grad():
        x.zero_()
        for parameter in layer.parameters():
            parameter.zero_()
    assert trace.identical(before)


class Parts(nn.Module):
    """A part that the model runs without gradients, and one with them."""

    def __init__(self, still: nn.Module, main: nn.Module, mode: Any) -> None:
        super().__init__()
        self.still, self.main, self.mode = still, main, mode

    def forward(self, x: Tensor) -> Tensor:
        with self.mode():
            rows = self.still(x)
            rows = rows[0] if isinstance(rows, tuple) else rows
        output = self.main(rows.clone())
        return output[0] if isinstance(output, tuple) else output


class BurnIn(nn.Module):
    """It warms its state up without gradients."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            _, state = self.layer(x[:2])
        return self.layer(x[2:], state)[0]


def recurrent(kind: str, own: bool) -> nn.Module:
    if own:
        return gatescope.Recurrence([gatescope.make_cell(kind, FEATURES, FEATURES)]).double()
    return LAYERS[kind](FEATURES, FEATURES).double()


@pytest.mark.parametrize("own", [False, True], ids=["fused", "own"])
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("kind", LAYERS)
def test_a_part_without_gradients_does_not_stop_the_rest(kind: str, mode: Any, own: bool) -> None:
    """A frozen encoder: its values are there, its gradients NaN, and an attribute says why."""
    still, main = recurrent(kind, own), recurrent(kind, own)
    model, x = Parts(still, main, mode), torch.randn(TIME, BATCH, FEATURES, dtype=torch.float64)
    trace = gatescope.record(model, x, lambda output: output.square().sum())
    values = gatescope.record(still, x).leaves[0]
    rows = torch.from_numpy(values["hidden_state"].values)

    def loss(output: Any) -> Tensor:
        return (output[0] if isinstance(output, tuple) else output).square().sum()

    alone = gatescope.record(main, rows, loss).leaves[0]
    first, second = trace["still/l0"], trace["main/l0"]
    assert set(first.data_vars) == set(second.data_vars)
    for name in first.data_vars:
        if str(name).startswith("grad_"):
            assert first[name].isnull().all()
        else:
            np.testing.assert_array_equal(first[name], values[name])
        np.testing.assert_allclose(second[name], alone[name], rtol=1e-12, atol=1e-14)
    assert "turns gradients off" in first.attrs["without_gradients"]
    assert "without_gradients" not in second.attrs


@pytest.mark.parametrize("kind", LAYERS)
def test_a_burn_in(kind: str, loop: Any) -> None:
    """Calls without gradients and calls with them: NaN in the first, exact in the second."""
    model, x = BurnIn(recurrent(kind, own=False)), torch.randn(TIME, BATCH, FEATURES).double()
    trace = gatescope.record(model, x, lambda output: output.square().sum())
    node = trace["layer/l0"]
    with torch.no_grad():
        first = loop.run(model.layer, x[:2])
    states = (first.h, first.c) if kind == "lstm" else (first.h,)
    second = loop.run(model.layer, x[2:], *states)
    second.outputs.square().sum().backward()
    first.check(trace.isel(time=slice(0, 2)).map_over_datasets(_values), "layer", gradients=False)
    second.check(trace, "layer", gradients=True, times=slice(2, None))
    assert node["grad_hidden_state"][:2].isnull().all()
    assert node.attrs["without_gradients"].endswith("in calls 0")


def _values(node: Any) -> Any:
    return node[[name for name in node.data_vars if not str(name).startswith("grad_")]]


def test_a_model_without_any_gradient_has_its_values_and_its_loss() -> None:
    """All of it runs under no_grad: NaN everywhere, and nothing is refused."""
    model = Parts(recurrent("gru", False), nn.Identity(), torch.no_grad)
    x = torch.randn(TIME, BATCH, FEATURES, dtype=torch.float64)
    trace = gatescope.record(model, x, lambda output: output.sum())
    assert trace.attrs["loss"] == pytest.approx(float(model(x).sum()))
    assert trace["still/l0"]["grad_hidden_state"].isnull().all()


class Policy(nn.Module):
    """A model with other ways in than forward, and arguments by name."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.head = nn.GRU(FEATURES, UNITS), nn.Linear(UNITS, 2)

    def forward(self, x: Tensor, *, scale: float = 1.0) -> Tensor:
        return self.head(self.layer(scale * x)[0])

    def evaluate_actions(self, x: Tensor, actions: Tensor) -> dict[str, Tensor]:
        return {"chosen": self(x).gather(-1, actions)}


def test_keyword_arguments_and_other_methods() -> None:
    """The same numbers as a wrapper around them gives."""
    model, x = Policy().double(), torch.randn(TIME, BATCH, FEATURES).double()
    scaled = gatescope.record(model, 2 * x, lambda output: output.sum())
    by_name = gatescope.record(model, x, lambda output: output.sum(), kwargs={"scale": 2.0})
    assert by_name.identical(scaled)
    actions = torch.randint(2, (TIME, BATCH, 1))
    trace = gatescope.record(
        model, x, lambda found: found["chosen"].sum(), method="evaluate_actions",
        kwargs={"actions": actions},
    )  # fmt: skip
    expected = gatescope.record(model, x, lambda output: output.gather(-1, actions).sum())
    assert trace.identical(expected)
    with pytest.raises(gatescope.RecordError, match="Policy has no method 'act'"):
        gatescope.record(model, x, method="act")


def test_the_earlier_name_of_batch_still_works_and_says_so() -> None:
    """``examples`` is called ``batch``, as the dimension."""
    model, x = nn.GRU(FEATURES, UNITS), torch.randn(TIME, BATCH, FEATURES)
    expected = gatescope.record(model, x, batch=[2, 0])
    with pytest.warns(FutureWarning, match=r"record\(batch="):
        assert gatescope.record(model, x, examples=[2, 0]).identical(expected)
