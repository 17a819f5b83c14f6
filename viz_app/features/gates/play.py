"""Gates played: one picture of the gates for each training step, or one time step after another."""

from dataclasses import replace
from typing import Any

from viz_app.features.gates.view import Gates
from viz_app.kit.chart import play
from viz_app.kit.chart.gates import gates_rows, records
from viz_app.kit.chart.gates_data import ROWS, GatesLook
from viz_app.kit.chart.gates_fit import fit
from viz_app.kit.packed import arrow
from viz_app.kit.page import player
from viz_app.kit.recordings import Recordings
from viz_app.text import say

NOTE = "note"
Spec = dict[str, Any]


def look_of(look: GatesLook) -> GatesLook:
    """The same look with room for what plays above."""
    height = look.window.height - play.HEIGHT
    return replace(look, window=replace(look.window, height=height))


def training_steps(view: Gates, recordings: Recordings) -> tuple[int, ...]:
    """What the frames are."""
    return tuple(recordings.run(view.run).steps)


def training(view: Gates, spec: Spec, look: GatesLook, began: int, recordings: Recordings) -> Spec:
    """A spec of the gates that plays through all training steps of the run.

    Parameters
    ----------
    view
        What is seen, at whichever training step.
    spec
        Its finished chart.
    look
        How it is drawn.
    began
        The training step at which it was asked for: from the last one it begins anew.
    recordings
        Where the frames come from.
    """
    steps = training_steps(view, recordings)
    unit = view.unit if view.data(recordings).seen.shape.blocked else None

    def all_frames() -> tuple[dict[str, bytes], tuple[str, ...]]:
        frames = []
        for step in steps:
            data = view.but(checkpoint=step).data(recordings).seen
            fitted = fit(data.shape, look)
            rows = gates_rows(data, fitted, data.shape.units[0] if unit is None else unit)
            frames.append({name: records(found) for name, found in rows.items()})
        notes = [[row.pop(NOTE, "") for row in frame[ROWS]] for frame in frames]
        rows, moving = play.merged(frames)
        rows[ROWS] = [
            row | {f"{NOTE}{number}": told[place] for number, told in enumerate(notes)}
            for place, row in enumerate(frames[-1][ROWS])
        ]
        return {name: arrow(found) for name, found in rows.items() if found}, tuple(moving)

    key = ("gates played", view.but(checkpoint=None, unit=unit, step=None), look)
    rows, moving = recordings.get(key, all_frames)
    made = play.by_frame(spec, set(moving))
    for part in play.parts(made):
        head = part.get("title", {})
        if isinstance(head, dict) and isinstance(head.get("text"), dict):
            told = head["text"]["expr"].replace(f".{NOTE}", f"['{NOTE}' + {play.FRAME}]")
            head["text"]["expr"] = told
        text = part.get("encoding", {}).get("text", {})
        if text.get("field") == NOTE:
            again = {"calculate": f"datum['{NOTE}' + {play.FRAME}]", "as": NOTE}
            part["transform"] = [*part.get("transform", []), again]
    names = tuple(say("play.training_step", step=step, last=steps[-1]) for step in steps)
    first = 0 if began == steps[-1] else steps.index(began)
    made["datasets"] = spec["datasets"] | rows
    return play.playing(made, player.reel("training", names, first), look.theme)


def time(view: Gates, spec: Spec, look: GatesLook, began: int, recordings: Recordings) -> Spec:
    """A spec of the gates that reads its sequence one time step after another."""
    shape = view.data(recordings).seen.shape
    steps = range(shape.start, shape.end)
    names = tuple(say("play.time_step", step=step, last=steps[-1]) for step in steps)
    first = 0 if began == steps[-1] else steps.index(began)
    made = play.over_time(spec, shape.start, look.theme)
    return play.playing(made, player.reel("time", names, first), look.theme)
