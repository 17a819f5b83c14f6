"""What the server does in idle moments: it collects garbage, and opens its pages once."""

import ast
import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from streamlit.runtime import Runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager
from streamlit.testing.v1 import AppTest

from viz_app.kit.page import uploads
from viz_app.serving import idle, visits
from viz_app.serving.idle import AT_LATEST, FEW, GONE, LONG, MANY, MUCH, Tidier


class Knot:
    """Garbage that only the collector finds."""

    def __init__(self, size: int) -> None:
        self.itself = self
        self.parts = [[] for _ in range(size)]


@pytest.fixture
def garbage() -> Iterator[Callable[[int], weakref.ref[Knot]]]:
    """Leaves garbage of so many objects; a reference that is dead when it was collected."""
    gc.collect()
    gc.freeze()  # what other tests have left is none of it
    gc.disable()
    yield lambda size: weakref.ref(Knot(size))
    gc.enable()


class Time:
    """A clock that is set by hand, and whether a page runs."""

    def __init__(self) -> None:
        self.now, self.busy, self.memory = 1000.0, False, 2**30
        self.tidier = Tidier(lambda: self.now, lambda: self.busy, lambda: self.memory)

    def look(self, *, after: float, busy: bool) -> None:
        """Look again some seconds later."""
        self.now, self.busy = self.now + after, busy
        self.tidier.look()


def test_collects_when_idle_and_not_in_a_run(garbage: Any) -> None:
    """As soon as no page has run for a moment."""
    time, left = Time(), garbage(FEW + 1000)
    time.look(after=1, busy=True)
    assert left() is not None
    time.look(after=0.01, busy=False)
    assert left() is not None
    time.look(after=1, busy=False)
    assert left() is None


