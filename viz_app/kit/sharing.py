"""What all browsers share: results and finished charts, each computed once, bounded in bytes."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from functools import wraps
from inspect import signature
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeVar

from viz_app.kit.packed import pack, unpack
from viz_app.kit.sizes import Size, size_of

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

LIMIT = 160 * 2**20
"""Bytes of all that is kept. What was used least recently leaves first."""


class Entry(NamedTuple):
    """A result: as it is kept, whether charts in it are packed, and its size."""

    value: Any
    packed: bool
    size: Size

    def open(self) -> Any:
        """The result as it was computed."""
        return unpack(self.value) if self.packed else self.value


class Store:
    """Results by key, computed once each, however many ask at the same time.

    Parameters
    ----------
    limit
        Bytes of all results together. A result that is larger is kept until the next one comes.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.bytes = 0
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._holders: Counter[int] = Counter()
        self._computing: dict[Hashable, Future[Entry | None]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Number of results."""
        return len(self._entries)

    def get(
        self, key: Hashable, compute: Callable[[], R], packed: Callable[[Any], Any] = pack
    ) -> R:
        """The result of a key; computed here, by another thread that asked first, or before.

        An exception is raised for all who wait for it, and is not kept.

        Parameters
        ----------
        key, compute
            What stands for the result, and what makes it.
        packed
            From a result to what is kept of it, which `viz_app.packed.unpack` opens.
        """
        while True:
            with self._lock:
                entry = self._entries.get(key)
                if entry is not None:
                    self._entries.move_to_end(key)
                    break
                awaited = self._computing.get(key)
                if awaited is None:
                    mine: Future[Entry | None] = Future()
                    self._computing[key] = mine
            if awaited is None:
                entry = self._computed(key, mine, lambda: _entry(compute(), packed))
                break
            entry = awaited.result()
            if entry is not None:
                break
        return entry.open()

    def clear(self, chosen: Callable[[Hashable], bool] = lambda _: True) -> None:
        """Forget all results, or those with chosen keys."""
        with self._lock:
            for key in [key for key in self._entries if chosen(key)]:
                self._drop(key)

    def _computed(
        self, key: Hashable, mine: "Future[Entry | None]", compute: Callable[[], Entry]
    ) -> Entry:
        """Compute, keep, and hand it to those who wait, who try themselves if this is broken off.

        Streamlit ends a script that is no longer wanted by what is no ``Exception``.
        """
        entry: Entry | None = None
        try:
            entry = compute()
            return entry
        except Exception as error:
            mine.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._computing[key]
                if entry is not None:
                    self._keep(key, entry)
            if not mine.done():
                mine.set_result(entry)

    def _keep(self, key: Hashable, entry: Entry) -> None:
        if key in self._entries:
            self._drop(key)
        self._entries[key] = entry
        self.bytes += entry.size.own
        for block, count in entry.size.blocks.items():
            self.bytes += 0 if self._holders[block] else count
            self._holders[block] += 1
        while self.bytes > self.limit and len(self._entries) > 1:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key)
        self.bytes -= entry.size.own
        for block, count in entry.size.blocks.items():
            self._holders[block] -= 1
            if not self._holders[block]:
                del self._holders[block]
                self.bytes -= count


def _entry(value: Any, packed: Callable[[Any], Any]) -> Entry:
    kept = packed(value)
    return Entry(kept, kept is not value, size_of(kept))


STORE = Store()
"""The one store of this process."""


class Shared(Protocol[P, R_co]):
    """A function whose results are shared."""

    def __call__(self, *args: P.args, **options: P.kwargs) -> R_co:
        """The result, computed or kept."""
        ...

    def clear(self) -> None:
        """Forget its results."""
        ...


def shared(function: Callable[P, R]) -> Shared[P, R]:
    """Keep a function's results in the one store, finished charts as Streamlit takes them.

    What is returned is everybody's and must not be changed, charts excepted, which are made anew;
    their tables are Arrow. Arguments are hashable, or named with an underscore: then the others
    stand for them.
    """
    return _shared(function, pack)


def shared_unpacked(function: Callable[P, R]) -> Shared[P, R]:
    """The same with charts left as they are, to be set or drawn by others than Streamlit."""
    return _shared(function, lambda value: value)


def _shared(function: Callable[P, R], packed: Callable[[Any], Any]) -> Shared[P, R]:
    parameters = signature(function)
    code = function.__code__
    name = f"{code.co_filename}:{code.co_qualname}"  # all pages are one module to Python

    @wraps(function)
    def found(*args: P.args, **options: P.kwargs) -> R:
        given = parameters.bind(*args, **options)
        given.apply_defaults()
        key = tuple(
            (type(value), value)
            for argument, value in given.arguments.items()
            if not argument.startswith("_")
        )
        return STORE.get((name, key), lambda: function(*args, **options), packed)

    def clear() -> None:
        STORE.clear(lambda key: key[0] == name)  # type: ignore[index]

    found.clear = clear  # type: ignore[attr-defined]
    return found  # type: ignore[return-value]
