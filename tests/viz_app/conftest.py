"""What the tests of charts, views and pages share: runs, recordings, and how to read a spec."""

import base64
import io
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import streamlit as st
import xarray as xr
from PIL import Image
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from gatescope import record
from gatescope.jobs import JobQueue
from viz_app.app_pages import (
    asking,
    cached_bench,
    cached_jobs,
    cached_retention,
    cached_train,
    server_lists,
)  # fmt: skip
from viz_app.environment import JOBS
from viz_app.sharing import STORE
from viz_app.views.library import Library, open_library

APP = Path(__file__).parents[2] / "viz_app" / "app.py"
RUNS = [
    f"{task}-{cell}"
    for task in ("adding", "temporal-order", "digits")
    for cell in ("lstm", "gru", "rnn")
]


@pytest.fixture(scope="session", autouse=True)
def _components_sought_once() -> Iterator[None]:
    """Streamlit reads the metadata of all that is installed before each run of a page (0.3 s)."""
    with pytest.MonkeyPatch.context() as patch:
        name = "scan_component_manifests"
        patch.setattr(manifest_scanner, name, cache(getattr(manifest_scanner, name)))
        yield


class Spec:
    """Reads a finished Vega-Lite spec; it shares no code with what made it."""

    def __init__(self, found: dict[str, Any]) -> None:
        datasets = {
            name: rows_of(table) if isinstance(table, bytes) else table
            for name, table in found.get("datasets", {}).items()
        }
        found = found | {"datasets": datasets}
        (view,) = datasets.get("view", [{}])
        units = [row["unit"] for row in datasets["rows"]] if view else []
        self.view = view
        self.found = filled(found, view | {"units": units}) if view else found

    def nodes(self, node: Any = None) -> Iterator[dict[str, Any]]:
        """Every object in the spec, data rows excepted."""
        node = self.found if node is None else node
        if isinstance(node, dict):
            yield node
            parts = [part for key, part in node.items() if key not in ("datasets", "values")]
        else:
            parts = node if isinstance(node, list) else []
        for part in parts:
            if isinstance(part, dict | list):
                yield from self.nodes(part)

    def panel(self, title: str) -> dict[str, Any]:
        """The only panel with that title."""
        (panel,) = (p for p in self.found["vconcat"] if title_of(p) == title)
        return panel

    def rows(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows that a layer draws, inline or by name."""
        return rows_of(data["values"] if "values" in data else self.found["datasets"][data["name"]])

    def pixels(self, title: str) -> np.ndarray:
        """The RGBA picture of the panel with that title, (row, column, 4)."""
        (layer,) = (part for part in self.panel(title)["layer"] if is_image(part))
        (row,) = self.rows(layer["data"])
        return decoded(row["url"])

    def told(self, name: str, dataset: str = "told") -> np.ndarray:
        """All numbers that are sent of a signal, or of its blocks, as one list; NaN for blanks."""
        (row,) = self.rows({"name": dataset})
        text, width = row[name], int(row[f"{name}_width"])
        assert len(text) % width == 0
        places = [text[first : first + width] for first in range(0, len(text), width)]
        return np.array([float(place) if place.strip() else np.nan for place in places])

    def scale(self, title: str) -> dict[str, Any]:
        """The colour scale of the panel's legend."""
        (layer,) = (p for p in self.panel(title)["layer"] if "color" in p.get("encoding", {}))
        return layer["encoding"]["color"]["scale"]

    def picked(self) -> tuple[int, int]:
        """The unit and step that are picked at first."""
        if self.view:
            return self.view["unit"], self.view["step"]
        places = (self.found.get("config", {}), self.found.get("usermeta", {}))
        signals = [signal for place in places for signal in place.get("signals", ())]
        signals = signals or self.found["params"]
        (value,) = (p["value"] for p in signals if p["name"] == "pick")
        return value["unit"][0], value["time"][0]


def rows_of(table: Any) -> list[dict[str, Any]]:
    """A table's rows: it may be a frame, Arrow as it is sent, or rows already."""
    if isinstance(table, bytes):
        table = pa.ipc.open_stream(table).read_all().to_pylist()
    rows: list[dict[str, Any]] = (
        table.to_dict("records") if isinstance(table, pd.DataFrame) else table
    )
    return rows


def filled(node: Any, params: dict[str, Any]) -> Any:
    """A spec in which the window's and the units' parameters are the numbers that they have."""
    if isinstance(node, list):
        return [filled(part, params) for part in node]
    if isinstance(node, str):
        return node.replace("units[datum.value]", f"{params['units']}[datum.value]")
    if not isinstance(node, dict):
        return node
    if set(node) == {"expr"} and node["expr"] in ("first - 0.5", "past - 0.5"):
        return params[node["expr"].split()[0]] - 0.5
    kept = ("datasets", "values")
    return {key: part if key in kept else filled(part, params) for key, part in node.items()}


def title_of(panel: dict[str, Any]) -> str:
    """A panel's title, given as a string or as an object."""
    title = panel.get("title", "")
    return title if isinstance(title, str) else str(title["text"])


def is_image(layer: dict[str, Any]) -> bool:
    """Whether a layer is the picture of a heatmap: one that fills its cells."""
    mark = layer["mark"]
    return isinstance(mark, dict) and mark["type"] == "image" and "width" not in mark


def decoded(uri: str) -> np.ndarray:
    """The pixels of a data URI."""
    head, data = uri.split(",", 1)
    assert head == "data:image/png;base64"
    return np.array(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))


