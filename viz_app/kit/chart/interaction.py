"""What a pointer does over heatmaps: it names unit, step and values, and a click picks them.

All of it happens in the browser, from the place of the pointer: no mark stands for a cell, so
10,000 cells cost no more than ten. Vega-Lite hands signals on in its ``config``: only there can
they listen to any event. ``hover`` says where the pointer is, ``pick`` what was clicked; ``pick``
has the form of a point selection, so Streamlit tells the server of it.
"""

import json
from typing import Any

import altair as alt

from viz_app.kit.chart import play
from viz_app.kit.chart.altair_fast import Chart
from viz_app.kit.chart.breadth import UNSPACED
from viz_app.kit.chart.gates_data import VIEW, GatesShape, GatesWords, MovableShape, SignalStyle
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.hover_cells import KINDS, NUMBERS, TOLD, number
from viz_app.kit.chart.style import INKS, Theme

OVER = "event.item && event.item.datum && isDefined(event.item.datum.panel)"
DRAGGED = "event.item && event.item.datum && event.item.datum.dragged"
DRAG: dict[str, Any] = {"values": [{"dragged": True}]}
"""The data of what can be dragged over."""

PICKS = ("click", "touchend")
"""A click, and a tap: the click after it does not say what it is on. Scrolling ends otherwise."""

LEAST_DRAG = 3
"""Pixels; a shorter drag is a click."""

SIGNALS = "signals"
"""Where an Altair chart, whose config cannot hold them, keeps the signals."""


def catcher(signal: SignalStyle) -> alt.Chart:
    """The plot's whole area, which the pointer is over.

    The tooltip that says nothing keeps it alive: beside a selection of another panel Vega-Lite
    lets only such marks answer.
    """
    return (
        Chart(alt.Data(values=[{"panel": signal.name}]))
        .mark_rect(opacity=0, aria=False)
        .encode(
            x=alt.XValue(0), x2=alt.X2Value("width"), y=alt.YValue(0), y2=alt.Y2Value("height"),
            tooltip=alt.TooltipValue(None),
        )
    )  # fmt: skip


def readout(
    shape: GatesShape, number: int, words: GatesWords, look: GatesLook, taken: float = 0.0
) -> alt.Chart:
    """The value under the pointer, or where nothing is pointed at the picked one.

    It stands in the title's line of every heatmap of the same units: so it covers nothing, and
    moves nothing. On a phone it leaves out the unit, which stands at the picked row, and where
    ``taken`` pixels at the line's end leave no room for the step, that too.
    """
    signal = shape.signals[number]
    head, left = "told[0]", look.width - look.title(signal.label) - 14 - taken
    if look.window.name == "phone":
        longest = f"{words.step} 00: −0.000"
        head = f"replace({head}, regexp('^.*(, |，)'), '')"
        head = "''" if look.letters(longest) > left else head
    names = json.dumps([other.name for other in shape.signals])
    here = f"length(told) > {number + 1} && (!hover.panel || indexof({names}, hover.panel) >= 0)"
    return (
        Chart(alt.Data(values=[{"panel": signal.name}]))
        .mark_text(
            x=look.title(signal.label) + 14 if look.fitted else 0, y=look.heading,
            align="left", baseline="middle",
            text=alt.ExprRef(f"{here} ? {head} + told[{number + 1}] : ''"), aria=False,
        )
    )  # fmt: skip


def unseen(shape: GatesShape, *, hover: bool) -> list[alt.Chart]:
    """Marks without any item: a dataset that no mark names is not there for a signal to read."""
    names = [*([TOLD] if hover else []), *([VIEW] if shape.movable else [])]
    return [
        Chart(alt.NamedData(name)).transform_filter("false").mark_point(size=0, aria=False)
        for name in names
    ]


def signals(
    shape: GatesShape, words: GatesWords, unit: int, step: int, table: str = ""
) -> list[dict[str, Any]]:
    """The signals of a chart: ``hover``, the numbers, ``told`` and ``pick``.

    ``table`` stands behind the names of the datasets where a chart has several.
    """
    return _signals(shape, words, {"value": picked_value(unit, step)}, table)


