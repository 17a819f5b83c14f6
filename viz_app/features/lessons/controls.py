"""What may be changed of a lesson's view: a widget each, which begins with what the step shows."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from viz_app.features import Benchmark, Start
from viz_app.features.gradient_flow.data import GAINS
from viz_app.kit.page import served as cached
from viz_app.kit.page import window
from viz_app.kit.view import View
from viz_app.text import has, name_of, say

FEW = 4
"""So many values stand beside one another; more are a slider, or a list."""

SEEDS = 10
"""So many are enough to draw other rows."""

OFFERS: dict[str, Sequence[Any]] = {"gain": GAINS, "seed": range(SEEDS)}
"""What can be chosen where a view does not say it, or says too much."""

FLAGS = ("relative", "log")
FIELDS = ("step_1", "number_1", "step_2", "number_2")


def ask(view: View, names: Sequence[str], key: str, place: Any) -> View:
    """The view with what is chosen of it.

    Parameters
    ----------
    view
        As the step shows it.
    names
        Of the choices that may be changed.
    key
        Begins the keys of their widgets.
    place
        Where on the page.
    """
    changed = view
    for name in names:
        if name == "own":
            changed = _own(changed, key, place)
            continue
        values, usual = offered(changed, name)
        where = f"{key}_{name}"
        now = st.session_state.get(where)
        st.session_state[where] = now if now in values else usual
        label = name_of("choice", name)
        if name in FLAGS:
            value: Any = place.toggle(label, key=where)
        elif len(values) <= FEW:
            value = place.segmented_control(
                label, values, key=where, required=True, format_func=lambda each: said(view, each)
            )
        elif all(isinstance(each, int | float) for each in values):
            value = place.select_slider(label, values, key=where, format_func=number)
        else:
            value = place.selectbox(label, values, key=where, format_func=lambda e: said(view, e))
        changed = changed.but(**{name: value})
    return changed


def offered(view: View, name: str) -> tuple[Sequence[Any], Any]:
    """What can be chosen, and what is at first."""
    now = getattr(view, name)
    if name in FLAGS:
        return (False, True), bool(now)
    among = view.among(cached.recordings).get(name)
    values = list(OFFERS.get(name, ()))
    if among is not None and not values:
        return list(among.values), among.of(now)
    if not values:
        raise KeyError(f"a lesson cannot offer {name!r} of {view.name}")
    return values, now if now in values else values[0]


def said(view: View, value: Any) -> str:
    """A value as a person reads it."""
    key = f"start.variant_{value}"
    if isinstance(view, Start) and has(key):
        return say(key)
    if isinstance(view, Benchmark) and has(f"bench.axis_{value}"):
        return say(f"bench.axis_{value}")
    for kind in ("task", "signal", "cell"):
        if has(f"{kind}.{value}"):
            return name_of(kind, value)
    return number(value)


def number(value: Any) -> str:
    """A number as a slider shows it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def move(key: str, own: str | None) -> None:
    """Take over where the marks of Start were dragged to."""
    st.session_state[f"{key}_own"] = own


def _own(view: View, key: str, place: Any) -> View:
    """The marks of Start, by keyboard; a finger drags them in the picture."""
    if not isinstance(view, Start):
        raise KeyError(f"a lesson cannot offer 'own' of {view.name}")
    where = f"{key}_own"
    as_told = view.own
    view = view.but(own=st.session_state.setdefault(where, as_told))
    scene = view.data(cached.recordings)
    narrow = window.window().name == "phone"  # there a box would lie on the picture
    fold = place.expander(say("start.move")) if narrow else place.popover(say("start.move"))
    names = [f"{key}_{field}" for field in FIELDS]

    def written() -> None:
        first, one, second, other = (st.session_state[name] for name in names)
        if first != second:
            marks = {int(first): float(one), int(second): float(other)}
            move(key, view.moved(marks, cached.recordings))

    for number, step in enumerate(sorted(scene.marks)):
        columns = fold.columns(2)  # of each mark: on a phone they stand below one another
        st.session_state[names[2 * number]] = step
        st.session_state[names[2 * number + 1]] = round(float(scene.values[step]), 2)
        columns[0].number_input(
            say(f"start.step_{number + 1}"), 0, len(scene.values) - 1, key=names[2 * number],
            on_change=written,
        )  # fmt: skip
        columns[1].number_input(
            say(f"start.number_{number + 1}"), 0.0, 1.0, step=0.05, format="%.2f",
            key=names[2 * number + 1], on_change=written,
        )  # fmt: skip
    fold.button(
        say("start.back"), key=f"{key}_back", on_click=move, args=(key, as_told),
        disabled=view.own == as_told,
    )  # fmt: skip
    return view
