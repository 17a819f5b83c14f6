"""Figures of a size in the world: measured in the files, by other programs."""

import io
import re
from typing import Any

import altair as alt
import pypdf
import pytest
from PIL import Image

from viz_app.kit import export, figure_fit
from viz_app.kit.export import FigureError, Sized
from viz_app.kit.figure_fit import Widths, fit
from viz_app.kit.figure_layout import PRESETS, USUAL, Layout, preset
from viz_app.kit.figure_type import measure

TITLE, CAPTION = "Two lines", "They cross in the middle, and " * 8


def panels(width: int, columns: int = 1) -> alt.HConcatChart:
    """Two charts side by side, with type of a size of its own."""
    rows = alt.Data(values=[{"a": k, "b": k * k} for k in range(5)])
    one = alt.Chart(rows, width=width, height=90, title="panel").mark_line()
    label = alt.Chart(alt.Data(values=[{"a": 1, "b": 9}])).mark_text(text="note", fontSize=13)
    drawn = [(one + label).encode(x="a:Q", y="b:Q") for _ in range(2)]
    return alt.hconcat(*drawn)


@pytest.mark.parametrize(("millimetres", "points"), [(85.0, 7.0), (170.0, 9.0), (254.0, 14.0)])
def test_the_file_is_as_wide_as_asked(millimetres: float, points: float) -> None:
    """In millimetres, points and pixels; the type is as large as asked, but for some percent."""
    figure = fit(panels, Layout(millimetres, points))
    svg = export.render(figure, "svg").decode()
    sizes = dict(re.findall(r' (width|height)="([\d.]+)mm"', svg[:400]))
    assert float(sizes["width"]) == pytest.approx(millimetres, rel=1e-3)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert box is not None
    ratio = float(box[2]) / float(box[1])
    assert float(sizes["height"]) == pytest.approx(millimetres * ratio, rel=1e-3)
    page = pypdf.PdfReader(io.BytesIO(export.render(figure, "pdf"))).pages[0]
    assert float(page.mediabox.width) == pytest.approx(millimetres / 25.4 * 72, rel=5e-3)
    picture = Image.open(io.BytesIO(export.render(figure, "png", dots=300)))
    assert picture.width == pytest.approx(millimetres / 25.4 * 300, abs=2)
    assert picture.info["dpi"] == pytest.approx((300, 300), rel=1e-3)
    # a label of the size of all others, in points of the world
    (drawn,) = set(re.findall(r'font-size="([\d.]+)px"[^>]*>note<', svg))
    world = float(drawn) * figure.scale * 72 / 96
    assert world == pytest.approx(points, rel=0.05)


def test_panels_stand_below_one_another_where_they_would_not_fit() -> None:
    """In a column; side by side on a slide."""
    narrow, wide = fit(panels, Layout(45.0, 8.0)), fit(panels, Layout(254.0, 14.0))
    assert "hconcat" in wide.spec
    assert len(narrow.spec["vconcat"]) == 2
    assert narrow.pixels[1] > narrow.pixels[0]


def test_columns_side_by_side_end_at_one_height() -> None:
    """Of three panels the column of one is as high as that of two, and no lower than it was."""
    rows = alt.Data(values=[{"a": k, "b": k * k} for k in range(5)])

    def stack(width: int, columns: int) -> alt.VConcatChart:
        one = alt.Chart(rows, width=width, height=120).mark_line().encode(x="a:Q", y="b:Q")
        return alt.vconcat(one, one, one)

    found = fit(stack, Layout(300.0, 14.0, height=110.0))
    left, right = found.spec["hconcat"]
    outer = {name: part for name, part in found.spec.items() if name in ("$schema", "config")}
    high = [measure(outer | column)[1] for column in (left, right)]
    assert high[0] == pytest.approx(high[1], rel=0.03)
    heights = [[panel["height"] for panel in column["vconcat"]] for column in (left, right)]
    assert sorted(map(len, heights)) == [1, 2]
    assert found.pixels[1] <= 1.02 * Layout(300.0, 14.0, height=110.0).room[1]


def test_title_and_caption_are_text_and_within_the_width() -> None:
    """Broken into lines; searched for in the PDF."""
    figure = fit(panels, Layout(120.0, 9.0, "dark", TITLE, CAPTION))
    assert figure.pixels[0] * figure.scale == pytest.approx(120 / 25.4 * 96)
    assert abs(figure.scale - 1) < 0.1
    svg = export.render(figure, "svg").decode()
    lines = re.findall(r">([^<]+)</t(?:ext|span)>", svg)
    assert TITLE in lines
    assert sum("cross" in line for line in lines) >= 2
    page = pypdf.PdfReader(io.BytesIO(export.render(figure, "pdf"))).pages[0]
    assert "cross in the middle" in page.extract_text()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"millimetres": 5.0}, "millimetres must be 40 to 600, got 5"),
        ({"points": 100.0}, "points must be 4 to 40, got 100"),
    ],
)
def test_an_impossible_size_is_named(given: dict[str, Any], said: str) -> None:
    """With what was expected."""
    with pytest.raises(FigureError, match=said):
        Layout(**given)


