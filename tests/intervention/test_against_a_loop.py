"""Every kind of intervention on torch's layers, held against a hand-written loop in float64."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import gatescope
from gatescope.intervention import Clamp, Intervention, Scale, SetState, ZeroUnit

TIME, BATCH, UNITS = 9, 4, 5
LENGTHS = [5, 9, 1, 7]
CLOSE: dict[str, Any] = {"rtol": 1e-12, "atol": 1e-12}


def made(kind: str, form: dict[str, Any], loop: SimpleNamespace, **more: Any) -> nn.RNNBase:
    """A layer in float64."""
    layer: nn.RNNBase = loop.layers[kind](3, UNITS, **form, **more).double()
    return layer


def told(node: str | None, name: str, units: list[int], steps: list[int], change: Any) -> Any:
    """The same intervention for the loop: at those places of that signal, or of all layers."""

    def changed(at: str, t: int, examples: list[int], signal: str, value: Tensor) -> Tensor:
        if (node is not None and at != node) or signal not in name.split() or t not in steps:
            return value
        value = value.clone()
        value[:, units] = change(value[:, units])
        return value

    return changed


def cases(kind: str, node: str | None) -> list[tuple[Intervention, Any]]:
    """Each kind of intervention, and what the loop must do."""
    layer = None if node is None else f"{kind}/{node}"
    gate = {"lstm": "forget_gate", "gru": "update_gate", "rnn": "hidden_state"}[kind]
    other = {"lstm": "cell_candidate", "gru": "reset_gate", "rnn": "hidden_state"}[kind]
    kept = "cell_state" if kind == "lstm" else "hidden_state"
    every, all_steps = list(range(UNITS)), list(range(TIME))
    state = torch.tensor([0.25, -0.75], dtype=torch.float64)
    return [
        (Clamp(gate, 1.0, layer=layer), told(node, gate, every, all_steps, torch.ones_like)),
        (
            Clamp(other, 0.3, units=[4, 0], steps=(2, 5, 6), layer=layer),
            told(node, other, [4, 0], [2, 5, 6], lambda v: torch.full_like(v, 0.3)),
        ),
        (
            Scale(gate, 0.5, units=1, steps=range(3, 9), layer=layer),
            told(node, gate, [1], list(range(3, 9)), lambda v: v * 0.5),
        ),
        (
            ZeroUnit(2, steps=range(4), layer=layer),
            told(node, "cell_state hidden_state", [2], [0, 1, 2, 3], torch.zeros_like),
        ),
        (
            SetState(kept, state, step=4, units=[3, 1], layer=layer),
            told(node, kept, [3, 1], [4], lambda v: state.expand_as(v)),
        ),
    ]


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_a_changed_run_is_the_loops(
    kind: str,
    form: dict[str, Any],
    packed: bool,
    everywhere: bool,
    number: int,
    loop: SimpleNamespace,
) -> None:
    """Outputs, last states, every signal, and every gradient of a loss; the other run too."""
    layer = made(kind, form, loop)
    node = None if everywhere else "l0_reverse" if form.get("bidirectional") else "l0"
    intervention, change = cases(kind, node)[number]
    x = torch.randn(TIME, BATCH, 3, dtype=torch.float64)
    weight = torch.randn(TIME, BATCH, layer(x)[0].shape[-1], dtype=torch.float64)
    inputs = pack_padded_sequence(x, LENGTHS, enforce_sorted=False) if packed else x

    def loss(output: Any) -> Tensor:
        rows = pad_packed_sequence(output[0])[0] if packed else output[0]
        last = output[1][0].sin() if isinstance(output[1], tuple) else output[1].sin()
        total: Tensor = (rows * weight).sum() + last.sum()
        return total

    run = gatescope.intervene(layer, inputs, intervention, loss=loss)
    lengths = LENGTHS if packed else None
    for trace, output, how in (
        (run.untouched, run.untouched_output, loop.untouched),
        (run.changed, run.changed_output, change),
    ):
        oracle = loop.run(layer, x, how, lengths)
        total = (oracle.output * weight).sum() + oracle.h.sin().sum()
        total.backward()
        rows, h = output[0], output[1]
        rows = pad_packed_sequence(rows)[0] if packed else rows
        h, c = h if kind == "lstm" else (h, None)
        torch.testing.assert_close(rows, oracle.output.detach(), **CLOSE)
        torch.testing.assert_close(h, oracle.h.detach(), **CLOSE)
        if c is not None:
            torch.testing.assert_close(c, oracle.c.detach(), **CLOSE)
        assert trace.attrs["loss"] == pytest.approx(total.item(), rel=1e-12)
        for found in oracle.signals:
            dataset = trace[f"{kind}/{found}"].to_dataset()
            slopes = loop.arrays(oracle.tensors[found], TIME, BATCH, lambda v: v.grad)
            expected = oracle.signals[found] | {f"grad_{k}": v for k, v in slopes.items()}
            assert set(dataset.data_vars) == set(expected)
            for name, values in expected.items():
                np.testing.assert_allclose(dataset[name], values, err_msg=name, **CLOSE)


@pytest.mark.parametrize("packed", [False, True])
def test_clamped_to_what_was_recorded_nothing_changes(
    kind: str, form: dict[str, Any], packed: bool, loop: SimpleNamespace
) -> None:
    """Every gate of every layer held at its own values, NaN past an end included."""
    layer = made(kind, form, loop)
    x: Any = torch.randn(TIME, BATCH, 3, dtype=torch.float64)
    if packed:
        x = pack_padded_sequence(x, LENGTHS, enforce_sorted=False)
    trace = gatescope.record(layer, x)
    held = [
        Clamp(str(name), values, layer=leaf.path.strip("/"))
        for leaf in trace.leaves
        for name, values in leaf.data_vars.items()
    ]
    run = gatescope.intervene(layer, x, held)
    for leaf in run.difference.leaves:
        for name, values in leaf.data_vars.items():
            assert np.nanmax(np.abs(values)) < 1e-12, name
            assert np.isnan(values).any() == packed


def test_without_an_intervention_both_runs_are_the_same(kind: str, form: dict[str, Any]) -> None:
    """To the last bit: torch's own kernel runs in both, and in a bare call to rounding."""
    layer = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[kind](3, UNITS, **form)
    x = torch.randn(TIME, BATCH, 3)
    run = gatescope.intervene(layer, x, [])
    assert all(float(abs(v).max()) == 0 for leaf in run.difference.leaves for v in leaf.values())
    assert torch.equal(run.untouched_output[0], run.changed_output[0])
    torch.testing.assert_close(run.changed_output[0], layer(x)[0].detach())


