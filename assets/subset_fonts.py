"""Cut the type of figures from Adobe's again: ``python assets/subset_fonts.py FOLDER``.

The folder holds ``SourceSans3-Regular.ttf``, ``SourceSans3-Semibold.ttf`` and ``LICENSE.md``, as in
``TTF`` of the npm package source-sans 3.52.0, and ``SourceCodePro-Regular.ttf`` and
``SourceCodePro-Semibold.ttf``, as in that of source-code-pro 2.42.0, which has the same licence.
Of the ``files`` of the npm package @fontsource/noto-sans-sc 5.3.0, also under that licence, it
holds ``noto-sans-sc-chinese-simplified-400-normal.woff``.
What is cut is a modified version, so by its licence it bears another name.

Of Chinese the characters of all texts are cut, and those of everyday (level 1 of GB 2312): column
names of somebody's file are drawn too. ``python assets/subset_fonts.py FOLDER han`` cuts these
alone, which is to be done when a text has a character that there is not.
"""

import sys
from itertools import chain
from pathlib import Path

from fontTools import subset
from fontTools.misc.transform import Transform
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from viz_app.kit.fonts import FAMILY, FOLDER, HAN, MONO, TRUETYPE, WEIGHTS, WOFF, file
from viz_app.text import FOLDER as TEXTS

RANGES = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x391, 0x3C9), (0x1D40, 0x1D40), (0x2009, 0x200B),
    (0x2010, 0x2027), (0x202F, 0x2033), (0x2070, 0x209C), (0x20A8, 0x20BF), (0x2190, 0x2195),
    (0x2200, 0x22FF), (0x25A0, 0x25FF), (0x2713, 0x2717),
)  # fmt: skip
HAN_SIGNS = ((0x3000, 0x303F), (0xFF00, 0xFFEF))
"""Punctuation, and letters as wide as a character."""

CHINESE = "noto-sans-sc-chinese-simplified-400-normal.woff"
OF_CODE = "© 2023 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'."
"""Whose Source Code Pro is; the licence is that of Source Sans."""

HAN_FIRST = 0x2E80
"""From here on letters are Chinese, or stand among them."""

OF_HAN = "© 2014-2021 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'."
"""Whose Noto Sans SC is."""

OF_TEXTS = ((0x20, 0x7E), (0xA0, 0xFF), (0x2013, 0x201E), (0x2026, 0x2026))
Ranges = tuple[tuple[int, int], ...]
FEATURES = ["ccmp", "kern", "mark", "mkmk", "locl"]
SMALL, DEEP = 0.62, -120
"""Of a small letter below the line: its size, and where it stands."""

BELOW = dict(zip("ₐₑₒₓₕₖₗₘₙₚₛₜᵢ", "aeoxhklmnpsti", strict=True))
"""Letters that the family lacks there, and those they are made of."""

SPACE, RETURN, PAUSE = "␣", "⏎", "❚"
SAME = {"⌀": "Ø"}


def cut(source: Path, family: str, style: str, ranges: Ranges) -> None:
    """One weight, as TrueType for whoever draws and as WOFF for an SVG."""
    font = TTFont(source)
    _add(font, style)
    options = subset.Options(layout_features=FEATURES, hinting=False, name_IDs=[*range(7), 13, 14])
    cutter = subset.Subsetter(options)
    letters = {code for first, last in ranges for code in range(first, last + 1)}
    added = [SPACE, RETURN, *([*BELOW, *SAME, PAUSE] if family == FAMILY else [])]
    cutter.populate(unicodes=letters | set(map(ord, added)))
    cutter.subset(font)
    name = _rename(font, family, style)
    font.save(TRUETYPE / f"{name}.ttf")
    font.flavor = "woff"
    font.save(WOFF / f"{name}.woff")


def everyday() -> set[str]:
    """The 3,755 characters of level 1 of GB 2312, which are 99.7% of what is written."""
    rows = chain(((high, low) for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)),
                 ((0xD7, low) for low in range(0xA1, 0xFA)))  # fmt: skip
    return {bytes(pair).decode("gb2312") for pair in rows}


