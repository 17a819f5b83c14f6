"""One figure in every format: the same pixels, whoever draws them, and the same letters."""

import base64
import io
import re
from pathlib import Path
from string import printable

import altair as alt
import numpy as np
import pypdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from viz_app.features import Gates
from viz_app.kit import export, fonts
from viz_app.kit.chart.raster import Raster, bar_below, centred, colour_key, image, power_key
from viz_app.kit.chart.style import (
    FONT,
    GATE_TABLE,
    MONO,
    STATE_TABLES,
    ColourTable,
    config,
)
from viz_app.text import FOLDER, speaking

SIDE, BLOCK = 8, 60
"""Pixels of a square, and levels by which its mean may differ: where letters stand in it, by some.
"""

ROOT = Path(__file__).parents[3]

NEAR = 6
"""Levels of 255 by which a bar's colour may miss the picture's: a pixel lies between two."""

MEAN, FAR = 2.0, 0.02
"""Levels on the average between two formats, and the share of pixels that may differ by more than
48: where letters and lines end, each program blends them in its own way."""


def bars(kind: str) -> alt.LayerChart:
    """A picture with every colour of its bar, which lies below it or stands beside it."""
    table: ColourTable = STATE_TABLES["light"] if kind == "beside" else GATE_TABLE
    values = np.linspace(-2, 2, 200)[None]
    row = Raster(values, -2, 2, table).row()
    x, y = (alt.X("x:Q", scale=centred(200)), alt.Y("y:Q", scale=centred(1, reverse=True)))
    picture = image(alt.Data(values=[row]), x, y)
    if kind == "powers":
        key = power_key("powers", (1e-2, 1e2))
    else:
        legend = alt.Legend(title="value", gradientLength=120, gradientOpacity=1)
        if kind == "below":
            legend = bar_below("value", [-2, 0, 2])
        key = colour_key(-2, 2, table.scale(-2, 2), legend)
    chart = alt.layer(picture, key).properties(width=400, height=40, title="→ − ½ ‖∂‖ hₜ₋₁")
    return chart.configure(**config("light"))


def drawn_bar() -> alt.Chart:
    """A bar that is a mark, its colours written as charts write them."""
    last = len(GATE_TABLE.colours) - 1
    stops = [{"offset": k / last, "color": colour} for k, colour in enumerate(GATE_TABLE.colours)]
    blend = {"gradient": "linear", "x1": 0, "x2": 1, "y1": 0, "y2": 0, "stops": stops}
    one = alt.Chart(alt.Data(values=[{}]), width=300, height=40)
    return one.mark_rect(fill=blend, stroke=None, x=20, x2=260, y=10, y2=30)


def of_pdf(data: bytes, size: tuple[int, int]) -> Image.Image:
    """The first page, as pdfium draws it."""
    document = pypdfium2.PdfDocument(data)
    try:
        page = document[0]
        return page.render(scale=size[0] / page.get_width()).to_pil().convert("RGB").resize(size)
    finally:
        document.close()


def require_alike(first: Image.Image, second: Image.Image) -> None:
    """The same but for the edges of letters and lines."""
    one, other = (np.asarray(picture.convert("RGB"), float) for picture in (first, second))
    assert one.shape == other.shape
    off = np.abs(one - other).max(axis=2)
    assert off.mean() < MEAN
    assert (off > 48).mean() < FAR
    require_alike_in_blocks(first, second)


def require_alike_in_blocks(first: Image.Image, second: Image.Image) -> None:
    """No small part, as a colour bar, is another."""
    one, other = (
        in_blocks(np.asarray(picture.convert("RGB"), float)) for picture in (first, second)
    )
    assert np.abs(one - other).max() < BLOCK


