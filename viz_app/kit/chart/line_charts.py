"""Draws panels of lines: as one picture with a legend, or for a page, which has it beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart import axes, fit
from viz_app.kit.chart.altair_fast import Chart, hconcat, layered, vconcat
from viz_app.kit.chart.breadth import breadth
from viz_app.kit.chart.lines import Panel, Style, Tip, in_legend, styles_of
from viz_app.kit.chart.style import INKS, Theme, by_line, config
from viz_app.kit.chart.window import PAGE, Look

IN_A_ROW = 4
"""Panels of a figure that stand side by side at most, and names of a legend."""

MOST_LETTERS = 200
LETTER, SYMBOL, MARGIN = 7, 50, 50
"""About so many pixels are a letter of a legend, the stroke beside a name, and a panel's axis."""


def figure(
    rows: Sequence[Sequence[Panel]], theme: Theme, width: int
) -> alt.HConcatChart | alt.VConcatChart:
    """Rows of panels as one picture with one legend; ``width`` is that of a panel in pixels."""
    every = [panel for row in rows for panel in row]
    styles, named = styles_of(every), in_legend(every)
    drawn = [
        [
            draw(
                panel, styles, theme, width=width, titled=_titled(row, place),
                named=named if panel is every[0] else (),
                room=max(map(len, rows)) * (width + MARGIN),
            )
            for place, panel in enumerate(row)
        ]
        for row in rows
    ]  # fmt: skip
    chart: alt.HConcatChart | alt.VConcatChart
    if len(rows) == 1:
        chart = hconcat(*drawn[0])
    elif len(every) == len(rows):  # a page makes these as wide as it is, but not rows of one
        chart = vconcat(*(panel for (panel,) in drawn))
    else:
        chart = vconcat(*(hconcat(*row) for row in drawn))
    chart = chart.resolve_legend(color="shared", strokeDash="shared")
    return chart.properties(config=alt.Config(**config(theme)))


def in_rows(panels: Sequence[Panel]) -> list[Sequence[Panel]]:
    """Panels in rows of `IN_A_ROW`."""
    return [panels[start : start + IN_A_ROW] for start in range(0, len(panels), IN_A_ROW)]


def specs(
    panels: Sequence[Panel],
    look: Look,
    styles: Mapping[str, Style] | None = None,
    place: fit.Fit | None = None,
) -> list[dict[str, Any]]:
    """Panels as finished specs for a page, each as wide as its place.

    Parameters
    ----------
    panels, look
        What, and for which window.
    styles
        Those of all rows, as from `styles_of`, where there are several.
    place
        How they stand there; None is as `viz_app.kit.chart.fit.fit` has it, below their legend.
    """
    known = styles_of(panels) if styles is None else styles
    where = place or fit.fit(len(panels), look.window, in_legend(panels))
    size = look.window.type_size
    return [
        draw(
            panel, known, look.theme, titled=_titled(panels, number, where.columns), size=size,
            whole=(where.width, where.height) if where.height else None,
        )
        .configure(**config(look.theme, size))
        .to_dict(validate=False)  # the tests validate instead: it is half the time
        for number, panel in enumerate(panels)
    ]  # fmt: skip


