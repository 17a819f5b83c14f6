"""The app's views, a room for each: ``from viz_app.features import Gates``."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viz_app.features.gates.view import Gates
    from viz_app.features.saturation.view import Saturation

__all__ = ["VIEWS", "Gates", "Saturation"]

VIEWS = {"gates": "Gates", "saturation": "Saturation"}
"""Every view by the name of its page and figure."""


def __getattr__(name: str) -> Any:
    """A view is imported, with the charts that it draws, when it is asked for."""
    for room, view in VIEWS.items():
        if name == view:
            return getattr(import_module(f"viz_app.features.{room}.view"), name)
    raise AttributeError(f"there is no view {name!r}; there are {', '.join(VIEWS.values())}")
