"""``import gatescope`` is enough for all of its parts, and needs none of the optional libraries."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import gatescope
from gatescope.extras import EXTRA_OF, MissingLibraryError, library
from gatescope.intervention import kinds

ROOT = Path(__file__).parents[1]
CORE = ROOT / "core" / "gatescope"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]

Alone = Callable[..., subprocess.CompletedProcess[str]]
"""How `conftest.run_alone` is called."""

IMPORTED_AS = {
    "fonttools": "fontTools",
    "pillow": "PIL",
    "protobuf": "google",
    "scikit-learn": "sklearn",
    "vl-convert-python": "vl_convert",
}
"""Libraries that are imported under another name."""

WITH_PYDANTIC = {"annotated_types", "pydantic_core"}
"""Its own parts, of the very version that it needs."""


def names(requirements: list[str]) -> set[str]:
    """The libraries of requirements, by the name under which each is imported."""
    found = {re.split(r"[\s;<>=!~\[]", requirement)[0] for requirement in requirements}
    return {IMPORTED_AS.get(name, name) for name in found - {"gatescope"}}


def test_every_part_is_there_by_name(run_alone: Alone) -> None:
    """Those that few programs need come when they are asked for, as the optional libraries do."""
    late = {"apart", "experiments", "jobs", "loading", "writing"}
    assert late < set(gatescope.PARTS)
    assert set(gatescope.PARTS) | set(gatescope.__all__) <= set(dir(gatescope))
    code = """
import gatescope, sys
print(*sys.modules)
print(*(getattr(gatescope, name).__name__ for name in gatescope.PARTS))
"""
    early, parts = run_alone(code).stdout.splitlines()
    late |= set(EXTRA_OF) - {"pyarrow"}  # pandas takes it where it is there
    assert not late & {name.removeprefix("gatescope.") for name in early.split()}
    assert parts.split() == [f"gatescope.{name}" for name in gatescope.PARTS]


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
    assert names(EXTRAS["app"]) - set(EXTRA_OF) <= {"google", "uvloop"}
    assert not names(PROJECT["dependencies"]) & set(EXTRA_OF)
    assert EXTRAS["all"] == ["gatescope[app,cluster,experiments]"]
    assert "gatescope[experiments]" in EXTRAS["app"]
    assert {"gatescope[all]", "gatescope[docs]"} <= set(EXTRAS["dev"])


def imported(folder: Path) -> set[str]:
    """Libraries that the modules of a folder import, Python's own and ours left out."""
    modules = (ast.parse(path.read_text("utf-8")) for path in folder.rglob("*.py"))
    nodes = [node for module in modules for node in ast.walk(module)]
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    ours = {"gatescope", "viz_app", *(path.stem for path in (folder / "docs").glob("*.py"))}
    return {name.split(".")[0] for name in found} - set(sys.stdlib_module_names) - ours


@pytest.mark.parametrize(
    ("folder", "extras"), [("core", []), ("viz_app", ["app"]), ("assets", ["app", "dev", "docs"])]
)
def test_what_is_imported_is_required(folder: str, extras: list[str]) -> None:
    """By the package itself, not only by another library that happens to bring it."""
    required = names(sum((EXTRAS[extra] for extra in extras), PROJECT["dependencies"]))
    assert imported(ROOT / folder) <= required | WITH_PYDANTIC


def test_no_other_module_of_core_imports_an_optional_library() -> None:
    """`gatescope.extras` alone does, so that what is missing is said in one way."""
    statement = re.compile(rf"^\s*(?:import|from) ({'|'.join(EXTRA_OF)})\b", re.MULTILINE)
    guilty = [path for path in CORE.rglob("*.py") if statement.search(path.read_text("utf-8"))]
    assert not guilty
    asked = re.findall(
        r"library\(\s*\"(\w+)", "".join(path.read_text("utf-8") for path in CORE.rglob("*.py"))
    )
    assert {"scipy", "sklearn", "distributed"} <= set(asked) <= set(EXTRA_OF)


def test_core_records_trains_and_analyses_without_any_of_them(
    run_alone: Alone, tmp_path: Path
) -> None:
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
    done = run_alone(code, {*EXTRA_OF, "pyarrow", "matplotlib", "uvloop", "viz_app"})
    assert done.stdout.split("\n") == ["(32, 4)", "True", "9", "1.0", ""], done.stderr


MISSED = {
    "gatescope.analysis.mean_interval([1.0, 2.0])": "experiments",
    "gatescope.make_task('digits').sample(2, 0)": "experiments",
    "gatescope.jobs.cost.estimate(gatescope.jobs.SingleRun(run=config))": "experiments",
    "gatescope.experiments.cluster_executor('tcp://127.0.0.1:8786')": "cluster",
}
"""What needs an optional library, and the extra that brings it."""


def test_what_is_missing_is_said_in_one_line(run_alone: Alone) -> None:
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
    said = run_alone(program, EXTRA_OF).stdout.splitlines()
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
    command: list[str], blocked: set[str], extra: str, run_alone: Alone, tmp_path: Path
) -> None:
    """In one line, whatever is missing."""
    words = ["gatescope", *command]
    code = f"import sys\nsys.argv = {words}\nfrom viz_app.__main__ import main\nmain()"
    done = run_alone(code, blocked, folder=tmp_path)
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
