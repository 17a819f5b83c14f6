"""The step-through chart: its numbers are the recorded ones, add up, and stand on the drawing."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import altair as alt
import numpy as np
import pytest
import torch
import vl_convert
import xarray as xr

from gatescope import SequenceModel, TrainConfig, make_task, record
from gatescope.training import SummedLoss, train
from viz_app.features.step_through import chart_data as step_data
from viz_app.features.step_through import chart_numbers as step_numbers
from viz_app.features.step_through import data as step_through
from viz_app.features.step_through.chart_cell import numbers_of
from viz_app.features.step_through.chart_cells import DRAWINGS
from viz_app.features.step_through.chart_controls import Range, signals
from viz_app.features.step_through.chart_layout import StepLook
from viz_app.features.step_through.chart_text import filled, first_of
from viz_app.features.step_through.chart_upright import UPRIGHT
from viz_app.features.step_through.words import words
from viz_app.kit import export
from viz_app.kit.chart.gates import records
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.window import WINDOWS
from viz_app.kit.library import Library

CELLS = ("lstm", "gru", "rnn")
WAYS = ("forward", "backward")
TICK = 10.0**-step_numbers.DIGITS


@pytest.fixture(scope="module")
def opened(library: Library) -> Callable[..., tuple[step_through.StepView, xr.Dataset]]:
    """A prepared run's example taken apart, and its recording with a loss."""

    @cache
    def view(name: str, example: int = 3) -> tuple[step_through.StepView, xr.Dataset]:
        run = library.runs[name]
        model, batch = run.model(), run.probe()
        trace = record(model, batch.inputs, SummedLoss(run.task, batch))
        (leaf,) = trace.leaves
        one = leaf.to_dataset().isel(batch=example)
        return step_through.view(model, trace, batch, run.task, example=example), one

    return view


@pytest.mark.parametrize("way", WAYS)
def test_the_numbers_sent_are_the_recorded_ones(opened: Any, name: str, way: Any) -> None:
    """Each prepared run: every recorded signal and gradient among them, at every step and unit."""
    view, one = opened(name)
    data = view.data(way)
    frame = data.frame(0)
    steps, units = data.shape()
    assert list(frame["time"]) == np.repeat(np.arange(steps), units).tolist()
    assert list(frame["unit"]) == np.tile(np.arange(units), steps).tolist()
    exponent = frame["power"].map(lambda power: power_of(power)).to_numpy()
    checked = []
    for signal in set(one.data_vars) & set(frame.columns):
        scale = 10.0**exponent if signal.startswith("grad_") else 1.0
        values = one[signal].values.astype("float64").ravel() / scale
        assert np.abs(frame[signal] - values).max() <= 0.5 * TICK + 1e-6 * np.abs(values).max()
        checked.append(signal)
    assert len(checked) >= (2 if view.terms.attrs["cell"] == "rnn" and way == "backward" else 1)
    gradients = [n for n in frame if step_numbers.is_gradient(n)]
    assert bool(gradients) == (way == "backward")
    assert all(frame[n].abs().max() < 100.5 for n in gradients)


def power_of(text: str) -> int:
    """The exponent of ``10⁻³``; 0 of nothing."""
    return int(text[2:].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) if text else 0


def test_no_sum_on_the_drawing_fails(opened: Any, name: str) -> None:
    """Rounded terms add up to the rounded total, each within one of the last digit."""
    view, _ = opened(name)
    terms = view.data("backward").terms
    cell = view.terms.attrs["cell"]
    found = step_numbers.rounded(terms, cell)
    sums = step_numbers.sums_of(cell)
    assert len(sums) == {"rnn": 2, "lstm": 8, "gru": 7}[cell]
    for each in sums:
        parts = [np.rint(found[part] / TICK) for part in (*each.movable, *each.fixed)]
        np.testing.assert_array_equal(sum(parts), np.rint(found[each.total] / TICK), each.total)
    fixed = {part for each in sums for part in each.fixed} | {each.total for each in sums}
    for term, values in terms.items():
        scale = 10.0 ** found["exponent"] if step_numbers.is_gradient(term) else 1.0
        moved = np.abs(found[term] - values / scale).max()
        assert moved <= (0.5 if term in fixed else 1.5) * TICK * (1 + 1e-6), term


def test_rounding_moves_the_term_that_was_cut_the_most() -> None:
    """0.0014 + 0.0014 = 0.0028 reads 0.001 + 0.002 = 0.003; a zero and a bias stay."""
    terms = {
        "hidden_state_from_hidden": np.array([[0.0014, 0.0, 0.00149]]),
        "hidden_state_from_input": np.array([[0.0013, 0.0014, 0.0]]),
        "hidden_state_bias": np.array([[0.0, 0.0014, 0.00149]]),
        "hidden_state_pre": np.array([[0.0027, 0.0028, 0.00298]]),
    }
    found = step_numbers.rounded(terms, "rnn")
    np.testing.assert_allclose(found["hidden_state_from_hidden"], [[0.002, 0, 0.002]])
    np.testing.assert_allclose(found["hidden_state_from_input"], [[0.001, 0.002, 0]])
    np.testing.assert_allclose(found["hidden_state_bias"], [[0, 0.001, 0.001]])


