"""Models as others write them: what they do to what lies around them, and what is right then."""

import copy
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize

import gatescope
from gatescope import RecordError
from gatescope.intervention import Scale

TIME, BATCH, UNITS = 5, 3, 4


class Runs(nn.Module):
    """What it holds, and what its forward does."""

    def __init__(self, how: Callable[..., Any], **held: Any) -> None:
        super().__init__()
        for name, value in held.items():
            setattr(self, name, value)
        self.how = how

    def forward(self, *arguments: Any) -> Any:
        return self.how(self, *arguments)


def lstm() -> nn.LSTM:
    return nn.LSTM(UNITS, UNITS).double()


def gru() -> nn.GRU:
    return nn.GRU(UNITS, UNITS).double()


def random(*shape: int) -> Tensor:
    return torch.randn(*(shape or (TIME, BATCH, UNITS)), dtype=torch.float64)


def square(output: Any) -> Tensor:
    return (output[0] if isinstance(output, tuple) else output).square().sum()


def descended(model: Runs, x: Tensor) -> Any:
    """A step of the input down its own energy, which takes a second run to record."""
    v = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(square(model.layer(v)), v)
    return model.layer(x - 0.1 * slope)


def penalised(x: Tensor, weights: Callable[[], Any]) -> Callable[[Any], Tensor]:
    """A loss with a gradient penalty, and something of its own that moves on with each call."""

    def loss(output: Any) -> Tensor:
        total = (weights() * output[0]).sum()
        return total + torch.autograd.grad(total, x, create_graph=True)[0].square().sum()

    return loss


class Moving:
    """Something that moves on with each call, in one of several places."""

    def __init__(self, place: str) -> None:
        self.place, self.count, self.list = place, 0, [1.0]
        self.generator = torch.Generator().manual_seed(3)
        self.module = nn.BatchNorm1d(2, affine=False).double()
        self.array = np.ones(1)

    def __call__(self) -> Any:
        if self.place == "generator":
            return torch.rand(BATCH, 1, generator=self.generator, dtype=torch.float64)
        if self.place == "list":
            self.list.append(self.list[-1] + 1)
            return self.list[-1]
        if self.place == "module":
            self.module(torch.full((2, 2), 2.0, dtype=torch.float64))
            return 1 + self.module.running_mean[0]
        if self.place == "array":
            self.array += 1
            return float(self.array[0])
        self.count += 1
        return float(self.count)


