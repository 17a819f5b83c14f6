"""A spec's panels for a figure: where they stand, how high they are, their letters and axes."""

from collections.abc import Callable, Sequence
from functools import partial
from string import ascii_lowercase
from typing import Any

from viz_app.kit.chart import axes
from viz_app.kit.chart.breadth import breadth
from viz_app.kit.chart.heatmap import HEADING

Spec = dict[str, Any]

GROUPS = ("hconcat", "vconcat", "concat")

LETTER = 0.55
"""An average letter's width, in sizes of type."""

BEHIND, WIDE_LETTERS = "\u200b" + 4 * "\u00a0", "mw"
"""Room for a letter, of which some are wider; Vega cuts off spaces that a line begins with."""


def leaves(node: Spec) -> list[Spec]:
    """The panels, as they are read."""
    for kind in GROUPS:
        if kind in node:
            return [leaf for part in node[kind] for leaf in leaves(part)]
    return [node]


def mapped(node: Spec, change: Callable[[Spec], Spec]) -> Spec:
    """The same, each panel changed."""
    for kind in GROUPS:
        if kind in node:
            return node | {kind: [mapped(part, change) for part in node[kind]]}
    return change(node)


def in_rows(node: Spec, columns: int) -> Spec:
    """The panels in rows of so many."""
    panels, same = leaves(node), _resolved(node)
    rows = [panels[first : first + columns] for first in range(0, len(panels), columns)]
    parts = [row[0] if columns == 1 else {"hconcat": row, **same} for row in rows]
    return parts[0] if len(parts) == 1 else {"vconcat": parts, **same}


def in_columns(node: Spec, columns: int) -> Spec:
    """Panels over one another in so many columns, each with the time axis at its foot."""
    panels, same = leaves(node), _resolved(node)
    most, stacks, here, left = sum(map(_high, panels)) / columns, [], [], columns
    for number, panel in enumerate(panels):
        here.append(panel)
        to_come = panels[number + 1 :]
        full = sum(map(_high, here)) + 0.5 * _high(to_come[0] if to_come else panel) >= most
        if left > 1 and len(to_come) >= left - 1 and full:
            stacks.append(here)
            here, left = [], left - 1
    stacks.append(here)
    for stack in stacks:
        stack[-1] = with_foot(stack[-1], panels)
    return {"hconcat": [{"vconcat": stack, **same} for stack in stacks], **same}


def even(node: Spec, height: Callable[[Spec], float]) -> Spec:
    """Columns side by side, each as high as the highest by the heights of its plots.

    ``height`` measures one of them.
    """
    for kind in GROUPS:
        if kind in node and kind != "hconcat":
            return node | {kind: [even(part, height) for part in node[kind]]}
    columns = node.get("hconcat", [])
    if len(columns) < 2 or not all(map(is_stack, columns)):
        return node
    heights = [height(column) for column in columns]
    parts = [
        shrunk(column, 1 + (max(heights) - high) / plots, 0) if (plots := plot_heights(column))
        else column
        for column, high in zip(columns, heights, strict=True)
    ]  # fmt: skip
    return node | {"hconcat": parts}


def is_stack(node: Spec) -> bool:
    """Whether panels stand over one another and no two side by side."""
    return "vconcat" in node and all(
        not any(kind in part for kind in GROUPS) for part in node["vconcat"]
    )


def is_grid(node: Spec) -> bool:
    """Whether panels stand in rows of several, so that another number in a row is as good."""
    return "vconcat" in node and all(len(leaves(part)) > 1 for part in node["vconcat"])


def most_in_a_row(node: Spec) -> int:
    """How many panels stand side by side at most."""
    for kind in GROUPS:
        if kind in node:
            parts = [most_in_a_row(part) for part in node[kind]]
            return max(parts, default=0) if kind == "vconcat" else sum(parts)
    return 1


def rows(node: Spec) -> int:
    """How many panels stand over one another at most."""
    for kind in GROUPS:
        if kind in node:
            parts = [rows(part) for part in node[kind]]
            return sum(parts) if kind == "vconcat" else max(parts, default=0)
    return 1


def plot_heights(node: Spec) -> float:
    """The heights of plots that stand over one another, the highest of each row."""
    for kind in GROUPS:
        if kind in node:
            parts = [plot_heights(part) for part in node[kind]]
            return sum(parts) if kind == "vconcat" else max(parts, default=0)
    return _high(node)


def shrunk(node: Spec, by: float, least: float) -> Spec:
    """Plots of another height, none lower than ``least`` that was not before."""

    def change(leaf: Spec) -> Spec:
        high = leaf.get("height")
        if not isinstance(high, int | float):
            return leaf
        new = round(max(high * by, min(high, least)), 1)
        return {
            "height": new,
            **_bars_within({k: v for k, v in leaf.items() if k != "height"}, new),
        }

    return mapped(node, change)


def _bars_within(node: Any, high: float) -> Any:
    """Colour bars beside a plot no longer than it."""
    if isinstance(node, list):
        return [_bars_within(part, high) for part in node]
    if not isinstance(node, dict):
        return node
    found = {
        key: part if key in ("values", "data") else _bars_within(part, high)
        for key, part in node.items()
    }
    beside = "gradientLength" in found and found.get("orient", "right") in ("right", "left")
    if beside and isinstance(found["gradientLength"], int | float):
        found["gradientLength"] = min(found["gradientLength"], max(high - 26, 30))
    return found


def lettered(node: Spec, size: float, ink: str) -> Spec:
    """A letter before each panel's title, where there are several."""
    if len(leaves(node)) < 2:
        return node
    letters = iter(ascii_lowercase)

    def change(leaf: Spec) -> Spec:
        return _with_letter(leaf, next(letters, ""), size, ink)

    return mapped(node, change)


