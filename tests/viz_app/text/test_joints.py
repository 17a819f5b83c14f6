"""Where a value meets a Chinese sentence there is a space or none, as the two letters ask."""

import pytest

from viz_app.text.joints import fill, joint


@pytest.mark.parametrize("text", ["读不了{name}：坏了", "读不了 {name}：坏了"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.csv", "读不了 a.csv：坏了"),
        ("3", "读不了 3：坏了"),
        ("−3%", "读不了 −3%：坏了"),
        ("这个文件", "读不了这个文件：坏了"),
        ("“a”", "读不了“a”：坏了"),
        ("", "读不了：坏了"),
    ],
)
def test_a_value_is_set_off_as_it_asks(text: str, name: str, said: str) -> None:
    """However the translator wrote it."""
    assert fill(text, {"name": name}) == said


def test_both_sides_and_neighbours() -> None:
    """What follows a value, values side by side, and formats."""
    assert fill("{a}的{b:.0%}", {"a": "LSTM", "b": 0.5}) == "LSTM 的 50%"
    assert fill("{a} 的 {b}", {"a": "训练集", "b": "均值"}) == "训练集的均值"
    assert fill("{a}{b}", {"a": "1", "b": "年"}) == "1年"  # no sentence of theirs: as it is
    assert fill("第{a!r}行{{x}}", {"a": "q"}) == "第'q'行{x}"
    assert fill("准确率{a:>{width}}", {"a": 1, "width": 3}) == "准确率  1"


@pytest.mark.parametrize(
    "text", ["{name} is there", "the file {name} there", "{name}, {name} · {name}"]
)
def test_other_scripts_stay_as_they_are(text: str) -> None:
    """With a Chinese name in them too."""
    assert fill(text, {"name": "文件"}) == text.format(name="文件")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("一  ", "二"),
        ("一  \n", "二"),
        ("一 · ", "二"),
        ("一", " · 2"),
        ("", "a"),
        ("一 ", "**二**"),
    ],
)
def test_other_room_stays(first: str, second: str) -> None:
    """Two spaces, ends of lines and marks between."""
    assert joint(first, second) == first + second


def test_bold_type_after_a_mark_brings_no_room() -> None:
    """The mark has its own."""
    assert joint("关着。 ", "**保留**：开着") == "关着。**保留**：开着"


def test_what_is_lacking_is_an_error() -> None:
    """As in any other text."""
    with pytest.raises(KeyError):
        fill("没有{name}", {})


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("一。 ", "2 步", "一。2 步"),
        ("一。 ", "LSTM", "一。LSTM"),
        ("一。 ", "**LSTM**：二。", "一。**LSTM**：二。"),
        ("一。 ", "**二**。", "一。**二**。"),
        ("LSTM ", "（一）", "LSTM（一）"),
        ("第 1 层（LSTM） ", "0.95", "第 1 层（LSTM）0.95"),
        ("“一。” ", "二", "“一。”二"),
        ("“One.” ", "“Two.”", "“One.” “Two.”"),
        ("“One.” ", "Two", "“One.” Two"),
    ],
)
def test_a_mark_brings_its_own_room(first: str, second: str, whole: str) -> None:
    """A full-width one; quotation marks only beside a letter of theirs."""
    assert joint(first, second) == whole
