"""What the picture is drawn of: a row of numbers, and what one unit makes of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

DOORS = ("input_gate", "forget_gate", "output_gate")
"""The gates that are drawn."""

ANSWER = "answer"
PICTURES = (*DOORS, ANSWER)
"""What is drawn below the numbers."""


@dataclass(frozen=True)
class Scene:
    """One row, and what the unit does at each step.

    Attributes
    ----------
    values
        The numbers, (step).
    marks
        The two steps that are marked.
    target
        Their sum.
    gates
        Write, keep and show, (step, gate); none of a plain RNN.
    state
        What the unit holds, (step).
    answers
        What it would answer at each step, (step).
    weights
        The network's, by name.
    held
        Where the forget gate is held; None where it is the network's.
    reach
        How far from 0 the trained network's state goes on its examples.
    """

    values: Numbers
    marks: tuple[int, int]
    target: float
    gates: Numbers | None
    state: Numbers
    answers: Numbers
    weights: dict[str, Numbers]
    held: float | None
    reach: float
