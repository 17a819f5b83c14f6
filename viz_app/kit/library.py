"""The trained runs that there are to look at."""

import hashlib
import os
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from gatescope import Run, RunError, errors, load_run
from gatescope.files import ASSETS
from gatescope.jobs.files import RUNS
from gatescope.tasks import task_class
from gatescope.training import OWN
from gatescope.training.folder import RESULT, prepared_folder
from viz_app.kit.environment import OWN_RUNS, jobs_folder

PREPARED = ASSETS / "runs"
"""The runs that come with the project."""

DATA_RUNS = ASSETS / "data_runs"
"""Prepared runs on real data, which a page of their own shows; others open them by name."""

AID_RUNS = ASSETS / "aid_runs"
"""Prepared runs without and with a training aid, which a page of their own shows."""

RESULTS = ASSETS / "retention"
"""The default retention experiment's result."""

BENCH = ASSETS / "bench"
"""The default comparison's result."""

LONGEST_KEY = 64
"""Characters of the name of a run that was trained from a page."""


@dataclass(frozen=True)
class Library:
    """All runs by name, and those that cannot be read with the reason."""

    runs: dict[str, Run]
    left_out: dict[str, str]

    def groups(self) -> dict[str, list[str]]:
        """Names of the runs on the same task, by a label-free key, in the order of the first."""
        return self._groups

    def beside(self, run: str) -> tuple[str, ...]:
        """One run for each cell on the same task as a run, which is among them.

        Of several on a cell it is the one of as many units, else the first.
        """
        found: dict[str, str] = {}
        for name in self.groups()[group(self.runs[run])]:
            cell = self.runs[name].config.cell
            if cell not in found or name == run or self._more_like(run, name, found[cell]):
                found[cell] = name
        order = {"rnn": 0, "lstm": 1, "gru": 2}
        return tuple(found[cell] for cell in sorted(found, key=lambda cell: order.get(cell, 9)))

    def of_its_cell(self, run: str) -> list[str]:
        """The runs of the same cell on the same task, itself among them."""
        cell = self.runs[run].config.cell
        names = self.groups()[group(self.runs[run])]
        return [name for name in names if self.runs[name].config.cell == cell]

    def _more_like(self, run: str, name: str, other: str) -> bool:
        """Whether a run has as many units as another one, and a third that stands for it not."""
        units, here, there = (self.runs[each].config.hidden_size for each in (run, name, other))
        return other != run and here == units != there

    @cached_property
    def _groups(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, run in self.runs.items():
            found.setdefault(group(run), []).append(name)
        return found


def group(run: Run) -> str:
    """A key that runs on the same task share, whether an option was named or left as it is.

    Of networks that were brought, it is the same input that they share.
    """
    if run.config.task == OWN:
        data = str(run.config.task_options["data"]).encode()
        return f"{OWN}:{hashlib.sha256(data).hexdigest()[:12]}"
    usual = _usual(run.config.task)
    given = {k: v for k, v in run.config.task_options.items() if v != usual.get(k)}
    options = ",".join(f"{key}={value}" for key, value in sorted(given.items()))
    return f"{run.config.task}:{options}" if options else run.config.task


@cache
def _usual(task: str) -> dict[str, object]:
    """A task's options as they are where none is named."""
    return {name: option.usual for name, option in task_class(task).options().items()}


def _roots() -> list[Path]:
    """Folders of runs: the prepared ones, then one's own."""
    own = os.environ.get(OWN_RUNS)
    return [PREPARED, *([Path(own)] if own else [])]


def folders() -> dict[str, Path]:
    """Every run's folder by name: the prepared ones, then one's own, which win by name."""
    return {name: folder for root in _roots() for name, folder in _runs_in(root).items()}


@cache
def prepared() -> frozenset[str]:
    """The names of the runs that come with the project."""
    return frozenset(_runs_in(PREPARED))


def _runs_in(root: Path) -> dict[str, Path]:
    """The folders in a folder that hold a run, or what is meant for one; none if it is none."""
    try:
        there = sorted(root.iterdir()) if root.is_dir() else []
    except OSError:
        return {}
    return {
        folder.name: folder
        for folder in there
        if not folder.name.startswith(".") and _is_run(folder)
    }


def _is_run(folder: Path) -> bool:
    """Whether something is meant for a run; what may not be looked into could be one."""
    try:
        return folder.is_dir() and os.path.lexists(folder / RESULT)
    except OSError:
        return True


def folder_of(name: str) -> Path:
    """A run's folder: a prepared one, or where runs from a page are kept."""
    places = [root / name for root in reversed(_roots())]
    direct = Path(name).name == name and not name.startswith(".")  # no path
    found = next((folder for folder in places if direct and _is_run(folder)), None)
    return (found or folder_beside(name)).resolve()


def folder_beside(name: str) -> Path:
    """The folder of a run that stands in no list: one that is prepared for a page, or from a page.

    Those of the list are not meant: where one's own run of that name is damaged, it is missing.
    """
    folder = prepared_folder(name)
    return jobs_folder() / RUNS / name if folder in (None, PREPARED / name) else folder


def open_run(folder: Path) -> Run:
    """Read a run, whatever stands in its folder.

    Raises
    ------
    RunError
        When it cannot be read, for whatever reason.
    """
    try:
        return load_run(folder)
    except RunError:
        raise
    except Exception as error:
        raise RunError(errors.say("run_unreadable", folder=folder, reason=error)) from error


def open_library() -> Library:
    """Read all runs; one that cannot be read is set aside by name."""
    runs: dict[str, Run] = {}
    left_out: dict[str, str] = {}
    order = {"adding": 0, "temporal_order": 1, "delayed_recall": 2, "digits": 3}
    cells = {"lstm": 0, "gru": 1, "rnn": 2}
    for name, folder in folders().items():
        try:
            name.encode()  # or it could not be sent to a browser
            runs[name] = open_run(folder)
        except (RunError, UnicodeEncodeError) as error:
            left_out[name] = errors.sentence_of(error)
    ranked = sorted(
        runs,
        key=lambda name: (
            order.get(runs[name].config.task, 9),
            group(runs[name]),
            cells.get(runs[name].config.cell, 9),
            name,
        ),
    )
    return Library({name: runs[name] for name in ranked}, left_out)
