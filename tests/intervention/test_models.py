"""Interventions on layers inside models, and what a model is afterwards."""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

import gatescope
from gatescope.intervention import (
    Bias,
    Clamp,
    Intervened,
    InterventionError,
    Scale,
    SetState,
    ZeroUnit,
)  # fmt: skip

CLOSE: dict[str, Any] = {"rtol": 1e-12, "atol": 1e-12}


class Classifier(nn.Module):
    """Two recurrent parts, a batch norm with buffers, and dropout between and within."""

    def __init__(self) -> None:
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(3, 4), nn.Identity())
        self.norm = nn.BatchNorm1d(4)
        self.first = nn.LSTM(4, 5, num_layers=2, batch_first=True, dropout=0.5)
        self.second = nn.GRU(5, 6, batch_first=True, bidirectional=True)
        self.out = nn.Linear(12, 2)

    def forward(self, x: Tensor, scale: float = 1.0) -> dict[str, Tensor]:
        x = self.norm(self.enc(x).transpose(1, 2)).transpose(1, 2)
        h = self.first(x * scale)[0]
        h = self.second(nn.functional.dropout(h, 0.3, self.training))[0]
        return {"hidden": h, "logits": self.out(h[:, -1])}


def test_later_layers_see_the_change_and_earlier_ones_do_not() -> None:
    """A changed first part changes the second; not the other way round. By hand, in eval mode."""
    model = Classifier().double().eval()
    x = torch.randn(4, 7, 3, dtype=torch.float64)
    run = gatescope.intervene(model, (x, 0.5), ZeroUnit([0, 2], layer="first/l1"))
    same = run.difference["first/l0"]
    assert all(float(abs(values).max()) == 0 for values in same.values())
    assert float(abs(run.difference["second/l0"]["hidden_state"]).max()) > 1e-3
    seen = torch.from_numpy(run.changed["first/l1"]["hidden_state"].values).transpose(0, 1)
    assert not seen[..., [0, 2]].any()
    hidden = model.second(seen)[0]
    torch.testing.assert_close(run.changed_output["hidden"], hidden.detach(), **CLOSE)
    logits = model.out(hidden[:, -1]).detach()
    torch.testing.assert_close(run.changed_output["logits"], logits, **CLOSE)
    back = gatescope.intervene(model, x, Clamp("update_gate", 1.0, layer="second/l0_reverse"))
    for node in ("first/l0", "first/l1", "second/l0"):
        assert all(float(abs(values).max()) == 0 for values in back.difference[node].values())


def test_a_reversed_layer_counts_in_input_time() -> None:
    """A state set at step 4 is seen by the steps before it, which are read later."""
    layer = nn.GRU(3, 5, bidirectional=True).double()
    x = torch.randn(7, 2, 3, dtype=torch.float64)
    run = gatescope.intervene(
        layer, x, SetState("hidden_state", 0.9, step=4, layer="gru/l0_reverse")
    )
    moved = abs(run.difference["gru/l0_reverse"]["hidden_state"]).max(("batch", "unit")).values
    assert (moved[5:] < 1e-12).all()
    assert (moved[:5] > 1e-6).all()
    assert (run.changed["gru/l0_reverse"]["hidden_state"][4] == 0.9).all()


def test_dropout_falls_alike_in_both_runs() -> None:
    """In training mode, a change that changes nothing leaves the output as it was."""
    model = Classifier().double()
    x = torch.randn(4, 7, 3, dtype=torch.float64)
    run = gatescope.intervene(model, x, [Scale("forget_gate", 1.0), Bias("candidate", 0.0)])
    torch.testing.assert_close(run.changed_output, run.untouched_output, **CLOSE)


class Siamese(nn.Module):
    """One layer that is called twice: on batches of one size, or of two."""

    def __init__(self, batches: tuple[int, int]) -> None:
        super().__init__()
        self.arm = nn.RNN(3, 4)
        self.batches = batches

    def forward(self, x: Tensor) -> list[Tensor]:
        return [self.arm(x[:, :size])[0] for size in self.batches]


def test_calls_follow_one_another_along_time() -> None:
    """Step 8 of two calls of 6 steps is step 2 of the second call."""
    model = Siamese((2, 2)).double()
    x = torch.randn(6, 2, 3, dtype=torch.float64)
    run = gatescope.intervene(model, x, SetState("hidden_state", 0.5, step=8))
    first, second = run.changed_output
    torch.testing.assert_close(first, run.untouched_output[0], **CLOSE)
    torch.testing.assert_close(second[:2], first[:2], **CLOSE)
    assert (second[2] == 0.5).all()


