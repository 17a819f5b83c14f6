"""A figure's SVG and web page in a real Chromium, beside its PNG."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from viz_app import features
from viz_app.kit import export

MEAN, FAR = 3.0, 0.03
"""Levels of 255 on the average, and the share of pixels that may differ by more than 64: where
letters and lines end, each program blends them in its own way."""


@pytest.mark.parametrize("view", ["connectivity", "gates"])
def test_a_browser_shows_the_same(chromium: Any, tmp_path: Path, view: str) -> None:
    """Pixel for pixel: colour bars below and beside, heatmaps, lines, and its own letters."""
    chart = features.view(view, ["adding-lstm"], {}).chart()
    png = Image.open(io.BytesIO(export.render(chart, "png", dots=96))).convert("RGB")
    one = np.asarray(png, float)
    size = {"width": png.width + 40, "height": png.height + 40}
    for kind, part in (("svg", "svg"), ("html", "#vega-chart svg")):
        path = export.save(chart, tmp_path / f"{view}.{kind}")
        page = chromium.new_page(viewport=size)
        try:
            page.goto(path.as_uri())
            page.wait_for_selector(part)
            page.wait_for_function("document.fonts.status == 'loaded'")
            shot = page.locator(part).first.screenshot()
            loaded = page.evaluate("[...document.fonts].filter(f => f.status == 'loaded').length")
        finally:
            page.close()
        assert loaded == 2
        other = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), float)
        assert np.abs(np.subtract(one.shape, other.shape)).max() <= 2
        rows, columns = np.minimum(one.shape, other.shape)[:2]
        off = np.abs(one[:rows, :columns] - other[:rows, :columns]).max(axis=2)
        assert off.mean() < MEAN
        assert (off > 64).mean() < FAR
