"""``gatescope compare``: really run, resumed, interrupted, refused."""

import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from gatescope.experiments import RunStore
from gatescope.experiments.comparison import ComparisonConfig, load_comparison
from viz_app.commands.compare import experiment_of
from viz_app.commands.main import app
from viz_app.features.benchmark import setting as bench_setting

COMMAND = Path(sys.executable).parent / "gatescope"
TINY = "--task parity --length 4 --cells rnn gru+lstm --seeds 0 1 --hidden-size 3 --steps 4"


def ran(line: str) -> Result:
    """What a command line does."""
    return CliRunner().invoke(app, shlex.split(line))


def test_the_comparison_its_files_and_the_same_line_again(tmp_path: Path) -> None:
    """Tables, settings and figures; the second time nothing is trained and all is the same."""
    out = tmp_path / "out"
    first = ran(f"compare {TINY} --rates rnn=0.001 --out {out}")
    assert (first.exit_code, first.stderr) == (0, "")
    assert "4 of 4 runs (0 from before)" in first.stdout
    assert "GRU + LSTM" in first.stdout
    assert {path.name for path in out.iterdir()} == {
        "comparison.json", "runs.csv", "curves.csv", "summary.csv", "table.md", "table.tex",
        "curves.svg", "curves.png", "measured.json", "runs",
    }  # fmt: skip
    assert len(pd.read_csv(out / "runs.csv")) == 4
    assert json.loads((out / "comparison.json").read_text())["experiment"]["cells"] == [
        "rnn", "gru+lstm"
    ]  # fmt: skip
    assert load_comparison(out).config.learning_rates == {"rnn": 0.001}
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    again = ran(f"compare {TINY} --rates rnn=0.001 --out {out}")
    assert "4 of 4 runs (4 from before)" in again.stdout
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == before


@pytest.mark.long  # `gatescope retention` is interrupted in the same place
def test_ctrl_c_keeps_what_is_done(tmp_path: Path) -> None:
    """One line, status 2; what was finished is in the store, and the same line takes it up."""
    seeds = range(30)  # while the first is looked for, the others are far from done
    line = f"compare --task parity --length 3 --cells rnn mgu --hidden-size 2 --match units \
--seeds {' '.join(map(str, seeds))} --steps 200 --workers 1 --out {tmp_path}"
    configs = ComparisonConfig.of(
        task="parity", task_options={"length": 3}, cells=("rnn", "mgu"), seeds=tuple(seeds),
        hidden_size=2, match="units", max_steps=200,
    ).configs()  # fmt: skip
    with subprocess.Popen(
        [COMMAND, *shlex.split(line)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        store = RunStore(tmp_path / "runs")
        end = time.monotonic() + 150
        while store.get(configs["rnn", 0]) is None and time.monotonic() < end:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert told.strip().splitlines()[-1].startswith("gatescope: stopped; finished runs are in")
    assert store.get(configs["rnn", 0]) is not None
    assert not (tmp_path / "runs.csv").exists()


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("compare", "--out"),
        ("compare --cells elman --out {here}/x", "'elman'"),
        ("compare --cells gru+elman --out {here}/x", "'elman'"),
        ("compare --cells rnn:chrono --out {here}/x", "'rnn'"),
        ("compare --task beauty --out {here}/x", "'beauty'"),
        ("compare --task digits --length 5 --out {here}/x", "length"),
        ("compare --clip 1 --no-clip --out {here}/x", "--no-clip"),
        ("compare --aim-score 1 --aim-loss 1 --out {here}/x", "--aim-loss"),
        ("compare --aim-score 2 --out {here}/x", "2.0"),
        ("compare --rates rnn --out {here}/x", "'rnn'"),
        ("compare --rates min_gru=1 --out {here}/x", "'min_gru'"),
        ("compare --match size --out {here}/x", "'size'"),
        ("compare --workers 0 --out {here}/x", "0"),
        ("compare --steps 0 --out {here}/x", "got 0"),
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
    "config",
    [
        ComparisonConfig(),
        ComparisonConfig.of(
            task="forecast", task_options={"series": "weather", "window": 12, "horizon": 3},
            cells=("rnn", "gru+lstm", "lstm:chrono"), seeds=(4, 5), match="both",
            max_grad_norm=None, bidirectional=True, learning_rates={"rnn": 1e-3}, aim_of="loss",
            aim=0.4, hidden_size=9, evaluate_every=20,
        ),
    ],
)  # fmt: skip
def test_the_line_of_a_comparison_is_that_comparison(
    config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a page offers to type gives the very settings."""
    found: list[ComparisonConfig] = []
    monkeypatch.setattr(
        "viz_app.commands.compare.run", lambda given: found.append(experiment_of(given))
    )
    result = ran(bench_setting.command(config).removeprefix("gatescope "))
    assert result.exit_code == 0, result.output
    assert found == [config]
