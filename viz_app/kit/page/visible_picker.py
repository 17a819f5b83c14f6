"""What of an example is in view: asked for on a page, kept in the session and in the address.

The choice is the same on every page that has it: a window of time and some units. Links of
earlier versions name groups of panels too.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from viz_app.kit.choice import KINDS, PANELS
from viz_app.kit.page import choices
from viz_app.kit.visible import DEFAULT, Part
from viz_app.text import say

WINDOW, UNITS, PANELS_SHOWN = "window", "units", "show"


def restore() -> None:
    """Take over what the address says, where it is not what this session wrote there."""
    choices.take(WINDOW, read=KINDS[WINDOW].read)
    for name in (UNITS, PANELS_SHOWN):
        choices.take(name, read=partial(_listed, name))


def _listed(name: str, text: str) -> list[Any]:
    return list(KINDS[name].read(text))


def ask(steps: int, units: int, redraw: Any, place: Any = st) -> Part:
    """Ask for the window of time and the units.

    Parameters
    ----------
    steps, units
        How many there are.
    redraw
        What to call when a choice changes.
    place
        Where on the page.
    """
    window, chosen, whole = (place.container() for _ in range(3))
    st.session_state[WINDOW] = fitting(st.session_state.get(WINDOW), steps)
    first, last = st.session_state[WINDOW]
    if (link := choices.linked(WINDOW)) is not None and link[1] != f"{first}-{last}":
        choices.say_not_there(*link, [f"0-{steps - 1}"], f"{first}-{last}")
    window.slider(
        say("gates.window"), 0, steps - 1, key=WINDOW, on_change=redraw,
        help=say("gates.window_help"),
    )  # fmt: skip
    st.session_state[UNITS] = [unit for unit in st.session_state.get(UNITS, []) if unit < units]
    _say_missing(UNITS, list(range(units)), st.session_state[UNITS])
    chosen.multiselect(
        say("gates.units"), list(range(units)), key=UNITS, on_change=redraw,
        placeholder=say("gates.units_all", count=units), help=say("gates.units_help"),
    )  # fmt: skip
    part = kept(steps, units)
    whole.button(
        say("gates.whole"), disabled=part.window is None, on_click=_whole, args=(redraw,),
        width="stretch", help=say("gates.whole_help"),
    )  # fmt: skip
    return part


def panels() -> tuple[str, ...] | None:
    """The panels that a link of an earlier version names, told once; None where none does."""
    if (link := choices.linked(PANELS_SHOWN)) is None:
        return None
    shown = KINDS[PANELS_SHOWN].read(link[1])
    st.session_state.pop(PANELS_SHOWN, None)
    unknown = [name for name in link[1].split(".") if name not in ("none", *PANELS)]
    if unknown:
        choices.say_not_there(
            link[0], ".".join(unknown), ("none", *PANELS), ".".join(shown) or None
        )
    return tuple(shown) if shown or not unknown else None


def _say_missing(name: str, options: Sequence[Any], shown: Sequence[Any]) -> None:
    """Say which of some parts a link asks for and there are not."""
    link, there = choices.linked(name), {str(option) for option in options}
    unknown = [part for part in link[1].split(".") if part not in there] if link else []
    if unknown:
        choices.say_not_there(name, ".".join(unknown), options, ".".join(map(str, shown)) or None)


def kept(steps: int, units: int) -> Part:
    """The choice that was made, as far as it fits so many steps and units."""
    window = fitting(st.session_state.get(WINDOW), steps)
    some = tuple(sorted(unit for unit in st.session_state.get(UNITS, ()) if unit < units))
    panels = tuple(st.session_state.get(PANELS_SHOWN, DEFAULT))
    return Part(None if window == (0, steps - 1) else window, some, panels)


def zoom(ends: Sequence[float], steps: int) -> bool:
    """Take over what was dragged over in a chart; returns whether the window changed."""
    kept = [round(min(max(end, 0), steps - 1)) for end in sorted(ends)]
    if len(kept) != 2 or kept[0] == kept[1]:
        return False
    st.session_state[WINDOW] = (kept[0], kept[1])
    return True


def fitting(window: Any, steps: int) -> tuple[int, int]:
    """A window that lies within a sequence; all of it where that one does not."""
    if isinstance(window, tuple | list) and len(window) == 2:
        first, last = window
        if 0 <= first < last < steps:
            return first, last
    return 0, steps - 1


def _whole(redraw: Any) -> None:
    st.session_state.pop(WINDOW, None)
    redraw()
