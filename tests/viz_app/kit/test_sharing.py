"""What all browsers share: computed once, bounded in bytes, charts in it as they are sent."""

import gc
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
import xarray as xr
from streamlit.dataframe_util import convert_anything_to_arrow_bytes

from viz_app.features import GradientFlow
from viz_app.kit import sharing
from viz_app.kit.chart import line_charts
from viz_app.kit.chart.window import Look
from viz_app.kit.library import folder_of, open_run
from viz_app.kit.packed import Packed, pack, unpack
from viz_app.kit.page import served as cached
from viz_app.kit.sharing import Store
from viz_app.kit.sizes import OBJECT, size_of

MB = 2**20


def zeros() -> np.ndarray:
    """A result of one megabyte."""
    return np.zeros(MB, dtype=np.uint8)


def test_a_result_is_computed_once() -> None:
    """And the same object comes back."""
    store = Store()
    first = store.get("a", zeros)
    assert store.get("a", lambda: pytest.fail("computed again")) is first


def test_forty_at_once_compute_once_and_wait_for_nobody_else() -> None:
    """All get the one result, and another key is not held up meanwhile."""
    store, begun, may_end, calls = Store(), threading.Event(), threading.Event(), []

    def slow() -> np.ndarray:
        calls.append(threading.get_ident())
        begun.set()
        assert may_end.wait(30)
        return zeros()

    with ThreadPoolExecutor(40) as pool:
        asked = [pool.submit(store.get, "slow", slow) for _ in range(40)]
        assert begun.wait(30)
        assert store.get("quick", lambda: 7) == 7
        may_end.set()
        results = {id(one.result(30)) for one in asked}
    assert (len(calls), len(results)) == (1, 1)


def test_bounded_in_bytes_least_recently_used_leaves() -> None:
    """Not by number: four small ones stay beside two large ones."""
    store = Store(3 * MB)
    for name in "abcd":
        store.get(name, lambda name=name: name)
    store.get("first", zeros)
    store.get("second", zeros)
    store.get("first", zeros)
    for name in "abcd":
        store.get(name, lambda: pytest.fail("a small one has gone"))
    store.get("third", zeros)
    assert store.bytes <= store.limit
    store.get("first", lambda: pytest.fail("the one used last has gone"))
    again = []
    store.get("second", lambda: again.append(1))
    assert again


def test_a_day_of_other_questions_does_not_grow() -> None:
    """Neither results nor what is known of keys."""
    store = Store(5 * MB)
    for number in range(2000):
        store.get(("text", number), lambda: np.zeros(10_000))
    assert store.bytes <= store.limit
    assert len(store) == len(store._entries) < 70
    assert len(store._holders) <= len(store)
    assert not store._computing


