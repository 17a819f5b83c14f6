"""What cannot be recorded is refused with a sentence that helps; what is asked for is chosen."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

import gatescope
from gatescope import RecordError
from gatescope.recording import signal_buffer

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


class Inference(Model):
    """It runs in inference mode by itself."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.inference_mode():
            return super().forward(x)


class Checkpointed(Model):
    """It keeps nothing for the way back, and runs again then."""

    reentrant = False

    def forward(self, x: Tensor) -> Tensor:
        return checkpoint(super().forward, x.requires_grad_(), use_reentrant=self.reentrant)


class Reentrant(Checkpointed):
    """The same in torch's older way."""

    reentrant = True


class Mixed(Model):
    """It mixes precisions by itself."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return super().forward(x)


class Steps(nn.Module):
    """A cell along time."""

    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([self.cell(row) for row in x])


class Transformed(Model):
    """It runs its layer under a transform of torch.func."""

    def __init__(self, recurrent: nn.Module, transform: Any) -> None:
        super().__init__(recurrent)
        self.transform = transform

    def forward(self, x: Tensor) -> Tensor:
        return self.transform(super().forward)(x)


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
    "checkpoints": (lambda: Checkpointed(layer()), total, "torch.utils.checkpoint.*record without"),
    "checkpoints, reentrant": (lambda: Reentrant(layer()), total, "torch.utils.checkpoint"),
    "checkpoints, own": (lambda: Checkpointed(own()), total, "torch.utils.checkpoint"),
    "autocast": (lambda: Mixed(layer()), total, "torch.autocast, which mixes precisions"),
    "no layer": (
        lambda: nn.Linear(FEATURES, UNITS),
        None,
        "no recurrent layer ran in this Linear.*nn.GRU",
    ),
    "layer not called": (lambda: Idle(layer()), None, "but none ran"),
    "vmap": (lambda: Transformed(layer(), torch.func.vmap), None, "transform of torch.func"),
    "func.grad": (
        lambda: Transformed(layer(), lambda run: torch.func.grad(lambda x: run(x).sum())),
        total,
        "transform of torch.func",
    ),
    "func.grad, own": (
        lambda: Transformed(own(), lambda run: torch.func.grad(lambda x: run(x).sum())),
        total,
        "transform of torch.func",
    ),
    "func.vjp, a cell": (
        lambda: Transformed(
            Steps(nn.GRUCell(FEATURES, UNITS)), lambda run: lambda x: torch.func.vjp(run, x)[0]
        ),
        None,
        "transform of torch.func",
    ),
    "another thread": (lambda: Threaded(layer()), None, "ran in another thread"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_recording_that_cannot_be_made_is_refused(name: str) -> None:
    """One line that says what was found and what to do."""
    make, loss, words = CASES[name]
    with pytest.raises(RecordError, match=words) as caught:
        gatescope.record(make(), torch.randn(TIME, BATCH, FEATURES), loss)
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside_another"])
@pytest.mark.parametrize("kind", ["scripted", "quantized"])
def test_a_layer_that_cannot_be_seen_is_named(kind: str, beside: bool) -> None:
    """Also where another layer can be: a tree without it would hide that it is there."""
    hidden = nn.Sequential(nn.LSTM(FEATURES, UNITS))
    if kind == "scripted":
        hidden = torch.jit.script(hidden)
    else:
        quantisation = pytest.importorskip("torch.ao.quantization")
        hidden = quantisation.quantize_dynamic(hidden, {nn.LSTM})

    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.seen, self.hidden = nn.GRU(FEATURES, UNITS), hidden

        def forward(self, x: Tensor) -> Tensor:
            return self.seen(x)[0] + self.hidden(x)[0]

    path = "hidden.0" if beside else "0"
    with pytest.raises(
        RecordError, match=f"^{path} is {kind}, so nothing inside it can be recorded"
    ):
        gatescope.record(Both() if beside else hidden, torch.randn(TIME, BATCH, FEATURES))


@pytest.mark.parametrize("where", ["whole", "layer", "in_place"])
def test_what_is_compiled_is_recorded_as_what_was_compiled(where: str) -> None:
    """The same trace, bit for bit, by the same paths; nothing was compiled for it."""
    model, x = Model(nn.LSTM(FEATURES, UNITS)), torch.randn(TIME, BATCH, FEATURES)
    expected = gatescope.record(model, x, total)
    runs: list[int] = []
    torch.compiler.reset()

    def backend(graph: Any, example_inputs: Any) -> Any:
        runs.append(1)
        return graph.forward

    compiled: Any = model
    if where == "whole":
        compiled = torch.compile(model, backend=backend)
    elif where == "layer":
        model.recurrent = torch.compile(model.recurrent, backend=backend)
    else:
        model.compile(backend=backend)
    assert gatescope.record(compiled, x, total).identical(expected)
    assert not runs
    torch.compile(nn.Linear(FEATURES, UNITS), backend=backend)(x)
    assert runs, "afterwards torch compiles again"


@pytest.mark.parametrize("with_loss", [True, False])
def test_what_was_made_in_inference_mode(with_loss: bool) -> None:
    """An input is as good as any; with a loss, a weight that autograd cannot follow is named."""
    with torch.inference_mode():
        x, made = torch.randn(TIME, BATCH, FEATURES), Model(layer())
    model = Model(layer())
    model.load_state_dict(made.state_dict())
    loss = total if with_loss else None
    expected = gatescope.record(model, x.clone(), loss)
    assert gatescope.record(model, x, loss).identical(expected)
    if with_loss:
        with pytest.raises(RecordError, match=r"the weight recurrent\.weight_ih_l0 was made"):
            gatescope.record(made, x, loss)
    else:
        assert gatescope.record(made, x).identical(expected)


def test_values_of_a_model_that_runs_in_its_own_mode() -> None:
    """Without a loss, inference mode, no_grad and checkpoints inside a model change nothing."""
    plain, x = Model(layer()), torch.randn(TIME, BATCH, FEATURES)
    expected = gatescope.record(plain, x)
    for kind in (Inference, Without, Checkpointed, Reentrant):
        model = kind(plain.recurrent)
        model.shortcut = plain.shortcut
        assert gatescope.record(model, x).identical(expected), kind


class Frozen(gatescope.Cell):
    """A cell with a leak of its own, told to the recorder or not."""

    blocks = ("candidate",)
    told = True

    def __init__(self) -> None:
        super().__init__(FEATURES, UNITS)
        self.leak = nn.Parameter(torch.zeros(UNITS))

    def step(self, x: Tensor, state: dict[str, Tensor]) -> dict[str, Tensor]:
        k = torch.sigmoid(self.leak).expand(len(x), -1)
        k = gatescope.signal("leak", k) if self.told else k
        g = torch.tanh(self.pre_activations(x, state["hidden_state"])["candidate"])
        h = k * state["hidden_state"] + (1 - k) * g
        return {"leak": k, "candidate": g, "hidden_state": h}


def test_a_constant_signal_of_a_frozen_cell_is_followed_or_named() -> None:
    """Never zeros for what autograd does not follow."""
    cell, x = Frozen().double(), torch.randn(TIME, BATCH, FEATURES).double()
    loop = gatescope.Recurrence([cell])
    expected = gatescope.record(loop, x, total)
    assert np.abs(expected["recurrence/l0"]["grad_leak"]).min() > 0
    loop.requires_grad_(False)
    assert gatescope.record(loop, x, total).identical(expected)
    cell.told = False
    with pytest.raises(RecordError, match=r"leak of .* has no gradient.*gatescope.signal\('leak'"):
        gatescope.record(loop, x, total)
    names = [name for name in expected["recurrence/l0"].data_vars if name != "grad_leak"]
    assert set(gatescope.record(loop, x, total, signals=names)["recurrence/l0"].data_vars) == set(
        names
    )


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
            "there is no signal 'forget'; available: input_gate, forget_gate",
        ),
        ({"signals": ["update_gate"]}, "there is no signal 'update_gate'"),
        ({"layers": ["lstm/l2"]}, "there is no layer 'lstm/l2'; available: lstm/l0, lstm/l1"),
        ({"layers": ["l0"]}, "there is no layer 'l0'"),
    ],
)
def test_an_unknown_name_lists_those_there_are(
    stack: tuple[nn.Module, Tensor], choice: dict[str, list[str]], words: str
) -> None:
    """For signals and for layers."""
    with pytest.raises(RecordError, match=words):
        gatescope.record(*stack, ends, **choice)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"batch": BATCH}, f"batch contains {BATCH}, but the batch of lstm/l0 has only {BATCH}"),
        ({"units": [0, 7]}, "units contains 7, but lstm/l0 has only 5: give 0 to 4"),
        ({"batch": -1}, r"batch must be indices from 0 on.*got -1"),
        ({"units": []}, r"units must be indices"),
        ({"units": "all"}, r"units must be indices.*'all'"),
        ({"batch": slice(5, 9)}, r"selects nothing: the batch of lstm/l0 has 2"),
        ({"time": 0}, "time must be a slice of steps, or a stride.*got 0"),
        ({"time": [1, 2]}, "time must be a slice of steps"),
        ({"time": slice(-5, None)}, "time must count from the start"),
        ({"time": slice(None, None, -1)}, "time must count from the start"),
        ({"time": slice(100, 200)}, "none of the 4 time steps of lstm/l0"),
    ],
)
def test_a_choice_that_cannot_be_is_named(
    stack: tuple[nn.Module, Tensor], choice: dict[str, Any], words: str
) -> None:
    """The argument, what it was, and what it may be."""
    with pytest.raises(RecordError, match=words):
        gatescope.record(*stack, ends, **choice)


def test_a_recording_that_does_not_fit_says_how_large_it_is(
    stack: tuple[nn.Module, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes it needs, bytes that are free, and how to ask for less; then less fits."""
    memory = SimpleNamespace(available=4_000)
    monkeypatch.setattr(signal_buffer.psutil, "virtual_memory", lambda: memory)
    monkeypatch.setattr(signal_buffer, "SMALL", 0)
    # 12 signals and gradients of 4 steps, 2 examples, 5 units in float32: 1,920 bytes
    memory.available = 2_000
    words = r"lstm/l0 takes 1.92 kB \(12 signals of 4 steps, 2 examples.*2 kB are free: keep less"
    with pytest.raises(RecordError, match=words):
        gatescope.record(*stack, ends)
    gatescope.record(*stack, ends, units=[1, 2])
    gatescope.record(*stack, ends, signals=["forget_gate"])
    memory.available = 2_200
    gatescope.record(*stack, ends)


