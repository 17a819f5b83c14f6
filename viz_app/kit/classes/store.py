"""All classes of a server, in one small database that its processes share and a restart keeps.

A browser is known by a name without meaning; a seat has a number, and a nickname where its student
wants one. Everything has a bound, and is removed `KEPT` after its class was last used.
"""

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from viz_app.kit.classes import claims, records
from viz_app.kit.classes.database import KEPT, Database, remove
from viz_app.kit.classes.records import MOST_SEATS, NICKNAME, Member, Row, Seat
from viz_app.kit.classes.turn import require_may_answer
from viz_app.kit.classes.value import Asked, Class, ClassError, Given, Where, asked_of
from viz_app.kit.question import SURE
from viz_app.text import say
from viz_app.text.plain import bare

MOST_CLASSES, MOST_OWN = 200, 8
"""Classes of a server, and of one browser."""

CONSONANTS, VOWELS, SYLLABLES = "bdfgkmnprstvz", "aeiou", 3
"""A class's word is read from a board and said aloud."""

LONGEST = 600
"""Letters of an answer as text."""

AWAY, NOTED = 45.0, 15.0
"""Seconds after which who is not heard of is away; between two notes that somebody is here."""


class Classes:
    """All classes of this server.

    Parameters
    ----------
    path
        The database that all processes share; without one the classes are this process's alone.
    clock
        Seconds.

    Raises
    ------
    ClassError
        At any call, when the database cannot be used: the disk is full or read-only.
    """

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._database = Database(path, clock)

    def open(self, host: str) -> str:
        """Begin a class, led by that browser; returns its word.

        Raises
        ------
        ClassError
            When there are too many.
        """
        if not host:
            raise ClassError(say("serving.unknown"))
        with self._database.writing() as database:
            keys = {key for (key,) in database.execute("SELECT class FROM classes")}
            own = database.execute(
                "SELECT class FROM classes WHERE host = ? ORDER BY touched DESC", (host,)
            ).fetchall()
            for (key,) in own[MOST_OWN - 1 :]:
                remove(database, key)
                keys.discard(key)
            if len(keys) >= MOST_CLASSES:
                raise ClassError(say("class.many", most=MOST_CLASSES))
            while (key := word()) in keys:
                pass
            now = self._clock()
            row = (key, host, now, now, Class(host).text())
            database.execute("INSERT INTO classes VALUES (?, ?, ?, ?, ?)", row)
            database.execute("INSERT OR REPLACE INTO here VALUES (?, ?)", (host, key))
            return key

    def join(self, key: str, browser: str, name: str | None = None) -> int | None:
        """Be in a class from now on; who had a seat there has it again.

        Parameters
        ----------
        key
            The class's word, as somebody types it.
        browser
            Who joins.
        name
            A nickname; None leaves it as it was.

        Returns
        -------
        int or None
            The seat, from 1; None for who leads the class.

        Raises
        ------
        ClassError
            When there is no such class, it is full, or the browser has no name.
        """
        if not browser:
            raise ClassError(say("serving.unknown"))
        key = key.strip().lower()
        with self._database.writing() as database:
            state = records.state(database, key, self._clock())
            database.execute("INSERT OR REPLACE INTO here VALUES (?, ?)", (browser, key))
            if state.leads(browser):
                return None
            found = database.execute(
                "SELECT seat, name FROM seats WHERE class = ? AND browser = ?", (key, browser)
            ).fetchone()
            seat, before = found or (records.free_seat(database, key), "")
            kept = before if name is None else bare(name, NICKNAME)
            database.execute(
                "INSERT OR REPLACE INTO seats VALUES (?, ?, ?, ?, ?)",
                (key, browser, seat, kept, self._clock()),
            )
            records.touch(database, key, self._clock())
            return int(seat)

    def leave(self, browser: str) -> None:
        """Be in no class; a seat and its answers stay."""
        with self._database.writing() as database:
            database.execute("DELETE FROM here WHERE browser = ?", (browser,))

    def member(self, browser: str) -> Member | None:
        """The class in which a browser is; None where it is in none."""
        if not browser:
            return None
        with self._database.reading() as database:
            found = database.execute(
                "SELECT c.class, c.state, s.seat, s.name, s.seen FROM here h "
                "JOIN classes c ON c.class = h.class AND c.touched >= ? "
                "LEFT JOIN seats s ON s.class = h.class AND s.browser = h.browser "
                "WHERE h.browser = ?",
                (self._clock() - KEPT, browser),
            ).fetchone()
        state = None if found is None else Class.of_text(found[1])
        if state is None:
            return None
        key, _, seat, name, seen = found
        if seat is not None and abs(self._clock() - seen) > NOTED:
            with self._database.writing() as database:
                database.execute(
                    "UPDATE seats SET seen = ? WHERE class = ? AND browser = ?",
                    (self._clock(), key, browser),
                )
        host = state.leads(browser)
        return Member(key, state, host, None if host else seat, name or "")

    def is_there(self, key: str) -> bool:
        """Whether there is such a class still."""
        with self._database.reading() as database:
            found = database.execute(
                "SELECT 1 FROM classes WHERE class = ? AND touched >= ?",
                (key, self._clock() - KEPT),
            ).fetchone()
        return found is not None

    def lead(self, key: str, host: str, change: Callable[[Class], Class]) -> Class:
        """Change how a class stands, as who leads it; returns how it stands then.

        Raises
        ------
        ClassError
            When there is no such class, or somebody else leads it.
        """
        with self._database.writing() as database:
            before = self._led(database, key, host)
            return self._keep(database, key, before, change(before))

    def bring(self, key: str, host: str, where: Where, asked: Asked | None = None) -> Class:
        """Call everyone there; what was open elsewhere is closed, what was asked there goes on."""
        with self._database.writing() as database:
            before = self._led(database, key, host)
            known, stays = before.asked, False
            if asked is not None:
                stays = known is not None and known.place == asked.place
                known = known if stays else records.asked(database, key, asked.place)
                if known is not None:
                    asked = replace(asked, phase=known.phase, round=known.round)
            if not stays and (left := before.closed().asked) is not None:
                records.note(database, key, left)
            return self._keep(database, key, before, before.brought(where, asked, host))

    def plan(self, key: str, host: str, asks: Sequence[Asked]) -> None:
        """Keep what there is to be asked where the class is, though it may never be."""
        with self._database.writing() as database:
            self._led(database, key, host)
            for each in asks:
                if records.asked(database, key, each.place) is None:
                    records.note(database, key, replace(each, phase="waiting", round=1))

    def claim(self, key: str, browser: str) -> str:
        """The number by which a device in the class can be let lead it."""
        if not browser:
            raise ClassError(say("serving.unknown"))
        with self._database.writing() as database:
            records.state(database, key, self._clock())
            return claims.claimed(database, key, browser, self._clock())

    def private(self, key: str, host: str) -> str:
        """What lets whoever knows it lead the class, as `take_over` takes it."""
        with self._database.writing() as database:
            self._led(database, key, host)
            return f"{key}.{claims.private(database, key, self._clock())}"

    def admit(self, key: str, host: str, number: str) -> None:
        """Let the device that shows a number lead the class too.

        Raises
        ------
        ClassError
            When none shows it.
        """
        number = "".join(letter for letter in number if letter.isdecimal())
        with self._database.writing() as database:
            before = self._led(database, key, host)
            found = claims.claimant(database, key, number, self._clock())
            if not found:
                raise ClassError(say("class.no_claim", minutes=claims.MINUTES))
            self._let_lead(database, key, before, found)

    def take_over(self, private: str, browser: str) -> str:
        """Lead a class from now on, by its private link; returns the class's word.

        Raises
        ------
        ClassError
            When the link is none, or not valid any more; or the browser has no name.
        """
        if not browser:
            raise ClassError(say("serving.unknown"))
        key, _, claim = private.partition(".")
        with self._database.writing() as database:
            if claims.claimant(database, key, claim, self._clock()) != claims.PRIVATE:
                raise ClassError(say("class.no_spare"))
            before = records.state(database, key, self._clock())
            database.execute("INSERT OR REPLACE INTO here VALUES (?, ?)", (browser, key))
            self._let_lead(database, key, before, browser)
        return key

    def lead_alone(self, key: str, host: str) -> None:
        """Take the lead from all other devices, and from whoever has the private link."""
        with self._database.writing() as database:
            before = self._led(database, key, host)
            database.execute("DELETE FROM claims WHERE class = ?", (key,))
            self._keep(database, key, before, before.led_alone(host))

    def answer(self, key: str, browser: str, asked: Asked, given: Given) -> None:
        """Keep an answer, one for each seat and round.

        Raises
        ------
        ClassError
            When the question is not open, or that seat has answered in this round.
        AnswerError
            When that cannot be answered.
        """
        answer = asked.question.write(asked.question.read(given.answer[:LONGEST]))
        with self._database.writing() as database:
            state = records.state(database, key, self._clock())
            require_may_answer(state, asked, given.round)
            found = database.execute(
                "SELECT seat FROM seats WHERE class = ? AND browser = ?", (key, browser)
            ).fetchone()
            if found is None:
                raise ClassError(say("class.full", most=MOST_SEATS))
            if records.asked(database, key, asked.place) is None:
                records.note(database, key, replace(asked, phase="waiting", round=1))
            row = (key, asked.place, given.round, found[0], answer, _sure(given.sure))
            try:
                database.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)", row)
            except sqlite3.IntegrityError as error:
                raise ClassError(say("class.twice")) from error
            records.touch(database, key, self._clock())

    def given(self, key: str, seat: int | None, place: str) -> dict[int, Given]:
        """What a seat answered to a question, by round."""
        if seat is None:
            return {}
        with self._database.reading() as database:
            rows = database.execute(
                "SELECT round, answer, sure FROM answers "
                "WHERE class = ? AND place = ? AND seat = ? ORDER BY round",
                (key, place, seat),
            ).fetchall()
        return {round_: Given(round_, answer, sure) for round_, answer, sure in rows}

    def asked(self, key: str, place: str) -> Asked | None:
        """A question as far as the class has been; None where it never was asked."""
        with self._database.reading() as database:
            return records.asked(database, key, place)

    def questions(self, key: str) -> list[Asked]:
        """All that was asked, in order."""
        with self._database.reading() as database:
            rows = database.execute(
                "SELECT asked FROM questions WHERE class = ? ORDER BY number", (key,)
            ).fetchall()
        return [asked_of(json.loads(text)) for (text,) in rows]

    def answers(self, key: str, place: str) -> dict[tuple[int, int], Given]:
        """All that was answered to a question, by seat and round."""
        with self._database.reading() as database:
            rows = database.execute(
                "SELECT seat, round, answer, sure FROM answers WHERE class = ? AND place = ?",
                (key, place),
            ).fetchall()
        return {(seat, round_): Given(round_, answer, sure) for seat, round_, answer, sure in rows}

    def seats(self, key: str) -> list[Seat]:
        """Who has joined, in the order of their seats."""
        since = self._clock() - AWAY
        with self._database.reading() as database:
            rows = database.execute(
                "SELECT s.seat, s.name, s.seen >= ? AND h.class IS NOT NULL FROM seats s "
                "LEFT JOIN here h ON h.browser = s.browser AND h.class = s.class "
                "WHERE s.class = ? ORDER BY s.seat",
                (since, key),
            ).fetchall()
        return [Seat(seat, name, bool(here)) for seat, name, here in rows]

    def led_by(self, host: str) -> list[Row]:
        """The classes that a browser leads, the latest first."""
        with self._database.reading() as database:
            rows = database.execute("SELECT class, state FROM classes").fetchall()
        states = {key: Class.of_text(text) for key, text in rows}
        own = {key for key, state in states.items() if state is not None and state.leads(host)}
        return [row for row in self.all() if row.key in own]

    def all(self) -> list[Row]:
        """Every class, the one used last first."""
        now = self._clock()
        with self._database.reading() as database:
            rows = database.execute(
                "SELECT class, host, begun, touched, "
                "(SELECT COUNT(*) FROM seats s WHERE s.class = c.class), "
                "(SELECT COUNT(*) FROM seats s JOIN here h USING (class, browser) "
                " WHERE s.class = c.class AND s.seen >= ?), "
                "(SELECT COUNT(*) FROM questions q WHERE q.class = c.class), "
                "(SELECT COUNT(*) FROM answers a WHERE a.class = c.class) "
                "FROM classes c WHERE touched >= ? ORDER BY touched DESC",
                (now - AWAY, now - KEPT),
            ).fetchall()
        return [Row(*row) for row in rows]

    def end(self, key: str, host: str | None) -> None:
        """End a class and remove its answers; without a host, whoever leads it."""
        with self._database.writing() as database:
            if host is None:
                records.state(database, key, self._clock())
            else:
                self._led(database, key, host)
            remove(database, key)

    def _led(self, database: sqlite3.Connection, key: str, host: str) -> Class:
        state = records.state(database, key, self._clock())
        if not state.leads(host):
            raise records.gone(key)
        return state

    def _let_lead(
        self, database: sqlite3.Connection, key: str, before: Class, browser: str
    ) -> None:
        """Whoever leads has no seat: what it answered before is no student's."""
        seat = "(SELECT seat FROM seats WHERE class = ? AND browser = ?)"
        database.execute(
            f"DELETE FROM answers WHERE class = ? AND seat = {seat}", (key, key, browser)
        )
        for table in ("seats", "claims"):
            database.execute(f"DELETE FROM {table} WHERE class = ? AND browser = ?", (key, browser))
        self._keep(database, key, before, before.led_too(browser))

    def _keep(self, database: sqlite3.Connection, key: str, before: Class, after: Class) -> Class:
        if after == before:
            return before
        after = replace(after, version=before.version + 1)
        if after.asked is not None:
            records.note(database, key, after.asked)
        database.execute(
            "UPDATE classes SET state = ?, touched = ? WHERE class = ?",
            (after.text(), self._clock(), key),
        )
        return after


def word() -> str:
    """A word that can be said: ``"tamido"``."""
    pairs = (secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(SYLLABLES))
    return "".join(pairs)


def _sure(sure: int | None) -> int | None:
    return sure if sure in SURE else None
