"""Every view at every preset: as wide as asked for, no higher than allowed, its type large enough.

And its PDF shows what its PNG does; `tests/browser/test_figures_alike.py` sees SVG and HTML.
"""

import base64
import io
from functools import cache

import numpy as np
import pytest
from PIL import Image

from tests.viz_app.kit.test_formats_alike import of_pdf, require_alike_in_blocks
from viz_app import features
from viz_app.features import VIEWS, view_of
from viz_app.kit import export
from viz_app.kit.export import Sized
from viz_app.kit.figure_layout import PRESETS, preset
from viz_app.kit.figure_type import measure

RUNS = {
    "sentiment": ("reviews-gru",), "sentiment-scores": ("reviews-gru",),
    "forecast": ("forecast-dengue-4-gru",), "text": ("characters-gru",),
    "halves": ("both-ways-ends", "both-ways-last"), "layers": ("layers-gru-lstm",),
    "techniques": ("aid-weather", "aid-weather-plateau"),
}  # fmt: skip
"""Of views that not every run has."""

LEAST = 0.6
"""Of the type's size that is asked for, that which a figure of many panels may have."""


ROUNDED = 1.005
"""Sizes are rounded to whole pixels."""

FAR_BELOW = -0.25
"""Of a cell state that is as large as 4.6; nearer to 0 the colour is that of 0, nearly."""

ALWAYS = ("nature",)
"""The narrowest, at which most can go wrong; the others are tried with what is long."""


every_preset = pytest.mark.parametrize(
    "size",
    [pytest.param(size, marks=() if size in ALWAYS else pytest.mark.long) for size in PRESETS],
)


@cache
def figure(name: str, size: str) -> Sized:
    """A view, set."""
    made = features.view(name, RUNS.get(name, ("adding-lstm",)), {}).figure()
    return made.set(preset(size))


@every_preset
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_fits_every_preset(name: str, size: str) -> None:
    """None is refused; what is one drawing has smaller type instead."""
    layout, found = preset(size), figure(name, size)
    width, height = found.pixels
    assert measure(found.spec) == pytest.approx(found.pixels, abs=0.5)
    assert found.millimetres == layout.millimetres
    assert layout.millimetres * height / width <= layout.height * ROUNDED
    smaller = found.scale / layout.scale
    assert smaller <= ROUNDED
    assert smaller >= (0.4 if view_of(name).one_drawing else LEAST)


@every_preset
@pytest.mark.parametrize("name", VIEWS)
def test_a_pdf_shows_what_a_png_does(name: str, size: str) -> None:
    """Square by square, colour bars too: of letters and lines only the edges differ."""
    found = figure(name, size)
    png = Image.open(io.BytesIO(export.render(found, "png", dots=192 / found.scale)))
    require_alike_in_blocks(png, of_pdf(export.render(found, "pdf"), png.size))


@pytest.mark.parametrize("size", ALWAYS)
def test_the_sign_is_seen_in_a_figure_without_colours(size: str) -> None:
    """In grey a cell below zero has a dark or a light line in it, and no other cell has."""
    found = figure("gates", size).spec
    table = features.view("gates", ["adding-lstm"], {}).table()
    cells = table.pivot(index="unit", columns="time", values="cell_state")
    order = [row["unit"] for row in found["datasets"]["rows"]]
    values = cells.loc[order].to_numpy()
    uris = [found["datasets"][f"{kind}_cell_state"][0]["url"] for kind in ("image", "signs")]
    picture, signs = (
        Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) for uri in uris
    )
    ground = picture.resize(signs.size, Image.Resampling.NEAREST).convert("RGBA")
    grey = np.asarray(Image.alpha_composite(ground, signs.convert("RGBA")).convert("L"), float)
    by_row = grey.reshape(len(order), -1, values.shape[1])
    lined = np.ptp(by_row, axis=1) > 18
    assert (values < FAR_BELOW).sum() > 20
    assert lined[values < FAR_BELOW].all()
    assert not lined[values >= 0].any()
