"""Things to build: a script reaches each goal, near misses do not, and the numbers are right."""

import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from gatescope.tasks import make_task
from gatescope.training import SummedLoss
from viz_app.features.gradient_flow.data import untrained
from viz_app.features.intervene.compared import examples
from viz_app.features.lessons.builds import build_of, constant, factor, one_unit, remember20
from viz_app.features.lessons.builds.adder22 import BUILD as ADDER
from viz_app.features.lessons.builds.counting import Counting, _bits
from viz_app.kit.chart import line_charts
from viz_app.kit.chart.window import WINDOWS, Look
from viz_app.kit.panels import panel_row
from viz_app.kit.recordings import HERE

GOALS = (
    "constant", "count_example", "count_one", "count_two", "factor", "adder22", "remember20",
    "one_unit", "smallest50", "beat_persistence", "sceptic",
)  # fmt: skip


@pytest.mark.parametrize("goal", GOALS)
def test_a_script_reaches_the_goal(goal: str) -> None:
    """From where one begins, which is not there yet, unless nothing is blank."""
    made = build_of(goal)
    verdict = made.checked(made.of(**made.solution), HERE)
    assert verdict.reached
    assert made.checked(made.start, HERE).reached is (not made.knobs)
    assert verdict.says != made.checked(made.start, HERE).says or not made.knobs


@pytest.mark.parametrize("goal", GOALS)
def test_a_state_is_text_and_back(goal: str) -> None:
    """Also one with many numbers; what is none is refused."""
    made = build_of(goal)
    for state in (made.start, made.of(**made.solution)):
        assert made.read(made.write(state)) == state
    for text in ("nonsense", "1~2~3~4~5", "nan", "1e9", "~"):
        with pytest.raises(ValueError, match=r"convert|has|is"):
            made.read(text)


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("window", ["phone", "laptop", "small_projector"])
def test_the_picture_fits_its_window(goal: str, window: Any) -> None:
    """At the solution and wherever every number stands at an end; it says what it shows."""
    made, look = build_of(goal), Look("light", WINDOWS[window])
    for state in (
        made.start, made.of(**made.solution),
        tuple(knob.low for knob in made.knobs), tuple(knob.high for knob in made.knobs),
    ):  # fmt: skip
        panels = made.panels(state)
        row = panel_row(panels, look, made.alt_texts, made.said)
        assert len(row.specs) == len(row.alternatives) == len(panels)
        assert all(len(text) > 40 for text in row.alternatives)
        if window == "laptop":  # a figure has no window; checked against Vega-Lite's schema
            line_charts.figure([panels], "light", 200).to_dict()


@pytest.mark.parametrize(
    ("goal", "values"),
    [
        ("constant", {"answer": 0.9}),
        ("constant", {"answer": 1.1}),
        ("count_one", {"read": 150}),
        ("count_one", {"read": 250}),
        ("count_two", {"write": 0.004, "keep": 0.95}),
        ("count_two", {"write": 0.004, "keep": 1.05}),
        ("count_two", {"write": 0.003, "keep": 1.0}),
        ("count_two", {"write": 0.005, "keep": 1.0}),
        ("factor", {"factor": 3.5}),
        ("factor", {"factor": 5.8}),
        ("remember20", {"bias": 3.2}),
        ("remember20", {"bias": 3.5}),
        ("remember20", {"bias": 8.0}),
        ("smallest50", {"cell": 2, "start": 2, "units": 1}),  # one of three seeds
        ("smallest50", {"cell": 1, "start": 2, "units": 2}),  # two of three
        ("smallest50", {"cell": 1, "start": 2, "units": 3}),  # all, and larger
        ("smallest50", {"cell": 2, "start": 0, "units": 4}),
        ("smallest50", {"cell": 0, "start": 2, "units": 2}),  # there is no such network
        ("beat_persistence", {"series": 3, "window": 2, "mix": 1, "part": 0}),
        ("beat_persistence", {"series": 3, "window": 2, "mix": 0, "part": 1}),
        ("beat_persistence", {"series": 3, "window": 0, "mix": 1, "part": 1}),
        ("beat_persistence", {"series": 2, "window": 3, "mix": 1, "part": 1}),
        ("beat_persistence", {"series": 0, "window": 3, "mix": 1, "part": 1}),
        ("sceptic", {"size": 0, "rates": 3, "part": 1, "seeds": 2, "report": 2}),
        ("sceptic", {"size": 1, "rates": 0, "part": 1, "seeds": 2, "report": 2}),
        ("sceptic", {"size": 1, "rates": 1, "part": 1, "seeds": 2, "report": 2}),
        ("sceptic", {"size": 1, "rates": 2, "part": 1, "seeds": 2, "report": 2}),
        ("sceptic", {"size": 1, "rates": 3, "part": 0, "seeds": 2, "report": 2}),
        ("sceptic", {"size": 1, "rates": 3, "part": 1, "seeds": 1, "report": 2}),
        ("sceptic", {"size": 1, "rates": 3, "part": 1, "seeds": 2, "report": 1}),
        ("sceptic", {"size": 1, "rates": 3, "part": 1, "seeds": 2, "report": 0}),
        ("one_unit", {"unit": 1, "what": 0}),
        ("one_unit", {"unit": 0, "what": 0}),
        ("one_unit", {"unit": 5, "what": 0}),  # silent: the step before has shown it
        ("one_unit", {"unit": 1, "what": 1}),
        ("one_unit", {"unit": 5, "what": 4}),
        ("one_unit", {"unit": 5, "what": 2}),
        ("one_unit", {"unit": 5, "what": 3}),
        ("one_unit", {"unit": 4, "what": 1}),
    ],
)
def test_a_near_miss_does_not(goal: str, values: dict[str, float]) -> None:
    """On either side of what is right."""
    assert not build_of(goal).check(build_of(goal).of(**values)).reached


