"""Gates and gradients of torch's fused layers, in closed form, a block of steps at a time.

A fused layer gives its hidden states and nothing else. Once these are known, all pre-activations
are one matrix product, a_t = W x_t + U h_{t-1} + b, and an LSTM's cell state follows by the scan
c_t = f_t c_{t-1} + i_t g_t. Going back, everything that multiplies an incoming gradient at step t
is known before the loop begins, so each step is two to five in-place operations.

Shapes: x (time, batch, feature); every signal and gradient (time, batch, unit) with time running
in the direction in which the layer reads; states before a block (batch, unit). Steps past a packed
sequence's end receive no gradient, so they need no mask.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from gatescope.recording.loops import (
    Add,
    ArrivingAtCell,
    LstmLoop,
    Signals,
    Slope,
    adder,
    gru_loop,
    relu_slope,
    rnn_loop,
    scan,
    shift,
    tanh_slope,
)


class Room(Protocol):
    """Gives the memory that a block of a signal is computed in."""

    def __call__(self, name: str, width: int) -> Tensor:
        """(time, batch, width) under a name, for this block."""


class Product(Protocol):
    """Keeps the product of two blocks, as far as it was chosen."""

    def __call__(self, name: str, one: Tensor, other: Tensor) -> None:
        """Both (time, batch, unit); under a name."""


@dataclass(frozen=True)
class Weights:
    """One layer and direction's weights, in torch's layout; absent biases and projection None.

    ``add`` is what multiplies by ``hh`` at each step back.
    """

    ih: Tensor
    hh: Tensor
    bias_ih: Tensor | None
    bias_hh: Tensor | None
    projection: Tensor | None = None
    add: Add | None = None

    def going_back(self, time: int, batch: int) -> "Weights":
        """The same for the products of each step back."""
        return replace(self, add=adder(self.hh, time, batch))

    def back(self) -> Add:
        """What multiplies by ``hh`` at each step back."""
        return adder(self.hh, 1, 1) if self.add is None else self.add

    def parts(self) -> list[Tensor]:
        """Those that are there, in torch's order."""
        parts = (self.ih, self.hh, self.bias_ih, self.bias_hh, self.projection)
        return [part for part in parts if part is not None]

    def copied(self) -> "Weights":
        """The same numbers in memory of their own."""
        others = (self.bias_ih, self.bias_hh, self.projection)
        bias_ih, bias_hh, projection = (None if part is None else part.clone() for part in others)
        return Weights(self.ih.clone(), self.hh.clone(), bias_ih, bias_hh, projection)

    def with_own_biases(self) -> "Weights":
        """The same with biases in memory of their own."""
        if self.bias_ih is None or self.bias_hh is None:
            return self
        return replace(self, bias_ih=self.bias_ih.clone(), bias_hh=self.bias_hh.clone())

    def of_units(self, chosen: slice | Tensor, units: int) -> "Weights":
        """The rows of some of the units, in every block of them."""

        def rows(part: Tensor) -> Tensor:
            blocks = part.reshape(-1, units, *part.shape[1:])
            if isinstance(chosen, slice):
                return blocks[:, chosen].flatten(0, 1)
            return blocks.index_select(1, chosen.to(part.device)).flatten(0, 1)

        bias_ih = None if self.bias_ih is None else rows(self.bias_ih)
        bias_hh = None if self.bias_hh is None else rows(self.bias_hh)
        return replace(self, ih=rows(self.ih), hh=rows(self.hh), bias_ih=bias_ih, bias_hh=bias_hh)

    def blocks(self, first: int, stop: int, count: int) -> "Weights":
        """The rows of some of ``count`` blocks."""
        unit = len(self.ih) // count
        rows = slice(first * unit, stop * unit)
        bias_ih = None if self.bias_ih is None else self.bias_ih[rows]
        bias_hh = None if self.bias_hh is None else self.bias_hh[rows]
        return Weights(self.ih[rows], self.hh[rows], bias_ih, bias_hh)


