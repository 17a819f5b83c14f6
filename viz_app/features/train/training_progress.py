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
from viz_app.kit import units
from viz_app.kit.answers import longest
from viz_app.kit.chart.gates_data import GatesLook
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look
from viz_app.kit.page import blocks, window
from viz_app.kit.panels import PanelRow
from viz_app.kit.run_words import what
from viz_app.kit.sharing import shared
from viz_app.text import say


@dataclass(frozen=True)
class Moment:
    """What the gates and gradients of a run do at a training step, ready to be shown.

    Attributes
    ----------
    gates, headline, gates_name
        What its gates do on one example, in a picture, a sentence, and for those who cannot see.
    flow
        The gradient over the steps of the sequence.
    """

    gates: dict[str, Any]
    headline: str
    gates_name: str
    flow: PanelRow


def show(run: Run, finished: bool) -> None:
    """Curves, gates and gradients of a run at this moment."""
    headline, *sentences = training_words.sentences(run)
    st.markdown("  \n".join([f"**{headline}**", *sentences]))
    curves(run)
    now = moment(*_key(run), finished, window.theme(), run)
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
    st.caption(what(run.config))
    st.markdown(training_words.sentences(run)[0])
    curves(run)
    _gates(moment(*_key(run), False, window.theme(), run), run.steps[-1], finished=False)


def curves(run: Run) -> None:
    """How a run went so far, panel by panel."""
    blocks.panel_row(_curves(*_key(run), window.look(), run))


def _gates(now: Moment, step: int, finished: bool) -> None:
    st.markdown(f"##### {say('train.gates_title')}")
    st.markdown(now.headline)
    plot, _ = st.columns([blocks.PLOT, blocks.LEGEND])
    blocks.chart(now.gates, now.gates_name, place=plot)
    st.caption(say("train.gates_how_done" if finished else "train.gates_how", step=step))


def _key(run: Run) -> tuple[str, int]:
    """What stands for a run as far as it is."""
    return run_key(run.config), run.steps[-1]


@shared
def _curves(key: str, step: int, look: Look, _run: Run) -> PanelRow:
    return learning_curves.row(_run, look)


@shared
def moment(key: str, step: int, finished: bool, theme: Theme, _run: Run) -> Moment:
    """A run as it stands; ``key`` and ``step`` stand for it."""
    probe = _run.probe()
    layer = units.layer_of(record(_run.model(), probe.inputs), None)
    order = None if finished else range(layer.sizes["unit"])
    view = gates.view(layer, probe, _run.task, example=longest(probe), order=order)
    return Moment(
        gates=view.spec(GatesLook(theme=theme, hover=False), view.picked()),
        headline=gates_words.headline(view.one(), view.data.marks, *units.telling_gate(view.one())),
        gates_name=gates_words.alternative(view.data.shape, _run.config.cell),
        flow=while_learning.row(while_learning.panels([_run]), theme),
    )
