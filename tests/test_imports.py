"""Who may import whom: the layers of the project, held by reading every import statement."""

import ast
import re
from pathlib import Path

import pytest

from viz_app.features import __all__ as VIEWS

ROOT = Path(__file__).parents[1]
CORE, APP = ROOT / "core" / "gatescope", ROOT / "viz_app"
COMPUTING = {
    "cells", "earlier", "errors", "extras", "models", "recording", "settings", "tasks", "analysis",
    "training",
}  # fmt: skip

MAY: dict[str, set[str]] = {
    "gatescope.version": set(),
    "gatescope.files": set(),
    "gatescope.errors": set(),
    "gatescope.extras": {"gatescope.errors"},
    "gatescope.earlier": {"gatescope.errors"},
    "gatescope.settings": {"gatescope.earlier", "gatescope.errors"},
    "gatescope.cells": {"gatescope.cells", "gatescope.errors"},
    "gatescope.tasks": {
        f"gatescope.{name}" for name in ("tasks", "errors", "extras", "files", "settings")
    },
    "gatescope.models": {"gatescope.cells", "gatescope.errors"},
    "gatescope.recording": {
        f"gatescope.{n}" for n in ("recording", "cells", "earlier", "errors", "files", "version")
    },
    "gatescope.intervention": {
        f"gatescope.{n}" for n in ("intervention", "recording", "cells", "errors")
    },
    "gatescope.analysis": {
        f"gatescope.{n}" for n in ("analysis", "recording", "cells", "earlier", "extras")
    },
    "gatescope.loading": {"gatescope.loading", "gatescope.errors"},
    "gatescope.apart": {f"gatescope.{n}" for n in ("apart", "loading", "recording", "errors")},
    "gatescope.training": {f"gatescope.{name}" for name in (*COMPUTING, "files", "version")},
    "gatescope.writing": {f"gatescope.{name}" for name in (*COMPUTING, "writing")},
    "gatescope.experiments": {
        f"gatescope.{name}" for name in (*COMPUTING, "experiments", "files", "version")
    },
    "gatescope.jobs": {
        f"gatescope.{name}" for name in (*COMPUTING, "experiments", "jobs", "files", "version")
    },
    "viz_app.text": {"viz_app.text"},
    "viz_app.pages": set(),
    "viz_app.serve": {"gatescope", "viz_app.text", "viz_app.kit.environment", "viz_app.serving"},
    "viz_app.serving": {
        "viz_app.serving", "viz_app.text", "viz_app.kit", "viz_app.features", "viz_app.pages",
    },
    "viz_app.__main__": {"viz_app.commands", "gatescope.extras"},
    "viz_app.commands": {
        "gatescope", "viz_app.commands", "viz_app.features", "viz_app.kit", "viz_app.serve",
        "viz_app.text",
    },
    "viz_app.kit": {"gatescope", "viz_app.kit", "viz_app.text"},
    "viz_app.kit.chart": {"viz_app.kit.chart"},
    "viz_app.kit.page": {
        "gatescope", "viz_app.kit", "viz_app.pages", "viz_app.serving", "viz_app.text",
    },
    "viz_app.features": {"viz_app.features", "viz_app.kit", "viz_app.text"},
}  # fmt: skip
"""What of ours each part may import: modules, and packages with all that is in them."""

BESIDE: dict[str, set[str]] = {
    "architectures": {"gates.data", "gates.input_data", "gradient_flow.data"},
    "benchmark": {"train.training_progress"},
    "classroom": {
        "intervene.words",
        "lessons.facts",
        "lessons.lesson",
        "mystery.served",
        "mystery.words",
        "retention.words",
    },
    "compare": {"benchmark.block", "gates.data", "gates.words"},
    "forecasting": {"gates.data", "gates.words", "train.training_progress"},
    "glossary": {"lessons.lesson"},
    "intervene": {"gates.data"},
    "lessons": {
        "gradient_flow.data",
        "forecasting.words",
        "intervene.compared",
        "start.chart_scene",
        "start.scene",
        "step_through.chart_layout",
        "tasks.chart_lanes",
    },
    "mystery": {"gates.data", "gates.words"},
    "retention": {"train.training_progress"},
    "sentiment": {"gates.data", "gates.words", "train.training_progress"},
    "step_through": {"gates.data", "gates.view"},
    "techniques": {"compare.words", "gradient_flow.data"},
    "text": {"gates.data", "gates.words"},
    "train": {
        "gates.data",
        "gates.play",
        "gates.view",
        "gates.words",
        "gradient_flow.while_learning",
    },
    "tutorial": {"claims.data", "techniques.data"},
    "your_model": {"gates.data", "gates.words", "gradient_flow.data"},
}
"""What a room may import of other rooms: never their pages."""

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
            # a name that is imported may be a module
            ours = package.split(".")[0] in OURS
            found |= {f"{package}.{alias.name}" for alias in node.names} if ours else {package}
    return found


