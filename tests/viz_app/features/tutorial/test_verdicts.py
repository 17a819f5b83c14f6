"""No verdict is written by hand: each follows from the stored numbers, whatever they are.

Evidence is made up as it would be if the tutorial were right in everything, or wrong in everything.
"""

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatescope.analysis import Interval
from gatescope.experiments import Effect
from gatescope.experiments.claims.rows import row as claim_row
from gatescope.experiments.tutorial import EXPERIMENTS, Criterion
from viz_app.features.tutorial import entries as tutorial
from viz_app.features.tutorial import evidence as tutorial_evidence
from viz_app.features.tutorial import measures as tutorial_measures
from viz_app.features.tutorial import words as tutorial_words
from viz_app.features.tutorial.evidence import Evidence, Finding
from viz_app.kit.library import AID_RUNS
from viz_app.text import FOLDER

DELAYS = (5, 10, 20, 200)
ROUNDS = 20


def jittered(value: float, seed: int, by: float = 0.002) -> float:
    """A value that differs a little from seed to seed."""
    return value * (1 + by * np.sin(1 + 7 * seed))


def measured(right: bool, seeds: int = 40) -> pd.DataFrame:
    """Gradients and counts."""
    good = {
        ("arriving", "rnn"): 1e-9, ("arriving", "lstm"): 0.5, ("arriving", "gru"): 0.5,
        ("arriving", "chrono"): 0.5, ("arriving", "four"): 1e-3,
        ("arriving", "bidirectional"): 1e-3,
        ("carousel", "open"): 1.0, ("carousel", "nine"): 1.0, ("carousel", "default"): 1.0,
    }  # fmt: skip
    bad = {
        ("arriving", "rnn"): 0.5, ("arriving", "lstm"): 0.4, ("arriving", "gru"): 0.4,
        ("arriving", "chrono"): 0.4, ("arriving", "four"): 0.4,
        ("arriving", "bidirectional"): 0.4,
        ("carousel", "open"): 0.1, ("carousel", "nine"): 0.1, ("carousel", "default"): 0.1,
    }  # fmt: skip
    counts = {
        ("gates", "rnn"): (1, 0), ("gates", "lstm"): (3, 3), ("gates", "gru"): (2, 2),
        ("weights", "rnn"): (1, 1), ("weights", "lstm"): (4, 4), ("weights", "gru"): (3, 5),
        ("latch", "held"): (1000, 100), ("latch", "trials"): (1000, 1000),
        ("seen", "forward"): (20, 20), ("seen", "backward"): (1, 20),
        ("candidates", "blind"): (1, 900), ("candidates", "right"): (1000, 1000),
        ("moves", "equal"): (0, 2), ("moves", "below"): (2, 2),
    }  # fmt: skip
    rows = [
        (*key, seed, jittered(value, seed))
        for key, value in (good if right else bad).items()
        for seed in range(seeds)
    ]
    rows += [(*key, 0, values[0 if right else 1]) for key, values in counts.items()]
    return pd.DataFrame(rows, columns=["measure", "setting", "seed", "value"])


def times(right: bool, rounds: int = ROUNDS) -> pd.DataFrame:
    """CPU times: an LSTM's is the longest, or the shortest."""
    found = {"rnn": 1.0, "lstm": 2.0, "gru": 1.0, "convolution": 0.5}
    if not right:
        found = {"rnn": 1.0, "lstm": 0.5, "gru": 1.0, "convolution": 2.0}
    what = [f"{name}{kind}" for name in ("reviews", "text", "stocks")
            for kind in ("", "_units", "_forward")]  # fmt: skip
    what += ["convolution_50", "convolution_400"]
    rows = [
        (name, setting, number, jittered(seconds, number))
        for name in what
        for setting, seconds in found.items()
        for number in range(rounds)
    ]
    return pd.DataFrame(rows, columns=["what", "setting", "round", "seconds"])


def retention(right: bool, seeds: int = 8) -> pd.DataFrame:
    """Who solved which delay: an RNN short ones only, or long ones only."""
    rows = []
    for delay in DELAYS:
        for variant in ("rnn", "lstm"):
            if right:
                solved = delay < 200 if variant == "lstm" else delay == 5
            else:
                solved = variant == "rnn" and delay > 5
            for seed in range(seeds):
                at = (100 if variant == "lstm" else 900) if solved else np.nan
                rows.append((variant, delay, seed, solved, at))
    return pd.DataFrame(rows, columns=["variant", "delay", "seed", "solved", "solved_at"])


def distractors(right: bool, count: int = 8) -> Any:
    """The claim's table."""
    good = {"rnn": 0.2, "lstm:chrono": 0.99, "lstm_no_forget": 0.2}
    found = [
        claim_row("accuracy", line, at, [value if right else 1 - value] * count)
        for line, value in good.items()
        for at in (0, 19)
    ]
    return SimpleNamespace(table=pd.DataFrame(found))


