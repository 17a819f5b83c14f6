"""What stands in the tables of classes: one row read or written, in a transaction that is open."""

import json
import sqlite3
from dataclasses import dataclass

from viz_app.kit.classes.database import KEPT
from viz_app.kit.classes.value import Asked, Class, ClassError, asked_of, asked_to
from viz_app.text import say
from viz_app.text.plain import bare

MOST_SEATS, MOST_QUESTIONS = 300, 200
"""Of a class."""

NICKNAME = 24
"""Letters of a nickname."""


@dataclass(frozen=True)
class Member:
    """Of a browser that is in a class: which one, how it stands, and its seat.

    The one who leads has no seat.
    """

    key: str
    state: Class
    host: bool
    seat: int | None
    name: str = ""


@dataclass(frozen=True)
class Seat:
    """Who is in a class, and whether they are there now."""

    number: int
    name: str
    here: bool


@dataclass(frozen=True)
class Row:
    """A class in a list."""

    key: str
    host: str
    begun: float
    touched: float
    seats: int
    here: int
    questions: int
    answers: int


def state(database: sqlite3.Connection, key: str, now: float) -> Class:
    """How a class stands.

    Raises
    ------
    ClassError
        When there is none of that word.
    """
    row = database.execute(
        "SELECT state FROM classes WHERE class = ? AND touched >= ?", (key, now - KEPT)
    ).fetchone()
    found = None if row is None else Class.of_text(row[0])
    if found is None:
        raise gone(key)
    return found


def gone(key: str) -> ClassError:
    """That there is no such class, or none that one leads."""
    return ClassError(say("class.gone", name=bare(key, NICKNAME)))


def touch(database: sqlite3.Connection, key: str, now: float) -> None:
    """Note that a class was used."""
    database.execute("UPDATE classes SET touched = ? WHERE class = ?", (now, key))


def asked(database: sqlite3.Connection, key: str, place: str) -> Asked | None:
    """A question as far as the class has been; None where it never was asked."""
    row = database.execute(
        "SELECT asked FROM questions WHERE class = ? AND place = ?", (key, place)
    ).fetchone()
    return None if row is None else asked_of(json.loads(row[0]))


def note(database: sqlite3.Connection, key: str, asked: Asked) -> None:
    """Keep a question as it stands.

    Raises
    ------
    ClassError
        When too many were asked.
    """
    ((count, number),) = database.execute(
        "SELECT COUNT(*), (SELECT number FROM questions WHERE class = ? AND place = ?) "
        "FROM questions WHERE class = ?",
        (key, asked.place, key),
    ).fetchall()
    if number is None and count >= MOST_QUESTIONS:
        raise ClassError(say("class.questions", most=MOST_QUESTIONS))
    row = (key, asked.place, count if number is None else number, json.dumps(asked_to(asked)))
    database.execute("INSERT OR REPLACE INTO questions VALUES (?, ?, ?, ?)", row)


def free_seat(database: sqlite3.Connection, key: str) -> int:
    """The next seat of a class.

    Raises
    ------
    ClassError
        When it is full.
    """
    ((count, last),) = database.execute(
        "SELECT COUNT(*), COALESCE(MAX(seat), 0) FROM seats WHERE class = ?", (key,)
    ).fetchall()
    if count >= MOST_SEATS:
        raise ClassError(say("class.full", most=MOST_SEATS))
    return int(last) + 1
