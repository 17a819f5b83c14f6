"""What lessons 1, 2, 3 and 5 say in numbers: against closed forms, torch, and planted networks."""

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from gatescope import Run
from gatescope.tasks import make_task
from viz_app.features.gradient_flow.data import untrained
from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.lesson import lesson
from viz_app.features.lessons.words import fill
from viz_app.features.start.scene import telling
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.sharing import Store

LESSONS = ("what_is_asked", "a_state", "why_it_forgets", "what_keeps_it")


def planted(**runs: Run) -> Recordings:
    """The prepared runs, but some others under their names (with underscores)."""
    there = {name.replace("_", "-"): run for name, run in runs.items()}
    return Recordings(
        lambda name: there.get(name) or HERE.run(name), HERE.library, Store(2**26)
    )  # fmt: skip


def with_weights(run: Run, **weights: float) -> Run:
    """A run whose last weights of these names are all this number."""
    step = run.steps[-1]
    state = {
        name: torch.full_like(value, weights[name.rpartition(".")[2]])
        if name.rpartition(".")[2] in weights else value
        for name, value in run.checkpoints[step].items()
    }  # fmt: skip
    return replace(run, checkpoints=run.checkpoints | {step: state})


@pytest.mark.parametrize("name", LESSONS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_question_has_its_answer(name: str, language: str) -> None:
    """And a reason; a wrong answer is told apart; no number is missing in any of the words."""
    told, facts = lesson(name, language), facts_of(name)
    for asked in told.questions.values():
        question = asked.question(facts)
        assert question.right(question.truth)  # type: ignore[attr-defined]
        assert len(asked.reason(facts)) > 5
        for typical in asked.typical.values():
            answer: Any = float(facts[typical])
            assert not question.right(answer)
            assert asked.said_of(answer, facts)
    for text in (*told.teacher.values(), told.goal, *(step.words for step in told.steps)):
        assert "nan" not in fill(text, facts)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_takes_ten_minutes(name: str) -> None:
    """600 English words or 1,000 Chinese characters, questions included."""
    told = {language: lesson(name, language) for language in ("en", "zh")}
    assert len(" ".join(said(told["en"])).split()) <= 600
    assert sum("\u4e00" <= letter <= "\u9fff" for letter in "".join(said(told["zh"]))) <= 1000


def said(told: Any) -> list[str]:
    """All that a student reads, before the numbers are filled in."""
    texts = [told.title, told.goal]
    for step in told.steps:
        texts += [step.words, step.change, step.then]
        texts += [step.build.hint, step.build.reached] if step.build else []
    for asked in told.questions.values():
        texts += [asked.asks, *asked.options.values(), *asked.because.values()]
        texts += [*asked.wrong.values(), *asked.titles.values()]
    return texts


def test_what_is_asked() -> None:
    """The row as it is drawn; the baseline from the triangle of sums; losses measured anew."""
    facts, task = facts_of("what_is_asked"), make_task("adding")
    row = task.sample(4, 1).inputs[:, 0]
    first, second = row[:, 1].nonzero().flatten().tolist()
    assert (facts["first"], facts["second"], facts["wait"]) == (first, second, 49 - first)
    assert facts["sum"] == pytest.approx(float(row[first, 0] + row[second, 0]))
    assert facts["baseline"] == pytest.approx(
        sum((a / 200 + b / 200 - 1) ** 2 for a in range(201) for b in range(201)) / 201**2, rel=0.02
    )
    assert facts["best"] == pytest.approx(1, abs=0.02)
    assert facts["guess"] == 20
    batch = make_task("adding", length=50).sample(2000, 987)
    sums = (batch.inputs[..., 0] * batch.inputs[..., 1]).sum(0)
    for name, rel in (("rnn", 0.1), ("lstm", 0.5)):
        with torch.no_grad():
            said = HERE.run(f"adding-{name}-one-unit").model()(batch.inputs)[-1, :, 0]
        assert facts[f"{name}_loss"] == pytest.approx(float(((said - sums) ** 2).mean()), rel=rel)
    assert facts["better"] == "lstm"


@pytest.mark.parametrize(
    ("runs", "better"),
    [
        ({"rnn": "lstm"}, "both"),
        ({"lstm": "rnn"}, "neither"),
        ({"lstm": "rnn", "rnn": "lstm"}, "rnn"),
    ],
)
def test_other_networks_give_another_answer(runs: dict[str, str], better: str) -> None:
    """Who remembers, and the reason with it."""
    here = planted(
        **{f"adding-{name}-one-unit": HERE.run(f"adding-{other}-one-unit")
           for name, other in runs.items()}
    )  # fmt: skip
    asked, facts = lesson("what_is_asked").questions["networks"], facts_of("what_is_asked", here)
    assert facts["better"] == better
    assert asked.reason(facts) == fill(asked.because[better], facts)


def test_a_state() -> None:
    """H = tanh(W x + U h + b), by hand; all of the last answer is that of the last step."""
    facts, run = facts_of("a_state"), HERE.run("adding-rnn-one-unit")
    weights = {key: value.double() for key, value in run.model().state_dict().items()}
    batch = run.probe()
    spans = [marks[1].step - marks[0].step for marks in batch.marks]
    row = batch.inputs[:, int(np.argmax(spans))].double()
    bias = float(weights["recurrent.bias_ih_l0"] + weights["recurrent.bias_hh_l0"])
    h = 0.0
    for step in range(3):
        own = float(weights["recurrent.weight_ih_l0"][0] @ row[step])
        back = float(weights["recurrent.weight_hh_l0"]) * h
        h = math.tanh(own + back + bias)
        found = [facts[f"{name}{step}"] for name in ("in", "back", "a", "h")]
        assert found == pytest.approx([own, back, own + back + bias, h], abs=1e-5)
    assert facts["unweighted"] == pytest.approx(facts["in2"] + facts["h1"] + bias, abs=1e-5)
    inputs = HERE.run("adding-lstm-one-unit").probe().inputs
    one = inputs[:, [telling(HERE.run("adding-lstm-one-unit"))]].repeat(1, 2, 1)
    first = int(one[:, 0, 1].nonzero()[0])
    one[first, :, 0] = torch.tensor([0.0, 1.0])
    with torch.no_grad():
        low, high = run.model()(one)[-1, :, 0].tolist()
    assert facts["left"] == pytest.approx(abs(high - low), abs=1e-6)
    assert facts["tells"] == "nothing"
    assert facts["leaked"] == pytest.approx((math.e - 1) / (math.e + 1))  # tanh(1/2)


def test_a_network_that_keeps_gives_another_answer() -> None:
    """One unit that adds what is marked in small, and hardly leaks, tells all of the number."""
    run = HERE.run("adding-rnn-one-unit")
    small = 1e-3
    keeps = with_weights(run, weight_hh_l0=1.0, bias_ih_l0=0.0, bias_hh_l0=0.0, weight=1 / small)
    keeps.checkpoints[keeps.steps[-1]]["recurrent.weight_ih_l0"] = torch.tensor([[small, 0.0]])
    facts = facts_of("a_state", planted(adding_rnn_one_unit=keeps))
    assert facts["tells"] == "all"
    assert facts["left"] == pytest.approx(1, abs=0.02)
    assert facts["high"] < 0.1


def test_why_it_forgets() -> None:
    """Autograd through a loop of one's own, before training and with larger weights."""
    facts, run = facts_of("why_it_forgets"), HERE.run("adding-rnn")
    model, batch = untrained(run, "default"), run.probe()
    assert model is not None
    weights = {name.rpartition(".")[2]: value for name, value in model.named_parameters()}
    norms = {}
    for scale in (1.0, facts["large"]):
        states = [torch.zeros(batch.inputs.shape[1], run.config.hidden_size)]
        for x in batch.inputs:
            a = x @ weights["weight_ih_l0"].T + weights["bias_ih_l0"] + weights["bias_hh_l0"]
            states.append(torch.tanh(a + states[-1] @ (scale * weights["weight_hh_l0"]).T))
        loss: Any = (model.readout(states[-1]) - batch.targets[-1]).square().sum()  # type: ignore[operator]
        grads = torch.autograd.grad(loss, [states[1], states[-21], states[-1]])
        norms[scale] = [np.median(g.double().norm(dim=-1).numpy()) for g in grads]
    assert facts["left"] == pytest.approx(norms[1.0][1] / norms[1.0][2], rel=1e-3)
    assert facts["left_first"] == pytest.approx(norms[1.0][0] / norms[1.0][2], rel=1e-2)
    assert facts["each"] ** facts["back"] == pytest.approx(facts["left"])
    # of so large a factor rounding errors grow: the power of ten is held
    large = math.log10(norms[facts["large"]][0] / norms[facts["large"]][2])
    assert math.log10(facts["large_left"]) == pytest.approx(large, abs=1)
    assert facts["does"] == "grows"
    assert facts["curve"] == pytest.approx((0.9**5, 0.9**10, 0.9**20, 0.9**30, 0.9**40))
    assert facts["slope"] == pytest.approx(1 - facts["h"] ** 2)
    assert (facts["moves"], facts["clipped"]) == ("hardly", "length")
    assert facts["h"] == float(f"{facts['h']:.3f}")  # the slope is that of the number that is said
    assert facts["rnn_loss"] == run.test_loss > facts["baseline"]  # "it jumped back"
    losses = {row.step: row.loss for row in run.history}
    late = [loss for step, loss in losses.items() if 0 < step <= facts["stuck"]]
    assert min(late) > 0.8 * facts["baseline"] > losses[facts["stuck"] + 100]
    assert facts["stuck"] > facts["trained"] / 2  # "but late"
    assert facts["trained"] == run.config.max_steps
    assert facts["rnn_best"] == min(losses.values())
    assert facts["each"] + 0.2 < facts["each_learned"] < 1  # "training had raised"
    assert facts["back"] == facts_of("experiment")["short"]


def test_a_state_near_zero_moves_as_much() -> None:
    """The question on what is flat follows the network: its answer and its reason."""
    run = HERE.run("adding-rnn-one-unit")
    near = with_weights(
        run, weight_ih_l0=0.01, weight_hh_l0=0.1, bias_ih_l0=0.0, bias_hh_l0=0.0
    )  # fmt: skip
    facts = facts_of("why_it_forgets", planted(adding_rnn_one_unit=near))
    assert facts["moves"] == "as_much"


def test_what_keeps_it() -> None:
    """Half-lives by hand: after so many steps half is left; gates and gradients by torch."""
    facts, run = facts_of("what_keeps_it"), HERE.run("adding-lstm")
    for gate, life in (("low", "life_low"), ("high", "life_high"), ("half", "life_half")):
        assert facts[gate] ** facts[life] == pytest.approx(0.5)
    assert (facts["stands"], facts["through"]) == ("half", "forget_gate")
    assert facts["goal_gate"] ** facts["goal"] == pytest.approx(0.5, abs=0.04)
    gates = forget_gates(run.model(), run.probe().inputs)
    lives = np.median(math.log(0.5) / np.log(gates).mean(0), axis=0)
    assert facts["keepers"] == (lives > 20).sum()
    assert (facts["shortest"], facts["longest"]) == pytest.approx(
        (lives.min(), lives.max()), rel=1e-3
    )
    model = untrained(run, "default")
    assert model is not None
    assert facts["start"] == pytest.approx(forget_gates(model, run.probe().inputs).mean(), abs=1e-5)
    left = [facts[f"left_{name}"] for name in facts["order"]]
    assert all(more > less for more, less in pairwise(left))
    for name in facts["order"]:
        model = untrained(run, name)
        assert model is not None
        gates = forget_gates(model, run.probe().inputs)[-20:].prod(0)
        assert gates.min() <= facts[f"path_{name}"] <= gates.max()
    assert facts["path_default"] < facts["path_forget_bias"] < facts["path_chrono"]
    began = forget_gates(run.model(run.steps[0]), run.probe().inputs)
    assert facts["began_gate"] == pytest.approx(began.mean(), abs=1e-5)


def test_another_lstm_has_other_half_lives() -> None:
    """That of one unit keeps with it; one whose gates stand open before training says so."""
    here = planted(adding_lstm=HERE.run("adding-lstm-one-unit"))
    facts = facts_of("what_keeps_it", here)
    assert (facts["units"], facts["keepers"]) == (1, 1)


def forget_gates(model: Any, inputs: torch.Tensor) -> np.ndarray:
    """By torch's cell, a step at a time: (step, example, unit)."""
    own = dict(model.recurrent.named_parameters())
    hidden = own["weight_hh_l0"].shape[1]
    cell = torch.nn.LSTMCell(inputs.shape[-1], hidden)
    cell.load_state_dict({name.removesuffix("_l0"): value.detach() for name, value in own.items()})
    h = c = torch.zeros(inputs.shape[1], hidden)
    found = []
    with torch.no_grad():
        for x in inputs:
            a = x @ cell.weight_ih.T + cell.bias_ih + h @ cell.weight_hh.T + cell.bias_hh
            found.append(torch.sigmoid(a[:, hidden : 2 * hidden]).double().numpy())
            h, c = cell(x, (h, c))
    return np.stack(found)
