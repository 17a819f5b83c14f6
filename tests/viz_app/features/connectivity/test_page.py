"""The connectivity page: its cells are autograd's gradients, its words are the cells."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from streamlit.testing.v1 import AppTest

from gatescope import TrainConfig, save_run, train
from viz_app.features import Connectivity
from viz_app.kit import export, library
from viz_app.kit.chart.style import GATE_TABLE
from viz_app.kit.library import Library
from viz_app.kit.page import blocks

PAGE = "connectivity"
ROOT = Path(__file__).parents[4]
CELLS = ["RNN", "LSTM", "GRU"]
STRIP = 0
"""The row is in the first tab; `triangles` opens the second, which has nothing else."""


def shown(app: AppTest) -> list[dict[str, Any]]:
    """The specs of the page, in order."""
    assert not app.exception, [error.value for error in app.exception]
    return [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]


def triangles(app: AppTest) -> AppTest:
    """The page with its triangles open."""
    app.session_state["tab_connectivity"] = "Every output step"
    return app.run()


def rows(app: AppTest, chart: int, column: str) -> pd.DataFrame:
    """The rows of a chart's data set that has that column."""
    frames = [
        pa.ipc.open_stream(data.data.data).read_pandas()
        for data in app.get("vega_lite_chart")[chart].proto.datasets
    ]
    (found,) = (frame for frame in frames if column in frame)
    return found


@pytest.fixture(scope="module")
def by_autograd(library: Library) -> Callable[..., np.ndarray]:
    """One row: one backward pass of the trained network in float64, from one logit."""

    @cache
    def row(name: str, example: int, step: int) -> np.ndarray:
        run = library.runs[name]
        probe = run.probe()
        inputs = probe.inputs[:, example : example + 1].double().requires_grad_()
        outputs = run.model().double()(inputs)
        # these tasks ask at the end alone
        column = int(probe.targets[-1, example]) if run.task.kind == "classification" else 0
        (gradient,) = torch.autograd.grad(outputs[step, 0, column], inputs)
        return gradient[:, 0].norm(dim=-1).numpy()

    return row


