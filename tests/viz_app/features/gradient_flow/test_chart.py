"""Gradient flow's chart: nothing is dropped by the log axis, and all panels share one scale."""

import json
import re
from typing import Any

import altair as alt
import numpy as np
import pytest
import vl_convert

from viz_app.kit.chart.gradients import (
    LINE_COLOURS,
    FlowLine,
    FlowPanel,
    FlowWords,
    flow_chart,
    flow_panel,
    line_names,
    norm_domain,
    powers,
)

WORDS = FlowWords("time", "norm", "line", "median", "band", "zeros", "ZERO", "SUB")
TINY = 1e-40
"""Below the smallest normal float32, 1.2e-38."""


def line(name: str, *medians: float, zeros: Any = 0.0, subnormal: Any = 0.0) -> FlowLine:
    """A line with a band of half to double."""
    median = np.array(medians, dtype=float)
    full = np.zeros(len(median))
    return FlowLine(name, median, median / 2, median * 2, full + zeros, full + subnormal)


def rows_of(panel: FlowPanel, domain: tuple[float, float]) -> list[dict[str, Any]]:
    """The rows that a panel draws, and its spec is checked by altair."""
    spec = panel_spec(panel, domain)
    (rows,) = spec["datasets"].values()
    return rows


def panel_spec(panel: FlowPanel, domain: tuple[float, float], **options: Any) -> dict[str, Any]:
    """A panel's spec, validated."""
    names = [found.name for found in panel.lines]
    return flow_panel(panel, names, WORDS, theme="light", domain=domain, **options).to_dict()


def drawn_by(spec: dict[str, Any], kind: str) -> set[int]:
    """The time steps that a layer of marks draws, by its own filter."""
    (rows,) = spec["datasets"].values()
    found = None
    for layer in spec["layer"]:
        mark = layer["mark"]
        shape = mark.get("shape", mark["type"])
        if shape == kind:
            tests = [step["filter"] for step in layer["transform"] if "filter" in step]
            if "datum.alone" in tests:
                continue
            (text,) = tests
            field, sign, value = text.split(" ")
            assert field == "datum.kind"
            found = {
                row["time"] for row in rows if (row["kind"] == value.strip("'")) is (sign == "==")
            }
    assert found is not None, kind
    return found


def test_exact_zeros_stand_on_the_floor_and_lost_digits_are_ringed() -> None:
    """Every step is drawn once: by the line, or as a triangle; rings are on the line too."""
    panel = FlowPanel("p", (line("a", 0, 0, TINY, 1e-3, 0, 2.0, subnormal=[0, 0, 1, 0, 0, 0]),))
    domain = norm_domain([panel])
    spec = panel_spec(panel, domain)
    assert drawn_by(spec, "triangle-down") == {0, 1, 4}
    assert drawn_by(spec, "circle") == {2}
    assert drawn_by(spec, "line") == drawn_by(spec, "area") == {2, 3, 5}
    (rows,) = spec["datasets"].values()
    assert [row["time"] for row in rows] == list(range(6))
    expected = [domain[0], domain[0], TINY, 1e-3, domain[0], 2.0]
    assert [row["median"] for row in rows] == pytest.approx(expected, rel=1e-12)
    runs = {row["time"]: row["run"] for row in rows}
    assert runs[2] == runs[3] != runs[5]  # the line is broken where it is zero


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ((0.02, 3.0), 1e-3, 10.0),
        ((1.0, 1.0), 1e-2, 10.0),
        ((4e-7, 6e-4), 1e-8, 1e-2),
        ((1e-44, 1.0), 1e-45, 10.0),
        ((0.0, 0.0), 1e-3, 1.0),
        ((1e30, np.inf), 1e28, 1e31),
        ((np.nan, 0.5), 1e-2, 1.0),
    ],
)
def test_the_axis_holds_all_that_is_drawn(
    values: tuple[float, float], low: float, high: float
) -> None:
    """Whole powers of ten around medians and bands, one more below for the floor."""
    panel = FlowPanel("p", (line("a", *values),))
    assert norm_domain([panel]) == pytest.approx((low, high))


def test_all_panels_have_the_axis_of_the_widest() -> None:
    """A common domain, log, the floor below the smallest."""
    panels = [
        FlowPanel("small", (line("a", 1e-12, 1e-9),)),
        FlowPanel("large", (line("a", 10, 1e5), line("b", 1, 1))),
    ]
    spec = flow_chart(panels, WORDS).to_dict()
    scales = [
        layer["encoding"]["y"]["scale"]
        for panel in spec["hconcat"]
        for layer in panel["layer"]
        if "y" in layer["encoding"]
    ]
    assert len(scales) == 12
    for scale in scales:
        assert (scale["type"], scale["clamp"]) == ("log", True)
        assert scale["domain"] == pytest.approx([1e-14, 1e6])


def test_a_line_keeps_its_colour_in_every_panel() -> None:
    """The RNN's panel lacks two lines; the last one has the last colour all the same."""
    full = FlowPanel("full", tuple(line(name, 1, 2) for name in "abcd"))
    short = FlowPanel("short", (line("a", 1, 2), line("d", 1, 2)))
    assert line_names([short, full]) == list("abcd")
    spec = flow_chart([short, full], WORDS, theme="dark").to_dict()
    colours = {
        json.dumps(layer["encoding"][channel]["scale"])
        for panel in spec["hconcat"]
        for layer in panel["layer"]
        for channel in ("color",)
        if channel in layer["encoding"]
    }
    (scale,) = map(json.loads, colours)
    assert scale["domain"] == list("abcd")
    assert len(set(scale["range"])) == 4


