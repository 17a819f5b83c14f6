"""Gates and gradients of torch's fused layers, in closed form.

A fused layer gives its hidden states and nothing else. Once these are known, all pre-activations
are one matrix product, a_t = W x_t + U h_{t-1} + b, and an LSTM's cell state follows by the scan
c_t = f_t c_{t-1} + i_t g_t. Going back, everything that multiplies an incoming gradient at step t
is known before the loop begins, so each step is two to five in-place operations. What arrives
from outside, ``outer``, is turned into dL/dh in place.

Shapes: x (time, batch, feature); every signal and gradient (time, batch, unit) with time running
in the direction in which the layer reads; ``h0`` and ``c0`` (batch, unit). Steps past a packed
sequence's end receive no gradient, so they need no mask.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gatescope.recording.loops import Signals, gru_loop, rnn_loop, shift


@dataclass(frozen=True)
class Weights:
    """One layer and direction's weights, in torch's layout; absent biases and projection None."""

    ih: Tensor
    hh: Tensor
    bias_ih: Tensor | None
    bias_hh: Tensor | None
    projection: Tensor | None = None


@dataclass(frozen=True)
class Backward:
    """What going back through a layer gives: ``grad_*`` signals and the gradients of its inputs.

    ``pre`` is dL/da for the part of a that comes from the input, (time, batch, blocks * unit).
    """

    gradients: Signals
    pre: Tensor
    h0: Tensor
    c0: Tensor | None


def _blocks(x: Tensor, weight: Tensor, bias: Tensor | None, count: int) -> list[Tensor]:
    """W x + b, each block on its own and contiguous, (time, batch, unit)."""
    biases = [None] * count if bias is None else bias.chunk(count)
    return [
        torch.nn.functional.linear(x, rows, row_bias)
        for rows, row_bias in zip(weight.chunk(count), biases, strict=True)
    ]


def _add_blocks(into: list[Tensor], x: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    """Add W x + b to each block in place."""
    flat = x.reshape(-1, x.shape[-1])
    for block, rows in zip(into, weight.chunk(len(into)), strict=True):
        block.view(-1, block.shape[-1]).addmm_(flat, rows.t())
    if bias is not None:
        for block, row_bias in zip(into, bias.chunk(len(into)), strict=True):
            block += row_bias


def rnn_signals(x: Tensor, h: Tensor, h0: Tensor, c0: Tensor | None, w: Weights) -> Signals:
    """A plain RNN has no gates: its hidden state is all there is."""
    return {"hidden_state": h}


def rnn_backward(
    slope: Callable[[Tensor], Tensor], s: Signals, outer: Tensor, w: Weights
) -> Backward:
    """What `rnn_loop` gives, for a recording."""
    da = rnn_loop(slope, s["hidden_state"], outer, w.hh)
    return Backward({"grad_hidden_state": outer}, da, da[0] @ w.hh, None)


def lstm_signals(x: Tensor, h: Tensor, h0: Tensor, c0: Tensor | None, w: Weights) -> Signals:
    """Gates from one product, the cell state from the scan."""
    assert c0 is not None
    pre = _blocks(x, w.ih, w.bias_ih, 4)
    _add_blocks(pre, shift(h, h0), w.hh, w.bias_hh)
    i, f, g, o = pre[0].sigmoid_(), pre[1].sigmoid_(), pre[2].tanh_(), pre[3].sigmoid_()
    c = i * g
    before = c0
    for c_t, f_t in zip(c.unbind(0), f.unbind(0), strict=True):
        before = c_t.addcmul_(f_t, before)
    return {
        "input_gate": i,
        "forget_gate": f,
        "cell_candidate": g,
        "output_gate": o,
        "cell_state": c,
        "hidden_state": h,
    }


def lstm_backward(
    s: Signals, c0: Tensor, outer: Tensor, end: Tensor | None, w: Weights, lengths: Tensor | None
) -> Backward:
    """The closed form; with a projection W_hr the cell sees dm = dh W_hr.

    dh_t = outer_t + U^T da_{t+1}
    dc_t = dm_t * o (1 - tanh^2 c_t) + f_{t+1} dc_{t+1}
    da_i = dc * g i (1 - i)      da_f = dc * c_{t-1} f (1 - f)
    da_g = dc * i (1 - g^2)      da_o = dm * tanh(c) o (1 - o)
    """
    i, f, g, o, c = (
        s[name]
        for name in ("input_gate", "forget_gate", "cell_candidate", "output_gate", "cell_state")
    )
    before = shift(c, c0)
    tanh_c = torch.tanh(c)
    time, batch, unit = c.shape
    # what multiplies dc and dm at each step; the loop turns it into da in place
    da = c.new_empty(time, batch, 4, unit)
    torch.ops.aten.sigmoid_backward.grad_input(g, i, grad_input=da[:, :, 0])
    torch.ops.aten.sigmoid_backward.grad_input(before, f, grad_input=da[:, :, 1])
    torch.ops.aten.tanh_backward.grad_input(i, g, grad_input=da[:, :, 2])
    torch.ops.aten.sigmoid_backward.grad_input(tanh_c, o, grad_input=da[:, :, 3])
    through = torch.ops.aten.tanh_backward(o, tanh_c)

    dh, dc = outer, _at_end(c, end, lengths)
    dm = dh if w.projection is None else torch.empty_like(c)
    # every view is made before the loop: making one costs as much as the arithmetic on it
    flat, wide = da.view(time, batch, -1).unbind(0), dc.unsqueeze(2).unbind(0)
    by_dc, by_dm = da[:, :, :3].unbind(0), da[:, :, 3].unbind(0)
    dhs, dms, dcs = dh.unbind(0), dm.unbind(0), dc.unbind(0)
    slopes, keeping = through.unbind(0), f.unbind(0)
    for t in range(time - 1, -1, -1):
        if t < time - 1:
            dhs[t].addmm_(flat[t + 1], w.hh)
            dcs[t].addcmul_(keeping[t + 1], dcs[t + 1])
        if w.projection is not None:
            torch.mm(dhs[t], w.projection, out=dms[t])
        dcs[t].addcmul_(dms[t], slopes[t])
        by_dc[t].mul_(wide[t])
        by_dm[t].mul_(dms[t])
    gradients = {
        "grad_input_gate": dc * g,
        "grad_forget_gate": dc * before,
        "grad_cell_candidate": dc * i,
        "grad_output_gate": dm * tanh_c,
        "grad_cell_state": dc,
        "grad_hidden_state": dh,
    }
    return Backward(gradients, da.view(time, batch, -1), flat[0] @ w.hh, dc[0] * f[0])


def _at_end(c: Tensor, end: Tensor | None, lengths: Tensor | None) -> Tensor:
    """Zeros like ``c``, with the gradient that arrives at c_n on each sequence's last step."""
    dc = torch.zeros_like(c)
    if end is not None:
        last = len(c) - 1 if lengths is None else lengths - 1
        dc[last, torch.arange(c.shape[1], device=c.device)] = end
    return dc


