"""Who is who: signed names, and the keys of a server."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_app.kit.environment import JOBS, SECRET, TEACHER
from viz_app.serving import secrets
from viz_app.serving.names import LONGEST, Names, equal

NAMES = Names("one", "key")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A jobs folder of this test, and no keys in the environment."""
    monkeypatch.setenv(JOBS, str(tmp_path / "jobs"))
    for name in (SECRET, TEACHER):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "jobs" / "server"


def test_a_name_is_read_back_and_no_two_are_alike() -> None:
    """By every process that has the same secret, and by no other."""
    cookies = [NAMES.new() for _ in range(100)]
    names = {NAMES.read(cookie) for cookie in cookies}
    assert len(names) == 100
    assert all(len(name) == 16 and name.isalnum() for name in names)
    assert {Names("one", "other key").read(cookie) for cookie in cookies} == names
    assert {Names("two", "key").read(cookie) for cookie in cookies} == {""}


@settings(settings.get_profile("fuzz"))
@given(st.data())
def test_what_was_not_signed_here_is_no_name(data: st.DataObject) -> None:
    """Altered in any letter, cut, lengthened, swapped, signed for something else, or invented."""
    cookie, other = NAMES.new(), NAMES.new()
    place = data.draw(st.integers(0, len(cookie) - 2))  # the last letter has spare bits
    letter = data.draw(st.characters(codec="latin-1").filter(lambda each: each != cookie[place]))
    bent = [
        cookie[:place] + letter + cookie[place + 1 :],
        cookie[:place],
        cookie + letter + "A",
        cookie + "=A",
        cookie[:place] + "=" + cookie[place:],
        cookie.split(".")[0] + "." + other.split(".")[1],
        NAMES.teacher_cookie(),
        data.draw(st.text(max_size=2 * LONGEST)),
    ]
    assert [NAMES.read(each) for each in bent] == [""] * len(bent)
    assert NAMES.read(None) == NAMES.read("") == ""


def test_who_is_the_teacher(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a cookie for this key, for twelve hours; a browser's own cookie is none."""
    cookie = NAMES.teacher_cookie()
    assert NAMES.is_teacher(cookie)
    assert not Names("one", "another key").is_teacher(cookie)
    assert not Names("two", "key").is_teacher(cookie)
    for other in (None, "", NAMES.new(), cookie[:-6], "x" + cookie):
        assert not NAMES.is_teacher(other)
    import itsdangerous.timed as timed

    now = timed.time.time()
    monkeypatch.setattr(timed.time, "time", lambda: now + 12 * 3600 + 2)
    assert not NAMES.is_teacher(cookie)


def test_a_key_of_any_letters_is_compared() -> None:
    """Also one that cannot be encoded."""
    assert equal("clé", "clé")
    assert not equal("cle", "clé")
    assert not equal("\ud800", "clé")


def test_keys_are_made_once_for_their_owner_alone(folder: Path) -> None:
    """Whoever asks later, in this process or another, gets the same."""
    first = secrets.key(SECRET), secrets.key(TEACHER)
    assert len(set(first)) == 2
    assert (secrets.key(SECRET), secrets.key(TEACHER)) == first
    for name in ("secret", "teacher"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(os.listdir(folder)) == ["secret", "teacher"]


def test_threads_that_ask_at_once_get_one_key(folder: Path) -> None:
    """No thread sees half a file."""
    start, found = threading.Barrier(16), []

    def ask() -> None:
        start.wait()
        found.append(secrets.key(SECRET))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len(set(found)) == 1
    assert len(found[0]) > 40


def test_an_empty_key_is_made_anew(folder: Path) -> None:
    """It would sign for everybody."""
    folder.mkdir(parents=True)
    (folder / "secret").write_text(" \n")
    made = secrets.key(SECRET)
    assert len(made) > 40
    assert secrets.key(SECRET) == made


@pytest.mark.parametrize("bent", [b"short", b"x" * 101, b"\xff" * 40, b"a key on\ntwo lines" * 2])
def test_a_key_that_is_none_is_a_sentence(folder: Path, bent: bytes) -> None:
    """Somebody may have written it: it stays, and is not repeated."""
    folder.mkdir(parents=True)
    (folder / "secret").write_bytes(bent)
    with pytest.raises(ValueError, match="must have 16 to 100 characters") as told:
        secrets.key(SECRET)
    assert str(folder / "secret") in str(told.value)
    assert "\n" not in str(told.value)
    assert (folder / "secret").read_bytes() == bent


def test_a_key_that_others_can_read_is_closed_to_them(folder: Path) -> None:
    """A key of one's own is often written with an editor."""
    folder.mkdir(parents=True)
    (folder / "teacher").write_text("a key of my own\n")
    (folder / "teacher").chmod(0o644)
    assert secrets.key(TEACHER) == "a key of my own"
    assert stat.S_IMODE((folder / "teacher").stat().st_mode) == 0o600


def test_processes_that_find_an_empty_key_at_once_make_one(folder: Path) -> None:
    """As after a power cut; each starts by itself."""
    folder.mkdir(parents=True)
    (folder / "secret").write_text("")
    code = "from viz_app.serving import secrets; print(secrets.key('GATESCOPE_SECRET'))"
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    found = {process.communicate()[0].strip() for process in started}
    assert found == {secrets.key(SECRET)}


def test_the_environment_gives_keys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written then."""
    monkeypatch.setenv(SECRET, "given")
    assert secrets.key(SECRET) == "given"
    assert not folder.exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key holds for this process, and for those that it starts."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(JOBS, str(tmp_path / "file"))
    monkeypatch.setenv(SECRET, "")
    made = secrets.key(SECRET)
    assert len(made) > 40
    assert os.environ[SECRET] == secrets.key(SECRET) == made
