"""Claims on screen: panels, figures, tables and sentences, against results made by hand."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatescope.analysis import RULES, Interval
from gatescope.experiments import ResultError
from gatescope.experiments.claims import CLAIMS, ClaimResult, Part
from gatescope.experiments.claims.rows import CURVE_COLUMNS, curve, row, together
from viz_app.features.claims import data as claims
from viz_app.features.claims import lessons as claims_lessons
from viz_app.features.claims import words as claims_words
from viz_app.kit import export
from viz_app.kit.chart.line_charts import figure
from viz_app.kit.chart.window import Look


def result(
    key: str, rows: list[dict[str, Any]], curves: Any = (), parts: tuple[Part, ...] = ()
) -> ClaimResult:
    """A result of chosen numbers, beside the papers' own."""
    claim = CLAIMS[key]
    table = pd.DataFrame([claim._beside(one) for one in rows])
    total = len(claim.configs())
    return ClaimResult(key, table, together(list(curves)), parts, total, total, 120.0)


ORDER = [
    row("accuracy", "lstm:forget_bias", 100, [0.25, 0.5]),
    row("accuracy", "lstm:chrono", 100, [1.0, 1.0]),
    row("sequences", "lstm:chrono", 100, [9600, 9600]),
    row("times_faster", "lstm:chrono", 100, [10.0, 12.0]),
]
HELD = (Part("chrono_solves", 1.0, 0.97, True), Part("chrono_faster", 11.0, 2.0, True, True))


def test_the_table_has_the_papers_number_beside_ours() -> None:
    """Medians and ends as people write them; the condition in which the paper's was measured."""
    found = claims_words.numbers(CLAIMS["temporal_order"], result("temporal_order", ORDER))
    assert found["Ours"].tolist() == ["38%", "100%", "9,600", "≥ 11.0"]
    assert found["range"].tolist() == ["25% to 50%", "–", "–", "10.0 to 12.0"]
    assert found["The paper's"].tolist()[:2] == ["–", "–"]
    assert found["The paper's"].iloc[2].startswith("31,390 (L = 100, an LSTM without forget gate")
    assert found["The paper's"].iloc[3] == "7.0 (adding, T = 750)"
    assert found["Source"].iloc[2] == "Hochreiter & Schmidhuber 1997"
    assert found["Network"].iloc[0] == "LSTM (forget bias 1)"
    solved = [*ORDER, row("sequences", "lstm:forget_bias", 100, [96_000])]
    found = claims_words.numbers(CLAIMS["temporal_order"], result("temporal_order", solved))
    assert found["Ours"].iloc[3] == "11.0"


def part(low: float, high: float, key: str = "chrono_faster", n: int = 5, **more: Any) -> Part:
    """A part that must be at least 2."""
    return Part(key, (low + high) / 2, 2.0, True, interval=Interval(1, low, high, n, 0.9), **more)


YES, NO, OPEN = part(2.5, 3.0), part(0.5, 1.0), part(1.0, 3.0)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((YES, YES), "Replicated: 2 of 2 criteria met"),
        ((YES, NO), "Replicated in part: 1 of 2 criteria met"),
        ((NO, NO), "Not replicated: 0 of 2 criteria met"),
        ((YES, replace(NO, decides=True)),
         "Not replicated: 1 of 2 criteria met, not the decisive one"),
        ((YES, OPEN), "Undecided: 1 of 2 criteria met, 1 undecided"),
        ((YES, Part("is_product", 0.0, 1.0, False, check=True)),
         "Replicated: 1 of 1 criterion met"),
    ],
)  # fmt: skip
def test_the_verdict_is_a_sentence(parts: tuple[Part, ...], expected: str) -> None:
    """With the number of seeds that it rests on."""
    claim = CLAIMS["temporal_order"]
    told = claims_words.verdict(claim, result("temporal_order", ORDER, parts=parts))
    assert told == f"{expected} (5 seeds)."


def test_few_seeds_are_weak_evidence() -> None:
    """It is said beside how many there are, in the singular of one."""
    for n, seeds in ((2, "2 seeds"), (1, "1 seed")):
        parts = (replace(OPEN, interval=replace(OPEN.interval, n=n)),)
        claim = CLAIMS["temporal_order"]
        told = claims_words.verdict(claim, result("temporal_order", ORDER, parts=parts))
        assert told.endswith(f"({seeds}, so weak evidence).")


