"""▶ on a page: what plays, where it began, and where it stands when it stops.

While it plays the page does not run again: a clock in the browser tells all charts which frame to
show. Where it stops the page is told, and stands there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import streamlit as st

from viz_app.kit.chart import play
from viz_app.kit.page import picks
from viz_app.text import say

Kind = Literal["training", "time"]

PLAYS = "plays"
"""Where a session keeps what plays, and the value at which it began."""

CHOICES: dict[Kind, str] = {"training": "checkpoint", "time": "step"}
"""What is chosen where it stops."""

SLOWEST = 250
"""Milliseconds after which a chart that has come late is told the frame."""

HTML = """<div class="clock"><button type="button"></button>
<input type="range" name="frame" min="0" step="1"><output></output></div>"""

CSS = """
.clock {display: flex; align-items: center; gap: .8rem; height: 40px; color: inherit}
.clock button {flex: none; width: 46px; height: 36px; border: 1px solid currentColor;
  border-radius: .5rem; background: transparent; color: inherit; cursor: pointer; display: grid;
  place-items: center}
.clock button::before {content: ""; border: 9px solid transparent; border-right: 0;
  border-left: 14px solid currentColor}
.clock button[aria-pressed=true]::before {width: 14px; height: 16px; border: 0;
  background: linear-gradient(90deg, currentColor 36%, transparent 36% 64%, currentColor 64%)}
.clock input {flex: 1 1 0; min-width: 0; height: 2rem; margin: 0; cursor: pointer;
  accent-color: var(--st-primary-color)}
.clock output {flex: none; font-weight: 600; font-variant-numeric: tabular-nums}
@media (max-width: 600px) {
  .clock {flex-wrap: wrap; height: auto; gap: .2rem .8rem}
  .clock output {flex-basis: 100%}
}
.clock :focus-visible {outline: 3px solid currentColor; outline-offset: 2px}
"""
"""Switch, slider and the frame's name, as large as a thumb."""

JS = """
export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".clock");
  const [button, slider, name] =
    ["button", "input", "output"].map((tag) => root.querySelector(tag));
  const last = data.names.length - 1;
  if (!root.now) button.focus({ preventScroll: true });  // no more on what was pressed to play
  const now = (root.now ??= { frame: data.first, playing: true, stayed: 0 });
  now.frame = Math.min(now.frame, last);
  const show = () => {
    slider.value = now.frame;
    name.textContent = data.names[now.frame];
    slider.setAttribute("aria-valuetext", data.names[now.frame]);
    button.setAttribute("aria-pressed", now.playing);
    window.dispatchEvent(new CustomEvent(data.event, { detail: now.frame }));
  };
  let telling;
  const go = (frame, playing) => {
    Object.assign(now, { frame: Math.max(0, Math.min(frame, last)), playing, stayed: 0 });
    show();
    clearTimeout(telling);
    if (!playing) telling = setTimeout(() => setStateValue("frame", now.frame), 120);
  };
  const beat = () => {
    if (now.playing && now.frame < last) now.frame += 1;
    else if (now.playing && now.stayed++ >= data.stays) Object.assign(now, { frame: 0, stayed: 0 });
    show();
  };
  const pressed = (event) => {
    const tag = event.target.tagName, own = root.contains(event.target);
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (!own && ["INPUT", "TEXTAREA", "SELECT", "BUTTON"].includes(tag)) return;
    const by = { ArrowLeft: -1, PageUp: -1, ArrowRight: 1, PageDown: 1 }[event.key];
    if (by) go(now.frame + by, false);
    else if (event.key === " " && event.target !== button) go(now.frame, !now.playing);
    else return;
    event.preventDefault();
  };
  slider.max = last;
  slider.setAttribute("aria-label", data.slider);
  button.setAttribute("aria-label", data.button);
  button.onclick = () => go(now.frame, !now.playing);
  slider.oninput = () => go(Number(slider.value), false);
  window.addEventListener("keydown", pressed);
  const beats = setInterval(beat, data.every), late = setInterval(show, data.late);
  show();
  return () => {
    window.removeEventListener("keydown", pressed);
    [beats, late].forEach(clearInterval);
  };
}
"""


