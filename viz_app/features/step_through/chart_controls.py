"""Unit and step of the step-through chart: chosen by keys, buttons and clicks in the browser.

A page gets them as Vega signals, which Vega-Lite hands on in its ``config``: only there can a
parameter listen to the keyboard. A still figure gets them as constants of the same names.
``pick`` has the form of a point selection, so Streamlit tells the server of it, afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from viz_app.features.step_through.chart_cell import rows, x_y
from viz_app.kit.chart.altair_fast import Chart
from viz_app.kit.chart.hover_cells import CELLS
from viz_app.kit.chart.play import PLAIN, TYPING
from viz_app.kit.chart.style import INKS, Theme

BUTTON_WIDTH, BUTTON_HEIGHT, GAP = 80.0, 26.0, 6.0

ACTIONS = ("step_back", "step_on", "mark_back", "mark_on", "unit_back", "unit_on")


@dataclass(frozen=True)
class Range:
    """What there is to choose from; the rows of all units are sent, or of one."""

    steps: int
    units: int
    sent: int
    marked: bool


def now_of(chosen: Range) -> alt.VariableParameter:
    """``now``: the picked row; without a unit while that unit's rows are not here."""
    row = "step" if chosen.sent == 1 else f"step * {chosen.units} + unit"
    found = f"data('{CELLS}')[{row}]"
    return alt.VariableParameter(
        name="now", expr=f"{found} && {found}.unit == unit ? {found} : {{}}"
    )


def constants(unit: int, step: int) -> list[alt.VariableParameter]:
    """The choice in a still figure."""
    values = {"unit": unit, "step": step, "hover": {}}
    return [alt.VariableParameter(name=name, value=value) for name, value in values.items()]


def signals(chosen: Range, marks: Sequence[int], unit: int, step: int) -> list[dict[str, Any]]:
    """The same choice as Vega signals that answer keys, buttons and clicks.

    ``marks`` are the salient steps.
    """
    last = chosen.steps - 1
    clicked = "datum.action == '{}' ? {} : "
    moves = {
        "step_back": "max(step - 1, 0)",
        "step_on": f"min(step + 1, {last})",
        "mark_back": _stop(marks, back=True),
        "mark_on": _stop(marks, back=False),
    }
    turns = {
        "unit_back": f"(unit + {chosen.units - 1}) % {chosen.units}",
        "unit_on": f"(unit + 1) % {chosen.units}",
    }
    button = _click("action")
    stepped = [
        {"events": button, "update": "".join(clicked.format(*m) for m in moves.items()) + "step"},
        {"events": _click("column"), "update": "datum.column"},
        _key("event.key == 'ArrowLeft'", moves["step_back"]),
        _key("event.key == 'ArrowRight'", moves["step_on"]),
        _key("lower(event.key) == 'm' && event.shiftKey", moves["mark_back"]),
        _key("lower(event.key) == 'm' && !event.shiftKey", moves["mark_on"]),
    ]
    turned = [
        {"events": button, "update": "".join(clicked.format(*m) for m in turns.items()) + "unit"},
        _key("lower(event.key) == 'u' && event.shiftKey", turns["unit_back"]),
        _key("lower(event.key) == 'u' && !event.shiftKey", turns["unit_on"]),
    ]
    return [
        {"name": "unit", "value": unit, "on": turned},
        {"name": "step", "value": step, "on": stepped},
        {"name": "hover", "value": {}},
        {
            "name": "pick",
            "update": "{unit: [unit], time: [step], vlPoint: {or: [{unit: unit, time: step}]}}",
        },
    ]


def buttons(chosen: Range, words: dict[str, str], theme: Theme, top: float) -> list[alt.Chart]:
    """The buttons; those for marks only where there are marks."""
    ink = INKS[theme]
    there = [action for action in ACTIONS if chosen.marked or not action.startswith("mark")]
    placed = [
        {
            "action": action,
            "x": number * (BUTTON_WIDTH + GAP),
            "x2": number * (BUTTON_WIDTH + GAP) + BUTTON_WIDTH,
            "middle": number * (BUTTON_WIDTH + GAP) + BUTTON_WIDTH / 2,
            "y": top,
            "y2": top + BUTTON_HEIGHT,
            "word": words[action],
        }
        for number, action in enumerate(there)
    ]
    area = {"x2": "x2:Q", "y2": "y2:Q"}
    shown = rows(placed)
    return [
        shown.mark_rect(fill=ink.faint, stroke=ink.line, cornerRadius=6).encode(**x_y(**area)),
        shown.transform_calculate(y=f"{top + BUTTON_HEIGHT / 2}")
        .mark_text(fontSize=14)
        .encode(**x_y(x=alt.X("middle:Q", axis=None), text="word:N")),
        shown.mark_rect(opacity=0, cursor="pointer").encode(**x_y(**area)),
    ]


def steps_to_click(steps: int) -> alt.Chart:
    """Invisible columns over a plot along time; a click on one goes to its step."""
    return (
        Chart(alt.sequence(0, steps, as_="column"))
        .transform_calculate(left="datum.column - 0.5", right="datum.column + 0.5")
        .mark_rect(opacity=0, cursor="pointer", aria=False)
        .encode(
            x=alt.X("left:Q"), x2="right:Q", y=alt.YValue(0), y2=alt.Y2Value("height")
        )
    )  # fmt: skip


def now_line(colour: str) -> alt.Chart:
    """A rule at the picked step."""
    return (
        rows([{}])
        .transform_calculate(time="step")
        .mark_rule(color=colour, strokeWidth=2.5)
        .encode(x=alt.X("time:Q"))
    )


def _click(field: str) -> dict[str, Any]:
    """A click on something whose row has that field; Altair numbers names, so marks have none."""
    row = "event.item && event.item.datum"
    return {
        "source": "view",
        "type": "click",
        "filter": f"{row} && isDefined(event.item.datum.{field})",
    }


def _key(condition: str, update: str) -> dict[str, Any]:
    keys = {"source": "window", "type": "keydown", "filter": [condition, TYPING, PLAIN]}
    return {"events": keys, "update": update}


def _stop(marks: Sequence[int], *, back: bool) -> str:
    """The mark after the step, or before it; the step itself where there is none."""
    expression = "step"
    for mark in sorted(marks) if back else sorted(marks, reverse=True):
        expression = f"step {'>' if back else '<'} {mark} ? {mark} : {expression}"
    return f"({expression})"
