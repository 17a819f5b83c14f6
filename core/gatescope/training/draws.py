"""Random numbers of one's own: torch's own state is everybody's, whatever thread they are in."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode


class Draws(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Within it, what this thread draws comes from a seed, and torch's own state stays as it is.

    The numbers are those that ``torch.manual_seed`` would give. That seeds the whole process: where
    another thread seeds, draws, or puts a state back meanwhile, as a recording does, the numbers
    would be others.

    Parameters
    ----------
    seed
        Of the draws on every device.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._seed = seed
        self._generators: dict[torch.device, torch.Generator] = {}

    def __torch_dispatch__(
        self,
        operation: Any,
        types: Sequence[type],
        arguments: Sequence[Any] = (),
        options: Mapping[str, Any] | None = None,
    ) -> Any:
        """Hand the generator on to whatever takes one."""
        given = dict(options or {})
        if given.get("generator") is not None or not _takes_one(operation.overloadpacket):
            return operation(*arguments, **given)
        first = arguments[0] if arguments else None
        where = first.device if isinstance(first, Tensor) else given.get("device") or "cpu"
        if torch.device(where).type == "meta":
            return operation(*arguments, **given)
        given["generator"] = self._generator(torch.device(where))
        return operation.overloadpacket(*arguments, **given)

    def _generator(self, device: torch.device) -> torch.Generator:
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(self._seed)
        return self._generators[device]


@cache
def _takes_one(operation: Any) -> bool:
    """Whether an operation of torch's draws, from a generator if it is given one."""
    ways = (getattr(operation, name) for name in operation.overloads())
    return any(part.name == "generator" for way in ways for part in way._schema.arguments)
