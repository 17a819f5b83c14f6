"""What all browsers share of the memory page: measures and finished specs, computed once."""

from gatescope.experiments.memory import Curves, fingerprint
from gatescope.jobs import MemoryOf
from viz_app.app_pages import cached
from viz_app.app_pages.cached_jobs import queue
from viz_app.sharing import shared
from viz_app.views import memory
from viz_app.views.library import folder_of
from viz_app.views.memory_shipped import shipped
from viz_app.views.settings import Theme


def asked_of(run: str) -> MemoryOf | None:
    """What a job that measures a run is asked; None where its measures are shipped."""
    asked = _asked(run)
    return None if asked.fingerprint in shipped() else asked


@shared
def curves(run: str) -> Curves:
    """A run's measures: shipped, or found by its job, which is done."""
    asked = _asked(run)
    ready = shipped().get(asked.fingerprint)
    return queue().measured(queue().key(asked)) if ready is None else ready


def by_cell(runs: tuple[str, ...]) -> dict[str, Curves]:
    """The same of several runs, by their cell."""
    return {cached.run_of(run).config.cell: curves(run) for run in runs}


@shared
def specs(runs: tuple[str, ...], log: bool, theme: Theme) -> memory.MemorySpecs:
    """The finished panels."""
    return memory.specs(by_cell(runs), log=log, theme=theme)


@shared
def _asked(run: str) -> MemoryOf:
    return MemoryOf(folder=str(folder_of(run)), fingerprint=fingerprint(cached.run_of(run)))
