"""The picture: a row of numbers, three doors, the answer so far, and a vessel with a level.

All places are in pixels. What moves is a signal: the cursor, by a timer, a finger or a key; the
marks, by a finger; and with them all that the network makes of the row (`chart_network`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from viz_app.features.start import chart_marks as marks
from viz_app.features.start import chart_moving, chart_network
from viz_app.features.start.chart_places import Places, places
from viz_app.features.start.chart_scene import DOORS, Scene
from viz_app.features.start.chart_vessel import vessel
from viz_app.kit.chart.guessed import DASHED, GUESSES, PALE, filled
from viz_app.kit.chart.style import INKS, SIGNAL_COLOURS, Theme, config
from viz_app.kit.chart.window import Look, Window

Words = Mapping[str, str]

PLAY, PAUSE = "M-0.5,-0.8L0.8,0L-0.5,0.8Z", "M-0.6,-0.7H-0.15V0.7H-0.6ZM0.15,-0.7H0.6V0.7H0.15Z"
IN_A_BROWSER = "isValid(windowSize()[0]) ? 1 : 0"
"""On paper nothing can be played: no button stands there."""

WIDTH = 900
"""Pixels of a still."""

SLIM = 60
"""Where the row begins further left than this there is room for fewer of its steps' numbers."""

MOVED = {"m1": "mark1", "n1": "number1", "m2": "mark2", "n2": "number2"}
"""What a page is told when a mark was dragged, and from which signals."""


def picture(
    scene: Scene, words: Words, theme: Theme, window: Window, width: int,
    drawn: Sequence[str] | None = None,
) -> alt.LayerChart:  # fmt: skip
    """The scene as a still, at its end; a browser can play it.

    ``drawn`` are those of `PICTURES` that are drawn, without the vessel; None is all, and that.
    """
    made = _made_of(scene, words, theme, window, drawn) | {"width": width}
    signals = _at_the_end(made["config"].pop("signals"))
    chart: alt.LayerChart = alt.LayerChart.from_dict(
        made | {"usermeta": {"signals": signals}}, validate=False
    )
    chart["datasets"] = _tables(scene)
    return chart


def spec(
    scene: Scene, words: Words, theme: Theme, window: Window, drawn: Sequence[str] | None = None
) -> dict[str, Any]:
    """The scene for a page, as wide as its place."""
    made = _made_of(scene, words, theme, window, drawn)
    return made | {"width": "container", "datasets": _tables(scene)}


def with_guess(
    spec: dict[str, Any], look: Look, drawn: Sequence[str] | None = None, *, still: bool = False
) -> dict[str, Any]:
    """A finished scene at its end, the steps of `GUESSES` framed; a touch says its step
    (``touched``).

    With ``still`` the marks cannot be dragged. The scene that is given stays as it is.
    """
    at = places(look.window, drawn)
    layers = [
        layer | {"transform": [*layer["transform"], {"calculate": "touch", "as": "touched"}]}
        if layer.get("name") == "hand" else layer
        for layer in spec["layer"]
    ]  # fmt: skip
    touch = {
        "name": "touch", "value": -1,
        "on": [{"events": "pointerdown, pointermove", "update": at.step}],
    }  # fmt: skip
    given = {signal["name"]: signal for signal in _at_the_end(spec["config"]["signals"])}
    if still:
        given["grab"] = _held(given["grab"], at)
    touched = {
        "name": "touched", "views": ["hand"],
        "select": {"type": "point", "fields": ["touched"], "on": "pointerup", "clear": False},
    }  # fmt: skip
    return guessed(spec | {"layer": layers}, look, drawn) | {
        "config": spec["config"] | {"signals": [*given.values(), touch]},
        "params": [*spec["params"], touched],
    }


def guessed(spec: dict[str, Any], look: Look, drawn: Sequence[str] | None = None) -> dict[str, Any]:
    """A finished scene with the steps of `GUESSES` framed: so far none."""
    framed = _framed(places(look.window, drawn), INKS[look.theme])
    return filled(spec | {"layer": [*framed, *spec["layer"]]}, ())


