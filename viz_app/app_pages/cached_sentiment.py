"""What all browsers share of the page Sentiment: readings, scores and finished specs."""

from typing import Any

from gatescope import Run
from gatescope.tasks.reviews import Reviews
from viz_app.app_pages import cached
from viz_app.sharing import shared
from viz_app.views import gates, sentiment, sentiment_scores, sentiment_words, training, units
from viz_app.views.library import DATA_RUNS
from viz_app.views.settings import Theme

FIRST = "reviews-lstm"
Runs = tuple[str, ...]


@shared
def prepared() -> Runs:
    """The networks that come with the project, the one that the page opens on first."""
    found = sorted(folder.name for folder in DATA_RUNS.glob("reviews-*") if folder.is_dir())
    order = (FIRST, "reviews-gru", "reviews-rnn")
    return tuple(sorted(found, key=lambda name: order.index(name) if name in order else 9))


def runs(names: Runs) -> dict[str, Run]:
    """Networks by name."""
    return {name: cached.run_of(name) for name in names}


@shared
def bounds(name: str) -> dict[str, float]:
    """Where the colours of a network's states end, the same for every sentence."""
    *_, top = cached.trace(name, cached.run_of(name).steps[-1]).leaves
    return units.colour_bounds(top.to_dataset())


@shared
def view(name: str, text: str) -> sentiment.SentimentView:
    """A sentence through a network.

    Raises
    ------
    SentenceError
        When there is nothing to read in it.
    """
    return sentiment.view(cached.run_of(name), text, bounds=bounds(name))


@shared
def spec(name: str, text: str, theme: Theme) -> dict[str, Any]:
    """The finished chart, large data as Arrow."""
    found = view(name, text).spec(gates.GatesLook(theme=theme))
    return found | {
        "datasets": {key: cached.arrow(rows) for key, rows in found["datasets"].items()}
    }


@shared
def curves(key: str, step: int, theme: Theme, _run: Run) -> list[tuple[dict[str, Any], str]]:
    """How a run went up to a step, in finished panels and in words; ``key`` stands for it."""
    panels = training.panels(_run)
    return list(zip(training.specs(panels, theme), map(training.alternative, panels), strict=True))


@shared
def scored(name: str) -> sentiment_scores.Scored:
    """A network on the whole test part."""
    run = cached.run_of(name)
    scores = sentiment.praise_of(run, Reviews("test").everything())
    return sentiment_scores.scored(sentiment_scores.name_of_run(name, run), scores)


@shared
def without_a_network() -> list[sentiment_scores.Scored]:
    """Word counts, and the more frequent class."""
    return sentiment_scores.without_a_network()


def rows(names: Runs) -> list[sentiment_scores.Scored]:
    """All of them, networks first."""
    return [*map(scored, names), *without_a_network()]


@shared
def score_specs(names: Runs, chosen: str, theme: Theme) -> tuple[dict[str, Any], ...]:
    """ROC curves, and one network's confusion matrix."""
    return sentiment_scores.specs(rows(names), scored(chosen), theme)


@shared
def checked(names: Runs) -> Any:
    """The prepared examples through all networks."""
    return sentiment_words.checked(runs(names))
