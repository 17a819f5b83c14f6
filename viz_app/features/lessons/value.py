"""What a lesson is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from viz_app.features.lessons.asked import Asked

Address = tuple[str, tuple[tuple[str, str], ...]]
"""A view's name in `VIEWS`, and its choices as text."""


@dataclass(frozen=True)
class Goal:
    """A thing to build, which the app checks.

    Attributes
    ----------
    name
        Of its module in `viz_app.features.lessons.builds`.
    hint, reached
        What is said to who asks for help, and to who is there.
    """

    name: str
    hint: str
    reached: str


@dataclass(frozen=True)
class Step:
    """One step of a lesson; the module says what each part is for."""

    id: str
    words: str
    view: Address | None
    before: Address | None
    controls: tuple[str, ...]
    change: str
    then: str
    question: Asked | None
    build: Goal | None


@dataclass(frozen=True)
class Lesson:
    """A lesson, in one language."""

    id: str
    number: int
    minutes: int
    after: tuple[str, ...]
    title: str
    goal: str
    teacher: Mapping[str, str]
    steps: tuple[Step, ...]
    closing: tuple[Asked, ...]

    def step(self, name: str) -> Step | None:
        """The step of that id."""
        return next((step for step in self.steps if step.id == name), None)

    @property
    def questions(self) -> dict[str, Asked]:
        """All that is asked, by the step's id or ``closing.id``, in order."""
        asked = {step.id: step.question for step in self.steps if step.question is not None}
        return asked | {f"closing.{each.id}": each for each in self.closing}
