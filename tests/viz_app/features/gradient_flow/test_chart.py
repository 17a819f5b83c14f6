"""Gradient flow's chart: nothing is dropped by the log axis, and all panels share one scale."""

import json
import re
from typing import Any

import altair as alt
import numpy as np
import pytest
import vl_convert

from gatescope.analysis import Band
from viz_app.features.gradient_flow import while_learning
from viz_app.features.gradient_flow.chart_history import MapPanel
from viz_app.features.gradient_flow.data import line_of, panels_of
from viz_app.kit.chart.axes import powers
from viz_app.kit.chart.fit import LETTER
from viz_app.kit.chart.line_charts import draw, figure, in_rows
from viz_app.kit.chart.lines import STYLES, Line, Panel, styles_of
from viz_app.kit.chart.window import WINDOWS, Look, Window
from viz_app.text import say

TINY = 1e-40
"""Below the smallest normal float32, 1.2e-38."""


def line(name: str, *medians: float, zeros: Any = 0.0, subnormal: Any = 0.0) -> Line:
    """A line with a band of half to double."""
    median = np.array(medians, dtype=float)
    full = np.zeros(len(median))
    found = Band(median, median / 2, median * 2, full + zeros, full + subnormal)
    return line_of(name, np.arange(len(median)), found)


def panel_of(*lines: Line) -> Panel:
    """A panel on a scale of its own."""
    (panel,) = panels_of({"p": lines})
    return panel


def chart(panels: list[Panel], theme: Any = "light") -> Any:
    """All panels as a figure."""
    return figure(in_rows(panels), theme, 230)


def panel_spec(panel: Panel) -> dict[str, Any]:
    """A panel's spec, validated."""
    return draw(panel, styles_of([panel]), "light").to_dict()


