"""Gradient flow: the lines are quantiles of autograd's gradients, the words are the lines."""

import gc
import re
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from torch import Tensor, nn

from gatescope import Run, record
from gatescope.training import TrainConfig, build_model
from viz_app.features.gradient_flow import data as gradients
from viz_app.features.gradient_flow import words as gradients_words
from viz_app.kit.library import Library

ADDING = ("adding-rnn", "adding-lstm", "adding-gru")
ORDERS = ("temporal-order-rnn", "temporal-order-lstm", "temporal-order-gru")
CELLS = ("rnn", "lstm", "gru")


def looped(cell: str, weights: dict[str, Tensor], inputs: Tensor) -> dict[str, list[Tensor]]:
    """Torch's documented equations as a loop, every state with its own gradient kept."""
    wi, wh = weights["weight_ih"], weights["weight_hh"]
    bi, bh = weights["bias_ih"], weights["bias_hh"]
    h = torch.zeros(inputs.shape[1], wh.shape[1], dtype=inputs.dtype)
    c = torch.zeros_like(h)
    states: dict[str, list[Tensor]] = {"hidden_state": []}
    for x in inputs:
        a, b = x @ wi.T + bi, h @ wh.T + bh
        if cell == "rnn":
            h = torch.tanh(a + b)
        elif cell == "gru":
            (ar, az, an), (br, bz, bn) = a.chunk(3, -1), b.chunk(3, -1)
            z = torch.sigmoid(az + bz)
            n = torch.tanh(an + torch.sigmoid(ar + br) * bn)
            h = (1 - z) * n + z * h
        else:
            i, f, g, o = (a + b).chunk(4, -1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            c.retain_grad()
            states.setdefault("cell_state", []).append(c)
        h.retain_grad()
        states["hidden_state"].append(h)
    return states


@pytest.mark.parametrize("cell", CELLS)
def test_lines_are_quantiles_of_the_gradients_of_autograd(cell: str) -> None:
    """A small network in float64; the table and the drawn rows have the same numbers."""
    network = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell](2, 4).double()
    inputs = torch.randn(12, 7, 2, dtype=torch.float64)
    weight = torch.randn(4, dtype=torch.float64)
    loss: Callable[[Any], Tensor] = lambda out: ((out[0][-1] * weight).sum(-1) ** 2).sum()  # noqa: E731
    trace = record(network, inputs, loss)
    weights = {
        n.removesuffix("_l0"): p.detach().requires_grad_() for n, p in network.named_parameters()
    }
    states = looped(cell, weights, inputs)
    ((states["hidden_state"][-1] * weight).sum(-1) ** 2).sum().backward()
    spec = gradients.chart(trace).to_dict()
    assert len(spec["hconcat"]) == len(states)
    for panel, found in zip(spec["hconcat"], states.values(), strict=True):
        norms = np.array([state.grad.norm(dim=1).numpy() for state in found])
        rows = spec["datasets"][panel.get("data", spec.get("data"))["name"]]
        for field, share in (("low", 0.1), ("value", 0.5), ("high", 0.9)):
            expected = np.quantile(norms, share, axis=1)
            drawn = [row[field] for row in rows]
            np.testing.assert_allclose(drawn, expected, rtol=1e-9)


def lines_by_hand(run: Run, model: nn.Module, state: str) -> np.ndarray:
    """Median norms (time,) by autograd through the loop, each example's own loss."""
    probe = run.probe()
    named = dict(model.named_parameters())
    layer = {
        n.rpartition(".")[2].removesuffix("_l0"): p.detach().requires_grad_()
        for n, p in named.items()
        if n.endswith("_l0")
    }
    states = looped(run.config.cell, layer, probe.inputs)
    rest = [p.detach() for n, p in named.items() if not n.endswith("_l0")]
    (weight,) = (p for p in rest if p.dim() == 2)
    (bias,) = (p for p in rest if p.dim() == 1)
    answer = states["hidden_state"][-1] @ weight.T + bias
    target = probe.targets[-1]
    if run.config.task == "adding":
        ((answer - target) ** 2).sum().backward()
    else:
        nn.functional.cross_entropy(answer, target, reduction="sum").backward()
    norms = torch.stack([found.grad.double().norm(dim=1) for found in states[state]])
    return np.median(norms.numpy(), axis=1)


@pytest.fixture(scope="module")
def flows(library: Library) -> dict[str, dict[str, list[gradients.Flow]]]:
    """What the page shows of both tasks that have marks."""
    return {
        names[0]: {library.runs[n].config.cell: gradients.flows_of(library.runs[n]) for n in names}
        for names in (ADDING, ORDERS)
    }


@pytest.mark.parametrize("name", [*ADDING, *ORDERS])
def test_the_conditions_are_what_they_say(library: Library, flows: Any, name: str) -> None:
    """Each initialization is the run's own config started so, and the last is the trained run."""
    run = library.runs[name]
    by = flows[name.replace(run.config.cell, "rnn")][run.config.cell]
    wanted = ["default", "forget_bias", "chrono"] if run.config.cell != "rnn" else ["default"]
    assert [flow.condition for flow in by] == [*wanted, "trained"]
    for flow in by:
        if flow.condition == "trained":
            model = run.model()
        else:
            changed = {"initialization": flow.condition, "forget_bias": 1.0, "chrono_max": None}
            model = build_model(TrainConfig(**(run.config.model_dump() | changed)))
        for state, line in flow.lines.items():
            expected = lines_by_hand(run, model, state)
            normal = expected > 1e-30
            np.testing.assert_allclose(line.value[normal], expected[normal], rtol=5e-3)


