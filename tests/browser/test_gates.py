"""The whole way of a reader through the app, in a real browser."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
import xarray as xr
from playwright.sync_api import Page, expect

from gatescope import Run, load_run, record
from viz_app.kit import library, units
from viz_app.text import say

pytestmark = pytest.mark.browser

ALL = "/gates?pictures=input_gate.forget_gate.output_gate.cell_state.hidden_state.lines"
"""A link to all heatmaps of an LSTM, of which a laptop opens the first ones."""

LSTM = ["input gate", "forget gate", "output gate", "cell state", "hidden state"]
ROUNDED = 0.0006
"""A card has three digits."""


def recorded(name: str, step: int | None = None) -> tuple[Run, xr.Dataset, list[int]]:
    """A prepared run, its recording and the order of its units, without the app."""
    run = load_run(library.PREPARED / name)
    probe = run.probe()
    order = units.order_units(units.layer_of(record(run.model(), probe.inputs)), probe)
    return run, units.layer_of(record(run.model(step), probe.inputs)), order


def address(page: Page) -> dict[str, str]:
    """What the address says."""
    return {name: values[0] for name, values in parse_qs(urlparse(page.url).query).items()}


def hover_and_compare(screen: Any, layer: xr.Dataset, order: list[int], title: str) -> None:
    """Point at cells of a heatmap: unit, step and values in the titles are those recorded."""
    shape = {"steps": layer.sizes["time"], "rows": layer.sizes["unit"]}
    screen.until(lambda: "example" in address(screen.page), "the example in the address")
    example = int(address(screen.page)["example"])
    for step, row in ((3, 1), (shape["steps"] - 2, shape["rows"] - 1)):
        told = screen.pointed(
            lambda step=step, row=row: screen.cell(title, step, row, **shape),
            screen.readout,
            {"unit": str(order[row]), "step": str(step)},
        )
        one = layer.isel(batch=example, time=step, unit=order[row])
        assert len(told) > 2
        for name in set(told) - {"unit", "step"}:
            value = float(told[name].replace("−", "-"))
            assert value == pytest.approx(float(one[name.replace(" ", "_")]), abs=ROUNDED), name
    screen.page.mouse.move(5, 5)
    picked = {name: address(screen.page)[name] for name in ("unit", "step")}
    screen.until(lambda: picked.items() <= screen.readout().items(), f"the picked {picked}")


def click_cell(screen: Any, title: str, step: int, row: int, layer: xr.Dataset) -> None:
    """Click into a heatmap."""
    shape = {"steps": layer.sizes["time"], "rows": layer.sizes["unit"]}
    screen.page.mouse.click(*screen.cell(title, step, row, **shape))


def changed(before: Any, after: Any) -> float:
    """Share of the pixels that are not the same."""
    return float((np.asarray(before) != np.asarray(after)).any(axis=-1).mean())


def test_a_reader_looks_at_gates(screen: Any, tmp_path: Path) -> None:
    """Hover, fade, scrub, change the network, zoom, pick a unit, take a figure, and reload."""
    page = screen.page
    screen.open(ALL)
    screen.until(lambda: set(LSTM) <= set(screen.texts()), "the LSTM's heatmaps")
    run, layer, order = recorded("adding-lstm")
    assert screen.says(r"^unit \d+ ·").startswith(f"unit {order[0]} ·")
    hover_and_compare(screen, layer, order, "cell state")

    # fading covers the cell state alone
    def seen(title: str) -> Any:
        return screen.pixels(screen.heatmap(title))

    before = {title: seen(title) for title in ("input gate", "cell state")}

    def share(title: str) -> float:
        return changed(before[title], seen(title))

    fade = page.get_by_text("Fade the state")
    fade.click()
    screen.until(
        lambda: share("input gate") == 0 and share("cell state") > 0.2,
        "a faded cell state below an input gate as it was",
    )
    fade.click()
    screen.until(lambda: share("cell state") == 0, "the cell state as it was")

    # scrubbing through training
    slider = page.get_by_test_id("stSlider").first
    page.get_by_text(say("app.settings_of_run"), exact=True).click()
    caption = page.get_by_text(re.compile(r"LSTM, .*(trained for|after) [\d,]+ .*steps"))
    trained = {title: screen.heatmap(title)["url"] for title in LSTM}
    expect(caption).to_contain_text(f"trained for {run.steps[-1]:,} training steps")
    screen.drag(slider, 0.5)
    screen.until(
        lambda: all(screen.url(title) not in ("", trained[title]) for title in LSTM),
        "other heatmaps in the middle of training",
    )
    screen.until(lambda: "checkpoint" in address(page), "the checkpoint in the address")
    middle = int(address(page)["checkpoint"])
    assert middle in run.steps[1:-1]
    expect(caption).to_contain_text(f"after {middle:,} of")
    hover_and_compare(screen, recorded("adding-lstm", middle)[1], order, "forget gate")
    screen.drag(slider, 1)
    screen.until(
        lambda: all(screen.url(title) == trained[title] for title in LSTM),
        "the heatmaps at the end of training again",
    )

    # another cell has other gates
    page.get_by_role("radio", name="GRU").click()
    screen.until(
        lambda: (
            {"hidden state", "update gate"} <= set(screen.texts())
            and not {"forget gate", "cell state"} & set(screen.texts())
        ),
        "the GRU's heatmaps",
    )
    page.get_by_test_id("stButtonGroup").get_by_text("reset gate", exact=True).click()
    screen.until(lambda: "reset gate" in screen.texts(), "another heatmap")
    screen.settle()
    run, layer, order = recorded("adding-gru")
    hover_and_compare(screen, layer, order, "update gate")

    # dragging over the input zooms, in every panel
    box = screen.heatmap("reset gate")
    y, far = screen.bring(box["y"] - 50), box["x"] + 0.61 * box["width"]
    page.mouse.move(box["x"] + 0.21 * box["width"], y)
    page.mouse.down()
    page.mouse.move(far, y, steps=8)
    page.mouse.up()
    screen.until(lambda: address(page).get("window") == "10-30", "the window in the address")
    screen.until(lambda: screen.url("reset gate") not in ("", box["url"]), "the stretch, drawn")
    screen.settle()
    screen.pointed(
        lambda: screen.cell("update gate", 5, 2, 21, layer.sizes["unit"]),
        screen.readout,
        {"unit": str(order[2]), "step": "15"},
    )
    page.get_by_role("button", name="All steps").click()
    screen.until(lambda: screen.url("reset gate") == box["url"], "all steps again")
    screen.until(lambda: "window" not in address(page), "no window in the address")

    # a click picks a unit and a step
    picture = screen.url("update gate")
    page.get_by_label("Example", exact=True).fill("3")
    page.get_by_label("Example", exact=True).press("Enter")
    screen.until(lambda: screen.url("update gate") not in ("", picture), "another example")
    screen.settle()
    click_cell(screen, "reset gate", 30, 4, layer)
    note = rf"^unit {order[4]} ·"
    screen.until(lambda: bool(screen.text(note)), f"the traces of unit {order[4]}")
    picked = {"run": "adding-gru", "example": "3", "unit": str(order[4]), "step": "30"}
    screen.until(lambda: picked.items() <= address(page).items(), f"{picked} in the address")
    page.mouse.move(5, 5)
    screen.until(
        lambda: {"unit": str(order[4]), "step": "30"}.items() <= screen.readout().items(),
        "the picked unit and step in the titles",
    )
    named = {"reset gate", "update gate", "hidden state"}
    screen.until(lambda: named <= set(screen.readout()), "each picture's readout")

    # a figure of what stands there
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    figure = tmp_path / "figure.svg"
    download.value.save_as(figure)
    svg = figure.read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    assert "update gate" in svg
    assert f"unit {order[4]} ·" in svg

    # the address brings everything back
    shown = screen.heatmap("update gate")["url"]
    page.reload()
    screen.settle()
    screen.until(lambda: bool(screen.text(note)), "the same unit after reloading")
    screen.until(lambda: picked.items() <= address(page).items(), "the picks in the address again")
    screen.until(lambda: screen.url("update gate") == shown, "the same picture")
    assert page.get_by_role("radio", name="GRU").is_checked()
    assert page.get_by_label("Example", exact=True).input_value() == "3"


@pytest.mark.long
def test_a_network_without_gates_answers_too(screen: Any) -> None:
    """Pointing and clicking are the same with one heatmap."""
    screen.open("/?run=adding-rnn")
    _, layer, order = recorded("adding-rnn")
    hover_and_compare(screen, layer, order, "hidden state")
    click_cell(screen, "hidden state", 20, 7, layer)
    screen.until(lambda: bool(screen.text(rf"^unit {order[7]} ·")), f"unit {order[7]}")
    screen.until(
        lambda: {"unit": str(order[7]), "step": "20"}.items() <= address(screen.page).items(),
        "the unit in the address",
    )


def test_arrow_keys_pick_in_a_chart_that_has_the_focus(screen: Any) -> None:
    """Left and right a step, up and down a row; the focus is seen, and stays."""
    screen.open("/gates?run=adding-lstm&step=5&unit=7")
    page, (_, _, order) = screen.page, recorded("adding-lstm")
    screen.until(lambda: address(page).get("step") == "5", "the picks in the address")
    screen.settle()
    canvas = page.locator("[data-testid=stVegaLiteChart] canvas").first
    screen.until(lambda: canvas.get_attribute("tabindex") == "0", "a chart that takes the focus")
    canvas.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    picked = {"unit": str(order[order.index(7) + 1]), "step": "6"}
    screen.until(lambda: picked.items() <= screen.readout().items(), f"{picked} in the titles")
    screen.until(lambda: picked.items() <= address(page).items(), f"{picked} in the address")
    assert page.evaluate("document.activeElement.tagName") == "CANVAS"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("ArrowUp")
    screen.until(lambda: address(page).get("unit") == "7", "the row above again")


def test_the_toolbar_covers_no_sentence(screen: Any) -> None:
    """It stands below the picture, and only while the pointer is on it."""
    screen.open("/gates?run=adding-lstm")
    page = screen.page
    box = screen.box(page.locator("[data-testid=stVegaLiteChart] canvas").first)
    page.mouse.move(box["x"] + 200, box["y"] + 120)
    bar = page.locator(".st-key-picture [data-testid=stElementToolbar]").first
    said = screen.box(page.locator(".st-key-headline"))
    assert screen.box(bar)["y"] > said["y"] + said["height"] + 0.9 * box["height"]


def test_a_block_tells_its_range_and_mean(screen: Any, app: Any) -> None:
    """With too many cells for each to be told, the pointer is told of a few at once."""
    page = screen.page
    screen.open(f"/?run={app.wide.name}&example=4&sort=index")
    screen.until(lambda: "step" in address(page), "the picks in the address")
    run = load_run(app.wide)
    (leaf,) = record(run.model(), run.probe().inputs).leaves
    gate = leaf.to_dataset()["forget_gate"].values[:, 4]

    def at() -> tuple[float, float]:
        place: tuple[float, float] = screen.cell("forget gate", 120, 31, 250, 64)
        return place

    told = screen.pointed(at, screen.readout, {})
    steps, units = ([int(n) for n in re.findall(r"\d+", told[key])] for key in ("step", "unit"))
    assert 120 in range(steps[0], steps[1] + 1)
    assert 31 in units
    block = gate[steps[0] : steps[1] + 1][:, units]
    said = [float(number) for number in re.findall(r"\d\.\d+", told["forget gate"])]
    assert said == pytest.approx([block.min(), block.max(), block.mean()], abs=ROUNDED)

    # a click picks exactly what is under the pointer
    page.mouse.click(*at())
    picked = {"unit": "31", "step": "120"}
    screen.until(lambda: picked.items() <= address(page).items(), f"{picked} in the address")


@pytest.mark.parametrize("colour_scheme", ["dark"])
def test_who_prefers_the_dark_gets_page_and_chart_dark(screen: Any) -> None:
    """The page's ground, the chart's ground, and light letters on it."""
    screen.open()
    ground = screen.page.get_by_test_id("stApp").evaluate(
        "node => getComputedStyle(node).backgroundColor"
    )
    assert max(map(int, re.findall(r"\d+", ground)[:3])) < 64
    screen.until(
        lambda: all(
            lightness(text["fill"]) > 100 for text in screen.charts()[0]["texts"] if text["text"]
        ),
        "light letters in the chart",
    )
    chart = screen.charts()[0]
    corner = {"x": chart["x"] + 2, "y": chart["y"] + 60, "width": 20, "height": 100}
    assert np.median(np.asarray(screen.pixels(corner))) < 64, "numbers of the axis stand there too"


def lightness(colour: str) -> float:
    """The mean of the channels of a colour, as ``#rrggbb`` or ``rgb(…)``."""
    if colour.startswith("#"):
        return float(np.mean([int(colour[k : k + 2], 16) for k in (1, 3, 5)]))
    return float(np.mean([int(channel) for channel in re.findall(r"\d+", colour)[:3]]))
