"""What the tests of charts, views and pages share: runs, recordings, and how to read a spec."""

import base64
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import streamlit as st
import torch
import xarray as xr
from PIL import Image
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest, app_test
from streamlit.util import calc_hash

from gatescope import record
from gatescope.jobs import JobQueue
from viz_app.features.server import lists as server_lists  # fmt: skip
from viz_app.features.train import training_progress
from viz_app.kit.environment import JOBS
from viz_app.kit.library import Library, open_library
from viz_app.kit.page import choices, job_form
from viz_app.kit.page import jobs as cached_jobs
from viz_app.kit.sharing import STORE, Entry, Store
from viz_app.pages import script

APP = Path(__file__).parents[2] / "viz_app" / "app.py"
RUNS = [
    f"{task}-{cell}"
    for task in ("adding", "temporal-order", "digits")
    for cell in ("lstm", "gru", "rnn")
] + [f"adding-{cell}-one-unit" for cell in ("lstm", "gru", "rnn")]


@pytest.fixture(scope="session", autouse=True)
def _components_and_scripts_read_once() -> Iterator[None]:
    """Streamlit reads all that is installed (0.3 s), and compiles, before each run of a page."""
    with pytest.MonkeyPatch.context() as patch:
        name = "scan_component_manifests"
        patch.setattr(manifest_scanner, name, cache(getattr(manifest_scanner, name)))
        patch.setattr(app_test, "ScriptCache", cache(app_test.ScriptCache))
        yield


@pytest.fixture(autouse=True)
def _a_new_address_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no browser here that speaks late: who changes the address goes back to it."""
    monkeypatch.setattr(choices, "goes_back", lambda: True)


def digest(value: Any) -> str:
    """A text that another value does not have; what it computes late and then keeps is no part."""
    found, seen, ahead = blake2b(digest_size=16), {}, [value]
    while ahead:
        part = ahead.pop()
        if isinstance(part, bytes):
            found.update(part)
        elif isinstance(part, ATOMS):
            said = getattr(part, "__qualname__", None) or repr(part)
            found.update(f"{type(part).__name__} {said};".encode(errors="surrogatepass"))
        elif id(part) in seen:
            found.update(f"again {seen[id(part)][0]};".encode())
        else:
            seen[id(part)] = len(seen), part  # kept, so that no address is used again
            within = parts_of(part)
            found.update(f"{type(part).__qualname__} of {len(within)};".encode())
            if PLAIN.issuperset(map(type, within)):  # most of what there is: said at once
                found.update(repr(within).encode(errors="surrogatepass"))
            else:
                ahead.extend(reversed(within))
    return found.hexdigest()


PLAIN = {str, int, float, complex, bool, type(None), range, slice}
ATOMS = (
    *PLAIN, np.generic, torch.dtype, type, FunctionType, MethodType, BuiltinFunctionType,
    ModuleType,
)  # fmt: skip


def parts_of(value: Any) -> list[Any]:
    """What a value is made of, in an order of its own."""
    if isinstance(value, dict):
        return [part for key in sorted(value, key=repr) for part in (key, value[key])]
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if isinstance(value, list | tuple):
        return list(value)
    if is_dataclass(value):
        return [getattr(value, name) for name in compared(type(value))]
    if isinstance(value, np.ndarray):
        held = value.ravel() if value.dtype == object else [value.tobytes()]
        return [value.shape, value.dtype.str, *held]
    if isinstance(value, torch.Tensor):
        said = [tuple(value.shape), value.dtype, value.requires_grad, value.grad]
        return [*said, value.detach().numpy().tobytes()]
    if isinstance(value, pd.DataFrame):
        return [value.index, value.columns, *(value.iloc[:, k] for k in range(value.shape[1]))]
    if isinstance(value, pd.Series | pd.Index):
        return [str(value.dtype), value.name, value.to_numpy()]
    if isinstance(value, xr.DataTree):
        return [(node.path, node.to_dataset(inherit=False)) for node in value.subtree]
    if isinstance(value, xr.Dataset):
        named = value.variables.items()
        return [(name, each.dims, each.attrs, each.values) for name, each in named] + [value.attrs]
    if isinstance(value, xr.DataArray):
        return [value.name, value.to_dataset(name="values")]
    if not hasattr(value, "__dict__"):
        return [repr(value)]
    kinds = (vars(kind) for kind in type(value).__mro__)
    late = {n for kind in kinds for n, each in kind.items() if type(each) is cached_property}
    return sorted((item for item in vars(value).items() if item[0] not in late), key=repr)


@cache
def compared(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass; what two that are equal need not share is a note of its own."""
    return tuple(field.name for field in fields(kind) if field.compare)


