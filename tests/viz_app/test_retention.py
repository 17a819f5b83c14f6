"""The retention page, figure and words, against tables made by hand and plain pandas."""

import math
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from gatescope.experiments import RetentionConfig
from viz_app import figures
from viz_app.app_pages import cached_retention
from viz_app.charts.gradients import LINE_COLOURS
from viz_app.views import library, retention, retention_words

PAGE = "app_pages/retention.py"
SHARES = {
    ("rnn", 5): [1.0, 0.99, 0.98], ("rnn", 20): [0.97, 0.99, 0.2],
    ("lstm", 5): [1.0, 1.0, 1.0], ("lstm", 20): [0.12, 0.13, 0.99],
    ("lstm:chrono", 5): [1.0, 1.0, 1.0], ("lstm:chrono", 20): [0.98, 0.99, 1.0],
}  # fmt: skip
LEFT = {"rnn": math.nan, "lstm": 0.0, "lstm:chrono": 0.9}
LIVES = {"rnn": math.nan, "lstm": 0.9, "lstm:chrono": 83.2}


def experiment(**changes: Any) -> RetentionConfig:
    """What the table below was asked for."""
    settings: dict[str, Any] = {"variants": ("rnn", "lstm", "lstm:chrono"), "delays": (5, 20)}
    return RetentionConfig(**{**settings, **changes})


def table() -> pd.DataFrame:
    """A run solved its task where it is right 97 % of the time, after 100 steps a delay."""
    rows = [
        {
            "variant": variant,
            "delay": delay,
            "seed": seed,
            "units": 32,
            "parameters": 1000,
            "accuracy": share,
            "loss": 1.0,
            "solved": share >= 0.97,
            "solved_at": 100.0 * (delay + seed) if share >= 0.97 else math.nan,
            "steps": 100 * (delay + seed) if share >= 0.97 else 1500,
            "seconds": 60.0,
            "half_life": LIVES[variant],
            "gate_left": LEFT[variant],
            "gradient_left": 0.5,
        }
        for (variant, delay), shares in SHARES.items()
        for seed, share in enumerate(shares)
    ]
    return pd.DataFrame(rows)


def panel(measure: str, title: str) -> Any:
    """One panel of the table."""
    (found,) = (
        panel
        for row in retention.panels(experiment(), table())
        for panel in row
        if (panel.measure, panel.title) == (measure, title)
    )
    return found


def test_a_panel_a_cell_and_a_line_an_initialisation() -> None:
    """A plain RNN has no half-life; every line keeps its colour."""
    rows = retention.panels(experiment(), table())
    titles = [(row[0].measure, [panel.title for panel in row]) for row in rows]
    assert titles == [
        ("accuracy", ["RNN", "LSTM"]),
        ("solved_at", ["RNN", "LSTM"]),
        ("half_life", ["LSTM"]),
        ("gate_left", ["LSTM"]),
        ("gradient_left", ["RNN", "LSTM"]),
    ]
    lines = {line.name: line.style for row in rows for panel in row for line in panel.lines}
    assert lines == {"torch's default": 0, "chrono": 2}


def test_lines_are_medians_and_points_are_runs() -> None:
    """Accuracy: guessing one of eight symbols stands as the thin line."""
    found = panel("accuracy", "RNN")
    (line,) = found.lines
    assert line.delays.tolist() == [5, 20]
    assert line.middle.tolist() == [0.99, 0.97]
    assert (line.low <= line.middle).all()
    assert (line.middle <= line.high).all()
    assert sorted(line.points["value"]) == sorted(SHARES["rnn", 5] + SHARES["rnn", 20])
    assert line.points["reached"].all()
    assert found.reference == 1 / 8


def test_what_was_not_solved_is_a_cross_at_the_cap() -> None:
    """And the line is left out where most seeds failed."""
    default, chrono = panel("solved_at", "LSTM").lines
    np.testing.assert_array_equal(default.middle, [600, np.nan])
    assert chrono.middle.tolist() == [600, 2100]
    missed = default.points[~default.points["reached"]]
    assert missed["value"].tolist() == [1500, 1500]
    assert missed["delay"].tolist() == [20, 20]
    (rnn,) = panel("solved_at", "RNN").lines
    assert rnn.middle[1] == np.median([2000, 2100, 1500])


