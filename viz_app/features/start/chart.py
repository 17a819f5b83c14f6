"""The picture: a row of numbers, three doors, the answer so far, and a vessel with a level.

All places are in pixels. What moves is a signal: the cursor, by a timer, a finger or a key; the
marks, by a finger; and with them all that the network makes of the row (`chart_network`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt

from viz_app.features.start import chart_network
from viz_app.features.start.chart_scene import Scene
from viz_app.kit.chart.style import INKS, SIGNAL_COLOURS, Theme, config
from viz_app.kit.chart.window import Window

Layer = dict[str, Any]
Words = Mapping[str, str]

STEPS, ONE = "steps", "one"
"""The tables: a row a step, and a single row."""

# Vega has a signal of its own called cursor, so here it is ``now``.
TICK = 190
"""Milliseconds of a step while it plays."""

PLAY, PAUSE = "M-0.5,-0.8L0.8,0L-0.5,0.8Z", "M-0.6,-0.7H-0.15V0.7H-0.6ZM0.15,-0.7H0.6V0.7H0.15Z"
WIDTH = 900
"""Pixels of a still."""

MOVED = {"m1": "mark1", "n1": "number1", "m2": "mark2", "n2": "number2"}
"""What a page is told when a mark was dragged, and from which signals."""

TAKEN = ("INPUT", "TEXTAREA", "SELECT", "BUTTON", "A")
"""Where a key is meant for what has the focus."""

DOORS = ("input_gate", "forget_gate", "output_gate")
LOW, HIGH, MARGIN = 0.6, 1.9, 0.08
"""The answers' axis reaches at least from and to here; and beyond all answers by so much."""


@dataclass(frozen=True)
class Places:
    """Where everything stands, in pixels.

    Attributes
    ----------
    size
        Of the type.
    narrow
        The vessel stands below the row, not beside it.
    left
        Where the row begins.
    bars, gate, gap, answer
        Heights: of the numbers, of a gate, between panels, of the answers.
    vessel
        Height of the vessel's panel.
    beside
        Its width.
    """

    size: float
    narrow: bool
    left: float
    bars: float
    gate: float
    gap: float
    answer: float
    vessel: float
    beside: float

    @property
    def top(self) -> float:
        """Of the numbers."""
        return self.size + 12

    def gate_top(self, number: int) -> float:
        """Of a gate's panel."""
        return self.top + self.bars + self.gap + number * (self.gate + self.gap)

    @property
    def answer_top(self) -> float:
        """Of the answers."""
        return self.gate_top(3)

    @property
    def bottom(self) -> float:
        """Of the answers."""
        return self.answer_top + self.answer

    @property
    def height(self) -> float:
        """Of the picture."""
        return self.bottom + 8 + (self.gap + self.vessel if self.narrow else 0)

    @property
    def right(self) -> str:
        """Where the row ends, as Vega writes it."""
        return "width - 2" if self.narrow else f"width - {self.beside}"

    def x(self, step: str) -> str:
        """Where a step begins."""
        return f"({self.left} + ({step}) * ({self.right} - {self.left}) / count)"

    @property
    def step(self) -> str:
        """The step under a pointer."""
        share = f"(x() - {self.left}) / ({self.right} - {self.left})"
        return f"clamp(floor({share} * count), 0, count - 1)"


def places(window: Window) -> Places:
    """As large as they may be in a window."""
    size = window.type_size
    if window.name == "phone":
        return Places(size, True, 52, 52, 26, 7, 58, 140, 0)
    if window.name == "tablet":
        return Places(size, True, 70, 110, 56, 12, 130, 320, 0)
    if window.name == "projector":
        return Places(size, False, 96, 150, 88, 16, 190, 0, 480)
    if window.name == "desktop":
        return Places(size, False, 80, 140, 80, 14, 180, 0, 400)
    if window.name == "small_projector":
        return Places(size, False, 84, 66, 36, 9, 80, 0, 370)
    return Places(size, False, 70, 92, 46, 11, 112, 0, 330)


