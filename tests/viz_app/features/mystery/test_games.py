"""The store of class games: what is counted, what is hidden, what is bounded, and threads."""

import json
import random
import sqlite3
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from viz_app.features.mystery import game as mystery_game
from viz_app.features.mystery import games as mystery_games
from viz_app.features.mystery.game import MOST_ANSWERS, GameError
from viz_app.features.mystery.games import IDLE, Games

HOST = "teacher"


@pytest.fixture(params=["memory", "file"])
def games(request: pytest.FixtureRequest, tmp_path: Path) -> Games:
    """A store of this process alone, and one that processes share."""
    return Games(path=tmp_path / "games.sqlite" if request.param == "file" else None)


def opened(games: Games, *seats: str) -> str:
    """A game at round 7 with some browsers in it."""
    key = games.open(HOST, 7)
    for seat in seats:
        games.look(key, seat)
    return key


def test_guesses_are_counted_once_a_browser(games: Games) -> None:
    """The second guess of a browser does not count, whatever it is."""
    key = opened(games, "a", "b", "c")
    games.guess(key, "a", (0, 7), 0)
    games.guess(key, "b", (0, 7), 2)
    with pytest.raises(GameError, match="already guessed"):
        games.guess(key, "a", (0, 7), 2)
    games.show(key, HOST)
    stand = games.look(key, "c")
    assert stand.counts == {0: 1, 2: 1}
    assert (stand.here, stand.guesses, stand.guessed) == (3, 2, False)


def test_what_others_guess_is_hidden_until_one_has_guessed(games: Games) -> None:
    """Until then, or until the teacher shows it; the projector shows nothing before either."""
    key = opened(games, "a", "b")
    games.guess(key, "a", (0, 7), 1)
    assert games.look(key, "a").counts == {1: 1}
    assert games.look(key, "b").counts is None
    assert games.look(key, HOST).counts is None
    assert games.look(key, "b").guesses == 1
    games.show(key, HOST)
    assert games.look(key, "b").counts == games.look(key, HOST).counts == {1: 1}
    assert not games.look(key, "b").revealed
    games.guess(key, "b", (0, 7), 0)
    assert games.look(key, HOST).counts == {0: 1, 1: 1}


def test_a_round_that_is_over_takes_no_guess(games: Games) -> None:
    """After the answer, and after the next round has begun, even at the same number."""
    key = opened(games, "a", "b")
    games.reveal(key, HOST)
    with pytest.raises(GameError, match="too late"):
        games.guess(key, "a", (0, 7), 0)
    games.advance(key, HOST, 0, 7)
    with pytest.raises(GameError, match="too late"):
        games.guess(key, "a", (0, 7), 0)
    games.guess(key, "a", (1, 7), 0)
    with pytest.raises(ValueError, match="answer must be 0 to 3, got 4"):
        games.guess(key, "b", (1, 7), 4)


def test_the_next_round_begins_anew_and_the_past_is_kept(games: Games) -> None:
    """Its counts are empty, all may guess again; pressing twice goes on once."""
    key = opened(games, "a", "b")
    games.guess(key, "a", (0, 7), 1)
    games.reveal(key, HOST)
    games.advance(key, HOST, 0, 8)
    games.advance(key, HOST, 0, 9)
    stand = games.look(key, "a")
    assert (stand.number, stand.past) == (8, ((7, {1: 1}),))
    assert (stand.guessed, stand.shown, stand.revealed, stand.guesses) == (False,) * 3 + (0,)
    games.guess(key, "a", (1, 8), 0)
    games.advance(key, HOST, 1, 9)
    assert games.look(key, "b").past == ((7, {1: 1}), (8, {0: 1}))


@pytest.mark.parametrize("act", ["show", "reveal", "end"])
def test_only_who_opened_a_game_leads_it(games: Games, act: str) -> None:
    """A student's browser cannot."""
    key = opened(games, "a")
    with pytest.raises(GameError, match="no class game"):
        getattr(games, act)(key, "a")
    with pytest.raises(GameError, match="no class game"):
        games.advance(key, "a", 0, 8)
    assert games.look(key, HOST).host
    assert not games.look(key, "a").host


