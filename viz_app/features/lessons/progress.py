"""How far a reader is, kept in the reader's browser: answers, steps seen, what was built.

Nothing of it is kept on the server but in the session. The browser hands over what it has when a
page of lessons opens, and is given what is new; what the session has is newer.
"""

import json
from functools import cache
from typing import Any

import streamlit as st

from viz_app.features.lessons.value import Lesson
from viz_app.kit.page import kept_answers

STORE = "gatescope_lessons"
"""The key in the browser's store."""

KEY, READ = "lessons_progress", "_lessons_read"
SEEN, BUILT, REACHED = "seen", "built", "reached"
"""Kinds of notes beside the answers: steps that were left by going on, states of builds, and
builds whose goal was reached."""

END = "end"
MOST = 60_000
"""Letters that are taken from a browser at most."""

JS = """
export default function ({ data, setStateValue }) {
  let kept = {};
  try { kept = JSON.parse(localStorage.getItem(data.store) || "{}") || {}; } catch (e) {}
  const before = JSON.stringify(kept);
  if (data.read) {
    for (const [key, value] of Object.entries(data.put))
      if (value === "") delete kept[key]; else kept[key] = value;
    const now = JSON.stringify(kept);
    try { if (now !== before) localStorage.setItem(data.store, now); } catch (e) {}
  } else {
    setStateValue("kept", before);
  }
  const last = window.gatescopeStep;
  window.gatescopeStep = data.step;
  if (last !== undefined && last !== data.step)
    document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
}
"""


def keep(step: str = "") -> None:
    """Read what the browser has, once, and have it keep what is new; on every page of lessons.

    Another ``step`` than before, or the list of lessons, "", begins at the top of the window.
    """
    with st.container(key="lessons_progress_place"):
        _component()(
            key=KEY, height="content", default={"kept": ""}, on_kept_change=_read,
            data={
                "store": STORE, "read": bool(st.session_state.get(READ)),
                "put": dict(sorted(notes().items())), "step": step,
            },
        )  # fmt: skip


def _read() -> None:
    """Take over what the browser has; what the session has already is newer."""
    st.session_state[READ] = True
    for key, text in read(st.session_state[KEY].get("kept") or "").items():
        notes().setdefault(key, text)
    for name in list(st.session_state):
        if str(name).startswith("build_"):  # a build begins anew, with what was set before
            del st.session_state[name]


def read(text: str) -> dict[str, str]:
    """What a browser sends: texts by key; whatever else it may be is left out."""
    try:
        found: Any = json.loads(text[:MOST]) if len(text) <= MOST else {}
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        key: value for key, value in found.items()
        if isinstance(value, str) and "." in key and len(key) < 120 and len(value) < 2000
    }  # fmt: skip


def notes() -> dict[str, str]:
    """All that is noted, by ``lesson.step`` for an answer, else ``lesson.step.kind``."""
    return kept_answers.answers()


def seen(lesson: str, step: str) -> bool:
    """Whether a step was gone on from."""
    return notes().get(f"{lesson}.{step}.{SEEN}") == "1"


def see(lesson: str, step: str) -> None:
    """Note that a reader goes on from a step."""
    notes()[f"{lesson}.{step}.{SEEN}"] = "1"


def built(lesson: str, step: str) -> str:
    """What was set of a build; "" where nothing was."""
    return notes().get(f"{lesson}.{step}.{BUILT}", "")


def build(lesson: str, step: str, state: str) -> None:
    """Note what is set of a build."""
    notes()[f"{lesson}.{step}.{BUILT}"] = state


def reach(lesson: str, step: str) -> None:
    """Note that the goal of a build was reached; it stays so, whatever is set afterwards."""
    notes()[f"{lesson}.{step}.{REACHED}"] = "1"


def is_done(lesson: Lesson, step: str) -> bool:
    """Whether a step is done: its question answered and its goal reached, the end's all answered.

    A step that has neither is done when it was gone on from.
    """
    found = lesson.step(step)
    if found is None:
        return all(notes().get(f"{lesson.id}.closing.{each.id}") for each in lesson.closing)
    needed = [
        *([f"{lesson.id}.{step}"] if found.question else []),
        *([f"{lesson.id}.{step}.{REACHED}"] if found.build else []),
    ]
    return all(notes().get(key) for key in needed) if needed else seen(lesson.id, step)


def done(lesson: Lesson) -> int:
    """How many steps of a lesson are done; the questions at the end are one more."""
    return sum(is_done(lesson, step) for step in steps_of(lesson))


def begun(lesson: Lesson) -> bool:
    """Whether anything was done of it."""
    return any(text and key.startswith(f"{lesson.id}.") for key, text in notes().items())


def steps_of(lesson: Lesson) -> list[str]:
    """The ids of a lesson's steps, the questions at the end last."""
    return [*(step.id for step in lesson.steps), END]


def next_of(lesson: Lesson) -> str:
    """Where a reader goes on: the first step that is neither done nor gone on from.

    Where there is none it is the first that was gone on from without being done, or the first.
    """
    steps = steps_of(lesson)
    left = [step for step in steps if not is_done(lesson, step)]
    return next((step for step in left if not seen(lesson.id, step)), (left or steps)[0])


def forget(lesson: Lesson) -> None:
    """Begin a lesson anew: an empty text has the browser forget too."""
    for key in list(notes()):
        if key.startswith(f"{lesson.id}."):
            kept_answers.forget(key)
            notes()[key] = ""
    built = tuple(f"build_{step.build.name}_" for step in lesson.steps if step.build)
    for name in list(st.session_state):
        if str(name).startswith(built or "\0"):
            del st.session_state[name]


@cache
def _component() -> Any:
    return st.components.v2.component("gatescope_lessons", js=JS)
