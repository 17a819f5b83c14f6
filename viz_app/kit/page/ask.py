"""The widgets that ask for a view's choices: the same on every page that has them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from viz_app.kit.page import choices, player, window
from viz_app.kit.page import served as cached
from viz_app.kit.view import View
from viz_app.kit.words import counted
from viz_app.text import say

V = TypeVar("V", bound=View)
Redraw = Callable[[], None]

EXAMPLE_WIDTH, TRAINING_STEP_WIDTH = 192, 226
"""Pixels with their labels."""

PICTURES = "pictures_asked"
"""Where it is kept which signals a link asks for, until the widget is there."""


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


def layer(chosen: View, on_change: Redraw | None = None, place: Any = st) -> None:
    """Layer and direction, where there is more than one."""
    layers = chosen.among(cached.recordings)["layer"].values
    if len(layers) > 1:
        place.segmented_control(
            say("app.layer"), layers, key="layer", help=say("app.layer_help"),
            on_change=on_change, required=True,
        )  # fmt: skip


def example(chosen: View, place: Any) -> None:
    """Which example."""
    count = len(chosen.among(cached.recordings)["example"].values)
    asks = all(cached.run_of(name).task.asks for name in chosen.names(cached.recordings))
    place.number_input(
        say("app.example"), 0, count - 1, key="example", width=window.scaled(EXAMPLE_WIDTH),
        help=counted(f"app.example_help{'' if asks else '_brought'}", count),
    )  # fmt: skip


def checkpoint(chosen: View, place: Any = st, *, plays: str = "", clicker: bool = False) -> None:
    """Which training step, by dragging, where there is more than one.

    ``plays`` is the page that can play them: then there is ▶, and while it plays no slider, since
    the picture has one. With ``clicker`` PageUp and PageDown choose it too: on a page whose picture
    has no time step.
    """
    steps = chosen.among(cached.recordings)["checkpoint"].values
    playing = player.now(plays) if plays else None
    if len(steps) < 2:
        if playing is not None and playing.kind == "training":
            player.stop()
        return
    if playing is None or playing.kind != "training":
        if clicker:
            player.clicker("checkpoint", steps)
        place.select_slider(
            say("gates.checkpoint"), steps, key="checkpoint", help=say("gates.checkpoint_help"),
            format_func=lambda step: f"{step:,}", width=window.scaled(TRAINING_STEP_WIDTH),
        )  # fmt: skip
    if plays:
        player.button(plays, "training", st.session_state["checkpoint"], place)


def restore_pictures() -> None:
    """Take over which signals the address asks for, until `pictures` asks."""
    if (asked := choices.asked("pictures")) is not None:
        st.session_state[PICTURES] = asked.split(".")


def pictures(
    labels: Mapping[str, str], first: Sequence[str], key: str, place: Any,
    *, label: str, help_text: str, none: str = "",
) -> tuple[str, ...] | None:  # fmt: skip
    """Ask which signals have pictures; None where they are those that open first.

    Parameters
    ----------
    labels
        Those that there are, and what each is called.
    first
        Those that open.
    key
        Where the choice is kept: with another key it opens anew.
    place
        Where on the page.
    label, help_text
        Of the widget.
    none
        What is said where none is chosen, which ends the page; else the first ones are taken.
    """
    asked = st.session_state.pop(PICTURES, None)
    wanted = st.session_state.get(key, first) if asked is None else asked
    there = [name for name in wanted if name in labels]
    if asked is not None or not none:
        there = there or list(first)
    unknown = [name for name in asked or () if name not in labels]
    if unknown:
        choices.say_not_there("pictures", ".".join(unknown), list(labels), ".".join(there))
    st.session_state[key] = there
    chosen = place.pills(
        label, list(labels), key=key, selection_mode="multi", help=help_text,
        format_func=lambda name: labels[name],
    )  # fmt: skip
    if not chosen and none:
        st.info(none)
        st.stop()
    shown = tuple(name for name in labels if name in chosen)
    return None if set(shown) == set(first) else shown
