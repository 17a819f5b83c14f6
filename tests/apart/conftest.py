"""A process to read in, and a watch that sees whether a file was opened by anybody."""

import ctypes
import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gatescope.apart import Apart, Files

OPENED = 0x20
"""IN_OPEN of inotify."""

LONGEST = 600
"""Characters of a message."""


@pytest.fixture(scope="session")
def files() -> Iterator[Files]:
    """One process for all tests, with the limits of a server."""
    apart = Apart()
    yield Files(apart)
    apart.close()


@pytest.fixture
def secret(tmp_path: Path) -> Iterator[Path]:
    """A file that nobody may open: at the end of the test it was not."""
    path = tmp_path / "secret"
    path.write_bytes(b"0123456789" * 100)
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    assert watch >= 0
    assert libc.inotify_add_watch(watch, os.fsencode(path), OPENED) >= 0
    yield path
    try:
        found = os.read(watch, 4096)
    except BlockingIOError:
        found = b""
    os.close(watch)
    assert not found, f"opened: {struct.unpack('iIII', found[:16])}"


@pytest.fixture
def sentence() -> Callable[[Callable[[], object], type[Exception]], str]:
    """The one sentence in which something is refused."""

    def said(read: Callable[[], object], kind: type[Exception]) -> str:
        with pytest.raises(kind) as caught:
            read()
        message = str(caught.value)
        assert type(caught.value) is kind
        assert "\n" not in message
        assert len(message) < LONGEST
        assert "Too many open files" not in message
        return message

    return said
