"""What the server computes before it is asked, and what it keeps the garbage collector from."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from viz_app.app_pages import cached
from viz_app.views import gates, library


@pytest.fixture(autouse=True)
def unfrozen() -> Iterator[None]:
    """Leave the collector as it was, for the other tests."""
    yield
    gc.unfreeze()


def test_pages_find_their_first_pictures_made(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the warm-up every run's first page is drawn without looking at a trace again."""
    cached.warm_up(quiet=0, pause=0)

    def computed(*_: Any, **__: Any) -> Any:
        raise AssertionError("computed again")

    monkeypatch.setattr(gates, "view", computed)
    monkeypatch.setattr(cached, "record", computed)
    for name in cached.library().runs:
        assert not open_app(run=name).exception


def test_what_stays_is_not_collected() -> None:
    """Reading the runs freezes all that there is: torch, xarray and the runs themselves."""
    gc.unfreeze()
    cached.library.clear()
    cached.library()
    assert gc.get_freeze_count() > 100_000


def test_without_runs_there_is_nothing_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And the server does not fail over it."""
    monkeypatch.setattr(library, "PREPARED", tmp_path / "nothing")
    monkeypatch.delenv(library.OWN_RUNS, raising=False)
    cached.library.clear()
    cached.warm_up(quiet=0, pause=0)
    cached.library.clear()
