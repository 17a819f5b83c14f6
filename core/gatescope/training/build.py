"""From a config to its network and its probe examples."""

import torch

from gatescope.models import SequenceModel
from gatescope.tasks import Batch, Task
from gatescope.training.config import TrainConfig
from gatescope.training.draws import Draws
from gatescope.training.initialization import set_chrono, set_forget_bias

PROBE_EXAMPLES, PROBE_SEED = 32, 3
PROBE_VALUES = 2**24
"""Most values of one signal over all probe examples, steps, units and layers; every signal and
its gradient is recorded, in all about ten times as many."""


def build_model(config: TrainConfig) -> SequenceModel:
    """The untrained network of a config; the same config gives the same weights in any thread."""
    task = config.make_task()
    with Draws(config.seed):
        model = _network(config, task)
    if config.initialization == "forget_bias":
        set_forget_bias(model, config.forget_bias)
    elif config.initialization == "chrono":
        set_chrono(model, config.chrono_max or max(task.length, 3), config.seed)
    return model


def weights_to_be(config: TrainConfig) -> SequenceModel:
    """The network of a config with places for weights and no numbers in them.

    It draws nothing, so a thread that trains meanwhile keeps its random state.
    """
    task = config.make_task()
    with torch.device("meta"):
        return _network(config, task)


def _network(config: TrainConfig, task: Task) -> SequenceModel:
    return SequenceModel(
        config.layers,
        task.input_size,
        config.hidden_size,
        task.output_size,
        bidirectional=config.bidirectional,
        read_at=config.read_at,
        dropout=config.dropout,
        readout_dropout=config.readout_dropout,
        vocabulary_size=task.vocabulary_size,
        embedding_size=config.embedding_size,
    )


def probe_batch(config: TrainConfig) -> Batch:
    """The fixed examples on which a run's gradients are measured and its gates are shown.

    They are `PROBE_EXAMPLES`, or as many as keep to `PROBE_VALUES`, at least one.
    """
    count = min(max(PROBE_VALUES // values_per_example(config), 1), PROBE_EXAMPLES)
    return config.make_task().held_out("test").sample(count, PROBE_SEED)


def values_per_example(config: TrainConfig) -> int:
    """Values of one signal on one example: over all its steps, units, layers and directions."""
    directions = 1 + config.bidirectional
    return config.make_task().length * config.hidden_size * len(config.layers) * directions
