"""Things to build, which the app checks: a module each, ``builds/<goal>.py``.

A module is a `Build`: it has these four names. Its state is a frozen dataclass of plain values, or
plain values alone: all that a reader has set. The page keeps it as text, in the session and in the
browser, so what is built is there again after a reload.

``START``
    The state that one begins with. It does not reach the goal.
``check(state, recordings) -> Verdict``
    Whether it is reached, with the numbers, and a sentence that says how far one is. Pure: the same
    state, the same verdict. Dear ones are kept by ``recordings.get(("build name", state), …)``.
``block(place, state, recordings) -> state``
    Draws the controls and the picture in a place of the page, and returns what is set now. Keys of
    its widgets begin with ``build_<goal>_``; a widget begins with the value that ``state`` has.
``read(text) -> state`` and ``write(state) -> str``
    The state as text and back; ``read`` raises ValueError on a text that is none.

What it says stands in ``viz_app/text/en/builds.toml`` and ``zh/builds.toml``, keys
``<goal>_…``: ``say("builds.adder22_right", right=9, of=10)``. A test has a script that reaches the
goal, and near misses that do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast

from viz_app.kit.recordings import Recordings


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


class Build(Protocol):
    """What a module of this package has."""

    START: Any

    def check(self, state: Any, recordings: Recordings) -> Verdict:
        """Whether the goal is reached."""

    def block(self, place: Any, state: Any, recordings: Recordings) -> Any:
        """The controls and the picture; returns the new state."""

    def read(self, text: str) -> Any:
        """A state from its text."""

    def write(self, state: Any) -> str:
        """A state as text."""


def build_of(goal: str) -> Build:
    """The build of that name."""
    return cast(Build, import_module(f"{__name__}.{goal}"))
