"""The class is the experiment: who follows the teacher here takes a seed; one picture for all."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from gatescope import Run
from gatescope.experiments import RetentionConfig
from gatescope.jobs import Classroom, ClassStatus, JobError
from gatescope.jobs.classroom import MOST_SEATS
from viz_app.features.retention import words as retention_words
from viz_app.features.train import training_progress
from viz_app.kit import job_words
from viz_app.kit.choice import whole
from viz_app.kit.page import choices, classroom, job_form, job_view
from viz_app.kit.page import served as cached
from viz_app.kit.page.browser import browser, is_teacher
from viz_app.kit.page.jobs import queue
from viz_app.kit.page.stage import Stage
from viz_app.text import say
from viz_app.text.plain import NAME, bare, plain

Show = Callable[[str, RetentionConfig, pd.DataFrame], None]

FEW = 20
"""So many students are reckoned with while nobody is there."""


def begin(make: Callable[[], RetentionConfig]) -> None:
    """Open an experiment of the class and show its page; where it is refused, say why."""
    try:
        key = Classroom(queue()).open(make(), job_form.known())
    except job_form.FAULTS as error:
        st.error(job_form.why(error))
        return
    except ValueError as error:
        st.error(say("retention.impossible", reason=plain(error)))
        return
    if not classroom.is_in():
        classroom.open_here()
    choices.rewrite({"class": key})
    st.rerun()


def here() -> int:
    """How many students are in this browser's class now; as many as an experiment has room for."""
    found = classroom.member()
    seats = [] if found is None else classroom.classes().seats(found.key)
    return min(sum(seat.here for seat in seats), MOST_SEATS)


def cost(make: Callable[[], RetentionConfig]) -> None:
    """Say what an experiment would cost as one of the class, who share its seeds."""
    students = here() or FEW
    try:
        whole = make()
        asked = whole.model_copy(update={"seeds": whole.seeds[:students]})
        seconds = job_form.seconds_of(asked)
    except (*job_form.FAULTS, ValueError):
        return  # said of the experiment alone
    st.caption(retention_words.class_cost(asked, students, seconds))


def is_called(key: str) -> bool:
    """Whether this browser follows the teacher who opened this experiment."""
    found = classroom.member()
    if found is None or found.host:
        return False
    try:
        return found.state.leads(Classroom(queue()).owner(key))
    except job_form.FAULTS:
        return False  # the page says so


def join(key: str) -> None:
    """Take a seat, one a browser, and go to it."""
    try:
        seat = Classroom(queue()).join(key, job_form.known())
    except job_form.FAULTS as error:
        st.error(job_form.why(error))
        st.stop()
    choices.rewrite({"class": key, "seat": str(seat)})
    st.rerun()


def visit(
    key: str, seat: str | None, show: Show | None, here: Stage, meanwhile: Callable[[], None]
) -> None:
    """Draw a class, for the projector or for a seat, again and again while it is at work.

    Parameters
    ----------
    key, seat
        As they stand in the address; no seat is the projector.
    show
        Draws an experiment's result so far; None before the class has guessed.
    here
        The places of the page.
    meanwhile
        Draws what is looked at while the class's runs are trained.
    """
    number = None if seat is None else whole(seat)
    try:
        room = Classroom(queue())
        stand = stand_of(key)
        busy = not stand.seats or stand.at_work > 0
        if seat is not None and number is None:
            raise JobError(say("retention.no_seat", seat=bare(seat, NAME)))
        own = None if number is None else room.job(key, number)
    except job_form.FAULTS as error:
        st.error(job_form.why(error))
        st.stop()
    _head(room, key, number, here)

    def look() -> None:
        job_form.trouble()
        try:
            stand = stand_of(key)
            _stand(stand, room.experiment(key), own)
            training_progress.glance([] if own is None else _training(own))
            if show is not None:
                _result(room, key, show)
            else:
                st.caption(say("retention.guess_hidden"))
            st.caption(retention_words.settings(room.experiment(key), seats=True))
        except job_form.FAULTS as error:
            st.error(job_form.why(error))
            return
        if (not stand.seats or stand.at_work > 0) != busy:
            st.rerun()

    with here.picture:
        st.fragment(look, run_every=job_view.LOOK_AGAIN if busy else None)()
        if busy and show is not None:
            meanwhile()


@st.cache_resource(ttl=1.0, max_entries=16, show_spinner=False)
def stand_of(key: str) -> ClassStatus:
    """Where a class stands: worked out once a second, however many look."""
    return Classroom(queue()).status(key)


def _head(room: Classroom, key: str, seat: int | None, here: Stage) -> None:
    """For a seat its seed; for the projector how all take one, and the end."""
    if seat is not None:
        here.headline(say("retention.seat", seed=room.seed(key, seat)))
        here.told.markdown(say("retention.seat_how"))
        return
    here.headline(say("retention.class_title"))
    found, owner = classroom.member(), room.owner(key)
    if found is not None and found.host:
        here.told.markdown(say("retention.class_join"))
    elif browser() and browser() == owner:
        here.told.markdown(say("retention.class_open"))
        here.told.button(say("class.begin"), on_click=classroom.open_here)
    if is_teacher() or (browser() and browser() == owner):
        here.bar.button(
            say("app.stop"), on_click=job_form.stop_class, args=(room, key),
            help=say("retention.class_stop_help"),
        )  # fmt: skip


def _stand(stand: ClassStatus, experiment: RetentionConfig, own: str | None) -> None:
    """How far the class is and how long the rest takes at most, and this seat."""
    told = retention_words.stands(stand, job_form.seconds_of(experiment))
    st.progress(stand.done / max(stand.total, 1), told)
    if own is not None:
        mine = queue().status(own)
        stands = job_words.standing(mine, "runs")
        st.progress(mine.done / max(mine.total, 1), say("retention.seat_stand", told=stands))


def _training(job: str) -> list[Run]:
    """What a seat trains now; before it has begun, and between two runs, the next one untrained."""
    training = queue().training(job)
    if training or queue().status(job).state not in job_view.GOES_ON:
        return training
    return [job_view.untrained(config) for config in queue().left(job)[:1]]


def _result(room: Classroom, key: str, show: Show) -> None:
    experiment, configs = room.experiment(key), room.configs(key)
    table = cached.recordings.retention(queue().store.finished(configs))
    if len(table):
        show(f"class-{key}", experiment, table)
