"""One process that serves the app: Streamlit behind our door, on a socket that is open already.

``python -m viz_app.serving.one FD HOST`` is a process among several; other ASGI servers take
``viz_app.serving.one:make`` as a factory.
"""

import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from viz_app.serving import counts, idle, names
from viz_app.serving.listening import EVERYWHERE, LOOPBACK, address, end, settings

try:
    import resource
except ImportError:  # Windows, which has no such limit
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from streamlit.starlette import App

SCRIPT = Path(__file__).parents[1] / "app.py"

PATIENCE = 3
"""Seconds for browsers to take their last answer, and for jobs to end."""

MOST_OPEN = 2**14
"""Files and sockets: a session takes four, also for two minutes after it was closed, and many
systems start a process with 1,024."""

PING = 30.0
"""Seconds between two looks whether a browser is still there, and for its answer."""


def open_more() -> None:
    """Allow this process as many files and sockets as the system lets it, up to `MOST_OPEN`."""
    if resource is not None:
        now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST_OPEN if most == resource.RLIM_INFINITY else min(most, MOST_OPEN)
        if now != resource.RLIM_INFINITY and now < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def make() -> "App":
    """The app behind its door."""
    from starlette.middleware import Middleware
    from streamlit.starlette import App

    from viz_app.kit.page import guard
    from viz_app.serving.door import Door, Rules
    from viz_app.serving.headers import embedding, headers

    guard.log_alone()
    rules = Rules.of_environment(headers(embedding()))
    door = Middleware(Door, names=names.take(), counts=counts.of_server(), rules=rules)
    return App(SCRIPT, middleware=[door], on_script_error=guard.report)


def serve(door: socket.socket, host: str, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until a signal comes; does not return.

    Parameters
    ----------
    door
        A socket that listens. Who connects meanwhile waits until the pages' imports are done.
    host
        Where it listens.
    ready
        Called when the next thing is to answer.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop(0))
    open_more()
    import streamlit  # noqa: F401, before a second thread imports parts of it
    import uvicorn
    from streamlit.runtime.runtime_util import get_max_widget_state_size_bytes
    from streamlit.web.bootstrap import load_config_options

    idle.load()
    port = door.getsockname()[1]
    idle.start(address(LOOPBACK[0] if host in EVERYWHERE else host, port), _tend)
    load_config_options(settings(host, port))
    config = uvicorn.Config(
        make(), ws="websockets-sansio", ws_max_size=get_max_widget_state_size_bytes(),
        ws_ping_interval=PING, ws_ping_timeout=PING, ws_per_message_deflate=False,
        proxy_headers=False, server_header=False, access_log=False, log_level="warning",
        timeout_graceful_shutdown=PATIENCE,
    )  # fmt: skip
    status = 1
    ready()
    try:
        uvicorn.Server(config).run(sockets=[door])  # raises the signal again that ended it
        status = 0
    finally:
        _stop(status)


def _stop(status: int) -> None:
    """End the jobs of this process, and then itself."""
    closing = threading.Thread(target=_close, daemon=True)
    closing.start()
    closing.join(PATIENCE)
    end(status)


def _close() -> None:
    jobs = sys.modules.get("viz_app.kit.page.jobs")
    for queue in getattr(jobs, "OPEN", ()):
        queue.close()


def _tend() -> None:
    """Go on with the jobs that an earlier server left undone, though nobody looks."""
    from viz_app.kit.page import jobs as cached_jobs

    with suppress(OSError, ValueError):  # a page says so
        cached_jobs.queue().keep_tending(spare=True)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
