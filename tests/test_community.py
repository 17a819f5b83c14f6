"""Files for those who work on the project together name what there really is."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatescope import __version__

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TEMPLATES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").iterdir())


def parsed(path: str) -> Any:
    """A file of the project, as YAML."""
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def test_the_workflow_makes_what_there_is() -> None:
    """Lint, types and tests, by targets of the Makefile, on every Python that is promised."""
    job = parsed(".github/workflows/tests.yml")["jobs"]["tests"]
    commands = [step["run"] for step in job["steps"] if "run" in step]
    made = [command.removeprefix("make ") for command in commands if command.startswith("make ")]
    assert made == ["lint", "types", "test"]
    for target in made:
        assert re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE)
    promised = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert job["strategy"]["matrix"]["python"] == promised
    assert all(f"python{version}" in MAKEFILE for version in promised)
    packages = re.findall(r"--no-install-recommends (.*)", (ROOT / ".ci" / "run").read_text())
    assert [command for command in commands if command.endswith(packages[0])]


def test_pre_commit_runs_programs_of_the_environment() -> None:
    """The checks that `make lint` and `make types` do, nothing fetched."""
    (repository,) = parsed(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    entries = {hook["id"]: hook["entry"].split() for hook in repository["hooks"]}
    assert {entry[0] for entry in entries.values()} == {".venv/bin/ruff", ".venv/bin/mypy"}
    for _, program, *rest in (["", *entry] for entry in entries.values()):
        command = " ".join([program.replace(".venv/bin", "$(BIN)"), *rest[:1]])
        assert re.search(rf"^\t{re.escape(command)}\b", MAKEFILE, flags=re.MULTILINE), command


def test_a_citation_is_of_this_version() -> None:
    """And of this licence."""
    said = parsed("CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= set(said)
    assert (said["version"], said["license"]) == (__version__, PROJECT["license"])


@pytest.mark.parametrize("path", TEMPLATES, ids=[path.stem for path in TEMPLATES])
def test_an_issue_asks_for_what_is_needed(path: Path) -> None:
    """Each field with a name of its own, and all of them to be filled in."""
    form = parsed(str(path.relative_to(ROOT)))
    assert form["name"]
    assert form["description"]
    fields = [part["id"] for part in form["body"]]
    assert len(set(fields)) == len(fields) >= 3
    assert all(part["validations"]["required"] for part in form["body"])


def test_there_are_forms_for_a_bug_and_for_a_number() -> None:
    """No more."""
    assert [path.stem for path in TEMPLATES] == ["bug", "wrong-number"]
