"""Rows of charts: what Altair itself makes of a data frame, and names that tell charts apart."""

import altair as alt
import numpy as np
import pandas as pd
import pytest
from altair.utils.data import MaxRowsError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import pandas as frames

from viz_app.charts.pieces import Chart, layered
from viz_app.charts.records import records, values

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
    """Ours are Altair's, of Python's own types; it leaves a NaN or two, which JSON lacks."""
    ours = values(rows)["values"]
    theirs = [
        {name: None if value != value else value for name, value in row.items()}
        for row in alt.default_data_transformer(rows)["values"]
    ]
    assert ours == theirs
    assert [[type(x) for x in row.values()] for row in ours] == [
        [type(x) for x in row.values()] for row in theirs
    ]


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
