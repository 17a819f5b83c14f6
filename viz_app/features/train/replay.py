"""A finished run that plays again: loss, answers and gates at one training step after another."""

from bisect import bisect_left
from dataclasses import replace
from typing import Any

import torch

from gatescope import Run
from viz_app.features.gates import play as gates_play
from viz_app.features.gates.view import Gates
from viz_app.features.train import chart, training_progress
from viz_app.features.train.training_progress import Moment
from viz_app.kit.answers import longest
from viz_app.kit.chart import play
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.window import Look
from viz_app.kit.page import served as cached
from viz_app.text import say

Spec = dict[str, Any]


def until(run: Run, step: int) -> Run:
    """A run as it stood at one of its checkpoints."""
    return replace(
        run,
        history=tuple(row for row in run.history if row.step <= step),
        checkpoints={there: run.checkpoints[there] for there in run.steps if there <= step},
    )


def played(name: str, run: Run, look: Look, first: int, unit: int) -> Moment:
    """The pictures of a run, each of which plays all its training steps.

    Parameters
    ----------
    name, run
        The run, and what it is called where recordings are kept.
    look
        For which window.
    first
        The frame that is shown first.
    unit
        The one that is framed: that of the headline, which stands while it plays.
    """
    key = ("train played", name, look)
    whole = cached.recordings.get(key, lambda: _all_frames(name, run, look))
    return replace(
        whole,
        loss=play.playing(whole.loss, first),
        answers=None if whole.answers is None else play.playing(whole.answers, first),
        gates=play.playing(_framed(whole.gates, name, look, unit), first),
        unit=unit,
    )


def _framed(spec: Spec, name: str, look: Look, unit: int) -> Spec:
    """A spec of the gates with this unit framed; the shared one stays."""
    view, drawn = _view(name, look)
    data = view.data(cached.recordings)
    return data.with_picks(spec, drawn, unit, data.picked(unit), 0)


def _all_frames(name: str, run: Run, look: Look) -> Moment:
    end = training_progress.drawn(run, True, look)
    return replace(
        end,
        loss=_loss(end.loss, run),
        loss_alt=say("play.alt", told=end.loss_alt),
        answers=None if end.answers is None else _answers(end.answers, run),
        answers_alt=say("play.alt", told=end.answers_alt),
        gates=_gates(name, look),
        gates_alt=say("play.alt", told=end.gates_alt),
    )


def _loss(spec: Spec, run: Run) -> Spec:
    """A row is there from the first checkpoint on that is not before it."""
    rows = [
        row | {play.FRAME: bisect_left(run.steps, row["step"])}
        for row in spec["datasets"][chart.LOSS]
    ]
    made = play.copied(spec)
    for part in play.parts(made):
        if part.get("data", {}).get("name") == chart.LOSS:
            seen = f"datum.{play.FRAME} <= {play.FRAME}"
            part["transform"] = [{"filter": seen}, *part.get("transform", [])]
    return made | {"datasets": {chart.LOSS: rows}}


def _answers(spec: Spec, run: Run) -> Spec:
    probe, frames = run.probe(), []
    for step in run.steps:
        with torch.no_grad():
            outputs = run.model(step)(probe.inputs)
        found = training_progress.answers_of(run, outputs, longest(probe))
        assert found is not None
        frames.append({chart.ANSWERS: chart.answers_rows(found)})
    rows, moving = play.merged(frames)
    return play.by_frame(spec, moving) | {"datasets": rows}


def _gates(name: str, look: Look) -> Spec:
    view, drawn = _view(name, look)
    spec = view.data(cached.recordings).spec(drawn, view.picked(cached.recordings))
    return gates_play.frames(view, spec, drawn, cached.recordings)


def _view(name: str, look: Look) -> tuple[Gates, GatesLook]:
    layer, drawn = cached.recordings.layer(name, None, None), training_progress.gates_look(look)
    pictures = training_progress.pictured(layer, look.window)
    return Gates(name, show=("gates",), pictures=pictures), drawn