def draw(
    panel: Panel,
    styles: Mapping[str, Style],
    theme: Theme,
    *,
    width: int | str = "container",
    titled: bool = True,
    named: Sequence[str] = (),
    room: int = 0,
    size: float = PAGE.type_size,
    whole: tuple[int, int] | None = None,
) -> alt.LayerChart:
    """Draw one panel.

    Parameters
    ----------
    panel, theme, width
        What, in which colours, and how wide in pixels.
    styles
        Of all lines of all panels, so that each keeps its colour.
    titled
        Whether the vertical axis has its title.
    named, room
        Names in the panel's legend, none for no legend; how many pixels wide it may be about.
    size
        Of the type.
    whole
        How wide about, and how high it is in all, title and axes included; None is as high as the
        panel says, without them.
    """
    keys = _legend(named, room) if named else None
    names = list(dict.fromkeys([*named, *(line.name for line in panel.lines)]))
    looks = [styles[name] for name in names]
    colour, dash = by_line(
        names, [look.colour(theme) for look in looks], [look.dash for look in looks], keys
    )
    height = "drawn:Q" if panel.y.edge else "value:Q"
    letters = _letters(panel, size, whole)
    x = alt.X("x:Q", **panel.x.drawn(grid=False))
    y = alt.Y(height, **panel.y.drawn(titled=titled, letters=letters))
    table = _rows(panel)
    rows, at = Chart(table), {"x": x, "y": y, "color": colour}
    across = whole[0] if whole else width if isinstance(width, int) else 0
    level_lines, level_names = _levels(panel, theme, size, across)
    layers: list[Any] = list(level_lines)
    broken = {"detail": alt.Detail("stretch:N")} if "stretch" in table else {}
    if "low" in table:
        area = rows.mark_area(opacity=0.15, clip=panel.clip)
        ends = {"y": alt.Y("low:Q"), "y2": alt.Y2("high:Q")}
        layers.append(area.encode(x=x, color=colour, **ends, **broken))
        if "alone" in table:  # an area of one x has no width
            bar = rows.transform_filter("datum.alone").mark_rule(
                strokeWidth=2, opacity=0.6, clip=panel.clip
            )
            layers.append(bar.encode(x=x, color=colour, **ends))
    layers += _strokes(panel, styles, rows, at | {"strokeDash": dash} | broken)
    if "dot" in table:
        dots = rows.transform_filter("datum.dot").mark_point(filled=True, size=36, opacity=1)
        layers.append(dots.encode(**at))
    layers += [*_points(panel, at, theme, size, with_tips=False), *level_names]
    if panel.tips:
        hover = rows.mark_point(size=120, opacity=0, clip=panel.clip)
        layers.append(hover.encode(x=x, y=y, tooltip=_tooltips(panel.tips)))
    layers += _points(panel, at, theme, size, with_tips=True)
    more: dict[str, Any] = {"height": panel.height}
    if whole:
        more = {"height": whole[1], "autosize": alt.AutoSizeParams(type="fit", contains="padding")}
    if panel.title:
        wide = whole[0] / (fit.LETTER * (size + 2)) if whole else 0
        more["title"] = axes.in_lines(panel.title, int(wide)) if whole else panel.title
    return layered(*layers, width=width, **more)


def _letters(panel: Panel, size: float, whole: tuple[int, int] | None) -> int | None:
    """How many letters of the vertical axis's title fit beside the plot; None for as it is."""
    if whole is None:
        return None
    around = (3 * size if panel.x.title else 2 * size) + (2 * size if panel.title else 0)
    return max(8, int((whole[1] - around) / (fit.LETTER * size)))


def _titled(row: Sequence[Panel], place: int, columns: int = 0) -> bool:
    """Whether a panel's vertical axis is not that of the panel before it in its row."""
    first = place == 0 or (columns > 0 and place % columns == 0)
    return first or row[place].y.title != row[place - 1].y.title


