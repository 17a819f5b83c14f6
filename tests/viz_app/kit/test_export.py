"""Figures as files: every format is what it says, whole or not there at all."""

import io
import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import altair as alt
import numpy as np
import pandas as pd
import pypdf
import pytest
import xarray as xr
from PIL import Image

from viz_app.features.gates import data as gates
from viz_app.kit import export
from viz_app.kit.chart.gates_look import GatesLook

MAGIC = {
    "png": b"\x89PNG\r\n\x1a\n",
    "svg": b"<svg",
    "pdf": b"%PDF-",
    "html": b"<!DOCTYPE html>",
    "json": b"{",
}


@pytest.fixture(scope="module")
def chart(layer: Callable[..., xr.Dataset]) -> alt.VConcatChart:
    """The gates of a small LSTM."""
    gate = np.linspace(0.1, 0.9, 40).reshape(8, 1, 5)
    made = layer("lstm", "forget_gate", forget_gate=gate, cell_state=gate - 0.5)
    return gates.view(made).chart(GatesLook(width=400, hover=False), (2, 3))


@pytest.mark.parametrize("kind", MAGIC)
def test_the_ending_says_the_format(tmp_path: Path, chart: Any, kind: str) -> None:
    """Also in capitals and in a folder that is not there yet; nothing else is left behind."""
    path = tmp_path / "new" / f"figure.{kind.upper()}"
    assert export.save(chart, str(path)) == path
    assert path.read_bytes().lstrip().startswith(MAGIC[kind])
    assert path.read_bytes() == export.render(chart, kind) or kind == "pdf"
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o644
    assert set(export.FORMATS) == set(MAGIC) <= set(export.MIME)


def test_a_png_has_two_pixels_a_point() -> None:
    """400 by 300 points, and the surroundings."""
    bare = alt.Chart(alt.Data(values=[{}])).mark_rect().properties(
        width=400, height=300, padding=0, view=alt.ViewConfig(stroke=None)
    )  # fmt: skip
    picture = Image.open(io.BytesIO(export.render(bare, "png")))
    assert picture.size == (800, 600)


def test_text_stays_text(chart: Any) -> None:
    """Titles and notes are words in the SVG, and can be searched and edited."""
    svg = export.render(chart, "svg").decode()
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", svg)
    for words in ("forget gate", "cell state", "time step", "0 shut, 1 open", "unit 2"):
        assert words in texts
    assert any(text.startswith("unit 2 · half-life") for text in texts)


def test_a_notebook_shows_the_same_svg(chart: Any) -> None:
    """With rows that are a data frame beside the chart, which altair's own display loses."""
    shown = export.show(chart)
    assert shown._repr_svg_() == export.render(chart, "svg").decode()
    assert len(repr(shown)) < 20
    rows = pd.DataFrame({"x": [1.5, 2.5], "word": ["here", "there"]})
    kept = alt.Chart(alt.NamedData("kept")).mark_text().encode(x="x:Q", text="word:N")
    kept["datasets"] = {"kept": rows}
    assert ">there<" in export.show(kept)._repr_svg_()


def test_a_web_page_needs_no_network(chart: Any) -> None:
    """Its scripts are inside; nothing is imported or loaded from an address."""
    page = export.render(chart, "html").decode()
    assert not re.findall(r"<script[^>]*\bsrc\s*=", page)
    assert not re.findall(r"<link[^>]*\bhref\s*=", page)
    assert not re.findall(r"""\bimport\s*\(?\s*["']https?:""", page)
    assert not re.findall(r"""\bfrom\s*["']https?:""", page)
    assert not re.findall(r"""@import|url\(\s*["']?https?:""", page)
    assert len(page) > 500_000
    assert "forget gate" in page


