"""Finished charts as they are sent: a specification as JSON, its tables as Arrow.

As Python's own dicts and lists they would take ten times the memory, the garbage collector would
go through every one of them, and their tables would be converted again for every reader.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import pandas as pd
import pyarrow as pa

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Packed:
    """A finished chart.

    Attributes
    ----------
    json
        The Vega-Lite specification without its named tables.
    tables
        Those, by name.
    """

    json: bytes
    tables: tuple[tuple[str, Any], ...]

    def spec(self) -> Spec:
        """The specification, made anew for each reader, with tables as bytes."""
        found: Spec = json.loads(self.json)
        return found | {"datasets": dict(self.tables)} if self.tables else found


def is_spec(value: Any) -> bool:
    """Whether a value is a finished chart."""
    return isinstance(value, dict) and "$schema" in value


def pack(value: Any) -> Any:
    """A value in which every finished chart is packed; the same value where there is none."""
    if is_spec(value):
        bare = {name: part for name, part in value.items() if name != "datasets"}
        tables = value.get("datasets", {})
        return Packed(
            json.dumps(bare, separators=(",", ":")).encode(),
            tuple((name, table(rows)) for name, rows in tables.items()),
        )
    return _within(value, pack)


def unpack(value: Any) -> Any:
    """The same with charts as Streamlit takes them."""
    return value.spec() if isinstance(value, Packed) else _within(value, unpack)


def _within(value: Any, change: Callable[[Any], Any]) -> Any:
    """A tuple, list or dataclass with its parts changed; itself where none is."""
    if isinstance(value, list | tuple):
        parts = [change(part) for part in value]
        if all(new is old for new, old in zip(parts, value, strict=True)):
            return value
        if isinstance(value, list):
            return parts
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {}
        for field in fields(value):
            old = getattr(value, field.name)
            new = change(old) if isinstance(old, dict | list | tuple | Packed) else old
            if new is not old:
                changed[field.name] = new
        return replace(value, **changed) if changed else value
    return value


def table(rows: Any) -> Any:
    """A chart's table as Streamlit would send it; what is packed already stays as it is."""
    if isinstance(rows, list):
        rows = pd.DataFrame(rows)
    return arrow(rows) if isinstance(rows, pd.DataFrame) else rows


def arrow(rows: pd.DataFrame | list[dict[str, Any]]) -> bytes:
    """A table, or rows that have the same names, as Arrow."""
    data = (
        pa.Table.from_pylist(rows)
        if isinstance(rows, list)
        else pa.Table.from_pandas(rows, preserve_index=False)
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, data.schema) as stream:
        stream.write_table(data)
    return bytes(sink.getvalue().to_pybytes())


def with_arrow(spec: Spec) -> Spec:
    """A finished chart with each of its tables as Arrow."""
    return spec | {"datasets": {name: arrow(rows) for name, rows in spec["datasets"].items()}}