@pytest.mark.parametrize("task", ["adding", "temporal-order", "digits"])
def test_cells_are_gradients(
    open_app: Callable[..., AppTest], by_autograd: Callable[..., np.ndarray], task: str
) -> None:
    """Three networks, three output steps each; nothing is said of what has not been read."""
    app = triangles(open_app(PAGE, run=f"{task}-lstm", example="5"))
    specs = shown(app)
    assert [spec["title"] for spec in specs] == CELLS
    for number, cell in enumerate(("rnn", "lstm", "gru")):
        cells = rows(app, number, "norm")
        assert (cells["input"] <= cells["output"]).all()
        last = cells["output"].max()
        assert len(cells) == (last + 1) * (last + 2) / 2
        for step in (0, last // 2, last):
            found = cells[cells["output"] == step].set_index("input").sort_index()
            expected = by_autograd(f"{task}-{cell}", 5, int(step))[: step + 1]
            np.testing.assert_allclose(found["norm"], expected, rtol=1e-9)
            np.testing.assert_allclose(found["share"], expected / expected.max(), rtol=1e-9)


def table_of(scale: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """A legend's stops and colours."""
    colours = np.array([list(bytes.fromhex(c[1:])) for c in scale["range"]], dtype=float)
    return np.array(scale["domain"]), colours


def scale_of(spec: dict[str, Any]) -> dict[str, Any]:
    """The scale of the legend; no mark of the chart makes it paler."""
    (found,) = (
        layer for layer in spec["layer"]
        if (layer.get("encoding", {}).get("color") or {}).get("legend")
    )  # fmt: skip
    assert found["encoding"]["color"]["legend"]["gradientOpacity"] == 1
    scale: dict[str, Any] = found["encoding"]["color"]["scale"]
    assert scale["range"] == list(GATE_TABLE.colours)
    return scale


@pytest.mark.parametrize("relative", [False, True])
def test_pixels_are_the_cells_by_the_legends_own_colours(
    open_app: Callable[..., AppTest], by_autograd: Callable[..., np.ndarray],
    pixels_of: Callable[[str], np.ndarray], relative: bool,
) -> None:  # fmt: skip
    """On both scales, in the triangles and in the row; blank where nothing has been read."""
    asked = {"relative": "1"} if relative else {}
    app = open_app(PAGE, run="temporal-order-gru", example="2", t="70", **asked)
    (row_spec,), strip = shown(app), rows(app, STRIP, "url")
    specs = shown(triangles(app))
    stops, colours = table_of(scale_of(specs[0]))
    assert all(scale_of(spec) == scale_of(row_spec) for spec in specs)
    if relative:
        at = lambda row: row / row.max()  # noqa: E731
    else:
        np.testing.assert_allclose(np.log10(stops[[0, -1]]), [-8, np.round(np.log10(stops[-1]))])
        stops, at = np.log10(stops), lambda row: np.log10(np.maximum(row, 1e-8))
    assert strip["y"].tolist() == [0, 1, 2]
    for number, cell in enumerate(("rnn", "lstm", "gru")):
        pixels = pixels_of(rows(app, number, "url")["url"][0])
        assert pixels.shape == (100, 100, 4)
        assert (pixels[..., 3] == np.where(np.tri(100) > 0, 255, 0)).all()
        row = by_autograd(f"temporal-order-{cell}", 2, 70)[:71]
        expected = np.stack([np.interp(at(row), stops, colours[:, k]) for k in range(3)], 1)
        np.testing.assert_allclose(pixels[70, :71, :3], expected, atol=1.01)
        lane = pixels_of(strip["url"][number])
        np.testing.assert_array_equal(lane[0], pixels[70])


def test_letters_stand_on_every_networks_row(
    open_app: Callable[..., AppTest], library: Library
) -> None:
    """The input itself, three times, in an ink that can be read over each colour."""
    app = open_app(PAGE, run="temporal-order-lstm", example="2")
    run = library.runs["temporal-order-lstm"]
    spelled = run.task.spell(run.probe().inputs[:, 2])
    letters = rows(app, STRIP, "letter")
    for lane in range(3):
        found = letters[letters["lane"].round(2) == round(lane + 0.43, 2)]
        assert tuple(found.sort_values("time")["letter"]) == spelled
    # the RNN's first inputs matter nothing: dark ground, so the ink is pale; the last ones more
    rnn = letters[letters["lane"] < 1].sort_values("time")["ink"].tolist()
    assert (rnn[0], rnn[-1]) == ("#ffffff", "#10131a")
    spec = shown(app)[STRIP]
    marks = [step for step, _ in run.probe().marks[2]]
    sides = [
        row["side"] for layer in spec["layer"]
        for row in layer.get("data", {}).get("values", []) if "side" in row
    ]  # fmt: skip
    assert sides == 2 * [step + half for step in marks for half in (-0.5, 0.5)], "and a casing"
    assert str(CELLS) in spec["layer"][0]["encoding"]["y"]["axis"]["labelExpr"]


def test_bars_are_the_inputs_values(open_app: Callable[..., AppTest], library: Library) -> None:
    """The adding problem: each bar as high as its number, in each lane."""
    app = open_app(PAGE, run="adding-lstm", example="4")
    values = library.runs["adding-lstm"].probe().inputs[:, 4, 0].numpy()
    bars = rows(app, STRIP, "ink")
    for lane in range(3):
        found = bars[(bars["bottom"] > lane) & (bars["bottom"] < lane + 1)].sort_values("left")
        np.testing.assert_allclose(found["left"] + 0.32, np.flatnonzero(values))
        height = (found["bottom"] - found["top"]).to_numpy()
        np.testing.assert_allclose(height / (0.86 * 0.92), values[values != 0], rtol=1e-5)


def told(app: AppTest) -> str:
    """All text of the page."""
    assert not app.exception
    return "\n".join(part.value for part in [*app.markdown, *app.caption])


def test_the_words_are_those_of_the_row(
    open_app: Callable[..., AppTest], library: Library, by_autograd: Callable[..., np.ndarray]
) -> None:
    """The first mark against the last, the share on both, the largest, and what is hidden."""
    app = open_app(PAGE, run="temporal-order-lstm", example="16")
    (first, _), (last, _) = library.runs["temporal-order-lstm"].probe().marks[16]
    text = told(app)
    sizes = []
    for cell in ("rnn", "lstm", "gru"):
        row = by_autograd(f"temporal-order-{cell}", 16, 99)
        ratio = row[first] / row[last]
        said = f"{ratio:.2f}" if ratio >= 0.1 else "6·10⁻¹¹"
        share = row[[first, last]].sum() / row.sum()
        assert (
            f"**{cell.upper()}.** The gradient at the first mark (step {first}) is {said} times "
            f"that at the last (step {last})."
        ) in text
        if cell != "rnn":
            assert f"The 2 marked steps have {share:.0%} of the row's sum." in text
        else:
            assert ratio == pytest.approx(6e-11, rel=0.1)
        assert f"the largest is at step {row.argmax()}." in text
        sizes.append(f"{cell.upper()} {row.max():.{'2f' if row.max() >= 0.1 else '2g'}}")
    assert f"The largest gradient of this row: {', '.join(sizes)}." in text
    label = library.runs["temporal-order-lstm"].task.classes[
        int(library.runs["temporal-order-lstm"].probe().targets[-1, 16])
    ]
    assert f"the logit of “{label}”" in text
    assert "does not ask" not in text
    assert told(app).count("of the gradient of the output at step 99 lies on the 2 marks.") == 1
    app.toggle(key="relative").set_value(True).run()
    text = told(triangles(app))
    assert f"What this scale hides: the largest gradient of this row is {', '.join(sizes)}" in text
    assert "which hides how large that is" in text
    assert app.query_params["relative"] == "1"


def test_an_output_step_can_be_chosen(open_app: Callable[..., AppTest]) -> None:
    """By the slider: the frame, the row and the words follow; each task keeps its own step."""
    app = open_app(PAGE, run="adding-lstm", t="20")
    assert app.query_params["t"] == "20"
    assert "of the output at step 20" in told(app)
    frames = [
        param["value"] for spec in shown(triangles(app)) for param in spec["params"]
        if param["name"] == "picked"
    ]  # fmt: skip
    assert frames == [20, 20, 20]
    assert "The task does not ask at step 20" in told(app)
    app.select_slider(key="t").set_value(49).run()
    assert app.query_params["t"] == "49"
    assert "does not ask" not in told(app)
    app.select_slider(key="t").set_value(7).run()
    app.selectbox(key="task").select_index(1).run()
    assert app.query_params["t"] == "99"
    app.selectbox(key="task").select_index(0).run()
    assert not app.exception


def test_a_click_picks_a_row(open_app: Callable[..., AppTest]) -> None:
    """Each triangle offers one selection, of the row, on its cells."""
    for spec in shown(triangles(open_app(PAGE, run="digits-gru"))):
        (select,) = (param for param in spec["params"] if "select" in param)
        assert (select["name"], select["select"]["fields"]) == ("row", ["row"])
        (view,) = select["views"]
        (layer,) = (layer for layer in spec["layer"] if layer.get("name") == view)
        assert layer["mark"]["opacity"] == 0


def test_a_network_that_reads_backwards_has_a_whole_square(
    open_app: Callable[..., AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    pixels_of: Callable[[str], np.ndarray], fresh_caches: None,
) -> None:  # fmt: skip
    """Later inputs matter too."""
    config = TrainConfig(
        task="flip_flop", task_options={"length": 9}, hidden_size=3, num_layers=2,
        bidirectional=True, max_steps=2, batch_size=2,
    )  # fmt: skip
    run = train(config)
    save_run(run, tmp_path / "mine")
    monkeypatch.setenv(library.OWN_RUNS, str(tmp_path))
    app = open_app(PAGE, run="mine", example="1")
    assert len(rows(app, STRIP, "ink")) == int((run.probe().inputs[:, 1] != 0).sum())
    triangles(app)
    cells = rows(app, 0, "norm")
    assert len(cells) == 81
    assert (pixels_of(rows(app, 0, "url")["url"][0])[..., 3] == 255).all()
    inputs = run.probe().inputs[:, 1:2].double().requires_grad_()
    outputs = run.model().double()(inputs)
    squares = np.zeros(9)
    for column in range(3):  # three outputs: all of them together
        (gradient,) = torch.autograd.grad(outputs[4, 0, column], inputs, retain_graph=True)
        squares += gradient[:, 0].square().sum(-1).numpy()
    found = cells[cells["output"] == 4].sort_values("input")["norm"]
    np.testing.assert_allclose(found, np.sqrt(squares), rtol=1e-9)
    assert "all outputs together" in told(app)


def test_the_same_in_python_draws_the_same(
    open_app: Callable[..., AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines are run as they stand; the download is the very chart, the CSV its numbers."""
    offered: dict[str, Any] = {}
    monkeypatch.setattr(
        blocks, "downloads", lambda name, chart, table: offered.update(chart=chart, table=table)
    )
    app = open_app(PAGE, run="adding-gru", example="3", t="30", relative="1")
    assert not app.exception
    (code,) = app.code
    monkeypatch.chdir(ROOT)
    target = tmp_path / "connectivity.json"
    moved, count = re.subn(r'"connectivity\.svg"', repr(str(target)), code.value)
    assert count == 1
    exec(compile(moved, "snippet", "exec"), {})
    assert target.read_text() == export.render(offered["chart"](), "json").decode()
    table = offered["table"]()
    assert list(table.columns) == ["cell", "output_time", "input_time", "norm"]
    assert len(table) == 3 * 50 * 50
    at = table[(table["cell"] == "gru") & (table["output_time"] == 30)].set_index("input_time")
    cells = rows(triangles(app), 2, "norm")
    cells = cells[cells["output"] == 30].set_index("input")
    np.testing.assert_array_equal(at["norm"][cells.index], cells["norm"])


def test_a_figure_has_the_row_and_all_triangles() -> None:
    """As SVG, with its words, on the example and step with which the page opens."""
    found = export.render(Connectivity("temporal-order-rnn").chart("dark"), "svg").decode()
    for word in (*CELLS, "output at step 99", "input step s", "output step t", "≤ 10⁻⁸"):
        assert word in found, word


def test_a_training_step_is_measured_of_that_network(
    open_app: Callable[..., AppTest], library: Library
) -> None:
    """Of the others their last checkpoint that is not after it; the sentence says when."""
    app = triangles(open_app(PAGE, run="adding-lstm", example="5", checkpoint="454"))
    assert "at training step 454" in told(app)
    for number, cell in enumerate(("rnn", "lstm", "gru")):
        run = library.runs[f"adding-{cell}"]
        step = max(there for there in run.steps if there <= 454)
        inputs = run.probe().inputs[:, 5:6].double().requires_grad_()
        (gradient,) = torch.autograd.grad(run.model(step).double()(inputs)[-1].sum(), inputs)
        cells = rows(app, number, "norm")
        found = cells[cells["output"] == 49].sort_values("input")["norm"]
        np.testing.assert_allclose(found, gradient[:, 0].norm(dim=-1), rtol=1e-9)


@pytest.mark.parametrize("tab", ["one", "whole"])
def test_all_training_steps_play(open_app: Callable[..., AppTest], tab: str) -> None:
    """A picture for each of them and each network, in as many charts; then all is as before."""
    app = open_app(PAGE, run="adding-lstm", tab=tab)
    before = [chart.proto.spec for chart in app.get("vega_lite_chart")]
    app.button(key="play_training").click().run()
    assert not app.exception
    steps = len(Connectivity("adding-lstm").among()["checkpoint"].values)
    played = app.get("vega_lite_chart")
    assert len(played) == len(before)
    for chart in played:
        tables = [pa.ipc.open_stream(data.data.data).read_pandas() for data in chart.proto.datasets]
        pictures = next(table for table in tables if {"url", "frame"} <= set(table))
        assert pictures["frame"].value_counts().tolist() == [3 // len(before)] * steps
    app.button(key="end_training").click().run()
    assert [chart.proto.spec for chart in app.get("vega_lite_chart")] == before
