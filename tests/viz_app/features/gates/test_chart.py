"""The gates chart's spec: its data are the recording, its panels share time and legends."""

import ast
import json
from collections.abc import Callable
from typing import Any

import altair as alt
import numpy as np
import pytest
import xarray as xr

from gatescope.analysis import remaining, retention_gate
from viz_app.features import Gates
from viz_app.features.gates import data as gates
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.style import INKS
from viz_app.kit.library import Library

EXAMPLE = 2
STATES = {"lstm": 2, "gru": 2, "rnn": 1}
GATES = {"lstm": 3, "gru": 2, "rnn": 0}


@pytest.fixture(scope="module")
def view(library: Library, recorded: Callable[..., xr.Dataset]) -> Callable[[str], gates.GatesView]:
    """One example of a prepared run."""

    def made(name: str) -> gates.GatesView:
        run = library.runs[name]
        return gates.view(recorded(name), run.probe(), run.task, example=EXAMPLE)

    return made


@pytest.mark.parametrize("name", ["adding-lstm", "temporal-order-gru", "digits-rnn"])
def test_the_chart_is_valid(view: Any, name: str) -> None:
    """Altair's schema accepts the chart of each cell and input, for a page and for a figure."""
    seen = view(name)
    for hover in (True, False):
        look = GatesLook(hover=hover, fade=bool(seen.data.shape.kept_in))
        chart = seen.chart(look, seen.picked())
        chart["datasets"] = alt.Undefined  # thousands of rows, which have no schema
        json.dumps(chart.to_dict(), allow_nan=False)


def test_a_notebook_shows_the_chart(layer: Callable[..., xr.Dataset]) -> None:
    """``to_dict`` as a notebook calls it takes the data too."""
    gate = np.linspace(0.1, 0.9, 24).reshape(4, 1, 6)
    made = layer("lstm", "forget_gate", forget_gate=gate, cell_state=gate - 0.5)
    seen = gates.view(made)
    found = seen.chart(GatesLook(), (0, 0)).to_dict()
    assert [row["time"] for row in found["datasets"]["cells"]] == [0, 1, 2, 3]
    (told,) = found["datasets"]["told"]
    assert len(told["forget_gate"]) == 24 * told["forget_gate_width"]
    json.dumps(found, allow_nan=False)


def test_cells_are_the_recording(
    name: str, view: Any, spec_of: Any, recorded: Callable[..., xr.Dataset]
) -> None:
    """Every step and unit once, in the order of time and rows, all values to four decimals."""
    seen = view(name)
    spec = spec_of(seen.spec(GatesLook(), (0, 0)))
    layer = recorded(name)
    assert spec.found["datasets"]["cells"].time.tolist() == list(range(layer.sizes["time"]))
    order = list(seen.data.shape.units)
    assert sorted(order) == list(range(layer.sizes["unit"]))
    for signal in seen.data.shape.signals:
        there = layer[signal.name].values[:, EXAMPLE, order]
        assert np.abs(spec.told(signal.name) - there.ravel()).max() <= 0.5001e-4


@pytest.mark.parametrize("step", [0, 17, 48])
@pytest.mark.parametrize("name", ["adding-lstm", "adding-gru"])
def test_what_is_left_of_a_step_is_the_product_of_the_gates(
    view: Any, recorded: Callable[..., xr.Dataset], name: str, step: int
) -> None:
    """exp(L_t - L_s), as the chart computes it, is the analysis' own."""
    seen, gate = view(name), retention_gate(recorded(name))
    kept = seen.data.log_kept
    left = np.exp(kept[step:] - kept[step])
    units = list(seen.data.shape.units)
    expected = remaining(gate.isel(batch=EXAMPLE), step).values[step:, units]
    np.testing.assert_allclose(left, expected, rtol=1e-9)