def picture(scene: Scene, words: Words, theme: Theme, window: Window, width: int) -> alt.LayerChart:
    """The scene as a still, at the second mark; a browser can play it."""
    made = _made_of(scene, words, theme, window, plays=False) | {"width": width}
    signals = made["config"].pop("signals")
    chart: alt.LayerChart = alt.LayerChart.from_dict(
        made | {"usermeta": {"signals": signals}}, validate=False
    )
    chart["datasets"] = _tables(scene)
    return chart


def spec(
    scene: Scene, words: Words, theme: Theme, window: Window, *, plays: bool
) -> dict[str, Any]:
    """The scene for a page, as wide as its place; ``plays`` as soon as it is there."""
    made = _made_of(scene, words, theme, window, plays=plays)
    return made | {"width": "container", "datasets": _tables(scene)}


def _tables(scene: Scene) -> dict[str, list[dict[str, Any]]]:
    return {STEPS: [{"step": step} for step in range(len(scene.values))], ONE: [{"one": 1}]}


def _made_of(
    scene: Scene, words: Words, theme: Theme, window: Window, *, plays: bool
) -> dict[str, Any]:
    at = places(window)
    ink = INKS[theme]
    shown = _row(at, ink, words) + _gates(at, theme, scene, words) + _answers(at, theme, words)
    shown += _vessel(at, theme, scene, words) + _hand(at, ink)
    signals = _moving(at, scene, plays) + chart_network.signals(scene)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "height": at.height,
        "padding": dict.fromkeys(("left", "top", "right", "bottom"), 2),
        "config": config(theme, at.size) | {"signals": signals},
        "params": [
            {
                "name": "moved", "views": ["hand"],
                "select": {"type": "point", "fields": list(MOVED), "on": "pointerup",
                           "clear": False},
            }
        ],
        "layer": shown,
    }  # fmt: skip


def _moving(at: Places, scene: Scene, plays: bool) -> list[dict[str, Any]]:
    """What a timer, a finger and a key change."""
    first, second = scene.marks
    at_play = f"x() < {at.left} && y() < {at.top + at.bars}"
    near = " : ".join(
        f"abs({at.step} - mark{number}) <= 1 && y() < {at.gate_top(0)} ? {number}"
        for number in (1, 2)
    )
    number = f"clamp(round(100 * ({at.top + at.bars} - y()) / {at.bars}) / 100, 0, 1)"

    def pressed(*keys: str) -> dict[str, Any]:
        """Not while somebody writes or stands on a button."""
        filters = [
            f"indexof({[*keys]}, event.key) >= 0", f"indexof({[*TAKEN]}, event.target.tagName) < 0",
        ]  # fmt: skip
        return {"source": "window", "type": "keydown", "filter": filters, "consume": True}

    def dragged(mark: int) -> list[dict[str, Any]]:
        move = f"grab == {mark} && {at.step} != mark{3 - mark} ? {at.step} : mark{mark}"
        height = f"grab == {mark} ? {number} : number{mark}"
        moves = "pointermove"
        return [
            {"name": f"mark{mark}", "value": (first, second)[mark - 1],
             "on": [{"events": moves, "update": move}]},
            {"name": f"number{mark}", "value": round(float(scene.values[scene.marks[mark - 1]]), 6),
             "on": [{"events": moves, "update": height}]},
        ]  # fmt: skip

    return [
        {"name": "count", "value": len(scene.values)},
        {"name": "grab", "value": 0, "on": [
            {"events": "pointerdown", "update": f"{at_play} ? 0 : {near} : 3"},
            {"events": "window:pointerup, window:pointercancel", "update": "0"},
        ]},
        {"name": "playing", "value": plays, "on": [
            {"events": f"timer{{{TICK}}}", "update": "playing && now < count - 1"},
            {"events": "pointerdown", "update": f"{at_play} ? !playing : false"},
            {"events": pressed(" ", "Enter"), "update": "!playing"},
            {"events": pressed("ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End"),
             "update": "false"},
        ]},
        {"name": "now", "value": 0 if plays else second, "on": [
            {"events": f"timer{{{TICK}}}",
             "update": "playing ? min(now + 1, count - 1) : now"},
            {"events": "pointerdown", "update":
             f"{at_play} ? (now >= count - 1 ? 0 : now) : grab == 3 ? {at.step} : now"},
            {"events": "pointermove", "update": f"grab == 3 ? {at.step} : now"},
            {"events": pressed(" ", "Enter"), "update": "now >= count - 1 ? 0 : now"},
            {"events": pressed("ArrowRight", "PageDown"), "update": "min(now + 1, count - 1)"},
            {"events": pressed("ArrowLeft", "PageUp"), "update": "max(now - 1, 0)"},
            {"events": pressed("Home"), "update": "0"},
            {"events": pressed("End"), "update": "count - 1"},
        ]},
        *dragged(1), *dragged(2),
        _made("lowest", f"min({LOW}, min(extent(answers)[0], target) - {MARGIN})"),
        _made("highest", f"max({HIGH}, max(extent(answers)[1], target) + {MARGIN})"),
    ]  # fmt: skip


