"""A rectangle by the fields of its sides."""

from typing import Any

import altair as alt


def box() -> dict[str, Any]:
    """The encoding of a rectangle from the fields left, right, top and bottom."""
    return {
        "x": alt.X("left:Q"),
        "x2": alt.X2("right:Q"),
        "y": alt.Y("top:Q"),
        "y2": alt.Y2("bottom:Q"),
    }
