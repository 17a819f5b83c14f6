"""Figures of a size in the world: measured in the files, by other programs."""

import io
import re
from typing import Any

import altair as alt
import pypdf
import pytest
from PIL import Image

from viz_app.kit import export, figure_layout
from viz_app.kit.export import FigureError
from viz_app.kit.figure_layout import Layout, fit, measure

TITLE, CAPTION = "Two lines", "They cross in the middle, and " * 8


def panels(width: int) -> alt.HConcatChart:
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


def test_a_figure_that_is_too_narrow_is_one_sentence() -> None:
    """With the mend."""
    with pytest.raises(FigureError, match="cannot be 40 mm wide with type of 40 points: make it"):
        fit(panels, Layout(40.0, 40.0))


@pytest.mark.parametrize("millimetres", [60.0, 170.0])
def test_other_colours_are_set_in_fewer_tries(
    millimetres: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As wide as the first came out, and just as if there had been none before."""
    drawn: list[Any] = []
    monkeypatch.setattr(figure_layout, "measure", lambda spec: drawn.append(spec) or measure(spec))
    known: figure_layout.Widths = {}
    fit(panels, Layout(millimetres, 9.0), known)
    first = len(drawn)
    drawn.clear()
    again = fit(panels, Layout(millimetres, 9.0, "dark"), known)
    assert len(drawn) < first
    assert again == fit(panels, Layout(millimetres, 9.0, "dark"))
