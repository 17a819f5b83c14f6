"""Questions of the form 'what if?', each with what must be done to the network to answer it.

They are asked of one layer. Which of them make sense there follows from its signals, from the
marks of the task, and from the direction in which it reads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from gatescope import CELLS, Batch
from gatescope.intervention import Bias, Clamp, Intervention, Scale, SetState, ZeroUnit
from viz_app.kit.units import shown


@dataclass(frozen=True)
class Scene:
    """Where a question is asked: a layer and direction as it is, on some examples.

    ``unit`` falls silent; None: the one that holds most of the first mark here.
    """

    node: str
    layer: xr.Dataset
    batch: Batch
    unit: int | None = None

    @property
    def steps(self) -> int:
        """Number of time steps."""
        return self.layer.sizes["time"]

    @property
    def states(self) -> list[str]:
        """The layer's states."""
        return [name for name in ("cell_state", "hidden_state") if name in self.layer]

    @property
    def answered(self) -> int:
        """The first step at which an answer counts, in any example."""
        return int(self.batch.scored.any(1).int().argmax())

    @property
    def marked(self) -> bool:
        """Every example has two marks or more, and the layer reads them in their order."""
        forward = self.layer.attrs["direction"] == "forward"
        return forward and all(len(marks) > 1 for marks in self.batch.marks)


Change = Callable[[Scene, str], list[Intervention]]
"""What must be done to the network, by the signal that a question is about."""


def _always(_: Scene) -> bool:
    return True


@dataclass(frozen=True)
class Question:
    """A question, by the key of its texts, about a signal, or with ``""`` the layer's states.

    It can be asked of a layer that has the signal, with ``marked`` only where there are marks, and
    where it ``fits`` besides.
    """

    key: str
    signal: str
    change: Change
    marked: bool = False
    fits: Callable[[Scene], bool] = _always

    def can_be_asked(self, scene: Scene) -> bool:
        """Whether it makes sense there."""
        there = not self.signal or self.signal in scene.layer
        return there and (scene.marked or not self.marked) and self.fits(scene)

    def make(self, scene: Scene) -> list[Intervention]:
        """What must be done to the network there."""
        return self.change(scene, self.signal)


def holder(scene: Scene) -> tuple[int, float]:
    """The unit whose state tells the first mark best, just before the second one.

    With it the share of its variance over the examples that the first mark's number, or its letter,
    explains (R squared, or eta squared), in [0, 1].
    """
    first = [min(marks) for marks in scene.batch.marks]
    before = [sorted(marks)[1][0] - 1 for marks in scene.batch.marks]
    values = scene.layer[scene.states[0]].values[before, np.arange(len(before))].astype(float)
    try:
        labels = np.array([float(mark.label) for mark in first])
    except ValueError:
        labels = np.array([mark.label for mark in first])
        means = np.stack([values[labels == label].mean(0) for label in labels])
    else:
        centred = labels - labels.mean()
        slope = centred @ (values - values.mean(0)) / (centred @ centred)
        means = values.mean(0) + centred[:, None] * slope
    total = values.var(0)
    share = np.divide(means.var(0), total, out=np.zeros_like(total), where=total > 0)
    unit = int(share.argmax())
    return unit, float(share[unit])


def _everywhere(value: float) -> Change:
    return lambda scene, signal: [Clamp(signal, value, layer=scene.node)]


def _after_the_first_mark(value: float) -> Change:
    """Held from the step after each example's own first mark on."""

    def change(scene: Scene, signal: str) -> list[Intervention]:
        first = np.array([min(marks)[0] for marks in scene.batch.marks])
        later = np.arange(scene.steps)[:, None] > first
        # up to there nothing has changed yet, so what was recorded is what is there anyway
        held = np.where(later[:, :, None], value, scene.layer[signal].values)
        return [Clamp(signal, held, layer=scene.node)]

    return change


