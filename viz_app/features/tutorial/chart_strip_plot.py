"""One dot a run, settings one below the other, and a line at each mean."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.style import INKS, SIGNAL_COLOURS, config
from viz_app.kit.chart.window import PAGE, Look

ROW, LABELS = 34, 240
"""Pixels of a setting, and of its name at most, in usual type."""


def strip_plot(
    rows: pd.DataFrame,
    reference: float,
    words: Mapping[str, str],
    *,
    share: bool,
    look: Look,
    width: int | str,
) -> alt.LayerChart:
    """Draw runs, rows of ``name`` (of a setting), ``seed`` and ``value``: a share or an error.

    What an answer without a network has is a thin labelled rule; ``words`` name columns and rule.
    """
    ink, colour = INKS[look.theme], SIGNAL_COLOURS[look.theme]["hidden_state"]
    size = look.window.type_size
    row = round(ROW * size / PAGE.type_size)
    names = list(dict.fromkeys(rows["name"]))
    form = ".0%" if share else ".3~g"
    scale = alt.Scale(domain=[0, 1]) if share else alt.Scale(zero=False, padding=20)
    y = alt.Y(
        "name:N",
        sort=names,
        title=None,
        axis=alt.Axis(labelLimit=min(LABELS * size / PAGE.type_size, look.window.width // 3)),
    )
    x = alt.X("value:Q", title=words["value"], scale=scale, axis=alt.Axis(format=form, tickCount=6))
    tips = [
        alt.Tooltip("name:N", title=words["name"]),
        alt.Tooltip("seed:Q", title=words["seed"]),
        alt.Tooltip("value:Q", title=words["value"], format=".1%" if share else ".4~g"),
    ]
    rule = Chart(pd.DataFrame([{"value": reference, "label": words["reference"]}]))
    dots = Chart(rows)
    return layered(
        rule.mark_rule(color=ink.quiet, strokeDash=[3, 3]).encode(x="value:Q"),
        rule.mark_text(
            color=ink.quiet, align="left", dx=4, baseline="bottom", fontSize=size
        ).encode(x="value:Q", y=alt.YValue(0), text="label:N"),
        dots.mark_tick(color=ink.text, thickness=2.5, size=row * 0.6).encode(
            x=alt.X("mean(value):Q"), y=y
        ),
        dots.mark_point(filled=True, color=colour, size=75, opacity=0.75).encode(
            x=x, y=y, tooltip=tips
        ),
        width=width,
        height=alt.Step(row),
        config=alt.Config(**config(look.theme, size)),
    )
