"""Compare in a real browser: choose sides, see the difference, point, click, reload."""

from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
import xarray as xr

from gatescope import load_run, record
from viz_app.kit import library, units

pytestmark = pytest.mark.browser

ROUNDED = 0.0006
"""What is told beside the pointer has three digits."""


def recorded(name: str, step: int | None = None) -> tuple[xr.Dataset, list[int]]:
    """A prepared run's recording at a checkpoint, and the order of its units, without the app."""
    run = load_run(library.PREPARED / name)
    probe = run.probe()
    order = units.order_units(units.layer_of(record(run.model(), probe.inputs)), probe)
    return units.layer_of(record(run.model(step), probe.inputs)), order


def address(screen: Any) -> dict[str, str]:
    """What the address says."""
    return {key: value[0] for key, value in parse_qs(urlparse(screen.page.url).query).items()}


def told(screen: Any) -> dict[str, float]:
    """What is told of the pointer's place: unit, step, and each heatmap's number by its name."""
    return {name: float(text.replace("−", "-")) for name, text in screen.readout().items()}


def test_before_and_after_and_two_networks(screen: Any) -> None:
    """Differences unit by unit of one network; of two, each tells of its own unit."""
    screen.open("/compare?example=3")
    gap = "input gate: after training minus before training"
    screen.heatmap(gap)
    before, order = recorded("adding-lstm", 0)
    after, _ = recorded("adding-lstm")
    shape = {"steps": 50, "rows": 16}
    for step, row in ((20, 2), (48, 15)):
        found = screen.pointed(
            lambda step=step, row=row: screen.cell(gap, step, row, **shape),
            lambda: told(screen),
            {"step": step, "unit": order[row]},
        )
        place = {"batch": 3, "time": step, "unit": order[row]}
        pair = [float(each["input_gate"][place]) for each in (before, after)]
        assert found["input gate: before training"] == pytest.approx(pair[0], abs=ROUNDED)
        assert found["input gate: after training"] == pytest.approx(pair[1], abs=ROUNDED)
        assert found[gap] == pytest.approx(pair[1] - pair[0], abs=ROUNDED)
        assert not [name for name in found if "cell state" in name]
    screen.page.mouse.click(*screen.cell(gap, 20, 2, **shape))
    screen.until(lambda: address(screen).get("unit") == str(order[2]), "the unit in the address")
    screen.until(lambda: f"input gate of unit {order[2]}" in screen.texts(), "the unit's lines")

    screen.choose(screen.page.get_by_role("combobox", name="Compared with"), "LSTM and GRU")
    title = "1 − update gate: GRU"
    screen.heatmap(title)
    screen.drawn("difference of the averages: GRU minus LSTM")
    screen.page.get_by_role("button", name="kept", exact=True).click()
    screen.heatmap("update gate: GRU")
    gru, order = recorded("adding-gru")
    found = screen.pointed(
        lambda: screen.cell(title, 30, 18, steps=50, rows=19),
        lambda: told(screen),
        {"step": 30, "unit": order[18]},  # the GRU's own
    )
    gate = float(gru["update_gate"][{"batch": 3, "time": 30, "unit": order[18]}])
    assert found[title] == pytest.approx(1 - gate, abs=ROUNDED)
    assert found["update gate: GRU"] == pytest.approx(gate, abs=ROUNDED)
    assert not [name for name in found if "LSTM" in name]

    screen.until(lambda: address(screen).get("with") == "adding-gru", "the side in the address")
    shown, here = screen.url(title), address(screen)
    screen.page.reload()
    screen.until(lambda: screen.url(title) == shown, "the same picture after a reload")
    screen.until(lambda: address(screen) == here, "the same address")
    screen.page.go_back()
    screen.until(lambda: "pictures" not in address(screen), "the signals as they open")
    screen.page.go_back()
    screen.heatmap(gap)
