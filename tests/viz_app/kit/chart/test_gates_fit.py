"""Heatmaps fit the reader's window: height, width, type, and which of them stand there at first."""

import json
import re
from typing import Any

import pytest
import vl_convert

from viz_app.features import Gates
from viz_app.kit import export
from viz_app.kit.chart.gates_fit import fit, heat_height, row_labels, which_fit
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.window import WINDOWS, Look, Window

ALL = ("input_gate", "forget_gate", "output_gate", "cell_state", "hidden_state", "lines")
FIRST = {
    "adding-lstm": ["input_gate", "lines", "forget_gate", "cell_state"],
    "temporal-order-gru": ["update_gate", "lines", "hidden_state"],
    "digits-rnn": ["hidden_state", "lines"],
    "digits-lstm": ["input_gate", "lines", "forget_gate", "cell_state"],
}


def drawn(view: Gates, window: Window, **look: Any) -> str:
    """The chart of a page as SVG."""
    seen = view.data()
    made = GatesLook.of(Look("light", window), **look)
    return str(vl_convert.vegalite_to_svg(json.dumps(export.spec(seen.chart(made, seen.picked())))))


def size(svg: str) -> tuple[float, float]:
    """Width and height."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert found is not None
    return float(found[1]), float(found[2])


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
@pytest.mark.parametrize("name", FIRST)
def test_what_opens_fits_the_window(name: str, window: Window) -> None:
    """No higher than it may be, nothing beside the plots, no type smaller than it should be."""
    view = Gates(name)
    first = view.fitting(GatesLook.of(Look("light", window)))
    assert first[0] == FIRST[name][0]
    assert [picture for picture in FIRST[name] if picture in first] == list(first)
    svg = drawn(view.but(pictures=first), window)
    wide, high = size(svg)
    assert high <= window.height
    assert high > 0.8 * window.height, "no room is left unused"
    look = GatesLook.of(Look("light", window))
    # the browser gives the plots the width without their margin: Gates leaves these pixels
    assert wide <= window.width + look.margin + 20
    sizes = [float(found) for found in re.findall(r'font-size="([\d.]+)px"', svg)]
    letters = 0.75 if name.startswith("temporal") else 1.0  # of the input, each on its step
    assert min(sizes) >= letters * window.type_size


@pytest.mark.parametrize("window", ["laptop", "desktop", "projector", "tablet"])
def test_more_pictures_are_lower_ones(window: Any) -> None:
    """All of an LSTM's stand in a large window too, each with its name, one scale for all gates."""
    svg = drawn(Gates("adding-lstm", pictures=ALL), WINDOWS[window])
    longer = {"laptop": 180, "projector": 100}
    assert size(svg)[1] <= WINDOWS[window].height + longer.get(window, 0)
    texts = re.findall(r">([^<>]+)</text>", svg)
    for title in ("input gate", "forget gate", "output gate", "cell state", "hidden state"):
        assert title in texts
    assert texts.count("1 open") == 1
    assert svg.count("linearGradient id") == 5, "two of them for the lines below zero"


def test_every_row_can_be_named() -> None:
    """By its label, and by pointing where labels would overlap: they stand a line apart."""
    shape = Gates("adding-lstm", pictures=("input_gate",)).data().seen.shape
    for window in WINDOWS.values():
        look = fit(shape, GatesLook.of(Look("light", window)))
        rows, high = row_labels(shape, look), heat_height(shape, look)
        assert rows[0] == 0
        apart = (rows[1] - rows[0]) * high / len(shape.units)
        assert apart >= 1.05 * window.type_size
        assert rows == list(range(16)) or apart < 2.4 * window.type_size


def test_a_figure_in_a_file_is_as_it_was() -> None:
    """It has the legends beside its plots, all of `show`, and heights of its own."""
    seen = Gates("adding-lstm").data()
    look = GatesLook(hover=False)
    assert fit(seen.seen.shape, look) is look
    assert heat_height(seen.seen.shape, look) == 112
    spec = export.spec(seen.chart(look, seen.picked()))
    assert "gradientLength" in json.dumps(spec)
    assert [signal.name for signal in seen.seen.shape.signals] == list(ALL[:-1])


def test_the_first_picture_always_opens() -> None:
    """However little room there is."""
    shape = Gates("adding-lstm").data().seen.shape
    small = Window("phone", 300, 100, 12)
    assert which_fit(shape, GatesLook.of(Look("light", small)), ALL) == ("input_gate",)


def test_a_page_opens_with_what_fits_and_keeps_what_is_chosen(open_app: Any) -> None:
    """Nothing in the address at first; a choice stands there, and goes with the reader."""
    app = open_app(run="adding-lstm")
    assert "pictures" not in app.query_params
    (pills,) = [each for each in app.get("button_group") if each.label == "Pictures"]
    assert set(pills.value) == {"input_gate", "forget_gate", "lines"}
    pills.set_value(["input_gate", "hidden_state"]).run()
    assert app.query_params["pictures"] == "input_gate.hidden_state"
    app.button_group(key="run").set_value("adding-gru").run()
    assert app.query_params["pictures"] == "update_gate.hidden_state.lines"
    app.button_group(key="run").set_value("adding-lstm").run()
    assert app.query_params["pictures"] == "input_gate.hidden_state"


@pytest.mark.parametrize(
    ("show", "pictures"),
    [
        ("gates.lines", "input_gate.forget_gate.output_gate.lines"),
        ("states", "cell_state.hidden_state"),
        ("none", "cell_state.hidden_state"),
        ("gradients", "grad_cell_state.grad_hidden_state"),
    ],
)
def test_an_old_address_opens_what_it_opened(open_app: Any, show: str, pictures: str) -> None:
    """`show` named groups; the address names their pictures now."""
    app = open_app(run="adding-lstm", show=show)
    assert app.query_params["pictures"] == pictures
    assert "show" not in app.query_params


@pytest.mark.parametrize(
    ("name", "window", "wide"),
    [("temporal-order-gru", "phone", 2.0), ("adding-lstm", "phone", 3.3),
     ("adding-lstm", "laptop", 3.5)],
)  # fmt: skip
def test_the_ground_around_a_mark_hides_no_step(name: str, window: Any, wide: float) -> None:
    """It is half a step wide, of steps of few pixels as wide as a rule and its edge; it lies
    outside of the marked step."""
    view = Gates(name, pictures=("update_gate" if name.endswith("gru") else "input_gate",))
    svg = drawn(view, WINDOWS[window])
    rule = r'<line transform="translate\(([\d.]+),0\)"[^>]*"#ffffff" stroke-width="([\d.]+)"/>'
    ground = re.findall(rule, svg)
    assert {float(width) for _, width in ground} == {wide}
    step = WINDOWS[window].width / view.data().seen.shape.steps
    places = sorted(float(x) for x, _ in ground)
    for left, right in zip(places[::2], places[1::2], strict=True):
        assert right - left == pytest.approx(step + wide - 1, abs=0.1)