def test_a_plain_rnn_keeps_nothing(view: Any) -> None:
    """There is no such gate, so no such curve and no column for it."""
    seen = view("adding-rnn")
    assert seen.data.log_kept is None
    assert "log_kept" not in seen.spec(GatesLook(), (0, 0))["datasets"]["told"]
    assert seen.data.shape.kept_in == ""


def test_all_panels_share_one_time_axis(name: str, view: Any, spec_of: Any) -> None:
    """One domain, one width and one left margin; the steps are written once, below the heatmaps."""
    seen = view(name)
    spec = spec_of(seen.spec(GatesLook(), (0, 0)))
    steps = seen.data.shape.steps
    assert {panel["width"] for panel in spec.found["vconcat"]} == {860}
    named = []
    for panel in spec.found["vconcat"]:
        axes = [part.get("encoding", {}).get("x", {}) for part in panel["layer"]]
        domains = [axis["scale"]["domain"] for axis in axes if "scale" in axis]
        assert domains == [[-0.5, steps - 0.5]]
        named += [a["axis"]["title"] for a in axes if (a.get("axis") or {}).get("title")]
        margins = {
            (part["encoding"]["y"]["axis"]["minExtent"], part["encoding"]["y"]["axis"]["maxExtent"])
            for part in panel["layer"]
            if part.get("encoding", {}).get("y", {}).get("axis")
        }
        assert margins in ({(30, 30)}, set())
        assert margins or seen.data.shape.strip == "symbols"
    assert named == ["time step"]


def test_gates_share_one_legend_and_each_state_has_its_own(
    name: str, view: Any, spec_of: Any, library: Library
) -> None:
    """Counted over all heatmaps, with the ends at them; a GRU keeps where others open."""
    cell = library.runs[name].config.cell
    seen = view(name)
    spec = spec_of(seen.spec(GatesLook(), (0, 0)))
    found: dict[str, list[Any]] = {"gate": [], "state": []}
    for signal in seen.data.shape.signals:
        for layer in spec.panel(signal.label)["layer"]:
            legend = layer.get("encoding", {}).get("color", {}).get("legend")
            if legend:
                found[signal.kind].append(legend)
                low = 0 if signal.kind == "gate" else -signal.bound
                assert legend["values"] == [low, (low + signal.bound) / 2, signal.bound]
    assert len(found["gate"]) == min(GATES[cell], 1) + (cell == "gru")
    assert len(found["state"]) == STATES[cell]
    assert [s.kind for s in seen.data.shape.signals].count("gate") == GATES[cell]


def test_marks_frame_their_steps(
    name: str, view: Any, spec_of: Any, library: Library, pixels_of: Any
) -> None:
    """A rule half a step to each side of every mark in every panel, its label above the input; over
    heatmaps on a wider one in the ground's colour."""
    marks = library.runs[name].probe().marks[EXAMPLE]
    seen = view(name)
    spec = spec_of(seen.spec(GatesLook(), (0, 0)))
    sides = sorted(step + half for step, _ in marks for half in (-0.5, 0.5))
    ink, shown = INKS["light"], [signal.label for signal in seen.data.shape.signals]
    for panel in spec.found["vconcat"]:
        lines = [
            part
            for part in panel["layer"]
            if part.get("encoding", {}).get("x", {}).get("field") == "side"
        ]
        colours = [part["mark"]["color"] for part in lines]
        assert colours in ([ink.accent], [ink.background, ink.accent])
        title = panel.get("title", "")
        assert (len(colours) == 2) == (title in shown)
        rules = spec.rows(lines[-1]["data"])
        assert sorted(row["side"] for row in rules) == sides
        assert {(row["step"], row["label"]) for row in rules} == set(map(tuple, marks))
    labels = [
        part
        for part in spec.found["vconcat"][0]["layer"]
        if part.get("encoding", {}).get("text", {}).get("field") == "label"
    ]
    assert len(labels) == (1 if marks else 0)


