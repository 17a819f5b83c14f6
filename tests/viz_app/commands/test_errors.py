"""The command line's errors: one line on standard error that names the bad value, status 2."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import gatescope
from viz_app.commands.main import app

COMMAND = Path(sys.executable).parent / "gatescope"


OWN = """import torch


def make():
    return torch.nn.GRU(2, 3), torch.randn(5, 1, 2)


def nothing():
    pass


def no_loss():
    return (*make(), 1.0)


def idle():
    return torch.nn.Linear(2, 3), torch.randn(5, 2)


def raises():
    return {}["w.pt"]


class Fails(torch.nn.GRU):
    def forward(self, x):
        super().forward(x)
        raise OSError("no such table")


def forward_raises():
    return Fails(2, 3), torch.randn(5, 1, 2)


def loss_raises():
    return (*make(), lambda output: output["score"])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run, traces with and without a loss, and a file that is none of these."""
    there = tmp_path_factory.mktemp("errors")
    config = gatescope.TrainConfig(
        task="adding", task_options={"length": 12}, hidden_size=4, max_steps=1
    )
    run = gatescope.train(config)
    inputs = run.probe().inputs
    gatescope.save_run(run, there / "run")
    gatescope.save_trace(
        gatescope.record(run.model(), inputs, lambda y: y.sum()), there / "trace.nc"
    )
    gatescope.save_trace(gatescope.record(run.model(), inputs), there / "forward.nc")
    (there / "note.txt").write_text("neither")
    (there / "own.py").write_text(OWN)
    (there / "broken.py").write_text("import torch\ndef make(:\n")
    return there


TRAIN = "train adding --out {here}/new "
GATES = "figure gates {folder}/trace.nc --out {here}/x.svg "
ERRORS = {
    "bogus": "'bogus'",
    "--bogus": "--bogus",
    "figure bogus": "'bogus'",
    "train": "TASK",
    "train bogus --out {here}/new": "'bogus'",
    TRAIN + "--cell bogus": "'bogus'",
    TRAIN + "--init bogus": "'bogus'",
    TRAIN + "--cell rnn --init chrono": "'chrono'",
    TRAIN + "--optimizer bogus": "'bogus'",
    TRAIN + "--layers 0": "0",
    TRAIN + "--layers bogus": "'bogus'",
    TRAIN + "--learning-rate nan": "nan",
    TRAIN + "--length 1": "1",
    TRAIN + "--delay 3": "--delay",
    TRAIN + "--clip 2 --no-clip": "--max-grad-norm 2",
    "train digits --length 3 --out {here}/new": "--length",
    "train adding --out {folder}": "{folder} ",
    "train adding --out {folder}/note.txt": "{folder}/note.txt",
    "train adding --out {folder}/note.txt/run": "{folder}/note.txt ",
    "record {folder}/run": "--out",
    "record bogus --out {here}/x.nc": "bogus",
    "record {folder}/note.txt --out {here}/x.nc": "{folder}/note.txt",
    "record --out {here}/x.nc": "--model",
    "record adding-lstm --model {folder}/own.py:make --out {here}/x.nc": "one of the two",
    "record --model {folder}/own.py:make --step 3 --out {here}/x.nc": "--step",
    "record --model bogus --out {here}/x.nc": "'bogus'",
    "record --model {folder}/bogus.py:make --out {here}/x.nc": "{folder}/bogus.py",
    "record --model {folder}/note.txt:make --out {here}/x.nc": "{folder}/note.txt",
    "record --model {folder}/own.py:bogus --out {here}/x.nc": "'bogus'",
    "record --model {folder}/own.py:nothing --out {here}/x.nc": "it returned NoneType",
    "record --model {folder}/own.py:no_loss --out {here}/x.nc": "got float",
    "record --model {folder}/own.py:raises --out {here}/x.nc": "own.py, line 21: KeyError: 'w.pt'",
    "record --model {folder}/own.py:forward_raises --out {here}/x.nc": (
        "own.py, line 27: OSError: no such table"
    ),
    "record --model {folder}/own.py:loss_raises --out {here}/x.nc": "own.py, line 35: TypeError",
    "record --model {folder}/own.py:idle --out {here}/x.nc": "no recurrent layer ran in this",
    "record --model {folder}/broken.py:make --out {here}/x.nc": "broken.py, line 2: SyntaxError",
    "record adding-lstm --signals bogus --out {here}/x.nc": "'bogus'",
    "record adding-lstm --layers bogus --out {here}/x.nc": "'bogus'",
    "record adding-lstm --every 0 --out {here}/x.nc": "0",
    "record adding-lstm --window 9 --out {here}/x.nc": "'9'",
    "record adding-lstm --window 9-10 --every 2 --out {here}/x.nc": "--every",
    "record adding-lstm --window 900-910 --out {here}/x.nc": "none of the 50 time steps",
    "record {folder}/run --step 77 --out {here}/x.nc": "77",
    "record {folder}/run --out {here}": "{here}",
    "record {folder}/run --out {folder}/note.txt/x.nc": "{folder}/note.txt ",
    "figure gates {folder}/bogus.nc --out {here}/x.svg": "bogus.nc",
    "figure gates {folder}/run --out {here}/x.svg": "gatescope figure view gates {folder}/run",
    "figure view gates {folder}/trace.nc --out {here}/x.svg": (
        "gatescope figure gates {folder}/trace.nc"
    ),
    "figure view gates bogus --out {here}/x.svg": "there is no run 'bogus'",
    "figure view compare adding-lstm bogus@5 --out {here}/x.svg": "there is no run 'bogus@5'",
    "figure gates {folder}/note.txt --out {here}/x.svg": "note.txt",
    "figure gates {folder}/trace.nc --out {here}/x.bmp": "x.bmp",
    "figure gates {folder}/trace.nc --out {folder}/note.txt/x.svg": "{folder}/note.txt ",
    "figure gradients {folder}/forward.nc --out {here}/x.svg": "grad",
    GATES + "--node bogus": "'bogus'",
    GATES + "--example 32": "32",
    GATES + "--unit 4": "got 4",
    GATES + "--step -1": "got −1",
    GATES + "--width 1": "1",
    GATES + "--theme bogus": "'bogus'",
    "app --port bogus": "'bogus'",
    "app --port 70000": "70000",
    "app --host 192.0.2.77": "192.0.2.77",
    "app --runs {here}/bogus": "bogus",
}


@pytest.mark.parametrize("line", ERRORS)
def test_an_error_is_one_line(folder: Path, tmp_path: Path, line: str) -> None:
    """It names the bad value, and nothing is written."""
    names = {"folder": folder, "here": tmp_path}
    before = sorted(folder.rglob("*"))
    result = CliRunner().invoke(app, shlex.split(line.format(**names)))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("gatescope: ")
    assert len(result.stderr.splitlines()) == 1
    assert ERRORS[line].format(**names) in result.stderr
    assert not list(tmp_path.iterdir())
    assert sorted(folder.rglob("*")) == before


def test_errors_have_no_traceback_in_a_real_process(tmp_path: Path) -> None:
    """What a shell sees."""
    words = [COMMAND, "record", tmp_path / "bogus", "--out", tmp_path / "x.nc"]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    message = f"gatescope: there is no run at {tmp_path / 'bogus'}: no such folder; give that of "
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.startswith(message)
    assert found.stderr.count("\n") == 1
