"""Files that hold no weights as torch writes them: what each is, told by its bytes, and the fix."""

import io
import re
import zipfile
import zlib
from collections.abc import Sequence

from gatescope.errors import say

TORCH_MAGIC = b"l\xfc\x9cF\xf9 j\xa8P\x19"
"""Near the beginning of what ``torch.save`` wrote before torch 1.6; see torch.serialization."""

LEVELDB = bytes.fromhex("57fb808b247547db")
"""At the end of the index of a TensorFlow checkpoint; its tables are those of LevelDB."""

AFTER_VERSION = b"\x12\x1a\x22\x28\x32\x3a\x42"
"""Keys of the fields that may follow the version in an ONNX model; see onnx.proto."""

FROZEN = re.compile(rb"\n[\x80-\xff]{0,4}[\0-\x7f]\n[\x01-\x7f][\x20-\x7e]{1,127}\x12")
"""How a frozen graph of TensorFlow begins: a node with its name and what it does; graph.proto."""

KERAS = say("foreign_keras")
HDF5 = say("foreign_hdf5")
TENSORFLOW = say("foreign_tensorflow")
COREML = say("foreign_coreml")
ONNX = say("foreign_onnx")
NUMPY = say("foreign_numpy")
PICKLE = say("foreign_pickle")
SCRIPT = say("foreign_script")
EXPORTED = say("foreign_exported")
MATLAB = say("foreign_matlab")
GGUF = say("foreign_gguf")
POINTER = say("foreign_pointer")
PAGE = say("foreign_page")
TEXT = say("foreign_text")

STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x93NUMPY", NUMPY),
    (b"\x1f\x8b", say("foreign_packed", by="gzip")),
    (b"BZh", say("foreign_packed", by="bzip2")),
    (b"\xfd7zXZ", say("foreign_packed", by="xz")),
    (b"7z\xbc\xaf", say("foreign_packed", by="7-Zip")),
    (b"Rar!", say("foreign_packed", by="RAR")),
    (b"GGUF", GGUF),
    (b"MATLAB 5.0", MATLAB),
    (b"version https://git-lfs", POINTER),
)

PROTOCOL_0 = re.compile(rb"[(\]}][dlipt(\]}q]|c[\w.]+\n[\w.]+\n")
"""How a pickle begins that is written as text."""


def foreign(data: bytes) -> str | None:
    """What a file is that is not read as weights, with the fix; None where it may hold weights.

    Parameters
    ----------
    data
        The whole content of a file.
    """
    if data[:4] == b"PK\x03\x04":
        return _zipped(data)
    if is_old_torch(data) or looks_like_safetensors(data):
        return None
    for start, told in STARTS:
        if data.startswith(start):
            return told
    if b"\x89HDF\r\n\x1a\n" in (data[:8], data[512:520], data[1024:1032]):
        return KERAS if b"keras" in data else HDF5
    if data[257:262] == b"ustar":
        return say("foreign_tar")
    if data[4:8] == b"TFL3" or data.endswith(LEVELDB) or FROZEN.match(data):
        return TENSORFLOW
    if _is_pickle(data):
        return PICKLE
    if data[:1] == b"\x08" and data[2:3] and data[2] in AFTER_VERSION:
        if _is_described(data):
            return COREML
        return TENSORFLOW if data[1] == 1 else ONNX  # a SavedModel's schema has version 1
    if not _is_text(data):
        return None
    return PAGE if re.match(rb"\s*<(!doctype|html|\?xml)", data, re.IGNORECASE) else TEXT


def _is_described(data: bytes) -> bool:
    """Whether inputs are described after the version, where ONNX has the name of a program."""
    return (
        re.match(rb"\x12[\x80-\xff]{0,4}[\0-\x7f]\n[\x80-\xff]{0,4}[\0-\x7f]\n", data[2:14])
        is not None
    )


def is_old_torch(data: bytes) -> bool:
    """Whether ``torch.save`` wrote it in the format that it had before torch 1.6."""
    return data[:1] == b"\x80" and TORCH_MAGIC in data[:32]


def looks_like_safetensors(data: bytes) -> bool:
    """Whether it begins as safetensors do: 8 bytes of length, then JSON."""
    return data[8:9] == b"{" and data[6:8] == b"\0\0"


def _zipped(data: bytes) -> str | None:
    """What an archive is by the names in it; None for one of ``torch.save``, or a broken one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return None
    inside = [name.partition("/")[2] for name in names]
    if any(name.endswith(".weights.h5") for name in names):
        return KERAS
    if names and all(name.endswith(".npy") for name in names):
        return NUMPY
    if {"serialized_exported_program.json", "archive_format"} & {*names, *inside}:
        return EXPORTED
    if any(name.startswith("code/") or name == "constants.pkl" for name in inside):
        return SCRIPT
    if any(name.rpartition("/")[2] == "saved_model.pb" for name in names):
        return TENSORFLOW
    if "data.pkl" in inside:
        return None
    return say("foreign_zip", names=_few(names))


def _is_pickle(data: bytes) -> bool:
    """Of any protocol, packed by joblib or not."""
    if data[:1] == b"\x78":
        try:
            data = zlib.decompressobj().decompress(data[:4096], 64)
        except zlib.error:
            return False
    if re.match(rb"\x80[\x02-\x05]", data):
        return True
    return data.endswith(b".") and PROTOCOL_0.match(data) is not None


def _is_text(data: bytes) -> bool:
    """Whether the first bytes are UTF-8 of letters and spaces, with or without a mark of it."""
    letters = data[:2000].decode("utf-8-sig", errors="replace").removesuffix("\ufffd")
    return all(each.isprintable() or each.isspace() for each in letters) and "\ufffd" not in letters


def _few(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join("".join(c for c in name[:60] if c.isprintable()) for name in names[:3])
    if len(names) > 3:
        return say("few", shown=shown, more=len(names) - 3)
    return shown if names else say("nothing")
