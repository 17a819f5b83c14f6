"""Dates in every way of writing that is read, with and without times; doubt is asked."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from gatescope.loading import Reading, SeriesError, Treatment, read_table, series_of

DAYS = [date(2023, 12, 20) + timedelta(days=9 * k) for k in range(30)]
QUARTERS = [date(1990 + k // 4, 3 * (k % 4) + 1, 1) for k in range(30)]
MONTHS = [date(1999 + k // 12, k % 12 + 1, 1) for k in range(30)]
WEEKS = [date(2023, 11, 6) + timedelta(weeks=k) for k in range(30)]  # Mondays
NAMES = "January February March April May June July August September October November December"


def quarter(day: date) -> int:
    return (day.month + 2) // 3


def iso(day: date) -> str:
    year, week, weekday = day.isocalendar()
    return f"{year}-W{week:02d}-{weekday}"


def unix(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 86_400


WAYS = {
    "year-month-day": (DAYS, lambda d: f"{d:%Y-%m-%d}"),
    "day.month.year": (DAYS, lambda d: f"{d:%d.%m.%Y}"),
    "day.month.year short": (DAYS, lambda d: f"{d.day}.{d.month}.{d.year}"),
    "day/month/year": (DAYS, lambda d: f"{d:%d/%m/%Y}"),
    "month/day/year": (DAYS, lambda d: f"{d:%m/%d/%Y}"),
    "month/day/year short": (DAYS, lambda d: f"{d.month}/{d.day}/{d.year}"),
    "year.month.day": (DAYS, lambda d: f"{d:%Y.%m.%d}"),
    "year/month/day": (DAYS, lambda d: f"{d:%Y/%m/%d}"),
    "day-month-year": (DAYS, lambda d: f"{d:%d-%m-%Y}"),
    "month-day-year": (DAYS, lambda d: f"{d:%m-%d-%Y}"),
    "month.day.year": (DAYS, lambda d: f"{d:%m.%d.%Y}"),
    "day month-name year": (DAYS, lambda d: f"{d.day} {NAMES.split()[d.month - 1]} {d.year}"),
    "day month-name year short": (
        DAYS, lambda d: f"{d:%d}-{NAMES.split()[d.month - 1][:3]}-{d.year}"
    ),
    "month-name day year": (DAYS, lambda d: f"{NAMES.split()[d.month - 1][:3]} {d.day}, {d.year}"),
    "year年month月day日": (DAYS, lambda d: f"{d.year}年{d.month}月{d.day}日"),
    "year年month月": (MONTHS, lambda d: f"{d.year}年{d:%m}月"),
    "year-month": (MONTHS, lambda d: f"{d:%Y-%m}"),
    "year-month slash": (MONTHS, lambda d: f"{d:%Y/%m}"),
    "month/year": (MONTHS, lambda d: f"{d:%m/%Y}"),
    "month-name year": (MONTHS, lambda d: f"{NAMES.split()[d.month - 1]} {d.year}"),
    "quarter": (QUARTERS, lambda d: f"{d.year}-Q{quarter(d)}"),
    "quarter short": (QUARTERS, lambda d: f"{d.year}Q{quarter(d)}"),
    "quarter first": (QUARTERS, lambda d: f"Q{quarter(d)} {d.year}"),
    "week": (WEEKS, lambda d: iso(d)[:-2]),
    "week short": (WEEKS, lambda d: iso(d)[:-2].replace("-", "")),
    "week and day": (DAYS, iso),
    "year": ([date(1950 + k, 1, 1) for k in range(30)], lambda d: f"{d.year}"),
    "yearmonthday": (DAYS, lambda d: f"{d:%Y%m%d}"),
    "unix seconds": (DAYS, lambda d: f"{unix(d)}"),
    "unix milliseconds": (DAYS, lambda d: f"{unix(d)}000"),
    "unix microseconds": (DAYS, lambda d: f"{unix(d)}000000"),
    "unix nanoseconds": (DAYS, lambda d: f"{unix(d)}000000000"),
}  # fmt: skip


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("named", [True, False], ids=["names", "data"])
@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_writing_dates(way: str, named: bool, separator: str) -> None:
    """Each row at its day, in a series in the order of time."""
    days, write = WAYS[way]
    rows = [f'"{write(day)}"{separator}{k}.25' for k, day in enumerate(days)]
    if named:
        rows.insert(0, f"time{separator}v")
    table = read_table("\n".join(rows).encode(), "x.csv")
    assert table.reading.first_row == ("names" if named else "data")
    time, value = table.columns
    moments = table.moments(time)
    assert (
        moments.written
        == way.split(" short")[0].split(" slash")[0].split(" first")[0].split(" and")[0]
    )
    assert moments.times.astype("datetime64[D]").tolist() == days
    if named or not write(days[0]).isdecimal():
        assert table.dates == [time]
    series = series_of(table, value, (), time)
    assert series.times == tuple(f"{day:%Y-%m-%d}" for day in days)
    assert series.values[:, 0].tolist() == [k + 0.25 for k in range(30)]
    assert series.reading.dates == moments.written
    assert series.treatments == ()


CLOCKS = {
    "%H:%M": timedelta(minutes=1),
    "%H:%M:%S": timedelta(seconds=1),
    "%H:%M:%S.%f": timedelta(microseconds=1),
    "%I:%M %p": timedelta(minutes=1),
    "%I:%M:%S%p": timedelta(seconds=1),
}
TIMED = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y.%m.%d", "%Y/%m/%d", "%d-%m-%Y",
         "%Y年%m月%d日"]  # fmt: skip


@pytest.mark.parametrize("between", [" ", "T", ", "], ids=["space", "T", "comma"])
@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("day", TIMED)
def test_every_day_with_every_clock(day: str, clock: str, between: str) -> None:
    moments = [datetime(2024, 2, 27, 22, 59, 59, 250_000) + k * timedelta(hours=5, minutes=7,
               seconds=3, microseconds=11) for k in range(40)]  # fmt: skip
    unit = CLOCKS[clock]
    moments = [datetime.min + (moment - datetime.min) // unit * unit for moment in moments]
    rows = [f"{moment:{day}{between}{clock}};{k % 7}" for k, moment in enumerate(moments)]
    table = read_table("\n".join(["when;v", *rows]).encode(), "x.csv")
    assert table.moments("when").times.tolist() == moments


@pytest.mark.parametrize(
    ("zone", "shift"), [("Z", 0), (" UTC", 0), ("+02:00", -2), ("-0330", 3.5), ("+05", -5)]
)
def test_time_zones_become_utc(zone: str, shift: float) -> None:
    rows = [f"2024-05-{d:02d}T14:00{zone},1" for d in range(1, 31)]
    table = read_table("\n".join(["when,v", *rows]).encode(), "x.csv")
    expected = datetime(2024, 5, 1, 14) + timedelta(hours=shift)
    assert table.moments("when").times[0] == np.datetime64(expected)


DOUBTS = {
    "slashes": ("03/04/2024", "05/06/2024", ("day/month/year", "month/day/year")),
    "hyphens": ("03-04-2024", "05-06-2024", ("day-month-year", "month-day-year")),
    "with times": ("03/04/2024 10:00", "05/06/2024 11:00", ("day/month/year", "month/day/year")),
}


@pytest.mark.parametrize("case", DOUBTS)
def test_days_that_may_be_months_are_asked_and_each_answer_is_taken(case: str) -> None:
    first, second, options = DOUBTS[case]
    data = f"d;v\n{first};1\n{second};2\n".encode()
    with pytest.raises(SeriesError, match=f"row 2 holds '{first}', which can be") as caught:
        read_table(data, "x.csv").moments("d")
    assert (caught.value.field, caught.value.options) == ("dates", options)
    months = []
    for option in options:
        assert f"Reading(dates={option!r})" in str(caught.value)
        moments = read_table(data, "x.csv", Reading(dates=option)).moments("d")
        months.append([moment.month for moment in moments.times.tolist()])
    assert months == [[4, 6], [3, 5]]


def test_one_row_decides_for_all_and_equal_readings_need_no_question() -> None:
    for last, month in (("31/01/2024", 4), ("01/31/2024", 3)):
        table = read_table(f"d;v\n03/04/2024;1\n{last};2\n".encode(), "x.csv")
        assert table.moments("d").times[0].astype(object).month == month
    table = read_table(b"d;v\n01/01/2024;1\n02/02/2024;2\n", "x.csv")
    assert [moment.month for moment in table.moments("d").times.tolist()] == [1, 2]


def test_between_points_the_day_comes_first_where_both_fit() -> None:
    moments = read_table(b"d;v\n03.04.2024;1\n05.06.2024;2\n", "x.csv").moments("d")
    assert moments.written == "day.month.year"
    assert [moment.month for moment in moments.times.tolist()] == [4, 6]


BAD = {
    "two digits of a year": (["03/04/24"] * 3, "row 2 holds '03/04/24', with a year of two digits"),
    "two digits, points": (["31.05.24"] * 3, "a year of two digits"),
    "two digits first": (["24-05-31"] * 3, "a year of two digits"),
    "two digits beside a name": (["31-May-24"] * 3, "a year of two digits"),
    "two digits after a month": (["Jan-24", "Feb-24"], "a year of two digits"),
    "another language": (["1. Mai 2024", "2. Mai 2024"], "row 2 holds '1. Mai 2024'"),
    "two ways in a column": (
        ["2024-01-05", "06.01.2024", "2024-01-07"],
        "row 3 holds '06.01.2024'.*written as year-month-day like the others",
    ),
    "both orders in a column": (
        ["13/01/2024", "01/13/2024", "01/02/2024"], "holds '(01/13|13/01)/2024'"
    ),
    "no such day": (["31.01.2024", "30.02.2024", "01.03.2024"], "row 3 holds '30.02.2024'"),
    "no such hour": (["2024-01-01 10:00", "2024-01-01 25:00", "2024-01-02 10:00"],
                     "row 3 holds '2024-01-01 25:00'"),
    "a slip": (["2024-01-O1", "2024-01-02", "2024-01-03"], "row 2 holds '2024-01-O1'"),
    "a fifth quarter": (["2024-Q1", "2024-Q5", "2024-Q3"], "row 3 holds '2024-Q5'"),
    "a week that is not": (["2024-W05", "2024-W54", "2024-W06"], "row 3 holds '2024-W54'"),
    "months beyond twelve": (["2024-11", "2024-12", "2024-13"], "row 4 holds '2024-13'"),
    "a zone in some rows": (
        ["2024-01-01 10:00", "2024-01-01 11:00Z", "2024-01-01 12:00"],
        "row 3 holds '2024-01-01 11:00Z', with a time zone, and other times have none: write all",
    ),
    "a zone in most rows, one empty": (
        ["", "2024-01-01T10:00+02:00", "2024-01-01T11:00+02:00", "2024-01-01T12:00"],
        r"row 3 holds '2024-01-01T10:00\+02:00', with a time zone, and other times have none",
    ),
    "words": (["spring", "summer", "autumn"], "row 2 holds 'spring', but a date is needed there"),
    "numbers": (["1", "2", "3"], "row 2 holds '1', but a date is needed there"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_date_is_refused_by_its_row(case: str) -> None:
    cells, said = BAD[case]
    rows = "\n".join(f"{cell};{k}" for k, cell in enumerate(cells))
    table = read_table(f"d;v\n{rows}\n".encode(), "x.csv", Reading(first_row="names"))
    with pytest.raises(SeriesError, match=said) as caught:
        table.moments("d")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("case", [case for case in BAD if case not in ("words", "numbers")])
def test_dates_that_cannot_be_read_still_count_as_the_column_of_dates(case: str) -> None:
    """So a page takes it for the time, and the sentence shows; they are never passed over."""
    cells, _ = BAD[case]
    rows = "\n".join(f"{cell};{k}" for k, cell in enumerate(cells))
    assert read_table(f"d;v\n{rows}\n".encode(), "x.csv").dates == ["d"]


@pytest.mark.parametrize("hole", ["", "NA", "-"])
@pytest.mark.parametrize("write", ["%Y-%m-%d", "%d.%m.%Y", "%Y%m%d"])
@pytest.mark.parametrize("place", [0, 9, 29])
def test_a_row_without_a_date_is_left_out_and_told(write: str, hole: str, place: int) -> None:
    days = [date(2024, 1, 1) + timedelta(days=k) for k in range(30)]
    rows = [f"{hole if k == place else format(day, write)};{k}.5" for k, day in enumerate(days)]
    table = read_table("\n".join(["date;v", *rows]).encode(), "x.csv")
    assert table.dates == ["date"]
    series = series_of(table, "v", (), "date")
    assert Treatment("undated", "date", 1) in series.treatments
    assert series.values[:, 0].tolist() == [k + 0.5 for k in range(30) if k != place]


def test_a_column_named_for_time_counts_as_such_whatever_is_in_it() -> None:
    table = read_table(b"Zeit;v\nmorgens;1\nabends;2\n", "x.csv")
    assert table.dates == ["Zeit"]
    assert read_table(b"place;v\nhill;1\nvalley;2\n", "x.csv").dates == []
    assert read_table(b"lead time;v\n3;1\n4;2\n", "x.csv").dates == []
    assert read_table(b"ts;v\n1700000000.5;1\n1700000001;2\n", "x.csv").dates == ["ts"]
    assert read_table(b"d;v\n2024-01-01 00:00:00,5;1\n", "x.csv").dates == ["d"]


def test_too_many_rows_without_a_date_are_refused() -> None:
    rows = [f"{'' if k % 3 else f'2024-01-{k + 1:02d}'};{k}" for k in range(30)]
    table = read_table("\n".join(["date;v", *rows]).encode(), "x.csv")
    with pytest.raises(SeriesError, match="67% of column 'date' is missing"):
        series_of(table, "v", (), "date")


def test_months_of_unequal_length_are_no_gaps_and_a_missing_month_is() -> None:
    for days in (MONTHS, QUARTERS):
        rows = [f"{day:%d.%m.%Y};{k}.5" for k, day in enumerate(days)]
        whole = read_table("\n".join(["d;v", *rows]).encode(), "x.csv")
        assert series_of(whole, "v", (), "d").treatments == ()
        del rows[7]
        less = read_table("\n".join(["d;v", *rows]).encode(), "x.csv")
        assert series_of(less, "v", (), "d").treatments == (Treatment("gaps", "d", 1),)


def test_labels_tell_rows_apart() -> None:
    """Seconds and less are in the labels where they are in the file."""
    for step in (timedelta(seconds=1), timedelta(milliseconds=10), timedelta(hours=1)):
        moments = [datetime(2024, 1, 1) + k * step for k in range(30)]
        rows = [f"{moment.isoformat(' ')},{k % 5}" for k, moment in enumerate(moments)]
        series = series_of(read_table("\n".join(["d,v", *rows]).encode(), "x.csv"), "v", (), "d")
        assert len(set(series.times)) == 30
        assert [datetime.fromisoformat(label) for label in series.times] == moments


def test_a_time_right_after_a_chinese_day() -> None:
    rows = [f"2024年5月{k}日{k % 24}:0{k % 10},{k % 7}" for k in range(1, 31)]
    table = read_table("\n".join(["时间,v", *rows]).encode(), "x.csv")
    assert table.moments("时间").times[28] == np.datetime64("2024-05-29T05:09")


@pytest.mark.parametrize(
    ("name", "cells"),
    [("日期", [20240101, 20240102]), ("时间", [1700000000, 1700000060]), ("年份", [1950, 1951])],
)
def test_a_chinese_name_names_time_as_well(name: str, cells: list[int]) -> None:
    """Numbers below it are times, as below 'date' or 'year'."""
    first, second = cells
    rows = [f"{first + k * (second - first)},{k % 7}" for k in range(25)]
    table = read_table("\n".join([f"{name},v", *rows]).encode(), "x.csv")
    english = {"日期": "date", "时间": "time", "年份": "year"}[name]
    other = read_table("\n".join([f"{english},v", *rows]).encode(), "x.csv")
    assert (table.dates, other.dates) == ([name], [english])
    assert table.moments(name).times.tolist() == other.moments(english).times.tolist()
