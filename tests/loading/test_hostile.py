"""Files that are odd in one way: each is read as it is meant, asked about or refused in a line."""

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from gatescope.loading import (
    FileError,
    Reading,
    read_sequences,
    read_table,
    sequences_from_text,
    series_of,
)

BLANK = {
    "alone in a block of rows": (b"a;b\n" + b"1;2\n" * 499 + b"\n", 499),
    "many at the end": (b"a;b\n1;2\n3;4\n" + b"\n" * 1500, 2),
    "many between": (b"a;b\n1;2\n" + b"\n" * 1500 + b"3;4\n", 2),
    "many of one column": (b"v\n" + b"1,5\n" * 30 + b"\n" * 1500, 30),
    "many of spaces": (b"a;b\n1;2\n" + b"\r\n" * 1000 + b"3;4\r\n", 2),
}


@pytest.mark.parametrize("case", BLANK)
def test_blank_lines_however_many_are_left_out(case: str) -> None:
    data, rows = BLANK[case]
    table = read_table(data, "x.csv")
    assert table.rows == rows
    lines = data.splitlines()
    assert table.place(rows - 1) == max(k for k, line in enumerate(lines, 1) if line)
    width = len(table.columns)
    assert read_sequences(data, "x.csv", width).shape == (rows, 1, width)


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-32", "punycode", "idna", "undefined", "utf8\0", "unicode_escape"]
)
def test_an_encoding_that_the_file_has_not_is_one_sentence(encoding: str) -> None:
    with pytest.raises(FileError, match=r"not text in utf|there is no encoding") as caught:
        read_table(b"d;v\n1;2\n", "x.csv", Reading(encoding=encoding))
    assert "\n" not in str(caught.value)


def test_utf8_that_was_asked_for_may_have_its_mark() -> None:
    table = read_table(b"\xef\xbb\xbfa;b\n1;2\n", "x.csv", Reading(encoding="utf-8"))
    assert list(table.columns) == ["a", "b"]


@pytest.mark.parametrize(
    "options", [{"encoding": 5}, {"separator": 1}, {"decimal": 0.5}, {"dates": []}]
)
def test_a_reading_is_of_texts(options: dict[str, object]) -> None:
    with pytest.raises(FileError, match="must be a text or None, got"):
        Reading(**options)  # type: ignore[arg-type]


def lines(head: str, row: Callable[[int], str], count: int = 30) -> bytes:
    """A file of a head, where there is one, and rows."""
    return "".join(f"{line}\n" for line in [head] * bool(head) + [*map(row, range(count))]).encode()


COMMAS = {
    "a name, two words": ("Ort;Land;Temp, mean", lambda k: f"Berlin;DE;{20 + k},5", 2),
    "a name, two words, tabs": ("Ort\tLand\tTemp, mean", lambda k: f"A\tDE\t{20 + k},5", 2),
    "a name, two words, pipes": ("Ort|Land|Temp, mean", lambda k: f"A|DE|{20 + k},5", 2),
    "a name, a date and words": (
        "Datum;Station;Name;QN;Temp, Mittel",
        lambda k: f"{k % 28 + 1}.1.2024;K1;Berlin;gut;{20 + k},5",
        4,
    ),
    "two names": ("Ort;Land;T, mean;H, mean", lambda k: f"B;DE;{20 + k},5;{30 + k},25", 2),
    "every name": ("Time, s;Force, N", lambda k: f"{k},1;{20 + k},5", 1),
    "a word too": ("Ort, Land;Temp, mean", lambda k: f"Bonn, DE;{20 + k},5", 1),
    "no head": ("", lambda k: f"Berlin;DE;{20 + k},5", 2),
    "no head, milliseconds": ("", lambda k: f"2024-01-01 00:00:{k:02d},123;{20 + k},5", 1),
    "a head, milliseconds": ("t;v, w", lambda k: f"2024-01-01 00:00:{k:02d},123;{20 + k},5", 1),
    "addresses": ("Adresse, Ort;Art;Bem;Wert", lambda k: f"Weg {k}, Bonn;x;y;{20 + k}.5", 3),
    "a pipe in a name": ("level|unit,name,qc,ok,v", lambda k: f"{k}|m,foo,a,b,{20 + k}.5", 4),
    "pipes in words": ("a|b,c,v", lambda k: f"x|y,z,{20 + k}.5", 2),
    "semicolons in words": ("id,note; x,v", lambda k: f"{k},a; b,{20 + k}.5", 2),
}


