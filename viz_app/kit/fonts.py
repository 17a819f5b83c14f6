"""The type of figures: families that are shipped, so that a file looks the same everywhere.

They are Source Sans 3 and Source Code Pro, the families of the app's pages, cut down to the letters
that charts use, and for Chinese Noto Sans SC, cut down to the characters of our texts and of
everyday. Of these a file gets those that it shows.
"""

import base64
import io
from functools import cache, lru_cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "fonts"
TRUETYPE, WOFF = FOLDER / "truetype", FOLDER / "woff"
"""Apart: who draws loads all that lies in a folder, and of a WOFF draws no text at all."""

FAMILY, MONO = "GateScope Sans", "GateScope Mono"
"""All type; and a text that is drawn letter by letter, each in a place of its own."""

HAN = "GateScope Han"
"""Chinese: whatever draws takes it for letters that the other two do not have."""

WEIGHTS = {"Regular": "100 500", "Semibold": "600 900"}
"""The range of weights by the name of the one that is drawn."""


def file(family: str, weight: str) -> str:
    """The file's name without its ending: in `WOFF` it lies once more, packed for browsers."""
    return f"{family.replace(' ', '')}-{weight}"


FEW = 32
"""Sets of Chinese characters that are kept as fonts."""


HAN_FILE = TRUETYPE / f"{file(HAN, 'Regular')}.ttf"
HAN_PACKED = WOFF / f"{file(HAN, 'Regular')}.woff"
ADDRESS = f"/fonts/{HAN_PACKED.name}"
"""Where a server hands out Chinese, to a browser on a machine that has none."""

HAN_FIRST = "\u2e80"
"""From this letter on there is Chinese, or what stands among it."""


@cache
def lent() -> bytes:
    """Chinese, packed for browsers."""
    return HAN_PACKED.read_bytes()


@cache
def faces(families: tuple[str, ...] = (FAMILY,), weights: tuple[str, ...] = tuple(WEIGHTS)) -> str:
    """Families as CSS, the letters inside it."""
    return "".join(
        f"@font-face{{font-family:'{family}';font-weight:{WEIGHTS[weight]};"
        f"src:url(data:font/woff;base64,{_packed(file(family, weight))}) format('woff')}}"
        for family in families
        for weight in weights
    )


def css(text: str, weights: tuple[str, ...] = tuple(WEIGHTS)) -> str:
    """All that a drawing, or the spec of one, needs: its families, and its Chinese characters."""
    families = faces(used_in(text), weights)
    letters = frozenset(text) & _han() if max(text, default="") >= HAN_FIRST else None
    return families + _han_face(letters) if letters else families


def _han_face(letters: frozenset[str]) -> str:
    """Characters as part of the family that all is set in, of every weight."""
    among = ",".join(f"U+{ord(letter):X}" for letter in sorted(letters))
    return (
        f"@font-face{{font-family:'{FAMILY}';font-weight:100 900;unicode-range:{among};"
        f"src:url(data:font/woff;base64,{_cut(letters)}) format('woff')}}"
    )


@cache
def _han() -> frozenset[str]:
    """The characters that are shipped."""
    from fontTools.ttLib import TTFont  # slow, and not needed for English

    with TTFont(HAN_FILE, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


@lru_cache(FEW)
def _cut(letters: frozenset[str]) -> str:
    """A font of these characters alone, packed for browsers, as base64."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    with TTFont(HAN_FILE, lazy=True) as font:
        cutter = subset.Subsetter(subset.Options(layout_features=[], hinting=False))
        cutter.populate(unicodes=map(ord, letters))
        cutter.subset(font)
        font.flavor, out = "woff", io.BytesIO()
        font.save(out)
    return base64.b64encode(out.getvalue()).decode()


def used_in(text: str) -> tuple[str, ...]:
    """The families that a drawing, or the spec of one, names."""
    return (FAMILY, *([MONO] if MONO in text else []))


def _packed(name: str) -> str:
    return base64.b64encode((WOFF / f"{name}.woff").read_bytes()).decode()
