"""Where a job stands: by hand, for an experiment of many runs, one run, and a pair."""

from dataclasses import replace

import pytest

from gatescope import Progress, Run, TrainConfig
from gatescope.jobs import JobStatus
from viz_app.kit import job_words

CONFIG = TrainConfig(task="adding", max_steps=1000)


def at(step: int, seconds: float) -> Run:
    """A run that is in training."""
    row = Progress(step, 1000, 1.0, 1.0, 0.5, 0.003, 1.0, seconds)
    return Run(CONFIG, (row,), {}, (), 1.0, 0.5, 9, seconds)


def test_time_left_is_at_the_pace_so_far() -> None:
    """250 of 1,000 steps in 25 s leave 75 s; nothing is said of what is not known."""
    stand = JobStatus("abc", "running", 0, 1)
    said = job_words.standing(stand, "run", at(250, 25.0))
    assert "250 of 1,000" in said
    assert "75 s left" in said
    assert "left" not in job_words.standing(stand, "run")
    assert "left" not in job_words.standing(stand, "run", at(0, 0.0))
    waiting = JobStatus("abc", "waiting", 0, 1, ahead=2)
    assert "2 before" in job_words.standing(waiting, "run")


def test_of_a_pair_both_runs_are_left() -> None:
    """75 s of the first, 100 s of the second: 2.9 minutes."""
    stand = JobStatus("abc", "running", 0, 2)
    said = job_words.standing(stand, "pair", at(250, 25.0), side="clip 1")
    assert said == (
        "0 of 2 networks finished · clip 1, training step 250 of 1,000, about 3 min left"
    )


def test_an_experiment_counts_its_runs() -> None:
    """Its own estimate of what is left is said while it runs, and no longer."""
    stand = JobStatus("abc", "running", 3, 8, seconds_left=80.0)
    assert job_words.standing(stand, "runs") == "3 of 8 runs finished, about 80 s left"
    stopped = replace(stand, state="stopped")
    assert job_words.standing(stopped, "runs") == "stopped: 3 of 8 runs finished"
    failed = replace(stand, state="failed", fault="*no* disk")
    assert job_words.standing(failed, "runs").endswith(r"\*no\* disk")


@pytest.mark.parametrize(
    ("done", "total", "step", "share"),
    [
        (0, 1, 250, 0.25),
        (1, 2, 500, 0.75),
        (2, 2, 500, 1.0),
        (3, 8, None, 0.375),
        (0, 0, None, 0.0),
    ],
)
def test_what_is_done_counts_the_run_in_training(
    done: int, total: int, step: int | None, share: float
) -> None:
    """As far as it is; where all are finished, no more."""
    run = None if step is None else at(step, 1.0)
    assert job_words.share_done(JobStatus("abc", "running", done, total), run) == share