def test_little_garbage_waits(garbage: Any) -> None:
    """It is not worth going through all that there is."""
    time, left = Time(), garbage(FEW // 2)
    time.look(after=1, busy=False)
    assert left() is not None


def test_much_garbage_is_collected_even_while_pages_run(garbage: Any) -> None:
    """A day without an idle moment does not grow."""
    time, left = Time(), garbage(MANY + 1000)
    time.look(after=1, busy=True)
    assert left() is None


def test_few_objects_that_hold_much_are_collected_while_pages_run(garbage: Any) -> None:
    """As soon as the process has grown by so much; what stays is no reason to do so again."""
    time, left = Time(), garbage(10)
    time.memory += MUCH - 1
    time.look(after=0.5, busy=True)
    assert left() is not None
    time.memory += 2
    time.look(after=0.5, busy=True)
    assert left() is None
    left = garbage(10)
    time.look(after=0.5, busy=True)
    assert left() is not None
    time.memory -= MUCH  # was given back
    time.look(after=0.5, busy=True)
    time.memory += MUCH + 1
    time.look(after=0.5, busy=True)
    assert left() is None


def test_the_memory_of_a_process_is_known() -> None:
    """In bytes."""
    before, more = idle.taken(), np.ones(2**25)
    assert idle.taken() >= before + 0.9 * more.nbytes


def test_what_was_alive_in_one_collection_is_found_by_a_later_one(garbage: Any) -> None:
    """A page that ran while others' garbage was collected is no longer young when it ends."""
    time, kept = Time(), Knot(10)
    left = weakref.ref(kept)
    garbage(MANY + 1000)
    time.look(after=0.5, busy=True)
    del kept
    for _ in range(6):  # long before everything is gone through
        assert left() is not None
        garbage(MANY + 1000)
        time.look(after=0.5, busy=True)
        if left() is None:
            return
    pytest.fail("it waits for everything to be gone through")


def test_memory_is_given_back_once_in_a_while(
    garbage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a day without an idle minute too; not after every collection, which takes 0.1 s more."""
    called: list[str] = []
    monkeypatch.setattr(idle, "_allocator", lambda name, *_: called.append(name))
    time = Time()
    for _ in range(6):
        left = garbage(FEW + 1000)
        time.look(after=AT_LATEST / 2 - 1, busy=True)
        time.look(after=1, busy=False)
        assert left() is None
    assert called == 3 * ["malloc_trim"]


def test_no_garbage_waits_for_ever(garbage: Any) -> None:
    """It may hold large arrays."""
    time, kept = Time(), Knot(10)
    left = weakref.ref(kept)
    gc.collect(0)
    del kept  # no longer young, and nothing has come since
    time.look(after=AT_LATEST - 1, busy=True)
    assert left() is not None
    time.look(after=2, busy=True)
    assert left() is None


def test_when_nobody_is_there_everything_is_gone_through(garbage: Any) -> None:
    """What was alive when the rest was frozen, and is garbage by now, is found once then."""
    time, kept = Time(), Knot(10)
    left = weakref.ref(kept)
    gc.unfreeze()
    idle.settle()
    assert gc.get_freeze_count() > 10_000
    del kept
    time.look(after=1, busy=True)
    gc.collect()
    assert left() is not None
    time.look(after=LONG + 1, busy=False)
    assert left() is None
    assert gc.get_freeze_count() > 10_000


def test_sessions_whose_time_is_over_are_forgotten_when_nobody_comes(
    garbage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were alive when all else was gone through, and stay until somebody goes through them."""
    time, kept, asked = Time(), [Knot(10)], []
    left = weakref.ref(kept[0])

    def forget() -> None:
        asked.append(time.now)
        if len(asked) == 2:  # now its two minutes are over
            kept.clear()

    monkeypatch.setattr(idle, "forget_sessions", forget)
    time.look(after=1, busy=True)
    time.look(after=LONG, busy=False)
    assert left() is not None
    time.look(after=GONE - LONG - 1, busy=False)
    assert len(asked) == 1
    time.look(after=1, busy=False)
    assert left() is None
    time.look(after=1000, busy=False)
    assert asked == [1001 + LONG, 1001 + GONE]


def test_streamlit_forgets_sessions_whose_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own manager and storage of them, in the thread of its event loop."""
    storage, calls = MemorySessionStorage(ttl_seconds=0), []
    manager = WebsocketSessionManager(storage, *3 * [cast(Any, None)])
    session: Any = Knot(1)
    del session.itself
    session.session = SimpleNamespace(id="x")
    storage.save(session)
    left = weakref.ref(session)
    del session
    assert left() is not None
    loop = SimpleNamespace(call_soon_threadsafe=lambda call: (calls.append(call), call()))
    runtime = SimpleNamespace(
        _session_mgr=manager, _get_async_objs=lambda: SimpleNamespace(eventloop=loop)
    )
    monkeypatch.setattr(Runtime, "_instance", runtime)
    idle.forget_sessions()
    assert left() is None
    assert len(calls) == 2
    assert hasattr(Runtime, "_get_async_objs")
    monkeypatch.setattr(Runtime, "_instance", None)
    idle.forget_sessions()  # no server: nothing to forget


def test_a_page_that_runs_is_seen() -> None:
    """By the name of its thread, which is Streamlit's; a test's page is not served."""

    def page() -> None:
        import streamlit as st

        from viz_app.serving import idle

        st.write(f"{idle.running()} {idle.served()}")

    assert AppTest.from_function(page).run().markdown[0].value == "True False"
    for thread in threading.enumerate():
        if thread.name.startswith(idle.SCRIPT):
            thread.join(30)
    assert not idle.running()


def test_waiting_ends_when_pages_have_ended() -> None:
    """And not before."""
    may_end, waited = threading.Event(), threading.Event()
    page = threading.Thread(target=may_end.wait, args=(30,), name=f"{idle.SCRIPT}.scriptThread")
    page.start()
    waiter = threading.Thread(target=lambda: (idle.wait(0.05), waited.set()))
    waiter.start()
    assert not waited.wait(0.3)
    may_end.set()
    assert waited.wait(30)
    waiter.join()
    page.join()


def test_the_collector_is_off_from_the_start() -> None:
    """In a process of its own; starting twice is starting once."""
    code = (
        "import gc, threading; from viz_app.serving import idle; idle.start(); idle.start(); "
        "print(gc.isenabled(), [t.name for t in threading.enumerate()].count('idle'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "1"]


LOADED = """
import gc, sys
from viz_app.serving import idle
idle.load()
print(gc.isenabled(), gc.get_freeze_count() > 100_000)
print(*sys.modules)
from gatescope.jobs.speed import speed_of
from viz_app.kit.page import served as cached
cached.run_of("reviews-lstm").model()
speed_of("lstm")
print(*sys.modules)
"""


def test_no_page_waits_for_an_import() -> None:
    """What pages name at their top is there when the first is asked for, and no compiler.

    Torch would import its own, and sympy, for a network that has no numbers yet.
    """
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, check=True)
    state, before, after = done.stdout.decode().splitlines()
    assert state == "False True"
    named = {
        str(node.module)
        for path in idle.APP.glob("features/*/page.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    assert len(named) > 40
    assert {"dask.array", *named} <= set(before.split())
    assert not {"torch._dynamo", "sympy"} & set(after.split())


class FakeVisit:
    """Writes down what is opened."""

    def __init__(self, opened: list[Any], theme: str) -> None:
        self.opened, self.theme = opened, theme
        self.pages = {"": "0", "memory": "1", "figures": "2", "train": "3"}
        self.with_runs = ["", "memory", "figures"]

    def open(self, page: str, **chosen: str) -> None:
        """Draw nothing."""
        self.opened.append((page, self.theme, chosen.get("run")))


def test_what_most_will_see_is_drawn_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page in both themes, then each run; one waits for other readers before each."""
    opened: list[Any] = []

    @contextmanager
    def connected(address: str) -> Iterator[str]:
        yield address

    monkeypatch.setattr(visits, "_connected", connected)
    monkeypatch.setattr(visits, "Visit", lambda _, theme: FakeVisit(opened, theme))
    visits.visit_all("here", lambda: opened.append("waits"), lambda: opened.append("settles"))
    assert opened[0::2][: opened.index("settles") // 2] == ["waits"] * 8
    first = [one for one in opened[: opened.index("settles")] if one != "waits"]
    assert first[:2] == [("", "light", None), ("", "dark", None)]
    assert {page for page, *_ in first} == {"", "memory", "figures", "train"}
    rest = [one for one in opened[opened.index("settles") + 1 :] if one != "waits"]
    assert {page for page, *_ in rest} == {"", "memory"}
    assert len(rest) == 2 * 2 * 9
    assert opened.count("waits") == len(first) + len(rest)


def test_the_reader_of_files_starts_when_every_page_has_been_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not before: the first pages have the processors to themselves."""
    done: list[str] = []

    def visit_all(address: str, wait: Any, settle: Any) -> None:
        done.append(address)
        settle()
        done.append("each run")

    monkeypatch.setattr(visits, "visit_all", visit_all)
    monkeypatch.setattr(idle, "settle", lambda: done.append("settles"))
    monkeypatch.setattr(idle, "wait", lambda: done.append("waits"))
    monkeypatch.setattr(uploads.FILES.apart, "start", lambda: done.append("reader"))
    idle._visit("here")
    assert done == ["here", "settles", "waits", "reader", "each run", "waits", "settles"]


def test_a_server_that_ends_ends_its_visits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a word."""
    monkeypatch.setattr(visits, "PATIENCE", 0.0)
    visits.visit_all("http://127.0.0.1:9", lambda: None, lambda: None)
