"""Panels of lines: what is drawn where, what is left out, and who is in the legend."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from viz_app.kit.chart.axes import Axis, power_axis, power_ends, powers, share_axis
from viz_app.kit.chart.line_charts import draw, figure, in_rows, specs
from viz_app.kit.chart.lines import STYLES, Level, Line, Panel, Points, Tip, legend, styles_of
from viz_app.kit.chart.window import Look

LOG = power_axis("size", (1e-2, 1e2))


def line(name: str, *values: float, **look: Any) -> Line:
    """A line over 0, 1, 2, ..."""
    return Line(name, np.arange(len(values)), np.array(values, dtype=float), **look)


def panel(*lines: Line, y: Axis = LOG, **look: Any) -> Panel:
    """A panel of them."""
    return Panel("p", lines, Axis("step", (0, 4)), y, (Tip("value:Q", "size"),), **look)


def spec_of(drawn: Panel) -> dict[str, Any]:
    """Its spec, held against Altair's schema."""
    return draw(drawn, styles_of([drawn]), "light").to_dict()


def layer_of(spec: dict[str, Any], kind: str) -> dict[str, Any]:
    """The one layer of a mark of that type that is seen."""
    (layer,) = (
        layer for layer in spec["layer"]
        if layer["mark"]["type"] == kind and layer["mark"].get("opacity") != 0
        and "stroke" not in layer["mark"]  # a halo
    )  # fmt: skip
    return layer