@dataclass(frozen=True)
class Playing:
    """What plays on a page, and from which value it began."""

    kind: Kind
    began: int


def now(page: str) -> Playing | None:
    """What plays on a page; what played on another one is over."""
    there = st.session_state.get(PLAYS)
    if there is not None and there[0] != page:
        stop()
        return None
    return None if there is None else Playing(*there[1:])


def start(page: str, kind: Kind, value: int) -> None:
    """Let it play from a value on."""
    st.session_state[PLAYS] = (page, kind, value)


def stop() -> None:
    """Nothing plays any more; the chart is drawn with what is chosen now."""
    if st.session_state.pop(PLAYS, None) is not None:
        picks.redraw()


def button(page: str, kind: Kind, value: int, place: Any, label: str = "") -> None:
    """▶, or what ends it: another button, so that the space bar is the clock's.

    Without a tooltip, since the bar of a page hides what carries one. ``label`` is what plays,
    where the bar does not say so.
    """
    playing = now(page)
    if playing is not None and playing.kind == kind:
        place.button(
            say("play.end"), key=f"end_{kind}", icon=":material/close:", on_click=stop,
        )  # fmt: skip
    else:
        place.button(
            label or say(f"play.{kind}"), key=f"play_{kind}", icon=":material/play_arrow:",
            on_click=start, args=(page, kind, value),
        )  # fmt: skip


def clicker(choice: str, values: Sequence[int]) -> None:
    """Let PageUp and PageDown, which a presenter's clicker sends, choose the value before or next.

    Buttons that nobody sees have them as their keys.
    """

    def move(by: int) -> None:
        place = values.index(st.session_state[choice]) + by
        st.session_state[choice] = values[max(0, min(place, len(values) - 1))]

    with st.container(key="clicker"):
        st.html("<style>.st-key-clicker {display: none}</style>")
        for key, name, by in (("PageUp", "before", -1), ("PageDown", "next", 1)):
            label = say(f"play.{name}")
            st.button(label, key=f"clicker_{name}", shortcut=key, on_click=move, args=(by,))


def headline(page: str, step: int, sentence: str) -> str:
    """A page's headline; of a chart that plays it says of which training step it is true."""
    playing = now(page)
    if playing is None or playing.kind != "training":
        return sentence
    return say("play.headline", step=step, sentence=sentence)


def clock(playing: Playing, values: Sequence[int], choice: str = "") -> int:
    """Switch and slider above the charts that play, and the frame that they show first.

    Parameters
    ----------
    playing
        What plays: from the last value it begins anew.
    values
        The frames' training steps, or time steps.
    choice
        What is chosen where it stops, if not the page's training step, or time step.
    """
    kind, last = playing.kind, values[-1]
    began = playing.began in values and playing.began != last
    first = values.index(playing.began) if began else 0
    key = f"clock_{kind}"

    def stopped() -> None:
        frame = st.session_state[key].get("frame")
        if frame is not None and frame < len(values):
            st.session_state[choice or CHOICES[kind]] = values[int(frame)]

    _component()(
        key=key, height="content", default={"frame": first}, on_frame_change=stopped,
        data={
            "names": [say(f"play.{kind}_step", step=step, last=last) for step in values],
            "first": first, "every": play.pace(len(values)), "stays": play.LAST, "late": SLOWEST,
            "event": play.EVENT, "slider": say(f"play.of_{kind}"), "button": say("play.switch"),
        },
    )  # fmt: skip
    return first


@cache
def _component() -> Any:
    return st.components.v2.component(
        "gatescope_clock", html=HTML, css=CSS, js=JS, isolate_styles=False
    )
