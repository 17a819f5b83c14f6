"""``gatescope retention`` and ``gatescope runs``: really run, resumed, interrupted, refused."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr
from typer.testing import CliRunner, Result

from gatescope.experiments import RetentionConfig, RunStore
from viz_app.commands._terminal import spread
from viz_app.commands.main import app

COMMAND = Path(sys.executable).parent / "gatescope"
TINY = "--cells rnn lstm:chrono --delays 2 3 --seeds 0 1 --hidden-size 4 --steps 6"


def ran(line: str) -> Result:
    """What a command line does."""
    return CliRunner().invoke(app, shlex.split(line))


def test_the_experiment_its_files_and_the_same_line_again(tmp_path: Path) -> None:
    """Table, netCDF and figures; the second time nothing is trained and all is the same."""
    out = tmp_path / "out"
    first = ran(f"retention {TINY} --out {out}")
    assert (first.exit_code, first.stderr) == (0, "")
    assert "8 of 8 runs (0 from before)" in first.stdout
    assert {path.name for path in out.iterdir()} == {
        "experiment.json", "retention.csv", "retention.nc", "retention.svg", "retention.png", "runs"
    }  # fmt: skip
    table = pd.read_csv(out / "retention.csv")
    assert set(table.variant) == {"rnn", "lstm:chrono"}
    assert len(table) == 8
    with xr.open_dataset(out / "retention.nc", engine="h5netcdf") as cube:
        assert dict(cube.sizes) == {"variant": 2, "delay": 2, "seed": 2}
    before = (out / "retention.csv").read_bytes(), (out / "retention.svg").read_bytes()
    again = ran(f"retention {TINY} --out {out}")
    assert "8 of 8 runs (8 from before)" in again.stdout
    assert "0 of 8" not in again.stdout
    assert ((out / "retention.csv").read_bytes(), (out / "retention.svg").read_bytes()) == before

    listed = ran(f"runs {out}/runs").stdout.splitlines()
    assert len(listed) == 8
    name = listed[0].split()[0]
    assert ran(f"runs {out}/runs --remove {name}").exit_code == 0
    assert len(ran(f"runs {out}/runs").stdout.splitlines()) == 7
    (out / "runs" / listed[1].split()[0] / "config.json").write_text("{}")
    assert "cannot be read" in ran(f"runs {out}/runs").stdout
    mended = ran(f"retention {TINY} --out {out}")
    assert "8 of 8 runs (6 from before)" in mended.stdout
    pd.testing.assert_frame_equal(
        pd.read_csv(out / "retention.csv").drop(columns="seconds"), table.drop(columns="seconds")
    )


def test_ctrl_c_keeps_what_is_done(tmp_path: Path) -> None:
    """One line, status 2, no process left; what was finished is in the store."""
    line = f"retention --cells rnn --delays 2 50 --seeds 0 --steps 1000000 --out {tmp_path}"
    line += " --hidden-size 4"  # the short one is solved, the long one would take an hour
    with subprocess.Popen(
        [COMMAND, *shlex.split(line)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            store = RunStore(tmp_path / "runs")
            config = RetentionConfig.of(
                variants=("rnn",), delays=(2,), seeds=(0,), hidden_size=4, max_steps=1_000_000
            ).config("rnn", 2, 0)
            end = time.monotonic() + 90
            while store.get(config) is None and time.monotonic() < end:
                time.sleep(0.2)
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
            _, told = process.communicate(timeout=60)
        finally:
            process.kill()  # where it has not ended, the test would wait for it
    assert process.returncode == 2
    assert told.strip().splitlines()[-1].startswith("gatescope: stopped; finished runs are in")
    assert store.get(config) is not None


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("retention", "--out"),
        ("retention --cells elman --out {here}/x", "'elman'"),
        ("retention --cells rnn:chrono --out {here}/x", "'rnn'"),
        ("retention --delays 5 x --out {here}/x", "'5 x'"),
        ("retention --delays 0 --out {here}/x", "got 0"),
        ("retention --task digits --out {here}/x", "'digits'"),
        ("retention --clip 1 --no-clip --out {here}/x", "--no-clip"),
        ("retention --workers 0 --out {here}/x", "0"),
        ("retention --scheduler here --out {here}/x", "tcp://host:8786, got 'here'"),
        ("retention --scheduler tcp://127.0.0.1:1 --out {here}/x", "at tcp://127.0.0.1:1 (Connect"),
        ("retention --scheduler tcp://127.0.0.1:1 --workers 2 --out {here}/x", "--workers"),
        ("retention --match size --out {here}/x", "'size'"),
        ("runs {here}/nothing", "nothing"),
        ("runs {here} --remove bogus", "'bogus'"),
    ],
)
def test_what_cannot_be_done_is_one_line(tmp_path: Path, line: str, named: str) -> None:
    """Status 2, the value by name, and nothing is made."""
    result = ran(line.format(here=tmp_path))
    assert result.exit_code == 2
    assert result.stderr.startswith("gatescope: ")
    assert len(result.stderr.splitlines()) == 1
    assert named in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--cells rnn lstm --out x", "--cells rnn --cells lstm --out x"),
        ("--delays 5 10 --seeds 0", "--delays 5 --delays 10 --seeds 0"),
        ("--delays -5 10", "--delays -5 --delays 10"),
        ("--cells rnn --cells lstm", "--cells rnn --cells lstm"),
        ("--out x y", "--out x y"),
    ],
)
def test_several_values_follow_one_option(words: str, expected: str) -> None:
    """As people write them."""
    assert spread(words.split()) == expected.split()
