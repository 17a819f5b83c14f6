"""A layer from its weights: it computes what the layer computes from which they were saved."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import safetensors.torch
import torch
import torch.nn.utils as utils
from torch import Tensor, nn
from torch.nn.utils import parametrizations, prune

from gatescope.loading import (
    WeightsError,
    layer_from_weights,
    layer_names,
    read_weights,
    weights_of_layer,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore:LSTM with projections"),  # torch's own, of the CPU
    pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated"),
]

LAYERS: dict[str, Callable[[], nn.RNNBase]] = {
    "rnn": lambda: nn.RNN(3, 5),
    "rnn_relu": lambda: nn.RNN(3, 5, nonlinearity="relu"),
    "rnn_square": lambda: nn.RNN(4, 4, bidirectional=True),
    "gru": lambda: nn.GRU(2, 4, num_layers=3),
    "gru_plain": lambda: nn.GRU(1, 1, bias=False, bidirectional=True),
    "lstm": lambda: nn.LSTM(3, 5, bidirectional=True),
    "lstm_plain": lambda: nn.LSTM(1, 1, num_layers=2, bias=False),
    "lstm_projected": lambda: nn.LSTM(3, 6, num_layers=2, proj_size=2, bidirectional=True),
}


class Model(nn.Module):
    """A network as somebody has it: a recurrent layer between others."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.embedding = nn.Embedding(7, 3)
        self.encoder = nn.ModuleDict({"rnn": layer})
        self.head = nn.Sequential(nn.LayerNorm(5), nn.Linear(5, 2))


def compiled(module: nn.Module) -> Any:
    """As torch.compile wraps it; nothing is compiled, since nothing is called."""
    return torch.compile(module, backend="eager")


WRAPPED: dict[str, Callable[[nn.Module], nn.Module]] = {
    "alone": lambda layer: layer,
    "first of a sequence": lambda layer: nn.Sequential(layer, nn.Linear(5, 2)),
    "in a model": Model,
    "data parallel": lambda layer: nn.DataParallel(Model(layer)),
    "alone, data parallel": nn.DataParallel,
    "compiled": lambda layer: compiled(Model(layer)),
    "alone, compiled": lambda layer: compiled(layer),
    "both": lambda layer: nn.DataParallel(compiled(Model(layer))),
    "averaged": lambda layer: torch.optim.swa_utils.AveragedModel(Model(layer)),
    "alone, averaged": torch.optim.swa_utils.AveragedModel,
}


def saved(value: Any, **options: Any) -> bytes:
    """What torch.save writes."""
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


def lightning(state: Mapping[str, Tensor]) -> dict[str, Any]:
    """A checkpoint as Lightning writes it, the model an attribute of its module."""
    return {
        "epoch": 3,
        "global_step": 120,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": {f"model.{name}": tensor for name, tensor in state.items()},
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 4}}}},
        "callbacks": {"EarlyStopping{'monitor': 'loss'}": {"best_score": torch.tensor(0.2)}},
        "optimizer_states": [{"state": {0: {"exp_avg": torch.zeros(20, 3)}}, "param_groups": []}],
        "lr_schedulers": [],
        "hyper_parameters": {"hidden_size": 5, "lr": 1e-3},
    }


CONTAINERS: dict[str, Callable[[Mapping[str, Tensor]], bytes]] = {
    "torch": saved,
    "torch, old format": lambda state: saved(state, _use_new_zipfile_serialization=False),
    "safetensors": lambda state: safetensors.torch.save(dict(state)),
    **{
        name: lambda state, name=name: saved(
            {"epoch": 3, name: state, "optimizer": {"state": {0: {"exp_avg": torch.zeros(9)}}}}
        )
        for name in ("state_dict", "model", "model_state", "model_state_dict", "net")
    },
    "old checkpoint": lambda state: saved(
        {"model": state, "args": {"lr": 0.1}}, _use_new_zipfile_serialization=False
    ),
    "twice": lambda state: saved({"checkpoint": {"best": {"model": state}, "loss": 0.2}}),
    "a list": lambda state: saved([{"step": 5}, state]),
    "lightning": lambda state: saved(lightning(state)),
}


