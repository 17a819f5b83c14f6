"""What can be read out of the last state: a linear probe for the input of k steps ago."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

Scored = Callable[[np.ndarray], np.ndarray]
Score = Callable[[np.ndarray], Scored]

SHUFFLES = 20
"""What chance reads is a mean over so many shuffles: a single one is off by .05 and more."""


@dataclass(frozen=True)
class Information:
    """How well a probe reads past inputs, each array (lag,).

    Attributes
    ----------
    lags
        In steps before the last.
    score
        On held-out examples: 1 reads it exactly, 0 knows no more than its mean, or its most
        frequent symbol; below 0 is worse. NaN where the input does not vary at that lag, or too
        few sequences are that long.
    shuffled
        The same probe fitted to targets that were dealt to other examples: what chance reads, a
        mean over the shuffles.
    """

    lags: np.ndarray
    score: np.ndarray
    shuffled: np.ndarray


def final_state(node: xr.Dataset) -> np.ndarray:
    """Every state of a layer at the last step it read, (batch, state), float64.

    Parameters
    ----------
    node
        One layer and direction of a trace: (h, c) side by side for an LSTM, h for an RNN or GRU.

    Raises
    ------
    ValueError
        When the trace does not have the last step of a sequence.
    """
    names = [name for name in ("hidden_state", "cell_state") if name in node]
    first = 0 if node.attrs.get("direction") == "reverse" else -1
    if "length" in node.coords and first:
        last = node["length"].copy(data=_places(node, node["length"].values - 1))
        parts = [node[name].isel(time=last).transpose("batch", ...).values for name in names]
    else:
        parts = [node[name].isel(time=first).values for name in names]
    return np.concatenate(parts, axis=-1).astype("float64")


def _places(node: xr.Dataset, steps: np.ndarray) -> np.ndarray:
    """Where these steps stand in a trace, which may have some of them only."""
    labels = node["time"].values
    places = np.searchsorted(labels, steps).clip(max=len(labels) - 1)
    missing = steps[labels[places] != steps]
    if len(missing):
        raise ValueError(
            f"the trace does not have step {missing[0]}, the last one of a sequence: record it "
            "without time="
        )
    return places


def linear_probe(
    states: np.ndarray,
    inputs: np.ndarray,
    lags: Sequence[int],
    *,
    symbols: bool,
    held_out: int,
    seed: int,
    strength: float = 1.0,
    shuffles: int = SHUFFLES,
    lengths: np.ndarray | None = None,
) -> Information:
    """Fit a ridge regression from the last state to the input of k steps ago, for each lag k.

    The state is scaled to unit variance, by the examples that are fitted. Real inputs are scored
    by R², the share of their variance that is read, over all features together; symbols by the
    accuracy of the largest of one regression a symbol, as (accuracy - a) / (1 - a) with a the
    accuracy of always naming the most frequent one. Linear probes: Alain & Bengio 2017; the
    shuffled control: Hewitt & Liang 2019; short-term memory by R² over the lag: Jaeger 2001.

    Parameters
    ----------
    states
        (batch, state), as from `final_state`.
    inputs
        (time, batch, feature); lag k is the input k steps before a sequence's last. Symbols are
        one-hot, or all zero for none.
    lags
        Which k.
    symbols
        Whether the inputs are one-hot symbols.
    held_out
        How many of the last examples are not fitted, but read.
    seed
        Of the shuffles.
    strength
        The ridge's penalty, in units of one example.
    shuffles
        Over how many shuffles of the targets the control is averaged.
    lengths
        (batch,), steps of each sequence; a lag is read from those that are that long. None: all
        have as many as there are.

    Raises
    ------
    ValueError
        When sizes do not fit, a lag or length is not there, a part has fewer than two examples,
        there is no shuffle, or a state or an input that is read is not finite.
    """
    time, batch, _ = inputs.shape
    if len(states) != batch:
        raise ValueError(f"states are of {len(states)} examples, inputs of {batch}")
    if not 2 <= held_out <= batch - 2:
        raise ValueError(f"held_out must be 2 to {batch - 2} of {batch} examples, got {held_out}")
    if shuffles < 1:
        raise ValueError(f"shuffles must be at least 1, got {shuffles}")
    for lag in lags:
        if not 0 <= lag < time:
            raise ValueError(f"a lag must be 0 to {time - 1}, got {lag}")
    ends = np.full(batch, time) if lengths is None else np.asarray(lengths)
    if ends.shape != (batch,) or ends.min() < 1 or ends.max() > time:
        raise ValueError(f"lengths must be {batch} numbers from 1 to {time}, got {ends.tolist()}")
    if not np.isfinite(states).all():
        raise ValueError(
            f"every state must be finite, got {_odd(states)}: a probe reads none of a network "
            "whose states overflow"
        )
    whole = inputs.astype("float64")
    if symbols:  # a step at which all features are zero is a symbol too: none
        whole = np.concatenate([whole, 1 - whole.sum(axis=-1, keepdims=True)], axis=-1)
    score = _accuracy if symbols else _r_squared
    found = np.full((2, len(lags)), np.nan)
    for places in _alike(lags, ends):
        chosen = np.asarray(lags)[places]
        there = np.flatnonzero(ends > chosen.max())
        fit = int((there < batch - held_out).sum())
        if fit < 2 or len(there) - fit < 2:
            continue
        past = whole[ends[there, None] - 1 - chosen, there[:, None]]
        if not np.isfinite(past).all():
            raise ValueError(f"every input that is read must be finite, got {_odd(past)}")
        found[:, places] = _probe(states[there], past, fit, score, strength, (seed, shuffles))
    return Information(np.asarray(lags), found[0], found[1])


def _odd(values: np.ndarray) -> str:
    return f"{values[~np.isfinite(values)][0]} among {values.size}"


def _alike(lags: Sequence[int], ends: np.ndarray) -> list[np.ndarray]:
    """Places of the lags that the same examples reach, so that they are fitted together."""
    reached = np.array([int((ends > lag).sum()) for lag in lags])
    return [np.flatnonzero(reached == count) for count in np.unique(reached)]


def _probe(
    states: np.ndarray,
    past: np.ndarray,
    fit: int,
    score: Score,
    strength: float,
    control: tuple[int, int],
) -> tuple[np.ndarray, np.ndarray]:
    """The probe's score and that of its control (seed, shuffles), each (lag,)."""
    states = np.ldexp(states, -_power(states, (0,)))
    mean, spread = states[:fit].mean(axis=0), states[:fit].std(axis=0)
    # of a unit that stays where it is rounding alone has a spread
    moves = states[:fit].max(axis=0) > states[:fit].min(axis=0)
    scaled = (states - mean) / np.where(moves, spread, 1)
    fitted, read = scaled[:fit], scaled[fit:]
    # W = (X'X + strength)^-1 X'Y: the inverse serves all shuffles, and X' is dealt instead of Y
    inverse = np.linalg.pinv(fitted.T @ fitted + strength * np.eye(states.shape[1]), hermitian=True)
    rows = inverse @ (fitted - fitted.mean(axis=0)).T
    targets = past[:fit].reshape(fit, -1)
    middle, scored = targets.mean(axis=0), score(past[fit:])

    def answers(order: np.ndarray) -> np.ndarray:
        said = read @ (rows[:, order] @ targets) + middle
        return scored(said.reshape(-1, *past.shape[1:]))

    seed, shuffles = control
    draw = np.random.default_rng(seed)
    shuffled = [answers(draw.permutation(fit)) for _ in range(shuffles)]
    return answers(np.arange(fit)), np.mean(shuffled, axis=0)


