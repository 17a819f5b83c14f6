"""``gatescope claim``: really run at a tiny budget, resumed, interrupted, refused."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from gatescope.experiments.claims import CLAIMS, load_claim
from viz_app.commands import _progress as bars
from viz_app.commands import _sweep as sweeps
from viz_app.commands.main import app


def ran(line: str) -> Result:
    """What a command line does."""
    return CliRunner().invoke(app, shlex.split(line))


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Temporal order at a budget of a few steps, one seed."""
    claim = CLAIMS["temporal_order"]
    settings = {"hidden_size": 4, "max_steps": 4, "evaluate_every": 2, "stop_accuracy": 0.97}
    budget = replace(claim.budget, values=(10,), seeds=(0,), settings=settings)
    claim = replace(claim, budget=budget)
    monkeypatch.setitem(CLAIMS, "temporal_order", claim)
    return claim


def test_a_claim_its_files_and_the_same_line_again(tmp_path: Path, tiny: Any) -> None:
    """Budget, numbers, parts and verdict are said; the second time nothing is trained."""
    line = f"claim temporal_order --out {tmp_path / 'out'} --workers 1"
    first = ran(line)
    assert (first.exit_code, first.stderr) == (0, "")
    assert "2 of 2 runs (0 from before)" in first.stdout
    assert "1 seed each, 4 units each" in first.stdout
    assert "Undecided: 0 of 2 criteria met, 2 undecided (1 seed, so weak evidence)." in first.stdout
    assert "n = 1: too few for an interval" in first.stdout
    assert "at least 5 seeds" in first.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "temporal_order.csv", "temporal_order-curves.csv", "temporal_order.json",
        "temporal_order.svg", "temporal_order.png", "runs",
    }  # fmt: skip
    found = load_claim(tiny, tmp_path / "out" / "temporal_order.json")
    assert (found.done, found.verdict) == (2, "undecided")
    table = pd.read_csv(tmp_path / "out" / "temporal_order.csv")
    assert table.line.tolist() == ["lstm:forget_bias", "lstm:chrono", "lstm:chrono"]
    for accuracy in table.ours[:2]:
        assert f"{accuracy:.0%}" in first.stdout
    again = ran(line)
    assert "2 of 2 runs (2 from before)" in again.stdout
    assert again.stdout.split("\n\n")[1:] == first.stdout.split("\n\n")[1:]


def test_a_claim_without_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No store is made, no time is told."""
    claim = CLAIMS["gradient_decay"]
    settings = {"hidden_size": 3}
    budget = replace(claim.budget, values=(100,), seeds=(0,), settings=settings)
    monkeypatch.setitem(CLAIMS, "gradient_decay", replace(claim, budget=budget))
    result = ran(f"claim gradient_decay --out {tmp_path}")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "left along the cell after 20 steps" in result.stdout
    assert "Training took" not in result.stdout
    assert not (tmp_path / "runs").exists()


def test_ctrl_c_says_where_to_go_on(
    tmp_path: Path, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, status 2."""

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sweeps, "sweep", interrupted)
    result = ran(f"claim temporal_order --out {tmp_path}")
    assert result.exit_code == 2
    assert result.stderr.startswith("gatescope: stopped; finished runs are in")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("claim", ", ".join(CLAIMS)),
        ("claim addng --out {here}/x", "'addng'; available: adding, temporal_order"),
        ("claim adding", "gatescope claim adding --out FOLDER"),
        ("claim adding --out {here}/x --workers 0", "0"),
    ],
)
def test_what_cannot_be_done_is_one_line(tmp_path: Path, line: str, named: str) -> None:
    """Status 2, what there is, and nothing is made."""
    result = ran(line.format(here=tmp_path))
    assert result.exit_code == 2
    assert result.stderr.startswith("gatescope: ")
    assert len(result.stderr.splitlines()) == 1
    assert named in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_help_names_every_claim() -> None:
    """In the order of the table."""
    text = CliRunner().invoke(app, ["claim", "--help"]).stdout
    assert [text.index(key) for key in CLAIMS] == sorted(text.index(key) for key in CLAIMS)


def test_a_bar_tells_a_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no terminal: a line each time something else is to be said."""
    with bars.Bar(3) as bar:
        for text, done in (("one", 1), ("one", 1), ("two", None)):
            bar.show(text, done)
    assert capsys.readouterr().out.splitlines() == ["one", "two"]
