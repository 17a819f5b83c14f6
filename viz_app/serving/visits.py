"""The server's own visit to each page when it has started, as a browser would: by its web socket.

What a page shows first is then computed and kept before somebody waits for it.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from viz_app.features.mystery import served as cached_mystery
from viz_app.kit.run_words import Theme

THEMES: tuple[Theme, ...] = ("light", "dark")
MOST_RUNS = 12
"""So many runs' pictures are drawn before they are asked for."""

NOT_EVERY_RUN = ("figures",)
"""Pages that take a second for each run."""

PATIENCE = 60.0
"""Seconds for the server to start, and for a page to be drawn."""


class Visit:
    """One session in a theme.

    Attributes
    ----------
    pages
        Streamlit's name of each page by its path, known after the first answer; the first is "".
    with_runs
        Paths of the pages that wrote the run they show into their address.
    """

    def __init__(self, socket: Any, theme: Theme) -> None:
        self._socket, self._theme = socket, theme
        self.pages: dict[str, str] = {"": ""}
        self.with_runs: list[str] = []

    def open(self, page: str, **chosen: str) -> None:
        """Have a page drawn."""
        message = BackMsg()
        message.rerun_script.page_script_hash = self.pages[page]
        message.rerun_script.query_string = urlencode(chosen)
        message.rerun_script.context_info.color_scheme = self._theme
        self._socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(self._socket.recv(PATIENCE))
            kind = answer.WhichOneof("type")
            if kind == "navigation":
                self.pages = {
                    "" if found.is_default else found.url_pathname: found.page_script_hash
                    for found in answer.navigation.app_pages
                }
            elif kind == "page_info_changed" and not chosen:
                if "run" in parse_qs(answer.page_info_changed.query_string):
                    self.with_runs.append(page)
            elif (
                kind == "script_finished"
                and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
            ):
                return


Opening = tuple[Visit, str, dict[str, str]]
"""Who opens which page, and what is chosen on it."""


def visit_all(address: str, wait: Callable[[], None], settle: Callable[[], None]) -> None:
    """Open every page once in both themes, then the first page and the others on every run.

    Parameters
    ----------
    address
        Where this server is, or will be in a moment.
    wait
        Called before each page: returns when nobody else is served.
    settle
        Called when every page has brought what it imports.
    """
    with (
        contextlib.suppress(OSError, TimeoutError, WebSocketException),
        contextlib.ExitStack() as s,
    ):
        visits = [Visit(s.enter_context(_connected(address)), theme) for theme in THEMES]
        for visit, page, chosen in _first(visits):
            wait()
            visit.open(page, **chosen)
        settle()
        for visit, page, chosen in _of_each_run(visits):
            wait()
            visit.open(page, **chosen)


def _first(visits: list[Visit]) -> Iterator[Opening]:
    """Every page as it opens; what most will see comes first."""
    for visit in visits:
        yield visit, "", {}
    for page in list(visits[0].pages)[1:]:
        for visit in visits:
            yield visit, page, {}


def _of_each_run(visits: list[Visit]) -> Iterator[Opening]:
    """The pages that show a run, on each one."""
    runs = list(cached_mystery.prepared())[:MOST_RUNS]  # one's own may have to be measured first
    for page in (page for page in visits[0].with_runs if page not in NOT_EVERY_RUN):
        for run in runs:
            for visit in visits:
                yield visit, page, {"run": run}


def _connected(address: str) -> Any:
    """A web socket to the server, as soon as it listens."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return connect(
                address.replace("http", "ws", 1) + "/_stcore/stream",
                subprotocols=["streamlit"],  # type: ignore[list-item]
                max_size=None,
                compression=None,
            )
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
