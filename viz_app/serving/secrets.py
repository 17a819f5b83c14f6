"""What this server alone knows: the key that signs cookies, and the teacher's key.

Both stand in the jobs folder, made once, so that all processes over one folder share them and a
restart forgets nobody. The environment may give them instead.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from viz_app.kit.environment import LEAST_KEY, MOST_KEY, SECRET, TEACHER, is_key, jobs_folder
from viz_app.text import say

FILES = {SECRET: ("secret", 32), TEACHER: ("teacher", 12)}
"""Of each: its file, and its random bytes."""

OTHERS = 0o077
"""What others may do with a file."""


def server_folder() -> Path:
    """Where what belongs to the server is kept, made for its owner alone."""
    folder = jobs_folder() / "server"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def key(name: str) -> str:
    """One of the two keys: the environment's, the folder's, or one that is made now.

    Where the folder cannot be written it is kept in the environment: a restart makes another one.

    Raises
    ------
    ValueError
        When the folder's is none; it is not made anew, for somebody may have written it.
    """
    given = os.environ.get(name, "").strip()
    if given:
        return given
    file, size = FILES[name]
    made = secrets.token_urlsafe(size)
    try:
        path = server_folder() / file
        found = _kept(path, made)
    except OSError:
        os.environ[name] = made
        return made
    if not is_key(found, LEAST_KEY[name]):
        raise ValueError(say("app.bad_key", where=path, least=LEAST_KEY[name], most=MOST_KEY))
    return found


def _kept(path: Path, made: str) -> str:
    """What a file holds; where there is none, or nothing in it, it gets ``made``, only once."""
    with _alone(path.parent):
        found = _read(path)
        if found:
            return found
        draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(made)
                out.flush()
                os.fsync(out.fileno())
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    return made


def _read(path: Path) -> str:
    """What a file holds, for its owner alone from now on; empty where there is none."""
    try:
        with path.open("rb") as file:
            found = file.read(MOST_KEY + 2)  # more is no key
            if os.fstat(file.fileno()).st_mode & OTHERS:
                with suppress(OSError):  # a file of somebody else's, as containers get it
                    path.chmod(0o600)
    except FileNotFoundError:
        return ""
    return found.decode("utf-8", "surrogateescape").strip()  # what is no text is no key


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While no other process makes a key there."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