def in_blocks(pixels: np.ndarray) -> np.ndarray:
    """Means over squares."""
    rows, columns = (side // SIDE for side in pixels.shape[:2])
    whole = pixels[: rows * SIDE, : columns * SIDE]
    return whole.reshape(rows, SIDE, columns, SIDE, 3).mean(axis=(1, 3))


def bar_colours(picture: Image.Image, kind: str) -> np.ndarray:
    """The middle of the bar from its lower end to its upper one: 21 of its colours."""
    pixels = np.asarray(picture.convert("RGB"), int)
    coloured = (np.ptp(pixels, axis=2) > 24) | (pixels.max(axis=2) < 90)
    if kind == "beside":
        right = pixels.shape[1] - 1 - np.argmax(coloured.sum(axis=0)[::-1] > 120)
        column = right - 8
        there = np.flatnonzero(np.convolve(coloured[:, column], np.ones(9), "same") >= 5)
        line = pixels[there[0] : there[-1] + 1, column][::-1]
    else:
        last = pixels.shape[0] - 1 - np.argmax(coloured.sum(axis=1)[::-1] > 200)
        height = next(k for k in range(60) if coloured[last - k].sum() <= 200)
        row = last - height // 2
        there = np.flatnonzero(coloured[row])
        line = pixels[row, there[0] : there[-1] + 1]
    return line[np.linspace(4, len(line) - 5, 21).round().astype(int)]


@pytest.mark.parametrize("kind", ["below", "beside", "powers"])
def test_a_colour_bar_has_the_pictures_colours(kind: str) -> None:
    """In PNG, SVG and PDF, from one end to the other: not one flat colour, and not stretched."""
    chart = bars(kind)
    png = Image.open(io.BytesIO(export.render(chart, "png"))).convert("RGB")
    pdf = of_pdf(export.render(chart, "pdf"), png.size)
    table = STATE_TABLES["light"] if kind == "beside" else GATE_TABLE
    expected = table.rgb(np.linspace(0, 1, 21)).astype(int)
    for picture in (png, pdf):
        found = bar_colours(picture, kind)
        # a place is known to some pixels of the bar, which is 240 long: 3 in a hundred
        steps = np.abs(np.diff(expected, axis=0)).max()
        assert np.abs(found[2:-2] - expected[2:-2]).max() <= NEAR + 0.6 * steps
        assert np.abs(found - expected).mean() <= NEAR
    require_alike(png, pdf)
    svg = export.render(chart, "svg").decode()
    assert "linearGradient" not in svg
    assert len(re.findall(r"<image ", svg)) == 2


def test_a_bar_that_is_a_mark_has_them_too() -> None:
    """As the small scale in the line of a heatmap's title."""
    png = Image.open(io.BytesIO(export.render(drawn_bar(), "png"))).convert("RGB")
    pdf = of_pdf(export.render(drawn_bar(), "pdf"), png.size)
    expected = GATE_TABLE.rgb(np.linspace(0, 1, 21)).astype(int)
    for picture in (png, pdf):
        assert np.abs(bar_colours(picture, "below") - expected).mean() <= NEAR


def test_a_line_that_is_told_by_having_no_dashes_has_none() -> None:
    """In a PDF its dashes, without gaps between them, would have seams, and its corners none."""
    rows = alt.Data(values=[{"a": 0, "b": 0}, {"a": 1, "b": 3}, {"a": 2, "b": 1}])
    line = alt.Chart(rows, width=200, height=200).mark_line(strokeDash=[1, 0], strokeWidth=9)
    chart = line.encode(x=alt.X("a:Q", axis=None), y=alt.Y("b:Q", axis=None))
    assert "stroke-dasharray" not in export.render(chart, "svg").decode()
    png = Image.open(io.BytesIO(export.render(chart, "png"))).convert("RGB")
    require_alike(png, of_pdf(export.render(chart, "pdf"), png.size))


def test_letters_are_inside() -> None:
    """The shipped family alone in a PDF; in an SVG and a web page as a face of their own."""
    chart = bars("below")
    pdf = export.render(chart, "pdf")
    used = set(re.findall(rb"/BaseFont */(?:\w+\+)?([\w-]+)", pdf))
    assert used == {b"GateScopeSans-Regular", b"GateScopeSans-Semibold"}
    for kind in ("svg", "html"):
        text = export.render(chart, kind).decode()
        assert text.count("@font-face") == 2
        assert f"font-family:'{fonts.FAMILY}'" in text
        assert "url(data:font/woff;base64," in text
    plain = alt.Chart(alt.Data(values=[{}])).mark_text(text="regular")
    light = export.render(plain.configure(**config("light")), "svg").decode()
    assert light.count("@font-face") == 1


def test_a_text_has_letters_of_one_width_inside() -> None:
    """Only where one is drawn; whoever opens it needs no such family."""
    letters = alt.Chart(alt.Data(values=[{}])).mark_text(text="mono", font=fonts.MONO)
    chart = letters.configure(**config("light"))
    assert b"GateScopeMono-Regular" in export.render(chart, "pdf")
    for kind in ("svg", "html"):
        text = export.render(chart, kind).decode()
        assert text.count(f"font-family:'{fonts.MONO}'") == (1 if kind == "svg" else 2)


def test_the_family_has_every_letter_that_is_said() -> None:
    """Of all texts in English, and all that charts write."""
    said = "".join(path.read_text("utf-8") for path in (FOLDER / "en").glob("*.toml"))
    charts = [*(ROOT / "viz_app").rglob("chart*.py"), *(ROOT / "viz_app/kit/chart").glob("*.py")]
    said += "".join(path.read_text("utf-8") for path in charts)
    said += "ΑΒΓΔΘΛΞΠΣΦΨΩαβγδεζηθικλμνξπρστυφχψω⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉₊₋‘’“”‚„«»–—…€£"
    wanted = {letter for letter in said if letter.isprintable() and letter < fonts.HAN_FIRST}
    for family, letters in ((fonts.FAMILY, wanted), (fonts.MONO, {*printable[:95], "⏎", "␣"})):
        for weight in fonts.WEIGHTS:
            font = TTFont(fonts.TRUETYPE / f"{fonts.file(family, weight)}.ttf")
            assert font["name"].getBestFamilyName() == family
            assert letters - {chr(code) for code in font.getBestCmap()} == set()


def test_chinese_has_every_character_that_is_said() -> None:
    """Of all texts in all languages: else ``assets/subset_fonts.py`` is to be run again."""
    said = "".join(path.read_text("utf-8") for path in FOLDER.rglob("*.toml"))
    there: set[str] = set()
    for family in (fonts.FAMILY, fonts.HAN):
        font = TTFont(fonts.TRUETYPE / f"{fonts.file(family, 'Regular')}.ttf")
        there |= {chr(code) for code in font.getBestCmap()}
    assert {letter for letter in said if letter.isprintable()} - there == set()


@pytest.fixture(scope="module")
def chinese() -> dict[str, bytes]:
    """A chart in Chinese as each kind of file, drawn on a machine with no font but ours."""
    view = Gates("adding-lstm")
    with speaking("zh"):
        chart = view.chart(width=400)
        return {kind: export.render(chart, kind) for kind in ("png", "svg", "pdf", "html")}


def test_chinese_is_in_the_file(chinese: dict[str, bytes]) -> None:
    """A PDF has the family's letters; an SVG and HTML those that they show, and no more."""
    assert b"GateScopeHan" in chinese["pdf"]
    text = pypdf.PdfReader(io.BytesIO(chinese["pdf"])).pages[0].extract_text()
    assert "输入门" in text
    for kind in ("svg", "html"):
        drawn = chinese[kind].decode()
        (face,) = re.findall(r"@font-face\{[^}]*unicode-range:([^;]*);[^}]*\}", drawn)
        (data,) = re.findall(r"unicode-range:[^}]*base64,([^)]*)\)", drawn)
        font = TTFont(io.BytesIO(base64.b64decode(data)))
        there = {f"U+{code:X}" for code in font.getBestCmap()}
        assert there == set(face.split(","))
        assert {f"U+{ord(letter):X}" for letter in "输入门遗忘时间步"} <= there
        assert len(there) < 300
        assert len(data) < 120_000


def test_a_chinese_character_is_drawn_and_no_box() -> None:
    """Two of the same strokes as the font has them, where a box would be the same for both."""

    def pixels(text: str) -> bytes:
        chart = alt.Chart(alt.Data(values=[{}])).mark_text(text=text, fontSize=40)
        return export.render(chart.configure(**config("light")), "png")

    one, other, box = pixels("门"), pixels("步"), pixels("\U0003ffff")
    assert len({one, other, box}) == 3


def test_english_brings_no_chinese() -> None:
    """Neither letters, nor the time to cut them."""
    assert fonts.css("GateScope Sans: a − b · 3·10⁻⁵") == fonts.faces()


def test_the_families_are_small_and_their_licence_beside_them() -> None:
    """Latin less than 260 kB in all, Chinese 2 MB; no name that its licence reserves."""
    files = [path for path in fonts.FOLDER.rglob("*") if path.is_file()]
    han = [path for path in files if "Han" in path.name]
    assert sum(path.stat().st_size for path in files if path not in han) < 260_000
    assert sum(path.stat().st_size for path in han) < 2_000_000
    assert "SIL OPEN FONT LICENSE" in (fonts.FOLDER / "OFL.md").read_text("utf-8")
    assert "Source" not in fonts.FAMILY + fonts.MONO + fonts.HAN
    assert (FONT.partition(",")[0], MONO.partition(",")[0]) == (fonts.FAMILY, fonts.MONO)
