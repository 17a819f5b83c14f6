"""CSV files of a series: what is read, what is mended and said, and what is refused."""

import csv
import gzip
import io
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from gatescope.loading import SeriesError, Treatment, read_table, series_of

DATA = Path(__file__).parents[2] / "assets" / "data"
DAYS = [f"2024-01-{day:02d}" for day in range(1, 31)]


def table(rows: list[str], head: str = "date,a,b") -> bytes:
    return "\n".join([head, *rows]).encode()


def thirty(a: str = "", b: str = "") -> list[str]:
    """Thirty days; the cells at place 9 may be given."""
    return [
        f"{day},{a if a and k == 9 else k * k},{b if b and k == 9 else 100 - k}"
        for k, day in enumerate(DAYS)
    ]


def test_columns_are_chosen_and_kept_in_order() -> None:
    found = read_table(table(thirty()), "my.csv")
    assert found.numbers == ["a", "b"]
    assert found.dates == ["date"]
    series = series_of(found, "b", ["a"], "date")
    assert series.features == ("b", "a")
    assert series.treatments == ()
    np.testing.assert_array_equal(series.values[:, 1], np.arange(30.0) ** 2)
    assert series.times[0] == "2024-01-01"
    assert series_of(found, "a").times[:3] == ("0", "1", "2")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_and_a_byte_order_mark(separator: str) -> None:
    data = b"\xef\xbb\xbf" + table(thirty()).replace(b",", separator.encode())
    assert list(read_table(data, "my.csv").columns) == ["date", "a", "b"]


def test_rows_are_put_in_order_and_repeated_times_become_their_mean() -> None:
    rows = thirty()
    rows[3], rows[4] = rows[4], rows[3]
    rows.append("2024-01-30,43,71")
    series = series_of(read_table(table(rows), "my.csv"), "a", (), "date")
    assert series.treatments == (Treatment("sorted", "date", 1), Treatment("repeated", "date", 1))
    assert series.values[3:5, 0].tolist() == [9, 16]
    assert series.values[-1, 0] == (29 * 29 + 43) / 2


@pytest.mark.parametrize("hole", ["", "NA", "nan", "null", "-"])
def test_what_is_missing_takes_the_value_before(hole: str) -> None:
    rows = [f"{day},{hole if k == 9 else k * k},1" for k, day in enumerate(DAYS)]
    series = series_of(read_table(table(rows), "my.csv"), "a", (), "date")
    assert series.values[9, 0] == 64
    assert series.treatments == (Treatment("filled", "a", 1),)


def test_rows_before_the_first_value_are_left_out() -> None:
    rows = [f"{day},{'' if k < 3 else k},1" for k, day in enumerate(DAYS)]
    series = series_of(read_table(table(rows), "my.csv"), "a", (), "date")
    assert series.treatments == (Treatment("cut", "", 3),)
    assert len(series.values) == 27
    assert series.times[0] == "2024-01-04"


def test_a_further_column_that_never_changes_is_left_out_and_gaps_are_told() -> None:
    rows = [f"{day},{k},7" for k, day in enumerate(DAYS) if k != 12]
    series = series_of(read_table(table(rows), "my.csv"), "a", ["b"], "date")
    assert series.features == ("a",)
    assert series.treatments == (Treatment("gaps", "date", 1), Treatment("constant", "b"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\xff\xfe\x00", "not text in utf-16"),
        (b"a\0b", "is not text"),
        (b"a,b\n", "names but no rows"),
        (b"a,a\n1,2\n", "'a' twice among its names"),
        (b"a,b\n1,2\n3\n", "row 3 has 1 cell, but the other rows have 2"),
        (",".join(f"c{k}" for k in range(201)).encode() + b"\n", "201 columns"),
    ],
)
def test_files_that_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(SeriesError, match=said):
        read_table(data, "my.csv")


def test_a_limit_of_rows_is_met_before_all_is_read() -> None:
    read_table(b"a\n" + b"1\n" * 20, "my.csv", most_rows=20)
    for data in (b"a\n" + b"1\n" * 21, b"1.5\n" * 21):
        with pytest.raises(SeriesError, match=r"about 2\d rows, but at most 20 can be read"):
            read_table(data, "my.csv", most_rows=20)
    wrong_at_its_end = b"a,b\n" + b"1,2\n" * 5_000 + b"1,2,3\n"
    with pytest.raises(SeriesError, match="about 5,002 rows"):
        read_table(wrong_at_its_end, "my.csv", most_rows=1_000)


@pytest.mark.parametrize(
    ("rows", "target", "time", "said"),
    [
        (thirty(), "c", None, "no column 'c'; available: date, a, b"),
        (thirty(a="rainy"), "a", None, "column 'a', row 11 holds 'rainy'"),
        (thirty(), "date", None, "words of 30 kinds"),
        ([f"{d},yes,1" for d in DAYS], "a", None, r"one class only \('yes'\)"),
        ([f"{d},,1" for d in DAYS], "a", None, "column 'a' is empty"),
        ([f"{d},5,1" for d in DAYS], "a", None, "the same value in every row"),
        ([f"{d},{k if k % 2 else ''},1" for k, d in enumerate(DAYS)], "a", None, "50% of column"),
        (thirty()[:9], "a", None, "has 9 values, but at least 20"),
        (thirty(), "a", "b", "column 'b', row 2 holds '100', but a date"),
    ],
)
def test_choices_that_are_refused(
    rows: list[str], target: str, time: str | None, said: str
) -> None:
    with pytest.raises(SeriesError, match=said):
        series_of(read_table(table(rows), "my.csv"), target, (), time)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.csv.gz")), ids=lambda path: path.name)
def test_the_data_that_come_with_the_project_read_as_they_stand(path: Path) -> None:
    """Against Python's csv and float; dates in the order year, month, day."""
    data = gzip.decompress(path.read_bytes())
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    found = read_table(data, path.name)
    assert (found.reading.separator, found.reading.decimal, found.notes) == (",", ".", ())
    assert list(found.columns) == list(rows[0])
    assert len(found.numbers) + len(found.dates) + sum(
        name in ("ticker", "weather") for name in found.columns
    ) == len(rows[0])
    for name in found.numbers:
        expected = [float(row[name]) if row[name] else np.nan for row in rows]
        np.testing.assert_array_equal(found.values(name)[0], expected)
    for name in found.dates:
        texts = [row[name].replace("/", "-") for row in rows]
        times = [datetime.fromisoformat(text).replace(tzinfo=None) for text in texts]
        assert found.moments(name).times.tolist() == times