def test_a_game_ends_by_its_teacher_by_another_of_theirs_or_by_itself() -> None:
    """Afterwards its key is one sentence; a game that is looked at goes on."""
    now = [0.0]
    games = Games(lambda: now[0])
    first = games.open(HOST, 1)
    second = games.open(HOST, 1)
    other = games.open("another", 1)
    with pytest.raises(GameError, match=f"no class game “{first}”"):
        games.look(first, "a")
    games.end(second, HOST)
    with pytest.raises(GameError, match="ended"):
        games.look(second, "a")
    for _ in range(3):
        now[0] += 0.9 * IDLE
        games.look(other, "a")
    now[0] += 1.1 * IDLE
    with pytest.raises(GameError, match="ended"):
        games.look(other, "a")


def test_everything_has_a_bound(games: Games, monkeypatch: pytest.MonkeyPatch) -> None:
    """Games, rounds of a game, browsers in it; each says so in a sentence."""
    monkeypatch.setattr(mystery_games, "MOST_GAMES", 2)
    for name, most in (("MOST_ROUNDS", 3), ("MOST_SEATS", 2)):
        monkeypatch.setattr(mystery_game, name, most)
    key = opened(games, "a", "b")
    assert not games.look(key, "c").seated
    assert games.look(key, "c").here == 2
    with pytest.raises(GameError, match="full"):
        games.guess(key, "c", (0, 7), 0)
    games.advance(key, HOST, 0, 8)
    games.advance(key, HOST, 1, 9)
    with pytest.raises(GameError, match="3 rounds"):
        games.advance(key, HOST, 2, 10)
    games.open("another", 1)
    with pytest.raises(GameError, match="already 2 class games"):
        games.open("a third", 1)
    games.open(HOST, 1)


