"""A network that was trained elsewhere, as a run: with one checkpoint, and without a history."""

import math

import torch
from torch import Tensor, nn

from gatescope.errors import say
from gatescope.tasks.uploaded import encode
from gatescope.training.build import PROBE_VALUES, build_model
from gatescope.training.config import TrainConfig
from gatescope.training.run import Run

OWN = "own"
"""The task of such a run: inputs that somebody brought."""


def own_run(layer: nn.RNNBase, inputs: Tensor) -> Run:
    """A recurrent layer and its inputs as a run; its outputs are its hidden states.

    Parameters
    ----------
    layer
        ``nn.RNN``, ``nn.LSTM`` or ``nn.GRU``, in any precision; it is kept in float32.
    inputs
        (time, batch, feature).

    Raises
    ------
    ValueError
        When the layer is projected, the inputs do not fit it, or are too many.
    """
    if layer.proj_size:
        raise ValueError(say("projection_not_shown", size=layer.proj_size))
    if inputs.ndim != 3 or inputs.shape[-1] != layer.input_size:
        raise ValueError(say("inputs_unfit", features=layer.input_size, shape=tuple(inputs.shape)))
    kind = {"RNN_TANH": "rnn", "RNN_RELU": "rnn_relu"}.get(layer.mode, layer.mode.lower())
    directions = 2 if layer.bidirectional else 1
    values = inputs.shape[0] * layer.hidden_size * layer.num_layers * directions
    if values * inputs.shape[1] > PROBE_VALUES:
        raise ValueError(
            say("recording_too_large", count=values * inputs.shape[1], most=PROBE_VALUES)
        )
    outputs = directions * layer.hidden_size
    config = TrainConfig(
        task=OWN,
        task_options=encode(inputs) | {"outputs": outputs},
        cell=kind,
        hidden_size=layer.hidden_size,
        num_layers=layer.num_layers,
        bidirectional=layer.bidirectional,
    )
    model = build_model(config)
    weights = {name: torch.zeros_like(weight) for name, weight in model.state_dict().items()}
    for name, weight in layer.state_dict().items():
        weights[f"recurrent.{name}"] = weight.detach().to("cpu", torch.float32).clone()
    weights["readout.weight"] = torch.eye(outputs)
    return Run(
        config=config,
        history=(),
        checkpoints={0: weights},
        gradients=(),
        test_loss=math.nan,
        test_accuracy=math.nan,
        parameters=sum(weight.numel() for weight in layer.state_dict().values()),
        seconds=0.0,
    )
