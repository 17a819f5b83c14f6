"""nginx before several processes: its settings, from the file that is shipped, and its start."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from viz_app.text import say

PACKAGE = Path(__file__).parents[1]
SHIPPED = (
    PACKAGE / "assets" / "nginx.conf",
    PACKAGE.parent / "assets" / "deploy" / "nginx.conf",
)
"""Where the settings stand: installed, and in a checkout."""

LISTEN = re.compile(r"^(\s*listen )127\.0\.0\.1:8501\b", re.MULTILINE)
SERVERS = re.compile(r"^(?:\s*server 127\.0\.0\.1:86\d\d max_fails=0;.*\n)+", re.MULTILINE)
OFTEN = "/usr/sbin"
"""Debian's place for it, which is not on everybody's path."""


def program() -> str:
    """The nginx of this machine.

    Raises
    ------
    ValueError
        When there is none.
    """
    found = shutil.which("nginx") or shutil.which("nginx", path=OFTEN)
    if found is None:
        raise ValueError(say("cli.no_nginx"))
    return found


def settings(text: str, host: str, port: int, servers: Sequence[int]) -> str:
    """A file of settings with the address to listen on, and the processes' ports.

    Raises
    ------
    ValueError
        When the file lacks the lines that are replaced.
    """
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    listen = f"{where} ipv6only=off" if host == "::" else where
    lines = "".join(f"        server 127.0.0.1:{number} max_fails=0;\n" for number in servers)
    text, listens = LISTEN.subn(rf"\g<1>{listen}", text)
    text, groups = SERVERS.subn(lines, text)
    if not listens or groups != 1:
        raise ValueError(say("cli.nginx_lines"))
    return text


def prepare(folder: Path, text: str) -> list[str]:
    """Write the settings, try them, and return the command that starts nginx with them.

    Raises
    ------
    ValueError
        When nginx refuses them; the message is its own.
    """
    folder.chmod(0o711)  # started by root, its workers are somebody else
    file = folder / "nginx.conf"
    file.write_text(text, encoding="utf-8")
    command = [program(), "-p", str(folder), "-e", "stderr", "-c", str(file)]
    tried = subprocess.run([*command, "-q", "-t"], capture_output=True, text=True)
    if tried.returncode:
        raise ValueError(say("cli.nginx_refused", reason=" ".join(tried.stderr.split())))
    return [*command, "-g", "daemon off;"]


def shipped() -> str:
    """The settings that come with the project."""
    return next(path for path in SHIPPED if path.is_file()).read_text(encoding="utf-8")
