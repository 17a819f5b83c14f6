"""Which cases of many are tried with what is long alone."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def some_long(cases: Iterable[Any], long: Collection[Any]) -> list[Any]:
    """Each, in order; those of `long` are left to ``make test-all``."""
    return [pytest.param(case, marks=pytest.mark.long if case in long else ()) for case in cases]


def but_some_long(cases: Iterable[Any], always: Collection[Any]) -> list[Any]:
    """Each, in order; all but those of `always` are left to ``make test-all``."""
    return [pytest.param(case, marks=() if case in always else pytest.mark.long) for case in cases]
