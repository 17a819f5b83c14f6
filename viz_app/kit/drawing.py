"""Drawing a spec: Vega does it, in JavaScript, and a server has it done in a process of its own.

Every format but HTML is made of one SVG, so that all show the same.

While vl_convert draws, no other thread of Python runs: one reader's figure, which takes a second
or more, would hold up everybody else.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache, lru_cache
from multiprocessing.connection import Connection
from typing import Any, Literal

from viz_app.kit import fonts
from viz_app.kit.svg import mended
from viz_app.text import say

Kind = Literal["svg", "png", "pdf", "html"]

PATIENCE = 60.0
"""Seconds that one drawing may take."""

IDLE = 600.0
"""Seconds without a drawing after which the process ends; the next one starts it again."""

STANDS_BACK = 5
"""How nice the process is: pages that are only read come first."""

FEW = 8
"""The last SVGs are kept: what has been measured is often what is drawn next."""

DRAWN, REFUSED = b"+", b"-"


class Drawer:
    """A process that draws, one figure after another, from the first one on.

    Parameters
    ----------
    patience
        Seconds that one drawing may take.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self.process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None
        self._turn = threading.Lock()

    def draw(self, kind: Kind, spec: str, **options: Any) -> bytes:
        """As `draw`.

        Raises
        ------
        ValueError
            When it cannot be drawn, takes too long, or the process ends twice.
        """
        asked = json.dumps([kind, options]).encode()
        with self._turn:
            for _ in range(2):  # it may have ended, after a while without a drawing
                with suppress(OSError, EOFError):
                    return self._answer(asked, spec.encode())
                self._end()
        raise ValueError(say("figures.wrong_drawing"))

    def close(self) -> None:
        """End the process."""
        with self._turn:
            self._end()

    def _answer(self, asked: bytes, spec: bytes) -> bytes:
        line = self._line or self._started()
        line.send_bytes(asked)
        line.send_bytes(spec)
        if not line.poll(self.patience):
            self._end()
            raise ValueError(say("figures.wrong_time", seconds=self.patience))
        answer = line.recv_bytes()
        if answer[:1] == REFUSED:
            raise ValueError(answer[1:].decode())
        return answer[1:]

    def _started(self) -> Connection:
        ours, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-P", __file__, str(number)]
            self.process = subprocess.Popen(
                command, pass_fds=(number,), stdin=subprocess.DEVNULL, start_new_session=True
            )
        self._line = Connection(ours.detach())
        return self._line

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self._line = self.process = None


_drawers: list[Drawer] = []


def stand_apart() -> None:
    """From now on, draw in a process of its own: this one serves others."""
    if not _drawers:
        _drawers.append(Drawer())


def draw(kind: Kind, spec: str, **options: Any) -> bytes:
    """A Vega-Lite spec as SVG or HTML, an SVG as PNG or PDF; text is UTF-8.

    Parameters
    ----------
    kind
        What to draw.
    spec
        As JSON, or an SVG.
    options
        What vl_convert takes besides.

    Raises
    ------
    ValueError
        When it cannot be drawn.
    """
    return _drawers[0].draw(kind, spec, **options) if _drawers else _drawn(kind, spec, options)


@lru_cache(FEW)
def svg(spec: str) -> str:
    """A Vega-Lite spec, as JSON, as an SVG with the colours that it means."""
    return mended(draw("svg", spec).decode())


def _drawn(kind: Kind, spec: str, options: dict[str, Any]) -> bytes:
    source = "svg" if kind in ("png", "pdf") else "vegalite"
    found: str | bytes = getattr(_vega(), f"{source}_to_{kind}")(spec, **options)
    return found.encode() if isinstance(found, str) else found


@cache
def _vega() -> Any:
    import vl_convert  # the server never needs it

    vl_convert.register_font_directory(str(fonts.TRUETYPE))
    return vl_convert


def serve(line: Connection, idle: float = IDLE) -> None:
    """Draw what is asked for until nobody asks, or whoever asked is gone."""
    with suppress(EOFError, OSError):
        while line.poll(idle):
            kind, options = json.loads(line.recv_bytes())
            spec = line.recv_bytes().decode()
            try:
                answer = DRAWN + _drawn(kind, spec, options)
            except ValueError as error:
                answer = REFUSED + str(error).encode()
            line.send_bytes(answer)


if __name__ == "__main__":
    os.nice(STANDS_BACK)
    serve(Connection(int(sys.argv[1])))
