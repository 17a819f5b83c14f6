"""A part of an example: one window of time and one set of units drive every panel."""

from typing import Any

import numpy as np
import pytest
import xarray as xr

from gatescope import record
from gatescope.training import SummedLoss
from viz_app.features.gates import data as gates
from viz_app.kit import units
from viz_app.kit.chart.hover_cells import cell_frame
from viz_app.kit.library import Library
from viz_app.kit.page import visible_picker
from viz_app.kit.visible import Part

ALL = ("gates", "states", "gradients", "lines")


@pytest.fixture(scope="module")
def with_loss(library: Library) -> xr.Dataset:
    """The prepared LSTM's recording with a loss."""
    run = library.runs["adding-lstm"]
    probe = run.probe()
    return units.layer_of(record(run.model(), probe.inputs, SummedLoss(run.task, probe)))


def seen(library: Library, layer: xr.Dataset, **part: Any) -> gates.GatesView:
    """A part of example 14."""
    run = library.runs["adding-lstm"]
    return gates.view(layer, run.probe(), run.task, example=14, part=Part(**part))


def test_a_part_shows_its_steps_and_units_alone(
    library: Library, with_loss: xr.Dataset, spec_of: Any
) -> None:
    """Axes, pixels, input, marks, lines and the table of numbers: all of that stretch."""
    view = seen(library, with_loss, window=(30, 48), units=(3, 7, 11), panels=ALL)
    spec = spec_of(view.spec(gates.GatesLook(), (7, 47)))
    one = view.one()
    order = [unit for unit in view.data.shape.units if unit in (3, 7, 11)]
    domains = {
        tuple(layer["encoding"]["x"]["scale"]["domain"])
        for panel in spec.found["vconcat"]
        for layer in panel["layer"]
        if "scale" in layer.get("encoding", {}).get("x", {})
    }
    assert domains == {(29.5, 48.5)}
    assert spec.pixels("input gate").shape[:2] == (3, 19)
    assert spec.found["datasets"]["cells"].time.tolist() == list(range(30, 49))
    assert [row["unit"] for row in spec.rows({"name": "rows"})] == order
    for signal in ("input_gate", "hidden_state"):
        expected = one[signal].values[30:49][:, order].ravel()
        np.testing.assert_allclose(spec.told(signal), expected, atol=5.1e-5)
    strip = spec.rows(spec.found["vconcat"][0]["layer"][0]["data"])
    assert [row["time"] for row in strip] == list(range(30, 49))
    marks = [step for step, _ in view.seen.marks]
    assert marks == [step for step, _ in view.data.marks if step >= 30]
    table = view.table()
    assert sorted(set(table["time"])) == list(range(30, 49))
    assert sorted(set(table["unit"])) == [3, 7, 11]


def test_gradients_are_those_recorded(
    library: Library, with_loss: xr.Dataset, spec_of: Any
) -> None:
    """Their values, their norm over all units of the layer, and the ends of their colours."""
    view = seen(library, with_loss, window=(10, 49), units=(2, 5), panels=ALL)
    shape, one = view.seen.shape, view.one()
    gradients = [signal for signal in shape.signals if signal.kind == "gradient"]
    assert [signal.name for signal in gradients] == ["grad_cell_state", "grad_hidden_state"]
    spec = spec_of(view.spec(gates.GatesLook(), (2, 10)))
    norms = spec.rows({"name": "norms"})
    for signal in gradients:
        values = one[signal.name].values.astype(float)
        order = [row["unit"] for row in spec.rows({"name": "rows"})]
        sent = spec.told(signal.name)
        np.testing.assert_allclose(sent, values[10:, order].ravel(), rtol=5.1e-4)
        told = {row["time"]: row["value"] for row in norms if row["line"] == signal.name}
        expected = np.linalg.norm(values, axis=1)
        assert told == {
            step: pytest.approx(expected[step], rel=5.1e-4)
            for step in range(10, 50)
            if expected[step]
        }
        largest = np.abs(with_loss[signal.name].values).max()
        assert signal.bound / 10 <= largest <= signal.bound
        assert signal.ends[1] - signal.ends[0] == 6


