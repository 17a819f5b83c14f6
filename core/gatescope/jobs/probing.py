"""How fast this machine measures a memory: a few small probes and Jacobians, timed once a process.

The probe of a memory reads every step's input, of many shuffles, out of the last states. Its time
is taken as

    f + p (products) + v (values that are scored)

and that of a Jacobian with the singular values of its product, for S states, as

    a + b S^2 + c S^3
"""

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import torch
from torch import Tensor

from gatescope.analysis import linear_probe, log_singular_values, step_jacobians
from gatescope.analysis.information import SHUFFLES
from gatescope.cells import Cell, make_cell
from gatescope.extras import library
from gatescope.jobs.speed import ONE, seconds_of

SIZES = ((4, 24), (16, 12), (64, 6))
EXAMPLES, INPUTS = 4, 4
"""Of the Jacobians that are timed: units and steps."""

PROBES = ((60, 4, 8), (900, 8, 120), (900, 64, 60))
"""Examples, states and numbers to read of the probes that are timed; a third is held out."""


@dataclass(frozen=True)
class ProbeLaw:
    """Seconds of a probe: for itself, for each product, for each value that is scored."""

    fixed: float
    product: float
    value: float

    def seconds(self, fitted: float, held_out: float, states: float, read: float) -> float:
        """For so many examples, states, and numbers that are read."""
        return float(np.dot(_probe_counts(fitted, held_out, states, read), self._parts))

    @property
    def _parts(self) -> tuple[float, float, float]:
        return self.fixed, self.product, self.value


@dataclass(frozen=True)
class JacobianLaw:
    """Seconds of a step of an example: in all, for each pair of states, and each three."""

    step: float
    pair: float
    three: float

    def seconds(self, states: float) -> float:
        """For so many states."""
        return self.step + self.pair * states**2 + self.three * states**3


def _probe_counts(
    fitted: float, held_out: float, states: float, read: float
) -> tuple[float, float, float]:
    times = SHUFFLES + 1
    return 1.0, times * (fitted + held_out) * states * read, times * held_out * read


def probe_law() -> ProbeLaw:
    """How fast this machine reads inputs out of states."""
    with ONE:
        return _probe_law()


def jacobian_law(cell: str) -> JacobianLaw:
    """How fast it follows one of ``gatescope.CELLS`` from state to state."""
    with ONE:
        return _jacobian_law(cell)


@lru_cache(maxsize=1)
def _probe_law() -> ProbeLaw:
    rows, times = [], []
    for examples, states, read in PROBES:
        held_out = examples // 3
        draw = np.random.default_rng(0)
        state, inputs = draw.normal(size=(examples, states)), draw.normal(size=(read, examples, 1))
        probe = partial(
            linear_probe, state, inputs, range(read), symbols=False, held_out=held_out, seed=0
        )
        rows.append(_probe_counts(examples - held_out, held_out, states, read))
        times.append(seconds_of(probe))
    return ProbeLaw(*_fitted(rows, times))


@lru_cache(maxsize=64)
def _jacobian_law(cell: str) -> JacobianLaw:
    rows, times = [], []
    draw = torch.Generator().manual_seed(0)
    for units, count in SIZES:
        with torch.device("meta"):
            made = make_cell(cell, INPUTS, units)
        made = made.to_empty(device="cpu").double()
        for parameter in made.parameters():
            parameter.data.normal_(0, 0.1, generator=draw)
        inputs = torch.empty(count, EXAMPLES, INPUTS).double().normal_(0, 1, generator=draw)

        states = float(len(made.states) * units)
        rows.append((1.0, states**2, states**3))
        times.append(seconds_of(partial(_follow, made, inputs)) / (count * EXAMPLES))
    return JacobianLaw(*_fitted(rows, times))


def _follow(cell: Cell, inputs: Tensor) -> None:
    steps = step_jacobians(cell, inputs)
    for example in range(inputs.shape[1]):
        log_singular_values(steps[:, example : example + 1], range(1, len(steps) + 1))


def _fitted(rows: list[tuple[float, float, float]], seconds: list[float]) -> tuple[float, ...]:
    """The law that comes nearest to the times, in proportion to each; no part is negative."""
    times = np.asarray(seconds)
    nnls = library("scipy.optimize").nnls
    found, _ = nnls(np.asarray(rows) / times[:, None], np.ones(len(times)))
    return tuple(float(value) for value in found)