def gru_signals(x: Tensor, h: Tensor, h0: Tensor, c0: Tensor | None, w: Weights) -> Signals:
    """Gates from one product; ``recurrent_candidate`` is U_n h_{t-1} + b'_n, kept to go back."""
    before = shift(h, h0)
    r, z, n = _blocks(x, w.ih, w.bias_ih, 3)
    unit = h.shape[-1]
    bias = None if w.bias_hh is None else w.bias_hh[: 2 * unit]
    _add_blocks([r, z], before, w.hh[: 2 * unit], bias)
    bias = None if w.bias_hh is None else w.bias_hh[2 * unit :]
    q = torch.nn.functional.linear(before, w.hh[2 * unit :], bias)
    r.sigmoid_()
    z.sigmoid_()
    n.addcmul_(r, q).tanh_()
    return {
        "reset_gate": r,
        "update_gate": z,
        "candidate": n,
        "hidden_state": h,
        "recurrent_candidate": q,
    }


def gru_backward(s: Signals, h0: Tensor, outer: Tensor, w: Weights) -> Backward:
    """What `gru_loop` gives, for a recording."""
    z, q = s["update_gate"], s["recurrent_candidate"]
    loop = gru_loop(s, h0, outer, w.hh)
    initial = torch.addmm(outer[0] * z[0], loop.recurrent[0], w.hh)
    gradients = {
        "grad_reset_gate": loop.candidate * q,
        "grad_update_gate": outer * loop.difference,
        "grad_candidate": outer * (1 - z),
        "grad_hidden_state": outer,
    }
    return Backward(gradients, loop.pre(), initial, None)
