"""Input sequences from files and from the keyboard."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from gatescope.loading import SequenceError, read_sequences, sequences_from_text, sequences_of

ROWS = [[0.5, -1.0], [2.0, 3.0], [0.0, 1e-3]]


def npy(array: Any, **options: Any) -> bytes:
    """What numpy.save writes."""
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "0.5,-1\n2,3\n0,1e-3\n",
        "0.5, -1\r\n2, 3\r\n\r\n0, 1e-3",
        "time of day,value\n0.5,-1\n2,3\n0,1e-3",
        '"a","b"\n"0.5","-1"\n"2","3"\n"0","0.001"\n',
        "0.5;-1\n2;3\n0;.001",
        "0.5\t-1\n2\t3\n0\t.001",
        "  0.5 -1\n 2   3\n0 .001 ",
    ],
)
def test_numbers_as_people_write_them(text: str) -> None:
    """One line a step, one number a feature; names at the top are skipped."""
    expected = torch.tensor(ROWS, dtype=torch.float64).unsqueeze(1)
    assert torch.equal(sequences_from_text(text, 2), expected)
    assert torch.equal(read_sequences(text.encode("utf-8-sig"), "x.csv", 2), expected)


@pytest.mark.parametrize("text", ["1 2 3 4", "1,2,3,4", "1\n2\n3\n4", "value\n1\n2\n3\n4"])
def test_one_feature_may_stand_in_one_line(text: str) -> None:
    """Four steps."""
    found = sequences_from_text(text, 1)
    assert found.tolist() == [[[1.0]], [[2.0]], [[3.0]], [[4.0]]]


@pytest.mark.parametrize("dtype", ["float64", "float32", "int16", "uint8"])
def test_numpys_files(dtype: str) -> None:
    """(time, feature), (time, batch, feature), and (time,) of one feature."""
    whole = np.arange(24).reshape(4, 3, 2).astype(dtype)
    assert torch.equal(read_sequences(npy(whole), "a.npy", 2), torch.arange(24.0).view(4, 3, 2))
    flat = read_sequences(npy(whole[:, 0]), "a.NPY", 2)
    assert flat.shape == (4, 1, 2)
    assert read_sequences(npy(whole[:, 0, 0]), "a.npy", 1).shape == (4, 1, 1)


def claiming(shape: tuple[int, ...]) -> bytes:
    """A file whose header claims more than there is."""
    file = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + bytes(160)


CASES: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "empty": (lambda: b"", "x.csv", "x.csv is empty"),
    "blank": (lambda: b" \n\n", "x.csv", "x.csv has no numbers"),
    "names alone": (lambda: b"a,b\n", "x.csv", "has names but no rows"),
    "words": (lambda: b"1,2\n3,four\n", "x.csv", "x.csv, row 2, column 2 holds 'four'"),
    "words far down": (lambda: b"a,b\n1,2\n3,\n", "x.csv", "row 3, column 2 holds nothing"),
    "not finite": (lambda: b"1,2\nnan,3\n", "x.csv", "row 2, column 1 holds 'nan'"),
    "infinite": (lambda: b"1,2\n1e999,3\n", "x.csv", "row 2, column 1 holds '1e999'"),
    "ragged": (lambda: b"1,2\n1,2,3\n", "x.csv", "row 2 has 3 numbers, but the layer reads 2"),
    "one column": (lambda: b"1\n2\n", "x.csv", "row 1 has 1 number, but the layer reads 2"),
    "no encoding": (lambda: b"a\x81\xff,b\n1,2\n", "x.csv", r"not text in UTF-8 \(byte 1\)"),
    "half of UTF-16": (lambda: "1,2\n".encode("utf-16")[:-1], "x.csv", "not text in utf-16"),
    "a workbook": (lambda: b"PK\3\4" + bytes(9), "x.csv", "is an Excel workbook"),
    "no value in the first row": (lambda: b",\n1,2\n", "x.csv", "row 1, column 1 holds nothing"),
    "a slip in the first row": (lambda: b"1,2O\n3,4\n5,6\n", "x.csv", "column 2 holds '2O'"),
    "another separator": (lambda: b"1;2\n3,4\n5,6\n", "x.csv", "row 1 has 1 number"),
    "names with another separator": (lambda: b"a;b\n1,2\n3,4\n", "x.csv", "row 1 has 1 number"),
    "a long cell": (
        lambda: b"1," + b"2" * 200_000, "x.csv", "row 1 has a cell of more than 131,072 characters"
    ),
    "an open quote": (lambda: b'1,2\n3,"4\n5,6\n', "x.csv", "row 2 opens a quote"),
    "an underscore": (lambda: b"1,2\n1_0,3\n", "x.csv", "row 2, column 1 holds '1_0'"),
    "a number with a gap": (lambda: b"1,2\n1 2,3\n", "x.csv", "row 2, column 1 holds '1 2'"),
    "binary": (lambda: b"\0\1\2\3", "x.csv", "not text"),
    "no npy": (lambda: b"1,2\n", "x.npy", "is not a readable .npy file"),
    "cut npy": (lambda: npy(np.zeros((10, 2)))[:-7], "x.npy", "claims to hold 160 bytes.*has 153"),
    "huge npy": (lambda: claiming((10**9, 2)), "x.npy", "x.npy"),
    "objects": (
        lambda: npy(np.array([[1, "a"]], dtype=object), allow_pickle=True),
        "x.npy", "x.npy holds object, but numbers are needed",
    ),
    "complex": (lambda: npy(np.zeros((3, 2), complex)), "x.npy", "holds complex128"),
    "words in npy": (lambda: npy(np.array([["a", "b"]])), "x.npy", "numbers are needed"),
    "shape": (lambda: npy(np.zeros((3, 5))), "x.npy", r"x.npy is \(3, 5\), but the layer reads"),
    "no step": (lambda: npy(np.zeros((0, 2))), "x.npy", r"x.npy is \(0, 2\)"),
    "four axes": (lambda: npy(np.zeros((2, 2, 2, 2))), "x.npy", r"is \(2, 2, 2, 2\)"),
    "less than nothing": (
        lambda: claiming((-2, -3)), "x.npy", r"x.npy is \(-2, -3\), but the layer reads"
    ),
    "twenty axes": (lambda: claiming((1,) * 20), "x.npy", "x.npy is an array of 20 dimensions"),
    "an absurd size": (
        lambda: claiming((10**2000, 10**2000, 10**2000)), "x.npy", r"to hold beyond 10¹⁵ bytes"
    ),
    "an absurd size below nothing": (
        lambda: claiming((-(10**4000), 2)), "x.npy", r"x.npy is \(beyond −10¹⁵, 2\)"
    ),
    "NaN in npy": (
        lambda: npy(np.array([[1.0, 2.0], [3.0, np.nan]])), "x.npy",
        r"at \(1, 1\) that is not finite",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_no_sequence_is_told(case: str) -> None:
    """One sentence that names the place."""
    make, name, words = CASES[case]
    with pytest.raises(SequenceError, match=words) as caught:
        read_sequences(make(), name, 2)
    assert "\n" not in str(caught.value)


def test_a_limit_of_rows_is_met_before_all_is_read() -> None:
    """Further down stands what is no number: it is not reached."""
    data = b"1,2\n" * 5_000 + b"3,four\n"
    assert sequences_of(data[:40], "x.csv", 2, most_rows=10).values.shape == (10, 1, 2)
    with pytest.raises(SequenceError, match="about 5,001 rows, but at most 1,000 can be read"):
        sequences_of(data, "x.csv", 2, most_rows=1_000)


def test_a_value_that_is_missing_is_no_missing_column() -> None:
    """A last column in which nothing was measured is a column all the same."""
    with pytest.raises(SequenceError, match="row 1, column 2 holds 'nan'"):
        read_sequences(b"1,nan", "x.csv", 2)
    assert read_sequences(b"1,2,\n3,4,", "x.csv", 2).shape == (2, 1, 2)
