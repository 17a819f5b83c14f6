"""What is asked for on the page Text: how to write, and which unit colours the text."""

from contextlib import suppress
from typing import Any

import streamlit as st

from viz_app.features import Text
from viz_app.features.text.view import WRITING
from viz_app.kit.choice import changes_of, whole
from viz_app.kit.page import choices
from viz_app.kit.page import served as cached
from viz_app.kit.view import ViewError
from viz_app.kit.words import number
from viz_app.text import name_of, say

TEMPERATURES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0]
TOPS = [0, 1, 2, 3, 5, 10, 20]  # 0 is all
SHORTEST, LONGEST = 50, 1000
LONGEST_PROMPT = 400
OWN = "own"


def key(name: str) -> str:
    """Where a choice is kept."""
    return f"writing_{name}"


def restore() -> None:
    """Keep what was chosen, and take over what the address says."""
    for name in ("prompt", "temperature", "top_k", "length", "seed", "look", "signal", "unit"):
        if key(name) in st.session_state:
            st.session_state[key(name)] = st.session_state[key(name)]
    if any(choices.asked(name) is not None for name in WRITING[1:]):
        st.session_state.pop(key("text"), None)
        st.session_state[key("then")] = choices.asked("then")
    prompt = choices.asked("prompt")
    if prompt is not None:
        st.session_state[key("prompt")] = prompt[:LONGEST_PROMPT]
    choices.take("look", key("look"))
    choices.take("signal", key("signal"))
    if choices.asked("unit") is not None:
        st.session_state[key("look")] = OWN
    for name in ("top_k", "length", "seed", "unit"):
        choices.take(name, key(name), whole)
    named = {f"{value:g}": value for value in TEMPERATURES}
    choices.take("temperature", key("temperature"), named.get)


def begun(view: Text) -> Text:
    """A text as it begins: with what a link says of changes on its way."""
    text = st.session_state.pop(key("then"), None)
    if text is None:
        return view
    changes = changes_of(text)
    if changes is not None:
        with suppress(ViewError):
            return view.but(then=changes)
    choices.say_not_there("then", text, [f"1-{view.length - 1}@{view.temperature:g}"], None)
    return view


def ask_settings(run: str, place: Any, more: Any) -> Text:
    """Ask how to write; returns the text that is written so.

    Parameters
    ----------
    run
        The network that writes.
    place, more
        Where the beginning and the temperature are asked for, and where the rest.
    """
    st.session_state.setdefault(key("prompt"), Text.prompt)
    prompt = place.text_input(
        say("writing.prompt"), key=key("prompt"), max_chars=LONGEST_PROMPT,
        help=say("writing.prompt_help"),
    )  # fmt: skip
    choices.keep(key("temperature"), TEMPERATURES, Text.temperature)
    temperature = place.select_slider(
        say("writing.temperature"), TEMPERATURES, key=key("temperature"), format_func=number,
        help=say("writing.temperature_help"),
    )  # fmt: skip
    lengths = list(range(SHORTEST, LONGEST + 1))
    choices.keep(key("length"), lengths, Text.length)
    length = more.number_input(
        say("writing.length"), SHORTEST, LONGEST, step=50, key=key("length"),
        help=say("writing.length_help"),
    )  # fmt: skip
    choices.keep(key("top_k"), TOPS, 0)
    top_k = more.selectbox(
        say("writing.top_k"), TOPS, key=key("top_k"), help=say("writing.top_k_help"),
        format_func=lambda count: str(count) if count else say("writing.top_k_all"),
    )  # fmt: skip
    choices.keep(key("seed"), list(range(10_000)), Text.seed)
    seed = more.number_input(
        say("writing.seed"), 0, 9999, key=key("seed"), help=say("writing.seed_help")
    )
    return Text(run, prompt, temperature, top_k or None, length, seed)


def look_at(view: Text, place: Any) -> Text:
    """Ask what to look for in the text, or for a unit; returns the view with it."""
    options = [*(found.meaning for found in view.measured(cached.recordings).found), OWN]
    choices.keep(key("look"), options, options[0])
    look = place.selectbox(
        say("writing.look_at"), options, key=key("look"), help=say("writing.look_at_help"),
        format_func=lambda name: say("writing.own_unit" if name == OWN
                                     else f"writing.meaning_{name}"),
    )  # fmt: skip
    if look != OWN:
        return view.but(look=str(look))
    there = view.but(unit=0).among(cached.recordings)
    first, second = place.columns(2)
    choices.keep(key("signal"), there["signal"].values, there["signal"].usual)
    signal = first.selectbox(
        say("writing.signal"), there["signal"].values, key=key("signal"),
        help=say("writing.signal_help"), format_func=lambda name: name_of("signal", name),
    )  # fmt: skip
    units = there["unit"].values
    choices.keep(key("unit"), list(units), 0)
    unit = second.number_input(
        say("writing.unit_pick"), 0, len(units) - 1, key=key("unit"),
        help=say("writing.unit_pick_help"),
    )  # fmt: skip
    return view.but(signal=str(signal), unit=unit)
