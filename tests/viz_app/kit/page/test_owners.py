"""Whose a job is: who may stop it, what it costs, who may not ask, and the teacher's page."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gatescope import TrainConfig, train
from gatescope.experiments import RetentionConfig, run_key
from gatescope.jobs import Classroom, JobError, JobQueue, Limits, SingleRun, disk
from gatescope.jobs.files import EXPERIMENT
from viz_app.features.server import lists as server_lists
from viz_app.kit import words
from viz_app.kit.environment import TEACHER
from viz_app.kit.page import browser, classroom, job_form
from viz_app.serving import names
from viz_app.text import say

TRAIN, RETENTION = "train", "retention"
KEY = "the key of this test"
ENDLESS = SingleRun(run=TrainConfig(task="adding", max_steps=1_000_000))


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that stands in the environment, and no wrong one counted."""
    monkeypatch.setenv(TEACHER, KEY)
    browser.guesses.cache_clear()


def labels(app: AppTest) -> list[str]:
    """What stands on the buttons."""
    return [button.label for button in app.button]


def press(app: AppTest, label: str) -> AppTest:
    """Press the one button of that name."""
    (button,) = (button for button in app.button if button.label == label)
    return button.click().run()


def asked(app: AppTest, name: str) -> str:
    """A value in the address."""
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def captions(app: AppTest) -> str:
    """All that is said in small letters."""
    return "\n".join(element.value for element in app.caption)


