"""A job whose process is killed is started again, but not for ever."""

import json
from pathlib import Path

from gatescope.jobs.files import DEATHS, read, whole, write

MOST_DEATHS = 3
"""A job whose process dies so often in a row, with nothing finished between, is given up."""


def count_death(folder: Path, finished: int) -> int:
    """Write down that a job's process died, and count its deaths in a row.

    Parameters
    ----------
    folder
        The job's.
    finished
        How much of it is finished; a death after progress is the first one again.
    """
    before = read(folder / DEATHS)
    in_a_row = before.get("finished") == finished
    count = (whole(before.get("count"), MOST_DEATHS) or 0) + 1 if in_a_row else 1
    write(folder / DEATHS, json.dumps({"count": count, "finished": finished}))
    return count
