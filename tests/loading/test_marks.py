"""Separators, decimal marks, thousands, first rows, encodings and line ends: the whole grid."""

from itertools import product

import numpy as np
import pytest
import torch

from gatescope.loading import Reading, SeriesError, read_sequences, read_table, sequences_from_text

VALUES = np.array([[1234.5, -0.25, 12], [2345678.75, 0.5, -9], [31, -1000.125, 1234567]])
WORDS = ("größe", "b", "c")
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
MARKS = [(".", ""), (",", ""), (",", "."), (".", ","), (",", " "), (".", " "), (".", "'"),
         (",", "'"), (",", "\xa0"), (".", "\u202f"), (".", "’")]  # fmt: skip
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
ENDS = {"Unix": "\n", "Windows": "\r\n", "old Mac": "\r"}


def written(value: float, decimal: str, thousands: str) -> str:
    """A number under some marks; written here without the reader's code."""
    whole, _, part = repr(abs(float(value))).partition(".")
    groups = []
    while whole:
        whole, group = whole[:-3], whole[-3:]
        groups.insert(0, group)
    text = thousands.join(groups) + (decimal + part if part != "0" else "")
    return f"-{text}" if value < 0 else text


def rows_of(decimal: str, thousands: str) -> list[list[str]]:
    return [[written(value, decimal, thousands) for value in row] for row in VALUES]


def text_of(rows: list[list[str]], separator: str, end: str = "\n", quoted: bool = False) -> str:
    cells = [[f'"{cell}"' if quoted or separator in cell else cell for cell in row] for row in rows]
    return "".join(separator.join(row) + end for row in cells)


@pytest.mark.parametrize("named", [True, False], ids=["names", "data"])
@pytest.mark.parametrize("marks", MARKS, ids=[f"{d}{t}" for d, t in MARKS])
@pytest.mark.parametrize("separator", SEPARATORS.values(), ids=SEPARATORS)
def test_every_separator_with_every_mark(
    separator: str, marks: tuple[str, str], named: bool
) -> None:
    """The same numbers, and what the file was taken for."""
    rows = [list(WORDS)] * named + rows_of(*marks)
    for end, quoted in product(ENDS.values(), (False, True)):
        data = text_of(rows, separator, end, quoted).encode()
        table = read_table(data, "x.csv")
        assert list(table.columns) == (
            list(WORDS) if named else ["column 1", "column 2", "column 3"]
        )
        found = np.stack([table.values(name)[0] for name in table.columns], axis=1)
        np.testing.assert_array_equal(found, VALUES)
        assert table.reading.separator == separator
        assert table.reading.decimal == marks[0]
        same = {"\xa0": " ", "\u202f": " ", "’": "'"}
        assert table.reading.thousands == same.get(marks[1], marks[1])
        assert table.reading.first_row == ("names" if named else "data")
        assert torch.equal(read_sequences(data, "x.csv", 3).squeeze(1), torch.from_numpy(VALUES))


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("separator", SEPARATORS.values(), ids=SEPARATORS)
def test_every_encoding_with_every_line_end(separator: str, end: str, encoding: str) -> None:
    text = text_of([list(WORDS), *rows_of(".", "")], separator, end)
    table = read_table(text.encode(encoding), "x.csv")
    assert list(table.columns) == list(WORDS)
    assert table.values("größe")[0].tolist() == VALUES[:, 0].tolist()
    assert table.reading.encoding == encoding
    assert table.notes == ()


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_chinese_as_excel_saves_it_there(separator: str, end: str) -> None:
    """GBK has no mark; its pairs of bytes are no western text, whose accents stand alone."""
    rows = [
        [f"{2019 + k // 12}年{k % 12 + 1}月", f"{k}.5", ["晴，有风", "深圳"][k % 2]]
        for k in range(40)
    ]
    text = text_of([["日期", "温度（℃）", "天气"], *rows], separator, end)
    table = read_table(text.encode("gbk"), "x.csv")
    assert list(table.columns) == ["日期", "温度（℃）", "天气"]
    assert (table.reading.encoding, table.dates) == ("gb18030", ["日期"])
    assert table.values("温度（℃）")[0].tolist() == [k + 0.5 for k in range(40)]
    assert table.moments("日期").times[13] == np.datetime64("2020-02-01")


