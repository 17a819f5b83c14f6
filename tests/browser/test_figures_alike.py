"""A figure's SVG and web page in a real Chromium, beside its PNG: every view at one preset."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.viz_app.features.test_figures_at_presets import figure
from tests.viz_app.kit.test_formats_alike import in_blocks
from viz_app.features import VIEWS
from viz_app.kit import export, fonts

MEAN, BLOCK = 12.0, 80
"""Levels of 255 on the average, and by which the mean of a small square may differ: where letters
and lines end, each program blends them in its own way, half a pixel further."""

FINE = 2
"""Dots for a pixel of a page."""

PLAYED = ("start",)
"""With a button in a browser alone."""

ALWAYS = ("gates", "text")
"""Heatmaps, lines, and both families of letters."""


@pytest.mark.parametrize(
    "view", [pytest.param(name, marks=() if name in ALWAYS else pytest.mark.long) for name in VIEWS]
)
def test_a_browser_shows_the_same(chromium: Any, tmp_path: Path, view: str) -> None:
    """Square by square, with its own letters; an SVG as large as on paper."""
    found = figure(view, "nature")
    path = tmp_path / "figure"
    kinds = [("svg", "svg", 96.0), ("html", "#vega-chart svg", 96 / found.scale)]
    for kind, part, dots in kinds[: 1 if view in PLAYED else 2]:
        data = export.render(found, "png", dots=FINE * dots)
        png = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), float)
        file = export.save(found, path.with_suffix(f".{kind}"))
        high, wide = (int(side / FINE) + 60 for side in png.shape[:2])
        context = chromium.new_context(
            viewport={"width": wide, "height": high}, device_scale_factor=FINE
        )
        try:
            page = context.new_page()
            page.goto(file.as_uri())
            page.wait_for_selector(part)
            page.wait_for_function("document.fonts.status == 'loaded'")
            shot = page.locator(part).first.screenshot()
            loaded = page.evaluate(
                "[...document.fonts].filter(f => f.status == 'loaded').map(f => f.family)"
            )
        finally:
            context.close()
        assert {name.strip("'\"") for name in loaded} >= {fonts.FAMILY}
        other = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), float)
        assert np.abs(np.subtract(png.shape, other.shape)).max() <= 3
        rows, columns = np.minimum(png.shape, other.shape)[:2]
        one, other = png[:rows, :columns], other[:rows, :columns]
        assert np.abs(one - other).max(axis=2).mean() < MEAN
        assert np.abs(in_blocks(one) - in_blocks(other)).max() < BLOCK
