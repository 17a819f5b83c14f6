"""What the environment says: so options reach the pages, and every process of a server."""

import os
from collections.abc import Callable
from pathlib import Path

from viz_app.text import language_faults, say
from viz_app.text.plain import bare

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

EMBED = "GATESCOPE_EMBED"
"""Origins whose pages may show the app in a frame, with spaces between."""

JOBS_EACH, JOB_HOURS = "GATESCOPE_JOBS_EACH", "GATESCOPE_JOB_HOURS"
"""Jobs of one browser at a time, and hours of training of one job."""

SCHEDULER = "GATESCOPE_SCHEDULER"
"""The address of a Dask scheduler that trains the jobs."""


USUAL_JOBS = Path("runs") / "experiments"
MOST_DIGITS, LONGEST_NAME, LONGEST_VALUE = 6, 255, 120
"""Of a number; bytes of a file's name; characters of a value in a sentence."""


def jobs_folder() -> Path:
    """Where jobs are kept, and the runs that were trained from a page."""
    found = Path(os.environ.get(JOBS) or USUAL_JOBS)
    try:
        return found.resolve()
    except (OSError, RuntimeError):  # links in a circle, or a name that is too long
        return found.absolute()


def number(name: str, usual: int) -> int:
    """A whole number above 0; the usual one where nothing is said, or no such number."""
    value = os.environ.get(name, "")
    return int(value) if _is_number(value) else usual


def faults() -> list[str]:
    """A sentence for each variable whose value is none."""
    folders: dict[str, Callable[[str], bool]] = {OWN_RUNS: _is_folder, JOBS: _can_be_folder}
    numbers = dict.fromkeys((NEW_BROWSERS, JOBS_EACH, JOB_HOURS), _is_number)
    found = []
    for name, is_right in (folders | numbers).items():
        value = os.environ.get(name)
        if value and not is_right(value):
            key = "app.bad_folder" if name in folders else "app.bad_number"
            found.append(say(key, name=name, value=bare(value, LONGEST_VALUE)))
    return found + language_faults()


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= MOST_DIGITS and int(value) > 0


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
