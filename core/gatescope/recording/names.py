"""What each recurrent layer is called in a trace: its path in the model, or a name of its own."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

CONTAINERS = (list, tuple, dict)
MANY = 1000
"""Entries from which on a container holds data, not layers."""


class LayerNames:
    """Paths of a model's layers.

    A module is called by its path, as in ``named_modules``; one in a list, tuple or dict that a
    module keeps as an attribute, by that attribute and its place: ``layers.0``. What has no path
    (made in forward, a direct call of ``torch.lstm``) is called by its kind, and told apart by its
    weights: ``lstm``, ``lstm_2``.

    Parameters
    ----------
    model
        The model that is recorded.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.paths: dict[int, str] = {}
        self.nameless: list[tuple[str, str, Sequence[Tensor]]] = []
        self.taken: set[str] = set()
        found = list(_modules(model))
        for path, module in found:
            # what torch.compile wraps has the wrapper's path
            if path and id(module) not in self.paths and "_orig_mod" not in module._modules:
                self.paths[id(module)] = self._free(path)
        for path, module in found:
            if not path:  # the model itself, by its kind
                self.paths[id(module)] = self._free(kind_of(module))

    def of(
        self,
        module: nn.Module | None,
        kind: str,
        weights: Sequence[Tensor],
        *,
        is_part: bool = False,
    ) -> str:
        """The path of the layer that these weights belong to.

        Parameters
        ----------
        module
            The module that runs; None where torch's function was called directly.
        kind
            What a layer without a module is called.
        weights
            Its weights.
        is_part
            Whether these are some of the module's layers only, run by themselves: they have a
            name each.
        """
        base = kind if module is None else kind_of(module)
        if module is not None and id(module) in self.paths:
            base = self.paths[id(module)]
            if not is_part:
                return base
        for known_base, name, known in self.nameless:
            if known_base == base and _same(weights, known, by_value=module is None):
                return name
        name = self._free(base, own=is_part)
        # the weights are kept, so that no address is used again
        self.nameless.append((base, name, tuple(weights)))
        return name

    def _free(self, base: str, *, own: bool = False) -> str:
        """A name that nothing else has, beginning with ``base``; ``own``: the base may be taken."""
        if own and base not in (name for _, name, _ in self.nameless):
            return base
        name, number = base, 1
        while name in self.taken:
            number += 1
            name = f"{base}_{number}"
        self.taken.add(name)
        return name


def kind_of(module: nn.Module) -> str:
    """A module's class in small letters; of one with parametrized weights the class it had."""
    kind = type(module)
    return (kind.__mro__[1] if is_parametrized(module) else kind).__name__.lower()


def _same(left: Sequence[Tensor], right: Sequence[Tensor], *, by_value: bool) -> bool:
    """Whether two lists of weights are one: the same memory, or copies of the same numbers.

    Copies count where a function is called directly: then they may be made anew for each call.
    """
    if [weight.shape for weight in left] != [weight.shape for weight in right]:
        return False
    pairs = list(zip(left, right, strict=True))
    if all(a.data_ptr() == b.data_ptr() for a, b in pairs):
        return True
    trained = [part for part in (*left, *right) if part.is_leaf and part.requires_grad]
    if not by_value or len(trained) == 2 * len(pairs):
        return False  # two layers, even where they start alike
    return all(a.device == b.device and torch.equal(a, b) for a, b in pairs)


def _modules(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Every module by its path: registered ones first, then those in attributes' containers."""
    waiting: deque[tuple[str, nn.Module]] = deque([("", model)])
    visited: set[int] = set()
    while waiting:
        start, root = waiting.popleft()
        registered = [
            (".".join(part for part in (start, path) if part), module)
            for path, module in root.named_modules()
            if id(module) not in visited
        ]
        for path, module in registered:
            visited.add(id(module))
            yield ".".join(part for part in path.split(".") if part != "_orig_mod"), module
        for path, module in registered:
            for name, value in vars(module).items():
                if name.startswith("_") or type(value) not in CONTAINERS:
                    continue
                place = f"{path}.{name}" if path else name
                waiting.extend(
                    (where, held) for where, held in _held(place, value) if id(held) not in visited
                )


def _held(place: str, value: Any, depth: int = 3) -> Iterator[tuple[str, nn.Module]]:
    """The modules in a container, by attribute and place."""
    if isinstance(value, nn.Module):
        yield place, value
    elif not depth or not isinstance(value, (list, tuple, dict)) or len(value) > MANY:
        return
    elif isinstance(value, (list, tuple)):
        for number, part in enumerate(value):
            yield from _held(f"{place}.{number}", part, depth - 1)
    else:
        for key, part in value.items():
            yield from _held(f"{place}.{key}", part, depth - 1)
