"""What the retention page shares between all browsers: results, the queue, and its rows."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from gatescope import TrainConfig
from gatescope.experiments import (
    ResultError,
    RetentionConfig,
    load_result,
    retention_row,
    run_key,
)
from viz_app.app_pages.cached_jobs import queue
from viz_app.views import retention, retention_words
from viz_app.views.library import RESULTS
from viz_app.views.settings import Theme


@dataclass(frozen=True)
class Picture:
    """A result as a page shows it: panels, their specs, the legend, and the sentences."""

    panels: retention.Panels
    specs: list[list[dict[str, Any]]]
    legend: list[tuple[str, str, list[int]]]
    sentences: list[str]


@st.cache_resource(show_spinner=False)
def prepared() -> tuple[RetentionConfig, pd.DataFrame] | None:
    """The default experiment's result that comes with the app; None when it is not there."""
    try:
        return load_result(RESULTS)
    except ResultError:
        return None


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(job: str, finished: int, theme: Theme) -> Picture:
    """The finished panels of a job with so many finished runs; no job: the prepared result."""
    experiment, table = result(job)
    panels = retention.panels(experiment, table)
    return Picture(
        panels,
        retention.specs(panels, theme),
        retention.legend(panels, theme),
        retention_words.sentences(experiment, table),
    )


def result(job: str) -> tuple[RetentionConfig, pd.DataFrame]:
    """A job's experiment and its table so far; no job: the prepared one."""
    if job:
        return queue().experiment(job, RetentionConfig), table_so_far(job)
    found = prepared()
    assert found is not None
    return found


@st.cache_resource(max_entries=4000, show_spinner=False)
def row(key: str, variant: str, delay: int, _config: TrainConfig) -> dict[str, Any] | None:
    """One finished run in numbers; ``key`` stands for its config."""
    run = queue().store.get(_config)
    return None if run is None else retention_row(variant, delay, run)


def table_so_far(job: str) -> pd.DataFrame:
    """One row a finished run of a job."""
    found = [
        row(run_key(config), variant, delay, config)
        for (variant, delay, _), config in queue().finished(job).items()
    ]
    return pd.DataFrame([line for line in found if line is not None])
