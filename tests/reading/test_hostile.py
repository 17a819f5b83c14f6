"""Files that are odd in one way: each is read as it is meant, asked about or refused in a line."""

from collections.abc import Callable

import numpy as np
import pytest

from gatescope.reading import FileError, Reading, read_sequences, read_table

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
    with pytest.raises(FileError, match="not text in utf|there is no encoding") as caught:
        read_table(b"d;v\n1;2\n", "x.csv", Reading(encoding=encoding))
    assert "\n" not in str(caught.value)


def test_utf8_that_was_asked_for_may_have_its_mark() -> None:
    table = read_table(b"\xef\xbb\xbfa;b\n1;2\n", "x.csv", Reading(encoding="utf-8"))
    assert list(table.columns) == ["a", "b"]


@pytest.mark.parametrize(
    "options", [{"encoding": 5}, {"separator": 1}, {"decimal": 0.5}, {"dates": []}]
)
def test_a_reading_is_of_texts(options: dict[str, object]) -> None:
    with pytest.raises(FileError, match="is a text or None, got"):
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
        lambda k: f"{k % 28 + 1}.1.2024;K1;Berlin;gut;{20 + k},5", 4,
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
    "an open quote, no head": ("", "1.1.2024;a;{}", '1.1.2024;"a;{}', "opens a quote"),
}


@pytest.mark.parametrize(("place", "count"), [(3, 30), (600, 700)])
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
