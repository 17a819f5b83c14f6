"""What a class answered, as bars: each below its own words, so that a narrow place has room."""

from collections.abc import Mapping, Sequence
from typing import Any

from viz_app.kit.chart.style import INKS, config
from viz_app.kit.chart.window import Look

Row = tuple[str, tuple[int, ...], bool]
"""Words, how many in each round, and whether it is right."""

WIDE = 1.9
"""Of the longest bar's length: room for the note at its end."""

GAP = 9
"""Pixels between two answers."""

FADED = 0.45
"""Opacity of the first round's bars where there is a second."""


def answer_bars(
    rows: Sequence[Row], answers: Sequence[int], words: Mapping[str, str], look: Look
) -> dict[str, Any]:
    """Draw a bar for each answer and round.

    Parameters
    ----------
    rows
        In the order in which they are drawn.
    answers
        How many answered in each round.
    words
        ``class.is_correct`` of a right one; ``class.in_round`` before a round's count.
    look
        How charts are drawn.
    """
    ink, size = INKS[look.theme], look.window.type_size + 1
    rounds, line, bar = len(answers), round(size * 1.5), round(size * 1.1)
    tall = line + rounds * (bar + 3) + GAP
    labels: list[dict[str, Any]] = []
    bars: list[dict[str, Any]] = []
    for number, (text, counts, right) in enumerate(rows):
        top = number * tall
        colour = ink.accent if right else ink.text
        note = words["class.is_correct"] if right else "{text}"  # in front: the end may be cut
        labels.append({"y": top + line / 2, "text": note.format(text=text), "ink": colour})
        for place, count in enumerate(counts):
            total, first = answers[place], rounds > 1 and place == 0
            share = f" ({count / total:.0%})" if total else ""
            which = words["class.in_round"].format(round=place + 1) if rounds > 1 else ""
            y = top + line + place * (bar + 3)
            bars.append({
                "y": y, "y2": y + bar, "middle": y + bar / 2, "count": count,
                "share": count / total if total else 0,
                "note": f"{which} {count}{share}".strip(), "fade": FADED if first else 1,
                "ink": ink.accent if right else ink.quiet,
            })  # fmt: skip
    height = max(1, len(rows)) * tall

    def at(field: str, axis: Any = None) -> dict[str, Any]:
        scale = {"domain": [0, height], "reverse": True, "nice": False, "zero": True}
        return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}

    # room for the note at the end of the longest bar
    x = {
        "field": "share", "type": "quantitative", "axis": None,
        "scale": {"domain": [0, WIDE], "nice": False},
    }  # fmt: skip
    colour_of = {"field": "ink", "type": "nominal", "scale": None, "legend": None}
    mark: dict[str, Any] = {"type": "text", "align": "left", "baseline": "middle", "fontSize": size}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "height": height,
        "config": config(look.theme, look.window.type_size),
        "layer": [
            {
                "data": {"values": bars},
                "mark": {"type": "bar", "cornerRadiusEnd": 2},
                "encoding": {
                    "x": x, "x2": {"datum": 0}, "y": at("y"), "y2": {"field": "y2"},
                    "color": colour_of,
                    "opacity": {"field": "fade", "type": "quantitative", "scale": None,
                                "legend": None},
                },
            },
            {
                "data": {"values": bars},
                "mark": mark | {"dx": 5, "color": ink.text},
                "encoding": {"x": x, "y": at("middle"), "text": {"field": "note"}},
            },
            {
                "data": {"values": labels},
                "mark": mark | {"fontWeight": 600, "limit": {"expr": "width"}},
                "encoding": {
                    "x": {"value": 0}, "y": at("y"), "text": {"field": "text"},
                    "color": colour_of,
                },
            },
        ],
    }  # fmt: skip