def test_json_is_vega_lite_with_its_rows(chart: Any) -> None:
    """It parses without NaN, says which schema, and holds every step of the unit that is drawn."""
    found = json.loads(export.render(chart, "json"), parse_constant=pytest.fail)
    assert "vega-lite" in found["$schema"]
    assert len(found["datasets"]["cells"]) == 8
    for row in found["datasets"]["cells"]:
        expected = 0.1 + 0.8 * (5 * row["time"] + row["unit"]) / 39
        assert row["forget_gate"] == pytest.approx(expected, abs=5.1e-5)


ABOUT = {"run": "mine", "config": '{"a": "<é> & more"}', "step": "400"}


def test_every_format_keeps_where_it_comes_from(chart: Any) -> None:
    """Where such a file keeps it, read by other programs."""
    made = {kind: export.render(chart, kind, ABOUT) for kind in export.FORMATS}
    assert ABOUT.items() <= Image.open(io.BytesIO(made["png"])).text.items()
    tree = ElementTree.fromstring(made["svg"])
    (said,) = tree.findall("{http://www.w3.org/2000/svg}metadata")
    assert json.loads(said.text or "") == ABOUT
    information = pypdf.PdfReader(io.BytesIO(made["pdf"])).metadata
    assert {f"/{name}": value for name, value in ABOUT.items()}.items() <= information.items()
    found = re.search(r'<meta name="gatescope" content="([^"]*)">', made["html"].decode())
    assert found is not None
    assert json.loads(unescape(found[1])) == ABOUT
    assert json.loads(made["json"])["usermeta"]["gatescope"] == ABOUT


@pytest.mark.parametrize(
    "name", ["figure.jpg", "figure", "figure.", ".png", "figure.png.zip", "fig.svgz"]
)
def test_another_ending_is_refused_before_anything_is_drawn(tmp_path: Path, name: str) -> None:
    """One sentence that names the path and all endings; no file, no folder."""
    with pytest.raises(export.FigureError) as error:
        export.save(None, tmp_path / "sub" / name)
    message = str(error.value)
    assert "\n" not in message
    assert name in message
    assert all(f".{kind}" in message for kind in MAGIC)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("broken", ["write_bytes", "replace"])
def test_a_failure_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """As when the disk is full: the old figure stays, and no piece of the new one."""
    old = tmp_path / "figure.json"
    old.write_text("old")
    bare = alt.Chart(alt.Data(values=[{}])).mark_rect()

    def fails(*given: Any) -> None:
        if broken == "write_bytes":
            path, data = given
            path.write_text(data.decode()[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path if broken == "write_bytes" else export.os, broken, fails)
    with pytest.raises(OSError, match="No space left"):
        export.save(bare, old)
    monkeypatch.undo()
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]


def test_what_json_lacks_becomes_null() -> None:
    """NaN and infinity in a data frame; numbers keep their digits."""
    bare = alt.Chart(alt.NamedData("mine")).mark_point()
    bare["datasets"] = {
        "mine": pd.DataFrame({"a": [np.nan, np.inf, 1e-38, 0.1], "b": ["x", None, "z", "w"]})
    }
    found = json.loads(export.render(bare, "json"), parse_constant=pytest.fail)
    assert [row["a"] for row in found["datasets"]["mine"][:2]] == [None, None]
    assert found["datasets"]["mine"][2]["a"] == pytest.approx(1e-38, rel=1e-12)
    assert found["datasets"]["mine"][3] == {"a": 0.1, "b": "w"}
    assert found["datasets"]["mine"][1]["b"] is None


def test_any_chart_of_altair_is_taken(tmp_path: Path) -> None:
    """More than altair's 5,000 rows too, and its limit is as before."""
    frame = pd.DataFrame({"x": np.arange(6000), "y": np.arange(6000) % 7})
    bare = alt.Chart(frame).mark_point().encode(x="x", y="y")
    export.save(bare, tmp_path / "many.json")
    (rows,) = json.loads((tmp_path / "many.json").read_text())["datasets"].values()
    assert len(rows) == 6000
    with pytest.raises(alt.MaxRowsError):
        bare.to_dict()
