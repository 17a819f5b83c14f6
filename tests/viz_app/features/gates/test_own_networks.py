"""A user's own network: the charts need its trace and nothing else."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from gatescope import SequenceModel, record
from viz_app.features.gates import data as gates
from viz_app.features.gradient_flow import data as gradients
from viz_app.kit import export, units
from viz_app.kit.chart.gates_look import GatesLook

GATE_NAMES = {
    "lstm": ["input gate", "forget gate", "output gate", "cell state", "hidden state"],
    "gru": ["reset gate", "update gate", "candidate", "hidden state"],
    "rnn": ["hidden state"],
}


class Tagger(nn.Module):
    """A network as somebody writes it, batch first, the layer deep inside."""

    def __init__(self, recurrent: nn.Module) -> None:
        super().__init__()
        self.body = nn.ModuleDict({"reader": recurrent})
        width = recurrent.hidden_size * (1 + recurrent.bidirectional)
        self.out = nn.Linear(width, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (batch, time, 3) to (batch, 2)."""
        return self.out(self.body["reader"](x)[0][:, -1])


NETWORKS: dict[str, tuple[str, Callable[[], nn.Module], tuple[int, ...]]] = {
    "two-layer bidirectional lstm": (
        "lstm",
        lambda: Tagger(nn.LSTM(3, 5, num_layers=2, bidirectional=True, batch_first=True)),
        (4, 8, 3),
    ),
    "gru": ("gru", lambda: Tagger(nn.GRU(3, 6, batch_first=True)), (4, 8, 3)),
    "rnn": ("rnn", lambda: Tagger(nn.RNN(3, 7, batch_first=True)), (4, 8, 3)),
    "peephole": ("lstm", lambda: SequenceModel("lstm_peephole", 3, 5, 2), (8, 4, 3)),
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_layer_is_drawn_from_the_trace_alone(kind: str, spec_of: Any) -> None:
    """The first and the last: each heatmap by name, and its cells are that layer's numbers."""
    cell, build, size = NETWORKS[kind]
    trace = record(build(), torch.randn(size))
    leaves = list(trace.leaves)
    for leaf in {leaves[0].path: leaves[0], leaves[-1].path: leaves[-1]}.values():
        node = leaf.path.strip("/")
        chart = gates.chart(trace, node=node, example=3, unit=2, look=GatesLook(hover=True))
        spec = spec_of(export.spec(chart))
        titles = [spec_title(panel) for panel in spec.found["vconcat"]]
        assert titles[: len(GATE_NAMES[cell])] == GATE_NAMES[cell]
        order = [row["unit"] for row in spec.found["datasets"]["rows"]]
        for title in GATE_NAMES[cell]:
            name = title.replace(" ", "_")
            there = leaf[name].values[:, 3, order].ravel()
            np.testing.assert_allclose(spec.told(name), there, atol=5.1e-5)
        assert spec.picked() == (2, 0)


def spec_title(panel: dict[str, Any]) -> str:
    """A panel's title."""
    title = panel.get("title", "")
    return title if isinstance(title, str) else title["text"]


def test_the_first_layer_is_drawn_unless_another_is_named(spec_of: Any) -> None:
    """By number of units, which differs between the layers of two modules."""
    network = nn.Sequential(nn.Flatten(2), nn.GRU(3, 4), Second())
    trace = record(network, torch.randn(5, 2, 3))
    first, second = (leaf.path.strip("/") for leaf in trace.leaves)
    rows = {
        node: len(spec_of(gates.chart(trace, node=node).to_dict()).found["datasets"]["rows"])
        for node in (None, first, second)
    }
    assert rows == {None: 4, first: 4, second: 9}


class Second(nn.Module):
    """Another layer behind the first."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(4, 9)

    def forward(self, given: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        """Takes what a layer returns."""
        return self.rnn(given[0])[0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_saved(tmp_path: Any, theme: Any) -> None:
    """Both charts of a network that nobody prepared."""
    network = Tagger(nn.LSTM(3, 5, batch_first=True))
    trace = record(network, torch.randn(4, 8, 3), lambda out: out.square().sum())
    ground = {"light": b"#ffffff", "dark": b"#11151c"}[theme]
    for name, chart in {
        "gates": gates.chart(trace, look=GatesLook(theme=theme, hover=False)),
        "flow": gradients.chart(trace, theme=theme),
    }.items():
        svg = export.save(chart, tmp_path / f"{name}.svg").read_bytes()
        assert ground in svg


@pytest.mark.filterwarnings("ignore:LSTM with projections")  # torch's own, about its speed
def test_a_projected_lstm_is_drawn_without_its_projection() -> None:
    """Its hidden state has other units than its gates, so it has no rows among them."""
    trace = record(nn.LSTM(3, 6, proj_size=2), torch.randn(5, 1, 3))
    view = gates.view(units.layer_of(trace))
    names = [signal.name for signal in view.data.shape.signals]
    assert names == ["input_gate", "forget_gate", "output_gate", "cell_state"]
    assert np.isfinite(view.data.values[3]).all()


def test_gradients_of_a_bidirectional_network_have_a_panel_a_layer_and_state(spec_of: Any) -> None:
    """Four layers and directions of an LSTM: h and c of each."""
    network = Tagger(nn.LSTM(3, 5, num_layers=2, bidirectional=True, batch_first=True))
    trace = record(network, torch.randn(4, 8, 3), lambda out: out.square().sum())
    rows = gradients.chart(trace).to_dict()["vconcat"]
    panels = [panel for row in rows for panel in row["hconcat"]]
    wanted = [
        f"body.reader/{layer}: ‖dL/d{symbol}‖"
        for layer in ("l0", "l0_reverse", "l1", "l1_reverse")
        for symbol in ("h", "c")
    ]
    assert [panel["title"] for panel in panels] == wanted


def test_without_a_loss_there_is_no_gradient_to_draw() -> None:
    """One clear sentence, not an empty chart."""
    trace = record(nn.GRU(2, 3), torch.randn(4, 1, 2))
    with pytest.raises(ValueError, match=r"no grad_hidden_state: record it with a loss"):
        gradients.chart(trace)


@pytest.mark.parametrize("page", ["gradient_flow", "memory"])
def test_where_sentences_end_apart_there_is_no_last_step_to_count_from(
    open_app: Callable[..., AppTest], page: str
) -> None:
    app = open_app(page, run="reviews-lstm")
    assert not app.exception
    assert "end at different time steps" in app.info[0].value
    assert not app.get("vega_lite_chart")
