"""What the server does while nobody asks for anything: it draws first pictures, and tidies up.

Python looks for garbage in the midst of whatever it is doing, and Streamlit would look through all
that there is after every run of a page: of a page's CPU that was four fifths. Here nothing is
collected while a page runs, as long as memory allows it.
"""

import contextlib
import ctypes
import gc
import importlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from viz_app.kit import drawing

SCRIPT = "ScriptRunner"
"""How Streamlit names the threads in which pages and their fragments run."""

TICK = 0.5
"""Seconds between two looks at whether there is something to tidy up."""

MOMENT = 0.1
"""After so many seconds without a page's run nobody waits."""

LONG = 60.0
"""After so many, nobody is there."""

GONE = 200.0
"""After so many, nobody comes back: Streamlit lets a session that was closed wait for its browser
for two minutes, and keeps what it uploaded."""

QUIET = LONG, GONE
"""When all is gone through; what is alive then is out of the collector's sight until the next."""

FEW, MANY = 20_000, 100_000
"""Objects that came since the last collection and are still there: worth it in an idle moment,
and too many to wait for one. A page's run leaves some thousands, which are garbage."""

MUCH = 2**26
"""Bytes by which this process has grown since: a recording is a tree whose parts know each other,
few objects that hold large arrays until they are collected."""

ROUNDS = 4
"""Collections of what is young, after which what was alive in them is gone through too: pages that
ran meanwhile, and have ended by now."""

AT_LATEST = 60.0
"""Seconds after which everything is collected even while pages run: sessions that were closed
are garbage too, and no longer young."""

M_ARENA_MAX, ARENAS = -8, 2
"""glibc's number of its setting, and ours: every run of a page is a new thread, and only one of
them works at a time; a dozen heaps with holes in them took 100 MB more."""

APP = Path(__file__).parents[1]

_begun = threading.Lock()


def running() -> bool:
    """Whether a page or a part of one is being computed."""
    return any(thread.name.startswith(SCRIPT) for thread in threading.enumerate())


def wait(moment: float = MOMENT, look: float = 0.02) -> None:
    """Wait until no page has run for a moment, in seconds."""
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < moment:
        time.sleep(look)
        if running():
            quiet_since = time.monotonic()


def load() -> None:
    """Import what pages need, before anybody is served.

    In the midst of serving it would be done by the first page, while all others wait: threads that
    import, as those that compute, take turns. Garbage is not looked for meanwhile.
    """
    gc.disable()
    for part in ("kit", "features"):
        for path in sorted((APP / part).rglob("*.py")):
            if path.name not in ("page.py", "__init__.py"):
                importlib.import_module(
                    ".".join(path.relative_to(APP.parent).with_suffix("").parts)
                )
    with contextlib.suppress(ImportError):
        importlib.import_module("dask.array")  # xarray would, at the first array that it labels
    from viz_app.kit.page import served as cached

    cached.library()
    gc.freeze()


def settle() -> None:
    """Collect all there is, and take what stays out of the collector's sight.

    Torch and its like have brought a million objects: going through them takes 0.3 s.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    _allocator("malloc_trim", 0)


def forget_sessions() -> None:
    """Have Streamlit forget the sessions whose time is over: it does when another one is closed.

    After the last one's nobody would, until somebody comes and goes.
    """
    from streamlit.runtime import Runtime

    with contextlib.suppress(AttributeError, RuntimeError):  # none, or one that has stopped
        runtime: Any = Runtime.instance()
        expire, done = runtime._session_mgr._session_storage._cache.expire, threading.Event()
        loop = runtime._get_async_objs().eventloop
        loop.call_soon_threadsafe(expire)
        loop.call_soon_threadsafe(done.set)
        done.wait(LONG)


def served() -> bool:
    """Whether this process is a server, and not a test of a page."""
    from streamlit.runtime import Runtime  # takes seconds, and the server's address is said first

    return Runtime.exists() and type(Runtime.instance()) is Runtime


def taken() -> int:
    """Bytes of memory that this process has, its libraries among them."""
    return int(psutil.Process().memory_info().rss)


def _allocator(name: str, *values: int) -> None:
    """Call a function of glibc's, which keeps memory for each thread, where it is glibc."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        getattr(ctypes.CDLL(None), name)(*values)


class Tidier:
    """Collects garbage at idle moments; at the latest when it is much, or after a minute.

    Parameters
    ----------
    clock
        Tells the time in seconds.
    busy
        Tells whether a page runs.
    memory
        Tells how many bytes this process has.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        busy: Callable[[], bool] = running,
        memory: Callable[[], int] = taken,
    ) -> None:
        self._clock, self._busy, self._memory = clock, busy, memory
        self._level = memory()
        self._last_run = self._collected = self._trimmed = clock()
        self._settled = len(QUIET)

    def look(self) -> None:
        """Collect, if now is a time for it."""
        now = self._clock()
        if self._busy():
            self._last_run, self._settled = now, 0
        quiet, new = now - self._last_run, gc.get_count()[0]
        self._level = min(self._level, self._memory())
        if self._settled < len(QUIET) and quiet >= QUIET[self._settled]:
            forget_sessions()
            settle()
            self._collected, self._settled = now, self._settled + 1
        elif (new > FEW and quiet >= MOMENT) or self._last_run >= self._collected + AT_LATEST:
            gc.collect()
            self._collected = now
            if now >= self._trimmed + AT_LATEST:
                _allocator("malloc_trim", 0)
                self._trimmed = now
        elif new > MANY or self._memory() > self._level + MUCH:
            # what pages have just left, which is quickly gone through
            gc.collect(1 if gc.get_count()[1] >= ROUNDS else 0)
        else:
            return
        self._level = self._memory()

    def keep(self) -> None:
        """Look again and again."""
        while True:
            time.sleep(TICK)
            self.look()


def start(address: str | None = None, then: Callable[[], None] = lambda: None) -> None:
    """Leave the collecting to idle moments, from now on; more than once is as good as once.

    Parameters
    ----------
    address
        Where this process serves, or will in a moment: its pages are then opened once, in idle
        moments, so that the first visitors find them drawn. None leaves that out.
    then
        Called when everything is imported: two threads that import the same at once can each find
        it half done.
    """
    if not _begun.acquire(blocking=False):
        return
    gc.disable()
    drawing.stand_apart()
    _allocator("mallopt", M_ARENA_MAX, ARENAS)
    threading.Thread(target=_begin, args=(address, then), name="idle", daemon=True).start()


def _begin(address: str | None, then: Callable[[], None]) -> None:
    load()  # unless that is done, while the first browser starts
    then()
    if address is not None:
        threading.Thread(target=_visit, args=(address,), name="visits", daemon=True).start()
    Tidier().keep()


def _visit(address: str) -> None:
    from viz_app.kit.page import uploads
    from viz_app.serving import visits

    def opened() -> None:
        """Every page has been seen; now what the first upload would wait for."""
        settle()
        wait()
        uploads.FILES.apart.start()

    visits.visit_all(address, wait, opened)
    wait()
    settle()
