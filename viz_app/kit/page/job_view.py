"""A job on a page: looked at again and again while it runs, stopped, taken up again."""

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from gatescope import Run, TrainConfig
from gatescope.experiments import run_key
from gatescope.jobs import Experiment, JobStatus, SingleRun
from gatescope.training.build import build_model
from viz_app.kit import job_words
from viz_app.kit.page import choices, job_form, stage
from viz_app.kit.page.jobs import kept, queue
from viz_app.kit.sharing import shared
from viz_app.text import say
from viz_app.text.plain import begun

LOOK_AGAIN = 1.8
"""Seconds between two looks at a job that runs."""

LOOK_SOON = 0.5
"""Seconds between two looks at a job of which nothing is seen yet."""

PROGRESS_WIDTH = 330
"""Pixels of a job's progress in a bar."""

GOES_ON = ("running", "waiting")


def visit(kind: type[Any], draw: Callable[[JobStatus, Any], None], title: str, back: str) -> None:
    """Where the address names a job: draw it, again while it goes on, and end the page.

    Parameters
    ----------
    kind
        What its experiment must be.
    draw
        Draws it on a stage: is given where it stands, and its experiment.
    title, back
        The page's name, and the way back, where there is no such job.
    """
    job = choices.address("job")
    if not job:
        return
    try:
        state = queue().status(job).state
        experiment = queue().experiment(job, kind)
        unseen = _is_unseen(state, experiment)
    except job_form.FAULTS as error:
        here = stage.stage(title)
        here.bar.button(back, on_click=leave)
        here.picture.error(job_form.why(error))
        st.stop()

    def look() -> None:
        try:
            stand = queue().status(job)
            draw(stand, experiment)
        except job_form.FAULTS as error:
            st.error(job_form.why(error))
            return
        if stand.state != state or unseen != _is_unseen(stand.state, experiment):
            st.rerun()  # the page around it is another one now

    every = LOOK_SOON if unseen else LOOK_AGAIN
    st.fragment(look, run_every=every if state in GOES_ON else None)()
    st.stop()


def _is_unseen(state: str, experiment: Any) -> bool:
    """Whether a job of one run is on, and nothing of the run is seen yet."""
    alone = isinstance(experiment, SingleRun)
    return alone and state == "running" and _written(experiment.run) is None


def so_far(stand: JobStatus, config: TrainConfig) -> Run | None:
    """A job's run as far as it is: read once for all who look at it; None before it has begun."""
    if stand.state == "done":
        return kept(run_key(config))
    written = _written(config)
    return None if written is None else _live(run_key(config), written, config)


def untrained(config: TrainConfig) -> Run:
    """A run before its first training step, while its process makes ready."""
    return _untrained(run_key(config), config)


def _written(config: TrainConfig) -> int | None:
    """When the run that is in training was written last, in nanoseconds; None if never."""
    try:
        return queue().store.live_path(config).stat().st_mtime_ns
    except OSError:
        return None


@shared
def _live(key: str, written: int, _config: TrainConfig) -> Run | None:
    return queue().store.live(_config)


@shared
def _untrained(key: str, _config: TrainConfig) -> Run:
    weights = build_model(_config).state_dict()
    count = sum(weight.numel() for weight in weights.values())
    return Run(_config, (), {0: weights}, (), math.nan, math.nan, count, math.nan)


def bar(
    place: Any, stand: JobStatus, run: Run | None, experiment: Experiment, of: str = "run",
    *, back: str = "", **values: object,
) -> None:  # fmt: skip
    """Where a job stands, in a line, its button, and the way ``back``.

    The other parameters are those of `viz_app.kit.job_words.standing`, and the job's experiment.
    """
    text = begun(job_words.standing(stand, of, run, **values))
    if stand.state == "failed":
        place.error(text)
    elif stand.state in GOES_ON:
        place.progress(job_words.share_done(stand, run), text, width=PROGRESS_WIDTH)
    else:
        place.caption(text, width="content")
    job_form.trouble(place)
    stop_or_go_on(stand, place, experiment, of, width="content")
    if back and place.button(back):
        leave()
        st.rerun()  # all of the page, not this fragment alone


def stop_or_go_on(
    stand: JobStatus, place: Any, experiment: Experiment, of: str, width: Any = "stretch"
) -> None:
    """The button that ends a job, or takes it up again."""
    if stand.state in GOES_ON and job_form.may_stop(stand.key):
        place.button(
            say("app.stop"), on_click=job_form.stop, args=(stand.key,),
            help=say(f"job.{of}_stop_help"), width=width,
        )  # fmt: skip
    elif stand.state in GOES_ON:
        place.caption(say("app.not_yours"))
    elif stand.state in ("stopped", "failed"):
        place.button(
            say("app.go_on"), on_click=job_form.go_on, args=(experiment,),
            help=say(f"job.{of}_go_on_help"), width=width,
        )  # fmt: skip


def leave() -> None:
    """Back to the page without a job; the job goes on."""
    choices.rewrite({n: text for n, text in st.query_params.items() if n != "job"})
