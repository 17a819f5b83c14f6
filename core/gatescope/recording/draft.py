"""Where a file is written before it has its name: one writer at a time, in all processes."""

import os
import sys
from pathlib import Path

from gatescope.errors import RecordError, say
from gatescope.files import fresh_file

if sys.platform != "win32":
    import fcntl


class Draft:
    """A file beside the one that it becomes; whoever is killed leaves it to the next one there.

    Parameters
    ----------
    path
        The file that it becomes.

    Attributes
    ----------
    fresh
        Where it is until then.

    Raises
    ------
    RecordError
        When somebody else writes the same file.
    OSError
        When it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.fresh = path, path.with_name(f".{path.name}.part")
        handle = _locked(self.fresh, path)
        if handle is None:
            self.fresh = fresh_file(path)
            handle = os.open(self.fresh, os.O_RDWR)
        self.handle = handle
        self.made = os.fstat(handle)
        if sys.platform == "win32":  # which gives no open file another name
            os.close(handle)

    def is_at(self, path: Path) -> bool:
        """Whether a path leads to what was written here."""
        return _is_at(path, self.made)

    def finish(self) -> None:
        """Give it its name; an older file is replaced."""
        os.replace(self.fresh, self.path)
        if sys.platform != "win32":
            fcntl.flock(self.handle, fcntl.LOCK_UN)  # HDF5 locks what it opens

    def discard(self) -> None:
        """Remove it, unless it has its name, and let the next one write."""
        if self.is_at(self.fresh):
            self.fresh.unlink(missing_ok=True)
        if sys.platform != "win32":
            os.close(self.handle)


def _locked(fresh: Path, path: Path) -> int | None:
    """Open a draft for writing and lock it; None where the system or the disk knows no locks."""
    if sys.platform == "win32":
        return None
    while True:
        # a link that somebody laid there is not followed
        handle = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(fresh, os.fstat(handle)):
                return handle
            os.close(handle)  # it got its name, or was removed, before it was locked
        except BlockingIOError:
            os.close(handle)
            raise RecordError(say("recording_beside", path=path)) from None
        except OSError:
            os.close(handle)
            fresh.unlink(missing_ok=True)
            return None


def _is_at(path: Path, made: os.stat_result) -> bool:
    try:
        return os.path.samestat(made, os.stat(path, follow_symlinks=False))
    except OSError:
        return False
