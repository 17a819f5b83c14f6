"""Layers and directions side by side, and the backward half: against torch and the recorder."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from gatescope import Run, TrainConfig, load_run, record
from gatescope.training import SummedLoss
from viz_app.features.architectures import bidirectional
from viz_app.features.architectures import data as architectures
from viz_app.features.architectures.data import PREPARED, layers_of
from viz_app.kit.library import folder_of
from viz_app.kit.run_words import network, settings
from viz_app.kit.words import digits, three_digits
from viz_app.text import say

PAGE = "architectures"
OTHERS = (
    "gates", "gradient_flow", "connectivity", "step_through", "memory", "saturation", "compare",
    "intervene", "figures",
)  # fmt: skip


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    """The prepared runs."""
    return {name: load_run(folder_of(name)) for name in PREPARED}


def texts(app: AppTest) -> str:
    """All that is said on a page."""
    assert not app.exception, [error.value for error in app.exception]
    places = (app.markdown, app.caption, app.success, app.info, app.error)
    return "\n".join(str(each.value) for place in places for each in place)


def torch_states(run: Run) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs of torch's own layer, (time, batch, 2 units), and the loss's gradient to them."""
    model, probe = run.model(), run.probe()
    outputs, _ = model.recurrent(probe.inputs)
    outputs.retain_grad()
    loss = SummedLoss(run.task, probe)(model.answer(outputs))
    loss.backward()
    assert outputs.grad is not None
    return outputs.detach(), outputs.grad


def test_the_headlines_numbers_are_those_of_the_recording(runs: dict[str, Run]) -> None:
    """Means over units and time steps of one example, sizes of what has a sign, by layer."""
    run = runs["layers-gru-lstm"]
    layers = layers_of(record(run.model(), run.probe().inputs, SummedLoss(run.task, run.probe())))
    first, second = (layer.isel(batch=3) for layer in layers.values())
    for signal, one, other in (
        ("kept", first.update_gate, second.forget_gate),
        ("state", abs(first.hidden_state), abs(second.hidden_state)),
        ("gradient", abs(first.grad_hidden_state), abs(second.grad_hidden_state)),
    ):
        told = architectures.headline(layers, 3, signal)  # type: ignore[arg-type]
        values = [three_digits(float(layer.mean())) for layer in (one, other)]
        assert f"{values[0]} in layer 1 (GRU) and {values[1]} in layer 2 (LSTM)" in told
    panels = architectures.flow(layers)
    medians = [
        float(np.median(np.linalg.norm(layer.grad_hidden_state.values[0], axis=-1)))
        for layer in layers.values()
    ]
    told = architectures.flow_headline(panels[0].lines)
    assert all(f"{digits(value)} in layer {n}" in told for n, value in enumerate(medians, start=1))


def test_all_have_the_same_settings_but_one(runs: dict[str, Run]) -> None:
    """So that what differs is the architecture; they are named by it."""
    apart = {"cell", "num_layers", "bidirectional", "read_at"}
    dumps = [
        {k: v for k, v in run.config.model_dump().items() if k not in apart}
        for run in runs.values()
    ]
    assert all(dump == dumps[0] for dump in dumps)
    assert [network(run.config) for run in runs.values()] == [
        "LSTM, 8 units",
        "LSTM, 2 layers, 8 units each",
        "LSTM, 4 layers, 8 units each",
        "GRU + LSTM, 2 layers, 8 units each",
        "bidirectional LSTM, 8 units per direction",
        "bidirectional LSTM, 8 units per direction, both ends read",
    ]
    assert settings(runs["layers-4"]).startswith("LSTM, 4 layers, 8 units each, 2,372 parameters")
    deep = TrainConfig(task="adding", num_layers=2, bidirectional=True)
    assert network(deep) == "bidirectional LSTM, 2 layers, 16 units per direction"


@pytest.mark.parametrize("name", PREPARED)
def test_each_layer_has_a_heatmap_of_its_own_values(
    name: str, runs: dict[str, Run], spec_of: Any
) -> None:
    """From the lowest up, forward before backward, on one time axis; pixels of the recording."""
    run = runs[name]
    probe = run.probe()
    found = layers_of(record(run.model(), probe.inputs, SummedLoss(run.task, probe)))
    order = [(layer.attrs["layer"], layer.attrs["direction"]) for layer in found.values()]
    assert order == sorted(order)
    for signal in architectures.possible(found):
        data = architectures.data(run, found, 3, signal)
        spec = spec_of(architectures.drawn(data, architectures.GatesLook()).to_dict())
        titles = [style.label for style in data.shape.signals]
        assert len(set(titles)) == len(found)
        for values, layer, title in zip(data.values, found.values(), titles, strict=True):
            own = {"kept": layer.attrs["retention_gate"], "state": "hidden_state",
                   "gradient": "grad_hidden_state"}[signal]  # fmt: skip
            np.testing.assert_array_equal(values, layer[own].values[:, 3])
            assert spec.pixels(title).shape[:2] == (8, 41)
    table = architectures.table(found, 3, "state")
    assert len(table) == len(found) * 41 * 8


