"""Gates played: one picture of the gates for each training step, or one time step after another."""

from dataclasses import replace
from typing import Any

from viz_app.features.gates.view import Gates
from viz_app.kit.chart import play
from viz_app.kit.chart.gates import gates_rows, records
from viz_app.kit.chart.gates_data import ROWS
from viz_app.kit.chart.gates_fit import fit
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.packed import arrow
from viz_app.kit.recordings import Recordings

NOTE = "note"
Spec = dict[str, Any]


def look_of(look: GatesLook) -> GatesLook:
    """The same look with room for what plays above."""
    height = look.window.height - play.HEIGHT
    return replace(look, window=replace(look.window, height=height))


def training_steps(view: Gates, recordings: Recordings) -> tuple[int, ...]:
    """What the frames are."""
    return tuple(recordings.run(view.run).steps)


def training(view: Gates, spec: Spec, look: GatesLook, first: int, recordings: Recordings) -> Spec:
    """A spec of the gates that plays through all training steps of the run; see `frames`.

    ``first`` is the frame that is shown first.
    """
    return play.playing(frames(view, spec, look, recordings), first)


def frames(view: Gates, spec: Spec, look: GatesLook, recordings: Recordings) -> Spec:
    """A spec of the gates with a frame for each training step of the run.

    Parameters
    ----------
    view
        What is seen, at whichever training step.
    spec
        Its finished chart.
    look
        How it is drawn.
    recordings
        Where the frames come from.
    """
    steps = training_steps(view, recordings)
    unit = view.unit if view.data(recordings).seen.shape.blocked else None

    def all_frames() -> tuple[dict[str, bytes], tuple[str, ...]]:
        found = []
        for step in steps:
            data = view.but(checkpoint=step).data(recordings).seen
            fitted = fit(data.shape, look)
            rows = gates_rows(data, fitted, data.shape.units[0] if unit is None else unit)
            found.append({name: records(table) for name, table in rows.items()})
        notes = [[row.pop(NOTE, "") for row in frame[ROWS]] for frame in found]
        rows, moving = play.merged(found)
        rows[ROWS] = [
            row | {f"{NOTE}{number}": told[place] for number, told in enumerate(notes)}
            for place, row in enumerate(found[-1][ROWS])
        ]
        return {name: arrow(table) for name, table in rows.items() if table}, tuple(moving)

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
    made["datasets"] = spec["datasets"] | rows
    return made


def time(view: Gates, spec: Spec, look: GatesLook, first: int, recordings: Recordings) -> Spec:
    """A spec of the gates that reads its sequence one time step after another."""
    shape = view.data(recordings).seen.shape
    return play.playing(play.over_time(spec, shape.start, look.theme), first)
