"""A guess beside what is right, as a small picture: where no chart of a view has its axis (where
one has, `viz_app.kit.chart.guessed` draws it there).

A guess is a hollow shape with a dashed line, what is right a filled one: nothing is told by colour
alone. Without ``truth`` the guess stands alone, while it is made.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from viz_app.kit.chart.axes import POWER, in_lines
from viz_app.kit.chart.style import INKS, config
from viz_app.kit.chart.window import Look

Spec = dict[str, Any]
Words = Mapping[str, str]

TINY = 1e-3
"""Where an axis begins below it, its numbers are powers of ten."""

LETTERS = 16
"""So many letters of a thing stand on a line, where things are put in order on a phone."""

SQUEEZED = 24
"""Pixels beside a plot, for what stands at its ends."""


def number(
    words: Words, guess: float, truth: float, ends: tuple[float, float], look: Look,
    *, log: bool = False, unit: str = "", labels: tuple[str, str] = ("", ""),
) -> Spec:  # fmt: skip
    """Two places on a line; ``labels`` are the two numbers as they are said."""
    ink, size = INKS[look.theme], look.window.type_size
    scale: Spec = {"domain": list(ends), "nice": False, "clamp": True}
    if log:
        scale["type"] = "log"
    axis = {"title": unit or None, "grid": False, "tickCount": 5, "labelOverlap": True}
    if log and ends[0] < TINY:
        axis["labelExpr"] = POWER
    x = {"field": "value", "type": "quantitative", "scale": scale, "axis": axis}
    named = words["question.named"]
    rows = [
        {"value": value, "text": named.format(name=words[key], value=label), "at": at}
        for value, key, label, at in (
            (guess, "question.your_guess", labels[0], 0.0),
            (truth, "question.truth", labels[1], 1.0),
        )
    ]
    middle = (ends[0] * ends[1]) ** 0.5 if log else sum(ends) / 2
    layers: list[Spec] = []
    for row, own in zip(rows, (True, False), strict=True):
        y = {"value": 3.4 * size if own else 1.2 * size}
        left = float(str(row["value"])) <= middle
        data = {"values": [row]}
        layers += [
            {"data": data, "mark": {"type": "rule", "color": ink.text if own else ink.accent,
                                    "strokeDash": [4, 3] if own else [1, 0], "strokeWidth": 2},
             "encoding": {"x": x, "y": y, "y2": {"value": {"expr": "height"}}}},
            {"data": data, "mark": {"type": "point", "shape": "circle", "size": 9 * size,
                                    "filled": not own, "strokeWidth": 2.5, "opacity": 1,
                                    "color": ink.text if own else ink.accent},
             "encoding": {"x": x, "y": y}},
            {"data": data, "mark": {"type": "text", "align": "left" if left else "right",
                                    "dx": size if left else -size, "fontSize": size + 1,
                                    "fontWeight": 600, "baseline": "middle",
                                    "color": ink.text if own else ink.accent},
             "encoding": {"x": x, "y": y, "text": {"field": "text"}}},
        ]  # fmt: skip
    return _whole(layers, 5 * size + _axis(look, unit), look)


def curve(
    words: Words, at: Sequence[float], guess: Sequence[float], truth: Sequence[float] | None,
    ends: tuple[float, float], look: Look, *, titles: tuple[str, str] = ("", ""),
) -> Spec:  # fmt: skip
    """A line through the guessed points, and the right one over it."""
    ink, size = INKS[look.theme], look.window.type_size
    layers: list[Spec] = []
    for name, heights, own in (("your_guess", guess, True), ("truth", truth, False)):
        if heights is None:
            continue
        colour = ink.text if own else ink.accent
        rows = [{"x": x, "y": y} for x, y in zip(at, heights, strict=True)]
        encoding = {
            "x": {"field": "x", "type": "quantitative", "scale": {"zero": False, "padding": 12},
                  "axis": {"title": titles[0] or None, "values": [*at], "grid": False,
                           "labelOverlap": True}},
            "y": {"field": "y", "type": "quantitative", "scale": {"domain": list(ends)},
                  "axis": {"title": titles[1] or None, "tickCount": 4}},
        }  # fmt: skip
        line = {"strokeDash": [6, 4] if own else [1, 0], "color": colour, "strokeWidth": 2.5}
        layers += [
            {"data": {"values": rows}, "encoding": encoding, "mark": {"type": "line", **line}},
            {"data": {"values": rows}, "encoding": encoding,
             "mark": {"type": "point", "filled": not own, "color": colour, "size": 6 * size,
                      "opacity": 1, "strokeWidth": 2.5}},
            _head(words[f"question.{name}"], look, own=own, up=1.8 * size),
        ]  # fmt: skip
    return _whole(layers, 12 * size + _axis(look, titles[0]), look, above=1.8 * size)


def order(
    words: Words, things: Sequence[str], guess: Sequence[int], truth: Sequence[int], look: Look
) -> Spec:
    """Two columns, and a line from each thing of the one to the same of the other."""
    ink, size = INKS[look.theme], look.window.type_size
    told = [in_lines(thing, LETTERS) for thing in things]
    most = max(1 if isinstance(each, str) else len(each) for each in told)
    step = (0.9 + 1.2 * most) * size
    rows = [
        {"thing": told[each], "left": place, "right": list(truth).index(each)}
        for place, each in enumerate(guess)
    ]
    for row in rows:
        row["same"] = row["left"] == row["right"]

    def y(field: str) -> Spec:
        return {"value": {"expr": f"{1.8 * size} + (datum['{field}'] + .5) * {step}"}}

    up = f"isArray(datum.thing) ? {-0.6 * size} * (length(datum.thing) - 1) : 0"

    def text(field: str, x: str, align: str) -> Spec:
        return {
            "data": {"values": rows},
            "mark": {"type": "text", "align": align, "baseline": "middle", "fontSize": size + 1,
                     "color": ink.text, "limit": {"expr": "width * .38"}, "dy": {"expr": up}},
            "encoding": {"x": {"value": {"expr": x}}, "y": y(field), "text": {"field": "thing"}},
        }  # fmt: skip

    heads = [
        _head(words["question.your_guess"], look, own=True),
        _head(words["question.truth"], look, own=False),
    ]
    lines = {
        "data": {"values": rows},
        "mark": {"type": "rule", "strokeWidth": 2,
                 "color": {"expr": f"datum.same ? '{ink.accent}' : '{ink.line}'"},
                 "strokeDash": {"expr": "datum.same ? [1, 0] : [5, 4]"}},
        "encoding": {"x": {"value": {"expr": "width * .4"}}, "y": y("left"),
                     "x2": {"value": {"expr": "width * .6"}}, "y2": y("right")},
    }  # fmt: skip
    shown = [*heads, lines, text("left", "0", "left"), text("right", "width", "right")]
    return _whole(shown, 2 * size + step * len(rows), look)


def places(
    words: Words, count: int, guess: Sequence[int], truth: Sequence[int], title: str, look: Look
) -> Spec:
    """A row of places: the guessed ones framed, the right ones filled."""
    ink, size = INKS[look.theme], look.window.type_size
    ground = [{"from": place, "to": place + 1} for place in range(count)]

    def some(those: Sequence[int]) -> list[Spec]:
        return [{"from": place, "to": place + 1} for place in those]

    x = {
        "x": {"field": "from", "type": "quantitative", "scale": {"domain": [0, count]},
              "axis": {"title": title or None, "grid": False, "tickMinStep": 1}},
        "x2": {"field": "to"}, "y": {"value": 1.6 * size}, "y2": {"value": 4 * size},
    }  # fmt: skip

    layers: list[Spec] = [
        {"data": {"values": ground}, "encoding": x,
         "mark": {"type": "rect", "color": ink.faint, "stroke": ink.background}},
        {"data": {"values": some(truth)}, "encoding": x,
         "mark": {"type": "rect", "color": ink.accent}},
        {"data": {"values": some(guess)}, "encoding": x,
         "mark": {"type": "rect", "filled": False, "stroke": ink.text, "strokeWidth": 2.5,
                  "strokeDash": [4, 3]}},
        _head(words["question.your_guess"], look, own=True),
        _head(words["question.truth"], look, own=False),
    ]  # fmt: skip
    return _whole(layers, 4 * size + _axis(look, title), look)


def _axis(look: Look, title: str) -> float:
    """Pixels below a plot for its axis: a page gives both together so much height."""
    return look.window.type_size * (3.4 if title else 2) + 6


def _head(text: str, look: Look, *, own: bool, up: float = 0) -> Spec:
    """What is whose, at the upper ends of a plot or above it."""
    ink = INKS[look.theme]
    return {
        "data": {"values": [{}]},
        "mark": {"type": "text", "align": "left" if own else "right", "baseline": "top",
                 "fontWeight": 600, "fontSize": look.window.type_size + 1, "text": text,
                 "color": ink.text if own else ink.accent},
        "encoding": {"x": {"value": {"expr": "0" if own else "width"}}, "y": {"value": -up}},
    }  # fmt: skip


def _whole(layers: Sequence[Spec], height: float, look: Look, *, above: float = 0) -> Spec:
    size = look.window.type_size
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "height": height,
        "padding": {"left": 4, "right": SQUEEZED, "top": 4 + above, "bottom": 4},
        "config": config(look.theme, size),
        "layer": list(layers),
    }
