"""A reader's own input: the same row in a view, its picture, its numbers and on a page."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from gatescope import load_run
from gatescope.tasks import edited
from viz_app.features import Gates, Intervene, StepThrough
from viz_app.features.intervene.questions import holder
from viz_app.kit.library import folder_of
from viz_app.kit.recordings import HERE, Own
from viz_app.kit.view import ViewError
from viz_app.pages import script

RUN, OWN = "adding-lstm", "2to9,47=0.25"


def test_a_row_of_ones_own_is_recorded_alone() -> None:
    """With the model's own outputs and answer; the probe examples stay as they are."""
    run, own = load_run(folder_of(RUN)), Own(14, OWN)
    row = edited(run.task, run.probe(), OWN, 14)
    assert torch.equal(HERE.batch(RUN, own).inputs, row.inputs)
    layer = HERE.layer(RUN, None, None, own=own)
    with torch.no_grad():
        outputs = run.model()(row.inputs)
        hidden = torch.from_numpy(layer["hidden_state"].values)
        torch.testing.assert_close(run.model().readout(hidden), outputs)
    said = HERE.answers(RUN, None, own)
    assert said.answers == (f"{float(outputs[-1, 0, 0]):.2f}",)
    assert said.targets == (f"{float(row.targets[-1, 0, 0]):.2f}",)
    assert torch.equal(HERE.batch(RUN).inputs, run.probe().inputs)
    assert HERE.layer(RUN, None, None).sizes["batch"] == len(run.probe().marks)


def test_gradients_are_those_of_this_row() -> None:
    """Of an unchanged row they are those of the example among all."""
    alone = HERE.layer(RUN, None, None, with_loss=True, own=Own(3, "0=0"))
    whole = HERE.layer(RUN, None, None, with_loss=True)
    probe = load_run(folder_of(RUN)).probe()
    number = f"{float(probe.inputs[0, 3, 0]):.9g}"
    alone = HERE.layer(RUN, None, None, with_loss=True, own=Own(3, f"0={number}"))
    np.testing.assert_allclose(
        alone["grad_cell_state"].values[:, 0], whole["grad_cell_state"].values[:, 3],
        rtol=1e-3, atol=1e-7,
    )  # fmt: skip


@pytest.mark.parametrize("ask", [None, "forgets_all", "silenced", "wiped"])
def test_an_intervention_on_ones_own_row(ask: str | None) -> None:
    """Held from its own first mark on; the unit that falls silent is that of all examples."""
    view = Intervene(RUN, ask=ask, example=14, own=OWN)
    compared, seen = view.on_its_rows(), view.data()
    assert [step for step, _ in seen.data.gates.marks] == [9, 47]
    assert compared.untouched.sizes["batch"] == 1
    if ask == "forgets_all":
        gate = compared.changed["forget_gate"].values[:, 0]
        assert (gate[10:] == 0).all()
        assert (gate[:10] > 0).all()
    if ask == "silenced":
        unit, _ = holder(view.scene())
        assert not compared.changed["cell_state"].values[:, 0, unit].any()
    assert view.but(own=None).data() is not seen
    assert view.compared().untouched.sizes["batch"] > 1
    assert view.cost() is view.but(own=None).cost()


def test_it_stands_in_address_python_and_provenance() -> None:
    """As text; a change that the example cannot have is refused with what it can."""
    view = Intervene(RUN, example=14, own=OWN)
    assert Intervene.of(view.to_query()) == view
    assert f"own={OWN!r}" in view.code()
    assert view.about()["shown_own"] == OWN
    with pytest.raises(ViewError, match="the marks are at 2, 47"):
        view.but(own="3to9").complete()
    with pytest.raises(ViewError, match="cannot be changed by hand"):
        Intervene("digits-lstm", own="3=1").complete()


