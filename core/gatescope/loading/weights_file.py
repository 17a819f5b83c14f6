"""Weights from a file's bytes: safetensors, or what torch.save wrote, in its new format or old."""

import io
import pickle
import pickletools
import re
import struct
import zipfile
import zlib
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from gatescope.errors import say
from gatescope.loading.foreign import foreign, is_old_torch, looks_like_safetensors
from gatescope.loading.made_weights import WeightsError
from gatescope.loading.stored import QUANTIZED, few, flattened

BROKEN = (
    RuntimeError, ValueError, LookupError, EOFError, AttributeError, TypeError, MemoryError,
    ArithmeticError, AssertionError, OSError, struct.error, zlib.error, zipfile.BadZipFile,
)  # fmt: skip
"""What torch raises of a file that is damaged, or made to do harm."""

GROWING = {
    "bytearray",
    "_rebuild_device_tensor_from_cpu_tensor",
    "_rebuild_device_tensor_from_numpy",
    "_rebuild_wrapper_subclass",
}
"""What torch's reader of weights calls, by which a small file takes as much memory as it likes."""

ALONE = say("save_alone")


def read_weights(data: bytes) -> dict[str, Tensor]:
    """Read a safetensors file, or a state dict or checkpoint that ``torch.save`` wrote.

    Parameters
    ----------
    data
        The file's content. A pickle that holds anything but tensors and plain values is refused,
        not run.

    Returns
    -------
    dict
        Tensors by name, on the CPU. Of a checkpoint those of the state dict in it that has a
        recurrent layer; where several have, each name begins with the place of its state dict.

    Raises
    ------
    WeightsError
        When it is neither, is damaged, or holds no tensors.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise WeightsError(say("content_needed", kind=type(data).__name__))
    data = bytes(data)
    if not data:
        raise WeightsError(say("weights_empty"))
    told = foreign(data)
    if told is not None:
        raise WeightsError(told)
    if data[:4] == b"PK\x03\x04":
        _require_whole(data)
        return _from_torch(data)
    return _from_torch(data) if is_old_torch(data) else _from_safetensors(data)


def _require_whole(data: bytes) -> None:
    """Raise WeightsError for an archive that is damaged, or would become larger than it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            claimed = sum(member.file_size for member in archive.infolist())
            names = archive.namelist()
            # torch packs nothing, so nothing can become larger; and it does not look at checksums
            damaged = archive.testzip() if claimed <= len(data) else None
    except BROKEN as error:
        raise WeightsError(say("weights_cut_off")) from error
    if len(set(names)) < len(names):
        raise WeightsError(say("weights_two_parts"))
    if claimed > len(data):
        raise WeightsError(say("weights_claim", claimed=claimed, size=len(data)))
    if damaged is not None:
        raise WeightsError(say("weights_checksum", name=few([damaged])))


def _from_torch(data: bytes) -> dict[str, Tensor]:
    """What ``torch.save`` wrote; tensors and plain values alone are unpickled."""
    try:
        growing = sorted(_called(data) & GROWING)
        if growing:
            raise pickle.UnpicklingError(f"GLOBAL {growing[0]}")
        found = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsError(_refused(str(error))) from error
    except BROKEN as error:
        raise WeightsError(say("weights_damaged", reason=line(error))) from error
    return flattened(found)


def _called(data: bytes) -> set[str]:
    """The functions and classes that a file's pickles name; nothing of them is run."""
    file, names = io.BytesIO(data), set()
    if is_old_torch(data):
        # what the format is, twice, and where it was made; then the state dict
        pickles = [file] * 4
    else:
        with zipfile.ZipFile(file) as archive:
            held = [each for each in archive.infolist() if each.filename.endswith("data.pkl")]
            pickles = [io.BytesIO(archive.read(each)) for each in held]
    for each in pickles:
        for operation, argument, _ in pickletools.genops(each):
            if operation.name == "GLOBAL":
                names.add(str(argument).rpartition(" ")[2])
    return names


def _refused(message: str) -> str:
    """Why torch's reader of weights refused a file."""
    there = re.search(r"(?:GLOBAL|Unsupported class) ([\w.]{1,80})", message)
    if there and there[1] == "torch.ScriptObject":
        return say("weights_run_nothing_of", name=there[1], fix=QUANTIZED)
    if there:
        return say("weights_more_than_tensors", name=there[1], fix=ALONE)
    if "Unsupported operand" in message:
        return say("weights_protocol", fix=ALONE)
    return say("weights_run_nothing", fix=ALONE)


def _from_safetensors(data: bytes) -> dict[str, Tensor]:
    try:
        found: dict[str, Any] = safetensors.torch.load(data)
    except (safetensors.SafetensorError, *BROKEN) as error:
        raise WeightsError(
            say(
                "safetensors_damaged" if looks_like_safetensors(data) else "weights_neither",
                reason=line(error),
            )
        ) from error
    if not found:
        raise WeightsError(say("no_tensor"))
    return flattened(found)


def line(error: Exception) -> str:
    """The first sentence of another library's message, without what follows it."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
