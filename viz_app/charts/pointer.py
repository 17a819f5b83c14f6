"""What a pointer does over heatmaps: it names unit, step and values, and a click picks them.

All of it happens in the browser, from the place of the pointer: no mark stands for a cell, so
10,000 cells cost no more than ten. Vega-Lite hands signals on in its ``config``: only there can
they listen to any event. ``hover`` says where the pointer is, ``pick`` what was clicked; ``pick``
has the form of a point selection, so Streamlit tells the server of it.
"""

import json
from typing import Any

import altair as alt

from viz_app.charts.gates_data import GatesShape, GatesWords, SignalStyle
from viz_app.charts.overlay import BLOCKS, CELLS
from viz_app.charts.style import INKS, Theme

OVER = "event.item && event.item.datum && isDefined(event.item.datum.panel)"
SIGNALS = "signals"
"""Where an Altair chart, whose config cannot hold them, keeps the signals."""

LINE, LETTER, ASIDE = 15, 6.4, 14
"""Height of a line of the card, width of a letter, and distance from the pointer, in pixels."""


def catcher(signal: SignalStyle) -> alt.Chart:
    """The plot's whole area, which the pointer is over.

    The tooltip that says nothing keeps it alive: beside a selection of another panel Vega-Lite
    lets only such marks answer.
    """
    return (
        alt.Chart(alt.Data(values=[{"panel": signal.name}]))
        .mark_rect(opacity=0, aria=False)
        .encode(
            x=alt.XValue(0), x2=alt.X2Value("width"), y=alt.YValue(0), y2=alt.Y2Value("height"),
            tooltip=alt.TooltipValue(None),
        )
    )  # fmt: skip


