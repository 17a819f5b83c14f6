"""What all browsers share of the intervene page: comparisons and finished specs, bounded."""

from dataclasses import replace
from typing import Any

from gatescope.experiments.lead import Kept
from gatescope.intervention import Intervention
from viz_app.app_pages import cached
from viz_app.sharing import shared
from viz_app.views import (
    gates,
    intervene,
    intervene_compare,
    intervene_measure,
    intervene_questions,
    units,
)
from viz_app.views.intervene_questions import QUESTIONS, Scene

What = str | tuple[Intervention, ...]
"""A question's key, or interventions of one's own."""


def scene(run: str, node: str) -> Scene:
    """Where questions are asked: a layer of the trained network on its probe examples."""
    chosen = cached.run_of(run)
    layer = units.layer_of(cached.trace(run, chosen.steps[-1]), node)
    return Scene(node, layer, chosen.probe())


def done(run: str, node: str, what: What) -> list[Intervention]:
    """The interventions themselves."""
    return QUESTIONS[what].make(scene(run, node)) if isinstance(what, str) else list(what)


def compared(run: str, node: str, what: What) -> intervene_compare.Compared:
    """Both runs of the trained network."""
    return _compared(run, node, repr(what), what)


@shared
def _compared(run: str, node: str, key: str, _what: What) -> intervene_compare.Compared:
    found = intervene_compare.compare(cached.run_of(run), done(run, node, _what), node=node)
    # the run as it is, is the same every time: all entries share one
    return replace(found, untouched=scene(run, node).layer)


def kept(run: str, node: str, what: What) -> Kept:
    """What it costs the trained network, on its test examples."""
    return _kept(run, node, repr(what), what)


@shared
def _kept(run: str, node: str, key: str, _what: What) -> Kept:
    return intervene_measure.measure(cached.run_of(run), _what, node)


def view(
    run: str, node: str, what: What, example: int, signals: tuple[str, ...], revealed: bool
) -> intervene.InterveneView:
    """One example of a comparison."""
    return _view(run, node, repr(what), example, signals, revealed, what)


@shared
def _view(
    run: str, node: str, key: str, example: int, signals: tuple[str, ...], revealed: bool,
    _what: What,
) -> intervene.InterveneView:  # fmt: skip
    chosen = cached.run_of(run)
    batch = chosen.probe()
    sort = units.sorts(scene(run, node).layer, batch)[0]
    return intervene.view(
        compared(run, node, _what), batch, chosen.task,
        example=example, signals=signals, revealed=revealed,
        order=cached.unit_order(run, node, sort), bounds=cached.bounds(run, node),
    )  # fmt: skip


def spec(
    run: str, node: str, what: What, example: int, signals: tuple[str, ...], revealed: bool,
    look: gates.GatesLook, picked: tuple[int, int],
) -> dict[str, Any]:  # fmt: skip
    """The finished chart."""
    return _spec(run, node, repr(what), example, signals, revealed, look, picked, what)


@shared
def _spec(
    run: str, node: str, key: str, example: int, signals: tuple[str, ...], revealed: bool,
    look: gates.GatesLook, picked: tuple[int, int], _what: What,
) -> dict[str, Any]:  # fmt: skip
    return view(run, node, _what, example, signals, revealed).spec(look, picked)


def offered(run: str, node: str) -> list[str]:
    """The questions that fit a layer."""
    return intervene_questions.offered(scene(run, node))
