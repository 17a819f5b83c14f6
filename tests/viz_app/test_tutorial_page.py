"""The tutorial's verdicts follow the numbers; the page shows each with its sentence."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from viz_app.app_pages import cached_tutorial
from viz_app.views import snippets_real, tutorial, tutorial_evidence, tutorial_measures
from viz_app.views.tutorial_evidence import Evidence

PAGE = "app_pages/tutorial.py"


def rows(experiment: str, **scores: list[float]) -> pd.DataFrame:
    """Runs with these scores by setting; losses are one less the score."""
    return pd.DataFrame(
        [
            {
                "experiment": experiment, "setting": setting.replace("_", " "), "seed": seed,
                "steps": 100, "seconds": 1.0 if setting == "rnn" else 2.0, "score": score,
                "loss": 1 - score, "baseline": 0.5, "guess": 0.5,
                "half_way": 10 if setting == "lstm" else 20,
            }
            for setting, found in scores.items()
            for seed, score in enumerate(found)
        ]
    )  # fmt: skip


def made(table: pd.DataFrame, **given: Any) -> Evidence:
    """Evidence of which a verdict needs only a part."""
    usual = {"retention": pd.DataFrame(), "speed": {}, "distractors": SimpleNamespace(parts=[])}
    return Evidence(rows=table, **(usual | given))


@pytest.mark.parametrize(
    ("rnn", "lstm", "verdict"),
    [
        ([0.6, 0.61, 0.62], [0.7, 0.71, 0.72], "holds"),
        ([0.6, 0.7, 0.8], [0.65, 0.71, 0.77], "depends"),  # only faster
    ],
)
def test_film_reviews(rnn: list[float], lstm: list[float], verdict: str) -> None:
    found = tutorial_measures.film(made(rows("reviews", rnn=rnn, lstm=lstm)))
    assert found.verdict == verdict
    assert found.numbers["lstm_half"] == 10
    assert found.numbers["seeds"] == 3


def test_a_difference_in_its_standard_errors_by_hand() -> None:
    evidence = made(rows("reviews", rnn=[0.5, 0.7], lstm=[0.8, 1.0]))
    # variances .02 each over two seeds: the error is sqrt(.01 + .01)
    assert evidence.differ("reviews", "lstm", "rnn") == pytest.approx(0.3 / 0.02**0.5)


def test_time_a_step_is_the_median() -> None:
    found = tutorial_measures.slower(made(rows("reviews", rnn=[0.6] * 2, lstm=[0.7] * 2)))
    assert found.numbers["ratio"] == 2
    assert found.verdict == "depends"  # seeds that do not differ give no error


@pytest.mark.parametrize(("much", "verdict"), [([0.3, 0.4], "holds"), ([0.95, 0.96], "wrong")])
def test_too_much_dropout(much: list[float], verdict: str) -> None:
    table = rows("recurrent_dropout", **{"0": [1.0, 1.0], "0.2": [1.0, 1.0], "0.5": [0.9, 0.9]})
    table = pd.concat([table, rows("recurrent_dropout", **{"0.8": much})])
    assert tutorial_measures.dropout(made(table)).verdict == verdict


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ({"rnn_fails": 0.2, "gate_with": 0.99, "no_gate_fails": 0.99}, "depends"),
        ({"rnn_fails": 0.2, "gate_with": 0.99, "no_gate_fails": 0.3}, "holds"),
        ({"rnn_fails": 0.9, "gate_with": 0.99, "no_gate_fails": 0.3}, "wrong"),
    ],
)
def test_distractors(parts: dict[str, float], verdict: str) -> None:
    claim = SimpleNamespace(parts=[SimpleNamespace(key=k, value=v) for k, v in parts.items()])
    found = tutorial_measures.distracted(made(pd.DataFrame(), distractors=claim))
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("lstm", "rnn", "verdict"),
    [
        ({5: True, 20: True}, {5: True, 20: False}, "wrong"),
        ({5: True, 20: True}, {5: True, 20: True}, "holds"),
    ],
)
def test_convergence_is_compared_where_both_learn(
    lstm: dict[int, bool], rnn: dict[int, bool], verdict: str
) -> None:
    runs = [
        {
            "variant": name, "delay": delay, "seed": 0, "solved": solved,
            "solved_at": (100 if name == "lstm" else 90 if delay == 5 else 900),
        }
        for name, found in (("rnn", rnn), ("lstm", lstm))
        for delay, solved in found.items()
    ]  # fmt: skip
    found = tutorial_measures.converges(made(pd.DataFrame(), retention=pd.DataFrame(runs)))
    assert found.verdict == verdict
    assert found.numbers["delay"] == max(d for d, solved in rnn.items() if solved)


def test_the_page_says_every_answer_with_its_numbers(open_app: Callable[..., AppTest]) -> None:
    app = open_app(PAGE)
    assert not app.exception
    text = "\n".join(element.value for element in app.markdown)
    found = cached_tutorial.findings()
    assert len(tutorial.ENTRIES) == 27
    for entry in tutorial.ENTRIES:
        assert entry.says in text
        assert entry.found(found[entry.key]) in text
    assert found["rnn_gates"].verdict == "wrong"
    assert found["to_come"].verdict == found["relu"].verdict == "untested"
    count = tutorial.counted(found, "statement")
    assert sum(count.by_verdict.values()) == count.total == 20
    app = open_app(PAGE, show="untested")
    text = "\n".join(element.value for element in app.markdown)
    assert "This is an outlook" in text
    assert "has 0 gates" not in text


def test_the_chart_shows_every_run_and_its_mean() -> None:
    table = tutorial_evidence.evidence().rows
    for experiment in dict.fromkeys(table["experiment"]):
        spec = tutorial.chart(experiment, table).to_dict()
        shown = [row for data in spec["datasets"].values() for row in data if "seed" in row]
        kept = table[table["experiment"] == experiment]
        column = "loss" if tutorial.by_loss(experiment) else "score"
        assert sorted(row["value"] for row in shown) == pytest.approx(sorted(kept[column]))


def test_the_same_in_python_draws_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(snippets_real.tutorial("stocks", "light"), "snippet", "exec"), {})
    assert "no change" not in (svg := (tmp_path / "tutorial.svg").read_text())
    assert "naive forecast" in svg
    assert svg.count("LSTM") >= 1


def test_without_its_measurements_the_page_says_so(
    open_app: Callable[..., AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tutorial_evidence, "FOLDER", tmp_path)
    cached_tutorial.gathered.clear()
    cached_tutorial.findings.clear()
    app = open_app(PAGE)
    assert not app.exception
    assert "make assets" in app.error[0].value
    cached_tutorial.gathered.clear()
    cached_tutorial.findings.clear()
