"""A spec in a figure's type: one size, letters, axes, title and caption; and how large it is."""

import json
import re
from typing import Any

from viz_app.kit import drawing, figure_panels
from viz_app.kit.chart import breadth
from viz_app.kit.chart.style import INKS, config
from viz_app.kit.figure_layout import USUAL, Layout

ON_PURPOSE = 17
"""Type that is larger than this stays so."""

TOP = ("$schema", "config", "datasets", "params", "usermeta", "background", "padding", "autosize")
"""Parts of a spec that stand outside everything else."""


def in_type(found: dict[str, Any], layout: Layout) -> dict[str, Any]:
    """The spec with letters and type of one size, title and caption."""
    outer, inner = top(found), inside(found)
    outer.pop("padding", None)  # a figure's is always the same
    signals = outer.get("config", {}).get("signals")
    outer["config"] = config(layout.theme, USUAL)
    outer["config"]["title"] |= {"fontSize": USUAL}
    if signals is not None:
        outer["config"]["signals"] = signals
    ink = INKS[layout.theme].text
    inner = figure_panels.in_lines(figure_panels.with_axes(_one_size(inner)), USUAL)
    inner = figure_panels.lettered(inner, USUAL, ink)
    width = layout.room[0]
    if layout.title:
        inner = {
            "vconcat": [inner],
            "title": _title(layout, layout.title, 1.25 * USUAL, width) | {"offset": 14},
        }
    if layout.caption:
        note = _title(layout, layout.caption, USUAL, width) | {"orient": "bottom"}
        inner = {"vconcat": [inner], "title": note | {"fontWeight": "normal", "offset": 10}}
    return outer | inner


def _title(layout: Layout, text: str, size: float, width: float) -> dict[str, Any]:
    letters = max(10, int(width / (figure_panels.LETTER * size)))
    lines = [line for part in text.splitlines() for line in breadth.lines(part, letters) or [""]]
    return {
        "text": lines, "anchor": "start", "fontSize": round(size, 2),
        "color": INKS[layout.theme].text,
    }  # fmt: skip


def _one_size(node: Any) -> Any:
    """All type of one size and one family, but for what is drawn in another on purpose."""
    if isinstance(node, list):
        return [_one_size(part) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        key: USUAL
        if key.lower().endswith("fontsize") and isinstance(part, int | float) and part <= ON_PURPOSE
        else part
        if key in ("values", "data")
        else _one_size(part)
        for key, part in node.items()
    }


def top(found: dict[str, Any]) -> dict[str, Any]:
    """What stands outside its panels."""
    return {name: found[name] for name in TOP if name in found}


def inside(found: dict[str, Any]) -> dict[str, Any]:
    """Its panels."""
    return {name: part for name, part in found.items() if name not in TOP}


def measure(found: dict[str, Any]) -> tuple[float, float]:
    """Width and height of what a spec draws, in pixels."""
    text = drawing.svg(json.dumps(found))
    sizes = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    assert sizes is not None
    return float(sizes[1]), float(sizes[2])
