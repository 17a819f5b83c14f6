"""The file of classes: what is removed from it, and one that is damaged or cannot be written."""

import sqlite3
from pathlib import Path

import pytest

from tests.viz_app.kit.classes.test_store import ASKED, HOST, Clock, counts, opened
from viz_app.kit.classes.database import HOUR, KEPT
from viz_app.kit.classes.store import Classes
from viz_app.kit.classes.value import ClassError, Given


def test_answers_are_removed_after_the_stated_time(tmp_path: Path) -> None:
    """A class that nobody used; nothing of it stays in the file."""
    path, clock = tmp_path / "classes.sqlite", Clock()
    classes = Classes(path, clock)
    key = opened(classes, "seat-of-a")
    classes.answer(key, "seat-of-a", ASKED, Given(1, "1"))
    clock.now += KEPT - 1
    assert counts(classes, key) == (0, 1, 0)
    clock.now += HOUR + 2
    assert classes.all() == []
    assert classes.member("seat-of-a") is None
    with pytest.raises(ClassError, match="no class"):
        classes.join(key, "b")
    for table in ("classes", "seats", "here", "questions", "answers"):
        assert sqlite3.connect(path).execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)


@pytest.mark.parametrize("content", [b"no database at all" * 99, b""])
def test_a_damaged_file_is_set_aside(tmp_path: Path, content: bytes) -> None:
    """Classes can be opened again at once."""
    path = tmp_path / "classes.sqlite"
    path.write_bytes(content)
    classes = Classes(path)
    key = opened(classes, "a")
    assert classes.member("a") is not None
    assert [row.key for row in Classes(path).all()] == [key]


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """It names the file."""
    with pytest.raises(ClassError, match=r"classes\.sqlite"):
        Classes(tmp_path / "missing" / "classes.sqlite").open(HOST)