def rows_of(spec: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The rows that a layer of marks draws."""
    (layer,) = (
        layer for layer in spec["layer"]
        if layer["mark"].get("shape", layer["mark"]["type"]) == kind
    )  # fmt: skip
    return spec["datasets"][layer.get("data", spec.get("data"))["name"]]


def test_exact_zeros_stand_on_the_floor_and_lost_digits_are_ringed() -> None:
    """Every step is drawn once: by the line, or as a triangle; rings are on the line too."""
    panel = panel_of(line("a", 0, 0, TINY, 1e-3, 0, 2.0, subnormal=[0, 0, 1, 0, 0, 0]))
    spec, floor = panel_spec(panel), panel.y.ends[0]
    triangles = rows_of(spec, "triangle-down")
    assert [(row["x"], row["value"], row["median"]) for row in triangles] == [
        (0, floor, 0), (1, floor, 0), (4, floor, 0)
    ]  # fmt: skip
    assert [row["x"] for row in rows_of(spec, "circle")] == [2]
    rows = rows_of(spec, "line")
    assert rows == rows_of(spec, "area")
    assert [row["x"] for row in rows] == [2, 3, 5]
    assert [row["value"] for row in rows] == pytest.approx([TINY, 1e-3, 2.0], rel=1e-12)
    stretches = {row["x"]: row["stretch"] for row in rows}
    assert stretches[2] == stretches[3] != stretches[5]  # the line is broken where it is zero


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ((0.02, 3.0), 1e-3, 10.0),
        ((1.0, 1.0), 1e-2, 10.0),
        ((4e-7, 6e-4), 1e-8, 1e-2),
        ((1e-44, 1.0), 1e-45, 10.0),
        ((0.0, 0.0), 1e-2, 1.0),
        ((1e30, np.inf), 1e28, 1e31),
        ((np.nan, 0.5), 1e-2, 1.0),
    ],
)
def test_the_axis_holds_all_that_is_drawn(
    values: tuple[float, float], low: float, high: float
) -> None:
    """Whole powers of ten around medians and bands, one more below for the floor."""
    assert panel_of(line("a", *values)).y.ends == pytest.approx((low, high))


def test_all_panels_have_the_axis_of_the_widest() -> None:
    """A common domain, log, the floor below the smallest."""
    small, large = [line("a", 1e-12, 1e-9)], [line("a", 10, 1e5), line("b", 1, 1)]
    spec = chart(panels_of({"small": small, "large": large})).to_dict()
    scales = [
        layer["encoding"]["y"]["scale"]
        for panel in spec["hconcat"]
        for layer in panel["layer"]
        if "scale" in layer["encoding"]["y"]
    ]
    assert len(scales) == 4
    for scale in scales:
        assert scale["type"] == "log"
        assert scale["domain"] == pytest.approx([1e-14, 1e6])


def test_a_line_keeps_its_colour_in_every_panel() -> None:
    """The RNN's panel lacks two lines; the last one has the last colour all the same."""
    lines = {name: line(name, 1, 2) for name in "abcd"}
    panels = panels_of({"short": [lines["a"], lines["d"]], "full": list(lines.values())})
    assert list(styles_of(panels)) == list("abcd")
    spec = chart(panels, "dark").to_dict()
    scales = [
        layer["encoding"]["color"]["scale"]
        for panel in spec["hconcat"]
        for layer in panel["layer"]
        if "color" in layer["encoding"]
    ]
    pairs = {pair for scale in scales for pair in zip(scale["domain"], scale["range"], strict=True)}
    assert pairs == {(name, style.dark) for name, style in zip("abcd", STYLES, strict=True)}


def test_only_the_first_panel_names_the_axis_and_carries_the_legend() -> None:
    """Once is enough."""
    panels = panels_of({title: [line("a", 1, 2)] for title in "xyz"})
    titles, legends = [], []
    for panel in chart(panels).to_dict()["hconcat"]:
        encodings = [part["encoding"] for part in panel["layer"]]
        titles.append({each["y"]["axis"]["title"] for each in encodings if "axis" in each["y"]})
        legends.append(encodings[1]["color"]["legend"] is not None)
    assert titles == [{say("flow.norm")}, {None}, {None}]
    assert legends == [True, False, False]


def test_the_tooltip_says_band_and_share_of_zeros() -> None:
    """The band as numbers, also where it lies below the floor."""
    spec = panel_spec(panel_of(line("a", 0.5, 0.0, zeros=[0.25, 1.0])))
    (first,), (second,) = rows_of(spec, "line"), rows_of(spec, "triangle-down")
    assert first["band"] == "2.5e-01 … 1.0e+00"
    assert second["band"] == "0.0e+00 … 0.0e+00"
    assert (first["zeros"], second["zeros"]) == (0.25, 1.0)
    told = [tip["field"] for layer in spec["layer"][-2:] for tip in layer["encoding"]["tooltip"]]
    assert told == [
        "line", "x", "value", "band", "zeros", "word", "line", "x", "median", "band", "zeros"
    ]  # fmt: skip


def test_a_step_between_zeros_is_a_point() -> None:
    """A line of one step has no length: the last step of what reads backward would be missing."""
    rows = rows_of(panel_spec(panel_of(line("a", 0, 3, 0, 1, 2, 0, 4))), "line")
    assert [row["x"] for row in rows if row["dot"]] == [1, 6]
    spec = panel_spec(panel_of(line("a", 0, 0, 5.0)))
    svg = vl_convert.vegalite_to_svg(json.dumps(spec))
    drawn = re.findall(r'aria-label="time step: (\d+); gradient norm[^:]*: ([\d.]+); line: a"', svg)
    assert set(drawn) == {("2", "5")}


@pytest.mark.parametrize("decades", [1, 3, 5, 8, 14, 30])
def test_every_tick_is_a_power_of_ten_and_named_once(decades: int) -> None:
    """On a short axis too, where Vega would add ticks between and round their names."""
    panel = panel_of(line("a", 2.0 * 10.0**-decades, 3.0))
    svg = vl_convert.vegalite_to_svg(json.dumps(chart([panel]).to_dict()))
    named = re.findall(r">(10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)<", svg)
    assert 3 <= len(named) == len(set(named)) <= 8
    assert powers((1e-3, 1e1)) == pytest.approx([1e-3, 1e-2, 0.1, 1, 10])


def test_many_panels_stand_in_rows() -> None:
    """A stacked bidirectional LSTM has eight: four in a row, one legend, an axis title a row."""
    panels = panels_of({str(number): [line("a", 1, 2)] for number in range(7)})
    spec = chart(panels).to_dict()
    rows = [row["hconcat"] for row in spec["vconcat"]]
    assert [[panel["title"] for panel in row] for row in rows] == [list("0123"), list("456")]
    named = [
        [panel["layer"][1]["encoding"]["y"]["axis"]["title"] == say("flow.norm") for panel in row]
        for row in rows
    ]
    assert named == [[True, False, False, False], [True, False, False]]
    svg = vl_convert.vegalite_to_svg(json.dumps(spec))
    assert svg.count(">a</text>") == 1


def test_the_legend_shows_each_dash_at_full_strength() -> None:
    """Not the symbol of an area, and not as pale as one."""
    panel = panel_of(line("a", 1, 2), line("b", 2, 1))
    svg = vl_convert.vegalite_to_svg(json.dumps(chart([panel]).to_dict()))
    legend = svg[svg.index("role-legend-symbol") : svg.index("role-legend-label")]
    colours = re.findall(r'stroke="(#[0-9a-f]{6})"', legend)
    assert colours[0] in [style.light for style in STYLES]
    assert "stroke-dasharray" in legend
    assert 'opacity="0.15"' not in legend


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.filterwarnings("error")
def test_it_is_drawn_with_powers_of_ten_as_people_write_them(theme: Any) -> None:
    """The SVG has superscripts at the axis, and a triangle's path where there is a zero."""
    panel = panel_of(line("a", 0, 1e-8, 1e-3, 1))
    spec = chart([panel], theme).to_dict()
    svg = vl_convert.vegalite_to_svg(json.dumps(spec))
    for power in ("10⁻⁸", "10⁻²", "10⁰"):
        assert f">{power}</text>" in svg
    assert {"light": "#ffffff", "dark": "#11151c"}[theme] in svg[:600]
    assert "NaN" not in svg
    assert isinstance(chart([panel]), alt.HConcatChart)


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
def test_the_colours_name_is_whole_in_every_window(window: Window) -> None:
    """Below the panels while a network learns; it is no wider than one of them."""
    found = [MapPanel(f"panel {k}", (0, 10), np.array([[1e-6, 1.0], [0.1, 1.0]])) for k in range(5)]
    row = while_learning.row(found, Look("light", window))
    assert row.place is not None
    svg = vl_convert.vegalite_to_svg(json.dumps(row.specs[0] | {"width": row.place.width}))
    assert f">{say('flow.norm')}</text>" in svg
    assert len(say("flow.norm")) * LETTER * window.type_size < row.place.width
