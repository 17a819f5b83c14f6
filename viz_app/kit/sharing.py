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
from viz_app.text import language, peek, uses

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

LIMIT = 160 * 2**20
"""Bytes of all that is kept. What was used least recently leaves first."""


class Entry(NamedTuple):
    """A result: as it is kept, whether charts in it are packed, its size, and its language.

    One without words in it is everybody's, and its language is "".
    """

    value: Any
    packed: bool
    size: Size
    language: str = ""

    def open(self) -> Any:
        """The result as it was computed."""
        return unpack(self.value) if self.packed else self.value


class Store:
    """Results by key, computed once each, however many ask at the same time.

    What has words in it, its own or those of a result it was made of, is computed and kept for each
    language: that is seen by itself (`viz_app.text.uses`), and is no part of a key.

    Parameters
    ----------
    limit
        Bytes of all results together. A result that is larger is kept until the next one comes.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.bytes = 0
        self._entries: OrderedDict[tuple[str, Hashable], Entry] = OrderedDict()
        self._holders: Counter[int] = Counter()
        self._computing: dict[Hashable, tuple[str, Future[Entry | None]]] = {}
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
        reader = peek()
        while True:
            with self._lock:
                entry = self._there(key, reader)
                if entry is not None:
                    break
                asked, awaited = self._computing.get(key, (reader, None))
                if awaited is None:
                    mine: Future[Entry | None] = Future()
                    self._computing[key] = reader, mine
            if awaited is None:
                entry = self._computed(key, mine, lambda: _entry(compute, packed))
                break
            entry = _result(awaited, asked == reader)
            if entry is not None and entry.language in ("", reader):
                break
        if entry.language:  # whoever makes something of it makes it of words
            language()
        return entry.open()

    def languages(self, chosen: Callable[[Hashable], bool]) -> set[str]:
        """Of the results with chosen keys the languages; "" of those without words."""
        with self._lock:
            return {spoken for spoken, key in self._entries if chosen(key)}

    def clear(self, chosen: Callable[[Hashable], bool] = lambda _: True) -> None:
        """Forget all results, or those with chosen keys."""
        with self._lock:
            for place in [place for place in self._entries if chosen(place[1])]:
                self._drop(place)

    def _there(self, key: Hashable, reader: str) -> Entry | None:
        for place in (("", key), (reader, key)):
            if place in self._entries:
                self._entries.move_to_end(place)
                return self._entries[place]
        return None

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
        place = entry.language, key
        if place in self._entries:
            self._drop(place)
        self._entries[place] = entry
        self.bytes += entry.size.own
        for block, count in entry.size.blocks.items():
            self.bytes += 0 if self._holders[block] else count
            self._holders[block] += 1
        while self.bytes > self.limit and len(self._entries) > 1:
            self._drop(next(iter(self._entries)))

    def _drop(self, place: tuple[str, Hashable]) -> None:
        entry = self._entries.pop(place)
        self.bytes -= entry.size.own
        for block, count in entry.size.blocks.items():
            self._holders[block] -= 1
            if not self._holders[block]:
                del self._holders[block]
                self.bytes -= count


def _result(awaited: "Future[Entry | None]", in_our_words: bool) -> Entry | None:
    """What another thread computes; what went wrong there is said to each in their own words."""
    try:
        return awaited.result()
    except Exception:
        if in_our_words:
            raise
        return None


def _entry(compute: Callable[[], Any], packed: Callable[[Any], Any]) -> Entry:
    with uses() as used:
        value = compute()
        kept = packed(value)
    return Entry(kept, kept is not value, size_of(kept), peek() if used.words else "")


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