@pytest.mark.parametrize("case", COMMAS)
def test_a_comma_inside_numbers_and_names_separates_nothing(case: str) -> None:
    """And no other mark that is only part of a text."""
    head, row, place = COMMAS[case]
    table = read_table(lines(head, row), "x.csv", Reading(first_row="names" if head else "data"))
    name = list(table.columns)[place]
    assert table.values(name)[0].tolist() == [20 + k + 0.5 for k in range(30)]
    if "milliseconds" in case:
        times = table.moments(table.dates[0]).times
        assert times[1] == np.datetime64("2024-01-01T00:00:01.123")


def test_one_column_whose_name_has_a_comma_is_asked() -> None:
    data = lines("Temp, mean", lambda k: f"{20 + k},5")
    with pytest.raises(FileError) as caught:
        read_table(data, "x.csv")
    assert caught.value.field == "separator"
    assert set(caught.value.options) == {",", ""}


def odd(place: int, fine: str, wrong: str) -> Callable[[int], str]:
    """Rows of which one is odd."""
    return lambda k: (wrong if k == place else fine).format(f"{20 + k % 9},{k % 7}")


ONE_ROW = {
    "an open quote": ("Tag;Note;Temp, mean", "1.1.2024;x;{}", '1.1.2024;"x;{}', "opens a quote"),
    "an open quote, no comma in a name": ("d;note;v", "1.1.2024;a;{}", '1.1.2024;"a;{}', "opens"),
    "text after a quote": ("Tag;Note;T, m", "1.1.2024;x;{}", '1.1.2024;"5" pipe;{}', "after"),
    "a cell more": ("Tag;Temp, mean", "1.1.2024;{}", "1.1.2024;x;{}", "has 3 cells"),
    "a cell more, brackets": ("Tag;Temp (°C, mean)", "1.1.2024;{}", "1.1.2024;x;{}", "3 cells"),
    "a cell less": ("Tag;Ort;Temp, mean", "1.1.2024;A;{}", "1.1.2024;{}", "has 2 cells"),
    "a cell more, tabs": ("Tag\tTemp, mean", "1.1.2024\t{}", "1.1.2024\tx\t{}", "has 3 cells"),
    "a cell more, no head": ("", "1.1.2024;{}", "1.1.2024;x;{}", "has 3 cells"),
    "an open quote, spaces": ("a b", "1.5 2", '"1.5 2', "opens a quote"),
    "an open quote, tabs": ("a\tb", "1.5\t2", '"1.5\t2', "opens a quote"),
    "an open quote of a number, tabs, no head": ("", "1.5\t2", '"1.5\t2', "opens a quote"),
    "a cell more beside semicolons in words": ("a; b,v,w", "x; y,5,3", "x; y,5,3,4", "4 cells"),
    "an open quote, no head": ("", "1.1.2024;a;{}", '1.1.2024;"a;{}', "opens a quote"),
}


@pytest.mark.parametrize(("place", "count"), [(0, 30), (3, 30), (600, 700)])
@pytest.mark.parametrize("case", ONE_ROW)
def test_one_wrong_row_is_told_and_no_other_separator_taken(
    case: str, place: int, count: int
) -> None:
    head, fine, wrong, said = ONE_ROW[case]
    data = lines(head, odd(place, fine, wrong), count)
    with pytest.raises(FileError, match=f"row {place + 1 + bool(head)} .*{said}"):
        read_table(data, "x.csv")


def test_a_huge_cell_is_called_so_in_quotes_too() -> None:
    with pytest.raises(FileError, match="row 2 has a cell of more than 131,072 characters"):
        read_table(b'd;v\n1;"' + b"x" * 200_000 + b'"\n', "x.csv")


HOURS = [datetime(2024, 1, 30, 20) + timedelta(hours=k) for k in range(60)]
DIGITS = {
    "yearmonthday": "%Y%m%d", "yearmonthdayhour": "%Y%m%d%H",
    "yearmonthdayhourminute": "%Y%m%d%H%M", "yearmonthdayhourminutesecond": "%Y%m%d%H%M%S",
}  # fmt: skip


