"""Files and tensors of which no layer can be had: each gets one sentence that names what it is."""

import functools
import gzip
import io
import json
import pickle
import random
import tarfile
import zipfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import h5py
import joblib
import numpy as np
import pytest
import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn import utils
from torch.nn.utils import parametrizations

from gatescope.loading import WeightsError, layer_from_weights, layer_names, read_weights


def saved(value: Any, **options: Any) -> bytes:
    """What torch.save writes."""
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


OLD = functools.partial(saved, _use_new_zipfile_serialization=False)


class Growing:
    """Unpickled, it would take as much memory as it likes; torch's reader of weights lets it."""

    def __reduce__(self) -> Any:
        return bytearray, (3 * 10**9,)


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


def flipped(data: bytes, where: bytes) -> bytes:
    """A file with another bit in these bytes of it."""
    assert where in data
    return data.replace(where, bytes([where[0] ^ 1]) + where[1:], 1)


def zipped(*names: str) -> bytes:
    """An archive with these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"hello")
    return file.getvalue()


def tarred() -> bytes:
    """A tar archive of one file."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("model.pt"))
    return file.getvalue()


def script() -> bytes:
    """What torch.jit.save writes."""
    file = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.LSTM(3, 4)), file)
    return file.getvalue()


def exported() -> bytes:
    """What torch.export.save writes."""
    file = io.BytesIO()
    torch.export.save(torch.export.export(nn.Linear(3, 4), (torch.zeros(2, 3),)), file)
    return file.getvalue()


def hdf5(**attributes: str) -> bytes:
    """An HDF5 file with these attributes at its root, as Keras writes its version."""
    file = io.BytesIO()
    with h5py.File(file, "w") as found:
        found.attrs.update(attributes)
        found["model_weights/lstm/kernel"] = np.zeros((3, 20))
    return file.getvalue()


def written(write: Callable[[Any], Any]) -> bytes:
    """What a function writes into a file."""
    file = io.BytesIO()
    write(file)
    return file.getvalue()


# the first fields of an ONNX model by PyTorch, and of a SavedModel, as protobuf writes them
ONNX = b"\x08\x08\x12\x07pytorch\x1a\x052.1.0:" + b"\xc8\x01\n\x0bmain_graph" + bytes(200)
SAVED_MODEL = b"\x08\x01\x12\xf0\xd2\x05\n\xa5\xd0\x05\x12\xd0\xcf\x05" + bytes(200)
LEVELDB = bytes(300) + bytes.fromhex("57fb808b247547db")

