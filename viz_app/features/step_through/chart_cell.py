"""Draws a cell: a handful of layers, each over rows, with the numbers of the picked row in them.

Whatever changes with unit and step is looked up in the parameter ``now``, the picked row of the
dataset, so a browser draws another step without asking anyone.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt

from viz_app.features.step_through.chart_cells import DRAWINGS
from viz_app.features.step_through.chart_drawing import RADIUS, Drawing, Place, Way, Wire
from viz_app.features.step_through.chart_layout import Layout
from viz_app.features.step_through.chart_upright import UPRIGHT
from viz_app.kit.chart.altair_fast import Chart
from viz_app.kit.chart.style import INKS, SIGNAL_COLOURS, Theme

TIPS = {False: "M0,0L-0.3,0.65L0.3,0.65Z", True: "M0,0.65L-0.3,1.3L0.3,1.3Z"}
"""Arrowheads whose tip is where they are placed, or, at a circle, at its edge."""

NUMBER = "isValid(now[datum.key]) ? format(now[datum.key], '.3f') : ''"


def numbers_of(cell: str, way: Way) -> list[str]:
    """The names of all numbers on a cell's drawings."""
    return [
        wire.number(way)
        for drawing in (DRAWINGS[cell], UPRIGHT[cell])
        for wire in drawing.wires
        if wire.number(way)
    ]


def cell_layers(
    layout: Layout, way: Way, words: Mapping[str, str], theme: Theme, top: float
) -> list[alt.Chart]:
    """The drawing of a cell, as layers over the places x and y, ``top`` pixels below the chart's.

    ``words`` name boxes and labels, and have formulas of boxes (``<name>_formula``).
    """
    drawing = layout.drawing
    painter = _Painter(layout, way, words, theme, top - drawing.free * layout.tall)
    return [
        painter.wires(drawing.wires),
        painter.tips(drawing),
        *painter.boxes(drawing),
        *painter.dots(drawing),
        painter.labels(drawing),
        *painter.numbers(drawing.wires),
    ]


def places(top: float, at: Place) -> dict[str, float]:
    """A row's place on the chart."""
    return {"x": at[0], "y": top + at[1]}


def x_y(**more: Any) -> dict[str, Any]:
    """The two place channels, without axes."""
    return {"x": alt.X("x:Q", axis=None), "y": alt.Y("y:Q", axis=None)} | more


def rows(values: Iterable[dict[str, Any]]) -> alt.Chart:
    """A chart over rows that stand in the spec."""
    return Chart(alt.Data(values=list(values)))


def own(field: str) -> Any:
    """A mark's setting that each row brings along."""
    return alt.ExprRef(f"datum.{field}")


