"""A netCDF file is walked before anything of it is read: what a trace never has is refused.

HDF5 can point outside of its file (external storage, virtual datasets, external links), claim
numbers that were never written, and lead in circles. All of that stands in object headers, which
are read here without opening anything else; numbers are read by `load_trace` afterwards.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod

import h5py
import numpy as np
from h5py import h5a, h5d, h5g, h5o, h5r, h5s, h5t

from gatescope.errors import say
from gatescope.recording.chunks import OddFileError, pieces_of, require_written

DEEPEST = 8
"""Of groups in groups; a trace has two."""

MOST_OBJECTS = 20_000
"""Groups and datasets."""

MOST_ATTRIBUTES, MOST_ENTRIES = 100, 20_000
"""Of one object; and of numbers or references in one attribute."""

MOST_ATTRIBUTE_BYTES = 2**16
"""Of one attribute that is text, as HDF5 itself has it."""

MOST_TEXTS = 16
"""Of one attribute, each as long as it likes: they are in memory before they are counted."""

MOST_TEXT_BYTES = 2**22
"""Of all texts together that may be longer than the room they take in the file."""

FACTORS = (b"scale_factor", b"add_offset")
"""Attributes with which all numbers of a dataset are calculated: one number each."""

SCALES, REFERENCES = "DIMENSION_LIST", "REFERENCE_LIST"
"""Attributes by which netCDF ties a dataset to its dimensions, and these to it."""

NOTHING_WRITTEN = 2**24
"""Bytes that a dimension without labels may claim: netCDF never writes it."""

MOST_PIECES = 50_000
"""Pieces of all datasets together, where the numbers are limited too."""

UNPACKED = 4
"""How many times the most bytes all pieces may take once they are unpacked: the last ones along a
dimension are larger than what they hold."""


@dataclass
class Walk:
    """What was seen of a file so far.

    Attributes
    ----------
    size
        The file's bytes.
    most_bytes
        The most that its numbers may take; None takes what is written in it.
    """

    size: int
    most_bytes: int | None
    addresses: set[int] = field(default_factory=set)
    references: list[tuple[str, object]] = field(default_factory=list)
    claimed: int = 0
    stored: int = 0
    text: int = 0
    pieces: int = 0
    unpacked: int = 0

    def claim(self, count: int, where: str) -> None:
        """Count bytes that reading will take."""
        self.claimed += count
        if self.most_bytes is not None and self.claimed > self.most_bytes:
            raise OddFileError(
                say("odd_claims_more", megabytes=self.claimed / 1e6, most=self.most_bytes / 1e6)
            )
        if self.claimed > max(self.stored, self.size) * 1100 + NOTHING_WRITTEN:
            raise OddFileError(say("odd_claims_much", where=where))

    def hold(self, count: int, where: str) -> None:
        """Count bytes that lie in the file; no two datasets share them."""
        self.stored += count
        if self.stored > self.size:
            raise OddFileError(say("odd_shared_place", where=where))

    def unpack(self, count: int, size: int, where: str) -> None:
        """Count pieces, and the bytes that each takes once it is unpacked."""
        self.pieces, self.unpacked = self.pieces + count, self.unpacked + count * size
        if self.most_bytes is None:
            return
        if self.pieces > MOST_PIECES or self.unpacked > UNPACKED * self.most_bytes:
            raise OddFileError(
                say(
                    "odd_pieces_in_all",
                    where=where, pieces=self.pieces, megabytes=self.unpacked / 1e6,
                    most=MOST_PIECES, most_megabytes=UNPACKED * self.most_bytes / 1e6,
                )
            )  # fmt: skip

    def say(self, count: int, where: str) -> None:
        """Count bytes of text."""
        self.text += count
        if self.text > MOST_TEXT_BYTES:
            raise OddFileError(say("odd_much_text", most=MOST_TEXT_BYTES / 1e6, where=where))


def require_plain(file: h5py.File, size: int, most_bytes: int | None = None) -> None:
    """Raise OddFileError at the first thing in a file that no trace has.

    Parameters
    ----------
    file
        Open for reading.
    size
        Its bytes.
    most_bytes
        The most that its numbers may take.
    """
    if file.userblock_size:
        raise OddFileError(say("odd_begin"))
    walk = Walk(size, most_bytes)
    found: deque[tuple[h5g.GroupID, str, int]] = deque([(h5g.open(file.id, b"/"), "", 0)])
    walk.addresses.add(h5o.get_info(file.id).addr)
    while found:
        group, path, depth = found.popleft()
        _require_attributes(group, path or "the root", walk)
        for name, kind in _objects(group, path, walk):
            where = f"{path}/{shown(name)}"
            if kind == h5o.TYPE_GROUP:
                if depth >= DEEPEST:
                    raise OddFileError(say("odd_deep", most=DEEPEST, where=where))
                found.append((h5g.open(group, name), where, depth + 1))
            elif kind == h5o.TYPE_DATASET:
                _require_dataset(h5d.open(group, name), where, walk)
            else:
                raise OddFileError(say("odd_datatype", where=where))
    for where, reference in walk.references:
        target = h5r.dereference(reference, file.id)
        if target is None or h5o.get_info(target).addr not in walk.addresses:
            raise OddFileError(say("odd_dimension_elsewhere", where=where))


def shown(name: bytes | str) -> str:
    """A name in the file, for a message."""
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
    return "".join(letter if letter.isprintable() else "?" for letter in text[:60])


def _is_name(name: bytes) -> bool:
    """Whether a name is text, and no way to another group, as dots would be for who reads it."""
    try:
        return name.decode("utf-8").strip() not in ("", ".", "..")
    except UnicodeDecodeError:
        return False


def _objects(group: h5g.GroupID, path: str, walk: Walk) -> Iterator[tuple[bytes, int]]:
    """Name and kind of what lies in a group, each object once in the file."""
    names: list[bytes] = []

    def more(name: bytes) -> bool | None:
        names.append(bytes(name))
        return True if len(names) + len(walk.addresses) > MOST_OBJECTS else None

    group.links.iterate(more)
    if len(names) + len(walk.addresses) > MOST_OBJECTS:
        raise OddFileError(say("odd_many_objects", most=MOST_OBJECTS))
    for name in names:
        where = f"{path}/{shown(name)}"
        if not _is_name(name):
            raise OddFileError(say("odd_name", where=where))
        link = group.links.get_info(name)
        if link.type != h5py.h5l.TYPE_HARD:
            external = link.type == h5py.h5l.TYPE_EXTERNAL
            raise OddFileError(
                say("odd_external_link" if external else "odd_soft_link", where=where)
            )
        info = h5o.get_info(group, name)
        if info.addr in walk.addresses or info.rc != 1:
            raise OddFileError(say("odd_hard_link", where=where))
        walk.addresses.add(info.addr)
        yield name, info.type


def _require_attributes(owner: h5g.GroupID | h5d.DatasetID, where: str, walk: Walk) -> None:
    count = h5a.get_num_attrs(owner)
    if count > MOST_ATTRIBUTES:
        raise OddFileError(say("odd_attributes", count=count, where=where, most=MOST_ATTRIBUTES))
    for place in range(count):
        attribute = h5a.open(owner, index=place)
        _require_attribute(attribute, f"{where}, attribute {shown(attribute.name)}", walk)


def _require_attribute(attribute: h5a.AttrID, where: str, walk: Walk) -> None:
    """Raise OddFileError for an attribute that is neither numbers, a text nor netCDF's own."""
    kind, space = attribute.get_type(), attribute.get_space()
    if kind.committed() or space.get_simple_extent_type() not in (h5s.SCALAR, h5s.SIMPLE):
        raise OddFileError(say("odd_empty", where=where))
    count, name = prod(space.shape), attribute.name
    if count > MOST_ENTRIES:
        raise OddFileError(say("odd_entries", where=where, count=count))
    if isinstance(kind, h5t.TypeStringID):
        if not kind.is_variable_str():
            if count * kind.get_size() > MOST_ATTRIBUTE_BYTES:
                raise OddFileError(
                    say("odd_text_bytes", where=where, count=count * kind.get_size())
                )
        elif count > MOST_TEXTS:
            raise OddFileError(say("odd_texts", where=where, count=count, most=MOST_TEXTS))
        else:
            walk.say(_length(attribute, space.shape), where)
    elif isinstance(kind, h5t.TypeVlenID) and name == SCALES.encode():
        _require_scales(attribute, kind, count, where, walk)
    elif isinstance(kind, h5t.TypeCompoundID) and name == REFERENCES.encode():
        members = [kind.get_member_type(place) for place in range(min(kind.get_nmembers(), 3))]
        kinds = [type(member) for member in members]
        if kinds != [h5t.TypeReferenceID, h5t.TypeIntegerID] or kind.get_size() > 32:
            raise OddFileError(say("odd_references", where=where))
    else:
        require_numbers(kind, where)
        if name in FACTORS and count != 1:
            raise OddFileError(say("odd_several_numbers", where=where, count=count))


