"""Asking for a job: what it costs is said before, and who may not ask is told why."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from gatescope import RunError
from gatescope.jobs import Classroom, Experiment, JobError, JobQueue
from viz_app.kit import words
from viz_app.kit.page import choices
from viz_app.kit.page.browser import browser, is_teacher, unknown
from viz_app.kit.page.jobs import queue
from viz_app.text import say
from viz_app.text.plain import plain, sentence

TROUBLE = "asking_trouble"
FINISHED_BEFORE = "finished_before"
"""Where a session keeps the job it asked for last, if all its runs were finished before."""

FAULTS = (JobError, RunError, OSError)
"""What asking for a job, or looking at one, may raise: above all its folder's troubles."""


def cost(make: Callable[[], Experiment], place: Any = st) -> None:
    """Say how long an experiment would train here, and when that is beyond the limit.

    Parameters
    ----------
    make
        Makes it from what is chosen; where that cannot be run, nothing is said yet.
    place
        Where on the page.
    """
    try:
        experiment = make()
    except ValueError:
        return
    try:
        seconds = seconds_of(experiment)
        queue().limits.require_affordable(seconds)
    except FAULTS as error:
        place.warning(why(error))
    else:
        place.caption(words.cost(seconds))


def seconds_of(experiment: Experiment) -> float:
    """Seconds for all that an experiment may train here, if nothing else runs."""
    return _seconds(JobQueue.key(experiment), experiment)


@st.cache_resource(ttl=60, max_entries=256, show_spinner=False)
def _seconds(key: str, _experiment: Experiment) -> float:
    """What an experiment costs by now; ``key`` stands for it."""
    return queue().estimate(_experiment)


def why(error: Exception) -> str:
    """What went wrong with a job, as a sentence."""
    if isinstance(error, OSError):
        return say("app.jobs_folder", reason=plain(error.strerror or error))
    return sentence(error)


def submit(experiment: Experiment) -> str | None:
    """Have an experiment done; where it is refused, say why.

    Returns
    -------
    str or None
        The job's key.
    """
    try:
        return _submit(experiment)
    except FAULTS as error:
        st.error(why(error))
        return None


def offer(
    make: Callable[[], Experiment], words: str, place: Any = st, key: str | None = None,
    told: Any = st, **address: str,
) -> None:  # fmt: skip
    """The button that has an experiment done, and below it what it costs.

    Parameters
    ----------
    make
        Makes it from what is chosen.
    words
        Has the button's text.
    place
        Where on the page the button is, if not in a line of its own.
    key
        The button's.
    told
        Where the cost stands.
    address
        What its page needs in the address beside the job.
    """
    pressed = place.button(
        say(f"{words}.start_button"), type="primary", key=key,
        width="content" if place is st else "stretch",
    )  # fmt: skip
    cost(make, told)
    if pressed:
        begin(make, words, **address)


def begin(make: Callable[[], Experiment], words: str, **address: str) -> None:
    """Have what is chosen done, and go to its page; where that cannot be, say why.

    The parameters are those of `offer`.
    """
    try:
        job = submit(make())
    except ValueError as error:
        st.error(say(f"{words}.impossible", reason=plain(error)))
        return
    if job is not None:
        choices.rewrite(address | {"job": job})
        st.rerun()


def go_on(experiment: Experiment) -> None:
    """Take a job up again, when a button is pressed; `trouble` says why that cannot be."""
    _try(_submit, experiment)


def stop(key: str) -> None:
    """End a job, or one's own part in it, when a button is pressed."""
    _try(lambda: queue().stop(key, None if is_teacher() else known()))


def stop_class(room: Classroom, key: str) -> None:
    """End the work of all seats of a class, when a button is pressed."""
    _try(room.stop, key, None if is_teacher() else browser())


def may_stop(key: str) -> bool:
    """Whether this browser may end a job: it asked for it, or it is the teacher's."""
    return is_teacher() or (bool(browser()) and browser() in queue().owners(key))


def trouble(place: Any = st) -> None:
    """What went wrong at the last press of a button, once."""
    message = st.session_state.pop(TROUBLE, None)
    if message:
        place.error(message)


def known() -> str:
    """This browser's name, for what it asks for.

    Raises
    ------
    JobError
        When it has none.
    """
    if not browser():
        raise JobError(unknown())
    return browser()


def _submit(experiment: Experiment) -> str:
    configs = experiment.configs()
    all_there = len(queue().store.finished(configs)) == len(configs)
    job = queue().submit(experiment, known())
    st.session_state[FINISHED_BEFORE] = job if all_there else None
    return job


def _try(action: Callable[..., Any], *given: Any) -> None:
    try:
        action(*given)
    except FAULTS as error:
        st.session_state[TROUBLE] = why(error)
