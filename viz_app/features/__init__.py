"""The app's views, a room for each page: ``from viz_app.features import Gates``."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from viz_app.kit.export import FigureError
from viz_app.text import say

if TYPE_CHECKING:
    from viz_app.features.architectures.bidirectional import Halves
    from viz_app.features.architectures.view import Layers
    from viz_app.features.benchmark.view import Benchmark
    from viz_app.features.claims.view import Claims
    from viz_app.features.compare.view import Compare
    from viz_app.features.connectivity.view import Connectivity
    from viz_app.features.forecasting.view import Forecasting
    from viz_app.features.gates.view import Gates
    from viz_app.features.gradient_flow.view import GradientFlow
    from viz_app.features.gradient_flow.while_learning import WhileLearning
    from viz_app.features.intervene.view import Intervene
    from viz_app.features.memory.view import Memory
    from viz_app.features.retention.view import Retention
    from viz_app.features.saturation.view import Saturation
    from viz_app.features.sentiment.scores import SentimentScores
    from viz_app.features.sentiment.view import Sentiment
    from viz_app.features.start.view import Start
    from viz_app.features.step_through.view import StepThrough
    from viz_app.features.tasks.view import Tasks
    from viz_app.features.techniques.view import Techniques
    from viz_app.features.text.view import Text
    from viz_app.features.train.view import Training
    from viz_app.features.tutorial.view import Tutorial
    from viz_app.kit.view import View

__all__ = [
    "OF_ANY_RUN", "VIEWS", "Benchmark", "Claims", "Compare", "Connectivity", "Forecasting",
    "Gates", "GradientFlow", "Halves", "Intervene", "Layers", "Memory", "Retention",
    "Saturation", "Sentiment", "SentimentScores", "Start", "StepThrough", "Tasks", "Techniques",
    "Text", "Training", "Tutorial", "WhileLearning", "view", "view_of",
]  # fmt: skip

VIEWS = {
    "gates": "gates/view:Gates",
    "compare": "compare/view:Compare",
    "step": "step_through/view:StepThrough",
    "saturation": "saturation/view:Saturation",
    "connectivity": "connectivity/view:Connectivity",
    "gradients": "gradient_flow/view:GradientFlow",
    "learning": "gradient_flow/while_learning:WhileLearning",
    "memory": "memory/view:Memory",
    "training": "train/view:Training",
    "retention": "retention/view:Retention",
    "sentiment": "sentiment/view:Sentiment",
    "sentiment-scores": "sentiment/scores:SentimentScores",
    "forecast": "forecasting/view:Forecasting",
    "benchmark": "benchmark/view:Benchmark",
    "claims": "claims/view:Claims",
    "tasks": "tasks/view:Tasks",
    "tutorial": "tutorial/view:Tutorial",
    "text": "text/view:Text",
    "intervene": "intervene/view:Intervene",
    "layers": "architectures/view:Layers",
    "halves": "architectures/bidirectional:Halves",
    "techniques": "techniques/view:Techniques",
    "start": "start/view:Start",
}
"""Where each view is, by the name of its figure."""


OF_ANY_RUN = (
    "gates", "compare", "step", "saturation", "connectivity", "gradients", "learning", "memory",
    "training", "retention",
)  # fmt: skip
"""Those that every run has, or that need none."""


def view_of(name: str) -> "type[View]":
    """The view of that name, imported with its charts when it is asked for."""
    place, kind = VIEWS[name].split(":")
    found: type[View] = getattr(import_module(f"{__name__}.{place.replace('/', '.')}"), kind)
    return found


def view(name: str, runs: Sequence[str], asked: Mapping[str, Any]) -> "View":
    """A view by the name of its figure.

    Parameters
    ----------
    name
        One of `VIEWS`.
    runs
        Their names; a view of one run takes the first.
    asked
        Choices by name, as values or as text; those that the view does not have are left out.

    Raises
    ------
    FigureError
        When there is no such view, it needs a run, or a text cannot be read.
    """
    if name not in VIEWS:
        raise FigureError(say("figures.wrong_name", name=name, names=", ".join(VIEWS)))
    kind = view_of(name)
    named: dict[str, Any] = {"run": runs[0], "others": tuple(runs[1:])} if runs else {}
    chosen = named | dict(asked)
    return kind.of({part: value for part, value in chosen.items() if value is not None})


def __getattr__(name: str) -> Any:
    for view, place in VIEWS.items():
        if place.endswith(f":{name}"):
            return view_of(view)
    raise AttributeError(f"there is no view {name!r}; there are {', '.join(VIEWS)}")
