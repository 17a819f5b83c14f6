"""How much room a text takes, and where its lines end: Latin letters and Chinese ones."""

import re
from textwrap import wrap

import pandas as pd
import pytest

from viz_app.features.step_through.chart_text import depth, length, wrapped
from viz_app.kit.chart.axes import in_lines
from viz_app.kit.chart.breadth import CLOSING, OPENING, WIDE, breadth, lines, pieces
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.tables import in_columns, parted

CHINESE = "遗忘门（GRU 是更新门）是 0.99，半衰期约 69 步：“名字”容易误会，等于 1 的时候什么也不忘。"
ENGLISH = "A forget gate of 0.99 has a half-life of 69 steps; its name is misleading, at 1."


def test_a_chinese_letter_is_nearly_as_wide_as_two() -> None:
    """And so are its full stops; what is Latin counts as it did."""
    assert breadth("LSTM 0.9") == 8
    assert breadth("门。") == 2 * WIDE
    assert breadth("LSTM 的门") == 5 + 2 * WIDE


@pytest.mark.parametrize("text", [CHINESE, ENGLISH, "门", "（", "“A”", "a" * 60, ""])
def test_pieces_are_the_whole_text(text: str) -> None:
    """Nothing is lost between them."""
    assert "".join(pieces(text)) == text


@pytest.mark.parametrize("letters", [8, 12, 20, 31, 50])
def test_lines_fit_and_end_where_they_may(letters: int) -> None:
    """No line is wider, none begins with a closing mark or ends with an opening one, no number and
    no Latin word is parted, and all together are the text."""
    found = lines(CHINESE, letters)
    assert len(found) > 1
    assert max(map(breadth, found)) <= letters
    assert not any(line[0] in CLOSING or line[-1] in OPENING for line in found)
    assert "".join(found).replace(" ", "") == CHINESE.replace(" ", "")
    for whole in ("0.99", "GRU", "69"):
        assert any(whole in line for line in found)


def test_a_text_with_spaces_has_the_lines_it_had() -> None:
    """As the standard library parts it."""
    assert lines(ENGLISH, 30) == wrap(ENGLISH, 30, break_long_words=False)


def test_a_chinese_title_is_parted_by_its_room_not_by_its_letters() -> None:
    """Twenty letters of it do not fit where thirty Latin ones do; two lines are about even."""
    title = "均方误差和朴素预测的均方误差之比（测试集）"
    assert breadth(title) > 30 > len(title)
    found = in_lines(title, 30)
    assert isinstance(found, list)
    assert max(map(breadth, found)) <= 30
    assert in_lines(title, 60) == title


def sentences(expression: str, text: str) -> list[str]:
    """What Vega's ``replace`` makes of a text, in lines."""
    found = re.search(r"regexp\('(.*)', 'g'\)", expression)
    assert found is not None
    pattern = found[1].replace("\\\\", "\\")
    return re.sub(pattern, lambda match: f"{match[1]}\n", text).strip().split("\n")


@pytest.mark.parametrize("letters", [24, 40, 60])
def test_a_sentence_on_the_drawing_has_lines_in_any_script(letters: int) -> None:
    """In Chinese too, where only numbers have spaces about them; as many as there is room for."""
    for text in (CHINESE, ENGLISH):
        found = sentences(wrapped("said", [text], letters), text)
        assert 1 < len(found) <= depth([text], letters)
        assert max(map(length, found)) <= 1.05 * letters
        assert not any(line[-1] in OPENING for line in found)
        assert any("0.99" in line for line in found)
    assert wrapped("said", [CHINESE], length(CHINESE)) == "said"


def test_chinese_columns_of_a_terminal_stand_below_one_another() -> None:
    """A Chinese letter takes two of its columns."""
    table = pd.DataFrame({"准确率": ["97%", "5%"]}, index=pd.Index(["门", "gate"], name="网络"))
    rows = in_columns(table, right=True).split("\n")
    assert rows == ["网络  准确率", "门       97%", "gate      5%"]


def test_a_chinese_table_has_its_columns_side_by_side() -> None:
    """Its texts are broken anywhere, so a long one does not ask for a table of its own."""
    long = "测试均方误差相对于无记忆基线的大小" * 3
    table = pd.DataFrame({long: ["1"], "准确率": ["2"]}, index=pd.Index(["门"], name="网络"))
    assert len(parted(table, 300)) == 1


def test_a_chinese_heading_leaves_room_for_what_is_said_beside_it() -> None:
    """A title's width is that of its letters, so that the hovered value does not lie on it."""
    look = GatesLook()
    assert look.title("细胞状态：原网络") >= 7.99 * (look.type_size + 2)
    assert look.letters("细胞状态") >= 3.99 * look.type_size
