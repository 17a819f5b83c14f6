"""Architectures: what both halves of a bidirectional network have seen."""

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from viz_app.features.architectures import bidirectional_data
from viz_app.features.gradient_flow import data as gradients
from viz_app.kit.chart.lines import Panel
from viz_app.kit.panels import OfLines, Texts
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import ViewError

Seen = tuple[tuple[Panel, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Halves(OfLines):
    """How far both halves move, and their gradients, with the answer read in two ways.

    Attributes
    ----------
    run
        A bidirectional run that reads the answer at the last step.
    others
        One on the same task that reads it at both ends.
    """

    name: ClassVar[str] = "halves"
    pixels: ClassVar[int] = 290
    alt_texts: ClassVar[Texts] = gradients.TEXTS

    run: str = bidirectional_data.LAST
    others: tuple[str, ...] = (bidirectional_data.ENDS,)

    def names(self, recordings: Recordings = HERE) -> tuple[str, ...]:
        """Both runs."""
        return (self.run, *self.others)

    def data(self, recordings: Recordings = HERE) -> Seen:
        """The panels, and sentences on what was measured.

        Raises
        ------
        ViewError
            When these are not two runs, or one does not read backward.
        """
        if len(self.others) != 1:
            raise ViewError(f"the view 'halves' takes two runs, got {len(self.names())}")

        def seen() -> Seen:
            last, ends = (bidirectional_data.Halves(recordings.run(name)) for name in self.names())
            return tuple(bidirectional_data.panels(last, ends)), tuple(
                bidirectional_data.sentences(last, ends)
            )

        try:
            return recordings.get(("halves", self), seen)
        except ValueError as error:
            raise ViewError(str(error)) from error

    def panels(self, recordings: Recordings = HERE) -> tuple[Panel, ...]:
        """What is drawn."""
        return self.data(recordings)[0]

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a panel, half and step."""
        return gradients.table(self.panels(recordings))

    def file_name(self) -> str:
        """After what it shows."""
        return "backward-half"
