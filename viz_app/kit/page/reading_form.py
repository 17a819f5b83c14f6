"""How a file is to be read: what it was taken for in a line, and a way to change each of it."""

import streamlit as st

from gatescope.loading import FileError, Reading
from gatescope.loading.taken import DATES, DECIMALS, FIRST_ROWS, SEPARATORS, THOUSANDS
from viz_app.kit import reading_words as words
from viz_app.kit.page import choices, window
from viz_app.text import say
from viz_app.text.plain import sentence

AS_FOUND = "as found"
"""What stands in a choice of which nothing was said."""

WIDTH = 190
"""Pixels of a choice."""

OPTIONS: dict[str, tuple[str, ...]] = {
    "separator": SEPARATORS, "decimal": DECIMALS, "thousands": THOUSANDS, "dates": DATES,
    "first_row": FIRST_ROWS, "encoding": ("utf-8", "utf-16", "cp1252"),
}  # fmt: skip


def wanted(form: str, file: str) -> Reading:
    """What the reader has said of a file; of another file nothing is said yet."""
    if st.session_state.get(f"{form}_read_file") != file:
        for field in OPTIONS:
            st.session_state.pop(_key(form, field), None)
        st.session_state[f"{form}_read_file"] = file
    chosen = {field: st.session_state.get(_key(form, field), AS_FOUND) for field in OPTIONS}
    said = {field: value for field, value in chosen.items() if value != AS_FOUND}
    if said.get("thousands") == said.get("decimal"):
        said.pop("thousands", None)
    return Reading(**said)


def show(form: str, file: str, reading: Reading, without: tuple[str, ...] = ()) -> None:
    """Say what a file was taken for, and offer to change it."""
    st.caption(words.line(file, reading))
    with st.expander(say("reading.change")):
        _fields(form, [field for field in OPTIONS if field not in without])


def refused(form: str, error: FileError, without: tuple[str, ...] = ()) -> None:
    """Say why a file is not read; where two readings fit, ask which."""
    if error.field:
        st.warning(f"{sentence(error.fact)}. {say('reading.choose')}")
        choices.keep(_key(form, error.field), [AS_FOUND, *error.options], AS_FOUND)
        _pick(form, error.field, error.options)
    else:
        st.error(sentence(error))
    with st.expander(say("reading.change")):
        _fields(form, [each for each in OPTIONS if each not in (*without, error.field)])


def _fields(form: str, names: list[str]) -> None:
    with st.container(horizontal=True):  # beside a picture one below the other
        for field in names:
            _pick(form, field, OPTIONS[field])


def _pick(form: str, field: str, options: tuple[str, ...]) -> None:
    st.session_state.setdefault(_key(form, field), AS_FOUND)
    st.selectbox(
        say(f"reading.label_{field}"), [AS_FOUND, *options], key=_key(form, field),
        help=say(f"reading.help_{field}"),
        format_func=lambda value: (
            say("reading.as_found") if value == AS_FOUND else words.value_name(field, value)
        ),
        width=window.scaled(WIDTH),
    )  # fmt: skip


def _key(form: str, field: str) -> str:
    return f"{form}_read_{field}"
