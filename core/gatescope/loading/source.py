"""The bytes of a text file as rows of cells: its encoding, its line ends, its quotes."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from gatescope.errors import say
from gatescope.loading.taken import FileError

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)  # fmt: skip
"""Byte order marks; that of UTF-32 begins as that of UTF-16 does."""

KINDS = (
    (b"PK\x03\x04", "archive"), (b"\x1f\x8b", "packed"),
    (b"%PDF", "pdf"), (b"\xd0\xcf\x11\xe0", "excel"), (b"PAR1", "parquet"),
    (b"\x89HDF", "hdf5"), (b"\x93NUMPY", "npy"), (b"\x89PNG", "picture"),
)  # fmt: skip
"""How files begin that are no text."""

SEPARATING = (",", ";", "\t", "|")
"""After a # at the beginning of a line: it is then the name of a column of numbers."""

MARKED = (
    (re.compile(r"<(?:!doctype html|html)", re.IGNORECASE), "page"),
    (re.compile(r"<(?:\?xml|!--|!doctype|[a-z][\w:.-]*[\s/>])", re.IGNORECASE), "xml"),
    (re.compile(r'[{[]\s*(?:[{["]|$)'), "json"),
)
"""How texts begin that are no table."""

PAIRS = re.compile(rb"(?:[\x00-\x7f]++|[\xa1-\xf7][\xa1-\xfe])*+")
USUAL = bytes((0xA1, 0xA3, *range(0xB0, 0xD8)))
"""Chinese in GB 2312: bytes above 127 in pairs, most of which begin as marks and the characters
that are used most do. Accents of Windows' Latin-1 stand alone as a rule, and begin elsewhere."""

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
                return say("cell_too_long", name=self.name, row=row, most=LONGEST)
        if "expected after" in said:
            return say("quote_in_cell", name=self.name, row=row)
        return say("quote_open", name=self.name, row=row)


def source_of(data: bytes, name: str, encoding: str | None = None) -> Source:
    """Find a file's encoding, and what stands above its rows.

    Raises
    ------
    FileError
        When it is empty, or is not text.
    """
    if not data or data.isspace():
        raise FileError(say("text_empty", name=name))
    kind = next((kind for mark, kind in KINDS if data.startswith(mark)), None)
    if kind is not None:
        raise FileError(say("no_text", name=name, kind=say(f"format_{kind}")))
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
            raise FileError(say("line_too_long", name=name, row=first, most=LONGEST_LINE))
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
        raise FileError(say("no_table", name=name, kind=say(f"format_{kind}")))


def _encoding(data: bytes, name: str) -> str:
    """The encoding by its mark, else UTF-8 where it is that, else the one of Chinese where all of
    it is Chinese, else Windows' Latin-1."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    head = data[:2000]
    if 0 in head:
        for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
            if zeros.count(0) > 0.9 * len(zeros) and head.count(0) == zeros.count(0):
                return encoding
        raise FileError(say("text_zero_byte", name=name, place=head.index(0)))
    try:
        _decoded(data, "utf-8")
    except UnicodeDecodeError as error:
        if _is_chinese(data):
            return "gb18030"
        try:
            _decoded(data, "cp1252")
        except UnicodeDecodeError:
            raise FileError(say("text_no_encoding", name=name, place=error.start)) from error
        return "cp1252"
    return "utf-8"


def _is_chinese(data: bytes) -> bool:
    if PAIRS.fullmatch(data) is None:
        return False
    firsts = data.translate(None, bytes(range(128)))[::2]
    return 5 * len(firsts.translate(None, USUAL)) <= len(firsts)


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
        where = say("its_beginning")
        if isinstance(error, UnicodeDecodeError):
            where = say("byte", place=error.start)
        raise FileError(
            say("text_not_in_encoding", name=found.name, encoding=found.encoding, where=where)
        ) from error
    if found.encoding in ("utf-8", "utf-8-sig", "cp1252") and 0 in found.data:
        place = found.data.index(0)
        raise FileError(say("text_zero_byte", name=found.name, place=place))


def sample(source: Source, separator: str, most: int) -> list[list[str]]:
    """The first rows that are not blank, their cells without spaces around them."""
    rows = ([cell.strip() for cell in row] for row in source.rows(separator))
    return list(islice((row for row in rows if row not in ([], [""])), most))


def line_count(source: Source) -> int:
    """How many lines there are, about."""
    return max(source.data.count(b"\n"), source.data.count(b"\r"))
