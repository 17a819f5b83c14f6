"""What cannot be recorded is refused with a sentence that helps; what is asked for is chosen."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import gatescope
from gatescope import RecordError

TIME, BATCH, FEATURES, UNITS = 4, 2, 3, 5


class Model(nn.Module):
    """A recurrent layer and a shortcut around it."""

    def __init__(self, recurrent: nn.Module) -> None:
        super().__init__()
        self.recurrent, self.shortcut = recurrent, nn.Linear(FEATURES, UNITS)

    def forward(self, x: Tensor) -> Tensor:
        found = self.recurrent(x)
        return (found[0] if isinstance(found, tuple) else found) + self.shortcut(x)


class Cut(Model):
    """Its layer's output does not count."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).detach() + self.shortcut(x)


class Without(Model):
    """It turns gradients off around its layer."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            found = super().forward(x)
        return found + self.shortcut(x)


class Idle(Model):
    """It holds a layer and does not call it."""

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(x)


class Threaded(Model):
    """It runs its layer in another thread."""

    def forward(self, x: Tensor) -> Tensor:
        found: list[Tensor] = []
        thread = threading.Thread(target=lambda: found.append(Model.forward(self, x)))
        thread.start()
        thread.join()
        return found[0]


def layer() -> nn.GRU:
    return nn.GRU(FEATURES, UNITS)


def own() -> gatescope.Recurrence:
    return gatescope.Recurrence([gatescope.make_cell("gru", FEATURES, UNITS)])


def total(output: Tensor) -> Tensor:
    return output.sum()


CASES: dict[str, tuple[Callable[[], nn.Module], Callable[[Any], Any] | None, str]] = {
    "several numbers": (lambda: Model(layer()), lambda out: out, r"scalar.*\(4, 2, 5\).*sum"),
    "no tensor": (lambda: Model(layer()), lambda out: 1.0, "scalar tensor, got float"),
    "none": (lambda: Model(layer()), lambda out: None, "got NoneType"),
    "detached loss": (
        lambda: Model(layer()),
        lambda out: out.detach().sum(),
        "no gradient.*detach",
    ),
    "detached output": (lambda: Cut(layer()), total, "does not reach any recurrent layer"),
    "detached own output": (lambda: Cut(own()), total, "does not reach any recurrent layer"),
    "no_grad inside": (lambda: Without(layer()), total, "turns gradients off inside its forward"),
    "no_grad inside, own": (
        lambda: Without(own()),
        total,
        "turns gradients off inside its forward",
    ),
    "no layer": (
        lambda: nn.Linear(FEATURES, UNITS),
        None,
        "Linear holds no recurrent layer.*nn.GRU",
    ),
    "layer not called": (lambda: Idle(layer()), None, "did not run in this thread"),
    "another thread": (lambda: Threaded(layer()), None, "did not run in this thread"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_recording_that_cannot_be_made_is_refused(name: str) -> None:
    """One line that says what was found and what to do."""
    make, loss, words = CASES[name]
    with pytest.raises(RecordError, match=words) as caught:
        gatescope.record(make(), torch.randn(TIME, BATCH, FEATURES), loss)
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("kind", ["scripted", "quantised"])
def test_a_model_whose_layers_cannot_be_seen_is_refused(kind: str) -> None:
    """Scripted and quantised models are named as such."""
    if kind == "scripted":
        model = torch.jit.script(nn.Sequential(nn.GRU(FEATURES, UNITS)))
    else:
        quantisation = pytest.importorskip("torch.ao.quantization")
        model = quantisation.quantize_dynamic(nn.Sequential(nn.LSTM(FEATURES, UNITS)), {nn.LSTM})
    with pytest.raises(RecordError, match=f"^0 is {kind}"):
        gatescope.record(model, torch.randn(TIME, BATCH, FEATURES))


def test_no_grad_inside_is_fine_without_a_loss() -> None:
    """Values are there all the same."""
    model, x = Without(layer()), torch.randn(TIME, BATCH, FEATURES)
    trace = gatescope.record(model, x)
    expected = model.recurrent(x)[0].detach().numpy()
    # float32: the recorded layer runs the same kernel, up to its rounding
    np.testing.assert_allclose(trace["recurrent/l0"]["hidden_state"], expected, atol=1e-6)


@pytest.fixture
def stack() -> tuple[nn.Module, Tensor]:
    return nn.LSTM(FEATURES, UNITS, 2), torch.randn(TIME, BATCH, FEATURES)


def ends(output: Any) -> Tensor:
    return output[0].sum()


@pytest.mark.parametrize(
    ("signals", "layers"),
    [
        (["forget_gate"], None),
        (["grad_cell_state", "hidden_state"], ["lstm/l1"]),
        ("input_gate", "lstm/l0"),
        (None, ["lstm/l1", "lstm/l0"]),
        (iter(["output_gate"]), iter(["lstm/l0"])),
    ],
)
def test_a_selection_is_the_full_trace_less_the_rest(
    stack: tuple[nn.Module, Tensor], signals: Any, layers: Any
) -> None:
    """The same numbers, and only what was named; names may come from any iterable."""
    full = gatescope.record(*stack, ends)
    names = {"input_gate"} if signals == "input_gate" else None
    if not isinstance(signals, str) and signals is not None:
        signals = list(signals)
        names = set(signals)
    nodes = [layers] if isinstance(layers, str) else layers and list(layers)
    trace = gatescope.record(*stack, ends, signals=signals, layers=nodes)
    assert [node.path.strip("/") for node in trace.leaves] == sorted(
        nodes or ["lstm/l0", "lstm/l1"]
    )
    for node in trace.leaves:
        whole = full[node.path]
        assert set(node.data_vars) == (names or set(whole.data_vars))
        for name in node.data_vars:
            assert node[name].identical(whole[name])


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (
            {"signals": ["forget"]},
            "no signal is called 'forget'; there are input_gate, forget_gate",
        ),
        ({"signals": ["update_gate"]}, "no signal is called 'update_gate'"),
        ({"layers": ["lstm/l2"]}, "no layer is called 'lstm/l2'; there are lstm/l0, lstm/l1"),
        ({"layers": ["l0"]}, "no layer is called 'l0'"),
    ],
)
def test_an_unknown_name_lists_those_there_are(
    stack: tuple[nn.Module, Tensor], choice: dict[str, list[str]], words: str
) -> None:
    """For signals and for layers."""
    with pytest.raises(RecordError, match=words):
        gatescope.record(*stack, ends, **choice)


def test_a_gradient_cannot_be_chosen_without_a_loss(stack: tuple[nn.Module, Tensor]) -> None:
    """It is not among those there are."""
    with pytest.raises(RecordError, match="no signal is called 'grad_cell_state'"):
        gatescope.record(*stack, signals=["grad_cell_state"])
