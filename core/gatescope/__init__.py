"""GateScope: see inside recurrent networks.

``record(model, inputs, loss)`` returns every gate, state and gradient of any model that holds a
recurrent layer, as an ``xarray.DataTree``.
"""

from gatescope.cells import CELLS, Cell, Recurrence, copy_weights, make_cell
from gatescope.models import SequenceModel
from gatescope.tasks import TASKS, Batch, Mark, Task, make_task
from gatescope.version import __version__

__all__ = [
    "CELLS",
    "TASKS",
    "Batch",
    "Cell",
    "Mark",
    "Recurrence",
    "SequenceModel",
    "Task",
    "__version__",
    "copy_weights",
    "make_cell",
    "make_task",
]
