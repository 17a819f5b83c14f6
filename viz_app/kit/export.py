"""Charts as files: PNG, SVG, PDF, HTML or JSON, by the path's ending, with where they come from."""

import io
import json
import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import altair as alt
import pandas as pd
import pypdf
from PIL import Image, PngImagePlugin

from gatescope.files import write_whole
from viz_app.kit import drawing, fonts
from viz_app.kit.chart import records
from viz_app.kit.svg import with_type
from viz_app.text import say

DOTS_AN_INCH = 192.0
"""Of a PNG: two for each pixel of a chart, which is a 96th of an inch, as in CSS."""

MILLIMETRES_AN_INCH = 25.4
About = Mapping[str, str]
"""What a figure shows and how it was made, by name: run, settings, training step, version."""

NOTHING: About = {}
WORD = "gatescope"
"""Under this name a file keeps where it comes from."""


logging.getLogger("pypdf").setLevel(logging.ERROR)  # it remarks upon how the PDF was numbered


class FigureError(ValueError):
    """A figure that cannot be written; the message says why and what to do."""


def spec(chart: Any) -> dict[str, Any]:
    """The chart as a complete Vega-Lite spec, its rows inside it.

    Parameters
    ----------
    chart
        Any Altair chart; its ``datasets`` may hold data frames, which are not checked row by row,
        and its ``usermeta`` Vega signals, which belong into the config. A complete spec stays so.
    """
    if isinstance(chart, dict):
        return chart
    bare = chart.copy(deep=False)
    rows = bare._get("datasets")
    bare["datasets"] = alt.Undefined
    with records.of_any_number():
        found: dict[str, Any] = bare.to_dict(validate=False)
    if rows is not alt.Undefined:
        plain = {name: _rows(data) for name, data in rows.items()}
        found["datasets"] = {**found.get("datasets", {}), **plain}
    signals = found.get("usermeta", {}).pop("signals", None)
    if signals is not None:
        found["config"]["signals"] = signals
    return found


@dataclass(frozen=True)
class Sized:
    """A figure of a size in the world.

    Attributes
    ----------
    spec
        A finished spec.
    pixels
        Width and height of what it draws.
    millimetres
        How wide that is to be.
    """

    spec: dict[str, Any]
    pixels: tuple[float, float]
    millimetres: float

    @property
    def scale(self) -> float:
        """By how much a 96th of an inch, which is a chart's pixel, grows."""
        return self.millimetres / MILLIMETRES_AN_INCH * 96 / self.pixels[0]


def png(figure: Sized | dict[str, Any], about: About, dots: float) -> bytes:
    """Pixels, so many an inch; what it is about as text chunks."""
    scale = dots / 96 * (figure.scale if isinstance(figure, Sized) else 1.0)
    data = drawing.draw("png", _drawn(figure), scale=scale)
    if not about and not isinstance(figure, Sized):
        return data
    chunks = PngImagePlugin.PngInfo()
    for name, value in about.items():
        chunks.add_itxt(name, value)
    out = io.BytesIO()
    Image.open(io.BytesIO(data)).save(out, "png", pnginfo=chunks, dpi=(dots, dots))
    return out.getvalue()


def svg(figure: Sized | dict[str, Any], about: About, dots: float) -> bytes:
    """Text stays text, its letters inside; what it is about as a metadata element."""
    text = with_type(_drawn(figure))
    shown = escape(_spec(figure).get("description", ""), {'"': "&quot;"})
    said = f'<metadata id="{WORD}">{escape(json.dumps(dict(about)))}</metadata>' if about else ""

    def opened(found: re.Match[str]) -> str:
        tag = found[0]
        if isinstance(figure, Sized):
            high = figure.millimetres * figure.pixels[1] / figure.pixels[0]
            for side, size in (("width", figure.millimetres), ("height", high)):
                tag = re.sub(rf' {side}="[^"]*"', f' {side}="{size:.4g}mm"', tag, count=1)
        heard = f' role="img" aria-label="{shown}">' if shown else ">"
        return tag.removesuffix(">") + heard + said

    return re.sub(r"<svg[^>]*>", opened, text, count=1).encode()


def pdf(figure: Sized | dict[str, Any], about: About, dots: float) -> bytes:
    """Text stays text; what it is about in the document's information."""
    data = drawing.draw("pdf", _drawn(figure))
    if not about and not isinstance(figure, Sized):
        return data
    document = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    document.add_metadata({f"/{name}": value for name, value in about.items()})
    if isinstance(figure, Sized):
        document.pages[0].scale_by(72 / 96 * figure.scale)
    out = io.BytesIO()
    document.write(out)
    return out.getvalue()


