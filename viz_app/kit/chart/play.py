"""▶ Play: all frames are sent once, and a clock in the browser shows one after another.

A finished spec is made to play: what differs from frame to frame goes into its datasets with the
frame's number, and each mark over them shows the one that the signal ``frame`` says. A slider and
a switch below the chart's head are the browser's own, so they work by touch and by keys. The page
is told of a frame only while nothing plays: a page that runs again would stop it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from viz_app.kit.chart.style import INKS, Theme

Spec = dict[str, Any]
Rows = list[dict[str, Any]]

FRAME, PLAYED = "frame", "played"
"""The signal that says which frame is shown, and the selection that tells a page of it."""

HEIGHT = 64
"""Pixels that slider, switch and the frame's name take."""

LAST = 3
"""How many times as long the last frame stays before the first comes again."""

TYPING = "indexof(['INPUT', 'TEXTAREA', 'SELECT'], event.target.tagName) < 0"
"""That a key is not meant for a field; a field's own slider is as good as none."""

FREE = f"({TYPING} || event.target.name == '{FRAME}') && event.target.tagName != 'BUTTON'"
CLICKER_BACK, CLICKER_ON = "event.key == 'PageUp'", "event.key == 'PageDown'"
"""What a presenter's clicker sends."""

BACK = f"(event.key == 'ArrowLeft' || {CLICKER_BACK})"
ON = f"(event.key == 'ArrowRight' || {CLICKER_ON})"
PLAIN = "!event.ctrlKey && !event.altKey && !event.metaKey"


@dataclass(frozen=True)
class Reel:
    """What plays.

    Attributes
    ----------
    names
        What each frame is called.
    first
        The frame that is shown first.
    every
        Milliseconds between two frames.
    label, play
        What slider and switch are called.
    """

    names: tuple[str, ...]
    first: int
    every: int
    label: str
    play: str


def pace(count: int) -> int:
    """Milliseconds between frames: slow enough to see, and not much more than half a minute."""
    return max(80, min(1000, 32_000 // max(count, 1)))


def playing(spec: Spec, reel: Reel, theme: Theme) -> Spec:
    """A finished spec with a clock, a slider, and the name of the frame above; the shared one
    stays as it is."""
    config = spec.get("config", {})
    told = {"name": PLAYED, "select": {"type": "point", "fields": [FRAME]}, "views": [""]}
    head = {
        "text": {"expr": f"{_list(reel.names)}[{FRAME}]"}, "anchor": "start", "offset": 4,
        "color": INKS[theme].accent,
    }  # fmt: skip
    return spec | {
        "title": head,
        "params": [*spec.get("params", []), told],
        "config": config | {"signals": [*config.get("signals", []), *signals(reel)]},
    }


def signals(reel: Reel) -> list[dict[str, Any]]:
    """The clock: ``beat`` counts while it is ``playing``, ``frame`` follows, or slider and keys."""
    last = len(reel.names) - 1
    tell = f"{{{FRAME}: [{FRAME}], vlPoint: {{or: [{{{FRAME}: {FRAME}}}]}}}}"
    stop = [
        key(f"{BACK} || {ON}"),
        *({"source": "window", "type": kind, "filter": f"event.target.name == '{FRAME}'"}
          for kind in ("input", "pointerdown")),
    ]  # fmt: skip
    return [
        {
            "name": "playing",
            "value": True,
            "bind": {"input": "checkbox", "name": reel.play},
            "on": [
                {"events": key("event.key == ' '"), "update": "!playing"},
                {"events": stop, "update": "false"},
            ],
        },
        {
            "name": "beat",
            "value": 0,
            "on": [{"events": {"type": "timer", "throttle": reel.every},
                    "update": "playing ? beat + 1 : beat"}],
        },
        {
            "name": FRAME,
            "value": reel.first,
            "bind": {"input": "range", "min": 0, "max": last, "step": 1, "name": reel.label},
            "on": [
                {"events": {"signal": "beat"},
                 "update": f"{FRAME} < {last} ? {FRAME} + 1 : beat - came > {LAST} ? 0 : {FRAME}"},
                {"events": key(BACK), "update": f"max({FRAME} - 1, 0)"},
                {"events": key(ON), "update": f"min({FRAME} + 1, {last})"},
            ],
        },
        {"name": "came", "value": 0, "on": [{"events": {"signal": FRAME}, "update": "beat"}]},
        {
            "name": PLAYED,
            "value": {},
            "on": [
                {"events": [{"signal": FRAME}, {"signal": "playing"}],
                 "update": f"playing ? {PLAYED} : {tell}"},
            ],
        },
    ]  # fmt: skip


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
    made: Spec = json.loads(json.dumps({k: v for k, v in spec.items() if k != "datasets"}))
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


def over_time(spec: Spec, start: int, theme: Theme) -> Spec:
    """A copy of a spec of panels along time that shows one step after another and picks it; frame
    0 is the time step ``start``."""
    made: Spec = json.loads(json.dumps({k: v for k, v in spec.items() if k != "datasets"}))
    for panel in made.get("vconcat", [made]):
        panel["layer"] += cursor(start, theme)
    for signal in made.get("config", {}).get("signals", []):
        if signal["name"] == "pick":  # which the clock moves now, and no key
            signal["on"] = [on for on in signal["on"] if on["events"].get("type") != "keydown"]
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


def _list(words: Sequence[str]) -> str:
    return json.dumps(list(words), ensure_ascii=False)