@pytest.mark.parametrize("key", CLAIMS)
def test_the_rule_stands_beside_the_parts(key: str) -> None:
    """Its level and n are those of the table of rules."""
    told = claims_words.rule(CLAIMS[key])
    assert "90% interval" in told
    assert "at least 5 seeds" in told
    assert ("bootstrap" in told) == (key == "chrono_timescales")


def test_without_all_runs_there_is_neither_verdict_nor_lesson() -> None:
    """Only how many there are."""
    claim = CLAIMS["temporal_order"]
    some = replace(result("temporal_order", ORDER), done=4)
    assert claims_words.verdict(claim, some) == "No verdict yet: 4 of 10 networks are trained."
    assert claims_lessons.lessons(claim, some) == []


def test_the_parts_are_told_with_their_bounds() -> None:
    """Per cent where it is a share, a plain number where it is a factor."""
    parts = (
        HELD[0], NO, OPEN, Part("rnn_fails", 0.6, 0.5, False), part(2.5, math.inf, n=8),
        replace(part(-math.inf, math.inf, n=1), value=3.0),
    )  # fmt: skip
    found = claims_words.parts(result("temporal_order", ORDER, parts=parts))
    assert found["criterion"].tolist()[:4] == [
        "at least 97%", "at least 2.00", "at least 2.00", "at most 50%"
    ]  # fmt: skip
    assert found["measured"].tolist() == [
        "100%", "0.7500 (0.5000 to 1.00; n = 5)", "2.00 (1.00 to 3.00; n = 5)", "60%",
        "∞ (from 2.50; n = 8)", "3.00 (n = 1: too few for an interval)",
    ]  # fmt: skip
    assert found["met"].tolist() == ["yes", "no", "undecided", "no", "yes", "undecided"]
    decided = claims_words.parts(result("temporal_order", ORDER, parts=HELD))
    assert [name.endswith("(decisive)") for name in decided.index] == [False, True]
    check = Part("is_product", 1e-15, 1e-9, False, check=True)
    found = claims_words.parts(result("gradient_decay", ORDER, parts=(check,)))
    assert found.index[0].startswith("Check of the code: ")


BUDGETS = {
    "adding": ("20 networks: RNN, LSTM (forget bias 1), LSTM (chrono) and GRU (PyTorch's default)",
               "adding, 100 steps; 5 seeds each, 64 units", "0.002 (RNN: 0.001), batch size 50",
               "an accuracy of 70% at two evaluations in a row"),
    "temporal_order": ("10 networks", "temporal order, 100 steps; 5 seeds each, 32 units",
                       "step limit 3,000"),
    "copy": ("copy, T = 30, 100; 5 seeds each (at 100: 1 seed), 64 units", "batch size 32"),
    "gradient_decay": ("24 networks, untrained: LSTM (PyTorch's default)", "Nothing is trained."),
    "chrono_timescales": ("delayed recall, delays of 19, 49, 99, 199 steps (T_max is one more);",
                          "20 seeds each, different ones for each value, 32 units"),
    "distractors": ("0, 2, 5, 10, 19 distractors in a delay of 20 steps, from the same alphabet",
                    "RNN, LSTM (chrono) and LSTM without forget gate;"),
}  # fmt: skip


@pytest.mark.parametrize("key", CLAIMS)
def test_the_budget_is_stated(key: str) -> None:
    """Every setting of it, with units."""
    told = claims_words.budget(CLAIMS[key])
    for part in BUDGETS[key]:
        assert part in told
    assert ("stopped early" in told) == ("stop_accuracy" in CLAIMS[key].budget.settings)


def test_every_claim_has_its_sentence_its_sources_and_its_parts() -> None:
    """No key is missing for anything that a claim can say."""
    for claim in CLAIMS.values():
        assert claims_words.sources(claim).startswith("Sources: ")
        assert claims_words.how(claim)
        for measure, line, at in claim.published:
            assert claims_words.measure_name(claim, measure, at)
            assert claims.line_name(line)


