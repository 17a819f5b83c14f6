"""Charts as files: PNG, SVG, PDF, HTML or JSON, by the path's ending."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from gatescope.files import write_whole

PNG_SCALE = 2.0


class FigureError(ValueError):
    """A figure that cannot be written; the message says why and what to do."""


def spec(chart: Any) -> dict[str, Any]:
    """The chart as a complete Vega-Lite spec, its rows inside it.

    Parameters
    ----------
    chart
        Any Altair chart; its ``datasets`` may hold data frames, which are not checked row by row.
    """
    bare = chart.copy(deep=False)
    rows = bare._get("datasets")
    bare["datasets"] = alt.Undefined
    with alt.data_transformers.enable("default", max_rows=None):
        found: dict[str, Any] = bare.to_dict(validate=False)
    if rows is not alt.Undefined:
        plain = {name: _rows(data) for name, data in rows.items()}
        found["datasets"] = {**found.get("datasets", {}), **plain}
    return found


def png(found: dict[str, Any]) -> bytes:
    """Two pixels a point."""
    return vl_convert.vegalite_to_png(json.dumps(found), scale=PNG_SCALE)


def svg(found: dict[str, Any]) -> bytes:
    """Text stays text."""
    return vl_convert.vegalite_to_svg(json.dumps(found)).encode()


def pdf(found: dict[str, Any]) -> bytes:
    """Text stays text."""
    return vl_convert.vegalite_to_pdf(json.dumps(found))


def html(found: dict[str, Any]) -> bytes:
    """One file with its JavaScript inside: it opens without a network."""
    return vl_convert.vegalite_to_html(json.dumps(found), bundle=True).encode()


def _json(found: dict[str, Any]) -> bytes:
    return json.dumps(found).encode()


FORMATS: dict[str, Callable[[dict[str, Any]], bytes]] = {
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
}


def render(chart: Any, kind: str) -> bytes:
    """A chart as the bytes of a file of that kind, a key of `FORMATS`."""
    return FORMATS[kind](spec(chart))


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
            f"cannot write {str(path)!r}: a figure ends in {', '.join('.' + k for k in FORMATS)}"
        )
    return kind


def save(chart: Any, path: str | os.PathLike[str]) -> Path:
    """Write a chart; the file appears whole or not at all.

    Parameters
    ----------
    chart
        Any Altair chart.
    path
        Its ending says the format: .png (two pixels a point), .svg, .pdf, .html (its JavaScript
        inside, opens offline) or .json (Vega-Lite).

    Raises
    ------
    FigureError
        When the ending is none of these.
    """
    data = render(chart, require_format(path))
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, data)
    return target


def _rows(data: Any) -> Any:
    """Rows as JSON has them: NaN and infinity, which it lacks, become null."""
    if not isinstance(data, pd.DataFrame):
        return data
    return json.loads(data.to_json(orient="records", double_precision=15))
