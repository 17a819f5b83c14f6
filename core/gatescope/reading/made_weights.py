"""Weights that torch computes from others before each call: pruned, normed, dropped.

A state dict then has what they are made from. Where its names and shapes tell how, the weights
are made as torch makes them in eval mode, by the same operations; where they do not, they are
refused by name.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

PLAIN = ""
PARAMETRIZED = ".original"
"""How the parts begin that ``torch.nn.utils.parametrize`` keeps."""

WAYS: dict[frozenset[str], str] = {
    frozenset({PLAIN}): "plain",
    frozenset({"raw"}): "weight_drop",
    # older code of weight drop leaves the weight of its last training step beside the real one
    frozenset({"raw", PLAIN}): "weight_drop",
    frozenset({"orig", "mask"}): "pruning",
    frozenset({"g", "v"}): "weight_norm",
    frozenset({".original0", ".original1"}): "weight_norm",
    frozenset({"orig", "u", "v"}): "spectral_norm",
    frozenset({".original", ".0._u", ".0._v"}): "spectral_norm",
}
"""By the parts that a state dict has of one weight: what follows its name there."""


class WeightsError(ValueError):
    """Weights of which no recurrent layer can be had; the message says why, and the fix."""


def made(parts: Mapping[str, Tensor], label: str) -> tuple[Tensor, str]:
    """One weight from its parts, and the way in which it is made.

    Parameters
    ----------
    parts
        By what follows the weight's name in the state dict.
    label
        The weight's full name, for a message.

    Raises
    ------
    WeightsError
        When the parts do not tell how the weight is made from them, or do not fit each other.

    Notes
    -----
    Sources: ``torch.nn.utils.weight_norm``, ``spectral_norm`` and ``prune``, and
    ``torch.nn.utils.parametrizations``. Dropped weights are whole in eval mode (Merity et al.
    2018, Regularizing and Optimizing LSTM Language Models).
    """
    way = WAYS.get(frozenset(parts))
    if way is None:
        raise WeightsError(_unknown(parts, label))
    if way == "plain":
        return parts[PLAIN], way
    if way == "weight_drop":
        return parts["raw"], way
    if way == "pruning":
        if parts["mask"].shape != parts["orig"].shape:
            raise _unfit(label, "mask", parts["mask"], parts["orig"])
        return parts["mask"].to(parts["orig"].dtype) * parts["orig"], way
    if way == "weight_norm":
        return _weight_norm(parts, label), way
    return _spectral_norm(parts, label), way


def _weight_norm(parts: Mapping[str, Tensor], label: str) -> Tensor:
    """g · v / ‖v‖, the norm over all dimensions but one; g's shape tells which."""
    g, v = (parts[name] for name in (("g", "v") if "g" in parts else (".original0", ".original1")))
    if g.ndim == 0:
        return torch._weight_norm(v, g, -1)
    for dim in range(v.ndim):
        shape = [1] * v.ndim
        shape[dim] = v.shape[dim]
        if list(g.shape) == shape:
            return torch._weight_norm(v, g, dim)
    raise _unfit(label, "norms", g, v)


def _spectral_norm(parts: Mapping[str, Tensor], label: str) -> Tensor:
    """W / σ, with σ = uᵀWv by the two vectors that are kept."""
    names = ("orig", "u", "v") if "orig" in parts else (".original", ".0._u", ".0._v")
    weight, u, v = (parts[name] for name in names)
    matrices = (weight, weight.T) if weight.ndim == 2 else ()
    sigmas = [
        torch.dot(u, torch.mv(matrix, v))
        for matrix in matrices
        if matrix.shape == (*u.shape, *v.shape)
    ]
    if not sigmas:
        raise _unfit(label, "vectors", u, weight)
    # of a square matrix the shapes leave open which of its dimensions came first; u and v were
    # sought for the largest σ, and the other way round they give a smaller one
    return weight / max(sigmas)


def _unfit(label: str, what: str, part: Tensor, whole: Tensor) -> WeightsError:
    return WeightsError(
        f"{label} is made from {tuple(whole.shape)} numbers and {what} of {tuple(part.shape)}, "
        "which do not fit each other: save the whole state dict again"
    )


def _unknown(parts: Mapping[str, Tensor], label: str) -> str:
    """Why a weight cannot be made, and what to do before saving."""
    owner, _, name = label.rpartition(".")
    if any(part.startswith(PARAMETRIZED) for part in parts):
        kind = " (as orthogonal does)" if ".0.base" in parts else ""
        layer = f"model.{owner}" if owner else "layer"
        return (
            f"{label} is parametrized{kind}, and the file does not tell how it is made from its "
            f"parts: before saving, torch.nn.utils.parametrize.remove_parametrizations({layer}, "
            f"'{name}') puts the weight itself in their place"
        )
    listed = ", ".join(sorted(f"{name}_{part}" if part else name for part in parts))
    return (
        f"{label} is stored as {listed}, which does not tell how it is made from them: "
        "save the weight itself"
    )
