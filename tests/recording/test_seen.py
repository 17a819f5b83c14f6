"""Each recurrent layer that ran is in the trace, or named in the refusal with its true reason."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import gatescope
from gatescope import RecordError

TIME, BATCH, UNITS = 5, 3, 4
KINDS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
CELLS = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}


def random(*shape: int) -> Tensor:
    return torch.randn(*shape)


def first(output: Any) -> Tensor:
    return output[0] if isinstance(output, tuple) else output


def square(output: Any) -> Tensor:
    return first(output).square().sum()


class Beside(nn.Module):
    """A layer that can be seen, and behind it a part that is run in some way."""

    def __init__(self, part: Any, run: Callable[[Any, Tensor], Tensor]) -> None:
        super().__init__()
        self.seen, self.part = nn.GRU(UNITS, UNITS), part
        self.run = run

    def forward(self, x: Tensor) -> Tensor:
        return self.run(self.part, self.seen(x)[0])


class LoopLSTM(nn.LSTM):
    """A subclass with a loop of its own."""

    def forward(self, x: Tensor, state: Any = None) -> Any:
        h = c = x.new_zeros(x.shape[1], self.hidden_size)
        outputs = []
        for row in x:
            a = row @ self.weight_ih_l0.T + h @ self.weight_hh_l0.T
            i, f, g, o = a.chunk(4, -1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            outputs.append(h)
        return torch.stack(outputs), (h, c)


class LoopGRU(nn.GRU):
    """The same of another kind, and half of it is torch's."""

    def forward(self, x: Tensor, state: Any = None) -> Any:
        return torch.tanh(x @ self.weight_ih_l0[:UNITS].T), None


class OwnCell(nn.LSTMCell):
    """A cell with equations of its own."""

    def forward(self, x: Tensor, state: Any = None) -> Any:
        h, c = state or (x.new_zeros(len(x), self.hidden_size),) * 2
        i, f, g, o = (x @ self.weight_ih.T + h @ self.weight_hh.T).chunk(4, -1)
        c = torch.sigmoid(f + 1) * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c


class OwnGate(gatescope.Cell):
    """One of ours whose forward is replaced."""

    blocks = ("hidden_state",)

    def step(self, x: Tensor, state: dict[str, Tensor]) -> dict[str, Tensor]:
        a = self.pre_activations(x, state["hidden_state"])["hidden_state"]
        return {"hidden_state": torch.tanh(a)}

    def forward(self, x: Tensor, state: Any = None) -> dict[str, Tensor]:
        return self.step(x, self.initial_state(x) if state is None else state)


def in_a_pool(part: Any, x: Tensor) -> Tensor:
    with ThreadPoolExecutor(1) as pool:
        return first(pool.submit(part, x).result())


def in_a_thread(part: Any, x: Tensor) -> Tensor:
    outputs: list[Tensor] = []
    thread = threading.Thread(target=lambda: outputs.append(first(part(x))))
    thread.start()
    thread.join()
    return outputs[0]


def here(part: Any, x: Tensor) -> Tensor:
    return first(part(x))


def step_by_step(part: Any, x: Tensor) -> Tensor:
    return torch.stack([first(part(row)) for row in x])


def ours(part: Any, x: Tensor) -> Tensor:
    return torch.stack([part(row)["hidden_state"] for row in x])


def without_functions(part: Any, x: Tensor) -> Tensor:
    with torch._C.DisableTorchFunction():
        return first(part(x))


def frozen(kind: str) -> nn.Module:
    return torch.jit.freeze(torch.jit.script(nn.Sequential(KINDS[kind](UNITS, UNITS)).eval()))


def traced(kind: str) -> nn.Module:
    return torch.jit.trace(KINDS[kind](UNITS, UNITS).eval(), (random(TIME, BATCH, UNITS),))


def exported(kind: str) -> nn.Module:
    layer = KINDS[kind](UNITS, UNITS)
    program = torch.export.export(nn.Sequential(layer), (random(TIME, BATCH, UNITS),))
    return program.run_decompositions().module()


