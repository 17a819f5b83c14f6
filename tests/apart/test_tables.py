"""Hostile tables and inputs: CSV, typed, npy and npz; each refused in a sentence, none for long."""

# ruff: noqa: E501  a line a file

import io
import json
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatescope.apart import Files
from gatescope.loading import Reading, SequenceError, SeriesError

ROWS, NUMBERS, FEATURES = 20_000, 400_000, 2
Sentence = Callable[[Callable[[], object], type[Exception]], str]


def npy(shape: Any, dtype: str = "<f4", data: bytes = b"", version: int = 1, order: Any = False,
        more: str = "", pad: int = 0) -> bytes:  # fmt: skip
    head = f"{{'descr': {dtype!r}, 'fortran_order': {order!r}, 'shape': {shape!r}, {more}}}"
    text = head.encode() + b" " * pad + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + data


def saved(array: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


class Odd:
    """Something that runs when it is read."""

    def __reduce__(self) -> Any:
        return (print, ("run",))


NPY: dict[str, Callable[[], bytes]] = {
    "shape below 0": lambda: npy((-2, -3), data=bytes(24)),
    "one below 0": lambda: npy((-2, 2), data=bytes(16)),
    "beyond all": lambda: npy((2**40, 2**40)),
    "beyond all, of nothing": lambda: npy((0, 2**62)),
    "claims 4 GB": lambda: npy((10**9, 2), data=bytes(16)),
    "too short": lambda: npy((9, 2), data=bytes(16)),
    "too long": lambda: npy((2, 2), data=bytes(99)),
    "of no dimensions": lambda: saved(np.float32(3)),
    "of one": lambda: saved(np.zeros(9)),
    "of four": lambda: saved(np.zeros((2, 2, 2, 2))),
    "of 40": lambda: npy((1,) * 40, data=bytes(4)),
    "of 100": lambda: npy((1,) * 100, data=bytes(4)),
    "of nothing": lambda: saved(np.zeros((0, 2))),
    "of other widths": lambda: saved(np.zeros((3, 7))),
    "objects": lambda: saved(np.array([[Odd(), 1]], object), allow_pickle=True),
    "objects that are cut": lambda: npy((1, 2), "|O", b"\x80\x04cos\nsystem\n."),
    "records": lambda: saved(np.zeros((2, 2), [("a", "f4")])),
    "texts": lambda: saved(np.array([["1", "2"]])),
    "times": lambda: saved(np.zeros((2, 2), "M8[s]")),
    "complex": lambda: saved(np.zeros((2, 2), complex)),
    "bools": lambda: saved(np.zeros((2, 2), bool)),
    "nothing of a size": lambda: npy((2, 2), "|V0"),
    "void": lambda: npy((2, 2), "|V8", bytes(32)),
    "of no size": lambda: npy((2, 2), "<U0"),
    "long doubles beyond": lambda: saved(np.full((2, 2), np.longdouble("1e4000"))),
    "not finite": lambda: saved(np.array([[1.0, np.nan]])),
    "beyond single precision": lambda: saved(np.full((2, 2), 1e300)),
    "an odd type": lambda: npy((2, 2), "<q9", bytes(16)),
    "a type that is a list": lambda: npy((2, 2), "[('a', '<f4')]", bytes(16)),
    "a type that is code": lambda: b"\x93NUMPY\x01\x00\x30\x00{'descr': __import__('os').system('true'), 'shape':}",
    "a header of code": lambda: npy("x" * 9, more="'x': print(1)"),
    "a header that is deep": lambda: npy((2, 2), more="'x': " + "(" * 3000 + ")" * 3000),
    "a header of a name more": lambda: npy((2, 2), more="'x': 1", data=bytes(16)),
    "a header of 60 kB": lambda: npy((2, 2), pad=60_000, data=bytes(16)),
    "a header of 20 MB": lambda: npy((2, 2), version=3, pad=20_000_000, data=bytes(16)),
    "a header that claims": lambda: b"\x93NUMPY\x03\x00\xff\xff\xff\xff{}",
    "a shape of text": lambda: npy("(2, 2)"),
    "a shape of bools": lambda: npy((True, True), data=bytes(4)),
    "a shape of floats": lambda: npy((2.0, 2.0), data=bytes(16)),
    "a shape of 5,000 digits": lambda: npy((2, 2)).replace(b"(2, 2)", b"(" + b"9" * 5000 + b", 2)"),
    "an order that is text": lambda: npy((2, 2), order="x", data=bytes(16)),
    "version 9": lambda: npy((2, 2), version=9, data=bytes(16)),
    "the mark alone": lambda: b"\x93NUMPY",
    "text": lambda: b"1,2\n3,4\n",
    "a zip": lambda: npz(x=np.zeros((3, 2))),
    "a zip bomb": lambda: npz(x=np.zeros((10**7, 2))),
    "nothing": lambda: b"",
    "zeros": lambda: bytes(10**5),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", NPY)
def test_a_hostile_array_is_refused(case: str, files: Files, sentence: Sentence) -> None:
    data = NPY[case]()
    for name in ("x.npy", "x.npz"):
        message = sentence(
            lambda name=name: files.sequences(data, name, FEATURES, Reading(), most_rows=NUMBERS),
            SequenceError,
        ) if name == "x.npy" or case != "text" else name  # fmt: skip
        assert name in message
        assert "cannot be read (" not in message


def cells(rows: int, columns: int, cell: str) -> bytes:
    row = ",".join([cell] * columns) + "\n"
    return (",".join(f"c{k}" for k in range(columns)) + "\n" + row * rows).encode()


def sheet() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


TABLES: dict[str, Callable[[], bytes]] = {
    "a comma": lambda: b",",
    "commas": lambda: b",,,\n,,,\n",
    "10 MB of commas": lambda: b"," * 10**7,
    "10 MB of quotes": lambda: b'"' * 10**7,
    "10 MB of breaks": lambda: b"\n" * 10**7,
    "10 MB of returns": lambda: b"\r" * 10**7,
    "10 MB of spaces": lambda: b" " * 10**7,
    "5 million rows": lambda: b"a\n" + b"1\n" * (5 * 10**6),
    "5 million rows of text": lambda: b"a;b\n" + b"x;y\n" * (2 * 10**6),
    "20,000 columns": lambda: cells(300, 20_000, "1"),
    "2 million columns": lambda: cells(1, 10**6, "1"),
    "a cell of 10 MB": lambda: b"a,b\n1," + b"x" * 10**7,
    "a cell of 200 kB in quotes": lambda: b'a,b\n1,"' + b"x" * 200_000 + b'"\n',
    "an open quote": lambda: b'"1\n2\n3\n',
    "an open quote below": lambda: b"a,b\n1,2\n" * 9 + b'3,"4\n5,6\n',
    "an open quote of 40 MB": lambda: b'a,b\n1,"' + b"2\n" * (2 * 10**7),
    "rows of other widths": lambda: b"a,b\n1,2\n1,2,3\n",
    "no rows": lambda: b"a,b\n",
    "nothing": lambda: b"",
    "spaces": lambda: b"  \n \n",
    "a null": lambda: b"a,b\n1,\x002\n",
    "nulls": lambda: bytes(10**6),
    "noise": lambda: bytes(range(256)) * 4000,
    "half of UTF-16": lambda: b"\xff\xfea\x00,\x00b",
    "UTF-16 of noise": lambda: b"\xff\xfe" + b"\x00\xd8" * 1000,
    "UTF-32": lambda: b"\xff\xfe\x00\x00" + b"\xff" * 1000,
    "bytes that are no text": lambda: b"a,b\n\x81,\x8d\n",
    "names twice": lambda: b"a,a\n1,2\n2,x\n",
    "JSON": lambda: json.dumps([{"a": 1}]).encode(),
    "deep JSON": lambda: b"[" * 10**6,
    "XML": lambda: b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY a 'x'>]><a>&a;</a>",
    "a page": lambda: b"<!doctype html><table></table>",
    "a workbook": sheet,
    "an old workbook": lambda: b"\xd0\xcf\x11\xe0" + bytes(99),
    "a PDF": lambda: b"%PDF-1.4",
    "Parquet": lambda: b"PAR1" + bytes(99),
    "gzip": lambda: b"\x1f\x8b" + bytes(99),
    "HDF5": lambda: b"\x89HDF" + bytes(99),
    "both marks": lambda: b"a;b\n1.5;2\n1,5;3\n",
    "a line of 6 MB": lambda: b"1" * (6 * 10**6),
    "formulas": lambda: b"=cmd|' /C calc'!A0,@SUM(1)\n=1+1,x\n",
    "markdown": lambda: b"![x](http://x),<script>\n# a,**b**\n",
    "words alone": lambda: b"a,b\nx,y\nz,w\n" * 50,
    "numbers of 5,000 digits": lambda: b"a,b\n" + (b"9" * 5000 + b",1\n") * 30,
    "numbers without end": lambda: b"a,b\n" + b"1e999,inf\n" * 30,
    "numbers of other digits": lambda: "a,b\n٣,٤\n".encode() * 30,
    "powers of powers": lambda: b"a,b\n" + b"1e1e1,2\n" * 30,
    "brackets": lambda: b"(" * 10**6 + b"\n1\n2\n",
    "a separator that is none": lambda: b"sep=\n\na,b\n1,2\n",
    "10,000 comments": lambda: b"# a\n" * 10**5 + b"x",
}  # fmt: skip


@pytest.mark.parametrize("case", TABLES)
def test_a_hostile_table_is_refused_or_a_table(case: str, files: Files, sentence: Sentence) -> None:
    """As a series none of them is one; as an input of two features neither."""
    data = TABLES[case]()

    def series() -> None:
        found = files.columns(data, "x.csv", Reading(), most_rows=ROWS)
        names = found.numbers or found.names
        files.series(data, "x.csv", Reading(), names[0], names[1:], None, most_rows=ROWS)

    def inputs() -> None:
        files.sequences(data, "x.csv", FEATURES, Reading(), most_rows=NUMBERS // FEATURES)

    for read, kind in ((series, SeriesError), (inputs, SequenceError)):
        message = sentence(read, kind)
        assert "cannot be read (" not in message
        assert "takes more than" not in message


FAST = {
    "150 columns of a digit": ("1", 150), "150 columns of words": ("word", 150),
    "150 columns of dates": ("2024-01-17", 150), "150 columns of years": ("1987", 150),
    "200 columns of numbers": ("-1.234567", 200), "200 columns of words": ("a b c", 200),
}  # fmt: skip


@pytest.mark.parametrize("case", FAST)
def test_a_table_within_the_limits_is_read_within_them(case: str, files: Files) -> None:
    """As large as it may be: it takes no more of the processor than a reading may."""
    cell, columns = FAST[case]
    found = files.columns(cells(19_999, columns, cell), "x.csv", Reading(), most_rows=ROWS)
    assert len(found.names) == columns


PLAIN = b"day;level;flow\n" + b"".join(
    f"2024-01-{day:02d};{day},5;{day * day}\n".encode() for day in range(1, 29)
)


@settings(settings.get_profile("fuzz"))
@given(data=st.data(), asked=st.sampled_from(["series", "inputs", "array"]))
def test_a_bent_table_is_read_or_refused(data: st.DataObject, asked: str, files: Files) -> None:
    """Marks, cells, rows and ends are others; what is read has as many numbers as it says."""
    array = asked == "array"
    found = bytearray(saved(np.arange(12.0).reshape(6, 2)) if array else PLAIN)
    marks = [
        b";",
        b",",
        b".",
        b'"',
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"-",
        b"e",
        b"\t",
        b"=",
        b"(",
        b"9" * 20,
    ]
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(found) - 1))
        how = data.draw(st.sampled_from(["byte", "mark", "row", "cut"]))
        if how == "byte":
            found[place] = data.draw(st.integers(0, 255))
        elif how == "mark":
            found[place : place + data.draw(st.integers(0, 3))] = data.draw(st.sampled_from(marks))
        elif how == "row":
            found[place:place] = found[: data.draw(st.integers(0, 60))] * data.draw(
                st.integers(1, 9)
            )
        elif place > 20:
            del found[place:]
    content, refused = bytes(found), ""
    try:
        if asked == "series":
            columns = files.columns(content, "x.csv", Reading(), most_rows=ROWS)
            time = columns.dates[0] if columns.dates else None
            target = next((n for n in columns.numbers if n != time), columns.names[0])
            series = files.series(content, "x.csv", Reading(), target, [], time, most_rows=ROWS)
            assert np.isfinite(series.values).all()
            assert len(series.times) == len(series.values)
        else:
            name, features = ("x.npy", 2) if array else ("x.csv", 3)
            inputs = files.sequences(content, name, features, Reading(), most_rows=NUMBERS)
            assert inputs.values.isfinite().all()
            assert inputs.values.shape[-1] == features
    except (SeriesError, SequenceError) as error:
        refused = str(error)
    assert "\n" not in refused
    assert len(refused) < 600
    assert "cannot be read (" not in refused