def test_five_numbers_add_and_four_do_not() -> None:
    """Each of the five is needed; other fives of them that are large enough do as well."""
    assert len(ADDER.knobs) == 22 == sum(p.numel() for p in ADDER.model(ADDER.start).parameters())
    assert len(ADDER.solution) == 5
    for four in combinations(ADDER.solution.items(), 4):
        assert not ADDER.check(ADDER.of(**dict(four))).reached
    assert ADDER.check(ADDER.of(**ADDER.solution | {"forget_gate_bias": 9})).reached
    weak = {"input_gate_mark": 8, "input_gate_bias": -4}
    assert not ADDER.check(ADDER.of(**ADDER.solution | weak)).reached
    tight = ADDER.check(ADDER.of(**ADDER.solution | {"answer_weight": 21}))
    assert 0 < tight.numbers["right"] < 0.9
    assert not tight.reached


def test_the_adder_is_the_lstm_of_its_equations() -> None:
    """Every number at its own place: with 22 different ones a loop in Python finds the same."""
    draw = np.random.default_rng(1)
    state = tuple(draw.normal(size=22).round(1))
    done, values = ADDER.done(state), ADDER.named(state)
    inputs = make_task("adding", length=50).sample(100, 4).inputs[:, 0].double().numpy()

    def a(block: str, x: np.ndarray, h: float) -> float:
        return (
            values[f"{block}_value"] * x[0] + values[f"{block}_mark"] * x[1]
            + values[f"{block}_h"] * h + values[f"{block}_bias"] + values[f"{block}_bias_too"]
        )  # fmt: skip

    def sigmoid(value: float) -> float:
        return 1 / (1 + math.exp(-value))

    h = c = 0.0
    for step, x in enumerate(inputs):
        i, f, o = (sigmoid(a(f"{gate}_gate", x, h)) for gate in ("input", "forget", "output"))
        c = f * c + i * math.tanh(a("cell_candidate", x, h))
        h = o * math.tanh(c)
        assert done.gates[step, 0] == pytest.approx([i, f, o], abs=1e-5)
        assert done.cell[step, 0] == pytest.approx(c, abs=1e-5)
        answer = values["answer_weight"] * h + values["answer_bias"]
        assert done.answers[step, 0] == pytest.approx(answer, abs=1e-4)


@pytest.mark.parametrize("answer", [0.0, 0.3, 1.0, 1.65])
def test_the_loss_of_a_constant(answer: float) -> None:
    """It is the variance of the sums and the square of how far it is from their mean."""
    batch = make_task("adding", length=50).sample(4000, 4)
    sums = (batch.inputs[..., 0] * batch.inputs[..., 1]).sum(0).double().numpy()
    numbers = constant.BUILD.checked((answer,), HERE).numbers
    assert numbers["loss"] == pytest.approx(sums.var() + (sums.mean() - answer) ** 2, rel=1e-5)
    assert numbers["best"] == pytest.approx(1 / 6, rel=0.03)


