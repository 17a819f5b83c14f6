"""The claim about gradients at initialization: along the cell they are products of forget gates.

dc_t/dc_0 with the path through h cut is f_1 f_2 ... f_t, unit by unit. It is measured by autograd
through our own cell, step by step, and the gates are recorded apart from it.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from gatescope.analysis.jacobian import as_cell, step_jacobians
from gatescope.cells import Cell
from gatescope.experiments.claims.base import Budget, Place, Runs
from gatescope.experiments.claims.judging import Part, interval_of, of_all, part_of
from gatescope.experiments.claims.rows import Rows, cell_of, curve, row, together
from gatescope.models import SequenceModel
from gatescope.recording import record
from gatescope.training import TrainConfig, build_model
from gatescope.training.build import probe_batch

EXAMPLES, TOLD_LAGS, RATE_LAG = 4, (10, 20, 100), 20
EVERY = 5
"""It is measured after 1 step, and after every so many; each lag costs a pass back."""

IDENTITY, RATE = 1e-9, 1.5
"""Largest relative difference that counts as none; and factor between two rates of decay."""


def path_derivative(cell: Cell, inputs: Tensor, lags: Sequence[int]) -> Tensor:
    """dc_t/dc_0 of every unit along the cell, by autograd through its own steps.

    h is detached at every step, so a unit's c_t depends on its own c_0 alone.

    Parameters
    ----------
    cell
        One of our cells with a cell state.
    inputs
        (time, batch, feature).
    lags
        After how many steps, each 1 to the number of steps.

    Returns
    -------
    Tensor
        (lag, batch, unit).
    """
    state = cell.initial_state(inputs[0])
    first = state["cell_state"].clone().requires_grad_()
    state = state | {"cell_state": first}
    totals = []
    for x in inputs.unbind(0):
        signals = cell.step(x, state)
        state = {name: signals[name] for name in cell.states}
        state["hidden_state"] = state["hidden_state"].detach()
        totals.append(state["cell_state"].sum())
    return torch.stack(
        [torch.autograd.grad(totals[lag - 1], first, retain_graph=True)[0] for lag in lags]
    )


def own_derivative(cell: Cell, inputs: Tensor) -> Tensor:
    """The total derivative of each unit's c_t by its own c_0, the path through h included.

    The product of the steps' Jacobians of the state (h, c), from c_0 on.

    Returns
    -------
    Tensor
        (time, batch, unit): the diagonal of dc_t/dc_0.
    """
    units, batch = cell.hidden_size, inputs.shape[1]
    change = torch.eye(2 * units, dtype=inputs.dtype)[:, units:].expand(batch, -1, -1)
    slopes = []
    for jacobian in step_jacobians(cell, inputs):
        change = jacobian @ change
        slopes.append(change[:, units:].diagonal(dim1=1, dim2=2))
    return torch.stack(slopes)


def gate_products(model: SequenceModel, inputs: Tensor) -> np.ndarray:
    """f_1 f_2 ... f_t of the recorded forget gates, (time, batch, unit)."""
    (leaf,) = record(model, inputs).leaves
    return np.cumprod(leaf.to_dataset()["forget_gate"].values, axis=0)


def closed_form(config: TrainConfig, lags: np.ndarray) -> np.ndarray:
    """What a unit in the middle keeps where only its bias opens the gate: sigmoid(b)^k.

    torch's default draws b around 0, so that f is 1/2; a forget bias is b itself; chrono's
    e^b is uniform on [1, T_max - 1], T_max / 2 in the middle, and f = e^b / (1 + e^b).
    """
    longest = config.chrono_max or config.make_task().length
    odds = {"default": 1.0, "forget_bias": math.exp(config.forget_bias), "chrono": longest / 2}
    opening = odds[config.initialization]
    return (opening / (1 + opening)) ** lags


def lags_of(config: TrainConfig) -> list[int]:
    """1, and every `EVERY` steps up to the sequence's end."""
    return [1, *range(EVERY, config.make_task().length + 1, EVERY)]


def kept(config: TrainConfig) -> dict[str, np.ndarray]:
    """An untrained network on its task's probe inputs, in float64.

    Returns
    -------
    dict
        ``cell``: dc_t/dc_0 along the cell, ``total``: with the path through h, its size,
        ``product``: of the recorded forget gates; each (lag, batch, unit), as in `lags_of`.
    """
    model = build_model(config).double()
    inputs = probe_batch(config).inputs[:, :EXAMPLES].double()
    cell, lags = as_cell(model.recurrent), lags_of(config)
    after = np.array(lags) - 1
    return {
        "cell": path_derivative(cell, inputs, lags).numpy(),
        "total": own_derivative(cell, inputs).abs().numpy()[after],
        "product": gate_products(model, inputs)[after],
    }


def observe_decay(budget: Budget, runs: Runs) -> tuple[Rows, pd.DataFrame]:
    """For each start: what is kept over the lag along the cell, in all, and by the closed form.

    Medians over units and examples, of the networks of all seeds; their intervals, and the factor
    between the rates of decay, are over the seeds.
    """
    rows: Rows = []
    curves = []
    (at,) = budget.values
    for line in budget.variants:
        configs = [budget.config(Place(line, at, seed)) for seed in budget.seeds]
        nets = [kept(config) for config in configs]
        found = {name: np.concatenate([net[name] for net in nets], axis=1) for name in nets[0]}
        flat = {name: values.reshape(len(values), -1) for name, values in found.items()}
        lags = np.array(lags_of(configs[0]))
        expected = closed_form(configs[0], lags)
        source = {"chrono": "tallec_2018"}.get(configs[0].initialization, "gers_2000")
        difference = np.abs(flat["cell"] - flat["product"]) / flat["product"]
        rows.append(row("difference", line, at, [difference.max()]))
        for place, lag in enumerate(lags):
            if lag in TOLD_LAGS:
                paper = {"paper": expected[place], "source": source, "note": "closed_form"}
                medians = {name: [np.median(net[name][place]) for net in nets] for name in nets[0]}
                for measure, name in (("kept", "cell"), ("kept_in_all", "total")):
                    over_seeds = row(measure, line, int(lag), medians[name])
                    ends = {end: over_seeds[end] for end in ("low", "high")}
                    beside = paper if name == "cell" else {}
                    rows.append(row(measure, line, int(lag), flat[name][place], **ends, **beside))
            if lag == RATE_LAG:
                rates = [_factor(median, expected[place]) for median in medians["cell"]]
                rows.append(row("rate", line, int(lag), rates))
        curves += [_line(line, name, lags, flat[name]) for name in ("cell", "total")]
        curves.append(curve(line, "closed_form", -1, lags, expected))
    return rows, together(curves)


def _factor(ours: float, expected: float) -> float:
    """Between two rates of decay, either way: those are the logarithms of what is left."""
    rate = math.log(ours) / math.log(expected)
    return max(rate, 1 / rate)


def _line(panel: str, name: str, lags: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9], axis=1)
    return curve(panel, name, -1, lags, middle, low=low, high=high)


def judge_decay(budget: Budget, table: pd.DataFrame) -> tuple[Part, ...]:
    """The product of the gates decays at the closed form's rate.

    That the derivative is the product is an identity, so it is a check of the code alone.
    """
    (at,) = budget.values
    largest = max(cell_of(table, "difference", line, at) for line in budget.variants)
    rates = [interval_of(table, "rate", line, RATE_LAG) for line in budget.variants]
    return (
        Part("is_product", largest, IDENTITY, False, check=True),
        part_of("rate", of_all(rates, at_least=False), RATE, at_least=False),
    )
