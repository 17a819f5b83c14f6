"""Files that are odd in one way: each is read as it is meant, asked about or refused in a line."""

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
