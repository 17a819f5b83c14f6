"""Weights that torch computes from others before each call: pruned, normed, dropped.

A state dict then has what they are made from. Where its names and shapes tell how, the weights
are made as torch makes them in eval mode, by the same operations; where they do not, they are
refused by name.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from gatescope.errors import GatescopeError, say

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

EXACTLY, NEARLY, PERHAPS = 1 - 1e-6, 0.9999, 0.999
"""Cosine of a vector and the one that it follows from: with the weight as it is; with that of the
step before; and below which it does not follow."""

CONVERGED = 0.95
"""The share of the largest singular value from which two vectors are those of a trained norm."""


class WeightsError(GatescopeError, ValueError):
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
    if g.ndim == 0 < v.ndim:
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
    fitting = [matrix for matrix in matrices if matrix.shape == (*u.shape, *v.shape)]
    if not fitting:
        raise _unfit(label, "vectors", u, weight)
    sigmas = [torch.dot(u, torch.mv(matrix, v)) for matrix in fitting]
    if len(fitting) > 1 and not torch.isclose(sigmas[0], sigmas[1], rtol=1e-6, atol=0):
        # of a square matrix the shapes leave open which of its dimensions came first
        follow = [_follows(matrix, u, v) for matrix in fitting]
        if max(follow) < NEARLY or min(follow) > PERHAPS:
            raise _unconverged(label)
        return weight / sigmas[follow.index(max(follow))]
    return weight / sigmas[0]


def _follows(matrix: Tensor, u: Tensor, v: Tensor) -> float:
    """How nearly one vector follows from the other, as after a step of the power iteration.

    It is their cosine; 0 where neither it is exact nor σ the largest singular value. Older code
    of torch makes u of v last, newer code v of u; the weight has changed since by an optimizer's
    step at most.
    """
    matrix, u, v = (each.double() for each in (matrix, u, v))
    made = torch.cosine_similarity(torch.stack((matrix @ v, matrix.T @ u)),
                                   torch.stack((u, v)))  # fmt: skip
    sigma = torch.dot(u, matrix @ v) / torch.linalg.matrix_norm(matrix, 2)
    if len(u) <= 2:  # two directions of a plane are often alike
        return float(made.max()) if sigma > NEARLY else 0.0
    return float(made.max()) if sigma > CONVERGED or made.max() > EXACTLY else 0.0


def _unconverged(label: str) -> WeightsError:
    owner, _, name = label.rpartition(".")
    layer = f"model.{owner}" if owner else "layer"
    return WeightsError(say("weight_unconverged", label=label, layer=layer, name=name))


def _unfit(label: str, what: str, part: Tensor, whole: Tensor) -> WeightsError:
    return WeightsError(
        say(
            "weight_unfit",
            label=label, whole=tuple(whole.shape), part=say(f"part_{what}"),
            shape=tuple(part.shape),
        )
    )  # fmt: skip


def _unknown(parts: Mapping[str, Tensor], label: str) -> str:
    """Why a weight cannot be made, and what to do before saving."""
    owner, _, name = label.rpartition(".")
    if any(part.startswith(PARAMETRIZED) for part in parts):
        layer = f"model.{owner}" if owner else "layer"
        return say(
            "weight_orthogonal" if ".0.base" in parts else "weight_parametrized",
            label=label, layer=layer, name=name,
        )  # fmt: skip
    listed = ", ".join(sorted(f"{name}_{part}" if part else name for part in parts))
    return say("weight_stored_as", label=label, listed=listed)
