"""``import gatescope`` is enough for all of its parts, and needs none of the optional libraries."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

import gatescope
from gatescope.extras import EXTRA_OF, MissingLibraryError, library
from gatescope.intervention import kinds

ROOT = Path(__file__).parents[1]
CORE = ROOT / "core" / "gatescope"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]

IMPORTED_AS = {
    "pillow": "PIL",
    "scikit-learn": "sklearn",
    "vl-convert-python": "vl_convert",
}
"""Libraries that are imported under another name."""

BLOCKED = """
from importlib.machinery import PathFinder

def find_spec(name, path=None, target=None, find=PathFinder.find_spec):
    return None if name.split(".")[0] in {blocked} else find(name, path, target)

PathFinder.find_spec = find_spec
"""
"""The start of a program to which some libraries are not installed."""


def run_alone(
    code: str, blocked: Iterable[str], folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run a program in a Python of its own, some libraries not being there."""
    code = BLOCKED.format(blocked=sorted(blocked)) + code
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder
    )


def alone(code: str, blocked: Iterable[str] = ()) -> str:
    """What such a program prints."""
    done = run_alone(code, blocked)
    assert done.returncode == 0, done.stderr
    return done.stdout


def names(requirements: list[str]) -> set[str]:
    """The libraries of requirements, by the name under which each is imported."""
    found = {re.split(r"[\s;<>=!~\[]", requirement)[0] for requirement in requirements}
    return {IMPORTED_AS.get(name, name) for name in found - {"gatescope"}}


def test_every_part_is_there_by_name() -> None:
    """Each module and package, in a Python that has imported nothing else."""
    named = {"analysis", "cells", "experiments", "intervention", "jobs", "tasks", "training"}
    assert named < set(gatescope.PARTS)
    code = "import gatescope\nfor name in gatescope.PARTS: print(getattr(gatescope, name).__name__)"
    assert alone(code).split() == [f"gatescope.{name}" for name in gatescope.PARTS]
    assert set(gatescope.PARTS) | set(gatescope.__all__) <= set(dir(gatescope))


def test_parts_that_are_seldom_needed_come_late() -> None:
    """``import gatescope`` imports them as little as the optional libraries."""
    late = ["gatescope.experiments", "gatescope.jobs", "gatescope.apart", "gatescope.writing"]
    code = "import gatescope, sys\nprint(*sys.modules)"
    assert not {*late, *EXTRA_OF} & set(alone(code).split())


def test_what_is_not_there_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="module 'gatescope' has no attribute 'nothing'"):
        _ = gatescope.nothing  # type: ignore[attr-defined]
    assert not hasattr(gatescope, "nothing")


@pytest.mark.parametrize("name", ["Bias", "Clamp", "Scale", "SetState", "ZeroUnit"])
def test_what_intervene_takes_stands_beside_it(name: str) -> None:
    """The same classes."""
    assert name in gatescope.__all__
    assert getattr(gatescope, name) is getattr(kinds, name)


def test_the_extras_bring_what_the_code_names() -> None:
    """Each optional library is in the extra that its absence names; ``all`` has the others."""
    for name, extra in EXTRA_OF.items():
        assert name in names(EXTRAS[extra]), name
    assert names(EXTRAS["app"]) - set(EXTRA_OF) <= {"uvloop"}
    assert not names(PROJECT["dependencies"]) & set(EXTRA_OF)
    assert EXTRAS["all"] == ["gatescope[app,cluster,experiments]"]
    assert "gatescope[experiments]" in EXTRAS["app"]
    assert "gatescope[all]" in EXTRAS["dev"]


def test_no_other_module_of_core_imports_an_optional_library() -> None:
    """`gatescope.extras` alone does, so that what is missing is said in one way."""
    statement = re.compile(rf"^\s*(?:import|from) ({'|'.join(EXTRA_OF)})\b", re.MULTILINE)
    guilty = [path for path in CORE.rglob("*.py") if statement.search(path.read_text("utf-8"))]
    assert not guilty
    asked = re.findall(
        r"library\(\s*\"(\w+)", "".join(path.read_text("utf-8") for path in CORE.rglob("*.py"))
    )
    assert {"scipy", "sklearn", "distributed"} <= set(asked) <= set(EXTRA_OF)


