"""What all browsers share: runs, recordings and finished specs, each computed once and bounded."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import pandas as pd

from gatescope import Run, TrainConfig
from gatescope.experiments import retention_row, run_key
from gatescope.experiments.claims import CLAIMS, ClaimResult
from gatescope.experiments.comparison import Comparison, ComparisonConfig, comparison_of
from gatescope.experiments.memory import Curves, fingerprint
from gatescope.jobs import MemoryOf
from viz_app.kit.library import Library, folder_of, open_library
from viz_app.kit.memory_shipped import shipped
from viz_app.kit.page.jobs import kept, queue
from viz_app.kit.recordings import Recordings
from viz_app.kit.sharing import STORE, shared


@shared
def library() -> Library:
    """All runs, read once."""
    return open_library()


def run_of(name: str) -> Run:
    """A run of the library, or one that was trained from a page."""
    found = library().runs.get(name)
    return kept(name) if found is None else found


class RemovedError(LookupError):
    """A run that had finished was removed meanwhile; trained again it is there again."""


class Served(Recordings):
    """Those of all runs that a reader of the app can see, and what jobs have found so far."""

    def memory(self, run: str) -> Curves:
        """A run's measures: shipped, or found by its job, which is done."""
        asked = self.memory_of(run)
        ready = shipped().get(asked.fingerprint)
        return queue().measured(queue().key(asked)) if ready is None else ready

    def memory_of(self, run: str) -> MemoryOf:
        """What a job that measures a run is asked."""
        return self.get(
            ("memory of", run),
            lambda: MemoryOf(folder=str(folder_of(run)), fingerprint=fingerprint(self.run(run))),
        )

    def comparison(self, job: str) -> Comparison:
        """What a comparison's finished runs show."""
        experiment = queue().experiment(job, ComparisonConfig)
        finished, measured = queue().finished(job), queue().beforehand(job)
        return self.get(
            ("comparison", job, tuple(finished), bool(measured.step_ms)),
            lambda: comparison_of(experiment, _runs(finished).items(), measured),
        )

    def retention(self, finished: Mapping[tuple[str, int, int], TrainConfig]) -> pd.DataFrame:
        """One row a finished run of a retention experiment, by (variant, delay, seed)."""
        rows = []
        for (variant, delay, _), config in finished.items():
            key = ("retention row", run_key(config), variant, delay)
            with suppress(RemovedError):
                rows.append(self.get(key, partial(_retention_row, variant, delay, config)))
        return pd.DataFrame(rows)

    def claim(self, key: str, job: str) -> ClaimResult:
        """What a claim's finished runs show."""
        finished = queue().finished(job)
        return self.get(
            ("claim", key, tuple(finished)), lambda: CLAIMS[key].measure(_runs(finished))
        )


def _runs(finished: Mapping[Any, TrainConfig]) -> dict[Any, Run]:
    """A job's finished runs by their places, without those that were removed meanwhile."""
    found = {place: queue().store.get(config) for place, config in finished.items()}
    return {place: run for place, run in found.items() if run is not None}


def _retention_row(variant: str, delay: int, config: TrainConfig) -> dict[str, Any]:
    """One run in numbers."""
    run = queue().store.get(config)
    if run is None:
        raise RemovedError
    return retention_row(variant, delay, run)


recordings = Served(run_of, library, STORE)

trace, layers, unit_order = recordings.trace, recordings.layers, recordings.order
