"""A class on the retention page: joined by one address, watched by another."""

import re
from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from gatescope.experiments import RetentionConfig
from gatescope.jobs import Classroom, JobQueue
from viz_app.features.retention import classes
from viz_app.kit import library
from viz_app.kit.page import classroom
from viz_app.kit.page import served as cached
from viz_app.text import say

PAGE = "retention"
SETTINGS = RetentionConfig.of(
    variants=("rnn",), delays=(2, 3), hidden_size=4, max_steps=3, seeds=(0, 1, 2)
)


@pytest.fixture(autouse=True)
def fresh() -> None:
    """No stand of an earlier test."""
    classes.stand_of.clear()


def text(app: AppTest) -> str:
    """All that a page says."""
    parts = [*app.markdown, *app.caption, *app.info, *app.code, *app.error]
    return "\n".join(part.value for part in parts)


def progress(app: AppTest) -> list[str]:
    """What the bars say."""
    return [bar.proto.text for bar in app.get("progress")]


def test_an_experiment_begins_with_the_form_and_a_class_follows_into_it(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """It opens a class where there is none; nothing is trained before somebody is called."""
    classroom.classes.clear()
    app = open_app(PAGE)
    app.session_state["tab_retention"] = say("retention.tab_own")
    app.run()
    app.multiselect[0].set_value(["rnn"])
    app.multiselect[1].set_value([5, 10])
    next(b for b in app.button if b.label == "Start as a class").click().run()
    assert not app.exception
    key = app.query_params["class"]
    assert say("retention.class_join") in text(app)
    (stand,) = progress(app)
    assert re.fullmatch(r"Nobody has joined yet\. Together it takes .+ at most\.", stand)
    assert own_queue.jobs() == []
    room = Classroom(own_queue)
    assert room.experiment(key).delays == (5, 10)
    word = classroom.classes().all()[0].key
    students = [open_app("class", join=word) for _ in range(2)]
    next(b for b in app.button if b.label == say("class.bring")).click().run()
    for seat, student in enumerate(students):
        student.run()
        assert not student.exception
        assert dict(student.query_params) in (
            {"class": key, "seat": str(seat)}, {"class": [key], "seat": [str(seat)]},
        )  # fmt: skip
        assert f"Your seed is {seat}" in text(student)
    assert room.seats(key) == [0, 1]
    stranger = open_app(PAGE, **{"class": key})  # looks, and takes no seat
    assert not stranger.exception
    assert room.seats(key) == [0, 1]
    room.stop(key)
    classroom.classes.clear()


def test_who_joins_takes_one_seat_and_keeps_it(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """Two browsers, two seeds; coming back by the address takes no further one."""
    room = Classroom(own_queue)
    key = room.open(SETTINGS)
    first = open_app(PAGE, join=key)
    assert not first.exception
    assert first.query_params["seat"] == "0"
    assert "Your seed is 0" in text(first)
    first.run()
    second = open_app(PAGE, join=key)
    assert second.query_params["seat"] == "1"
    again = open_app(PAGE, **{"class": key, "seat": "0"})
    assert "Your seed is 0" in text(again)
    assert room.seats(key) == [0, 1]


def test_a_seat_sees_its_network_before_it_has_learned(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """At once, untrained, and then the run that is in training: nobody looks at a grey block."""
    room = Classroom(own_queue)
    key = room.open(SETTINGS.model_copy(update={"max_steps": 1_000_000, "seeds": (0,)}))
    app = open_app(PAGE, join=key)
    assert not app.exception
    assert "In training now" in text(app)
    assert re.search(r"0 of 2 runs finished · .+ left at most", progress(app)[0])
    assert [e.label for e in app.expander] == [say("retention.meanwhile")]
    assert len(app.get("vega_lite_chart")) == 3 + 3  # its own in training, and the prepared ones
    job = room.job(key, 0)
    assert [config.seed for config in own_queue.left(job)] == [0, 0]
    own_queue.stop(job)


def test_the_picture_is_that_of_the_whole_class(
    open_app: Callable[..., AppTest], own_queue: JobQueue, fast: Callable[[str], None]
) -> None:
    """Every run of every seat, in the picture and in the numbers."""
    room = Classroom(own_queue)
    key = room.open(SETTINGS)
    for _ in range(3):
        room.join(key)
    fast(key)
    app = open_app(PAGE, **{"class": key})
    assert not app.exception
    assert progress(app) == ["3 students have joined · 6 of 6 runs finished"]
    assert len(app.get("vega_lite_chart")) == 1
    table = cached.recordings.retention(own_queue.store.finished(room.configs(key)))
    assert sorted(table["seed"]) == [0, 0, 1, 1, 2, 2]
    seat = open_app(PAGE, **{"class": key, "seat": "2"})
    assert progress(seat)[1] == "your runs: all 2 runs are finished"
    classes.stand_of.clear()
    fourth = open_app(PAGE, join=key)  # has the first one's seed, and nothing is trained for it
    assert "Your seed is 0" in text(fourth)
    assert progress(fourth) == [
        "4 students have joined · 6 of 6 runs finished", "your runs: all 2 runs are finished",
    ]  # fmt: skip


@pytest.fixture
def fast(own_queue: JobQueue) -> Callable[[str], None]:
    """Waits until a class has finished."""
    import time

    def wait(key: str) -> None:
        end = time.monotonic() + 90
        while Classroom(own_queue).status(key).at_work and time.monotonic() < end:
            time.sleep(0.1)

    return wait


@pytest.mark.parametrize("address", [{"join": "nobody"}, {"class": "nobody"}, {"class": "x/y"}])
def test_a_class_that_is_not_there_is_one_sentence(
    open_app: Callable[..., AppTest], own_queue: JobQueue, address: dict[str, str]
) -> None:
    """No traceback."""
    app = open_app(PAGE, **address)
    assert not app.exception
    (error,) = app.error
    assert "There is no class" in error.value


def test_a_seat_that_nobody_has_is_one_sentence(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """Typed by hand."""
    key = Classroom(own_queue).open(SETTINGS)
    app = open_app(PAGE, **{"class": key, "seat": "7"})
    assert not app.exception
    assert "Nobody has taken seat 7" in app.error[0].value


DELAYS = (5, 10, 20, 50, 100, 200)
"""Of the prepared experiment."""


def there(app: AppTest, **address: str) -> AppTest:
    """The same browser on the page."""
    app._page_hash = calc_hash(PAGE)
    app.query_params.clear()
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def fails() -> dict[str, str]:
    """Where each network fails first, by plain pandas from the shipped table."""
    shipped = pd.read_csv(library.RESULTS / "retention.csv")
    solved = shipped.groupby(["variant", "delay"])["solved"].sum().unstack()
    found = {}
    for network in ("rnn", "lstm", "lstm:chrono"):
        (failed,) = [[d for d in DELAYS if solved.loc[network, d] < 4]]
        found[network] = f"{failed[0]} steps" if failed else say("retention.guess_nowhere")
    return found


def test_a_class_guesses_before_it_sees_the_prepared_experiment(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """No number, picture or file before all three answers are shown; alone all of it at once."""
    bars = 0  # of what the class has been shown so far
    classroom.classes.clear()
    teacher = open_app("class")
    next(b for b in teacher.button if b.label == say("class.begin")).click().run()
    word = classroom.classes().all()[0].key
    student = open_app("class", join=word)
    teacher = there(teacher)

    def press(key: str) -> None:
        next(b for b in teacher.button if b.label == say(key)).click().run()
        assert not teacher.exception

    def nothing_told(app: AppTest) -> None:
        app.run()
        assert not app.exception
        assert not app.get("vega_lite_chart")
        assert sum('class="class-bars"' in part.proto.body for part in app.get("html")) == bars
        assert "plain RNNs solve the task" not in text(app)
        assert say("retention.guess_hidden") in text(app)

    nothing_told(teacher)
    assert [e.label for e in teacher.expander] == [say("retention.tab_own")]
    press("class.bring")
    nothing_told(there(student))
    assert not student.radio
    for asked_before, (network, right) in enumerate(fails().items()):
        press("class.open")
        nothing_told(student)
        (radio,) = student.radio
        assert right in radio.options
        radio.set_value(radio.options.index(right)).run()
        next(b for b in student.button if b.label == say("question.guess")).click().run()
        assert say("class.you_said", answer=right) in text(student)
        nothing_told(teacher)
        press("class.close")
        nothing_told(student)
        press("class.show")
        bars = asked_before + 1
        asked = classroom.classes().asked(word, f"retention.{network}")
        assert asked is not None
        assert asked.said(str(asked.question.truth)) == right  # type: ignore[attr-defined]
    student.run()
    for app in (student, teacher):
        assert not app.exception
        assert "plain RNNs solve the task" in text(app)
        assert text(app).count("fails first at") == 2
        assert "100% correct" in text(app)
    assert student.get("vega_lite_chart")
    classroom.classes.clear()
    assert "plain RNNs solve the task" in text(open_app(PAGE))


def test_a_class_guesses_before_it_sees_its_own_experiment(
    open_app: Callable[..., AppTest], own_queue: JobQueue, fast: Callable[[str], None]
) -> None:
    """Its runs are counted, and what they show is not told."""
    classroom.classes.clear()
    teacher = open_app("class")
    next(b for b in teacher.button if b.label == say("class.begin")).click().run()
    room = Classroom(own_queue)
    key = room.open(SETTINGS)
    room.join(key)
    fast(key)
    app = there(teacher, **{"class": key})
    assert not app.exception
    assert progress(app) == ["1 student has joined · 2 of 2 runs finished"]
    assert not app.get("vega_lite_chart")
    assert say("retention.guess_hidden") in text(app)
    classroom.classes.clear()


def test_what_a_class_costs_is_said_before_it_begins(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """Three networks at four delays, with as many seeds as are chosen, however many join."""
    app = open_app(PAGE)
    app.session_state["tab_retention"] = say("retention.tab_own")
    app.run()
    assert not app.exception
    seeds = app.number_input(key="retention_seeds").value
    assert 1 < seeds < classes.FEW
    told = f"As a class of {classes.FEW} students, who share {seeds} seeds: {3 * 4 * seeds} runs, "
    assert told in text(app)
    app.number_input(key="retention_seeds").set_value(classes.FEW).run()
    assert f"{classes.FEW} students, who share {classes.FEW} seeds: " in text(app)