def movable_signals(shape: MovableShape, words: GatesWords) -> list[dict[str, Any]]:
    """The same where the server says what is drawn, and picked, in the dataset `VIEW`."""
    picked = _pick("sent.unit", "sent.step")
    found = [*_moving(shape), *_signals(shape, words, {"update": picked})]
    first, past = shape.expression("first"), shape.expression("past")
    steps = (play.CLICKER_BACK, f"max(pick.time[0] - 1, {first})"), (
        play.CLICKER_ON, f"min(pick.time[0] + 1, {past} - 1)",
    )  # fmt: skip
    found[-1]["on"] += [
        {"events": play.key(condition), "update": _pick("pick.unit[0]", step)}
        for condition, step in steps
    ]
    return found


def _signals(
    shape: GatesShape, words: GatesWords, first: dict[str, Any], table: str = ""
) -> list[dict[str, Any]]:
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
        {"name": NUMBERS + table, "update": f"data('{TOLD}{table}')[0]"},
        {"name": "told", "update": _told(shape, words, table)},
        {
            "name": "pick",
            **first,
            "on": [
                *(
                    {"events": {"source": "view", "type": kind, "filter": OVER},
                     "update": _picked(shape)}
                    for kind in PICKS
                ),
                *_keys(shape),
            ],
        },
    ]  # fmt: skip


def _keys(shape: GatesShape) -> list[dict[str, Any]]:
    """The arrow keys, where the chart has the focus: to the next row, and to the next step."""
    units, first, past = map(shape.expression, ("units", "first", "past"))
    row = f"indexof({units}, pick.unit[0])"
    unit, time = "pick.unit[0]", "pick.time[0]"
    moves = {
        "ArrowLeft": (unit, f"max({time} - 1, {first})"),
        "ArrowRight": (unit, f"min({time} + 1, {past} - 1)"),
        "ArrowUp": (f"{units}[max({row} - 1, 0)]", time),
        "ArrowDown": (f"{units}[min({row} + 1, length({units}) - 1)]", time),
    }
    return [
        {
            "events": {
                "source": "view", "type": "keydown", "consume": True,
                "filter": [f"event.key == '{name}'", play.PLAIN],
            },
            "update": _pick(*place),
        }
        for name, place in moves.items()
    ]  # fmt: skip


def constants(unit: int, step: int) -> list[alt.VariableParameter]:
    """A still figure's picked unit and step, under the names that a page's signals have."""
    picked = {"unit": [unit], "time": [step]}
    return [
        alt.VariableParameter(name="pick", value=picked),
        alt.VariableParameter(name="hover", value={}),
    ]


def picked_value(unit: int, step: int) -> dict[str, Any]:
    """A picked unit and step, as a point selection has them."""
    return {"unit": [unit], "time": [step], "vlPoint": {"or": [{"unit": unit, "time": step}]}}


def selection() -> dict[str, Any]:
    """What tells Streamlit that there is a selection ``pick``; it belongs to no view."""
    return {"name": "pick", "select": {"type": "point", "fields": ["unit", "time"]}, "views": [""]}


def zoom_selection() -> dict[str, Any]:
    """The same of the selection ``zoom``."""
    return {"name": "zoom", "select": {"type": "interval", "encodings": ["x"]}, "views": [""]}


def _moving(shape: MovableShape) -> list[dict[str, Any]]:
    """The signals of a chart that the server moves: to another window, another unit or step.

    ``sent`` is what the server said last. ``drag`` is how the pointer moves over the input while
    it is down; ``zoom`` the stretch of time that it let go of, in the form of an interval
    selection, and when that was.
    """
    first, past = shape.expression("first"), shape.expression("past")
    start = {"source": "view", "type": "pointerdown", "filter": DRAGGED}
    end = {"source": "window", "type": "pointerup"}
    move = {"source": "window", "type": "pointermove", "between": [start, end]}
    ends = ", ".join(
        f"{first} - 0.5 + ({past} - {first}) * drag.{side} / drag.over.width"
        for side in ("start", "end")
    )
    return [
        {"name": "sent", "update": f"data('{VIEW}')[0]"},
        {
            "name": "drag",
            "value": {},
            "on": [
                {"events": start,
                 "update": "{over: group(), start: x(group()), end: x(group()), down: true}"},
                {"events": move,
                 "update": "merge(drag, {end: clamp(x(drag.over), 0, drag.over.width)})"},
                {"events": end, "update": "drag.down ? merge(drag, {down: false}) : drag"},
            ],
        },
        {
            "name": "zoom",
            "value": {},
            "on": [
                {"events": {"signal": "drag"},
                 "update": f"!drag.down && abs(drag.end - drag.start) > {LEAST_DRAG} "
                 f"? {{x: [{ends}], at: [now()]}} : zoom"},
            ],
        },
    ]  # fmt: skip