@dataclass(frozen=True)
class Steps:
    """A block of steps: its input, the hidden states one step earlier, and those after it.

    An LSTM has the cell state before the block too, (batch, unit).
    """

    x: Tensor
    before: Tensor
    h: Tensor
    c0: Tensor | None


class Back(NamedTuple):
    """The gradients of the states before a block, (batch, unit)."""

    h: Tensor
    c: Tensor | None


class Equations(NamedTuple):
    """A kind of fused layer.

    Attributes
    ----------
    names
        Its signals in the trace.
    inner
        What going back needs beside them.
    signals
        From a block of steps to those of its signals that are wanted.
    backward
        From all signals, and the gradients that arrive from outside the block (``dh`` in place: it
        becomes the total one), to what leaves it; puts each ``grad_`` in its room or keeps it as
        a product, and the input's gradient into ``dx``, where that is given.
    """

    names: tuple[str, ...]
    inner: tuple[str, ...]
    signals: Callable[[Steps, Weights, Collection[str], Room], Signals]
    backward: Callable[
        [Signals, Steps, Weights, Tensor, ArrivingAtCell, Room, Product, Tensor | None], Back
    ]


FEW, NARROW = 2**14, 32
"""Numbers of a signal up to which asking for four products takes longer than what they save; and
units below which a product takes as long as one of four times as many."""

LSTM_GATES = ("input_gate", "forget_gate", "cell_candidate", "output_gate")


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None, into: Tensor) -> None:
    """Put W x + b into (time, batch, unit)."""
    rows, flat = into.view(-1, into.shape[-1]), x.reshape(-1, x.shape[-1])
    if bias is None:
        torch.mm(flat, weight.t(), out=rows)
    else:
        torch.addmm(bias, flat, weight.t(), out=rows)


def _affine(steps: Steps, w: Weights, into: Tensor) -> Tensor:
    """Put W x + U h_{t-1} + b into (time, batch, unit)."""
    bias = None if w.bias_ih is None or w.bias_hh is None else w.bias_ih + w.bias_hh
    _linear(steps.x, w.ih, bias, into)
    before = steps.before.reshape(-1, steps.before.shape[-1])
    into.view(-1, into.shape[-1]).addmm_(before, w.hh.t())
    return into


def rnn_signals(steps: Steps, w: Weights, wanted: Collection[str], room: Room) -> Signals:
    """A plain RNN has no gates: its hidden state is all there is."""
    return {"hidden_state": steps.h}


def rnn_backward(
    slope: Slope,
    s: Signals,
    steps: Steps,
    w: Weights,
    dh: Tensor,
    arriving: object,
    room: Room,
    product: Product,
    dx: Tensor | None,
) -> Back:
    """What `rnn_loop` gives, for a recording."""
    da = rnn_loop(slope, steps.h, dh, w.back(), room("pre", dh.shape[-1]))
    if dx is not None:
        torch.matmul(da, w.ih, out=dx)
    return Back(da[0] @ w.hh, None)


def lstm_signals(steps: Steps, w: Weights, wanted: Collection[str], room: Room) -> Signals:
    """Gates from one product, the cell state from the scan."""
    assert steps.c0 is not None
    unit = steps.c0.shape[-1]
    needed = set(wanted) | (set(LSTM_GATES[:3]) if "cell_state" in wanted else set())
    found: Signals = {"hidden_state": steps.h}
    together: tuple[Tensor, ...] = ()
    is_small = steps.h.numel() <= FEW
    if (is_small or unit < NARROW) and len(needed & set(LSTM_GATES)) > 1:
        rows = _affine(steps, w, room("pre", 4 * unit))
        together = rows.view(*rows.shape[:2], 4, unit).unbind(2)
    for number, name in enumerate(LSTM_GATES):
        if name not in needed:
            continue
        is_tanh, out = name == "cell_candidate", room(name, unit)
        if together and is_small:
            (torch.tanh if is_tanh else torch.sigmoid)(together[number], out=out)
        else:
            # numbers that lie apart are quicker brought together first
            a = (
                out.copy_(together[number])
                if together
                else _affine(steps, w.blocks(number, number + 1, 4), out)
            )
            a.tanh_() if is_tanh else a.sigmoid_()
        found[name] = out
    if "cell_state" in wanted:
        c = room("cell_state", unit)
        torch.mul(found["input_gate"], found["cell_candidate"], out=c)
        scan(c, found["forget_gate"], steps.c0)
        found["cell_state"] = c
    return found


