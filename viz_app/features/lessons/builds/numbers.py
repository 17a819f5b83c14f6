"""What a build is: some numbers to set, a picture of what they do, and a verdict.

A `Numbers` is a value without a page but for its `block`; its state is a number a knob, in their
order, and all else is a function of that. The page keeps it as text, in the session and in the
browser, so what is built is there again after a reload.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import isfinite
from typing import Any, ClassVar

import streamlit as st

from viz_app.features.lessons.builds import Verdict
from viz_app.kit.chart.lines import Panel, Style
from viz_app.kit.chart.style import DASHES, SIGNAL_COLOURS
from viz_app.kit.chart.window import Look
from viz_app.kit.page import blocks, window
from viz_app.kit.page.stage import PICTURE
from viz_app.kit.panels import PanelRow, Texts, panel_row
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.words import number, places_of
from viz_app.text import say

State = tuple[float, ...]
"""A number for each knob, in their order."""

APART = "~"
"""Between the numbers of a state as text."""

SLIDERS = 4
"""More numbers than these are typed, a tab a group."""

REMEMBERED = 50
"""States that a reader has set of late: what is kept may be behind what is set."""

BESIDE = (0.34, 0.66)
"""Shares of the width: the numbers with the verdict, and the picture, where they have room."""

ABOVE, BELOW = 120, 230
"""Pixels that words take above a picture that stands beside the numbers, or below them."""


def style_of(signal: str) -> Style:
    """How a gate or a state is drawn everywhere."""
    light, dark = (SIGNAL_COLOURS[theme][signal] for theme in ("light", "dark"))
    return Style(light, dark, tuple(DASHES[signal]))


@dataclass(frozen=True)
class Knob:
    """A number that can be set.

    Attributes
    ----------
    name
        Its own within the build.
    low, high, step
        What it can be.
    start
        Where it stands at first.
    words
        The key of its text in ``builds.toml``.
    group
        That of those that stand together with it; empty where there are few.
    """

    name: str
    low: float
    high: float
    step: float
    start: float = 0.0
    words: str = ""
    group: str = ""

    def label(self) -> str:
        """What a person reads."""
        return say(f"builds.{self.words}")

    def range(self) -> dict[str, Any]:
        """As a widget takes it."""
        return {
            "min_value": float(self.low), "max_value": float(self.high),
            "step": float(self.step), "format": f"%.{places_of(self.step)}f",
        }  # fmt: skip

    def reads(self, value: float) -> bool:
        """Whether it can be set so."""
        return isfinite(value) and self.low <= value <= self.high

    def ask(self, value: float, key: str) -> None:
        """A widget that begins with a value."""
        st.slider(self.label(), value=value, key=key, **self.range())


def choice(name: str, options: Sequence[str], words: str, start: int = 0) -> "Choice":
    """A knob with some named places; see `Choice`."""
    return Choice(name, 0, len(options) - 1, 1, start, words, options=tuple(options))


@dataclass(frozen=True)
class Choice(Knob):
    """One of several, by its place from 0.

    Attributes
    ----------
    options
        Their ids; the text of each has the knob's key and that.
    """

    options: tuple[str, ...] = ()

    def said(self, place: float) -> str:
        """An option as a person reads it."""
        return say(f"builds.{self.words}_{self.options[int(place)]}")

    def reads(self, value: float) -> bool:
        """A whole number."""
        return super().reads(value) and value == int(value)

    def ask(self, value: float, key: str) -> None:
        """A list to choose from."""
        places = range(len(self.options))
        st.selectbox(self.label(), places, int(value), key=key, format_func=self.said)


class Numbers(ABC):
    """Something to build out of numbers.

    Parameters
    ----------
    goal
        Its name, which is its module's.
    knobs
        What can be set.
    solution
        A state that reaches the goal, by its knobs' names: for a teacher, and for the tests.
    """

    alt_texts: ClassVar[Texts] = ("builds.alt", "builds.alt_line")

    def __init__(self, goal: str, knobs: tuple[Knob, ...], solution: Mapping[str, float]) -> None:
        self.goal, self.knobs, self.solution = goal, knobs, solution

    @abstractmethod
    def panels(self, state: State, recordings: Recordings = HERE) -> Sequence[Panel]:
        """What the numbers do, as a picture."""

    @abstractmethod
    def check(self, state: State, recordings: Recordings = HERE) -> Verdict:
        """Whether the goal is reached."""

    @property
    def start(self) -> State:
        """The state at first."""
        return tuple(knob.start for knob in self.knobs)

    def of(self, **values: float) -> State:
        """A state by the names of its knobs; the others stand where they start."""
        return tuple(values.get(knob.name, knob.start) for knob in self.knobs)

    @property
    def few(self) -> bool:
        """Whether all stand below one another; else they are typed."""
        choices = any(isinstance(knob, Choice) for knob in self.knobs)
        return choices or len(self.knobs) <= SLIDERS

    def chosen(self, state: State) -> dict[str, Any]:
        """As `named`, with the id of what is chosen in place of its number."""
        return {
            knob.name: knob.options[int(value)] if isinstance(knob, Choice) else value
            for knob, value in zip(self.knobs, state, strict=True)
        }

    def named(self, state: State) -> dict[str, float]:
        """The numbers of a state by their knobs' names."""
        return dict(zip((knob.name for knob in self.knobs), state, strict=True))

    def write(self, state: State) -> str:
        """A state as text."""
        return APART.join(f"{value:.6g}" for value in state)

    def read(self, text: str) -> State:
        """A state from its text.

        Raises
        ------
        ValueError
            When it is none.
        """
        values = tuple(float(part) for part in text.split(APART)) if text else ()
        if len(values) != len(self.knobs):
            raise ValueError(f"{self.goal} has {len(self.knobs)} numbers, not {len(values)}")
        for knob, value in zip(self.knobs, values, strict=True):
            if not knob.reads(value):
                raise ValueError(f"{knob.name} is {knob.low:g} to {knob.high:g}, not {value:g}")
        return values

    def block(self, place: Any, state: State, recordings: Recordings) -> State:
        """Ask for the numbers, say how far one is, and draw what they do."""
        here, many = window.window(), not self.few
        if here.narrow:
            side, picture = place.container(), place.container()
            room = here if many else here.below(BELOW)
        else:
            side, picture = place.columns(BESIDE, gap="medium")
            room = replace(here.below(ABOVE), width=int(BESIDE[1] * here.width / PICTURE))
        with side:
            above = st.container() if self.few and len(self.knobs) > SLIDERS else None
            state = self._ask(state)
            verdict = self.checked(state, recordings)
            told = above or st.container()  # below many choices it would not be seen
            (told.success if verdict.reached else told.info)(verdict.says)
        with picture:
            blocks.panel_row(self.row(state, Look(window.theme(), room), recordings))
        return state

    def checked(self, state: State, recordings: Recordings = HERE) -> Verdict:
        """The verdict, computed once for all who set the same."""
        key = ("build verdict", self.goal, state)
        return recordings.get(key, lambda: self.check(state, recordings))

    def row(self, state: State, look: Look, recordings: Recordings = HERE) -> PanelRow:
        """The finished picture, drawn once for all who set the same."""

        def drawn() -> PanelRow:
            panels = self.panels(state, recordings)
            return panel_row(panels, look, self.alt_texts, self.said)

        return recordings.get(("build picture", self.goal, state, look), drawn)

    def said(self, value: float) -> Any:
        """How the picture's alternative says a value."""
        return number(value)

    def _ask(self, state: State) -> State:
        """A slider each; of many a field each, those that belong together on a tab."""
        keys, begin = self._begun(state)
        values = dict(zip(self.knobs, begin, strict=True))
        if self.few:
            for knob in self.knobs:
                knob.ask(values[knob], keys[knob])
        else:
            groups = [(key, list(some)) for key, some in groupby(self.knobs, lambda k: k.group)]
            tabs = st.tabs([say(f"builds.{group}") for group, _ in groups])
            for tab, (_, some) in zip(tabs, groups, strict=True):
                place = tab.container(horizontal=True, gap="small")
                for knob in some:
                    place.number_input(
                        knob.label(), value=values[knob], key=keys[knob], width=110, **knob.range()
                    )
        set_now = tuple(float(st.session_state[keys[knob]]) for knob in self.knobs)
        set_before = st.session_state[self._note]["set"]
        st.session_state[self._note]["set"] = [*set_before, self.write(set_now)][-REMEMBERED:]
        return set_now

    @property
    def _note(self) -> str:
        return f"_build_{self.goal}"

    def _begun(self, state: State) -> tuple[dict[Knob, str], State]:
        """The widgets' keys, and where they began.

        They begin anew, under other keys, where a state comes that was not set with them: from the
        reader's browser, or because the lesson is begun anew. So nothing is ever put into a widget
        that is there: who holds an arrow key would be thrown back.
        """
        note = st.session_state.get(self._note, {"round": -1, "set": [], "begin": state})
        keys = self._keys(note["round"])
        there = all(key in st.session_state for key in keys.values())
        if note["round"] < 0 or not there or self.write(state) not in note["set"]:
            note = {"round": note["round"] + 1, "set": [self.write(state)], "begin": state}
            keys = self._keys(note["round"])
        st.session_state[self._note] = note
        return keys, tuple(map(float, note["begin"]))

    def _keys(self, number: int) -> dict[Knob, str]:
        anew = f"_{number}" if number > 0 else ""
        return {knob: f"build_{self.goal}_{knob.name}{anew}" for knob in self.knobs}
