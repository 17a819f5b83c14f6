"""From a config to its network and its probe examples."""

import torch

from gatescope.models import SequenceModel
from gatescope.tasks import Batch
from gatescope.training.config import TrainConfig
from gatescope.training.initialisation import set_chrono, set_forget_bias

PROBE_EXAMPLES, PROBE_SEED = 32, 3


def build_model(config: TrainConfig) -> SequenceModel:
    """The untrained network of a config; the same config gives the same weights."""
    task = config.make_task()
    with torch.random.fork_rng():
        torch.manual_seed(config.seed)
        model = SequenceModel(
            config.cell,
            task.input_size,
            config.hidden_size,
            task.output_size,
            num_layers=config.num_layers,
            bidirectional=config.bidirectional,
            dropout=config.dropout,
        )
    if config.initialisation == "forget_bias":
        set_forget_bias(model, config.forget_bias)
    elif config.initialisation == "chrono":
        set_chrono(model, config.chrono_max or max(task.length, 3), config.seed)
    return model


def probe_batch(config: TrainConfig) -> Batch:
    """The fixed examples on which a run's gradients are measured and its gates are shown."""
    return config.make_task().held_out("test").sample(PROBE_EXAMPLES, PROBE_SEED)
