"""n-grams, against counting in plain Python."""

import math
from collections import Counter, defaultdict

import pytest

from gatescope.tasks.characters import Characters, book, part_of
from gatescope.writing import ngram_bits


def by_hand(train: str, text: str, symbols: int, order: int) -> float:
    """Witten and Bell's blend, character by character."""
    follow: dict[str, Counter[str]] = defaultdict(Counter)
    for place in range(len(train)):
        for back in range(order):
            if place >= back:
                follow[train[place - back : place]][train[place]] += 1
        # a context at the very end of the text is followed by nothing and so is not there

    def chance(context: str, character: str) -> float:
        lower = chance(context[1:], character) if context else 1 / symbols
        counts = follow.get(context)
        if not counts:
            return lower
        kinds = len(counts)
        return (counts[character] + kinds * lower) / (counts.total() + kinds)

    bits = [
        -math.log2(chance(text[max(0, place - order + 1) : place], text[place]))
        for place in range(1, len(text))
    ]
    return sum(bits) / len(bits)


def test_bits_by_plain_counting() -> None:
    """Every order, on a stretch of the book."""
    characters = book()[1]
    texts = [
        "".join(characters[code] for code in part_of(split)[:length].tolist())
        for split, length in (("train", 3000), ("test", 400))
    ]
    codes = [[characters.index(character) for character in text] for text in texts]
    found = ngram_bits(codes[0], codes[1], len(characters), 6)
    expected = [by_hand(*texts, len(characters), order) for order in range(1, 7)]
    assert found == pytest.approx(expected, rel=1e-10)


def test_an_order_too_high_is_told() -> None:
    with pytest.raises(ValueError, match="most must be 1 to 9"):
        ngram_bits([0, 1], [0, 1], 2, 10)


def test_the_pairs_of_neighbours_are_near_the_tasks_baseline() -> None:
    """Another smoothing of the same counts: a hundredth of a bit apart."""
    train, test = (part_of(split).tolist() for split in ("train", "test"))
    bits = ngram_bits(train, test, Characters().input_size, 2)[1]
    assert bits == pytest.approx(Characters(split="test").baseline_loss / math.log(2), abs=0.02)
