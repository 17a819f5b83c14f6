"""A table of texts in parts that fit a phone."""

import pandas as pd

from viz_app.kit.tables import parted

TABLE = pd.DataFrame(
    {"accuracy": ["91.7%"], "seconds of training": ["2.47"], "parameters": ["4,810"], "n": ["5"]},
    index=pd.Index(["LSTM"], name="network"),
)


def test_a_table_that_fits_stays_whole() -> None:
    """On a wide page."""
    (whole,) = parted(TABLE, 1000)
    assert whole.equals(TABLE)


def test_a_wide_table_stands_in_parts_with_all_columns() -> None:
    """In their order, each part with the rows' names; a column too wide stands alone."""
    parts = parted(TABLE, 330)
    assert [list(part.columns) for part in parts] == [
        ["accuracy", "seconds of training"], ["parameters", "n"],
    ]  # fmt: skip
    assert pd.concat(parts, axis=1).equals(TABLE)
    assert all(part.index.equals(TABLE.index) for part in parts)
    assert [len(part.columns) for part in parted(TABLE, 50)] == [1, 1, 1, 1]
