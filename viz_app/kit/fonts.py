"""The type of figures: two families that are shipped, so that a file looks the same everywhere.

They are Source Sans 3 and Source Code Pro, the families of the app's pages, cut down to the letters
that charts use.
"""

import base64
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "fonts"
TRUETYPE, WOFF = FOLDER / "truetype", FOLDER / "woff"
"""Apart: who draws loads all that lies in a folder, and of a WOFF draws no text at all."""

FAMILY, MONO = "GateScope Sans", "GateScope Mono"
"""All type; and a text that is drawn letter by letter, each in a place of its own."""

WEIGHTS = {"Regular": "100 500", "Semibold": "600 900"}
"""The range of weights by the name of the one that is drawn."""


def file(family: str, weight: str) -> str:
    """The file's name without its ending: in `WOFF` it lies once more, packed for browsers."""
    return f"{family.replace(' ', '')}-{weight}"


@cache
def faces(families: tuple[str, ...] = (FAMILY,), weights: tuple[str, ...] = tuple(WEIGHTS)) -> str:
    """Families as CSS, the letters inside it."""
    return "".join(
        f"@font-face{{font-family:'{family}';font-weight:{WEIGHTS[weight]};"
        f"src:url(data:font/woff;base64,{_packed(file(family, weight))}) format('woff')}}"
        for family in families
        for weight in weights
    )


def used_in(text: str) -> tuple[str, ...]:
    """The families that a drawing, or the spec of one, names."""
    return (FAMILY, *([MONO] if MONO in text else []))


def _packed(name: str) -> str:
    return base64.b64encode((WOFF / f"{name}.woff").read_bytes()).decode()
