"""What a training run is asked to do: one frozen, validated value."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gatescope.cells import CELLS
from gatescope.models import ReadAt
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

Initialisation = Literal["default", "forget_bias", "chrono"]


class FrozenConfig(BaseModel):
    """Settings that cannot be changed; what is wrong with them is told in one line."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ValueError(_sentence(error, type(self))) from None


class TrainConfig(FrozenConfig):
    """Settings of one training run; the same settings give the same numbers.

    Attributes
    ----------
    task, task_options
        A key of ``gatescope.TASKS`` or ``DATA_TASKS`` and what that task takes, as
        ``{"length": 50}``.
    cell
        A key of ``gatescope.CELLS``; or one a layer, joined by ``+``, as ``"gru+lstm"``.
    hidden_size, num_layers, bidirectional, dropout, readout_dropout, embedding_size
        As in `gatescope.SequenceModel`; an embedding is there where the task's input is words.
    recurrent_dropout
        Probability of leaving a hidden unit out of what the next step reads: the same units at
        every step, for all examples of an update (Gal & Ghahramani 2016, with one mask an
        update).
    l1, l2
        What the weights cost beside the loss: l1 * sum |w| + l2 * sum w^2 over all matrices but
        the embedding. The losses that are kept are without it.
    initialisation
        ``"default"``: torch's, U(-1/sqrt(H), 1/sqrt(H)) for every weight and bias.
        ``"forget_bias"``: then the retention gate's bias is set to `forget_bias`.
        ``"chrono"``: then that bias is drawn as ln U[1, T_max - 1] and an LSTM's input gate's is
        its negative, where T_max is `chrono_max` (Tallec & Ollivier 2018). The retention gate is
        an LSTM's forget gate and a GRU's update gate; a plain RNN has none.
    forget_bias
        The bias that ``"forget_bias"`` sets.
    chrono_max
        T_max in steps, at least 3; None takes the task's length.
    optimiser, learning_rate
        ``"adam"``, ``"sgd"`` (no momentum) or ``"rmsprop"``, and its rate.
    batch_size
        Examples a step.
    max_steps
        Updates at most.
    clip
        Largest norm of the gradient over all parameters; None leaves it alone.
    plateau_patience, plateau_factor
        When more than so many evaluations in a row bring no better validation loss, the learning
        rate is multiplied by the factor (torch's ReduceLROnPlateau); None never lowers it.
    plateau_min_rate
        The rate is lowered to this at most (torch's ``min_lr``); a rate that starts here or below
        is never lowered.
    evaluate_every
        Updates between two evaluations on the fixed validation examples.
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
    task_options: dict[str, Any] = {}
    cell: str = "lstm"
    hidden_size: int = Field(16, ge=1)
    num_layers: int = Field(1, ge=1, le=MOST_LAYERS)
    bidirectional: bool = False
    dropout: float = Field(0.0, ge=0, lt=1)
    readout_dropout: float = Field(0.0, ge=0, lt=1)
    recurrent_dropout: float = Field(0.0, ge=0, lt=1)
    embedding_size: int = Field(32, ge=1)
    l1: float = Field(0.0, ge=0)
    l2: float = Field(0.0, ge=0)
    initialisation: Initialisation = "default"
    forget_bias: float = 1.0
    chrono_max: int | None = Field(None, ge=3)
    optimiser: Literal["adam", "sgd", "rmsprop"] = "adam"
    learning_rate: float = Field(3e-3, gt=0)
    batch_size: int = Field(32, ge=1)
    max_steps: int = Field(2000, ge=1)
    clip: float | None = Field(1.0, gt=0)
    plateau_patience: int | None = Field(None, ge=1)
    plateau_factor: float = Field(0.5, gt=0, lt=1)
    plateau_min_rate: float = Field(0.0, ge=0)
    evaluate_every: int = Field(50, ge=1)
    stop_accuracy: float | None = Field(None, gt=0, le=1)
    stop_patience: int | None = Field(None, ge=1)
    restore_best: bool = False
    read_at: ReadAt = "each_step"
    seed: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        if self.cell.count(MIXED) >= MOST_LAYERS:
            raise ValueError(f"cell names more than {MOST_LAYERS} layers: {self.cell[:40]!r}…")
        for cell in self.layers:
            if cell not in CELLS:
                raise ValueError(f"no cell is called {cell!r}; there are {', '.join(CELLS)}")
        if MIXED in self.cell and self.num_layers != 1:
            raise ValueError(
                f"{self.cell!r} names a cell for each layer, so num_layers must be left out, got "
                f"{self.num_layers}"
            )
        if self.read_at == "both_ends" and not self.bidirectional:
            raise ValueError("read_at 'both_ends' reads two directions: set bidirectional")
        self.make_task()
        split = self.task_options.get("split", "train")
        if split != "train":
            raise ValueError(
                f"a network learns from the training set and is tested on another, got split "
                f"{split!r}: leave split out of task_options"
            )
        gates = [CELLS[cell].retention_gate for cell in self.layers]
        if self.initialisation != "default" and not any(gates):
            raise ValueError(
                f"initialisation {self.initialisation!r} sets a retention gate's bias, and "
                f"{self.cell!r} has no such gate; take 'default'"
            )
        return self

    @property
    def layers(self) -> tuple[str, ...]:
        """The cell of each layer."""
        return (
            tuple(self.cell.split(MIXED)) if MIXED in self.cell else (self.cell,) * self.num_layers
        )

    def identity(self) -> dict[str, Any]:
        """What keys are made of: all settings as JSON has them, those of `LATER` where changed."""
        usual = type(self).model_fields
        said = self.model_dump(mode="json")
        same = {name for name in LATER if said[name] == usual[name].default}
        return {name: value for name, value in said.items() if name not in same}

    def make_task(self) -> Task:
        """The task to learn, as it is drawn for training."""
        return make_task(self.task, **self.task_options)


def _sentence(error: ValidationError, kind: type[BaseModel]) -> str:
    """Every fault in one line: the field, the value, what was expected."""
    faults = []
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"])
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = f"no such setting; there are {', '.join(kind.model_fields)}"
        elif where:
            message = f"{message}, got {fault['input']!r}"
        faults.append(f"{where}: {message}" if where else message)
    return "; ".join(faults)
