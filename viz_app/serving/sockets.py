"""What comes by web sockets: what a page sends and nothing else, from nobody too many or too fast.

Streamlit takes more than its pages send: a message of a few bytes empties all caches for everybody.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from google.protobuf.message import DecodeError
from starlette.types import Message, Receive, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

PASSED = frozenset(
    {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request",
     "backend_operation_request"}
)  # fmt: skip
"""What our pages send; anything else that Streamlit knows is not heard."""

MOST_FILES = 100
"""Files that one message may announce."""

MOST_OWN, MOST_THERE = 60, 1000
"""Sockets, which are tabs, of one browser, and of all at one address, in one process."""

OWN_PACE, SHARED_PACE, AT_ONCE = 10.0, 100.0, 50
"""Runs of pages in a second of one browser, and of those without a name at one address; and so
many at once before any of them waits."""

UNREADABLE, FULL = 1002, 1013
"""The codes for a socket that sends what is no message, and for one too many."""

MANY = 10_000
"""So many clocks are looked through for those that stand still."""


class Sockets:
    """The open sockets of this process, and how fast they ask.

    Parameters
    ----------
    clock
        Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: Counter[str] = Counter()
        self._paid: dict[str, float] = {}

    @contextmanager
    def place(self, name: str, address: str) -> Iterator[bool]:
        """Whether there is room for one more socket, which it then takes until the block ends."""
        takes = [f"at {address}", *([f"of {name}"] if name else [])]
        free = self._open[takes[0]] < MOST_THERE and self._open[takes[-1]] < (
            MOST_OWN if name else MOST_THERE
        )
        taken = Counter(takes if free else [])
        self._open += taken
        try:
            yield free
        finally:
            self._open -= taken

    def wait(self, name: str, address: str) -> float:
        """Seconds that one more run of a page has to wait."""
        who, pace = (f"of {name}", OWN_PACE) if name else (f"at {address}", SHARED_PACE)
        now = self._clock()
        paid = max(self._paid.get(who, -math.inf), now - AT_ONCE / pace) + 1 / pace
        if len(self._paid) > MANY:
            self._paid = {each: until for each, until in self._paid.items() if until > now}
        self._paid[who] = paid
        return max(0.0, paid - now)


def guarded(receive: Receive, send: Send, wait: Callable[[], float]) -> tuple[Receive, Send]:
    """A socket's two ends, of which only what a page sends comes in, and that not too fast.

    Parameters
    ----------
    receive, send
        The server's ends.
    wait
        Tells how many seconds a run of a page has to wait.
    """
    over = False

    async def received() -> Message:
        nonlocal over
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            kind = kind_of(message.get("bytes"))
            if kind is None:
                over = True
                await send({"type": "websocket.close", "code": UNREADABLE})
                return {"type": "websocket.disconnect", "code": UNREADABLE}
            if kind == "rerun_script":
                await asyncio.sleep(wait())
            if kind in PASSED:
                return message

    async def sent(message: Message) -> None:
        if not over:
            await send(message)

    return received, sent


def kind_of(data: bytes | None) -> str | None:
    """What a message is; empty where it is to be left unheard, None where it is no message."""
    if data is None:  # letters, which no page sends
        return None
    message = BackMsg()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return None
    if len(message.file_urls_request.file_names) > MOST_FILES:
        return ""
    return message.WhichOneof("type") or ""
