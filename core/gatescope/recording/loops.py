"""The loops back through a layer; those of an RNN and a GRU training shares with recording.

Everything that multiplies an incoming gradient at step t is known before the loop begins, so each
step is two to four in-place operations. ``dh`` holds what arrives from outside, (time, batch,
unit), and becomes dL/dh in place; time runs in the direction in which the layer reads.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

Signals = dict[str, Tensor]


def shift(states: Tensor, first: Tensor) -> Tensor:
    """The states one step earlier: ``first``, then all but the last."""
    return torch.cat([first.unsqueeze(0), states[:-1]])


FEW = 2**10
"""Numbers a step up to which a scan over all steps goes in blocks."""


def scan(values: Tensor, factors: Tensor, first: Tensor) -> None:
    """In place, v_t += f_t v_{t-1}, from ``first`` on; all (time, batch, unit), ``first`` a step.

    Where a step has few numbers, or runs on a GPU, most of its time goes into asking for it. So
    the steps are cut into blocks of sqrt(time), which are scanned side by side from zero; then
    each takes what the one before it ends in, times the product of the factors since.
    """
    if len(values) == 1:
        values.addcmul_(factors, first)
        return
    done = 0
    before = first
    if (first.numel() <= FEW or first.is_cuda) and len(values) > 8:
        size = math.isqrt(len(values))
        done = len(values) // size * size
        shape = (-1, size, *first.shape)
        blocks, inner = values[:done].view(shape), factors[:done].view(shape)
        steps = blocks.unbind(1)
        for earlier, step, factor in zip(steps, steps[1:], inner.unbind(1)[1:], strict=False):
            step.addcmul_(factor, earlier)
        for block, product in zip(blocks, torch.cumprod(inner, 1), strict=True):
            block.addcmul_(product, before)
            before = block[-1]
    rest = zip(values[done:].unbind(0), factors[done:].unbind(0), strict=True)
    for value, factor in rest:
        before = value.addcmul_(factor, before)


PACKED, MANY = 2**16, 8
"""Numbers of a matrix, and rows and steps times it, from which packing it first is quicker."""

LARGE = 2**18
"""Numbers of a matrix from which a few rows times it are quicker where its columns lie together."""


Add = Callable[[Tensor, Tensor], object]
"""Adds da U to dh in place, for one U."""


def adder(matrix: Tensor, time: int, batch: int) -> Add:
    """What adds da U to dh in place, step after step by the same U.

    Parameters
    ----------
    matrix
        U, (rows of da, rows of dh).
    time, batch
        How often, and the rows of da.
    """
    many = min(time, batch) >= MANY and matrix.numel() >= PACKED
    if many and matrix.dtype == torch.float32 and not matrix.is_cuda and can_pack():
        packed = torch.ops.mkldnn._reorder_linear_weight(matrix.t().contiguous(), batch)
        linear = torch.ops.mkldnn._linear_pointwise.default
        return lambda dh, da: dh.add_(linear(da, packed, None, "none", [], ""))
    by_columns = time >= MANY and matrix.numel() >= LARGE
    return plain(matrix.t().contiguous().t() if by_columns else matrix)


def plain(matrix: Tensor) -> Add:
    """The same by a matrix as it lies."""
    return lambda dh, da: dh.addmm_(da, matrix)


@lru_cache(maxsize=1)
def can_pack() -> bool:
    """Whether this torch multiplies by a matrix packed for oneDNN: that is undocumented."""
    da, matrix = torch.arange(16.0).view(2, 8), torch.arange(24.0).view(8, 3)
    try:
        packed = torch.ops.mkldnn._reorder_linear_weight(matrix.t().contiguous(), 2)
        product = torch.ops.mkldnn._linear_pointwise.default(da, packed, None, "none", [], "")
        return torch.allclose(product, da @ matrix)
    except (AttributeError, RuntimeError, TypeError):
        return False


def tanh_slope(h: Tensor, out: Tensor | None = None) -> Tensor:
    """d tanh(a)/da = 1 - h^2."""
    return torch.mul(h, h, out=out).neg_().add_(1)


def relu_slope(h: Tensor, out: Tensor | None = None) -> Tensor:
    """d relu(a)/da: 1 where h > 0."""
    return torch.gt(h, 0, out=torch.empty_like(h) if out is None else out)


Slope = Callable[[Tensor, Tensor | None], Tensor]
"""From h to the slope of what made it, in the given memory or in its own."""


def rnn_loop(slope: Slope, h: Tensor, dh: Tensor, add: Add, out: Tensor | None = None) -> Tensor:
    """dh_t = outer_t + U^T da_{t+1};  da_t = dh_t * slope(h_t).  Gives dL/da, in ``out``."""
    da = slope(h, out)
    dhs, das = dh.unbind(0), da.unbind(0)
    for t in range(len(dhs) - 1, -1, -1):
        if t < len(dhs) - 1:
            add(dhs[t], das[t + 1])
        das[t].mul_(dhs[t])
    return da


@dataclass(frozen=True)
class GruLoop:
    """What the loop back through a GRU leaves.

    ``recurrent`` is [da_r, da_z, dq], (time, batch, 3 * unit), ``candidate`` is da_n, and
    ``difference`` is h_{t-1} - n.
    """

    recurrent: Tensor
    candidate: Tensor
    difference: Tensor

    def pre(self) -> Tensor:
        """[da_r, da_z, da_n], in the place of ``recurrent``, which is gone then."""
        self.recurrent[..., -self.candidate.shape[-1] :] = self.candidate
        return self.recurrent


def gru_loop(
    s: Signals, before: Tensor, dh: Tensor, add: Add, out: Tensor | None = None
) -> GruLoop:
    """The closed form, with q = U_n h_{t-1} + b'_n; ``before`` is h_{t-1}, ``out`` holds da.

    dh_t = outer_t + z_{t+1} dh_{t+1} + U^T [da_r, da_z, dq]_{t+1}
    da_z = dh * (h_{t-1} - n) z (1 - z)
    da_n = dh * (1 - z)(1 - n^2);   dq = da_n * r;   da_r = da_n * q r (1 - r)
    """
    names = ("reset_gate", "update_gate", "candidate", "recurrent_candidate")
    r, z, n, q = (s[name] for name in names)
    time, batch, unit = dh.shape
    difference = before - n
    to_candidate = torch.ops.aten.tanh_backward(1 - z, n)
    # what multiplies dh at each step; the loop turns it into [da_r, da_z, dq] in place
    da = (dh.new_empty(time, batch, 3 * unit) if out is None else out).view(time, batch, 3, unit)
    torch.ops.aten.sigmoid_backward.grad_input(to_candidate * q, r, grad_input=da[:, :, 0])
    torch.ops.aten.sigmoid_backward.grad_input(difference, z, grad_input=da[:, :, 1])
    torch.mul(to_candidate, r, out=da[:, :, 2])

    flat, das, wide = da.view(time, batch, -1).unbind(0), da.unbind(0), dh.unsqueeze(2).unbind(0)
    dhs, keeping = dh.unbind(0), z.unbind(0)
    for t in range(time - 1, -1, -1):
        if t < time - 1:
            add(dhs[t], flat[t + 1])
            dhs[t].addcmul_(keeping[t + 1], dhs[t + 1])
        das[t].mul_(wide[t])
    return GruLoop(da.view(time, batch, -1), to_candidate.mul_(dh), difference)


class ArrivingAtCell(NamedTuple):
    """The gradients that arrive at an LSTM's cell states from outside a block.

    ``last`` is that of its last step, (batch, unit); ``anywhere`` of every step, (time, batch,
    unit), since of a packed batch each sequence has its own last one. None where there are none.
    """

    last: Tensor | None
    anywhere: Tensor | None


class LstmLoop:
    """The steps back through an LSTM, a part of 2 sqrt(time) steps at a time in the same memory.

    A step is three operations whatever its size, and a view of memory costs as much as one: so
    views are made once, for the steps of one part. What is the same for all of a gate's units
    stands side by side in rows of (batch, 5, unit).

    Attributes
    ----------
    size
        Steps of a part; a shorter one lies at the end.
    factors
        (size + 1, batch, 5, unit): what multiplies the row of ``gradients``, and then the products
        f dc, da_i, da_f, da_g, da_o. The last step is the one after the part.
    slopes
        (size, batch, unit): what multiplies dm on its way to dc.
    gradients
        (size, batch, 5, unit): dc four times, and dm.
    """

    def __init__(
        self,
        add: Add,
        projection: Tensor | None,
        dh: Tensor,
        dc: Tensor,
        arriving: ArrivingAtCell,
    ) -> None:
        time, batch, unit = dc.shape
        size = self.size = min(time, max(16, 2 * math.isqrt(time)))
        self.add, self.projection, self.dh = add, projection, dh
        self.factors = factors = dh.new_zeros(size + 1, batch, 5, unit)
        self.slopes = dh.new_empty(size, batch, unit)
        self.gradients = gradients = dh.new_empty(size, batch, 5, unit)
        if arriving.last is not None:
            factors[-1, :, 0] = arriving.last
        self.outside = None if arriving.anywhere is None else arriving.anywhere.unbind(0)
        self.dhs = None if projection is None else dh.unbind(0)
        rows, da = factors.unbind(0), factors.flatten(2)[:, :, unit:].unbind(0)
        kept, over = factors[:, :, 0].unbind(0), factors[:, :, :1].expand(-1, -1, 4, -1).unbind(0)
        dm, wide = gradients[:, :, 4].unbind(0), gradients[:, :, 4:].unbind(0)
        steep, four = self.slopes.unsqueeze(2).unbind(0), gradients[:, :, :4].unbind(0)
        before = (dm, da[1:], kept[1:], over[1:])
        # of each step: what comes from the one after it, then what it is made of itself
        each = zip(*before, wide, steep, four, rows, gradients.unbind(0), strict=False)
        self.steps: list[tuple[Tensor, ...]] = list(each)

    def back(self, part: slice) -> None:
        """Go back through a part."""
        ahead = part.stop - self.size
        start, add = part.start - ahead, self.add
        dhs, outside = self.dhs, self.outside
        if dhs is None:
            self.gradients[start:, :, 4] = self.dh[part]
        addcmul, t = torch.addcmul, part.stop
        for dm, da, kept, over, wide, steep, four, row, gradient in reversed(self.steps[start:]):
            t -= 1
            if dhs is None or self.projection is None:
                add(dm, da)
            else:
                add(dhs[t], da)
                torch.mm(dhs[t], self.projection, out=dm)
            if outside is not None:
                kept.add_(outside[t])
            addcmul(over, wide, steep, out=four)
            row.mul_(gradient)
