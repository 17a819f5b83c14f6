"""The network as Vega signals: it answers in the browser, while a mark is dragged.

A signal is a number or a few, and is computed anew when one that it reads has changed. Each step
reads the one before: what follows is the cell's equations once a step, with the weights as numbers.
Vega has exp and no tanh.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from viz_app.features.start.chart_scene import Scene

Signals = list[dict[str, Any]]

ROWS = "recurrent.weight_ih_l0", "recurrent.weight_hh_l0"
BIASES = "recurrent.bias_ih_l0", "recurrent.bias_hh_l0"
MARKS, NUMBERS = ("mark1", "mark2"), ("number1", "number2")


def signals(scene: Scene) -> Signals:
    """The numbers as they are marked, and what the unit makes of them.

    ``marks`` and ``numbers`` are changed by others: ``mark1``, ``number1``, ``mark2``, ``number2``.
    ``gates``, ``states`` and ``answers`` are lists over the steps, ``target`` is the right answer.
    """
    steps = range(len(scene.values))
    found: Signals = []
    for step in steps:
        found += _read(step, float(scene.values[step]), scene)
    step_of = _lstm_step if scene.gates is not None else _rnn_step
    for step in steps:
        found += step_of(step, scene)
    weight, bias = (scene.weights[f"readout.{name}"] for name in ("weight", "bias"))
    answers = ",".join(
        f"{_sum([f'{_number(weight[0, 0])}*h{k}', _number(bias[0])])}" for k in steps
    )
    return [
        *found,
        _made("numbers", _listed("x", steps)),
        *([_made("gates", _listed("g", steps))] if scene.gates is not None else []),
        _made("states", _listed("c" if scene.gates is not None else "h", steps)),
        _made("answers", f"[{answers}]"),
        _made("target", "number1 + number2"),
    ]


def _read(step: int, value: float, scene: Scene) -> Signals:
    """What is read at a step: the number, and whether it is marked."""
    places = zip(MARKS, NUMBERS, strict=True)
    marked = "".join(f"{mark} == {step} ? {number} : " for mark, number in places)
    return [
        _made(f"x{step}", f"{marked}{_number(value)}"),
        _made(f"m{step}", f"mark1 == {step} || mark2 == {step} ? 1 : 0"),
    ]


def _lstm_step(step: int, scene: Scene) -> Signals:
    """The equations of `gatescope.cells.LSTM`: g is the three gates and the candidate."""
    i, f, g, o = (_affine(step, row, scene) for row in range(4))
    keep = _sigmoid(f) if scene.held is None else _number(scene.held)
    before = f"c{step - 1}" if step else "0"
    here = f"g{step}"
    return [
        _made(here, f"[{_sigmoid(i)},{keep},{_sigmoid(o)},{_tanh(g)}]"),
        _made(f"c{step}", f"{here}[1]*{before}+{here}[0]*{here}[3]"),
        _made(f"h{step}", f"{here}[2]*({_tanh(f'c{step}')})"),
    ]


def _rnn_step(step: int, scene: Scene) -> Signals:
    """The equation of `gatescope.cells.RNN`."""
    return [_made(f"h{step}", _tanh(_affine(step, 0, scene)))]


def _affine(step: int, row: int, scene: Scene) -> str:
    """What a gate's sigmoid is taken of."""
    inputs, hidden = (scene.weights[name][row] for name in ROWS)
    bias = sum(scene.weights[name][row] for name in BIASES)
    parts = [f"{_number(inputs[0])}*x{step}", f"{_number(inputs[1])}*m{step}", _number(bias)]
    if step:
        parts.append(f"{_number(hidden[0])}*h{step - 1}")
    return _sum(parts)


def _sigmoid(argument: str) -> str:
    return f"1/(1+exp(-({argument})))"


def _tanh(argument: str) -> str:
    return f"2/(1+exp(-2*({argument})))-1"


def _sum(parts: Sequence[str]) -> str:
    return "+".join(parts)


def _number(value: float | np.floating[Any]) -> str:
    return f"({float(value):.9g})"


def _listed(name: str, steps: range) -> str:
    return f"[{','.join(f'{name}{step}' for step in steps)}]"


def _made(name: str, update: str) -> dict[str, Any]:
    return {"name": name, "update": update}
