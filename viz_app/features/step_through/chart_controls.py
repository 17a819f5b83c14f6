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
from viz_app.features.step_through.chart_layout import STAGE, Layout
from viz_app.kit.chart import play
from viz_app.kit.chart.altair_fast import Chart
from viz_app.kit.chart.hover_cells import CELLS
from viz_app.kit.chart.style import INKS, Theme

GAP = 6.0
"""Places between two buttons; pixels between two rows of them."""

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
    return alt.VariableParameter(name="now", expr=row_of(row))


def row_of(number: str) -> str:
    """The row of that number, which is an expression; an empty one where it is another unit's."""
    found = f"data('{CELLS}')[{number}]"
    return f"{found} && {found}.unit == unit ? {found} : {{}}"


def constants(unit: int, step: int) -> list[alt.VariableParameter]:
    """The choice in a still figure."""
    values = {"unit": unit, "step": step, "hover": {}}
    return [alt.VariableParameter(name=name, value=value) for name, value in values.items()]


def signals(chosen: Range, marks: Sequence[int], unit: int, step: int) -> list[dict[str, Any]]:
    """The same choice as Vega signals that answer keys, buttons and clicks.

    ``marks`` are the salient steps.
    """
    last = chosen.steps - 1
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
    keys = {
        "step_back": play.BACK,
        "step_on": play.ON,
        "mark_back": "lower(event.key) == 'm' && event.shiftKey",
        "mark_on": "lower(event.key) == 'm' && !event.shiftKey",
        "unit_back": "lower(event.key) == 'u' && event.shiftKey",
        "unit_on": "lower(event.key) == 'u' && !event.shiftKey",
    }
    pick = "{unit: [unit], time: [step], vlPoint: {or: [{unit: unit, time: step}]}}"
    return [
        {"name": "unit", "value": unit, "on": _moved("unit", turns, keys)},
        {
            "name": "step",
            "value": step,
            "on": [
                *_moved("step", moves, keys),
                {"events": _click("column"), "update": "datum.column"},
            ],
        },
        {"name": "hover", "value": {}},
        {
            "name": "pick",
            "value": {"unit": [unit], "time": [step]},
            "on": [{"events": [{"signal": name} for name in ("unit", "step")], "update": pick}],
        },
    ]  # fmt: skip


def buttons(
    chosen: Range, words: dict[str, str], theme: Theme, layout: Layout
) -> tuple[list[alt.Chart], float]:
    """The buttons, those for marks only where there are marks, and where they end."""
    ink, height = INKS[theme], layout.button
    there = [action for action in ACTIONS if chosen.marked or not action.startswith("mark")]
    places, place = [], 0
    for row, count in enumerate(layout.buttons):
        in_row = there[place : place + count]
        place += count
        share = STAGE / len(in_row) if len(layout.buttons) > 1 else 92 * (1 + (layout.columns > 1))
        share = min(share, STAGE / max(len(in_row), 1))
        top = row * (height + GAP)
        places += [
            {
                "action": action, "x": number * share, "x2": (number + 1) * share - GAP,
                "middle": (number + 0.5) * share - GAP / 2, "y": top, "y2": top + height,
                "word": words[action],
            }
            for number, action in enumerate(in_row)
        ]  # fmt: skip
    foot = len(layout.buttons) * (height + GAP)
    area = {"x2": "x2:Q", "y2": "y2:Q"}
    shown = rows(places)
    return [
        shown.mark_rect(fill=ink.faint, stroke=ink.line, cornerRadius=6).encode(**x_y(**area)),
        shown.transform_calculate(y="(datum.y + datum.y2) / 2")
        .mark_text(fontSize=layout.size)
        .encode(**x_y(x=alt.X("middle:Q", axis=None), text="word:N")),
        shown.mark_rect(opacity=0, cursor="pointer").encode(**x_y(**area)),
    ], foot


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


def _moved(name: str, moves: dict[str, str], keys: dict[str, str]) -> list[dict[str, Any]]:
    """What buttons and keys do to a signal."""
    pressed = "".join(f"datum.action == '{action}' ? {to} : " for action, to in moves.items())
    return [
        {"events": _click("action"), "update": pressed + name},
        *({"events": play.key(keys[action]), "update": to} for action, to in moves.items()),
    ]


def _stop(marks: Sequence[int], *, back: bool) -> str:
    """The mark after the step, or before it; past the last one comes the first again."""
    if not marks:
        return "step"
    ordered = sorted(marks) if back else sorted(marks, reverse=True)
    expression = str(ordered[-1])
    for mark in ordered:
        expression = f"step {'>' if back else '<'} {mark} ? {mark} : {expression}"
    return f"({expression})"
