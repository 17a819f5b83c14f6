"""What the picture is drawn with: rectangles, rules and texts at places that are expressions."""

from typing import Any

Layer = dict[str, Any]

STEPS, ONE = "steps", "one"
"""The tables: a row a step, and a single row."""


def bars(
    data: str, x: str, x2: str, y: str, y2: float | str, *, fill: str, opacity: str = ""
) -> Layer:
    """A rectangle for each row."""
    mark: dict[str, Any] = {"type": "rect", "strokeWidth": 0}
    if opacity:
        mark["opacity"] = {"expr": opacity}
    return {
        "data": {"name": data},
        "mark": mark,
        "encoding": {
            "x": {"value": {"expr": x}}, "x2": {"value": {"expr": x2}},
            "y": {"value": {"expr": y}}, "y2": {"value": {"expr": f"{y2}"}},
            "color": {"value": {"expr": fill}}, "tooltip": {"value": None},
        },
    }  # fmt: skip


def frame(x: str, x2: str, y: float, y2: float, colour: str) -> Layer:
    layer = bars(ONE, x, x2, f"{y}", y2, fill="'transparent'")
    return layer | {
        "mark": {"type": "rect", "filled": False, "stroke": colour, "strokeWidth": 2.5},
        "encoding": {name: part for name, part in layer["encoding"].items() if name != "color"},
    }


def rule(x: str, x2: str, y: float, colour: str) -> Layer:
    return {
        "data": {"name": ONE},
        "mark": {"type": "rule", "strokeWidth": 1.5, "color": colour},
        "encoding": {
            "x": {"value": {"expr": x}}, "x2": {"value": {"expr": x2}}, "y": {"value": y},
        },
    }  # fmt: skip


def text(
    text: str, x: str, y: str, size: float, colour: str, *, align: str = "center",
    baseline: str = "middle", weight: str = "normal",
) -> Layer:  # fmt: skip
    return {
        "data": {"name": ONE},
        "mark": {
            "type": "text", "fontSize": size, "align": align, "baseline": baseline,
            "fontWeight": weight, "color": colour, "text": {"expr": text},
        },
        "encoding": {"x": {"value": {"expr": x}}, "y": {"value": {"expr": y}}},
    }  # fmt: skip


def on_ground(layer: Layer, ground: str) -> list[Layer]:
    """A text that stays legible on lines: below it the same in the ground's colour, wider."""
    wider = {"stroke": ground, "strokeWidth": 5, "color": ground, "strokeJoin": "round"}
    return [layer | {"mark": layer["mark"] | wider}, layer]
