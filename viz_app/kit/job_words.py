"""Where a job stands, in words: how much of it is done, and how long the rest takes."""

from gatescope import Run
from gatescope.jobs import JobStatus
from viz_app.kit.words import counted
from viz_app.text import say
from viz_app.text.plain import plain


def standing(stand: JobStatus, of: str, run: Run | None = None, **values: object) -> str:
    """Where a job stands.

    Parameters
    ----------
    stand
        The job.
    of
        What it trains, which has its texts: ``"runs"``, one ``"run"``, or a ``"pair"``.
    run
        The one that is in training, where its steps are told.
    values
        What else is told.
    """
    state: str = stand.state
    if state == "waiting" and not stand.ahead:
        state = "waiting_next"
    if state == "running" and of != "runs" and run is None:
        state = "starting"
    seconds = stand.seconds_left if run is None else _seconds_left(stand, run)
    left = ""
    if state == "running" and seconds is not None:
        left = say("job.left", time=time_left(seconds))
    return counted(
        f"job.{of}_{state}",
        stand.total,
        ahead=stand.ahead,
        done=stand.done,
        total=stand.total,
        step=run.history[-1].step if run else 0,
        steps=run.config.max_steps if run else 0,
        left=left,
        reason=plain(stand.fault),
        **values,
    )


def share_done(stand: JobStatus, run: Run | None = None) -> float:
    """How much of a job is done, in [0, 1], with what is done of the run in training."""
    part = run.history[-1].step / run.config.max_steps if run and stand.done < stand.total else 0.0
    return min(1.0, (stand.done + part) / max(stand.total, 1))


def time_left(seconds: float) -> str:
    """A time as a person would say it."""
    if seconds >= 90:
        return say("job.minutes", count=seconds / 60)
    return say("job.seconds", count=seconds)


def _seconds_left(stand: JobStatus, run: Run) -> float | None:
    """At the pace so far, for this run and those after it; None before its first step."""
    step, most = run.history[-1].step, run.config.max_steps
    runs_after = stand.total - stand.done - 1
    return run.seconds / step * (most - step + runs_after * most) if step else None
