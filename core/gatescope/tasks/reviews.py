"""Real data: sentences of film reviews, one word at a time; is it praise?"""

import csv
import io
import re
from collections import Counter
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from gatescope.errors import say
from gatescope.tasks.base import BLANK, Batch, require_batch_size
from gatescope.tasks.real import ByFrequency, Split, draw, read, require_split

LENGTH = 40
"""Words of a sentence that are read; longer ones, one in a hundred, lose their end."""

UNKNOWN = "?"
"""The label of a word that the network does not know."""

KNOWN = 3000
"""Words that are known: the most frequent of the training part."""

WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?|[.,;:!?]")
HELD_OUT = {"test": 2000, "validation": 1000}


class Reviews(ByFrequency):
    """Say whether a sentence praises or blames, after its last word.

    One row::

        step          0    1     2    3     4      5
        word          the  plot  is   not   good   .
        number        2    171   8    33    64     3
        target                                     negative

    10,568 sentences of film reviews, each rated by at least 20 people from −4 to 4; those whose
    mean is 0 are left out, above 0 is ``positive``. In a fixed shuffled order 2,000 are for the
    test, 1,000 for validation. An input is a word's number in the vocabulary, in the one feature:
    0 past the end, 1 a word that is not among the training part's `KNOWN` most frequent. Answers
    from no word at all can only name the more frequent class.

    Source: C. Hutto and E. Gilbert, 'VADER', ICWSM 2014; sentences from B. Pang and L. Lee's
    film reviews.

    Parameters
    ----------
    split
        ``"train"``, ``"validation"`` or ``"test"``: which sentences `sample` draws.
    """

    input_kind = "words"
    input_size = 1
    output_size = 2
    classes = ("negative", "positive")
    length = LENGTH

    def __init__(self, split: Split = "train") -> None:
        require_split(split)
        self.split = split
        self.examples = len(self.sentences)
        self.symbols = vocabulary()
        self.vocabulary_size = len(self.symbols)

    def held_out(self, part: Split) -> "Reviews":
        """The sentences of another part."""
        return Reviews(part)

    @property
    def sentences(self) -> tuple["Sentence", ...]:
        """The sentences of this part, in their fixed order."""
        return parts()[self.split]

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw sentences of the split; the longest of them sets the number of steps."""
        require_batch_size(batch_size)
        chosen = [self.sentences[k] for k in draw(len(self.sentences), batch_size, seed).tolist()]
        return self.batch([s.words for s in chosen], [s.rating > 0 for s in chosen])

    def everything(self) -> Batch:
        """All sentences of the split, in their fixed order."""
        found = self.sentences
        return self.batch([s.words for s in found], [s.rating > 0 for s in found])

    def knows(self, word: str) -> bool:
        """Whether a word, as `words_of` gives it, has a number of its own."""
        return word in _numbers()

    def batch(self, sentences: list[tuple[str, ...]], positive: list[bool]) -> Batch:
        """Sentences, each a tuple of words as `words_of` gives them, as examples."""
        lengths = torch.tensor([min(len(words), LENGTH) for words in sentences])
        if not len(lengths) or not lengths.min():
            raise ValueError(say("sentence_empty"))
        steps, count = int(lengths.max()), len(sentences)
        numbers, past = _numbers(), [0] * steps
        codes = [[numbers.get(word, 1) for word in words[:LENGTH]] for words in sentences]
        rows = [(row + past)[:steps] for row in codes]
        inputs = torch.tensor(rows, dtype=torch.float32).T.unsqueeze(-1).contiguous()
        scored = torch.zeros(steps, count, dtype=torch.bool)
        scored[lengths - 1, torch.arange(count)] = True
        answers = torch.tensor(positive).long().expand(steps, count)
        return Batch(inputs, answers * scored, scored, ((),) * count)

    def spell(self, row: Tensor) -> tuple[str, ...]:
        """The words of one row, (time, 1); past the end a middle dot."""
        codes = row[:, 0].long().tolist()
        return tuple(BLANK if code == 0 else self.symbols[code] for code in codes)

    def _shares(self) -> Tensor:
        positive = torch.tensor([sentence.rating > 0 for sentence in self.sentences])
        share = positive.double().mean()
        return torch.stack([1 - share, share])


class Sentence(NamedTuple):
    """A sentence as it was written, its words as they are read, and its mean rating."""

    text: str
    words: tuple[str, ...]
    rating: float


def words_of(text: str) -> tuple[str, ...]:
    """The words and punctuation of a text, in small letters."""
    return tuple(WORD.findall(text.lower().replace("’", "'").replace("''", " ")))


@cache
def parts() -> dict[str, tuple[Sentence, ...]]:
    """All sentences by part, in a fixed shuffled order."""
    lines = list(
        csv.reader(
            io.StringIO(read("movie_review_sentences.tsv")), delimiter="\t", quoting=csv.QUOTE_NONE
        )
    )
    found = [Sentence(text, words_of(text), float(rating)) for rating, text in lines[1:]]
    found = [sentence for sentence in found if sentence.rating and sentence.words]
    order = torch.randperm(len(found), generator=torch.Generator().manual_seed(0)).tolist()
    shuffled = [found[k] for k in order]
    test, validation = HELD_OUT["test"], HELD_OUT["test"] + HELD_OUT["validation"]
    return {
        "test": tuple(shuffled[:test]),
        "validation": tuple(shuffled[test:validation]),
        "train": tuple(shuffled[validation:]),
    }


@cache
def vocabulary() -> tuple[str, ...]:
    """By number: the blank, the unknown word, and the training part's most frequent."""
    counts = Counter(word for sentence in parts()["train"] for word in sentence.words)
    known = sorted(counts, key=lambda word: (-counts[word], word))
    return (BLANK, UNKNOWN, *known[:KNOWN])


@cache
def _numbers() -> dict[str, int]:
    return {word: number for number, word in enumerate(vocabulary()) if number > 1}
