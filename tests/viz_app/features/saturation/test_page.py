"""The saturation page: its points are the networks' own gates, its words are the points."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
import xarray as xr
from streamlit.testing.v1 import AppTest
from torch import nn

from gatescope import TrainConfig, train
from viz_app.features import Saturation
from viz_app.features.saturation import data as saturation
from viz_app.features.saturation.chart import UnitShares, points_of
from viz_app.kit import export
from viz_app.kit.chart.style import GATE_TABLE
from viz_app.kit.library import Library
from viz_app.kit.page import blocks

PAGE = "saturation"
ROOT = Path(__file__).parents[4]
TITLES = {
    "lstm": ["input gate", "forget gate", "output gate"],
    "gru": ["reset gate", "update gate"],
    "rnn": ["hidden state"],
}


def shown(app: AppTest) -> list[dict[str, Any]]:
    """The specs of the page, in order."""
    assert not app.exception, [error.value for error in app.exception]
    return [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]


def rows(app: AppTest, chart: int, column: str) -> pd.DataFrame:
    """The rows of a chart's data set that has that column."""
    frames = [
        pa.ipc.open_stream(data.data.data).read_pandas()
        for data in app.get("vega_lite_chart")[chart].proto.datasets
    ]
    (found,) = (frame for frame in frames if column in frame)
    return found


def by_hand(library: Library, name: str, step: int | None = None) -> dict[str, np.ndarray]:
    """Gates by torch's own equations, (time, batch, unit): no code of ours but the weights."""
    run = library.runs[name]
    layer, inputs = run.model(step).recurrent, run.probe().inputs
    assert isinstance(layer, nn.RNNBase)
    h = c = torch.zeros(inputs.shape[1], layer.hidden_size)
    found: dict[str, list[torch.Tensor]] = {}
    with torch.no_grad():
        for x in inputs:
            a = x @ layer.weight_ih_l0.T + layer.bias_ih_l0
            b = h @ layer.weight_hh_l0.T + layer.bias_hh_l0
            if isinstance(layer, nn.LSTM):
                i, f, g, o = (a + b).chunk(4, -1)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
                gates = {"input gate": i, "forget gate": f, "output gate": o}
            elif isinstance(layer, nn.GRU):
                (r, z, n), (hr, hz, hn) = a.chunk(3, -1), b.chunk(3, -1)
                r, z = r + hr, z + hz
                h = (1 - z.sigmoid()) * (n + r.sigmoid() * hn).tanh() + z.sigmoid() * h
                gates = {"reset gate": r, "update gate": z}
            else:
                h = (a + b).tanh()
                gates = {"hidden state": h}
            for gate, value in gates.items():
                found.setdefault(gate, []).append(
                    value if gate == "hidden state" else value.sigmoid()
                )
    return {gate: torch.stack(values).double().numpy() for gate, values in found.items()}


@pytest.mark.parametrize("name", ["adding-lstm", "temporal-order-gru", "digits-rnn"])
def test_points_are_shares_of_steps(
    open_app: Callable[..., AppTest], library: Library, name: str
) -> None:
    """Every unit of every gate stands where a count over the gates by hand puts it."""
    app = open_app(PAGE, run=name)
    cell = library.runs[name].config.cell
    specs, gates = shown(app), by_hand(library, name)
    assert [spec["title"] for spec in specs[: len(gates)]] == TITLES[cell] == list(gates)
    low, high = (-0.9, 0.9) if cell == "rnn" else (0.1, 0.9)
    for number, values in enumerate(gates.values()):
        points = rows(app, number, "units")
        units = {int(unit): row for row in points.itertuples() for unit in row.units.split(", ")}
        assert sorted(units) == list(range(values.shape[2]))
        assert points["count"].sum() == values.shape[2]
        for unit, row in units.items():
            assert row.left == pytest.approx((values[..., unit] < low).mean(), abs=2e-3)
            assert row.right == pytest.approx((values[..., unit] > high).mean(), abs=2e-3)
        ends = [
            layer["data"] for layer in specs[number]["layer"] if layer["mark"]["type"] == "line"
        ]
        names = [end["values"] for end in ends if "values" in end]
        assert names == [[{"left": 0, "right": 1}, {"left": 1, "right": 0}]]


