"""Forecasting: whether a network sees what comes next, better than a naive forecast."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import altair as alt
import pandas as pd

from gatescope import record
from gatescope.experiments.forecasting import linear_forecasts
from viz_app.features.forecasting import words as told
from viz_app.features.forecasting.chart import HEIGHT, lead_chart, stretch_chart
from viz_app.features.forecasting.forecasts import METHODS, Forecasted, forecasted, tested
from viz_app.features.gates import data as gates
from viz_app.features.gates import words as gates_words
from viz_app.kit import export, units
from viz_app.kit.chart.gates_fit import which_fit
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import Among
from viz_app.kit.library import DATA_RUNS
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN, ViewError, Words, kept
from viz_app.kit.view_of_runs import OfARun
from viz_app.kit.visible import Part
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

    @kept("run")
    def data(self, recordings: Recordings = HERE) -> Forecasted:
        """All forecasts of the run's test part.

        Raises
        ------
        ViewError
            When the run forecasts nothing.
        """
        run = recordings.run(self.run)
        if run.config.task != "forecast":
            raise ViewError(say("forecast.not_one", run=self.run))
        series = json.dumps(run.config.task_options)  # its linear forecasts are all networks'
        linear = recordings.get(("linear forecasts", series), lambda: linear_forecasts(tested(run)))
        return forecasted(run, linear)

    def beside(self, recordings: Recordings = HERE) -> dict[str, str]:
        """The prepared runs on the same series, by what they are called; else the run alone."""
        cell = recordings.run(self.run).config.cell
        series = self._series()
        runs = {cell: self.run} if series is None else prepared(series)
        return {name_of("cell", cell): run for cell, run in runs.items()}

    @kept("run")
    def scores(self, recordings: Recordings = HERE) -> pd.DataFrame:
        """The scores of the runs on the same series, and of what needs no network."""
        runs = self.beside(recordings).items()
        return told.scores({name: Forecasting(run).data(recordings) for name, run in runs})

    @kept()
    def spec(self, look: Look, recordings: Recordings) -> dict[str, Any]:
        """The finished stretch for a page, as high as its window."""
        return export.spec(self._stretched(look, "container", look.window.height, recordings))

    @kept("run")
    def leads(self, look: Look, recordings: Recordings) -> dict[str, Any]:
        """The finished error by how far ahead, for a page."""
        forecasts = self.data(recordings)
        errors = {method: forecasts.rmse(method) for method in METHODS}
        words = told.chart_words(forecasts)
        height = look.window.height
        drawn = lead_chart(errors, words, look=look, width="container", height=height)
        return export.spec(drawn)

    @kept()
    def gates(self, look: Look, recordings: Recordings) -> tuple[dict[str, Any], str, str]:
        """What the gates do while the window is read: the chart, a sentence, and words for it."""
        forecasts = self.data(recordings)
        window = forecasts.window(self.complete(recordings).forecast)
        layer = units.layer_of(record(forecasts.run.model(), window.inputs))
        view = gates.view(layer, window, forecasts.task)
        one = view.one()
        headline = gates_words.headline(one, view.data.marks, *units.telling_gate(one))
        page = GatesLook.of(look)
        fitting = which_fit(view.data.shape, page, units.shown(layer))
        view = view.within(Part(pictures=fitting))
        spec = view.spec(page, view.picked())
        return spec, headline, gates_words.alternative(view.data.shape, forecasts.run.config.cell)

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.LayerChart:
        """The stretch, as a still figure; ``width`` is that of the plot in pixels."""
        return self.still(width or WIDTH, Look(theme), recordings)

    def still(self, width: int, look: Look, recordings: Recordings = HERE) -> alt.LayerChart:
        """The stretch in a figure, its legend in as many columns as there is room for."""
        return self._stretched(look, width, HEIGHT, recordings)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers of the stretch: one row a step."""
        stretch = self.data(recordings).stretch(self.complete(recordings).forecast)
        return pd.DataFrame({"time": stretch.times} | stretch.lines)

    def words(self, recordings: Recordings = HERE) -> Words:
        """What is said about it."""
        found, number = self.data(recordings), self.complete(recordings).forecast
        return Words(
            told.headline(found),
            tuple(told.look_for(found, number)),
            told.alternative(found, number),
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

    def _stretched(
        self, look: Look, width: int | str, height: int, recordings: Recordings
    ) -> alt.LayerChart:
        forecasts = self.data(recordings)
        stretch = forecasts.stretch(self.complete(recordings).forecast)
        words = told.chart_words(forecasts)
        return stretch_chart(stretch, words, look=look, width=width, height=height)

    def _series(self) -> str | None:
        """Of a prepared run."""
        return next((each for each in SERIES if self.run in prepared(each).values()), None)
