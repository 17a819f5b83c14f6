"""A layer from its weights: every kind comes back, and what is wrong gets one sentence."""

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor, nn

from gatescope.reading import WeightsError, layer_from_weights, read_weights

LAYERS: dict[str, Callable[[], nn.RNNBase]] = {
    "rnn": lambda: nn.RNN(3, 5),
    "rnn_relu": lambda: nn.RNN(3, 5, nonlinearity="relu"),
    "gru": lambda: nn.GRU(2, 4, num_layers=3),
    "lstm": lambda: nn.LSTM(3, 5, bidirectional=True),
    "lstm_plain": lambda: nn.LSTM(1, 1, num_layers=2, bias=False),
    "lstm_projected": lambda: nn.LSTM(3, 6, num_layers=2, proj_size=2, bidirectional=True),
    "double": lambda: nn.GRU(3, 5).double(),
}


def saved(value: Any, **options: Any) -> bytes:
    """What torch.save writes."""
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


@pytest.mark.filterwarnings("ignore:LSTM with projections")  # torch's own, of float32
@pytest.mark.parametrize("prefix", ["", "encoder.0.lstm."])
@pytest.mark.parametrize("form", ["safetensors", "torch"])
@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_comes_back_from_its_weights(kind: str, form: str, prefix: str) -> None:
    """Kind and sizes are inferred; its outputs are those of the layer that was saved."""
    layer = LAYERS[kind]()
    state = {prefix + name: tensor for name, tensor in layer.state_dict().items()}
    data = safetensors.torch.save(state) if form == "safetensors" else saved(state)
    found = layer_from_weights(read_weights(data), "relu" if kind == "rnn_relu" else "tanh")
    assert type(found) is type(layer)
    assert not found.training
    x = torch.randn(7, 2, layer.input_size, dtype=layer.weight_ih_l0.dtype)
    torch.testing.assert_close(found(x)[0], layer(x)[0], rtol=0, atol=0)


def test_half_precision_becomes_float32() -> None:
    """The same numbers."""
    layer = nn.LSTM(3, 5).bfloat16()
    found = layer_from_weights(read_weights(safetensors.torch.save(layer.state_dict())))
    assert found.weight_hh_l0.dtype == torch.float32
    assert torch.equal(found.weight_hh_l0, layer.weight_hh_l0.float())


