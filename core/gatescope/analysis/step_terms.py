"""The equations of torch's three cells, term by term: forward, and the closed form back.

Every array is (time, unit), float64, with time running in the direction in which the layer reads;
``s`` holds the recorded signals. Names as in `gatescope.analysis.one_step`.
"""

from collections.abc import Callable

import numpy as np
from torch import Tensor, zeros

from gatescope.cells import Cell
from gatescope.cells.gru import GRU
from gatescope.cells.lstm import LSTM
from gatescope.cells.rnn import RNN

Terms = dict[str, np.ndarray]


class Weights:
    """One cell's weights by block, float64: W x + b and the way back, U^T da."""

    def __init__(self, cell: Cell) -> None:
        def blocks(rows: Tensor | None) -> dict[str, np.ndarray]:
            whole = zeros(len(cell.weight_ih)) if rows is None else rows
            parts = whole.detach().double().cpu().chunk(len(cell.blocks))
            return {name: part.numpy() for name, part in zip(cell.blocks, parts, strict=True)}

        self.ih, self.hh = blocks(cell.weight_ih), blocks(cell.weight_hh)
        self.bias_ih, self.bias_hh = blocks(cell.bias_ih), blocks(cell.bias_hh)
        self.relu = isinstance(cell, RNN) and cell.nonlinearity == "relu"

    def terms(self, gate: str, x: np.ndarray, before: np.ndarray) -> Terms:
        """W x, U h, b and their sum a, each (time, unit)."""
        from_input, from_hidden = x @ self.ih[gate].T, before @ self.hh[gate].T
        bias = np.broadcast_to(self.bias_ih[gate] + self.bias_hh[gate], from_input.shape)
        return {
            f"{gate}_from_input": from_input,
            f"{gate}_from_hidden": from_hidden,
            f"{gate}_bias": bias,
            f"{gate}_pre": from_input + from_hidden + bias,
        }


def _rnn_forward(s: Terms, x: np.ndarray, w: Weights) -> Terms:
    """a = W x + U h_{t-1} + b;  h = tanh(a), or relu(a)."""
    h = s["hidden_state"]
    terms = w.terms("hidden_state", x, _before(h))
    return terms | {"hidden_state": h, "hidden_state_before": _before(h)}


def _lstm_forward(s: Terms, x: np.ndarray, w: Weights) -> Terms:
    """c_t = f c_{t-1} + i g;  h_t = o tanh(c_t)."""
    i, f, g, c, h = (s[name] for name in (*LSTM.blocks[:3], "cell_state", "hidden_state"))
    terms: Terms = {}
    for gate in LSTM.blocks:
        terms |= w.terms(gate, x, _before(h)) | {gate: s[gate]}
    return terms | {
        "cell_state_before": _before(c),
        "kept": f * _before(c),
        "written": i * g,
        "cell_state": c,
        "cell_tanh": np.tanh(c),
        "hidden_state": h,
        "hidden_state_before": _before(h),
    }


def _gru_forward(s: Terms, x: np.ndarray, w: Weights) -> Terms:
    """q = U_n h_{t-1} + b'_n;  a_n = W_n x + b_n + r q;  h = (1 - z) n + z h_{t-1}."""
    r, z, n, h = (s[name] for name in (*GRU.blocks, "hidden_state"))
    before = _before(h)
    terms: Terms = {}
    for gate in GRU.blocks[:2]:
        terms |= w.terms(gate, x, before) | {gate: s[gate]}
    from_input, from_hidden = x @ w.ih["candidate"].T, before @ w.hh["candidate"].T
    bias, inner_bias = (
        np.broadcast_to(b["candidate"], from_input.shape) for b in (w.bias_ih, w.bias_hh)
    )
    q = from_hidden + inner_bias
    return terms | {
        "candidate_from_input": from_input,
        "candidate_bias": bias,
        "recurrent_from_hidden": from_hidden,
        "recurrent_bias": inner_bias,
        "recurrent": q,
        "reset": r * q,
        "candidate_pre": from_input + bias + r * q,
        "candidate": n,
        "written": (1 - z) * n,
        "kept": z * before,
        "hidden_state": h,
        "hidden_state_before": before,
    }


