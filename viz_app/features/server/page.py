"""Server: what runs here, whose it is and what it takes, for who serves the app."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from viz_app.features.server import lists
from viz_app.features.server.lists import Action, Row
from viz_app.kit.page import stage, tabbed
from viz_app.kit.page.browser import is_teacher
from viz_app.kit.page.stage import Stage
from viz_app.text import say
from viz_app.text.plain import bare, plain, sentence

NOTICE = "server_notice"
ROW, TOOLS = 35, 30  # pixels of a row of a table, and of its tools below it

COLUMNS: Mapping[str, Any] = {
    "size": st.column_config.NumberColumn(say("teacher.size"), format="%.1f MB"),
    "since": st.column_config.DatetimeColumn(say("teacher.since"), format="YYYY-MM-DD HH:mm"),
}


def table(kind: str, here: Stage, place: Any) -> None:
    """A table whose rows can be chosen, and a button for what can be done with them by name."""
    rows = lists.TABLES[kind]()
    here.headline(say(f"teacher.{kind}", count=len(rows)))
    if not rows:
        place.caption(say("teacher.nothing"))
        return
    with place:
        subjects = _chosen(kind, rows, here.window.below(tabbed.HEIGHT).height)
        st.space(TOOLS)
    for name, action in lists.actions()[kind].items():
        pressed = here.controls.button(
            say(f"teacher.{name}"), key=f"server_{kind}_{name}", disabled=not subjects,
            width="stretch",
        )  # fmt: skip
        if pressed:
            _confirm(say(f"teacher.{name}_{kind}"), subjects, action)


def _chosen(kind: str, rows: Sequence[Row], most: int) -> list[str]:
    """The names of the rows that are chosen in a table, which is shown.

    A browser tells rows by their places, and meanwhile others may have come: what was chosen is
    kept by its name, and a list that has changed is another table, with the same rows chosen.
    ``most`` is how many pixels high it may be.
    """
    names = [str(row["name"]) for row in rows]
    table, chosen = f"server_{kind}_{hash(tuple(names))}", f"server_{kind}_chosen"

    def choose() -> None:
        places = st.session_state[table]["selection"]["rows"]
        st.session_state[chosen] = [names[place] for place in places if place < len(names)]

    kept = [name for name in st.session_state.get(chosen, ()) if name in names]
    titles = {name: say(f"teacher.{name}") for name in rows[0]}
    st.dataframe(
        pd.DataFrame(rows).rename(columns=titles), hide_index=True, on_select=choose,
        selection_mode="multi-row", width="stretch", key=table,
        height="auto" if ROW * (len(rows) + 2) < most else most,
        selection_default={"selection": {"rows": [names.index(name) for name in kept]}},
        column_config={titles[name]: made for name, made in COLUMNS.items() if name in titles},
    )  # fmt: skip
    return kept


def _confirm(question: str, subjects: list[str], action: Action) -> None:
    """Ask once more before anything is ended or removed."""

    def ask() -> None:
        st.markdown(plain(", ".join(subjects)))
        st.caption(say("teacher.final"))
        if st.button(say("teacher.yes"), type="primary", key="server_yes"):
            st.session_state[NOTICE] = [told for each in subjects if (told := _done(action, each))]
            st.rerun()

    st.dialog(question)(ask)()


def _done(action: Action, subject: str) -> str:
    """Do it; why it could not be done, or nothing."""
    try:
        action(subject)
    except (OSError, ValueError) as error:
        return say("teacher.failed", name=bare(subject), reason=bare(error))
    return ""


def page() -> None:
    """All of it, for who has the key alone."""
    here = stage.stage(say("teacher.title"), axis=0)
    for told in st.session_state.pop(NOTICE, ()):
        here.head.error(sentence(told))
    with here.picture:
        kind, place = tabbed.tabs("teacher.tab_", list(lists.TABLES))
    table(kind, here, place)
    here.told.markdown(say("teacher.disk", **lists.sizes()))
    here.more.caption(say("teacher.leave"))


if is_teacher():
    page()
else:
    st.error(say("serving.wrong_key"))
