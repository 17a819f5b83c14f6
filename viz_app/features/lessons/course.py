"""The page: all lessons with how far one is, or one step of a lesson."""

import streamlit as st

from viz_app.features.lessons import downloads, progress, walk
from viz_app.features.lessons import lesson as files
from viz_app.features.lessons.value import Lesson
from viz_app.kit.page import choices, classroom, stage, window
from viz_app.text import say

LESSON, STEP = "lessons_lesson", "lessons_step"
"""Where a session keeps which lesson is open, and at which step."""

STYLE = """
.st-key-lessons_progress_place {display: none}
.st-key-course p {margin: 0}
"""


def show() -> None:
    """The page."""
    restore()
    body()


def restore() -> None:
    """Take over what the address says."""
    for name, key in (("lesson", LESSON), ("step", STEP)):
        if choices.left_out(name):
            st.session_state.pop(key, None)
        choices.take(name, key)


@st.fragment
def body() -> None:
    """All of it: what is chosen on it draws nothing else anew."""
    classroom.nothing_asked()
    name = st.session_state.get(LESSON)
    if name is not None and name not in files.names():
        st.session_state.pop(LESSON)
        name = None
        st.warning(say("lessons.no_lesson"))
    if name is None:
        classroom.after(None, {"lesson": ""})
        listed()
        choices.remember()
        return
    lesson = files.lesson(name)
    steps = progress.steps_of(lesson)
    step = st.session_state.get(STEP) or progress.next_of(lesson)
    if step not in steps:
        step = steps[0]
        choices.notice(say("lessons.no_step"))
    st.session_state[STEP] = step
    walk.step(lesson, step, open_step)
    progress.keep(f"{name}.{step}")
    choices.remember(lesson=name, step=step)


def open_step(lesson: Lesson | None, step: str | None) -> None:
    """Go to a step; None is the list of lessons."""
    st.session_state[LESSON] = lesson.id if lesson else None
    st.session_state[STEP] = step


def listed() -> None:
    """All lessons, and where one goes on."""
    here = stage.stage(say("lessons.title"), wide=True)
    here.headline(say("lessons.how"))
    st.html(f"<style>{STYLE}</style>")
    progress.keep()
    columns = st.container(key="course")
    for name in files.names():
        lesson = files.lesson(name)
        done, steps = progress.done(lesson), progress.steps_of(lesson)
        begun = progress.begun(lesson)
        with columns.container(border=True):
            row = st.container(horizontal=window.window().name != "phone")
            about = row.container(gap="xsmall")
            about.markdown(f"**{lesson.number} · {lesson.title}**")
            about.markdown(say("lessons.goal", goal=lesson.goal))
            told = [say("lessons.minutes", count=lesson.minutes)]
            if begun:
                told.append(say("lessons.done", done=done, count=len(steps)))
            about.caption(" · ".join(told))
            whole = done == len(steps)
            row.button(
                say("lessons.again" if whole else "lessons.go_on" if begun else "lessons.begin"),
                key=f"lessons_open_{name}", type="secondary" if whole else "primary",
                on_click=open_step, args=(lesson, steps[0] if whole else progress.next_of(lesson)),
            )  # fmt: skip
    downloads.folded()
