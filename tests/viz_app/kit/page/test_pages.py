"""The pages, run without a browser: what they show is the run that was chosen."""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from streamlit.testing.v1 import AppTest

import viz_app.features
from tests.viz_app.conftest import go, title_of
from viz_app.kit.chart.style import GATE_TABLE
from viz_app.kit.library import Library
from viz_app.kit.words import percent, some
from viz_app.text import say

PAGES = sorted(Path(viz_app.features.__file__).parent.glob("*/page.py"))
FLOW, GATES = "gradient_flow", "gates"
FIRST_GATE = {"lstm": ("input gate", "input_gate"), "gru": ("reset gate", "reset_gate")}
TABLE = np.array([list(bytes.fromhex(colour[1:])) for colour in GATE_TABLE.colours], dtype=float)


@pytest.mark.parametrize("path", PAGES, ids=[path.parent.name for path in PAGES])
def test_no_page_shows_a_comment_of_its_code(path: Path) -> None:
    """Streamlit writes a string that stands alone in a page's script on the page."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    shown = [part.value for part in body[1:] if isinstance(part, ast.Expr)]
    assert not [part.value for part in shown if isinstance(part, ast.Constant)]


def words(app: AppTest) -> str:
    """All text of the page in one piece."""
    return "\n".join(part.value for part in [*app.markdown, *app.caption, *app.info, *app.warning])


def number(text: str) -> float:
    """A number as the page writes it, also as a digit times a power of ten."""
    normal = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    digit, *power = text.split("·10")
    return float(digit) * 10.0 ** int(power[0].translate(normal) if power else 0)


def order_of(spec: dict[str, Any]) -> list[int]:
    """The units from the top, as the heatmaps' axes have them."""
    return [row["unit"] for row in spec["datasets"]["rows"]]