def same_outputs(found: nn.RNNBase, layer: nn.RNNBase, input_size: int) -> None:
    """Both give the same numbers, to the last bit, in float64."""
    x = torch.randn(7, 2, input_size, dtype=torch.float64)
    with torch.no_grad():
        torch.testing.assert_close(found(x)[0], layer(x)[0], rtol=0, atol=0)


@pytest.mark.parametrize("wrapped", WRAPPED)
@pytest.mark.parametrize("container", CONTAINERS)
def test_a_layer_comes_back_from_its_weights(container: str, wrapped: str) -> None:
    """Of every kind and size: they are inferred, and the outputs are those of what was saved."""
    for kind, build in LAYERS.items():
        layer = build().double()
        weights = read_weights(CONTAINERS[container](WRAPPED[wrapped](layer).state_dict()))
        relu = "relu" if kind == "rnn_relu" else "tanh"
        found = layer_from_weights(weights, None if "lstm" in kind or "gru" in kind else relu)
        assert type(found) is type(layer), kind
        assert not found.training
        same_outputs(found, layer, layer.input_size)


def test_what_the_weights_of_a_plain_rnn_do_not_tell_is_told() -> None:
    """Its activation: torch's default, with a warning, or what is asked for; an LSTM has none."""
    state = nn.RNN(3, 5).state_dict()
    with pytest.warns(UserWarning, match="tanh or relu cannot be seen.*say nonlinearity="):
        assert layer_from_weights(state).mode == "RNN_TANH"
    assert layer_from_weights(state, nonlinearity="relu").mode == "RNN_RELU"
    with pytest.raises(WeightsError, match="nonlinearity must be 'tanh' or 'relu', got 'gelu'"):
        layer_from_weights(state, "gelu")
    with pytest.raises(WeightsError, match=r"an nn.LSTM, which has no relu"):
        layer_from_weights(nn.LSTM(3, 5).state_dict(), "relu")


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_cell_comes_back_as_the_layer_that_runs_it(kind: str, bias: bool) -> None:
    """Called step by step, the cell gives the same states (to rounding: another kernel)."""
    cell = getattr(nn, f"{kind}Cell")(3, 5, bias=bias).double()
    state = nn.ModuleDict({"decoder": nn.ModuleList([nn.Linear(2, 3), cell])}).state_dict()
    found = layer_from_weights(state, "tanh")
    assert weights_of_layer(state).is_cell
    x, carried, steps = torch.randn(7, 2, 3, dtype=torch.float64), None, []
    for step in x:
        carried = cell(step, carried)
        steps.append(carried[0] if kind == "LSTM" else carried)
    torch.testing.assert_close(found(x)[0], torch.stack(steps), rtol=0, atol=1e-14)


def several() -> nn.ModuleDict:
    """A network with three recurrent layers, one of them a cell."""
    return nn.ModuleDict(
        {
            "encoder": nn.ModuleDict({"rnn": nn.GRU(3, 5), "norm": nn.LayerNorm(5)}),
            "decoder": nn.ModuleList([nn.LSTM(5, 4), nn.LSTMCell(4, 4)]),
        }
    ).double()