@pytest.fixture(scope="session")
def spec_of() -> type[Spec]:
    """The reader of a spec."""
    return Spec


@pytest.fixture(scope="session")
def pixels_of() -> Callable[[str], np.ndarray]:
    """The pixels of a data URI."""
    return decoded


@pytest.fixture(scope="session")
def library() -> Library:
    """All prepared runs."""
    return open_library()


@pytest.fixture(scope="session")
def recorded(library: Library) -> Callable[..., xr.Dataset]:
    """A prepared run's only layer at a checkpoint, on its probe examples."""

    @cache
    def trace(name: str, step: int | None = None) -> xr.Dataset:
        run = library.runs[name]
        (leaf,) = record(run.model(step), run.probe().inputs).leaves
        return leaf.to_dataset()

    return trace


@pytest.fixture(scope="session", params=RUNS)
def name(request: pytest.FixtureRequest) -> str:
    """The name of each prepared run in turn."""
    return str(request.param)


@pytest.fixture
def fresh_caches() -> Iterator[None]:
    """Nothing that the app computed before, or in the test, is used again."""
    st.cache_resource.clear()
    STORE.clear()
    yield
    st.cache_resource.clear()
    STORE.clear()


@pytest.fixture(scope="session")
def open_app() -> Callable[..., AppTest]:
    """Open the app at an address, as a new reader; the default page unless another is named."""

    def opened(page: str = "", /, **address: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=120)
        if page:
            app.switch_page(page)
        for name, value in address.items():
            app.query_params[name] = value
        return app.run()

    return opened


@pytest.fixture(scope="session")
def layer() -> Callable[..., xr.Dataset]:
    """A recording with chosen numbers: arrays (time, batch, unit) by name."""

    def made(
        cell: str, retention: str = "", direction: str = "forward", **signals: Any
    ) -> xr.Dataset:
        arrays = {name: np.asarray(values, dtype=float) for name, values in signals.items()}
        sizes = dict(zip(("time", "batch", "unit"), next(iter(arrays.values())).shape, strict=True))
        return xr.Dataset(
            {name: (("time", "batch", "unit"), values) for name, values in arrays.items()},
            coords={name: np.arange(size) for name, size in sizes.items()},
            attrs={
                "cell": cell,
                "layer": 0,
                "direction": direction,
                "hidden_size": sizes["unit"],
                "retention_gate": retention,
                "dtype": "float64",
            },
        )

    return made


@pytest.fixture(scope="session")
def page_spec() -> Callable[..., dict[str, Any]]:
    """The spec of a chart on a page, its rows inside it; the page has no error."""

    def read(app: AppTest, number: int = 0) -> dict[str, Any]:
        assert not app.exception, [error.value for error in app.exception]
        proto = app.get("vega_lite_chart")[number].proto
        found: dict[str, Any] = json.loads(proto.spec)
        sent = {
            data.name: pa.ipc.open_stream(data.data.data).read_all().to_pylist()
            for data in proto.datasets
        }
        return found | {"datasets": found.get("datasets", {}) | sent}

    return read


@pytest.fixture
def own_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobQueue]:
    """The app's queue, on a folder of this test alone."""
    monkeypatch.setenv(JOBS, str(tmp_path / "jobs"))
    caches = (
        cached_jobs.queue, cached_jobs.kept, cached_train.moment,
        cached_retention.row, cached_retention.picture, cached_bench.so_far, cached_bench.picture,
        asking._seconds, server_lists._cost, server_lists._use,
    )  # fmt: skip
    for each in caches:
        each.clear()
    yield cached_jobs.queue()
    cached_jobs.queue().close()
    for each in caches:
        each.clear()
