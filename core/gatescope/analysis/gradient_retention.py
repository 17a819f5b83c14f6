"""How much of the error at the last step is left k steps before it."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from gatescope.analysis.gate_retention import over_lags, require_every_step
from gatescope.analysis.gradients import Band, band, gradient_norm


@dataclass(frozen=True)
class GradientRetention:
    """Gradient norms over the lag, over the examples of a batch.

    Attributes
    ----------
    relative
        (lag, batch): the norm k steps before a sequence's last step over that at the last step.
        An exact zero stays 0; NaN where the last step's own gradient is 0 or there is no step.
    norms
        Median, 10 to 90 %, zeros and underflow of the norms themselves, each (lag,).
    """

    relative: xr.DataArray
    norms: Band

    @property
    def curve(self) -> Band:
        """Median and 10 to 90 % of `relative`, with the zeros and underflow of the norms."""
        found = band(self.relative.rename(lag="time"), "float64")
        return Band(found.median, found.low, found.high, self.norms.zeros, self.norms.subnormal)


def gradient_retention(node: xr.Dataset, state: str) -> GradientRetention:
    """The norms of dL/ds_{T-k} against the lag k, relative to lag 0.

    T is each sequence's last step, where the loss is due. The total derivative is meant, as
    `gradient_norm` takes it from a trace: of an LSTM's cell state it holds the way through the
    same step's hidden state too. Backpropagation through time, Werbos 1990; its decay: Hochreiter
    1991; Pascanu, Mikolov & Bengio 2013.

    Parameters
    ----------
    node
        One layer and direction of a trace that was recorded with a loss. Of the reverse direction
        the last step it reads is the first in time.
    state
        ``"hidden_state"`` or ``"cell_state"``.

    Raises
    ------
    ValueError
        When the trace holds no such gradient, or steps were left out.
    """
    norms = gradient_norm(node, state)
    if node.attrs.get("direction") == "reverse":
        require_every_step(norms)
        norms = norms.rename(time="lag").transpose("lag", "batch")
    else:
        norms = over_lags(norms)
    first = norms.values[:1]
    # the ratio of two tiny numbers is taken in float64, so it does not underflow on its own
    with np.errstate(invalid="ignore"):  # of two infinite ones there is none
        relative = np.divide(norms.values, first, out=np.full(norms.shape, np.nan), where=first > 0)
    return GradientRetention(
        relative=norms.copy(data=relative),
        norms=band(norms.rename(lag="time"), node.attrs.get("dtype", "float32")),
    )
