"""Rows of charts: what Altair itself makes of a data frame, and names that tell charts apart."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest
from altair.utils.data import MaxRowsError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import pandas as frames

from viz_app.kit import export
from viz_app.kit.chart import records as module
from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.records import inline, records, values

SCALARS = st.none() | st.booleans() | st.integers(-99, 99) | st.floats(width=32) | st.text()
PLAIN = frames.data_frames(
    [
        frames.column("number", dtype=np.float64),
        frames.column("count", dtype=np.int16),
        frames.column("yes", dtype=bool),
        frames.column("word", elements=st.text(), dtype="str"),
        frames.column("mixed", elements=SCALARS, dtype=object),
    ]
)


def same(rows: pd.DataFrame) -> None:
    """Ours are Altair's, of Python's own types; it leaves a NaN or two, which JSON lacks.

    Among values of several kinds it writes whole numbers as 0.0 at times: to JSON all are numbers.
    """
    ours = values(rows)["values"]
    theirs = [
        {name: None if value != value else value for name, value in row.items()}
        for row in alt.default_data_transformer(rows)["values"]
    ]
    assert ours == theirs
    assert [[kind(x) for x in row.values()] for row in ours] == [
        [kind(x) for x in row.values()] for row in theirs
    ]


def kind(value: object) -> type:
    """What JSON tells apart."""
    return float if type(value) is int else type(value)


@given(PLAIN)
@settings(settings.get_profile("fuzz"))
def test_rows_are_those_of_altair(rows: pd.DataFrame) -> None:
    """NaN, infinity and nothing become None."""
    assert records(rows) is not None
    same(rows)


def test_what_is_not_plain_is_left_to_altair() -> None:
    """Dates, categories, lists, and names that are no text."""
    for column in (pd.to_datetime(["2020-01-01", None]), pd.Categorical(["a", "b"]), [[1, 2], [3]]):
        rows = pd.DataFrame({"found": column})
        assert records(rows) is None
        same(rows)
    assert records(pd.DataFrame({1: [2]})) is None


def test_too_many_rows_are_refused_as_before() -> None:
    """Unless there is no limit."""
    rows = pd.DataFrame({"x": range(5001)})
    with pytest.raises(MaxRowsError):
        values(rows)
    assert len(values(max_rows=None)(rows)["values"]) == 5001


def test_charts_that_differ_in_one_row_have_names_of_their_own() -> None:
    """A printed data frame leaves out what is in the middle."""

    def named(middle: float) -> str:
        rows = pd.DataFrame({"x": [0.0] * 500 + [middle] + [0.0] * 500})
        chart = Chart(rows).mark_point().encode(x="x").add_params(alt.selection_point(name="p"))
        (found,) = layered(chart, data=rows).to_dict()["params"][0]["views"]
        return str(found)

    assert named(1.0) == named(1.0)
    assert named(1.0) != named(2.0)


MANY = pd.DataFrame({"x": range(6000)})


def of_altair() -> tuple[Any, ...]:
    """What Altair would do with rows, in any thread."""
    way = alt.data_transformers
    return way.active, dict(way.options), way.consolidate_datasets


def test_while_a_figure_of_many_rows_is_made_others_have_their_own_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server makes figures and pages at once; Altair's own switch would turn for all."""
    before, meanwhile = of_altair(), []

    def page() -> None:
        with pytest.raises(MaxRowsError):
            alt.Chart(MANY).mark_point().to_dict()

    def met(rows: pd.DataFrame) -> Any:
        meanwhile.append(of_altair())
        with ThreadPoolExecutor(1) as pool:
            pool.submit(page).result(30)
        return records(rows)

    monkeypatch.setattr(module, "records", met)
    found = export.spec(Chart(MANY).mark_point())
    assert [len(rows) for rows in found["datasets"].values()] == [6000]
    assert meanwhile == [before]
    assert of_altair() == before
    page()


def test_a_figure_has_its_rows_whatever_a_notebook_has_enabled(tmp_path: Any) -> None:
    """Which stays enabled."""
    with alt.data_transformers.enable("json", urlpath=str(tmp_path)):
        found = export.spec(Chart(MANY).mark_point())
        assert alt.data_transformers.active == "json"
    assert [len(rows) for rows in found["datasets"].values()] == [6000]
    assert alt.data_transformers.active == "default"


def test_rows_stand_where_they_are_drawn() -> None:
    """As Altair puts them with ``consolidate_datasets=False``, which holds for all threads."""
    one, other = pd.DataFrame({"x": [1, 2]}), alt.Data(values=[{"x": 1, "name": "data-x"}])
    chart = alt.vconcat(
        Chart(one).mark_point(name="data").encode(x="x:Q")
        + Chart(one).mark_line().transform_lookup("x", alt.LookupData(other, "x", ["name"])),
        Chart(alt.NamedData("named")).mark_bar(),
    )
    with alt.data_transformers.enable("default", consolidate_datasets=False):
        expected = chart.to_dict(validate=False)
    found = inline(chart.to_dict(validate=False))
    assert "datasets" not in found
    assert "values" in str(found)
    assert found == expected