@pytest.mark.parametrize(
    "name", ["Größe", "température", "año", "T (°C)", "naïve", "ÅR", "«été»", "µg/m³", "£", "ÄÖÜ"]
)
def test_western_names_are_no_chinese(name: str) -> None:
    """Though each pair of such bytes is a character of GBK."""
    data = f"{name};v\n" + "".join(f"{k};{k % 7}\n" for k in range(30))
    table = read_table(data.encode("cp1252"), "x.csv")
    assert (list(table.columns), table.reading.encoding) == ([name, "v"], "cp1252")


@pytest.mark.parametrize("separator", [*SEPARATORS.values(), ":"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_line_that_states_the_separator(separator: str, encoding: str) -> None:
    text = f"sep={separator}\r\n" + text_of([list("abc"), *rows_of(".", "")], separator, "\r\n")
    table = read_table(text.encode(encoding), "x.csv")
    assert table.reading.separator == separator
    assert table.values("c")[0].tolist() == VALUES[:, 2].tolist()
    assert table.place(0) == 3


CASES: dict[str, tuple[str, dict[str, list[float]], dict[str, object]]] = {
    "a comma in a name": (
        "Date;Temp (°C, mean)\n2024-01-01;21,1\n2024-01-02;20,2\n",
        {"Temp (°C, mean)": [21.1, 20.2]}, {"separator": ";", "decimal": ","},
    ),
    "a comma in a name without brackets": (
        "Date;Temp, mean\n2024-01-01;21,1\n2024-01-02;20,2\n",
        {"Temp, mean": [21.1, 20.2]}, {"separator": ";", "decimal": ","},
    ),
    "a semicolon in a name": (
        "Date,Temp; mean\n2024-01-01,21.1\n2024-01-02,20.2\n",
        {"Temp; mean": [21.1, 20.2]}, {"separator": ","},
    ),
    "commas in words": (
        'd;what;v\n2024-01-01;"rain, light";1,5\n2024-01-02;sun, wind;2\n',
        {"v": [1.5, 2]}, {"separator": ";", "decimal": ","},
    ),
    "a separator in quotes": (
        'd,"v; w",x\n2024-01-01,"1,5",2\n2024-01-02,"2,5",3\n',
        {"v; w": [1.5, 2.5], "x": [2, 3]}, {"separator": ",", "decimal": ","},
    ),
    "one column of decimal commas": (
        "v\n1,5\n2,5\n3\n", {"v": [1.5, 2.5, 3]}, {"separator": "", "decimal": ","},
    ),
    "one column, a comma in brackets": (
        "Temp (°C, mean)\n21,1\n20,2\n", {"Temp (°C, mean)": [21.1, 20.2]}, {"separator": ""},
    ),
    "spaces": ("x  y\n1   2\n 3  4.5\n", {"x": [1, 3], "y": [2, 4.5]}, {"separator": " "}),
    "an index without a name": (
        ",a,b\n0,1,2\n1,3,4\n", {"column 1": [0, 1], "a": [1, 3]}, {"first_row": "names"},
    ),
    "missing values in the first row": (
        "2024-01-01,,NA\n2024-01-02,1,2.5\n2024-01-03,3,4.5\n",
        {"column 2": [np.nan, 1, 3], "column 3": [np.nan, 2.5, 4.5]}, {"first_row": "data"},
    ),
    "words beside numbers in the first row": (
        "rain,1,2\nsun,3,4.5\nrain,1,2\n", {"column 2": [1, 3, 1], "column 3": [2, 4.5, 2]},
        {"first_row": "data"},
    ),
    "names with digits": ("PM2.5;x1\n3;4\n5;6\n", {"PM2.5": [3, 5]}, {"first_row": "names"}),
    "months as names": (
        "town;Jan 2024;2024-02\nA;1,5;2\nB;3;4\n", {"Jan 2024": [1.5, 3], "2024-02": [2, 4]},
        {"first_row": "names"},
    ),
    "a year at a name's end": (
        "Sales 2023,Sales 2024\n1,5\n2,6\n", {"Sales 2023": [1, 2]}, {"first_row": "names"},
    ),
    "a separator at each row's end": (
        "a;b;\n1;2;\n3;4;\n", {"a": [1, 3], "b": [2, 4]}, {"separator": ";"},
    ),
    "a separator at the end of the rows of data": (
        "a;b\n1;2;\n3;4;\n", {"a": [1, 3], "b": [2, 4]}, {"separator": ";"},
    ),
    "spaces around cells": ("a , b\n 1 , 2.5\n3 ,4\n", {"a": [1, 3], "b": [2.5, 4]}, {}),
    "exponents and signs": (
        "a;b\n+1,5e3;−2\n1E-2;-,5\n", {"a": [1500, 0.01], "b": [-2, -0.5]}, {"decimal": ","},
    ),
    "names in a comment": (
        "# made by hand\n# a,b\n1,2.5\n3,4\n", {"a": [1, 3], "b": [2.5, 4]},
        {"first_row": "data"},
    ),
    "one number tells point from thousands": (
        "a;b\n1.234;0.5\n5.678;2\n", {"a": [1.234, 5.678]}, {"decimal": ".", "thousands": ""},
    ),
    "one number tells thousands from decimals": (
        "a;b\n1.234;0,5\n5.678;2\n", {"a": [1234, 5678]}, {"decimal": ",", "thousands": "."},
    ),
    "two marks tell thousands": (
        "a;b\n1.234.567;1.234\n5;2\n", {"b": [1234, 2]}, {"decimal": ",", "thousands": "."},
    ),
    "points of three decimals between commas": (
        "a,b\n1.234,5\n5.678,6\n", {"a": [1.234, 5.678]}, {"decimal": "."},
    ),
    "spaces tell that a mark is decimal": (
        "a;b\n1 234,567;2\n5 678;3\n", {"a": [1234.567, 5678]}, {"decimal": ","},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_files_as_people_have_them(case: str) -> None:
    text, values, reading = CASES[case]
    table = read_table(text.encode(), "x.csv")
    for name, expected in values.items():
        np.testing.assert_array_equal(table.values(name)[0], expected)
        assert table.is_number(name)
    for field, expected in reading.items():
        assert getattr(table.reading, field) == expected
    again = read_table(text.encode(), "x.csv", table.reading)
    assert again.reading == table.reading
    assert list(again.columns) == list(table.columns)
    assert again.rows == table.rows


TWO_WAYS = {
    "decimal or thousands, point": ("v;w\n1.234;7\n5.678;8\n", "decimal", [1.234, 5.678],
                                    [1234, 5678]),
    "decimal or thousands, comma": ('v,w\n"1,234",7\n"5,678",8\n', "decimal", [1234, 5678],
                                    [1.234, 5.678]),
    "both marks, both doubtful": ("v;w\n1.234;5,678\n2;3\n", "decimal", [1.234, 2], [1234, 2]),
    "two columns or decimals": ("1,5\n2,7\n", "separator", [1, 2], [1.5, 2.7]),
    "years as names or data": ("d,2019\n1,5\n2,6.5\n", "first_row", [1, 2], [np.nan, 1, 2]),
    "numbered columns or data": ("0,1\n0.5,0.25\n0.1,0.2\n", "first_row", [0.5, 0.1],
                                 [0, 0.5, 0.1]),
}  # fmt: skip


@pytest.mark.parametrize("case", TWO_WAYS)
def test_what_fits_in_two_ways_is_asked_and_each_answer_is_taken(case: str) -> None:
    text, field, *answers = TWO_WAYS[case]
    with pytest.raises(SeriesError) as caught:
        read_table(text.encode(), "x.csv")
    assert caught.value.field == field
    for option, expected in zip(caught.value.options, answers, strict=True):
        assert f"Reading({field}={option!r})" in str(caught.value)
        table = read_table(text.encode(), "x.csv", Reading(**{field: option}))
        name = next(iter(table.columns))
        np.testing.assert_array_equal(table.values(name)[0], expected)


def test_a_point_and_a_comma_that_are_both_decimal_are_refused_with_both_cells() -> None:
    with pytest.raises(SeriesError, match=r"decimal point in '1.5' and a decimal comma in '2,5'"):
        read_table(b"v;w\n1.5;2,5\n3;4\n", "x.csv")


REFUSED = {
    "an open quote": ('d,v\n2024-01-01,"5\n2024-01-02,6\n', "row 2 opens a quote"),
    "an open quote far down": ("d,v\n" + "1,2\n" * 3000 + '3,"4\n', "row 3002 opens a quote"),
    "text after a quote": ('d,v\n1,"5"x\n2,6\n', "row 2 has something after a closing quote"),
    "a quote closed by another row's": ('d,v\n1,"5\n2,"6"\n', "row 2 has something after"),
    "a row too long": ("a,b\n1,2\n3,4,5\n", "row 3 has 3 cells, but the other rows have 2"),
    "a row too long far down": ("a,b\n" + "1,2\n" * 3000 + "1\n", "row 3002 has 1 cell"),
    "lines above the names": ("Station: X\nd;v\n1;5\n2;6\n", "row 1 has 1 cell"),
    "another separator": ("a;b\n1,2\n3,4\n", "row 1 has 1 cell.*separator comma"),
    "a null character": ("a,b\n1,2\n1\x00,3\n", r"byte 9 is 0"),
    "more columns than any table": ("1;" * 50_000 + "1\n2" + ";2" * 50_000, "has 50,001 columns"),
    "a line without end": ("1," * 2_500_001 + "1", "row 1 has more than 5,000,000 characters"),
    "nothing but blank lines": ("\n \n", "is empty"),
    "names alone": ("a,b\n", "names but no rows"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_one_sentence_that_names_the_row(case: str) -> None:
    text, said = REFUSED[case]
    with pytest.raises(SeriesError, match=said) as caught:
        read_table(text.encode(), "x.csv")
    assert "\n" not in str(caught.value)


def test_rows_keep_their_numbers_and_what_is_left_out_is_told() -> None:
    text = '# c\n\na,b\n1,x\n\n2,"two\nlines"\n,\n,\n\n'
    table = read_table(text.encode(), "x.csv")
    assert table.rows == 2
    assert [(each.key, each.count) for each in table.notes] == [
        ("comments", 1), ("blank_rows", 1), ("empty_rows", 2), ("line_breaks", 1),
    ]  # fmt: skip
    assert table.place(0) == 4
    assert table.place(1) == 6
    assert table.columns["b"][-1] == "two\nlines"


def test_a_number_is_not_what_python_also_takes() -> None:
    """Underscores, gaps, infinity, groups of two: text, not other numbers."""
    cells = ["1_000", "1 2", "inf", "1,23,456", "0x10", "1e400", "12.34.56", "1.2,3.4", "5%"]
    text = "v\n" + "\n".join(f'"{cell}"' for cell in [*cells, *["0.5"] * 200])
    values, bad = read_table(text.encode(), "x.csv").values("v")
    assert bad.tolist() == list(range(len(cells)))
    assert np.isnan(values[: len(cells)]).all()
    assert (values[len(cells) :] == 0.5).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"decimal": ";"}, "decimal must be one of '.', ',', got ';'"),
        ({"separator": "::"}, "a separator must be one character or none, got '::'"),
        ({"decimal": ",", "thousands": ","}, "cannot both be ','"),
        ({"dates": "D.M.Y"}, "dates must be one of 'year-month-day'"),
        ({"first_row": "head"}, "first_row must be one of 'names', 'data'"),
        ({"encoding": "utf8000"}, "no encoding 'utf8000'"),
        ({"encoding": "base64"}, "no encoding 'base64'"),
    ],
)
def test_a_reading_that_cannot_be_is_refused(options: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Reading(**options)


@pytest.mark.parametrize(
    ("text", "features", "expected"),
    [
        ("1,5;2,5\n3,5;4\n", 2, [[1.5, 2.5], [3.5, 4]]),
        ("1,5\n2,7\n", 2, [[1, 5], [2, 7]]),
        ("1|2\n3|4", 2, [[1, 2], [3, 4]]),
        ("1,5 2,5\n3 4", 2, [[1.5, 2.5], [3, 4]]),
        ("100 200 300", 1, [[100], [200], [300]]),
        (",".join(map(str, range(9))) + "\n", 1, [[float(k)] for k in range(9)]),
        ("1;2;3,5", 1, [[1], [2], [3.5]]),
        ("1,5\n2\n3,25\n", 1, [[1.5], [2], [3.25]]),
        ("0,1\n1,0\n", 2, [[0, 1], [1, 0]]),
        ("1.234 5.678\n2.345 6.789\n", 2, [[1.234, 5.678], [2.345, 6.789]]),
    ],
)
def test_typed_numbers(text: str, features: int, expected: list[list[float]]) -> None:
    assert sequences_from_text(text, features).squeeze(1).tolist() == expected


@pytest.mark.parametrize("text", ["1,5", "1,5\n2,7", "100 200\n300 400"])
def test_typed_numbers_that_fit_in_two_ways_are_asked(text: str) -> None:
    with pytest.raises(ValueError, match="can be read in two ways"):
        sequences_from_text(text, 1)