def _rnn_backward(s: Terms, terms: Terms, w: Weights) -> Terms:
    """da = dh (1 - h^2), or dh where relu is open;  dh_{t-1} = U^T da."""
    h, dh = s["hidden_state"], s["grad_hidden_state"]
    da = dh * ((h > 0) if w.relu else 1 - h * h)
    back = da @ w.hh["hidden_state"]
    return {"grad_hidden_state_pre": da} | _arriving(dh, back)


def _lstm_backward(s: Terms, terms: Terms, w: Weights) -> Terms:
    """dc_t = dh o (1 - tanh^2 c) + f_{t+1} dc_{t+1}, and what it gives to each gate.

    ``grad_cell_state_through`` is the first of its two terms, ``grad_cell_tanh`` is dh o.
    """
    i, f, g, o = (s[name] for name in LSTM.blocks)
    dh, dc, tanh_c = s["grad_hidden_state"], s["grad_cell_state"], terms["cell_tanh"]
    through = dh * o * (1 - tanh_c**2)
    later = _later(f * dc)
    later[-1:] = (dc - through)[-1:]
    gates = {
        "input_gate": (dc * g, i * (1 - i)),
        "forget_gate": (dc * terms["cell_state_before"], f * (1 - f)),
        "cell_candidate": (dc * i, 1 - g**2),
        "output_gate": (dh * tanh_c, o * (1 - o)),
    }
    found = {
        "grad_cell_tanh": dh * o,
        "grad_cell_state_through": through,
        "grad_cell_state_later": later,
        "grad_cell_state": dc,
        "grad_cell_state_before": f * dc,
    }
    back = np.zeros_like(dh)
    for gate, (gradient, slope) in gates.items():
        found |= _gate_backward(gate, gradient, gradient * slope, w)
        back = back + found[f"{gate}_back"]
    return found | _arriving(dh, back)


def _gru_backward(s: Terms, terms: Terms, w: Weights) -> Terms:
    """dn = dh (1 - z), dz = dh (h_{t-1} - n), dr = da_n q, dq = da_n r.

    ``kept_back`` is z dh, the part that reaches h_{t-1} directly.
    """
    r, z, n = (s[name] for name in GRU.blocks)
    dh, q = s["grad_hidden_state"], terms["recurrent"]
    dn, dz = dh * (1 - z), dh * (terms["hidden_state_before"] - n)
    da = dn * (1 - n**2)
    found = _gate_backward("reset_gate", da * q, da * q * r * (1 - r), w)
    found |= _gate_backward("update_gate", dz, dz * z * (1 - z), w)
    found |= {
        "grad_candidate": dn,
        "grad_candidate_pre": da,
        "grad_recurrent": da * r,
        "recurrent_back": (da * r) @ w.hh["candidate"],
        "kept_back": z * dh,
    }
    back = found["kept_back"] + found["recurrent_back"]
    back = back + found["reset_gate_back"] + found["update_gate_back"]
    return found | _arriving(dh, back)


def _gate_backward(gate: str, gradient: np.ndarray, da: np.ndarray, w: Weights) -> Terms:
    return {f"grad_{gate}": gradient, f"grad_{gate}_pre": da, f"{gate}_back": da @ w.hh[gate]}


def _arriving(dh: np.ndarray, back: np.ndarray) -> Terms:
    """Where dL/dh_t comes from: the step that is read next, and the rest from above."""
    later = _later(back)
    return {
        "grad_hidden_state_above": dh - later,
        "grad_hidden_state_later": later,
        "grad_hidden_state": dh,
        "grad_hidden_state_before": back,
    }


def _before(states: np.ndarray) -> np.ndarray:
    """The states one step earlier, from zero."""
    return np.concatenate([np.zeros_like(states[:1]), states[:-1]])


def _later(sent: np.ndarray) -> np.ndarray:
    """What each step receives from the one that is read next; the last one receives nothing."""
    return np.concatenate([sent[1:], np.zeros_like(sent[:1])])


FORWARD: dict[type[Cell], Callable[[Terms, np.ndarray, Weights], Terms]] = {
    RNN: _rnn_forward,
    LSTM: _lstm_forward,
    GRU: _gru_forward,
}
BACKWARD: dict[type[Cell], Callable[[Terms, Terms, Weights], Terms]] = {
    RNN: _rnn_backward,
    LSTM: _lstm_backward,
    GRU: _gru_backward,
}
