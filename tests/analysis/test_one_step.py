"""Every term of a step against torch's own equations as a loop under autograd, in float64."""

import numpy as np
import pytest
import torch
import xarray as xr
from torch import Tensor, nn

from gatescope import SequenceModel, record
from gatescope.analysis import as_cell, layer_inputs, one_step

TIME, BATCH, FEATURE, UNIT = 9, 3, 2, 5
CLOSE = {"rtol": 1e-9, "atol": 1e-12}
KINDS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
BLOCKS = {
    "rnn": ("hidden_state",),
    "lstm": ("input_gate", "forget_gate", "cell_candidate", "output_gate"),
    "gru": ("reset_gate", "update_gate", "candidate"),
}


def loss_of(output: object) -> Tensor:
    """Reads every hidden state, some more than others."""
    states = output[0] if isinstance(output, tuple) else output
    weights = torch.linspace(-1, 2, states.numel(), dtype=states.dtype).view_as(states)
    return (weights * states.sin()).sum()


class Loop:
    """One example through one layer and direction, each intermediate tensor kept by its name."""

    def __init__(self, layer: nn.RNNBase, suffix: str, kind: str, x: Tensor) -> None:
        w, u, b, d = (
            getattr(layer, f"{name}{suffix}")
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        self.kept: dict[str, list[Tensor]] = {}
        h = c = x.new_zeros(layer.hidden_size).requires_grad_()
        for row in x:
            # an own tensor for the way through U: its gradient is what arrives by this step
            step = Step(self.kept)
            h_in = step.keep("hidden_state_before", h * 1)
            count = len(BLOCKS[kind])
            parts = zip(w.chunk(count), u.chunk(count), b.chunk(count), d.chunk(count), strict=True)
            rows = dict(zip(BLOCKS[kind], parts, strict=True))
            h, c = getattr(step, kind)(rows, row, h_in, c)
        self.states = self.kept["hidden_state"]


class Step:
    """torch's documented equations, written out."""

    def __init__(self, kept: dict[str, list[Tensor]]) -> None:
        self.kept = kept

    def keep(self, name: str, value: Tensor) -> Tensor:
        """Remember a tensor, and its gradient later."""
        value.retain_grad()
        self.kept.setdefault(name, []).append(value)
        return value

    def pre(self, gate: str, rows: dict[str, tuple[Tensor, ...]], x: Tensor, h: Tensor) -> Tensor:
        """W x + U h + b, and the copy of h that this gate reads."""
        w, u, b, d = rows[gate]
        reads = self.keep(f"{gate}_reads", h * 1)
        self.kept.setdefault(f"{gate}_from_input", []).append(w @ x)
        self.kept.setdefault(f"{gate}_from_hidden", []).append(u @ reads)
        self.kept.setdefault(f"{gate}_bias", []).append(b + d)
        return self.keep(f"{gate}_pre", w @ x + b + u @ reads + d)

    def rnn(self, rows: dict, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """The plain cell."""
        return self.keep("hidden_state", self.pre("hidden_state", rows, x, h).tanh()), c

    def lstm(self, rows: dict, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """Gates, then c, then h."""
        c = self.keep("cell_state_before", c * 1)
        i, f, g, o = (
            self.keep(gate, (torch.tanh if gate == "cell_candidate" else torch.sigmoid)(a))
            for gate, a in ((gate, self.pre(gate, rows, x, h)) for gate in BLOCKS["lstm"])
        )
        kept, written = self.keep("kept", f * c), self.keep("written", i * g)
        c = self.keep("cell_state", kept + written)
        tanh_c = self.keep("cell_tanh", c.tanh())
        return self.keep("hidden_state", o * tanh_c), c

    def gru(self, rows: dict, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """The reset gate acts after the recurrent product; z keeps the old state."""
        r = self.keep("reset_gate", self.pre("reset_gate", rows, x, h).sigmoid())
        z = self.keep("update_gate", self.pre("update_gate", rows, x, h).sigmoid())
        w, u, b, d = rows["candidate"]
        reads = self.keep("recurrent_reads", h * 1)
        q = self.keep("recurrent", u @ reads + d)
        self.kept.setdefault("recurrent_from_hidden", []).append(u @ reads)
        self.kept.setdefault("candidate_from_input", []).append(w @ x)
        a = self.keep("candidate_pre", w @ x + b + r * q)
        n = self.keep("candidate", a.tanh())
        written, kept = self.keep("written", (1 - z) * n), self.keep("kept", z * h)
        return self.keep("hidden_state", written + kept), c


def opened(
    kind: str, node: str = "l0", **options: object
) -> tuple[nn.RNNBase, Tensor, xr.DataTree, xr.Dataset, Tensor]:
    """A layer, its inputs, its recording with a loss, example 1 of it taken apart, what it read."""
    layer = KINDS[kind](FEATURE, UNIT, dtype=torch.float64, **options)
    x = torch.randn(TIME, BATCH, FEATURE, dtype=torch.float64)
    trace = record(layer, x, loss_of)
    read = layer_inputs(trace, f"{kind}/{node}", x, 1)
    number, reverse = int(node[1]), node.endswith("reverse")
    cell = as_cell(layer, number, reverse=reverse)
    return layer, x, trace, one_step(trace[f"{kind}/{node}"].to_dataset(), cell, read, 1), read


@pytest.mark.parametrize("kind", KINDS)
def test_each_term_and_gradient_is_that_of_a_loop_under_autograd(kind: str) -> None:
    """All that the loop keeps: values, dL/d each, what goes back through each gate's U."""
    layer, x, _, terms, _ = opened(kind)
    loop = Loop(layer, "_l0", kind, x[:, 1])
    outputs = torch.zeros(TIME, BATCH, UNIT, dtype=torch.float64)
    outputs[:, 1] = torch.stack(loop.states)
    loss_of(outputs).backward()
    checked = set()
    for name, tensors in loop.kept.items():
        if name in terms:
            values = torch.stack([tensor.detach() for tensor in tensors])
            np.testing.assert_allclose(terms[name], values, err_msg=name, **CLOSE)
            checked.add(name)
        other = name.replace("_reads", "_back") if name.endswith("_reads") else f"grad_{name}"
        if other in terms:
            values = torch.stack([tensor.grad for tensor in tensors])
            np.testing.assert_allclose(terms[other], values, err_msg=other, **CLOSE)
            checked.add(other)
    unseen = {
        "lstm": {"grad_cell_state_through", "grad_cell_state_later"},
        "gru": {"recurrent_bias", "candidate_bias", "reset", "kept_back"},
        "rnn": {"hidden_state_back"},
    }[kind]
    both = {"grad_hidden_state_above", "grad_hidden_state_later"}
    assert set(terms.data_vars) - checked - both <= unseen
    # by the chain rule alone: the loss's own part of dL/dh
    states = torch.stack(loop.states).detach()
    weights = torch.linspace(-1, 2, outputs.numel(), dtype=torch.float64).view_as(outputs)[:, 1]
    np.testing.assert_allclose(terms["grad_hidden_state_above"], weights * states.cos(), **CLOSE)
    later = np.zeros_like(states)
    later[:-1] = terms["grad_hidden_state_before"].values[1:]
    np.testing.assert_allclose(terms["grad_hidden_state_later"], later, **CLOSE)


@pytest.mark.parametrize("node", ["l0", "l0_reverse", "l1", "l1_reverse"])
@pytest.mark.parametrize("kind", KINDS)
def test_sums_give_the_recorded_numbers_in_every_layer(kind: str, node: str) -> None:
    """Terms add up to a, sigma and tanh of a to the gates, the two terms to the state."""
    _, _, trace, terms, read = opened(kind, node, num_layers=2, bidirectional=True)
    recorded = trace[f"{kind}/{node}"].to_dataset().isel(batch=1)
    assert read.shape == (TIME, FEATURE if node[1] == "0" else 2 * UNIT)
    gates = [gate for gate in BLOCKS[kind] if gate != "candidate"]
    for gate in gates:
        parts = [terms[f"{gate}_{part}"] for part in ("from_input", "from_hidden", "bias")]
        np.testing.assert_allclose(sum(parts), terms[f"{gate}_pre"], **CLOSE)
    if kind == "gru":
        q = terms["recurrent_from_hidden"] + terms["recurrent_bias"]
        a = terms["candidate_from_input"] + terms["candidate_bias"] + terms["reset_gate"] * q
        np.testing.assert_allclose(a, terms["candidate_pre"], **CLOSE)
    for gate in BLOCKS[kind]:
        a = torch.from_numpy(terms[f"{gate}_pre"].values)
        value = a.sigmoid() if gate.endswith("_gate") else a.tanh()
        np.testing.assert_allclose(recorded[gate], value, **CLOSE)
    state = "cell_state" if kind == "lstm" else "hidden_state"
    if kind != "rnn":
        np.testing.assert_allclose(terms["kept"] + terms["written"], recorded[state], **CLOSE)
    for name in recorded.data_vars:
        np.testing.assert_allclose(terms[name], recorded[name], err_msg=str(name), **CLOSE)
    before = np.roll(recorded[state].values, -1 if "reverse" in node else 1, axis=0)
    before[-1 if "reverse" in node else 0] = 0
    np.testing.assert_array_equal(terms[f"{state}_before"], before)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_add_up_as_the_picture_says(kind: str) -> None:
    """dL/dh from above and from later; dL/dc through h and along c; what goes out through U."""
    _, _, _, terms, _ = opened(kind)
    both = terms["grad_hidden_state_above"] + terms["grad_hidden_state_later"]
    np.testing.assert_allclose(both, terms["grad_hidden_state"], **CLOSE)
    parts = [terms[name] for name in terms if str(name).endswith("_back")]
    if kind == "lstm":
        both = terms["grad_cell_state_through"] + terms["grad_cell_state_later"]
        np.testing.assert_allclose(both, terms["grad_cell_state"], **CLOSE)
        np.testing.assert_allclose(terms["grad_cell_state_later"][-1], 0, atol=1e-12)
    if kind != "rnn":
        np.testing.assert_allclose(sum(parts), terms["grad_hidden_state_before"], **CLOSE)


def test_a_loss_on_the_last_cell_state_arrives_at_the_last_step() -> None:
    """Nothing is lost: it counts as coming from later."""
    layer = nn.LSTM(FEATURE, UNIT, dtype=torch.float64)
    x = torch.randn(TIME, BATCH, FEATURE, dtype=torch.float64)
    trace = record(layer, x, lambda output: output[1][1].sum())
    found = one_step(trace["lstm/l0"].to_dataset(), as_cell(layer), x[:, 0])
    np.testing.assert_allclose(found["grad_cell_state_later"][-1], 1, **CLOSE)
    both = found["grad_cell_state_through"] + found["grad_cell_state_later"]
    np.testing.assert_allclose(both, found["grad_cell_state"], **CLOSE)


def test_packed_examples_end_where_they_end() -> None:
    """Nothing past an end, and the reverse direction begins there."""
    layer = nn.GRU(FEATURE, UNIT, bidirectional=True, dtype=torch.float64)
    x = torch.randn(TIME, BATCH, FEATURE, dtype=torch.float64)
    packed = nn.utils.rnn.pack_padded_sequence(x, torch.tensor([TIME, 6, 4]))
    trace = record(layer, packed, lambda output: output[0].data.sum())
    for node in ("l0", "l0_reverse"):
        read = layer_inputs(trace, f"gru/{node}", x, 1)
        cell = as_cell(layer, reverse=node != "l0")
        found = one_step(trace[f"gru/{node}"].to_dataset(), cell, read, 1)
        assert found.sizes["time"] == 6
        assert np.isfinite(found.to_array()).all()
        assert (found["hidden_state_before"][-1 if node != "l0" else 0] == 0).all()


def test_a_relu_network_and_one_without_bias() -> None:
    """relu lets through where it is open; no bias is a bias of 0."""
    layer = nn.RNN(FEATURE, UNIT, nonlinearity="relu", bias=False, dtype=torch.float64)
    x = torch.randn(TIME, BATCH, FEATURE, dtype=torch.float64)
    trace = record(layer, x, loss_of)
    found = one_step(trace["rnn/l0"].to_dataset(), as_cell(layer), x[:, 0])
    assert (found["hidden_state_bias"] == 0).all()
    shut = found["hidden_state"] == 0
    assert 0 < int(shut.sum()) < shut.size
    assert (found["grad_hidden_state_pre"].where(shut, 0) == 0).all()
    np.testing.assert_allclose(
        found["grad_hidden_state_pre"].where(~shut, 0), found["grad_hidden_state"].where(~shut, 0)
    )


def test_without_a_loss_there_is_the_forward_step_alone() -> None:
    """Nothing is made up."""
    layer = nn.LSTM(FEATURE, UNIT)
    x = torch.randn(TIME, BATCH, FEATURE)
    found = one_step(record(layer, x)["lstm/l0"].to_dataset(), as_cell(layer), x[:, 0])
    assert not [name for name in found if "grad" in str(name) or "back" in str(name)]


def test_what_does_not_fit_is_refused() -> None:
    """Other weights, other inputs, other cells, projections: each with a sentence."""
    layer, other = nn.LSTM(FEATURE, UNIT), nn.LSTM(FEATURE, UNIT)
    x = torch.randn(TIME, BATCH, FEATURE)
    node = record(layer, x)["lstm/l0"].to_dataset()
    with pytest.raises(ValueError, match="differs from the recorded one"):
        one_step(node, as_cell(other), x[:, 0])
    with pytest.raises(ValueError, match=r"inputs must be \(9, 2\), got \(9, 1\)"):
        one_step(node, as_cell(layer), x[:, 0, :1])
    with pytest.raises(ValueError, match="'lstm', the weights are of GRU"):
        one_step(node, as_cell(nn.GRU(FEATURE, UNIT)), x[:, 0])
    peephole = SequenceModel("lstm_peephole", FEATURE, UNIT, 1)
    (leaf,) = record(peephole, x).leaves
    with pytest.raises(ValueError, match="'lstm_peephole'"):
        one_step(leaf.to_dataset(), peephole.recurrent.cells[0], x[:, 0])
    narrow = nn.LSTM(FEATURE, UNIT, proj_size=2, dtype=torch.float64)
    with pytest.raises(ValueError, match="projections"):
        one_step(record(narrow, x.double())["lstm/l0"].to_dataset(), as_cell(layer), x[:, 0])