LESSONS: list[tuple[str, list[dict[str, Any]], list[str]]] = [
    ("adding", [
        row("loss", "rnn", 100, [0.16]), row("loss", "gru", 100, [0.001]),
        row("loss", "lstm:chrono", 100, [0.002]),
        row("loss", "lstm:forget_bias", 100, [0.15, 0.002]),
    ], ["the RNN's test MSE is 0.1600; the no-memory baseline is 0.1667. The GRU reaches 0.0010, "
        "the LSTM with chrono 0.0020 (medians). With forget bias 1 it depends on the seed: 0.0020 "
        "for the best, 0.1500 for the worst."]),
    ("temporal_order", ORDER, ["an accuracy of 100% after 9,600 training sequences. With "
                               "forget bias 1 it is at 38% after 96,000; guessing gives 25%."]),
    ("temporal_order", [*ORDER, row("sequences", "lstm:forget_bias", 100, [80_000])],
     ["solves the task after 9,600 training sequences, with forget bias 1 after 80,000."]),
    ("temporal_order", [*ORDER, row("sequences", "lstm:forget_bias", 100, [8e4, math.inf])],
     ["it is at 38% after 96,000"]),
    ("temporal_order", ORDER[:2], []),
    ("copy", [
        row("loss", f"lstm:{line}", at, [at / 1000])
        for at in (30, 100) for line in ("forget_bias", "chrono")
    ], ["T = 30: the no-memory baseline is 0.4159, forget bias 1 reaches 0.030",
        "T = 100: the no-memory baseline is 0.1733, forget bias 1 reaches 0.1000"]),
    ("chrono_timescales", [
        row("half_life_before", "q50", 200, [60.0], paper=70.0),
        row("half_life_after", "q50", 200, [240.0], paper=70.0),
    ], ["below 60 steps before training; chrono sets 70 (a time constant of 101). After training "
        "it is 240 steps.", "4.0 times as long"]),
    ("chrono_timescales", [
        row("half_life_before", "q50", 200, [60.0], paper=70.0),
        row("half_life_after", "q50", 200, [66.0], paper=70.0),
    ], ["After training it is 66", "about where chrono put them"]),
    ("distractors", [
        row("accuracy", "rnn", 0, [1.0]), row("accuracy", "rnn", 19, [0.1, 0.2, 0.9]),
        row("accuracy", "lstm:chrono", 19, [1.0]), row("accuracy", "lstm_no_forget", 19, [0.99]),
    ], ["a median accuracy of 99%, with it 100%. So the forget gate is not what ignores them.",
        "(worst to best seed): 0: 100% (100% to 100%); ", "19: 20% (10% to 90%)."]),
    ("distractors", [
        row("accuracy", "rnn", 0, [1.0]), row("accuracy", "rnn", 19, [0.2]),
        row("accuracy", "lstm:chrono", 19, [1.0]), row("accuracy", "lstm_no_forget", 19, [0.3]),
    ], ["median accuracy is 100% with its forget gate, 30% without it.", "19: 20%"]),
]  # fmt: skip


def judged(rows: list[dict[str, Any]]) -> tuple[Part, ...]:
    """The parts that a lesson looks at, by the rows' own numbers."""
    numbers = {(one["measure"], one["line"]): one["ours"] for one in rows}
    found = []
    if ("accuracy", "lstm_no_forget") in numbers:
        free = numbers["accuracy", "lstm_no_forget"]
        found.append(Part("no_gate_fails", free, 0.5, False, decides=True))
    if ("half_life_after", "q50") in numbers:
        factor = numbers["half_life_after", "q50"] / 70
        found.append(Part("after", max(factor, 1 / factor), 1.5, False))
    return tuple(found)


@pytest.mark.parametrize(("key", "rows", "expected"), LESSONS)
def test_the_lesson_is_told_from_the_table(
    key: str, rows: list[dict[str, Any]], expected: list[str]
) -> None:
    """Each branch, its numbers from the rows."""
    told = claims_lessons.lessons(CLAIMS[key], result(key, rows, parts=(*HELD, *judged(rows))))
    if not expected:
        assert told == []
    together_ = " ".join(told)
    for part in expected:
        assert part in together_


def learnt(key: str, at: int) -> list[pd.DataFrame]:
    """Two seeds of each variant: from 1 down to 0.2."""
    lines = CLAIMS[key].budget.variants
    return [
        curve(str(at), line, seed, [0, 50, 100], [1.0, 0.5, 0.2])
        for line in lines
        for seed in (0, 1)
    ]


