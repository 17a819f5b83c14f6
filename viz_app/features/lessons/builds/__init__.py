"""Things to build, which the app checks: a module each, ``builds/<goal>.py``, with its ``BUILD``.

That is a `viz_app.features.lessons.builds.numbers.Numbers`: a subclass says what its numbers do, as
a picture, and whether they reach the goal.

What it says stands in ``viz_app/text/en/builds.toml`` and ``zh/builds.toml``, keys
``<goal>_…``: ``say("builds.adder22_right", right=9, of=10)``. Every build has a ``solution``, which
a test tries, and near misses that do not reach the goal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viz_app.features.lessons.builds.numbers import Numbers


@dataclass(frozen=True)
class Verdict:
    """How far one is.

    Attributes
    ----------
    reached
        Whether the goal is.
    numbers
        What was measured, by name.
    says
        A sentence, in the reader's language.
    """

    reached: bool
    numbers: Mapping[str, float]
    says: str


def build_of(goal: str) -> "Numbers":
    """The build of that name."""
    build: Numbers = import_module(f"{__name__}.{goal}").BUILD
    return build