def test_the_page_takes_it_from_a_link_and_gives_it_back(open_app: Callable[..., AppTest]) -> None:
    """Its marks and numbers are there; one click gives the original back; a mark moves on."""
    app = open_app("intervene", run=RUN, example="14", own=OWN)
    assert not app.exception
    assert app.slider(key="own_mark 2").value == 9
    assert app.slider(key="own_at 47 47").value == 0.25
    app.slider(key="own_mark 2").set_value(12).run()
    assert app.query_params["own"] == "2to12,47=0.25"
    app.slider(key="own_mark 2").set_value(47).run()
    assert app.query_params["own"] == "2to12,47=0.25"
    (toast,) = app.toast
    assert "two marks would be at step 47" in toast.value
    app.button(key="own_back").click().run()
    assert "own" not in app.query_params
    app.slider(key="own_cell 0").set_value(1.0).run()
    assert app.query_params["own"] == "0=1"
    app.number_input(key="example").set_value(3).run()
    assert "own" not in app.query_params


def test_a_symbol_is_typed(open_app: Callable[..., AppTest]) -> None:
    """Of those that can stand there; the right answer follows."""
    app = open_app("intervene", run="temporal-order-lstm", example="16")
    assert "own_step" not in app.session_state, "what is folded costs nothing"
    app.session_state["own_fold"] = True
    app.run()
    marks = load_run(folder_of("temporal-order-lstm")).probe().marks[16]
    first, second = (mark.step for mark in marks)
    group = app.button_group(key=f"own_at {first} {first}")
    assert group.options == ["X", "Y"]
    other = {"X": "Y", "Y": "X"}[marks[0].label]
    group.set_value(other).run()
    assert app.query_params["own"] == f"{first}={other}"
    assert second > first
    told = " ".join(str(each.value) for each in app.markdown)
    assert "Answer to your input" in told


def test_a_link_that_asks_for_the_impossible_is_told(open_app: Callable[..., AppTest]) -> None:
    """In one sentence; the original is shown."""
    for run, own in ((RUN, "3to4"), (RUN, "what"), ("temporal-order-lstm", "0=Q")):
        app = open_app("intervene", run=run, own=own)
        (warning,) = app.warning
        assert "cannot be changed so" in warning.value
        assert "own" not in app.query_params
    app = open_app("intervene", run="digits-lstm", own="3=1")
    assert not app.exception


def test_gates_and_step_through_show_the_same_row(open_app: Callable[..., AppTest]) -> None:
    """Its marks, its numbers and its answer; the pages keep it from one to the other."""
    gates = Gates(RUN, example=14, own=OWN, show=("gates", "gradients", "states"))
    layer = HERE.layer(RUN, None, None, with_loss=True, own=Own(14, OWN))
    table = gates.table().set_index(["time", "unit"])
    for name in ("input_gate", "cell_state", "grad_cell_state"):
        np.testing.assert_allclose(
            table[name].to_numpy().reshape(50, -1).sum(1), layer[name].values[:, 0].sum(1),
            rtol=1e-4, atol=1e-5,
        )  # fmt: skip
    assert [step for step, _ in gates.data().data.marks] == [9, 47]
    step = StepThrough(RUN, example=14, own=OWN, unit=3).table().set_index("time")
    np.testing.assert_allclose(
        step["cell_state"].to_numpy(), layer["cell_state"].values[:, 0, 3], rtol=1e-5, atol=1e-6
    )
    app = open_app("gates", run=RUN, example="14", own=OWN)
    assert not app.exception
    said = HERE.answers(RUN, None, Own(14, OWN))
    told = " ".join(str(each.value) for each in app.markdown)
    right = f"the correct answer is {said.targets[0]}"
    assert f"Your input: the network answers {said.answers[0]}, {right}" in told
    app.switch_page(script("step_through")).run()
    assert not app.exception
    assert app.query_params["own"] == OWN
    app.button_group(key="run").set_value("adding-gru").run()
    assert app.query_params["own"] == OWN
    app.button(key="own_back").click().run()
    app.switch_page(script("gates")).run()
    assert "own" not in app.query_params
