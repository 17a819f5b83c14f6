"""What a class answered: counted by hand, and as a table."""

import pytest

from viz_app.kit.classes.records import Seat
from viz_app.kit.classes.tally import MOST_ROWS, table, tally
from viz_app.kit.classes.value import Asked, Given, Where
from viz_app.kit.question import Curve, Number, OneOf, Order, Place, Question


def given(*answers: tuple[int, int, str]) -> dict[tuple[int, int], Given]:
    """By seat and round."""
    return {(seat, round_): Given(round_, text) for seat, round_, text in answers}


def asked(question: Question, *options: str, round_: int = 1) -> Asked:
    """A question of a class."""
    return Asked("place", question, "What?", options, round=round_)


def test_both_rounds_are_counted_for_each_option() -> None:
    """And how many were right in each; a second round that nobody answered is none."""
    gates = asked(OneOf(3, 1), "write", "keep", "show")
    first = given((1, 1, "0"), (2, 1, "1"), (3, 1, "0"))
    one = tally(gates, first)
    assert [(bar.label, bar.counts, bar.right) for bar in one.bars] == [
        ("write", (2,), False), ("keep", (1,), True), ("show", (0,), False),
    ]  # fmt: skip
    two = tally(gates, first | given((1, 2, "1"), (2, 2, "1")))
    assert [bar.counts for bar in two.bars] == [(2, 0), (1, 2), (0, 0)]
    assert (two.answers, two.right) == ((3, 2), (1, 2))


@pytest.mark.parametrize(
    ("question", "answers", "bars"),
    [
        (
            Number(0, 1, 0.15, 0.02), ["0.16", "0.9"],
            {"0.1 to 0.2": (1, True), "0.9 to 1": (1, False)},
        ),
        (Place(9, (3,)), ["3", "3", "7"], {"step 3": (2, True), "step 7": (1, False)}),
        (Place(9, (3,), axis="unit"), ["4"], {"unit 3": (0, True), "unit 4": (1, False)}),
        (
            Curve((1, 10), 0, 1, (0.9, 0.1), 0.1), ["0.9~0.9", "0.85~0.1"],
            {"near 0.9 at 1": (2, True), "near 0.1 at 10": (1, True)},
        ),
        (Order((1, 0)), ["1~0", "0~1"], {"1. b": (1, True), "2. a": (1, True)}),
    ],
)  # fmt: skip
def test_every_kind_has_bars(
    question: Question, answers: list[str], bars: dict[str, tuple[int, bool]]
) -> None:
    """Named as a person reads them; the right ones are told."""
    found = tally(asked(question, "a", "b"), given(*((n, 1, a) for n, a in enumerate(answers))))
    there = {bar.label: (bar.counts[0], bar.right) for bar in found.bars}
    assert bars.items() <= there.items()
    assert all(not count for label, (count, _) in there.items() if label not in bars)


def test_a_number_has_no_empty_bars() -> None:
    """Where something lies between two that nobody answered, the second one knows."""
    number = Number(0, 1, 0.75, 0.02)
    found = tally(asked(number), given((1, 1, "0.52"), (2, 1, "0.61"), (3, 1, "0.91")))
    assert [(bar.label, bar.counts[0], bar.apart) for bar in found.bars] == [
        ("0.5 to 0.6", 1, False), ("0.6 to 0.7", 1, False), ("0.7 to 0.8", 0, False),
        ("0.9 to 1", 1, True),
    ]  # fmt: skip
    assert [bar.right for bar in tally(asked(number), given((1, 1, "0.7"))).bars] == [True]


@pytest.mark.parametrize(
    ("question", "answers", "hits"),
    [
        # 0.69 is near enough to 0.7, and lies in another bar than it; 0.61 is there and wrong
        (Number(0, 1, 0.7, 0.02), ["0.69", "0.61", "0.71", "0.9"], [(2, 1), (1, 1), (1, 0)]),
        (Place(9, (3,), near=1), ["4", "6", "3"], [(1, 1), (1, 1), (1, 0)]),
        (OneOf(2, 1), ["0", "1"], [(1, 0), (1, 1)]),
        (Order((1, 0)), ["1~0"], [(1, 1), (1, 1)]),
    ],
)
def test_near_enough_is_right_in_its_own_bar(
    question: Question, answers: list[str], hits: list[tuple[int, int]]
) -> None:
    """So that the coloured parts are as many as are told to be right."""
    found = tally(asked(question, "a", "b"), given(*((n, 1, a) for n, a in enumerate(answers))))
    assert [(bar.counts[0], bar.hits[0]) for bar in found.bars] == hits


def test_a_bar_knows_whose_last_answer_it_was() -> None:
    """Who changed their mind is with the second one."""
    gates = asked(OneOf(2, 1), "write", "keep", round_=2)
    found = tally(gates, given((1, 1, "0"), (2, 1, "0"), (1, 2, "1")))
    assert [bar.who for bar in found.bars] == [(2,), (1,)]


def test_of_many_places_those_most_answered_and_the_right_ones_are_drawn() -> None:
    """In their order."""
    many = tally(
        asked(Place(50, (49,))),
        given(*((seat, 1, str(seat % 30)) for seat in range(45)), (99, 1, "29"), (98, 1, "29")),
    )
    labels = [bar.label for bar in many.bars]
    assert len(labels) == MOST_ROWS
    assert labels[-2:] == ["step 29", "step 49"]
    assert labels == sorted(labels, key=lambda label: int(label.split()[1]))


def test_the_table_has_a_row_for_each_seat_and_question() -> None:
    """First and second answer, how sure in words, what is right; names where they are wanted."""
    gates = Asked("g", OneOf(2, 1), "Which *gate*?", ("write", "**keep**"), Where("lessons"))
    share = Asked("s", Number(0, 1, 0.5, 0.1), "How much?", phase="closed")
    never = Asked("n", OneOf(2, 0), "Never?", ("a", "b"))
    answers = {
        "g": {(1, 1): Given(1, "0", 3), (1, 2): Given(2, "1", 2), (2, 1): Given(1, "1")},
        "s": {(2, 1): Given(1, "0.9")},
    }
    seats = [Seat(1, "=SUM(A1)", True), Seat(2, "", False), Seat(3, "nobody", True)]
    plain = table([gates, share, never], answers, seats, False)
    first = [1, "lessons", "g", "Which gate?", "keep", 2]
    second, third = [2, "", "s", "How much?", "0.5", 1], [3, "", "n", "Never?", "a", 0]
    assert plain.astype(object).where(plain.notna(), "").values.tolist() == [
        [*first, 1, "write", "certain", 0, "keep", "fairly sure", 1],
        [*first, 2, "keep", "", 1, "", "", ""],
        [*first, 3, "", "", "", "", "", ""],
        [*second, 1, "", "", "", "", "", ""],
        [*second, 2, "0.9", "", 0, "", "", ""],
        [*second, 3, "", "", "", "", "", ""],
        *([*third, seat, "", "", "", "", "", ""] for seat in (1, 2, 3)),
    ]
    assert plain.to_csv(index=False).splitlines()[2].endswith(",keep,,1,,,")  # no 1.0
    assert "SUM" not in plain.to_csv()
    named = table([gates, share], answers, seats, True)
    assert named["nickname"].tolist() == ["'=SUM(A1)", "", "nobody"] * 2
    assert table([], {}, seats, True).empty
