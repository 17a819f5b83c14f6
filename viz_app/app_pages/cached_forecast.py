"""What the forecasting page shares between all browsers."""

import json
from typing import Any

import numpy as np
import pandas as pd

from gatescope import Run
from gatescope.experiments.forecasting import linear_forecasts
from viz_app.app_pages import cached
from viz_app.sharing import shared
from viz_app.views import forecasting, gates, gates_words, units
from viz_app.views.library import DATA_RUNS
from viz_app.views.settings import Theme

CELLS = ("lstm", "gru", "rnn")
SERIES = (
    "sea-temperature", "sea-temperature-12", "dengue", "dengue-4", "weather", "stocks",
    "temperature", "temperature-12",
)  # fmt: skip


@shared
def looked(run: str) -> forecasting.Looked:
    """All forecasts of a run's test part."""
    found = cached.run_of(run)
    return forecasting.looked(found, _linear(json.dumps(found.config.task_options), found))


@shared
def _linear(series: str, _run: Run) -> np.ndarray:
    """The linear forecasts of a series, the same for all networks on it; ``series`` names it."""
    return linear_forecasts(forecasting.tested(_run))


def prepared(series: str) -> dict[str, str]:
    """The prepared runs of a series that are there, by cell."""
    names = {cell: f"forecast-{series}-{cell}" for cell in CELLS}
    return {cell: name for cell, name in names.items() if (DATA_RUNS / name).is_dir()}


@shared
def scores(beside: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    """Those of runs on the same series, by what each is called, and of what needs no network."""
    return forecasting.scores({name: looked(run) for name, run in beside})


@shared
def spec(run: str, number: int, theme: Theme) -> dict[str, Any]:
    """The stretch around a forecast."""
    return looked(run).spec(number, theme)


@shared
def leads(run: str, theme: Theme) -> dict[str, Any]:
    """The error by how far ahead."""
    found: dict[str, Any] = looked(run).leads(theme=theme, width="container").to_dict()
    return found


@shared
def gates_of(run: str, number: int, theme: Theme) -> tuple[dict[str, Any], str, str]:
    """What the gates do while a window is read: the chart, a sentence, and words for it."""
    seen = looked(run)
    layer = units.layer_of(seen.trace(number), None)
    view = gates.view(layer, seen.batch(number), seen.task)
    one = view.one()
    told = gates_words.headline(one, view.data.marks, *units.telling_gate(one))
    spec = view.spec(gates.GatesLook(theme=theme), view.picked())
    name = gates_words.alternative(view.data.shape, seen.run.config.cell)
    return spec, told, name
