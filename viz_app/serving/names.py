"""Who is who: every browser has a name without meaning, in a cookie that the server signs."""

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from itsdangerous import BadData, Signer, TimestampSigner

from viz_app.kit.environment import SECRET, TEACHER
from viz_app.serving.secrets import key

COOKIE, TEACHER_COOKIE = "gatescope_browser", "gatescope_teacher"
KEPT, TEACHER_KEPT = 180 * 86_400, 12 * 3600
"""Seconds for which a browser keeps its name, and for which it is the teacher's."""

LONGEST = 200
"""Characters of a cookie that is looked at."""

WRITTEN = re.compile(r"[A-Za-z0-9_.-]+")
"""How we write one."""


@dataclass(frozen=True)
class Names:
    """Names that only this server can give.

    Attributes
    ----------
    secret
        The key that signs.
    teacher
        The teacher's key.
    """

    secret: str
    teacher: str

    def new(self) -> str:
        """A cookie for a browser that has none."""
        return self._signer().sign(secrets.token_hex(8)).decode()

    def read(self, cookie: str | None) -> str:
        """The name in a cookie; empty where it is none of ours."""
        return _read(self._signer(), cookie, None)

    def teacher_cookie(self) -> str:
        """A cookie for who has shown the teacher's key."""
        return self._teacher_signer().sign(self._teacher_mark()).decode()

    def is_teacher(self, cookie: str | None) -> bool:
        """Whether a cookie was given for the teacher's key as it is now, and not too long ago."""
        return _read(self._teacher_signer(), cookie, TEACHER_KEPT) == self._teacher_mark()

    def fits(self, asked: str) -> bool:
        """Whether this is the teacher's key."""
        return equal(asked, self.teacher)

    def _signer(self) -> Signer:
        return Signer(self.secret, salt="browser", key_derivation="hmac", digest_method=sha256)

    def _teacher_signer(self) -> TimestampSigner:
        return TimestampSigner(
            self.secret, salt="teacher", key_derivation="hmac", digest_method=sha256
        )

    def _teacher_mark(self) -> str:
        return sha256(f"{self.secret} {self.teacher}".encode()).hexdigest()[:16]


def equal(asked: str, key: str) -> bool:
    """Whether a key is the right one; how long that takes says nothing about it."""
    return compare_digest(asked.encode(errors="replace"), key.encode())


def _read(signer: Signer, cookie: str | None, seconds: int | None) -> str:
    if not cookie or len(cookie) > LONGEST:
        return ""
    try:
        if isinstance(signer, TimestampSigner):
            found = signer.unsign(cookie, max_age=seconds)
        else:
            found = signer.unsign(cookie)
        # base64 leaves out what is not of its alphabet, and what comes after a "="
        return found.decode() if WRITTEN.fullmatch(cookie) else ""
    except (BadData, UnicodeError):
        return ""


_current: Names | None = None


def take() -> Names:
    """Give out names from now on: this process serves with signed cookies."""
    global _current
    _current = Names(key(SECRET), key(TEACHER))
    return _current


def current() -> Names | None:
    """The names that are given out; None where Streamlit serves alone, without our cookies."""
    return _current