def test_many_browsers_at_once_lose_no_guess_and_win_none(games: Games) -> None:
    """200 browsers guess three times each from 16 threads, while others look and rounds go on."""
    rounds, browsers = 5, 200
    key = games.open(HOST, 1)
    seats = [f"seat {n}" for n in range(browsers)]
    stop, seen = threading.Event(), []

    def watch() -> None:
        while not stop.is_set():
            stand = games.look(key, HOST)
            total = 0 if stand.counts is None else sum(stand.counts.values())
            seen.append(total in (0, stand.guesses))

    def guess(seat: str, place: int) -> list[int]:
        games.look(key, seat)
        counted = []
        for _ in range(3):
            answer = random.Random(f"{seat} {place} {len(counted)}").randrange(MOST_ANSWERS)
            try:
                games.guess(key, seat, (place, place + 1), answer)
            except GameError:
                continue
            counted.append(answer)
        return counted

    watchers = [threading.Thread(target=watch) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    with ThreadPoolExecutor(16) as pool:
        for place in range(rounds):
            games.show(key, HOST)
            found = list(pool.map(lambda seat, p=place: guess(seat, p), seats))
            assert all(len(counted) == 1 for counted in found)
            wanted = {answer: 0 for (answer,) in found}
            for (answer,) in found:
                wanted[answer] += 1
            assert games.look(key, HOST).counts == wanted
            games.advance(key, HOST, place, place + 2)
    stop.set()
    for watcher in watchers:
        watcher.join()
    assert seen
    assert all(seen)
    stand = games.look(key, HOST)
    assert [sum(counts.values()) for _, counts in stand.past] == [browsers] * rounds


def test_one_browser_that_guesses_in_many_tabs_counts_once(games: Games) -> None:
    """All at the same moment."""
    key = opened(games, "a")
    start, won = threading.Barrier(16), []

    def press() -> None:
        start.wait()
        try:
            games.guess(key, "a", (0, 7), 1)
        except GameError:
            return
        won.append(True)

    threads = [threading.Thread(target=press) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [True]
    assert games.look(key, "a").counts == {1: 1}


def play(path: Path, key: str, seats: list[str]) -> int:
    """Guess once for each browser, in a process of its own; how many guesses were taken."""
    games, taken = Games(path=path), 0
    for seat in seats:
        games.look(key, seat)
        for _ in range(2):
            try:
                games.guess(key, seat, (0, 7), len(seat) % MOST_ANSWERS)
            except GameError:
                continue
            taken += 1
    return taken


def test_processes_share_a_game(tmp_path: Path) -> None:
    """Of browsers that guess twice in each of two processes, every one is counted once."""
    path = tmp_path / "games.sqlite"
    games = Games(path=path)
    key = games.open(HOST, 7)
    seats = [f"seat {n}" for n in range(60)]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        taken = sum(pool.map(play, [path] * 2, [key] * 2, [seats, seats[::-1]]))
    games.show(key, HOST)
    stand = games.look(key, HOST)
    assert (taken, stand.guesses, stand.here, sum(stand.counts.values())) == (60, 60, 60, 60)


def test_a_game_outlives_its_process_and_ties_no_guess_to_a_browser(tmp_path: Path) -> None:
    """What is kept are names in alphabetical order, and counts."""
    path = tmp_path / "games.sqlite"
    key = opened(Games(path=path), "b", "a")
    Games(path=path).guess(key, "b", (0, 7), 2)
    Games(path=path).guess(key, "a", (0, 7), 0)
    ((state,),) = sqlite3.connect(path).execute("SELECT state FROM games")
    assert json.loads(state) == {
        "host": HOST, "number": 7, "seats": ["a", "b"], "guessed": ["a", "b"],
        "counts": {"0": 1, "2": 1}, "past": [], "shown": False, "revealed": False,
    }  # fmt: skip
    assert Games(path=path).look(key, "a").guesses == 2


def test_a_browser_without_a_name_only_watches(games: Games) -> None:
    """It leads nothing, takes no seat, and does not guess."""
    with pytest.raises(GameError, match="no name"):
        games.open("", 7)
    key = opened(games, "a")
    stand = games.look(key, "")
    assert (stand.host, stand.seated, stand.here) == (False, False, 1)
    with pytest.raises(GameError, match="full"):
        games.guess(key, "", (0, 7), 1)


def test_a_database_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    """A folder that is not there; one in place of the database."""
    for path in (tmp_path / "nowhere" / "games.sqlite", tmp_path):
        with pytest.raises(GameError, match="cannot be read or written"):
            Games(path=path).open(HOST, 7)


@pytest.mark.parametrize("noise", ["text", "short", "tables"])
def test_a_damaged_database_is_set_aside(tmp_path: Path, noise: str) -> None:
    """With the games in it; new ones begin, in all processes."""
    path = tmp_path / "games.sqlite"
    before = Games(path=path)
    key = opened(before, "a")
    assert before._database is not None
    before._database.close()
    if noise == "tables":
        path.unlink()
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE games (one, two)")
        other.close()
    else:
        path.write_bytes(b"hello" * 2000 if noise == "text" else path.read_bytes()[:3000])
    first, second = Games(path=path), Games(path=path)
    with pytest.raises(GameError, match="no class game"):
        first.look(key, "a")
    fresh = first.open(HOST, 5)
    assert second.look(fresh, "a").number == 5
    assert (tmp_path / ".games.sqlite-damaged-1").is_file()


@pytest.mark.parametrize("state", ["{", "[]", "{}", '{"past": [[1]], "seats": 5}', "null"])
def test_a_damaged_game_is_none_and_the_others_go_on(tmp_path: Path, state: str) -> None:
    """It is not there, in the teacher's list neither."""
    path = tmp_path / "games.sqlite"
    games = Games(path=path)
    key, other = opened(games, "a"), games.open("another", 6)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE games SET state = ? WHERE key = ?", (state, key))
    database.close()
    with pytest.raises(GameError, match="no class game"):
        games.look(key, "a")
    assert games.look(other, "a").number == 6
    assert list(games.all()) == [other]
