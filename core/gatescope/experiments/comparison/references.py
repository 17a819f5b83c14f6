"""What needs no recurrence: scikit-learn's models on the same inputs, scored in the same way."""

import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from gatescope.extras import library
from gatescope.tasks import Batch, Task
from gatescope.training import held_out_examples

Kind = Literal["naive", "linear", "boosting"]
Sees = Literal["nothing", "window", "words", "last"]
Matrix = Any
"""Rows of numbers: an array, or a sparse matrix where most are 0."""

MOST_ROWS, LEAST_ROWS, MOST_NUMBERS = 10_000, 500, 2**24
"""Answers that are learnt from; fewer, down to the least, where each has many numbers to read."""

MOST_LAST, LAST_NUMBERS = 10, 400
"""Steps that are read where every step has an answer: at most so many, and so many numbers."""

BOOSTED = 2**21
"""Answers times numbers times outputs up to which there is boosting: some seconds."""

FIT_SEED = 5
LEAST_CHANCE = 1e-9
"""No class is ruled out: one such answer that is wrong would make the loss infinite."""


@dataclass(frozen=True)
class Reference:
    """What an answer without recurrence scores on the test examples.

    Attributes
    ----------
    kind
        ``"naive"``: the task's own baseline, which remembers nothing. ``"linear"``: ridge or
        logistic regression. ``"boosting"``: gradient-boosted trees.
    sees, steps
        Of what: ``"window"``, all steps at once; ``"words"``, how often each word occurs;
        ``"last"``, so many last steps; ``"nothing"``.
    loss, score
        As of a network, on the same examples.
    examples, seconds
        Answers that it was fitted to, and the processor's time that it took.
    parameters
        Fitted numbers; 0 where they cannot be counted so.
    """

    kind: Kind
    sees: Sees
    steps: int
    loss: float
    score: float
    examples: int = 0
    seconds: float = 0.0
    parameters: int = 0


def references(task: Task) -> list[Reference]:
    """Fit and score what needs no recurrence; takes some seconds.

    The linear model is ``Ridge(alpha=1)`` or ``LogisticRegression(C=1)``, the other
    ``HistGradientBoosting…`` with its defaults, left out where it would take long. Where there is
    one answer a sequence they read the whole of it, words as counts. Where every step has one,
    they read that step and those before it.

    Parameters
    ----------
    task
        As it is drawn for training.
    """
    testing = task.held_out("test")
    batch = held_out_examples(task)
    naive = Reference("naive", "nothing", 0, testing.baseline_loss, testing.baseline_accuracy)
    reader = _Reader(task, batch)
    learnt = reader.training()
    inputs, targets = reader.rows(learnt), _answers(learnt)
    if len(targets) > reader.most:
        inputs, targets = inputs[: reader.most], targets[: reader.most]
    found = [naive]
    small = inputs.shape[0] * inputs.shape[1] * task.output_size <= BOOSTED
    kinds: list[Kind] = ["linear", "boosting"]
    for kind in kinds if small and isinstance(inputs, np.ndarray) else kinds[:1]:
        began = time.process_time()
        models = _fit(kind, task, inputs, targets)
        seconds = time.process_time() - began
        outputs = _outputs(task, models, reader.rows(batch), batch)
        found.append(
            Reference(
                kind, reader.sees, reader.steps,
                loss=float(testing.loss(outputs, batch)),
                score=testing.accuracy(outputs, batch),
                examples=len(targets), seconds=seconds, parameters=_size(models),
            )
        )  # fmt: skip
    return found


