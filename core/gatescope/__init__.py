"""GateScope: see inside recurrent networks.

``record(model, inputs, loss)`` returns every gate, state and gradient of any model that holds a
recurrent layer, as an ``xarray.DataTree``. The other parts, as ``gatescope.analysis`` or
``gatescope.experiments``, are there by name and come when they are first asked for.
"""

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

from gatescope.cells import CELLS, Cell, Recurrence, copy_weights, make_cell, signal
from gatescope.intervention import Bias, Clamp, Scale, SetState, ZeroUnit, intervene
from gatescope.models import SequenceModel
from gatescope.recording import RecordError, TraceError, load_trace, open_trace, record, save_trace
from gatescope.tasks import DATA_TASKS, TASKS, Batch, Mark, Task, make_task
from gatescope.training import Progress, Run, RunError, TrainConfig, load_run, save_run, train
from gatescope.version import __version__

PARTS = tuple(module.name for module in pkgutil.iter_modules(__path__))
"""Modules and packages that are there by name after ``import gatescope``."""

if TYPE_CHECKING:
    from gatescope import analysis as analysis
    from gatescope import apart as apart
    from gatescope import experiments as experiments
    from gatescope import jobs as jobs
    from gatescope import loading as loading
    from gatescope import writing as writing
else:

    def __getattr__(name: str) -> Any:
        """Import a part when it is first asked for: most programs need few of them."""
        if name in PARTS:
            return importlib.import_module(f"gatescope.{name}")
        raise AttributeError(f"module 'gatescope' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *PARTS})


__all__ = [
    "CELLS",
    "DATA_TASKS",
    "TASKS",
    "Batch",
    "Bias",
    "Cell",
    "Clamp",
    "Mark",
    "Progress",
    "RecordError",
    "Recurrence",
    "Run",
    "RunError",
    "Scale",
    "SequenceModel",
    "SetState",
    "Task",
    "TraceError",
    "TrainConfig",
    "ZeroUnit",
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
