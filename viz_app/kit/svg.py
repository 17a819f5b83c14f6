"""What Vega draws, mended: colour bars of pixels, whole lines, names that do not count on, type.

Of a gradient that fills a small rectangle svg2pdf, which makes the PDF, draws one end alone, or
another stretch of it. A picture of the same colours is right wherever it is shown. A line of dashes
without gaps shows a seam at each of them.
"""

import base64
import io
import re
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageColor

from viz_app.kit import fonts

FINE = 256
"""Pixels along a colour bar."""

WHOLE = ' stroke-dasharray="1,0"'
"""The dashes of a line that has none."""

_GRADIENT = re.compile(r'<linearGradient id="(\w+)"([^>]*)>(.*?)</linearGradient>')
_STOP = re.compile(r'<stop offset="([^"]+)" stop-color="([^"]+)"/>')
_BAR = re.compile(
    r'<path d="M([\d.-]+),([\d.-]+)h([\d.]+)v([\d.]+)h-[\d.]+Z" fill="url\(#(\w+)\)"[^>]*/>'
)
_WEIGHT = re.compile(r'font-weight="(\w+)"')


def mended(text: str) -> str:
    """Its colour bars made of pixels; names of clips by their order: Vega counts on and on."""
    gradients = {name: (attributes, stops) for name, attributes, stops in _GRADIENT.findall(text)}

    def bar(found: re.Match[str]) -> str:
        x, y, width, height, name = found.groups()
        if name not in gradients:
            return found[0]
        return (
            f'<image x="{x}" y="{y}" width="{width}" height="{height}" '
            f'preserveAspectRatio="none" '
            f'style="image-rendering: optimizeSpeed; image-rendering: pixelated;" '
            f'xlink:href="{_pixels(*gradients[name])}"/>'
        )

    text = _BAR.sub(bar, text).replace(WHOLE, "")
    return _counted_anew(_GRADIENT.sub(_unless_used_in(text), text))


def with_type(text: str) -> str:
    """The letters of its families inside, of weights that are used: any browser shows them."""
    heavy = any(map(_is_heavy, _WEIGHT.findall(text)))
    weights = tuple(fonts.WEIGHTS) if heavy else ("Regular",)
    css = f"<style>{fonts.css(text, weights)}</style>"
    return re.sub(r"<svg[^>]*>", lambda found: found[0] + css, text, count=1)


def _is_heavy(weight: str) -> bool:
    return weight in ("bold", "bolder") or (weight.isdigit() and int(weight) >= 600)


def _unless_used_in(text: str) -> Callable[[re.Match[str]], str]:
    def kept(found: re.Match[str]) -> str:
        return found[0] if f"url(#{found[1]})" in text else ""

    return kept


def _pixels(attributes: str, stops: str) -> str:
    """A gradient as a data URI: a row of pixels, or a column."""
    colours = np.array(
        [[float(offset), *ImageColor.getrgb(colour)[:3]] for offset, colour in _STOP.findall(stops)]
    )
    ends = {side: float(value) for side, value in re.findall(r'([xy][12])="([^"]+)"', attributes)}
    across = ends.get("x1", 0.0) != ends.get("x2", 0.0)
    backward = ends.get("x1", 0.0) > ends.get("x2", 0.0) or ends.get("y1", 0.0) > ends.get(
        "y2", 0.0
    )
    places = (np.arange(FINE) + 0.5) / FINE
    pixels = np.stack(
        [np.interp(places, colours[:, 0], colours[:, channel]) for channel in (1, 2, 3)], axis=-1
    )
    pixels = np.rint(pixels[::-1] if backward else pixels).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels[None] if across else pixels[:, None]).save(file, format="PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def _counted_anew(text: str) -> str:
    order: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        return order.setdefault(found[0], f"{found[1]}{len(order)}")

    return re.sub(r"\b(gradient_|clip)\d+\b", named, text)
