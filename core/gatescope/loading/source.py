"""The bytes of a text file as rows of cells: its encoding, its line ends, its quotes."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from gatescope.loading.taken import FileError

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)  # fmt: skip
"""Byte order marks; that of UTF-32 begins as that of UTF-16 does."""

KINDS = (
    (b"PK\x03\x04", "an Excel workbook or another archive"), (b"\x1f\x8b", "a packed file"),
    (b"%PDF", "a PDF"), (b"\xd0\xcf\x11\xe0", "an old Excel workbook"), (b"PAR1", "a Parquet file"),
    (b"\x89HDF", "an HDF5 file"), (b"\x93NUMPY", "a .npy file"), (b"\x89PNG", "a picture"),
)  # fmt: skip
"""How files begin that are no text."""

SEPARATING = (",", ";", "\t", "|")
"""After a # at the beginning of a line: it is then the name of a column of numbers."""

MARKED = (
    (re.compile(r"<(?:!doctype html|html)", re.IGNORECASE), "a web page"),
    (re.compile(r"<(?:\?xml|!--|!doctype|[a-z][\w:.-]*[\s/>])", re.IGNORECASE), "XML"),
    (re.compile(r'[{[]\s*(?:[{["]|$)'), "JSON"),
)
"""How texts begin that are no table."""

BLOCK = 2**20
LONGEST = csv.field_size_limit()
LONGEST_LINE = 5_000_000
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE | re.DOTALL)
NONE = "\x1f"
"""Stands between the cells of a row where there is one column: nobody writes it."""


@dataclass(frozen=True)
class Source:
    """A file whose encoding is known.

    Attributes
    ----------
    data
        All its bytes.
    name
        What to call it in a message.
    encoding
        As Python names it.
    separator
        That of a line ``sep=;`` at the top; empty where there is none.
    comments
        Lines at the top that begin with #, without it.
    first
        The number of the first row after them, from 1.
    """

    data: bytes
    name: str
    encoding: str
    separator: str = ""
    comments: tuple[str, ...] = ()
    first: int = 1

    def lines(self) -> Iterator[str]:
        """The lines from `first` on, with their ends; Windows', Unix' and the old Mac's."""
        text = io.TextIOWrapper(io.BytesIO(self.data), self.encoding, newline="")
        return islice(text, self.first - 1, None)

    def rows(self, separator: str) -> Iterator[list[str]]:
        """The cells of each row; an empty list for a blank line.

        Raises
        ------
        FileError
            At a row whose quotes do not fit, a cell that is too long, or bytes that are no text.
        """
        if separator == " ":
            for place, line in enumerate(self.lines(), self.first):
                if line.count('"') % 2:
                    raise FileError(self._reason("", place))
                yield [cell.strip('"') for cell in line.split()]
            return
        reader = csv.reader(
            self.lines(), delimiter=separator or NONE, strict=True, skipinitialspace=True
        )
        start = 0
        try:
            for row in reader:
                start = reader.line_num
                yield row
        except csv.Error as error:
            raise FileError(self._reason(str(error), self.first + start)) from error

    def _reason(self, said: str, row: int) -> str:
        if "field larger" in said:
            line = next(islice(self.lines(), row - self.first, None), "")
            if '"' not in line or len(line) > LONGEST:
                return f"{self.name}, row {row} has a cell of more than {LONGEST:,} characters"
        if "expected after" in said:
            return (
                f"{self.name}, row {row} has something after a closing quote: put the whole cell "
                "in quotes, and write a quote inside it twice"
            )
        return f"{self.name}, row {row} opens a quote that is not closed: close it"


def source_of(data: bytes, name: str, encoding: str | None = None) -> Source:
    """Find a file's encoding, and what stands above its rows.

    Raises
    ------
    FileError
        When it is empty, or is not text.
    """
    if not data or data.isspace():
        raise FileError(f"{name} is empty: it needs a row for each step")
    kind = next((kind for mark, kind in KINDS if data.startswith(mark)), None)
    if kind is not None:
        raise FileError(f"{name} is not text but {kind}: save it as CSV")
    if encoding and codecs.lookup(encoding).name == "utf-8" and data.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    found = Source(data, name, encoding or _encoding(data, name))
    _require_text(found)
    comments, separator, first = [], "", 1
    for line in islice(found.lines(), 10_000):
        stated = SEPARATOR_LINE.fullmatch(line.rstrip("\r\n"))
        if line.startswith("#") and line[1:2] not in SEPARATING:
            comments.append(line.lstrip("#").strip())
        elif stated and not separator:
            separator = stated[1]
        elif len(line) > LONGEST_LINE:
            raise FileError(
                f"{name}, row {first} has more than {LONGEST_LINE:,} characters: give each step a "
                "line"
            )
        elif line.strip():
            _require_table(line, name)
            break
        first += 1
    return replace(found, separator=separator, comments=tuple(comments), first=first)


def _require_table(line: str, name: str) -> None:
    """Raise FileError where the first line is that of a text of another kind."""
    begin = line[:200].strip().removeprefix("\ufeff")
    kind = next((kind for pattern, kind in MARKED if pattern.match(begin)), None)
    if kind is not None:
        raise FileError(f"{name} is no table of cells but {kind}: save it as CSV")


def _encoding(data: bytes, name: str) -> str:
    """The encoding by its mark, else UTF-8 where it is that, else Windows' Latin-1."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    head = data[:2000]
    if 0 in head:
        for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
            if zeros.count(0) > 0.9 * len(zeros) and head.count(0) == zeros.count(0):
                return encoding
        raise FileError(f"{name} is not text (byte {head.index(0)} is 0): save it as CSV")
    try:
        _decoded(data, "utf-8")
    except UnicodeDecodeError as error:
        try:
            _decoded(data, "cp1252")
        except UnicodeDecodeError:
            raise FileError(
                f"{name} is not text in UTF-8 (byte {error.start}) nor in Windows-1252: save it "
                "as CSV in UTF-8"
            ) from error
        return "cp1252"
    return "utf-8"


def _decoded(data: bytes, encoding: str) -> None:
    """Raise UnicodeDecodeError at the first byte that is no text, taking little memory."""
    if encoding == "utf-8" and data.isascii():
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(data), BLOCK):
        try:
            decoder.decode(data[start : start + BLOCK], start + BLOCK >= len(data))
        except UnicodeDecodeError as error:
            place = min(start + error.start, len(data) - 1)
            raise UnicodeDecodeError(encoding, data, place, place + 1, error.reason) from None


def _require_text(found: Source) -> None:
    try:
        _decoded(found.data, found.encoding)
    except UnicodeError as error:
        # without its mark UTF-16 and UTF-32 are refused as a whole
        where = f"byte {error.start}" if isinstance(error, UnicodeDecodeError) else "its beginning"
        raise FileError(
            f"{found.name} is not text in {found.encoding} ({where}): read it in another "
            "encoding, or save it as CSV in UTF-8"
        ) from error
    if found.encoding in ("utf-8", "utf-8-sig", "cp1252") and 0 in found.data:
        place = found.data.index(0)
        raise FileError(f"{found.name} is not text (byte {place} is 0): save it as CSV")


def sample(source: Source, separator: str, most: int) -> list[list[str]]:
    """The first rows that are not blank, their cells without spaces around them."""
    rows = ([cell.strip() for cell in row] for row in source.rows(separator))
    return list(islice((row for row in rows if row not in ([], [""])), most))


def line_count(source: Source) -> int:
    """How many lines there are, about."""
    return max(source.data.count(b"\n"), source.data.count(b"\r"))
