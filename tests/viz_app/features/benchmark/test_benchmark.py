"""The bench's table, sentences and curves, on comparisons whose numbers are made by hand."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatescope import make_task
from gatescope.experiments.comparison import Comparison, ComparisonConfig, Reference
from gatescope.experiments.comparison.table import COLUMNS
from viz_app.features.benchmark import data as bench
from viz_app.features.benchmark import numbers as bench_numbers
from viz_app.features.benchmark import setting as bench_setting
from viz_app.features.benchmark import words as bench_words
from viz_app.kit.chart.line_charts import figure
from viz_app.kit.chart.lines import Panel
from viz_app.kit.chart.window import Look
from viz_app.kit.tables import escaped, in_columns

RESULTS = {
    "rnn": ((0.70, 0.80), (1.0, 1.2), (math.nan, 400)),
    "lstm": ((0.90, 0.92), (3.0, 3.1), (200, 300)),
    "gru": ((0.91, 0.95), (2.0, 2.1), (100, 200)),
}
"""By network: score, milliseconds a step and steps to the aim, of two seeds."""
CLOSE = {
    "rnn": ((0.70, 0.80, 0.75), (1.0, 1.2, 1.1), (math.nan, 400, math.nan)),
    "lstm": ((0.90, 0.92, 0.91), (3.0, 3.1, 3.05), (200, 300, 150)),
    "gru": ((0.91, 0.95, 0.93), (1.1, 1.3, 1.2), (100, 200, 300)),
}
"""Of three seeds."""


def made(results: dict[str, Any] = RESULTS, linear: float = 0.5, **settings: Any) -> Comparison:
    """A comparison with these numbers; its loss is 1 − score, its curves fall to it."""
    count = len(next(iter(results.values()))[0])
    config = ComparisonConfig.of(
        cells=tuple(results), seeds=tuple(range(count)), match="units", **settings
    )
    rows: list[list[Any]] = []
    curves = []
    for name, columns in results.items():
        for seed, (score, ms, aim) in enumerate(zip(*columns, strict=True)):
            times = [1000, ms, 10.0, aim, aim * ms / 1000]
            rows.append([name, name, seed, 32, 100, ms, 1000, ms, *times[2:], 1 - score, score])
            curves += [
                (name, seed, step, step * ms / 1000, 1 - score * step / 1000, score * step / 1000)
                for step in (0, 500, 1000)
            ]
    return Comparison(
        config,
        pd.DataFrame(rows, columns=list(COLUMNS)),
        pd.DataFrame(curves, columns=["network", "seed", "step", "seconds", "loss", "score"]),
        (
            Reference("naive", "nothing", 0, 2.3, 0.1),
            Reference("linear", "window", 64, 1 - linear, linear, 1097, 0.5, 650),
        ),
    )


def test_the_table_is_written_as_people_write_it() -> None:
    """Mean and reach of the t interval (t = 12.706), seeds that reached the aim, references."""
    table = bench_numbers.numbers(made())
    assert list(table.index) == ["RNN", "LSTM", "GRU", "no-memory baseline", "logistic regression"]
    gru = table.loc["GRU"].to_dict()
    reach = 12.7062 * np.std([91, 95], ddof=1) / math.sqrt(2)
    assert gru["test accuracy"] == f"93.0 ± {reach:.1f}%"
    assert gru["training step (CPU ms)"] == "2.05 ± 0.64"
    assert gru["training steps to the aim"] == "150 (100 to 200)"
    assert table.loc["RNN", "reached the aim"] == "1 of 2"
    # half of the seeds never reach it: of the median it is known only that it is above 400
    assert table.loc["RNN", "training steps to the aim"] == "most never (from 400)"
    some = {"rnn": ((0.9, 0.9, 0.9), (1.0, 1.0, 1.0), (100, 300, math.nan)), **CLOSE}
    some["rnn"] = ((0.9, 0.9, 0.9), (1.0, 1.0, 1.0), (100, 300, math.nan))
    table_of_some = bench_numbers.numbers(made(some))
    assert table_of_some.loc["RNN", "training steps to the aim"] == "300 (from 100)"
    assert table.loc["logistic regression", "training (CPU seconds)"] == "0.50"
    assert table.loc["no-memory baseline", "test accuracy"] == "10.0%"


def test_markdown_and_latex_hold_every_cell() -> None:
    """Each row of the table, in the syntax of each; LaTeX' own signs are escaped."""
    result = made()
    table = bench_numbers.numbers(result)
    lines = bench_numbers.markdown(result).splitlines()
    assert lines[1].startswith("| :-- | --: |")
    for line, (name, row) in zip(lines[2:], table.iterrows(), strict=False):
        assert [cell.strip() for cell in line.strip("|").split("|")] == [name, *row]
    text = bench_numbers.latex(result)
    for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\begin{tabular}{lrrrrrrrrr}"):
        assert rule in text
    assert r"93.0 $\pm$ 25.4\%" in text
    assert text.count(r" \\") == 6
    assert "%" not in text.replace(r"\%", "").replace(r"% \usepackage", "")
    assert escaped("a_b & c") == r"a\_b \& c"
    widths = {len(line) for line in in_columns(table, right=True).splitlines()}
    assert len(widths) == 1


APART = {
    "rnn": ((0.5, 0.501, 0.502), (1.0, 1.001, 1.002), (900, 910, 920)),
    "gru": ((0.9, 0.901, 0.902), (2.0, 2.001, 2.002), (100, 110, 120)),
}


def sentences(results: dict[str, Any], linear: float = 0.5) -> str:
    """All of them."""
    return "\n".join(bench_words.sentences(made(results, linear)))