def test_what_fits_nowhere_is_drawn_smaller() -> None:
    """As wide as asked for, and no higher; its type is what gives way."""
    layout = Layout(40.0, 40.0, height=50.0)
    figure = fit(panels, layout)
    width, height = figure.pixels
    assert figure.millimetres == 40
    assert 40 * height / width <= 50.1
    assert figure.scale < layout.scale


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_filled_and_not_overstepped(name: str) -> None:
    """Width, height and type, in the files; what is narrower stands in the middle."""
    layout = preset(name)
    figure = fit(panels, layout)
    page = pypdf.PdfReader(io.BytesIO(export.render(figure, "pdf"))).pages[0]
    wide, high = (float(side) / 72 * 25.4 for side in (page.mediabox.width, page.mediabox.height))
    assert wide == pytest.approx(layout.millimetres, rel=5e-3)
    assert high <= layout.height * 1.005
    assert figure.scale == pytest.approx(layout.scale, rel=0.02)
    svg = export.render(figure, "svg").decode()
    sizes = {float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)}
    assert sizes == {USUAL}


def stack(width: int, columns: int = 1) -> alt.VConcatChart:
    """Panels over one another; the last one alone has the axis that all share."""
    rows = alt.Data(values=[{"a": k, "b": k * k} for k in range(5)])
    drawn = []
    for number in range(6):
        last = number == 5
        x = alt.X("a:Q", axis=alt.Axis(title="step" if last else None, labels=last))
        y = alt.Y("b:Q", title="height", axis=alt.Axis(title=None))
        one = alt.Chart(rows, width=width, height=90, title=f"panel {number}").mark_line()
        drawn.append(one.encode(x=x, y=y))
    return alt.vconcat(*drawn)


def texts_of(figure: Sized) -> list[str]:
    """Every text, in the order in which it is drawn."""
    svg = export.render(figure, "svg").decode()
    found = re.findall(r"<text[^>]*>([^<]+)</text>", svg)
    return [text.strip("\u200b\u00a0") for text in found]


def test_panels_have_letters_and_every_column_its_axis() -> None:
    """In two columns on a slide; vertical axes are named although a page leaves that out."""
    figure = fit(stack, preset("slide"))
    columns = figure.spec["hconcat"]
    assert [len(column["vconcat"]) for column in columns] == [3, 3]
    texts = texts_of(figure)
    for number, letter in enumerate("abcdef"):
        assert letter in texts
        assert f"panel {number}" in texts
    assert texts.count("step") == 2
    assert texts.count("height") == 6


def test_titles_stand_in_as_many_lines_as_they_take() -> None:
    """Beside one another, with names that are longer than the plots: type of the size asked for."""

    def long(width: int, columns: int) -> alt.HConcatChart:
        chart = panels(width)
        for panel in chart.hconcat:
            panel.title = "a title that has no room in one line above so narrow a plot"
            panel.encoding.x.title = "the name of an axis, which is as long again as that"
            panel.encoding.y.title = "and the name of the other one"
        return chart

    layout = preset("nature")
    figure = fit(long, layout)
    assert figure.scale == pytest.approx(layout.scale, rel=0.02)
    left, right = figure.spec["hconcat"]
    for panel in (left, right):
        assert len(panel["title"]["subtitle"]) > 1
        first = panel["encoding"]
        assert len(first["x"]["axis"]["title"]) > 1
        assert " ".join(first["y"]["axis"]["title"]) == "and the name of the other one"
    texts = texts_of(figure)
    assert not any(len(text) > 35 for text in texts)


def test_more_panels_stand_in_a_row_where_the_paper_is_wide() -> None:
    """Three rows of two are one of six on a slide."""

    def grid(width: int, columns: int) -> alt.VConcatChart:
        return alt.vconcat(*(panels(width) for _ in range(3)))

    def high(width: int, columns: int) -> alt.VConcatChart:
        chart = grid(width, columns)
        for row in chart.vconcat:
            for panel in row.hconcat:
                panel.height = 200
        return chart

    rows = fit(high, preset("slide")).spec["vconcat"]
    assert [len(row["hconcat"]) for row in rows] == [3, 3], [len(row["hconcat"]) for row in rows]


def test_a_panel_alone_has_no_letter() -> None:
    """Nothing tells it from others."""
    figure = fit(
        lambda width, columns: panels(width).hconcat[0].properties(title="alone"), preset("nature")
    )
    assert "subtitle" not in figure.spec["title"]


def test_a_preset_by_its_name() -> None:
    """In Python and at the terminal; one that is not there is refused with those that are."""
    layout = preset("nature", theme="dark")
    assert layout.call() == "preset('nature', theme='dark')"
    assert eval(layout.call(), {"preset": preset}) == layout
    assert layout.said() == {"preset": "nature", "theme": "dark"}
    assert Layout(90.0).call() == "Layout(millimetres=90.0)"
    with pytest.raises(FigureError, match="no preset 'science'; available: nature, nature-wide"):
        preset("science")


@pytest.mark.parametrize("millimetres", [60.0, 170.0])
def test_other_colours_are_set_in_fewer_tries(
    millimetres: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As wide as the first came out, and just as if there had been none before."""
    drawn: list[Any] = []
    monkeypatch.setattr(figure_fit, "measure", lambda spec: drawn.append(spec) or measure(spec))
    known: Widths = {}
    fit(panels, Layout(millimetres, 9.0), known)
    first = len(drawn)
    drawn.clear()
    again = fit(panels, Layout(millimetres, 9.0, "dark"), known)
    assert len(drawn) < first
    assert again == fit(panels, Layout(millimetres, 9.0, "dark"))
