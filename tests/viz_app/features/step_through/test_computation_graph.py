"""The drawing of any cell: its arrows are the measured wiring, its numbers the recorded ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from gatescope import CELLS, SequenceModel, TrainConfig, record, save_run, train
from gatescope.analysis import wiring as measured
from gatescope.cells import make_cell
from viz_app.features.step_through import computation_graph
from viz_app.kit import library
from viz_app.kit.chart.window import Look
from viz_app.text import name_of

DETAILED = ("rnn", "lstm", "gru")


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_has_a_picture_with_its_numbers(cell: str) -> None:
    """Every signal has a box with its value; every edge an arrow, from left to right."""
    model, x = SequenceModel(cell, 2, 5, 1), torch.randn(9, 3, 2)
    trace = record(model, x)
    view = computation_graph.view(trace, None, 2, 4, 6, cell)
    spec = view.spec(Look())
    lines, _, boxes, _, words = (layer["data"]["values"] for layer in spec["layer"])
    edges = measured(make_cell(cell, 2, 3))
    assert len(lines) == len(edges)
    assert all(line["x"] < line["x2"] for line in lines)
    names = {name for edge in edges for name in edge}
    assert len(boxes) == len(names)
    said = [word["word"] for word in words]
    one = trace["recurrent/l0"].isel(batch=2, unit=4)
    for name in one.data_vars:
        assert name_of("signal", str(name)) in said
        assert f"{float(one[name].isel(time=6)):.3f}".replace("-", "−") in said
    old = f"{float(one['hidden_state'].isel(time=5)):.3f}".replace("-", "−")
    assert old in said
    places = [(box["x"], box["y"]) for box in boxes]
    assert len(set(places)) == len(places)
    assert name_of("signal", "hidden_state") in view.alternative()


def test_before_the_first_step_states_are_zero_and_a_reverse_layer_comes_from_later() -> None:
    """At step 0, and at the last one of the other direction."""
    model, x = SequenceModel("janet", 2, 5, 1, bidirectional=True), torch.randn(9, 1, 2)
    trace = record(model, x)
    assert (
        computation_graph.view(trace, "recurrent/l0", 0, 1, 0).numbers()["hidden_state_before"] == 0
    )
    back = "recurrent/l0_reverse"
    assert computation_graph.view(trace, back, 0, 1, 8).numbers()["hidden_state_before"] == 0
    later = float(trace[back]["hidden_state"].isel(time=5, batch=0, unit=1))
    assert computation_graph.view(trace, back, 0, 1, 4).numbers()["hidden_state_before"] == later


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell not in DETAILED])
def test_a_variant_has_equations_and_a_source(cell: str) -> None:
    """Beside its picture."""
    assert "=" in CELLS[cell].equations
    assert CELLS[cell].source
    assert all(line in CELLS[cell].__doc__ for line in CELLS[cell].equations.splitlines())


def test_the_page_shows_it(
    open_app: Callable[..., AppTest],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    fresh_caches: None,
    page_spec: Any,
) -> None:
    """Unit and step are chosen beside it; the numbers follow."""
    config = TrainConfig(
        task="adding", task_options={"length": 10}, cell="mgu", hidden_size=3, max_steps=1
    )
    run = train(config)
    save_run(run, tmp_path / "mine")
    monkeypatch.setenv(library.OWN_RUNS, str(tmp_path))
    app = open_app("step_through", run="mine", unit="2", step="7", example="1")
    trace = record(run.model(), run.probe().inputs)["recurrent/l0"]
    value = float(trace["reset_gate"].isel(time=7, batch=1, unit=2))
    words = [word["word"] for word in page_spec(app)["layer"][-1]["data"]["values"]]
    assert f"{value:.3f}" in words
    assert any("Zhou" in caption.value for caption in app.caption)
    app.number_input("step").set_value(3).run()
    value = float(trace["reset_gate"].isel(time=3, batch=1, unit=2))
    words = [word["word"] for word in page_spec(app)["layer"][-1]["data"]["values"]]
    assert f"{value:.3f}" in words


def test_an_unknown_cell_is_told() -> None:
    """By name."""
    trace = record(SequenceModel("rnn", 2, 3, 1), torch.randn(4, 1, 2))
    with pytest.raises(ValueError, match="no cell 'bogus'"):
        computation_graph.view(trace, None, 0, 0, 0, "bogus")
    with pytest.raises(ValueError, match="step must be 0 to 3, got 4"):
        computation_graph.view(trace, None, 0, 0, 4)
