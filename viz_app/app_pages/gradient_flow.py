"""Gradient flow: how much of the error reaches step t?"""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from viz_app.app_pages import cached, choices, parts
from viz_app.text import name_of, say
from viz_app.views import gradients, gradients_words, learning, snippets
from viz_app.views.settings import digits, score

GAINS = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0]


def panels_row(names: list[str], gain: float | None) -> dict[str, list[gradients.Flow]]:
    """Draw the panels side by side, each as wide as its column, on one scale."""
    specs = cached.flow_specs(tuple(names), gain, parts.theme())
    parts.line_legend(gradients.legend(specs.names, parts.theme()))
    columns = st.columns(len(specs.panels), gap="small")
    for column, spec, alternative in zip(columns, specs.panels, specs.alternatives, strict=True):
        column.vega_lite_chart(dict(spec), theme=None, width="stretch", alt=alternative)
    return cached.flows_by_cell(tuple(names), gain)


def learn(names: list[str]) -> None:
    """The gradient at every checkpoint."""
    st.markdown(f"#### {say('flow.learning_title')}")
    found = cached.learning_panels(tuple(names))
    count = max(len(panel.checkpoints) for panel in found)
    st.markdown(say("flow.learning_how", count=count))
    specs = cached.learning_specs(tuple(names), parts.theme())
    told = learning.sentences(found)
    for column, spec, sentence in zip(
        st.columns(len(specs), gap="small"), specs, told, strict=True
    ):
        column.vega_lite_chart(dict(spec), theme=None, width="stretch", alt=sentence)
    st.markdown("  \n".join(told))
    runs = [cached.run_of(name) for name in names]
    parts.downloads(
        "gradients-learning",
        lambda: learning.chart(runs, theme=parts.theme()),
        lambda: learning.table(found),
    )
    parts.python(snippets.learning(names, parts.theme()))


@st.fragment
def explode(names: list[str]) -> None:
    """The slider on the recurrent matrix, and clipping."""
    st.markdown(f"#### {say('flow.explode_title')}")
    asks = cached.run_of(names[0]).task.asks
    st.markdown(say("flow.explode_how" if asks else "flow.explode_how_brought"))
    slider, toggle = st.columns([0.65, 0.35], vertical_alignment="bottom")
    choices.keep("gain", GAINS, gradients.FIRST_GAIN)
    gain: float = slider.select_slider(
        say("flow.gain"), GAINS, key="gain", help=say("flow.gain_help"),
        format_func=lambda value: f"{value:g}",
    )  # fmt: skip
    clip = asks and toggle.toggle(say("flow.clip"), key="clip", help=say("flow.clip_help"))
    found = panels_row(names, gain)
    st.markdown("  \n".join(gradients_words.growth(found, gain)))
    if asks:
        count = len(cached.run_of(names[0]).probe().marks)
        st.markdown(say("flow.update_how", rate=gradients.LEARNING_RATE, count=count))
        st.table(updates(names, gain, 1.0 if clip else None))
    files("gradients-scaled", names, gain)


def updates(names: list[str], gain: float, clip: float | None) -> pd.DataFrame:
    """What one step of gradient descent does to each network, as text."""
    rows = []
    for name in names:
        found = cached.update(name, gain, clip)
        cell = name_of("cell", cached.run_of(name).config.cell)
        numbers = (found.norm, found.clipped_norm, found.before, found.after)
        rows.append([cell, *(digits(number) for number in numbers)])
    headers = ("cell", "norm", "used", "before", "after")
    frame = pd.DataFrame(rows, columns=[say(f"flow.update_{header}") for header in headers])
    return frame.set_index(frame.columns[0])


def files(title: str, names: list[str], gain: float | None) -> None:
    """Downloads of the panels as one figure, and the same in Python."""
    runs = [cached.run_of(name) for name in names]

    def chart(gain: float | None) -> Any:
        return gradients.compare(runs, gain=gain, theme=parts.theme())

    found = cached.flows_by_cell(tuple(names), gain)
    parts.downloads(title, partial(chart, gain), lambda: gradients.table(gradients.panels(found)))
    parts.python(snippets.gradients(names, gain, parts.theme()))


choices.require_runs()
choices.restore()
names = choices.choose_task(parts.heading(say("flow.title"), say("flow.question"))[0])
runs = [cached.run_of(name) for name in names]
st.caption("  \n".join(f"{name_of('cell', run.config.cell)}: {score(run)}" for run in runs))
choices.require_common_end(runs[0])
probe = runs[0].probe()
shown = panels_row(names, None)
st.markdown("  \n".join(gradients_words.sentences(shown)))
HOW = "flow.how_each" if probe.scored[0].all() else "flow.how"
st.caption(say(HOW, last=runs[0].task.length - 1, count=len(probe.marks)))
files("gradients", names, None)
st.divider()
if all(run.history for run in runs):
    learn(names)
    st.divider()
explode(names)
choices.remember(run=st.session_state["run"])
