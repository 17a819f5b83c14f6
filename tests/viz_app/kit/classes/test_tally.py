"""What a class answered: counted by hand, and as a table."""

from itertools import pairwise
from typing import Any

import pytest

from viz_app.kit.chart.answer_bars import answer_bars
from viz_app.kit.chart.window import WINDOWS, Look
from viz_app.kit.classes.records import Seat
from viz_app.kit.classes.tally import MOST_ROWS, table, tally
from viz_app.kit.classes.value import Asked, Given, Where
from viz_app.kit.question import Curve, Number, OneOf, Order, Place, Question
from viz_app.text import words


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


def test_a_number_has_no_empty_bars_at_its_ends() -> None:
    """Those between answers and the right one stay, in both directions; one alone too."""
    number = Number(0, 1, 0.75, 0.02)
    found = tally(asked(number), given((1, 1, "0.52"), (2, 1, "0.91")))
    assert [(bar.label, bar.counts[0]) for bar in found.bars] == [
        ("0.5 to 0.6", 1), ("0.6 to 0.7", 0), ("0.7 to 0.8", 0), ("0.8 to 0.9", 0),
        ("0.9 to 1", 1),
    ]  # fmt: skip
    assert [bar.right for bar in tally(asked(number), given((1, 1, "0.7"))).bars] == [True]


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
    share = Asked("s", Number(0, 1, 0.5, 0.1), "How much?")
    answers = {
        "g": {(1, 1): Given(1, "0", 3), (1, 2): Given(2, "1", 2), (2, 1): Given(1, "1")},
        "s": {(2, 1): Given(1, "0.9")},
    }
    seats = [Seat(1, "=SUM(A1)", True), Seat(2, "", False), Seat(3, "nobody", True)]
    plain = table([gates, share], answers, seats, False)
    first, second = [1, "lessons", "g", "Which gate?", "keep"], [2, "", "s", "How much?", "0.5"]
    assert plain.astype(object).where(plain.notna(), "").values.tolist() == [
        [*first, 1, "write", "certain", 0, "keep", "fairly sure", 1],
        [*first, 2, "keep", "", 1, "", "", ""],
        [*first, 3, "", "", "", "", "", ""],
        [*second, 1, "", "", "", "", "", ""],
        [*second, 2, "0.9", "", 0, "", "", ""],
        [*second, 3, "", "", "", "", "", ""],
    ]
    assert plain.to_csv(index=False).splitlines()[2].endswith(",keep,,1,,,")  # no 1.0
    assert "SUM" not in plain.to_csv()
    named = table([gates, share], answers, seats, True)
    assert named["nickname"].tolist() == ["'=SUM(A1)", "", "nobody"] * 2
    assert table([], {}, seats, True).empty


@pytest.mark.parametrize("window", WINDOWS)
def test_bars_say_counts_shares_and_the_right_one_in_words(window: Any) -> None:
    """Not by colour alone; of two rounds which is which; nobody divides by nothing."""
    look = Look("dark", WINDOWS[window])
    rows = [("write", (3, 0), False), ("keep", (1, 2), True)]
    spec = answer_bars(rows, (4, 2), words(), look)
    bars, _, labels = (layer["data"]["values"] for layer in spec["layer"])
    assert [bar["note"] for bar in bars] == [
        "Round 1: 3 (75%)", "Round 2: 0 (0%)", "Round 1: 1 (25%)", "Round 2: 2 (100%)",
    ]  # fmt: skip
    assert [label["text"] for label in labels] == ["write", "Correct: keep"]
    places = [(bar["y"], bar["y2"]) for bar in bars]
    assert all(low < high for low, high in places)
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    assert spec["height"] >= places[-1][1]
    drawn = spec["layer"][0]
    low, high = drawn["encoding"]["x"]["scale"]["domain"]
    shares = [bar[drawn["encoding"]["x"]["field"]] / (high - low) for bar in bars]
    assert shares == pytest.approx([0.75 * shares[3], 0, 0.25 * shares[3], shares[3]])
    one = answer_bars([("a", (0,), False)], (0,), words(), look)
    assert one["layer"][0]["data"]["values"][0]["note"] == "0"
