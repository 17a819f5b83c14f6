"""A matrix as a picture: one pixel a cell, drawn as one image mark under real axes.

With its scales and its legend, the sides of its cells for a pointer, and a frame around one row.
Of a large matrix fewer pixels are drawn than it has cells, and still every extreme.
"""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
from PIL import Image

from viz_app.kit.chart.altair_fast import Chart
from viz_app.kit.chart.axes import POWER
from viz_app.kit.chart.style import GATE_TABLE, ColourTable

MOST_COLUMNS = 720
"""Pixels along time: fewer than the plot has on a screen 1280 pixels wide, where a picture that
is drawn smaller than it is would lose whole columns."""

THIN, FAINT, DENSE = 0.14, 0.04, 170
"""Of the line through a cell below zero: its share of the row; the share of the largest value from
which on it is drawn; and how little shines through it, of 255."""

LEAST_LINED = 3
"""Pixels of a row; in thinner ones there is no room for a line."""

CASING = 3.5
"""Pixels of the ground around a line over a picture, with the line itself."""

PICKED = "picked"
"""The parameter that says which row is framed, counted from the top."""


@dataclass(frozen=True)
class Raster:
    """A matrix to be painted, the first row on top, from low to high; NaN is left transparent."""

    values: np.ndarray
    low: float
    high: float
    table: ColourTable

    def png(self) -> bytes:
        """One pixel a cell, RGBA."""
        gone = np.isnan(self.values)
        shares = (np.where(gone, self.low, self.values) - self.low) / (self.high - self.low)
        pixels = np.empty((*self.values.shape, 4), dtype=np.uint8)
        pixels[..., :3] = self.table.rgb(shares)
        pixels[..., 3] = np.where(gone, 0, 255)
        return _png(pixels)

    def uri(self) -> str:
        """The PNG as a data URI."""
        return _uri(self.png())

    def lines(self, high: int) -> str:
        """A thin line, like a minus, through the cells below zero: the sign without the colours.

        A picture as large as `png` where it stands for ``high`` pixels, transparent elsewhere.
        """
        rows, columns = self.values.shape
        tall = high // rows
        if tall < LEAST_LINED:
            return _uri(_png(np.zeros((1, 1, 4), dtype=np.uint8)))
        below = np.nan_to_num(self.values) < -FAINT * self.high
        shares = (np.where(below, self.values, 0) - self.low) / (self.high - self.low)
        pixels = np.zeros((rows, tall, columns, 4), dtype=np.uint8)
        thick = max(1, round(THIN * tall))
        first = (tall - thick) // 2
        pixels[:, first : first + thick, :, :3] = line_inks(self.table.rgb(shares))[:, None]
        pixels[:, first : first + thick, :, 3] = np.where(below, DENSE, 0)[:, None]
        return _uri(_png(pixels.reshape(rows * tall, columns, 4)))

    def row(self) -> dict[str, Any]:
        """The data of `image`: the picture and its corners; cells are centred on whole numbers."""
        rows, columns = self.values.shape
        return self.stretched(0, columns, rows)

    def stretched(self, start: int, columns: int, rows: int) -> dict[str, Any]:
        """The same where the picture stands for so many rows, and columns from ``start`` on."""
        sides = {"x": start - 0.5, "x2": start + columns - 0.5, "y": -0.5, "y2": rows - 0.5}
        return sides | {"url": self.uri()}


def _png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", compress_level=3)
    return file.getvalue()


def _uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()


def line_inks(colours: np.ndarray) -> np.ndarray:
    """What is seen over each colour, uint8 (..., 3): dark over a light one, white over a dark."""
    light = colours @ np.array([0.2126, 0.7152, 0.0722]) > 120
    return np.where(light[..., None], np.array([16, 19, 26]), 255).astype(np.uint8)


def image(data: alt.NamedData | alt.InlineData, x: alt.X, y: alt.Y) -> alt.Chart:
    """Draw the picture whose row is in the data; ``x`` and ``y`` carry the axes."""
    return (
        Chart(data)
        .mark_image(aspect=False, smooth=False)
        .encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"), url=alt.Url("url:N"))
    )


def centred(count: int, first: int = 0, *, reverse: bool = False) -> alt.Scale:
    """The scale of so many rows or columns, each centred on its whole number."""
    ends = [first - 0.5, first + count - 0.5]
    way = True if reverse else alt.Undefined
    return alt.Scale(domain=ends, nice=False, zero=False, reverse=way)


