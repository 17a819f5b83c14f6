"""Gradient flow: how much of the error reaches step t?"""

import pandas as pd
import streamlit as st

from viz_app.features import GradientFlow, WhileLearning
from viz_app.features.gradient_flow import data as gradients
from viz_app.features.gradient_flow import words as gradients_words
from viz_app.kit.choice import KINDS
from viz_app.kit.page import blocks, choices, run_choice, stage, window
from viz_app.kit.page import served as cached
from viz_app.kit.run_words import score
from viz_app.kit.words import digits
from viz_app.text import name_of, say

GAINS = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0]


def learn(view: WhileLearning) -> None:
    """The gradient at every checkpoint."""
    st.markdown(f"#### {say('flow.learning_title')}")
    count = max(len(panel.checkpoints) for panel in view.data(cached.recordings))
    st.markdown(say("flow.learning_how", count=count))
    row = view.row(window.theme(), cached.recordings)
    blocks.panel_row(row)
    st.markdown("  \n".join(row.alternatives))
    blocks.show_files(view)


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
    view = GradientFlow(*run_choice.several(names), gain=gain)
    blocks.panel_row(view.row(window.look(), cached.recordings))
    told = gradients_words.growth(view.data(cached.recordings), gain)
    st.markdown("  \n".join(told))
    if asks:
        count = len(cached.run_of(names[0]).probe().marks)
        st.markdown(say("flow.update_how", rate=gradients.LEARNING_RATE, count=count))
        st.table(updates(names, gain, 1.0 if clip else None))
    blocks.show_files(view)
    choices.remember_view(view if gain != gradients.FIRST_GAIN else view.but(gain=None))


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


run_choice.require_runs()
choices.restore()
choices.take("gain", read=KINDS["gain"].read)
names = run_choice.choose_task(stage.heading(say("flow.title"), say("flow.question")))
runs = [cached.run_of(name) for name in names]
st.caption("  \n".join(f"{name_of('cell', run.config.cell)}: {score(run)}" for run in runs))
run_choice.require_common_end(runs[0])
probe = runs[0].probe()
view = GradientFlow(*run_choice.several(names))
blocks.panel_row(view.row(window.look(), cached.recordings))
st.markdown("  \n".join(gradients_words.sentences(view.data(cached.recordings))))
HOW = "flow.how_each" if probe.scored[0].all() else "flow.how"
st.caption(say(HOW, last=runs[0].task.length - 1, count=len(probe.marks)))
blocks.show_files(view)
st.divider()
if all(run.history for run in runs):
    learn(WhileLearning(view.run, view.others))
    st.divider()
explode(names)
