"""What the page Figures shares between all browsers: figures that are set, and their previews."""

from viz_app import figures
from viz_app.app_pages import cached
from viz_app.figures import Sized
from viz_app.kit.figure import Figure
from viz_app.kit.view import View
from viz_app.layout import Layout
from viz_app.sharing import shared_unpacked


@shared_unpacked
def figure(view: View) -> Figure:
    """A view as a figure; it remembers how wide its panels came out."""
    return view.figure(cached.recordings)


@shared_unpacked
def sized(view: View, layout: Layout) -> Sized:
    """A view as a figure, set."""
    return figure(view).set(layout)


@shared_unpacked
def preview(view: View, layout: Layout) -> str:
    """The figure as an SVG."""
    return figures.render(sized(view, layout), "svg").decode()
