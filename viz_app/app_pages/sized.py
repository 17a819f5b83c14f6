"""Caches of what grows with the network and its sequences: few results of large ones are kept."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

P = ParamSpec("P")
R = TypeVar("R")

MOST, MOST_LARGE = 256, 3
LARGE = 2**20
"""From so many values of one signal on, over a run's examples, steps and units, it is large."""


def cached_by_size(
    size_of: Callable[[str], int],
) -> Callable[[Callable[Concatenate[str, P], R]], Callable[Concatenate[str, P], R]]:
    """Cache a function of a run's name: many results of small runs, few of large ones.

    Parameters
    ----------
    size_of
        From a run's name to the number of values of one signal.
    """

    def cache(function: Callable[Concatenate[str, P], R]) -> Callable[Concatenate[str, P], R]:
        @wraps(function)
        def of_large(run: str, *args: P.args, **options: P.kwargs) -> R:
            return function(run, *args, **options)

        of_large.__qualname__ += "_of_large"  # Streamlit tells functions apart by their names
        small: Any = st.cache_resource(max_entries=MOST, show_spinner=False)(function)
        large: Any = st.cache_resource(max_entries=MOST_LARGE, show_spinner=False)(of_large)

        @wraps(function)
        def found(run: str, *args: P.args, **options: P.kwargs) -> R:
            chosen = large if size_of(run) >= LARGE else small
            return chosen(run, *args, **options)  # type: ignore[no-any-return]

        return found

    return cache