def test_what_is_larger_than_the_limit_is_kept_until_the_next() -> None:
    """A large network's pictures are not made for each click."""
    store = Store(MB // 2)
    large = store.get("large", zeros)
    assert store.get("large", lambda: pytest.fail("computed again")) is large
    store.get("small", lambda: 1)
    assert store.bytes < store.limit


def test_views_of_one_array_count_once() -> None:
    """A hundred examples of one recording do not push out everything else."""
    store, whole = Store(3 * MB), zeros()
    for number in range(100):
        store.get(number, lambda number=number: whole[number:])
    assert len(store) == 100
    assert MB < store.bytes < 2 * MB
    store.clear()
    assert (store.bytes, len(store)) == (0, 0)


def test_an_error_reaches_all_who_wait_and_is_not_kept() -> None:
    """The next one to ask has it computed."""
    store, begun, may_end = Store(), threading.Event(), threading.Event()

    def broken() -> int:
        begun.set()
        assert may_end.wait(30)
        raise ValueError("no such unit")

    with ThreadPoolExecutor(5) as pool:
        asked = [pool.submit(store.get, "it", broken) for _ in range(5)]
        assert begun.wait(30)
        may_end.set()
        for one in asked:
            with pytest.raises(ValueError, match="no such unit"):
                one.result(30)
    assert store.get("it", lambda: 3) == 3


def test_who_waits_for_a_script_that_is_broken_off_computes_it() -> None:
    """Streamlit ends a script by an exception that is no error."""
    store, begun, may_end = Store(), threading.Event(), threading.Event()

    class Stopped(BaseException):
        pass

    def stopped() -> int:
        begun.set()
        assert may_end.wait(30)
        raise Stopped

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(store.get, "it", stopped)
        assert begun.wait(30)
        second = pool.submit(store.get, "it", lambda: 3)
        may_end.set()
        with pytest.raises(Stopped):
            first.result(30)
        assert second.result(30) == 3


def test_arguments_with_an_underscore_are_no_part_of_the_key() -> None:
    """And 1 is not True; names and places of arguments are the same."""
    calls = []

    @sharing.shared
    def found(name: str, count: int = 1, _run: Any = None) -> int:
        calls.append(name)
        return len(calls)

    assert found("a") == found("a", 1) == found(name="a", count=1, _run=object()) == 1
    assert found("a", True) == 2
    found.clear()
    assert found("a") == 3


class Two(NamedTuple):
    """Charts within a named tuple."""

    charts: list[dict[str, Any]]
    told: str


@dataclass(frozen=True)
class Three:
    """And within a dataclass."""

    two: Two
    chart: dict[str, Any]


ROWS = [{"x": 1, "y": 0.5, "name": "a"}, {"x": 2, "y": None, "name": "b"}]
CHART = {"$schema": "v6", "mark": "line", "datasets": {"rows": ROWS}}


def test_charts_are_packed_wherever_they_stand() -> None:
    """As bytes alone, and opened as new dicts, so that a page may change its own."""
    packed = pack(Three(Two([CHART], "told"), CHART))
    assert isinstance(packed.chart, Packed)
    assert isinstance(packed.two.charts[0], Packed)
    assert not any(isinstance(part, dict) for part in gc.get_referents(packed.chart))
    one, other = unpack(packed), unpack(packed)
    assert one == other
    assert one.chart is not other.chart
    assert (one.two.told, type(one), type(one.two)) == ("told", Three, Two)
    assert {key: one.chart[key] for key in ("$schema", "mark")} == {"$schema": "v6", "mark": "line"}


def test_what_has_no_chart_stays_itself() -> None:
    """Nothing is copied."""
    for value in (Two([], "told"), {"mark": "no chart"}, [1, 2], ROWS, zeros()):
        assert pack(value) is value


@pytest.mark.parametrize(
    "rows",
    [
        ROWS,
        pd.DataFrame(ROWS),
        [{"x": 1}, {"y": 2}],
        [{"x": [1, 2], "wide": 3.5}, {"x": [3], "wide": float("nan")}],
        [],
    ],
)
def test_tables_are_those_that_streamlit_would_send(rows: Any) -> None:
    """The same names and values, its index left out."""
    opened = unpack(pack({"$schema": "v6", "datasets": {"rows": rows}}))["datasets"]["rows"]
    ours = pa.ipc.open_stream(opened).read_all()
    theirs = pa.ipc.open_stream(convert_anything_to_arrow_bytes(rows)).read_all()
    assert ours.column_names == [name for name in theirs.column_names if name[:2] != "__"]
    assert ours.equals(theirs.select(ours.column_names))


def test_a_shared_chart_is_the_chart() -> None:
    """As the view makes it, but for its tables' form."""
    view = GradientFlow("adding-lstm", ("adding-gru",))
    made = line_charts.specs(view.panels(cached.recordings), Look("dark"))
    sent = view.row(Look("dark"), cached.recordings)
    for ours, shared in zip(made, sent.specs, strict=True):
        plain = json.loads(json.dumps({k: v for k, v in ours.items() if k != "datasets"}))
        assert {key: part for key, part in shared.items() if key != "datasets"} == plain
        assert shared.get("datasets", {}).keys() == ours.get("datasets", {}).keys()
        assert all(isinstance(table, bytes) for table in shared.get("datasets", {}).values())


@pytest.mark.parametrize(
    "make",
    [
        zeros,
        lambda: zeros()[::2],
        lambda: torch.zeros(MB // 4)[:5],
        lambda: pd.DataFrame({"a": np.zeros(MB // 8)}),
        lambda: xr.Dataset({"a": ("x", zeros())}),
        lambda: xr.DataTree.from_dict({"/one": xr.Dataset({"a": ("x", zeros())})}),
        lambda: xr.DataArray(zeros(), dims="x"),
        lambda: {"a": [zeros()]},
        lambda: Two([{"a": zeros()}], ""),
        lambda: b"0" * MB,
        lambda: ["0" * MB],
    ],
)
def test_the_size_of_a_megabyte(make: Callable[[], Any]) -> None:
    """In whatever it stands."""
    size = size_of(make())
    assert MB <= size.own + sum(size.blocks.values()) <= MB + 20 * OBJECT


@dataclass(frozen=True, slots=True)
class Slotted:
    """Has no ``__dict__``."""

    inside: np.ndarray


@dataclass(frozen=True)
class Growing(Slotted):
    """Has one besides, with what was computed later."""

    @cached_property
    def later(self) -> np.ndarray:
        """As large again."""
        return zeros()


def test_the_size_of_a_dataclass_with_slots() -> None:
    """Its fields count, and what it has kept since."""
    value = Growing(zeros())
    assert sum(size_of(Slotted(zeros())).blocks.values()) == MB
    assert sum(size_of(value).blocks.values()) == MB
    assert value.later is not None
    assert sum(size_of([value, value]).blocks.values()) == 2 * MB


def rows() -> Any:
    """A table."""
    return pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})


def recording() -> Any:
    """A recording of one layer."""
    layer = xr.Dataset({"a": ("x", np.zeros(3))}, coords={"x": [1, 2, 3]}, attrs={"cell": "lstm"})
    return xr.DataTree.from_dict({"/one": layer})


CHANGES: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "a list": (lambda: {"a": [1, 2]}, lambda v: v["a"].append(3)),
    "its order": (lambda: [[1, 2]], lambda v: v[0].reverse()),
    "a dict": (lambda: [{"a": 1}], lambda v: v[0].update(a=2)),
    "a set": (lambda: ({1, 2},), lambda v: v[0].add(3)),
    "an array": (zeros, lambda v: v.__setitem__(7, 1)),
    "an array of texts": (lambda: np.array(["a"], object), lambda v: v.__setitem__(0, "b")),
    "a tensor": (lambda: torch.zeros(3), lambda v: v.add_(1)),
    "a gradient": (
        lambda: torch.zeros(3, requires_grad=True), lambda v: (v * 2).sum().backward()
    ),
    "a number in a table": (rows, lambda v: v.iloc.__setitem__((0, 0), 5.0)),
    "a text in a table": (rows, lambda v: v.iloc.__setitem__((1, 1), "z")),
    "a column": (rows, lambda v: v.insert(2, "c", [1, 2])),
    "an index": (rows, lambda v: setattr(v, "index", [1, 2])),
    "a name": (rows, lambda v: setattr(v.index, "name", "row")),
    "a signal": (recording, lambda v: v["one"]["a"].values.__setitem__(0, 1.0)),
    "a label": (recording, lambda v: v["one"].attrs.update(cell="gru")),
    "a signal more": (recording, lambda v: v["one"].__setitem__("b", ("x", np.ones(3)))),
    "within a dataclass": (lambda: Three(Two([], "a"), {"a": [1]}), lambda v: v.chart["a"].pop()),
    "a network": (lambda: torch.nn.LSTM(2, 3), lambda v: v.bias_hh_l0.data.zero_()),
    "its mode": (lambda: torch.nn.LSTM(2, 3), lambda v: v.eval()),
    "a chart": (lambda: alt.Chart(rows()).mark_line(), lambda v: setattr(v, "mark", "bar")),
    "a chart's rows": (lambda: alt.Chart(rows()).mark_line(), lambda v: v.data.pop("a")),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_whoever_changes_what_is_shared_is_found(name: str, watch_on: Any) -> None:
    """By every test that opens pages: see ``_all_leave_what_is_shared_as_it_was``."""
    make, change = CHANGES[name]
    store = Store()
    watch = watch_on(store)
    for key in ("changed", "left alone"):
        store.get(key, make, lambda value: value)
    change(store.get("changed", lambda: pytest.fail("computed again")))
    assert watch.changed() == ["changed"]
    assert watch.changed() == []


def test_what_is_computed_late_and_kept_is_no_change(
    digest_of: Callable[[Any], str],
) -> None:
    """A run draws its examples, and measures its scores, when it is asked for them."""
    run = cached.run_of("adding-lstm")
    fresh = open_run(folder_of("adding-lstm"))
    before = digest_of(fresh)
    fresh.probe()
    fresh.score(fresh.steps[0])
    assert len(vars(fresh)) > len(fields(fresh))
    assert digest_of(fresh) == before == digest_of(run)
