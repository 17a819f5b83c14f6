"""Lesson 4: its facts against closed forms, and its words follow another network."""

from typing import Any

import numpy as np
import pytest
import torch

from gatescope import Run
from viz_app.features.lessons import lesson as files
from viz_app.features.lessons import picture
from viz_app.features.lessons.facts import facts_of, write_keep_show
from viz_app.features.lessons.words import fill
from viz_app.features.start.scene import LSTM
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.sharing import Store

NAME = "write_keep_show"


def planted(**biases: float) -> Recordings:
    """The runs that there are, with other biases in the one-unit LSTM's gates."""
    real = HERE.run(LSTM)
    places = {"input_gate": 0, "forget_gate": 1, "output_gate": 3}

    class Planted:
        """The run, whose last network is changed."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def model(self, step: int | None = None) -> Any:
            model = real.model(step)
            with torch.no_grad():
                for gate, bias in biases.items():
                    model.recurrent.bias_ih_l0[places[gate]] = bias
                    model.recurrent.bias_hh_l0[places[gate]] = 0.0
            return model

    run: Run = Planted()  # type: ignore[assignment]
    return Recordings(
        lambda name: run if name == LSTM else HERE.run(name), HERE.library, Store(2**24)
    )


def test_facts_are_those_of_the_network() -> None:
    """By torch alone, from the run's weights."""
    facts, run = facts_of(NAME), HERE.run(LSTM)
    model, probe = run.model(run.steps[-1]), run.probe()
    row = next(
        number for number, marks in enumerate(probe.marks)
        if tuple(sorted(mark.step for mark in marks)) == facts["marks"]
        and abs(float(probe.targets[probe.end, number, 0]) - facts["target"]) < 1e-6
    )  # fmt: skip
    weights = {name: value.detach().double() for name, value in model.state_dict().items()}
    inside = (weights[f"recurrent.{name}"] for name in ("weight_ih_l0", "weight_hh_l0"))
    of_input, of_state = inside
    bias = weights["recurrent.bias_ih_l0"] + weights["recurrent.bias_hh_l0"]
    h = c = torch.zeros(1, dtype=torch.float64)
    gates, says = [], []
    for x in probe.inputs[:, row].double():
        i, f, g, o = of_input @ x + of_state @ h + bias
        i, f, o, g = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o), torch.tanh(g)
        c = f * c + i * g
        h = (o * torch.tanh(c)).reshape(1)
        gates.append([float(i), float(f), float(o)])
        says.append(float(weights["readout.weight"][0] @ h + weights["readout.bias"][0]))
    write, keep, show = np.array(gates).T
    first, second = facts["marks"]
    assert facts["i_mark"] == pytest.approx((write[first], write[second]), abs=1e-5)
    assert 0 <= facts["i_ceiling"] - max(np.delete(write, [first, second])) < 0.02
    assert facts["left"] == pytest.approx(np.prod(keep[first + 1 : second + 1]), abs=1e-4)
    assert facts["o_low"] == pytest.approx(show.min(), abs=1e-5)
    assert facts["says_start"] == pytest.approx(says[first - 1], abs=1e-5)
    assert facts["says_end"] == pytest.approx(says[-1], abs=1e-4)
    assert facts["gap"] == second - first
    assert facts["left_low"] == pytest.approx(np.exp(facts["gap"] * np.log(0.9)))
    assert facts["left_other"] == pytest.approx(np.exp(facts["wait"] * np.log(facts["f_other"])))
    assert facts["state_end"] == pytest.approx(float(c[0]), abs=1e-4)
    bias = float(weights["readout.bias"][0])
    assert facts["for_state"] + bias == pytest.approx(says[-1], abs=1e-4)
    assert facts["bias"] == pytest.approx(bias)
    assert facts["average"] == pytest.approx(1, abs=0.02)  # of two numbers from 0 to 1


@pytest.mark.parametrize(
    ("answer", "follows", "verdict"),
    [
        (1.6, (0.9, 0.95), "same"),
        (1.2, (0.01, 0.75), "second"),
        (1.0, (0.01, 0.08), "average"),
        (1.0, (0.9, 0.1), "average"),
        (2.3, (0.9, 0.9), "explodes"),
        (-0.2, (0.0, 0.0), "explodes"),
    ],
)
def test_the_verdict_follows_the_numbers(
    answer: float, follows: tuple[float, float], verdict: str
) -> None:
    """Of a held forget gate."""
    assert write_keep_show.verdict(answer, follows) == verdict


def test_a_held_gate_leaks_as_it_must() -> None:
    """What is left of each number is at most the gate to the power of the steps since."""
    facts = facts_of(NAME)
    first, second = facts["marks"]
    since = facts["last"] - np.array([first, second])
    kept = facts["f_low"] ** since
    follows = np.array([facts["follows_first"], facts["follows_second"]])
    assert facts["after"] == since[1]
    assert (follows <= kept * 1.1).all()  # tanh and the output layer change little
    assert (follows >= kept * 0.7).all()


def test_what_is_left_is_the_gate_to_the_power_of_the_steps() -> None:
    """Of both numbers; and an empty memory answers the bias, below what is answered."""
    facts = facts_of(NAME)
    for mark, left in zip(facts["marks"], ("left_first", "left_second"), strict=True):
        assert facts[left] == pytest.approx(facts["f_low"] ** (facts["last"] - mark))
    assert facts["bias"] < facts["says_leaky"] < facts["says_end"]


def test_words_follow_another_network() -> None:
    """One whose write gate stays shut, or whose keep gate is shut: the same file, other words."""
    read, there = files.lesson(NAME), facts_of(NAME)
    shut = write_keep_show.facts(planted(input_gate=-20.0))
    assert max(shut["i_mark"]) < 0.01 < min(there["i_mark"])
    then = read.steps[0].then
    assert "0.98 and 0.97" in fill(then, there)
    assert "0.00 and 0.00" in fill(then, shut)
    forgets = write_keep_show.facts(planted(forget_gate=-20.0))
    assert forgets["left"] < 1e-9 < 0.9 < there["left"]
    assert "under 1% of the first number" in fill(read.steps[1].then, forgets)
    assert "96% of the first number" in fill(read.steps[1].then, there)
    leak = read.step("guess_leak")
    assert leak is not None
    assert leak.question is not None
    changed = leak.question.reason(shut)
    assert changed != leak.question.reason(there)
    assert shut["verdict"] == "average"
    assert there["verdict"] == "second"


def test_the_picture_comes_after_the_guess() -> None:
    """What is seen before gives nothing away: neither the row that is asked about, nor in words."""
    read, there = files.lesson(NAME), facts_of(NAME)
    guesses = [step for step in read.steps if step.question]
    assert len(guesses) == 3
    for step in guesses:
        assert step.before is not None
        assert step.before != step.view
    place, left, leak = (picture.view_at(step.before or ("start", ())) for step in guesses)
    assert place.alternative().endswith(f"{there['target'] - 0.77:.2f}.")  # the numbers alone
    assert "eep" not in left.alternative()
    assert "answers" not in leak.alternative()
