"""What a unit means: which unit's state tells best that the text is inside quotation marks, say."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gatescope.errors import say
from gatescope.extras import library
from gatescope.models import SequenceModel
from gatescope.recording import record
from gatescope.tasks.characters import Characters
from gatescope.tasks.real import Split

STATES = ("cell_state", "hidden_state")
STRENGTH = 1.0
"""The ridge's penalty, in units of one character."""


def in_quotes(text: str) -> np.ndarray:
    """Inside quotation marks: from a ` on, up to the next ' that no letter follows.

    The book opens speech by ` and closes it by ', which is its apostrophe too. Of the 1,108
    opened in it 1,105 are closed by this rule; songs open one anew at each verse.
    """
    return _between(text, r"`", r"'(?![A-Za-z])")


def in_brackets(text: str) -> np.ndarray:
    """Inside round brackets."""
    return _between(text, r"\(", r"\)")


def in_line(text: str) -> np.ndarray:
    """Position in the line: characters since it began."""
    return _since(text, lambda character: character == "\n")


def in_word(text: str) -> np.ndarray:
    """Position in the word: letters read since the last character that is none."""
    return _since(text, lambda character: not character.isalpha())


def ends_word(text: str) -> np.ndarray:
    """A letter or apostrophe after which the word is over."""
    inside = np.array([character.isalpha() or character == "'" for character in text], dtype=bool)
    return np.asarray(inside & ~np.append(inside[1:], True), dtype=float)


def before_capital(text: str) -> np.ndarray:
    """A capital letter comes next."""
    capital = [character.isupper() for character in text[1:]]
    return np.array([*capital, False], dtype=float)


MEANINGS: dict[str, Callable[[str], np.ndarray]] = {
    "quotes": in_quotes,
    "brackets": in_brackets,
    "line": in_line,
    "word": in_word,
    "word_end": ends_word,
    "capital": before_capital,
}
"""What is looked for, by name; to add a meaning, give its function a line."""

GRADED = ("line", "word")
"""Meanings that are a number; the others are true or false."""


@dataclass(frozen=True)
class Found:
    """The one unit that tells a meaning best, and all units together.

    Attributes
    ----------
    meaning
        A key of `MEANINGS`.
    node, signal, unit
        The unit: its layer in a trace, which of its states, and its number.
    sign
        1 where its state is higher while the meaning is true, or grows; -1 where it is lower.
    score
        How well that one state tells the meaning. True or false: the area under the ROC curve, 1
        never errs and 0.5 guesses. A number: Spearman's rank correlation, 1 orders all, 0 none.
    linear
        The same of a ridge regression on all states.
    control
        The same of a ridge regression that was fitted to, and is scored on, the meaning of a wrong
        place: all labels are moved by half of the text, so that they come in stretches as long as
        the real ones.
    share
        The share of characters of which it is true; None where it is a number.
    """

    meaning: str
    node: str
    signal: str
    unit: int
    sign: int
    score: float
    linear: float
    control: float
    share: float | None


def labels_of(meaning: str, text: str) -> np.ndarray:
    """A meaning at each character of a text, (characters,): 0 and 1, or a number.

    Raises
    ------
    ValueError
        When there is no such meaning; the message names those there are.
    """
    if meaning not in MEANINGS:
        raise ValueError(say("meaning_unknown", meaning=meaning, names=", ".join(MEANINGS)))
    return MEANINGS[meaning](text)


