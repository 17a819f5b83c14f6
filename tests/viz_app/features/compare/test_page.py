"""The page Compare, run without a browser: choosing sides, the address, what is downloaded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from streamlit.testing.v1 import AppTest

from gatescope import TrainConfig, save_run, train
from tests.viz_app.conftest import title_of
from viz_app.kit import export
from viz_app.kit import library as shelf
from viz_app.kit.chart.style import table
from viz_app.kit.library import Library
from viz_app.kit.page import blocks
from viz_app.pages import script

PAGE = "compare"
ROOT = Path(__file__).parents[4]


def titles(app: AppTest) -> list[str]:
    """The titles in the chart, top to bottom."""
    assert not app.exception, [error.value for error in app.exception]
    (chart,) = app.get("vega_lite_chart")
    return [title_of(panel) for panel in json.loads(chart.proto.spec)["vconcat"]]


def words(app: AppTest) -> str:
    """All text of the page."""
    return "\n".join(part.value for part in [*app.markdown, *app.caption])


def pills(app: AppTest, key: str) -> Any:
    """A row of pills by the beginning of its key."""
    (found,) = (each for each in app.get("button_group") if str(each.key).startswith(key))
    return found


def test_it_opens_before_and_after_training(open_app: Callable[..., AppTest]) -> None:
    """With a picture, a sentence, scores, and prepared comparisons that are one click."""
    app = open_app(PAGE)
    assert titles(app)[1:4] == [
        "input gate: before training", "input gate: after training",
        "input gate: after training minus before training",
    ]  # fmt: skip
    assert app.selectbox(key="compare_ready").value == "training"
    assert app.selectbox(key="compare_ready").options == [
        "before and after training", "LSTM and GRU", "LSTM and RNN",
        "LSTM and LSTM, 1 unit", "LSTM and GRU, 1 unit", "LSTM and RNN, 1 unit",
        "LSTM, GRU and RNN", "start, half way and end",
    ]  # fmt: skip
    assert "The largest difference: input gate of unit" in words(app)
    assert list(app.table[0].value.index) == [
        "before training", "after training", "no-memory baseline"
    ]  # fmt: skip
    address = dict(app.query_params)
    assert address.items() >= {"run": "adding-lstm", "at": "0", "with": "adding-lstm"}.items()


@pytest.mark.parametrize("key", ["adding-gru", "adding-rnn", "all", "course"])
def test_a_prepared_comparison_is_one_click(open_app: Callable[..., AppTest], key: str) -> None:
    """The chart has its sides, and the address restores it, for whoever opens it."""
    app = open_app(PAGE)
    app.selectbox(key="compare_ready").set_value(key).run()
    shown, address = titles(app), dict(app.query_params)
    expected = {
        "adding-gru": ["input gate: LSTM", "1 − update gate: GRU"],
        "adding-rnn": ["tanh(cell state): LSTM", "hidden state: RNN"],
        "all": ["tanh(cell state): LSTM", "hidden state: GRU", "hidden state: RNN"],
        "course": ["input gate: before training", "input gate: after 454 steps"],
    }[key]
    assert shown[1 : 1 + len(expected)] == expected
    assert any(" minus " in title for title in shown)
    again = open_app(PAGE, **address)
    assert titles(again) == shown
    assert dict(again.query_params) == address
    assert again.selectbox(key="compare_ready").value == key


def test_sides_are_chosen_one_by_one(
    open_app: Callable[..., AppTest],
    recorded: Callable[..., xr.Dataset],
    spec_of: Any,
    page_spec: Any,
) -> None:
    """Network and training step of each; the pixels are those of the checkpoint."""
    app = open_app(PAGE, run="adding-gru", example="2")
    app.selectbox(key="compare_run_1").set_value("adding-lstm").run()
    app.select_slider(key="compare_at_1").set_value(290).run()
    app.select_slider(key="compare_at_0").set_value(2500).run()
    assert titles(app)[1:3] == [
        "1 − update gate: GRU, after training",
        "input gate: LSTM, after 290 steps",
    ]
    assert app.query_params["with"] == "adding-lstm@290"
    spec = spec_of(page_spec(app))
    values = recorded("adding-lstm", 290)["input_gate"].values[:, 2]
    greens = [bytes.fromhex(colour[1:])[1] for colour in table("gate", "light").colours]
    expected = np.interp(np.sort(values, axis=1), np.linspace(0, 1, len(greens)), greens)
    found = np.sort(spec.pixels("input gate: LSTM, after 290 steps")[..., 1].T, axis=1)
    assert np.abs(found - expected).max() < 1.01

    app.selectbox(key="compare_run_2").set_value("adding-rnn").run()
    assert app.query_params["third"] == "adding-rnn"
    assert titles(app)[1:4] == [
        "hidden state: GRU, after training", "tanh(cell state): LSTM, after 290 steps",
        "hidden state: RNN, after training",
    ]  # fmt: skip
    app.selectbox(key="compare_run_2").set_value(None).run()
    assert "third" not in app.query_params
    app.selectbox(key="compare_run_1").set_value("adding-gru").run()
    app.select_slider(key="compare_at_1").set_value(0).run()
    assert "1 − update gate" not in str(titles(app))
    assert any("minus after training" in title for title in titles(app))


def test_another_task_is_compared_in_the_same_way(open_app: Callable[..., AppTest]) -> None:
    """Also when it was chosen on another page; the example stays."""
    app = open_app(PAGE, run="adding-lstm", **{"with": "adding-gru"}, example="7")
    app.selectbox(key="task").select_index(1).run()
    assert app.query_params["run"] == "temporal-order-lstm"
    assert app.query_params["with"] == "temporal-order-gru"
    assert app.query_params["example"] == "7"
    app.button_group(key="run").set_value("temporal-order-gru").run()
    assert app.query_params["with"] == "temporal-order-gru"  # no other GRU: before and after
    assert app.query_params["at"] == "0"
    app.switch_page(script("gates")).run()
    app.button_group(key="run").set_value("temporal-order-rnn").run()
    app.switch_page(script(PAGE)).run()
    assert titles(app)[1] == "hidden state: before training"


def test_choices_below_change_the_picture(open_app: Callable[..., AppTest]) -> None:
    """Signals, example, sorting and unit, each in the address; none chosen is the first ones."""
    app = open_app(PAGE)
    pills(app, "compare_pictures").set_value(["hidden_state", "output_gate"]).run()
    assert app.query_params["pictures"] == "output_gate.hidden_state"
    assert titles(app)[1] == "output gate: before training"
    app.selectbox(key="sort").set_value("half_life").run()
    app.selectbox(key="unit").set_value(9).run()
    app.number_input(key="example").set_value(3).run()
    address, shown = dict(app.query_params), titles(app)
    assert address.items() >= {"unit": "9", "sort": "half_life", "example": "3"}.items()
    again = open_app(PAGE, **address)
    assert titles(again) == shown
    assert dict(again.query_params) == address
    pills(app, "compare_pictures").set_value([]).run()
    app.run()
    assert titles(app)[1] == "input gate: before training"
    assert "pictures" not in app.query_params


@pytest.mark.parametrize(
    "nonsense",
    [
        {"with": "no-such-run"},
        {"with": "digits-gru"},
        {"with": "adding-gru@7"},
        {"with": "adding-gru@"},
        {"with": "adding-gru@²"},
        {"with": "adding-gru@" + "9" * 5000},
        {"with": "adding-gru", "at": "x"},
        {"with": "adding-gru", "third": "../etc"},
        {"at": "290"},
        {"third": "adding-gru"},
        {"pictures": "beauty.truth", "sort": "beauty", "layer": "x/l9"},
        {"pictures": ""},
        {"unit": "99", "example": "-1"},
    ],
    ids=lambda nonsense: ",".join(f"{k}={v[:12]}" for k, v in nonsense.items()),
)
def test_nonsense_gives_the_page_as_it_opens(
    open_app: Callable[..., AppTest], nonsense: dict[str, str]
) -> None:
    """No exception, and the address is put right."""
    app = open_app(PAGE, **nonsense)
    assert titles(app)[1] == "input gate: before training"
    address = {"run": "adding-lstm", "at": "0", "with": "adding-lstm", "example": "14"}
    assert dict(app.query_params) == address | {"unit": app.query_params["unit"]}


def test_an_address_that_changes_is_followed(open_app: Callable[..., AppTest]) -> None:
    """As when a reader goes back; what the page wrote itself is no news."""
    app = open_app(PAGE)
    first, shown = dict(app.query_params), titles(app)
    app.selectbox(key="compare_ready").set_value("adding-gru").run()
    app.run()
    assert app.query_params["with"] == "adding-gru"
    app.query_params.clear()
    for name, value in first.items():
        app.query_params[name] = value
    app.run()
    assert titles(app) == shown
    assert dict(app.query_params) == first


def test_a_network_of_ones_own_stands_beside_it(
    open_app: Callable[..., AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two layers, both directions, other seed: its name beside it, the layers that both have."""
    config = TrainConfig(
        task="adding", task_options={"length": 50}, hidden_size=4, num_layers=2,
        bidirectional=True, max_steps=1, batch_size=2, seed=5,
    )  # fmt: skip
    save_run(train(config), tmp_path / "mine")
    monkeypatch.setenv(shelf.OWN_RUNS, str(tmp_path))
    from viz_app.kit.page import served as cached

    cached.library.clear()
    try:
        app = open_app(PAGE, run="adding-lstm", **{"with": "mine"})
        assert titles(app)[1:3] == ["input gate: LSTM (adding-lstm)", "input gate: LSTM (mine)"]
        assert "layer" not in app.query_params
        assert not [title for title in titles(app)[1:3] if " minus " in title]
        app = open_app(PAGE, run="mine", layer="recurrent/l1_reverse")
        assert app.query_params["layer"] == "recurrent/l1_reverse"
        assert titles(app)[3] == "input gate: after training minus before training"
    finally:
        cached.library.clear()


@pytest.mark.parametrize("other", ["adding-lstm", "adding-gru"])
def test_the_same_in_python_and_the_downloads(
    open_app: Callable[..., AppTest],
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    other: str,
) -> None:
    """The lines draw the very chart that the buttons give; the table has both sides."""
    found: list[tuple[Any, Any]] = []
    real = blocks.downloads
    monkeypatch.setattr(
        blocks, "downloads",
        lambda name, chart, table: (found.append((chart, table)), real(name, chart, table)),
    )  # fmt: skip
    app = open_app(PAGE, **{"with": other}, at="290", example="3", sort="open", unit="2")
    (code,) = app.code
    assert not app.exception
    chart, table = found[-1]
    units = {"adding-lstm": 16, "adding-gru": 19}[other]
    assert len(table()) == 50 * (16 + units)
    monkeypatch.chdir(ROOT)
    lines = code.value.replace('"compare.svg"', repr(str(tmp_path / "compare.json")))
    exec(compile(lines, "snippet", "exec"), {})
    assert (tmp_path / "compare.json").read_bytes() == export.render(chart(), "json")
    assert export.render(chart(), "svg").startswith(b"<svg")