def in_texts() -> set[str]:
    """Every character of all texts."""
    return set("".join(path.read_text(encoding="utf-8") for path in TEXTS.rglob("*.toml")))


def cut_han(source: Path) -> None:
    """Chinese, of one weight: what draws takes the first font that has a character."""
    font = TTFont(source)
    options = subset.Options(layout_features=[], hinting=False, name_IDs=[*range(7), 13, 14])
    cutter = subset.Subsetter(options)
    signs = {chr(code) for first, last in HAN_SIGNS for code in range(first, last + 1)}
    said = {letter for letter in in_texts() if ord(letter) >= HAN_FIRST}
    cutter.populate(unicodes=map(ord, signs | said | everyday()))
    cutter.subset(font)
    name, font.flavor = _rename(font, HAN, "Regular"), None
    font.save(TRUETYPE / f"{name}.ttf")
    font.flavor = "woff"
    font.save(WOFF / f"{name}.woff")


def _rename(font: TTFont, family: str, style: str) -> str:
    name = file(family, style)
    plain = family if style == "Regular" else f"{family} {style}"
    names = {1: plain, 2: "Regular", 3: name, 4: f"{family} {style}", 6: name, 16: family,
             17: style}  # fmt: skip
    for number, text in names.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    return name


def _add(font: TTFont, style: str) -> None:
    """Letters below the line, and the marks of a space, of a line's end and of a pause."""
    glyphs, known, thick = font.getGlyphSet(), font.getBestCmap(), 62 if style == "Regular" else 96
    for small, letter in BELOW.items():
        pen = TTGlyphPen(None)
        whole = glyphs[known[ord(letter)]]
        plain = DecomposingRecordingPen(glyphs)
        whole.draw(plain)
        plain.replay(TransformPen(pen, Transform(SMALL, 0, 0, SMALL, 0, DEEP)))
        _put(font, small, pen, round(SMALL * whole.width))
    for sign, letter in SAME.items():
        _name(font, sign, known[ord(letter)])
    pen = TTGlyphPen(None)
    for left, bottom, right, top in (
        (60, -120, 440, -120 + thick), (60, -120, 60 + thick, 60), (440 - thick, -120, 440, 60),
    ):  # fmt: skip
        _draw(pen, [(left, bottom), (left, top), (right, top), (right, bottom)])
    _put(font, SPACE, pen, 500)
    pen, half = TTGlyphPen(None), thick // 2
    _draw(pen, [(180, 200 - half), (180, 200 + half), (640 - thick, 200 + half),
                (640 - thick, 520), (640, 520), (640, 200 - half)])  # fmt: skip
    _draw(pen, [(60, 200), (240, 340), (240, 60)])
    _put(font, RETURN, pen, 700)
    pen = TTGlyphPen(None)
    _draw(pen, [(60, 0), (60, 660), (210, 660), (210, 0)])
    _put(font, PAUSE, pen, 270)


def _draw(pen: TTGlyphPen, corners: list[tuple[int, int]]) -> None:
    pen.moveTo(corners[0])
    for corner in corners[1:]:
        pen.lineTo(corner)
    pen.closePath()


def _put(font: TTFont, letter: str, pen: TTGlyphPen, width: int) -> None:
    name = f"uni{ord(letter):04X}"
    font["glyf"][name] = glyph = pen.glyph(dropImpliedOnCurves=False)
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = (width, glyph.xMin)
    _name(font, letter, name)


def _name(font: TTFont, letter: str, name: str) -> None:
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[ord(letter)] = name


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    cut_han(folder / CHINESE)
    for style in WEIGHTS if "han" not in sys.argv else ():
        cut(folder / f"SourceSans3-{style}.ttf", FAMILY, style, RANGES)
        cut(folder / f"SourceCodePro-{style}.ttf", MONO, style, OF_TEXTS)
    if "han" not in sys.argv:
        licence = (folder / "LICENSE.md").read_text(encoding="utf-8")
        head = f"{OF_CODE}\n{OF_HAN}\n\n{licence}"
        (FOLDER / "OFL.md").write_text(head, encoding="utf-8")
