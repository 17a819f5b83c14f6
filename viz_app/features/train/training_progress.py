"""A run at one moment on a page: its loss so far, what it answers, what its gates do."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st
import torch
import xarray as xr

from gatescope import Run, record
from gatescope.experiments import run_key
from viz_app.features.gates import data as gates
from viz_app.features.gates import words as gates_words
from viz_app.features.gradient_flow import while_learning
from viz_app.features.train import chart, learning_curves
from viz_app.features.train import words as training_words
from viz_app.features.train.chart import AnswersData, LearningWords, LossData
from viz_app.kit import units
from viz_app.kit.answers import longest, told
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.window import Look, Window
from viz_app.kit.page import blocks, stage, tabbed, window
from viz_app.kit.page.stage import Stage
from viz_app.kit.panels import PanelRow
from viz_app.kit.run_words import what
from viz_app.kit.sharing import shared
from viz_app.kit.visible import Part
from viz_app.text import say

LEFT, RIGHT = 0.4, 0.6
"""Shares of the picture's width: loss and answers, and the gates."""

HIGH = {"phone": (0.26, 0.34, 0.5), "tablet": (0.4, 0.4, 0.6)}
"""Shares of the picture's height for loss, answers and gates: on a phone one below another, on a
tablet the gates below the others."""

BESIDE = (0.42, 0.58, 1.0)
"""The same where the gates stand beside the others."""

GLANCE = 150
"""Pixels above a run that is in training: how far all of them are, and what happens in it."""

GATES = Part(panels=("gates",))


@dataclass(frozen=True)
class Moment:
    """A run at a training step, ready to be shown; each chart with what it shows, in words.

    Attributes
    ----------
    headline
        What happens now.
    told
        What has happened, in sentences.
    loss, answers, gates
        The charts; no answers where they cannot be drawn.
    loss_alt, answers_alt, gates_alt
        What each shows, for those who cannot see it.
    unit
        The one that is framed in the gates: that of the headline, where it names one.
    """

    headline: str
    told: tuple[str, ...]
    loss: dict[str, Any]
    loss_alt: str
    answers: dict[str, Any] | None
    answers_alt: str
    gates: dict[str, Any]
    gates_alt: str
    unit: int


def watch(here: Stage, run: Run | None, finished: bool) -> None:
    """A run on the stage as far as it is; None before it has begun."""
    if run is None or not run.history:
        here.headline(say("train.begins"))
        return
    now = of(run, finished)
    here.headline(now.headline)
    with here.picture:
        show(now, run_key(run.config))
    here.look_for(now.told)


def show(now: Moment, key: str) -> None:
    """The picture: loss and answers, beside or below them the gates; ``key`` tells runs apart."""
    name = window.window().name
    if name == "phone":
        loss, gates, answers = (st.container() for _ in range(3))
    elif name == "tablet":
        loss, answers = st.columns(2, gap="small")
        gates = st.container()
    else:
        left, gates = st.columns([LEFT, RIGHT], gap="small")
        loss, answers = left.container(), left.container()
    blocks.chart(now.loss, now.loss_alt, key=f"train_loss_{key}", place=loss)
    blocks.chart(now.gates, now.gates_alt, key=f"train_gates_{key}", place=gates)
    if now.answers is not None:
        blocks.chart(now.answers, now.answers_alt, key=f"train_answers_{key}", place=answers)


def glance(runs: list[Run]) -> None:
    """One of the runs that are in training now."""
    if not runs:
        return
    run = runs[0]
    now = of(run, finished=False, room=GLANCE)
    st.markdown(f"## {say('train.now')}")
    st.markdown(now.headline)
    st.html(f"<style>.st-key-glance {{padding-right: {stage.AXIS}px}}</style>")
    with st.container(key="glance"):
        show(now, run_key(run.config))
    st.caption(what(run.config))


def of(run: Run, finished: bool, room: int = 0) -> Moment:
    """A run as it stands, drawn for this reader's window, ``room`` pixels of which are taken."""
    return moment(run_key(run.config), run.steps[-1], finished, look_below(room), run)


def look_below(room: int) -> Look:
    """How it is drawn where so many pixels are taken; on a phone they are scrolled away."""
    look = window.look()
    return look if look.window.name == "phone" else look.below(room)


def curves(run: Run) -> None:
    """How a run went so far, panel by panel."""
    blocks.panel_row(_curves(run_key(run.config), run.steps[-1], tabbed.look(), run))


def flow(run: Run) -> None:
    """The gradient at each time step while a run learned."""
    rows = _flow(run_key(run.config), run.steps[-1], tabbed.look(), run)
    blocks.panel_row(rows, least=2)
    st.caption("  \n".join([*rows.alternatives, say("train.flow_how")]))


