"""Claims: papers say it; does it come out here?"""

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from gatescope.experiments.claims import CLAIMS, Claim, ClaimResult, measure_untrained
from viz_app.features.claims import data as claims
from viz_app.kit.chart.lines import Panel
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import Among
from viz_app.kit.panels import OfLines, PanelRow
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN, ViewError
from viz_app.kit.words import spoken
from viz_app.text import say


@dataclass(frozen=True)
class Claims(OfLines):
    """What one claim predicts, as it came out.

    Attributes
    ----------
    claim
        One of `gatescope.experiments.claims.CLAIMS`; None is the first.
    job
        Networks of one's own, outside the app the folder that ``gatescope claim`` wrote; None is
        the prepared result.
    anew
        Measured here instead, which only a claim about untrained networks can be.
    """

    name: ClassVar[str] = "claims"
    pixels: ClassVar[int] = 360

    claim: str = OPEN
    job: str | None = None
    anew: bool = False

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """Which claims there are."""
        return {"claim": Among(tuple(CLAIMS), next(iter(CLAIMS)))}

    def which(self) -> Claim:
        """The claim."""
        return CLAIMS[self.complete().claim]

    def data(self, recordings: Recordings = HERE) -> ClaimResult:
        """Its result, as far as it is.

        Raises
        ------
        ResultError
            When there is none of today's budget.
        ViewError
            When networks would have to be trained first.
        """
        key = self.which().key
        if self.anew:
            return recordings.get(self.measured(), lambda: measure_untrained(key))
        if self.job is not None:
            return recordings.claim(key, self.job)
        return recordings.get(("claim", key), lambda: claims.prepared(key))

    def measured(self) -> tuple[str, str, str]:
        """The key under which is kept what was measured here."""
        claim = self.which()
        if claim.trains:
            raise ViewError(say("figures.wrong_claim", claim=claim.key))
        return "claim", claim.key, "anew"

    def panels(self, recordings: Recordings = HERE) -> list[Panel]:
        """What is drawn."""
        return claims.panels(self.which(), self.data(recordings))

    def row(self, look: Look, recordings: Recordings) -> PanelRow:
        """The finished panels of a result that has some."""
        result = self.data(recordings)
        return recordings.get(
            ("claim panels", self, result.done, result.seconds, look),
            lambda: claims.row(self.panels(recordings), look),
        )

    def alternative(self, recordings: Recordings = HERE) -> str:
        """What each panel shows."""
        return spoken(*claims.alternatives(self.panels(recordings)))

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """Its numbers: ours beside the paper's."""
        return self.data(recordings).table

    def file_name(self) -> str:
        """Of the claim."""
        return self.which().key