def test_reach_is_the_runs_own_measure(runs: dict[str, Run]) -> None:
    """The lowest layer's gradient at step 0, by autograd through torch's own layer.

    Of the GRU below the LSTM the hidden state is looked at, of the others the cell state.
    """
    run = runs["layers-gru-lstm"]
    probe = run.probe()
    for step in (run.steps[0], run.steps[-1]):
        trace = record(run.model(step), probe.inputs, SummedLoss(run.task, probe))
        gradient = trace["recurrent/l0"]["grad_hidden_state"].values[0]
        expected = np.median(np.linalg.norm(gradient, axis=-1))
        assert architectures.reaches_bottom(run, step) == pytest.approx(expected, rel=1e-3)
    table = architectures.numbers(runs.values())
    assert list(table["test accuracy"]) == [f"{run.test_accuracy:.0%}" for run in runs.values()]
    counted = [sum(p.numel() for p in run.model().parameters()) for run in runs.values()]
    assert list(table["parameters"]) == [f"{count:,}" for count in counted]


def test_what_stacking_does_is_said_by_the_numbers(runs: dict[str, Run]) -> None:
    """Both answers, by whichever gradient is smaller."""
    ends = [architectures.reaches_bottom(runs[name], 0) for name in ("layers-1", "layers-4")]
    told = " ".join(architectures.stacking(runs))
    assert ("does not bring" in told) is (ends[1] >= ends[0] / 2)
    swapped = runs | {"layers-1": runs["layers-gru-lstm"], "layers-4": runs["both-ways-last"]}
    assert "times less" in architectures.stacking(swapped)[0]


def test_the_backward_half_has_seen_one_step(runs: dict[str, Run]) -> None:
    """Torch's own states and gradients: exactly 0 where the page says so, and not elsewhere."""
    last, ends = (
        bidirectional.Measured(runs[name]) for name in (bidirectional.LAST, bidirectional.ENDS)
    )
    probe = last.run.probe()
    changed = probe.inputs.roll(1, dims=1)
    changed[-1] = probe.inputs[-1]
    with torch.no_grad():
        model = last.run.model()
        apart = model.recurrent(changed)[0] - model.recurrent(probe.inputs)[0]
    assert (apart[-1, :, 8:] == 0).all()
    forward, backward = last.moved_at_last()
    assert backward == 0
    assert forward == pytest.approx(float(apart[-1, :, :8].norm(dim=-1).median()), rel=0.2)
    _, gradient = torch_states(last.run)
    assert (gradient[:-1, :, 8:] == 0).all()
    assert last.dark_steps() == 40
    _, gradient = torch_states(ends.run)
    assert (gradient[0, :, 8:] != 0).any()
    assert ends.dark_steps() == 0
    told = bidirectional.sentences(last, ends)
    assert "the backward half by exactly 0 in all 32 examples" in told[0]
    assert "at 40 of 41 steps" in told[1]
    assert "exactly 0 at 0 of 41 steps" in told[2]
    assert f"{ends.run.test_accuracy:.0%} when each half" in told[3]
    assert ends.run.test_accuracy > last.run.test_accuracy + 0.3
    assert "the fix does not help" in bidirectional.sentences(last, last)[3]


@pytest.mark.parametrize("name", PREPARED)
def test_the_page_opens_on_each(name: str, open_app: Callable[..., AppTest]) -> None:
    """Heatmaps, gradients by layer, numbers, and the backward half, each in its tab."""
    app = open_app(PAGE, run=name)
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    nodes = {"layers-1": 1, "layers-4": 4}.get(name, 2)
    assert len(spec["vconcat"]) == 1 + nodes
    assert "Values on this example" in texts(app)
    found = {}
    for tab in ("flow", "all", "halves"):
        app.session_state["tab_architectures"] = say(f"architectures.tab_{tab}")
        app.run()
        assert not app.exception
        found[tab] = len(app.get("vega_lite_chart")), len(app.table)
    assert found["all"] == (0, 1)
    assert found["flow"][0] == 2
    assert found["halves"][0] >= 1
    assert found["halves"][1] == 1
    assert "the backward half by exactly 0" in texts(app)


def test_the_picture_stands_in_the_address(open_app: Callable[..., AppTest]) -> None:
    """Where it is not the one that the page would choose; what there is not is said."""
    app = open_app(PAGE, run="layers-2", picture="gradient")
    assert "blank is exactly zero" in texts(app)
    assert app.query_params["picture"] in ("gradient", ["gradient"])
    assert "picture='gradient'" in app.code[0].value
    app = open_app(PAGE, run="layers-2", picture="doors")
    assert "picture" not in app.query_params
    assert "doors" in app.warning[0].value


def test_a_network_of_other_pages_is_offered(open_app: Callable[..., AppTest]) -> None:
    """Where it has several layers; what there is not is not offered."""
    assert "chosen on another page" not in str(open_app(PAGE, run="adding-lstm").main)
    assert not open_app(PAGE, run="nowhere").exception


BOTH = ("layers-gru-lstm", "both-ways-ends")


@pytest.mark.parametrize(
    ("page", "name"),
    [
        pytest.param(page, name, marks=pytest.mark.long if (at + turn) % 2 else ())
        for at, page in enumerate(OTHERS)
        for turn, name in enumerate(BOTH)
    ],
)
@pytest.mark.usefixtures("own_queue")  # Memory measures in a process, which ends with the test
def test_every_page_shows_it(name: str, page: str, open_app: Callable[..., AppTest]) -> None:
    """Mixed cells, two directions and an answer read at both ends break no page."""
    app = open_app(page, run=name)
    told = texts(app)
    assert app.session_state["run"] == name
    if page in ("gates", "step_through", "saturation", "intervene"):
        assert network(load_run(folder_of(name)).config) in told
    assert not app.error
