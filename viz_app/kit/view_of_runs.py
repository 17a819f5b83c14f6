"""Views of runs: of one, of one example of it, and of several on the same task."""

from dataclasses import dataclass, field, fields
from typing import Self

from gatescope.tasks import EditError
from viz_app.kit.choice import Among
from viz_app.kit.figure_layout import Layout
from viz_app.kit.recordings import HERE, Own, Recordings
from viz_app.kit.view import OPEN, View, ViewError


@dataclass(frozen=True)
class OfARun(View):
    """What is looked at on one run.

    Attributes
    ----------
    run
        Its name, or outside the app its folder.
    """

    run: str

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What can be chosen of the run."""
        return recordings.among(self.run, [part.name for part in fields(self)])

    def names(self, recordings: Recordings = HERE) -> tuple[str, ...]:
        """The run alone."""
        return (self.run,)

    def file_name(self) -> str:
        """With the run's name, and the example where one is chosen."""
        example = getattr(self, "example", None)
        return f"{self.name}-{self.run}" + ("" if example is None else f"-example{example}")


@dataclass(frozen=True)
class OfAnExample(OfARun):
    """What is looked at on one example of a run, which can be changed by hand.

    A subclass has a field ``example``, of the run's probe examples.

    Attributes
    ----------
    own
        What is changed in the example, as `gatescope.tasks.edited` takes it: ``"12to30,7=0.5"``.
    """

    own: str = field(default=OPEN, kw_only=True)

    def complete(self, recordings: Recordings = HERE) -> Self:
        """The same with every choice made; a change by hand is one that the example can have."""
        made = super().complete(recordings)
        if made.own:
            try:
                recordings.batch(made.run, made.changed)
            except EditError as error:
                raise ViewError(str(error)) from error
        return made

    @property
    def changed(self) -> Own | None:
        """The example that is changed by hand; None where it is as it was drawn."""
        return Own(self.number, self.own) if self.own else None

    @property
    def place(self) -> int:
        """Which of the examples of ``recordings.batch(view.run, view.changed)`` it is."""
        return 0 if self.own else self.number

    @property
    def number(self) -> int:
        """Which of the run's probe examples."""
        return getattr(self, "example", None) or 0


@dataclass(frozen=True)
class Several(OfARun):
    """What is looked at on several runs of one task.

    Attributes
    ----------
    run
        The first, or the one whose task it is.
    others
        Those beside it; None is one for each cell, on the same task.
    """

    others: tuple[str, ...] | None = None

    def names(self, recordings: Recordings = HERE) -> tuple[str, ...]:
        """The runs that it shows."""
        return recordings.beside(self.run) if self.others is None else (self.run, *self.others)

    def command(self, layout: Layout, recordings: Recordings = HERE) -> str:
        """The same figure at the terminal, which is told every run."""
        if self.others is not None:
            return super().command(layout, recordings)
        run, *others = self.names(recordings)
        return self.but(run=run, others=tuple(others)).command(layout, recordings)

    def file_name(self) -> str:
        """Of all networks."""
        return self.name
