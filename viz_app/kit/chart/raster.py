"""A matrix as a picture: one pixel a cell, drawn as one image mark under real axes."""

import base64
import io
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
from PIL import Image

from viz_app.kit.chart.altair_fast import Chart
from viz_app.kit.chart.style import ColourTable


@dataclass(frozen=True)
class Raster:
    """A matrix to be painted.

    Attributes
    ----------
    values
        (rows, columns); the first row is drawn on top. NaN is left transparent.
    low, high
        The values at the ends of the colour table.
    table
        The colours.
    """

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
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, format="PNG", compress_level=3)
        return file.getvalue()

    def uri(self) -> str:
        """The PNG as a data URI."""
        return "data:image/png;base64," + base64.b64encode(self.png()).decode()

    def row(self) -> dict[str, Any]:
        """The data of `image`: the picture and its corners; cells are centred on whole numbers."""
        rows, columns = self.values.shape
        return self.stretched(0, columns, rows)

    def stretched(self, start: int, columns: int, rows: int) -> dict[str, Any]:
        """The same where the picture stands for so many rows, and columns from ``start`` on."""
        sides = {"x": start - 0.5, "x2": start + columns - 0.5, "y": -0.5, "y2": rows - 0.5}
        return sides | {"url": self.uri()}


def image(data: alt.NamedData | alt.InlineData, x: alt.X, y: alt.Y) -> alt.Chart:
    """Draw the picture whose row is in the data; ``x`` and ``y`` carry the axes."""
    return (
        Chart(data)
        .mark_image(aspect=False, smooth=False)
        .encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"), url=alt.Url("url:N"))
    )
