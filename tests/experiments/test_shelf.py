"""Networks that were brought: everybody has room, places free themselves, and nobody takes all."""

import math
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from gatescope import load_run
from gatescope.experiments import Room, Shelf
from gatescope.training import Run, own_run

PREFIX = "own"


def brought(units: int = 2) -> Run:
    return own_run(nn.GRU(1, units), torch.randn(5, 1, 1))


def there(folder: Path) -> set[str]:
    return {path.name for path in folder.glob(f"{PREFIX}*")}


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., None]:
    """Keep a run of a name for an owner; each later than the one before."""
    clock = iter(range(10**9, 2 * 10**9, 10))

    def keep(room: Room, name: str, owner: str, run: Run | None = None) -> None:
        shelf = Shelf(tmp_path, PREFIX, room)
        shelf.put(f"{PREFIX}{name}", run or brought(), owner)
        moment = next(clock)
        for path in (tmp_path / f"{PREFIX}{name}", shelf._notes(owner) / f"{PREFIX}{name}"):
            os.utime(path, (moment, moment))

    return keep


def test_nobody_takes_the_places_of_others(tmp_path: Path, put: Callable[..., None]) -> None:
    """One who brings two hundred loses the oldest of their own, and all can be read."""
    room = Room(own_runs=3)
    put(room, "a", "ann")
    for k in range(12):
        put(room, f"b{k}", "bob")
    assert there(tmp_path) == {"owna", "ownb9", "ownb10", "ownb11"}
    assert all(load_run(tmp_path / name).steps == [0] for name in there(tmp_path))


def test_what_was_opened_last_stays(tmp_path: Path, put: Callable[..., None]) -> None:
    room = Room(own_runs=2)
    put(room, "a", "ann")
    put(room, "b", "ann")
    Shelf(tmp_path, PREFIX, room).opened("owna", "ann")
    put(room, "c", "ann")
    assert there(tmp_path) == {"owna", "ownc"}
    Shelf(tmp_path, PREFIX, room).opened("../owna", "ann")
    Shelf(tmp_path, PREFIX, room).opened("ownz", "ann")


def test_what_two_have_stays_until_both_have_lost_it(
    tmp_path: Path, put: Callable[..., None]
) -> None:
    room, run = Room(own_runs=1), brought()
    put(room, "a", "ann", run)
    put(room, "a", "bob", run)
    put(room, "b", "ann")
    assert there(tmp_path) == {"owna", "ownb"}
    put(room, "c", "bob")
    assert there(tmp_path) == {"ownb", "ownc"}


def test_all_together_have_so_much_room_and_other_runs_are_left_alone(
    tmp_path: Path, put: Callable[..., None]
) -> None:
    (tmp_path / "trained").mkdir()
    put(Room(), "a", "ann")
    size = sum(path.stat().st_size for path in (tmp_path / "owna").iterdir())
    room = Room(whole=2 * size + 2**16 + 2_000)
    for k, owner in enumerate(("ann", "bob", "eve", "joe")):
        put(room, f"b{k}", owner)
    assert there(tmp_path) == {"ownb1", "ownb2", "ownb3"}
    for k, owner in enumerate(("ann", "bob", "eve", "joe")):
        put(Room(runs=2), f"c{k}", owner)
    assert there(tmp_path) == {"ownc2", "ownc3"}
    assert (tmp_path / "trained").is_dir()
    notes = {path.name for path in tmp_path.glob(".brought/*/*")}
    assert notes == {"ownc2", "ownc3"}


def test_one_that_is_too_large_is_told_and_takes_no_place(
    tmp_path: Path, put: Callable[..., None]
) -> None:
    put(Room(own_runs=1), "a", "ann")
    large = Room(one=2**20, own_runs=1)
    with pytest.raises(ValueError, match=r"take 2 MB, but at most 1 MB are kept here"):
        put(large, "b", "ann", brought(300))
    assert there(tmp_path) == {"owna"}


def test_what_is_stored_counts_and_not_what_was_given(tmp_path: Path) -> None:
    """A layer of stride 0 takes as much as any other of its size."""
    run = own_run(nn.GRU(1, 400), torch.randn(5, 1, 1))
    step = {name: weight[:1].expand(weight.shape) for name, weight in run.checkpoints[0].items()}
    Shelf(tmp_path, PREFIX).put("owna", run, "ann")
    size = sum(path.stat().st_size for path in (tmp_path / "owna").iterdir())
    flat = Run(run.config, (), {0: step}, (), math.nan, math.nan, run.parameters, 0.0)
    small = Shelf(tmp_path, PREFIX, Room(one=size // 2))
    with pytest.raises(ValueError, match="MB are kept here"):
        small.put("ownb", flat, "ann")


def test_many_at_once(tmp_path: Path) -> None:
    """Eight threads, each its own files: never more than there may be, and each one whole."""
    runs = [brought(2 + k) for k in range(8)]
    shelf = Shelf(tmp_path, PREFIX, Room(runs=5))
    threads = [
        threading.Thread(target=shelf.put, args=(f"own{k}", run, f"owner {k % 3}"))
        for k, run in enumerate(runs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(there(tmp_path)) == 5
    assert all(load_run(tmp_path / name) for name in there(tmp_path))