def test_panels_are_those_that_are_shown(library: Library, with_loss: xr.Dataset) -> None:
    """Gates, states, gradients, lines; without any the states."""
    titles = {
        ("gates",): ["input_gate", "forget_gate", "output_gate"],
        ("states",): ["cell_state", "hidden_state"],
        ("gradients",): ["grad_cell_state", "grad_hidden_state"],
        (): ["cell_state", "hidden_state"],
    }
    for panels, names in titles.items():
        view = seen(library, with_loss, panels=panels)
        assert [signal.name for signal in view.seen.shape.signals] == names
        drawn = view.chart(gates.GatesLook(), view.picked()).to_dict()["vconcat"]
        assert len(drawn) == 1 + len(names) + (panels == ("gradients",))


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"window": (5, 50)}, "steps 0 to 49"),
        ({"window": (9, 8)}, "steps 0 to 49"),
        ({"units": (3, 16)}, "no unit 16"),
    ],
)
def test_what_is_not_there_is_refused(
    library: Library, with_loss: xr.Dataset, part: Any, told: str
) -> None:
    """With the number and what there is."""
    with pytest.raises(ValueError, match=told):
        _ = seen(library, with_loss, **part).seen


def test_gradients_want_a_loss(library: Library, recorded: Any) -> None:
    """A recording without one says how to get them."""
    with pytest.raises(ValueError, match="record with a loss"):
        seen(library, recorded("adding-lstm"), panels=ALL)


def test_lines_of_a_long_window_keep_every_extreme() -> None:
    """Of 10,000 steps few are sent, among them each block's smallest and largest value."""
    draw = np.random.default_rng(3)
    values = draw.random((10_000, 1, 4)).astype("float32")
    layer = xr.Dataset(
        dict.fromkeys(("forget_gate", "hidden_state"), (("time", "batch", "unit"), values)),
        coords={"time": np.arange(10_000), "batch": [0], "unit": range(4)},
        attrs={"cell": "x", "direction": "forward", "retention_gate": ""},
    )
    view = gates.view(layer)
    line = values[:, 0, 2]
    sent = cell_frame(view.seen, 2)
    assert 700 < len(sent) < 2000
    np.testing.assert_allclose(sent["forget_gate"], line[sent["time"]], atol=5.1e-5)
    for first in range(0, 10_000, 28):
        inside = sent[(sent["time"] >= first) & (sent["time"] < first + 28)]["forget_gate"]
        block = line[first : first + 28]
        assert [inside.min(), inside.max()] == pytest.approx([block.min(), block.max()], abs=6e-5)


def test_the_window_stands_in_the_address(open_app: Any, page_spec: Any, spec_of: Any) -> None:
    """Opened from it, changed on the page, kept for another network's page, taken back."""
    app = open_app(run="adding-lstm", window="10-30", units="7.3", show="gates.gradients")
    found = spec_of(page_spec(app))
    assert (found.view["first"], found.view["past"]) == (10, 31)
    assert sorted(row["unit"] for row in found.rows({"name": "rows"})) == [3, 7]
    app.slider(key="window").set_value((20, 40)).run()
    assert app.query_params["window"] == "20-40"
    shown = "input_gate.forget_gate.output_gate.grad_cell_state.grad_hidden_state"
    assert "show" not in app.query_params
    assert app.query_params["pictures"] == shown
    assert 20 <= int(app.query_params["step"]) <= 40
    (whole,) = (button for button in app.button if button.label == "All steps")
    whole.click().run()
    assert "window" not in app.query_params
    assert spec_of(page_spec(app)).view["past"] == 50


@pytest.mark.parametrize("window", ["30-10", "a-b", "5", "0-99999999999", "40-80", ""])
def test_a_window_that_is_none_shows_everything(
    open_app: Any, page_spec: Any, spec_of: Any, window: str
) -> None:
    """An address can say anything."""
    app = open_app(run="adding-gru", window=window, units="x.99", show="nothing")
    found = spec_of(page_spec(app))
    assert (found.view["first"], found.view["past"]) == (0, 50)
    assert len(found.rows({"name": "rows"})) == 19


def test_a_drag_is_rounded_to_steps_and_a_click_is_none() -> None:
    """What Vega tells of a stretch, in the place of steps."""
    import streamlit as st

    for dragged, window in (([12.4, 3.6], (4, 12)), ([-3, 80], (0, 49)), ([5.1, 5.3], None)):
        st.session_state.pop("window", None)
        assert visible_picker.zoom(dragged, 50) is (window is not None)
        assert st.session_state.get("window") == window
    assert visible_picker.zoom([], 50) is False
