"""What all browsers share of the tutorial's page."""

from typing import Any

from viz_app.sharing import shared
from viz_app.views import tutorial
from viz_app.views.settings import Theme
from viz_app.views.tutorial_evidence import Evidence, Finding, evidence


@shared
def gathered() -> Evidence:
    """What the verdicts are computed from."""
    return evidence()


@shared
def findings() -> dict[str, Finding]:
    """Every entry's answer."""
    found = gathered()
    return {entry.key: entry.finding(found) for entry in tutorial.ENTRIES}


@shared
def spec(experiment: str, theme: Theme) -> dict[str, Any]:
    """The runs behind an answer."""
    chart: dict[str, Any] = tutorial.chart(experiment, gathered().rows, theme=theme).to_dict()
    return chart
