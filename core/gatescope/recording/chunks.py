"""Whether a dataset has in its file what it claims, looked at piece by piece."""

import zlib
from math import prod

from h5py import h5d, h5p, h5z

from gatescope.errors import GatescopeError, say

FILTERS = {h5z.FILTER_DEFLATE: "gzip", h5z.FILTER_SHUFFLE: "shuffle", h5z.FILTER_FLETCHER32: "sum"}
"""What may be done to pieces; other filters are code that HDF5 looks for on disk."""

LARGEST, MOST = 2**25, 200_000
"""Bytes of one piece; and pieces of one dataset."""

CHECKSUM = 4
"""Bytes that fletcher32 adds to a piece."""


class OddFileError(GatescopeError, ValueError):
    """A file that is no trace, or would cost more than it holds; the message says where and why."""


def pieces_of(dataset: h5d.DatasetID, created: h5p.PropDCID) -> tuple[int, int]:
    """How many pieces a dataset has, and the bytes of each once it is unpacked."""
    chunk = created.get_chunk()
    count = prod(-(-size // step) for size, step in zip(dataset.shape, chunk, strict=True))
    return count, prod(chunk) * dataset.get_type().get_size()


def require_written(
    dataset: h5d.DatasetID, created: h5p.PropDCID, count: int, where: str, size: int
) -> int:
    """The bytes that a dataset takes in its file; 0 where nothing was written.

    Parameters
    ----------
    dataset, created
        The dataset, and with which properties it was created.
    count
        Bytes that it claims.
    where
        What to call it in a message.
    size
        Of the file.

    Raises
    ------
    OddFileError
        When a piece is packed in an unknown way, or becomes larger than it says.
    """
    layout = created.get_layout()
    if layout != h5d.CHUNKED:
        stored = int(dataset.get_storage_size())
        if layout not in (h5d.COMPACT, h5d.CONTIGUOUS) or stored not in (0, count):
            raise OddFileError(say("odd_stored", where=where, stored=stored, count=count))
        return stored if layout == h5d.CONTIGUOUS else 0
    filters = [created.get_filter(place)[0] for place in range(min(created.get_nfilters(), 9))]
    if len(set(filters)) < len(filters) or not set(filters) <= FILTERS.keys():
        raise OddFileError(say("odd_filters", where=where, filters=filters))
    expected, piece = pieces_of(dataset, created)
    if not 0 < piece <= LARGEST:
        raise OddFileError(say("odd_large_pieces", where=where, piece=piece, most=LARGEST))
    return _pieces(dataset, filters, expected, piece, where, size)


def _pieces(
    dataset: h5d.DatasetID, filters: list[int], expected: int, piece: int, where: str, size: int
) -> int:
    """The bytes of all pieces, none of which becomes larger than it says."""
    if expected > MOST:
        raise OddFileError(say("odd_many_pieces", where=where, count=expected, most=MOST))
    found: list[h5d.StoreInfo] = []

    def more(info: h5d.StoreInfo) -> bool | None:
        found.append(info)
        return True if len(found) > expected else None

    dataset.chunk_iter(more)
    if found and len(found) != expected:
        raise OddFileError(
            say("odd_pieces_missing", where=where, count=len(found), expected=expected)
        )
    for info in found:
        if info.byte_offset is None or not 0 < info.size <= size - info.byte_offset:
            raise OddFileError(say("odd_piece_beyond", where=where))
        _require_piece(dataset, info, filters, piece, where)
    return sum(info.size for info in found)


def _require_piece(
    dataset: h5d.DatasetID, info: h5d.StoreInfo, filters: list[int], piece: int, where: str
) -> None:
    done = [each for place, each in enumerate(filters) if not info.filter_mask >> place & 1]
    whole = piece + CHECKSUM * (h5z.FILTER_FLETCHER32 in done)
    if h5z.FILTER_DEFLATE not in done:
        if info.size != whole:
            raise OddFileError(say("odd_piece_bytes", where=where, size=info.size, expected=whole))
        return
    _, packed = dataset.read_direct_chunk(info.chunk_offset)
    if h5z.FILTER_FLETCHER32 in done[done.index(h5z.FILTER_DEFLATE) :]:  # the sum of what is packed
        packed, whole = packed[:-CHECKSUM], piece
    opened = zlib.decompressobj()
    try:
        length = len(opened.decompress(packed, whole + 1))
    except zlib.error as error:
        raise OddFileError(say("odd_piece_damaged", where=where, reason=error)) from error
    if length != whole or opened.unconsumed_tail or opened.unused_data or not opened.eof:
        raise OddFileError(say("odd_piece_size", where=where, piece=piece))
