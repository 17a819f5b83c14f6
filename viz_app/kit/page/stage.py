"""The stage: one bar, a headline, the picture, and beside it what to look for.

The same on every page that shows a picture, so that a reader finds the network, the example and
the training step where they stood on the page before. On a narrow window what stands beside the
picture stands below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from viz_app.kit.chart.window import Window
from viz_app.kit.glossary import mentioned, row_of
from viz_app.kit.page import choices, window
from viz_app.kit.page.choices import NOTICES
from viz_app.text import say

PICTURE = 0.76
"""Its share of the width."""

STYLE = """
.st-key-bar {min-height: 2.5rem; gap: .35rem .55rem}
.st-key-bar h1 {font-size: 1.3rem; padding: 0; line-height: 1.2; white-space: nowrap;
  margin-right: .4rem}
.st-key-bar [data-testid="stMarkdownContainer"]:has(h1) {margin: 0}
.st-key-bar [data-testid="stHeaderActionElements"] {display: none}
.st-key-bar [data-testid="stWidgetLabel"] {min-height: 0; margin: 0; white-space: nowrap}
.st-key-bar [data-testid="stWidgetLabel"] [data-testid="stTooltipIcon"] {display: none}
.st-key-bar :is(.stNumberInput, .stSelectbox, .stSlider, .stButtonGroup) {
  display: flex; flex-direction: row; align-items: center; gap: .5rem}
.st-key-bar :is(.stButtonGroup, .stButton) button {padding-left: .55rem; padding-right: .55rem}
.st-key-bar .stSlider > div:last-child {flex: 1; padding-top: .6rem}
.st-key-bar .react-aria-ComboBox {flex: 1; width: 100%%; min-width: 0}
.st-key-headline .stMarkdown p {
  font-size: 1.15rem; font-weight: 600; margin: 0 0 .3rem 0; line-height: 1.3}
.st-key-picture {padding-right: %dpx}
.st-key-picture [data-testid="stElementToolbar"] {top: auto !important; bottom: -2.1rem !important}
.st-key-told h2 {font-size: 1.05rem; padding: 0 0 .3rem 0}
.st-key-told p {margin-bottom: .6rem; line-height: 1.4}
.st-key-told button p {margin: 0}
"""

AXIS = 46
"""Pixels that a picture's axis takes: Streamlit gives the plots alone the width that there is."""


@dataclass(frozen=True)
class Stage:
    """The places of a page that shows a picture.

    Attributes
    ----------
    bar
        A row: what is looked at is chosen here.
    head
        The headline's place, above the picture.
    picture
        The picture's.
    told
        Beside it, or below: what to look for.
    controls
        Below that: this page's own choices.
    more
        Below those: what is folded.
    window
        What the picture is drawn for.
    """

    bar: DeltaGenerator
    head: DeltaGenerator
    picture: DeltaGenerator
    told: DeltaGenerator
    controls: DeltaGenerator
    more: DeltaGenerator
    window: Window

    def headline(self, sentence: str) -> None:
        """The one sentence that says what is seen."""
        self.head.markdown(sentence)

    def look_for(self, sentences: Sequence[str]) -> None:
        """What to look for in the picture; the terms in it open when they are touched."""
        self.told.markdown("\n\n".join([f"## {say('app.look_for')}", *sentences]))
        named = mentioned("\n".join(sentences))
        if named:
            self.told.html(row_of(named))


def stage(title: str, *, axis: int = AXIS, wide: bool = False, share: float = PICTURE) -> Stage:
    """Set the stage of a page.

    Parameters
    ----------
    title
        The page's name.
    axis
        Pixels that the picture's axes take beside its plots.
    wide
        The picture takes the whole width, and what belongs to it stands below.
    share
        Of the width that the picture takes.
    """
    here = window.window()
    st.html(f"<style>{STYLE % axis}</style>")
    bar = _bar(title)
    head = st.session_state[NOTICES] = st.container(key="headline")
    choices.say_again()
    if here.narrow or wide:
        picture, side = st.container(), st.container()
    else:
        picture, side = st.columns([share, 1 - share], gap="medium")
    return Stage(
        bar,
        head,
        picture.container(key="picture"),
        side.container(key="told"),
        side.container(key="controls"),
        side.container(key="more"),
        here,
    )


def _bar(title: str) -> DeltaGenerator:
    bar = st.container(key="bar", horizontal=True, vertical_alignment="center", gap="small")
    bar.markdown(f"# {title}", width="content")
    return bar
