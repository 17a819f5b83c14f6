"""The store of classes: one answer each, bounds, restarts, threads, processes."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from viz_app.kit.classes import records
from viz_app.kit.classes import store as class_store
from viz_app.kit.classes.store import AWAY, MOST_OWN, Classes, word
from viz_app.kit.classes.tally import right_ones
from viz_app.kit.classes.value import Asked, Class, ClassError, Given, Where
from viz_app.kit.question import AnswerError, OneOf

HOST = "teacher"
HERE = Where.of("gates", {"run": "adding-lstm"})
ASKED = Asked("one", OneOf(3, 1), "Which?", ("a", "b", "c"), HERE)


class Clock:
    """Seconds that only move when they are told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The store's."""
    return Clock()


@pytest.fixture(params=["memory", "file"])
def classes(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Classes:
    """A store of this process alone, and one that processes share."""
    return Classes(tmp_path / "classes.sqlite" if request.param == "file" else None, clock)


def opened(classes: Classes, *seats: str) -> str:
    """A class with a question that is open, and some browsers in it."""
    key = classes.open(HOST)
    for seat in seats:
        classes.join(key, seat)
    classes.bring(key, HOST, HERE, ASKED)
    classes.lead(key, HOST, Class.opened)
    return key


def counts(classes: Classes, key: str, round_: int = 1) -> tuple[int, ...]:
    """How many answered what."""
    answers = classes.answers(key, ASKED.place)
    return ASKED.question.counts(
        [int(each.answer) for (_, when), each in answers.items() if when == round_]
    )


def test_each_seat_answers_once_in_each_round(classes: Classes) -> None:
    """The second answer does not count, whatever it is; the next round is a new one."""
    key = opened(classes, "a", "b")
    classes.answer(key, "a", ASKED, Given(1, "1", 3))
    with pytest.raises(ClassError, match="already answered"):
        classes.answer(key, "a", ASKED, Given(1, "2"))
    classes.answer(key, "b", ASKED, Given(1, "0"))
    assert counts(classes, key) == (1, 1, 0)
    classes.lead(key, HOST, Class.closed)
    with pytest.raises(ClassError, match="too late"):
        classes.answer(key, "b", ASKED, Given(2, "1"))
    classes.lead(key, HOST, Class.again)
    classes.answer(key, "b", ASKED, Given(2, "1", 99))
    assert counts(classes, key, 2) == (0, 1, 0)
    assert sum(counts(classes, key)) == 2
    seat = classes.member("b")
    assert seat is not None
    assert classes.given(key, seat.seat, "one") == {1: Given(1, "0"), 2: Given(2, "1")}
    assert classes.given(key, 1, "one") == {1: Given(1, "1", 3)}
    assert right_ones(ASKED, list(classes.answers(key, "one").values())) == 2


def test_who_leads_or_never_joined_does_not_answer(classes: Classes) -> None:
    """Nor does a text that is no answer count."""
    key = opened(classes, "a")
    for browser in (HOST, "stranger", ""):
        with pytest.raises(ClassError):
            classes.answer(key, browser, ASKED, Given(1, "1"))
    for text in ("3", "-1", "", "x", "1~1", "9" * 9999):
        with pytest.raises(AnswerError):
            classes.answer(key, "a", ASKED, Given(1, text))
    assert counts(classes, key) == (0, 0, 0)


def test_only_who_leads_moves_a_class(classes: Classes) -> None:
    """Not a student, nor the leader of another one."""
    key = opened(classes, "a")
    classes.open("other")
    for browser in ("a", "other", ""):
        with pytest.raises(ClassError, match="no class"):
            classes.lead(key, browser, Class.closed)
        with pytest.raises(ClassError, match="no class"):
            classes.bring(key, browser, HERE)
        with pytest.raises(ClassError, match="no class"):
            classes.end(key, browser)
    member = classes.member("a")
    assert member is not None
    assert member.state.asked is not None
    assert member.state.asked.phase == "open"


def test_a_browser_has_one_seat_and_is_in_one_class(classes: Classes) -> None:
    """Who leaves and comes back has the same seat and answers; a nickname can be changed."""
    key = opened(classes, "a", "b")
    assert classes.join(f" {key.upper()} ", "a", "Ada") == 1
    assert classes.join(key, "a") == 1
    assert classes.join(key, HOST) is None
    classes.answer(key, "a", ASKED, Given(1, "1"))
    other = classes.open("other")
    assert classes.join(other, "a") == 1
    member = classes.member("a")
    assert member is not None
    assert (member.key, member.host) == (other, False)
    classes.leave("a")
    assert classes.member("a") is None
    assert classes.join(key, "a") == 1
    member = classes.member("a")
    assert member is not None
    assert (member.name, member.seat, member.host) == ("Ada", 1, False)
    assert 1 in classes.given(key, 1, "one")
    classes.join(key, "a", "x" * 99 + "\n\u202e")
    assert len(classes.seats(key)[0].name) <= 24


def test_a_class_that_moves_on_closes_what_it_leaves_and_comes_back_to_it(
    classes: Classes,
) -> None:
    """What was asked before is as far as it was; phones see that they were moved."""
    key = opened(classes, "a")
    again = classes.bring(key, HOST, HERE, ASKED)
    assert again.asked is not None
    assert again.asked.phase == "open"
    away = classes.bring(key, HOST, Where("memory"))
    assert (away.asked, away.moves) == (None, again.moves + 1)
    left = classes.asked(key, "one")
    assert left is not None
    assert left.phase == "closed"
    back = classes.bring(key, HOST, HERE, ASKED)
    assert back.asked is not None
    assert (back.asked.phase, back.asked.round) == ("closed", 1)
    classes.lead(key, HOST, Class.shown)
    classes.bring(key, HOST, Where("tasks"), replace(ASKED, place="two"))
    assert [(each.place, each.phase) for each in classes.questions(key)] == [
        ("one", "shown"), ("two", "waiting"),
    ]  # fmt: skip


def test_a_change_is_seen_by_its_version_and_a_second_press_changes_nothing(
    classes: Classes,
) -> None:
    """So no page is drawn anew for it."""
    key = opened(classes, "a")
    before = classes.lead(key, HOST, Class.closed)
    assert classes.lead(key, HOST, Class.closed) == before
    assert classes.lead(key, HOST, Class.shown).version == before.version + 1


def test_at_ones_own_pace_a_question_is_kept_by_its_first_answer(classes: Classes) -> None:
    """The teacher never opened it."""
    key = classes.open(HOST)
    classes.join(key, "a")
    classes.lead(key, HOST, lambda state: state.paced("own"))
    classes.answer(key, "a", ASKED, Given(1, "1"))
    assert [each.place for each in classes.questions(key)] == ["one"]
    assert counts(classes, key) == (0, 1, 0)


def test_who_is_not_heard_of_is_away_and_is_where_the_class_is_when_back(
    classes: Classes, clock: Clock
) -> None:
    """The seat is kept meanwhile; a class's list tells who is here."""
    key = opened(classes, "a", "b")
    clock.now += AWAY + 1
    classes.member("a")
    assert [seat.here for seat in classes.seats(key)] == [True, False]
    assert [(row.seats, row.here) for row in classes.all()] == [(2, 1)]
    classes.bring(key, HOST, Where("memory"))
    back = classes.member("b")
    assert back is not None
    assert back.state.where == Where("memory")
    assert [seat.here for seat in classes.seats(key)] == [True, True]


def test_a_class_that_is_ended_is_gone_with_its_answers(classes: Classes) -> None:
    """For all; the server's own key ends any."""
    key, other = opened(classes, "a"), classes.open("other")
    classes.answer(key, "a", ASKED, Given(1, "1"))
    classes.end(key, HOST)
    assert classes.member("a") is classes.member(HOST) is None
    assert (classes.questions(key), classes.answers(key, "one")) == ([], {})
    classes.end(other, None)
    assert classes.all() == []
    with pytest.raises(ClassError, match="no class"):
        classes.end(key, None)


def test_bounds(classes: Classes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of classes, of one browser's, of seats and of questions."""
    monkeypatch.setattr(records, "MOST_SEATS", 2)
    monkeypatch.setattr(records, "MOST_QUESTIONS", 2)
    monkeypatch.setattr(class_store, "MOST_CLASSES", MOST_OWN + 1)
    key = opened(classes, "a", "b")
    with pytest.raises(ClassError, match="full"):
        classes.join(key, "c")
    classes.bring(key, HOST, HERE, replace(ASKED, place="two"))
    with pytest.raises(ClassError, match="2 questions"):
        classes.bring(key, HOST, HERE, replace(ASKED, place="three"))
    for _ in range(MOST_OWN + 2):
        classes.open(HOST)
    assert len(classes.led_by(HOST)) == MOST_OWN
    classes.open("other")
    with pytest.raises(ClassError, match="already"):
        classes.open("third")
    with pytest.raises(ClassError):
        classes.open("")


def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    """Where the class is, who is in it, and what was answered."""
    path = tmp_path / "classes.sqlite"
    first = Classes(path)
    key = opened(first, "a")
    first.answer(key, "a", ASKED, Given(1, "2", 2))
    second = Classes(path)
    member = second.member("a")
    assert member is not None
    assert member == first.member("a")
    assert member.state.asked == replace(ASKED, phase="open")
    assert second.given(key, member.seat, "one") == {1: Given(1, "2", 2)}


def test_many_threads_count_every_answer_once(classes: Classes) -> None:
    """All answer at once, some twice."""
    seats = [f"seat {number}" for number in range(40)]
    key = opened(classes, *seats)

    def answer(seat: str) -> bool:
        try:
            classes.answer(key, seat, ASKED, Given(1, "1"))
        except ClassError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(answer, seats * 2)) == 40
    assert counts(classes, key) == (0, 40, 0)


def _join_and_answer(path: Path, key: str, number: int) -> int | None:
    classes = Classes(path)
    seat = classes.join(key, f"seat {number}")
    classes.answer(key, f"seat {number}", ASKED, Given(1, "1"))
    return seat


def test_processes_share_a_class(tmp_path: Path) -> None:
    """Every seat has a number of its own."""
    path = tmp_path / "classes.sqlite"
    classes = Classes(path)
    key = opened(classes)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_join_and_answer, path, key, number) for number in range(8)]
        assert sorted(job.result() or 0 for job in jobs) == list(range(1, 9))
    assert counts(classes, key) == (0, 8, 0)


def test_a_word_can_be_said() -> None:
    """Consonants and vowels take turns."""
    made = {word() for _ in range(200)}
    assert len(made) > 190
    assert all(len(each) == 6 and set(each[1::2]) <= set("aeiou") for each in made)
