"""The networks that an experiment sets beside one another: their names, and sizes that match."""

from collections.abc import Callable

import torch

from gatescope.cells import CELLS
from gatescope.errors import say
from gatescope.models import SequenceModel
from gatescope.training.config import Initialization

INITIALIZATIONS: tuple[Initialization, ...] = ("default", "forget_bias", "chrono")


def split(variant: str) -> tuple[str, Initialization]:
    """Cell, or cells joined by ``+``, and initialization of a variant.

    Raises
    ------
    ValueError
        When there is no such initialization.
    """
    cell, _, start = variant.partition(":")
    for name in INITIALIZATIONS:
        if name == (start or "default"):
            return cell, name
    raise ValueError(
        say("variant_start", variant=variant, names=", ".join(INITIALIZATIONS), start=start)
    )


def split_variant(variant: str) -> tuple[str, Initialization]:
    """Cell and initialization of ``cell`` or ``cell:initialization``.

    Raises
    ------
    ValueError
        When there is no such cell or initialization.
    """
    cell = variant.partition(":")[0]
    if cell not in CELLS:
        raise ValueError(say("cell_unknown", name=cell, names=", ".join(CELLS)))
    return split(variant)


def parameter_count(
    cell: str, units: int, input_size: int, output_size: int, num_layers: int = 1
) -> int:
    """Number of parameters of a network, its output layer included."""
    with torch.device("meta"):  # nothing is drawn, nothing is stored
        model = SequenceModel(cell, input_size, units, output_size, num_layers=num_layers)
    return sum(parameter.numel() for parameter in model.parameters())


def matched_units(
    cell: str, parameters: int, input_size: int, output_size: int, num_layers: int = 1
) -> int:
    """Hidden units with which a network comes nearest to a number of parameters."""
    sizes = (input_size, output_size, num_layers)
    return nearest_units(parameters, lambda units: parameter_count(cell, units, *sizes))


def nearest_units(parameters: int, count: Callable[[int], int]) -> int:
    """Units whose ``count`` of parameters, which grows with them, comes nearest to a number."""
    low, high = 1, 2
    while count(high) < parameters:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) < parameters else (low, middle)
    return min(low, high, key=lambda units: abs(count(units) - parameters))
