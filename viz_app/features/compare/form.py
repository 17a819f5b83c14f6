"""The sides of a comparison, as they are asked for, kept in the session and in the address.

The first side is the network that every page shares; the others are asked for here.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import streamlit as st

from gatescope import RunError
from viz_app.features import Compare
from viz_app.features.compare.sides import MOST
from viz_app.features.compare.view import BESIDE, Sides
from viz_app.kit.library import group
from viz_app.kit.page import choices, run_choice, window
from viz_app.kit.page import served as cached
from viz_app.kit.view import ViewError
from viz_app.kit.words import joined
from viz_app.text import say
from viz_app.text.plain import NAME, bare, plain

SIDES, KIND = "compare_sides", "compare_kind"
ADDRESS = ("at", *BESIDE)
MOST_READY = 8
READY_WIDTH = 200
"""Pixels for what is compared."""


def of_task(run: str) -> list[str]:
    """All runs that can stand beside a run, itself among them."""
    library = run_choice.shelf()
    return library.groups()[group(library.runs[run])]


def named(run: str, shown: Callable[[str, int], str] = bare) -> str:
    """What a network is called beside the others of its task; ``plain`` for markdown."""
    return run_choice.cell_of(run_choice.shelf(), run, of_task(run), shown)


def last(run: str) -> int:
    """The end of a run's training."""
    return cached.run_of(run).steps[-1]


def ready(run: str) -> dict[str, Sides]:
    """Prepared comparisons of a run with itself and with others, by what is compared."""
    steps = cached.run_of(run).steps
    found: dict[str, Sides] = {}
    if len(steps) > 1:
        found["training"] = ((run, steps[0]), (run, steps[-1]))
    one_a_cell = run_choice.beside(run)
    cells = [name for name in of_task(run) if name in one_a_cell and name != run]
    others = [name for name in of_task(run) if name not in (run, *cells)]
    for name in [*cells, *others][:MOST_READY]:
        found[name] = ((run, steps[-1]), (name, last(name)))
    if len(cells) > 1:
        found["all"] = tuple((name, last(name)) for name in (run, *cells[:2]))
    if len(steps) > 2:
        found["course"] = tuple((run, steps[k]) for k in (0, len(steps) // 2, -1))
    return found


def label_of(key: str, sides: Sides) -> str:
    """What a prepared comparison is called."""
    if key in ("training", "course"):
        return say(f"compare.ready_{key}")
    return joined([named(run, plain) for run, _ in sides])


def kind_of(key: str | None) -> str | None:
    """What a prepared comparison is called whatever the task: of another cell, the cell."""
    if key in (None, "training", "course", "all"):
        return key
    return f"cell {cached.run_of(key).config.cell}"


def restore(run: str) -> None:
    """Take over the sides that the address asks for, or make some for this run.

    Another run, chosen here or on another page, is compared in the same way as the last.
    """
    written = st.session_state.get(choices.WRITTEN, {})
    asked = {name: choices.address(name) for name in ADDRESS}
    if asked["with"] and any(asked[name] != written.get(name) for name in ADDRESS):
        sides_asked = _read(run, asked)
        if sides_asked is None:
            wanted = ", ".join(asked[name] or "" for name in BESIDE if asked[name])
            choices.notice(say("app.no_such_run", name=plain(wanted, NAME)))
        else:
            st.session_state[SIDES] = sides_asked
    sides: Sides = st.session_state.get(SIDES, ())
    if not sides or sides[0][0] != run or not _possible(sides):
        prepared, kind = ready(run), st.session_state.get(KIND)
        same = [key for key in prepared if kind_of(key) == kind]
        st.session_state[SIDES] = prepared[same[0] if same else next(iter(prepared))]
    st.session_state[KIND] = kind_of(_chosen(ready(run)))


def ask(run: str, bar: Any, place: Any) -> Sides:
    """Ask for a prepared comparison in the bar, or for each side at a place of the page."""
    prepared = ready(run)
    st.session_state["compare_ready"] = _chosen(prepared)
    bar.selectbox(
        say("compare.ready"), list(prepared), key="compare_ready", on_change=_take, args=(run,),
        format_func=lambda key: label_of(key, prepared[key]), help=say("compare.ready_help"),
        label_visibility="collapsed", placeholder=say("compare.own_sides"),
        width=window.scaled(READY_WIDTH),
    )  # fmt: skip
    sides: Sides = st.session_state[SIDES]
    with place:
        for number in range(MOST):
            if number <= len(sides):
                _ask_side(number, sides, of_task(run))
    return sides


def _ask_side(number: int, sides: Sides, names: list[str]) -> None:
    """A side's network and checkpoint; the first one's network is chosen above."""
    there = number < len(sides)
    run, step = sides[number] if there else (None, None)
    key = f"compare_run_{number}"
    st.session_state[key] = run
    if number > 0:
        nobody = [None] if number == 2 else []
        st.selectbox(
            say(f"compare.side_{number + 1}"), [*nobody, *names], key=key,
            format_func=lambda name: say("compare.nobody") if name is None else named(name),
            placeholder=say("compare.nobody"), help=say("compare.side_help"),
            on_change=_changed, args=(number,),
        )  # fmt: skip
    if run is None:
        return
    at = f"compare_at_{number}"
    st.session_state[at] = step
    st.select_slider(
        say(f"compare.checkpoint_{number + 1}"), cached.run_of(run).steps, key=at,
        on_change=_changed,
        args=(number,), format_func=lambda step: f"{step:,}", help=say("compare.checkpoint_help"),
    )  # fmt: skip


def _changed(number: int) -> None:
    """Take over a side that was chosen; another network is taken at its end."""
    sides = list(st.session_state[SIDES])
    run = st.session_state[f"compare_run_{number}"]
    if run is None:
        del sides[number:]
    elif number < len(sides) and run == sides[number][0]:
        sides[number] = (run, st.session_state[f"compare_at_{number}"])
    else:
        sides[number:] = [(run, last(run)), *sides[number + 1 :]]
    st.session_state[SIDES] = tuple(sides)


def _take(run: str) -> None:
    """Take over a prepared comparison; a click on the chosen one leaves it."""
    key = st.session_state["compare_ready"]
    if key is not None:
        st.session_state[SIDES] = ready(run)[key]
        st.session_state.pop("unit", None)


def _chosen(prepared: dict[str, Sides]) -> str | None:
    """Which of the prepared comparisons these sides are."""
    same = [key for key, sides in prepared.items() if sides == st.session_state[SIDES]]
    return same[0] if same else None


def _possible(sides: Sides) -> bool:
    """Whether all are runs of one task, at checkpoints of theirs."""
    names = of_task(sides[0][0])
    return all(run in names and step in cached.run_of(run).steps for run, step in sides)


def _read(run: str, asked: dict[str, str | None]) -> Sides | None:
    """The sides of an address; None where it names one that there is not."""
    given = {name: text for name, text in asked.items() if text is not None}
    with suppress(RunError, ViewError):
        sides = Compare.of({"run": run} | given).sides(cached.recordings)
        return sides if _possible(sides) else None
    return None