def test_the_map_is_the_histogram_at_each_checkpoint(
    open_app: Callable[..., AppTest], library: Library, pixels_of: Callable[[str], np.ndarray]
) -> None:
    """Pixels and pointer, against numpy on gates by hand; pixels and legend by one table."""
    app = open_app(PAGE, run="adding-lstm", checkpoint="290")
    app.session_state["tab_saturation"] = "While it learns"
    app.run()
    run = library.runs["adding-lstm"]
    spec = shown(app)[1]
    assert spec["title"] == "forget gate while it learns"
    cells = rows(app, 1, "share")
    (url,) = rows(app, 1, "url")["url"]
    pixels = pixels_of(url)
    legend = next(part for part in spec["layer"] if "color" in part["encoding"])
    scale = legend["encoding"]["color"]["scale"]
    assert scale["type"] == "sqrt"
    table = np.array([list(bytes.fromhex(c[1:])) for c in GATE_TABLE.colours], dtype=float)
    places = np.sqrt(np.array(scale["domain"]))
    for row, step in enumerate(run.steps):
        values = by_hand(library, "adding-lstm", step)["forget gate"]
        counts, _ = np.histogram(values, bins=20, range=(0, 1))
        found = cells[cells["checkpoint"] == step]["share"].to_numpy()
        np.testing.assert_allclose(found, counts / values.size, atol=1e-4)
        assert (pixels[row, :, 3] == np.where(found > 0, 255, 0)).all()
        for bin_ in np.flatnonzero(found):
            colour = [np.interp(found[bin_] ** 0.5, places, table[:, k]) for k in range(3)]
            np.testing.assert_allclose(pixels[row, bin_, :3], colour, atol=1.01)
    for each in shown(app):
        (framed,) = (param["value"] for param in each["params"])
        assert framed == run.steps.index(290)
    tops = {
        tuple(part["encoding"]["color"]["scale"]["domain"])
        for each in shown(app) for part in each["layer"] if "color" in part["encoding"]
    }  # fmt: skip
    assert len(tops) == 1


def told(app: AppTest) -> str:
    """The sentences of the page."""
    assert not app.exception
    return "\n".join(part.value for part in [*app.markdown, *app.caption])


def test_the_words_name_the_units_that_stand_there(
    open_app: Callable[..., AppTest], library: Library
) -> None:
    """The LSTM on adding: unit 7, and no other, is hardly ever written; shares by hand."""
    app = open_app(PAGE, run="adding-lstm")
    gates = by_hand(library, "adding-lstm")
    shut = (gates["input gate"] < 0.1).mean((0, 1))
    wide = (gates["input gate"] > 0.9).mean((0, 1))
    (unit,) = np.flatnonzero(shut >= 0.95)
    assert (
        f"Unit {unit} is hardly ever written: its input gate is below 0.1 in {shut[unit]:.0%} of "
        f"steps, above 0.9 in {wide[unit]:.0%}."
    ) in told(app)
    kept = (gates["forget gate"] > 0.9).mean((0, 1))
    units = np.flatnonzero(kept >= 0.95)
    assert f"Units {units[0]} and {units[1]} never forget" in told(app)
    first, last = (by_hand(library, "adding-lstm", step) for step in (0, 5000))
    shares = [
        ", ".join(
            f"{gate} {((one := before[gate]) < 0.1).mean() + (one > 0.9).mean():.0%} → "
            f"{((two := after[gate]) < 0.1).mean() + (two > 0.9).mean():.0%}"
            for gate in before
        )
        for before, after in [(first, last)]
    ]
    assert f"before training → after 5,000 training steps: {shares[0]}." in told(app)
    app.select_slider(key="checkpoint").set_value(0).run()
    assert "No gate is stuck" in told(app)
    assert "None is ever below 0.1 or above 0.9" in told(app)
    assert app.query_params["checkpoint"] == "0"


def test_a_gru_says_which_way_its_update_gate_works(open_app: Callable[..., AppTest]) -> None:
    """Torch's convention; an RNN has no gates, and its tanh stands in for them."""
    said = told(open_app(PAGE, run="adding-gru"))
    assert "h = (1 − z)·n + z·h_prev" in said
    assert "hardly ever overwrite their states: their update gates are above 0.9" in said
    rnn = told(open_app(PAGE, run="digits-rnn"))
    assert "A plain RNN has no gates" in rnn
    assert "No unit is stuck" in rnn