def drawn(key: str) -> list[pd.DataFrame]:
    """Curves of any claim."""
    claim = CLAIMS[key]
    if key == "gradient_decay":
        names = ("cell", "total", "closed_form")
        return [curve(v, n, -1, [1, 100], [0.9, 1e-9], low=[0.8, 1e-20], high=[1, 1e-3])
                for v in claim.budget.variants for n in names]  # fmt: skip
    if key == "chrono_timescales":
        return [curve("", n, -1, [20, 200], [7, 70], low=[2, 20], high=[12, 120])
                for n in ("promised", "before", "after")]  # fmt: skip
    if key == "distractors":
        return [curve("", v, -1, [0, 19], [1.0, 0.3], low=[0.9, 0.1], high=[1.0, 0.4])
                for v in claim.budget.variants]  # fmt: skip
    return [part for at in claim.budget.values for part in learnt(key, at)]


@pytest.mark.parametrize("key", CLAIMS)
def test_every_figure_is_valid_and_has_all_its_lines(key: str, tmp_path: Path) -> None:
    """Altair's own schema accepts it, light and dark; all rows are in it; SVG has words as text."""
    claim, found = CLAIMS[key], result(key, ORDER, drawn(key))
    panels = claims.panels(claim, found)
    assert len(panels) == found.curves["panel"].nunique()
    chart = figure([panels], "light", 360)
    chart.to_dict()
    svg = export.save(chart, tmp_path / "claim.svg").read_text()
    names = {line.name for panel in panels for line in panel.lines}
    for word in (*names, panels[0].x.title, panels[0].y.title):
        assert f">{word.replace('&', '&amp;')}<" in svg
    for theme in ("light", "dark"):
        row = claims.row(panels, Look(theme))
        for panel, spec in zip(panels, row.specs, strict=True):
            rows = next(iter(data for data in spec["datasets"].values() if "band" in data[0]))
            assert len(rows) == sum(len(line.x) for line in panel.lines)
            assert json.dumps(spec)
        assert all(told[0] != ":" for told in row.alternatives)
    assert [name for name, _, _ in row.legend] == list(
        dict.fromkeys(line.name for panel in panels for line in panel.lines)
    )


@pytest.mark.parametrize(
    ("key", "level"),
    [("adding", 1 / 6), ("temporal_order", 0.25), ("distractors", 1 / 8),
     ("copy", 10 * math.log(8) / 50)],
)  # fmt: skip
def test_the_thin_line_is_what_remembering_nothing_scores(key: str, level: float) -> None:
    """In closed form, on the first panel, with its number in the label."""
    panel = claims.panels(CLAIMS[key], result(key, ORDER, drawn(key)))[0]
    (drawn_level,) = panel.levels
    assert drawn_level.height == pytest.approx(level)
    assert any(text in drawn_level.name for text in (f"{level:.4f}", f"{100 * level:g}%"))


def test_where_no_paper_has_a_number_it_is_said() -> None:
    """And not where one has."""
    alone = [row("accuracy", "rnn", 0, [1.0])]
    assert claims_words.no_paper(result("distractors", alone)).startswith("No paper")
    assert claims_words.no_paper(result("temporal_order", ORDER)) == ""


def test_an_unfinished_claim_has_no_panels() -> None:
    """Nothing to draw is no error."""
    empty = pd.DataFrame(columns=list(CURVE_COLUMNS))
    found = replace(result("copy", ORDER), curves=empty)
    assert claims.panels(CLAIMS["copy"], found) == []


def test_a_missing_result_is_an_error_that_says_so(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(ResultError, match=r"adding\.json"):
        claims.prepared("adding", tmp_path)


@pytest.mark.parametrize("key", CLAIMS)
def test_what_is_shipped_is_of_todays_budget(key: str) -> None:
    """It reads, all its runs are in it, and the verdict follows from the table as shipped."""
    claim, found = CLAIMS[key], claims.prepared(key)
    assert found.done == found.total == len(claim.configs())
    again = claim.judge(claim.budget, found.table)
    assert [part.key for part in again] == [part.key for part in found.parts]
    for old, new in zip(found.parts, again, strict=True):
        assert old.outcome == new.outcome
        assert old.interval is None or old.interval.n >= RULES["claim"].n
        np.testing.assert_allclose(old.value, new.value, rtol=1e-3)
    assert claims_lessons.lessons(claim, found)


def test_what_is_shipped_is_small() -> None:
    """All of it in under 200 kB."""
    assert sum(path.stat().st_size for path in claims.FOLDER.glob("*.json")) < 200_000