_LOADED = "Promise.all([...document.fonts].map(face => face.load()))"


def html(figure: Sized | dict[str, Any], about: About, dots: float) -> bytes:
    """One file with its JavaScript and its letters inside: it opens without a network.

    Vega measures text, so it waits for the letters.
    """
    spec = json.dumps(_spec(figure), ensure_ascii=False)
    text = drawing.draw("html", spec, bundle=True).decode()
    text = text.replace("<head>", f"<head><style>{fonts.css(spec)}</style>", 1)
    before, begin, after = text.rpartition("vegaEmbed(")
    text = f"{before}{_LOADED}.then(() => {begin}{after.replace(', opts)', ', opts))', 1)}"
    if about:
        said = escape(json.dumps(dict(about)), {'"': "&quot;"})
        text = text.replace("<head>", f'<head><meta name="{WORD}" content="{said}">', 1)
    return text.encode()


def _json(figure: Sized | dict[str, Any], about: About, dots: float) -> bytes:
    found = _spec(figure)
    if about:
        found = found | {"usermeta": found.get("usermeta", {}) | {WORD: dict(about)}}
    return json.dumps(found).encode()


def _drawn(figure: Sized | dict[str, Any]) -> str:
    return drawing.svg(json.dumps(_spec(figure)))


def _spec(figure: Sized | dict[str, Any]) -> dict[str, Any]:
    return figure.spec if isinstance(figure, Sized) else figure


FORMATS: dict[str, Callable[[Sized | dict[str, Any], About, float], bytes]] = {
    "png": png,
    "svg": svg,
    "pdf": pdf,
    "html": html,
    "json": _json,
}
MIME = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "html": "text/html",
    "json": "application/json",
    "csv": "text/csv",
    "md": "text/markdown",
    "tex": "text/x-tex",
    "nc": "application/x-netcdf",
}


def render(chart: Any, kind: str, about: About = NOTHING, dots: float = DOTS_AN_INCH) -> bytes:
    """A chart as the bytes of a file.

    Parameters
    ----------
    chart
        Any Altair chart, or a `Sized` figure.
    kind
        A key of `FORMATS`.
    about
        Where it comes from: kept in the file as its metadata.
    dots
        Of a PNG: dots an inch.
    """
    return FORMATS[kind](chart if isinstance(chart, Sized) else spec(chart), about, dots)


def require_format(path: str | os.PathLike[str]) -> str:
    """The kind of figure that a path's ending asks for.

    Raises
    ------
    FigureError
        When there is no such kind; the message lists those there are.
    """
    kind = Path(path).suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise FigureError(
            say("figures.wrong_ending", path=str(path), endings=", ".join(f".{k}" for k in FORMATS))
        )
    return kind


def save(
    chart: Any,
    path: str | os.PathLike[str],
    about: About = NOTHING,
    dots: float = DOTS_AN_INCH,
) -> Path:
    """Write a chart; the file appears whole or not at all.

    Parameters
    ----------
    chart
        Any Altair chart, or a `Sized` figure.
    path
        Its ending says the format: .png, .svg, .pdf, .html (its JavaScript inside, opens
        offline) or .json (Vega-Lite).
    about, dots
        As in `render`.

    Raises
    ------
    FigureError
        When the ending is none of these.
    """
    data = render(chart, require_format(path), about, dots)
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, data)
    return target


@dataclass(frozen=True)
class Shown:
    """A drawn figure as a notebook shows it.

    Attributes
    ----------
    text
        The SVG.
    """

    text: str = field(repr=False)

    def _repr_svg_(self) -> str:
        """Asked for by a notebook."""
        return self.text


def show(chart: Any) -> Shown:
    """A chart to look at in a notebook: an SVG, drawn on this machine, without a network.

    A notebook that is left to show a chart by itself fetches Vega over the network, and loses the
    rows of those that keep them as data frames.

    Parameters
    ----------
    chart
        Any Altair chart, or a `Sized` figure.
    """
    return Shown(render(chart, "svg").decode())


def _rows(data: Any) -> Any:
    """Rows as JSON has them: NaN and infinity, which it lacks, become null."""
    if not isinstance(data, pd.DataFrame):
        return data
    return json.loads(data.to_json(orient="records", double_precision=15))
