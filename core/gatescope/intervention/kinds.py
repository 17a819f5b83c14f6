"""What can be done to a running network, as small frozen values.

All of them say where by the same words: ``layer`` is a node of the trace, as ``"lstm/l0"`` or
``"enc.1/l0_reverse"``, and None means every layer that has the signal; ``units`` and ``steps`` are
numbers or collections of them, and None means all. Steps are in input time, whichever way a layer
reads. Gates are changed after the non-linearity; whatever the step computes next, and every later
step and layer, sees the change.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gatescope.errors import GatescopeError

Numbers = int | Iterable[int] | None
"""Which units or steps: one, several, or all."""


class InterventionError(GatescopeError, ValueError):
    """An intervention that cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class Clamp:
    """Hold a signal at a value.

    Attributes
    ----------
    signal
        A gate or a state, as ``"forget_gate"``.
    value
        A number, or an array that broadcasts to (steps, batch, units) of those chosen.
    units, steps, layer
        Where; see the module.
    """

    signal: str
    value: Any
    units: Numbers = None
    steps: Numbers = None
    layer: str | None = None


@dataclass(frozen=True)
class Scale:
    """Multiply a signal by a factor.

    Attributes
    ----------
    signal
        A gate or a state. What is scaled may leave the range that its non-linearity has.
    factor
        A number, or an array that broadcasts to (steps, batch, units) of those chosen.
    units, steps, layer
        Where; see the module.
    """

    signal: str
    factor: Any
    units: Numbers = None
    steps: Numbers = None
    layer: str | None = None


@dataclass(frozen=True)
class ZeroUnit:
    """Silence units: every state of theirs, hidden and cell state, is 0.

    Attributes
    ----------
    units, steps, layer
        Where; see the module. A projected LSTM mixes its units; clamp its ``cell_state`` there.
    """

    units: Numbers
    steps: Numbers = None
    layer: str | None = None


@dataclass(frozen=True)
class SetState:
    """Put another state in the place of the one that a step has computed.

    Attributes
    ----------
    signal
        ``"cell_state"`` or ``"hidden_state"``. An LSTM's hidden state at that step follows from
        the new cell state.
    value
        A number, or an array that broadcasts to (batch, units) of those chosen.
    step
        At which step; the step after it starts from the new state.
    units, layer
        Where; see the module.
    """

    signal: str
    value: Any
    step: int
    units: Numbers = None
    layer: str | None = None


@dataclass(frozen=True)
class Bias:
    """Add to a gate's bias, before the non-linearity, at every step.

    Attributes
    ----------
    gate
        A gate with weights of its own: of an RNN, ``"hidden_state"``. Of a GRU's candidate it is
        the input's bias that changes, the one that the reset gate does not multiply.
    add
        A number, or an array that broadcasts to (units,) of those chosen.
    units, layer
        Where; see the module.
    """

    gate: str
    add: Any
    units: Numbers = None
    layer: str | None = None


Intervention = Clamp | Scale | ZeroUnit | SetState | Bias
