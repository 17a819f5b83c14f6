"""What a task is: rows to learn from, what counts, and what remembering nothing would score."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

import torch
from torch import Tensor


class Mark(NamedTuple):
    """A step that matters for the answer, and a short label for it."""

    step: int
    label: str


@dataclass(frozen=True)
class Batch:
    """Examples of a task.

    Attributes
    ----------
    inputs
        (time, batch, feature).
    targets
        Regression: (time, batch, output); classification: (time, batch), class numbers.
        Only steps with ``scored`` mean anything.
    scored
        (time, batch), True where the answer counts.
    marks
        For each example the salient steps and their labels.
    """

    inputs: Tensor
    targets: Tensor
    scored: Tensor
    marks: tuple[tuple[Mark, ...], ...]


class Task(ABC):
    """A sequence task.

    Attributes
    ----------
    kind
        ``"regression"`` (mean squared error) or ``"classification"`` (cross-entropy in nats).
    input_kind
        How a person would draw the input: marked values, symbols, or an image's pixels.
    input_size, output_size, length
        Number of input features, of outputs, and of time steps.
    symbols
        One label an input feature, where the input is one-hot symbols.
    classes
        One label a class, for classification.
    baseline_loss
        The loss of the best answer that remembers nothing.
    baseline_accuracy
        The accuracy of that answer.
    """

    kind: ClassVar[Literal["regression", "classification"]] = "classification"
    input_kind: ClassVar[Literal["marked_values", "symbols", "pixels"]]
    symbols: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    input_size: int
    output_size: int
    length: int

    @property
    @abstractmethod
    def baseline_loss(self) -> float:
        """The loss of the best answer that remembers nothing."""

    @property
    @abstractmethod
    def baseline_accuracy(self) -> float:
        """The accuracy of the best answer that remembers nothing."""

    @abstractmethod
    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw examples; the same seed draws the same ones."""

    def held_out(self, part: Literal["validation", "test"]) -> "Task":
        """The same task on examples that are not trained on; made tasks draw new ones anyway."""
        return self

    def loss(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Mean loss over the scored steps.

        Parameters
        ----------
        outputs
            (time, batch, output), a model's answer to ``batch.inputs``.
        batch
            The examples.

        Returns
        -------
        Tensor
            A scalar: mean squared error, or mean cross-entropy in nats.
        """
        answers, targets = outputs[batch.scored], batch.targets[batch.scored]
        if self.kind == "regression":
            return torch.nn.functional.mse_loss(answers, targets)
        return torch.nn.functional.cross_entropy(answers, targets)

    def correct(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Whether each scored answer is right, (answers,), in the order of ``batch.scored``."""
        answers, targets = outputs[batch.scored], batch.targets[batch.scored]
        return answers.argmax(dim=-1) == targets

    def accuracy(self, outputs: Tensor, batch: Batch) -> float:
        """Share of scored answers that are right, in [0, 1]."""
        return float(self.correct(outputs, batch).double().mean())


def require_whole(name: str, value: object, lowest: int, highest: int | None = None) -> None:
    """Raise ValueError unless an option is a whole number in its range."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or value < lowest or (highest is not None and value > highest):  # type: ignore[operator]
        range_ = f"at least {lowest}" if highest is None else f"{lowest} to {highest}"
        raise ValueError(f"{name} must be {range_} (a whole number), got {value!r}")


def require_batch_size(batch_size: int) -> None:
    """Raise ValueError unless there is at least one example to draw."""
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")


def scored_at_end(length: int, batch_size: int) -> Tensor:
    """(time, batch), True at the last step alone."""
    scored = torch.zeros(length, batch_size, dtype=torch.bool)
    scored[-1] = True
    return scored


def at_end(answers: Tensor, length: int) -> Tensor:
    """Put each example's answer at the last step: (batch, ...) to (time, batch, ...)."""
    targets = answers.new_zeros((length, *answers.shape))
    targets[-1] = answers
    return targets
