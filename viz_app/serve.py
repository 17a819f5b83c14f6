"""Serve the app: settings that hold in every folder, a free port, the address for the board."""

import contextlib
import errno
import os
import socket
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from viz_app.kit import environment
from viz_app.kit.environment import LOCAL, PROXIED, TEACHER
from viz_app.text import say

HERE = Path(__file__).parent
SETTINGS = (HERE / "assets" / "config.toml", HERE.parent / ".streamlit" / "config.toml")
"""Where Streamlit's settings stand: installed, and in a checkout."""

EVERYWHERE = ("0.0.0.0", "::")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ELSEWHERE = ("192.0.2.1", 9)
"""An address kept for documentation (RFC 5737): a UDP socket connects to it and sends nothing."""

WAITING = 2048
"""Connections that may wait until the app has started."""

LONGEST_LINE = 2**16
"""Bytes of a header: on this machine's own name a browser sends the cookies of all its servers,
and what is too long for a web socket would get no answer."""


def serve(host: str, port: int, processes: int = 1, nginx: Path | None = None) -> None:
    """Serve the app until it is told to stop.

    Parameters
    ----------
    host, port
        Where browsers find it.
    processes
        How many share the work; several stand behind nginx.
    nginx
        Settings for nginx to use in place of the shipped ones, with one process too.

    Raises
    ------
    ValueError
        When the port is in use, the host is not this machine, or nginx is missing.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # many browsers share the machine
    os.environ.setdefault("WEBSOCKETS_MAX_LINE_LENGTH", str(LONGEST_LINE))
    alone = host in LOOPBACK and nginx is None and os.environ.get(PROXIED) != "1"
    os.environ[LOCAL] = "1" if alone else ""
    _open_many()
    if processes > 1 or nginx is not None:
        from viz_app.serving import many

        many.serve(host, port, processes, nginx)
        return
    from viz_app.serving import one

    with listening(host, port) as door:
        one.serve(door, host, lambda: announce(host, port))


def _open_many() -> None:
    """Hold as many connections at a time as the system lets this process: a browser takes seven."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def hand_on(options: Mapping[str, Any]) -> None:
    """Hand the command line's options on to the pages, and to every process, by the environment.

    Raises
    ------
    ValueError
        When the environment then says what cannot be.
    """
    os.environ.update({name: str(value) for name, value in options.items() if value is not None})
    for fault in environment.faults():
        raise ValueError(fault)


def require_origins(origins: Iterable[str]) -> None:
    """Make sure that each can be named to a browser as a site that may show the app.

    Raises
    ------
    ValueError
        When one is no origin.
    """
    for origin in origins:
        if not environment.is_origin(origin):
            raise ValueError(say("cli.no_origin", origin=origin))


def require_scheduler() -> None:
    """Make sure that the Dask cluster that trains the jobs, where one is named, can be asked.

    Raises
    ------
    ValueError
        When Dask is missing, or nobody answers there.
    """
    address = os.environ.get(environment.SCHEDULER)
    if address:
        from gatescope.experiments import cluster_executor

        cluster_executor(address)


def announce(host: str, port: int) -> None:
    """Print where the app is, and the teacher's address."""
    from viz_app.serving.secrets import key

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