def test_what_the_intervals_leave_open_is_undecided() -> None:
    """Score, time of a step, and who is first."""
    found = sentences(CLOSE, linear=0.925)
    assert "GRU is ahead with accuracy 93.0%, next is LSTM with 91.0%, but this is" in found
    assert "undecided (+2.0 points, 95% interval −2.2 to +6.2, n = 3)" in found
    assert "whether recurrence pays is undecided (+0.5 points" in found
    assert "the difference to GRU is undecided; LSTM needs 3.05 ms." in found
    assert "needs 200 (medians). The difference is undecided." in found
    assert "RNN reaches it with 1 of 3 seeds." in found
    assert "In CPU seconds" not in found


def test_what_the_intervals_tell_apart_is_told() -> None:
    """With the difference, its interval and n."""
    found = sentences(APART, linear=0.97)
    assert "GRU is best: accuracy 90.1%; next is RNN with 50.1% (+40.0 points, 95%" in found
    assert "logistic regression on the same input has accuracy 97.0%" in found
    assert "Recurrence does not pay here" in found
    assert "RNN has the fastest training step: 1.00 ms; GRU needs 2.00 ms." in found
    assert "first: after 110 training steps; RNN needs 910 (medians)." in found
    assert "difference is undecided" not in found
    assert "In CPU seconds GRU is first" in found
    assert "Recurrence pays here" in sentences(APART)
    same = {"rnn": ((0.9, 0.901, 0.9), *APART["rnn"][1:]), "gru": APART["gru"]}
    found = sentences(same, linear=0.9005)
    assert "GRU (accuracy 90.1%) and RNN (90.0%) are equally good" in found
    assert "the best network about the same" in found


def test_too_few_seeds_give_no_verdict() -> None:
    """Two, or one; no run, no sentence; nobody at the aim."""
    for rows in (made().table, made().table[made().table.seed == 0]):
        result = made()
        few = Comparison(result.config, rows, result.curves, result.references)
        told = bench_words.sentences(few)
        assert told[0].endswith("of both: another seed may reverse the order.")  # fmt: skip
        assert told[1].endswith("A verdict needs 3 seeds.")
        assert not any("does best" in each or "pays here:" in each for each in told)
    nobody = {"rnn": ((0.5, 0.6), (1.0, 1.0), (math.nan, math.nan))}
    found = sentences(nobody)
    assert "No network reaches the aim (accuracy ≥ 90%) with every seed." in found
    empty = Comparison(result.config, result.table[:0], result.curves[:0], ())
    assert bench_words.sentences(empty) == []


def test_the_rule_and_how_times_are_measured_are_said() -> None:
    """Its numbers are those of the table of rules."""
    told = bench_setting.rule()
    for part in ("95% interval", "1 points of a score", "5% of a loss", "3 seeds", "undecided"):
        assert part in told
    assert "CPU time on one core" in bench_setting.how(made())
    assert "take turns in one process" in bench_setting.how(made())


def test_a_loss_that_is_no_number_is_said() -> None:
    """The mean is left out, and the network is not ranked by it."""
    lost = {"rnn": ((math.nan, 0.6), (1.0, 1.0), (math.nan, 5)), **RESULTS}
    lost["rnn"] = ((math.nan, 0.6), (1.0, 1.0), (math.nan, 5))
    result = made(lost)
    assert bench_numbers.numbers(result).loc["RNN", "test cross-entropy (nats)"] == "–"
    assert "The loss became NaN in 1 run;" in bench_setting.how(result)
    assert "GRU is ahead" in bench_words.sentences(result)[0]


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("digits", "accuracy"),
        ("adding", "accuracy (within ±0.04)"),
        ("flip_flop", "accuracy (within ±0.5)"),
        ("forecast", "fraction closer than the naive forecast"),
    ],
)
def test_a_score_is_called_what_it_counts(task: str, name: str) -> None:
    """A forecast's share is no accuracy."""
    assert bench.score_name(make_task(task)) == name


def test_the_curves_are_the_seeds_medians() -> None:
    """Line, band and rules, against the step and against seconds; a legend names every line."""
    result = made()
    loss, score = bench.panels(result, "step")
    gru = score.lines[2]
    assert gru.name == "GRU"
    np.testing.assert_allclose(gru.value, [0, 0.465, 0.93])
    np.testing.assert_allclose(gru.low, [0, 0.455, 0.91])
    np.testing.assert_allclose(gru.x, [0, 500, 1000])
    assert levels(score) == [(0.1, "no-memory baseline"), (0.5, "logistic regression")]
    assert levels(loss) == [(0.5, "logistic regression"), (2.3, "no-memory baseline")]
    seconds = bench.panels(result, "seconds")[1].lines[2]
    np.testing.assert_allclose(seconds.x, [0, 500 * 2.05 / 1000, 2.05])
    assert loss.y.ends == (0.05, 5.0)
    row = bench.row([loss, score], Look())
    assert [name for name, _, _ in row.legend] == ["RNN", "LSTM", "GRU"]
    assert "GRU from 0.0% to 93.0%" in row.alternatives[1]
    near = made(linear=0.12)
    assert levels(bench.panels(near)[1]) == [
        (0.1, ""), (0.12, "no-memory baseline, logistic regression")
    ]  # fmt: skip
    for theme in ("light", "dark"):
        figure([[loss, score]], theme, 300).to_dict()  # against the schema


def levels(panel: Panel) -> list[tuple[float, str]]:
    """Height and name of the thin lines."""
    return [(level.height, level.name) for level in panel.levels]


def test_networks_have_names() -> None:
    """Mixed layers, other starts, and two sizes of the same."""
    assert bench.network_name("gru+lstm") == "GRU + LSTM"
    assert bench.network_name("lstm:chrono") == "LSTM, chrono"
    assert bench.network_name("rnn@32") == "RNN, 32 units"
