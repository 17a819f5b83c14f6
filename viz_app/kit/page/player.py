"""▶ on a page: what plays, where it began, and where it stands when it stops.

While a chart plays its page does not run again: the browser shows the frames. Where it stops the
page is told of the frame, and stands there.
"""

from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from viz_app.kit.chart import play
from viz_app.kit.page import picks
from viz_app.text import say

Kind = Literal["training", "time"]
TOLD = (play.PLAYED,)
"""What a chart that plays tells a page of."""

PLAYS = "plays"
"""Where a session keeps what plays, and the value at which it began."""

STYLE = """
[data-testid=stVegaLiteChart].vega-embed:has(.vega-bind) {display: flex;
  flex-direction: column-reverse}
[data-testid=stVegaLiteChart] form.vega-bindings:has(.vega-bind) {display: flex;
  flex-direction: row; align-items: center; gap: .8rem; margin: 0 0 .2rem 30px; padding: 0;
  height: 36px}
.vega-bindings .vega-bind {display: flex; margin: 0; padding: 0}
.vega-bindings .vega-bind:has([name=frame]) {flex: 1 1 0; width: auto; min-width: 0}
.vega-bindings .vega-bind:has([name=playing]) {flex: none; width: 46px}
.vega-bindings .vega-bind label {display: flex; flex: 1 1 100%; align-items: center; margin: 0;
  padding: 0; width: 100%; max-width: none; position: relative}
.vega-bindings .vega-bind-name {position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%)}
.vega-bindings input[type=range] {flex: 1 1 100%; width: 100%; max-width: none; min-width: 0;
  height: 2rem; margin: 0; cursor: pointer}
.vega-bindings input[type=range] ~ * {display: none}
.vega-bindings input[type=checkbox][name=playing] {appearance: none; -webkit-appearance: none;
  flex: none; width: 46px; height: 34px; margin: 0; border: 1px solid currentColor;
  border-radius: .5rem; cursor: pointer; display: grid; place-items: center; position: relative;
  background: transparent; color: inherit; box-shadow: none}
.vega-bindings input[type=checkbox][name=playing]::before {content: ""; position: static;
  width: 0; height: 0; border: 9px solid transparent; border-left: 14px solid currentColor;
  border-right: 0; transform: none; background: none; border-radius: 0; box-shadow: none;
  opacity: 1; clip-path: none}
.vega-bindings input[type=checkbox][name=playing]:checked::before {width: 14px; height: 16px;
  border: 0; background: linear-gradient(90deg, currentColor 36%, transparent 36% 64%,
  currentColor 64%)}
.vega-bindings input[type=checkbox][name=playing]::after {display: none}
.vega-bindings input:focus-visible {outline: 3px solid currentColor; outline-offset: 2px}
"""
"""The browser's own switch and slider, above the chart, as large as a thumb."""


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


def stop() -> None:
    """Nothing plays any more; the chart is drawn with what is chosen now."""
    if st.session_state.pop(PLAYS, None) is not None:
        picks.redraw()


def button(page: str, kind: Kind, value: int, place: Any) -> None:
    """▶, or what ends it: another button, so that the space bar is the chart's.

    Without a tooltip, since the bar of a page hides what carries one.
    """

    def start() -> None:
        st.session_state[PLAYS] = (page, kind, value)

    playing = now(page)
    if playing is not None and playing.kind == kind:
        place.button(
            say("play.end"), key=f"end_{kind}", icon=":material/close:", on_click=stop,
        )  # fmt: skip
    else:
        place.button(
            say(f"play.{kind}"), key=f"play_{kind}", icon=":material/play_arrow:",
            on_click=start,
        )  # fmt: skip


def headline(page: str, step: int, sentence: str) -> str:
    """A page's headline; of a chart that plays it says of which training step it is true."""
    playing = now(page)
    if playing is None or playing.kind != "training":
        return sentence
    return say("play.headline", step=step, sentence=sentence)


def reel(kind: Kind, names: tuple[str, ...], first: int) -> play.Reel:
    """What plays, in the reader's language."""
    return play.Reel(
        names, first, play.pace(len(names)), say(f"play.of_{kind}"), say("play.switch")
    )


def style() -> None:
    """How the browser's own switch and slider look; Streamlit's rules are more particular."""
    rules = STYLE.replace(";", " !important;").replace("}", " !important}")
    st.html(f"<style>{rules}</style>")


def stopped(key: str, values: Any, name: str) -> bool:
    """Take over where it stopped, as the value of a choice; whether there was such a frame."""
    for told in st.session_state[key]["selection"].get(play.PLAYED, []):
        st.session_state[name] = values[int(told[play.FRAME])]
        return True
    return False
