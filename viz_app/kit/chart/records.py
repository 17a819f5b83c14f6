"""A chart's data frames as Altair takes them: as rows, and as a name; both much quicker.

Altair makes each column anew several times over to get at its values, and prints a data frame as
a person would read it to tell two charts apart: together a third of the time of a new picture.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import partial
from hashlib import sha256
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from altair.utils.data import MaxRowsError

PLAIN = (str, int, float, bool, type(None))

_any_number: ContextVar[bool] = ContextVar("any_number", default=False)


def values_of(column: pd.Series) -> list[Any] | None:
    """A column's values as JSON has them; what is no finite number, or nothing, is None.

    None for the whole column where it holds what is better left to Altair: dates, categories,
    lists.
    """
    if column.dtype.kind in "iub" and isinstance(column.dtype, np.dtype):
        return list(column.tolist())
    if column.dtype.kind == "f" and isinstance(column.dtype, np.dtype):
        numbers = column.to_numpy()
        finite = np.isfinite(numbers)
        if finite.all():
            return list(numbers.tolist())
        return [x if ok else None for x, ok in zip(numbers.tolist(), finite.tolist(), strict=True)]
    if isinstance(column.dtype, pd.StringDtype):
        return [None if value is pd.NA or value != value else value for value in column.tolist()]
    if column.dtype == object:
        found = column.tolist()
        if all(type(value) in PLAIN for value in found):
            return [None if value != value else value for value in found]
    return None


def records(rows: pd.DataFrame) -> list[dict[str, Any]] | None:
    """Rows by name, or None where they are better left to Altair."""
    names = rows.columns.tolist()
    if not all(type(name) is str for name in names) or not rows.columns.is_unique:
        return None
    columns = [values_of(rows[name]) for name in names]
    if any(column is None for column in columns):
        return None
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def values(data: Any = None, max_rows: Any = 5000) -> Any:
    """Altair's own way with data, and the short one for data frames of plain values.

    No data asks for the same with other settings.
    """
    if data is None:
        return partial(values, max_rows=max_rows)
    max_rows = None if _any_number.get() else max_rows
    if isinstance(data, pd.DataFrame):
        if max_rows is not None and len(data) > max_rows:
            raise MaxRowsError.from_limit_rows(len(data), max_rows)
        found = records(data)
        if found is not None:
            return {"values": found}
    return alt.default_data_transformer(data, max_rows=max_rows)


@contextmanager
def of_any_number() -> Iterator[None]:
    """Within it, a chart of this thread has its rows in it, as many as there are.

    Altair's own way to say so holds for the whole process, and is taken back for all: a page that
    draws meanwhile would have another setting, and one that ends later would leave its own.
    """
    ours = alt.data_transformers.active == "default"  # a notebook may have another one
    token = _any_number.set(True)
    try:
        with nullcontext() if ours else alt.data_transformers.enable("default"):
            yield
    finally:
        _any_number.reset(token)


def inline(spec: dict[str, Any]) -> dict[str, Any]:
    """A finished spec with its rows where they are drawn, not by a name beside it."""
    rows = spec.pop("datasets", {})

    def filled(part: Any) -> Any:
        if isinstance(part, list):
            return [filled(each) for each in part]
        if not isinstance(part, dict):
            return part
        name = part.get("name")
        if isinstance(name, str) and name in rows:
            return {"values": rows[name]} | {k: each for k, each in part.items() if k != "name"}
        return {name: filled(each) for name, each in part.items()}

    return dict(filled(spec))


def fingerprint(rows: pd.DataFrame) -> str:
    """A name for a data frame: the same for the same columns and values."""
    try:
        each = pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes()
    except TypeError:  # lists in cells
        each = rows.to_json().encode()
    return sha256(repr(rows.columns.tolist()).encode() + each).hexdigest()[:32]


def register() -> None:
    """Have Altair take data frames this way."""
    way: Callable[..., Any] = values
    alt.data_transformers.register("default", way)
    alt.data_transformers.enable("default")