def _made(name: str, update: str) -> dict[str, Any]:
    return {"name": name, "update": update}


def _row(at: Places, ink: Any, words: Words) -> list[Layer]:
    """The numbers, two of them marked, and their values."""
    marked = "datum.step == mark1 || datum.step == mark2"
    base = at.top + at.bars
    bars = _bars(
        STEPS, at.x("datum.step + .07"), at.x("datum.step + .93"),
        f"{base} - max(1, numbers[datum.step] * {at.bars})", base,
        fill=f"{marked} ? '{ink.accent}' : '{ink.line}'",
    )  # fmt: skip
    told = [
        _text(
            f"format(number{number}, '.2f')", at.x(f"mark{number} + .5"),
            f"{base} - max(1, number{number} * {at.bars}) - 4", at.size + 1, ink.accent,
            baseline="bottom", weight="bold",
        )
        for number in (1, 2)
    ]  # fmt: skip
    return [bars, *told]


def _gates(at: Places, theme: Theme, scene: Scene, words: Words) -> list[Layer]:
    """Write, keep and show: a bar a step, those that are still to come pale."""
    colours, ink, found = SIGNAL_COLOURS[theme], INKS[theme], []
    for number, gate in enumerate(DOORS):
        top = at.gate_top(number)
        base = top + at.gate
        found.append(
            _text(f"'{words[f'start.{gate}']}'", f"{at.left - 8}", f"{base}", at.size + 1,
                  colours[gate], align="right", baseline="bottom", weight="bold")
        )  # fmt: skip
        ground = _bars(ONE, f"{at.left}", at.right, f"{top}", base, fill=f"'{ink.faint}'")
        found.append(ground | {"mark": ground["mark"] | {"opacity": 0.45}})
        if scene.gates is not None:
            found.append(
                _bars(
                    STEPS, at.x("datum.step + .05"), at.x("datum.step + .95"),
                    f"{base} - gates[datum.step][{number}] * {at.gate}", base,
                    fill=f"'{colours[gate]}'", opacity="datum.step <= now ? 1 : .28",
                )
            )  # fmt: skip
        elif number == 1:
            found.append(
                _text(f"'{words['start.no_gates']}'", f"({at.left} + {at.right}) / 2",
                      f"{(top + base) / 2}", at.size + 1, ink.quiet)
            )  # fmt: skip
    return found


