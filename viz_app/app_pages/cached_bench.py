"""What all browsers share of the bench: the prepared comparison, jobs so far, pictures."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from gatescope.experiments import ResultError
from gatescope.experiments.comparison import (
    Comparison,
    ComparisonConfig,
    comparison_of,
    load_comparison,
)
from viz_app.app_pages.cached_jobs import queue
from viz_app.sharing import shared
from viz_app.views import bench, bench_numbers, bench_words
from viz_app.views.library import BENCH
from viz_app.views.settings import Theme


@dataclass(frozen=True)
class Picture:
    """A comparison as the page shows it: panels, their specs, the legend, words and the table."""

    panels: list[bench.BenchPanel]
    specs: list[dict[str, Any]]
    legend: list[tuple[str, str, list[int]]]
    sentences: list[str]
    numbers: pd.DataFrame


@shared
def prepared() -> Comparison | None:
    """The comparison that comes with the app; None when it is not there."""
    try:
        return load_comparison(BENCH)
    except ResultError:
        return None


@shared
def so_far(
    job: str, finished: tuple[tuple[str, int], ...], measured: bool, _experiment: ComparisonConfig
) -> Comparison:
    """What the finished runs of a job show."""
    configs = _experiment.configs()
    found = {key: queue().store.get(configs[key]) for key in finished}
    runs = [(key, run) for key, run in found.items() if run is not None]
    return comparison_of(_experiment, runs, queue().beforehand(job))


def of_job(job: str, experiment: ComparisonConfig) -> Comparison:
    """A job's comparison as far as it is."""
    measured = bool(queue().beforehand(job).step_ms)
    return so_far(job, tuple(queue().finished(job)), measured, experiment)


@shared
def picture(
    name: str, finished: int, axis: bench.Axis, theme: Theme, _result: Comparison
) -> Picture:
    """The finished panels of a comparison with so many finished runs; ``name`` stands for it."""
    panels = bench.panels(_result, axis)
    return Picture(
        panels,
        bench.specs(panels, theme),
        bench.legend(panels, theme),
        bench_words.sentences(_result),
        bench_numbers.numbers(_result),
    )
