"""The command line: every command really run, every error one line with exit status 2."""

import inspect
import json
import re
import shlex
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import xarray as xr
from typer.main import get_command
from typer.testing import CliRunner, Result

import gatescope
from gatescope import CELLS, DATA_TASKS, TASKS, TrainConfig, load_run, load_trace
from gatescope.experiments import RetentionConfig
from gatescope.experiments.comparison import ComparisonConfig
from gatescope.settings import settings_of
from gatescope.training import SummedLoss
from viz_app.commands.main import app
from viz_app.kit.command_line import as_text
from viz_app.text import say

COMMAND = Path(sys.executable).parent / "gatescope"
SMALL = "--length 12 --hidden-size 4 --layers 2 --steps 6 --evaluate-every 3"


def done(line: str) -> Result:
    """A command line that must succeed without a word on standard error."""
    result = CliRunner().invoke(app, shlex.split(line), catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run, its trace, and its trace without a loss."""
    there = tmp_path_factory.mktemp("cli")
    done(f"train adding {SMALL} --out {there}/run")
    done(f"record {there}/run --out {there}/trace.nc")
    done(f"record {there}/run --no-loss --out {there}/forward.nc")
    return there


def test_help_answers_without_the_slow_imports() -> None:
    """The command line and its version import neither torch nor what draws and serves."""
    slow = "{'torch', 'streamlit', 'altair', 'pandas', 'numpy', 'rich'}"
    code = f"""
import sys
from viz_app.commands.main import app
try:
    app(["--version"])
finally:
    print({slow} & set(sys.modules))
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == f"{gatescope.__version__}\nset()\n"


def test_help_and_version() -> None:
    """Without a command there is help; the version is the package's."""
    assert done("--version").stdout == f"{gatescope.__version__}\n"
    assert done("").stdout == done("--help").stdout
    for name in ("app", "train", "record", "figure"):
        assert f"  {name} " in done("--help").stdout
    told = " ".join(done("train --help").stdout.split())
    assert all(name in told for name in (*TASKS, *DATA_TASKS, *CELLS))


def helps(command: str) -> dict[str, str]:
    """The help of each option and argument of a command, by its name."""
    found = get_command(app).commands[command]  # type: ignore[attr-defined]
    return {part.name: part.help for part in found.params}


def default_in(text: str) -> str | None:
    """What a help says is taken where nothing is said."""
    said = re.search(r"\(default ([^)]+)\)", text)
    return said.group(1) if said else None


CONFIGS = {"train": TrainConfig, "retention": RetentionConfig, "compare": ComparisonConfig}


@pytest.mark.parametrize("command", CONFIGS)
def test_every_setting_is_an_option_and_its_help_tells_the_default(command: str) -> None:
    """What ``--help`` says is what the config does."""
    told, settings = helps(command), settings_of(CONFIGS[command])
    for name, setting in settings.items():
        if name in ("task_options", "aim", "aim_of", "learning_rates") or setting.usual is None:
            continue
        usual = None if setting.usual is False else as_text(setting.usual)
        assert default_in(told[name]) == usual, name


def test_every_option_of_a_task_is_one_of_the_command() -> None:
    """Each says whose it is."""
    told = helps("train")
    for task, made in (TASKS | DATA_TASKS).items():
        for name in {"length", "delay", "symbols", "window", "noise", "variant"} & set(
            inspect.signature(made).parameters
        ):
            assert task in told[name]


def test_train_does_what_the_options_say(tmp_path: Path) -> None:
    """Each option reaches its setting."""
    done(
        "train delayed_recall --delay 3 --symbols 4 --cell gru --hidden-size 3 --layers 2"
        " --bidirectional --dropout 0.1 --init chrono --chrono-max 9 --optimizer sgd"
        " --learning-rate 0.1 --batch-size 5 --steps 4 --no-clip --evaluate-every 2 --seed 7"
        " --stop-accuracy 0.99 --stop-patience 8 --plateau-patience 2 --plateau-factor 0.3"
        f" --forget-bias 2 --out {tmp_path}/a/b"
    )
    found = load_run(tmp_path / "a" / "b")
    assert found.config == TrainConfig(
        task="delayed_recall", task_options={"delay": 3, "symbols": 4}, cell="gru", hidden_size=3,
        num_layers=2, bidirectional=True, dropout=0.1, initialization="chrono", chrono_max=9,
        optimizer="sgd", learning_rate=0.1, batch_size=5, max_steps=4, max_grad_norm=None,
        evaluate_every=2, seed=7, stop_accuracy=0.99, stop_patience=8, plateau_patience=2,
        plateau_factor=0.3, forget_bias=2,
    )  # fmt: skip
    assert found.steps[-1] == 4


def test_train_finds_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --out nothing is replaced; with it an older run is."""
    monkeypatch.chdir(tmp_path)
    short = "train temporal_order --length 10 --hidden-size 2 --steps 1 --batch-size 2"
    for name in ("temporal-order-lstm", "temporal-order-lstm-2"):
        assert f"runs/{name}" in done(short).stdout
        assert load_run(tmp_path / "runs" / name).config.seed == 0
    done(f"{short} --seed 5 --out runs/temporal-order-lstm")
    assert load_run(tmp_path / "runs" / "temporal-order-lstm").config.seed == 5


def test_a_diverged_run_says_so(tmp_path: Path) -> None:
    """It is saved all the same, with a hint."""
    wild = "--optimizer sgd --learning-rate 1e30 --no-clip"
    result = done(f"train adding {SMALL} {wild} --out {tmp_path}/wild")
    assert "--learning-rate" in result.stdout
    assert load_run(tmp_path / "wild").steps[-1] == 3


def test_interrupted_training_is_saved(tmp_path: Path) -> None:
    """Ctrl-C ends the run at its next evaluation."""
    words = shlex.split(f"train adding {SMALL} --steps 200000 --out {tmp_path}/run")
    evaluated = say("cli.progress", step=3, steps=200_000, loss=0, accuracy=0).split(" · ")[0]
    with subprocess.Popen(
        [COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith(evaluated):
                    break
            process.send_signal(signal.SIGINT)
            out, error = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, error) == (0, "")
    found = load_run(tmp_path / "run")
    assert 3 <= found.steps[-1] < 200_000
    assert f"{found.steps[-1]:,} training steps" in out


@pytest.mark.parametrize("step", [None, 0])
@pytest.mark.parametrize("with_loss", [True, False])
def test_record_is_the_recording(
    folder: Path, tmp_path: Path, step: int | None, with_loss: bool
) -> None:
    """The same as in Python, on the run's probe examples."""
    options = ("" if step is None else f"--step {step}") + ("" if with_loss else " --no-loss")
    result = done(f"record {folder}/run {options} --out {tmp_path}/new/trace.nc")
    assert "recurrent/l0, recurrent/l1" in result.stdout
    found, probe = load_run(folder / "run"), load_run(folder / "run").probe()
    loss = SummedLoss(found.task, probe) if with_loss else None
    expected = gatescope.record(found.model(step), probe.inputs, loss)
    trace = load_trace(tmp_path / "new" / "trace.nc")
    xr.testing.assert_equal(trace, expected)
    assert ("grad_cell_state" in trace["recurrent/l0"]) is with_loss


def test_record_takes_a_prepared_run_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever one is."""
    monkeypatch.chdir(tmp_path)
    done("record adding-lstm --no-loss --out trace.nc")
    assert load_trace("trace.nc")["recurrent/l0"].attrs["cell"] == "lstm"


OWN = """
import torch
from beside import features
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm = nn.Embedding(10, features), nn.LSTM(features, 6, 2)

    def forward(self, x):
        return self.lstm(self.embedding(x))[0]


def make():
    torch.manual_seed(3)
    return Tagger(), torch.randint(0, 10, (20, 5)), lambda output: output.square().mean()


def without():
    return make()[:2]
"""


def test_record_takes_a_model_of_ones_own(tmp_path: Path) -> None:
    """A function in a file gives model, inputs and loss; other files beside it are found."""
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "beside.py").write_text("features = 4")
    out = tmp_path / "trace.nc"
    done(f"record --model {tmp_path}/own.py:make --out {out}")
    torch.manual_seed(3)
    names: dict[str, Any] = {}
    exec(OWN.replace("from beside import features", "features = 4"), names)
    expected = gatescope.record(*names["make"]())
    xr.testing.assert_equal(load_trace(out), expected)
    done(f"record --model {tmp_path}/own.py:without --out {out}")
    assert "grad_cell_state" not in load_trace(out)["lstm/l0"]
    chosen = "--signals forget_gate grad_cell_state --layers lstm/l1"
    done(f"record --model {tmp_path}/own.py:make {chosen} --window 5-9 --out {out}")
    trace = load_trace(out)
    assert [leaf.path for leaf in trace.leaves] == ["/lstm/l1"]
    whole = expected["lstm/l1"].to_dataset()[["forget_gate", "grad_cell_state"]]
    xr.testing.assert_allclose(trace["lstm/l1"].to_dataset(), whole.isel(time=slice(5, 10)))
    done(f"record --model {tmp_path}/own.py:make --every 7 --out {out}")
    assert load_trace(out)["lstm/l0"]["time"].values.tolist() == [0, 7, 14]


@pytest.mark.parametrize("kind", ["gates", "gradients"])
@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "html", "json"])
def test_figures_are_what_their_ending_says(
    folder: Path, tmp_path: Path, kind: str, ending: str
) -> None:
    """Text stays text, dark is dark, HTML brings its JavaScript."""
    out = tmp_path / f"figure.{ending}"
    done(f"figure {kind} {folder}/trace.nc --theme dark --out {out}")
    data = out.read_bytes()
    begins = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "html": b"<!DOCTYPE", "json": b"{"}
    assert data.startswith(begins[ending])
    assert ending in ("png", "pdf") or b"#11151c" in data
    assert ending != "svg" or b"</text>" in data
    assert ending != "html" or b"<script" in data


@pytest.mark.parametrize(("kind", "panels"), [("gates", 1), ("gradients", 4)])
def test_width_is_that_of_a_panel(folder: Path, tmp_path: Path, kind: str, panels: int) -> None:
    """A PNG has two pixels a point."""
    found = []
    for width in (200, 250):
        done(f"figure {kind} {folder}/trace.nc --width {width} --out {tmp_path}/{width}.png")
        found.append(struct.unpack(">I", (tmp_path / f"{width}.png").read_bytes()[16:20])[0])
    assert found[1] - found[0] == 2 * panels * 50


def test_gates_figure_shows_what_is_asked_for(folder: Path, tmp_path: Path) -> None:
    """Layer, unit and step; only HTML answers the pointer."""
    line = f"figure gates {folder}/forward.nc --unit 2 --step 5 --example 1"
    for layer in ("l0", "l1"):
        done(f"{line} --node recurrent/{layer} --out {tmp_path}/{layer}.json")
    done(f"{line} --out {tmp_path}/live.html")
    specs = [json.loads((tmp_path / f"{layer}.json").read_text()) for layer in ("l0", "l1")]
    picked = {param["name"]: param["value"] for param in specs[0]["params"]}
    assert picked["pick"] == {"unit": [2], "time": [5]}
    assert specs[0]["datasets"] != specs[1]["datasets"]
    assert '"told"' not in (tmp_path / "l0.json").read_text()
    assert '"told"' in (tmp_path / "live.html").read_text()
