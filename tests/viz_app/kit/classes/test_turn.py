"""What a browser may do at each move of a class, and what the teacher does next."""

from dataclasses import replace

import pytest

from tests.viz_app.kit.classes.test_value import ASKED, GAVE, NONE, at
from viz_app.kit.classes.turn import next_move, require_may_answer, turn_of
from viz_app.kit.classes.value import ClassError, Given, Where


@pytest.mark.parametrize(
    ("moves", "given", "student", "host"),
    [
        ([], NONE, "wait", "wait"),
        (["opened"], NONE, "answer", "wait"),
        (["opened"], GAVE, "answered", "wait"),
        (["opened", "closed"], GAVE, "closed", "closed"),
        (["opened", "closed"], NONE, "closed", "closed"),
        (["opened", "closed", "again"], GAVE, "answer", "wait"),
        (["opened", "closed", "again"], GAVE | {2: Given(2, "1")}, "answered", "wait"),
        (["opened", "closed", "shown"], NONE, "told", "told"),
    ],
)
def test_what_a_phone_and_the_teacher_see(
    moves: list[str], given: dict[int, Given], student: str, host: str
) -> None:
    """Nobody sees the truth before it is shown; the teacher never answers."""
    state = at(*moves)
    assert turn_of(state, None, given, ASKED.place, host=False).stage == student
    assert turn_of(state, None, NONE, ASKED.place, host=True).stage == host


def test_at_its_own_pace_everyone_answers_and_sees_the_truth_at_once() -> None:
    """Once; the teacher looks at everything as alone; led again, who answered knows already."""
    state = at().paced("own")
    assert turn_of(state, None, NONE, "another", host=False).stage == "answer"
    assert turn_of(state, ASKED, GAVE, ASKED.place, host=False).stage == "told"
    assert turn_of(state, ASKED, NONE, ASKED.place, host=True).stage == "alone"
    led = state.paced("led")
    assert led.moves == state.moves + 1  # all are called back
    assert turn_of(led, ASKED, GAVE, ASKED.place, host=False).stage == "told"


def test_a_question_that_was_left_is_as_it_was_left() -> None:
    """Shown: told to all. Not shown: told to who answered. Never asked: nobody runs ahead."""
    state = at().brought(Where("gates"))
    shown, left = replace(ASKED, phase="shown"), replace(ASKED, phase="closed")
    assert turn_of(state, shown, NONE, ASKED.place, host=False).stage == "told"
    assert turn_of(state, left, GAVE, ASKED.place, host=False).stage == "told"
    assert turn_of(state, left, NONE, ASKED.place, host=False).stage == "wait"
    assert turn_of(state, None, NONE, ASKED.place, host=False).stage == "wait"
    assert turn_of(state, None, NONE, ASKED.place, host=True).stage == "wait"


@pytest.mark.parametrize(
    ("right", "answers", "round_", "move"),
    [
        (0, 0, 1, "nobody"),
        (34, 100, 1, "explain"),
        (35, 100, 1, "pairs"),
        (70, 100, 1, "pairs"),
        (71, 100, 1, "on"),
        (1, 1, 1, "on"),
        (50, 100, 2, "explain"),
        (70, 100, 2, "explain"),
        (71, 100, 2, "on"),
    ],
)
def test_the_share_that_is_right_names_the_next_move(
    right: int, answers: int, round_: int, move: str
) -> None:
    """Below 35% explain, to 70% pairs, above go on; no third vote."""
    assert next_move(right, answers, round_) == move


def test_an_answer_is_refused_when_the_question_is_not_open() -> None:
    """Too soon, too late, in another round, to another question; never at one's own pace."""
    for moves, round_ in (([], 1), (["opened", "closed"], 1), (["opened", "closed", "again"], 1)):
        with pytest.raises(ClassError, match="too late"):
            require_may_answer(at(*moves), ASKED, round_)
    with pytest.raises(ClassError, match="too late"):
        require_may_answer(at("opened"), replace(ASKED, place="other"), 1)
    require_may_answer(at("opened"), ASKED, 1)
    require_may_answer(at("opened", "closed", "again"), ASKED, 2)
    require_may_answer(at().paced("own"), replace(ASKED, place="other"), 1)