def rows_of(spec: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """What such a layer draws."""
    data = layer_of(spec, kind).get("data", spec.get("data"))
    return data["values"] if "values" in data else spec["datasets"][data["name"]]


@pytest.mark.parametrize(
    ("y", "seen", "field"),
    [
        (LOG, {2: 1000.0, 3: 10.0}, "value"),
        (replace(LOG, edge=True), {0: 0.01, 1: 0.01, 2: 100.0, 3: 10.0}, "drawn"),
        (Axis("size", (0.0, 1.0)), {0: 0.0, 1: -1.0, 2: 1000.0, 3: 10.0}, "value"),
        (Axis("size", (0.0, 1.0), edge=True), {0: 0.0, 1: 0.0, 2: 1.0, 3: 1.0}, "drawn"),
    ],
)
def test_what_an_axis_cannot_show(y: Axis, seen: dict[int, float], field: str) -> None:
    """It is left out, or stands on the edge; what is no number is never there."""
    spec = spec_of(panel(line("a", 0, -1, 1000, 10, np.nan), y=y))
    rows = rows_of(spec, "line")
    assert {row["x"]: row[field] for row in rows} == seen
    assert layer_of(spec, "line")["encoding"]["y"]["field"] == field
    true = {0: 0.0, 1: -1.0, 2: 1000.0, 3: 10.0}
    assert all(row["value"] == true[row["x"]] for row in rows)  # what the pointer tells


def test_a_line_is_broken_where_there_is_nothing() -> None:
    """Two lines of one name are two strokes too; a stretch of one x is a dot."""
    drawn = panel(line("a", 1, 2, np.nan, 3, np.inf), line("a", 1, 1, 1, 1, 1))
    spec = spec_of(drawn)
    rows = pd.DataFrame(rows_of(spec, "line"))
    stretches = rows.groupby("stretch", sort=False)["x"].apply(list).tolist()
    assert stretches == [[0, 1], [3], [0, 1, 2, 3, 4]]
    assert rows[rows["dot"]][["x", "value"]].to_numpy().tolist() == [[3, 3]]
    assert layer_of(spec, "line")["encoding"]["detail"]["field"] == "stretch"
    whole = spec_of(panel(line("a", 1, 2), line("b", 2, 1)))
    assert not {"stretch", "dot"} & rows_of(whole, "line")[0].keys()


def test_a_band_without_an_end() -> None:
    """One that is no number is none; an infinite one reaches the end of the axis."""
    ends = {"low": np.array([0.5, np.nan, 1]), "high": np.array([4.0, np.nan, np.inf])}
    rows = rows_of(spec_of(panel(line("a", 1, 2, 3, **ends), line("b", 5))), "area")
    assert [(row["low"], row["high"]) for row in rows] == [(0.5, 4), (2, 2), (1, 100), (5, 5)]


def test_a_band_is_broken_with_its_line() -> None:
    """Where one x is alone, its band is a bar, as an area of one x has no width."""
    ends = {"low": np.array([1.0, 1, 1, 1]), "high": np.array([4.0, 4, 4, 4])}
    spec = spec_of(panel(line("a", 2, 2, np.nan, 3, **ends)))
    assert layer_of(spec, "area")["encoding"]["detail"]["field"] == "stretch"
    bar = layer_of(spec, "rule")
    assert (bar["encoding"]["y"]["field"], bar["encoding"]["y2"]["field"]) == ("low", "high")
    assert [row["x"] for row in rows_of(spec, "area") if row["alone"]] == [3]
    whole = spec_of(panel(line("a", 2, 2, 2, 3, **ends)))
    assert "alone" not in rows_of(whole, "area")[0]


def test_lines_of_another_width_are_drawn_apart_and_the_widest_first() -> None:
    """So that both are seen where they are the same."""
    wide = STYLES[1]._replace(width=4.5)
    spec = spec_of(panel(line("a", 1, 2, style=STYLES[0]), line("b", 1, 2, style=wide)))
    strokes = [layer for layer in spec["layer"] if layer["mark"]["type"] == "line"]
    drawn = [(s["mark"]["strokeWidth"], s["transform"][0]["filter"]["oneOf"]) for s in strokes]
    assert drawn == [(4.5, ["b"]), (2.2, ["a"])]


def test_levels_reach_from_end_to_end_and_have_their_names() -> None:
    """Level, and along a diagonal; the name at the end that is asked for."""
    levels = (Level(3, "here", left=True), Level(0, to=4))
    spec = spec_of(replace(panel(line("a", 1, 2)), levels=levels))
    first = spec["layer"][0]
    assert [(row["x"], row["y"]) for row in first["data"]["values"]] == [
        (0, 3), (4, 3), (0, 0), (4, 4)
    ]  # fmt: skip
    (name,) = rows_of(spec, "text")
    assert (name["x"], name["y"], name["name"]) == (0, 3, "here")
    apart = replace(panel(line("a", 1, 2)), levels=(Level(3, "here", named_at=9),))
    assert [row["y"] for row in rows_of(spec_of(apart), "text")] == [9]


def test_points_have_their_lines_colour_and_those_with_tips_lie_on_top() -> None:
    """The pointer passes over the others; a letter may have a halo below it."""
    rows = pd.DataFrame({"line": ["a"], "x": [1], "value": [500.0], "text": ["1"]})
    points = (
        Points(rows.drop(columns="text"), {"type": "square"}, (Tip("x:Q", "step"),)),
        Points(rows, {"type": "text"}, halo=True),
    )
    spec = spec_of(replace(panel(line("a", 1, 2), y=replace(LOG, edge=True)), points=points))
    kinds = [layer["mark"]["type"] for layer in spec["layer"]]
    assert kinds == ["line", "text", "text", "point", "square"]
    assert "color" not in spec["layer"][1]["encoding"]
    colour = spec["layer"][0]["encoding"]["color"]
    assert all(spec["layer"][k]["encoding"]["color"] == colour for k in (2, 4))
    assert rows_of(spec, "square")[0]["value"] == 100.0


def test_who_is_in_the_legend() -> None:
    """Names that stand beside others, each as it is drawn; where none does, all of them."""
    both, alone = panel(line("a", 1), line("b", 1)), panel(line("c", 1))
    assert [name for name, _, _ in legend([alone, both], "dark")] == ["a", "b"]
    assert legend([alone, alone], "dark") == [("c", STYLES[0].dark, STYLES[0].dash)]
    spec = figure([[alone, both]], "light", 100).to_dict()
    first, second = (each["layer"][0]["encoding"]["color"] for each in spec["hconcat"])
    assert first["legend"]["values"] == ["a", "b"]
    assert second["legend"] is None
    assert first["scale"]["domain"] == ["a", "b", "c"]
    assert second["scale"]["domain"] == ["a", "b"]


def test_a_legend_is_no_wider_than_its_figure() -> None:
    """As many names in a row as have room, four at most, the rows as equal as may be."""
    drawn = panel(*(line(f"a line of about {k}", 1) for k in range(6)))
    columns = []
    for width in (100, 400, 4000):
        spec = figure([[drawn]], "light", width).to_dict()
        columns.append(spec["hconcat"][0]["layer"][0]["encoding"]["color"]["legend"]["columns"])
    assert columns == [1, 2, 3]


def test_a_panel_names_its_axis_where_the_one_before_it_has_another() -> None:
    """In a row of a figure, and on a page."""
    other = panel(line("a", 1), y=share_axis("share"))
    row = [panel(line("a", 1)), panel(line("a", 1)), other]
    wanted = ["size", None, "share"]
    for drawn in (specs(row, Look()), figure([row], "light", 100).to_dict()["hconcat"]):
        titles = [each["layer"][0]["encoding"]["y"]["axis"]["title"] for each in drawn]
        assert titles == wanted
    assert [len(each) for each in in_rows(row * 3)] == [4, 4, 1]


def test_powers_of_ten() -> None:
    """Around what is positive, a decade at least."""
    assert power_ends([np.array([0.0, -1, np.nan, np.inf, 0.02]), np.ones(1)]) == (0.01, 1.0)
    assert power_ends([np.array([10.0])]) == (10.0, 100.0)
    assert power_ends([np.zeros(2)]) == (0.1, 1.0)
    assert powers((1e-8, 1.0)) == pytest.approx([1e-8, 1e-6, 1e-4, 1e-2, 1.0])
