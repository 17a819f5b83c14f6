"""A view's method whose result is kept: once for all who look at the same."""

from dataclasses import dataclass
from typing import ClassVar

from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.sharing import Store
from viz_app.kit.view import View, kept

CALLS: list[str] = []


@dataclass(frozen=True)
class Counting(View):
    """Counts how often it is asked."""

    name: ClassVar[str] = "counting"
    picks: ClassVar[tuple[str, ...]] = ("step",)

    run: str = "a"
    example: int = 0
    step: int | None = None

    @kept()
    def drawn(self, theme: str = "light", *, recordings: Recordings = HERE) -> str:
        """With all choices but what is picked."""
        CALLS.append("drawn")
        return f"{self.run} {self.example} {theme}"

    @kept("run")
    def score(self, recordings: Recordings = HERE) -> str:
        """With the run alone."""
        CALLS.append("score")
        return self.run


def test_a_method_is_computed_once_for_each_key() -> None:
    """However it is called; what is picked is no part of the key, arguments and recordings are."""
    first, second = (Recordings(HERE.run, HERE.library, Store()) for _ in range(2))
    CALLS.clear()
    for view in (Counting(), Counting(step=3), Counting("a", 0)):
        assert view.drawn(recordings=first) == view.drawn("light", recordings=first) == "a 0 light"
    assert CALLS == ["drawn"]
    assert Counting(example=1).drawn(recordings=first) == "a 1 light"
    assert Counting().drawn("dark", recordings=first) == "a 0 dark"
    assert Counting().drawn(recordings=second) == "a 0 light"
    assert len(CALLS) == 4


def test_a_method_may_depend_on_some_choices_alone() -> None:
    """Views that differ in others share the result."""
    recordings = Recordings(HERE.run, HERE.library, Store())
    CALLS.clear()
    assert Counting("a", 1).score(recordings) == Counting("a", 2).score(recordings) == "a"
    assert Counting("b", 1).score(recordings) == "b"
    assert CALLS == ["score", "score"]
