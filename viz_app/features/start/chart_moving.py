"""What moves: the cursor, by a timer, a finger or a key; the marks, by a finger.

A mark goes along one axis until it is let go, that along which it was drawn at first: to another
step, or to another number.
"""

from typing import Any

from viz_app.features.start.chart_places import Places
from viz_app.features.start.chart_scene import Scene

TICK = 190
"""Milliseconds of a step while it plays."""

BEGINS = "gatescope-start"
"""The animation that a page gives to its picture where its reader has nothing against motion: the
picture plays from when it begins."""

TAKEN = ("INPUT", "TEXTAREA", "SELECT", "BUTTON", "A")
"""Where a key is meant for what has the focus."""

STIR = 6
"""Pixels that a finger moves before it is said along which axis."""

ACROSS, UP = 1, 2

LOW, HIGH, MARGIN = 0.6, 1.9, 0.08
"""The answers' axis reaches at least from and to here; and beyond all answers by so much."""


def signals(at: Places, scene: Scene) -> list[dict[str, Any]]:
    """What a timer, a finger and a key change."""
    first, second = scene.marks
    at_play = f"x() < {at.left} && y() < {at.top + at.bars}"
    near = " : ".join(
        f"abs({at.step} - mark{number}) <= 1 && y() < {at.below} ? {number}" for number in (1, 2)
    )
    number = f"clamp(round(100 * ({at.top + at.bars} - y()) / {at.bars}) / 100, 0, 1)"

    aside, upward = "abs(x() - pressed[0])", "abs(y() - pressed[1])"
    further = f"({aside} < {upward} ? {UP} : {ACROSS})"

    def of_keys(*keys: str) -> dict[str, Any]:
        """Not while somebody writes or stands on a button."""
        filters = [
            f"indexof({[*keys]}, event.key) >= 0", f"indexof({[*TAKEN]}, event.target.tagName) < 0",
        ]  # fmt: skip
        return {"source": "window", "type": "keydown", "filter": filters, "consume": True}

    def dragged(mark: int) -> list[dict[str, Any]]:
        free = f"grab == {mark} && along == {ACROSS} && {at.step} != mark{3 - mark}"
        move = f"{free} ? {at.step} : mark{mark}"
        height = f"grab == {mark} && along == {UP} ? {number} : number{mark}"
        moves = "pointermove"
        return [
            {"name": f"mark{mark}", "value": (first, second)[mark - 1],
             "on": [{"events": moves, "update": move}]},
            {"name": f"number{mark}", "value": round(float(scene.values[scene.marks[mark - 1]]), 6),
             "on": [{"events": moves, "update": height}]},
        ]  # fmt: skip

    named = f"event.animationName == '{BEGINS}'"
    begins = {"source": "window", "type": "animationstart", "filter": named}
    # Vega has a signal of its own called cursor, so here it is ``now``
    return [
        {"name": "count", "value": len(scene.values)},
        {"name": "grab", "value": 0, "on": [
            {"events": "pointerdown", "update": f"{at_play} ? 0 : {near} : 3"},
            {"events": "window:pointerup, window:pointercancel", "update": "0"},
        ]},
        {"name": "pressed", "value": [0, 0], "on": [
            {"events": "pointerdown", "update": "[x(), y()]"},
        ]},
        {"name": "along", "value": 0, "on": [
            {"events": "pointerdown", "update": "0"},
            {"events": "pointermove", "update":
             f"along || max({aside}, {upward}) < {STIR} ? along : {further}"},
        ]},
        {"name": "playing", "value": False, "on": [
            {"events": begins, "update": "true"},
            {"events": f"timer{{{TICK}}}", "update": "playing && now < count - 1"},
            {"events": "pointerdown", "update": f"{at_play} ? !playing : false"},
            {"events": of_keys(" ", "Enter"), "update": "!playing"},
            {"events": of_keys("ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End"),
             "update": "false"},
        ]},
        {"name": "now", "value": second, "on": [
            {"events": begins, "update": "0"},
            {"events": f"timer{{{TICK}}}",
             "update": "playing ? min(now + 1, count - 1) : now"},
            {"events": "pointerdown", "update":
             f"{at_play} ? (now >= count - 1 ? 0 : now) : grab == 3 ? {at.step} : now"},
            {"events": "pointermove", "update": f"grab == 3 ? {at.step} : now"},
            {"events": of_keys(" ", "Enter"), "update": "now >= count - 1 ? 0 : now"},
            {"events": of_keys("ArrowRight", "PageDown"), "update": "min(now + 1, count - 1)"},
            {"events": of_keys("ArrowLeft", "PageUp"), "update": "max(now - 1, 0)"},
            {"events": of_keys("Home"), "update": "0"},
            {"events": of_keys("End"), "update": "count - 1"},
        ]},
        *dragged(1), *dragged(2),
        _made("lowest", f"min({LOW}, min(extent(answers)[0], target) - {MARGIN})"),
        _made("highest", f"max({HIGH}, max(extent(answers)[1], target) + {MARGIN})"),
    ]  # fmt: skip


def _made(name: str, update: str) -> dict[str, Any]:
    return {"name": name, "update": update}
