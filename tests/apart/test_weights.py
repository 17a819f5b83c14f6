"""Hostile weights: each refused in a sentence, or the layer that it holds, whatever is beside it."""

# ruff: noqa: E501  a line a file

import io
import json
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from gatescope.apart import Files
from gatescope.loading import WeightsError

MOST = 2**25
Sentence = Callable[[Callable[[], object], type[Exception]], str]
State = dict[str, Any]


def state() -> State:
    torch.manual_seed(0)
    return dict(nn.GRU(2, 3).state_dict())


def saved(value: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


def packed(value: State) -> bytes:
    return safetensors.torch.save({name: each.contiguous() for name, each in value.items()})


def with_(**tensors: Any) -> bytes:
    return saved(state() | tensors)


def each(change: Callable[[torch.Tensor], Any]) -> bytes:
    return saved({name: change(tensor) for name, tensor in state().items()})


def flat(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """A tensor of one number, which claims many."""
    return torch.zeros(1, dtype=dtype).expand(*shape)


def header(told: Any, data: bytes = b"", length: int | None = None) -> bytes:
    head = told if isinstance(told, bytes) else json.dumps(told).encode()
    size = len(head) if length is None else length
    return struct.pack("<Q", size) + head + data


def entry(shape: list[Any], begin: int, end: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def rezipped(change: Callable[[str, bytes], list[tuple[str, bytes]]], method: int = 0) -> bytes:
    """The archive of torch.save with other members."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved(state()))) as old,
        zipfile.ZipFile(file, "w", method) as new,
    ):
        for name in old.namelist():
            for there, data in change(name, old.read(name)):
                new.writestr(there, data)
    return file.getvalue()


def bytes_bent(data: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    for old, new in changes:
        assert old in data
        data = data.replace(old, new)
    return data


def nested(depth: int) -> Any:
    value: Any = state()
    for _ in range(depth):
        value = {"model": value}
    return value


def circle() -> Any:
    value: State = {"epoch": 1}
    value["self"] = value
    return value


def pickled_calls(name: str, *arguments: bytes) -> bytes:
    """A pickle, protocol 2, in torch's archive that calls a function."""
    module, _, called = name.rpartition(".")
    code = b"\x80\x02c" + module.encode() + b"\n" + called.encode() + b"\n("
    code += b"".join(arguments) + b"tR."
    return rezipped(lambda n, d: [(n, code if n.endswith("data.pkl") else d)])


DEEP = b"[" * 100_000 + b"]" * 100_000
HEAD = b"PK\x01\x02\x00\x00\x00\x00\x08\x08\x00\x00"
"""Of a member in the list at the end of a zip: versions, flags, method."""

DIGITS = "weight_ih_l" + "9" * 5000

HOSTILE: dict[str, Callable[[], bytes]] = {
    "stride 0, 4 GB": lambda: saved({"weight_ih_l0": flat(30_000, 30_000), "weight_hh_l0": flat(30_000, 10_000)}),
    "stride 0, 250 MB": lambda: saved({"weight_ih_l0": flat(12_000, 1000), "weight_hh_l0": flat(12_000, 4000)}),
    "stride 0, 250 MB of float64": lambda: saved({
        "weight_ih_l0": flat(9000, 1, dtype=torch.float64), "weight_hh_l0": flat(9000, 3000, dtype=torch.float64)}),
    "stride 0, all numbers": lambda: saved({"weight_ih_l0": flat(2**30, 2**30), "weight_hh_l0": flat(2**30, 2**30)}),
    "half, larger in float32": lambda: saved({"weight_ih_l0": flat(9000, 1).half(), "weight_hh_l0": flat(9000, 3000).half()}),
    "sparse": lambda: each(lambda t: t.to_sparse()),
    "sparse, compressed": lambda: saved({n: t.to_sparse_csr() if t.ndim == 2 else t for n, t in state().items()}),
    "sparse, huge": lambda: with_(weight_hh_l0=torch.sparse_coo_tensor(torch.zeros(2, 1).long(), torch.ones(1), (10**9, 10**9))),
    "meta": lambda: each(lambda t: t.to("meta")),
    "quantized": lambda: each(lambda t: torch.quantize_per_tensor(t, 0.1, 0, torch.qint8)),
    "complex": lambda: each(lambda t: t.to(torch.complex64)),
    "whole numbers": lambda: each(lambda t: t.to(torch.int8)),
    "bools": lambda: each(lambda t: t > 0),
    "8 bits": lambda: each(lambda t: t.to(torch.float8_e4m3fn)),
    "nested tensors": lambda: with_(weight_hh_l0=torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged)),
    "not finite": lambda: with_(bias_hh_l0=torch.full((9,), torch.inf)),
    "one not finite": lambda: with_(bias_hh_l0=torch.tensor([torch.nan] + [0.0] * 8)),
    "scalars": lambda: each(lambda t: t.sum()),
    "of no size": lambda: each(lambda t: t[:0]),
    "of five dimensions": lambda: each(lambda t: t[None, None, None]),
    "of 1,000 dimensions": lambda: header({"weight_ih_l0": entry([1] * 1000, 0, 4)}, bytes(4)),
    "of other widths": lambda: with_(weight_hh_l0=torch.zeros(9, 4)),
    "of 7 gates": lambda: saved({"weight_ih_l0": torch.zeros(21, 2), "weight_hh_l0": torch.zeros(21, 3)}),
    "no weight of the input": lambda: saved({n: t for n, t in state().items() if n != "weight_ih_l0"}),
    "no bias of one": lambda: saved({n: t for n, t in state().items() if n != "bias_ih_l0"}),
    "a layer of 5,000 digits": lambda: saved({DIGITS: torch.zeros(9, 2), "weight_hh_l0": torch.zeros(9, 3)}),
    "a layer of 5,000 digits beside": lambda: saved(state() | {DIGITS: torch.zeros(9, 2)}),
    "a layer of 12 digits": lambda: saved(state() | {"weight_ih_l999999999999": torch.zeros(9, 3)}),
    "a layer of other digits": lambda: saved(state() | {"weight_ih_l٣": torch.zeros(9, 3)}),
    "a layer below 0": lambda: saved(state() | {"weight_ih_l-1": torch.zeros(9, 3)}),
    "a million layers": lambda: saved(state() | {"weight_hh_l1000000": torch.zeros(9, 3)}),
    "markdown in a name": lambda: saved({"![x](http://x)\n# a.weight_ih_l0": torch.zeros(9, 2)}),
    "a name of 100,000": lambda: saved({"x" * 100_000: torch.zeros(3)}),
    "a null in a name": lambda: saved({"a\0b.weight_ih_l0": torch.zeros(9, 2)}),
    "names that are numbers": lambda: saved({k: torch.zeros(3) for k in range(99)}),
    "names that are pairs": lambda: saved({(1, 2): torch.zeros(3)}),
    "20,000 tensors": lambda: packed({f"n{k}": torch.zeros(1) for k in range(20_000)}),
    "no tensor": lambda: saved({"epoch": 3}),
    "a number": lambda: saved(5),
    "a list": lambda: saved([1, 2]),
    "a tensor": lambda: saved(torch.zeros(3)),
    "a text": lambda: saved("x" * 10**6),
    "9 dicts in one another": lambda: saved(nested(9)),
    "100 dicts in one another": lambda: saved(nested(100)),
    "a circle": lambda: saved(circle()),
    "a whole model": lambda: saved(nn.GRU(2, 3)),
    "a path": lambda: saved({"weight_ih_l0": io.StringIO}),
    **{f"calls {name}": lambda name=name, arguments=arguments: pickled_calls(name, *arguments) for name, arguments in {
        "os.system": (b"X\x04\x00\x00\x00true",), "builtins.eval": (b"X\x01\x00\x00\x001",),
        "builtins.bytearray": (b"\x8a\x05\x00\x00\x00\x00\x10",), "torch.load": (b"X\x01\x00\x00\x00x",),
        "torch.hub.load": (b"X\x01\x00\x00\x00x",), "collections.OrderedDict": (),
        "torch._utils._rebuild_tensor": (), "torch.Tensor": (b"\x8a\x05\x00\x00\x00\x00\x10",),
        "torch.FloatStorage": (b"\x8a\x05\x00\x00\x00\x00\x10",),
        "torch._utils._rebuild_device_tensor_from_numpy": (), "torch.storage._load_from_bytes": (b"X\x01\x00\x00\x00x",),
    }.items()},
    "a pickle": lambda: pickle.dumps(state()),
    "a pickle of protocol 0": lambda: pickle.dumps({"a": 1}, 0),
    "a pickle that is deep": lambda: rezipped(lambda n, d: [(n, b"\x80\x02" + b"]" * 10**6 + b"." if n.endswith(".pkl") else d)]),
    "a pickle that repeats": lambda: rezipped(lambda n, d: [(n, b"\x80\x02" + b"]q\x00" + b"h\x00h\x00e" * 9 + b"." if n.endswith(".pkl") else d)]),
    "a pickle that is cut": lambda: rezipped(lambda n, d: [(n, d[: len(d) // 2] if n.endswith(".pkl") else d)]),
    "a long number in a pickle": lambda: rezipped(lambda n, d: [(n, b"\x80\x02\x8b\xff\xff\xff\x7f1." if n.endswith(".pkl") else d)]),
    "a member twice": lambda: rezipped(lambda n, d: [(n, d), (n, d)]),
    "other data twice": lambda: rezipped(lambda n, d: [(n, d), (n, b"x" * len(d))] if "/data/" in n else [(n, d)]),
    "no data": lambda: rezipped(lambda n, d: [] if "/data/" in n else [(n, d)]),
    "short data": lambda: rezipped(lambda n, d: [(n, d[:4] if "/data/" in n else d)]),
    "data elsewhere": lambda: rezipped(lambda n, d: [(n.replace("/data/0", "/../../etc/passwd"), d)]),
    "a zip bomb": lambda: rezipped(lambda n, d: [(n, d + bytes(10**8) if "/data/0" in n else d)], zipfile.ZIP_DEFLATED),
    "a zip bomb of lzma": lambda: rezipped(lambda n, d: [(n, d + bytes(10**7))], zipfile.ZIP_LZMA),
    "an encrypted zip": lambda: bytes_bent(saved(state()), (HEAD, HEAD[:8] + b"\x09\x08\x00\x00")),
    "a method that is none": lambda: bytes_bent(saved(state()), (HEAD, HEAD[:10] + b"\x63\x00")),
    "a zip of nothing": lambda: b"PK\x05\x06" + bytes(18),
    "a zip's first bytes": lambda: b"PK\x03\x04",
    "a zip in a zip": lambda: rezipped(lambda n, d: [(n, saved(state()))]),
    "old format": lambda: saved(state(), _use_new_zipfile_serialization=False)[:-40],
    "old format, a code": lambda: saved({"a": print}, _use_new_zipfile_serialization=False),
    "safetensors, a gap": lambda: header({"weight_ih_l0": entry([1], 4, 8)}, bytes(8)),
    "safetensors, one over another": lambda: header({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, bytes(12)),
    "safetensors, both the same": lambda: header({"a": entry([2], 0, 8), "b": entry([2], 0, 8)}, bytes(8)),
    "safetensors, a name twice": lambda: header(b'{"weight_ih_l0":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"weight_ih_l0":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', bytes(4)),
    "safetensors, 100 MB of header": lambda: header(b"{" + b" " * 49_000_000 + b"}"),
    "safetensors, a longer header": lambda: header(b"{}", length=2**63),
    "safetensors, no header": lambda: header(b"", length=0),
    "safetensors, deep": lambda: header(b'{"__metadata__":' + DEEP + b"}"),
    "safetensors, below 0": lambda: header({"a": entry([-1, -4], 0, 16)}, bytes(16)),
    "safetensors, beyond all": lambda: header({"a": entry([2**40, 2**40], 0, 16)}, bytes(16)),
    "safetensors, of nothing": lambda: header({"weight_ih_l0": entry([0, 2**60], 0, 0)}),
    "safetensors, backwards": lambda: header({"a": entry([1], 4, 0)}, bytes(4)),
    "safetensors, no such type": lambda: header({"a": entry([1], 0, 4, "X9")}, bytes(4)),
    "safetensors, of 4 bits": lambda: header({"weight_ih_l0": entry([8], 0, 4, "F4")}, bytes(4)),
    "safetensors, words for a shape": lambda: header({"a": entry(["x"], 0, 4)}, bytes(4)),
    "safetensors, a list": lambda: header([1, 2]),
    "safetensors, long digits": lambda: header(b'{"a":' + b"9" * 5000 + b"}"),
    "safetensors, NaN": lambda: header(b'{"a":NaN}'),
    "safetensors, no text": lambda: header(b'{"\xff\xfe":1}'),
    "safetensors, more behind": lambda: packed(state()) + b"x",
    "safetensors, cut": lambda: packed(state())[:-1],
    "safetensors, a layer of digits": lambda: packed({DIGITS: torch.zeros(9, 2), "weight_hh_l0": torch.zeros(9, 3)}),
    "safetensors, empty": lambda: header({}),
    "spectral norm, huge": lambda: saved({"weight_ih_l0": torch.zeros(9, 2), "weight_hh_l0_orig": flat(9, 3), "weight_hh_l0_u": flat(10**5), "weight_hh_l0_v": flat(10**5)}),
    "weight norm of nothing": lambda: saved({"weight_ih_l0": torch.zeros(9, 2), "weight_hh_l0_g": torch.zeros(9, 0), "weight_hh_l0_v": torch.zeros(9, 3)}),
    "a mask of another shape": lambda: saved({"weight_ih_l0": torch.zeros(9, 2), "weight_hh_l0_orig": torch.zeros(9, 3), "weight_hh_l0_mask": torch.zeros(3)}),
    "a mask of 250 MB": lambda: saved({"weight_ih_l0": flat(9, 2), "weight_hh_l0_orig": flat(9, 3), "weight_hh_l0_mask": flat(9, 10**8, dtype=torch.int8)}),
    "a norm of nothing": lambda: saved(OrderedDict(weight_ih_l0_g=torch.zeros(()), weight_ih_l0_v=torch.zeros(()))),
    "1,001 layers by name": lambda: packed({f"a{k}.weight_hh_l0": torch.zeros(3, 1) for k in range(1001)}),
    "301 layers of one unit": lambda: packed(dict(nn.RNN(1, 1, 301, bias=False).state_dict())),
    "a path of 2,000": lambda: packed({"x" * 2000 + "." + name: tensor for name, tensor in state().items()}),
    "HDF5": lambda: b"\x89HDF\r\n\x1a\n" + bytes(99),
    "ONNX": lambda: b"\x08\x08\x12\x07pytorch" + bytes(99),
    "a script": lambda: b"#!/bin/sh\nrm -rf /\n",
    "a page": lambda: b"<!doctype html><html></html>",
    "zeros": lambda: bytes(10**6),
    "noise": lambda: bytes(range(256)) * 400,
    "gzip": lambda: b"\x1f\x8b" + bytes(99),
    "nothing": lambda: b"",
    "one byte": lambda: b"\x80",
    "NumPy": lambda: b"\x93NUMPY\x01\x00",
}  # fmt: skip


def layer_of(files: Files, data: bytes) -> Any:
    names = files.layer_names(data)
    return files.weights(data, names[0], most_bytes=MOST)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_weights_are_refused(case: str, files: Files, sentence: Sentence) -> None:
    data = HOSTILE[case]()
    message = sentence(lambda: layer_of(files, data), WeightsError)
    assert "cannot be read (" not in message, "an error of another library"


HARMLESS: dict[str, Callable[[], bytes]] = {
    "negative strides made whole": lambda: each(lambda t: t.flip(0).flip(0)),
    "one storage for all": lambda: saved(dict(nn.GRU(2, 3).state_dict()) and state()),
    "transposed": lambda: each(lambda t: t.T.contiguous().T if t.ndim == 2 else t),
    "a part of more": lambda: each(lambda t: torch.cat([t, t])[: len(t)]),
    "beside other things": lambda: saved({"model": state(), "epoch": 3, "note": "x" * 10**5}),
    "stride 0 beside": lambda: saved({f"rnn.{name}": tensor for name, tensor in state().items()} | {"more": flat(10**5, 10**5)}),
    "a zip that claims": lambda: saved(state())[:-22] + b"PK\x05\x06" + b"\xff" * 18,
    "in 5 dicts": lambda: saved(nested(5)),
}  # fmt: skip


@pytest.mark.parametrize("case", HARMLESS)
def test_what_is_odd_beside_a_layer_changes_nothing(case: str, files: Files) -> None:
    found = layer_of(files, HARMLESS[case]())
    for name, tensor in state().items():
        torch.testing.assert_close(found.weights[name], tensor, rtol=0, atol=0)


def test_a_network_of_many_layers_is_read(files: Files) -> None:
    """As many as a page records; one more is too many, as above."""
    deep = nn.RNN(1, 1, 300, bias=False).state_dict()
    found = layer_of(files, packed(dict(deep)))
    assert found.weights.keys() == deep.keys()
    for name, tensor in deep.items():
        torch.testing.assert_close(found.weights[name], tensor, rtol=0, atol=0)


EXTREMES = (0, 1, 255, 2**31, 2**63, 2**64 - 1)


@settings(settings.get_profile("fuzz"))
@given(data=st.data(), way=st.sampled_from(["pt", "old", "safetensors"]))
def test_bent_weights_are_read_or_refused(data: st.DataObject, way: str, files: Files) -> None:
    """Bytes, fields, sections and ends are others; where a layer comes of it, it has its shapes."""
    whole = {
        "pt": lambda: saved(state()),
        "old": lambda: saved(state(), _use_new_zipfile_serialization=False),
        "safetensors": lambda: packed(state()),
    }[way]()
    found = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(found) - 9))
        how = data.draw(st.sampled_from(["byte", "field", "swap", "digit", "cut"]))
        if how == "byte":
            found[place] = data.draw(st.integers(0, 255))
        elif how == "field":
            found[place : place + 8] = data.draw(st.sampled_from(EXTREMES)).to_bytes(8, "little")
        elif how == "swap":
            other = data.draw(st.integers(0, len(found) - 9))
            found[place : place + 8] = found[other : other + 8]
        elif how == "digit":
            digits = [k for k, byte in enumerate(found) if 48 <= byte < 58]
            found[data.draw(st.sampled_from(digits or [0]))] = data.draw(st.integers(45, 57))
        elif place > 20:
            del found[place:]
    refused = ""
    try:
        layer = layer_of(files, bytes(found))
    except WeightsError as error:
        refused = str(error)
    assert "\n" not in refused
    assert len(refused) < 600
    assert refused or all(tensor.isfinite().all() for tensor in layer.weights.values())