@pytest.mark.parametrize("hole", ["", "NA"])
@pytest.mark.parametrize("written", DIGITS)
def test_digits_that_are_dates_are_no_unix_time(written: str, hole: str) -> None:
    step = timedelta(days=1) if written == "yearmonthday" else timedelta(hours=1)
    moments = [datetime(1996, 2, 27) + k * step for k in range(60)]
    texts = [format(moment, DIGITS[written]) for moment in moments]
    texts[7] = hole
    data = lines("MESS_DATUM;TT", lambda k: f"{texts[k]};{k}.5", 60)
    table = read_table(data, "x.csv")
    assert table.dates == ["MESS_DATUM"]
    found = table.moments("MESS_DATUM")
    assert found.written == written
    assert found.times.tolist() == [*moments[:7], None, *moments[8:]]
    again = read_table(data, "x.csv", Reading(dates=written)).moments("MESS_DATUM")
    np.testing.assert_array_equal(again.times, found.times)


NO_DATES = {
    "hour 24": "2024013024", "day 31 of April": "2024043112", "month 13": "202413010000",
    "minute 60": "202401012260", "day 0": "20240100", "29 February": "20230229",
}  # fmt: skip


@pytest.mark.parametrize("case", NO_DATES)
def test_one_number_that_is_no_date_makes_a_column_no_dates(case: str) -> None:
    """Nor unix time, unless all of them are."""
    wrong = NO_DATES[case]
    way = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M"}[len(wrong)]
    right = datetime(2024, 1, 28)
    texts = [format(right + timedelta(hours=k), way) for k in range(9)]
    table = read_table(lines("date;v", lambda k: f"{[*texts, wrong][k]};{k}.5", 10), "x.csv")
    with pytest.raises(FileError):
        table.moments("date")


@pytest.mark.parametrize("way", ["%y%m%d%H%M", "%y%m%d%H%M%S", "%Y%m%d%H%M%S000"])
def test_digits_that_are_no_date_that_is_read_are_asked(way: str) -> None:
    table = read_table(lines("datetime;v", lambda k: f"{HOURS[k]:{way}};{k}.5", 60), "x.csv")
    assert table.dates == ["datetime"]
    with pytest.raises(FileError, match="read only with separators") as caught:
        table.moments("datetime")
    for start in (datetime(2020, 12, 1, 1), datetime(2019, 1, 12, 8)):
        days = [start + timedelta(days=k) for k in range(9)]
        table = read_table(lines("time;v", lambda k, d=days: f"{d[k]:{way}};{k}.5", 9), "x.csv")
        with pytest.raises(FileError, match="read only with separators"):
            table.moments("time")
    assert caught.value.field == "dates"
    assert caught.value.options[0].startswith("unix")


def test_two_numbers_alone_are_asked_and_years_of_unix_time_are_not() -> None:
    table = read_table(b"time;v\n2013012100;1\n2013012101;2\n2013012101;3\n", "x.csv")
    with pytest.raises(FileError) as caught:
        table.moments("time")
    assert caught.value.options == ("yearmonthdayhour", "unix seconds")
    for start, step in ((1_700_000_000, 3600), (1_999_999_990, 1), (1_010_150_000, 60)):
        data = lines("time;v", lambda k, a=start, d=step: f"{a + k * d};{k}.5", 200)
        found = read_table(data, "x.csv").moments("time")
        assert found.written == "unix seconds"
        assert found.times[1] - found.times[0] == np.timedelta64(step, "s")


