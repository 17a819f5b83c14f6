"""A guess on the picture of its step, wherever that has the axis of what was asked."""

from typing import Any

import pytest

from viz_app.features import view
from viz_app.features.lessons import guesses
from viz_app.features.lessons import lesson as files
from viz_app.features.lessons.asked import Asked
from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.value import Step
from viz_app.kit.chart.guessed import GUESSES
from viz_app.kit.chart.window import WINDOWS, Look
from viz_app.kit.question import Place
from viz_app.kit.recordings import HERE
from viz_app.kit.view import View

DRAWN = [
    pytest.param(name, step, id=f"{name}-{step.id}")
    for name in files.names()
    for step in files.lesson(name).steps
    if step.question and step.question.mark(facts_of(name))
]


def seen(step: Step) -> tuple[View, Asked]:
    """What a step shows, and asks."""
    assert step.view is not None
    assert step.question is not None
    return view(step.view[0], (), dict(step.view[1])), step.question


@pytest.mark.parametrize(("name", "step"), DRAWN)
def test_what_is_to_be_drawn_has_a_place_on_its_view(name: str, step: Step) -> None:
    """The axis that the file names is the view's; what is right stands there in words."""
    shown, asked = seen(step)
    facts = facts_of(name)
    assert guesses.mark_of(shown, asked, facts) is not None
    figure = guesses.figure(shown, asked, facts, HERE)
    rows = figure.draw(600, Look("light", WINDOWS["laptop"]))["datasets"][GUESSES]
    question: Any = asked.question(facts)
    if isinstance(question, Place):
        assert rows == []  # the picture itself shows it
    else:
        (right,) = rows
        assert right["value"] == question.truth
        assert asked.told(facts).said(question.truth) in right["text"]
    (mine, *_) = guesses.own(asked.told(facts), asked.answer(facts[asked.truth]))
    assert mine["whose"] == "own"
    assert mine["text"]


def test_a_number_is_drawn_on_other_views_nowhere() -> None:
    """Nor where its lesson does not say where."""
    lesson = files.lesson("why_it_forgets")
    (step,) = (step for step in lesson.steps if step.id == "network")
    facts = facts_of(lesson.id)
    assert step.question is not None
    assert guesses.mark_of(view("tasks", (), {}), step.question, facts) is None
    assert guesses.mark_of(None, step.question, facts) is None
    (other,) = (each for each in files.lesson("write_keep_show").steps if each.id == "guess_left")
    shown, asked = seen(other)
    assert guesses.mark_of(shown, asked, facts_of("write_keep_show")) is None


def test_a_class_is_drawn_by_how_many_were_where() -> None:
    """A number each; of places, the share of the class that was there."""
    lesson = files.lesson("write_keep_show")
    asked = lesson.questions["guess_place"]
    place = asked.question(facts_of(lesson.id))
    rows = guesses.crowd(place, [(6, 46), (6, 49), (3, 6), (6, 46)])
    assert {row["value"]: row["share"] for row in rows} == {3: 0.25, 6: 1.0, 46: 0.5, 49: 0.25}
    assert "25%" in rows[0]["text"]
    number = lesson.questions["guess_left"].question(facts_of(lesson.id))
    assert [row["value"] for row in guesses.crowd(number, [0.2, 0.2, 0.9])] == [0.2, 0.2, 0.9]