@pytest.mark.parametrize("form", ["plain", "data parallel", "checkpoint"])
def test_of_several_layers_one_is_named(form: str) -> None:
    """The refusal lists them; each can be had, by its path in the model or in the file."""
    model = several()
    state = (nn.DataParallel(model) if form == "data parallel" else model).state_dict()
    weights = read_weights(saved({"model": state} if form == "checkpoint" else state))
    names = ["encoder.rnn", "decoder.0", "decoder.1"]
    assert layer_names(weights) == names
    with pytest.raises(
        WeightsError, match=r"3 recurrent layers, encoder.rnn, decoder.0, dec.*name"
    ):
        layer_from_weights(weights)
    with pytest.raises(WeightsError, match=r"no recurrent layer 'lstm'.*encoder.rnn, decoder.0"):
        layer_from_weights(weights, layer="lstm")
    same_outputs(layer_from_weights(weights, layer="encoder.rnn"), model["encoder"]["rnn"], 3)
    same_outputs(layer_from_weights(weights, layer="decoder.0"), model["decoder"][0], 5)
    cell = layer_from_weights(weights, layer="decoder.1")
    assert torch.equal(cell.weight_hh_l0, model["decoder"][1].weight_hh)
    if form == "data parallel":
        again = layer_from_weights(weights, layer="module.encoder.rnn")
        assert torch.equal(again.weight_hh_l0, model["encoder"]["rnn"].weight_hh_l0)


def test_of_several_state_dicts_each_keeps_its_place() -> None:
    """A copy that is averaged stands beside the network; neither is taken for the other."""
    first, second = nn.LSTM(3, 5).double(), nn.LSTM(3, 5).double()
    weights = read_weights(
        saved({"model": Model(first).state_dict(), "ema": Model(second).state_dict(), "step": 3})
    )
    assert layer_names(weights) == ["model.encoder.rnn", "ema.encoder.rnn"]
    same_outputs(layer_from_weights(weights, layer="ema.encoder.rnn"), second, 3)
    same_outputs(layer_from_weights(weights, layer="model.encoder.rnn"), first, 3)


NORMS: dict[str, tuple[str, Callable[[nn.Module, str], Any]]] = {
    "weight norm": ("weight_norm", parametrizations.weight_norm),
    "weight norm of columns": (
        "weight_norm", lambda layer, name: parametrizations.weight_norm(layer, name, dim=1)
    ),
    "weight norm of all": (
        "weight_norm",
        lambda layer, name: parametrizations.weight_norm(layer, name, dim=None),  # type: ignore[arg-type]
    ),
    "older weight norm": ("weight_norm", utils.weight_norm),
    "older weight norm of columns": (
        "weight_norm", lambda layer, name: utils.weight_norm(layer, name, dim=1)
    ),
    "older weight norm of all": (
        "weight_norm", lambda layer, name: utils.weight_norm(layer, name, dim=None)  # type: ignore[arg-type]
    ),
    "spectral norm": ("spectral_norm", parametrizations.spectral_norm),
    "spectral norm of columns": (
        "spectral_norm", lambda layer, name: parametrizations.spectral_norm(layer, name, dim=1)
    ),
    "older spectral norm": ("spectral_norm", utils.spectral_norm),
    "older spectral norm of columns": (
        "spectral_norm", lambda layer, name: utils.spectral_norm(layer, name, dim=1)
    ),
    "pruned": ("pruning", lambda layer, name: prune.l1_unstructured(layer, name, 0.4)),
}  # fmt: skip


@pytest.mark.parametrize("cell", [False, True])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_weights_that_are_made_are_made_as_torch_makes_them(
    kind: str, norm: str, cell: bool
) -> None:
    """After some updates, in eval mode; both matrices, the recurrent one of an RNN square."""
    torch.manual_seed(0)
    end = "" if cell else "_l0"
    layer = getattr(nn, kind + "Cell" * cell)(3, 4).double()
    names = [f"weight_ih{end}", f"weight_hh{end}"]
    way, apply = NORMS[norm]
    for name in names:
        apply(layer, name)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.5)
    x = torch.randn(*([] if cell else [7]), 2, 3, dtype=torch.float64)
    for _ in range(5):
        optimizer.zero_grad()
        output = layer(x)
        (output if isinstance(output, Tensor) else output[0]).square().sum().backward()
        optimizer.step()
    layer.eval()
    expected = layer(x)
    state = Model(layer).state_dict()
    found = layer_from_weights(read_weights(saved(state)), "tanh")
    assert set(weights_of_layer(state).made.values()) == {way}
    for name in names:
        assert torch.equal(getattr(found, name.removesuffix("_l0") + "_l0"), getattr(layer, name))
    if not cell:
        torch.testing.assert_close(found(x)[0], expected[0], rtol=0, atol=0)