class _Reader:
    """Turns examples into rows of numbers, one row an answer."""

    def __init__(self, task: Task, batch: Batch) -> None:
        self.task = task
        once = bool((batch.scored.sum(0) == 1).all())
        self.sees: Sees = "last"
        if once:
            self.sees = "words" if task.vocabulary_size else "window"
        self.steps = task.length
        if not once:
            self.steps = max(1, min(MOST_LAST, LAST_NUMBERS // task.input_size, task.length))
        width = task.vocabulary_size or self.steps * task.input_size
        self.most = MOST_ROWS
        if not self._sparse:
            self.most = min(MOST_ROWS, max(LEAST_ROWS, MOST_NUMBERS // width))

    @property
    def _sparse(self) -> bool:
        """Whether most numbers are 0: of symbols and of words."""
        return self.sees == "words" or self.task.input_kind == "symbols"

    def training(self) -> Batch:
        """As many examples as have the answers that are wanted; each once, where they end."""
        answers = int(self.task.sample(1, FIT_SEED).scored.sum())
        return self.task.sample(
            min(math.ceil(self.most / answers), self.task.examples or self.most), FIT_SEED
        )

    def rows(self, batch: Batch) -> Matrix:
        """(answer, number), in the order of ``batch.scored``."""
        steps, examples = (part.numpy() for part in batch.scored.nonzero(as_tuple=True))
        if self.sees == "words":
            return _counts(batch.inputs[..., 0].long().T.numpy(), self.task.vocabulary_size)[
                examples
            ]
        if self.sees == "window":
            flat = batch.inputs.permute(1, 0, 2).flatten(1).numpy()[examples]
        else:
            blank = batch.inputs.new_zeros((self.steps - 1, *batch.inputs.shape[1:]))
            padded = torch.cat([blank, batch.inputs]).numpy()
            parts = [padded[steps + back, examples] for back in range(self.steps)]
            flat = np.concatenate(parts, axis=1)
        return library("scipy.sparse").csr_matrix(flat) if self._sparse else flat


def _counts(words: np.ndarray, size: int) -> Matrix:
    """How often each word occurs in each sentence; words (example, step), 0 past the end."""
    rows, _ = there = np.nonzero(words)
    counts = np.ones(len(rows)), (rows, words[there])
    return library("scipy.sparse").csr_matrix(counts, shape=(len(words), size))


def _answers(batch: Batch) -> np.ndarray:
    found: np.ndarray = batch.targets[batch.scored].numpy()
    return found


def _fit(kind: Kind, task: Task, inputs: Matrix, targets: np.ndarray) -> list[Any]:
    """One model, or one an output where a kind has one output only."""
    linear, trees = library("sklearn.linear_model"), library("sklearn.ensemble")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", library("sklearn.exceptions").ConvergenceWarning)
        if task.kind == "classification":
            make: Callable[[], Any] = (
                (lambda: linear.LogisticRegression(max_iter=300))
                if kind == "linear"
                else (lambda: trees.HistGradientBoostingClassifier(random_state=0))
            )
            return [make().fit(inputs, targets)]
        if kind == "linear":
            return [linear.Ridge(alpha=1.0).fit(inputs, targets)]
        return [
            trees.HistGradientBoostingRegressor(random_state=0).fit(inputs, column)
            for column in targets.T
        ]


def _outputs(task: Task, models: list[Any], inputs: Matrix, batch: Batch) -> Tensor:
    """The models' answers where a network's would stand, (time, batch, output)."""
    outputs = torch.zeros(*batch.scored.shape, task.output_size)
    if task.kind == "classification":
        chances = np.full((inputs.shape[0], task.output_size), LEAST_CHANCE)
        chances[:, models[0].classes_] = models[0].predict_proba(inputs)
        answers = np.log(np.maximum(chances, LEAST_CHANCE))
    else:
        answers = np.column_stack([model.predict(inputs) for model in models])
    outputs[batch.scored] = torch.as_tensor(answers, dtype=outputs.dtype)
    return outputs


def _size(models: list[Any]) -> int:
    """Coefficients and constants of a linear model; 0 for trees."""
    if not hasattr(models[0], "coef_"):
        return 0
    return int(sum(np.size(model.coef_) + np.size(model.intercept_) for model in models))