def _answers(at: Places, theme: Theme, words: Words) -> list[Layer]:
    """The answer so far, beside the right one."""
    ink, colour = INKS[theme], SIGNAL_COLOURS[theme]["cell_state"]

    def y(value: str) -> str:
        return f"({at.bottom} - ({value} - lowest) / (highest - lowest) * {at.answer})"

    def line(until: str, opacity: float) -> Layer:
        return {
            "data": {"name": STEPS},
            "transform": [{"filter": until}, {"calculate": "[0, 1]", "as": "side"},
                          {"flatten": ["side"]}],
            "mark": {"type": "line", "strokeWidth": 3, "color": colour, "opacity": opacity},
            "encoding": {
                "x": {"value": {"expr": at.x("datum.step + datum.side")}},
                "y": {"value": {"expr": y("answers[datum.step]")}},
            },
        }  # fmt: skip

    right = {
        "data": {"name": ONE},
        "mark": {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 1.5, "color": ink.text},
        "encoding": {
            "x": {"value": {"expr": f"{at.left}"}}, "x2": {"value": {"expr": at.right}},
            "y": {"value": {"expr": y("target")}},
        },
    }  # fmt: skip
    label = f"'{words['start.right']} ' + format(target, '.2f')"
    return [
        _text(f"'{words['start.answer']}'", f"{at.left - 8}", f"{at.bottom}", at.size + 1,
              colour, align="right", baseline="bottom", weight="bold"),
        right,
        line("true", 0.28), line("datum.step <= now", 1),
        _text(label, f"{at.left + 4}", f"{y('target')} - 3", at.size, ink.text,
              align="left", baseline="bottom"),
        _text("format(answers[now], '.2f')", f"clamp({at.x('now + 1.2')}, {at.left}, "
              f"{at.right} - {3 * at.size})",
              f"{y('answers[now]')} + 4", at.size + 4, colour, align="left", baseline="top",
              weight="bold"),
    ]  # fmt: skip


def _vessel(at: Places, theme: Theme, scene: Scene, words: Words) -> list[Layer]:
    """The cell: what is written comes in from the left, what is kept goes round, what is shown
    leaves to the right; each through its door."""
    ink, colours = INKS[theme], SIGNAL_COLOURS[theme]
    by = at.size / 13
    wide = 300 * by
    aside = f"width - {at.beside - (at.beside - wide) / 2 - 8}"
    x0 = f"((width - {wide}) / 2)" if at.narrow else f"({aside})"
    top = at.bottom + 4 + at.gap if at.narrow else 8.0
    room = at.vessel if at.narrow else at.bottom - top - 3.6 * at.size
    pipe = max(18.0, min(30.0 * by, room * 0.13))
    loop, low = top + pipe / 2 + 2, top + room
    brim = loop + pipe * 1.15
    left, right = 92, 208

    def x(offset: float) -> str:
        return f"{x0} + {offset * by}"

    level = f"clamp(states[now] / {scene.reach:.6g}, -1, 1)"
    middle, half = (brim + low) / 2, (low - brim) / 2 - 4
    found = [
        _bars(ONE, x(left), x(right), f"{middle} - {level} * {half}", low,
              fill=f"'{colours['cell_state']}'", opacity=".55"),
        _frame(x(left), x(right), brim, low, ink.text),
        _rule(x(left), x(left + 8), middle, ink.quiet),
        _rule(x(right - 8), x(right), middle, ink.quiet),
        _text("format(states[now], '+.2f')", x((left + right) / 2), f"{middle}", at.size + 3,
              ink.text, weight="bold"),
    ]  # fmt: skip
    if scene.gates is None:
        return found + _said(at, ink, theme, words, x, low)
    above, below = brim + pipe * 0.9, low - pipe * 1.1
    found += _pipe(x(8), x(left), above, pipe, 0, left - 40, x, theme)
    found += _pipe(x(right), x(right + 84), below, pipe, 2, right + 42, x, theme)
    up, down = right - 26, left + 26
    green = f"'{colours['forget_gate']}'"
    flow = ".15 + .6 * gates[now][1]"
    thick, slim = pipe * 0.8, pipe * 0.4 / by
    found += [
        _bars(ONE, x(side - slim), x(side + slim), f"{loop + thick / 2}", brim,
              fill=green, opacity=flow)
        for side in (up, down)
    ]  # fmt: skip
    found += _pipe(x(down - slim), x(up + slim), loop, thick, 1, (up + down) / 2, x, theme)
    labels = (
        ("input_gate", x(8), above - pipe / 2 - 5, "left", "bottom"),
        ("forget_gate", x(up + slim + 8), loop, "left", "middle"),
        ("output_gate", x(right + 84), below - pipe / 2 - 5, "right", "bottom"),
    )
    for number, (gate, across, high, align, baseline) in enumerate(labels):
        text = f"'{words[f'start.{gate}']} ' + format(gates[now][{number}], '.2f')"
        found.append(
            _text(text, across, f"{high}", at.size + 1, colours[gate], align=align,
                  baseline=baseline, weight="bold")
        )  # fmt: skip
    return found + _said(at, ink, theme, words, x, low)


