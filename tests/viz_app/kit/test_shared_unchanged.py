"""What all browsers share is the same whoever makes it, and whatever others do meanwhile."""

import random
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from viz_app import pages
from viz_app.kit import export
from viz_app.kit.page import blocks
from viz_app.kit.sharing import STORE, Store

PAGES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "gates": ({}, {"run": "adding-gru", "example": "3", "checkpoint": "0", "sort": "index"}),
    "gradient_flow": ({}, {"run": "temporal-order-gru"}),
    "connectivity": ({}, {"run": "adding-rnn", "example": "3", "t": "5", "relative": "1"}),
    "step_through": ({}, {"run": "adding-gru", "example": "3", "unit": "2", "step": "5"}),
    "architectures": ({}, {"run": "both-ways-ends", "example": "3"}),
    "memory": ({}, {"run": "temporal-order-lstm", "log": "1"}),
    "retention": ({}, {}),
    "saturation": ({}, {"run": "adding-gru", "checkpoint": "0"}),
    "compare": ({}, {"run": "adding-gru", "example": "3", "part": "bench"}),
    "train": ({}, {}),
    "aids": ({}, {"aid": "l1", "example": "3"}),
    "forecasting": ({}, {"series": "dengue", "cell": "gru", "forecast": "3"}),
    "sentiment": ({}, {"run": "reviews-gru", "sentence": "not a good film , but not a bad one"}),
    "writing": ({}, {"run": "characters-gru", "seed": "3"}),
    "intervene": ({}, {"run": "adding-gru", "example": "3", "ask": "forgets_all"}),
    "tasks": ({"made": "adding"}, {"made": "parity", "seed": "3"}),
    "claims": ({"claim": "adding"}, {"claim": "copy"}),
    "tutorial": ({}, {"show": "wrong"}),
    "start": ({}, {"variant": "rnn"}),
    "mystery": ({"round": "0"}, {"round": "7"}),
    "your_model": ({}, {}),
    "lessons": ({}, {"lesson": "write_keep_show", "step": "show"}),
    "class": ({}, {}),
    "glossary": ({}, {"find": "gate"}),
    "figures": ({}, {"run": "adding-gru"}),
}
"""Every page as it opens, and with other choices."""


class Kept(NamedTuple):
    """A result: what stands for it, how it is made, and its digest when it was."""

    key: Any
    make: Callable[[], Any]
    before: str


@pytest.fixture
def kept(
    fresh_caches: None, digest_of: Callable[[Any], str], monkeypatch: pytest.MonkeyPatch
) -> list[Kept]:
    """Fills with every result that is kept for all browsers."""
    found: list[Kept] = []
    get = Store.get

    def noting(self: Store, key: Any, compute: Any, packed: Callable[[Any], Any]) -> Any:
        def noted(value: Any) -> Any:
            held = packed(value)
            found.append(Kept(key, lambda: packed(compute()), digest_of(held)))
            return held

        return get(self, key, compute, noted)

    monkeypatch.setattr(Store, "get", noting)
    return found


@pytest.fixture
def downloads_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables and figures of a page's download buttons are made with the page."""
    offer = blocks.downloads

    def made(name: str, chart: Callable[[], Any], table: Callable[[], pd.DataFrame]) -> None:
        offer(name, chart, table)
        assert len(table())
        export.spec(chart())

    monkeypatch.setattr(blocks, "downloads", made)


@contextmanager
def hurried() -> Iterator[None]:
    """Threads take turns all the time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def forget() -> None:
    """All that was computed, the runs excepted."""
    STORE.clear(lambda key: not str(key[0]).endswith(":library"))  # type: ignore[index]
    for name, module in list(sys.modules.items()):
        for each in vars(module).values() if name.startswith("viz_app") else ():
            if hasattr(each, "cache_clear") and str(each.__module__).startswith("viz_app"):
                each.cache_clear()


def test_every_page_is_here() -> None:
    """As in the app's menu."""
    assert sorted(PAGES) == sorted(page for part in pages.PAGES.values() for page in part)


@pytest.mark.long
@pytest.mark.usefixtures("downloads_too")
def test_all_results_made_anew_at_once_are_the_same(
    kept: list[Kept], open_app: Callable[..., AppTest], digest_of: Callable[[Any], str]
) -> None:
    """Those of every page, with what its buttons make; then by eight threads that take turns."""
    for page, both in PAGES.items():
        for address in both:
            app = open_app(page, **address)
            assert not app.exception, (page, address, app.exception[0].value)
            assert not app.error, (page, address, app.error[0].value)
    once = list({each.key: each for each in kept}.values())
    assert len(once) > 200
    for turn in range(2):
        forget()
        random.Random(turn).shuffle(once)
        with hurried(), ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda each: digest_of(each.make()), once))
        others = [each.key for each, now in zip(once, found, strict=True) if now != each.before]
        assert not others
