"""Who else leads a class: let in by number, or with the private link; and who never does."""

from pathlib import Path

import pytest

from tests.viz_app.kit.classes.test_store import ASKED, HERE, HOST, Clock, classes, clock, opened
from viz_app.kit.classes import claims
from viz_app.kit.classes.store import Classes
from viz_app.kit.classes.value import Class, ClassError, Given

__all__ = ["classes", "clock"]

PHONE = "phone"


def leads(classes: Classes, browser: str) -> bool:
    """Whether a browser leads the class that it is in, and may press what a teacher presses."""
    found = classes.member(browser)
    assert found is not None
    try:
        classes.lead(found.key, browser, lambda state: state)
    except ClassError:
        return False
    return found.host


def test_a_device_that_shows_a_number_is_let_lead(classes: Classes) -> None:
    """By who leads alone, whatever stands between the digits; it was no student then."""
    key = opened(classes, PHONE, "student")
    classes.answer(key, PHONE, ASKED, Given(1, "1"))
    number = classes.claim(key, PHONE)
    assert len(number) == claims.DIGITS
    assert number == classes.claim(key, PHONE) != classes.claim(key, "student")
    with pytest.raises(ClassError, match="or it has ended"):
        classes.admit(key, PHONE, number)
    for wrong in ("", "123", "no number", classes.claim(opened(classes), PHONE)):
        with pytest.raises(ClassError, match="No device shows this number"):
            classes.admit(key, HOST, wrong)
    classes.admit(key, HOST, f" {number[:3]} {number[3:]} ")
    classes.join(key, PHONE)
    assert leads(classes, PHONE)
    assert leads(classes, "student") is False
    assert [seat.number for seat in classes.seats(key)] == [2]
    assert classes.answers(key, ASKED.place) == {}
    assert [row.key for row in classes.led_by(PHONE)] == [key]
    assert classes.bring(key, PHONE, HERE).mover == PHONE
    with pytest.raises(ClassError, match="No device shows this number"):
        classes.admit(key, HOST, number)  # once


def test_a_number_is_good_for_a_while(classes: Classes, clock: Clock) -> None:
    """Then the device shows another one."""
    key = opened(classes, PHONE)
    number = classes.claim(key, PHONE)
    clock.now += claims.MINUTES * 60 + 1
    with pytest.raises(ClassError, match="No device shows this number"):
        classes.admit(key, HOST, number)
    assert classes.claim(key, PHONE) != number


def test_the_private_link_lets_any_device_lead(classes: Classes) -> None:
    """Only who leads is told it; neither the word nor a number is one."""
    key = opened(classes, PHONE)
    link = classes.private(key, HOST)
    assert link == classes.private(key, HOST)
    with pytest.raises(ClassError, match="or it has ended"):
        classes.private(key, PHONE)
    for wrong in ("", key, f"{key}.", f"{key}.{classes.claim(key, PHONE)}", link[:-1], "x." + link):
        with pytest.raises(ClassError, match="private link is not valid"):
            classes.take_over(wrong, PHONE)
    with pytest.raises(ClassError):
        classes.take_over(link, "")
    assert not leads(classes, PHONE)
    assert classes.take_over(link, "another laptop") == key
    assert leads(classes, "another laptop")
    assert leads(classes, HOST)
    with pytest.raises(ClassError, match="No device shows this number"):
        classes.admit(key, HOST, link.partition(".")[2])


def test_one_takes_the_lead_alone(classes: Classes) -> None:
    """Also from who opened it; the link that was saved is none any more, a new one is."""
    key = opened(classes)
    link = classes.private(key, HOST)
    classes.take_over(link, PHONE)
    classes.lead_alone(key, PHONE)
    assert leads(classes, PHONE)
    assert not leads(classes, HOST)
    with pytest.raises(ClassError, match="private link is not valid"):
        classes.take_over(link, HOST)
    assert classes.take_over(classes.private(key, PHONE), HOST) == key
    assert leads(classes, HOST)
    classes.end(key, HOST)
    with pytest.raises(ClassError, match="private link is not valid"):
        classes.take_over(link, PHONE)


def test_who_leads_is_known_after_a_restart(tmp_path: Path) -> None:
    """And a class of an earlier version has one who leads."""
    path = tmp_path / "classes.sqlite"
    before = Classes(path)
    key = opened(before)
    link = before.private(key, HOST)
    before.take_over(link, PHONE)
    after = Classes(path)
    assert leads(after, PHONE)
    assert after.take_over(link, "third") == key
    old = Class(HOST).text().replace('"leaders": [], ', "").replace('"mover": "", ', "")
    assert "leaders" not in old
    assert Class.of_text(old) == Class(HOST)


def test_so_many_numbers_are_shown_and_no_more(
    classes: Classes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for more and more fills no disk."""
    monkeypatch.setattr(claims, "MOST", 2)
    key = opened(classes, "a", "b", "c")
    assert classes.claim(key, "a") != classes.claim(key, "b")
    with pytest.raises(ClassError, match="Too many devices"):
        classes.claim(key, "c")


def test_what_there_is_to_be_asked_is_kept_though_it_is_not(classes: Classes) -> None:
    """In its order; what was asked before stays as it was; only who leads does so."""
    key = opened(classes, "student")
    later = type(ASKED)("two", ASKED.question, "And?", ("a", "b", "c"))
    with pytest.raises(ClassError):
        classes.plan(key, "student", [later])
    classes.plan(key, HOST, [later, ASKED])
    assert [(each.place, each.phase) for each in classes.questions(key)] == [
        ("one", "open"), ("two", "waiting"),
    ]  # fmt: skip