def techniques(right: bool, seeds: int = 8) -> dict[str, Effect]:
    """Pairs of test losses: half as large, or twice as large."""
    losses = [jittered(1.0, seed) for seed in range(seeds)]
    aided = [(0.5 if right else 2.0) * jittered(1.0, seed + 1) for seed in range(seeds)]
    effect = Effect(tuple(range(seeds)), tuple(losses), tuple(aided))
    return dict.fromkeys(tutorial_evidence.TECHNIQUES, effect)


USUAL = {"baseline": 1.0, "guess": 0.5, "steps": 500, "seconds": 1.0, "parameters": 10}


def _settings(right: bool) -> dict[str, dict[str, dict[str, float]]]:
    better = {"score": 0.9, "loss": 0.3, "half_way": 100}
    worse = {"score": 0.6, "loss": 0.9, "half_way": 400}
    cells = {"rnn": worse, "lstm": better, "gru": better}
    if not right:
        cells = {"rnn": better, "lstm": worse | {"loss": 1.5}, "gru": worse | {"loss": 1.9}}
        cells["gru"] = cells["gru"] | {"score": 0.3}
    slow = {"score": 0.3, "loss": 1.0, "half_way": 500}
    quick = {"score": 1.0, "loss": 1e-3, "half_way": 100}
    drops = {"0": quick, "0.2": quick | {"loss": 5e-4}, "0.5": slow, "0.8": slow}
    if not right:
        drops = {"0": quick, "0.2": quick | {"loss": 2e-3}, "0.5": quick, "0.8": quick}
    rates = [name.split()[1] for name in EXPERIMENTS["learning_rate"].settings]
    rates = list(dict.fromkeys(rates))
    # an LSTM works with all but one, or with one: scores from 0.1 to 1, or all but alike
    works = {
        "lstm": [0.1] + [1.0] * (len(rates) - 1), "rnn": [0.5] * (len(rates) - 1) + [1.0]
    } if right else {
        "lstm": [0.88] * (len(rates) - 1) + [0.93], "rnn": [0.88] + [0.98] * (len(rates) - 1)
    }  # fmt: skip
    scaled = {
        f"{series} {scaling}": {"loss": 1.0 if scaling == "train" else (0.5 if right else 2.0)}
        for series in ("temperature", "weather")
        for scaling in ("train", "all")
    }
    return {
        "reviews": cells,
        # an RNN that is bad at stock returns, and yet better than the naive forecast
        "stocks": cells if right else {name: {**own, "loss": own["loss"] + 1} for name, own in
                                       cells.items()},
        "text": cells if right else {name: {**own, "loss": own["loss"] + 1} for name, own in
                                     cells.items()},
        "recurrent_dropout": drops,
        "learning_rate": {
            f"{cell} {rate}": {"score": score}
            for cell, scores in works.items()
            for rate, score in zip(rates, scores, strict=True)
        },
        "scaling": scaled,
        "scarce": {
            "lstm": {"best_validation": 1.0, "last_validation": 2.0 if right else 1.0,
                     "best_at": 100}
        },
    }  # fmt: skip


def rows(right: bool, seeds: int = 8) -> pd.DataFrame:
    """The trained experiments."""
    found = []
    for experiment, settings in _settings(right).items():
        for setting, own in settings.items():
            for seed in range(seeds):
                steady = experiment != "stocks" or (setting == "lstm") == right
                values = {
                    name: jittered(value, seed, 0.002 if steady else 0.05)
                    if name in ("loss", "score", "last_validation") else value
                    for name, value in own.items()
                }  # fmt: skip
                found.append(
                    {"experiment": experiment, "setting": setting, "seed": seed} | USUAL | values
                )
    return pd.DataFrame(found)


def world(right: bool, *, seeds: int = 8, untrained: int = 40, rounds: int = ROUNDS) -> Evidence:
    """All of it; fewer seeds and rounds than a rule asks for decide nothing."""
    evidence = Evidence(
        rows(right, seeds),
        measured(right, untrained),
        times(right, rounds),
        retention(right, seeds),
        distractors(right, seeds),
        techniques(right, seeds),
    )
    truth = np.array([50.0, 68.0, 40.0])
    evidence.__dict__["temperature"] = (truth, truth + (9.0 if right else 0.0))
    return evidence


TESTED = [entry for entry in tutorial.ENTRIES if entry.measure is not None]
by_key = pytest.mark.parametrize("entry", TESTED, ids=lambda entry: entry.key)


@by_key
def test_the_verdict_changes_with_the_numbers(entry: tutorial.Entry) -> None:
    """All that the tutorial says is so, or none of it is."""
    fault = entry.group == "listing"
    right, wrong = (entry.finding(world(so)) for so in (True, False))
    expected = ("fault", "unseen") if fault else ("holds", "wrong")
    for found, verdict in zip((right, wrong), expected, strict=True):
        table = tutorial_words.criteria_table(entry.key, found)
        assert found.verdict == verdict, table.to_string()


@by_key
@pytest.mark.parametrize("right", [True, False])
def test_too_few_seeds_decide_nothing(entry: tutorial.Entry, right: bool) -> None:
    """Three seeds, and three rounds: however clear they look."""
    found = entry.finding(world(right, seeds=3, untrained=3, rounds=3))
    sampled = [each for each in found.criteria if each.rule is not None]
    if entry.key == "in_theory":
        sampled = sampled[1:]  # the first is of 1,000 trials
    assert {each.outcome for each in sampled} == ({"undecided"} if sampled else set())