def test_layers_and_directions_can_be_chosen(
    open_app: Callable[..., AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    fresh_caches: None,
) -> None:  # fmt: skip
    """Each has points of its own, and stands in the address."""
    from gatescope import record, save_run
    from viz_app.kit import library

    config = TrainConfig(
        task="adding", task_options={"length": 6}, hidden_size=4, num_layers=2,
        bidirectional=True, max_steps=2, batch_size=2,
    )  # fmt: skip
    run = train(config)
    save_run(run, tmp_path / "mine")
    monkeypatch.setenv(library.OWN_RUNS, str(tmp_path))
    app = open_app(PAGE, run="mine", layer="recurrent/l1_reverse")
    assert app.query_params["layer"] == "recurrent/l1_reverse"
    layer = record(run.model(), run.probe().inputs)["recurrent/l1_reverse"].to_dataset()
    points = rows(app, 0, "units")
    expected = (layer["input_gate"].values < 0.1).mean((0, 1))
    for row in points.itertuples():
        for unit in row.units.split(", "):
            assert row.left == pytest.approx(expected[int(unit)])


def test_the_same_in_python_draws_the_same(
    open_app: Callable[..., AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines are run as they stand; the download is the very chart, the CSV its numbers."""
    offered: dict[str, Any] = {}
    monkeypatch.setattr(
        blocks, "downloads", lambda name, chart, table: offered.update(chart=chart, table=table)
    )
    app = open_app(PAGE, run="adding-gru", checkpoint="232")
    assert not app.exception
    (code,) = app.code
    monkeypatch.chdir(ROOT)
    target = tmp_path / "saturation.json"
    moved, count = re.subn(r'"saturation\.svg"', repr(str(target)), code.value)
    assert count == 1
    exec(compile(moved, "snippet", "exec"), {})
    assert target.read_text() == export.render(offered["chart"](), "json").decode()
    table = offered["table"]()
    assert list(table.columns) == ["signal", "checkpoint", "unit", "left", "right"]
    assert len(table) == 2 * 12 * 19
    at = table[(table["signal"] == "update_gate") & (table["checkpoint"] == 232)]
    point = rows(app, 1, "units")
    unit = int(point["units"][0].split(",")[0])
    assert at.set_index("unit")["right"][unit] == point["right"][0]


def test_a_figure_has_every_gate_once() -> None:
    """As SVG, with its words, in the dark."""
    found = export.render(Saturation("adding-lstm").chart("dark"), "svg")
    for word in (
        *TITLES["lstm"],
        "steps shut (below 0.1)",
        "training step",
        "fraction of all values",
    ):
        assert word in found.decode()


def test_units_at_one_place_are_one_point() -> None:
    """With all their numbers; only what stands out, with room for it, is labelled."""
    left = np.array([0.0, 0.0, 0.0, 0.9, 0.5, 0.52, 0.0, 0.0, 0.0])
    right = np.array([1.0, 1.0, 0.0, 0.05, 0.2, 0.21, 1.0, 1.0, np.nan])
    found = points_of(UnitShares("forget_gate", "", left, right, "", "")).set_index("units")
    assert found["count"].to_dict() == {"0, 1, 6, 7": 4, "2": 1, "3": 1, "4": 1, "5": 1}
    places = {"0, 1, 6, 7": "0, 1, 6 …", "3": "3", "5": "5", "4": "4"}
    assert found["label"].dropna().to_dict() == places
    assert found["side"].dropna().to_dict() == dict.fromkeys(places, "right") | {"4": "left"}


def test_what_the_headline_names_is_labelled() -> None:
    """Two units that are shut as long, so close that a label fits neither side: it stands above."""
    left, right = np.array([0.96, 0.95, 0.0]), np.array([0.04, 0.0, 0.0])
    found = points_of(UnitShares("input_gate", "", left, right, "", "")).set_index("units")
    assert found.loc["0", ["label", "side"]].tolist() == ["0", "above"]


def test_a_run_without_gates_shows_its_hidden_state(layer: Callable[..., xr.Dataset]) -> None:
    """Gradients of gates are no gates."""
    plain = layer("rnn", hidden_state=[[[0.5]]])
    assert saturation.signals_of(plain) == ["hidden_state"]
    gated = layer("lstm", input_gate=[[[0.5]]], grad_input_gate=[[[0.1]]], cell_state=[[[2.0]]])
    assert saturation.signals_of(gated) == ["input_gate"]