def _with_letter(leaf: Spec, letter: str, size: float, ink: str) -> Spec:
    for number, layer in enumerate(leaf.get("layer", ())):
        if isinstance(layer.get("mark"), dict) and layer["mark"].get("style") == HEADING:
            return leaf | {"layer": _headed(leaf["layer"], number, letter, size)}
    title = leaf.get("title")
    look = dict(title) if isinstance(title, dict) else {"text": title or ""}
    text = look.get("text") or ""
    if isinstance(text, dict):
        first, rest = text["expr"].startswith("split("), text["expr"].removeprefix("split(")
        said = {"expr": f"{'split(' if first else ''}'{letter}{BEHIND} ' + {rest}"}
        return leaf | {"title": look | {"text": said}}
    lines = [text] if isinstance(text, str) else list(text)
    behind = BEHIND + (2 * "\u00a0" if letter in WIDE_LETTERS else "")
    named = [f"{behind}{line}" for line in lines] if any(map(str.strip, lines)) else []
    look |= {"text": letter, "fontSize": size, "fontWeight": 700}
    if named:  # Vega draws the second line upon the first, behind the letter
        look |= {
            "subtitle": named, "subtitlePadding": -size, "subtitleFontSize": size,
            "subtitleFontWeight": "normal", "subtitleColor": ink,
        }  # fmt: skip
    return leaf | {"title": look}


def _headed(layers: Sequence[Spec], number: int, letter: str, size: float) -> list[Spec]:
    heading = layers[number]
    mark = {name: part for name, part in heading["mark"].items() if name != "style"}
    text = mark | {"fontWeight": "normal", "fontSize": size, "dx": mark.get("dx", 0) + 0.85 * size}
    sign = mark | {"fontWeight": 700, "fontSize": size}
    encoding = heading.get("encoding", {}) | {"text": {"value": letter}}
    both = [heading | {"mark": text}, heading | {"mark": sign, "encoding": encoding}]
    return [*layers[:number], *both, *layers[number + 1 :]]


def in_lines(node: Spec, size: float) -> Spec:
    """Titles of panels and of axes in as many lines as they take beside their plot."""

    def change(leaf: Spec) -> Spec:
        wide, high = (_letters(leaf.get(side), size) for side in ("width", "height"))
        title = leaf.get("title")
        look = title if isinstance(title, dict) else {"text": title}
        text = look.get("text")
        if wide and isinstance(text, str):
            leaf = leaf | {"title": look | {"text": axes.in_lines(text, wide)}}
        for channel, letters in (("x", wide), ("y", high)):
            leaf = _encoded(leaf, partial(_axis_in_lines, letters=letters), channel)
        return leaf

    return mapped(node, change)


def _letters(pixels: Any, size: float) -> int:
    """About so many letters fit; 0 where that is not known."""
    return int(1.1 * pixels / (LETTER * size)) if isinstance(pixels, int | float) else 0


def _axis_in_lines(channel: Spec, letters: int) -> Spec:
    axis = channel.get("axis")
    if not letters or not isinstance(channel.get("axis", {}), dict):
        return channel
    title = (axis or {}).get("title", channel.get("title"))
    if isinstance(title, list):
        title = " ".join(title)
    if not isinstance(title, str) or breadth(title) <= letters:
        return channel
    return channel | {"axis": (axis or {}) | {"title": axes.in_lines(title, letters)}}


def with_axes(node: Spec) -> Spec:
    """Every axis whose title a page leaves out, as its neighbour has it, says it in a figure."""

    def change(leaf: Spec) -> Spec:
        return _encoded(leaf, _titled)

    return mapped(node, change)


def _titled(channel: Spec) -> Spec:
    axis, title = channel.get("axis"), channel.get("title")
    if not isinstance(axis, dict):
        return channel
    if axis.get("labelOverlap") is False:  # they were chosen for type of another size
        axis = axis | {"labelOverlap": "greedy"}
    if axis.get("title", 0) is None and title:
        axis = {name: part for name, part in axis.items() if name != "title"}
    return channel | {"axis": axis}


def with_foot(leaf: Spec, panels: Sequence[Spec]) -> Spec:
    """A panel with the horizontal axis that is written at one of them, where it has none."""
    axes = [
        axis
        for panel in reversed(panels)
        for axis in map(_axis, panel.get("layer", [panel]))
        if axis and axis.get("labels", True) and axis.get("title")
    ]
    if not axes:
        return leaf

    def change(channel: Spec) -> Spec:
        axis = channel.get("axis", 0)
        hidden = axis is None or (isinstance(axis, dict) and axis.get("labels") is False)
        return channel | {"axis": axes[0]} if hidden else channel

    return _encoded(leaf, change, ("x",))


def _axis(layer: Spec) -> Spec:
    axis = layer.get("encoding", {}).get("x", {}).get("axis")
    return axis if isinstance(axis, dict) else {}


def _encoded(leaf: Spec, change: Callable[[Spec], Spec], channels: Sequence[str] = "xy") -> Spec:
    """A panel with other axes, its layers' too."""
    found = dict(leaf)
    if "layer" in found:
        found["layer"] = [_encoded(layer, change, channels) for layer in found["layer"]]
    if "encoding" in found:
        found["encoding"] = {
            name: change(part) if name in channels and isinstance(part, dict) else part
            for name, part in found["encoding"].items()
        }
    return found


def _high(leaf: Spec) -> float:
    high = leaf.get("height")
    return float(high) if isinstance(high, int | float) else 0.0


def _resolved(node: Spec) -> Spec:
    return {"resolve": node["resolve"]} if "resolve" in node else {}
