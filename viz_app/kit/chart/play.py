"""▶ Play: all frames are sent once, and the browser shows one after another.

A finished spec is made to play: what differs from frame to frame goes into its datasets with the
frame's number, and each mark over them shows the one that the signal ``frame`` says. A clock on the
page (`viz_app.kit.page.player`) sets it, the same in all charts at once.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from viz_app.kit.chart.style import INKS, Theme

Spec = dict[str, Any]
Rows = list[dict[str, Any]]

FRAME, EVENT = "frame", "gatescope-frame"
"""The signal that says which frame is shown, and what the clock sends to the window."""

HEIGHT = 56
"""Pixels that the clock takes above a picture."""

LAST = 3
"""How many times as long the last frame stays before the first comes again."""

TYPING = "indexof(['INPUT', 'TEXTAREA', 'SELECT'], event.target.tagName) < 0"
"""That a key is not meant for a field."""

FREE = f"{TYPING} && event.target.tagName != 'BUTTON'"
CLICKER_BACK, CLICKER_ON = "event.key == 'PageUp'", "event.key == 'PageDown'"
"""What a presenter's clicker sends."""

BACK = f"(event.key == 'ArrowLeft' || {CLICKER_BACK})"
ON = f"(event.key == 'ArrowRight' || {CLICKER_ON})"
PLAIN = "!event.ctrlKey && !event.altKey && !event.metaKey"


def pace(count: int) -> int:
    """Milliseconds between frames: slow enough to see, and not much more than half a minute."""
    return max(80, min(1000, 32_000 // max(count, 1)))


def playing(spec: Spec, first: int) -> Spec:
    """A finished spec that shows the clock's frame, at first this one; the shared one stays.

    The keys that step are the clock's, and no signal's of the chart.
    """
    config = spec.get("config", {})
    told = {"source": "window", "type": EVENT}
    frame = {"name": FRAME, "value": first, "on": [{"events": told, "update": "event.detail"}]}
    others = [_without_stepping(signal) for signal in config.get("signals", [])]
    return spec | {"config": config | {"signals": [frame, *others]}}


def _without_stepping(signal: dict[str, Any]) -> dict[str, Any]:
    if "on" not in signal:
        return signal
    keys = ("PageUp", "PageDown", "ArrowLeft", "ArrowRight")
    kept = [on for on in signal["on"] if not any(key in str(on["events"]) for key in keys)]
    return signal | {"on": kept}


def merged(frames: Sequence[Mapping[str, Rows]]) -> tuple[dict[str, Rows], set[str]]:
    """The datasets of all frames as one each, and the names of those that differ: their rows say
    of which frame they are."""
    rows: dict[str, Rows] = {}
    moving = {
        name for name in frames[-1] if any(frame[name] != frames[-1][name] for frame in frames)
    }
    for name in frames[-1]:
        if name not in moving:
            rows[name] = frames[-1][name]
            continue
        rows[name] = [
            row | {FRAME: number} for number, frame in enumerate(frames) for row in frame[name]
        ]
    return rows, moving


def by_frame(spec: Spec, moving: set[str]) -> Spec:
    """A spec whose marks over these datasets show one frame of them: a copy.

    Pictures stay where they are and are only made visible: one that is drawn anew would flicker
    while the browser reads it. Of a dataset that a signal reads, the row of the frame is read.
    """
    made = copied(spec)
    for part in parts(made):
        if not isinstance(part.get("data"), dict) or part["data"].get("name") not in moving:
            continue
        mark = part.get("mark")
        if isinstance(mark, dict) and mark.get("type") == "image":
            part["encoding"]["opacity"] = {
                "condition": {"test": f"datum.{FRAME} == {FRAME}", "value": 1}, "value": 0,
            }  # fmt: skip
        else:
            only = {"filter": f"datum.{FRAME} == {FRAME}"}
            part["transform"] = [only, *part.get("transform", [])]
    for signal in made.get("config", {}).get("signals", []):
        for name in moving:
            if isinstance(signal.get("update"), str):
                signal["update"] = signal["update"].replace(
                    f"data('{name}')[0]", f"data('{name}')[{FRAME}]"
                )
    return made | {"datasets": spec["datasets"]} if "datasets" in spec else made


def of_specs(specs: Sequence[Spec]) -> Spec:
    """Finished specs that differ in nothing but their rows, which are lists, as one of a frame
    each."""
    whole = [[(part, _rows_of(part, spec)) for part in parts(spec)] for spec in specs]
    made = copied(specs[-1])
    found: list[dict[str, Rows]] = [
        {str(number): rows for number, (_, rows) in enumerate(frame) if rows is not None}
        for frame in whole
    ]
    for number, part in enumerate(parts(made)):
        if str(number) in found[-1]:
            part["data"] = {"name": str(number)}
    tables, moving = merged(found)
    return by_frame(made | {"datasets": tables}, moving)


def _rows_of(part: Spec, spec: Spec) -> Rows | None:
    """The rows of a part's own data."""
    data = part.get("data")
    if not isinstance(data, dict):
        return None
    rows: Rows | None = data.get("values", spec.get("datasets", {}).get(data.get("name")))
    return rows


def over_time(spec: Spec, start: int, theme: Theme) -> Spec:
    """A copy of a spec of panels along time that shows one step after another and picks it; frame
    0 is the time step ``start``."""
    made = copied(spec)
    for panel in made.get("vconcat", [made]):
        panel["layer"] += cursor(start, theme)
    for signal in made.get("config", {}).get("signals", []):
        if signal["name"] == "pick":
            now = f"{{unit: pick.unit, time: [{start} + {FRAME}]}}"
            signal["on"] = [*signal["on"], {"events": {"signal": FRAME}, "update": now}]
    return made | {"datasets": spec["datasets"]} if "datasets" in spec else made


def cursor(start: int, theme: Theme) -> list[Spec]:
    """Layers over a panel along time: a rule at the step of the frame, and a veil over what comes
    later; frame 0 is the time step ``start``."""
    ink = INKS[theme]
    return [
        {
            "data": {"values": [{}]},
            "transform": [{"calculate": f"{start} + {FRAME} + {shift}", "as": "now"}],
            "mark": {"clip": True, "aria": False} | mark,
            "encoding": {"x": {"field": "now", "type": "quantitative"}} | more,
        }
        for shift, mark, more in (
            (0.5, {"type": "rect", "fill": ink.background, "opacity": 0.72},
             {"x2": {"value": "width"}, "y": {"value": 0}, "y2": {"value": "height"}}),
            (0, {"type": "rule", "color": ink.text, "strokeWidth": 2}, {}),
        )
    ]  # fmt: skip


def copied(spec: Spec) -> Spec:
    """A copy of a spec without its named datasets."""
    made: Spec = json.loads(json.dumps({k: v for k, v in spec.items() if k != "datasets"}))
    return made


def parts(spec: Any) -> Iterator[Spec]:
    """Every part of a spec that can have data of its own."""
    if isinstance(spec, dict):
        yield spec
        for key in ("layer", "vconcat", "hconcat", "concat"):
            for part in spec.get(key, []):
                yield from parts(part)


def key(condition: str) -> dict[str, Any]:
    """A key that no field is meant to get; the browser does nothing else with it."""
    return {
        "source": "window", "type": "keydown", "filter": [condition, FREE, PLAIN], "consume": True,
    }  # fmt: skip
