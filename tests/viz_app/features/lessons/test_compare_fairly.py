"""Lesson 8 in numbers: the tables counted anew, closed forms, and one run trained again."""

import itertools
import math

import pandas as pd
import pytest
from scipy import stats

from gatescope.training import train
from viz_app.features.lessons import measured
from viz_app.features.lessons.builds import sceptic
from viz_app.features.lessons.facts import facts_of
from viz_app.kit.library import BENCH
from viz_app.kit.recordings import HERE
from viz_app.text import say

TABLE = pd.read_csv(measured.RATES)


def mean(network: str, rate: float, column: str, count: int = 10) -> float:
    """Of the first seeds, by the file."""
    rows = TABLE[(TABLE["network"] == network) & (TABLE["rate"] == rate) & (TABLE["seed"] < count)]
    assert len(rows) == count
    return float(rows[column].mean())


def test_what_the_bench_says() -> None:
    """Means and Welch's interval by the file of its runs."""
    facts, runs = facts_of("compare_fairly"), pd.read_csv(BENCH / "runs.csv")
    scores = {cell: rows["score"] for cell, rows in runs.groupby("network")}
    for cell, values in scores.items():
        assert facts[f"score_{cell}"] == pytest.approx(values.mean())
        steps = runs.loc[runs["network"] == cell, "step_ms"]
        assert facts[f"ms_{cell}"] == pytest.approx(steps.mean(), rel=0.05)
    assert facts["order"] == ("lstm", "rnn", "gru")
    found = stats.ttest_ind(scores["lstm"], scores["gru"], equal_var=False)
    low, high = found.confidence_interval(0.95)
    assert (facts["apart_low"], facts["apart_high"]) == pytest.approx((100 * low, 100 * high))
    assert low < 0 < high
    assert (facts["better"], facts["pays"]) == ("open", "no")
    assert facts["share"] == pytest.approx(75)


def test_a_learning_rate_reverses_the_order() -> None:
    """By the file; and each cell's parameters in closed form."""
    facts = facts_of("compare_fairly")
    for name, rate in (("low", 0.003), ("high", 0.01)):
        assert facts[name] == rate
        for network in ("lstm", "rnn"):
            assert facts[f"{network}_{name}"] == pytest.approx(mean(network, rate, "test"))
    assert (facts["at_low"], facts["at_high"]) == ("rnn", "lstm")
    for name, blocks, units in (("large", 4, 64), ("rnn_parameters", 1, 63)):
        recurrent = blocks * units * (1 + units + 2)  # one pixel, the old state, two biases
        assert facts[name] == recurrent + 10 * (units + 1), name
    own = TABLE[(TABLE["network"] == "lstm") & (TABLE["rate"] == 0.01)]["test"]
    assert (facts["mean"], facts["best_of"]) == pytest.approx((100 * own.mean(), 100 * own.max()))


def test_every_choice_is_that_of_its_runs() -> None:
    """All 192 comparisons, by the file; those without an objection are the two that there are."""
    convincing = []
    sizes = [range(len(knob.options)) for knob in sceptic.BUILD.knobs]  # type: ignore[attr-defined]
    for state in itertools.product(*sizes):
        values = sceptic.BUILD.chosen(tuple(map(float, state)))
        verdict = sceptic.BUILD.checked(tuple(map(float, state)), HERE)
        one = "lstm" if values["size"] == "parameters" else "large"
        count = int(values["seeds"])
        best = {
            name: max(
                measured.LEARNING_RATES,
                key=lambda rate: mean(name, rate, values["part"], count),
            )
            for name in (one, "rnn")
        }
        rates = {
            "low": (0.003, 0.003), "high": (0.01, 0.01), "mine": (best[one], 0.001),
            "each": (best[one], best["rnn"]),
        }[values["rates"]]  # fmt: skip
        for name, network, rate in zip(("lstm", "rnn"), (one, "rnn"), rates, strict=True):
            rows = TABLE[(TABLE["network"] == network) & (TABLE["rate"] == rate)]
            tests = rows[rows["seed"] < count]["test"]
            said = tests.max() if values["report"] == "best" else tests.mean()
            assert verdict.numbers[name] == pytest.approx(said)
        if verdict.reached:
            convincing.append(values)
    assert [int(values["seeds"]) for values in convincing] == [5, 10]
    assert all(values["rates"] == "each" for values in convincing)


def test_what_is_left_is_welchs_interval() -> None:
    """Of ten seeds of each at its own rate: the LSTM is ahead."""
    state = sceptic.BUILD.of(**sceptic.BUILD.solution)
    found = sceptic.BUILD.difference(state)
    rows = {name: TABLE[(TABLE["network"] == name)] for name in ("lstm", "rnn")}
    one, other = (
        rows[name][rows[name]["rate"] == rate]["test"]
        for name, rate in (("lstm", 0.01), ("rnn", 0.003))
    )
    low, high = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert low > 0
    assert "ahead" in sceptic.BUILD.checked(state, HERE).says


def test_the_rates_are_named_as_they_were_trained() -> None:
    """The options say the numbers of the runs."""
    assert f"{sceptic.LOW:g}" in say("builds.sceptic_rates_low")
    assert f"{sceptic.HIGH:g}" in say("builds.sceptic_rates_high")
    assert f"{sceptic.USUAL:g}" in say("builds.sceptic_rates_mine")
    assert len(TABLE) == len(measured.rate_runs())
    assert TABLE[["validation", "test"]].map(math.isfinite).all().all()


def test_a_shipped_run_is_what_training_gives() -> None:
    """One of them trained anew."""
    one = measured.Rated("lstm", 0.01, 3)
    run = train(measured.rate_runs()[one])
    (row,) = TABLE[
        (TABLE["network"] == one.network) & (TABLE["rate"] == one.rate) & (TABLE["seed"] == 3)
    ].to_dict("records")
    assert run.parameters == row["parameters"]
    assert run.test_accuracy == pytest.approx(row["test"], abs=0.03)
