"""The wiring of any cell: what goes into what, with one unit's numbers at one step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.style import INKS, SIGNAL_COLOURS, Theme, config
from viz_app.kit.chart.window import PAGE, Window

SIZE, HALF_WIDTH, HALF_HEIGHT = 13, 0.4, 0.3
ROW, HEAD = 58, 34
"""Pixels of a row, and those above and below all."""


@dataclass(frozen=True)
class Node:
    """One signal, or what comes in; columns are counted from the left, rows from the top.

    ``number`` is its value as text; "" where it has none.
    """

    name: str
    label: str
    number: str
    column: int
    row: float


def placed(
    edges: Sequence[tuple[str, str]], labels: Mapping[str, str], numbers: Mapping[str, str]
) -> list[Node]:
    """Give every signal a place: to the right of all that it is computed from.

    A cell's long line, from the cell state before to the cell state, runs along the top; the state
    that leaves stands in the middle.
    """
    names = list(dict.fromkeys(name for edge in edges for name in edge))
    column = dict.fromkeys(names, 0)
    for _ in names:
        for source, target in edges:
            column[target] = max(column[target], column[source] + 1)
    middle: list[str] = []
    for _, target in edges:
        if target not in middle and not target.endswith("_state"):
            middle.append(target)
    last = max(len(middle), 2)
    row: dict[str, float] = {name: 1.0 + place for place, name in enumerate(middle)}
    centre = (last + 1) / 2
    row |= {"cell_state": 0.0, "cell_state_before": 0.0, "hidden_state": centre}
    row |= {"hidden_state_before": centre - 0.6, "input": centre + 0.6}
    return [
        Node(name, labels[name], numbers.get(name, ""), column[name], row[name]) for name in names
    ]


def wiring_chart(
    edges: Sequence[tuple[str, str]], nodes: Sequence[Node], theme: Theme,
    width: int | None = None, window: Window = PAGE,
) -> alt.LayerChart:  # fmt: skip
    """Draw the wiring; ``edges`` lead from a name to the name that is computed from it.

    Without a ``width`` it takes that of the page.
    """
    ink, colours = INKS[theme], SIGNAL_COLOURS[theme]
    at = {node.name: node for node in nodes}

    def colour(name: str) -> str:
        return colours.get(name.removesuffix("_before"), ink.quiet)

    lines = [
        {
            "x": at[source].column + HALF_WIDTH,
            "x2": at[target].column - HALF_WIDTH,
            "y": at[source].row,
            "y2": at[target].row,
            "colour": colour(source),
        }
        for source, target in edges
    ]
    boxes = [
        {
            "x": node.column - HALF_WIDTH,
            "x2": node.column + HALF_WIDTH,
            "y": node.row - HALF_HEIGHT,
            "y2": node.row + HALF_HEIGHT,
            "colour": colour(node.name),
        }
        for node in nodes
    ]
    words = [
        {"x": node.column, "y": node.row + dy, "word": word, "weight": weight}
        for node in nodes
        for word, dy, weight in (
            (node.label, -0.13 if node.number else 0.0, 400),
            (node.number, 0.14, 600),
        )
        if word
    ]
    columns = max(node.column for node in nodes)
    low = min(node.row for node in nodes) - 0.5
    high = max(node.row for node in nodes) + 0.5
    scale = {
        "x": alt.Scale(domain=[-0.45, columns + 0.45], nice=False, zero=False),
        "y": alt.Scale(domain=[high, low], nice=False, zero=False),
    }

    def place(**more: Any) -> dict[str, Any]:
        return {
            "x": alt.X("x:Q", axis=None, scale=scale["x"]),
            "y": alt.Y("y:Q", axis=None, scale=scale["y"]),
        } | more

    size = max(SIZE, window.type_size)
    area = {"x2": "x2:Q", "y2": "y2:Q"}
    painted = {"color": alt.Color("colour:N", scale=None)}
    edged = {"stroke": alt.Stroke("colour:N", scale=None)}
    tips = [line | {"x": line["x2"], "y": line["y2"]} for line in lines]
    chart = layered(
        Chart(alt.Data(values=lines))
        .mark_rule(strokeWidth=2, opacity=0.75)
        .encode(**place(**area, **painted)),
        Chart(alt.Data(values=tips))
        .mark_point(shape="triangle-right", filled=True, size=110, opacity=1, xOffset=-4)
        .encode(**place(**painted)),
        Chart(alt.Data(values=boxes))
        .mark_rect(fill=ink.background, cornerRadius=7)
        .encode(**place(**area, **edged)),
        Chart(alt.Data(values=boxes))
        .mark_rect(opacity=0.16, cornerRadius=7)
        .encode(**place(**area, **painted)),
        Chart(alt.Data(values=words))
        .mark_text(fontSize=size, fontWeight=alt.ExprRef("datum.weight"), color=ink.text)
        .encode(**place(text="word:N")),
    )
    row = min(ROW * size / SIZE, (window.height - HEAD) / (high - low))
    sizes: dict[str, Any] = {"height": row * (high - low) + HEAD}
    if width is not None:
        sizes["width"] = width
    found: alt.LayerChart = chart.properties(config=alt.Config(**config(theme)), **sizes)
    return found
