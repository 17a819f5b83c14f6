"""Forecasting: whether a network sees what comes next, better than 'the same again'."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import altair as alt
import pandas as pd

from gatescope.experiments.forecasting import linear_forecasts
from viz_app.features.forecasting import data as forecasting
from viz_app.features.forecasting.data import Looked
from viz_app.features.gates import data as gates
from viz_app.features.gates import words as gates_words
from viz_app.kit import units
from viz_app.kit.chart.gates_data import GatesLook
from viz_app.kit.chart.style import Theme
from viz_app.kit.choice import Among
from viz_app.kit.library import DATA_RUNS
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN, OfARun, ViewError, Words
from viz_app.text import name_of, say

WIDTH = 900
"""Pixels of the still chart's plot."""

CELLS = ("lstm", "gru", "rnn")
SERIES = (
    "sea-temperature", "sea-temperature-12", "dengue", "dengue-4", "weather", "stocks",
    "temperature", "temperature-12",
)  # fmt: skip
PREPARED = "forecast-{series}-{cell}"
"""The name of a prepared run, of which an address has the parts."""


def prepared(series: str) -> dict[str, str]:
    """The prepared runs of a series that are there, by cell."""
    names = {cell: PREPARED.format(series=series, cell=cell) for cell in CELLS}
    return {cell: name for cell, name in names.items() if (DATA_RUNS / name).is_dir()}


@dataclass(frozen=True)
class Forecasting(OfARun):
    """A series around one forecast of its test part, and all forecasts of that.

    Attributes
    ----------
    run
        A run on the task ``forecast``.
    forecast
        Which, from 0; None is the middle one.
    """

    name: ClassVar[str] = "forecast"

    run: str = PREPARED.format(series=SERIES[0], cell=CELLS[0])
    forecast: int = OPEN

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """Which forecasts there are."""
        count = self.data(recordings).count
        return {"forecast": Among(range(count), count // 2)}

    def data(self, recordings: Recordings = HERE) -> Looked:
        """All forecasts of the run's test part.

        Raises
        ------
        ViewError
            When the run forecasts nothing.
        """
        run = recordings.run(self.run)
        if run.config.task != "forecast":
            raise ViewError(say("forecast.not_one", run=self.run))

        def looked() -> Looked:
            series = json.dumps(run.config.task_options)  # its linear forecasts are all networks'
            linear = recordings.get(
                ("linear forecasts", series), lambda: linear_forecasts(forecasting.tested(run))
            )
            return forecasting.looked(run, linear)

        return recordings.get(("forecasts", self.run), looked)

    def beside(self, recordings: Recordings = HERE) -> dict[str, str]:
        """The prepared runs on the same series, by what they are called; else the run alone."""
        cell = recordings.run(self.run).config.cell
        series = self._series()
        runs = {cell: self.run} if series is None else prepared(series)
        return {name_of("cell", cell): run for cell, run in runs.items()}

    def scores(self, recordings: Recordings = HERE) -> pd.DataFrame:
        """The scores of the runs on the same series, and of what needs no network."""
        beside = self.beside(recordings)

        def scored() -> pd.DataFrame:
            return forecasting.scores(
                {name: self.but(run=run).data(recordings) for name, run in beside.items()}
            )

        return recordings.get(("forecast scores", tuple(beside.items())), scored)

    def spec(self, theme: Theme, recordings: Recordings) -> dict[str, Any]:
        """The finished stretch for a page."""

        def drawn() -> dict[str, Any]:
            seen, number = self.data(recordings), self._number(recordings)
            found: dict[str, Any] = seen.chart(number, theme=theme, width="container").to_dict()
            return found

        return recordings.get(("forecast spec", self, theme), drawn)

    def leads(self, theme: Theme, recordings: Recordings) -> dict[str, Any]:
        """The finished error by how far ahead, for a page."""

        def drawn() -> dict[str, Any]:
            chart = self.data(recordings).leads(theme=theme, width="container")
            found: dict[str, Any] = chart.to_dict()
            return found

        return recordings.get(("forecast leads", self.run, theme), drawn)

    def gates(self, theme: Theme, recordings: Recordings) -> tuple[dict[str, Any], str, str]:
        """What the gates do while the window is read: the chart, a sentence, and words for it."""

        def seen() -> tuple[dict[str, Any], str, str]:
            found, number = self.data(recordings), self._number(recordings)
            layer = units.layer_of(found.trace(number), None)
            view = gates.view(layer, found.batch(number), found.task)
            one = view.one()
            told = gates_words.headline(one, view.data.marks, *units.telling_gate(one))
            spec = view.spec(GatesLook(theme), view.picked())
            return spec, told, gates_words.alternative(view.data.shape, found.run.config.cell)

        return recordings.get(("forecast gates", self, theme), seen)

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.LayerChart:
        """The stretch, as a still figure; ``width`` is that of the plot in pixels."""
        seen = self.data(recordings)
        return seen.chart(self._number(recordings), theme=theme, width=width or WIDTH)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers of the stretch: one row a step."""
        return self.data(recordings).table(self._number(recordings))

    def words(self, recordings: Recordings = HERE) -> Words:
        """What is said about it."""
        seen, number = self.data(recordings), self._number(recordings)
        return Words(
            forecasting.headline(seen),
            tuple(forecasting.look_for(seen, number)),
            forecasting.alternative(seen, number),
        )

    def file_name(self) -> str:
        """Of the run, with the forecast."""
        return f"{self.run}-{self.forecast}"

    def to_query(self) -> dict[str, str]:
        """As an address has it: a prepared run by its series and its cell."""
        query, series = super().to_query(), self._series()
        if series is None:
            return query
        query.pop("run", None)
        return {"series": series, "cell": self.run.rpartition("-")[2]} | query

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Self:
        """The same the other way."""
        parts = [asked.get(name) for name in ("series", "cell")]
        named = {"run": PREPARED.format(series=parts[0], cell=parts[1])} if all(parts) else {}
        return super().of(dict(asked) | named)

    def _series(self) -> str | None:
        """Of a prepared run."""
        return next((each for each in SERIES if self.run in prepared(each).values()), None)

    def _number(self, recordings: Recordings) -> int:
        """Which forecast."""
        number = self.complete(recordings).forecast
        assert number is not None
        return number