def _shut_until_the_answer(scene: Scene, signal: str) -> list[Intervention]:
    return [Clamp(signal, 0.0, steps=range(scene.answered), layer=scene.node)]


def _easier_to_forget(scene: Scene, signal: str) -> list[Intervention]:
    """Less bias on the gate that keeps the old state."""
    return [Bias(signal, -2.0, layer=scene.node)]


def _silenced(scene: Scene, _: str) -> list[Intervention]:
    unit = holder(scene)[0] if scene.unit is None else scene.unit
    return [ZeroUnit((unit,), layer=scene.node)]


def _wiped(scene: Scene, _: str) -> list[Intervention]:
    half = scene.steps // 2
    return [SetState(name, 0.0, step=half, layer=scene.node) for name in scene.states]


def _halved(scene: Scene, _: str) -> list[Intervention]:
    """Every second unit of those in their order of number."""
    return [ZeroUnit(tuple(range(0, scene.layer.sizes["unit"], 2)), layer=scene.node)]


def _leaking(scene: Scene, _: str) -> list[Intervention]:
    return [Scale(scene.states[0], 0.9, layer=scene.node)]


def _keeps_nothing(scene: Scene) -> bool:
    """No gate keeps the state."""
    return not scene.layer.attrs["retention_gate"]


def _few(scene: Scene) -> bool:
    """There are few other questions, and more units than one."""
    return scene.layer.sizes["unit"] > 1 and (_keeps_nothing(scene) or not scene.marked)


def _has_bias(signal: str) -> Callable[[Scene], bool]:
    def fits(scene: Scene) -> bool:
        cell = CELLS.get(scene.layer.attrs["cell"])
        return cell is not None and signal in cell.blocks

    return fits


QUESTIONS: dict[str, Question] = {
    question.key: question
    for question in (
        Question("cannot_forget", "forget_gate", _everywhere(1.0)),
        Question("forgets_all", "forget_gate", _after_the_first_mark(0.0), marked=True),
        Question("always_writes", "input_gate", _everywhere(1.0)),
        Question(
            "output_closed", "output_gate", _shut_until_the_answer,
            fits=lambda scene: scene.answered > 0,
        ),
        Question("forget_bias", "forget_gate", _easier_to_forget, fits=_has_bias("forget_gate")),
        Question("takes_half", "update_gate", _everywhere(0.5)),
        Question("overwrites", "update_gate", _after_the_first_mark(0.0), marked=True),
        Question("takes_nothing", "update_gate", _after_the_first_mark(1.0), marked=True),
        Question("past_hidden", "reset_gate", _everywhere(0.0)),
        Question("update_bias", "update_gate", _easier_to_forget, fits=_has_bias("update_gate")),
        Question("silenced", "", _silenced, marked=True),
        Question("wiped", "", _wiped, fits=lambda scene: bool(scene.states)),
        Question("halved", "", _halved, fits=_few),
        Question("leaks", "", _leaking, fits=_keeps_nothing),
    )
}  # fmt: skip


def offered(scene: Scene) -> list[str]:
    """The questions that can be asked of a layer, in order."""
    return [key for key, question in QUESTIONS.items() if question.can_be_asked(scene)]


def signals_first(what: str | Sequence[Intervention] | None, scene: Scene) -> list[str]:
    """The signals to show first: those that a change is about, and the state that keeps.

    ``what`` is a question's key, or what is done; where nothing is, all signals are shown.
    """
    if isinstance(what, str):
        about = QUESTIONS[what].signal
        return [*([about] if about else []), *(scene.states[:1] if about else scene.states)]
    if not what:
        return shown(scene.layer)
    wanted = [name for one in what for name in _about(one, scene)]
    return [name for name in dict.fromkeys(wanted) if name in shown(scene.layer)]


def _about(done: Intervention, scene: Scene) -> list[str]:
    match done:
        case ZeroUnit():
            return scene.states
        case Bias(gate):
            return [gate, scene.states[0]]
        case _:
            return [done.signal, scene.states[0]]