@shared
def _curves(key: str, step: int, look: Look, _run: Run) -> PanelRow:
    return learning_curves.row(_run, look)


@shared
def _flow(key: str, step: int, look: Look, _run: Run) -> PanelRow:
    return while_learning.row(while_learning.panels([_run]), look)


@shared
def moment(key: str, step: int, finished: bool, look: Look, _run: Run) -> Moment:
    """A run as it stands, drawn once for all who look; ``key`` and ``step`` stand for it."""
    return drawn(_run, finished, look)


def drawn(run: Run, finished: bool, look: Look) -> Moment:
    """A run as it stands."""
    probe, task = run.probe(), run.task
    model = run.model()
    layer = units.layer_of(record(model, probe.inputs), None)
    example = longest(probe)
    order = None if finished else range(layer.sizes["unit"])
    part = replace(GATES, pictures=pictured(layer, look.window))
    view = gates.view(layer, probe, task, example=example, order=order, part=part)
    opening = training_words.opening(view.one(), view.data.marks, *units.telling_gate(view.one()))
    picked = view.picked(training_words.named(run, opening))
    with torch.no_grad():
        outputs = model(probe.inputs)
    answered = told(task, probe, outputs)
    found = answers_of(run, outputs, example)
    loss = _loss(run)
    words, (upper, lower, _) = _words(run), heights(look.window)
    return Moment(
        headline=training_words.headline(run, opening, finished),
        told=(
            say(
                "train.answered", example=example, answer=answered.answers[example],
                target=answered.targets[example],
            ),
            *training_words.sentences(run),
        ),
        loss=chart.loss_spec(loss, words, look, upper),
        loss_alt=training_words.loss_alternative(run, finished),
        answers=None
        if found is None
        else chart.answers_spec(found, words, look, lower),
        answers_alt="" if found is None else training_words.answers_alternative(found, finished),
        gates=view.spec(gates_look(look), picked),
        gates_alt=gates_words.alternative(view.seen.shape, run.config.cell),
        unit=picked[0],
    )  # fmt: skip


def gates_look(look: Look) -> GatesLook:
    """How the gates beside loss and answers are drawn, or below them."""
    window = look.window
    width = window.width if window.narrow else round(window.width * RIGHT)
    there = replace(window, width=width, height=heights(window)[2])
    return replace(GatesLook.of(Look(look.theme, there)), hover=False)


def heights(window: Window) -> tuple[int, int, int]:
    """Pixels of loss, answers and gates."""
    loss, answers, gates = (round(share * window.height) for share in HIGH.get(window.name, BESIDE))
    return loss, answers, gates


def pictured(layer: xr.Dataset, window: Window) -> tuple[str, ...] | None:
    """Which gates are drawn: all of them, or on a phone the one that tells what is written."""
    return (units.telling_gate(layer)[0],) if window.name == "phone" else None


def _words(run: Run) -> LearningWords:
    return LearningWords(
        loss=say(f"train.loss_{run.task.kind}"),
        step=say("train.step"),
        baseline=say("train.baseline"),
        answers=say("train.answers", count=len(run.probe().marks)),
        right=say("train.right_answer"),
        said=say("train.network_answer"),
        probability=say("train.probability"),
    )


def _loss(run: Run) -> LossData:
    return LossData(
        np.array([row.step for row in run.history]),
        np.array([row.loss for row in run.history]),
        run.config.max_steps if not run.history else _end(run),
        run.task.held_out("validation").baseline_loss,
    )


def _end(run: Run) -> int:
    """Where the loss's axis ends: at the step limit, or where a finished run stopped."""
    return run.history[-1].step if np.isfinite(run.test_loss) else run.config.max_steps


def answers_of(run: Run, outputs: torch.Tensor, example: int) -> AnswersData | None:
    """All answers that count; None where they are too many to draw, or nothing is asked."""
    probe, task = run.probe(), run.task
    if not task.asks or len(task.classes) > chart.MOST_CLASSES:
        return None
    scored = probe.scored
    shown = torch.zeros_like(scored)
    shown[:, example] = True
    if task.kind == "classification":
        said = outputs[scored].softmax(dim=-1)
        right, ends = probe.targets[scored], (0.0, 1.0)
        classes = task.classes
    else:
        said, right = outputs[scored][:, 0], probe.targets[scored][:, 0]
        low, high = float(right.min()), float(right.max())
        margin = 0.25 * max(high - low, 1e-6)
        ends, classes = (low - margin, high + margin), ()
    return AnswersData(right.numpy(), said.numpy(), classes, ends, shown[scored].numpy())
