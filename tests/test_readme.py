"""What the README and the guide say is true: their Python runs, commands and pictures exist."""

import re
from pathlib import Path
from unittest.mock import patch

import pytest
from typer.main import get_command

import gatescope
from viz_app.commands.main import app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "assets" / "guide.md"]
README = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
MOST_LINES = 150


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_python_in_the_readme_runs(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each block stands alone, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    with patch.dict(gatescope.CELLS):  # a block adds a cell of its own
        exec(compile(BLOCKS[number], f"README block {number}", "exec"), {"__name__": "__main__"})
    promised = re.findall(r'"((?:trace|gates)\.\w+|runs/[\w-]+)"', BLOCKS[number])
    assert promised or "\nassert " in BLOCKS[number]
    assert all((tmp_path / name).exists() for name in promised)


def test_every_picture_in_the_readme_is_there() -> None:
    """Relative links to pictures, and to other pages, lead to files."""
    for page in PAGES:
        prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        links = re.findall(r"\]\(([^)]+)\)", prose)
        assert len(links) >= 2
        assert all((page.parent / link).is_file() for link in links)


def test_the_readme_is_short() -> None:
    """What it is, two commands, three doors, one call, and where the rest is."""
    assert len(PAGES[0].read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_every_command_in_the_readme_exists() -> None:
    """``gatescope`` lines name real commands, and their options are real."""
    lines = re.findall(r"^gatescope ([a-z]+)(.*?)(?:#.*)?$", README, flags=re.MULTILINE)
    assert {name for name, _ in lines} == {
        "app", "train", "retention", "runs", "claim", "record", "figure", "compare"
    }  # fmt: skip
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for name, rest in lines:
        command = commands[name]
        if name == "figure":
            command = command.commands[rest.split()[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known


def test_every_make_target_in_the_readme_exists() -> None:
    """``make something`` is a target of the Makefile."""
    targets = set(re.findall(r"\bmake ([a-z]+)\b", README)) - {"without"}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"app", "test"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