@pytest.mark.parametrize(
    ("largest", "power"),
    [(0.0, 0), (1.0, 0), (99.0, 0), (0.1, 0), (0.099, -2), (250.0, 2), (3e-21, -21)],
)
def test_gradients_stand_in_a_power_of_ten(largest: float, power: int) -> None:
    """None where the largest is 0.1 to 100, or where there is no gradient at all."""
    assert step_numbers.exponents([np.array([[largest]]), np.array([[-largest / 3]])]) == power
    assert power_of(step_numbers.power_of_ten(power)) == power


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cell", CELLS)
def test_the_page_gets_valid_vega_lite(opened: Any, cell: str, way: Any) -> None:
    """Against the schema, but for the signals in ``config``, which Vega itself compiles."""
    view, _ = opened(f"adding-{cell}")
    spec = view.spec(way, GatesLook(), (1, 20))
    spec["datasets"] = {name: records(rows) for name, rows in spec["datasets"].items()}
    compiled = vl_convert.vegalite_to_vega(json.dumps(spec))
    made = {signal["name"]: signal for signal in compiled["config"]["signals"]}
    assert (made["unit"]["value"], made["step"]["value"]) == (1, 20)
    assert {"unit", "step", "pick", "hover"} == set(made)
    assert "pick" not in {signal["name"] for signal in compiled["signals"]}
    del spec["config"]["signals"]
    alt.VConcatChart.from_dict(spec, validate=True)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("run", ["adding-lstm", "adding-gru", "adding-rnn", "digits-lstm"])
def test_every_number_stands_on_the_drawing(opened: Any, run: str, way: Any) -> None:
    """The texts of the finished picture: on wires, in equations, in the sentences."""
    view, _ = opened(run)
    data = view.data(way)
    unit, step = view.picked()
    texts = texts_of(view.chart(way, GatesLook(hover=False), (unit, step)))
    frame = data.frame(unit).query(f"unit == {unit} and time == {step}")
    (row,) = frame.to_dict("records")
    shown = [f"{row[name]:.3f}".replace("-", "−") for name in numbers_of(data.cell, way)]
    for number in shown:
        assert number in texts, number
    assert f"Step {step}: " in " ".join(texts)
    for symbols, text in data.words.equations:
        assert symbols in texts
        assert written(text, row) in texts
    named = data.words.named()
    assert {"xₜ"} <= set(named.values()) & set(texts)


def texts_of(chart: Any) -> list[str]:
    """Every text of a drawn figure."""
    svg = export.render(chart, "svg").decode()
    return [re.sub(r"&gt;", ">", text) for text in re.findall(r"<text[^>]*>([^<]*)", svg)]


def written(text: str, row: dict[str, Any]) -> str:
    """An equation's numbers filled in by Python."""

    def number(found: re.Match[str]) -> str:
        name, _, kind = found[1].partition(":")
        value = row[name]
        plain = f"{abs(value):.3f}"
        minus = value < 0 and float(plain) != 0
        if kind == "+":
            return f" {'−' if value < 0 else '+'} {plain}"
        signed = f"−{plain}" if minus else plain
        return f"({signed})" if kind == "*" and value < 0 else signed

    return re.sub(r"\{([^}]*)\}", number, text)


def test_the_sentences_fit_the_step(opened: Any) -> None:
    """At a mark the most telling unit opens; a step later it is shut; at step 0 nothing is kept."""
    view, one = opened("adding-lstm")
    unit, step = view.picked()
    gate = one["input_gate"].values[:, unit]

    def said(step: int, way: Any = "forward") -> str:
        chart = view.chart(way, GatesLook(hover=False), (unit, step))
        return " ".join(texts_of(chart))

    assert gate[step] > 0.8
    assert gate[step + 1] < 0.2
    assert f"unit {unit} opens its input gate to {gate[step]:.3f}" in said(step)
    assert f"keeps its input gate shut ({gate[step + 1]:.3f})" in said(step + 1)
    kept = one["forget_gate"].values[step, unit]
    assert f"keeps {kept:.0%} of the" in said(step)
    assert "Its cell state was 0 before" in said(0)
    assert "in units of 10⁻" in said(step, "backward")


