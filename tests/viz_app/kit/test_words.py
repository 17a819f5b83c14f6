"""Plurals, lists and numbers in sentences: each in one way everywhere."""

import math
from typing import Any

import numpy as np
import pytest

import viz_app.text as texts
from viz_app.kit import words


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0 seeds"), (1, "1 seed"), (2, "2 seeds"), (1200, "1,200 seeds")],
)
def test_a_count_has_its_noun_in_the_right_number(count: int, expected: str) -> None:
    """One has the singular, all else the plural, none too."""
    assert words.some("seeds", count) == expected


def test_every_noun_that_is_counted_has_both_forms() -> None:
    """And English tells them apart."""
    nouns = [key.removeprefix("count.") for key in texts.texts("en") if key.startswith("count.")]
    assert len(nouns) > 15
    for noun in nouns:
        one, many = words.some(noun, 1), words.some(noun, 2)
        assert one.replace("1", "2") != many
        assert words.FORMS not in one + many


def test_a_language_without_plurals_has_one_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which stands for any count."""
    monkeypatch.setattr(texts, "texts", lambda chosen: {"count.seeds": "{count} 个随机种子"})
    assert [words.some("seeds", count) for count in (1, 3)] == ["1 个随机种子", "3 个随机种子"]


def test_what_is_filled_in_is_no_form() -> None:
    """A reason may hold the sign that stands between two forms."""
    said = words.counted("job.runs_failed", 1, done=0, total=1, reason="a | b")
    assert said.endswith("a | b")


@pytest.mark.parametrize(
    ("parts", "all_of_them", "one_of_them"),
    [
        (["A"], "A", "A"),
        (["A", "B"], "A and B", "A or B"),
        (["A", "B", "C"], "A, B and C", "A, B or C"),
        (["A", "B", "C", "D"], "A, B, C and D", "A, B, C or D"),
    ],
)
def test_a_list_reads_as_a_person_says_it(
    parts: list[str], all_of_them: str, one_of_them: str
) -> None:
    """Commas, and one word before the last."""
    assert words.joined(parts) == all_of_them
    assert words.either(parts) == one_of_them


@pytest.mark.parametrize(
    ("language", "side_by_side", "apart", "three", "spoken"),
    [
        ("en", "A, B, C", "A, B; C", ["One.", "Two.", "“Three.”"], "One. Two. “Three.”"),
        ("zh", "A、B、C", "A, B；C", ["一。", "二。", "“三。”"], "一。二。“三。”"),
    ],
)
def test_parts_are_linked_as_the_language_has_it(
    language: str, side_by_side: str, apart: str, three: list[str], spoken: str
) -> None:
    """By its commas and semicolons; Chinese sentences stand without a space between them."""
    with texts.speaking(language):
        assert words.commas(["A", "B", "C"]) == side_by_side
        assert words.clauses(["A, B", "C"]) == apart
        assert words.spoken(three[0], "", *three[1:]) == spoken
        assert (words.commas([]), words.clauses([]), words.spoken()) == ("", "", "")


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.0, "0%"), (1e-9, "under 1%"), (0.0099, "under 1%"), (0.01, "1%"), (0.374, "37%"),
        (0.9949, "99%"), (0.995, "over 99%"), (0.99999, "over 99%"), (1.0, "100%"),
        (1.15, "115%"), (-0.25, "−25%"), (-0.001, "0%"), (math.nan, "NaN"),
    ],
)  # fmt: skip
def test_per_cent(share: float, expected: str) -> None:
    """Only what is nothing is 0%, and only what is all is 100%; there is no space before it."""
    assert words.percent(share) == expected


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (0.9, 1, "0.9"), (-0.25, 2, "−0.25"), (-0.001, 2, "0.00"), (0.0, 2, "0.00"),
        (12345.6, 0, "12,346"), (-12345.6, 1, "−12,345.6"), (math.inf, 2, "∞"),
        (-math.inf, 2, "−∞"), (math.nan, 2, "NaN"),
    ],
)  # fmt: skip
def test_decimals_have_a_true_minus_and_no_negative_zero(
    value: float, places: int, expected: str
) -> None:
    """The sign is U+2212, and thousands stand apart."""
    assert words.decimals(value, places) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.9, "0.9"), (1.0, "1"), (20000, "20,000"), (1e-3, "0.001"), (1e-4, "0.0001"),
        (3e-5, "3·10⁻⁵"), (1.25e-7, "1.25·10⁻⁷"), (-0.5, "−0.5"), (0.0, "0"), (2.5e4, "25,000"),
        (math.inf, "∞"), (math.nan, "NaN"),
    ],
)  # fmt: skip
def test_a_setting_is_said_as_it_was_given(value: float, expected: str) -> None:
    """Never as 1e-05."""
    assert words.number(value) == expected


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("{x:.2f}", -0.39, "−0.39"), ("{x:.2f}", np.float32(-0.5), "−0.50"),
        ("{x:,}", -12345, "−12,345"), ("{x:+.1f}", -2.5, "−2.5"), ("{x}", -3, "−3"),
        ("{x:.1f}", -0.01, "0.0"), ("{x:.0%}", -0.001, "0%"), ("{x!r}", -1, "-1"),
        ("{x:.1f}", 0.5, "0.5"), ("{x}", "lr-1", "lr-1"), ("{x}", None, "None"),
    ],
)  # fmt: skip
def test_what_is_filled_into_a_text_has_a_true_minus(text: str, value: Any, expected: str) -> None:
    """Whatever kind of number it is; code stays code, and a word a word."""
    assert texts.filled(text, {"x": value}) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.954, "0.95"), (-20.0, "−20.0"), (9.996, "10.0"), (123.4, "123"), (1204.6, "1,205"),
     (-0.001, "0.00"), (float("nan"), "NaN")],
)  # fmt: skip
def test_a_brief_number_has_at_most_three_digits(value: float, expected: str) -> None:
    """Before the point all of them."""
    assert words.brief(value) == expected


@pytest.mark.parametrize(
    ("step", "expected"), [(1, 0), (20, 0), (0.5, 1), (0.05, 2), (0.001, 3), (0.25, 2)]
)
def test_as_many_digits_as_a_step_has(step: float, expected: int) -> None:
    """A slider of whole numbers shows whole numbers."""
    assert words.places_of(step) == expected
