"""What can be read out of the last state: a linear probe for the input of k steps ago."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr


@dataclass(frozen=True)
class Information:
    """How well a probe reads past inputs, each array (lag,).

    Attributes
    ----------
    lags
        In steps before the last.
    score
        On held-out examples: 1 reads it exactly, 0 knows no more than its mean, or its most
        frequent symbol; below 0 is worse. NaN where the input does not vary at that lag.
    shuffled
        The same probe fitted to targets that were dealt to other examples: what chance reads.
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
    """
    names = [name for name in ("hidden_state", "cell_state") if name in node]
    first = 0 if node.attrs.get("direction") == "reverse" else -1
    if "length" in node.coords and first:
        last = node["length"] - 1
        parts = [node[name].isel(time=last).transpose("batch", ...).values for name in names]
    else:
        parts = [node[name].isel(time=first).values for name in names]
    return np.concatenate(parts, axis=-1).astype("float64")


def linear_probe(
    states: np.ndarray,
    inputs: np.ndarray,
    lags: Sequence[int],
    *,
    symbols: bool,
    held_out: int,
    seed: int,
    strength: float = 1.0,
) -> Information:
    """Fit a ridge regression from the last state to the input of k steps ago, for each lag k.

    The state is scaled to unit variance. Real inputs are scored by R², the share of their
    variance that is read, over all features together; symbols by the accuracy of the largest of
    one regression a symbol, as (accuracy - a) / (1 - a) with a the accuracy of always naming the
    most frequent one. Linear probes: Alain & Bengio 2017; the shuffled control: Hewitt & Liang
    2019; short-term memory by R² over the lag: Jaeger 2001.

    Parameters
    ----------
    states
        (batch, state), as from `final_state`.
    inputs
        (time, batch, feature); lag k is the input at step time - 1 - k. Symbols are one-hot, or
        all zero for none.
    lags
        Which k.
    symbols
        Whether the inputs are one-hot symbols.
    held_out
        How many of the last examples are not fitted, but read.
    seed
        Of the shuffle.
    strength
        The ridge's penalty, in units of one example.

    Raises
    ------
    ValueError
        When sizes do not fit, a lag is not there, or a part has fewer than two examples.
    """
    time, batch, _ = inputs.shape
    if len(states) != batch:
        raise ValueError(f"states are of {len(states)} examples, inputs of {batch}")
    if not 2 <= held_out <= batch - 2:
        raise ValueError(f"held_out must be 2 to {batch - 2} of {batch} examples, got {held_out}")
    for lag in lags:
        if not 0 <= lag < time:
            raise ValueError(f"a lag must be 0 to {time - 1}, got {lag}")
    past = inputs[[time - 1 - lag for lag in lags]].astype("float64").transpose(1, 0, 2)
    if symbols:  # a step at which all features are zero is a symbol too: none
        past = np.concatenate([past, 1 - past.sum(axis=-1, keepdims=True)], axis=-1)
    fit = batch - held_out
    order = np.random.default_rng(seed).permutation(fit)
    score = _score if not symbols else _score_symbols
    found = [
        score(past[fit:], _read(states, past[:fit][rows], fit, strength))
        for rows in (np.arange(fit), order)
    ]
    return Information(np.asarray(lags), found[0], found[1])


def _read(states: np.ndarray, past: np.ndarray, fit: int, strength: float) -> np.ndarray:
    """What the probe says of the held-out examples, (batch, lag, feature)."""
    from sklearn.linear_model import Ridge

    mean, spread = states[:fit].mean(axis=0), states[:fit].std(axis=0)
    scaled = (states - mean) / np.where(spread > 0, spread, 1)
    probe = Ridge(alpha=strength).fit(scaled[:fit], past.reshape(fit, -1))
    return np.asarray(probe.predict(scaled[fit:])).reshape(-1, *past.shape[1:])


def _score(past: np.ndarray, said: np.ndarray) -> np.ndarray:
    """R² over features, (lag,)."""
    error = ((past - said) ** 2).sum(axis=(0, 2))
    spread = ((past - past.mean(axis=0)) ** 2).sum(axis=(0, 2))
    shares: np.ndarray = np.full(len(error), np.nan)
    np.divide(spread - error, spread, out=shares, where=spread > 0)
    return shares


def _score_symbols(past: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Accuracy above that of the most frequent symbol, as a share of what is possible, (lag,)."""
    right = (past.argmax(axis=-1) == said.argmax(axis=-1)).mean(axis=0)
    most = past.mean(axis=0).max(axis=-1)
    shares: np.ndarray = np.full(len(right), np.nan)
    np.divide(right - most, 1 - most, out=shares, where=most < 1)
    return shares
