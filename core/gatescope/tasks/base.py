"""What a task is: rows to learn from, what counts, and what the no-memory baseline scores."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, NamedTuple

import torch
from torch import Tensor

from gatescope.errors import say
from gatescope.settings import Setting, setting_of

BLANK = "·"
"""The label of a step without a symbol."""


class EditError(ValueError):
    """A change that a row cannot have; the message says what it can."""


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

    @property
    def end(self) -> int:
        """The first example's last step that counts."""
        return int(self.scored[:, 0].nonzero()[-1])

    @property
    def lengths(self) -> Tensor:
        """Steps of each example up to its last answer, (batch,); what comes after is padding."""
        later = self.scored.flip(0).int().argmax(0)  # of equal values the first one
        return torch.where(self.scored.any(0), len(self.scored) - later, len(self.scored))


@dataclass(frozen=True)
class Trials:
    """Examples to measure an accuracy on, none of them twice.

    Attributes
    ----------
    batch
        The examples.
    groups
        (batch,), a number for each example: those of different groups are independent.
    """

    batch: Batch
    groups: Tensor


class Task(ABC):
    """A sequence task.

    Attributes
    ----------
    kind
        ``"regression"`` (mean squared error) or ``"classification"`` (cross-entropy in nats).
    input_kind
        How a person would draw the input: marked values (the first feature is the value), symbols
        (one-hot; a step of zeros is blank), channels of pulses, an image's pixels, a measured
        series (the first feature is what is forecast), or words (one feature, a word's number).
    nearer
        Whether an answer counts as right where it is nearer to the truth than the baseline's.
    tolerance
        Else how far a number may lie from the right one; 0 for classification.
    vocabulary_size
        Of words: how many numbers there are; 0 elsewhere.
    input_size, output_size, length
        Number of input features, of outputs, and of time steps.
    asks
        Whether there is a right answer to anything.
    edits
        What of a row can be changed by hand: numbers, symbols, or nothing; see `edited`.
    moves
        Whether its marks can be moved, too.
    examples
        How many different examples this part of the data has; None where they never end.
    symbols
        One label an input feature, where the input is one-hot symbols.
    classes
        One label a class, for classification.
    value_range
        The lowest and highest value of an input that is not symbols.
    baseline_loss
        The loss of the no-memory baseline, the best answer without memory.
    baseline_accuracy
        The accuracy of that baseline.
    """

    kind: ClassVar[Literal["regression", "classification"]] = "classification"
    input_kind: Literal["marked_values", "symbols", "channels", "pixels", "series", "words"]
    nearer: ClassVar[bool] = False
    tolerance: ClassVar[float] = 0.0
    vocabulary_size: int = 0
    asks: ClassVar[bool] = True
    edits: ClassVar[Literal["", "numbers", "symbols"]] = ""
    moves: ClassVar[bool] = False
    examples: int | None = None
    symbols: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    value_range: tuple[float, float] = (0.0, 1.0)
    input_size: int
    output_size: int
    length: int

    @property
    @abstractmethod
    def baseline_loss(self) -> float:
        """The loss of the no-memory baseline."""

    @property
    @abstractmethod
    def baseline_accuracy(self) -> float:
        """The accuracy of the no-memory baseline."""

    @abstractmethod
    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw examples; the same seed draws the same ones."""

    def everything(self) -> Batch | None:
        """Every example of this part once, in order; None where they never end."""
        return None

    def held_out(self, part: Literal["validation", "test"]) -> "Task":
        """The same task on examples that are not trained on; made tasks draw new ones anyway."""
        return self

    @classmethod
    def options(cls, **chosen: Any) -> dict[str, Setting]:
        """What the task takes by name: kinds, ranges and usual values, as its ``__init__`` says.

        Parameters
        ----------
        chosen
            What is chosen of some, where that decides what the others can be.
        """
        return {
            name: setting_of(name, part.annotation, usual=part.default)
            for name, part in inspect.signature(cls).parameters.items()
        }

    @classmethod
    def require_options(cls, **given: Any) -> None:
        """Raise ValueError where an option cannot be what is given, beside the others."""
        for name, setting in cls.options(**given).items():
            if name in given and not (setting.optional and given[name] is None):
                require_setting(setting, given[name])

    def told(self, batch: Batch) -> dict[str, Any]:
        """What a sentence about the first row takes: its numbers and symbols by name."""
        return {}

    def answer(self, batch: Batch) -> str:
        """What is right at the first row's last step that counts."""
        return self.classes[int(batch.targets[batch.end, 0])]

    def asked(self, inputs: Tensor) -> Batch:
        """The rows that have these inputs, with what is right of them, and their marks.

        Parameters
        ----------
        inputs
            (time, batch, feature), of this task, if perhaps not as it would draw them.
        """
        raise NotImplementedError

    def instead(self, row: Tensor, step: int) -> tuple[str, ...]:
        """The symbols that can stand at a step of a row (time, feature); none where it is fixed."""
        return ()

    def put(self, row: Tensor, step: int, what: str) -> None:
        """Put a number or a symbol at a step of a row (time, feature), which is changed.

        Raises
        ------
        EditError
            When it cannot stand there.
        """
        there = self.instead(row, step)
        if not there:
            raise EditError(say("edit_fixed", step=step))
        if what not in there:
            names = ", ".join(there)
            raise EditError(say("edit_symbol", step=step, value=repr(what), names=names))
        row[step] = 0
        if what in self.symbols:
            row[step, self.symbols.index(what)] = 1

    def move(self, row: Tensor, sources: list[int], targets: list[int]) -> None:
        """Move the marks of a row (time, feature), which is changed."""
        raise NotImplementedError

    def trials(self, most: int, seed: int) -> Trials:
        """Different examples, at most so many: all there are, where the data have no more.

        To draw from few data again and again would make an interval too narrow, as if there were
        more of them.
        """
        batch = self.sample(min(most, self.examples or most), seed)
        return Trials(batch, torch.arange(batch.inputs.shape[1]))

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

    def spell(self, row: Tensor) -> tuple[str, ...]:
        """The symbols of one row, (time, feature), as labels; a blank step is a middle dot."""
        blank = (row == 0).all(dim=-1).tolist()
        codes = row.argmax(dim=-1).tolist()
        return tuple(
            BLANK if empty else self.symbols[code] for empty, code in zip(blank, codes, strict=True)
        )