def recurrence(kind: str) -> nn.Module:
    return gatescope.Recurrence([gatescope.make_cell(kind, UNITS, UNITS)])


def scripted_function() -> Any:
    return torch.jit.trace(nn.LSTM(UNITS, UNITS).eval(), (random(TIME, BATCH, UNITS),)).forward


thread, own_forward = "part .* ran in another thread", "part .* has its own forward"
hidden = "part .*nothing inside it can be recorded"
CASES: dict[str, tuple[Callable[[], Any], Callable[[Any, Tensor], Tensor], str]] = {
    **{f"{k} in a pool": (lambda k=k: KINDS[k](UNITS, UNITS), in_a_pool, thread) for k in KINDS},
    "in a thread": (lambda: nn.LSTM(UNITS, UNITS), in_a_thread, thread),
    "a cell in a thread": (
        lambda: nn.GRUCell(UNITS, UNITS), lambda p, x: in_a_pool(lambda x: step_by_step(p, x), x),
        thread,
    ),
    "ours in a thread": (lambda: recurrence("lstm"), in_a_pool, thread),
    "a list in a thread": (
        lambda: [nn.GRU(UNITS, UNITS)], lambda p, x: in_a_pool(p[0], x), r"part\.0 .* ran in",
    ),
    "lstm with a loop of its own": (lambda: LoopLSTM(UNITS, UNITS), here, own_forward),
    "gru with a loop of its own": (lambda: LoopGRU(UNITS, UNITS), here, own_forward),
    "in a list, with a loop of its own": (
        lambda: [LoopLSTM(UNITS, UNITS)], lambda p, x: here(p[0], x), r"part\.0 .* its own forward"
    ),
    "made in forward, with a loop of its own": (
        lambda: None, lambda p, x: here(LoopLSTM(UNITS, UNITS), x), "LoopLSTM has its own forward"
    ),
    "a cell of its own": (lambda: OwnCell(UNITS, UNITS), step_by_step, own_forward),
    "ours with a forward of its own": (lambda: OwnGate(UNITS, UNITS), ours, own_forward),
    **{f"{k} without functions": (
        lambda k=k: KINDS[k](UNITS, UNITS), without_functions, "part .* functions cannot be seen"
    ) for k in KINDS},
    "a cell without functions": (
        lambda: nn.LSTMCell(UNITS, UNITS),
        lambda p, x: torch.stack([without_functions(p, row) for row in x]),
        "part .* functions cannot be seen",
    ),
    "frozen": (lambda: frozen("lstm"), here, hidden),
    "traced": (lambda: traced("gru"), here, hidden),
    "exported and decomposed": (lambda: exported("rnn"), here, hidden),
    "a traced function": (scripted_function, here, "the scripted function"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::Warning")  # torch's own, of tracing and exporting
@pytest.mark.parametrize("loss", [None, square], ids=["values", "gradients"])
@pytest.mark.parametrize("name", CASES)
def test_a_layer_out_of_sight_is_named_beside_one_that_is_seen(name: str, loss: Any) -> None:
    """By its path, with what it was that hid it."""
    make, run, words = CASES[name]
    with pytest.raises(RecordError, match=words) as caught:
        gatescope.record(Beside(make(), run), random(TIME, BATCH, UNITS), loss)
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["lstm", "rnn"])
def test_an_exported_layer_is_recorded(kind: str) -> None:
    """What torch.export keeps whole is torch's own operation: the same numbers."""
    layer, x = KINDS[kind](UNITS, UNITS), random(TIME, BATCH, UNITS)
    program = torch.export.export(nn.Sequential(layer), (x,))
    plain = gatescope.record(layer, x, square)[f"{kind}/l0"]
    trace = gatescope.record(Beside(program.module(), here), x, square)
    assert len(trace.leaves) == 2
    alone = gatescope.record(program.module(), x, square)
    (node,) = alone.leaves
    for name, values in plain.data_vars.items():
        np.testing.assert_array_equal(node[name], values)


class Delegates(nn.LSTM):
    """A subclass that runs torch's layer around something of its own."""

    def forward(self, x: Tensor, state: Any = None) -> Any:
        output, state = super().forward(2 * x, state)
        return output + 1, state


class CellLoop(nn.LSTM):
    """A subclass that runs torch's cell function on its own weights, layer by layer."""

    def forward(self, x: Tensor, state: Any = None) -> Any:
        for number in range(self.num_layers):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            weights = [getattr(self, f"{name}_l{number}") for name in names]
            h = c = x.new_zeros(x.shape[1], self.hidden_size)
            rows = []
            for row in x:
                h, c = torch.lstm_cell(row, (h, c), *weights)
                rows.append(h)
            x = torch.stack(rows)
        return x, (h, c)


class FusedLoop(nn.GRU):
    """A subclass that runs torch's function once a layer."""

    def forward(self, x: Tensor, state: Any = None) -> Any:
        for number in range(self.num_layers):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            weights = [getattr(self, f"{name}_l{number}") for name in names]
            zeros = x.new_zeros(1, x.shape[1], self.hidden_size)
            x, last = torch.gru(x, zeros, weights, True, 1, 0.0, False, False, False)
        return x, last


@pytest.mark.parametrize("made", [Delegates, CellLoop, FusedLoop])
def test_a_subclass_that_runs_torchs_functions_is_seen(made: Any, loop: Any) -> None:
    """Each of its layers has a node, told apart by its weights, with exact numbers."""
    module = made(UNITS, UNITS, 2).double()
    x = random(TIME, BATCH, UNITS).double()
    trace = gatescope.record(Beside(module, here).double(), x, square)
    paths = [node.path for node in trace.leaves]
    plain = (nn.GRU if made is FusedLoop else nn.LSTM)(UNITS, UNITS, 2).double()
    plain.load_state_dict(module.state_dict())
    given = torch.from_numpy(trace["seen/l0"]["hidden_state"].values)
    oracle = loop.run(plain, 2 * given if made is Delegates else given)
    square(oracle.outputs + (made is Delegates)).backward()
    expected = ["/part/l0", "/part/l1"] if made is Delegates else ["/part/l0", "/part_2/l0"]
    assert paths == ["/seen/l0", *expected]
    for node, path in zip(("l0", "l1"), expected, strict=True):
        for name, steps in oracle.signals[node].items():
            for time, _, signal in steps:
                values = trace[path][name].values[time]
                np.testing.assert_allclose(values, signal.detach(), rtol=1e-10, atol=1e-12)
                slopes = trace[path][f"grad_{name}"].values[time]
                np.testing.assert_allclose(slopes, signal.grad, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", CELLS)
def test_what_runs_in_a_thread_of_another_caller_is_not_ours(kind: str) -> None:
    """Somebody else's call of the whole model, of a part that ours leaves out, refuses nothing."""
    started, done = threading.Event(), threading.Event()

    class Optional(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.always, self.at_times = nn.GRU(UNITS, UNITS), KINDS[kind](UNITS, UNITS)

        def forward(self, x: Tensor, both: bool) -> Tensor:
            if not both:  # the recording: the other thread runs meanwhile
                started.set()
                assert done.wait(30)
            x = self.always(x)[0]
            return self.at_times(x)[0] if both else x

    model, x = Optional(), random(TIME, BATCH, UNITS)

    def other() -> None:
        assert started.wait(30)
        model(x, True)
        done.set()

    caller = threading.Thread(target=other)
    caller.start()
    trace = gatescope.record(model, (x, False), square)
    caller.join()
    assert [node.path for node in trace.leaves] == ["/always/l0"]


def test_no_hook_is_left() -> None:
    """Of torch's global hooks, also after a refusal."""
    hooks = nn.modules.module._global_forward_pre_hooks
    gatescope.record(nn.LSTM(UNITS, UNITS), random(TIME, BATCH, UNITS))
    assert not hooks
    with pytest.raises(RecordError):
        gatescope.record(Beside(LoopLSTM(UNITS, UNITS), here), random(TIME, BATCH, UNITS))
    assert not hooks
