"""Weights between our cells and torch's layers, both ways."""

import torch
from torch import nn

from gatescope.cells.base import Cell

NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def copy_weights(
    source: Cell | nn.RNNBase, target: Cell | nn.RNNBase, *, layer: int = 0, reverse: bool = False
) -> None:
    """Copy one layer's weights from a cell into a torch layer, or back.

    Parameters
    ----------
    source, target
        One of our cells and a ``torch.nn.RNN``, ``LSTM`` or ``GRU``, in either order. (A cell's
        weights also load into ``torch.nn.LSTMCell`` and its kin by ``load_state_dict``.)
    layer, reverse
        Which layer and direction of the torch module.

    Raises
    ------
    ValueError
        When the shapes differ, or the module has no such layer or direction.

    Examples
    --------
    >>> import gatescope, torch
    >>> theirs, ours = torch.nn.GRU(3, 8), gatescope.make_cell("gru", 3, 8)
    >>> gatescope.copy_weights(theirs, ours)
    >>> x = torch.randn(20, 5, 3)
    >>> torch.allclose(gatescope.Recurrence([ours])(x), theirs(x)[0], atol=1e-6)
    True
    """
    suffix = f"_l{layer}" + ("_reverse" if reverse else "")
    with torch.no_grad():
        for name in NAMES:
            given, taken = _weight(source, name, suffix), _weight(target, name, suffix)
            if (given is None) != (taken is None):
                raise ValueError(f"{name}: only one of the two has a bias; make both alike")
            if given is None or taken is None:
                continue
            if given.shape != taken.shape:
                raise ValueError(
                    f"{name}: cannot copy shape {tuple(given.shape)} into {tuple(taken.shape)}; "
                    "give both the same cell, input_size and hidden_size"
                )
            taken.copy_(given)


def _weight(module: Cell | nn.RNNBase, name: str, suffix: str) -> torch.Tensor | None:
    if isinstance(module, Cell):
        return getattr(module, name)  # type: ignore[no-any-return]
    if name.startswith("bias") and not module.bias:
        return None
    weight = getattr(module, name + suffix, None)
    if weight is None:
        raise ValueError(f"{type(module).__name__} has no {name + suffix}: check layer and reverse")
    assert isinstance(weight, torch.Tensor)
    return weight
