"""The type of figures: a family that is shipped, so that a file looks the same everywhere.

It is Source Sans 3, the family of the app's pages, cut down to the letters that charts use.
"""

import base64
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "fonts"
TRUETYPE, WOFF = FOLDER / "truetype", FOLDER / "woff"
"""Apart: who draws loads all that lies in a folder, and of a WOFF draws no text at all."""

FAMILY = "GateScope Sans"
WEIGHTS = {"Regular": "GateScopeSans-Regular.ttf", "Semibold": "GateScopeSans-Semibold.ttf"}
"""The files by the name of their weight; in `WOFF` each once more, packed for browsers."""

_RANGES = {"Regular": "100 500", "Semibold": "600 900"}


@cache
def faces(weights: frozenset[str] = frozenset(WEIGHTS)) -> str:
    """The family as CSS, the letters inside it."""
    return "".join(
        f"@font-face{{font-family:'{FAMILY}';font-weight:{_RANGES[weight]};"
        f"src:url(data:font/woff;base64,{_packed(name)}) format('woff')}}"
        for weight, name in WEIGHTS.items()
        if weight in weights
    )


def _packed(name: str) -> str:
    data = (WOFF / name).with_suffix(".woff").read_bytes()
    return base64.b64encode(data).decode()