def _power(values: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """The power of 2 that, taken out, makes no square too large or too small."""
    power: np.ndarray = np.frexp(np.abs(values).max(axis=axes, keepdims=True))[1]
    return power


def _r_squared(past: np.ndarray) -> Scored:
    """R² over features, (lag,)."""
    varies = (past.max(axis=0) > past.min(axis=0)).any(axis=-1)
    apart = past - past.mean(axis=0)
    power = -_power(apart, (0, 2))
    spread = (np.ldexp(apart, power) ** 2).sum(axis=(0, 2))

    def scored(said: np.ndarray) -> np.ndarray:
        error = (np.ldexp(past - said, power) ** 2).sum(axis=(0, 2))
        shares: np.ndarray = np.full(len(error), np.nan)
        np.divide(spread - error, spread, out=shares, where=varies)
        return shares

    return scored


def _accuracy(past: np.ndarray) -> Scored:
    """Accuracy above that of the most frequent symbol, as a share of what is possible, (lag,)."""
    truth, most = past.argmax(axis=-1), past.mean(axis=0).max(axis=-1)

    def scored(said: np.ndarray) -> np.ndarray:
        right = (truth == said.argmax(axis=-1)).mean(axis=0)
        shares: np.ndarray = np.full(len(right), np.nan)
        np.divide(right - most, 1 - most, out=shares, where=most < 1)
        return shares

    return scored
