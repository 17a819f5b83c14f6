"""The lessons as files, on their page: sheets for paper, what plays without a server, the plans."""

from functools import partial

import streamlit as st

from viz_app.features.lessons import lesson, plans, sheets, standalone
from viz_app.features.lessons.paper import ENDINGS, file_name, paper
from viz_app.kit.page import blocks
from viz_app.kit.page import served as cached
from viz_app.text import say


def folded() -> None:
    """All files of a lesson that is chosen, each made when it is asked for; and the plans."""
    with st.expander(say("sheets.files"), icon=":material/print:"):
        st.caption(say("sheets.files_how"))
        names = lesson.names()
        titles = {each: lesson.lesson(each) for each in names}
        name = st.selectbox(
            say("sheets.files_lesson"), names, key="lessons_files", width=400,
            format_func=lambda each: f"{titles[each].number} · {titles[each].title}",
        )  # fmt: skip
        row = st.container(horizontal=True)
        for kind in sheets.KINDS:
            for ending in ENDINGS:
                blocks.download(
                    say(f"sheets.files_{kind}", format=ending.upper()),
                    f"{file_name(name, kind)}.{ending}", partial(_sheet, name, kind, ending), row,
                )  # fmt: skip
        blocks.download(
            say("standalone.download"), f"{file_name(name, 'lesson')}.html",
            partial(standalone.html, name, cached.recordings), row,
            help=say("standalone.download_help"),
        )  # fmt: skip
        row = st.container(horizontal=True)
        for plan in plans.PLANS:
            blocks.download(
                say("sheets.files_plan", plan=say(f"sheets.plan_{plan}")),
                f"{file_name('plan', plan)}.pdf", partial(_plan, plan), row,
            )  # fmt: skip


def _sheet(name: str, kind: sheets.Kind, ending: str) -> bytes:
    return paper(sheets.sheet(name, kind, cached.recordings), "pdf" if ending == "pdf" else "html")


def _plan(name: str) -> bytes:
    return paper(plans.document(name, cached.recordings), "pdf")
