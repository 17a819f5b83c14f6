"""Who may import whom: the layers of the project, held by reading every import statement."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE, APP = ROOT / "core" / "gatescope", ROOT / "viz_app"
COMPUTING = {"cells", "extras", "models", "recording", "tasks", "analysis", "training"}

MAY: dict[str, set[str]] = {
    "gatescope.version": set(),
    "gatescope.files": set(),
    "gatescope.errors": set(),
    "gatescope.extras": set(),
    "gatescope.cells": {"gatescope.cells"},
    "gatescope.tasks": {"gatescope.tasks", "gatescope.extras"},
    "gatescope.models": {"gatescope.cells"},
    "gatescope.recording": {
        f"gatescope.{n}" for n in ("recording", "cells", "errors", "files", "version")
    },
    "gatescope.intervention": {
        f"gatescope.{n}" for n in ("intervention", "recording", "cells")
    },
    "gatescope.analysis": {f"gatescope.{n}" for n in ("analysis", "recording", "cells", "extras")},
    "gatescope.reading": {"gatescope.reading", "gatescope.errors"},
    "gatescope.apart": {f"gatescope.{n}" for n in ("apart", "reading", "recording")},
    "gatescope.training": {f"gatescope.{name}" for name in (*COMPUTING, "files", "version")},
    "gatescope.writing": {f"gatescope.{name}" for name in (*COMPUTING, "writing")},
    "gatescope.experiments": {
        f"gatescope.{name}" for name in (*COMPUTING, "experiments", "files", "version")
    },
    "gatescope.jobs": {
        f"gatescope.{name}" for name in (*COMPUTING, "experiments", "jobs", "files", "version")
    },
    "viz_app.charts": {"viz_app.charts"},
    "viz_app.text": {"viz_app.text"},
    "viz_app.figures": {
        "viz_app.figures", "viz_app.charts", "viz_app.text", "gatescope.files", "viz_app.drawing"
    },
    "viz_app.layout": {"viz_app.layout", "viz_app.figures", "viz_app.charts", "viz_app.drawing"},
    "viz_app.views": {
        "gatescope", "viz_app.views", "viz_app.charts", "viz_app.text", "viz_app.figures",
        "viz_app.layout", "viz_app.environment", "viz_app.kit", "viz_app.features",
        "viz_app.sharing",
    },
    "viz_app.app_pages": {
        "gatescope", "viz_app.app_pages", "viz_app.views", "viz_app.text", "viz_app.figures",
        "viz_app.layout", "viz_app.environment", "viz_app.serving", "viz_app.sharing",
        "viz_app.packed", "viz_app.kit", "viz_app.features",
    },
    "viz_app.kit": {
        "gatescope", "viz_app.kit", "viz_app.views", "viz_app.charts", "viz_app.figures",
        "viz_app.text", "viz_app.packed", "viz_app.sharing", "viz_app.app_pages",
        "viz_app.layout",
    },
    "viz_app.features": {
        "gatescope", "viz_app.features", "viz_app.kit", "viz_app.views", "viz_app.charts",
        "viz_app.text", "viz_app.packed", "viz_app.figures",
    },
    "viz_app.drawing": set(),
    "viz_app.sizes": set(),
    "viz_app.packed": set(),
    "viz_app.sharing": {"viz_app.packed", "viz_app.sizes"},
    "viz_app.idle": {
        "viz_app.app_pages", "viz_app.visits", "viz_app.drawing", "viz_app.features",
        "viz_app.kit",
    },
    "viz_app.visits": {"viz_app.app_pages", "viz_app.views"},
    "viz_app.terminal": {"viz_app.text"},
    "viz_app.practice": {"gatescope", "viz_app.text", "viz_app.terminal", "viz_app.bars"},
    "viz_app.sweeps": {"gatescope", "viz_app.text", "viz_app.bars"},
    "viz_app.retaining": {
        "gatescope", "viz_app.views", "viz_app.text", "viz_app.figures", "viz_app.sweeps",
        "viz_app.terminal",
    },
    "viz_app.setting": {
        "gatescope", "viz_app.views", "viz_app.text", "viz_app.figures", "viz_app.layout",
        "viz_app.terminal", "viz_app.kit", "viz_app.features",
    },
    "viz_app.bars": {"gatescope", "viz_app.text"},
    "viz_app.claiming": {
        "gatescope", "viz_app.views", "viz_app.text", "viz_app.figures", "viz_app.sweeps"
    },
    "viz_app.comparing": {
        "gatescope", "viz_app.views", "viz_app.text", "viz_app.figures", "viz_app.sweeps",
        "viz_app.terminal",
    },
    "viz_app.environment": {"viz_app.text"},
    "viz_app.serve": {
        "gatescope", "viz_app.text", "viz_app.environment", "viz_app.serving"
    },
    "viz_app.serving": {
        "viz_app.serving", "viz_app.serve", "viz_app.text", "viz_app.environment",
        "viz_app.app_pages", "viz_app.idle",
    },
    "viz_app.recording": {
        "gatescope", "viz_app.views", "viz_app.kit", "viz_app.text", "viz_app.terminal"
    },
    "viz_app.cli_figure": {
        "gatescope", "viz_app.views", "viz_app.text", "viz_app.figures", "viz_app.terminal",
        "viz_app.setting",
    },
    "viz_app.cli": {
        "gatescope", "viz_app.cli", "viz_app.cli_figure", "viz_app.environment",
        "viz_app.recording",
        "viz_app.views", "viz_app.text", "viz_app.figures",
        "viz_app.terminal", "viz_app.practice", "viz_app.serve", "viz_app.sweeps",
        "viz_app.retaining",
        "viz_app.setting",
        "viz_app.claiming", "viz_app.comparing",
    },
}  # fmt: skip
"""What of ours each part may import: modules, and packages with all that is in them."""

OURS = ("gatescope", "viz_app", "core", "tests")
CHART_LIBRARIES = {"altair", "pandas", "numpy"}
NOT_IN_CORE = {"altair", "streamlit", "viz_app", "vl_convert", "typer", "rich"}


def module_name(path: Path) -> str:
    """``gatescope.cells.lstm`` for a file's path."""
    base = CORE.parent if path.is_relative_to(CORE) else APP.parent
    parts = path.relative_to(base).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Every imported module, also inside functions and under ``TYPE_CHECKING``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            package = node.module or ""
            # `from viz_app import charts` imports viz_app.charts
            found |= (
                {f"{package}.{alias.name}" for alias in node.names}
                if package in ("viz_app", "gatescope")
                else {package}
            )
    return found


