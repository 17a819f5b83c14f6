"""Colours and dashes of lines, under the names that they had."""

from viz_app.kit.chart.axes import POWER, powers
from viz_app.kit.chart.lines import STYLES
from viz_app.kit.chart.style import Theme

__all__ = ["LINE_COLOURS", "LINE_DASHES", "POWER", "powers"]

LINE_COLOURS: dict[Theme, tuple[str, ...]] = {
    "light": tuple(style.light for style in STYLES),
    "dark": tuple(style.dark for style in STYLES),
}
LINE_DASHES = tuple(list(style.dash) for style in STYLES)
