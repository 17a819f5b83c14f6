"""How often something may be done in a minute, by address, across processes."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from viz_app.serving.counts import MINUTE, Counts, network


@pytest.mark.parametrize("kept", ["memory", "file"])
def test_so_many_in_a_minute(kept: str, tmp_path: Path) -> None:
    """Each address and kind for itself; a minute later there is room again."""
    now = [1000.0]
    counts = Counts(tmp_path / "counts" if kept == "file" else None, lambda: now[0])
    assert [counts.allow("browser", "10.0.0.1", 3) for _ in range(5)] == [True] * 3 + [False] * 2
    assert counts.allow("browser", "10.0.0.2", 3)
    assert counts.allow("teacher", "10.0.0.1", 3)
    assert counts.full("browser", "10.0.0.1", 3)
    assert not counts.full("browser", "10.0.0.1", 4)
    now[0] += MINUTE / 2
    assert not counts.allow("browser", "10.0.0.1", 3)
    now[0] += MINUTE / 2 + 5
    assert counts.allow("browser", "10.0.0.1", 3)
    now[0] = 0.0  # the clock was put back
    assert counts.allow("browser", "10.0.0.1", 3)


def count(path: Path) -> int:
    """How many of 40 are allowed in a process of its own."""
    counts = Counts(path)
    return sum(counts.allow("browser", "10.0.0.1", 50) for _ in range(40))


def test_processes_count_together(tmp_path: Path) -> None:
    """Of 80 that two ask for, the limit's 50 are allowed."""
    path = tmp_path / "counts"
    Counts(path)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        assert sum(pool.map(count, [path] * 2)) == 50


def test_a_disk_that_fails_counts_in_memory(tmp_path: Path) -> None:
    """From the start, or when the file is damaged while it is used."""
    counts = Counts(tmp_path / "nowhere" / "counts")
    assert [counts.allow("browser", "10.0.0.1", 1) for _ in range(2)] == [True, False]
    noise = tmp_path / "noise"
    noise.write_bytes(b"no database " * 100)
    counts = Counts(noise)
    assert [counts.allow("browser", "10.0.0.1", 1) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no address", "no address"),
        ("x" * 100, "x" * 64),
    ],
)
def test_whose_address_it_is(who: str, expected: str) -> None:
    """One machine has a whole /64 of IPv6."""
    assert network(who) == expected