@by_key
def test_criteria_and_sentence_have_their_texts(entry: tutorial.Entry) -> None:
    """In both worlds, with the numbers filled in."""
    for right in (True, False):
        found = entry.finding(world(right))
        assert entry.found(found)
        table = tutorial_words.criteria_table(entry.key, found)
        assert len(table) == len(found.criteria) > 0
        assert not table.map(lambda text: "{" in text).any().any()


def test_a_finding_cannot_be_given_a_verdict() -> None:
    with pytest.raises(TypeError):
        Finding(verdict="holds")  # type: ignore[call-arg]
    assert Finding().verdict == "untested"
    met = Criterion("x", Interval(2, 2, 2, 1), 1, rule=None)
    assert Finding((met,)).verdict == "holds"
    assert Finding((met,), fault=True).verdict == "fault"
    assert Finding((replace(met, bound=3),), fault=True).verdict == "unseen"


def test_no_sentence_is_chosen_by_its_verdict() -> None:
    """A sentence tells numbers, and none of the words that a verdict has."""
    texts = tomllib.loads((FOLDER / "en" / "tutorial.toml").read_text())
    found = {name: text for name, text in texts.items() if name.startswith("found_")}
    assert set(found) == {f"found_{entry.key}" for entry in tutorial.ENTRIES}
    verdicts = [texts[f"verdict_{verdict}"] for verdict in tutorial.VERDICTS]
    for name, text in found.items():
        assert not [word for word in verdicts if re.search(rf"\b{word}\b", text) and
                    word not in ("seen", "not tested yet")], name  # fmt: skip


def test_every_shipped_verdict_is_that_of_its_criteria() -> None:
    evidence = tutorial_evidence.read_evidence()
    for entry in TESTED:
        found = entry.finding(evidence)
        assert len(found.criteria) > 0
        assert not np.isnan([each.bound for each in found.criteria]).any()


def test_convergence_is_told_with_like_beside_like() -> None:
    """At the two longest delays that either solved; the medians count who never did."""
    found = tutorial_measures.converges(world(True))
    assert (found.numbers["shorter"], found.numbers["longer"]) == (10, 20)
    solved = {criterion.key: criterion.measured for criterion in found.criteria}
    assert solved["solved_longer"].estimate == 1  # 8 of 8 less 0 of 8
    assert solved["steps_longer"].high == 0  # 100 steps over never
    text = tutorial_words.in_words(found.numbers)["solvers"]
    assert "RNN 0 of 8 seeds (median not reached)" in text
    assert "LSTM (PyTorch's default) 8 of 8 seeds (median 100 training steps)" in text


def test_an_lstm_that_never_learns_and_an_rnn_that_does() -> None:
    """At a delay of 10 all LSTMs and 3 of 8 RNNs, at 20 no LSTM and 6 of 8 RNNs."""
    table = retention(True)
    rnn, lstm = (table["variant"] == name for name in ("rnn", "lstm"))
    quick = rnn & (((table["delay"] == 10) & (table["seed"] < 3))
                   | ((table["delay"] == 20) & (table["seed"] < 6)))  # fmt: skip
    table.loc[quick, ["solved", "solved_at"]] = [True, 150]
    table.loc[lstm & (table["delay"] == 20), "solved"] = False
    table.loc[lstm & (table["delay"] == 10), "solved_at"] = 500
    found = tutorial_measures.converges(replace(world(True), retention=table))
    assert {each.key: str(each.outcome) for each in found.criteria} == {
        "solved_shorter": "met", "steps_shorter": "undecided", "solved_longer": "not_met",
        "steps_longer": "undecided",
    }  # fmt: skip
    assert found.verdict == "depends"


def test_distractors_take_the_seeds_of_a_claim() -> None:
    for count, verdict in ((5, "holds"), (4, "undecided")):
        evidence = replace(world(True), distractors=distractors(True, count))
        assert evidence.with_distractors("lstm:chrono").estimate == 0.99
        assert tutorial_measures.distracted(evidence).verdict == verdict


def test_the_module_names_no_verdict() -> None:
    """What computes the answers has no word for one."""
    folder = Path(tutorial_measures.__file__).parent
    for name in ("measures", "untrained", "listings"):
        text = (folder / f"{name}.py").read_text()
        assert not re.search(r'"(holds|wrong|depends|undecided|fault|unseen|untested)"', text), name


def test_techniques_are_the_shipped_pairs_seed_by_seed() -> None:
    """By hand from the table: the geometric mean of the ratios, less 1."""
    table = pd.read_csv(AID_RUNS / "test_losses.csv").set_index(["run", "seed"])["test_loss"]
    found = tutorial_evidence.read_evidence().techniques["l2"]
    ratios = table["aid-weather-l2"] / table["aid-weather"]
    assert len(found.seeds) == len(ratios) >= 8
    assert found.change.estimate == pytest.approx(np.exp(np.log(ratios).mean()) - 1)
