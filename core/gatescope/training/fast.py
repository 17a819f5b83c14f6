"""The forward pass of a training step, faster than torch's own on the CPU.

Under autograd on the CPU torch runs ``nn.RNN`` and ``nn.GRU`` step by step, one node of the graph
an operation. Here a layer and direction is one node: going forward it is a loop of in-place
operations, going back the loop in `gatescope.recording.loops`, and each weight's gradient is one
product over all steps. Outputs and gradients are torch's, but for rounding. An LSTM has a kernel
in torch that is faster than such a loop.

Shapes: x (time, batch, feature); signals and gradients (time, batch, unit).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from gatescope.models import SequenceModel
from gatescope.recording.loops import Signals, gru_loop, plain, rnn_loop, shift, tanh_slope


def forward(model: SequenceModel, inputs: Tensor) -> Tensor:
    """Answer as ``model(inputs)`` does, with a graph that is quicker to go back through.

    Parameters
    ----------
    model
        The network. Anything but tanh RNN and GRU layers on the CPU runs as the model itself.
    inputs
        (time, batch, feature).

    Returns
    -------
    Tensor
        (time, batch, output); with dropout the masks are those that the model would draw.
    """
    outputs: Tensor
    if is_fast(model, inputs):
        outputs = model.answer(_layers(model.recurrent, model.embed(inputs)))
    else:
        outputs = model(inputs)
    return outputs


def is_fast(model: SequenceModel, inputs: Tensor) -> bool:
    """Whether `forward` has loops of its own for this network, and they are the faster ones."""
    return getattr(model.recurrent, "mode", None) in LOOPS and inputs.device.type == "cpu"


def _layers(recurrent: Any, rows: Tensor) -> Tensor:
    """All layers and directions of an ``nn.RNN`` or ``nn.GRU``, from states of zero."""
    weights = iter(recurrent.all_weights)
    for layer in range(recurrent.num_layers):
        if layer:
            rows = torch.dropout(rows, recurrent.dropout, recurrent.training)
        outputs = [_run(recurrent.mode, rows, next(weights))]
        if recurrent.bidirectional:
            outputs.append(_run(recurrent.mode, rows.flip(0), next(weights)).flip(0))
        rows = outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=-1)
    return rows


def _run(mode: str, rows: Tensor, weights: list[Tensor]) -> Tensor:
    hidden: Tensor = _Layer.apply(mode, rows, *weights)  # type: ignore[no-untyped-call]
    return hidden


class _Layer(torch.autograd.Function):
    """One layer and direction as one node of the graph."""

    @staticmethod
    def forward(ctx: Any, mode: str, x: Tensor, *weights: Tensor) -> Tensor:
        signals = LOOPS[mode].forward(x, *weights)
        ctx.mode, ctx.names = mode, tuple(signals)
        ctx.save_for_backward(x, *weights[:2], *signals.values())
        return signals["hidden_state"]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, outer: Tensor) -> tuple[Tensor | None, ...]:
        x, ih, hh, *saved = ctx.saved_tensors
        signals = dict(zip(ctx.names, saved, strict=True))
        dh = outer.clone(memory_format=torch.contiguous_format)
        pre, *recurrent = LOOPS[ctx.mode].backward(signals, dh, hh)
        flat = pre.flatten(0, 1)
        rows = pre @ ih if ctx.needs_input_grad[1] else None
        return None, rows, flat.t() @ x.flatten(0, 1), recurrent[0], flat.sum(0), recurrent[1]


def _rnn_forward(x: Tensor, ih: Tensor, hh: Tensor, bias_ih: Tensor, bias_hh: Tensor) -> Signals:
    """h_t = tanh(W x_t + b + U h_{t-1} + b')."""
    h = nn.functional.linear(x, ih, bias_ih + bias_hh)
    u, before = hh.t(), h.new_zeros(h.shape[1:])
    for h_t in h.unbind(0):
        before = h_t.addmm_(before, u).tanh_()
    return {"hidden_state": h}


def _rnn_backward(s: Signals, dh: Tensor, hh: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    da = rnn_loop(tanh_slope, s["hidden_state"], dh, plain(hh))
    return da, *_recurrent_gradients(da, s["hidden_state"])


def _gru_forward(x: Tensor, ih: Tensor, hh: Tensor, bias_ih: Tensor, bias_hh: Tensor) -> Signals:
    """r, z = sigmoid(W x_t + b + U h_{t-1} + b'), h_t = (1 - z) n + z h_{t-1}, with

    n = tanh(W_n x_t + b_n + r q) and q = U_n h_{t-1} + b'_n.
    """
    both = 2 * hh.shape[1]
    gates = nn.functional.linear(x, ih[:both], bias_ih[:both] + bias_hh[:both])
    n = nn.functional.linear(x, ih[both:], bias_ih[both:])
    r, z = gates.chunk(2, dim=-1)
    q, h = torch.empty_like(n), torch.empty_like(n)
    u, u_n, bias_n = hh[:both].t(), hh[both:].t(), bias_hh[both:]
    before = h.new_zeros(h.shape[1:])
    steps = zip(*(signal.unbind(0) for signal in (gates, r, z, n, q, h)), strict=True)
    for gates_t, r_t, z_t, n_t, q_t, h_t in steps:
        gates_t.addmm_(before, u).sigmoid_()
        torch.addmm(bias_n, before, u_n, out=q_t)
        n_t.addcmul_(r_t, q_t).tanh_()
        before = torch.lerp(n_t, before, z_t, out=h_t)
    return {
        "reset_gate": r,
        "update_gate": z,
        "candidate": n,
        "hidden_state": h,
        "recurrent_candidate": q,
    }


def _gru_backward(s: Signals, dh: Tensor, hh: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    h = s["hidden_state"]
    loop = gru_loop(s, shift(h, h.new_zeros(h.shape[1:])), dh, plain(hh))
    recurrent = _recurrent_gradients(loop.recurrent, h)
    return loop.pre(), *recurrent


def _recurrent_gradients(da: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients of U and b', where U h_{t-1} + b' has the gradient ``da`` and h_0 is zero."""
    return da[1:].flatten(0, 1).t() @ h[:-1].flatten(0, 1), da.sum((0, 1))


class _Loops(NamedTuple):
    """Forward, and back to dL/da and the gradients of U and b'."""

    forward: Callable[..., Signals]
    backward: Callable[[Signals, Tensor, Tensor], tuple[Tensor, Tensor, Tensor]]


LOOPS = {
    "RNN_TANH": _Loops(_rnn_forward, _rnn_backward),
    "GRU": _Loops(_gru_forward, _gru_backward),
}
