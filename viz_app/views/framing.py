"""Finished specs that all readers share, with one reader's row framed."""

from typing import Any

from viz_app.charts.frame import PICKED


def framed(spec: dict[str, Any], row: int) -> dict[str, Any]:
    """A shared spec with that row framed, counted from the top; the shared one stays as it is."""
    params = [
        param | {"value": row} if param["name"] == PICKED else param for param in spec["params"]
    ]
    return spec | {"params": params}
