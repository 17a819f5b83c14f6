"""Per-time-step gradient norms of a network on its probe batch."""

from dataclasses import dataclass

from gatescope.models import SequenceModel
from gatescope.tasks import Batch, Task


@dataclass(frozen=True)
class GradientRow:
    """How large a gradient is at one time step, over the probe examples.

    Attributes
    ----------
    checkpoint
        Training step at which it was measured.
    node
        Layer and direction, as in a trace: ``recurrent/l0``.
    signal
        ``hidden_state`` or ``cell_state``: the loss is differentiated with respect to it.
    time
        The time step.
    median, low, high
        Median, 10th and 90th percentile over examples of the L2 norm over units, of the
        gradient of each example's own loss.
    zeros
        Share of examples whose norm is exactly zero.
    """

    checkpoint: int
    node: str
    signal: str
    time: int
    median: float
    low: float
    high: float
    zeros: float


def gradient_rows(step: int, model: SequenceModel, task: Task, probe: Batch) -> list[GradientRow]:
    """Stub for tuning."""
    return []
