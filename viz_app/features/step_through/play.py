"""Step through played: a unit at a time step over all training steps, or over all time steps.

The picked unit's numbers alone are sent of each training step.
"""

from typing import Any

import pandas as pd

from viz_app.features.step_through.chart_controls import row_of
from viz_app.features.step_through.view import StepThrough
from viz_app.kit.chart import play
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.hover_cells import CELLS
from viz_app.kit.packed import arrow
from viz_app.kit.recordings import Recordings

Spec = dict[str, Any]


def training(view: StepThrough, look: GatesLook, first: int, recordings: Recordings) -> Spec:
    """The picked unit's numbers at each training step of the run."""
    trained, unit = recordings.run(view.run).steps, view.unit or 0
    view = view.but(checkpoint=trained[-1]).complete(recordings)
    spec, way = view.picked_spec(look, recordings), view.way

    def all_frames() -> bytes:
        frames = [
            view.but(checkpoint=step).data(recordings).data(way).frame(unit, alone=True)
            for step in trained
        ]
        rows = pd.concat(frames, keys=range(len(frames)), names=[play.FRAME])
        return arrow(rows.reset_index(level=0).reset_index(drop=True))

    rows = recordings.get(("step played", view.but(step=None)), all_frames)
    steps = view.data(recordings).data(way).shape()[0]
    now = f"{play.FRAME} * {steps} + step"
    params = [
        param | {"expr": row_of(now)} if param["name"] == "now" else param
        for param in spec["params"]
    ]
    moving = play.by_frame(spec | {"params": params}, {CELLS})
    return play.playing(moving | {"datasets": spec["datasets"] | {CELLS: rows}}, first)


def time(view: StepThrough, look: GatesLook, first: int, recordings: Recordings) -> Spec:
    """One time step after another."""
    spec = view.picked_spec(look, recordings)
    follows = {"events": {"signal": play.FRAME}, "update": play.FRAME}
    signals = {signal["name"]: signal for signal in spec["config"]["signals"]}
    step, pick = signals["step"], signals["pick"]
    signals["step"] = step | {"value": first, "on": [*step["on"], follows]}
    # the page is told of another unit alone: the clock tells the step where it stops
    signals["pick"] = pick | {"on": [on | {"events": {"signal": "unit"}} for on in pick["on"]]}
    changed = spec["config"] | {"signals": list(signals.values())}
    return play.playing(spec | {"config": changed}, first)