def card(shape: GatesShape, number: int, theme: Theme, height: int) -> list[alt.Chart]:
    """What is told beside the pointer, in two columns where one is higher than the plot.

    It stays inside the plot: what reaches out of it would move the panels apart.
    """
    signal, ink = shape.signals[number], INKS[theme]
    rows = 1 + len(shape.signals)
    columns = 1 if LINE * rows + 8 <= height else 2
    lines = 1 + -(-len(shape.signals) // columns)
    column = LETTER * (max(len(s.label) for s in shape.signals) + (24 if shape.blocked else 9))
    high, wide = LINE * lines + 8, column * columns + 16
    here = f"hover.panel == {json.dumps(signal.name)}"
    aside = ASIDE + wide
    beside = f"(hover.x + {aside} > hover.width ? hover.x - {aside} : hover.x + {ASIDE})"
    left = f"max({beside}, 0)"
    top = f"clamp(hover.y - {high / 2}, 0, {max(height - high, 0)})"

    def shown(expression: str, otherwise: str = "0") -> alt.ExprRef:
        return alt.ExprRef(f"{here} ? {expression} : {otherwise}")

    whole = alt.Chart(alt.Data(values=[{"panel": signal.name}]))
    box = whole.mark_rect(
        x=shown(left), x2=shown(f"{left} + {wide}"), y=shown(top), y2=shown(f"{top} + {high}"),
        fill=ink.background, stroke=ink.line, cornerRadius=4, aria=False, opacity=shown("1"),
    )  # fmt: skip
    texts = [
        whole.mark_text(
            x=shown(f"{left} + {8 + place * column}"), y=shown(f"{top} + {4 + place * LINE}"),
            text=shown(told, "''"), align="left", baseline="top", fontSize=12, lineHeight=LINE,
            aria=False,
        )
        for place, told in enumerate(
            (f"slice(told, 0, {lines})", f"slice(told, {lines})")[:columns]
        )
    ]  # fmt: skip
    return [box, *texts]


def told_rows(shape: GatesShape) -> alt.Chart:
    """A mark without any item: a dataset that no mark names is not there for a signal to read."""
    rows = alt.NamedData(BLOCKS if shape.blocked else CELLS)
    return alt.Chart(rows).transform_filter("false").mark_point(size=0, aria=False)


def signals(shape: GatesShape, words: GatesWords, unit: int, step: int) -> list[dict[str, Any]]:
    """The signals of a chart: ``hover``, ``told`` and ``pick``.

    Parameters
    ----------
    shape, words
        What is drawn, and in which words it is told.
    unit, step
        What is picked at first.
    """
    moved = {"source": "view", "type": "pointermove"}
    return [
        {
            "name": "hover",
            "value": {},
            "on": [
                {"events": moved | {"filter": OVER}, "update": _place(shape)},
                {"events": moved | {"filter": f"!({OVER})"}, "update": "{}"},
                {"events": {"source": "view", "type": "pointerout"}, "update": "{}"},
            ],
        },
        {"name": "told", "update": f"isDefined(hover.row) ? {_told(shape, words)} : ['']"},
        {
            "name": "pick",
            "value": picked_value(unit, step),
            "on": [
                {"events": {"source": "view", "type": "click", "filter": OVER},
                 "update": _picked(shape)},
            ],
        },
    ]  # fmt: skip


def picked_value(unit: int, step: int) -> dict[str, Any]:
    """A picked unit and step, as a point selection has them."""
    return {"unit": [unit], "time": [step], "vlPoint": {"or": [{"unit": unit, "time": step}]}}


def selection() -> dict[str, Any]:
    """What tells Streamlit that there is a selection ``pick``; it belongs to no view."""
    return {"name": "pick", "select": {"type": "point", "fields": ["unit", "time"]}, "views": [""]}


def _row(shape: GatesShape) -> str:
    units = shape.expression("units")
    return f"clamp(floor(length({units}) * y(group()) / group().height), 0, length({units}) - 1)"


def _time(shape: GatesShape) -> str:
    first, past = shape.expression("first"), shape.expression("past")
    share = "x(group()) / group().width"
    return f"clamp({first} + floor(({past} - {first}) * {share}), {first}, {past} - 1)"


def _place(shape: GatesShape) -> str:
    """Where the pointer is: panel, pixels, step and row."""
    return (
        "{panel: event.item.datum.panel, x: x(group()), y: y(group()), width: group().width, "
        f"time: [{_time(shape)}], row: {_row(shape)}}}"
    )


def _picked(shape: GatesShape) -> str:
    unit, time = f"{shape.expression('units')}[{_row(shape)}]", _time(shape)
    return f"{{unit: [{unit}], time: [{time}], vlPoint: {{or: [{{unit: {unit}, time: {time}}}]}}}}"


def _told(shape: GatesShape, words: GatesWords) -> str:
    """The card's lines: unit and step, then each signal; of a block its range and mean."""
    units, first = shape.expression("units"), shape.expression("first")
    if shape.blocked:
        return _told_of_block(shape, words)
    row = f"data('{CELLS}')[(hover.time[0] - {first}) * length({units}) + hover.row]"
    head = _join(words.unit, f"{units}[hover.row]", words.step, "hover.time[0]")
    values = (_value(f"{row}{_key(s.name)}", s) for s in shape.signals)
    labels = (_text(s.label) for s in shape.signals)
    return _lines(head, (" + '  ' + ".join(pair) for pair in zip(labels, values, strict=True)))


def _told_of_block(shape: GatesShape, words: GatesWords) -> str:
    units, first, past, across, down = map(
        shape.expression, ("units", "first", "past", "across", "down")
    )
    column = f"floor((hover.time[0] - {first}) / {across})"
    line = f"floor(hover.row / {down})"
    row = f"data('{BLOCKS}')[{column} * ceil(length({units}) / {down}) + {line}]"

    def of_block(kind: str, signal: SignalStyle) -> str:
        return _value(f"{row}{_key(f'{signal.name}_{kind}')}", signal)

    start = f"({first} + {column} * {across})"
    names = f"join(slice({units}, {line} * {down}, ({line} + 1) * {down}), ', ')"
    steps = f"{start} + ' … ' + (min({start} + {across}, {past}) - 1)"
    parts = (
        " ".join(
            (_text(s.label), "+ '  ' +", of_block("low", s), "+ ' … ' +", of_block("high", s),
             "+ ', ⌀ ' +", of_block("mean", s))
        )
        for s in shape.signals
    )  # fmt: skip
    return _lines(_join(words.unit, names, words.step, steps), parts)


def _lines(head: str, lines: Any) -> str:
    return f"[{', '.join([head, *lines])}]"


def _join(unit: str, units: str, step: str, steps: str) -> str:
    return f"{_text(unit)} + ' ' + {units} + ',  ' + {_text(step)} + ' ' + {steps}"


def _value(of: str, signal: SignalStyle) -> str:
    form = ".2e" if signal.kind == "gradient" else ".3f"
    return f"(isValid({of}) ? format({of}, '{form}') : '–')"


def _key(name: str) -> str:
    return f"[{json.dumps(name)}]"


def _text(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)