@pytest.mark.parametrize("stale", [False, True])
def test_a_dropped_weight_is_whole(stale: bool) -> None:
    """As in eval mode; what is left of the last training step beside it is not taken."""
    layer = nn.LSTM(3, 4).double()
    state = {f"rnns.0.module.{name}": tensor for name, tensor in layer.state_dict().items()}
    state["rnns.0.weight_hh_l0_raw"] = state["rnns.0.module.weight_hh_l0"]
    state["rnns.0.module.weight_hh_l0"] = nn.Dropout(0.5)(layer.weight_hh_l0.detach())
    if not stale:
        del state["rnns.0.module.weight_hh_l0"]
    assert layer_names(state) == ["rnns.0"]
    same_outputs(layer_from_weights(state), layer, 3)
    assert weights_of_layer(state).made == {"weight_hh_l0": "weight_drop"}


class Half(nn.Module):
    """A parametrization of somebody's own: nothing in a state dict tells what it does."""

    def forward(self, x: Tensor) -> Tensor:
        """Half of it."""
        return x / 2


UNTOLD: dict[str, tuple[Callable[[nn.Module], Any], str]] = {
    "orthogonal": (
        lambda layer: parametrizations.orthogonal(layer, "weight_hh_l0"),
        r"\(as orthogonal does\)",
    ),
    "householder": (
        lambda layer: parametrizations.orthogonal(
            layer, "weight_hh_l0", orthogonal_map="householder", use_trivialization=False
        ),
        "is parametrized, and the file does not say",
    ),
    "own": (
        lambda layer: utils.parametrize.register_parametrization(layer, "weight_hh_l0", Half()),
        "is parametrized, and the file does not say",
    ),
    "two": (
        lambda layer: utils.parametrize.register_parametrization(
            parametrizations.orthogonal(layer, "weight_hh_l0"), "weight_hh_l0", Half()
        ),
        "is parametrized",
    ),
}


@pytest.mark.parametrize("name", UNTOLD)
def test_a_parametrization_that_cannot_be_seen_is_refused(name: str) -> None:
    """By the weight's name; after the fix that it names the layer comes back."""
    apply, words = UNTOLD[name]
    layer = nn.GRU(3, 4).double()
    apply(layer)
    with pytest.raises(WeightsError, match=words) as caught:
        layer_from_weights(Model(layer).state_dict())
    assert str(caught.value).startswith("encoder.rnn.weight_hh_l0 is parametrized")
    assert "remove_parametrizations(model.encoder.rnn, 'weight_hh_l0')" in str(caught.value)
    expected = layer(torch.ones(3, 1, 3, dtype=torch.float64))[0]
    utils.parametrize.remove_parametrizations(layer, "weight_hh_l0")
    found = layer_from_weights(Model(layer).state_dict())
    torch.testing.assert_close(found(torch.ones(3, 1, 3, dtype=torch.float64))[0], expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("norm", [False, True])
def test_half_precision_becomes_float32(dtype: torch.dtype, norm: bool) -> None:
    """The same numbers; of a weight that is made, those that the half layer computes with."""
    layer = nn.LSTM(3, 5).to(dtype)
    if norm:
        parametrizations.weight_norm(layer, "weight_hh_l0")
    found = layer_from_weights(read_weights(safetensors.torch.save(layer.state_dict())))
    assert found.weight_hh_l0.dtype == torch.float32
    assert torch.equal(found.weight_hh_l0, layer.weight_hh_l0.float())