NAMED = {
    "MESS_DATUM": True, "startDate": True, "created time": True, "date-time": True, "TIME": True,
    "DateTime": True, "Jahr": True, "t.year": True, "ts": True,
    "runtime_ms": False, "candidates": False, "yearly_income": False, "update_id": False,
    "estimated": False, "daytime2": False, "unixoid": False, "timeseries": False,
    "response_time": False, "Zeitung": False,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_a_column_is_taken_for_time_by_a_whole_word_of_its_name(name: str) -> None:
    """Numbers from 1000 to 2900 may be years, and milliseconds or dollars as well."""
    years = {"Jahr", "t.year", "TIME", "DateTime", "ts", "date-time"}
    table = read_table(lines(f"{name};v", lambda k: f"{1950 + k};{k}.5", 60), "x.csv")
    assert table.dates == ([name] if name in years else [])
    days = [date(2020, 1, 1) + timedelta(days=k) for k in range(60)]
    table = read_table(lines(f"{name};v", lambda k: f"{days[k]:%Y%m%d};{k}.5", 60), "x.csv")
    assert table.dates == ([name] if NAMED[name] or name == "response_time" else [])


FIRST_ROWS = {
    "years": ("2019;2020;2021", lambda k: f"{k},5;{k + 1},5;{k + 2},5"),
    "months and years": ("Monat;2019;2020", lambda k: f"M{k};{k},5;{k + 1},5"),
    "a word and counts": ("Tag;1;2;3", lambda k: f"T{k};{k},5;{k},5;{k},5"),
    "towns and years": ("town,2019,2020", lambda k: f"L{k},{k}.5,{k + 1}"),
    "one year": ("2024", lambda k: f"{k}.5"),
    "counted by a program": ("0,1,2", lambda k: f"{k}.5,{k},{k}.25"),
    "counted above whole numbers": ("0,1,2", lambda k: f"{k * 3},{k},{k * k}"),
    "shares above an index": (";0.1;0.5;1.0", lambda k: f"M{k};{k}.5;{k}.5;{k}.5"),
    "a year and a name that begins with a digit": ("2020;2m_temp", lambda k: f"{k};{k + 1},5"),
    "depths": ("10;20;50", lambda k: f"{k},5;{k + 1},5;{k + 2},25"),
    "wave lengths": ("sample,400.5,401.0", lambda k: f"s{k},{k}.5,{k}.25"),
}  # fmt: skip


@pytest.mark.parametrize("case", FIRST_ROWS)
def test_numbers_that_may_be_names_are_asked_and_each_answer_is_taken(case: str) -> None:
    head, row = FIRST_ROWS[case]
    data, names = lines(head, row), head.replace(",", ";").split(";")
    with pytest.raises(FileError) as caught:
        read_table(data, "x.csv")
    assert (caught.value.field, caught.value.options) == ("first_row", ("names", "data"))
    table = read_table(data, "x.csv", Reading(first_row="names"))
    assert list(table.columns) == [name or "column 1" for name in names]
    last = (
        [float(row(k).split(";" if ";" in head else ",")[-1].replace(",", ".")) for k in range(30)]
        if case != "one year"
        else [k + 0.5 for k in range(30)]
    )
    assert table.values(names[-1])[0].tolist() == last
    table = read_table(data, "x.csv", Reading(first_row="data"))
    found = table.values(f"column {len(names)}")[0].tolist()
    assert found[1:] == last


@pytest.mark.parametrize("data", [b"2019;2020\n1,5;2,5\n3,5;4,5\n", b"0,1\n5,7\n3,4\n"])
def test_sequences_ask_of_their_first_row_too(data: bytes) -> None:
    with pytest.raises(FileError) as caught:
        read_sequences(data, "x.csv", 2)
    assert caught.value.field == "first_row"
    assert read_sequences(data, "x.csv", 2, Reading(first_row="names")).shape == (2, 1, 2)
    assert sequences_from_text(data.decode(), 2).shape == (3, 1, 2)


PLAIN = {
    "an index that a program counted": (",0,1", lambda k: f"{k},{k}.5,{k + 1}.5", "names"),
    "a series' index": (",0", lambda k: f"{k},{k}.5", "names"),
    "an index of words": (",0,1", lambda k: f"s{k},{k}.5,{k + 1}.5", "names"),
    "an index of days": (",0,1", lambda k: f"2024-01-{k + 1:02d},{k}.5,{k}", "names"),
    "digits first": ("2m_temp;10m_wind", lambda k: f"{k},5;{k + 1},5", "names"),
    "durations": ("1h,5min,15min", lambda k: f"{k}.5,{k + 1}.5,{k}", "names"),
    "depths with units": ("0-5cm,5-10cm", lambda k: f"{k}.5,{k + 1}.5", "names"),
    "one name with a digit": ("2m_temp", lambda k: f"{k}.5", "names"),
    "a number sign": ("#,Date,Temp", lambda k: f"{k},2024-01-{k + 1:02d},{k}.5", "names"),
    "data": ("5.5,3", lambda k: f"{k}.5,{k + 1}", "data"),
    "data after a word that comes again": ("A,2,3", lambda k: f"{'AB'[k % 2]},{k},{k}.5", "data"),
    "data after a date": ("2023-12-31,a,3", lambda k: f"2024-01-{k + 1:02d},b{k},{k}.5", "data"),
    "a slip": ("1,2O", lambda k: f"{k},{k}.5", "data"),
}  # fmt: skip


@pytest.mark.parametrize("case", PLAIN)
def test_first_rows_that_leave_no_doubt(case: str) -> None:
    head, row, expected = PLAIN[case]
    table = read_table(lines(head, row), "x.csv")
    assert table.reading.first_row == expected
    assert table.rows == 30 + (expected == "data")
    if expected == "names":
        names = head.replace(",", ";").split(";")
        assert list(table.columns) == [name or "column 1" for name in names]


def pointed(value: int) -> str:
    return f"{value:,}".replace(",", ".")


@pytest.mark.parametrize("separator", [",", " "])
def test_points_that_begin_at_a_thousand_are_asked(separator: str) -> None:
    data = lines(f"v{separator}w", lambda k: f"{k}{separator}{pointed(980 + 10 * k)}")
    with pytest.raises(FileError) as caught:
        read_table(data, "x.csv")
    assert caught.value.field == "decimal"
    assert read_table(data, "x.csv", Reading(decimal=",")).values("w")[0][2] == 1000
    assert read_table(data, "x.csv", Reading(decimal=".")).values("w")[0][2] == 1


@pytest.mark.parametrize(("separator", "decimal"), [(";", "."), (";", ","), (",", ".")])
def test_one_number_of_thousands_among_decimals_may_be_a_slip(separator: str, decimal: str) -> None:
    other = "," if decimal == "." else "."
    rows = [f"{k % 9}{decimal}5" for k in range(300)]
    rows[250] = f'"1{other}234"'
    data = lines(f"t{separator}v", lambda k: f"{k}{separator}{rows[k]}", 300)
    with pytest.raises(FileError) as caught:
        read_table(data, "x.csv")
    assert (caught.value.field, caught.value.options) == ("thousands", (other, ""))
    values, bad = read_table(data, "x.csv", Reading(thousands="")).values("v")
    assert (bad.tolist(), values[0]) == ([250], 0.5)
    assert read_table(data, "x.csv", Reading(thousands=other)).values("v")[0][250] == 1234
    rows[251] = f'"1{other}234{decimal}5"'
    data = lines(f"t{separator}v", lambda k: f"{k}{separator}{rows[k]}", 300)
    assert read_table(data, "x.csv").values("v")[0][250:252].tolist() == [1234, 1234.5]


@pytest.mark.parametrize("cell", ["+nan", "+NaN", "+inf", "-Infinity"])
def test_nothing_but_a_word_for_it_is_missing(cell: str) -> None:
    _, bad = read_table(lines("v", lambda k: cell if k == 7 else f"{k}.5"), "x.csv").values("v")
    assert bad.tolist() == [7]


@pytest.mark.parametrize("cell", ["1e300", "-4e38", "1" + "0" * 39])
def test_what_is_infinite_in_single_precision_is_refused(cell: str) -> None:
    data = lines("a;b", lambda k: f"{k};{cell if k == 7 else k}.5".replace("e300.5", "e300")
                 .replace("e38.5", "e38"))  # fmt: skip
    with pytest.raises(FileError, match=r"at most 3.4e\+38"):
        read_sequences(data, "x.csv", 2)
    with pytest.raises(FileError, match=r"column 'b', row 9 holds .* at most 3.4e\+38"):
        series_of(read_table(data, "x.csv"), "b")
    file = io.BytesIO()
    np.save(file, np.array([[1.0, float(cell)]]))
    with pytest.raises(FileError, match=r"at \(0, 1\) .* larger than 3.4e\+38"):
        read_sequences(file.getvalue(), "x.npy", 2)


SHARED = {
    "date and time apart": ("Date;Time;v", lambda k: f"{k // 24 + 1}.3.2004;{k % 24:02d}:00;{k},5"),
    "year and month apart": ("Year,Month,v", lambda k: f"{1990 + k // 12},{k % 12 + 1},{k}.5"),
    "several places": ("date,place,v", lambda k: f"2024-01-{k // 3 + 1:02d},{'ABC'[k % 3]},{k}.5"),
    "two places in turn": ("date,place,v", lambda k: f"2024-01-{k % 31 + 1:02d},A,{k}"),
}  # fmt: skip


@pytest.mark.parametrize("case", SHARED)
def test_rows_that_mostly_share_their_times_are_no_series(case: str) -> None:
    """Their means would be numbers of another kind, told as a success."""
    head, row = SHARED[case]
    table = read_table(lines(head, row, 62), "x.csv")
    with pytest.raises(FileError, match="of 62 rows have the same time as another row in column"):
        series_of(table, "v", (), table.dates[0])


NO_TABLES = {
    b'[{"d":"2024-01-01","v":1.5},\n{"d":"2024-01-02","v":2.5}]': "is JSON, not a table",
    b'{\n  "v": [1, 2]\n}': "is JSON, not a table",
    b'\xef\xbb\xbf{"v": [1, 2]}': "is JSON, not a table",
    b"<!DOCTYPE html>\n<html></html>": "is a web page, not a table",
    b"\n<HTML><table><tr><td>1</td></tr></table>": "is a web page, not a table",
    b'<?xml version="1.0"?>\n<rows><row a="1"/></rows>': "is XML, not a table",
    b"<rows>\n<row a='1'/>\n</rows>": "is XML, not a table",
}


@pytest.mark.parametrize("data", NO_TABLES)
def test_a_text_that_is_no_table_is_called_what_it_is(data: bytes) -> None:
    for read in (lambda: read_table(data, "x.csv"), lambda: read_sequences(data, "x.csv", 2)):
        with pytest.raises(FileError, match=NO_TABLES[data]):
            read()


def test_a_cell_that_begins_as_another_text_does_is_a_cell() -> None:
    table = read_table(b"<0.1 mg;[a]\n1;2\n3;4.5\n", "x.csv")
    assert list(table.columns) == ["<0.1 mg", "[a]"]


@pytest.mark.parametrize("separator", [" ", ",", ";", "\t"])
def test_names_without_one_for_the_rows_are_told_as_r_writes_them(separator: str) -> None:
    rows = [["temp", "wind"], *([f'"{k}"', f"{k}.5", "2.5"] for k in range(1, 30))]
    data = "\n".join(map(separator.join, rows)).encode()
    with pytest.raises(FileError, match=r"row 1 has 2 cells, but the other rows have 3.*col.names"):
        read_table(data, "x.csv")
    with pytest.raises(FileError, match=r"row 1 has 1 cell, but the other rows have 2.*as many"):
        read_table(b"Station: X\n\n" + lines("d;v", lambda k: f"{k};{k},5"), "x.csv")


BESIDE = {
    "percent": (lambda k: f"{k},5%", 2), "a unit": (lambda k: f"{k},5 °C", 2),
    "a unit of words": (lambda k: f"{k} km/h", 2), "a currency": (lambda k: f"€ {k},5", 2),
    "a currency in letters": (lambda k: f"R$ 1.{100 + k},25", 2),
    "a currency's code": (lambda k: f"EUR {k},5", 2),
    "a bound": (lambda k: f"{k},5" if k % 5 != 3 else "<0,1", 5),
    "a star": (lambda k: f"{k},5" if k % 3 != 2 else f"{k},5*", 4),
}  # fmt: skip


@pytest.mark.parametrize("case", BESIDE)
def test_what_stands_beside_numbers_is_told_at_its_first_row(case: str) -> None:
    write, row = BESIDE[case]
    table = read_table(lines("d;v", lambda k: f"{k + 1}.1.2024;{write(k)}"), "x.csv")
    with pytest.raises(FileError, match=f"column 'v', row {row} holds .*only a number .*may stand"):
        series_of(table, "v")


def test_an_hour_beyond_the_day_is_told_with_the_format_of_the_others() -> None:
    data = lines("d;v", lambda k: f"01.01.2024 {k + 1:02d}:00;{k},5", 24)
    with pytest.raises(FileError, match=r"row 25 holds '01.01.2024 24:00'.*day.month.year like"):
        read_table(data, "x.csv").moments("d")


@pytest.mark.parametrize("head", ["a;b;;\n", ""])
def test_separators_at_the_end_of_each_row_are_no_features(head: str) -> None:
    found = read_sequences((head + "1;2;;\n3;4;;\n").encode(), "x.csv", 2)
    assert found.tolist() == [[[1, 2]], [[3, 4]]]
    with pytest.raises(FileError, match="has 2 numbers, but the layer reads 3"):
        read_sequences((head + "1;2;;\n3;4;;\n").encode(), "x.csv", 3)
    assert sequences_from_text("1.5,2.5,3.5,,", 1).flatten().tolist() == [1.5, 2.5, 3.5]
