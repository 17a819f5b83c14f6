"""What the environment says: so options reach the pages, and every process of a server."""

import os
from pathlib import Path

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


def jobs_folder() -> Path:
    """Where jobs are kept, and the runs that were trained from a page."""
    return Path(os.environ.get(JOBS, Path("runs") / "experiments")).resolve()