def require_setting(setting: Setting, value: object) -> None:
    """Raise ValueError unless a value is one that a setting may have."""
    if setting.kind == "choice":
        require_one_of(setting.name, value, setting.choices)
    elif setting.kind == "whole":
        assert setting.low is not None
        high = None if setting.high is None else int(setting.high)
        require_whole(setting.name, value, int(setting.low), high)
    elif not setting.allows(value):
        raise ValueError(say("setting_wrong", name=setting.name, wrong=setting.refusal(value)))


def steps_between(
    options: dict[str, Setting], chosen: Mapping[str, Any], span: str, others: int
) -> dict[str, Setting]:
    """The options, as many distractors being possible as a span has steps that are not others."""
    steps = chosen.get(span, options[span].usual)
    most = steps - others if isinstance(steps, int) else None
    return options | {"distractors": replace(options["distractors"], high=most)}


def require_whole(name: str, value: object, lowest: int, highest: int | None = None) -> None:
    """Raise ValueError unless an option is a whole number in its range."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or value < lowest or (highest is not None and value > highest):  # type: ignore[operator]
        if highest is None:
            raise ValueError(say("option_below", name=name, lowest=lowest, value=value))
        raise ValueError(
            say("option_outside", name=name, lowest=lowest, highest=highest, value=value)
        )


def require_one_of(name: str, value: object, choices: Iterable[str]) -> None:
    """Raise ValueError unless an option is one of its choices."""
    known = list(choices)
    if value not in known:
        raise ValueError(say("option_not_one_of", name=name, names=", ".join(known), value=value))


def require_batch_size(batch_size: int) -> None:
    """Raise ValueError unless there is at least one example to draw."""
    if batch_size < 1:
        raise ValueError(say("batch_size_below_one", batch_size=batch_size))


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


def at_steps(answers: Tensor, steps: Tensor, length: int) -> Tensor:
    """Put each example's answer at a step of its own: (batch, ...) to (time, batch, ...)."""
    targets = answers.new_zeros((length, *answers.shape))
    targets[steps, torch.arange(len(steps))] = answers
    return targets


def choose_steps(free: Tensor, count: int, draw: torch.Generator) -> Tensor:
    """Choose ``count`` steps of each example at random among the free ones.

    Parameters
    ----------
    free
        (time, batch), True where a step may be chosen; at least ``count`` of each example.
    count
        How many of each example.
    draw
        The source of randomness.

    Returns
    -------
    Tensor
        (time, batch), True where a step was chosen.
    """
    order = torch.rand(free.shape, generator=draw, dtype=torch.float64)
    order = order.masked_fill(~free, 2.0)
    return order.argsort(dim=0).argsort(dim=0) < count