@pytest.mark.parametrize("place", ["generator", "list", "module", "array", "attribute", "closure"])
def test_what_a_loss_moves_on_is_where_it_was_for_the_second_run(place: str) -> None:
    """A penalty takes a second run; both see the same random numbers, averages and counters."""

    def moving() -> Callable[[], Any]:
        if place != "closure":
            return Moving(place)
        count = 0

        def move() -> float:
            nonlocal count
            count += 1
            return float(count)

        return move

    model, x = lstm(), random().requires_grad_()
    expected = float(penalised(x, moving())(model(x)).detach())
    trace = gatescope.record(model, x, penalised(x, moving()))
    assert trace.attrs["loss"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("with_loss", [False, True])
def test_an_input_changed_in_place_is_put_back(with_loss: bool) -> None:
    """Before a second run, after the last, and between the two of an intervention."""

    def forward(model: Runs, x: Tensor) -> Any:
        x.mul_(2)
        return descended(model, x)

    model, x = Runs(forward, layer=lstm()), random()
    given, before = x.clone(), x.clone()
    expected = model(x.clone())[0].detach()
    outputs: list[Tensor] = []

    def loss(output: Any) -> Tensor:
        outputs.append(output[0].detach())
        return square(output)

    trace = gatescope.record(model, given, loss if with_loss else None)
    assert torch.equal(given, before)
    second = trace["layer/l0"]["hidden_state"][TIME:]
    np.testing.assert_allclose(second, expected, rtol=1e-12)
    assert not with_loss or torch.allclose(outputs[-1], expected)
    doubled = Runs(lambda model, x: model.layer(x.mul_(2)), layer=gru())
    run = gatescope.intervene(doubled, given, Scale("hidden_state", 1.0))
    assert float(np.abs(run.difference["layer/l0"]["hidden_state"]).max()) < 1e-14


def test_what_cannot_be_turned_back_is_refused_where_a_second_run_is_needed() -> None:
    """An iterator; without a second run it hinders nothing."""
    scaled = Runs(lambda m, x: descended(m, x * next(m.it)), layer=lstm(), it=itertools.count(1))
    with pytest.raises(RecordError, match="holds a count, which can be used only once"):
        gatescope.record(scaled, random(), square)
    once = Runs(lambda m, x: m.layer(x * next(m.it)), layer=lstm(), it=itertools.count(1))
    assert len(gatescope.record(once, random(), square).leaves) == 1


ASKS: dict[str, Callable[[Runs, Tensor], Any]] = {
    "grad mode": lambda m, x: m.layer(2 * x if torch.is_grad_enabled() else x),
    "requires_grad": lambda m, x: m.layer(
        (lambda y: 2 * y if y.requires_grad else y)(m.layer(x)[0])
    ),
    "a hook": lambda m, x: (lambda y: (y.register_hook(lambda g: g), y)[1])(m.layer(x)[0]),
    "retain_grad": lambda m, x: (lambda y: (y.retain_grad(), y)[1])(m.layer(x)[0]),
}


@pytest.mark.parametrize(
    ("name", "outside"),
    # where the caller has gradients off, torch itself refuses a hook
    [*((name, True) for name in ASKS), ("grad mode", False), ("requires_grad", False)],
)
def test_without_a_loss_a_model_computes_what_it_computes_unrecorded(
    name: str, outside: bool
) -> None:
    """In the caller's own grad mode."""
    model, x = Runs(ASKS[name], layer=lstm()), random()
    with torch.set_grad_enabled(outside):
        expected = model(x)
        trace = gatescope.record(model, x)
    last = expected[0] if isinstance(expected, tuple) else expected
    values = trace["layer/l0"]["hidden_state"].values[-TIME:]
    np.testing.assert_allclose(values, last.detach(), rtol=1e-12)


def test_what_a_hook_differentiates_meanwhile_is_not_the_losss() -> None:
    """Implicit differentiation: a recorded call is differentiated while the loss is."""

    def forward(model: Runs, x: Tensor) -> Tensor:
        z = model.layer(x)[0]
        z0 = z.detach().requires_grad_()
        f0 = model.layer(x + z0)[0]
        z.register_hook(lambda g: g + torch.autograd.grad(f0, z0, g, retain_graph=True)[0])
        return z

    for layer in (gru(), lstm(), nn.RNN(UNITS, UNITS).double()):
        node = gatescope.record(Runs(forward, layer=layer), random(), square).leaves[0]
        assert (node["grad_hidden_state"].values[TIME:] == 0).all()
        assert np.abs(node["grad_hidden_state"].values[:TIME]).min() > 0


def test_a_layer_that_runs_in_the_loss_is_recorded(loop: Any) -> None:
    """The model's own: its calls follow; another network's is nobody's business here."""
    critic = gru()

    def forward(model: Runs, x: Tensor) -> Callable[[Tensor], Tensor]:
        _, h = model.enc(x)
        return lambda y: model.dec(y, h)[0]

    model, x, y = Runs(forward, enc=gru(), dec=gru()), random(), random()
    trace = gatescope.record(model, x, lambda decode: square(critic(decode(y))))
    assert [node.path for node in trace.leaves] == ["/enc/l0", "/dec/l0"]
    first = loop.run(model.enc, x)
    second = loop.run(model.dec, y, first.h)
    square(loop.run(critic, second.outputs).outputs).backward()
    first.check(trace, "enc", gradients=True)
    second.check(trace, "dec", gradients=True)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn", "own"])
def test_a_loss_that_calls_the_model_again(cell: str) -> None:
    """WGAN-GP: the trace is of the call on the real batch, with the whole loss's gradients."""
    if cell == "own":
        layer: nn.Module = gatescope.Recurrence(
            [gatescope.make_cell("lstm", UNITS, UNITS)]
        ).double()
    else:
        layer = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[cell](UNITS, UNITS).double()
    critic = Runs(lambda m, x: (lambda y: y[0] if isinstance(y, tuple) else y)(m.layer(x)),
                  layer=layer)  # fmt: skip
    real, fake = random(), random()

    def loss(scores: Tensor) -> Tensor:
        mixed = (0.3 * real + 0.7 * fake).requires_grad_()
        (slope,) = torch.autograd.grad(critic(mixed).mean(), mixed, create_graph=True)
        penalty = (slope.norm(dim=-1) - 1).square().mean()
        return critic(fake).mean() - scores.square().mean() + 10 * penalty

    trace = gatescope.record(critic, real, loss)
    alone = gatescope.record(critic, real, lambda scores: -scores.square().mean())
    assert trace.attrs["loss"] == pytest.approx(float(loss(critic(real)).detach()), rel=1e-12)
    (node,), (only,) = trace.leaves, alone.leaves
    assert node.sizes == only.sizes
    for name, values in only.data_vars.items():
        np.testing.assert_allclose(node[name], values, rtol=1e-9, atol=1e-14)


class OwnLoop(nn.LSTM):
    def forward(self, x: Tensor, state: Any = None) -> Any:
        return torch.tanh(x @ self.weight_ih_l0[: self.hidden_size].T), None


class OwnCall(nn.LSTM):
    def __call__(self, x: Tensor) -> Any:
        return torch.tanh(x @ self.weight_ih_l0[: self.hidden_size].T), None


POOL = ThreadPoolExecutor(1)
HIDDEN = gru()


class Holder:
    """A plain object that holds a layer."""

    def __init__(self, layer: nn.Module) -> None:
        self.layer = layer


class WithBranch(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seen, self.part = gru(), lstm()

    def branch(self, x: Tensor) -> Tensor:
        return self.part(x)[0]

    def forward(self, x: Tensor) -> Tensor:
        return self.seen(x)[0] + POOL.submit(self.branch, x).result()


def beside(how: Callable[[Runs, Tensor], Any], **held: Any) -> Runs:
    return Runs(lambda m, x: m.seen(x)[0] + how(m, x)[0], seen=gru(), **held)


def pooled(layer: Any, x: Tensor) -> Any:
    return POOL.submit(layer, x).result()


UNSEEN: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "a method in a pool": (WithBranch, "part .* ran in another thread"),
    "the same layer here and there": (
        lambda: Runs(lambda m, x: m.part(x)[0] + pooled(m.part, x)[0], part=gru()),
        "part .* ran in another thread",
    ),
    "behind a plain object": (
        lambda: beside(lambda m, x: pooled(m.o.layer, x), o=Holder(gru())), "ran in another thread"
    ),
    "in a closure": (
        lambda: (lambda layer: beside(lambda m, x: pooled(layer, x)))(lstm()), "ran in another"
    ),
    "a global": (lambda: beside(lambda m, x: pooled(HIDDEN, x)), "ran in another thread"),
    "its own forward": (
        lambda: beside(lambda m, x: m.part.forward(x), part=OwnLoop(UNITS, UNITS).double()),
        "part .* its own forward",
    ),
    "call of its own": (
        lambda: beside(lambda m, x: m.part(x), part=OwnCall(UNITS, UNITS).double()),
        "part .* its own forward",
    ),
    "own loop in the loss": (
        lambda: Runs(lambda m, x: (m.seen(x)[0], m)[0], seen=gru(), part=OwnLoop(UNITS, UNITS)),
        "part .* its own forward",
    ),
    "scripted in a closure": (
        lambda: (lambda part: beside(lambda m, x: part(x)))(
            torch.jit.script(nn.Sequential(lstm()).eval())
        ),
        "scripted",
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", UNSEEN)
def test_a_layer_that_hides_is_named(name: str) -> None:
    """Wherever it lies, and however it is called."""
    make, words = UNSEEN[name]
    model = make()

    def loss(output: Any) -> Tensor:
        if name == "own loop in the loss":
            model.part.double()(random())
        return square(output)

    with pytest.raises(RecordError, match=words):
        gatescope.record(model, random(), loss)


def adjacency() -> Tensor:
    return torch.eye(TIME, dtype=torch.float64).to_sparse()


def remember(model: Runs, x: Tensor) -> Any:
    model.memory[:] = model.layer(x)[0]
    return model.memory * 1


def hooked(model: Runs, x: Tensor) -> Any:
    weight = model.layer.weight_hh_l0
    weight.register_hook(lambda g: g * 0.5)
    weight.register_post_accumulate_grad_hook(lambda w: None)
    weight.note = 1
    return model.layer(x)


def normed(model: Runs, x: Tensor) -> Any:
    if not parametrize.is_parametrized(model.layer):
        parametrizations.weight_norm(model.layer, "weight_hh_l0")
    return model.layer(x)


def cached(model: Runs, x: Tensor) -> Any:
    model.cache.clear()
    model.cache[x] = 1
    return model.layer(x)


def resized(model: Runs, x: Tensor) -> Any:
    model.memory.untyped_storage().resize_(0)
    return model.layer(x)


class Counting(Runs):
    calls: list[int] = []  # noqa: RUF012
    count = 0
    __slots__ = ("late",)


def counting(model: Counting, x: Tensor) -> Any:
    model.calls.append(1)
    type(model).count += 1
    model.late = 1
    model.bytes.append(1)
    return model.layer(x)


CHANGES: dict[str, Callable[[], Runs]] = {
    "a sparse buffer": lambda: Runs(
        lambda m, x: m.layer(torch.sparse.mm(m.graph, x.flatten(1)).view_as(x)),
        layer=lstm(), graph=adjacency(),
    ),
    "a cache with a graph": lambda: Runs(
        remember, layer=lstm(), memory=torch.zeros(TIME, BATCH, UNITS).double()
    ),
    "hooks on a weight": lambda: Runs(hooked, layer=lstm()),
    "a parametrization": lambda: Runs(normed, layer=lstm()),
    "keys that are tensors": lambda: Runs(cached, layer=lstm(), cache={}),
    "a storage of nothing": lambda: Runs(resized, layer=lstm(), memory=random(3)),
    "class attributes and bytes": lambda: Counting(counting, layer=lstm(), bytes=bytearray()),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_forward_does_to_the_model_is_undone(name: str) -> None:
    """The model's next plain call, and its training, are those of a model never recorded."""
    model, x = CHANGES[name](), random()
    if name == "keys that are tensors":
        model(x.clone())
    other = copy.deepcopy(model) if name != "keys that are tensors" else None
    kinds, weight = [type(module) for module in model.modules()], model.layer.weight_hh_l0
    gatescope.record(model, x, square)
    assert [type(module) for module in model.modules()] == kinds
    assert model.layer.weight_hh_l0 is weight
    assert not weight._backward_hooks
    assert not weight._post_accumulate_grad_hooks
    assert not vars(weight)
    if isinstance(model, Counting):
        assert (Counting.calls, Counting.count, model.bytes) == ([], 0, bytearray())
        assert not hasattr(model, "late")
    if name == "a cache with a graph":
        assert not model.memory.requires_grad
    if name == "a storage of nothing":
        assert torch.equal(model.memory, other.memory)
        return
    square(model(x)).backward()
    if other is not None:
        square(other(x)).backward()
        for mine, theirs in zip(model.parameters(), other.parameters(), strict=True):
            torch.testing.assert_close(mine.grad, theirs.grad)


@pytest.mark.parametrize(
    "how", [lambda y: torch.from_numpy(y.numpy()), lambda y: torch.optim.SGD([y], 0.1)]
)
def test_a_frozen_layers_output_taken_for_a_constant(how: Callable[[Tensor], Any]) -> None:
    """With a loss it is followed, so that is said; without one it records."""
    frozen = gru().requires_grad_(False)
    model = Runs(lambda m, x: m.layer((how(m.still(x)[0]), x)[1]), still=frozen, layer=lstm())
    with pytest.raises(RecordError, match="takes a frozen layer's output for a constant"):
        gatescope.record(model, random(), square)


@pytest.mark.parametrize("cell", [nn.LSTMCell, nn.GRUCell, nn.RNNCell])
def test_sizes_that_do_not_fit_a_cell_are_torchs_to_tell(cell: Any) -> None:
    """A state is not broadcast, and the message is torch's own."""
    made, x = cell(UNITS, UNITS).double(), random(BATCH, UNITS)
    state = random(1, UNITS)
    state = (state, state) if cell is nn.LSTMCell else state
    for arguments in [(x, state), (random(BATCH, 2),)]:
        with pytest.raises(RuntimeError) as plain:
            made(*arguments)
        with pytest.raises(RuntimeError) as caught:
            gatescope.record(made, arguments)
        assert str(caught.value) == str(plain.value)


def test_layers_that_start_alike_are_two() -> None:
    """An online network and its frozen copy, and keys that read alike."""
    online = gru()
    target = copy.deepcopy(online).requires_grad_(False)
    trace = gatescope.record(Runs(lambda m, x: online(x)[0] + target(2 * x)[0]), random())
    assert len(trace.leaves) == 2
    twins = Runs(lambda m, x: m.d[1](x)[0] + m.d["1"](x)[0], d={1: gru(), "1": gru()})
    assert len(gatescope.record(twins, random()).leaves) == 2


@pytest.mark.filterwarnings("ignore:Complex modules")
def test_complex_numbers_are_refused() -> None:
    """Of a layer, and of a loss."""
    with pytest.raises(RecordError, match="complex numbers"):
        gatescope.record(
            nn.RNN(2, 2).to(torch.complex64), torch.zeros(3, 1, 2, dtype=torch.complex64)
        )
    with pytest.raises(RecordError, match="must be a real number, and it is complex"):
        gatescope.record(gru(), random(), lambda output: output[0].sum() * 1j)