def _legend(names: Sequence[str], room: int) -> alt.Legend:
    """A stroke each, not the symbol of an area: it shows the dash."""
    most = room // (LETTER * max(map(breadth, names)) + SYMBOL)
    rows = -(-len(names) // min(max(most, 1), IN_A_ROW))
    return alt.Legend(
        title=None, orient="top", columns=-(-len(names) // rows), values=list(names),
        symbolType="stroke", symbolSize=900, symbolOpacity=1,
    )  # fmt: skip


def _tooltips(tips: Sequence[Tip]) -> list[alt.Tooltip]:
    return [
        alt.Tooltip(tip.field, title=tip.title, format=tip.form or alt.Undefined) for tip in tips
    ]


def _strokes(
    panel: Panel, styles: Mapping[str, Style], rows: alt.Chart, at: dict[str, Any]
) -> list[alt.Chart]:
    """The lines, those of one width together, the widest first."""
    curve: dict[str, Any] = {} if panel.curve == "linear" else {"interpolate": panel.curve}
    widths = sorted({styles[line.name].width for line in panel.lines}, reverse=True)
    strokes = []
    for width in widths:
        names = [name for name, style in styles.items() if style.width == width]
        some = rows.transform_filter(alt.FieldOneOfPredicate("line", oneOf=names))
        line = (some if len(widths) > 1 else rows).mark_line(
            strokeWidth=width, clip=panel.clip, **curve
        )
        strokes.append(line.encode(**at))
    return strokes


def _levels(
    panel: Panel, theme: Theme, size: float, across: int
) -> tuple[list[alt.Chart], list[alt.Chart]]:
    """The levels, and their names, around which the ground shines: they lie above the lines.

    A name that is wider than the panel, ``across`` pixels if that is known, stands in lines.
    """
    letters = int(1.1 * across / (fit.LETTER * size)) or MOST_LETTERS
    colour, ground = INKS[theme].quiet, INKS[theme].background
    halo = {"stroke": ground, "strokeWidth": 4, "strokeJoin": "round"}
    rows, texts = [], []
    for number, level in enumerate(panel.levels):
        heights = (level.height, level.height if level.to is None else level.to)
        ends = [
            {"level": number, "x": x, "y": y} for x, y in zip(panel.x.ends, heights, strict=True)
        ]
        rows += ends
        if level.name:
            side: dict[str, Any] = (
                {"align": "left", "dx": 3} if level.left else {"align": "right", "dx": -3}
            )
            lines = axes.in_lines(level.name, letters)
            name = lines if isinstance(lines, str) else "\n".join(lines)
            place = ends[0 if level.left else 1] | {"name": name}
            if level.named_at is not None:
                place["y"] = level.named_at
            text = Chart(alt.Data(values=[place]))
            for ink in (halo, {}):
                more = 0 if isinstance(lines, str) else len(lines) - 1
                mark = side | ink | {"dy": level.dy * size / PAGE.type_size - more * (size + 2)}
                texts.append(
                    text.mark_text(
                        color=colour, baseline="bottom", fontSize=size, lineBreak="\n", **mark
                    ).encode(x=alt.X("x:Q"), y=alt.Y("y:Q"), text=alt.Text("name:N"))
                )
    if not rows:
        return [], []
    line = Chart(alt.Data(values=rows)).mark_line(color=colour, strokeWidth=1, strokeDash=[3, 3])
    at = {"x": alt.X("x:Q"), "y": alt.Y("y:Q")}  # as text each takes ten times as long
    return [line.encode(**at, detail=alt.Detail("level:N"))], texts


def _points(
    panel: Panel, at: dict[str, Any], theme: Theme, size: float, *, with_tips: bool
) -> list[alt.Chart]:
    """Symbols and letters; those with tips lie above all else, for the pointer."""
    ground = INKS[theme].background
    drawn: list[alt.Chart] = []
    place = {"x": at["x"], "y": alt.Y("value:Q")}
    for points in panel.points:
        if bool(points.tips) is not with_tips:
            continue
        rows = points.rows.assign(value=panel.y.within(points.rows["value"].to_numpy()))
        letters: dict[str, Any] = {"text": alt.Text("text:N")} if "text" in rows else {}
        tips: dict[str, Any] = {"tooltip": _tooltips(points.tips)} if with_tips else {}
        mark = dict(points.mark)
        if "fontSize" in mark:  # it is that of usual type
            mark["fontSize"] *= size / PAGE.type_size
        if points.halo and letters:
            halo = alt.MarkDef(**mark, stroke=ground, strokeWidth=4, strokeJoin="round")
            drawn.append(Chart(rows, mark=halo).encode(**place, **letters))
        elif points.halo:
            mark |= {"stroke": ground, "strokeWidth": 1}
        symbols = Chart(rows, mark=alt.MarkDef(**mark))
        drawn.append(symbols.encode(**place, color=at["color"], **letters, **tips))
    return drawn


def _rows(panel: Panel) -> pd.DataFrame:
    """One row a line and x that can be drawn; columns that would say nothing are left out.

    ``stretch`` is another number wherever a line is broken; a stretch of one x has no length, so
    it is a ``dot``.
    """
    frames, stretches = [], 0
    banded = any(line.low is not None for line in panel.lines)
    for line in panel.lines:
        frame = pd.DataFrame({"line": line.name, "x": line.x, "value": line.value, **line.told})
        there = np.isfinite(line.value)
        if panel.y.log and not panel.y.edge:
            there &= line.value > 0
        if panel.y.edge:
            frame["drawn"] = panel.y.within(line.value)
        if banded:
            low, high = (line.value if end is None else end for end in (line.low, line.high))
            frame["low"] = panel.y.within(np.where(np.isfinite(low), low, line.value))
            frame["high"] = panel.y.within(np.where(np.isnan(high), line.value, high))
        around = np.concatenate([[False], there, [False]])
        alone = there & ~around[:-2] & ~around[2:]
        frame["dot"], frame["alone"] = line.dots | alone, banded & alone
        frame["stretch"] = stretches + np.cumsum(~there)
        stretches += int((~there).sum()) + 1
        frames.append(frame[there])
    rows = pd.concat(frames, ignore_index=True)
    for flag in ("alone", "dot"):
        if not rows[flag].any():
            rows = rows.drop(columns=flag)
    if rows["stretch"].nunique() == rows["line"].nunique():
        rows = rows.drop(columns="stretch")
    return rows
