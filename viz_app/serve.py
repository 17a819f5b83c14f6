"""Serve the app with what the command line says, from one process or from several."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from viz_app.kit import environment
from viz_app.kit.environment import LOCAL, PROXIED
from viz_app.serving.listening import LOOPBACK, announce, listening
from viz_app.text import say

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
    if processes > 1 or nginx is not None:
        from viz_app.serving import many

        many.serve(host, port, processes, nginx)
        return
    from viz_app.serving import one

    with listening(host, port) as door:
        one.serve(door, host, lambda: announce(host, port))


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
