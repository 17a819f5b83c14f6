"""What the retention page shares between all browsers: results, the queue, and its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gatescope import TrainConfig
from gatescope.experiments import (
    ResultError,
    RetentionConfig,
    load_result,
    retention_row,
    run_key,
)
from viz_app.features.retention import data as retention
from viz_app.features.retention import words as retention_words
from viz_app.kit.library import RESULTS
from viz_app.kit.page.jobs import queue
from viz_app.kit.run_words import Theme
from viz_app.kit.sharing import shared


@dataclass(frozen=True)
class Picture:
    """A result as a page shows it: panels, their specs, the legend, sentences, and a table."""

    panels: retention.Panels
    specs: list[list[dict[str, Any]]]
    legend: list[tuple[str, str, list[int]]]
    sentences: list[str]
    solved: pd.DataFrame


@shared
def prepared() -> tuple[RetentionConfig, pd.DataFrame] | None:
    """The default experiment's result that comes with the app; None when it is not there."""
    try:
        return load_result(RESULTS)
    except ResultError:
        return None


@shared
def picture(
    name: str, finished: int, theme: Theme, _experiment: RetentionConfig, _table: pd.DataFrame
) -> Picture:
    """The finished panels of a result with so many finished runs; ``name`` stands for it."""
    panels, sentences, solved = _measured(name, finished, _experiment, _table)
    return Picture(
        panels,
        retention.specs(panels, theme),
        retention.legend(panels, theme),
        sentences,
        solved,
    )


@shared
def _measured(
    name: str, finished: int, _experiment: RetentionConfig, _table: pd.DataFrame
) -> tuple[retention.Panels, list[str], pd.DataFrame]:
    """What is the same in all colours: lines, sentences, and a table."""
    return (
        retention.panels(_experiment, _table),
        retention_words.sentences(_experiment, _table),
        retention_words.solved_table(_table),
    )


@shared
def row(key: str, variant: str, delay: int, _config: TrainConfig) -> dict[str, Any] | None:
    """One finished run in numbers; ``key`` stands for its config."""
    run = queue().store.get(_config)
    return None if run is None else retention_row(variant, delay, run)


def table_of(finished: Mapping[tuple[str, int, int], TrainConfig]) -> pd.DataFrame:
    """One row a finished run, by (variant, delay, seed)."""
    found = [
        row(run_key(config), variant, delay, config)
        for (variant, delay, _), config in finished.items()
    ]
    return pd.DataFrame([line for line in found if line is not None])
