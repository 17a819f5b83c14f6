"""Recordings of very many steps on the page: a window as it is, all steps at a glance."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from streamlit.testing.v1 import AppTest
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from gatescope import TraceError, open_trace, record
from gatescope.recording.overview import read_overview
from viz_app.features.gates import data as gates
from viz_app.features.your_model import long
from viz_app.kit import uploaded as brought
from viz_app.kit.chart.window import Look
from viz_app.kit.library import OWN_RUNS

PAGE = "your_model"
STEPS = 5_000


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a long recording, packed, with gradients, and one that is no recording."""
    folder = tmp_path_factory.mktemp("served")
    torch.manual_seed(0)
    x = pack_padded_sequence(torch.randn(STEPS, 2, 2), [STEPS, 4_321])
    record(nn.GRU(2, 4), x, lambda o: o[0].data.square().sum(), to=folder / "long.nc").close()
    (folder / "text.nc").write_text("not a recording")
    (folder / ".long.nc-half").write_text("of a recording that runs")
    return folder


@pytest.fixture
def app(open_app: Callable[..., AppTest], served: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page where it asks for a recording."""
    monkeypatch.setenv(OWN_RUNS, str(served))
    app = open_app(PAGE)
    app.get("button_group")[0].set_value("trace").run()
    return app


def captions(app: AppTest) -> str:
    """What stands under the pictures."""
    assert not app.exception, [error.value for error in app.exception]
    return "\n".join(str(each.value) for each in app.caption)


def test_a_window_of_a_long_recording(app: AppTest) -> None:
    """The steps that are asked for, as many as fit, of the sequence; the text says which."""
    app.selectbox("your_served").set_value("long.nc").run()
    assert "steps: 5,000" in str(app.success[0].value)
    assert "Time steps 0 to 999 of 5,000, sequence 0." in captions(app)
    app.number_input("your_first").set_value(3_000).run()
    assert "Time steps 3,000 to 3,999 of 5,000, sequence 0." in captions(app)
    app.number_input("your_first").set_value(4_000)
    app.number_input("your_example").set_value(1).run()
    assert "Time steps 3,321 to 4,320 of 4,321, sequence 1." in captions(app)
    assert [tab.label for tab in app.tabs] == [
        "Gates and states", "All time steps", "Gradient norms",
    ]  # fmt: skip
    app.session_state["tab_your_model"] = "All time steps"
    app.run()
    app.selectbox("your_signal").set_value("grad_hidden_state").run()
    alternative = app.get("vega_lite_chart")[0].proto.alt
    assert alternative.startswith("gradient of the hidden state over all time steps: 4 units")


def test_what_is_served_and_no_recording(app: AppTest) -> None:
    """It is in the list, and a sentence says what is wrong; what is half written is not."""
    choices = app.selectbox("your_served").options
    assert [choice for choice in choices if choice.endswith(".nc")] == ["long.nc", "text.nc"]
    app.selectbox("your_served").set_value("text.nc").run()
    assert "text.nc is not a trace" in str(app.error[0].value)


def test_a_window_is_all_that_is_read(served: Path) -> None:
    """Those numbers, and no others."""
    with open_trace(served / "long.nc") as trace:
        layer = trace["gru/l0"].to_dataset()
        part = long.window(layer, 1, 4_000)
        assert dict(part.sizes) == {"time": 321, "batch": 1, "unit": 4}
        assert not any(layer[name].variable._in_memory for name in layer.data_vars)
        names = list(layer.data_vars)
        expected = layer[names].isel(time=slice(4_000, 4_321), batch=[1]).load()
        xr.testing.assert_identical(part[names], expected.drop_vars("length"))
    shape = gates.view(part).data.shape
    assert (shape.start, shape.end) == (4_000, 4_321)


def test_all_steps_at_a_glance(served: Path) -> None:
    """The pointer is told least, mean and largest of the very numbers; the frame is the window."""
    with open_trace(served / "long.nc") as trace:
        layer = trace["gru/l0"].to_dataset().load()
    found = read_overview(served / "long.nc", "gru/l0", 0)
    assert found is not None
    names = long.signals_of(found, layer)
    assert names == ["reset_gate", "update_gate", "candidate", "hidden_state"] + [
        f"grad_{name}" for name in ("reset_gate", "update_gate", "candidate", "hidden_state")
    ]
    times = layer["time"].values
    for name in ("update_gate", "grad_hidden_state"):
        values = layer[name].values[:, 0].astype("float64")
        chart = long.chart(found, name, times, (2_000, 2_999), Look()).to_dict()
        rows = next(rows for rows in chart["datasets"].values() if "mean" in rows[0])
        assert {row["unit"] for row in rows} == {0, 1, 2, 3}
        for row in rows:
            part = values[row["left"] : row["right"], row["unit"]]
            assert row["low"] == pytest.approx(part.min(), rel=1e-6)
            assert row["high"] == pytest.approx(part.max(), rel=1e-6)
            assert row["mean"] == pytest.approx(part.mean(), rel=1e-4, abs=1e-5)
        assert sum(row["right"] - row["left"] for row in rows) == 4 * STEPS
        inline = [part["data"].get("values", [{}])[0] for part in chart["layer"]]
        assert {(row["left"], row["right"]) for row in inline if "left" in row} == {(2_000, 3_000)}


def test_no_folder_of_runs_no_list(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one the page asks for an upload alone."""
    monkeypatch.delenv(OWN_RUNS, raising=False)
    app = open_app(PAGE)
    app.get("button_group")[0].set_value("trace").run()
    assert [box.key for box in app.selectbox if box.key == "your_served"] == []
    assert long.recordings() == {}


def recorded(steps: int, units: int, signals: int = 2, label: str = "int64") -> xr.Dataset:
    """A recording of one example, as a file can hold it."""
    values = np.broadcast_to(np.float32(0.5), (steps, 1, units))
    names = ["update_gate", *(f"{k}_gate" for k in range(signals - 1))]
    labels = {"time": np.arange(steps), "batch": [0], "unit": np.arange(units)}
    return xr.Dataset(
        dict.fromkeys(names, (("time", "batch", "unit"), values)),
        {name: np.asarray(each).astype(label) for name, each in labels.items()},
        {"cell": "gru", "layer": 0, "direction": "forward", "retention_gate": "update_gate"},
    )


@pytest.mark.parametrize(
    ("steps", "units", "signals", "shown"),
    [(4096, 512, 2, 4096), (4096, 513, 2, 1000), (4096, 4096, 2, 512), (5000, 1, 1, 1000)],
)
def test_what_is_wide_is_shown_in_a_window_too(
    steps: int, units: int, signals: int, shown: int
) -> None:
    """No more than `MOST_VALUES` at once: 0.2 MB of gzip were 600 MB on a page."""
    layer = recorded(steps, units, signals)
    assert long.at_once(layer) == shown
    assert long.window(layer, 0, 0).sizes["time"] == shown


def test_units_twice_and_steps_that_wrap_are_told() -> None:
    """Both would be labels of two rows or columns."""
    twice = recorded(3, 4).assign_coords(unit=[0, 1, 1, 2])
    with pytest.raises(ValueError, match="unit 1 twice"):
        gates.view(twice)
    wrapped = recorded(300, 1, label="int8")
    with pytest.raises(ValueError, match="step 127 and then step −128"):
        gates.view(wrapped)


def test_more_signals_or_units_than_can_be_drawn_are_told() -> None:
    for layer, told in ((recorded(2, 1, 65), "65 signals"), (recorded(2, 8193), "8,193 units")):
        trace = xr.DataTree.from_dict({"gru/l0": layer})
        with pytest.raises(TraceError, match=f"x.nc has {told}"):
            brought.require_shown(trace, "x.nc")
