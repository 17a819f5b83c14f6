"""What a training run is asked to do: one frozen, validated value."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gatescope.cells import CELLS
from gatescope.errors import say
from gatescope.models import ReadAt
from gatescope.settings import FrozenConfig, Offer
from gatescope.tasks import Task, make_task

MIXED = "+"
"""What stands between the cells of layers that differ."""

MOST_LAYERS = 1000
"""Of a network: what asks for more is refused before a name is made for each."""

LATER = (
    "readout_dropout", "recurrent_dropout", "embedding_size", "l1", "l2", "plateau_min_rate",
    "restore_best", "read_at",
)  # fmt: skip
"""Settings that came later: left as they are, they stand in no key, so that what was trained and
measured before is found again."""

Initialization = Literal["default", "forget_bias", "chrono"]

Share = Annotated[float, Field(ge=0, lt=1), Offer(0, 0.9, step=0.1)]

RATES = (1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 5e-3, 1e-2, 3e-2, 0.1)
BATCHES = (4, 8, 16, 32, 50, 64, 128)
WEIGHT_COSTS = (0.0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
NORMS = (None, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
PATIENCES = (None, 1, 2, 3, 5, 6, 10, 20)
AIMS = (None, 0.9, 0.95, 0.97, 0.99, 1.0)
"""What forms offer of the settings that follow."""


class TrainConfig(FrozenConfig):
    """Settings of one training run; the same settings give the same numbers.

    Attributes
    ----------
    task, task_options
        A key of ``gatescope.TASKS`` or ``DATA_TASKS`` and what that task takes, as
        ``{"length": 50}``.
    cell
        A key of ``gatescope.CELLS``; or one per layer, joined by ``+``, as ``"gru+lstm"``.
    hidden_size, num_layers, bidirectional, dropout, readout_dropout, embedding_size
        As in `gatescope.SequenceModel`; an embedding is there where the task's input is words.
    recurrent_dropout
        Probability of dropping a hidden unit on the recurrent path: the same units at every time
        step, for all examples of a training step (Gal & Ghahramani 2016, with one mask per
        training step).
    l1, l2
        L1 and L2 penalty beside the loss: l1 * sum |w| + l2 * sum w^2 over all matrices but
        the embedding. The losses that are kept are without it.
    initialization
        ``"default"``: torch's, U(-1/sqrt(H), 1/sqrt(H)) for every weight and bias.
        ``"forget_bias"``: then the retention gate's bias is set to `forget_bias`.
        ``"chrono"``: then that bias is drawn as ln U[1, T_max - 1] and an LSTM's input gate's is
        its negative, where T_max is `chrono_max` (Tallec & Ollivier 2018). The retention gate is
        an LSTM's forget gate and a GRU's update gate; a plain RNN has none.
    forget_bias
        The bias that ``"forget_bias"`` sets.
    chrono_max
        T_max in steps, at least 3; None takes the task's length.
    optimizer, learning_rate
        ``"adam"``, ``"sgd"`` (no momentum) or ``"rmsprop"``, and its rate.
    batch_size
        Examples per training step.
    max_steps
        Training steps at most.
    max_grad_norm
        Gradient clipping: the largest norm over all parameters; None does not clip.
    plateau_patience, plateau_factor
        When more than so many evaluations in a row bring no better validation loss, the learning
        rate is multiplied by the factor (torch's ReduceLROnPlateau); None never lowers it.
    plateau_min_rate
        The rate is lowered to this at most (torch's ``min_lr``); a rate that starts here or below
        is never lowered.
    evaluate_every
        Training steps between two evaluations on the fixed validation examples.
    stop_accuracy
        Stop when two evaluations in a row reach this accuracy; None goes on.
    stop_patience
        Stop after so many evaluations without a better validation loss; None goes on.
    restore_best
        End with the weights of the best validation loss, not with the last: they are the run's
        last checkpoint, and what is tested; the history goes on to the end.
    read_at
        As in `gatescope.SequenceModel`.
    seed
        Seeds weights, batches and dropout.
    """

    task: str
    task_options: dict[str, Any] = Field(default_factory=dict)
    cell: str = "lstm"
    hidden_size: Annotated[int, Offer(1, 256)] = Field(16, ge=1)
    num_layers: Annotated[int, Offer(1, 4)] = Field(1, ge=1, le=MOST_LAYERS)
    bidirectional: bool = False
    dropout: Share = 0.0
    readout_dropout: Share = 0.0
    recurrent_dropout: Share = 0.0
    embedding_size: Annotated[int, Offer(1, 64)] = Field(32, ge=1)
    l1: Annotated[float, Offer(values=WEIGHT_COSTS)] = Field(0.0, ge=0)
    l2: Annotated[float, Offer(values=WEIGHT_COSTS)] = Field(0.0, ge=0)
    initialization: Initialization = "default"
    forget_bias: Annotated[float, Offer(-3, 10)] = 1.0
    chrono_max: Annotated[int | None, Offer(3, 10_000)] = Field(None, ge=3)
    optimizer: Literal["adam", "sgd", "rmsprop"] = "adam"
    learning_rate: Annotated[float, Offer(values=RATES)] = Field(3e-3, gt=0)
    batch_size: Annotated[int, Offer(values=BATCHES)] = Field(32, ge=1)
    max_steps: Annotated[int, Offer(1, 20_000, step=100)] = Field(2000, ge=1)
    max_grad_norm: Annotated[float | None, Offer(values=NORMS)] = Field(1.0, gt=0)
    plateau_patience: Annotated[int | None, Offer(values=PATIENCES)] = Field(None, ge=1)
    plateau_factor: Annotated[float, Offer(0.1, 0.9, step=0.1)] = Field(0.5, gt=0, lt=1)
    plateau_min_rate: Annotated[float, Offer(values=(0.0, 1e-5, 1e-4, 1e-3))] = Field(0.0, ge=0)
    evaluate_every: Annotated[int, Offer(1, 1000, step=10)] = Field(50, ge=1)
    stop_accuracy: Annotated[float | None, Offer(values=AIMS)] = Field(None, gt=0, le=1)
    stop_patience: Annotated[int | None, Offer(values=PATIENCES)] = Field(None, ge=1)
    restore_best: bool = False
    read_at: ReadAt = "each_step"
    seed: Annotated[int, Offer(0, 9999)] = Field(0, ge=0)

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        if self.cell.count(MIXED) >= MOST_LAYERS:
            raise ValueError(say("too_many_layers", most=MOST_LAYERS, cell=self.cell[:40]))
        for cell in self.layers:
            if cell not in CELLS:
                raise ValueError(say("cell_unknown", name=cell, names=", ".join(CELLS)))
        if MIXED in self.cell and self.num_layers != 1:
            raise ValueError(say("layers_named_and_counted", name=self.cell, count=self.num_layers))
        if self.read_at == "both_ends" and not self.bidirectional:
            raise ValueError(say("both_ends_one_direction"))
        self.make_task()
        split = self.task_options.get("split", "train")
        if split != "train":
            raise ValueError(say("split_given", split=split))
        gates = [CELLS[cell].retention_gate for cell in self.layers]
        if self.initialization != "default" and not any(gates):
            raise ValueError(
                say("no_retention_gate", initialization=self.initialization, cell=self.cell)
            )
        return self

    @property
    def layers(self) -> tuple[str, ...]:
        """The cell of each layer."""
        return (
            tuple(self.cell.split(MIXED)) if MIXED in self.cell else (self.cell,) * self.num_layers
        )

    def identity(self) -> dict[str, Any]:
        """What keys are made of: all by their first names, those of `LATER` where changed."""
        usual = type(self).model_fields
        said = self.first_saved()
        same = {name for name in LATER if said[name] == usual[name].default}
        return {name: value for name, value in said.items() if name not in same}

    def make_task(self) -> Task:
        """The task to learn, as it is drawn for training."""
        return make_task(self.task, **self.task_options)
