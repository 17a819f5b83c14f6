"""Retention: how does success fall with the delay?"""

import pandas as pd
import streamlit as st

from gatescope.experiments import RetentionConfig
from viz_app.app_pages import cached_retention as cached
from viz_app.app_pages import parts
from viz_app.text import say
from viz_app.views import retention, retention_words, snippets


def picture(experiment: RetentionConfig, table: pd.DataFrame) -> None:
    """A row of panels a measure, one panel a cell."""
    found = retention.panels(experiment, table)
    parts.line_legend(retention.legend(found, parts.theme()))
    widest = max(map(len, found))
    for row, specs in zip(found, retention.specs(found, parts.theme()), strict=True):
        st.markdown(f"**{say(f'retention.row_{row[0].measure}')}**")
        columns = st.columns(widest, gap="small")
        # a cell without a gate has no half-life: the others keep their places
        for column, panel, spec in zip(columns[widest - len(row) :], row, specs, strict=True):
            column.vega_lite_chart(
                spec, theme=None, width="stretch", alt=retention.alternative(panel)
            )


st.markdown(f"### {say('retention.title')}  \n{say('retention.question')}")
result = cached.prepared()
if result is None:
    st.info(say("retention.no_result"))
    st.stop()
experiment, table = result
headline, *rest = retention_words.sentences(experiment, table)
st.caption(f"{retention_words.settings(experiment, table)}  \n{retention_words.time_taken(table)}")
st.markdown(f"**{headline}**")
picture(experiment, table)
st.markdown("  \n".join(rest))
st.caption(say("retention.how"))
parts.downloads(
    "retention",
    lambda: retention.chart(experiment, table, theme=parts.theme()),
    lambda: table,
)
parts.python(snippets.retention(parts.theme()))
