"""The widgets that ask for a view's choices: the same on every page that has them."""

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from viz_app.kit.page import choices
from viz_app.kit.page import served as cached
from viz_app.kit.view import View
from viz_app.text import say

V = TypeVar("V", bound=View)
Redraw = Callable[[], None]


def view(chosen: V) -> V:
    """The view that is chosen: what cannot be had here is said, and the usual is taken.

    Parameters
    ----------
    chosen
        Which run, or runs.
    """
    there = chosen.among(cached.recordings)
    for name in there:
        choices.keep(name, there[name].values, there[name].usual)
        value = st.session_state[name]
        other = value != there[name].usual
        chosen = chosen.but(**{name: value})
        if other:  # what else there is may depend on it
            there = chosen.among(cached.recordings)
    return chosen


def layer(chosen: View, on_change: Redraw | None = None) -> None:
    """Layer and direction, where there is more than one."""
    layers = chosen.among(cached.recordings)["layer"].values
    if len(layers) > 1:
        st.segmented_control(
            say("app.layer"), layers, key="layer", help=say("app.layer_help"),
            on_change=on_change, required=True,
        )  # fmt: skip


def example(chosen: View, place: Any) -> None:
    """Which example."""
    count = len(chosen.among(cached.recordings)["example"].values)
    place.number_input(
        say("app.example"), 0, count - 1, key="example", help=say("app.example_help", count=count)
    )


def checkpoint(chosen: View, place: Any = st) -> None:
    """Which training step, by dragging, where there is more than one."""
    steps = chosen.among(cached.recordings)["checkpoint"].values
    if len(steps) > 1:
        place.select_slider(
            say("gates.checkpoint"), steps, key="checkpoint", help=say("gates.checkpoint_help"),
            format_func=lambda step: f"{step:,}",
        )  # fmt: skip
