"""A sentence through a network that tells positive from negative: what each word did."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import torch
import xarray as xr

from gatescope import Batch, Run, record
from gatescope.analysis import answers_so_far, step_changes
from gatescope.tasks.reviews import LENGTH, UNKNOWN, Reviews, words_of
from viz_app.features.gates import data as gates
from viz_app.features.sentiment.chart_data import SentenceData
from viz_app.kit import units
from viz_app.kit.words import decimals, joined, percent
from viz_app.text import name_of, say

FIRST = "reviews-lstm"
"""The network that is shown first."""

PRAISE = 1
"""The number of the class."""

KNOWN = 0.5
"""The least fraction of a sentence's words that a network must know to answer."""


@dataclass(frozen=True)
class Example:
    """A prepared sentence: what it is about, and whether it praises."""

    key: str
    text: str
    praise: bool


EXAMPLES = (
    Example("praise", "a good film", True),
    Example("not", "this film is not good", False),
    Example("not_bad", "this film is not bad", True),
    Example("never", "it is never dull", True),
    Example("but", "the acting is good, but the story is dull", False),
    Example("but_praise", "the story is thin, but the film is a delight", True),
    Example(
        "long",
        "I did not think for a moment that this would be a film that anyone could call good",
        False,
    ),
)


class SentenceError(ValueError):
    """A sentence that the network cannot read; the message says why and what to do."""


@dataclass(frozen=True)
class Spoken:
    """A sentence as it was written, and as it is read.

    ``words`` with their punctuation are read, ``unread`` more past the last of them are not; those
    in ``unknown``, each once, the network does not know.
    """

    text: str
    words: tuple[str, ...]
    unread: int
    unknown: tuple[str, ...]

    def marked(self) -> tuple[str, ...]:
        """The words; those that are not known carry a mark."""
        return tuple(f"{word} {UNKNOWN}" if word in self.unknown else word for word in self.words)


def read(text: str) -> Spoken:
    """Split a text into the words that a network is given.

    Raises
    ------
    SentenceError
        When there is no word in it, or fewer than `KNOWN` of them are known.
    """
    words, task = words_of(text), Reviews()
    if not any(word[0].isalnum() for word in words):
        raise SentenceError(say("sentiment.no_words"))
    unknown = tuple(dict.fromkeys(word for word in words[:LENGTH] if not task.knows(word)))
    spoken = [task.knows(word) for word in words[:LENGTH] if word[0].isalnum()]
    if sum(spoken) < KNOWN * len(spoken) or not spoken:
        raise SentenceError(
            say(
                "sentiment.abstains", known=sum(spoken), count=len(spoken),
                words=joined(unknown) if unknown else "–", least=percent(KNOWN),
                vocabulary=len(task.symbols) - 2,
            )
        )  # fmt: skip
    return Spoken(text, words[:LENGTH], max(len(words) - LENGTH, 0), unknown)


@dataclass(frozen=True)
class Reading:
    """One sentence through one network.

    Attributes
    ----------
    said
        The sentence.
    seen
        The last layer's recording and the gates chart's data.
    data
        What the chart shows.
    changes
        From `gatescope.analysis.step_changes`, of the gates, or of the state where there is none.
    """

    said: Spoken
    seen: gates.GatesView
    data: SentenceData
    changes: xr.Dataset

    @property
    def score(self) -> float:
        """The probability of praise after the last word."""
        return float(self.data.scores[-1])

    @cached_property
    def decisive(self) -> int:
        """The word that moved the answer most."""
        return int(np.abs(self.data.changes).argmax())

    def picked(self) -> tuple[int, int]:
        """The unit that moved most at the decisive word, and that word."""
        if len(self.said.words) == 1:
            return self.data.gates.shape.units[0], 0
        return int(_mover(self.changes, max(self.decisive, 1))["unit"]), self.decisive

    def table(self) -> pd.DataFrame:
        """One row a word: the answer, its change, and how far each gate moved."""
        rows = pd.DataFrame(
            {"word": self.said.words, "score": self.data.scores, "change": self.data.changes}
        )
        at = self.changes.isel(batch=0)
        for name in self.data.signals:
            for measure in ("moved", "unit", "change"):
                rows[f"{name}_{measure}"] = at.sel(signal=name)[measure].values
        return rows


def is_one(run: Run) -> bool:
    """Whether a run tells praise from blame and reads forward only, so that it has an answer
    after each word."""
    return run.config.task == "reviews" and not run.config.bidirectional


def praise_of(run: Run, batch: Batch) -> np.ndarray:
    """The probability of praise after the last word of each sentence, (sentence,)."""
    with torch.no_grad():
        likely = run.model()(batch.inputs).softmax(dim=-1)[..., PRAISE]
    scores: np.ndarray = likely.T[batch.scored.T].double().numpy()
    return scores


def reading(run: Run, text: str, bounds: Mapping[str, float] | None = None) -> Reading:
    """Let a network that tells positive from negative read a sentence word by word.

    The colours of each state end at ``bounds``; None takes them from this sentence.

    Raises
    ------
    SentenceError
        When there is nothing to read in it.
    """
    said, model, task = read(text), run.model(), Reviews("test")
    batch = task.batch([said.words], [True])
    *_, top = record(model, batch.inputs).leaves
    layer = top.to_dataset()
    answers = answers_so_far(layer["hidden_state"], model.answer)[:, 0, PRAISE].astype("float64")
    votes = model.readout.weight.detach()
    order = (votes[PRAISE] - votes[1 - PRAISE]).argsort(descending=True).tolist()
    seen = gates.view(layer, batch, task, order=order, bounds=bounds)
    moving = [name for name in units.shown(layer) if name.endswith("_gate")] or ["hidden_state"]
    changes = step_changes(layer, moving)
    shape = replace(seen.data.shape, strip_label=say("sentiment.strip"))
    data = SentenceData(
        gates=replace(seen.data, inputs=said.marked(), shape=shape),
        start=float(answers[0]),
        scores=answers[1:],
        moved=changes["moved"].isel(batch=0).values,
        signals=tuple(moving),
        labels=tuple(name_of("signal", name) for name in moving),
        told=tuple(_told(changes, step) for step in range(len(said.words))),
    )
    first = Reading(said, seen, data, changes)
    mark = (first.decisive, said.words[first.decisive])
    return replace(first, data=replace(data, gates=replace(data.gates, marks=(mark,))))


def _mover(changes: xr.Dataset, step: int) -> xr.Dataset:
    """The change of the signal that moved most at a step after the first."""
    at = changes.isel(time=step, batch=0)
    return at.isel(signal=int(at["moved"].values.argmax()))


def _told(changes: xr.Dataset, step: int) -> str:
    """Which gate moved most at a word."""
    if step == 0:
        return say("sentiment.most_first")
    one = _mover(changes, step)
    return say(
        "sentiment.most_of", gate=name_of("signal", str(one["signal"].values)),
        moved=decimals(float(one["moved"])), unit=int(one["unit"]),
        change=decimals(float(one["change"])),
    )  # fmt: skip
