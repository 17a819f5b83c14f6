"""What the page Figures shares between all browsers: figures that are set, and their previews."""

from viz_app.kit import export
from viz_app.kit.export import Sized
from viz_app.kit.figure import Figure
from viz_app.kit.figure_layout import Layout
from viz_app.kit.page import served as cached
from viz_app.kit.sharing import shared_unpacked
from viz_app.kit.view import View


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
    return export.render(sized(view, layout), "svg").decode()
