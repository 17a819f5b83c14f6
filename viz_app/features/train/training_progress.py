"""A run at one moment on a page: how it goes, what its gates do, how the gradient flows."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from gatescope import Run, record
from gatescope.experiments import run_key
from viz_app.features.gates import data as gates
from viz_app.features.gates import words as gates_words
from viz_app.features.gradient_flow import while_learning
from viz_app.features.train import learning_curves
from viz_app.features.train import words as training_words
from viz_app.kit import answers as examples
from viz_app.kit import units
from viz_app.kit.chart.gates_data import GatesLook
from viz_app.kit.page import blocks
from viz_app.kit.panels import PanelRow
from viz_app.kit.run_words import Theme
from viz_app.kit.sharing import shared
from viz_app.text import say


@dataclass(frozen=True)
class Moment:
    """A run at a training step, ready to be shown.

    Attributes
    ----------
    curves
        How it went so far.
    told
        Sentences about it.
    gates, headline, gates_name
        What its gates do on one example, in a picture, a sentence, and for those who cannot see.
    flow
        The gradient over the steps of the sequence.
    """

    curves: PanelRow
    told: list[str]
    gates: dict[str, Any]
    headline: str
    gates_name: str
    flow: PanelRow


@shared
def moment(key: str, step: int, finished: bool, theme: Theme, _run: Run) -> Moment:
    """A run as it stands; ``key`` and ``step`` stand for it."""
    probe = _run.probe()
    trace = record(_run.model(), probe.inputs)
    layer = units.layer_of(trace, None)
    order = None if finished else range(layer.sizes["unit"])
    view = gates.view(layer, probe, _run.task, example=examples.longest(probe), order=order)
    headline = gates_words.headline(view.one(), view.data.marks, *units.telling_gate(view.one()))
    look = GatesLook(theme=theme, hover=False)
    return Moment(
        curves=learning_curves.row(_run, theme),
        told=training_words.sentences(_run),
        gates=view.spec(look, view.picked()),
        headline=headline,
        gates_name=gates_words.alternative(view.data.shape, _run.config.cell),
        flow=while_learning.row(while_learning.panels([_run]), theme),
    )


def show(name: str, run: Run, finished: bool) -> None:
    """Curves, gates and gradients of a run at this moment."""
    now = moment(name, run.steps[-1], finished, blocks.theme(), run)
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
    now = moment(name, run.steps[-1], False, blocks.theme(), run)
    st.markdown(now.told[0])
    blocks.panel_row(now.curves)
    _gates(now, run.steps[-1], finished=False)


def _gates(now: Moment, step: int, finished: bool) -> None:
    st.markdown(f"##### {say('train.gates_title')}")
    st.markdown(now.headline)
    plot, _ = st.columns([blocks.PLOT, blocks.LEGEND])
    blocks.chart(now.gates, now.gates_name, place=plot)
    how = "train.gates_how_done" if finished else "train.gates_how"
    st.caption(say(how, step=step))
