"""What browsers have uploaded lies in Streamlit's memory: bounded here, by browser and in all."""

import threading
from dataclasses import dataclass
from typing import Any

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx


@dataclass(frozen=True)
class Most:
    """Bytes and files of one browser, and of all together."""

    own: int = 2**27
    own_files: int = 20
    whole: int = 3 * 2**27
    files: int = 2000


class Bounded:
    """Adds files to a store, and takes the oldest away where there are too many.

    A page whose file is gone shows none, as before one was given.

    Parameters
    ----------
    store
        Streamlit's, of which files are added to and removed.
    most
        How much there may be.
    """

    def __init__(self, store: Any, most: Most | None = None) -> None:
        self.owners: dict[str, str] = {}
        self._store, self._most = store, most or Most()
        self._add = store.add_file
        self._sizes: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        store.add_file = self.add_file

    def add_file(self, session_id: str, file: Any) -> None:
        """As the store's own."""
        with self._lock:
            self._sizes.pop((session_id, file.file_id), None)
            self._forget()
            owner = self.owners.get(session_id, session_id)
            own = [key for key in self._sizes if self.owners.get(key[0], key[0]) == owner]
            self._free(own, len(file.data), self._most.own, self._most.own_files)
            self._free(list(self._sizes), len(file.data), self._most.whole, self._most.files)
            self._sizes[session_id, file.file_id] = len(file.data)
            self._add(session_id=session_id, file=file)

    def _forget(self) -> None:
        """Files that are gone, and the sessions of which nothing is there any more."""
        for session, name in list(self._sizes):
            if not self._store.get_files(session, [name]):
                del self._sizes[session, name]
        there = {session for session, _ in self._sizes}
        if len(self.owners) > 10 * self._most.files:
            self.owners = {each: of for each, of in self.owners.items() if each in there}

    def _free(self, oldest: list[tuple[str, str]], more: int, most: int, files: int) -> None:
        taken = sum(self._sizes[key] for key in oldest)
        for place, key in enumerate(oldest):
            if taken + more <= most and len(oldest) - place < files:
                return
            taken -= self._sizes.pop(key)
            self._store.remove_file(*key)


_bounding = threading.Lock()


def bound(owner: str) -> None:
    """Bound the store of this process, and note whose the session is that runs a page."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return
    store: Any = runtime.get_instance().uploaded_file_mgr
    with _bounding:
        if not hasattr(store, "bounded"):
            store.bounded = Bounded(store)
    store.bounded.owners[context.session_id] = owner
