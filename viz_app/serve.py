"""Serve the app: settings that hold in every folder, a free port, the address for the board."""

import errno
import os
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from viz_app import idle
from viz_app.text import say

HERE = Path(__file__).parent
APP = HERE / "app.py"
SETTINGS = (HERE / "assets" / "config.toml", HERE.parent / ".streamlit" / "config.toml")
"""Where Streamlit's settings stand: installed, and in a checkout."""

EVERYWHERE = ("0.0.0.0", "::")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ELSEWHERE = ("192.0.2.1", 9)
"""An address kept for documentation (RFC 5737): a UDP socket connects to it and sends nothing."""


def serve(host: str, port: int) -> None:
    """Serve the app until it is told to stop.

    Raises
    ------
    ValueError
        When the port is in use, or the host is not this machine.
    """
    require_free(host, port)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # many browsers share the machine
    from streamlit.web.cli import main as streamlit

    key = "cli.serving_here" if host in LOOPBACK else "cli.serving"
    print(say(key, address=address(host, port)), flush=True)
    idle.start(address("127.0.0.1" if host in EVERYWHERE else host, port))
    streamlit(["run", str(APP), *flags(host, port)], "streamlit", standalone_mode=False)


def flags(host: str, port: int) -> list[str]:
    """Streamlit's command line: what stands in the settings, whatever folder one is in.

    Its greeting is left out: it would ask a server on the internet for this machine's address.
    """
    found = next(path for path in SETTINGS if path.is_file())
    settings = dict(_flat(tomllib.loads(found.read_text(encoding="utf-8"))))
    settings |= {"server.address": host, "server.port": port, "logger.hideWelcomeMessage": True}
    return [f"--{name}={_plain(value)}" for name, value in settings.items()]


def _flat(settings: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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


def require_free(host: str, port: int) -> None:
    """Make sure that the port can be listened on.

    Raises
    ------
    ValueError
        When it is in use, or the host is not this machine.
    """
    try:
        family, kind, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        key = "cli.port_taken" if taken else "cli.cannot_listen"
        raise ValueError(say(key, host=host, port=port, reason=error.strerror)) from error