@pytest.mark.parametrize("each", [False, True], ids=["one_value", "a_value_each"])
def test_calls_of_other_batches_follow_one_another_too(each: bool) -> None:
    """Step 8 of two calls of 6 steps is step 2 of the second, whatever their batches."""
    model = Siamese((1, 3)).double()
    x = torch.randn(6, 3, 3, dtype=torch.float64)
    value = np.linspace(0.1, 0.9, 12).reshape(1, 3, 4) if each else 0.5
    clamp = Clamp("hidden_state", value, steps=[2, 8], layer="arm/l0")
    run = gatescope.intervene(model, x, clamp)
    for output in run.changed_output:
        expected = np.broadcast_to(value, (1, 3, 4))[0, : output.shape[1]]
        np.testing.assert_array_equal(output[2].numpy(), expected)
    torch.testing.assert_close(run.changed_output[0][:2], run.untouched_output[0][:2], **CLOSE)


def state_of(model: nn.Module) -> dict[str, Any]:
    """All that must not change, tensors by value."""
    found: dict[str, Any] = {k: v.clone() for k, v in model.state_dict().items()}
    for name, weight in model.named_parameters():
        found[f"{name} grad"] = None if weight.grad is None else weight.grad.clone()
        found[f"{name} asks"] = weight.requires_grad
        found[f"{name} id"] = id(weight)
    for name, module in model.named_modules():
        hooks = [module._forward_pre_hooks, module._forward_hooks, module._backward_hooks]
        found[f"{name} hooks"] = [list(each) for each in hooks]
        found[f"{name} own"] = (sorted(vars(module)), module.training)
    return found


def equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two states are the same to the last bit."""
    return one.keys() == other.keys() and all(
        torch.equal(v, other[k]) if isinstance(v, Tensor) else v == other[k] for k, v in one.items()
    )


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("with_loss", [False, True])
def test_the_model_is_as_it_was(fails: bool, with_loss: bool) -> None:
    """Weights, gradients, buffers, hooks, modes, random state; after an exception too."""
    model = Classifier()
    model.second.requires_grad_(False)
    model.norm.eval()
    x = torch.randn(4, 7, 3)
    model(x)["logits"].sum().backward()
    model.norm.train()
    before, random = state_of(model), torch.random.get_rng_state()

    def loss(output: Any) -> Tensor:
        total: Tensor = output["logits"].sum()
        return total

    def run(clamp: Clamp) -> Intervened:
        return gatescope.intervene(model, x, clamp, loss=loss if with_loss else None)

    if fails:
        hook = model.out.register_forward_hook(failing())
        with pytest.raises(ZeroDivisionError):
            run(Clamp("forget_gate", 1.0))
        hook.remove()
    else:
        run(Clamp("forget_gate", 1.0))
    assert equal(state_of(model), before)
    assert torch.equal(torch.random.get_rng_state(), random)
    again = model(x)["logits"]
    assert again.requires_grad
    assert gatescope.record(model, x)["first/l0"]["forget_gate"].max() < 1


def failing() -> Callable[..., None]:
    """A hook that fails in the second, changed run."""
    calls = []

    def hook(*_: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise ZeroDivisionError

    return hook


def test_the_traces_are_recordings(loop: SimpleNamespace) -> None:
    """Both have the names, dimensions, coordinates and attributes that ``record`` gives."""
    layer = nn.LSTM(3, 5, bidirectional=True)
    x = pack_padded_sequence(torch.randn(7, 3, 3), [2, 7, 4], enforce_sorted=False)
    alone = gatescope.record(layer, x)
    run = gatescope.intervene(layer, x, Clamp("input_gate", 0.5))
    assert alone.identical(run.untouched)
    for leaf in alone.leaves:
        other = run.changed[leaf.path]
        assert leaf.attrs == other.attrs
        assert set(leaf.coords) == set(other.coords)
        assert all(np.array_equal(leaf[name], other[name]) for name in leaf.coords)
        assert {n: (v.dims, v.dtype) for n, v in leaf.data_vars.items()} == {
            n: (v.dims, v.dtype) for n, v in other.data_vars.items()
        }
    assert list(run.difference["lstm/l0"].data_vars) == list(alone["lstm/l0"].data_vars)


@pytest.mark.parametrize(
    ("intervention", "told"),
    [
        (Clamp("forget_gate", 1.0, layer="lstm/l2"), r"'lstm/l2'; available: lstm/l0, lstm/l1, or"),
        (Clamp("forget", 1.0), r"'forget'; available: input_gate, .*hidden_state"),
        (
            Clamp("forget", 1.0, layer="lstm/l0"),
            r"l0 has no signal 'forget'; available: input_gate",
        ),
        (Clamp("forget_gate", 1.0, units=5), r"no unit 5: give 0 to 4"),
        (Clamp("forget_gate", 1.0, units=[-1]), r"no unit -1: give 0 to 4"),
        (Clamp("forget_gate", 1.0, steps=range(5, 9)), r"no step 7: give 0 to 6"),
        (Clamp("forget_gate", 1.0, steps=[]), r"steps must name at least one"),
        (Clamp("forget_gate", 1.0, units=[1, 1]), r"each only once, got \[1, 1\]"),
        (Clamp("forget_gate", 1.0, units=[0.5]), r"units must be a whole number.*\[0\.5\]"),
        (Clamp("forget_gate", "open"), r"value for forget_gate in lstm/l0 .*'open'"),
        (Clamp("forget_gate", [1.0, 2.0]), r"\(steps, batch, units\) = \(7, 2, 5\), got \[1\.0"),
        (Scale("input_gate", torch.ones(3)), r"= \(7, 2, 5\), got \(3,\)"),
        (SetState("cell_state", np.ones((4, 2, 5)), step=1), r"= \(1, 2, 5\), got \(4, 2, 5\)"),
        (SetState("forget_gate", 1.0, step=1), r"takes a state .*Clamp"),
        (Bias("cell_state", 1.0), r"no bias in lstm/l0 \(cell lstm\); available: input_gate"),
        (Bias("forget_gate", [1.0, 2.0]), r"\(units\) = \(5,\)"),
        (Clamp("forget_gate", 1.0, units=[True, False]), r"a whole number.*got \[True, False\]"),
        (Clamp("forget_gate", 1.0, units=True), r"a whole number.*got True"),
        (Clamp("forget_gate", 1.0, steps=torch.ones(7) > 0), r"steps must be a whole number"),
        (Clamp("forget_gate", None), r"forget_gate in lstm/l0 .* at most 3\.4e\+38, got nan"),
        (Clamp("forget_gate", [0, 0, 0, 0, math.inf]), r"at most 3\.4e\+38, got inf"),
        (Scale("forget_gate", 1e300), r"at most 3\.4e\+38, got 1e\+300"),
        (Clamp("forget_gate", 1.0, layer=["lstm/l0"]), r"\['lstm/l0'\]; available"),
        ("forget_gate", r"is a Clamp, Scale, ZeroUnit, SetState or Bias .* got 'forget_gate'"),
        (3, r"got 3"),
    ],
)
def test_what_does_not_fit_is_said(intervention: Any, told: str) -> None:
    """The wrong value, what there is, and how to mend it."""
    layer = nn.LSTM(3, 5, num_layers=2)
    with pytest.raises(InterventionError, match=told):
        gatescope.intervene(layer, torch.randn(7, 2, 3), intervention)


def test_other_errors_are_said() -> None:
    """A projected LSTM's units cannot be silenced; a changed run may take no unplanned steps."""
    layer = nn.LSTM(3, 5, proj_size=2).double()
    with pytest.raises(InterventionError, match=r"projected LSTM.*use Clamp\("):
        gatescope.intervene(layer, torch.randn(7, 2, 3).double(), ZeroUnit(1))

    class Growing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(3, 4)

        def forward(self, x: Tensor) -> Tensor:
            output: Tensor = self.gru(x)[0]
            more = self.gru(x)[0] if output.max() > 0.999 else output
            return more

    x = torch.randn(7, 2, 3)
    run = gatescope.intervene(Growing(), x, Clamp("hidden_state", 1.0))
    assert run.changed["gru/l0"].sizes["time"] == 14
    with pytest.raises(InterventionError, match=r"in gru/l0: untouched it has time 7.*time 14"):
        _ = run.difference
    with pytest.raises(InterventionError, match="has 7 steps, but the changed network takes more"):
        gatescope.intervene(Growing(), x, Clamp("hidden_state", np.ones((7, 1, 1))))


@pytest.mark.parametrize(
    ("units", "steps"),
    [(iter([0, 2]), (k for k in (1, 3))), (torch.tensor(2), np.array(3)), (map(int, "02"), None)],
)
def test_numbers_come_in_any_form(units: Any, steps: Any) -> None:
    """What can be gone through once only, too, though two layers and two states look at it."""
    given = list(units) if hasattr(units, "__next__") else int(units)
    when = steps if steps is None else list(steps) if hasattr(steps, "__next__") else int(steps)
    layer, x = nn.LSTM(3, 4, num_layers=2).double(), torch.randn(7, 2, 3).double()

    def again(numbers: Any) -> Any:
        return iter(numbers) if isinstance(numbers, list) else numbers

    found = gatescope.intervene(layer, x, ZeroUnit(again(given), again(when))).changed
    chosen = [given] if isinstance(given, int) else given
    at = range(7) if when is None else [when] if isinstance(when, int) else when
    expected = gatescope.intervene(layer, x, ZeroUnit(chosen, list(at))).changed
    assert found.identical(expected)
    assert not expected["lstm/l1"]["hidden_state"].values[list(at)][..., chosen].any()
