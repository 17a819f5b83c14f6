"""The wheel, built and installed outside the checkout: all that the app opens, says and shows."""

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gatescope.extras import EXTRA_OF
from viz_app.features import VIEWS
from viz_app.pages import PAGES, TEACHER

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[1]
NOT_SHIPPED = {"benchmarks", "deploy", "docs", "notebooks", "readme"}
"""Folders of ``assets`` that nothing opens."""

ADDRESSES = [address for part in PAGES.values() for address in part]

OPEN = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
import viz_app

for address in sys.argv[1:]:
    app = AppTest.from_file(str(Path(viz_app.__file__).with_name("app.py")), default_timeout=300)
    app._page_hash = calc_hash(address)
    app.run()
    assert not app.exception, (address, app.exception[0])
    assert not app.error, (address, app.error[0].value)
    for part in app.code:
        if part.language == "python":
            exec(compile(part.value, f"snippet of {address}", "exec"), {"__name__": "__main__"})
            print(part.value)
"""
"""Opens pages and runs the Python that each shows."""

DRAW = """
from dataclasses import MISSING, fields
from viz_app.features import VIEWS, view_of

for kind in map(view_of, VIEWS):
    missing = [part for part in fields(kind) if part.default is MISSING]
    exec(compile(kind(*("adding-lstm" for part in missing)).code(), kind.name, "exec"), {})
"""
"""Runs the Python of every view with nothing chosen."""


@dataclass(frozen=True)
class Installed:
    """An environment in which the wheel is, and a folder far from the checkout."""

    wheel: Path
    python: Path
    folder: Path
    run: Callable[..., subprocess.CompletedProcess[str]]

    def does(self, code: str, *words: str, blocked: Any = ()) -> str:
        """What a program prints there, which may not fail."""
        outside = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        named = f"import sys\nsys.argv = {['program', *words]}\n"
        done = self.run(named + code, blocked, folder=self.folder, python=self.python, env=outside)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(
    tmp_path_factory: pytest.TempPathFactory,
    run_alone: Callable[..., subprocess.CompletedProcess[str]],
) -> Installed:
    """The wheel in a fresh environment, which sees the libraries of this one, not the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    made, python = folder / "dist", folder / "venv" / "bin" / "python"
    for words in (
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(made)],
        [sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")],
    ):
        subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = made.iterdir()
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps"]
    subprocess.run([*pip, "--no-index", str(wheel)], check=True, capture_output=True)
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    (folder / "elsewhere").mkdir()
    return Installed(wheel, python, folder / "elsewhere", run_alone)


def files(folder: Path, root: Path) -> set[str]:
    """All files of a folder but what Python made of them, by their path from another."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(root)) for path in found}


def test_all_that_is_shipped_is_inside(installed: Installed) -> None:
    """Every module, every text and every file below assets that the code may open."""
    inside = set(zipfile.ZipFile(installed.wheel).namelist())
    folders = [path for path in (ROOT / "assets").iterdir() if path.is_dir()]
    shipped = [path for path in folders if path.name not in NOT_SHIPPED]
    assets = {f"gatescope/{name}" for folder in shipped for name in files(folder, ROOT)}
    assert len(assets) > 300
    assert assets <= inside
    assert files(ROOT / "viz_app", ROOT) <= inside
    assert files(ROOT / "core" / "gatescope", ROOT / "core") <= inside
    assert {"viz_app/assets/config.toml", "viz_app/assets/nginx.conf"} <= inside


def test_it_is_the_wheel_that_runs(installed: Installed) -> None:
    """Nothing of the checkout is on the path."""
    code = "import gatescope, viz_app; print(gatescope.__file__); print(viz_app.__file__)"
    for place in installed.does(code).split():
        assert Path(place).is_relative_to(installed.folder.parent / "venv")


def test_core_needs_no_library_of_the_app(installed: Installed) -> None:
    """A prepared run is read by its name and recorded, where none is installed."""
    code = """
import gatescope
run = gatescope.load_run("temporal-order-gru")
batch = run.probe()
trace = gatescope.record(run.model(), batch.inputs, loss=lambda output: output.sum())
print(*trace["recurrent/l0"].to_dataset().sizes)
print(gatescope.make_task("characters").sample(1, 0).inputs.shape[1])
"""
    said = installed.does(code, blocked=EXTRA_OF).splitlines()
    assert said == ["time batch unit", "1"]


def test_every_page_opens_and_its_python_runs(installed: Installed) -> None:
    """What a page shows writes the picture that it names."""
    shown = installed.does(OPEN, *ADDRESSES, TEACHER)
    pictures = re.findall(r'"([\w-]+\.svg)"', shown)
    assert len(pictures) > 12
    assert all((installed.folder / name).stat().st_size > 1000 for name in pictures)


def test_the_python_of_every_view_runs(installed: Installed) -> None:
    """With nothing chosen."""
    installed.does(DRAW)
    assert {path.stem for path in installed.folder.glob("*.svg")} >= set(VIEWS)


def test_the_command_runs(installed: Installed) -> None:
    """As a prepared run is named."""
    command = [installed.python.with_name("gatescope"), "record", "adding-gru", "--out", "a.nc"]
    outside = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run(command, cwd=installed.folder, env=outside, check=True, capture_output=True)
    assert (installed.folder / "a.nc").stat().st_size > 10_000
