"""What the environment says: so options reach the pages, and every process of a server."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from viz_app.text import DEFAULT, LANGUAGE, known, say, there
from viz_app.text.plain import NAME, bare

OWN_RUNS = "GATESCOPE_RUNS"
"""One more folder of runs."""

JOBS = "GATESCOPE_JOBS"
"""The folder in which jobs and their runs are kept."""

SECRET, TEACHER = "GATESCOPE_SECRET", "GATESCOPE_TEACHER"
"""The key that signs cookies, and the teacher's key."""

NEW_BROWSERS = "GATESCOPE_NEW_BROWSERS"
"""New browsers that one address may bring in a minute."""

PROXIED = "GATESCOPE_PROXIED"
"""1 where a proxy on this machine says whose address a browser has."""

LOCAL = "GATESCOPE_LOCAL"
"""1 where the server is for this machine alone: set by the server, as it listens."""

EMBED = "GATESCOPE_EMBED"
"""Origins whose pages may show the app in a frame, with spaces between."""

JOBS_EACH, JOB_HOURS = "GATESCOPE_JOBS_EACH", "GATESCOPE_JOB_HOURS"
"""Jobs of one browser at a time, and hours of training of one job."""

USUAL_NUMBERS = {NEW_BROWSERS: 120, JOBS_EACH: 3, JOB_HOURS: 6}
"""Where nothing is said; 120 are a school behind one address."""

SCHEDULER = "GATESCOPE_SCHEDULER"
"""The address of a Dask scheduler that trains the jobs."""

LEAST_SECRET, LEAST_TEACHER, MOST_KEY = 16, 8, 100
"""Characters of a key: shorter ones can be guessed, and longer ones fit into no cookie or line."""

ORIGIN_HOST = re.compile(r"(\*\.)?([\w-]+\.)*[\w-]+|\[[0-9A-Fa-f:.]+\]", re.ASCII)
"""A name, a name below which every name is meant, or an address."""

USUAL_JOBS = Path("runs") / "experiments"
MOST_NUMBER, LONGEST_NAME, LONGEST_VALUE = 999_999, 255, 120
"""The largest number; bytes of a file's name; characters of a value in a sentence."""


def jobs_folder() -> Path:
    """Where jobs are kept, and the runs that were trained from a page."""
    found = Path(os.environ.get(JOBS) or USUAL_JOBS)
    try:
        return found.resolve()
    except (OSError, RuntimeError):  # links in a circle, or a name that is too long
        return found.absolute()


def number(name: str) -> int:
    """A whole number above 0; the usual one where nothing is said, or no such number."""
    value = os.environ.get(name, "")
    return int(value) if _is_number(value) else USUAL_NUMBERS[name]


def faults() -> list[str]:
    """A sentence for each variable whose value is none; a key is not repeated in it."""
    found = []
    for name, (is_right, key) in CHECKS.items():
        value = os.environ.get(name, "")
        if value.strip() and not is_right(value):
            found.append(say(key, name=name, value=bare(value, LONGEST_VALUE)))
    return found + key_faults() + language_faults()


def language_faults() -> list[str]:
    """A sentence where the environment asks for a language without texts."""
    wanted = os.environ.get(LANGUAGE) or DEFAULT
    if known(wanted):
        return []
    found, shown = ", ".join(sorted(there())), bare(wanted, NAME)
    return [say("app.bad_language", name=LANGUAGE, value=shown, languages=found)]


def key_faults() -> list[str]:
    """A sentence for each of the two keys that the environment gives and that is none."""
    return [
        say("app.bad_key", where=name, least=least, most=MOST_KEY)
        for name, least in LEAST_KEY.items()
        if (value := os.environ.get(name, "").strip()) and not is_key(value, least)
    ]


def is_key(value: str, least: int) -> bool:
    """Whether a key can be typed, is hard to guess and stands on one line."""
    return least <= len(value) <= MOST_KEY and value.isprintable()


def is_origin(text: str) -> bool:
    """Whether a text names a scheme and a host, as a browser has it, and nothing more."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.netloc.removesuffix("" if port is None else f":{port}")
    whole = text == f"{parts.scheme}://{parts.netloc}" and parts.scheme in ("http", "https")
    return whole and ORIGIN_HOST.fullmatch(host) is not None


def _is_number(value: str) -> bool:
    if not (value.isascii() and value.isdecimal() and len(value) <= len(str(MOST_NUMBER))):
        return False
    return 0 < int(value) <= MOST_NUMBER


def _is_folder(value: str) -> bool:
    try:
        return Path(value).is_dir()
    except OSError:  # a name that is too long
        return False


def _can_be_folder(value: str) -> bool:
    """Whether there is such a folder, or could be: what there is above it is one."""
    path = Path(value).absolute()
    if any(len(os.fsencode(name)) > LONGEST_NAME for name in path.parts):
        return False
    return next(each for each in (path, *path.parents) if os.path.lexists(each)).is_dir()


def is_scheduler(value: str) -> bool:
    """Whether a Dask scheduler can have such an address."""
    try:
        parts = urlsplit(value)
        return parts.scheme in ("tcp", "tls") and bool(parts.hostname and parts.port)
    except ValueError:  # a port that is no number
        return False


CHECKS: dict[str, tuple[Callable[[str], bool], str]] = {
    OWN_RUNS: (_is_folder, "app.bad_folder"),
    JOBS: (_can_be_folder, "app.bad_folder"),
    NEW_BROWSERS: (_is_number, "app.bad_number"),
    JOBS_EACH: (_is_number, "app.bad_number"),
    JOB_HOURS: (_is_number, "app.bad_number"),
    PROXIED: (lambda value: value in ("0", "1"), "app.bad_switch"),
    SCHEDULER: (is_scheduler, "app.bad_scheduler"),
    EMBED: (lambda value: all(map(is_origin, value.split())), "app.bad_origins"),
}
"""What a variable's value must be, and what is said where it is not."""

LEAST_KEY = {SECRET: LEAST_SECRET, TEACHER: LEAST_TEACHER}
