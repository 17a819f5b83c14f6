"""Training: frozen configs, one plain loop, checkpoints, and runs on disk."""

from gatescope.training.build import build_model, probe_batch, values_per_example
from gatescope.training.config import TrainConfig
from gatescope.training.gradients import GradientRow, SummedLoss
from gatescope.training.live import LiveFile
from gatescope.training.loop import train
from gatescope.training.own_run import OWN, own_run
from gatescope.training.progress import Progress
from gatescope.training.run import Run, RunError, load_run, save_run

__all__ = [
    "OWN",
    "GradientRow",
    "LiveFile",
    "Progress",
    "Run",
    "RunError",
    "SummedLoss",
    "TrainConfig",
    "build_model",
    "load_run",
    "own_run",
    "probe_batch",
    "save_run",
    "train",
    "values_per_example",
]