def lstm_backward(
    s: Signals,
    steps: Steps,
    w: Weights,
    dh: Tensor,
    arriving: ArrivingAtCell,
    room: Room,
    product: Product,
    dx: Tensor | None,
) -> Back:
    """The closed form; with a projection W_hr the cell sees dm = dh W_hr.

    dh_t = outer_t + U^T da_{t+1}
    dc_t = dm_t * o (1 - tanh^2 c_t) + f_{t+1} dc_{t+1}
    da_i = dc * g i (1 - i)      da_f = dc * c_{t-1} f (1 - f)
    da_g = dc * i (1 - g^2)      da_o = dm * tanh(c) o (1 - o)
    """
    assert steps.c0 is not None
    i, f, g, o, c = (s[name] for name in (*LSTM_GATES, "cell_state"))
    time, _, unit = c.shape
    if time == 1:
        return _lstm_step_back(s, steps, w, dh, arriving, room, dx)
    before = shift(c, steps.c0)
    tanh_c = torch.tanh(c, out=room("tanh_c", unit))
    dc = room("grad_cell_state", unit)
    dm = dh if w.projection is None else room("dm", unit)
    loop = LstmLoop(w.back(), w.projection, dh, dc, arriving)
    for stop in range(time, 0, -loop.size):
        part = slice(max(0, stop - loop.size), stop)
        there = slice(loop.size - (stop - part.start), loop.size)
        factors, slopes = loop.factors[there], loop.slopes[there]
        factors[:, :, 0] = f[part]
        sigmoid, tanh = torch.ops.aten.sigmoid_backward, torch.ops.aten.tanh_backward
        sigmoid.grad_input(g[part], i[part], grad_input=factors[:, :, 1])
        sigmoid.grad_input(before[part], f[part], grad_input=factors[:, :, 2])
        tanh.grad_input(i[part], g[part], grad_input=factors[:, :, 3])
        sigmoid.grad_input(tanh_c[part], o[part], grad_input=factors[:, :, 4])
        tanh.grad_input(o[part], tanh_c[part], grad_input=slopes)
        loop.back(part)
        dc[part], dm[part] = loop.gradients[there, :, 0], loop.gradients[there, :, 4]
        if dx is not None:
            torch.matmul(factors[:, :, 1:].flatten(2), w.ih, out=dx[part])
        loop.factors[-1] = loop.factors[there.start]
    product("grad_input_gate", dc, g)
    product("grad_forget_gate", dc, before)
    product("grad_cell_candidate", dc, i)
    product("grad_output_gate", dm, tanh_c)
    kept, later = loop.factors[-1, :, 0], loop.factors[-1, :, 1:]
    return Back(later.flatten(1) @ w.hh, kept)


