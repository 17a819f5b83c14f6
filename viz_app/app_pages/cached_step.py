"""Steps taken apart, and their finished charts, shared by all browsers and bounded."""

from typing import Any

from viz_app.app_pages import cached
from viz_app.features import Gates
from viz_app.sharing import shared
from viz_app.views import gates, step_through


@shared
def step_view(run: str, checkpoint: int, node: str, example: int) -> step_through.StepView:
    """One example at one checkpoint, every step of it taken apart."""
    chosen = cached.run_of(run)
    return step_through.view(
        chosen.model(checkpoint),
        cached.trace(run, checkpoint, True),
        chosen.probe(),
        chosen.task,
        node=node,
        example=example,
        seen=Gates(run, checkpoint, node, example).whole(cached.recordings),
    )


@shared
def step_spec(
    run: str, checkpoint: int, node: str, example: int, way: str, look: gates.GatesLook
) -> dict[str, Any]:
    """The finished chart, its numbers as Arrow; `picked_spec` says what is picked."""
    spec = step_view(run, checkpoint, node, example).spec(_way(way), look, (0, 0))
    return spec | {
        "datasets": {name: cached.arrow(rows) for name, rows in spec["datasets"].items()}
    }


def picked_spec(
    spec: dict[str, Any], view: step_through.StepView, way: str, unit: int, step: int
) -> dict[str, Any]:
    """A shared spec with this reader's unit and step picked; the shared one stays as it is."""
    value = {"unit": unit, "step": step}
    signals = [
        signal | {"value": value[signal["name"]]} if signal["name"] in value else signal
        for signal in spec["config"]["signals"]
    ]
    own = {"cells": cached.arrow(view.cells(_way(way), unit))} if view.is_large(_way(way)) else {}
    return spec | {
        "config": spec["config"] | {"signals": signals},
        "datasets": spec["datasets"] | own,
    }


def _way(way: str) -> step_through.Way:
    return "backward" if way == "backward" else "forward"
