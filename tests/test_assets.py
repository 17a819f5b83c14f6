"""``make assets`` makes all that is shipped: every script runs there, and every result has one."""

import importlib.util
import re
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from gatescope.experiments.claims import CLAIMS

ROOT = Path(__file__).parents[1]
ASSETS = ROOT / "assets"
SCRIPTS = sorted(path.stem for path in ASSETS.glob("make_*.py"))

BY_HAND = {"data", "deploy", "docs", "notebooks"}
"""What others measured and wrote, and what people write."""

BY_BENCH = {"benchmarks"}
"""What `make bench` writes."""


@cache
def script(name: str) -> ModuleType:
    """A script, imported and not run."""
    spec = importlib.util.spec_from_file_location(name, ASSETS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made() -> dict[str, set[str]]:
    """What each folder holds once all scripts have run."""
    runs = script("make_runs").CONFIGS
    techniques = script("make_aid_runs")
    return {
        "runs": set(runs),
        "data_runs": {*script("make_data_runs").CONFIGS, script("make_bag_of_words").PATH.name},
        "aid_runs": {*techniques.AIDS, techniques.LOSSES.name},
        "architecture_runs": set(techniques.ARCHITECTURES),
        "memory": {f"{name}.json" for name in runs},
        "claims": {f"{name}.json" for name in CLAIMS},
        "retention": {"experiment.json", "retention.csv"},
        "bench": {"comparison.json", "curves.csv", "runs.csv", "summary.csv"},
        "tutorial": {"runs.csv", "times.csv", "untrained.csv"},
        "writing": {"measures.json"},
        "lessons": {"rates.csv", "smallest.csv"},
        "readme": {"app.png", "figures.png", "gates.svg", "start.gif"},
    }


def test_every_script_is_run() -> None:
    """Once, by `make assets`."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert len(SCRIPTS) >= 11
    assert sorted(re.findall(r"assets/(make_\w+)\.py", makefile)) == SCRIPTS


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_can_be_imported(name: str) -> None:
    """What it needs is there."""
    assert script(name).__doc__


def test_every_file_is_made_by_a_script() -> None:
    """No more lies there, and no less."""
    folders = {path.name for path in ASSETS.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == {*made(), *BY_HAND, *BY_BENCH}
    for folder, names in made().items():
        assert {path.name for path in (ASSETS / folder).iterdir()} == names, folder


def test_all_that_is_shipped_is_small() -> None:
    """A clone and a wheel stay so: 16 MB in all, of which the networks that write take 6."""
    files = [
        path for path in ASSETS.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    assert sum(path.stat().st_size for path in files) < 16e6
    writing = [path for path in files if path.parent.name.startswith("characters-")]
    assert 0 < sum(path.stat().st_size for path in writing) < 6.2e6
