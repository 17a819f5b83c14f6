"""Where a server listens: its socket, its address for browsers, Streamlit's settings, its end."""

import errno
import os
import socket
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from viz_app.kit.environment import TEACHER
from viz_app.serving.secrets import key
from viz_app.text import say

HERE = Path(__file__).parents[1]

SETTINGS = (HERE / "assets" / "config.toml", HERE.parent / ".streamlit" / "config.toml")
"""Where Streamlit's settings stand: installed, and in a checkout."""

EVERYWHERE = ("0.0.0.0", "::")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ELSEWHERE = ("192.0.2.1", 9)
"""An address kept for documentation (RFC 5737): a UDP socket connects to it and sends nothing."""

WAITING = 2048
"""Connections that may wait until the app has started."""


def announce(host: str, port: int) -> None:
    """Print where the app is, and the teacher's address."""
    found = address(host, port)
    shown = f"{found}/?teacher={quote(key(TEACHER), safe='')}"
    print(say("cli.serving_here" if host in LOOPBACK else "cli.serving", address=found))
    print(say("cli.serving_teacher", address=shown), flush=True)


def settings(host: str, port: int) -> dict[str, Any]:
    """Streamlit's settings: those of the project, whatever folder one is in.

    Its greeting is left out: it would ask a server on the internet for this machine's address.
    """
    found = next(path for path in SETTINGS if path.is_file())
    flat = dict(_flat(tomllib.loads(found.read_text(encoding="utf-8"))))
    return flat | {"server.address": host, "server.port": port, "logger.hideWelcomeMessage": True}


def _flat(settings: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def address(host: str, port: int) -> str:
    """What a browser is to be given."""
    name = own_address() if host in EVERYWHERE else host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def own_address() -> str:
    """This machine's address in its network, found without a packet; else its name."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
            found = str(probe.getsockname()[0])
        except OSError:
            found = ""
    return socket.gethostname() if not found or found.startswith(("127.", "0.")) else found


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; what comes before the app has started waits.

    Raises
    ------
    ValueError
        When the port is in use, or the host is not this machine.
    """
    try:
        family, kind, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        door = socket.socket(family, kind)
        try:
            if os.name == "posix":
                door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6 and host == "::":
                door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            door.bind(where)
            door.listen(WAITING)
        except OSError:
            door.close()
            raise
    except (OSError, UnicodeError) as error:  # the second for a name that no network has
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        key = "cli.port_taken" if taken else "cli.cannot_listen"
        reason = getattr(error, "strerror", None) or error
        raise ValueError(say(key, host=host, port=port, reason=reason)) from error
    return door


def end(status: int = 0) -> None:
    """End this process at once.

    Python would wait for other threads at its end, and torch aborts when one of them is just
    being imported or at work.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
