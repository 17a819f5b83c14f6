"""Every view at every preset: as wide as asked for, no higher than allowed, its type large enough.

What is drawn is measured, no file is written: `tests/viz_app/kit/test_formats_alike.py` and
`test_figure_layout.py` see that files are as large as what is measured.
"""

import pytest

from viz_app import features
from viz_app.features import VIEWS, view_of
from viz_app.kit.figure_layout import PRESETS, preset

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

ALWAYS = ("nature",)
"""The narrowest, at which most can go wrong; the others are tried with what is long."""


@pytest.mark.parametrize(
    "size",
    [pytest.param(size, marks=() if size in ALWAYS else pytest.mark.long) for size in PRESETS],
)
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_fits_every_preset(name: str, size: str) -> None:
    """None is refused; what is one drawing has smaller type instead."""
    figure = features.view(name, RUNS.get(name, ("adding-lstm",)), {}).figure()
    layout = preset(size)
    found = figure.set(layout)
    width, height = found.pixels
    assert found.millimetres == layout.millimetres
    assert layout.millimetres * height / width <= layout.height * ROUNDED
    smaller = found.scale / layout.scale
    assert smaller <= ROUNDED
    assert smaller >= (0.4 if view_of(name).one_drawing else LEAST)