@pytest.mark.parametrize("cell", CELLS)
def test_no_gradient_is_said_where_none_arrives(cell: str) -> None:
    """A loss that reads no more after step 1."""
    task = make_task("adding", length=10)
    batch = task.sample(2, 0)
    model = SequenceModel(cell, 2, 3, 1)
    trace = record(model, batch.inputs, lambda outputs: outputs[1].sum())
    chart = step_through.chart(model, trace, batch, task, way="backward", unit=0, step=5)
    assert "no gradient arrives at unit 0" in " ".join(texts_of(chart))


@pytest.mark.parametrize("drawings", [DRAWINGS, UPRIGHT])
@pytest.mark.parametrize("cell", CELLS)
def test_every_wire_meets_what_it_leads_to(cell: str, drawings: Any) -> None:
    """Its ends lie on a box's edge, in a circle's middle, on another wire, or where labels are."""
    drawing = drawings[cell]
    across, down = (half / 2 for half in drawing.box)
    dots = {dot.at for dot in drawing.dots}
    boxes = [box.at for box in drawing.boxes]

    def on_box(x: float, y: float) -> bool:
        return any(
            (abs(x - bx) <= across and abs(abs(y - by) - down) < 1e-9)
            or (abs(y - by) <= down and abs(abs(x - bx) - across) < 1e-9)
            for bx, by in boxes
        )

    def on_wire(x: float, y: float, own: Any) -> bool:
        return any(
            min(a[0], b[0]) <= x <= max(a[0], b[0]) and min(a[1], b[1]) <= y <= max(a[1], b[1])
            for wire in drawing.wires
            if wire is not own
            for a, b in zip(wire.points, wire.points[1:], strict=False)
        )

    for wire in drawing.wires:
        for a, b in zip(wire.points, wire.points[1:], strict=False):
            assert (a[0] == b[0]) != (a[1] == b[1]), f"{wire.forward}: not along an axis"
        for end in (wire.points[0], wire.points[-1]):
            outside = end[0] in (0, drawing.width) or wire.forward.endswith("_bias")
            outside = outside or any(word in wire.backward for word in ("above", "later"))
            if drawings is UPRIGHT:  # what comes from outside begins beside its number, or above
                outside = outside or end[1] == 0 or abs(end[0] - wire.at[0]) <= 8
            assert end in dots or on_box(*end) or on_wire(*end, wire) or outside, (wire, end)
    for place in [*(wire.at for wire in drawing.wires), *(label.at for label in drawing.labels)]:
        assert 0 <= place[0] <= drawing.width
        assert 0 <= place[1] <= drawing.height
    for at in dots | set(boxes):
        assert sum(any(p == at for p in w.points) for w in drawing.wires) >= 2 or at in boxes


@pytest.mark.parametrize(
    ("drawings", "pixel", "letter", "line"), [(DRAWINGS, 0.85, 6.6, 13), (UPRIGHT, 1.0, 6.0, 12)]
)
@pytest.mark.parametrize("cell", CELLS)
def test_no_two_texts_of_a_drawing_overlap(
    cell: str, drawings: Any, pixel: float, letter: float, line: int
) -> None:
    """Numbers of seven characters and labels, at the narrowest plot of a 1280 pixel screen; and
    drawn upright on a phone."""
    drawing = drawings[cell]
    for way in WAYS:
        names = dict(words(cell, way).drawing)
        texts = [(w.at, w.align, 6 * letter, w.number(way)) for w in drawing.wires if w.number(way)]
        texts += [
            (label.at, label.align, letter * len(names[label.name]), names[label.name])
            for label in drawing.labels
        ]
        boxes = []
        for (x, y), align, width, text in texts:
            left = x * pixel - {"left": 0, "center": width / 2, "right": width}[align]
            boxes.append((left, left + width, y - line / 2, y + line / 2, text))
        for number, a in enumerate(boxes):
            for b in boxes[number + 1 :]:
                apart = a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2]
                assert apart, f"{way}: {a[4]} over {b[4]}"


def test_a_reverse_layer_says_that_time_runs_backwards() -> None:
    """The step before is t + 1, in the labels and equations; the numbers are its own."""
    config = TrainConfig(
        task="adding", task_options={"length": 10}, hidden_size=4, num_layers=2,
        bidirectional=True, max_steps=1, batch_size=2,
    )  # fmt: skip
    run = train(config)
    batch, model = run.probe(), run.model()
    trace = record(model, batch.inputs, SummedLoss(run.task, batch))
    node = "recurrent/l1_reverse"
    view = step_through.view(model, trace, batch, run.task, node=node, example=1)
    assert "hₜ₊₁" in dict(view.data("forward").words.drawing)["hidden_before"]
    text = " ".join(symbols for symbols, _ in view.data("backward").words.equations)
    assert "fₜ₋₁ · δcₜ₋₁" in text
    assert "δhₜ₊₁ = " in text
    np.testing.assert_array_equal(view.terms["cell_state_before"][-1], 0)
    recorded = trace[node].to_dataset()["cell_state"].isel(batch=1)
    np.testing.assert_allclose(view.terms["cell_state_before"][:-1], recorded[1:], rtol=1e-6)