def shares(text: str) -> list[float]:
    """The shares in a sentence: percentages, and digits times powers of ten."""
    normal = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    found = []
    for whole in re.findall(r"\d+%|\d·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", text):
        if whole.endswith("%"):
            found.append(int(whole[:-1]) / 100)
        else:
            digit, power = whole.split("·10")
            found.append(float(f"{digit}e{power.translate(normal)}"))
    return found


def about(value: float) -> Any:
    """As a percentage rounds it, or one digit of a power of ten."""
    return pytest.approx(value, abs=0.00501) if value >= 0.01 else pytest.approx(value, rel=0.34)


@pytest.mark.parametrize("task", [ADDING[0], ORDERS[0]])
def test_the_sentences_say_what_the_lines_say(flows: Any, task: str) -> None:
    """Twenty steps back, recomputed from the lines: default, biases, and after training."""
    by = {cell: {f.condition: f.lines for f in found} for cell, found in flows[task].items()}

    def kept(cell: str, condition: str, state: str) -> float:
        median = by[cell][condition][state].value
        return median[-21] / median[-1]

    first, second, third, *more = gradients_words.sentences(flows[task])
    default = {cell: kept(cell, "default", "hidden_state") for cell in CELLS}
    assert ("does **not** save" in first) == (default["lstm"] <= default["rnn"])
    assert shares(first) == [about(default[cell]) for cell in ("lstm", "rnn", "gru")]
    starts = ("default", "forget_bias", "chrono")
    assert shares(second) == [about(kept("lstm", start, "cell_state")) for start in starts]
    last = {"rnn": "hidden_state", "lstm": "cell_state", "gru": "hidden_state"}
    assert shares(third) == [about(kept(cell, "trained", last[cell])) for cell in CELLS]
    for sentence in (first, second, third):
        assert "20 steps before the end" in sentence
    floors = any(
        (line.value == 0).any() or (line.told["subnormal"] > 0.5).any()
        for cell in by.values() for lines in cell.values() for line in lines.values()
    )  # fmt: skip
    assert len(more) == int(floors)


@pytest.mark.parametrize("gain", [0.5, 4.0, 12.0])
def test_growth_is_first_over_last(library: Library, gain: float) -> None:
    """By how much the scaled network's gradient grows or shrinks over all steps."""
    found = {c: gradients.flows_of(library.runs[f"adding-{c}"], gain) for c in ("lstm", "gru")}
    for cell, sentence in zip(found, gradients_words.growth(found, gain), strict=True):
        assert [flow.condition for flow in found[cell]] == ["unscaled", "scaled"]
        median = found[cell][-1].lines["hidden_state"].value
        factor = median[0] / median[-1]
        assert f"With factor {gain:g}," in sentence
        assert ("grows" in sentence) == (factor >= 1)
        assert ("shrinks" in sentence) == (factor < 1)
        size = max(factor, 1 / factor)
        said = shares(sentence) or [
            float(re.findall(r"of ([\d.,]+)\.$", sentence)[0].replace(",", ""))
        ]
        assert said == [pytest.approx(size, rel=0.34 if size >= 1e5 else 0.06)]


def test_the_gain_scales_the_recurrent_matrix_of_the_shown_network(library: Library) -> None:
    """Its lines are those of the same network with weight_hh multiplied, by the loop's autograd."""
    run = library.runs["adding-gru"]
    (_, scaled) = gradients.flows_of(run, 3.0)
    model = gradients.untrained(run, "default")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "weight_hh" in name:
                parameter *= 3
    expected = lines_by_hand(run, model, "hidden_state")
    np.testing.assert_allclose(scaled.lines["hidden_state"].value, expected, rtol=5e-3)


def test_a_short_sequence_looks_back_as_far_as_it_goes(library: Library, flows: Any) -> None:
    """Of ten steps: nine steps back, and the share at the first."""

    def cut(line: Any) -> Any:
        told = {name: column[-10:] for name, column in line.told.items()}
        ends = {name: getattr(line, name)[-10:] for name in ("x", "value", "low", "high")}
        return replace(line, told=told, **ends)

    short = {
        cell: [gradients.Flow(f.condition, {s: cut(x) for s, x in f.lines.items()}) for f in found]
        for cell, found in flows[ADDING[0]].items()
    }
    median = short["lstm"][0].lines["cell_state"].value
    sentence = gradients_words.sentences(short)[1]
    assert "9 steps before the end" in sentence
    assert shares(sentence)[0] == about(median[0] / median[-1])


def test_the_table_has_every_number_that_is_drawn(flows: Any) -> None:
    """One row a panel, line and step."""
    panels = gradients.panels(flows[ADDING[0]])
    table = gradients.table(panels)
    assert len(table) == sum(len(line.value) for panel in panels for line in panel.lines)
    for panel in panels:
        for line in panel.lines:
            rows = table[(table.panel == panel.title) & (table.line == line.name)]
            np.testing.assert_array_equal(rows.sort_values("time")["median"], line.value)


def test_recordings_are_gone_when_they_have_been_used(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page takes a dozen; a tree's parts know each other, so nothing but the collector would."""
    run, trees = library.runs["adding-lstm"], []

    def noted(*given: Any) -> xr.DataTree:
        trace = record(*given)
        trees.extend(weakref.ref(node) for node in trace.subtree)
        return trace

    monkeypatch.setattr(gradients, "record", noted)
    gc.collect()
    gc.disable()
    try:
        assert gradients.flows_of(run)
        assert len(trees) > 4
        assert [tree for tree in trees if tree() is not None] == []
    finally:
        gc.enable()