def within(name: str, packages: set[str]) -> bool:
    """Whether a module is one of the packages, or inside one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def rule(name: str) -> set[str] | None:
    """What the module may import of ours; None where no rule speaks of it."""
    parts = name.split(".")
    if parts[:2] == ["viz_app", "features"] and len(parts) > 3:
        return rule_of_room(parts[2], parts[3])
    return MAY.get(".".join(parts[:3]), MAY.get(".".join(parts[:2])))


def rule_of_room(room: str, module: str) -> set[str]:
    """Charts know charts alone; what draws or says something knows no page."""
    own = f"viz_app.features.{room}"
    if module.startswith("chart"):
        return {"viz_app.kit.chart", f"{own}.chart", *(f"{own}.{chart}" for chart in charts(room))}
    others = {f"viz_app.features.{other}" for other in BESIDE.get(room, ())}
    index = {f"viz_app.features.{view}" for view in VIEWS}
    return {"gatescope", "viz_app.pages", "viz_app.text", "viz_app.kit", "viz_app.serving", own} | (
        others | index
    )


def charts(room: str) -> list[str]:
    """The chart modules of a room."""
    return [path.stem for path in (APP / "features" / room).glob("chart*.py")]


def speaks_to_streamlit(name: str) -> bool:
    """Whether a module may know a page: what draws a picture or says a sentence does not."""
    parts = name.split(".")
    if parts[1:2] == ["features"]:
        return parts[-1] not in ("view", "words", "data") and not parts[-1].startswith("chart")
    return (
        parts[0] == "viz_app"
        and parts[1:3] not in (["kit"], ["text"])
        and (parts[1:2] != ["kit"] or parts[2:3] == ["page"])
    )


FILES = sorted([*CORE.rglob("*.py"), *APP.rglob("*.py")])


@pytest.mark.parametrize("path", FILES, ids=[module_name(path) for path in FILES])
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    """Against the table; the package's own front and the app's entry see everything of theirs."""
    name = module_name(path)
    seen = imports(path)
    if name.startswith("gatescope"):
        assert not {other.split(".")[0] for other in seen} & NOT_IN_CORE
    if name.startswith("viz_app.kit.chart"):
        assert not {other.split(".")[0] for other in seen} & {"torch", "streamlit", "xarray"}
    allowed = rule(name)
    if allowed is None:
        assert name in ("gatescope", "viz_app", "viz_app.app"), f"{name} has no rule: give it a row"
        return
    for other in seen:
        if other.split(".")[0] in OURS and other != "viz_app.features":
            assert within(other, allowed), f"{name} imports {other}"
        assert not re.match(r"viz_app\.features\.\w+\.page\b", other), "nobody imports a page"
        if within(other, {"viz_app.kit.page", "streamlit"}):
            assert speaks_to_streamlit(name), f"{name} imports {other}"


@pytest.mark.parametrize(
    ("name", "other", "fine"),
    [
        ("gatescope.cells.lstm", "gatescope.cells.base", True),
        ("gatescope.cells.lstm", "gatescope.models", False),
        ("gatescope.recording.tree", "gatescope.cellsnot", False),
        ("gatescope.tasks.adding", "gatescope.cells", False),
        ("gatescope.analysis.retention", "gatescope.training", False),
        ("viz_app.kit.chart.gates", "gatescope", False),
        ("viz_app.kit.chart.gates", "viz_app.kit.units", False),
        ("viz_app.kit.page.choices", "viz_app.features.claims.data", False),
        ("viz_app.features.compare.chart", "viz_app.kit.chart.gates", True),
        ("viz_app.features.compare.chart", "viz_app.features.compare.data", False),
        ("viz_app.features.compare.words", "viz_app.features.claims.words", False),
        ("viz_app.features.gates.view", "gatescope.analysis", True),
        ("viz_app.commands.main", "viz_app.features.gates.view", True),
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
        ("from viz_app import kit, text", {"viz_app.kit", "viz_app.text"}),
        ("def f():\n    from gatescope.training import train", {"gatescope.training.train"}),
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