def within(name: str, packages: set[str]) -> bool:
    """Whether a module is one of the packages, or inside one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def rule(name: str) -> set[str] | None:
    """What the module may import of ours; None where no rule speaks of it."""
    part = ".".join(name.split(".")[:2])
    return MAY.get(part)


FILES = sorted([*CORE.rglob("*.py"), *APP.rglob("*.py")])


@pytest.mark.parametrize("path", FILES, ids=[module_name(path) for path in FILES])
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    """Against the table; the package's own front and the app's entry see everything of theirs."""
    name = module_name(path)
    seen = imports(path)
    if name.startswith("gatescope"):
        assert not {other.split(".")[0] for other in seen} & NOT_IN_CORE
    if name.startswith("viz_app.charts"):
        assert not {other.split(".")[0] for other in seen} & {"torch", "streamlit", "xarray"}
    allowed = rule(name)
    if allowed is None:
        assert name in ("gatescope", "viz_app", "viz_app.app"), f"{name} has no rule: give it a row"
        return
    for other in seen:
        if other.split(".")[0] in OURS:
            assert within(other, allowed), f"{name} imports {other}"


@pytest.mark.parametrize(
    ("name", "other", "fine"),
    [
        ("gatescope.cells.lstm", "gatescope.cells.base", True),
        ("gatescope.cells.lstm", "gatescope.models", False),
        ("gatescope.recording.tree", "gatescope.cellsnot", False),
        ("gatescope.tasks.adding", "gatescope.cells", False),
        ("gatescope.analysis.retention", "gatescope.training", False),
        ("viz_app.charts.gates", "gatescope", False),
        ("viz_app.charts.gates", "viz_app.views.gates", False),
        ("viz_app.views.gates", "gatescope.analysis", True),
        ("viz_app.app_pages.gates", "viz_app.charts.gates", False),
        ("viz_app.cli", "viz_app.views.gates", True),
    ],
)
def test_the_rules_can_fail(name: str, other: str, fine: bool) -> None:
    """The table says no where it should."""
    allowed = rule(name)
    assert allowed is not None
    assert within(other, allowed) is fine


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import altair as alt", {"altair"}),
        ("from viz_app import charts, views", {"viz_app.charts", "viz_app.views"}),
        ("def f():\n    from gatescope.training import train", {"gatescope.training"}),
        ("if TYPE_CHECKING:\n    import streamlit", {"streamlit"}),
        ("try:\n    import a.b\nexcept ImportError:\n    pass", {"a.b"}),
    ],
)
def test_no_import_hides(tmp_path: Path, source: str, expected: set[str]) -> None:
    """Inside functions, conditions and aliases."""
    path = tmp_path / "module.py"
    path.write_text(source)
    assert imports(path) == expected


def test_every_file_is_seen() -> None:
    """The walk finds both packages."""
    names = {module_name(path) for path in FILES}
    assert {"gatescope", "gatescope.cells.lstm", "gatescope.training.loop", "viz_app"} <= names
