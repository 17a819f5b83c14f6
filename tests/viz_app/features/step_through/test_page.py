"""The step-through page: what is chosen is shown, kept, and can be taken away."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import streamlit as st
import xarray as xr
from streamlit.testing.v1 import AppTest

from gatescope import TrainConfig, load_run, save_run, train
from viz_app.features.step_through import chart_data as step_data
from viz_app.kit import export, library
from viz_app.kit.page import blocks
from viz_app.kit.sharing import STORE
from viz_app.pages import script

PAGE, GATES = "step_through", "gates"
ROOT = Path(__file__).parents[4]


def spec_of_page(app: AppTest) -> dict[str, Any]:
    """The spec of the only chart."""
    assert not app.exception, [error.value for error in app.exception]
    (chart,) = app.get("vega_lite_chart")
    found: dict[str, Any] = json.loads(chart.proto.spec)
    return found


def picked(app: AppTest) -> tuple[int, int]:
    """The unit and step with which the chart starts."""
    values = {s["name"]: s.get("value") for s in spec_of_page(app)["config"]["signals"]}
    return values["unit"], values["step"]


def cells(app: AppTest) -> Any:
    """The rows that were sent."""
    (chart,) = app.get("vega_lite_chart")
    (data,) = (data for data in chart.proto.datasets if data.name == "cells")
    return pa.ipc.open_stream(data.data.data).read_pandas()


def told(app: AppTest) -> str:
    """All captions and boxes."""
    return "\n".join(part.value for part in [*app.caption, *app.info])


def test_it_opens_where_the_gates_page_does(open_app: Callable[..., AppTest]) -> None:
    """The most telling unit at the first mark, of the same example."""
    gates, step = open_app(), open_app(PAGE)
    address = dict(gates.query_params)
    for name in ("run", "example", "unit", "step"):
        assert step.query_params[name] == address[name]
    assert picked(step) == (int(address["unit"][0]), int(address["step"][0]))


@pytest.mark.parametrize("run", ["adding-lstm", "temporal-order-gru", "digits-rnn"])
def test_the_address_says_what_is_shown(
    open_app: Callable[..., AppTest], recorded: Callable[..., xr.Dataset], run: str
) -> None:
    """Run, example, unit, step and direction; the hidden state sent is the recorded one."""
    app = open_app(PAGE, run=run, example="2", unit="5", step="9", way="backward")
    assert picked(app) == (5, 9)
    assert dict(app.query_params)["way"] in ("backward", ["backward"])
    assert "δ is the derivative" in told(app)
    next(group for group in app.get("button_group") if group.key == "way").set_value(
        "forward"
    ).run()
    assert "way" not in app.query_params
    assert picked(app) == (5, 9)
    rows = cells(app)
    one = recorded(run).isel(batch=2)
    values = one["hidden_state"].values.ravel()
    assert np.abs(rows["hidden_state"] - values).max() < 0.0005 + 1e-6
    assert ("This is PyTorch's GRU" in told(app)) == ("gru" in run)


def test_choices_go_to_the_gates_page_and_back(open_app: Callable[..., AppTest]) -> None:
    """Unit, step, example and checkpoint are shared."""
    app = open_app(PAGE)
    app.number_input(key="example").set_value(3).run()
    app.number_input(key="go_unit").set_value(4)
    app.number_input(key="go_step").set_value(9)
    next(button for button in app.button if button.label == "Go").click().run()
    app.select_slider(key="checkpoint").set_value(0).run()
    assert picked(app) == (4, 9)
    address = dict(app.query_params)
    app.switch_page(script(GATES)).run()
    assert (app.selectbox(key="unit").value, app.number_input(key="step").value) == (4, 9)
    assert app.select_slider(key="checkpoint").value == 0
    app.switch_page(script(PAGE)).run()
    assert picked(app) == (4, 9)
    assert dict(app.query_params) == address
    app.get("button_group")[0].set_value("adding-gru").run()
    assert app.query_params["run"] in ("adding-gru", ["adding-gru"])
    assert "checkpoint" not in app.query_params


def test_a_checkpoint_shows_the_weights_of_that_time(
    open_app: Callable[..., AppTest], recorded: Callable[..., xr.Dataset]
) -> None:
    """Before training the numbers are others."""
    app = open_app(PAGE, run="adding-lstm", example="1", checkpoint="0")
    values = recorded("adding-lstm", 0)["input_gate"].values[:, 1].ravel()
    assert np.abs(cells(app)["input_gate"] - values).max() < 0.0005 + 1e-6


def test_a_large_network_sends_the_picked_unit(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, fresh_caches: None
) -> None:
    """And says why another unit takes a moment."""
    monkeypatch.setattr(step_data, "MOST_NUMBERS", 100)
    app = open_app(PAGE, run="adding-lstm", unit="6")
    assert set(cells(app)["unit"]) == {6}
    assert "another unit takes a moment" in told(app)


@pytest.mark.parametrize("cell", ["lstm_peephole", "lstm"])
def test_own_networks(
    open_app: Callable[..., AppTest],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    fresh_caches: None,
    cell: str,
) -> None:
    """Another cell has its wiring; a reverse layer says that time runs backwards."""
    config = TrainConfig(
        task="adding", task_options={"length": 10}, cell=cell, hidden_size=3,
        bidirectional=True, max_steps=1, batch_size=2,
    )  # fmt: skip
    save_run(train(config), tmp_path / "mine")
    monkeypatch.setenv(library.OWN_RUNS, str(tmp_path))
    app = open_app(PAGE, run="mine", layer="recurrent/l0_reverse")
    if cell == "lstm":
        assert spec_of_page(app)["vconcat"]
        assert "at step t it comes from step t + 1" in told(app)
    else:
        assert not app.exception
        (chart,) = app.get("vega_lite_chart")
        assert "old cell state" in chart.proto.spec
        assert "the picked unit" in told(app)
    st.cache_resource.clear()
    STORE.clear()


@pytest.mark.parametrize("way", ["forward", "backward"])
def test_the_same_in_python_draws_the_download(
    open_app: Callable[..., AppTest],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    """Run, checkpoint, layer, example, unit, step, direction: all are in the lines."""
    offered: list[tuple[Any, Any]] = []
    monkeypatch.setattr(
        blocks, "downloads", lambda name, chart, table: offered.append((chart, table))
    )
    app = open_app(
        PAGE, run="adding-gru", example="3", unit="2", step="30", checkpoint="0", way=way
    )
    assert not app.exception
    ((chart, table),) = offered
    (code,) = app.code
    monkeypatch.chdir(ROOT)
    target = tmp_path / "step.json"
    moved, count = re.subn(r'"step\.svg"', repr(str(target)), code.value)
    assert count == 1
    exec(compile(moved, "snippet", "exec"), {})
    assert target.read_bytes() == export.render(chart(), "json")
    rows = table()
    assert set(rows["unit"]) == {2}
    assert {"time", "update_gate_pre", "kept", "grad_hidden_state_before"} <= set(rows.columns)
    total = rows["kept"] + rows["written"]
    np.testing.assert_allclose(total, rows["hidden_state"], atol=1e-6)


@pytest.mark.parametrize("way", ["forward", "backward"])
@pytest.mark.parametrize("run", ["adding-lstm", "temporal-order-gru", "adding-rnn-one-unit"])
def test_a_frame_is_the_drawing_at_its_training_step(
    open_app: Callable[..., AppTest], run: str, way: str
) -> None:
    """The picked unit's numbers of each checkpoint, and no other unit's; then all is as before."""
    chosen = {"run": run, "unit": "0", "step": "5", "way": way}
    app = open_app(PAGE, **chosen)
    app.button(key="play_training").click().run()
    frames = cells(app)
    assert not app.select_slider  # the clock is the slider
    assert set(frames["unit"]) == {0}
    trained = load_run(library.PREPARED / run).steps
    for number in (0, len(trained) // 2, len(trained) - 1):
        alone = cells(open_app(PAGE, checkpoint=str(trained[number]), **chosen))
        alone = alone[alone["unit"] == 0].reset_index(drop=True)
        frame = frames[frames["frame"] == number].drop(columns="frame").reset_index(drop=True)
        pd.testing.assert_frame_equal(frame[alone.columns], alone)
    app.button(key="end_training").click().run()
    assert picked(app) == (0, 5)
    assert "frame" not in cells(app)


def test_time_steps_play_from_where_it_stood(open_app: Callable[..., AppTest]) -> None:
    """All numbers are there; the clock moves the step, and the page is told of units alone."""
    app = open_app(PAGE, run="adding-lstm", unit="3", step="7")
    app.button(key="play_time").click().run()
    signals = {signal["name"]: signal for signal in spec_of_page(app)["config"]["signals"]}
    assert (signals["frame"]["value"], signals["step"]["value"]) == (7, 7)
    assert signals["step"]["on"][-1] == {"events": {"signal": "frame"}, "update": "frame"}
    assert signals["pick"]["on"][0]["events"] == {"signal": "unit"}
    assert "frame" not in cells(app)