def dragged(theme: Theme) -> list[alt.Chart]:
    """Over the input: the area that can be dragged over, and the stretch that is."""

    def shown(expression: str) -> alt.ExprRef:
        return alt.ExprRef(f"drag.down ? {expression} : 0")

    whole = Chart(alt.Data(**DRAG))
    area = whole.mark_rect(opacity=0, aria=False, cursor="crosshair").encode(
        x=alt.XValue(0), x2=alt.X2Value("width"), y=alt.YValue(0), y2=alt.Y2Value("height"),
        tooltip=alt.TooltipValue(None),
    )  # fmt: skip
    stretch = whole.mark_rect(
        x=shown("drag.start"), x2=shown("drag.end"), color=INKS[theme].text,
        opacity=shown("0.2"), aria=False,
    ).encode(y=alt.YValue(0), y2=alt.Y2Value("height"))  # fmt: skip
    return [stretch, area]


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
    return _pick(f"{shape.expression('units')}[{_row(shape)}]", _time(shape))


def _pick(unit: str, time: str) -> str:
    return f"{{unit: [{unit}], time: [{time}], vlPoint: {{or: [{{unit: {unit}, time: {time}}}]}}}}"


def _blocked(shape: GatesShape) -> str:
    return f"{shape.expression('across')} * {shape.expression('down')} > 1"


def _told(shape: GatesShape, words: GatesWords, table: str) -> str:
    """Unit and step under the pointer, or else the picked ones, then each signal's value there; of
    a block its range and mean.
    """
    units, first, past, across, down = map(
        shape.expression, ("units", "first", "past", "across", "down")
    )
    row = f"(isDefined(hover.row) ? hover.row : indexof({units}, pick.unit[0]))"
    time = "(isDefined(hover.row) ? hover.time[0] : pick.time[0])"
    column = f"floor(({time} - {first}) / {across})"
    line = f"floor({row} / {down})"
    cell = f"{column} * ceil(length({units}) / {down}) + {line}"
    start = f"({first} + {column} * {across})"
    names = f"join(slice({units}, {line} * {down}, ({line} + 1) * {down}), ', ')"
    steps = f"{start} + ' … ' + (min({start} + {across}, {past}) - 1)"
    single = _join(words.unit, f"{units}[{row}]", words.step, time)
    head = f"({_blocked(shape)} ? {_join(words.unit, names, words.step, steps)} : {single})"

    def line_of(signal: SignalStyle) -> str:
        low, high, mean = (
            _value(number(f"{signal.name}_{kind}", cell, table), signal) for kind in KINDS
        )
        value = _value(number(signal.name, cell, table), signal)
        summary = f"{low} + ' … ' + {high} + ', ⌀ ' + {mean}"
        return f"({_blocked(shape)} ? {summary} : {value})"

    inside = f"{NUMBERS}{table} && {row} >= 0 && {time} >= {first} && {time} < {past}"
    return f"{inside} ? [{', '.join([head, *map(line_of, shape.signals)])}] : ['']"


def _join(unit: str, units: str, step: str, steps: str) -> str:
    comma, colon = ("，", "：") if UNSPACED.search(unit + step) else (", ", ": ")
    return f"{_text(unit)} + ' ' + {units} + '{comma}' + {_text(step)} + ' ' + {steps} + '{colon}'"


def _value(of: str, signal: SignalStyle) -> str:
    form = ".2e" if signal.kind == "gradient" else ".3f"
    return f"(isValid({of}) ? format({of}, '{form}') : '–')"


def _text(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)