@pytest.mark.parametrize("state", [(0.01, 1.0), (0.05, 1.2), (0.02, 0.5)])
def test_the_count_is_that_of_the_equation(state: tuple[float, float]) -> None:
    """H = tanh(write·x + keep·h), step by step; a weight near 1 that grows is seen to."""
    made = Counting("count", {"write": 0.0, "keep": 0.0, "read": 100.0}, ("write", "keep"))
    true, said = made._counts(state, HERE)
    bits = _bits(HERE).inputs[..., 1].numpy()
    for row in range(bits.shape[1]):
        h = 0.0
        for step, bit in enumerate(bits[:, row]):
            h = math.tanh(state[0] * float(bit) + state[1] * h)
            assert said[step, row] == pytest.approx(100 * h, abs=1e-3)
        assert true[-1, row] == bits[:, row].sum()


@pytest.mark.parametrize("scale", [1.0, 3.0, 4.5])  # of larger ones rounding errors grow
def test_the_gradient_that_is_left(scale: float) -> None:
    """Against autograd through a loop of one's own."""
    run = HERE.run(factor.RUN)
    model, batch = untrained(run, "default"), run.probe()
    assert model is not None
    weights = {name.rpartition(".")[2]: value for name, value in model.named_parameters()}
    h = torch.zeros(batch.inputs.shape[1], run.config.hidden_size)
    states = []
    for x in batch.inputs:
        a = x @ weights["weight_ih_l0"].T + weights["bias_ih_l0"] + weights["bias_hh_l0"]
        h = torch.tanh(a + h @ (scale * weights["weight_hh_l0"]).T)
        states.append(h)
    outputs: Any = model.readout(torch.stack(states))  # type: ignore[operator]
    loss = SummedLoss(run.task, batch)(outputs)
    first, last = torch.autograd.grad(loss, [states[0], states[-1]])
    norms = [np.median(gradient.double().norm(dim=-1).numpy()) for gradient in (first, last)]
    assert factor.BUILD.left((scale,)) == pytest.approx(norms[0] / norms[1], rel=0.01)


def test_what_leaks_into_the_sum_is_told() -> None:
    """What each step leaves in the memory adds up to it; marks and other steps are told apart."""
    leaky = ADDER.of(
        input_gate_mark=10, input_gate_bias=-5, forget_gate_bias=8, cell_candidate_value=0.2,
        output_gate_bias=8, answer_weight=5,
    )  # fmt: skip
    done = ADDER.done(leaky)
    np.testing.assert_allclose(done.left.sum(0), done.cell[-1], atol=1e-6)
    said = ADDER.check(leaky).says
    assert "0.28 is from the marks and 0.03 from the 48 other steps" in said
    assert "off by less than 0.04" in said


@pytest.mark.parametrize("bias", [0.0, 2.0, 3.4, 5.0])
def test_the_half_life_of_a_bias(bias: float) -> None:
    """In closed form: the power of the gate at which half is left."""
    gate = 1 / (1 + math.exp(-bias))
    numbers = remember20.BUILD.checked((bias,), HERE).numbers
    assert numbers["gate"] == pytest.approx(gate, abs=1e-9)
    assert numbers["life"] == pytest.approx(math.log(0.5) / math.log(gate), abs=0.06)


def test_what_keeps_for_ever_is_said() -> None:
    """Not even after 300 steps half of it is gone."""
    verdict = remember20.BUILD.checked((7.0,), HERE)
    assert verdict.numbers["life"] == math.inf
    assert "300" in verdict.says


def test_a_choice_is_one_of_its_options() -> None:
    """By its number as text, by its id in code; half of one is none."""
    made = build_of("one_unit")
    state = made.read("5~2")
    assert made.chosen(state) == {"unit": 5.0, "what": "keep_1"}
    assert made.write(state) == "5~2"
    for text in ("5~5", "5~-1", "5~1.5"):
        with pytest.raises(ValueError, match="what is 0 to 4"):
            made.read(text)


