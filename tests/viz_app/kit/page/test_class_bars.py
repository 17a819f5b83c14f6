"""The bars of a class, as HTML: nothing of an answer is cut, nothing of it is taken for HTML."""

import re

import pytest

from viz_app.kit.chart.style import INKS, Theme
from viz_app.kit.classes.tally import Bar, Tally
from viz_app.kit.page.class_bars import bars

LONG = "because " * 40


def plain(html: str) -> str:
    """The text of it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


def widths(html: str) -> list[float]:
    """The bars' shares of their room."""
    return [float(found) for found in re.findall(r"\* ([\d.]+)\)", html)]


@pytest.mark.parametrize("theme", INKS)
def test_bars_say_counts_shares_and_the_right_one_in_words(theme: Theme) -> None:
    """Not by colour alone; of two rounds which is which; nobody divides by nothing."""
    rows = (Bar("write", (3, 0), (0, 0), False), Bar(LONG, (1, 2), (1, 2), True))
    html = bars(Tally(rows, (4, 2), (1, 2)), INKS[theme], {})
    assert plain(html) == (
        f"write Round 1: 3 (75%) Round 2: 0 (0%) Correct: {LONG.strip()} Round 1: 1 (25%) "
        "Round 2: 2 (100%)"
    )
    assert widths(html) == [0.75, 0.25, 1]
    one = bars(Tally((Bar("a", (0,), (0,), False),), (0,), (0,)), INKS[theme], {})
    assert plain(one) == "a 0"


def test_a_bar_is_coloured_as_far_as_it_is_right() -> None:
    """Some of those who are counted there may be near enough, and others not."""
    ink = INKS["light"]
    html = bars(Tally((Bar("0.6 to 0.7", (3,), (1,), False),), (3,), (1,)), ink, {})
    assert re.findall(r"flex: (\d) 0 0; background: (#\w+)", html) == [
        ("1", ink.accent), ("2", ink.quiet)
    ]  # fmt: skip


def test_names_stand_below_their_answer_and_a_gap_is_seen() -> None:
    """Of those seats that are to be named; nothing is HTML but ours."""
    rows = (
        Bar("<b>0.1</b>", (2,), (0,), False, (1, 3)), Bar("0.9", (1,), (1,), True, (2,), True)
    )  # fmt: skip
    html = bars(Tally(rows, (3,), (1,)), INKS["light"], {1: "<i>Ada</i>", 3: "3"})
    assert "<b>" not in html
    assert "<i>" not in html
    assert plain(html) == (
        "&lt;b&gt;0.1&lt;/b&gt; 2 (67%) &lt;i&gt;Ada&lt;/i&gt; · 3 ⋯ Correct: 0.9 1 (33%)"
    )