def probe(model: SequenceModel, task: Characters, most: int | None = None) -> list[Found]:
    """Look for every meaning in a network's states.

    Units are chosen, and regressions fitted, on the validation part; the scores are those on the
    test part. The network was trained on neither. What never changes in one of them is left out.

    Parameters
    ----------
    model
        The network.
    task
        What its characters are.
    most
        How many characters of each part are read; None reads all.
    """
    chosen_on, scored_on = (_read(model, task, split, most) for split in ("validation", "test"))
    text, states, names = chosen_on
    other, there, _ = scored_on
    ranks = _ranks(states)
    meanings = [
        name for name in MEANINGS if all(np.ptp(labels_of(name, t)) > 0 for t in (text, other))
    ]
    labels = np.stack([labels_of(meaning, text) for meaning in meanings], axis=1)
    truth = np.stack([labels_of(meaning, other) for meaning in meanings], axis=1)
    moved, elsewhere = (np.roll(true, len(true) // 2, axis=0) for true in (labels, truth))
    said = _ranks(_regressed(states, np.concatenate([labels, moved], axis=1), there))
    found = []
    for number, meaning in enumerate(meanings):
        graded = meaning in GRADED
        by_unit = _scores(ranks, labels[:, number], graded)
        best = int(np.abs(by_unit).argmax())
        sign = 1 if by_unit[best] > 0 else -1
        columns = [_ranks(sign * there[:, best]), said[:, number]]
        scores = _scores(np.stack(columns, axis=1), truth[:, number], graded)
        wrong = said[:, number + len(meanings), None]
        scores = np.append(scores, _scores(wrong, elsewhere[:, number], graded))
        if not graded:
            scores = (scores + 1) / 2
        score, linear, control = map(float, scores)
        share = None if graded else float(truth[:, number].mean())
        found.append(Found(meaning, *names[best], sign, score, linear, control, share))
    return found


def _read(
    model: SequenceModel, task: Characters, split: Split, most: int | None
) -> tuple[str, np.ndarray, list[tuple[str, str, int]]]:
    """A part's text, all states at each character, (characters, state), and each state's name."""
    text = "".join(task.characters[code] for code in task.held_out(split).codes[:most].tolist())
    trace = record(model, task.encode(text))
    columns, names = [], []
    for leaf in trace.leaves:
        layer = leaf.to_dataset()
        for signal in (name for name in STATES if name in layer):
            values = layer[signal].values[:, 0]
            columns.append(values)
            names += [(leaf.path.strip("/"), signal, unit) for unit in range(values.shape[1])]
    return text, np.concatenate(columns, axis=1), names


def _ranks(values: np.ndarray) -> np.ndarray:
    """Each column's ranks; those of equal values are averaged."""
    ranks: np.ndarray = library("scipy.stats").rankdata(values, axis=0)
    return ranks


def _scores(ranks: np.ndarray, label: np.ndarray, graded: bool) -> np.ndarray:
    """Each column against a label, in [-1, 1]: Spearman's correlation, or 2 AUC - 1."""
    if graded:
        there = _ranks(label)
        there = (there - there.mean()) / there.std()
        spread = ranks.std(axis=0)
        scaled = (ranks - ranks.mean(axis=0)) / np.where(spread > 0, spread, 1)
        return np.asarray(scaled.T @ there / len(there))
    true = label > 0
    count, others = int(true.sum()), int((~true).sum())
    below = ranks[true].sum(axis=0) - count * (count + 1) / 2
    return np.asarray(2 * below / (count * others) - 1)


def _regressed(states: np.ndarray, labels: np.ndarray, there: np.ndarray) -> np.ndarray:
    """What a ridge regression on all states says of each label elsewhere, (characters, label)."""
    mean, spread = states.mean(axis=0), states.std(axis=0)
    spread = np.where(spread > 0, spread, 1)
    fitted = (
        library("sklearn.linear_model").Ridge(alpha=STRENGTH).fit((states - mean) / spread, labels)
    )
    return np.asarray(fitted.predict((there - mean) / spread))


def _between(text: str, opens: str, closes: str) -> np.ndarray:
    """1 from each opening on, up to the next closing, which itself is outside."""
    inside = np.zeros(len(text))
    place = 0
    for opened in re.finditer(opens, text):
        if opened.start() < place:
            continue
        closed = re.compile(closes).search(text, opened.end())
        place = closed.start() if closed else len(text)
        inside[opened.start() : place] = 1
    return inside


def _since(text: str, resets: Callable[[str], bool]) -> np.ndarray:
    """Characters read since the last that resets the count, which itself has 0."""
    found = np.zeros(len(text))
    for place, character in enumerate(text):
        before = found[place - 1] if place else 0
        found[place] = 0 if resets(character) else before + 1
    return found