def test_the_figure_is_valid_and_shows_every_run(tmp_path: Path) -> None:
    """Altair's own schema accepts it; the SVG has its words as text."""
    chart = retention.chart(experiment(), table())
    chart.to_dict()
    svg = figures.save(chart, tmp_path / "retention.svg").read_text()
    for word in ("RNN", "LSTM", "chrono", "right answers", "half-life (steps)", "guessing"):
        assert f">{word}<" in svg
    crosses = len(re.findall(r">×<", svg))
    assert crosses == 3  # one RNN and two LSTMs at delay 20
    for theme in ("light", "dark"):
        for row in retention.specs(retention.panels(experiment(), table()), theme):
            assert all(spec["layer"] for spec in row)


def test_every_panel_of_the_figure_keeps_its_lines_apart() -> None:
    """Chrono has its colour and dash in all five measures of the LSTM, and in the legend."""
    svg = figures.render(retention.chart(experiment(), table()), "svg").decode()
    strokes = re.findall(r'<(?:path|line) [^>]*aria-roledescription="line mark"[^>]*>', svg)
    assert strokes, svg[:500]
    chrono = [s for s in strokes if f'stroke="{LINE_COLOURS["light"][2]}"' in s]
    assert len(chrono) == 5
    assert all('stroke-dasharray="10,3,2,3"' in stroke for stroke in chrono)


def test_the_lesson_is_told_from_the_table() -> None:
    """RNN 2 of 3 and LSTM 1 of 3 at delay 20; chrono 3 of 3 after 2,100 steps."""
    told = retention_words.sentences(experiment(), table())
    assert "delay of 20 steps the plain RNN solves the task with 2 of 3 seeds" in told[0]
    assert "the LSTM as torch starts it with 1." in told[0]
    assert "a delay of 20 steps with 3 of 3 seeds, after 2,100 training steps" in told[1]
    assert "holds for 0.9 steps" in told[-1]
    assert "for 83 steps with chrono" in told[-1]


def test_there_is_no_lesson_where_the_table_has_none() -> None:
    """The LSTM as good as the RNN, and chrono no better: the page says just that."""
    rows = table()
    rows.loc[(rows.variant == "lstm") & (rows.delay == 20), "solved"] = True
    rows.loc[(rows.variant == "lstm:chrono") & (rows.delay == 20), "solved"] = False
    told = retention_words.sentences(experiment(), rows)
    assert told[0].endswith("solve is 20 steps; for the LSTM as torch starts it, it is 20.")
    assert told[1] == (
        "With chrono initialisation the LSTM solves a delay of 5 steps with 3 of 3 seeds."
    )
    assert not any("architecture" in sentence for sentence in told)
    alone = retention_words.sentences(experiment(variants=("rnn",)), rows[rows.variant == "rnn"])
    assert alone == []


def test_the_settings_are_those_of_the_experiment() -> None:
    """With their units."""
    told = retention_words.settings(experiment(clip=None, match="parameters"), 18)
    for part in ("18 networks", "5, 20 steps of delay", "3 seeds", "gradients not clipped",
                 "as many parameters as an LSTM of 32 units", "97%", "1,500 steps"):  # fmt: skip
        assert part in told
    assert "18.0 minutes of one core, 9.0" in retention_words.time_taken(table())


def test_the_page_says_what_the_shipped_table_says(open_app: Callable[..., AppTest]) -> None:
    """The headline's counts, by plain pandas from the CSV."""
    app = open_app(PAGE)
    assert not app.exception
    shipped = pd.read_csv(library.RESULTS / "retention.csv")
    solved = shipped.groupby(["variant", "delay"])["solved"].sum().unstack()
    better = [d for d in solved if solved[d]["rnn"] >= 2 > solved[d]["lstm"]]
    text = "\n".join(found.value for found in app.markdown)
    delay = max(better)
    assert f"At a delay of {delay} steps the plain RNN" in text
    assert f"{solved[delay]['rnn']} of 3 seeds" in text
    chrono = solved.loc["lstm:chrono"]
    assert f"a delay of {max(chrono[chrono >= 2].index)} steps with" in text
    assert len(app.get("vega_lite_chart")) == 13
    assert all(chart.proto.alt for chart in app.get("vega_lite_chart"))