def test_the_input_is_drawn_as_it_was_given(
    name: str, view: Any, spec_of: Any, library: Library, pixels_of: Any
) -> None:
    """The marked numbers, the letters, or the ink: strip and picture."""
    run = library.runs[name]
    given = run.probe().inputs[:, EXAMPLE].numpy()
    spec = spec_of(view(name).spec(GatesLook(), (0, 0)))
    strip = spec.found["vconcat"][0]
    rows = [spec.rows(part["data"]) for part in strip["layer"]]
    if run.config.task == "adding":
        assert [row["value"] for row in rows[0]] == pytest.approx(given[:, 0].tolist(), abs=1e-4)
        assert [row["marked"] for row in rows[0]] == (given[:, 1] == 1).tolist()
    elif run.config.task == "temporal_order":
        assert [row["value"] for row in rows[0]] == ["XYabcd"[k] for k in given.argmax(axis=1)]
        assert [row["marked"] for row in rows[0]] == (given.argmax(axis=1) < 2).tolist()
    else:
        uris = [row["url"] for row_set in rows for row in row_set if "url" in row]
        pixels, picture = (pixels_of(uri)[..., :3].astype(float) for uri in uris)
        paper, ink = np.array([255, 255, 255]), np.array([0x1F, 0x24, 0x30])
        expected = paper + given * (ink - paper)
        assert np.abs(pixels[0] - expected).max() <= 0.6
        assert np.abs(picture.reshape(64, 3) - expected).max() <= 0.6


def test_a_pick_stands_in_the_spec(view: Any, spec_of: Any) -> None:
    """As a selection where there is a pointer, as a constant where there is none."""
    seen = view("adding-gru")
    for hover in (True, False):
        assert spec_of(seen.spec(GatesLook(hover=hover), (4, 31))).picked() == (4, 31)
        assert spec_of(seen.spec(GatesLook(hover=hover), (0, 2))).picked() == (0, 2)
        assert spec_of(seen.chart(GatesLook(hover=hover), (4, 31)).to_dict()).picked() == (4, 31)


def test_a_pointer_is_answered_in_every_heatmap(view: Any, spec_of: Any) -> None:
    """Each heatmap has one area that catches it, and only the input is dragged over."""
    seen = view("adding-lstm")
    spec = spec_of(seen.spec(GatesLook(), (0, 0)))
    shown = [signal.name for signal in seen.seen.shape.signals]
    assert catchers(spec) == shown
    views = {param["name"]: param["views"] for param in spec.found["params"] if "views" in param}
    assert views == {"zoom": [""], "pick": [""]}
    over = [
        [layer for layer in panel["layer"] if layer["data"].get("values") == [{"dragged": True}]]
        for panel in spec.found["vconcat"]
    ]
    assert [len(layers) for layers in over] == [2, *[0] * (len(over) - 1)]
    still = spec_of(seen.spec(GatesLook(hover=False), (0, 0)))
    assert catchers(still) == []


def catchers(spec: Any) -> list[str]:
    """The panels whose area answers the pointer."""
    return [
        layer["data"]["values"][0]["panel"]
        for panel in spec.found["vconcat"]
        for layer in panel["layer"]
        if layer.get("encoding", {}).get("tooltip") == {"value": None}
        and "panel" in layer["data"]["values"][0]
    ]


def test_the_lines_of_gradient_norms_have_names() -> None:
    """The legend's labels are looked up by what a legend calls its entries."""
    spec = Gates("adding-lstm", show=("gradients",)).chart().to_dict(validate=False)
    (drawn,) = (layer for layer in spec["vconcat"][-1]["layer"] if "strokeDash" in str(layer))
    for channel in ("color", "strokeDash"):
        labels, _, entry = drawn["encoding"][channel]["legend"]["labelExpr"].rpartition("[")
        assert entry == "datum.value]"
        assert list(ast.literal_eval(labels)) == drawn["encoding"][channel]["scale"]["domain"]
