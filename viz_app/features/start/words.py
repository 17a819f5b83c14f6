"""What is said about the scene: what the doors do, and what it answers."""

from collections.abc import Sequence

import numpy as np

from viz_app.features.start.chart_scene import ANSWER, PICTURES, Scene
from viz_app.kit.words import decimals, joined, percent, spoken
from viz_app.text import say

OPEN = 0.5
"""A gate above it lets most through."""

WIDE = 0.9
"""A gate that keeps at least so much at each step stays open."""

APART = 0.2
"""The marks make a difference where the gate differs by so much."""


def headline(scene: Scene, drawn: Sequence[str] | None = None) -> str:
    """In three sentences, of what is drawn; None is all."""
    answers = [_answers(scene)] if drawn is None or ANSWER in drawn else []
    return spoken(*doors(scene, drawn), *answers)


def doors(scene: Scene, drawn: Sequence[str] | None = None) -> list[str]:
    """What the doors do."""
    seen = PICTURES if drawn is None else drawn
    if scene.gates is None:
        return [say("start.overwrites")] if set(seen) - {ANSWER} else []
    writes = [_writes(scene.gates[:, 0], scene.marks)] if "input_gate" in seen else []
    return [*writes, *([_keeps(scene)] if "forget_gate" in seen else [])]


def alternative(scene: Scene, drawn: Sequence[str] | None = None) -> str:
    """What the picture shows, for those who cannot see it."""
    first, second = sorted(scene.marks)
    if drawn is not None:
        read = say(
            "start.alt_part", count=len(scene.values), first=first, second=second,
            one=decimals(scene.values[first]), other=decimals(scene.values[second]),
        )  # fmt: skip
        return spoken(read, headline(scene, drawn)).replace("**", "")
    return say(
        "start.alt", count=len(scene.values), first=first, second=second,
        one=decimals(scene.values[first]), other=decimals(scene.values[second]),
        seen=spoken(*doors(scene)).replace("**", ""), answer=decimals(scene.answers[-1]),
        target=decimals(scene.target),
    )  # fmt: skip


def _writes(write: np.ndarray, marks: tuple[int, int]) -> str:
    at = write[list(marks)]
    other = np.delete(write, list(marks))
    values = {"at": _several(at), "low": decimals(other.min()), "high": decimals(other.max())}
    if at.min() > OPEN > other.max() and at.min() - other.max() > APART:
        return say("start.writes", at=values["at"], other=_below(other.max()))
    if max(at.max(), other.max()) <= OPEN and at.min() - other.max() < APART:
        return say("start.writes_nowhere", at=values["at"])
    if abs(at.mean() - other.mean()) < APART:
        return say("start.writes_everywhere", low=values["low"], high=values["high"])
    return say("start.writes_mixed", **values)


def _keeps(scene: Scene) -> str:
    assert scene.gates is not None
    keep, first = scene.gates[:, 1], min(scene.marks)
    left = float(np.prod(keep[first + 1 :]))
    if left >= OPEN and keep.min() >= WIDE:
        return say("start.keeps")
    empty = float(scene.weights["readout.bias"][0])  # the output layer adds nothing else then
    return say("start.leaks", share=percent(left), empty=decimals(empty))


def _answers(scene: Scene) -> str:
    return say(
        "start.answers", answer=decimals(scene.answers[-1]), target=decimals(scene.target)
    )  # fmt: skip


def _several(values: np.ndarray) -> str:
    return joined(list(dict.fromkeys(decimals(float(value)) for value in values)))


def _below(value: float) -> str:
    return decimals(float(value))