def scale_of(panel: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The bars of colour in a panel's title line, and the numbers at their ends."""
    fixed = [layer for layer in panel["layer"] if layer["data"].get("values") == [{}]]
    bars = [fill for layer in fixed if isinstance(fill := layer["mark"].get("fill"), dict)]
    texts = [layer.get("encoding", {}).get("text", {}).get("value", "") for layer in fixed]
    return bars, [text for text in texts if any(sign.isdigit() for sign in text)]


def opening(pixels: np.ndarray) -> np.ndarray:
    """Gate values of pixels: the nearest place on the table of colours."""
    places = np.linspace(0, 1, 401)
    colours = np.stack([np.interp(places, np.linspace(0, 1, 10), TABLE[:, k]) for k in range(3)], 1)
    distance = np.abs(pixels[..., None, :3].astype(float) - colours).sum(-1)
    return places[distance.argmin(-1)]


@pytest.mark.parametrize("example", ["31"])
def test_a_network_is_shown_with_its_settings_and_its_gates(
    open_app: Callable[..., AppTest],
    library: Library,
    recorded: Callable[..., xr.Dataset],
    spec_of: Any,
    name: str,
    example: str,
    page_spec: Any,
) -> None:
    """Each prepared run: heading, scores, answer; the pixels are that example's gates."""
    run = library.runs[name]
    title, signal = FIRST_GATE.get(run.config.cell, ("hidden state", "hidden_state"))
    app = open_app(run=name, example=example, pictures=signal)
    spec = spec_of(page_spec(app))
    text = words(app)
    layer = recorded(name)
    assert spec.pixels(title).size
    if run.config.cell != "rnn":
        order = order_of(spec.found)
        values = layer[signal].values[:, int(example)][:, order].T
        assert np.abs(opening(spec.pixels(title)) - values).max() < 0.01
    for said in (
        f"{run.config.cell.upper()}, {some('units', run.config.hidden_size)}",
        f"{run.parameters:,} parameters",
        f"trained for {run.steps[-1]:,} training steps in {run.seconds:.0f} s",
        f"{run.test_accuracy:.0%}",
        f"{run.task.length} time steps",
        f"Example {example}:",
    ):
        assert said in text, said
    loss = re.findall(r"(?:MSE|cross-entropy) (\S+)", text)[0]
    assert number(loss) == pytest.approx(run.test_loss, rel=0.1)
    assert dict(app.query_params) | {"run": name, "example": example} == dict(app.query_params)


def test_it_opens_on_the_first_run_with_nothing_chosen(
    open_app: Callable[..., AppTest], library: Library, page_spec: Any
) -> None:
    """A picture at once, of the example with the longest way between its marks."""
    app = open_app()
    assert page_spec(app)["vconcat"]
    assert app.query_params["run"] == "adding-lstm"
    marks = library.runs["adding-lstm"].probe().marks
    gaps = [last - first for (first, _), (last, _) in marks]
    assert app.query_params["example"] == str(gaps.index(max(gaps)))


def test_a_checkpoint_shows_the_weights_of_that_time(
    open_app: Callable[..., AppTest],
    library: Library,
    recorded: Callable[..., xr.Dataset],
    spec_of: Any,
    page_spec: Any,
) -> None:
    """Pixels, loss and accuracy are those of the checkpoint; the order and colours stay."""
    run = library.runs["adding-lstm"]
    app = open_app(example="0", pictures="input_gate.cell_state.hidden_state")
    last = order_of(page_spec(app))
    states = ("cell state", "hidden state")
    scales = [scale_of(spec_of(page_spec(app)).panel(title)) for title in states]
    assert [numbers for _, numbers in scales] == [["≥ 4.6", "≤ −4.6"], ["1.0", "−1.0"]]
    assert all(bars for bars, _ in scales)
    for step in (run.steps[0], run.steps[6]):
        app.select_slider(key="checkpoint").set_value(step).run()
        spec = spec_of(page_spec(app))
        assert order_of(spec.found) == last
        assert [scale_of(spec.panel(title)) for title in states] == scales
        values = recorded("adding-lstm", step)["input_gate"].values[:, 0][:, last].T
        assert np.abs(opening(spec.pixels("input gate")) - values).max() < 0.01
        model, test = run.model(step), run.task.sample(500, seed=2)
        outputs = model(run.probe().inputs).detach()
        when = (
            "after {:,} of {:,} training steps" if step else "untrained: training step {} of {:,}"
        )
        assert when.format(step, run.steps[-1]) in words(app)
        assert "trained for 5,000 training steps" not in words(app)
        said = float(re.findall(r"test MSE ([\d.]+)", words(app))[0])
        expected = float(run.task.loss(model(test.inputs).detach(), test))
        assert said == pytest.approx(expected, rel=0.01)
        assert app.query_params["checkpoint"] == str(step)
        assert f"answers {float(outputs[-1, 0, 0]):.2f}, the correct answer is" in words(app)
    app.select_slider(key="checkpoint").set_value(run.steps[-1]).run()
    assert "checkpoint" not in app.query_params


def test_each_choice_changes_the_picture_as_it_should(
    open_app: Callable[..., AppTest],
    recorded: Callable[..., xr.Dataset],
    spec_of: Any,
    page_spec: Any,
) -> None:
    """Example, sort, unit, step and fading, one after the other."""
    app = open_app(pictures="input_gate.cell_state.lines")
    first = page_spec(app)
    app.number_input(key="example").set_value(7).run()
    spec = spec_of(page_spec(app))
    values = recorded("adding-lstm")["input_gate"].values[:, 7][:, order_of(first)].T
    assert np.abs(opening(spec.pixels("input gate")) - values).max() < 0.01

    for sort in ("open", "half_life", "index"):
        app.selectbox(key="sort").set_value(sort).run()
        gate = recorded("adding-lstm")["forget_gate"].values.astype(float)
        if sort == "open":
            rank = -gate.mean(axis=(0, 1))
        elif sort == "half_life":
            rank = np.median(1 / np.log(gate).mean(axis=0), axis=0)
        else:
            rank = np.arange(16)
        assert order_of(page_spec(app)) == np.argsort(rank, kind="stable").tolist()
    app.selectbox(key="unit").set_value(11).run()
    app.number_input(key="step").set_value(40).run()
    assert spec_of(page_spec(app)).picked() == (11, 40)
    assert (app.query_params["unit"], app.query_params["step"]) == ("11", "40")
    left = recorded("adding-lstm")["forget_gate"].values[41:, 7].astype(float).prod(axis=0)
    best, worst = int(left.argmax()), int(left.argmin())
    told = (
        f"Of what a unit held at step 40, unit {best} still has {percent(left[best])} at the end, "
        f"unit {worst} {percent(left[worst])}."
    )
    assert told in words(app)

    def covers(found: dict[str, Any]) -> list[str]:
        panels = [
            panel
            for panel in found["vconcat"]
            for layer in panel["layer"]
            if layer.get("encoding", {}).get("opacity", {}).get("field") == "gone"
        ]
        return [title_of(panel) for panel in panels]

    assert covers(page_spec(app)) == []
    app.toggle(key="fade").set_value(True).run()
    assert covers(page_spec(app)) == ["cell state"]


def test_task_and_cell_change_the_network(open_app: Callable[..., AppTest]) -> None:
    """A new task keeps the cell; a new network chooses its own unit and step."""
    app = open_app(run="adding-gru", unit="18", step="3", example="4")
    app.selectbox(key="task").select_index(1).run()
    assert app.query_params["run"] == "temporal-order-gru"
    assert app.query_params["example"] == "4"
    assert app.query_params["step"] != "3"
    app.get("button_group")[0].set_value("temporal-order-rnn").run()
    assert app.query_params["run"] == "temporal-order-rnn"
    assert "RNN, 34 units" in words(app)
    assert not app.toggle  # an RNN keeps nothing that could fade
    assert list(app.selectbox(key="sort").options) == [
        "response at the marks",
        "number",
    ]


@pytest.mark.parametrize("task", ["adding", "temporal-order", "digits"])
def test_gradient_flow_shows_all_three_networks(
    open_app: Callable[..., AppTest], library: Library, task: str, page_spec: Any
) -> None:
    """Four panels of flow, of learning, and of exploding; all of a tab with one scale."""
    titles = [
        f"{c}: ‖dL/d{s}‖" for c, s in (("RNN", "h"), ("LSTM", "h"), ("LSTM", "c"), ("GRU", "h"))
    ]
    app = open_app(FLOW, run=f"{task}-lstm")
    for tab in ("flow", "learning", "explode"):
        app.session_state["tab_flow"] = say(f"flow.tab_{tab}")
        app.run()
        charts = [page_spec(app, n) for n in range(len(app.get("vega_lite_chart")))]
        if len(charts) == 2:  # no more have room at once
            app.session_state[f"which_panels_{'_'.join(titles)}_2"] = 2
            app.run()
            charts += [page_spec(app, n) for n in range(2)]
        assert [chart["title"] for chart in charts] == titles
        domains = {
            tuple(layer["encoding"]["y"]["scale"]["domain"])
            for chart in charts
            for layer in chart["layer"]
            if "scale" in layer.get("encoding", {}).get("y", {})
        }
        assert len(domains) == 1
    for cell in ("rnn", "lstm", "gru"):
        accuracy = library.runs[f"{task}-{cell}"].test_accuracy
        assert re.search(rf"{cell.upper()}, .*\n.*{accuracy:.0%}", words(app))


def test_the_factor_and_clipping_change_the_table(
    open_app: Callable[..., AppTest], library: Library
) -> None:
    """The norm that is used is at most 1 when clipped; the gradient's own norm stays."""
    app = open_app(FLOW, run="adding-lstm", gain="8")  # a link to a factor opens its tab
    loose = app.table[0].value
    app.toggle(key="clip").set_value(True).run()
    tight = app.table[0].value
    assert not app.exception
    norm, used, before, _ = loose.columns
    assert tight[norm].tolist() == loose[norm].tolist() == loose[used].tolist()
    assert tight[before].tolist() == loose[before].tolist()
    sizes = [number(text) for text in tight[norm]]
    for size, said in zip(sizes, tight[used], strict=True):
        assert float(said) == pytest.approx(min(size, 1.0), rel=0.06)
    assert max(sizes) > 1
    app.select_slider(key="gain").set_value(1.0).run()
    assert app.table[0].value[norm].tolist() != loose[norm].tolist()
    assert "With factor 1," in words(app)


def test_choices_survive_a_change_of_page(open_app: Callable[..., AppTest]) -> None:
    """All of them, on the way there and back; the factor too."""
    app = open_app()
    app.number_input(key="example").set_value(3).run()
    app.selectbox(key="unit").set_value(4).run()
    app.number_input(key="step").set_value(9).run()
    app.selectbox(key="sort").set_value("index").run()
    app.select_slider(key="checkpoint").set_value(0).run()
    app.toggle(key="fade").set_value(True).run()
    address = dict(app.query_params)
    go(app, FLOW)
    app.session_state["tab_flow"] = say("flow.tab_explode")
    app.run()
    app.select_slider(key="gain").set_value(2.0).run()
    go(app, GATES)
    assert dict(app.query_params) == address
    assert app.toggle(key="fade").value
    go(app, FLOW)
    app.session_state["tab_flow"] = say("flow.tab_explode")
    app.run()
    assert app.select_slider(key="gain").value == 2.0
    app.selectbox(key="task").select_index(2).run()
    go(app, GATES)
    assert app.query_params["run"] == "digits-lstm"
    assert app.query_params["example"] == "3"
    assert "checkpoint" not in app.query_params
    assert not app.exception