class Watch:
    """Notes what a store keeps, before anybody gets it."""

    def __init__(self, store: Store) -> None:
        self._noted: list[tuple[Any, Any, str]] = []
        self._keep = store._keep
        store._keep = self.keep  # type: ignore[method-assign]

    def keep(self, key: Any, entry: Entry) -> None:
        """As the store does."""
        self._noted.append((key, entry.value, digest(entry.value)))
        self._keep(key, entry)

    def changed(self) -> list[Any]:
        """The keys of what is no more what it was, and no more notes of them."""
        noted, self._noted = self._noted, []
        return [key for key, value, before in noted if digest(value) != before]


@pytest.fixture(scope="session")
def digest_of() -> Callable[[Any], str]:
    """A text that another value does not have."""
    return digest


@pytest.fixture(scope="session")
def watch_on() -> Callable[[Store], Watch]:
    """Notes what a store keeps from now on."""
    return Watch


@pytest.fixture(scope="session")
def _watch() -> Watch:
    return Watch(STORE)


@pytest.fixture(scope="module", autouse=True)
def _all_leave_what_is_shared_as_it_was(_watch: Watch) -> Iterator[None]:
    """Whatever the tests of a module open, click and draw: it is everybody's."""
    yield
    assert not _watch.changed()


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


def go(app: AppTest, page: str) -> AppTest:
    """To another page by the menu, where the address is a new one."""
    for name in list(app.query_params):
        del app.query_params[name]
    return app.switch_page(script(page)).run()


def title_of(panel: dict[str, Any]) -> str:
    """A panel's title, given as a string or as an object, or in a window as a mark."""
    for layer in panel.get("layer", ()):
        mark, text = layer.get("mark"), layer.get("encoding", {}).get("text", {})
        if isinstance(mark, dict) and mark.get("fontWeight") == 600 and "value" in text:
            return str(text["value"])
    title = panel.get("title", "")
    return title if isinstance(title, str) else str(title["text"])


def is_image(layer: dict[str, Any]) -> bool:
    """Whether a layer is the picture of a heatmap: one that fills its cells, no line in them."""
    mark, name = layer["mark"], layer["data"].get("name", "")
    picture = isinstance(mark, dict) and mark["type"] == "image" and "width" not in mark
    return picture and not name.startswith("signs_")


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
    """Open the app at an address, as a new reader: on Gates unless another page is named."""

    def opened(page: str = "gates", /, **address: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=120)
        if page:
            app._page_hash = calc_hash(page)
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


OF_JOBS = ("comparison", "comparison picture", "claim", "claim picture")
"""What is kept of jobs, by the first part of its key."""


@pytest.fixture
def own_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobQueue]:
    """The app's queue, on a folder of this test alone."""
    monkeypatch.setenv(JOBS, str(tmp_path / "jobs"))
    caches = (
        cached_jobs.queue, cached_jobs.kept, training_progress.moment,
        job_form._seconds, server_lists._cost, server_lists._use,
    )  # fmt: skip

    def clear() -> None:
        for each in caches:
            each.clear()
        STORE.clear(lambda key: key[0] in OF_JOBS)  # type: ignore[index]

    clear()
    yield cached_jobs.queue()
    cached_jobs.queue().close()
    clear()
