"""How large a network's weights are."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

NEAR_ZERO = 0.01
"""A weight whose size is below this counts as near zero."""


@dataclass(frozen=True)
class WeightSizes:
    """Over all matrices but an embedding: those that l1 and l2 penalise.

    Attributes
    ----------
    mean
        Mean of |w|.
    near_zero
        Share of weights with |w| below `NEAR_ZERO`.
    largest
        Largest |w|.
    """

    mean: float
    near_zero: float
    largest: float


def weight_sizes(weights: Mapping[str, Tensor]) -> WeightSizes:
    """Measure the weights of a state dict."""
    matrices = [
        weight.flatten()
        for name, weight in weights.items()
        if weight.ndim > 1 and not name.startswith("embedding.")
    ]
    sizes = torch.cat(matrices).double().abs()
    return WeightSizes(
        float(sizes.mean()), float((sizes < NEAR_ZERO).double().mean()), float(sizes.max())
    )
