"""GateScope: see inside recurrent networks.

``record(model, inputs, loss)`` returns every gate, state and gradient of any model that holds a
recurrent layer, as an ``xarray.DataTree``.
"""

from gatescope.cells import CELLS, Cell, Recurrence, copy_weights, make_cell, signal
from gatescope.intervention import intervene
from gatescope.models import SequenceModel
from gatescope.recording import RecordError, TraceError, load_trace, open_trace, record, save_trace
from gatescope.tasks import DATA_TASKS, TASKS, Batch, Mark, Task, make_task
from gatescope.training import Progress, Run, RunError, TrainConfig, load_run, save_run, train
from gatescope.version import __version__

__all__ = [
    "CELLS",
    "DATA_TASKS",
    "TASKS",
    "Batch",
    "Cell",
    "Mark",
    "Progress",
    "RecordError",
    "Recurrence",
    "Run",
    "RunError",
    "SequenceModel",
    "Task",
    "TraceError",
    "TrainConfig",
    "__version__",
    "copy_weights",
    "intervene",
    "load_run",
    "load_trace",
    "make_cell",
    "make_task",
    "open_trace",
    "record",
    "save_run",
    "save_trace",
    "signal",
    "train",
]