def _framed(at: Places, ink: Any) -> list[marks.Layer]:
    """Guessed steps, and how many of a class are at each."""
    top, bottom = at.top - 4, at.bottom + 4

    def of(whose: str, *more: marks.Layer) -> marks.Layer:
        those: marks.Layer = {"filter": f"datum.whose == '{whose}'"}
        return {"data": {"name": GUESSES}, "transform": [those, *more]}

    begin, end = at.x("datum.value"), at.x("datum.value + 1")
    many = marks.bars(
        GUESSES, begin, end, f"{top}", bottom, fill=f"'{ink.text}'",
        opacity=f"{PALE} * datum.share",
    )  # fmt: skip
    frame = marks.frame(begin, end, top, bottom, ink.text)
    frame["mark"] |= {"strokeDash": DASHED}
    last = {"aggregate": [{"op": "max", "field": "value", "as": "last"},
                          {"op": "max", "field": "text", "as": "text"}]}  # fmt: skip
    place = f"clamp({at.x('datum.last + .5')}, {at.left} + 50, {at.right} - 50)"
    told = marks.text(
        "datum.text", place, "0", at.size + 1, ink.text, baseline="top", weight="bold"
    )
    return [many | of("class"), frame | of("own"), told | of("own", last)]


def _at_the_end(signals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    (count,) = (signal["value"] for signal in signals if signal["name"] == "count")
    return [
        signal | {"value": count - 1} if signal["name"] == "now" else signal for signal in signals
    ]


def _held(grab: dict[str, Any], at: Places) -> dict[str, Any]:
    """A finger takes no mark, but moves the cursor."""
    down, up = grab["on"]
    at_play = f"x() < {at.left} && y() < {at.top + at.bars}"
    return grab | {"on": [down | {"update": f"{at_play} ? 0 : 3"}, up]}


def _tables(scene: Scene) -> dict[str, list[dict[str, Any]]]:
    return {
        marks.STEPS: [{"step": step} for step in range(len(scene.values))],
        marks.ONE: [{"one": 1}],
    }


def _made_of(
    scene: Scene, words: Words, theme: Theme, window: Window, drawn: Sequence[str] | None
) -> dict[str, Any]:
    at = places(window, drawn)
    ink = INKS[theme]
    shown = _row(at, ink, words) + _steps(at, ink, words) + _gates(at, theme, scene, words)
    if at.answered:
        shown += _answers(at, theme, words)
    if at.whole:
        shown += vessel(at, theme, scene, words)
    shown += _hand(at, ink)
    signals = chart_moving.signals(at, scene) + chart_network.signals(scene)
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


def _row(at: Places, ink: Any, words: Words) -> list[marks.Layer]:
    """The numbers, two of them marked, and their values."""
    marked = "datum.step == mark1 || datum.step == mark2"
    base = at.top + at.bars
    bars = marks.bars(
        marks.STEPS, at.x("datum.step + .07"), at.x("datum.step + .93"),
        f"{base} - max(1, numbers[datum.step] * {at.bars})", base,
        fill=f"{marked} ? '{ink.accent}' : '{ink.line}'",
    )  # fmt: skip
    told = [
        marks.text(
            f"format(number{number}, '.2f')", at.x(f"mark{number} + .5"),
            f"{base} - max(1, number{number} * {at.bars}) - 4", at.size + 1, ink.accent,
            baseline="bottom", weight="bold",
        )
        for number in (1, 2)
    ]  # fmt: skip
    return [bars, *told]


def _steps(at: Places, ink: Any, words: Words) -> list[marks.Layer]:
    """The steps' numbers below all of them: every so many, and that of the cursor."""
    y = f"{at.bottom + 7}"
    every, near = (10, 4) if at.left < SLIM else (5, 3)
    shown = f"datum.step % {every} == 0 && abs(datum.step - now) >= {near}"

    def number(which: str, colour: str, weight: str) -> marks.Layer:
        half = f"{at.size / 2}"
        x = f"clamp({at.x('datum.step + .5')}, {at.left} + {half}, {at.right} - {half})"
        layer = marks.text("datum.step", x, y, at.size, colour, baseline="top", weight=weight)
        return layer | {"data": {"name": marks.STEPS}, "transform": [{"filter": which}]}

    title = marks.text(
        f"'{words['start.step']}'", f"{at.left - 8}", y, at.size, ink.quiet, align="right",
        baseline="top",
    )  # fmt: skip
    return [
        title,
        number(shown, ink.quiet, "normal"),
        number("datum.step == now", ink.text, "bold"),
    ]


def _gates(at: Places, theme: Theme, scene: Scene, words: Words) -> list[marks.Layer]:
    """Write, keep and show: a bar a step, those that are still to come pale."""
    colours, ink, found = SIGNAL_COLOURS[theme], INKS[theme], []
    for number, gate in enumerate(DOORS):
        if number not in at.rows:
            continue
        top = at.gate_top(number)
        base = top + at.gate
        found.append(
            marks.text(f"'{words[f'start.{gate}']}'", f"{at.left - 8}", f"{base}", at.size + 1,
                  colours[gate], align="right", baseline="bottom", weight="bold")
        )  # fmt: skip
        ground = marks.bars(
            marks.ONE, f"{at.left}", at.right, f"{top}", base, fill=f"'{ink.faint}'"
        )
        found.append(ground | {"mark": ground["mark"] | {"opacity": 0.45}})
        if scene.gates is not None:
            found.append(
                marks.bars(
                    marks.STEPS, at.x("datum.step + .05"), at.x("datum.step + .95"),
                    f"{base} - gates[datum.step][{number}] * {at.gate}", base,
                    fill=f"'{colours[gate]}'", opacity="datum.step <= now ? 1 : .28",
                )
            )  # fmt: skip
        elif number == at.rows[len(at.rows) // 2]:
            found.append(
                marks.text(f"'{words['start.no_gates']}'", f"({at.left} + {at.right}) / 2",
                      f"{(top + base) / 2}", at.size + 1, ink.quiet)
            )  # fmt: skip
    return found


def _answers(at: Places, theme: Theme, words: Words) -> list[marks.Layer]:
    """The answer so far, beside the right one."""
    ink, colour = INKS[theme], SIGNAL_COLOURS[theme]["cell_state"]

    def y(value: str) -> str:
        return f"({at.bottom} - ({value} - lowest) / (highest - lowest) * {at.answer})"

    def line(until: str, opacity: float) -> marks.Layer:
        return {
            "data": {"name": marks.STEPS},
            "transform": [{"filter": until}, {"calculate": "[0, 1]", "as": "side"},
                          {"flatten": ["side"]}],
            "mark": {"type": "line", "strokeWidth": 3, "color": colour, "opacity": opacity},
            "encoding": {
                "x": {"value": {"expr": at.x("datum.step + datum.side")}},
                "y": {"value": {"expr": y("answers[datum.step]")}},
            },
        }  # fmt: skip

    right = {
        "data": {"name": marks.ONE},
        "mark": {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 1.5, "color": ink.text},
        "encoding": {
            "x": {"value": {"expr": f"{at.left}"}}, "x2": {"value": {"expr": at.right}},
            "y": {"value": {"expr": y("target")}},
        },
    }  # fmt: skip
    label = f"'{words['start.right']} ' + format(target, '.2f')"
    return [
        marks.text(f"'{words['start.answer']}'", f"{at.left - 8}", f"{at.bottom}", at.size + 1,
              colour, align="right", baseline="bottom", weight="bold"),
        right,
        line("true", 0.28), line("datum.step <= now", 1),
        marks.text(label, f"{at.left + 4}", f"{y('target')} - 3", at.size, ink.text,
              align="left", baseline="bottom"),
        *marks.on_ground(
            marks.text(
                "format(answers[now], '.2f')", f"clamp({at.x('now + 1.2')}, {at.left}, "
                f"{at.right} - {3 * at.size})", f"{y('answers[now]')} + 4", at.size + 4, colour,
                align="left", baseline="top", weight="bold",
            ),
            ink.background,
        ),
    ]  # fmt: skip


def _hand(at: Places, ink: Any) -> list[marks.Layer]:
    """The cursor, and the button that plays."""
    cursor = {
        "data": {"name": marks.ONE},
        "mark": {"type": "rule", "strokeWidth": 2, "color": ink.text},
        "encoding": {
            "x": {"value": {"expr": at.x("now + .5")}},
            "y": {"value": at.top + at.bars + 1}, "y2": {"value": at.bottom + 4},
        },
    }  # fmt: skip
    middle = at.top + at.bars / 2
    size = min(at.left - 16, 40)
    shown = {"expr": IN_A_BROWSER}
    button = {"type": "point", "filled": True, "cursor": "pointer", "opacity": shown}
    place = {"x": {"value": at.left / 2 - 4}, "y": {"value": middle}}
    sign = {"expr": f"playing ? '{PAUSE}' : '{PLAY}'"}
    touched = marks.bars(marks.ONE, f"{at.left}", at.right, "0", at.below, fill="'transparent'")
    told = [{"calculate": signal, "as": name} for name, signal in MOVED.items()]
    return [
        cursor,
        touched | {"name": "hand", "transform": told},
        {"data": {"name": marks.ONE}, "mark": button | {"shape": "circle", "color": ink.accent},
         "encoding": place | {"size": {"value": size**2}}},
        {"data": {"name": marks.ONE}, "mark": button | {"shape": sign, "color": ink.background},
         "encoding": place | {"size": {"value": (size / 2.2) ** 2}}},
    ]  # fmt: skip
