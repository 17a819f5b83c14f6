"""What the page Figures shares between all browsers: figures that are set, and their previews."""

from viz_app import features, figures
from viz_app.app_pages import cached
from viz_app.figures import Sized
from viz_app.layout import Layout
from viz_app.sharing import shared_unpacked
from viz_app.views import catalogue


@shared_unpacked
def figure(view: str, runs: tuple[str, ...], choice: catalogue.Choice) -> catalogue.Figure:
    """A view of some runs."""
    if view == catalogue.COMPARE:
        return catalogue.figure(view, {name: cached.run_of(name) for name in runs}, choice)
    return features.view(view, runs, vars(choice)).figure(cached.recordings)


@shared_unpacked
def sized(view: str, runs: tuple[str, ...], choice: catalogue.Choice, layout: Layout) -> Sized:
    """The same, set."""
    return figure(view, runs, choice).set(layout)


@shared_unpacked
def preview(view: str, runs: tuple[str, ...], choice: catalogue.Choice, layout: Layout) -> str:
    """The figure as an SVG."""
    return figures.render(sized(view, runs, choice, layout), "svg").decode()
