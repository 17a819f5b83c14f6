"""What there is on this server: jobs, classes, experiments, runs, and how to end them."""

import os
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from gatescope.jobs import Classroom, JobError, JobStatus, disk
from gatescope.jobs.files import EXPERIMENT
from viz_app.kit import words
from viz_app.kit.page import classroom
from viz_app.kit.page.jobs import kept, queue
from viz_app.text import say

SHORT = 6
"""Letters of a browser's name that tell it from others."""

MEGABYTE = 1e6
LATEST = 2**33
"""Seconds; a table cannot tell of later ones, which a clock that went wrong may have written."""

MOST_ROWS = 500
"""Rows of a table; of more the latest."""

Row = Mapping[str, Any]
Action = Callable[[str], Any]


def jobs() -> list[Row]:
    """Every job, the latest first."""
    return [_job(stand) for stand in queue().jobs()[: -MOST_ROWS - 1 : -1]]


def _job(stand: JobStatus) -> Row:
    folder, cost = queue().folder / stand.key, _cost(stand.key)
    return {
        "name": stand.key,
        "kind": _kind(stand.key),
        "owner": ", ".join(sorted(owner_name(each) for each in queue().owners(stand.key))),
        "state": say(f"teacher.state_{stand.state}"),
        "done": f"{stand.done} / {stand.total}",
        "cost": "" if cost is None else words.duration(cost),
        "since": _since(folder / EXPERIMENT),
        "size": disk.size_of(folder) / MEGABYTE,
    }


def _kind(key: str) -> str:
    try:
        return say(f"teacher.kind_{type(queue().experiment(key, object)).__name__}")
    except (JobError, KeyError):
        return say("teacher.kind_unknown")


@st.cache_resource(ttl=60, max_entries=1024, show_spinner=False)
def _cost(key: str) -> float | None:
    """Seconds."""
    try:
        experiment: Any = queue().experiment(key, object)
        return queue().estimate(experiment)
    except (JobError, ValueError):
        return None


def owner_name(owner: str) -> str:
    """A browser's name, shortened; a class's; the server's own."""
    if not owner:
        return say("teacher.own")
    return owner if owner.startswith("class-") else owner[:SHORT]


def experiments() -> list[Row]:
    """Every experiment of a class that can be read, the latest first."""
    room, rows = Classroom(queue()), list[Row]()
    for folder in sorted(_folders(room.folder), key=_since, reverse=True)[:MOST_ROWS]:
        try:
            stand = room.status(folder.name)
            owner = owner_name(room.owner(folder.name))
        except JobError:
            continue
        rows.append(
            {
                "name": folder.name, "owner": owner, "seats": stand.seats,
                "at_work": stand.at_work, "done": f"{stand.done} / {stand.total}",
                "since": _since(folder / EXPERIMENT),
            }
        )  # fmt: skip
    return rows


def classes() -> list[Row]:
    """Every class, the one used last first."""
    return [
        {
            "name": row.key, "owner": owner_name(row.host), "seats": row.seats, "here": row.here,
            "questions": row.questions, "answers": row.answers,
            "since": datetime.fromtimestamp(int(row.begun)),
        }
        for row in classroom.classes().all()[:MOST_ROWS]
    ]  # fmt: skip


def runs() -> list[Row]:
    """Every run that was trained here, the latest first."""
    folders = sorted(_folders(queue().store.folder), key=_since, reverse=True)[:MOST_ROWS]
    return [
        {"name": folder.name, "since": _since(folder), "size": disk.size_of(folder) / MEGABYTE}
        for folder in folders
    ]


TABLES: Mapping[str, Callable[[], list[Row]]] = {
    "jobs": jobs,
    "classes": classes,
    "experiments": experiments,
    "runs": runs,
}


def actions() -> dict[str, dict[str, Action]]:
    """How each of them is ended for everybody, or forgotten, by what it is and what is done.

    What a job or a class has trained stays; a run that a job works with is not removed.
    """
    room, classes = Classroom(queue()), classroom.classes()
    return {
        "jobs": {"stop": queue().stop, "remove": queue().remove},
        "classes": {"end": lambda key: classes.end(key, None)},
        "experiments": {"stop": room.stop, "remove": room.remove},
        "runs": {"remove": _remove_run},
    }


def _remove_run(key: str) -> None:
    disk.remove_run(queue(), key)
    kept.clear()


def sizes() -> dict[str, Any]:
    """Where everything lies, and what it takes, in megabytes."""
    folder, use = queue().folder, _use()
    return {
        "folder": str(folder), "all": use.total / MEGABYTE,
        "runs": sum(use.runs.values()) / MEGABYTE, "free": shutil.disk_usage(folder).free / 1e9,
    }  # fmt: skip


@st.cache_resource(ttl=30, show_spinner=False)
def _use() -> disk.DiskUse:
    return disk.disk_use(queue())


def _folders(folder: Path) -> list[Path]:
    try:
        entries = [entry for entry in os.scandir(folder) if entry.is_dir()]
    except OSError:
        return []
    return [Path(entry.path) for entry in entries if not entry.name.startswith(".")]


def _since(path: Path) -> datetime:
    """When something was written, as this machine's clock has it, or had it."""
    try:
        written = int(path.stat().st_mtime)
    except OSError:
        written = 0
    return datetime.fromtimestamp(min(max(written, 0), LATEST))
