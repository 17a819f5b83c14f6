"""How fast this machine trains each cell: a few tiny passes are timed, once a process.

The time of a pass over T steps is taken as

    f + T (a + b B H + c B H (I + H))

for each layer and direction, with the batch B, the units H and what a unit reads, I inputs and H
states: what calls cost, what is done for each state, and the products. Time is that of this thread
on its processor, so that other work does not count. Nothing is drawn from torch's global generator,
and no optimizer is made.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from statistics import median
from threading import Lock

import numpy as np
import torch
from torch import Tensor, nn

from gatescope.extras import library
from gatescope.models import SequenceModel
from gatescope.training import fast
from gatescope.training.config import MIXED

SIZES = ((8, 8, 4), (8, 8, 48), (8, 128, 16), (48, 32, 16), (160, 64, 8))
"""Units, batches and steps that are timed."""

INPUTS, OUTPUTS, TRIES = 8, 4, 3
PARAMETERS = 100_000
ONE = Lock()
"""One thread measures; others that ask meanwhile wait for what it finds."""


@dataclass(frozen=True)
class Law:
    """Seconds of a pass through a layer and direction: f, a, b and c."""

    fixed: float
    step: float
    unit: float
    product: float

    def seconds(self, steps: float, batch: float, hidden: float, inputs: float) -> float:
        """For so many steps, a batch, and so many units that read so many inputs."""
        states = batch * hidden
        each = self.step + self.unit * states + self.product * states * (inputs + hidden)
        return self.fixed + steps * each


@dataclass(frozen=True)
class Speed:
    """A cell's laws, and how many matrices it has.

    Attributes
    ----------
    training
        Forward, and back.
    scoring
        Forward alone, without a graph.
    blocks
        Parameters for each pair of a unit and what it reads.
    """

    training: Law
    scoring: Law
    blocks: float


def speed_of(cell: str) -> Speed:
    """How fast this machine trains a cell of ``gatescope.CELLS``, or several joined by ``+``: the
    mean of those that differ."""
    with ONE:
        return _measured(tuple(dict.fromkeys(cell.split(MIXED))))


def update_seconds() -> float:
    """Seconds a parameter for what an update does beside the gradient: norm, moments, step."""
    with ONE:
        return _update()


@lru_cache(maxsize=64)
def _measured(cells: tuple[str, ...]) -> Speed:
    training, scoring, parameters, pairs = [], [], 0, 0.0
    for hidden, batch, steps in SIZES:
        model = _network(cells, hidden)
        inputs = _filled(torch.empty(steps, batch, INPUTS))
        training.append(seconds_of(partial(_train, model, inputs)) / len(cells))
        scoring.append(seconds_of(partial(_score, model.eval(), inputs)) / len(cells))
        parameters += sum(parameter.numel() for parameter in model.recurrent.parameters())
        pairs += len(cells) * hidden * (_width(cells, hidden) + hidden)
    return Speed(_law(cells, training), _law(cells, scoring), parameters / pairs)


@lru_cache(maxsize=1)
def _update() -> float:
    p, g, m, v = (torch.full((PARAMETERS,), 0.1) for _ in range(4))

    def update() -> None:
        g.norm()
        m.lerp_(g, 0.1)
        v.mul_(0.999).addcmul_(g, g)
        p.addcdiv_(m, v.sqrt().add_(1e-8), value=1e-9)

    return seconds_of(update) / PARAMETERS


def _network(cells: tuple[str, ...], hidden: int) -> SequenceModel:
    with torch.device("meta"):
        model = SequenceModel(cells, INPUTS, hidden, OUTPUTS)
    for part in model.modules():  # Module.to_empty would import sympy, which takes a second
        for name, parameter in part.named_parameters(recurse=False):
            setattr(part, name, nn.Parameter(_filled(torch.empty(parameter.shape))))
    return model


def _width(cells: tuple[str, ...], hidden: int) -> float:
    """What a unit reads of the layer below: a mean over the layers."""
    return (INPUTS + hidden * (len(cells) - 1)) / len(cells)


def _filled(tensor: Tensor) -> Tensor:
    draw = torch.Generator().manual_seed(0)
    return tensor.normal_(0, 0.1, generator=draw)


def _train(model: SequenceModel, inputs: Tensor) -> None:
    torch.autograd.backward(fast.forward(model, inputs).square().mean())


def _score(model: SequenceModel, inputs: Tensor) -> None:
    with torch.no_grad():
        model(inputs)


def seconds_of(work: Callable[[], object]) -> float:
    """Seconds of this thread, a median over some tries; the first, a warm-up, does not count."""
    times = []
    for _ in range(TRIES + 1):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return median(times[1:])


def _law(cells: tuple[str, ...], seconds: list[float]) -> Law:
    """The law that comes nearest to the times, in proportion to each; no part is negative."""
    rows = []
    for hidden, batch, steps in SIZES:
        states, reads = batch * hidden, _width(cells, hidden) + hidden
        rows.append([1.0, steps, steps * states, steps * states * reads])
    times = np.asarray(seconds)
    nnls = library("scipy.optimize").nnls
    found, _ = nnls(np.asarray(rows) / times[:, None], np.ones(len(times)))
    return Law(*(float(value) for value in found))