def test_a_value_for_each_step_example_and_unit(loop: SimpleNamespace) -> None:
    """Arrays are laid over the chosen steps and units, in the order in which they are named."""
    layer = made("lstm", {}, loop)
    x = torch.randn(TIME, BATCH, 3, dtype=torch.float64)
    value = np.arange(2 * BATCH * 3).reshape(2, BATCH, 3) / 100
    clamp = Clamp("input_gate", value, units=[4, 0, 2], steps=[6, 1])
    run = gatescope.intervene(layer, x, clamp)
    gate = run.changed["lstm/l0"]["input_gate"].values
    np.testing.assert_array_equal(gate[[6, 1]][:, :, [4, 0, 2]], value)
    same = run.untouched["lstm/l0"]["input_gate"].values
    np.testing.assert_allclose(gate[0], same[0], **CLOSE)
    np.testing.assert_allclose(gate[1][:, [1, 3]], same[1][:, [1, 3]], **CLOSE)
    packed = pack_padded_sequence(x, LENGTHS, enforce_sorted=False)
    gate = gatescope.intervene(layer, packed, clamp).changed["lstm/l0"]["input_gate"].values
    for example, length in enumerate(LENGTHS):
        for row, step in enumerate([6, 1]):
            if step < length:
                found = gate[step, example, [4, 0, 2]]
                np.testing.assert_array_equal(found, value[row, example])


def test_several_act_in_their_order(loop: SimpleNamespace) -> None:
    """The later acts on what the earlier left."""
    layer = made("gru", {}, loop)
    x = torch.randn(TIME, BATCH, 3, dtype=torch.float64)
    both = [Clamp("update_gate", 0.8), Scale("update_gate", 0.5, steps=3)]
    gate = gatescope.intervene(layer, x, both).changed["gru/l0"]["update_gate"].values
    assert (gate[3] == 0.4).all()
    assert (np.delete(gate, 3, axis=0) == 0.8).all()
    gate = gatescope.intervene(layer, x, both[::-1]).changed["gru/l0"]["update_gate"].values
    assert (gate == 0.8).all()


def test_a_projected_lstm(loop: SimpleNamespace) -> None:
    """Gates and cell state have its units, the hidden state those of the projection."""
    layer = nn.LSTM(3, UNITS, num_layers=2, proj_size=2, bidirectional=True).double()
    x = torch.randn(TIME, BATCH, 3, dtype=torch.float64)
    gate = told("l1", "forget_gate", [0, 4], [3, 4], lambda v: v * 0.1)
    run = gatescope.intervene(
        layer, x, Scale("forget_gate", 0.1, units=[0, 4], steps=[3, 4], layer="lstm/l1")
    )
    torch.testing.assert_close(
        run.changed_output[0], loop.run(layer, x, gate).output.detach(), **CLOSE
    )
    hidden = told(None, "hidden_state", [1], [2], torch.zeros_like)
    run = gatescope.intervene(layer, x, Clamp("hidden_state", 0.0, units=1, steps=2))
    torch.testing.assert_close(
        run.changed_output[0], loop.run(layer, x, hidden).output.detach(), **CLOSE
    )