def _said(
    at: Places, ink: Any, theme: Theme, words: Words, x: Any, low: float
) -> list[Layer]:  # fmt: skip
    """The answer at the cursor and the right one, large; where there is room for it."""
    if at.narrow:
        return []
    answer = f"'{words['start.answer']} ' + format(answers[now], '.2f')"
    right = f"'{words['start.right']} ' + format(target, '.2f')"
    return [
        _text(answer, x(150), f"{low + 10}", at.size + 6, SIGNAL_COLOURS[theme]["cell_state"],
              baseline="top", weight="bold"),
        _text(right, x(150), f"{low + 10 + 1.55 * at.size}", at.size + 2, ink.text, baseline="top"),
    ]  # fmt: skip


def _pipe(
    x: str, x2: str, middle: float, thick: float, gate: int, door: float, at: Any, theme: Theme
) -> list[Layer]:
    """A pipe, the stronger the more its gate lets through, and its door, which slides up."""
    ink, colour = INKS[theme], SIGNAL_COLOURS[theme][DOORS[gate]]
    opened = f"gates[now][{gate}]"
    top, base = middle - thick / 2, middle + thick / 2
    return [
        _bars(ONE, x, x2, f"{top}", base, fill=f"'{colour}'", opacity=f".15 + .6 * {opened}"),
        _bars(ONE, at(door - 5), at(door + 5), f"{top} - 3", f"{base} + 3 - {opened} * {thick + 3}",
              fill=f"'{ink.text}'"),
        _bars(ONE, at(door - 5), at(door + 5), f"{base}", f"{base} + 3", fill=f"'{ink.text}'"),
    ]  # fmt: skip


def _hand(at: Places, ink: Any) -> list[Layer]:
    """The cursor, and the button that plays."""
    cursor = {
        "data": {"name": ONE},
        "mark": {"type": "rule", "strokeWidth": 2, "color": ink.text},
        "encoding": {
            "x": {"value": {"expr": at.x("now + .5")}},
            "y": {"value": at.top + at.bars + 1}, "y2": {"value": at.bottom + 4},
        },
    }  # fmt: skip
    middle = at.top + at.bars / 2
    size = min(at.left - 16, 40)
    button = {"type": "point", "filled": True, "cursor": "pointer", "opacity": 1}
    place = {"x": {"value": at.left / 2 - 4}, "y": {"value": middle}}
    sign = {"expr": f"playing ? '{PAUSE}' : '{PLAY}'"}
    touched = _bars(ONE, f"{at.left}", at.right, "0", at.gate_top(0), fill="'transparent'")
    told = [{"calculate": signal, "as": name} for name, signal in MOVED.items()]
    return [
        cursor,
        touched | {"name": "hand", "transform": told},
        {"data": {"name": ONE}, "mark": button | {"shape": "circle", "color": ink.accent},
         "encoding": place | {"size": {"value": size**2}}},
        {"data": {"name": ONE}, "mark": button | {"shape": sign, "color": ink.background},
         "encoding": place | {"size": {"value": (size / 2.2) ** 2}}},
    ]  # fmt: skip


def _bars(
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


def _frame(x: str, x2: str, y: float, y2: float, colour: str) -> Layer:
    layer = _bars(ONE, x, x2, f"{y}", y2, fill="'transparent'")
    return layer | {
        "mark": {"type": "rect", "filled": False, "stroke": colour, "strokeWidth": 2.5},
        "encoding": {name: part for name, part in layer["encoding"].items() if name != "color"},
    }


def _rule(x: str, x2: str, y: float, colour: str) -> Layer:
    return {
        "data": {"name": ONE},
        "mark": {"type": "rule", "strokeWidth": 1.5, "color": colour},
        "encoding": {
            "x": {"value": {"expr": x}}, "x2": {"value": {"expr": x2}}, "y": {"value": y},
        },
    }  # fmt: skip


def _text(
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