FOREIGN: dict[str, tuple[Callable[[], bytes], str]] = {
    "keras h5": (lambda: hdf5(keras_version="2.15.0"), "is a Keras model.*transposed"),
    "keras": (
        lambda: zipped("metadata.json", "config.json", "model.weights.h5"), "is a Keras model"
    ),
    "another h5": (hdf5, "is an HDF5 file"),
    "onnx": (lambda: ONNX, "looks like an ONNX model"),
    "core ml": (
        lambda: b"\x08\x04\x12\x80\x01\x0a\x20\x0a\x05input" + bytes(range(200)), "Core ML model"
    ),
    "core ml of a version": (
        lambda: b"\x08\x01\x12\x20\x0a\x1c\x0a\x05input" + bytes(range(200)), "Core ML model"
    ),
    "a frozen graph": (
        lambda: b"\x0a\x2d\x0a\x05input\x12\x0bPlaceholder*\x0b" + bytes(range(200)),
        "is a TensorFlow model",
    ),
    "a frozen graph of a long node": (
        lambda: b"\x0a\xad\x02\x0a\x06lstm/W\x12\x05Const*\x0b" + bytes(range(200)),
        "is a TensorFlow model",
    ),
    "saved model": (lambda: SAVED_MODEL, "is a TensorFlow model"),
    "saved model, zipped": (
        lambda: zipped("m/saved_model.pb", "m/variables/variables.index"), "is a TensorFlow model"
    ),
    "tensorflow checkpoint": (lambda: LEVELDB, "is a TensorFlow model"),
    "tflite": (lambda: b"\x1c\0\0\0TFL3" + bytes(99), "is a TensorFlow model"),
    "npy": (lambda: written(lambda f: np.save(f, np.zeros(3))), "are NumPy arrays"),
    "npz": (lambda: written(lambda f: np.savez(f, kernel=np.zeros(3))), "are NumPy arrays"),
    "pickle": (lambda: pickle.dumps(changed()), "is a Python pickle"),
    "pickle, protocol 0": (lambda: pickle.dumps({"a": 1}, protocol=0), "is a Python pickle"),
    "pickle, protocol 2": (lambda: pickle.dumps({"a": 1}, protocol=2), "is a Python pickle"),
    "joblib": (lambda: written(lambda f: joblib.dump([np.zeros(9)], f)), "is a Python pickle"),
    "joblib, packed": (
        lambda: written(lambda f: joblib.dump([1], f, compress=3)), "is a Python pickle"
    ),
    "torchscript": (script, "is a TorchScript archive.*torch.jit.load"),
    "torch.export": (exported, "is a program of torch.export.*torch.export.load"),
    "gguf": (lambda: b"GGUF\x03\0\0\0" + bytes(99), "is a GGUF file"),
    "matlab": (lambda: b"MATLAB 5.0 MAT-file" + bytes(99), "is a MATLAB file"),
    "gzip": (lambda: gzip.compress(saved(changed())), "packed by gzip: unpack"),
    "tar": (tarred, "is a tar archive: unpack"),
    "zip": (lambda: zipped("policy.pth", "data"), "zip archive of policy.pth, data: unpack"),
    "an empty zip": (zipped, "neither safetensors"),
    "git lfs": (lambda: b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS pointer"),
    "a web page": (lambda: b"<!DOCTYPE html><html>404", "is a web page"),
    "csv": (lambda: b"time,value\n0,1\n", "is text, not a file of weights"),
    "umlauts": (lambda: ("ä" * 3000).encode(), "is text, not a file of weights"),
}  # fmt: skip

DAMAGED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "the file is empty"),
    "noise": (lambda: random.Random(0).randbytes(500), "neither safetensors nor what torch.save"),
    "header of 10 GB": (lambda: header(10**10, b"{}"), "safetensors file is damaged or cut off"),
    "tensor of 10 GB": (lambda: claiming(10**10 // 4), "safetensors file is damaged or cut off"),
    "truncated safetensors": (
        lambda: safetensors.torch.save(changed())[:-9], "safetensors file is damaged or cut off"
    ),
    "truncated": (lambda: saved(changed())[:-200], "damaged or cut off"),
    "truncated, old format": (lambda: OLD(changed())[:-20], "damaged or cut off .*20 more bytes"),
    "truncated early, old format": (lambda: OLD(changed())[:90], "damaged or cut off"),
    "one bit of a number": (
        lambda: flipped(saved({"weight_ih_l0": torch.full((9,), 0.7)}), b"\x33\x33\x33\x3f"),
        "checksum of archive/data/0 in the file is wrong, so the file is damaged",
    ),
    "packed": (packed, r"claims to hold 80\d,\d{3} bytes, but has \d,\d{3}: "),
    "nothing": (lambda: safetensors.torch.save({}), "holds no tensor"),
    "no tensor": (lambda: saved({"epoch": 3, "args": [1, "a"]}), "no tensor, but dict"),
    "a number": (lambda: saved(3), "no tensor, but int"),
    "a whole model": (lambda: saved(nn.LSTM(3, 5)), "more than tensors .*LSTM.*none of it was"),
    "a whole model, old format": (
        lambda: OLD(nn.GRU(3, 5)), r"more than tensors \(torch.nn.modules.rnn.GRU\), and none of"
    ),
    "numpy inside": (
        lambda: saved({"model": changed(), "loss": np.float64(3)}),
        r"more than tensors \(numpy.*\).*model.state_dict\(\)",
    ),
    "3 GB of nothing": (
        lambda: saved({"model": changed(), "x": Growing()}), r"more than tensors \(bytearray\)"
    ),
    "3 GB of nothing, old format": (
        lambda: OLD({"model": changed(), "x": Growing()}), r"more than tensors \(bytearray\)"
    ),
    "another protocol": (lambda: saved(changed(), pickle_protocol=4), "another protocol than 2"),
    "another protocol, old format": (
        lambda: OLD(changed(), pickle_protocol=4), "another protocol than 2"
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")  # torch's own
@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")  # TorchScript
@pytest.mark.parametrize("name", FOREIGN | DAMAGED)
def test_a_file_that_holds_no_weights(name: str) -> None:
    """One sentence, with the fix, whatever the bytes are."""
    make, words = (FOREIGN | DAMAGED)[name]
    with pytest.raises(WeightsError, match=words) as caught:
        read_weights(make())
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    assert ": " in str(caught.value)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")  # torch's own
@pytest.mark.parametrize("write", [saved, OLD, safetensors.torch.save])
def test_a_broken_file_is_read_or_refused(write: Callable[[Any], bytes]) -> None:
    """Cut anywhere or with other bytes somewhere: an error of ours, or tensors."""
    whole, chance = write(nn.GRU(1, 2).state_dict()), random.Random(1)
    broken = [whole[:end] for end in chance.sample(range(len(whole)), 60)]
    for _ in range(240):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 3, 30])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        broken.append(bytes(data))
    told = set()
    for data in broken:
        try:
            layer_from_weights(read_weights(data))
        except WeightsError as error:
            told.add(str(error))
    assert len(told) > 3
    assert not any("\n" in each for each in told)


@pytest.mark.parametrize("write", [saved, OLD])
def test_nothing_in_a_file_is_run(write: Callable[[Any], bytes], tmp_path: Path) -> None:
    """Code in a pickle, alone or inside a state dict, is refused before it runs."""
    hostile = tmp_path / "ran"
    for value in (Bomb(hostile), {"weight_ih_l0": Bomb(hostile)}, {"model": {"x": Bomb(hostile)}}):
        with pytest.raises(WeightsError, match="none of it was run"):
            read_weights(write(value))
    for data in (pickle.dumps(Bomb(hostile)), written(lambda f: joblib.dump(Bomb(hostile), f))):
        with pytest.raises(WeightsError, match="none of it was run"):
            read_weights(data)
    assert not hostile.exists()
    torch.load(io.BytesIO(write(Bomb(hostile))), weights_only=False)
    assert hostile.exists(), "the file does run something where it may"


NAN = torch.full((20, 5), float("nan"))
LOOP: dict[str, Any] = {"a": torch.zeros(3)}
LOOP["b"] = [LOOP, {"c": LOOP}]

STATES: dict[str, tuple[Callable[[], Any], str]] = {
    "no layer": (lambda: dict(nn.Linear(2, 3).state_dict()), "no weights of a recurrent.*weight,"),
    "a loop": (lambda: LOOP, "no weights of a recurrent layer, such as weight_ih_l0, but a:"),
    "a list": (lambda: [torch.zeros(3)], "a state dict is needed, got list"),
    "a model": (lambda: nn.LSTM(3, 5), r"got LSTM: give model.state_dict\(\)"),
    "a path": (lambda: "model.pt", "a state dict is needed, got str"),
    "two layers": (
        lambda: {f"{p}.{n}": t for p in ("enc", "dec") for n, t in changed().items()},
        "weights of 2 recurrent layers, enc, dec: name one, for example by layer='enc'",
    ),
    "something beside": (
        lambda: changed() | {"fc.weight": torch.zeros(3, 5)},
        "fc.weight does not belong to a recurrent layer",
    ),
    "a cell with norms": (
        lambda: {
            **{f"rnn.cell.{n}": t for n, t in nn.LSTMCell(3, 5).state_dict().items()},
            "rnn.cell.norm_i.weight": torch.ones(5),
        },
        "norm_i.weight does not belong to a recurrent layer of PyTorch, but is inside rnn.cell",
    ),
    "missing": (lambda: changed(weight_hh_l1=None), "weight_hh_l1 is missing"),
    "first missing": (lambda: changed(weight_ih_l0=None), "weight_ih_l0 is missing"),
    "bias missing": (lambda: changed(bias_hh_l0=None), "bias_hh_l0 is missing"),
    "bias of a cell missing": (
        lambda: {"dec.weight_ih": torch.zeros(9, 2), "dec.weight_hh": torch.zeros(9, 3),
                 "dec.bias_ih": torch.zeros(9)},
        r"^dec.bias_hh is missing, but this nn.GRUCell needs it",
    ),
    "a vector": (lambda: changed(weight_ih_l0=torch.zeros(20)), r"is \(20,\), but must be"),
    "one direction more": (
        lambda: changed(weight_ih_l0_reverse=torch.zeros(20, 3)), "weight_hh_l0_reverse is missing"
    ),
    "layer far away": (
        lambda: changed(weight_ih_l999=torch.zeros(20, 5)), "layer 999 has weights, but"
    ),
    "layer of no number that a layer has": (
        lambda: changed(weight_ih_l999999999=torch.zeros(20, 5)),
        "weight_ih_l999999999 does not belong to a recurrent layer",
    ),
    "mixed layers": (
        lambda: changed(weight_ih_l1=torch.zeros(20, 7)),
        r"weight_ih_l1 is \(20, 7\), but this nn.LSTM needs \(20, 5\)",
    ),
    "mixed kinds": (
        lambda: changed(weight_ih_l0=torch.zeros(15, 3), weight_hh_l0=torch.zeros(15, 5)),
        r"bias_ih_l0 is \(20,\), but this nn.GRU needs \(15,\)",
    ),
    "a cell and a layer": (
        lambda: changed(weight_hh=torch.zeros(20, 5)), "weight_hh does not belong to this nn.LSTM"
    ),
    "no cell": (lambda: changed(weight_ih_l0=torch.zeros(17, 3)), "not an nn.RNN.*multiple of 5"),
    "two gates": (
        lambda: changed(weight_ih_l0=torch.zeros(10, 3)), "not an nn.RNN, nn.GRU.*here 2 times 5"
    ),
    "no unit": (
        lambda: changed(weight_ih_l0=torch.zeros(0, 3), weight_hh_l0=torch.zeros(0, 0)),
        "this is not an nn.RNN",
    ),
    "projected GRU": (
        lambda: dict(nn.GRU(3, 5).state_dict()) | {"weight_hr_l0": torch.zeros(2, 5)},
        "only an nn.LSTM",
    ),
    "projected upwards": (
        lambda: changed(weight_hr_l0=torch.zeros(5, 5)), "a projection has fewer rows"
    ),
    "not finite": (lambda: changed(weight_hh_l0=NAN), "weight_hh_l0 holds NaN or infinity"),
    "two precisions": (
        lambda: changed(weight_hh_l0=torch.zeros(20, 5).double()), "are float32, float64"
    ),
    "whole numbers": (lambda: {n: t.long() for n, t in changed().items()}, "weight_ih_l0 is int64"),
    "complex": (
        lambda: {n: t.to(torch.complex64) for n, t in changed().items()}, "is complex64, but a recu"
    ),
    "float8": (
        lambda: {n: t.to(torch.float8_e4m3fn) for n, t in changed().items()}, "is float8_e4m3fn"
    ),
    "sparse": (
        lambda: {n: t.to_sparse() for n, t in changed().items()}, r"stored as sparse_coo.*to_dense"
    ),
    "sparse rows": (lambda: changed(weight_hh_l0=torch.eye(5).to_sparse_csr()), "as sparse_csr"),
    "meta": (lambda: nn.LSTM(3, 5, device="meta").state_dict(), "on the meta device.*no numbers"),
    "quantized": (
        lambda: changed(weight_hh_l0=torch.quantize_per_tensor(NAN * 0, 0.1, 0, torch.qint8)),
        r"is quantized \(qint8\): save the weights from before",
    ),
    "huge by strides": (
        lambda: {"weight_hh_l0": torch.zeros(1, 1).expand(10**5, 10**5)}, "take 40,000 MB"
    ),
    "norms that do not fit": (
        lambda: changed(weight_hh_l0=None, weight_hh_l0_g=torch.ones(3), weight_hh_l0_v=NAN),
        r"made from \(20, 5\) numbers and norms of \(3,\)",
    ),
    "a mask that does not fit": (
        lambda: changed(weight_hh_l0=None, weight_hh_l0_orig=NAN, weight_hh_l0_mask=NAN[0]),
        r"made from \(20, 5\) numbers and mask of \(5,\)",
    ),
    "vectors that do not fit": (
        lambda: changed(weight_hh_l0=None) | {
            f"weight_hh_l0_{end}": NAN if end == "orig" else NAN[0] for end in ("orig", "u", "v")
        },
        r"made from \(20, 5\) numbers and vectors of \(5,\)",
    ),
    "pruned and whole": (
        lambda: changed(weight_hh_l0_orig=NAN, weight_hh_l0_mask=NAN),
        "stored as weight_hh_l0, weight_hh_l0_mask, weight_hh_l0_orig, which does not say",
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*[Ss]parse:UserWarning")
@pytest.mark.filterwarnings("ignore:.*quantize:UserWarning")
@pytest.mark.parametrize("name", STATES)
def test_weights_that_are_no_layer(name: str) -> None:
    """The name, what it is, and what would fit."""
    make, words = STATES[name]
    with pytest.raises(WeightsError, match=words) as caught:
        layer_from_weights(make())
    assert "\n" not in str(caught.value)
    assert ": " in str(caught.value)


def test_a_name_may_be_long_and_strange() -> None:
    """What is told of it stays in one line."""
    strange = {f"{'x' * 5000}\n{n}": t for n, t in nn.Linear(2, 2).state_dict().items()}
    with pytest.raises(WeightsError) as caught:
        layer_names(strange)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_not_the_content_of_a_file() -> None:
    """A path is told from bytes."""
    with pytest.raises(WeightsError, match=r"got str: give Path\(path\).read_bytes\(\)"):
        read_weights("model.pt")  # type: ignore[arg-type]


@pytest.mark.parametrize("calls", [0, 1, 2, 20])
@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize("norm", [utils.spectral_norm, parametrizations.spectral_norm])
def test_a_square_spectral_norm_is_made_rightly_or_refused(
    norm: Callable[..., Any], dim: int, calls: int
) -> None:
    """However little it was trained; its shapes do not tell which dimension came first."""
    made, refused = 0, set()
    for seed, hidden in product(range(8), (3, 4, 16)):
        torch.manual_seed(seed)
        layer = nn.RNN(2, hidden)
        norm(layer, "weight_hh_l0", dim=dim)
        optimizer = torch.optim.Adam(layer.parameters(), 1e-3)
        for _ in range(calls):
            optimizer.zero_grad()
            layer(torch.randn(3, 1, 2))[0].square().sum().backward()
            optimizer.step()
        layer.eval()
        x = torch.randn(5, 1, 2)
        expected = layer(x)[0]
        try:
            found = layer_from_weights(layer.state_dict(), "tanh")
        except WeightsError as error:
            refused.add(str(error))
            continue
        torch.testing.assert_close(found(x)[0], expected)
        made += 1
    assert made > 12 or calls < 20
    assert all("remove_spectral_norm(layer, 'weight_hh_l0')" in said for said in refused)


def nested(value: Any, depth: int) -> Any:
    """Dicts around it."""
    for _ in range(depth):
        value = {"state": value}
    return value


@pytest.mark.parametrize("depth", [1, 3, 6, 7, 8, 50])
def test_weights_that_lie_too_deep_are_called_so(depth: int) -> None:
    held = nested(nn.LSTM(2, 3).state_dict(), depth)
    if depth <= 6:
        assert layer_names(read_weights(saved(held))) == [""]
        return
    for read in (lambda: read_weights(saved(held)), lambda: layer_names(held)):
        with pytest.raises(WeightsError, match="its tensors are nested in more than 6 dicts"):
            read()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.LSTMCell, nn.Linear])
@pytest.mark.parametrize("way", ["file", "dict", "checkpoint"])
def test_a_quantized_model_is_called_so(kind: type[nn.Module], way: str) -> None:
    model = nn.Sequential(kind(3, 4))
    packed = torch.ao.quantization.quantize_dynamic(model, {kind}, dtype=torch.qint8)
    state = packed.state_dict()
    held = {"epoch": 3, "model": state} if way == "checkpoint" else state
    with pytest.raises(WeightsError, match="the weights of a quantized model cannot be read"):
        layer_names(read_weights(saved(held)) if way == "file" else held)
