"""What is read in a process of its own: from bytes and plain options to plain values."""

import codecs
import encodings.aliases
import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import numpy as np
import safetensors.torch
import torch
import xarray as xr
from torch import Tensor, nn

from gatescope.errors import say
from gatescope.loading import (
    Reading,
    Table,
    WeightsError,
    layer_from_weights,
    layer_names,
    read_table,
    read_weights,
    sequences_of,
    series_of,
    weights_of_layer,
)
from gatescope.recording import record
from gatescope.recording.netcdf import read_trace

HALF = {"bfloat16": torch.bfloat16, "float16": torch.float16}
"""Precisions that are passed on as whole numbers of 16 bits: numpy has not both."""


MOST_NAMES, LONGEST_NAME, MOST_LAYERS = 1000, 1000, 300
"""Recurrent modules in a file of weights, characters of their paths, and layers of one: a page
lists and records them, and no network has so many."""


def names(data: bytes) -> Any:
    """The paths of the recurrent layers in a file of weights."""
    found = layer_names(read_weights(data))
    if len(found) > MOST_NAMES:
        raise WeightsError(say("apart_layers", count=len(found), most=MOST_NAMES))
    longest = max(map(len, found))
    if longest > LONGEST_NAME:
        raise WeightsError(say("apart_long_name", count=longest, most=LONGEST_NAME))
    return found


def weights(data: bytes, layer: str, most_bytes: int) -> Any:
    """The weights of one layer; they make a layer."""
    found = weights_of_layer(read_weights(data), layer, most_bytes=most_bytes)
    layers = layer_from_weights(found.weights, "tanh").num_layers
    if layers > MOST_LAYERS:
        raise WeightsError(
            say("apart_deep", name=found.name or say("it"), count=layers, most=MOST_LAYERS)
        )
    return {
        "name": found.name,
        "weights": {name: _numbers(tensor) for name, tensor in found.weights.items()},
        "made": dict(found.made),
        "is_cell": found.is_cell,
        "dtype": str(found.dtype).removeprefix("torch."),
    }


def _numbers(tensor: Tensor) -> np.ndarray:
    tensor = tensor.detach().contiguous()
    half = tensor.dtype in HALF.values()
    array: np.ndarray = (tensor.view(torch.int16) if half else tensor).numpy()
    return array


def sequences(
    data: bytes, name: str, features: int, reading: Mapping[str, Any], most_rows: int, typed: bool
) -> Any:
    """Input sequences."""
    found = sequences_of(data, name, features, Reading(**reading), most_rows=most_rows, typed=typed)
    return {
        "values": found.values.numpy(),
        "reading": None if found.reading is None else asdict(found.reading),
        "notes": [asdict(note) for note in found.notes],
    }


def _table(data: bytes, name: str, reading: Mapping[str, Any], most_rows: int) -> Table:
    return read_table(data, name, Reading(**reading), most_rows=most_rows)


def columns(data: bytes, name: str, reading: Mapping[str, Any], most_rows: int) -> Any:
    """The columns of a table: all, those of numbers, and those of dates."""
    table = _table(data, name, reading, most_rows)
    return {
        "names": list(table.columns),
        "numbers": table.numbers,
        "dates": table.dates,
        "reading": asdict(table.reading),
    }


def series(
    data: bytes,
    name: str,
    reading: Mapping[str, Any],
    most_rows: int,
    target: str,
    others: list[str],
    time: str | None,
) -> Any:
    """A series of some columns of a table."""
    found = series_of(_table(data, name, reading, most_rows), target, others, time)
    return {
        "values": found.values,
        "features": list(found.features),
        "times": list(found.times),
        "treatments": [asdict(each) for each in found.treatments],
        "reading": asdict(found.reading),
    }


def recording(data: bytes, name: str, most_bytes: int) -> Any:
    """A recording, node by node."""
    trace = read_trace(data, name, most_bytes=most_bytes)
    return [[node.path, _node(node.to_dataset(inherit=False))] for node in trace.subtree]


def _node(node: xr.Dataset) -> dict[str, Any]:
    return {
        "attrs": dict(node.attrs),
        "coords": {name: [each.dims, each.values] for name, each in node.coords.items()},
        "signals": {name: [each.dims, each.values] for name, each in node.data_vars.items()},
    }


READERS: dict[str, Callable[..., Any]] = {
    "names": names, "weights": weights, "sequences": sequences, "columns": columns,
    "series": series, "recording": recording,
}  # fmt: skip


def warm_up() -> None:
    """Read a little of each kind: what is imported late is there before files are out of reach."""
    for encoding in {*encodings.aliases.aliases.values(), "utf_8_sig", "undefined"}:
        with suppress(LookupError):  # of other systems
            codecs.lookup(encoding)
    layer = nn.LSTM(1, 2)
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    for saved in (file.getvalue(), safetensors.torch.save(dict(layer.state_dict()))):
        weights(saved, "", 2**20)
    rows = "".join(f"2024-01-{day:02d};{day},5\n" for day in range(1, 29))
    for data in (b"day;level\n" + rows.encode(), b"\xff\xfe" + "day;a\n1;2\n".encode("utf-16-le")):
        columns(data, "x.csv", {}, 99)
    series(b"day;level\n" + rows.encode(), "x.csv", {}, 99, "level", [], "day")
    array = io.BytesIO()
    np.save(array, np.ones((2, 1)))
    sequences(array.getvalue(), "x.npy", 1, {}, 9, False)
    trace = record(layer, torch.ones(3, 1, 1), lambda output: output[0].sum())
    kept = trace.to_netcdf(engine="h5netcdf")
    recording(bytes(kept), "x.nc", 2**20)
