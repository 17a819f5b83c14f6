"""The sides of a comparison: which networks, recorded on the same examples, and what they share."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
import xarray as xr

from gatescope import Batch, Run, Task, record
from gatescope.analysis import retention_gate
from viz_app.kit.answers import Answers, answer
from viz_app.kit.library import group
from viz_app.kit.units import layer_of, shown, sorts
from viz_app.text import name_of, say

FEWEST, MOST = 2, 3
Recorded = Callable[[Run, int, Batch], xr.DataTree]
Form = Literal["plain", "complement", "tanh"]
FORMS: dict[Form, Callable[[np.ndarray], np.ndarray]] = {
    "plain": lambda values: values,
    "complement": lambda values: 1 - values,
    "tanh": np.tanh,
}


@dataclass(frozen=True)
class Side:
    """A trained run at a checkpoint, and what it is called beside the others."""

    run: Run
    step: int
    label: str


@dataclass(frozen=True)
class Compared:
    """Two or three networks on the same examples, those of the one that has fewest.

    Attributes
    ----------
    node
        The layer and direction that is looked at.
    layers, trained
        Each side's recording at its checkpoint, and at the end of its training, by which units are
        sorted.
    answers
        What each side says to the examples.
    alike
        Whether the sides' units correspond, see `units_correspond`.
    """

    sides: tuple[Side, ...]
    node: str
    batch: Batch
    task: Task
    layers: tuple[xr.Dataset, ...]
    trained: tuple[xr.Dataset, ...]
    answers: tuple[Answers, ...]
    alike: bool


@dataclass(frozen=True)
class Aspect:
    """What is compared: one signal of each side.

    Attributes
    ----------
    key
        A signal's name where all sides have it; else ``"written"``, ``"kept"`` or ``"memory"``.
    signals
        Each side's signal.
    forms
        How it is taken: as it is, as one minus it, or as its tanh, which is what the output gate
        lets through and has the same bounds as a hidden state.
    """

    key: str
    signals: tuple[str, ...]
    forms: tuple[Form, ...]

    @property
    def is_gate(self) -> bool:
        """Whether all values are between 0 and 1."""
        return self.key in ("written", "kept") or self.key.endswith("_gate")

    def of(self, one: xr.Dataset, side: int) -> np.ndarray:
        """A side's values in its form."""
        values: np.ndarray = one[self.signals[side]].values
        return FORMS[self.forms[side]](values)

    def named(self, side: int) -> str:
        """What the values of a side are called."""
        signal = name_of("signal", self.signals[side])
        form = self.forms[side]
        return signal if form == "plain" else say(f"compare.{form}", signal=signal)

    @property
    def label(self) -> str:
        """What is compared, in a few words."""
        return say(f"compare.aspect_{self.key}") if self.is_aligned else self.named(0)

    @property
    def is_aligned(self) -> bool:
        """Whether it stands for signals of different names."""
        return self.key in ("written", "kept", "memory")


def compare(
    sides: Sequence[Side], *, node: str | None = None, recorded: Recorded | None = None
) -> Compared:
    """Record some networks on the same examples.

    Parameters
    ----------
    sides
        Two or three runs of one task, each at a checkpoint.
    node
        The layer to look at, as ``"recurrent/l0"``; None takes the first.
    recorded
        From a run, a checkpoint and examples to a trace; None records it.

    Raises
    ------
    ValueError
        When there are fewer or more sides, they are not of one task, or one has no such layer.
    """
    if not FEWEST <= len(sides) <= MOST:
        raise ValueError(f"compare {FEWEST} or {MOST} sides, got {len(sides)}")
    tasks = {group(side.run) for side in sides}
    if len(tasks) > 1:
        raise ValueError(f"the sides must be runs of one task, got {', '.join(sorted(tasks))}")
    take = recorded or (lambda run, step, batch: record(run.model(step), batch.inputs))
    batch, task = shared(side.run for side in sides), sides[0].run.task
    now = [take(side.run, side.step, batch) for side in sides]
    ended = [
        trace if side.step == side.run.steps[-1] else take(side.run, side.run.steps[-1], batch)
        for side, trace in zip(sides, now, strict=True)
    ]
    chosen = next(iter(now[0].leaves)).path.strip("/") if node is None else node
    layers, trained = (tuple(layer_of(trace, chosen) for trace in each) for each in (now, ended))
    answers = tuple(answer(side.run, side.step, batch) for side in sides)
    alike = all(units_correspond(sides[0].run, side.run) for side in sides[1:])
    return Compared(tuple(sides), chosen, batch, task, layers, trained, answers, alike)


def shared(runs: Iterable[Run]) -> Batch:
    """The probe examples of the run that has fewest: all are shown these."""
    return min((run.probe() for run in runs), key=lambda batch: len(batch.marks))


def units_correspond(one: Run, other: Run) -> bool:
    """Whether unit k of one run is unit k of the other: both began with the same weights.

    The weights are the matrices at step 0; the biases, which an initialization may set, need not
    be the same.
    """
    first, second = (run.checkpoints[run.steps[0]] for run in (one, other))
    if one.config.cell != other.config.cell or one.steps[0] != other.steps[0]:
        return False
    matrices = [name for name, weights in first.items() if weights.ndim > 1]
    return set(first) == set(second) and all(
        torch.equal(first[name], second[name]) for name in matrices
    )


def aspects(layers: Sequence[xr.Dataset]) -> list[Aspect]:
    """What can be compared: signals that do the same in each cell, then those of one name.

    Written: an LSTM's input gate, a GRU's one minus update gate. Kept: the retention gate. The
    memory: the state that is carried on, of a cell state its tanh, so that all have one scale.
    """
    found = [
        Aspect(key, *map(tuple, zip(*parts, strict=True)))
        for key, parts in (
            ("written", [_written(layer) for layer in layers]),
            ("kept", [_kept(layer) for layer in layers]),
            ("memory", [_memory(layer) for layer in layers]),
        )
        if all(name for name, _ in parts) and len(set(parts)) > 1
    ]
    common = [name for name in shown(layers[0]) if all(name in shown(one) for one in layers)]
    plain: tuple[Form, ...] = tuple("plain" for _ in layers)
    return found + [Aspect(name, (name,) * len(layers), plain) for name in common]


def first_aspects(found: Sequence[Aspect]) -> list[str]:
    """The aspects to look at first: what tells the marks apart, and what is kept."""
    keys = [aspect.key for aspect in found]
    gates = [key for key in ("written", "input_gate", "update_gate") if key in keys][:1]
    second = ["kept"] if "kept" in keys else []
    states = [key for key in ("memory", "cell_state", "hidden_state") if key in keys][:1]
    return [*gates, *second, *(states if not second else [])]


def common_sorts(compared: Compared) -> list[str]:
    """Ways to sort that every side has, the default first.

    Numbers mean nothing between different networks; they are left where there is nothing else.
    """
    each = [sorts(layer, compared.batch) for layer in compared.trained]
    common = [sort for sort in each[0] if all(sort in one for one in each)]
    if compared.alike or common == ["index"]:
        return common
    return [sort for sort in common if sort != "index"]


def _written(layer: xr.Dataset) -> tuple[str, Form]:
    if "input_gate" in layer:
        return "input_gate", "plain"
    return _kept(layer)[0], "complement"


def _kept(layer: xr.Dataset) -> tuple[str, Form]:
    gate = retention_gate(layer)
    return ("" if gate is None else str(gate.name)), "plain"


def _memory(layer: xr.Dataset) -> tuple[str, Form]:
    return ("cell_state", "tanh") if "cell_state" in layer else ("hidden_state", "plain")