class Bomb:
    """Unpickled as code, it would leave a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def changed(**more: Tensor | None) -> dict[str, Tensor]:
    """The weights of an LSTM, some of them others; None leaves one out."""
    state = dict(nn.LSTM(3, 5, num_layers=2).state_dict()) | more
    return {name: tensor for name, tensor in state.items() if tensor is not None}


def header(size: int, text: bytes) -> bytes:
    """The beginning of a safetensors file that claims a header of that size."""
    return size.to_bytes(8, "little") + text


def claiming(count: int) -> bytes:
    """A safetensors file whose header claims that many float32 numbers."""
    entry = {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]}
    text = json.dumps({"weight_ih_l0": entry}).encode()
    return header(len(text), text + b"\0" * 16)


def packed() -> bytes:
    """A file by torch.save, packed: a small file that becomes a large one."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved({"weight_ih_l0": torch.zeros(200_000)}))) as source,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for member in source.infolist():
            target.writestr(member.filename, source.read(member))
    return file.getvalue()


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "the file is empty"),
    "text": (lambda: b"time,value\n0,1\n", "neither safetensors nor what torch.save writes"),
    "short": (lambda: b"abc", "neither safetensors"),
    "header of 10 GB": (lambda: header(10**10, b"{}"), "neither safetensors"),
    "tensor of 10 GB": (lambda: claiming(10**10 // 4), "neither safetensors"),
    "truncated safetensors": (
        lambda: safetensors.torch.save(changed())[:-9], "neither safetensors"
    ),
    "truncated": (lambda: saved(changed())[:-200], "damaged or cut off"),
    "zip of something else": (lambda: _zip({"a.txt": b"hello"}), "cannot be read as weights"),
    "packed": (packed, "claims to hold 1 MB and has 0.0 MB"),
    "huge by strides": (
        lambda: saved({"weight_ih_l0": torch.zeros(1).expand(10**10)}), "weights take 40,000 MB"
    ),
    "a whole model": (lambda: saved(nn.LSTM(3, 5)), "more than tensors, and nothing of it was run"),
    "a list": (lambda: saved([torch.zeros(3)]), "holds list, not a state dict"),
    "a checkpoint": (
        lambda: saved({"epoch": 3, "state": changed()}), "'epoch' is int, not a tensor"
    ),
    "nothing": (lambda: safetensors.torch.save({}), "holds no tensor"),
    "old pickle": (
        lambda: saved(changed(), _use_new_zipfile_serialization=False), "neither safetensors"
    ),
}  # fmt: skip


def _zip(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_holds_no_weights(name: str) -> None:
    """One sentence, whatever the bytes are."""
    make, words = FILES[name]
    with pytest.raises(WeightsError, match=words) as caught:
        read_weights(make())
    assert "\n" not in str(caught.value)


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    """Code in a pickle, alone or inside a state dict, is refused before it runs."""
    hostile = tmp_path / "ran"
    for value in (Bomb(hostile), {"weight_ih_l0": Bomb(hostile)}):
        with pytest.raises(WeightsError, match="nothing of it was run"):
            read_weights(saved(value))
    with pytest.raises(WeightsError):
        read_weights(pickle.dumps(Bomb(hostile)))
    assert not hostile.exists()
    torch.load(io.BytesIO(saved(Bomb(hostile))), weights_only=False)
    assert hostile.exists(), "the file does run something where it may"


NAN = torch.full((20, 5), float("nan"))
STATES: dict[str, tuple[Callable[[], dict[str, Tensor]], str]] = {
    "no layer": (lambda: dict(nn.Linear(2, 3).state_dict()), "no weights of a recurrent.*weight,"),
    "two layers": (
        lambda: {f"{p}.{n}": t for p in ("enc", "dec") for n, t in changed().items()},
        "weights of 2 recurrent layers, dec., enc.: save one of them",
    ),
    "something beside": (
        lambda: changed() | {"fc.weight": torch.zeros(3, 5)},
        "fc.weight does not belong to a recurrent layer",
    ),
    "missing": (lambda: changed(weight_hh_l1=None), "weight_hh_l1 is missing"),
    "first missing": (lambda: changed(weight_ih_l0=None), "weight_ih_l0 is missing"),
    "bias missing": (lambda: changed(bias_hh_l0=None), "bias_hh_l0 is missing"),
    "a vector": (lambda: changed(weight_ih_l0=torch.zeros(20)), "weight_ih_l0 is missing"),
    "one direction more": (
        lambda: changed(weight_ih_l0_reverse=torch.zeros(20, 3)), "weight_hh_l0_reverse is missing"
    ),
    "layer far away": (
        lambda: changed(weight_ih_l999999999=torch.zeros(20, 5)), "a layer 999999999, and no"
    ),
    "mixed layers": (
        lambda: changed(weight_ih_l1=torch.zeros(20, 7)),
        r"weight_ih_l1 is \(20, 7\), and \(20, 5\) fits this nn.LSTM",
    ),
    "mixed kinds": (
        lambda: changed(weight_ih_l0=torch.zeros(15, 3), weight_hh_l0=torch.zeros(15, 5)),
        r"bias_ih_l0 is \(20,\), and \(15,\) fits this nn.GRU",
    ),
    "no cell": (lambda: changed(weight_ih_l0=torch.zeros(17, 3)), "that is no nn.RNN, nn.GRU or"),
    "no unit": (
        lambda: changed(weight_ih_l0=torch.zeros(0, 3), weight_hh_l0=torch.zeros(0, 0)),
        "that is no nn.RNN",
    ),
    "projected GRU": (
        lambda: dict(nn.GRU(3, 5).state_dict()) | {"weight_hr_l0": torch.zeros(2, 5)},
        "an nn.LSTM alone",
    ),
    "not finite": (lambda: changed(weight_hh_l0=NAN), "weight_hh_l0 holds a number"),
    "two precisions": (
        lambda: changed(weight_hh_l0=torch.zeros(20, 5).double()), "are float32, float64"
    ),
    "whole numbers": (
        lambda: {n: t.long() for n, t in changed().items()}, "the weights are int64"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_weights_that_are_no_layer(name: str) -> None:
    """The name, what it is, and what would fit."""
    make, words = STATES[name]
    with pytest.raises(WeightsError, match=words) as caught:
        layer_from_weights(make())
    assert "\n" not in str(caught.value)
