"""Colours under simulated colour blindness, in grey, and against their ground.

The simulation is that of Machado, Oliveira & Fernandes (IEEE TVCG 15(6), 2009): their matrices at
severity 1.0 for protanopia, deuteranopia and tritanopia, on linear RGB. Grey is the luminance of
Rec. 709. Distances are Euclidean in CIE L*a*b* (D65), where about 2 can just be told apart side by
side; contrast is that of WCAG 2.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any, get_args

import numpy as np
import pytest

from gatescope import load_run, record
from gatescope.experiments import load_result
from gatescope.experiments.claims import CLAIMS
from gatescope.intervention import Clamp
from gatescope.training import SummedLoss
from viz_app.features import Claims, Intervene, Memory, Training
from viz_app.features.gates import data as gates
from viz_app.features.gradient_flow import data as gradients
from viz_app.features.retention import data as retention
from viz_app.features.step_through import data as step_through
from viz_app.kit import export, library
from viz_app.kit.chart import lines, raster, style
from viz_app.kit.chart.gates_look import GatesLook

THEMES = get_args(style.Theme)
SEEN_AS = {
    "trichromatic": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
    "grey": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}
IN_COLOUR = [name for name in SEEN_AS if name != "grey"]
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)

CLOSE = 20.0
"""Lines nearer than this in any of these ways of seeing need another dash."""

APART = 30.0
"""So far the two ends of a diverging table lie apart at least."""

EVEN = 8.0
"""By so much L* the two sides of a diverging table may differ, at equal distance from 0."""

SIDES = {"light": "#f3f5f8", "dark": "#1a202a"}
"""The sidebar's and the widgets' ground, as in .streamlit/config.toml."""


def linear(colours: Any) -> np.ndarray:
    """Linear RGB, (..., 3), of uint8 RGB."""
    share = np.asarray(colours) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def rgb(colours: Any) -> np.ndarray:
    """uint8 RGB of colours as they are written."""
    return np.array([[int(colour[k : k + 2], 16) for k in (1, 3, 5)] for colour in colours])


def lab(colours: Any, seen_as: str = "trichromatic") -> np.ndarray:
    """CIE L*a*b* of uint8 RGB, as it is seen."""
    seen = np.clip(linear(colours) @ SEEN_AS[seen_as].T, 0, 1)
    share = seen @ XYZ.T / XYZ.sum(axis=1)
    f = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def contrast(one: str, other: str) -> float:
    """WCAG 2: from 1 to 21."""
    light, dark = sorted(linear(rgb([one, other])) @ [0.2126, 0.7152, 0.0722])[::-1]
    return float((light + 0.05) / (dark + 0.05))


def nearest(colours: Any) -> float:
    """The smallest distance of two colours, in any way of seeing."""
    return min(
        float(np.linalg.norm(np.diff(lab(rgb(colours), seen_as), axis=0))) for seen_as in SEEN_AS
    )


def test_the_measures_are_right() -> None:
    """White stays white; sRGB's red in Lab; WCAG's own examples."""
    for matrix in SEEN_AS.values():
        np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(lab([[255, 255, 255]])[0], [100, 0, 0], atol=0.01)
    np.testing.assert_allclose(lab([[255, 0, 0]])[0], [53.24, 80.09, 67.20], atol=0.05)
    np.testing.assert_allclose(lab([[0, 0, 255]])[0], [32.30, 79.19, -107.86], atol=0.05)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    # red and green of one lightness: far apart to most, near to a deuteranope
    pair = rgb(["#c0504d", "#6f8a2f"])
    usual, seen = (np.linalg.norm(np.diff(lab(pair, s), axis=0)) for s in IN_COLOUR[::2])
    assert usual > 60 > CLOSE > seen


@pytest.mark.parametrize("seen_as", SEEN_AS)
@pytest.mark.parametrize(
    "table", [style.GATE_TABLE, *style.INK_TABLES.values()], ids=["gate", "ink light", "ink dark"]
)
def test_a_sequential_table_grows_lighter_or_darker_all_the_way(
    table: style.ColourTable, seen_as: str
) -> None:
    """In steps of a tenth, by 4 L* at least; from end to end by 70."""
    lightness = lab(table.rgb(np.linspace(0, 1, 11)), seen_as)[:, 0]
    steps = np.diff(lightness) * np.sign(lightness[-1] - lightness[0])
    assert steps.min() > 4
    assert abs(lightness[-1] - lightness[0]) > 70


@pytest.mark.parametrize("seen_as", SEEN_AS)
@pytest.mark.parametrize("theme", THEMES)
def test_a_diverging_table_is_even_and_its_sides_are_told_apart(
    theme: style.Theme, seen_as: str
) -> None:
    """As light at −x as at x, so that neither sign looks stronger; 0 is the ground.

    In grey it says how far from 0, not on which side: that is why there are lines in what is below.
    """
    shares = np.linspace(0, 1, 21)
    colours = lab(style.STATE_TABLES[theme].rgb(shares), seen_as)
    lightness = colours[:, 0]
    assert np.abs(lightness - lightness[::-1]).max() < EVEN
    away = np.sign(lightness[-1] - lightness[10])
    assert (away * np.diff(lightness[10:]) > 2).all()
    assert (away * np.diff(lightness[10::-1]) > 2).all()
    ground = lab(rgb([style.INKS[theme].background]), seen_as)[0, 0]
    assert abs(lightness[10] - ground) < 8
    if seen_as != "grey":
        far = np.linalg.norm(colours - colours[::-1], axis=1)
        assert far[[0, -1]].min() > APART
        assert far[np.abs(shares - 0.5) > 0.2].min() > CLOSE


@pytest.mark.parametrize("theme", THEMES)
def test_words_stand_out_from_their_ground(theme: style.Theme) -> None:
    """4.5 for what is read, numbers in a signal's or a line's colour too; 3 for other lines."""
    ink = style.INKS[theme]
    for colour in (ink.text, ink.quiet, ink.accent):
        assert min(contrast(colour, ink.background), contrast(colour, SIDES[theme])) >= 4.5
    read = {
        *style.SIGNAL_COLOURS[theme].values(),
        *(each.colour(theme) for each in lines.SIX_STYLES),
        *(each.colour(theme) for each in lines.STYLES),
    }
    for colour in read:
        assert contrast(colour, ink.background) >= 4.5, colour
    for colour in style.signal_colours(["one", "two", "three", "four"], theme):
        assert contrast(colour, ink.background) >= 3, colour


@pytest.mark.parametrize("theme", THEMES)
def test_lines_over_heatmaps_are_seen_on_every_colour(theme: style.Theme) -> None:
    """Marks and frames lie in a casing of the ground, against which they stand out; where a cell is
    like the casing, they stand out from the cell."""
    ink = style.INKS[theme]
    assert raster.CASING >= 3
    tables = [style.GATE_TABLE, style.STATE_TABLES[theme], style.INK_TABLES[theme]]
    for line in (ink.accent, ink.text):
        assert contrast(line, ink.background) >= 4.5
        for colour in (colour for table in tables for colour in table.colours):
            assert contrast(ink.background, colour) >= 1.5 or contrast(line, colour) >= 4.0, colour


@pytest.mark.parametrize("theme", THEMES)
def test_the_sign_is_seen_in_grey(theme: style.Theme) -> None:
    """The line through a cell below zero differs from the cell in lightness alone."""
    shares = np.linspace(0, 0.5 - raster.FAINT / 2, 40)
    cells = style.STATE_TABLES[theme].rgb(shares)
    shown = raster.DENSE / 255
    lined = shown * raster.line_inks(cells) + (1 - shown) * cells
    light = lab(np.rint(np.stack([cells, lined])).astype(np.uint8), "grey")[..., 0]
    assert np.abs(light[0] - light[1]).min() > 18


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("seen_as", IN_COLOUR)
def test_signals_of_one_panel_have_colours_of_their_own(theme: style.Theme, seen_as: str) -> None:
    """Gates of one cell, and its states: apart in every way of seeing colours, dashes aside."""
    colours = style.SIGNAL_COLOURS[theme]
    for panel in (
        ("input_gate", "forget_gate", "output_gate"),
        ("reset_gate", "update_gate"),
        ("cell_state", "hidden_state"),
        ("candidate", "hidden_state"),
    ):
        seen = lab(rgb([colours[name] for name in panel]), seen_as)
        for one, other in itertools.combinations(seen, 2):
            assert np.linalg.norm(one - other) > 12, (panel, seen_as)


def line_marks(node: Any) -> Iterator[dict[str, Any]]:
    """Every layer of lines whose colour says which one it is, with the layers beside it."""
    if isinstance(node, list):
        for part in node:
            yield from line_marks(part)
    elif isinstance(node, dict):
        for layer in node.get("layer", []):
            mark = layer.get("mark")
            kind = mark.get("type") if isinstance(mark, dict) else mark
            scale = layer.get("encoding", {}).get("color", {}).get("scale")
            if kind == "line" and scale:  # wires of a drawing have colours of their own, no scale
                yield layer["encoding"] | {"beside": node["layer"]}
        for part in node.values():
            yield from line_marks(part)


def charts() -> dict[str, Callable[[style.Theme], Any]]:
    """Every chart of several lines, by name, from the prepared runs."""
    runs = {cell: load_run(library.PREPARED / f"adding-{cell}") for cell in ("lstm", "gru", "rnn")}
    found: dict[str, Callable[[style.Theme], Any]] = {
        "flow": lambda theme: gradients.compare(list(runs.values()), theme=theme),
        "training": lambda theme: Training("adding-lstm").chart(theme),
        "memory": lambda theme: Memory("adding-lstm").chart(theme),
        "retention": lambda theme: retention.chart(*load_result(library.RESULTS), theme=theme),
        "intervene": lambda theme: Intervene(
            "adding-lstm", does=(Clamp("forget_gate", 1.0),)
        ).chart(theme),
    }
    for key in CLAIMS:
        found[f"claim {key}"] = lambda theme, key=key: Claims(key).chart(theme)
    for cell, run in runs.items():
        batch, model = run.probe(), run.model()
        trace = record(model, batch.inputs, SummedLoss(run.task, batch))
        seen = (trace, batch, run.task)
        found[f"gates {cell}"] = lambda theme, seen=seen: gates.chart(
            *seen, look=GatesLook(theme=theme, hover=False)
        )
        found[f"step {cell}"] = lambda theme, seen=seen, model=model: step_through.chart(
            model, *seen, look=GatesLook(theme=theme, width=1060, hover=False)
        )
    return found


CHARTS = charts()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", CHARTS)
def test_no_line_is_told_by_colour_alone(name: str, theme: style.Theme) -> None:
    """Where two come close in any way of seeing they differ in dash, or carry numbers."""
    seen = 0
    for encoding in line_marks(export.spec(CHARTS[name](theme))):
        colours, dashes = encoding["color"]["scale"], encoding["strokeDash"]["scale"]
        assert colours["domain"] == dashes["domain"]
        numbered = any(
            layer.get("encoding", {}).get("text", {}).get("field") == "text"
            for layer in encoding["beside"]
        )
        lines = list(zip(colours["range"], map(tuple, dashes["range"]), strict=True))
        for (one, dash), (other, another) in itertools.combinations(lines, 2):
            assert dash != another or numbered or nearest([one, other]) > CLOSE, (one, other)
        seen += 1
    assert seen


def test_signals_that_nobody_knows_have_dashes_too() -> None:
    """A cell of one's own: its gates, and its states beside those with known names."""
    names = ["mine_gate", "yours_gate", "cell_state", "hidden_state", "third", "fourth"]
    dashes = [tuple(dash) for dash in style.signal_dashes(names)]
    assert len(set(dashes)) == len(names)
    assert dashes[2:4] == [tuple(style.DASHES[name]) for name in names[2:4]]
    for theme in THEMES:
        assert len(set(style.signal_colours(names, theme))) == len(names)
