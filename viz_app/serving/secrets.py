"""What this server alone knows: the key that signs cookies, and the teacher's key.

Both stand in the jobs folder, made once, so that all processes over one folder share them and a
restart forgets nobody. The environment may give them instead.
"""

import os
import secrets
from pathlib import Path

from viz_app.environment import SECRET, TEACHER, jobs_folder

FILES = {SECRET: ("secret", 32), TEACHER: ("teacher", 12)}
"""Of each: its file, and its random bytes."""


def server_folder() -> Path:
    """Where what belongs to the server is kept, made for its owner alone."""
    folder = jobs_folder() / "server"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def key(name: str) -> str:
    """One of the two keys: the environment's, the folder's, or one that is made now.

    Where the folder cannot be written it is kept in the environment: a restart makes another one.
    """
    given = os.environ.get(name, "").strip()
    if given:
        return given
    file, size = FILES[name]
    made = secrets.token_urlsafe(size)
    try:
        return _kept(server_folder() / file, made)
    except OSError:
        os.environ[name] = made
        return made


def _kept(path: Path, made: str) -> str:
    """What a file holds; where there is none it gets ``made``, whole, and only once."""
    if not path.exists():
        draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(made)
            os.link(draft, path)  # fails where another process was faster: theirs counts
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
    found = path.read_text(encoding="utf-8").strip()
    return found or _remade(path, made)


def _remade(path: Path, made: str) -> str:
    """An empty file is no key."""
    path.unlink()
    return _kept(path, made)
