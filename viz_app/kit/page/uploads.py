"""Files that somebody brings: read apart and once; what was read is kept while there is room."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

import xarray as xr

from gatescope.apart import Apart, ApartError, Columns, Files
from gatescope.loading import LayerWeights, Measured, Reading, Sequences
from viz_app.kit import uploaded as brought
from viz_app.kit.page.browser import browser
from viz_app.kit.page.jobs import queue
from viz_app.serving import names
from viz_app.text import peek

R = TypeVar("R")

MOST_BYTES, MOST_RESULTS = 2**27, 200
"""Of all that was read and is kept, for all browsers."""

SMALL = 2**12
"""Bytes that anything takes that is kept."""

FILES = Files(Apart())


def owner() -> str:
    """Whoever brings files: a browser, or one of those that have no name."""
    return browser() or "unknown"


class Results:
    """What was read, or why it was refused, by file and way of reading; the oldest goes first."""

    def __init__(self) -> None:
        self._results: OrderedDict[tuple[Any, ...], tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def once(self, key: tuple[Any, ...], read: Callable[[], R], size: Callable[[R], int]) -> R:
        """What `read` returns or raises; asked for again it is not read again."""
        refused = (peek(), *key)  # why not is said in the reader's words
        with self._lock:
            for place in (key, refused):
                if place in self._results:
                    self._results.move_to_end(place)
                    return _said(self._results[place][0])
        try:
            result = read()
        except ValueError as error:
            if not _others_doing(error):
                self._keep(refused, _anew(error), SMALL)
            raise
        self._keep(key, result, size(result) + SMALL)
        return result

    def _keep(self, key: tuple[Any, ...], result: Any, taken: int) -> None:
        with self._lock:
            self._results[key] = result, taken
            while len(self._results) > MOST_RESULTS or self._taken() > MOST_BYTES:
                self._results.popitem(last=False)

    def _taken(self) -> int:
        return sum(taken for _, taken in self._results.values())


def _said(result: Any) -> Any:
    """A result or a refusal; what is raised knows who raised it, and they have the file."""
    if isinstance(result, ValueError):
        raise _anew(result)
    return result


def _anew(error: ValueError) -> ValueError:
    """The same refusal, raised by nobody yet; a library may have `copy` take the raisers along."""
    found = type(error)(*error.args)
    vars(found).update(vars(error))
    return found


def _others_doing(error: ValueError) -> bool:
    """Whether the same file may be read in a minute."""
    return isinstance(error.__cause__, ApartError) and error.__cause__.busy


RESULTS = Results()


def expected() -> None:
    """Start what reads files, where somebody is about to bring one: its imports take seconds.

    The server's own visits of its pages bring none.
    """
    if names.current() is not None and browser():
        FILES.apart.start()


def opened(run: str) -> None:
    """Note that this browser looks at a network that was brought, so that it stays."""
    if run.startswith(brought.PREFIX):
        brought.opened(run, queue().store.folder, owner())


def layer_names(given: Any) -> list[str]:
    """The recurrent layers in a file of weights; raises WeightsError."""
    key = ("names", given.file_id)
    return RESULTS.once(key, lambda: FILES.layer_names(given.getvalue(), owner()), len)


def weights(given: Any, layer: str) -> LayerWeights:
    """The weights of one layer in a file; raises WeightsError."""
    return RESULTS.once(
        ("weights", given.file_id, layer),
        lambda: FILES.weights(
            given.getvalue(), layer, most_bytes=brought.MOST_WEIGHTS, owner=owner()
        ),
        lambda found: sum(each.nbytes for each in found.weights.values()),
    )


def sequences(
    data: bytes, name: str, file: str, features: int, wanted: Reading, most_rows: int
) -> Sequences:
    """Input sequences, in a file or typed, which has no id; raises SequenceError."""
    return RESULTS.once(
        ("sequences", file or data, name, features, wanted, most_rows),
        lambda: FILES.sequences(
            data, name, features, wanted, most_rows=most_rows, typed=not file, owner=owner()
        ),
        lambda found: found.values.nbytes,
    )


def columns(given: Any, wanted: Reading, most_rows: int) -> Columns:
    """The columns of a table; raises SeriesError."""
    return RESULTS.once(
        ("columns", given.file_id, wanted, most_rows),
        lambda: FILES.columns(
            given.getvalue(), given.name, wanted, most_rows=most_rows, owner=owner()
        ),
        lambda found: sum(map(len, found.names)),
    )


def series(
    given: Any, wanted: Reading, most_rows: int, target: str, others: list[str], time: str | None
) -> Measured:
    """A series of some columns of a table; raises SeriesError."""
    return RESULTS.once(
        ("series", given.file_id, wanted, most_rows, target, *others, "", time),
        lambda: FILES.series(
            given.getvalue(), given.name, wanted, target, others, time, most_rows=most_rows,
            owner=owner(),
        ),
        lambda found: found.values.nbytes + 80 * len(found.times),
    )  # fmt: skip


def recording(given: Any) -> xr.DataTree:
    """A recording that can be shown; raises TraceError."""

    def read() -> xr.DataTree:
        trace = FILES.recording(
            given.getvalue(), given.name, most_bytes=brought.MOST_BYTES, owner=owner()
        )
        brought.require_shown(trace, given.name)
        return trace

    return RESULTS.once(
        ("recording", given.file_id), read, lambda trace: sum(node.nbytes for node in trace.subtree)
    )
