"""The bench's table, sentences and curves, on comparisons whose numbers are made by hand."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatescope import make_task
from gatescope.experiments.comparison import Comparison, ComparisonConfig, Reference
from gatescope.experiments.comparison.table import COLUMNS
from viz_app.charts.bench import bench_panel, log_ends
from viz_app.views import bench, bench_numbers, bench_words

RESULTS = {
    "rnn": ((0.70, 0.80), (1.0, 1.2), (math.nan, 400)),
    "lstm": ((0.90, 0.92), (3.0, 3.1), (200, 300)),
    "gru": ((0.91, 0.95), (2.0, 2.1), (100, 200)),
}
"""By network: score, milliseconds a step and steps to the aim, of two seeds."""


def made(results: dict[str, Any] = RESULTS, linear: float = 0.5, **settings: Any) -> Comparison:
    """A comparison with these numbers; its loss is 1 − score, its curves fall to it."""
    config = ComparisonConfig(cells=tuple(results), seeds=(0, 1), match="units", **settings)
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
    assert list(table.index) == ["RNN", "LSTM", "GRU", "remembering nothing", "logistic regression"]
    gru = table.loc["GRU"].to_dict()
    reach = 12.7062 * np.std([91, 95], ddof=1) / math.sqrt(2)
    assert gru["right answers, test"] == f"93.0 ± {reach:.1f} %"
    assert gru["a training step (ms)"] == "2.05 ± 0.64"
    assert gru["steps to the aim"] == "150 (100 … 200)"
    assert table.loc["RNN", "reach the aim"] == "1 of 2"
    assert table.loc["RNN", "steps to the aim"] == "400"
    assert table.loc["logistic regression", "training (s)"] == "0.50"
    assert table.loc["remembering nothing", "right answers, test"] == "10.0 %"


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
    assert r"93.0 $\pm$ 25.4 \%" in text
    assert text.count(r" \\") == 6
    assert "%" not in text.replace(r"\%", "").replace(r"% \usepackage", "")
    assert bench_numbers.escaped("a_b & c") == r"a\_b \& c"
    widths = {len(line) for line in bench_numbers.plain(result).splitlines()}
    assert len(widths) == 1


def test_the_sentences_follow_the_intervals() -> None:
    """Overlapping intervals are no difference; apart they are; one seed is no evidence."""
    told = "\n".join(bench_words.sentences(made()))
    assert "GRU is ahead with 93.0%" in told
    assert "2 seeds do not tell them apart" in told
    assert "Recurrence pays here: the best network reaches 93.0%" in told
    assert (
        "reached first, in steps, by GRU: after 150; LSTM needs 250 (medians). Their seeds" in told
    )
    assert "RNN reaches it with 1 of 2 seeds." in told
    apart = {
        "rnn": ((0.5, 0.501), (1.0, 1.001), (900, 910)),
        "gru": ((0.9, 0.901), (2.0, 2.001), (100, 110)),
    }
    told = "\n".join(bench_words.sentences(made(apart, linear=0.97)))
    assert "GRU does best: 90.0% (right answers), RNN next with 50.0%" in told or "90.1%" in told
    assert "do not overlap" in told
    assert "On the same input logistic regression reaches 97.0%" in told
    assert "RNN is fastest a training step: 1.00 ms; GRU takes 2.00 ms." in told
    assert "this may be chance" not in told
    result = made(apart)
    alone = Comparison(
        result.config, result.table[result.table.seed == 0], result.curves, result.references
    )
    assert "One seed is no evidence" in bench_words.sentences(alone)[0]
    nobody = {"rnn": ((0.5, 0.6), (1.0, 1.0), (math.nan, math.nan))}
    told = "\n".join(bench_words.sentences(made(nobody)))
    assert "No network reaches the aim (right answers ≥ 90%) with every seed." in told
    empty = Comparison(result.config, result.table[:0], result.curves[:0], ())
    assert bench_words.sentences(empty) == []


def test_a_loss_that_is_no_number_is_said() -> None:
    """The mean is left out, and the network is not ranked by it."""
    lost = {"rnn": ((math.nan, 0.6), (1.0, 1.0), (math.nan, 5)), **RESULTS}
    lost["rnn"] = ((math.nan, 0.6), (1.0, 1.0), (math.nan, 5))
    result = made(lost)
    assert bench_numbers.numbers(result).loc["RNN", "cross-entropy (nats), test"] == "–"
    assert "In 1 runs the loss was no longer a number" in bench_words.how(result)
    assert "GRU is ahead" in bench_words.sentences(result)[0]


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("digits", "right answers"),
        ("adding", "right within ±0.04"),
        ("flip_flop", "right within ±0.5"),
        ("forecast", "nearer to the truth than the naive forecast"),
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
    np.testing.assert_allclose(gru.middle, [0, 0.465, 0.93])
    np.testing.assert_allclose(gru.low, [0, 0.455, 0.91])
    np.testing.assert_allclose(gru.x, [0, 500, 1000])
    assert score.rules == ((0.1, "remembering nothing"), (0.5, "logistic regression"))
    assert loss.rules == ((0.5, "logistic regression"), (2.3, "remembering nothing"))
    seconds = bench.panels(result, "seconds")[1].lines[2]
    np.testing.assert_allclose(seconds.x, [0, 500 * 2.05 / 1000, 2.05])
    assert log_ends(loss) == (0.05, 5.0)
    names = [name for name, _, _ in bench.legend([loss, score], "light")]
    assert names == ["RNN", "LSTM", "GRU"]
    assert "GRU from 0.0% to 93.0%" in bench.alternative(score)
    near = made(linear=0.12)
    assert bench.panels(near)[1].rules == (
        (0.1, ""), (0.12, "remembering nothing, logistic regression")
    )  # fmt: skip
    for theme in ("light", "dark"):
        bench_panel(loss, bench.words(), theme=theme, width=300).to_dict()  # against the schema


def test_networks_have_names() -> None:
    """Mixed layers, other starts, and two sizes of the same."""
    assert bench.network_name("gru+lstm") == "GRU + LSTM"
    assert bench.network_name("lstm:chrono") == "LSTM, chrono"
    assert bench.network_name("rnn@32") == "RNN, 32 units"
