"""Who else may lead a class: a device that shows a number, or whoever has the private link."""

import secrets
import sqlite3

from viz_app.kit.classes.value import ClassError
from viz_app.text import say

MINUTES = 10
"""For so long a number is good: then the device shows another one."""

DIGITS, MOST = 6, 2000
"""Of a number; and how many devices may show one at a time."""

PRIVATE = ""
"""Whose claim the private link is: nobody's in particular."""


def claimed(database: sqlite3.Connection, key: str, browser: str, now: float) -> str:
    """The number that a device shows; a new one where it has none that is good for a while."""
    since = now - MINUTES * 60
    database.execute("DELETE FROM claims WHERE browser != ? AND made < ?", (PRIVATE, since))
    found = database.execute(
        "SELECT claim FROM claims WHERE class = ? AND browser = ?", (key, browser)
    ).fetchone()
    if found is not None:
        return str(found[0])
    taken = {claim for (claim,) in database.execute("SELECT claim FROM claims")}
    if len(taken) >= MOST:
        raise ClassError(say("class.many_claims"))
    while (number := f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}") in taken:
        pass
    database.execute("INSERT INTO claims VALUES (?, ?, ?, ?)", (key, number, browser, now))
    return number


def private(database: sqlite3.Connection, key: str, now: float) -> str:
    """What the private link says beside the class's word: the same until the lead is taken alone.

    Nobody guesses it.
    """
    found = database.execute(
        "SELECT claim FROM claims WHERE class = ? AND browser = ?", (key, PRIVATE)
    ).fetchone()
    if found is not None:
        return str(found[0])
    claim = secrets.token_urlsafe(18)
    database.execute("INSERT INTO claims VALUES (?, ?, ?, ?)", (key, claim, PRIVATE, now))
    return claim


def claimant(database: sqlite3.Connection, key: str, claim: str, now: float) -> str | None:
    """Whose claim it is; None where it is nobody's, or no longer good."""
    found = database.execute(
        "SELECT browser FROM claims WHERE class = ? AND claim = ? AND (browser = ? OR made >= ?)",
        (key, claim, PRIVATE, now - MINUTES * 60),
    ).fetchone()
    return None if found is None else str(found[0])