def colour_key(low: float, high: float, scale: alt.Scale, legend: alt.Legend | None) -> alt.Chart:
    """The colours' legend, which two points that nobody sees carry."""
    ends = Chart(alt.Data(values=[{"value": low}, {"value": high}])).mark_point(opacity=0, size=0)
    return ends.encode(color=alt.Color("value:Q", scale=scale, legend=legend))


def power_key(title: str, ends: tuple[float, float], label: str = POWER) -> alt.Chart:
    """The legend of colours that stand for powers of ten; ``label`` is an expression of Vega's."""
    low, high = ends
    stops = np.geomspace(low, high, len(GATE_TABLE.colours))
    scale = alt.Scale(type="log", domain=stops.tolist(), range=list(GATE_TABLE.colours))
    middle = 10.0 ** round(np.log10(low * high) / 2)
    return colour_key(low, high, scale, bar_below(title, [low, middle, high], labelExpr=label))


def bar_below(title: str, values: Sequence[float], **look: Any) -> alt.Legend:
    """A bar of colours below a panel; its title is as long as it is, in type of any size."""
    return alt.Legend(
        title=title, titleLimit=0, orient="bottom", gradientLength=140, gradientOpacity=1,
        tickCount=3, values=list(values), **look,
    )  # fmt: skip


def box() -> dict[str, Any]:
    """The encoding of a rectangle from the fields left, right, top and bottom."""
    return {
        "x": alt.X("left:Q"),
        "x2": alt.X2("right:Q"),
        "y": alt.Y("top:Q"),
        "y2": alt.Y2("bottom:Q"),
    }


def frame(left: float, right: float, row: int, colour: str, ground: str) -> list[alt.Chart]:
    """The frame from one end of the axis to the other, at first around ``row``.

    It lies in a casing of the ``ground``, so that it is seen on every colour, and just outside of
    the row, so that a thin one is seen too.
    """
    place = (
        Chart(alt.Data(values=[{"left": left, "right": right}]))
        .transform_calculate(top=f"{PICKED} - 0.5", bottom=f"{PICKED} + 0.5")
    )  # fmt: skip
    casing, line = (
        place.mark_rect(
            fill=None, stroke=stroke, strokeWidth=width, yOffset=-1.5, y2Offset=1.5
        ).encode(**box())
        for stroke, width in ((ground, CASING), (colour, 1.5))
    )
    return [casing, line.add_params(alt.param(name=PICKED, value=row))]


def framed(spec: dict[str, Any], row: int) -> dict[str, Any]:
    """A finished spec with that row framed; the one that all readers share stays as it is."""
    params = [
        param | {"value": row} if param["name"] == PICKED else param for param in spec["params"]
    ]
    return spec | {"params": params}


def extremes(values: np.ndarray, most_rows: int, most_columns: int = MOST_COLUMNS) -> np.ndarray:
    """A matrix with at most so many rows and columns, in which blocks keep their extremes.

    Parameters
    ----------
    values
        (rows, columns); NaN is what is not there.
    most_rows, most_columns
        How large the result may be, at least 2; a matrix that fits is returned as it is.

    Returns
    -------
    numpy.ndarray
        Two pixels a block, its smallest and its largest value. They stand beside one another
        where there are too many columns, in the order in which the block's first row has them
        (first falls, or rises), and over one another where there are only too many rows, the
        largest on top. NaN where a block has nothing else. Blocks are as equal as whole numbers
        allow.
    """
    rows, columns = values.shape
    if columns > most_columns:
        tops, starts = (
            block_starts(rows, min(rows, most_rows)),
            block_starts(columns, most_columns // 2),
        )
        ends = np.append(starts[1:], columns) - 1
        low, high = _ranges(values, tops, starts)
        falls = values[np.ix_(tops, starts)] > values[np.ix_(tops, ends)]
        first, second = np.where(falls, high, low), np.where(falls, low, high)
        return np.stack([first, second], axis=2).reshape(len(tops), -1)
    if rows > most_rows:
        low, high = _ranges(values, block_starts(rows, most_rows // 2), np.arange(columns))
        return np.stack([high, low], axis=1).reshape(-1, columns)
    return values


def _ranges(
    values: np.ndarray, tops: np.ndarray, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The smallest and the largest value of each block, NaN left aside."""
    low, high = (
        kind.reduceat(kind.reduceat(values, starts, axis=1), tops, axis=0)
        for kind in (np.fmin, np.fmax)
    )
    return low, high


def block_starts(count: int, parts: int) -> np.ndarray:
    """Where each of so many nearly equal parts begins."""
    return np.arange(parts) * count // parts
