"""What all browsers share of the connectivity page: gradients and finished specs, bounded."""

from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st
import xarray as xr

from viz_app.app_pages import cached
from viz_app.views import connectivity
from viz_app.views.settings import Theme

Runs = tuple[str, ...]


@st.cache_resource(max_entries=256, show_spinner=False)
def of_run(run: str, example: int) -> xr.DataArray:
    """One network's gradients on one example."""
    return connectivity.of_run(cached.run_of(run), example)


def found(runs: Runs, example: int) -> dict[str, xr.DataArray]:
    """Those of several networks, by their cell."""
    return {cached.run_of(run).config.cell: of_run(run, example) for run in runs}


@st.cache_resource(max_entries=256, show_spinner=False)
def shown(run: str, example: int) -> connectivity.Shown:
    """The input of one example."""
    chosen = cached.run_of(run)
    return connectivity.sequence(chosen.task, chosen.probe(), example)


@st.cache_resource(max_entries=64, show_spinner=False)
def specs(runs: Runs, example: int, relative: bool, theme: Theme) -> tuple[dict[str, Any], ...]:
    """The finished triangles; `framed` says which row is framed."""
    made = connectivity.specs(
        found(runs, example), shown(runs[0], example), relative=relative, theme=theme
    )
    return tuple(spec | {"datasets": _packed(spec["datasets"])} for spec in made)


@st.cache_resource(max_entries=256, show_spinner=False)
def strip(runs: Runs, example: int, step: int, relative: bool, theme: Theme) -> dict[str, Any]:
    """The finished row of one output step."""
    return connectivity.strip(
        found(runs, example), shown(runs[0], example), step, relative=relative, theme=theme
    )


def _packed(datasets: dict[str, Any]) -> dict[str, Any]:
    """Data frames as Arrow, packed once for all readers."""
    return {
        name: _arrow(rows) if isinstance(rows, pd.DataFrame) else rows
        for name, rows in datasets.items()
    }


def _arrow(rows: pd.DataFrame) -> bytes:
    data = pa.Table.from_pandas(rows, preserve_index=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, data.schema) as stream:
        stream.write_table(data)
    return bytes(sink.getvalue().to_pybytes())
