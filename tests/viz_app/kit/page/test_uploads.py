"""What browsers upload: bounded by browser and in all; read once, refused once."""

import copyreg
import gc
import uuid
import weakref
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from gatescope.apart import Apart, ApartError, Files
from gatescope.loading import SeriesError, WeightsError
from viz_app.kit.page import uploads
from viz_app.kit.page.upload_store import Bounded, Most


def store(**most: int) -> tuple[MemoryUploadedFileManager, Bounded]:
    manager = MemoryUploadedFileManager("/upload")
    return manager, Bounded(manager, Most(**most))


def upload(manager: MemoryUploadedFileManager, session: str, size: int = 10) -> str:
    name = str(uuid.uuid4())
    manager.add_file(session, UploadedFileRec(name, "x.csv", "text/csv", b"x" * size))
    return name


def there(manager: MemoryUploadedFileManager) -> set[str]:
    return {name for files in manager.file_storage.values() for name in files}


def test_one_browser_cannot_fill_the_store() -> None:
    """In all its tabs together; the oldest goes, and what others have stays."""
    manager, bounded = store(own=50, own_files=100, whole=1000)
    bounded.owners |= {f"tab {k}": "ann" for k in range(20)} | {"b": "bob"}
    of_bob = upload(manager, "b")
    of_ann = [upload(manager, f"tab {k}") for k in range(20)]
    assert there(manager) == {of_bob, *of_ann[-5:]}
    large = upload(manager, "tab 3", 45)
    assert there(manager) == {of_bob, large}


def test_all_together_are_bounded_and_small_files_too() -> None:
    manager, _ = store(own=50, own_files=3, whole=100, files=8)
    found = [upload(manager, f"session {k}", 30) for k in range(9)]
    assert there(manager) == set(found[-3:])
    small = [upload(manager, "x", 1) for _ in range(9)]
    assert there(manager) == {*found[-3:], *small[-3:]}
    others = [upload(manager, f"y{k}", 1) for k in range(20)]
    assert there(manager) == set(others[-8:])


def test_files_that_streamlit_removed_take_no_place() -> None:
    manager, _ = store(own=50, own_files=9, whole=100)
    first = upload(manager, "a", 40)
    manager.remove_session_files("a")
    second = upload(manager, "b", 50)
    third = upload(manager, "c", 50)
    assert there(manager) == {second, third}
    assert first not in there(manager)
    fourth = UploadedFileRec(third, "x.csv", "text/csv", b"x" * 20)
    manager.add_file("c", fourth)  # the same file anew
    assert there(manager) == {second, third}


def test_a_file_is_read_once_and_refused_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it took all the time it may."""
    asked: list[str] = []

    def layer_names(data: bytes, owner: str) -> list[str]:
        asked.append(owner)
        if data == b"bad":
            raise WeightsError("it is bad")
        return ["lstm"]

    monkeypatch.setattr(uploads, "FILES", SimpleNamespace(layer_names=layer_names))
    monkeypatch.setattr(uploads, "owner", lambda: "ann")
    good, bad = (given(data) for data in (b"good", b"bad"))
    for _ in range(3):
        assert uploads.layer_names(good) == ["lstm"]
        with pytest.raises(WeightsError, match="it is bad"):
            uploads.layer_names(bad)
    assert asked == ["ann", "ann"]


def test_a_file_that_others_kept_from_being_read_is_read_when_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    apart = Apart()
    said = [ApartError("many files are being read", busy=True), ["lstm"]]

    def read(*_: Any, **__: Any) -> Any:
        answer = said.pop(0)
        if isinstance(answer, ApartError):
            raise answer
        return answer

    monkeypatch.setattr(apart, "read", read)
    monkeypatch.setattr(uploads, "FILES", Files(apart))
    file = given(b"x")
    with pytest.raises(WeightsError, match="many files are being read"):
        uploads.layer_names(file)
    assert uploads.layer_names(file) == ["lstm"]
    assert uploads.layer_names(file) == ["lstm"]


def with_its_raisers(error: WeightsError) -> Any:
    return WeightsError.with_traceback, (WeightsError(*error.args), error.__traceback__)


class Given:
    """A file that was uploaded."""

    def __init__(self, data: bytes) -> None:
        self.file_id, self.name, self.getvalue = str(uuid.uuid4()), "x", lambda: data


def test_what_is_known_of_a_refused_file_does_not_hold_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An error knows who raised it, and each of them has the file: of 50 MB, two hundred times."""

    def layer_names(data: bytes, owner: str) -> list[str]:
        raise WeightsError("it is bad")

    monkeypatch.setattr(uploads, "FILES", SimpleNamespace(layer_names=layer_names))
    monkeypatch.setattr(uploads, "owner", lambda: "ann")
    monkeypatch.setitem(copyreg.dispatch_table, WeightsError, with_its_raisers)  # as tblib does
    file = Given(b"bad")
    there = weakref.ref(file)
    gc.disable()
    try:
        for _ in range(3):
            with suppress(WeightsError):
                uploads.layer_names(file)
        del file
        assert there() is None
    finally:
        gc.enable()


def test_a_refusal_is_the_same_each_time() -> None:
    """With what it asks for."""
    results, error = uploads.Results(), SeriesError("it is unclear", "decimal", (".", ","))

    def read() -> str:
        raise error

    said = []
    for _ in range(3):
        with pytest.raises(SeriesError) as caught:
            results.once(("x",), read, len)
        said.append((str(caught.value), caught.value.fact, caught.value.options))
    assert said == 3 * [(str(error), "it is unclear", (".", ","))]
    assert "Reading(decimal=',')" in str(error)


def test_a_server_prepares_for_a_person_s_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server's own visits, and tests of pages, bring none."""
    done: list[str] = []
    monkeypatch.setattr(uploads.FILES.apart, "start", lambda: done.append("reader"))
    for name, served in (("", True), ("ann", False), ("ann", True)):
        monkeypatch.setattr(uploads, "browser", lambda name=name: name)
        door = object() if served else None
        monkeypatch.setattr(uploads.names, "current", lambda door=door: door)
        uploads.expected()
        done.append(name)
    assert done == ["", "ann", "reader", "ann"]


def given(data: bytes) -> Any:
    return SimpleNamespace(file_id=str(uuid.uuid4()), name="x", getvalue=lambda: data)


def test_what_was_read_is_kept_while_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 3 * uploads.SMALL + 100)
    results, read = uploads.Results(), []
    for name in ("a", "b", "c", "a", "d", "a", "b"):
        found = results.once((name,), lambda name=name: read.append(name) or name, lambda _: 10)
        assert found == name
    assert read == ["a", "b", "c", "d", "b"]