def test_only_the_first_panel_names_the_axis_and_carries_the_legend() -> None:
    """Once is enough."""
    panels = [FlowPanel(title, (line("a", 1, 2),)) for title in "xyz"]
    titles, legends = [], []
    for panel in flow_chart(panels, WORDS).to_dict()["hconcat"]:
        titles.append({part["encoding"]["y"]["axis"]["title"] for part in panel["layer"]})
        legends.append(panel["layer"][1]["encoding"]["color"]["legend"] is not None)
    assert titles == [{"norm"}, {None}, {None}]
    assert legends == [True, False, False]


def test_the_tooltip_says_band_and_share_of_zeros() -> None:
    """The band as numbers, also where it lies below the floor."""
    panel = FlowPanel("p", (line("a", 0.5, 0.0, zeros=[0.25, 1.0]),))
    first, second = rows_of(panel, (1e-3, 10.0))
    assert first["band"] == "2.5e-01 … 1.0e+00"
    assert second["band"] == "0.0e+00 … 0.0e+00"
    assert (first["zeros"], second["zeros"]) == (0.25, 1.0)
    assert (second["low"], second["high"]) == (1e-3, 1e-3)


def test_a_step_between_zeros_is_a_point() -> None:
    """A line of one step has no length: the last step of what reads backward would be missing."""
    rows = rows_of(FlowPanel("p", (line("a", 0, 3, 0, 1, 2, 0, 4),)), (0.1, 10.0))
    assert [row["time"] for row in rows if row["alone"]] == [1, 6]
    panel = FlowPanel("p", (line("a", 0, 0, 5.0),))
    spec = panel_spec(panel, (0.1, 10.0))
    svg = vl_convert.vegalite_to_svg(json.dumps(spec))
    drawn = re.findall(r'aria-label="time: (\d+); median: ([\d.]+); line: a"', svg)
    assert drawn == [("2", "5")]


@pytest.mark.parametrize("decades", [1, 3, 5, 8, 14, 30])
def test_every_tick_is_a_power_of_ten_and_named_once(decades: int) -> None:
    """On a short axis too, where Vega would add ticks between and round their names."""
    panel = FlowPanel("p", (line("a", 2.0 * 10.0**-decades, 3.0),))
    svg = vl_convert.vegalite_to_svg(json.dumps(flow_chart([panel], WORDS).to_dict()))
    named = re.findall(r">(10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)<", svg)
    assert 3 <= len(named) == len(set(named)) <= 8
    assert powers((1e-3, 1e1)) == pytest.approx([1e-3, 1e-2, 0.1, 1, 10])


def test_many_panels_stand_in_rows() -> None:
    """A stacked bidirectional LSTM has eight: four in a row, one legend, an axis title a row."""
    panels = [FlowPanel(str(number), (line("a", 1, 2),)) for number in range(7)]
    spec = flow_chart(panels, WORDS).to_dict()
    rows = [row["hconcat"] for row in spec["vconcat"]]
    assert [[panel["title"] for panel in row] for row in rows] == [list("0123"), list("456")]
    named = [
        [panel["layer"][1]["encoding"]["y"]["axis"]["title"] == "norm" for panel in row]
        for row in rows
    ]
    assert named == [[True, False, False, False], [True, False, False]]
    svg = vl_convert.vegalite_to_svg(json.dumps(spec))
    assert svg.count(">a</text>") == 1


def test_the_legend_shows_each_dash_at_full_strength() -> None:
    """Not the symbol of an area, and not as pale as one."""
    panel = FlowPanel("p", (line("a", 1, 2), line("b", 2, 1)))
    svg = vl_convert.vegalite_to_svg(json.dumps(flow_chart([panel], WORDS).to_dict()))
    legend = svg[svg.index("role-legend-symbol") : svg.index("role-legend-label")]
    colours = re.findall(r'stroke="(#[0-9a-f]{6})"', legend)
    assert colours[0] in LINE_COLOURS["light"]
    assert "stroke-dasharray" in legend
    assert 'opacity="0.15"' not in legend


def test_marks_are_rules_at_their_steps() -> None:
    """One rule a mark."""
    panel = FlowPanel("p", (line("a", 1, 2, 3, 4),), ((1, "X"), (3, "Y")))
    spec = panel_spec(panel, (0.1, 10.0))
    (rule,) = (layer for layer in spec["layer"] if layer["mark"]["type"] == "rule")
    assert [row["side"] for row in rule["data"]["values"]] == [1, 3]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.filterwarnings("error")
def test_it_is_drawn_with_powers_of_ten_as_people_write_them(theme: Any) -> None:
    """The SVG has superscripts at the axis, and a triangle's path where there is a zero."""
    panel = FlowPanel("p", (line("a", 0, 1e-8, 1e-3, 1),))
    spec = flow_chart([panel], WORDS, theme=theme).to_dict()
    svg = vl_convert.vegalite_to_svg(json.dumps(spec))
    for power in ("10⁻⁸", "10⁻²", "10⁰"):
        assert f">{power}</text>" in svg
    assert {"light": "#ffffff", "dark": "#11151c"}[theme] in svg[:600]
    assert "NaN" not in svg
    assert isinstance(flow_chart([panel], WORDS), alt.HConcatChart)
