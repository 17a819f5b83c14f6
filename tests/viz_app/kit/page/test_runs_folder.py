"""Runs of one's own beside the prepared ones: good, bad, of another size, or none at all."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from gatescope import Run, TrainConfig, save_run, train
from viz_app.kit import library
from viz_app.pages import script
from viz_app.text import say

pytestmark = pytest.mark.usefixtures("fresh_caches")


def small(**changed: Any) -> Run:
    """A run of two updates."""
    settings = {"task": "adding", "task_options": {"length": 12}, "hidden_size": 4, "max_steps": 2}
    return train(TrainConfig(**(settings | {"batch_size": 4, "evaluate_every": 1} | changed)))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own runs, which the app is told of."""
    monkeypatch.setenv(library.OWN_RUNS, str(tmp_path))
    return tmp_path


def test_a_run_that_cannot_be_read_is_named_and_left_out(
    own: Path, open_app: Callable[..., AppTest]
) -> None:
    """One damaged, one of a newer version, one that is no run; the app goes on with the others."""
    damaged = Path(shutil.copytree(library.PREPARED / "adding-rnn", own / "my-damaged"))
    (damaged / "config.json").write_text("{}")
    newer = Path(shutil.copytree(library.PREPARED / "adding-rnn", own / "my-newer"))
    result = json.loads((newer / "run.json").read_text())
    (newer / "run.json").write_text(json.dumps(result | {"schema": 99}))
    (own / "notes").mkdir()
    for page in ("gates", "gradient_flow"):
        app = open_app(page)
        assert not app.exception
        told = [warning.value for warning in app.warning]
        assert len(told) == 2
        assert "my-damaged" in told[0]
        assert "config.json" in told[0]
        assert "my-newer" in told[1]
        assert "99" in told[1]
        assert app.get("vega_lite_chart")


def test_no_runs_at_all_gives_a_sentence_and_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_app: Callable[..., AppTest]
) -> None:
    """It says how to get some."""
    monkeypatch.setattr(library, "PREPARED", tmp_path / "nothing")
    monkeypatch.delenv(library.OWN_RUNS, raising=False)
    for page in ("gates", "gradient_flow"):
        app = open_app(page)
        assert not app.exception
        (told,) = app.info
        assert "make assets" in told.value
        assert not app.get("vega_lite_chart")


@pytest.mark.parametrize(
    "changed",
    [
        {"num_layers": 2, "bidirectional": True},
        {"cell": "gru", "task": "delayed_recall", "task_options": {}},
        {"cell": "rnn", "task": "temporal_order", "task_options": {"length": 10}},
        {"cell": "lstm_peephole"},
        {"cell": "lstm_coupled", "task_options": {"length": 3}},
        {"cell": "lstm_no_forget"},
    ],
    ids=str,
)
def test_any_run_is_shown_on_every_page(
    own: Path, open_app: Callable[..., AppTest], changed: dict[str, Any]
) -> None:
    """Other cells, layers, directions, tasks and lengths; each layer has its own picture."""
    run = small(**changed)
    save_run(run, own / "mine")
    app = open_app(run="mine")
    assert not app.exception
    assert app.query_params["run"] == "mine"
    layers = ["recurrent/l0"]
    if run.config.num_layers == 2:
        layers += ["recurrent/l1_reverse"]
    specs = set()
    for layer in layers:
        app = open_app(run="mine", layer=layer)
        assert not app.exception
        specs.add(app.get("vega_lite_chart")[0].proto.spec)
        if len(layers) > 1:
            assert app.query_params["layer"] == layer
    assert len(specs) == len(layers)
    app = app.switch_page(script("gradient_flow")).run()
    assert not app.exception
    assert app.get("vega_lite_chart")


def test_ones_own_run_wins_by_name(own: Path, open_app: Callable[..., AppTest]) -> None:
    """Its settings stand on the page, not the prepared one's."""
    save_run(small(task_options={"length": 50}), own / "adding-lstm")
    app = open_app(run="adding-lstm")
    assert any("LSTM, 4 units" in caption.value for caption in app.caption)


def test_a_run_that_failed_is_called_so(own: Path, open_app: Callable[..., AppTest]) -> None:
    """Two updates teach nothing."""
    save_run(small(), own / "mine")
    (told,) = open_app(run="mine").info
    assert "did not learn the task" in told.value
    assert not open_app(run="adding-lstm").info


def test_the_gradient_of_a_bidirectional_run_is_that_of_its_forward_layer(
    own: Path, open_app: Callable[..., AppTest]
) -> None:
    """Backward, the last step is read first, and nothing before it leads to the loss."""
    save_run(small(num_layers=2, bidirectional=True), own / "mine")
    app = open_app("gradient_flow", run="mine")
    assert not app.exception
    found = 0
    for tab in ("flow", "learning", "explode"):
        app.session_state["tab_flow"] = say(f"flow.tab_{tab}")
        app.run()
        tables = [data for chart in app.get("vega_lite_chart") for data in chart.proto.datasets]
        for data in tables:
            rows = pa.ipc.open_stream(data.data.data).read_pandas()
            if {"value", "norm"} & set(rows.columns):
                assert len(rows) % 12 == 0
                assert (rows.filter(items=["value", "norm"]) > 0).all(axis=None)
                assert (rows.filter(items=["zeros"]) == 0).all(axis=None)
                found += 1
    assert found == 6


def test_a_large_run_shows_the_picked_units_traces(
    own: Path, open_app: Callable[..., AppTest]
) -> None:
    """Beyond 13,000 cells one unit's numbers are sent alone: it must be the one that is picked."""
    save_run(small(hidden_size=72, task_options={"length": 190}), own / "mine")
    for unit in ("0", "41"):
        app = open_app(run="mine", unit=unit)
        assert not app.exception
        proto = app.get("vega_lite_chart")[0].proto
        frames = {
            data.name: pa.ipc.open_stream(data.data.data).read_pandas() for data in proto.datasets
        }
        assert "forget_gate_mean" in frames["told"]
        assert set(frames["cells"]["unit"]) == {int(unit)}