def _lstm_step_back(
    s: Signals,
    steps: Steps,
    w: Weights,
    dh: Tensor,
    arriving: ArrivingAtCell,
    room: Room,
    dx: Tensor | None,
) -> Back:
    """The same for a single step, where asking for the loop takes longer than what is in it."""
    assert steps.c0 is not None
    i, f, g, o, c = (s[name] for name in (*LSTM_GATES, "cell_state"))
    unit = c.shape[-1]
    tanh_c = torch.tanh(c, out=room("tanh_c", unit))
    dm = dh if w.projection is None else dh @ w.projection
    sigmoid, tanh = torch.ops.aten.sigmoid_backward, torch.ops.aten.tanh_backward
    dc = tanh.grad_input(dm * o, tanh_c, grad_input=room("grad_cell_state", unit))
    for more in arriving:
        if more is not None:
            dc.add_(more)
    before = steps.c0.unsqueeze(0)
    da = room("pre", 4 * unit)
    da_i, da_f, da_g, da_o = da.view(*c.shape[:2], 4, unit).unbind(2)
    di = torch.mul(dc, g, out=room("grad_input_gate", unit))
    df = torch.mul(dc, before, out=room("grad_forget_gate", unit))
    dg = torch.mul(dc, i, out=room("grad_cell_candidate", unit))
    do = torch.mul(dm, tanh_c, out=room("grad_output_gate", unit))
    sigmoid.grad_input(di, i, grad_input=da_i)
    sigmoid.grad_input(df, f, grad_input=da_f)
    tanh.grad_input(dg, g, grad_input=da_g)
    sigmoid.grad_input(do, o, grad_input=da_o)
    if dx is not None:
        torch.matmul(da, w.ih, out=dx)
    return Back(da[0] @ w.hh, (dc * f)[0])


def gru_signals(steps: Steps, w: Weights, wanted: Collection[str], room: Room) -> Signals:
    """Gates from one product; ``recurrent_candidate`` is U_n h_{t-1} + b'_n, kept to go back."""
    unit = steps.h.shape[-1]
    inner = bool({"candidate", "recurrent_candidate"} & set(wanted))
    found: Signals = {"hidden_state": steps.h}
    for number, name in enumerate(("reset_gate", "update_gate")):
        if name in wanted or (inner and name == "reset_gate"):
            found[name] = _affine(steps, w.blocks(number, number + 1, 3), room(name, unit))
            found[name].sigmoid_()
    if inner:
        last = w.blocks(2, 3, 3)
        n, q = room("candidate", unit), room("recurrent_candidate", unit)
        _linear(steps.x, last.ih, last.bias_ih, n)
        _linear(steps.before, last.hh, last.bias_hh, q)
        found["candidate"] = n.addcmul_(found["reset_gate"], q).tanh_()
        found["recurrent_candidate"] = q
    return found


def gru_backward(
    s: Signals,
    steps: Steps,
    w: Weights,
    dh: Tensor,
    arriving: object,
    room: Room,
    product: Product,
    dx: Tensor | None,
) -> Back:
    """What `gru_loop` gives, for a recording."""
    unit = dh.shape[-1]
    z, q = s["update_gate"], s["recurrent_candidate"]
    loop = gru_loop(s, steps.before, dh, w.back(), room("pre", 3 * unit))
    earlier = torch.addmm(dh[0] * z[0], loop.recurrent[0], w.hh)
    product("grad_reset_gate", loop.candidate, q)
    product("grad_update_gate", dh, loop.difference)
    product("grad_candidate", dh, 1 - z)
    if dx is not None:
        torch.matmul(loop.pre(), w.ih, out=dx)
    return Back(earlier, None)


LSTM = Equations(
    (*LSTM_GATES, "cell_state", "hidden_state"), (), signals=lstm_signals, backward=lstm_backward
)
GRU = Equations(
    ("reset_gate", "update_gate", "candidate", "hidden_state"),
    ("recurrent_candidate",),
    signals=gru_signals,
    backward=gru_backward,
)
EQUATIONS: dict[str, Equations] = {
    "lstm": LSTM,
    "gru": GRU,
    "rnn_tanh": Equations(("hidden_state",), (), rnn_signals, partial(rnn_backward, tanh_slope)),
    "rnn_relu": Equations(("hidden_state",), (), rnn_signals, partial(rnn_backward, relu_slope)),
}
"""By the name of torch's operation."""
