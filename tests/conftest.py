"""What all tests share: seeded weights, and reproducible examples from hypothesis.

``make test-all`` sets GATESCOPE_THOROUGH: then what is marked ``long`` runs too, and a test with
``@settings(settings.get_profile("fuzz"))`` tries ten times as many examples.
"""

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

os.environ["GATESCOPE_LANGUAGE"] = "en"  # whatever the system of who runs them speaks

settings.register_profile(
    "gatescope",
    deadline=None,
    derandomize=True,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "fuzz",
    settings.get_profile("gatescope"),
    max_examples=300 if os.environ.get("GATESCOPE_THOROUGH") else 30,
)
settings.load_profile("gatescope")

SELDOM = 5_000
"""New objects that stay before garbage is looked for among them; Python's own are 700."""

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
"""Of Chromium."""

BLOCKED = """
from importlib.machinery import PathFinder

def find_spec(name, path=None, target=None, find=PathFinder.find_spec):
    return None if name.split(".")[0] in {blocked} else find(name, path, target)

PathFinder.find_spec = find_spec
"""
"""The start of a program to which some libraries are not installed."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """All that is imported and collected stays: whoever looks for garbage need not go through it.

    That takes a third of the time of collecting, and later a seventh of a page's; with each time
    that it is done less often, there is less of it.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(SELDOM)
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is long, unless all tests are wanted."""
    if os.environ.get("GATESCOPE_THOROUGH"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    """Every test draws the same weights, and leaves the global random state alone."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.fixture(autouse=True)
def _same_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is tested takes the place of the main module, which new processes would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session")
def run_alone() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program in a Python of its own, some libraries not being there."""

    def run(
        code: str, blocked: Iterable[str] = (), *, folder: Path | None = None, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        code = BLOCKED.format(blocked=sorted(blocked)) + code
        words = [more.pop("python", sys.executable), "-c", code]
        return subprocess.run(
            words, capture_output=True, text=True, check=False, cwd=folder, **more
        )

    return run


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real Chromium; its absence skips the tests here, and fails them in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        missing = "there is no chromium on the path"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()