def test_too_many_numbers_go_one_unit_at_a_time(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the rows are that unit's alone, and they are the same."""
    view, _ = opened("adding-gru")
    data = view.data("forward")
    whole = data.frame(2)
    assert not data.is_large
    monkeypatch.setattr(step_data, "MOST_NUMBERS", 1000)
    assert data.is_large
    own = data.frame(2)
    assert len(own) == data.shape()[0]
    part = whole[whole["unit"] == 2].reset_index(drop=True)
    assert own.equals(part)
    spec = view.spec("forward", GatesLook(), (2, 5))
    (now,) = (param for param in spec["params"] if param["name"] == "now")
    assert now["expr"].startswith("data('cells')[step] && ")


def test_what_cannot_be_drawn_is_refused() -> None:
    """Other cells and relu, each with a sentence."""
    x = torch.rand(5, 2, 2)
    batch = make_task("adding", length=5).sample(2, 0)
    model = SequenceModel("lstm_coupled", 2, 3, 1)
    with pytest.raises(ValueError, match="PyTorch's three cells"):
        step_through.view(model, record(model, x), batch)
    relu = torch.nn.RNN(2, 3, nonlinearity="relu")
    with pytest.raises(ValueError, match="this one has relu"):
        step_through.view(relu, record(relu, x), batch)
    plain = torch.nn.RNN(2, 3)
    trace = record(plain, batch.inputs)
    with pytest.raises(ValueError, match="way must be one of forward, backward, got 'up'"):
        step_through.chart(plain, trace, batch, way="up")  # type: ignore[arg-type]
    assert step_through.chart(plain, trace, batch).to_dict(validate=False)["vconcat"]


def test_slots_become_expressions() -> None:
    """A sign as an operator, a negative factor in brackets, a share, a word."""
    assert filled("a {b:s}") == '"a " + now.b'
    assert filled("") == '""'
    assert "' − '" in filled("{b:+}")
    assert filled("{b:*}").startswith("(now.b < 0 ? '('")
    assert filled("{b:%}") == "format(now.b, '.0%')"
    cases = (("now.a > 1", "big"), ("", "small"))
    assert first_of(cases) == '(now.a > 1) ? ("big") : ("small")'


def test_each_gate_has_weights_of_its_own() -> None:
    """The equations of f, i and o differ, as their weights do."""
    symbols = [symbol for symbol, _ in words("lstm", "forward").equations]
    assert symbols[0] == "f = σ(W_f x + U_f hₜ₋₁ + b_f)"
    assert len({symbol.split("= ")[1] for symbol in symbols}) == len(symbols)


@pytest.mark.parametrize(
    ("step", "back", "to"),
    [(2, False, 9), (5, True, 2), (9, False, 2), (12, False, 2), (2, True, 9)],
)
def test_past_the_last_mark_comes_the_first(step: int, back: bool, to: int) -> None:
    """And before the first the last: a key that does nothing looks broken."""
    made = {signal["name"]: signal for signal in signals(Range(20, 3, 3, True), (2, 9), 0, step)}
    (moved,) = [
        on["update"] for on in made["step"]["on"]
        if f"'m' && {'' if back else '!'}event.shiftKey" in str(on["events"].get("filter"))
    ]  # fmt: skip
    while " ? " in moved:  # the browser's expression, as Python reads it
        test, _, rest = moved.strip("()").partition(" ? ")
        yes, _, no = rest.partition(" : ")
        moved = yes if eval(test, {"step": step}) else no
    assert int(moved.strip("()")) == to


@pytest.mark.parametrize("name", ["phone", "tablet", "laptop", "desktop", "projector"])
@pytest.mark.parametrize("cell", CELLS)
def test_it_is_drawn_for_the_window(opened: Any, cell: str, name: Any) -> None:
    """Whole on one screen, no letter smaller than the window's, on a phone upright."""
    view, _ = opened(f"adding-{cell}")
    window = WINDOWS[name]
    look = StepLook(window=window, lines=False, equations=name != "phone")
    for way in WAYS:
        spec = view.spec(way, look, (1, 20))
        most = {"phone": 720, "tablet": 900}.get(name, window.height + 40)
        assert sum(panel["height"] for panel in spec["vconcat"]) + 40 <= most
        marks = [layer["mark"] for panel in spec["vconcat"] for layer in panel["layer"]]
        sizes = [mark["fontSize"] for mark in marks if "fontSize" in mark]
        assert min(size for size in sizes if isinstance(size, int | float)) >= window.type_size
