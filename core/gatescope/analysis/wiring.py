"""Which signal of a cell goes directly into which: measured, one held apart from all others."""

import copy
from typing import NamedTuple

import torch
from torch import Tensor

from gatescope.cells import Cell, Signals
from gatescope.cells.change import changing

INPUT, BEFORE = "input", "_before"
"""What the input is called, and what follows a state's name when it is that of the step before."""

EXAMPLES, LEAST = 16, 1e-9


class Edge(NamedTuple):
    """``target`` is computed from ``source`` directly, not only through other signals."""

    source: str
    target: str


class _Held:
    """Notes what a step computes for each signal, and lets it go on with other values."""

    def __init__(self, values: Signals) -> None:
        self.values = values
        self.computed: Signals = {}

    def signal(self, name: str, value: Tensor) -> Tensor:
        self.computed[name] = value
        return self.values.get(name, value)

    def pre_activation(self, block: str, value: Tensor) -> Tensor:
        return value


def wiring(cell: Cell, seed: int = 0) -> tuple[Edge, ...]:
    """Measure what each signal of a cell is computed from.

    All signals are held at their values while one source is moved: a signal that is computed
    otherwise then is fed by that source directly.

    Parameters
    ----------
    cell
        Any cell that names its signals by ``gatescope.signal``; it stays as it is.
    seed
        Of the inputs and states it is tried on.

    Returns
    -------
    tuple of Edge
        In the order in which a step computes their targets. Sources are signals, ``input``, and
        the states of the step before, ``hidden_state_before``.

    Raises
    ------
    ValueError
        When a signal is not named where it is computed.

    Examples
    --------
    >>> import gatescope
    >>> from gatescope.analysis import wiring
    >>> [edge.source for edge in wiring(gatescope.make_cell("janet", 3, 8)) if
    ...  edge.target == "hidden_state"]
    ['hidden_state_before', 'input_gate', 'forget_gate', 'candidate']
    """
    cell = copy.deepcopy(cell).double()
    draw = torch.Generator().manual_seed(seed)

    def random(width: int) -> Tensor:
        return torch.randn(EXAMPLES, width, generator=draw, dtype=torch.float64)

    x = random(cell.input_size)
    state = {name: random(cell.hidden_size) for name in cell.states}
    with torch.no_grad():
        values = cell.step(x, state)
        base = _computed(cell, x, state, values)
        missing = [name for name in values if name not in base]
        if missing:
            raise ValueError(
                f"{type(cell).__name__} does not name {missing[0]}: where it is computed, write "
                f"{missing[0]} = gatescope.signal({missing[0]!r}, ...)"
            )
        moved = {INPUT: _computed(cell, x + random(cell.input_size), state, values)}
        for name, value in state.items():
            other = state | {name: value + random(cell.hidden_size)}
            moved[name + BEFORE] = _computed(cell, x, other, values)
        for name, value in values.items():
            other = values | {name: value + random(cell.hidden_size)}
            moved[name] = _computed(cell, x, state, other)
    return tuple(
        Edge(source, target)
        for target in base
        for source, found in moved.items()
        if source != target and (found[target] - base[target]).abs().max() > LEAST
    )


def _computed(cell: Cell, x: Tensor, state: Signals, values: Signals) -> Signals:
    """What a step computes for each signal while all go on with these values."""
    held = _Held(values)
    with changing(held):
        cell.step(x, state)
    return held.computed
