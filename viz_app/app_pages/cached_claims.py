"""What all browsers share of the claims page: results and finished specs."""

import time
from dataclasses import dataclass
from typing import Any

from gatescope.experiments import process_pool
from gatescope.experiments.claims import measure_untrained
from viz_app.app_pages.cached_jobs import queue
from viz_app.sharing import shared
from viz_app.views import claims
from viz_app.views.claims import CLAIMS, ClaimResult, ResultError
from viz_app.views.settings import Theme

Version = str | tuple[str, ...]
"""Which result of a claim: ``prepared``, ``measured``, or the labels of its finished runs."""


@dataclass(frozen=True)
class Picture:
    """A result as the page draws it: panels, their specs, and the legend."""

    panels: claims.Panels
    specs: list[dict[str, Any]]
    legend: list[tuple[str, str, list[int]]]


@shared
def prepared(key: str) -> ClaimResult | None:
    """The result that comes with the app; None when there is none of today's budget."""
    try:
        return claims.prepared(key)
    except ResultError:
        return None


@shared
def untrained(key: str) -> tuple[ClaimResult, float]:
    """A claim about untrained networks, measured once in a process of its own; and its seconds."""
    began = time.perf_counter()
    with process_pool(1) as pool:
        result = pool.submit(measure_untrained, key).result()
    return result, time.perf_counter() - began


@shared
def measured(key: str, finished: tuple[str, ...]) -> ClaimResult:
    """What a claim's finished runs show, by their labels."""
    configs = CLAIMS[key].configs()
    found = {label: queue().store.get(configs[label]) for label in finished}
    return CLAIMS[key].measure({label: run for label, run in found.items() if run is not None})


def so_far(key: str, job: str) -> ClaimResult:
    """The same of all of a job's runs that are finished by now."""
    return measured(key, tuple(queue().finished(job)))


@shared
def picture(
    key: str, version: str | tuple[str, ...], theme: Theme, _result: ClaimResult
) -> Picture:
    """The finished panels of a result; its version tells it from others of that claim."""
    panels = claims.panels(CLAIMS[key], _result)
    return Picture(panels, claims.specs(panels, theme), claims.legend(panels, theme))
