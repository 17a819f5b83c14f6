"""One look for every chart: colours by signal, colour tables, and the theme, light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, Literal

import altair as alt
import numpy as np

Theme = Literal["light", "dark"]

FONT = (
    "GateScope Sans, Source Sans, Source Sans Pro, Helvetica Neue, Arial, DejaVu Sans, sans-serif"
)
MONO = "GateScope Mono, Source Code Pro, DejaVu Sans Mono, Menlo, Consolas, monospace"
"""Of a text that is drawn letter by letter."""


@dataclass(frozen=True)
class Ink:
    """The colours of a theme that carry no data."""

    background: str
    text: str
    quiet: str
    line: str
    faint: str
    accent: str


INKS: dict[Theme, Ink] = {
    "light": Ink("#ffffff", "#1f2430", "#5b6270", "#c9ced6", "#e4e7ec", "#c2185b"),
    "dark": Ink("#11151c", "#eceff4", "#aab2c0", "#4a5261", "#2a303b", "#ff6fa5"),
}

SIGNAL_COLOURS: dict[Theme, dict[str, str]] = {
    "light": {
        "input_gate": "#1f77d0",
        "forget_gate": "#17864a",
        "output_gate": "#a86600",
        "cell_candidate": "#7a6a58",
        "reset_gate": "#1f77d0",
        "update_gate": "#17864a",
        "candidate": "#7a6a58",
        "cell_state": "#8e3bb0",
        "hidden_state": "#c23b22",
    },
    "dark": {
        "input_gate": "#63b0ff",
        "forget_gate": "#4fd08a",
        "output_gate": "#ffb84d",
        "cell_candidate": "#c8b8a4",
        "reset_gate": "#63b0ff",
        "update_gate": "#4fd08a",
        "candidate": "#c8b8a4",
        "cell_state": "#d08cf0",
        "hidden_state": "#ff8a73",
    },
}
"""One colour for each gate and state; the GRU's gates take those of the LSTM's they resemble.

Numbers are written in them too: each has a contrast of 4.5 or more with its ground (WCAG 2)."""

DASHES: dict[str, list[int]] = {
    "input_gate": [1, 0],
    "forget_gate": [8, 3],
    "output_gate": [2, 2],
    "reset_gate": [2, 2],
    "update_gate": [8, 3],
    "cell_candidate": [12, 3, 2, 3],
    "candidate": [1, 0],
    "cell_state": [1, 0],
    "hidden_state": [4, 2],
}
"""A dash for each line too, so that nothing is told by colour alone."""

OTHER_COLOURS: dict[Theme, tuple[str, ...]] = {
    "light": ("#5b6270", "#00838f", "#ad1457", "#6d4c41"),
    "dark": ("#aab2c0", "#4dd0e1", "#f48fb1", "#bcaaa4"),
}
OTHER_DASHES = ([6, 2, 1, 2], [12, 4], [1, 3], [5, 5])
"""For signals that are not known, each a colour and a dash."""


@dataclass(frozen=True)
class ColourTable:
    """Colours at equal distances, blended linearly between: for pixels and legend alike."""

    colours: tuple[str, ...]

    def rgb(self, shares: np.ndarray) -> np.ndarray:
        """Colours, uint8 (..., 3), at shares of the table in [0, 1]; beyond it, its ends."""
        anchors = np.array([[int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in self.colours])
        at = np.linspace(0, 1, len(anchors))
        channels = [np.interp(shares, at, anchors[:, channel]) for channel in range(3)]
        return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)

    def scale(self, low: float, high: float) -> alt.Scale:
        """The same table as a Vega scale over [low, high]."""
        stops = [float(f"{v:.6g}") for v in np.linspace(low, high, len(self.colours))]
        return alt.Scale(domain=stops, range=list(self.colours), interpolate="rgb", clamp=True)


GATE_TABLE = ColourTable(
    (
        "#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89",
        "#35b779", "#6ece58", "#b5de2b", "#fde725",
    )
)  # fmt: skip
"""For [0, 1]: purple shut, yellow open (ten anchors of viridis, Smith & van der Walt 2015)."""

STATE_TABLES: dict[Theme, ColourTable] = {
    "light": ColourTable(
        ("#7f3b08", "#b35806", "#e08214", "#fdb863", "#fee0b6", "#f7f7f7",
         "#e4e3f4", "#c6c1e5", "#9c91d1", "#7c61bf", "#5f34a6")
    ),
    "dark": ColourTable(
        ("#ffb868", "#e78e31", "#c46911", "#984c07", "#673502", "#1c212b",
         "#3d3e6c", "#565aa4", "#7679d0", "#9c9bec", "#c4c0ff")
    ),
}  # fmt: skip
"""Signed, centred on 0: orange negative, purple positive; 0 is the ground.

