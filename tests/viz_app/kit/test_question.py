"""Each kind of question: what can be answered, what is right, how answers are counted."""

import math

import pytest

from viz_app.kit.question import AnswerError, Curve, Number, OneOf, Order, Place, Question

ONE = OneOf(4, 2)
NUMBER = Number(0.0, 1.0, truth=0.35, near=0.05)
LONG = Number(1.0, 1000.0, truth=69.0, near=0.15, log=True)
PLACE = Place(50, (9, 41), near=1)
CURVE = Curve((1, 5, 10, 20, 50), 0.0, 1.0, (1.0, 0.9, 0.5, 0.2, 0.0), near=0.1)
ORDER = Order((2, 0, 1))


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (ONE, ["2"], ["0", "1", "3"]),
        (NUMBER, ["0.35", "0.3", "0.4"], ["0.29", "0.41", "1"]),
        (LONG, ["69", "50", "97"], ["48", "98", "1000"]),
        (PLACE, ["9~41", "41~9", "8~42"], ["9~39", "0~49"]),
        (CURVE, ["1~0.9~0.5~0.2~0", "1~1~0.6~0.3~0.1"], ["1~1~1~1~1"]),
        (ORDER, ["2~0~1"], ["0~1~2", "2~1~0"]),
    ],
)
def test_right_and_wrong(question: Question, right: list[str], wrong: list[str]) -> None:
    """An answer that is near enough is right; what is written is read as the same."""
    for text in right + wrong:
        answer = question.read(text)
        assert question.right(answer) == (text in right), text
        assert question.read(question.write(answer)) == answer


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        (ONE, ["4", "-1", "", "1~2", "x", "１"]),
        (NUMBER, ["1.01", "-0.1", "nan", "inf", "", "0.1~0.2"]),
        (PLACE, ["9", "9~50", "9~9", "1~2~3", "9~x"]),
        (CURVE, ["1~1", "1~1~1~1~2", "1~1~1~1~nan"]),
        (ORDER, ["0~1", "0~1~3", "0~0~1", "0~1~2~2"]),
    ],
)
def test_what_cannot_be_answered_is_said(question: Question, texts: list[str]) -> None:
    """One sentence with the value."""
    for text in texts:
        with pytest.raises(AnswerError) as error:
            question.read(text)
        assert repr(text) in str(error.value)


def test_answers_are_counted() -> None:
    """For each option, part of the range, place, or thing in its place."""
    assert ONE.counts([2, 2, 0]) == (1, 0, 2, 0)
    assert NUMBER.counts([0.0, 0.05, 0.35, 1.0]) == (2, 0, 0, 1, 0, 0, 0, 0, 0, 1)
    assert LONG.counts([1.0, 10.0, 999.0]) == (1, 0, 0, 1, 0, 0, 0, 0, 0, 1)
    assert NUMBER.edges()[::5] == (0.0, 0.5, 1.0)
    assert LONG.edges()[::5] == pytest.approx((1.0, 31.6, 1000.0), rel=1e-2)
    assert sum(PLACE.counts([(9, 41), (9, 40)])) == 4
    assert PLACE.counts([(9, 41), (9, 40)])[9] == 2
    assert CURVE.counts([(1.0, 0.9, 0.9, 0.2, 0.0)]) == (1, 1, 0, 1, 1)
    assert ORDER.counts([(2, 1, 0), (2, 0, 1)]) == (2, 1, 1)


def test_what_is_near_is_not_always_it() -> None:
    """A number is exact at the nearest place of its slider, places where they are the places."""
    assert NUMBER.exact(0.35)
    assert NUMBER.exact(0.355)
    assert NUMBER.right(0.34)
    assert not NUMBER.exact(0.34)
    nearest = min(LONG.places(), key=lambda place: abs(math.log(place / LONG.truth)))
    assert [each for each in LONG.places() if LONG.exact(each)] == [nearest]
    assert PLACE.exact((41, 9))
    assert not PLACE.exact((8, 42))
    assert ONE.exact(2)
    assert not ONE.exact(1)


@pytest.mark.parametrize("log", [False, True])
def test_a_slider_never_begins_where_it_is_right(log: bool) -> None:
    """Wherever the truth lies; and each place can be answered."""
    for tenth in range(1, 101):
        question = Number(0.1, 10.0, truth=tenth / 10, near=0.06, step=0.05, log=log)
        places = question.places()
        assert question.start() in places
        assert not question.right(question.start())
        assert (places[0], places[-1]) == pytest.approx((0.1, 10.0))
        assert all(question.read(question.write(place)) for place in places)