@pytest.mark.parametrize(("unit", "what"), [(5, 0), (5, 1), (0, 3), (10, 4)])
def test_one_unit_is_changed_alone(unit: int, what: int) -> None:
    """Torch's own cell with the same number overwritten gives the same accuracy."""
    run = HERE.run(one_unit.RUN)
    assert run.config.hidden_size == one_unit.UNITS
    own = dict(run.model().recurrent.named_parameters())
    batch = examples(run)
    inputs, targets = batch.inputs[:, : one_unit.EXAMPLES], batch.targets[:, : one_unit.EXAMPLES]
    h = c = torch.zeros(inputs.shape[1], one_unit.UNITS)
    with torch.no_grad():
        for x in inputs:
            a = x @ own["weight_ih_l0"].T + own["bias_ih_l0"] + own["bias_hh_l0"]
            i, f, g, o = (a + h @ own["weight_hh_l0"].T).chunk(4, dim=1)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            for gate, place, value in ((f, 1, 0.0), (f, 2, 1.0), (i, 3, 1.0), (o, 4, 0.0)):
                if what == place:
                    gate[:, unit] = value
            c = f * c + i * g
            if what == 0:
                c[:, unit] = 0
            h = o * c.tanh()
        model: Any = run.model()
        said = model.readout(h).argmax(1)
    right = float((said == targets[batch.end]).double().mean())
    numbers = build_of("one_unit").check((float(unit), float(what))).numbers
    assert numbers["after"] == pytest.approx(right, abs=1e-9)


def page(goal: str) -> None:
    """What a lesson's page has of it."""
    import streamlit as st

    from viz_app.features.lessons.builds import build_of
    from viz_app.kit.page import served

    made = build_of(goal)
    made.block(st.container(), made.start, served.recordings)


@pytest.mark.parametrize("goal", GOALS)
def test_its_numbers_are_set_on_a_page(goal: str) -> None:
    """Each has a widget; the picture and the verdict follow, and say when the goal is reached."""
    made = build_of(goal)
    app = AppTest.from_function(page, args=(goal,), default_timeout=60).run()
    assert not app.exception
    widgets = [*app.slider, *app.number_input, *app.selectbox]
    assert len(widgets) == len(made.knobs)
    assert [len(app.info), len(app.success)] == ([1, 0] if made.knobs else [0, 1])
    before = [chart.proto.spec for chart in app.get("vega_lite_chart")]
    for widget in widgets:
        name = str(widget.key).removeprefix(f"build_{goal}_")
        if name in made.solution:
            value = made.solution[name]
            if isinstance(widget, Selectbox):
                widget.select_index(int(value))
            else:
                widget.set_value(float(value))
    app.run()
    assert not app.exception
    (told,) = app.success
    assert told.value == made.check(made.of(**made.solution), HERE).says
    after = [chart.proto.spec for chart in app.get("vega_lite_chart")]
    assert len(after) == len(before) > 0
    assert (after != before) is bool(made.knobs)


def kept_page(goal: str) -> None:
    """As a lesson's page keeps it: as text, which may come from the reader's browser."""
    import streamlit as st

    from viz_app.features.lessons.builds import build_of
    from viz_app.kit.page import served

    made = build_of(goal)
    text = st.session_state.get("kept", "")
    state = made.block(st.container(), made.read(text) if text else made.start, served.recordings)
    st.session_state["kept"] = made.write(state)


def test_what_a_browser_has_kept_is_taken_over_and_else_nothing_is_put_into_a_widget() -> None:
    """What is kept may be one state behind; back where one began is a state like any other."""
    app = AppTest.from_function(kept_page, args=("remember20",), default_timeout=60).run()
    (slider,) = app.slider
    first = slider.key
    for bias in (1.0, 2.5, 0.0, 2.5):
        app.slider[0].set_value(bias).run()
        assert (app.slider[0].value, app.session_state["kept"]) == (bias, f"{bias:g}")
    app.session_state["kept"] = "1"  # as when a run was broken off before it was kept
    app.run()
    assert (app.slider[0].value, app.slider[0].key) == (2.5, first)
    app.session_state["kept"] = "3.4"
    app.run()
    assert app.slider[0].value == 3.4
    assert app.slider[0].key != first
    assert len(app.success) == 1
    app.slider[0].set_value(3.0).run()
    assert app.session_state["kept"] == "3"
