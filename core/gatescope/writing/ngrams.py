"""Counting as an opponent: how well the last few characters alone tell the next one."""

import math
from collections.abc import Sequence

import numpy as np

from gatescope.tasks.base import require_whole

MOST_ORDER = 9


def ngram_bits(
    train: Sequence[int], text: Sequence[int], symbols: int, most: int = 6
) -> list[float]:
    """Bits a character of n-gram models of order 1 to ``most``.

    An n-gram model of order n knows the n - 1 characters before the one that comes. Counts of the
    training text are blended with the next lower order by Witten and Bell's rule (1991)::

        p_n(c | s) = (count(s c) + kinds(s) p_{n-1}(c | s')) / (count(s) + kinds(s))

    where s' is s without its first character, kinds(s) is the number of different characters that
    followed s, and p_0 is the same for every character. The rule has nothing to be tuned.

    Parameters
    ----------
    train, text
        Characters as numbers below ``symbols``: what is counted, and what is to be told.
    symbols
        How many kinds of characters there are.
    most
        The highest order.

    Returns
    -------
    list of float
        For each order the mean of -log2 p over all characters of ``text`` but the first. Close to
        the beginning, where fewer characters stand before, the lower order answers.
    """
    require_whole("most", most, 1, MOST_ORDER)
    counted, told = np.asarray(train, dtype=np.int64), np.asarray(text, dtype=np.int64)
    chances = np.full(len(told), 1 / symbols)
    bits = []
    for order in range(1, most + 1):
        chances = _blended(counted, told, symbols, order, chances)
        bits.append(float(-np.log(chances[1:]).mean() / math.log(2)))
    return bits


def _blended(
    train: np.ndarray, text: np.ndarray, symbols: int, order: int, lower: np.ndarray
) -> np.ndarray:
    """The chance of each character of ``text`` by one more order, (characters,)."""
    grams, counts = np.unique(_grams(train, symbols, order), return_counts=True)
    contexts, place = np.unique(grams // symbols, return_inverse=True)
    kinds = np.bincount(place)
    totals = np.bincount(place, weights=counts)
    asked = _grams(text, symbols, order)
    count = _looked_up(grams, counts, asked)
    kind = _looked_up(contexts, kinds, asked // symbols)
    total = _looked_up(contexts, totals, asked // symbols)
    first = order - 1
    known = kind > 0
    chances = lower.copy()
    blended = (count + kind * lower[first:]) / np.where(known, total + kind, 1)
    chances[first:] = np.where(known, blended, lower[first:])
    return chances


def _grams(codes: np.ndarray, symbols: int, order: int) -> np.ndarray:
    """Every stretch of ``order`` characters as one number, in order."""
    count = len(codes) - order + 1
    numbers = np.zeros(count, dtype=np.int64)
    for place in range(order):
        numbers = numbers * symbols + codes[place : place + count]
    return numbers


def _looked_up(keys: np.ndarray, values: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The value of each key that is asked for; 0 where there is none."""
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[place] == asked, values[place], 0).astype(np.float64)