def test_core_records_trains_and_analyses_without_any_of_them(tmp_path: Path) -> None:
    """With what is installed by ``pip install gatescope`` alone: every part, and a whole round."""
    code = f"""
import gatescope, pkgutil, importlib
for module in pkgutil.walk_packages(gatescope.__path__, "gatescope."):
    if module.name != "gatescope.__main__":
        importlib.import_module(module.name)
run = gatescope.train(gatescope.TrainConfig(
    task="adding", task_options={{"length": 10}}, cell="lstm", hidden_size=4, max_steps=3,
))
gatescope.save_run(run, {str(tmp_path / "run")!r})
run = gatescope.load_run({str(tmp_path / "run")!r})
batch = run.probe()
trace = gatescope.record(run.model(), batch.inputs, loss=lambda output: output.sum())
gatescope.save_trace(trace, {str(tmp_path / "trace.nc")!r})
layer = gatescope.load_trace({str(tmp_path / "trace.nc")!r})["recurrent/l0"].to_dataset()
print(gatescope.analysis.half_life(layer["forget_gate"]).shape)
print(gatescope.analysis.saturation(layer["forget_gate"]) is not None)
print(gatescope.analysis.wilson_interval(3, 9).n)
both = gatescope.intervene(run.model(), batch.inputs, gatescope.Clamp("forget_gate", 1.0))
print(float(both.changed["recurrent/l0"]["forget_gate"].min()))
"""
    said = alone(code, {*EXTRA_OF, "pyarrow", "matplotlib", "uvloop", "viz_app"})
    assert said.split("\n") == ["(32, 4)", "True", "9", "1.0", ""]


MISSED = {
    "gatescope.analysis.mean_interval([1.0, 2.0])": "experiments",
    "gatescope.make_task('digits').sample(2, 0)": "experiments",
    "gatescope.jobs.cost.estimate(gatescope.jobs.SingleRun(run=config))": "experiments",
    "gatescope.experiments.cluster_executor('tcp://127.0.0.1:8786')": "cluster",
}
"""What needs an optional library, and the extra that brings it."""


def test_what_is_missing_is_said_in_one_line() -> None:
    """With the extra that brings it."""
    program = f"""
import gatescope, gatescope.jobs.cost
config = gatescope.TrainConfig(task="adding", cell="lstm", max_steps=3)
for code in {list(MISSED)}:
    try:
        eval(code)
    except Exception as error:
        print(error)
"""
    said = alone(program, EXTRA_OF).splitlines()
    assert len(said) == len(MISSED)
    for line, extra in zip(said, MISSED.values(), strict=True):
        assert line.endswith(f'pip install "gatescope[{extra}]"')


@pytest.mark.parametrize(
    ("command", "blocked", "extra"),
    [
        (["--help"], {"typer"}, "app"),
        (["figure", "view", "gates", "adding-lstm", "--out", "gates.svg"], {"altair"}, "app"),
        (["train", "digits", "--out", "run"], {"sklearn"}, "experiments"),
    ],
)
def test_the_command_says_what_it_needs(
    command: list[str], blocked: set[str], extra: str, tmp_path: Path
) -> None:
    """In one line, whatever is missing."""
    words = ["gatescope", *command]
    code = f"import sys\nsys.argv = {words}\nfrom viz_app.__main__ import main\nmain()"
    done = run_alone(code, blocked, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("gatescope: ")
    assert line.endswith(f'pip install "gatescope[{extra}]"')


def test_a_library_that_no_extra_brings_is_missed_as_ever() -> None:
    """And one that is there is imported."""
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        library("no_such_library.part")
    assert library("scipy.stats").__name__ == "scipy.stats"
    assert issubclass(MissingLibraryError, ImportError)