def test_the_lines_of_python_draw_the_pages_figure(
    open_app: Callable[..., AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run as they stand, at the project's root."""
    (code,) = open_app(PAGE).code
    monkeypatch.chdir(Path(__file__).parents[2])
    target = tmp_path / "found.json"
    exec(compile(code.value.replace('"retention.svg"', repr(str(target))), "snippet", "exec"), {})
    expected = figures.render(retention.chart(*cached_retention.prepared()), "json")
    assert target.read_bytes() == expected


def test_an_experiment_from_the_form_to_its_picture(
    open_app: Callable[..., AppTest], own_queue: Any
) -> None:
    """Start, stop, come back by the address, go on, and see all of it."""
    app = open_app(PAGE)
    app.multiselect[0].set_value(["rnn"])
    app.multiselect[1].set_value([5])
    numbers = {field.label: field for field in app.number_input}
    for label, value in (("Seeds", 2), ("Hidden units", 4), ("Training steps at most", 60)):
        numbers[label].set_value(value)
    start = next(button for button in app.button if button.label == "Start")
    start.click().run()
    assert not app.exception
    job = app.query_params["job"]
    assert own_queue.experiment(job, RetentionConfig) == RetentionConfig(
        variants=("rnn",), delays=(5,), seeds=(0, 1), hidden_size=4, max_steps=60
    )
    own_queue.stop(job)
    app = open_app(PAGE, job=job)
    labels = [button.label for button in app.button]
    assert "Go on" in labels
    next(button for button in app.button if button.label == "Go on").click().run()
    end = time.monotonic() + 90
    while own_queue.status(job).state != "done" and time.monotonic() < end:
        time.sleep(0.2)
    app = open_app(PAGE, job=job)
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 3
    rows = cached_retention.table_of(own_queue.finished(job))
    assert rows["seed"].tolist() == [0, 1]
    configs = own_queue.experiment(job, RetentionConfig).configs()
    for line in rows.itertuples():
        run = own_queue.store.get(configs["rnn", 5, line.seed])
        assert line.accuracy == run.test_accuracy


def test_an_impossible_experiment_is_a_sentence(
    open_app: Callable[..., AppTest], own_queue: Any
) -> None:
    """Nothing to train: what to change, and no traceback."""
    app = open_app(PAGE)
    app.multiselect[1].set_value([])
    next(button for button in app.button if button.label == "Start").click().run()
    assert not app.exception
    (error,) = app.error
    assert "delays" in error.value
    assert own_queue.jobs() == []


def test_an_address_of_no_job_is_a_sentence(
    open_app: Callable[..., AppTest], own_queue: Any
) -> None:
    """And the way back is there."""
    app = open_app(PAGE, job="nothing")
    assert not app.exception
    assert "there is no job 'nothing'" in app.error[0].value
    app.button[0].click().run()
    assert len(app.get("vega_lite_chart")) == 13


def test_the_table_counts_the_seeds_that_solved() -> None:
    """A network a row, a delay a column."""
    found = retention_words.solved_table(table())
    assert list(found.columns) == ["5 steps", "20 steps"]
    assert found.loc["RNN, torch's default"].tolist() == ["3 of 3", "2 of 3"]
    assert found.loc["LSTM, torch's default"].tolist() == ["3 of 3", "1 of 3"]


def test_what_is_left_stands_between_whole_powers_of_ten() -> None:
    """Exact zeros are drawn at the end of the axis, at 10 to the -12; the gradient's line is 1."""
    kept, back = panel("gate_left", "LSTM"), panel("gradient_left", "RNN")
    assert (kept.bottom, kept.top, kept.reference) == (1e-12, 1.0, None)
    assert (back.bottom, back.top, back.reference) == (0.1, 1.0, 1.0)
    assert [line.middle.tolist() for line in kept.lines] == [[0.0, 0.0], [0.9, 0.9]]
