"""The run store: one folder a finished run, named by the hash of its config.

A run that is in the store is whole; what is not whole is not in the store. Nothing else keeps
track of what was done, so a sweep that was killed goes on from what it finds here.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from gatescope.errors import say, sentence_of
from gatescope.training import Run, RunError, TrainConfig, load_run, save_run
from gatescope.training.folder import RESULT
from gatescope.training.live_run_file import load_live

K = TypeVar("K")
HASH_LENGTH = 16
LIVE = ".live"
"""The folder, inside a store, of runs that are training."""


def run_key(config: TrainConfig) -> str:
    """The name of a config's folder: 16 hex digits of the SHA-256 of its sorted JSON.

    It is that of `TrainConfig.identity`.
    """
    return _hashed(json.dumps(config.identity()))


@lru_cache(maxsize=20_000)
def _hashed(text: str) -> str:
    in_order = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(in_order.encode()).hexdigest()[:HASH_LENGTH]


@dataclass(frozen=True)
class Entry:
    """One folder of a store.

    Attributes
    ----------
    key
        Its name.
    run
        What it holds; None when it cannot be read.
    fault
        Why not; empty when it can.
    """

    key: str
    run: Run | None
    fault: str = ""


class RunStore:
    """Finished runs by the hash of their config.

    Parameters
    ----------
    folder
        Where the runs are; made when it is missing.

    Raises
    ------
    RunError
        When the folder is something else, or cannot be made.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(say("store_not_kept", folder=folder, reason=error.strerror)) from error

    def path(self, config: TrainConfig) -> Path:
        """Where the run of a config is, or would be."""
        return self.folder / run_key(config)

    def get(self, config: TrainConfig) -> Run | None:
        """The finished run of a config; None when there is none, or it cannot be read.

        One without a history is none: its weights are not what training ended with.
        """
        try:
            run = load_run(self.path(config))
        except RunError:
            return None
        return run if run.config == config and run.history else None

    def live_path(self, config: TrainConfig) -> Path:
        """The file that tells of a config's run while it is training."""
        return self.folder / LIVE / f"{run_key(config)}.safetensors"

    def live(self, config: TrainConfig) -> Run | None:
        """A config's run as far as it was trained when its file was last written; None if never.

        It stays when training is stopped or killed, and goes when the finished run is kept.
        """
        path = self.live_path(config)
        try:
            return load_live(path) if path.is_file() else None
        except RunError:
            return None

    def finished(self, configs: Mapping[K, TrainConfig]) -> dict[K, TrainConfig]:
        """Those of some configs whose run is there, by a glance at the folders' names.

        Raises
        ------
        RunError
            When the store's folder cannot be looked into.
        """
        try:
            there = {path.name for path in self.folder.iterdir()}
        except OSError as error:
            raise RunError(
                say("store_not_seen", folder=self.folder, reason=error.strerror)
            ) from error
        return {key: config for key, config in configs.items() if run_key(config) in there}

    def training(self, configs: Iterable[TrainConfig]) -> list[Run]:
        """Runs of some configs that were begun and are not finished, the latest written first."""
        wanted = {run_key(config): config for config in configs}
        begun = {}
        for path in (self.folder / LIVE).glob("[!.]*"):
            with suppress(OSError):  # it is finished by now, or gone
                begun[path.stem] = path.stat().st_mtime
        latest = sorted(begun.keys() & wanted.keys(), key=begun.__getitem__, reverse=True)
        found = [self.live(wanted[key]) for key in latest]
        return [run for run in found if run is not None]

    def put(self, run: Run) -> Path:
        """Keep a finished run.

        Where two writers have trained the same config, the first one's run stays: same seed, same
        numbers. What stands in its place and cannot be read is set aside first.
        """
        target = self.path(run.config)
        if self.get(run.config) is not None:
            return target
        self._set_aside(target)
        try:
            return save_run(run, target)
        except (OSError, RunError):
            if self.get(run.config) is not None:  # another writer was faster
                return target
            raise

    def entries(self) -> Iterator[Entry]:
        """Every folder of the store, by name; an unreadable one with its fault."""
        for folder in sorted(self.folder.iterdir()):
            if not folder.is_dir() or folder.name.startswith("."):
                continue
            try:
                run = load_run(folder)
            except RunError as error:
                yield Entry(folder.name, None, sentence_of(error))
                continue
            yield Entry(folder.name, run)

    def remove(self, key: str) -> None:
        """Remove a run for good.

        Raises
        ------
        RunError
            When there is no folder of that name, or it holds no run.
        """
        folder = self.folder / key
        if folder.parent != self.folder or key == ".." or not folder.is_dir():
            raise RunError(say("store_without_run", key=key, folder=self.folder))
        if not (folder / RESULT).is_file() and any(folder.iterdir()):
            raise RunError(say("store_folder_without_run", folder=folder))
        shutil.rmtree(folder)

    def _set_aside(self, target: Path) -> None:
        """Rename what cannot be read, so that its place is free and nothing is lost."""
        number = 1
        while target.exists():
            aside = target.with_name(f".{target.name}-unreadable-{number}")
            number += 1
            if not aside.exists():
                target.rename(aside)
