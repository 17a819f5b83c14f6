"""Per-time-step gradient norms of a network on its probe batch."""

from dataclasses import dataclass

from torch import Tensor

from gatescope.analysis import band, gradient_norm
from gatescope.models import SequenceModel
from gatescope.recording import record
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
        gradient of each example's own loss; five significant digits.
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


@dataclass(frozen=True)
class SummedLoss:
    """Each example's own loss, summed over the examples.

    Examples do not meet inside a network, so the gradient at an example's step is that of this
    example's loss alone, whatever the size of the batch.
    """

    task: Task
    batch: Batch

    def __call__(self, outputs: Tensor) -> Tensor:
        """From (time, batch, output) to a scalar."""
        examples: int = self.batch.scored.shape[1]
        return self.task.loss(outputs, self.batch) * examples


def gradient_rows(step: int, model: SequenceModel, task: Task, probe: Batch) -> list[GradientRow]:
    """Measure a checkpoint: one row a layer, direction, state and time step."""
    states = ("grad_hidden_state", "grad_cell_state")
    trace = record(model, probe.inputs, SummedLoss(task, probe))
    rows = []
    for node in trace.leaves:
        for signal in states:
            if signal not in node:
                continue
            state = signal.removeprefix("grad_")
            found = band(gradient_norm(node.to_dataset(), state), node.attrs["dtype"])
            columns = (found.median, found.low, found.high, found.zeros)
            for time, values in enumerate(zip(*columns, strict=True)):
                rounded = (float(f"{value:.5g}") for value in values)
                rows.append(GradientRow(step, node.path.strip("/"), state, time, *rounded))
    return rows
