"""What is asked for on the page Text: how to write, and which unit colours the text."""

from dataclasses import dataclass

import streamlit as st

from viz_app.app_pages import choices
from viz_app.text import name_of, say
from viz_app.views.units import shown
from viz_app.views.writing import Cell, Reading
from viz_app.views.writing_shipped import Measured

TEMPERATURES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0]
TOPS = [0, 1, 2, 3, 5, 10, 20]  # 0 is all
SHORTEST, LONGEST, USUAL = 50, 1000, 400
LONGEST_PROMPT = 400
USUAL_SEED = 3
OWN = "own"
PROMPT = "`Curiouser and curiouser!' cried Alice"  # of the book, in every language


@dataclass(frozen=True)
class Settings:
    """How to write: from which beginning, how daring, how much, by which dice."""

    prompt: str
    temperature: float
    top_k: int | None
    count: int
    seed: int


def key(name: str) -> str:
    """Where a choice is kept."""
    return f"writing_{name}"


def restore() -> None:
    """Keep what was chosen, and take over what the address says."""
    for name in ("prompt", "temperature", "top_k", "length", "seed", "look", "signal", "unit"):
        if key(name) in st.session_state:
            st.session_state[key(name)] = st.session_state[key(name)]
    prompt = choices.asked("prompt")
    if prompt is not None:
        st.session_state[key("prompt")] = prompt[:LONGEST_PROMPT]
    choices.take("look", key("look"))
    if choices.asked("unit") is not None:
        st.session_state[key("look")] = OWN
    for name in ("top_k", "length", "seed", "unit"):
        choices.take(name, key(name), choices.whole)
    named = {f"{value:g}": value for value in TEMPERATURES}
    choices.take("temperature", key("temperature"), named.get)


def ask_settings() -> Settings:
    """Ask how to write."""
    places = st.columns([0.36, 0.26, 0.1, 0.14, 0.14], vertical_alignment="bottom")
    st.session_state.setdefault(key("prompt"), PROMPT)
    prompt = places[0].text_input(
        say("writing.prompt"), key=key("prompt"), max_chars=LONGEST_PROMPT,
        help=say("writing.prompt_help"),
    )  # fmt: skip
    choices.keep(key("temperature"), TEMPERATURES, 0.6)
    temperature = places[1].select_slider(
        say("writing.temperature"), TEMPERATURES, key=key("temperature"),
        format_func=lambda value: f"{value:g}", help=say("writing.temperature_help"),
    )  # fmt: skip
    choices.keep(key("top_k"), TOPS, 0)
    top_k = places[2].selectbox(
        say("writing.top_k"), TOPS, key=key("top_k"), help=say("writing.top_k_help"),
        format_func=lambda count: str(count) if count else say("writing.top_k_all"),
    )  # fmt: skip
    lengths = list(range(SHORTEST, LONGEST + 1))
    choices.keep(key("length"), lengths, USUAL)
    count = places[3].number_input(
        say("writing.length"), SHORTEST, LONGEST, step=50, key=key("length"),
        help=say("writing.length_help"),
    )  # fmt: skip
    choices.keep(key("seed"), list(range(10_000)), USUAL_SEED)
    seed = places[4].number_input(
        say("writing.seed"), 0, 9999, key=key("seed"), help=say("writing.seed_help")
    )
    return Settings(prompt, temperature, top_k or None, count, seed)


def look_at(reading: Reading, measured: Measured) -> tuple[Cell, str | None]:
    """Ask what to look for in the text; returns the unit and what it stands for."""
    options = [*(found.meaning for found in measured.found), OWN]
    choices.keep(key("look"), options, options[0])
    chosen = st.segmented_control(
        say("writing.look_at"), options, key=key("look"), required=True,
        help=say("writing.look_at_help"), width="stretch",
        format_func=lambda name: say("writing.own_unit" if name == OWN
                                     else f"writing.meaning_{name}"),
    )  # fmt: skip
    found = measured.of(str(chosen))
    if found is not None:
        return Cell(found.node, found.signal, found.unit), found.meaning
    layer = reading.layer()
    signals = shown(layer)
    first, second, _ = st.columns([0.2, 0.12, 0.68])
    choices.keep(key("signal"), signals, signals[-1])
    signal = first.selectbox(
        say("writing.signal"), signals, key=key("signal"), help=say("writing.signal_help"),
        format_func=lambda name: name_of("signal", name),
    )  # fmt: skip
    count = layer.sizes["unit"]
    choices.keep(key("unit"), list(range(count)), 0)
    unit = second.number_input(
        say("writing.unit_pick"), 0, count - 1, key=key("unit"), help=say("writing.unit_pick_help")
    )
    node = next(iter(reading.trace.leaves)).path.strip("/")
    return Cell(node, str(signal), unit), None