class _Painter:
    """One layer a method; the places, colours and words are those of one chart."""

    def __init__(
        self, layout: Layout, way: Way, words: Mapping[str, str], theme: Theme, top: float
    ) -> None:
        self.way, self.words, self.top = way, words, top
        self.ink, self.signals = INKS[theme], SIGNAL_COLOURS[theme]
        self.wide, self.tall, self.size = layout.wide, layout.tall, layout.size
        self.radius = RADIUS * max(1.0, layout.size / 14)

    def at(self, place: Place) -> dict[str, float]:
        """A row's place on the chart."""
        return places(self.top, (place[0] * self.wide, place[1] * self.tall))

    def colour(self, signal: str) -> str:
        """A signal's colour, or plain ink."""
        return self.signals.get(signal, self.ink.quiet)

    def wires(self, wires: tuple[Wire, ...]) -> alt.Chart:
        """Lines; one that carries a large number is thicker."""
        points = [
            self.at(at)
            | {
                "wire": number,
                "order": order,
                "key": wire.number(self.way),
                "colour": self.colour(wire.colour),
            }
            for number, wire in enumerate(wires)
            for order, at in enumerate(wire.points)
        ]
        size = "isValid(now[datum.key]) ? abs(now[datum.key]) : 0"
        return (
            rows(points)
            .transform_calculate(size=size)
            .transform_calculate(thick="1.4 + 3 * datum.size / (1 + datum.size)")
            .mark_line(strokeJoin="round", strokeCap="butt")
            .encode(
                **x_y(
                    detail="wire:N",
                    order="order:Q",
                    color=alt.Color("colour:N", scale=None),
                    strokeWidth=alt.StrokeWidth("thick:Q", scale=None),
                )
            )
        )

    def tips(self, drawing: Drawing) -> alt.Chart:
        """Arrowheads, at the other end on the way back."""
        circles = {dot.at for dot in drawing.dots}
        size = (2 * self.radius / 0.65) ** 2  # Vega takes a path's unit as half the root of it
        tips = []
        for wire in drawing.wires:
            if not (wire.arrow if self.way == "forward" else wire.arrow_back):
                continue
            ends = wire.points if self.way == "forward" else wire.points[::-1]
            tips.append(
                self.at(ends[-1])
                | {
                    "angle": _angle(ends[-2], ends[-1]),
                    "shape": TIPS[ends[-1] in circles],
                    "colour": self.colour(wire.colour),
                }
            )
        return (
            rows(tips)
            .mark_point(filled=True, size=size, opacity=1, angle=own("angle"))
            .encode(
                **x_y(
                    color=alt.Color("colour:N", scale=None),
                    shape=alt.Shape("shape:N", scale=None),
                )
            )
        )

    def boxes(self, drawing: Drawing) -> list[alt.Chart]:
        """Non-linearities: name and formula on a ground of their colour."""
        across, down = (half / 2 for half in drawing.box)
        boxes = [
            {
                "x": self.wide * (box.at[0] - across),
                "x2": self.wide * (box.at[0] + across),
                "y": self.top + self.tall * (box.at[1] - down),
                "y2": self.top + self.tall * (box.at[1] + down),
                "colour": self.colour(box.colour),
            }
            for box in drawing.boxes
        ]
        line = min(0.66 * self.size, 0.5 * self.tall * down)
        words = [
            self.at(box.at) | {"word": self.words[key], "weight": weight, "dy": dy}
            for box in drawing.boxes
            for key, dy, weight in ((box.name, -line, 600), (f"{box.name}_formula", line, 400))
        ]
        area = {"x2": "x2:Q", "y2": "y2:Q", "color": alt.Color("colour:N", scale=None)}
        edge = {**area, "stroke": alt.Stroke("colour:N", scale=None)}
        del edge["color"]
        return [
            rows(boxes).mark_rect(fill=self.ink.background, cornerRadius=7).encode(**x_y(**edge)),
            rows(boxes).mark_rect(opacity=0.16, cornerRadius=7).encode(**x_y(**area)),
            rows(boxes).mark_rect(fill=None, strokeWidth=2, cornerRadius=7).encode(**x_y(**edge)),
            rows(words)
            .mark_text(fontSize=self.size, fontWeight=own("weight"), dy=own("dy"))
            .encode(**x_y(text="word:N")),
        ]

    def dots(self, drawing: Drawing) -> list[alt.Chart]:
        """Circles with their signs."""
        dots = [
            self.at(dot.at) | {"sign": dot.sign, "size": self.size + 4 - 2 * len(dot.sign)}
            for dot in drawing.dots
        ]
        return [
            rows(dots)
            .mark_point(
                shape="circle", size=4 * self.radius**2, fill=self.ink.background, opacity=1,
                stroke=self.ink.text, strokeWidth=1.5,
            )
            .encode(**x_y()),
            rows(dots).mark_text(fontSize=own("size"), fontWeight=600).encode(**x_y(text="sign:N")),
        ]  # fmt: skip

    def labels(self, drawing: Drawing) -> alt.Chart:
        """What stands at the ends of wires."""
        labels = [
            self.at(label.at) | {"word": self.words[label.name], "align": label.align}
            for label in drawing.labels
            if label.way in ("", self.way)
        ]
        return (
            rows(labels)
            .mark_text(fontSize=self.size, color=self.ink.quiet, align=own("align"))
            .encode(**x_y(text="word:N"))
        )

    def numbers(self, wires: tuple[Wire, ...]) -> list[alt.Chart]:
        """The number on every wire, with a rim of the ground around it."""
        numbers = [
            self.at(wire.at)
            | {
                "key": wire.number(self.way),
                "align": wire.align,
                "colour": self.colour(wire.colour) if wire.colour else self.ink.text,
            }
            for wire in wires
            if wire.number(self.way)
        ]
        shown = rows(numbers).transform_calculate(number=NUMBER)
        style: dict[str, Any] = {"fontSize": self.size, "fontWeight": 600, "align": own("align")}
        ground = self.ink.background
        rim: dict[str, Any] = {"stroke": ground, "strokeWidth": 4, "strokeJoin": "round"}
        text = x_y(text="number:N")
        return [
            shown.mark_text(**style, **rim).encode(**text),
            shown.mark_text(**style).encode(**text, color=alt.Color("colour:N", scale=None)),
        ]


def _angle(start: Place, end: Place) -> int:
    """Degrees clockwise from up, of a segment along an axis."""
    if start[0] == end[0]:
        return 0 if end[1] < start[1] else 180
    return 90 if end[0] > start[0] else 270