After ColorBrewer's PuOr, whose purple is much darker than its orange: here both sides are equally
light at equal distance from 0, so that neither sign looks the stronger, and the ends stay apart
in every kind of colour blindness.
"""

INK_TABLES: dict[Theme, ColourTable] = {
    "light": ColourTable(("#ffffff", "#1f2430")),
    "dark": ColourTable(("#11151c", "#eceff4")),
}
"""A picture's pixels: ink on the ground."""


def table(kind: str, theme: Theme) -> ColourTable:
    """The colour table of a kind: ``gate``, ``state``, ``gradient`` or ``ink``."""
    return {
        "gate": GATE_TABLE, "state": STATE_TABLES[theme], "gradient": GATE_TABLE,
        "ink": INK_TABLES[theme],
    }[kind]  # fmt: skip


def signal_colours(names: Sequence[str], theme: Theme) -> list[str]:
    """A colour for each signal; names that are not known take the spare colours in turn."""
    spare = cycle(OTHER_COLOURS[theme])
    return [SIGNAL_COLOURS[theme].get(name) or next(spare) for name in names]


def signal_dashes(names: Sequence[str]) -> list[list[int]]:
    """A dash for each signal; names that are not known take the spare dashes in turn."""
    spare = cycle(OTHER_DASHES)
    return [DASHES.get(name) or next(spare) for name in names]


def by_line(
    names: Sequence[str],
    colours: Sequence[str],
    dashes: Sequence[Sequence[int]],
    legend: alt.Legend | None,
    field: str = "line",
) -> tuple[alt.Color, alt.StrokeDash]:
    """Colour and dash by a field of the rows: a name, a colour and a dash for each line."""
    hues = alt.Scale(domain=list(names), range=list(colours))
    strokes = alt.Scale(domain=list(names), range=[list(dash) for dash in dashes])
    return (
        alt.Color(f"{field}:N", scale=hues, legend=legend),
        alt.StrokeDash(f"{field}:N", scale=strokes, legend=legend),
    )


def config(theme: Theme, size: float = 13) -> dict[str, Any]:
    """Vega-Lite's config for a theme; ``size`` is that of labels in pixels, titles are larger."""
    ink = INKS[theme]
    return {
        "background": ink.background,
        "aria": False,  # what a picture shows is said in sentences, not mark by mark
        "font": FONT,
        "view": {"stroke": None},
        "concat": {"spacing": 8},
        "title": {
            "anchor": "start", "frame": "group", "fontSize": size + 2, "fontWeight": 600,
            "color": ink.text, "offset": 6, "subtitleColor": ink.quiet, "subtitleFontSize": size,
        },
        "axis": {
            "labelFontSize": size, "titleFontSize": size, "titleFontWeight": "normal",
            "labelColor": ink.quiet, "titleColor": ink.text, "domainColor": ink.line,
            "tickColor": ink.line, "gridColor": ink.faint,
        },
        "legend": {
            "labelFontSize": size, "titleFontSize": size, "titleFontWeight": "normal",
            "labelColor": ink.text, "titleColor": ink.text, "symbolStrokeWidth": 3,
            "symbolSize": 220, "labelLimit": 260,
        },
        "text": {"color": ink.text, "fontSize": size},
        "line": {"strokeWidth": 2, "strokeCap": "butt"},
        "rule": {"color": ink.line},
    }  # fmt: skip