def lazy() -> nn.Module:
    return nn.Sequential(nn.LazyLinear(FEATURES), nn.GRU(FEATURES, UNITS))


GIVEN: dict[str, tuple[Callable[[], Any], Any, Any, str]] = {
    "a batch of 0": (layer, torch.zeros(TIME, 0, FEATURES), None, r"batch of 0.*\(4, 0, 3\)"),
    "a batch of 0, own": (own, torch.zeros(TIME, 0, FEATURES), total, "batch of 0"),
    "a batch of 0, a cell": (
        lambda: nn.LSTMCell(FEATURES, UNITS), torch.zeros(0, FEATURES), None, "batch of 0"
    ),
    "meta weights": (
        lambda: layer().to("meta"), torch.zeros(TIME, 1, FEATURES), None,
        "weight_ih_l0 is on the meta device",
    ),
    "meta input": (layer, torch.zeros(TIME, 1, FEATURES, device="meta"), None, "the input is on"),
    "a lazy module": (lazy, torch.zeros(TIME, 1, 2), None, "0.weight has no shape yet.*lazy"),
    "a function": (lambda: lambda x: layer()(x), torch.zeros(TIME, 1, FEATURES), None,
                   "takes an nn.Module, got one of type function"),
    "a class": (lambda: nn.GRU, torch.zeros(TIME, 1, FEATURES), None, r"class GRU.*GRU\(\.\.\.\)"),
    "a state dict": (
        lambda: layer().state_dict(), torch.zeros(TIME, 1, FEATURES), None,
        "OrderedDict: make the model, load its weights with load_state_dict",
    ),
    "a file's name": (lambda: "model.pt", torch.zeros(TIME, 1, 3), None, "str: make the model"),
    "a scripted layer": (
        lambda: torch.jit.script(layer()), torch.zeros(TIME, 1, FEATURES), None,
        "the model is scripted.*record the original",
    ),
    "a dict": (layer, {"x": torch.zeros(TIME, 1, FEATURES)}, None, r"dict.*kwargs=batch"),
    "a list": (layer, [torch.zeros(TIME, 1, FEATURES)], None, r"list.*tuple.*\(x, lengths\)"),
    "an array": (layer, np.zeros((TIME, 1, FEATURES)), None, r"NumPy array.*torch.from_numpy"),
    "a string for a loss": (layer, torch.zeros(TIME, 1, 3), "mse", "must be a function.*'mse'"),
    "a number for a loss": (layer, torch.zeros(TIME, 1, 3), 1.0, "must be a function.*1.0"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Lazy modules", "ignore:.torch.jit.script. is deprecated")
@pytest.mark.parametrize("name", GIVEN)
def test_what_is_given_amiss_is_named(name: str) -> None:
    """One sentence with the value, what was expected, and how to mend it."""
    make, inputs, loss, words = GIVEN[name]
    with pytest.raises(RecordError, match=words) as caught:
        gatescope.record(make(), inputs, loss)
    assert "\n" not in str(caught.value)


def test_a_gradient_without_a_loss_asks_for_the_loss() -> None:
    """It is not as if the layer had no such signal; a name that nothing has stays unknown."""
    x = torch.zeros(TIME, 1, FEATURES)
    with pytest.raises(RecordError, match="no 'grad_hidden_state' without a loss: give one"):
        gatescope.record(layer(), x, signals=["grad_hidden_state"])
    with pytest.raises(RecordError, match="no signal 'grad_memory'; available: "):
        gatescope.record(layer(), x, signals=["grad_memory"])


@pytest.mark.parametrize("loss", [nn.MSELoss(), lambda output: output.sum()])
def test_a_loss_that_cannot_take_the_output_is_told_what_it_was_given(loss: Any) -> None:
    """The user's own error comes as it is, with a note of what the loss is called with."""
    with pytest.raises((TypeError, AttributeError)) as caught:
        gatescope.record(nn.GRU(FEATURES, UNITS), torch.zeros(TIME, 1, FEATURES), loss)
    (note,) = caught.value.__notes__
    assert "output alone, here tuple (Tensor, Tensor)" in note


def test_arguments_may_all_have_names() -> None:
    """As a batch of a loader that is a dict; torch's own numbers."""
    gru, x = nn.GRU(FEATURES, UNITS), torch.randn(TIME, BATCH, FEATURES)
    trace = gatescope.record(gru, kwargs={"input": x})
    assert torch.equal(torch.tensor(trace["gru/l0"]["hidden_state"].values), gru(x)[0].detach())


@pytest.mark.parametrize("error", [TypeError, AttributeError, ValueError, RuntimeError])
def test_what_a_forward_raises_is_shown_as_it_is(error: type[Exception]) -> None:
    """The user's own error, from the user's own line."""

    class Fails(Model):
        def forward(self, x: Tensor) -> Tensor:
            super().forward(x)
            raise error("mine")

    with pytest.raises(error, match=r"^mine$") as caught:
        gatescope.record(Fails(layer()), torch.randn(TIME, BATCH, FEATURES), total)
    assert caught.type is error
    assert caught.value.__cause__ is None


def test_a_call_inside_a_transform_is_refused() -> None:
    """Recording itself under torch.func.grad."""
    model = layer()

    def value(x: Tensor) -> Tensor:
        gatescope.record(model, x)
        return x.sum()

    with pytest.raises(RecordError, match=r"transform of torch\.func"):
        torch.func.grad(value)(torch.randn(TIME, BATCH, FEATURES))


@pytest.mark.parametrize("kind", [nn.LSTMCell, nn.GRUCell, nn.RNNCell])
def test_an_input_that_is_overwritten_at_each_step_is_named(kind: type[nn.RNNCellBase]) -> None:
    """Its gradient needs what stood there before, as torch's own backward pass does."""

    class Overwriting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = kind(FEATURES, UNITS)

        def forward(self, x: Tensor) -> Tensor:
            place, state = torch.zeros_like(x[0]), None
            for row in x:
                state = self.cell(place.copy_(row), state)
            return state[0] if isinstance(state, tuple) else state

    x = torch.randn(TIME, BATCH, FEATURES)
    with pytest.raises(RecordError, match="was changed in place between the layer and the loss"):
        gatescope.record(Overwriting(), x, lambda output: output.sum())
    assert len(list(gatescope.record(Overwriting(), x).leaves)) == 1


@pytest.mark.parametrize("name", ["batch", "units"])
@pytest.mark.parametrize(
    "odd", [True, [True, False, True], np.ones(3, bool), 1.0, [1.7], "0", ["0"], torch.ones(3) > 0]
)
def test_a_mask_and_what_is_no_whole_number_are_refused(name: str, odd: Any) -> None:
    """True is 1 in Python, so that a mask would name the entries 0 and 1."""
    with pytest.raises(RecordError, match=f"{name} must be indices from 0 on, or a slice"):
        gatescope.record(nn.GRU(2, 3), torch.randn(4, 3, 2), **{name: odd})


@pytest.mark.parametrize("one", [np.int64(1), np.array(1), torch.tensor(1), iter([1])])
def test_one_index_in_any_form(one: Any) -> None:
    trace = gatescope.record(nn.GRU(2, 3), torch.randn(4, 3, 2), batch=one)
    assert trace["gru/l0"]["batch"].values.tolist() == [1]
