"""Training: frozen configs, one plain loop, checkpoints, and runs on disk."""

from gatescope.training.build import build_model, probe_batch, values_per_example
from gatescope.training.config import TrainConfig
from gatescope.training.fingerprint import fingerprints
from gatescope.training.folder import save_run
from gatescope.training.gradients import GradientRow, SummedLoss
from gatescope.training.imported_run import OWN, own_run
from gatescope.training.live_run_file import LiveFile
from gatescope.training.loading import load_run
from gatescope.training.loop import train
from gatescope.training.progress import Progress
from gatescope.training.run import Run, RunError, measured
from gatescope.training.scoring import Score, held_out_examples, score_on_test

__all__ = [
    "OWN",
    "GradientRow",
    "LiveFile",
    "Progress",
    "Run",
    "RunError",
    "Score",
    "SummedLoss",
    "TrainConfig",
    "build_model",
    "fingerprints",
    "held_out_examples",
    "load_run",
    "measured",
    "own_run",
    "probe_batch",
    "save_run",
    "score_on_test",
    "train",
    "values_per_example",
]
