"""A run at one moment on a page: how it goes, what its gates do, how the gradient flows."""

import streamlit as st

from gatescope import Run
from gatescope.experiments import run_key
from viz_app.features.train import served as cached_train
from viz_app.features.train import words as training_words
from viz_app.kit.page import blocks
from viz_app.text import say


def show(name: str, run: Run, finished: bool) -> None:
    """Curves, gates and gradients of a run at this moment."""
    now = cached_train.moment(name, run.steps[-1], finished, blocks.theme(), run)
    st.markdown("  \n".join([f"**{now.told[0]}**", *now.told[1:]]))
    blocks.panel_row(now.curves)
    st.markdown(f"##### {say('train.flow_title')}")
    st.markdown("  \n".join(now.flow.alternatives))
    blocks.panel_row(now.flow, least=2)
    st.caption(say("train.flow_how"))
    _gates(now, run.steps[-1], finished)


def glance(runs: list[Run]) -> None:
    """One of the runs that are in training now: its curves and its gates."""
    if not runs:
        return
    run = runs[0]
    st.divider()
    st.markdown(f"##### {say('train.now')}")
    st.caption(training_words.what(run.config))
    name = run_key(run.config)
    now = cached_train.moment(name, run.steps[-1], False, blocks.theme(), run)
    st.markdown(now.told[0])
    blocks.panel_row(now.curves)
    _gates(now, run.steps[-1], finished=False)


def _gates(now: cached_train.Moment, step: int, finished: bool) -> None:
    st.markdown(f"##### {say('train.gates_title')}")
    st.markdown(now.headline)
    plot, _ = st.columns([blocks.PLOT, blocks.LEGEND])
    plot.vega_lite_chart(dict(now.gates), theme=None, width="stretch", alt=now.gates_name)
    how = "train.gates_how_done" if finished else "train.gates_how"
    st.caption(say(how, step=step))
