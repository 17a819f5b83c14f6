"""Which units are stuck: shares of steps at either end, one point a unit, and values by training.

The scatter is that of Karpathy, Johnson & Fei-Fei (2015): left-saturated across, right-saturated
up. No point lies beyond the line on which the two shares sum to 1.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.features.saturation.chart_values import ValueMap, value_map
from viz_app.kit.chart.altair_fast import Chart, hconcat, layered, vconcat
from viz_app.kit.chart.breadth import breadth
from viz_app.kit.chart.style import INKS, SIGNAL_COLOURS, Theme, config

LABEL = (0.12, 0.045)
"""Room that a label takes beside its point, and up and down, in shares."""
SIDES: dict[str, dict[str, Any]] = {
    "right": {"align": "left", "dx": 9},
    "left": {"align": "right", "dx": -9},
    "above": {"align": "center", "baseline": "bottom", "dy": -7},
}
"""Where a label may stand, the best place first."""
MOST_LABELS = 8
MIDDLE = 0.25
"""Units whose shares sum to less than this stand in the corner, and carry no label."""


Place = tuple[float, float]
"""Of a point: shares of steps at the lower, and at the upper end."""


@dataclass(frozen=True)
class UnitShares:
    """One signal's units: the shares of steps (unit,) at the lower, left, and at the upper end."""

    name: str
    title: str
    left: np.ndarray
    right: np.ndarray
    left_title: str
    right_title: str


def scatter(
    shares: UnitShares, words: Mapping[str, str], *, theme: Theme,
    width: int | str = "container", height: int = 320, size: float = 13,
) -> alt.LayerChart:  # fmt: skip
    """Draw one signal's units; those that share a place are one larger point.

    ``size`` is that of its type.
    """
    line_of_type = 1.1 * size / max(height - 7 * size, size)
    ink, colour = INKS[theme], SIGNAL_COLOURS[theme].get(shares.name, INKS[theme].text)
    ends = alt.Scale(domain=[-0.03, 1.03], nice=False)
    marks = [0, 0.25, 0.5, 0.75, 1]

    def axis(title: str) -> alt.Axis:
        return alt.Axis(title=title, values=marks, format=".0%", domain=False, ticks=False)

    x = alt.X("left:Q", scale=ends, axis=axis(shares.left_title))
    y = alt.Y("right:Q", scale=ends, axis=axis(shares.right_title))
    line = alt.Data(values=[{"left": 0, "right": 1}, {"left": 1, "right": 0}])
    told = alt.Data(values=[{"left": 1, "right": 0.9, "word": _line(words, width, size)}])
    points = Chart(points_of(shares, line_of_type))
    tips = [
        alt.Tooltip("units:N", title=words["saturation.units"]),
        alt.Tooltip("left:Q", title=shares.left_title, format=".1%"),
        alt.Tooltip("right:Q", title=shares.right_title, format=".1%"),
    ]
    area = alt.Size("count:Q", scale=alt.Scale(type="linear", range=[70, 420], domain=[1, 20],
                    clamp=True), legend=None)  # fmt: skip
    return layered(
        Chart(line).mark_line(color=ink.quiet, strokeWidth=1).encode(x=x, y=y),
        Chart(told)
        .mark_text(align="right", color=ink.quiet, lineBreak="\n")
        .encode(x=x, y=y, text="word:N"),
        points.mark_point(filled=True, color=colour, opacity=0.75).encode(
            x=x, y=y, size=area, tooltip=tips
        ),
        *(
            points.transform_filter(f"datum.side == '{side}'")
            .mark_text(color=ink.text, fontWeight=600, **place)
            .encode(x=x, y=y, text="label:N")
            for side, place in SIDES.items()
        ),
        title=shares.title,
        width=width,
        height=height,
    )


def _line(words: Mapping[str, str], width: int | str, size: float) -> str:
    """What the line says; nothing where it has no room above the line."""
    text = words["saturation.line"]
    longest = max(map(breadth, text.split("\n")))
    return "" if isinstance(width, int) and longest * 0.5 * size > 0.7 * width else text


def saturation_chart(
    shares: Sequence[UnitShares], maps: Sequence[ValueMap], words: Mapping[str, str], *,
    theme: Theme = "light", width: int = 260,
) -> alt.HConcatChart:  # fmt: skip
    """Scatters over the values by training, a column a signal, for a figure."""
    top = max(one.top for one in maps)
    columns = [
        vconcat(
            scatter(unit_shares, words, theme=theme, width=width, height=min(width, 260)),
            value_map(
                drawn, words, theme=theme, top=top, width=width,
                height=16 * len(drawn.checkpoints), axis=place == 0,
            ),
            spacing=22,
        )
        for place, (unit_shares, drawn) in enumerate(zip(shares, maps, strict=True))
    ]  # fmt: skip
    return hconcat(*columns, spacing=26, config=alt.Config(**config(theme)))


def points_of(shares: UnitShares, up: float = 0) -> pd.DataFrame:
    """One row a place: which units stand there, and a label where they stand out from the rest.

    ``up`` is the height of a label, in shares.
    """
    places: dict[Place, list[int]] = {}
    for unit, place in enumerate(zip(shares.left.tolist(), shares.right.tolist(), strict=True)):
        if not np.isnan(place).any():
            places.setdefault(place, []).append(unit)
    out = [place for place in sorted(places, key=lambda place: -sum(place)) if sum(place) >= MIDDLE]
    sides = dict(list(_sides(out, places, up))[:MOST_LABELS])
    rows = [
        {
            "left": place[0],
            "right": place[1],
            "units": ", ".join(map(str, units)),
            "count": len(units),
            "label": _label(units) if place in sides else None,
            "side": sides.get(place),
        }
        for place, units in places.items()
    ]
    return pd.DataFrame(rows, columns=["left", "right", "units", "count", "label", "side"])


def _sides(out: Iterable[Place], places: Iterable[Place], up: float) -> Iterator[tuple[Place, str]]:
    """Points with a label, and on which side no other point lies, and no other label."""
    taken, up = list(places), max(LABEL[1], up)
    for place in out:
        others = [(x - place[0], y - place[1]) for x, y in taken if (x, y) != place]
        rooms = _rooms(up)
        for side in SIDES:
            low, high, bottom, top = rooms[side]
            if not any(low < x < high and bottom < y < top for x, y in others):
                taken.append((place[0] + (low + high) / 2, place[1] + (bottom + top) / 2))
                yield place, side
                break


def _rooms(up: float) -> dict[str, tuple[float, float, float, float]]:
    """What must be free around a point for its label: from left to right, from below to above."""
    across, near = LABEL[0], LABEL[0] / 6
    return {
        "right": (-near, across, -up, up),
        "left": (-across, near, -up, up),
        "above": (-across / 2, across / 2, 0, 2 * up),
    }


def _label(units: list[int]) -> str:
    """The units at one place, as far as there is room."""
    return ", ".join(map(str, units[:3])) + (" …" if len(units) > 3 else "")