def _length(attribute: h5a.AttrID, shape: tuple[int, ...]) -> int:
    """The bytes of an attribute's texts."""
    texts = np.empty(shape, dtype=attribute.dtype)
    attribute.read(texts)
    return sum(len(text) for text in texts.ravel() if isinstance(text, bytes | str))


def _require_scales(
    attribute: h5a.AttrID, kind: h5t.TypeVlenID, count: int, where: str, walk: Walk
) -> None:
    base = kind.get_super()
    if not isinstance(base, h5t.TypeReferenceID) or not base.equal(h5t.STD_REF_OBJ) or count > 32:
        raise OddFileError(say("odd_dimensions", where=where))
    lists = np.empty(attribute.shape, dtype=attribute.dtype)
    attribute.read(lists)
    for held in lists.ravel():
        if held is None or len(held) != 1:
            raise OddFileError(say("odd_scale", where=where))
        walk.references.append((where, held[0]))


def require_numbers(kind: h5t.TypeID, where: str) -> None:
    """Raise OddFileError for a type that is no plain number of 1 to 8 bytes, nor a bool."""
    if isinstance(kind, h5t.TypeIntegerID | h5t.TypeFloatID) and kind.get_size() <= 8:
        dtype = kind.dtype
        if dtype.kind in "iuf" and kind.equal(h5t.py_create(dtype)):
            return
    elif isinstance(kind, h5t.TypeEnumID) and kind.get_size() == 1 and kind.get_nmembers() == 2:
        return
    raise OddFileError(say("odd_type", where=where))


def _require_dataset(dataset: h5d.DatasetID, where: str, walk: Walk) -> None:
    """Raise OddFileError for a dataset that reaches elsewhere, or is larger than what is there."""
    created = dataset.get_create_plist()
    if created.get_layout() == h5d.VIRTUAL:
        raise OddFileError(say("odd_virtual", where=where))
    if created.get_external_count():
        raise OddFileError(say("odd_external", where=where))
    kind, space = dataset.get_type(), dataset.get_space()
    if kind.committed() or space.get_simple_extent_type() not in (h5s.SCALAR, h5s.SIMPLE):
        raise OddFileError(say("odd_empty", where=where))
    require_numbers(kind, where)
    count = prod(space.shape) * kind.get_size()  # HDF5's own product may wrap around
    walk.claim(count, where)
    _require_attributes(dataset, where, walk)
    if created.get_layout() == h5d.CHUNKED:
        walk.unpack(*pieces_of(dataset, created), where)
    stored = require_written(dataset, created, count, where, walk.size)
    walk.hold(stored, where)
    if not stored and count > NOTHING_WRITTEN:
        raise OddFileError(say("odd_none_written", count=count, where=where))
