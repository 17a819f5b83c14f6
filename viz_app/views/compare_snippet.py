"""The few lines of Python that draw what the page Compare shows."""

from collections.abc import Sequence

from viz_app.views.compare import CompareView, GatesLook
from viz_app.views.library import folder_of, relative


def code(
    places: Sequence[tuple[str, int, str]], view: CompareView, unit: int, look: GatesLook
) -> str:
    """All sides on one example.

    Parameters
    ----------
    places
        Each side's run by name, its checkpoint, and what it is called.
    view, unit, look
        What is drawn, and how.
    """
    sides = "".join(
        f"    compare.Side(gatescope.load_run({relative(folder_of(name))!r}), {step}, {label!r}),\n"
        for name, step, label in places
    )
    picked = f"unit={unit}, " if view.compared.alike else ""
    return f"""\
import gatescope
from viz_app import figures
from viz_app.views import compare

sides = [
{sides}]
chart = compare.chart(
    sides, node={view.compared.node!r}, example={view.example}, {picked}sort={view.sort!r},
    keys={[aspect.key for aspect in view.aspects]},
    look=compare.GatesLook(theme={look.theme!r}, hover=False),
)
figures.save(chart, "compare.svg")
"""