def test_only_who_started_a_job_may_stop_it(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """Others see that it runs; who asks for the same owns it too, and both must let go of it."""
    first = press(open_app(TRAIN), say("train.start_button"))
    job = asked(first, "job")
    other = open_app(TRAIN, job=job)
    assert say("app.stop") in labels(first)
    assert say("app.stop") not in labels(other)
    assert say("app.not_yours") in captions(other)
    second = press(open_app(TRAIN), say("train.start_button"))
    assert asked(second, "job") == job
    assert len(own_queue.owners(job)) == 2
    press(first, say("app.stop"))
    assert own_queue.status(job).state in ("waiting", "running", "done")
    press(second, say("app.stop"))
    assert own_queue.status(job).state in ("stopped", "done")


def test_the_teacher_stops_every_job(open_app: Callable[..., AppTest], own_queue: JobQueue) -> None:
    """With the right key in the address, which does not stay there."""
    job = own_queue.submit(ENDLESS, "somebody")
    wrong = open_app(TRAIN, job=job, teacher="wrong")
    assert say("app.stop") not in labels(wrong)
    assert [error.value for error in wrong.error] == [say("serving.wrong_key")]
    app = open_app(TRAIN, job=job, teacher=KEY)
    assert "teacher" not in app.query_params
    assert "teacher" not in wrong.query_params
    press(app, say("app.stop"))
    assert own_queue.status(job).state == "stopped"


def test_guessing_the_key_ends_soon(open_app: Callable[..., AppTest], own_queue: JobQueue) -> None:
    """Then the right key is not looked at either."""
    for _ in range(10):
        assert browser.guesses().allow("teacher", "", 10)
    app = open_app("tasks", teacher=KEY)
    assert [error.value for error in app.error] == [say("serving.many_guesses")]
    assert "browser_is_teacher" not in app.session_state


def test_what_it_costs_is_said_before(
    open_app: Callable[..., AppTest], own_queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the queue estimates it; beyond the limit a sentence says so, and pressing is refused."""
    monkeypatch.setattr(own_queue, "estimate", lambda experiment: 200.0)
    assert "about 3 minutes" in captions(open_app(TRAIN))
    own_queue.limits = Limits(seconds=100)
    job_form._seconds.clear()
    app = open_app(TRAIN)
    (warning,) = app.warning
    assert "the limit here is" in warning.value
    app = press(app, say("train.start_button"))
    assert "the limit here is" in app.error[0].value
    assert not own_queue.jobs()


def test_a_browser_has_its_share(open_app: Callable[..., AppTest], own_queue: JobQueue) -> None:
    """The next job is refused in a sentence on the page."""
    own_queue.limits = Limits(jobs_each=0)
    app = press(open_app(TRAIN), say("train.start_button"))
    assert "the limit here is 0" in app.error[0].value
    assert "job" not in app.query_params


FORMS = [
    ("train", {}),
    ("retention", {"tab": "own"}),
    ("compare", {"part": "bench", "tab": "own"}),
    ("claims", {}),
    ("aids", {}),
    ("forecasting", {}),
    ("sentiment", {}),
    ("writing", {"tab": "train"}),
]


@pytest.mark.parametrize(("page", "address"), FORMS)
def test_every_form_says_what_it_costs(
    open_app: Callable[..., AppTest],
    own_queue: JobQueue,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
    address: dict[str, str],
) -> None:
    """As a number of this very queue, where the form is: in some pages in a tab of its own."""
    monkeypatch.setattr(own_queue, "estimate", lambda experiment: 7 * 60.0)
    app = open_app(page, **address)
    if page == "forecasting":
        app.session_state["forecast_way"] = "train"
        app.run()
    assert not app.exception
    assert say("app.cost", duration="about 7 minutes") in captions(app)


def test_without_a_name_one_looks_and_asks_for_nothing(
    open_app: Callable[..., AppTest], own_queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training, opening and joining an experiment, and a class are refused in one sentence."""
    key = Classroom(own_queue).open(RetentionConfig.of(max_steps=10))
    monkeypatch.setattr(names, "_current", names.Names("secret", KEY))
    classroom.classes.clear()
    app = press(open_app(TRAIN), say("train.start_button"))
    assert [error.value for error in app.error] == [job_form.plain(say("serving.unknown"))]
    joined = open_app(RETENTION, join=key)
    assert [error.value for error in joined.error] == [job_form.plain(say("serving.unknown"))]
    lead = open_app("class")
    assert [info.value for info in lead.info] == [say("serving.unknown")]
    assert not lead.text_input
    assert (own_queue.jobs(), Classroom(own_queue).seats(key)) == ([], [])
    classroom.classes.clear()


def test_one_browser_has_one_seat(open_app: Callable[..., AppTest], own_queue: JobQueue) -> None:
    """However often it joins; only who opened the class may stop it."""
    opened = open_app(RETENTION)
    opened.session_state["tab_retention"] = say("retention.tab_own")
    opened = press(opened.run(), say("retention.class_button"))
    key = asked(opened, "class")
    assert say("app.stop") in labels(opened)
    student = open_app(RETENTION, join=key)
    assert asked(student, "seat") == "0"
    assert say("app.stop") not in labels(open_app(RETENTION, **{"class": key}))
    student.query_params.clear()
    student.query_params["join"] = key
    assert asked(student.run(), "seat") == "0"
    assert asked(open_app(RETENTION, join=key), "seat") == "1"
    assert Classroom(own_queue).seats(key) == [0, 1]
    press(opened, say("app.stop"))
    assert {stand.state for stand in own_queue.jobs()} == {"stopped"}


def test_the_servers_page_is_the_teachers_alone(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """It tells of every job, class, experiment and run; nobody else sees it in the menu."""
    job = own_queue.submit(ENDLESS, "0123456789abcdef")
    Classroom(own_queue).open(RetentionConfig.of(max_steps=10), "0123456789abcdef")
    classroom.classes.clear()
    word = classroom.classes().open("0123456789abcdef")
    app = open_app("server", teacher=KEY)

    def table(kind: str) -> Any:
        app.session_state["tab_teacher"] = say(f"teacher.tab_{kind}")
        app.run()
        assert not app.exception
        assert len(app.dataframe) <= 1  # only the open tab is looked up
        return app.dataframe[0].value if app.dataframe else None

    assert table("jobs")["Name"].tolist() == [job]
    assert table("jobs")["Started by"].tolist() == ["012345"]
    assert table("experiments")["Students"].tolist() == [0]
    assert table("classes")["Name"].tolist() == [word]
    assert table("classes")["Started by"].tolist() == ["012345"]
    assert table("runs") is None
    assert "Trained networks: 0" in [element.value for element in app.markdown]
    classroom.classes.clear()
    student = open_app("server")
    assert not student.dataframe


def test_what_the_teacher_chose_stays_chosen_when_others_come(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """Rows are told by their places: a job that came meanwhile took the place of the chosen one."""
    jobs = [own_queue.submit(RetentionConfig.of(max_steps=steps), "a") for steps in (10, 11)]
    app = open_app("server", teacher=KEY)
    app.session_state["server_jobs_chosen"] = [jobs[1]]
    own_queue.submit(RetentionConfig.of(max_steps=12), "b")
    app.run()
    (shown,) = [frame.value["Name"].tolist() for frame in app.dataframe]
    assert shown[1] == jobs[1]
    press(app, say("teacher.stop"))
    asked = {element.value for element in app.markdown} & {stand.key for stand in own_queue.jobs()}
    assert asked == {jobs[1]}


def test_what_the_teacher_can_end(own_queue: JobQueue, tmp_path: Path) -> None:
    """Jobs and experiments are stopped and removed, classes end."""
    job = own_queue.submit(ENDLESS, "a")
    server_lists.actions()["jobs"]["stop"](job)
    assert server_lists.jobs()[0]["state"] == "stopped"
    server_lists.actions()["jobs"]["remove"](job)
    assert server_lists.jobs() == []
    room = Classroom(own_queue)
    key = room.open(RetentionConfig.of(max_steps=10), "a")
    room.join(key, "b")
    assert server_lists.experiments()[0]["seats"] == 1
    server_lists.actions()["experiments"]["remove"](key)
    assert server_lists.experiments() == []
    assert {stand.state for stand in own_queue.jobs()} == {"stopped"}
    classroom.classes.clear()
    word = classroom.classes().open("a")
    assert [row["name"] for row in server_lists.classes()] == [word]
    server_lists.actions()["classes"]["end"](word)
    assert server_lists.classes() == []


@pytest.mark.parametrize("written", [-(10**10), 10**11, 2**40])
def test_a_clock_that_went_wrong_leaves_the_servers_page(
    open_app: Callable[..., AppTest], own_queue: JobQueue, written: int
) -> None:
    """A time that no table can tell of is shown as the nearest that it can."""
    job = own_queue.submit(ENDLESS, "a")
    os.utime(own_queue.folder / job / EXPERIMENT, (written, written))
    app = open_app("server", teacher=KEY)
    assert not app.exception
    assert not app.error
    assert app.dataframe[0].value["Name"].tolist() == [job]


def test_a_run_that_a_job_works_with_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is when the job has been stopped."""
    queue = JobQueue(tmp_path, limit=0)
    monkeypatch.setattr(server_lists, "queue", lambda: queue)
    pair = RetentionConfig.of(
        variants=("rnn",), delays=(2,), seeds=(0, 1), hidden_size=2, max_steps=1
    )
    run = train(pair.config("rnn", 2, 0))
    queue.store.put(run)
    job, key = queue.submit(pair, "a"), run_key(run.config)
    assert [row["name"] for row in server_lists.runs()] == [key]
    with pytest.raises(JobError, match=f"the job {job} uses the run {key}: stop the job first"):
        server_lists.actions()["runs"]["remove"](key)
    server_lists.actions()["jobs"]["stop"](job)
    server_lists.actions()["runs"]["remove"](key)
    assert server_lists.runs() == []
    queue.close()


def test_sizes_are_those_of_the_files(tmp_path: Path) -> None:
    """In all folders below; links are not followed, what is missing takes nothing."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "x").write_bytes(bytes(1000))
    (tmp_path / "a" / "b" / "y").write_bytes(bytes(234))
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    link = len(str(tmp_path))
    assert disk.size_of(tmp_path) == 1234 + link
    assert disk.size_of(tmp_path / "nowhere") == 0


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "a few seconds"), (9.9, "a few seconds"), (12, "about 12 seconds"),
        (63, "about 65 seconds"), (93, "about 2 minutes"), (200, "about 3 minutes"),
        (47 * 60, "about 45 minutes"), (5400, "about 2 hours"), (86_400, "about 25 hours"),
        (3 * 86_400, "about 3 days"), (1e9, "years"), (float("inf"), "years"),
    ],
)  # fmt: skip
def test_a_duration_as_one_says_it(seconds: float, expected: str) -> None:
    """One round number and its unit."""
    assert words.duration(seconds) == expected
