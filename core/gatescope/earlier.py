"""What earlier versions called a setting or a keyword: the one place that knows it.

A keyword by its earlier name still works, with a warning; a file's names are read without one.
"""

import functools
import warnings
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from gatescope.errors import say

SETTINGS = {
    "optimiser": "optimizer", "initialisation": "initialization", "clip": "max_grad_norm"
}  # fmt: skip
"""Settings of a run by their earlier names. Keys are made of those for ever, so that what was
trained and measured before is found again."""

FUNCTIONS = {"moved_by_others": "influence_of_other_steps"}
"""Of ``gatescope.analysis``, by their earlier names."""

P = ParamSpec("P")
R = TypeVar("R")


class EarlierNameWarning(DeprecationWarning, FutureWarning):
    """Something was called by a name that it had in an earlier version."""


def warn(earlier: str, now: str, stacklevel: int = 3) -> None:
    """Say what something is called now."""
    warnings.warn(f"{earlier} is called {now} now", EarlierNameWarning, stacklevel=stacklevel)


def first_name(setting: str) -> str:
    """What a setting was called when it was new."""
    return next((first for first, now in SETTINGS.items() if now == setting), setting)


def also_called(**earlier: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function be called with earlier names of its keywords: ``earlier="now"``."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            for name in earlier.keys() & kwargs.keys():
                now, call_of = earlier[name], f"{function.__name__}({{}}=...)"
                require_one({name, now} & kwargs.keys(), now)
                warn(call_of.format(name), call_of.format(now))
                kwargs[now] = kwargs.pop(name)
            return function(*args, **kwargs)

        return call

    return decorate


def require_one(names: Iterable[str], now: str) -> None:
    """Raise ValueError where a value is given under more than one of its names."""
    given = sorted(names)
    if len(given) > 1:
        raise ValueError(say("two_names", names=" and ".join(given), now=now))
