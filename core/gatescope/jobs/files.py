"""What a job has on disk: its experiment, how far it is, and how it ended.

Every file appears whole or not at all, and no file says that a job is running: only its process
does. So whatever is killed, what is left on disk is true.
"""

import json
from pathlib import Path
from typing import Any

from gatescope.files import write_whole

EXPERIMENT, PROGRESS, DONE, STOPPED, FAILED = (
    "experiment.json",
    "progress.json",
    "done",
    "stopped",
    "failed.txt",
)
MEASURES = "measures.json"
"""What was measured, where a job measures."""

MEASURED = "measured.json"
"""What a comparison measured before it trained."""

RUNS = "runs"
"""The store that all jobs of a queue share: the same run is trained once."""


def write(path: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    write_whole(path, text.encode())


def read(path: Path) -> dict[str, Any]:
    """A file's JSON object; empty when it is missing or not one."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
