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

from gatescope import train
from gatescope.experiments import RetentionConfig
from gatescope.jobs import ClassStatus
from viz_app.features import Retention
from viz_app.features.retention import data as retention
from viz_app.features.retention import words as retention_words
from viz_app.features.retention.view import measures, pictured
from viz_app.kit import export, library
from viz_app.kit.chart.lines import STYLES
from viz_app.kit.chart.window import Look
from viz_app.kit.packed import Packed, pack
from viz_app.kit.page import served as cached
from viz_app.text import say

PAGE = "retention"
RIGHT, WRONG = (1.0, 0.99, 0.98, 0.97), (0.12, 0.13, 0.2, 0.25)
SHARES = {
    ("rnn", 5): [*RIGHT, *RIGHT], ("rnn", 20): [*RIGHT, 0.97, 0.99, 0.98, 0.2],
    ("lstm", 5): [*RIGHT, *RIGHT], ("lstm", 20): [*WRONG, *WRONG[:3], 0.99],
    ("lstm:chrono", 5): [*RIGHT, *RIGHT], ("lstm:chrono", 20): [*RIGHT, *RIGHT],
}  # fmt: skip
"""Of eight seeds. At 20 steps: 7 for the RNN, 1 for the LSTM, 8 with chrono."""

LEFT = {"rnn": math.nan, "lstm": 0.0, "lstm:chrono": 0.9}
LIVES = {"rnn": math.nan, "lstm": 0.9, "lstm:chrono": 83.2}


def experiment(**changes: Any) -> RetentionConfig:
    """What the table below was asked for."""
    settings: dict[str, Any] = {"variants": ("rnn", "lstm", "lstm:chrono"), "delays": (5, 20)}
    return RetentionConfig.of(**{**settings, **changes})


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
    return found_panel(table(), measure, title)


def found_panel(rows: pd.DataFrame, measure: str, title: str) -> Any:
    """One panel of any table."""
    panels = retention.rows(experiment(), rows)[measure]
    (found,) = (panel for panel in panels if panel.title == title)
    return found


def runs(found: Any, reached: bool = True) -> pd.DataFrame:
    """The runs that a panel shows: those that came there, or those that did not."""
    return pd.concat(
        [p.rows[p.rows["reached"] == reached] for p in found.points], ignore_index=True
    )


def test_a_panel_a_cell_and_a_line_an_initialization() -> None:
    """A plain RNN has no half-life; every line keeps its colour."""
    rows = retention.rows(experiment(), table())
    titles = {measure: [panel.title for panel in row] for measure, row in rows.items()}
    assert list(titles.items()) == [
        ("accuracy", ["RNN", "LSTM"]),
        ("solved_at", ["RNN", "LSTM"]),
        ("half_life", ["LSTM"]),
        ("gate_left", ["LSTM"]),
        ("gradient_left", ["RNN", "LSTM"]),
    ]
    lines = {
        line.name: line.style for row in rows.values() for panel in row for line in panel.lines
    }
    assert lines == {"PyTorch's default": STYLES[0], "chrono": STYLES[2]}


def test_lines_are_medians_and_points_are_runs() -> None:
    """Accuracy: guessing one of eight symbols stands as the thin line."""
    found = panel("accuracy", "RNN")
    (line,) = found.lines
    assert line.x.tolist() == [5, 20]
    assert line.value.tolist() == pytest.approx([0.985, 0.98])
    # of eight seeds, the second and the seventh: their median lies between in 93 of 100 cases
    assert line.low.tolist() == [0.97, 0.97]
    assert line.high.tolist() == [1.0, 0.99]
    assert sorted(runs(found)["value"]) == sorted(SHARES["rnn", 5] + SHARES["rnn", 20])
    assert runs(found, reached=False).empty
    (guess,) = found.levels
    assert guess.height == 1 / 8


def test_what_was_not_solved_is_a_cross_at_the_cap() -> None:
    """It counts as infinite: no line where half of the seeds failed, no end where many did."""
    default, chrono = panel("solved_at", "LSTM").lines
    np.testing.assert_array_equal(default.value, [850, np.nan])
    assert chrono.value.tolist() == [850, 2350]
    missed = runs(panel("solved_at", "LSTM"), reached=False)
    assert missed["value"].tolist() == [1500] * 7
    assert missed["x"].tolist() == [20] * 7
    assert set(missed["line"]) == {default.name}
    rows = table()
    rnn = (rows.variant == "rnn") & (rows.delay == 20)
    for solved, middle, high in ((5, 2350, 1500), (4, math.nan, math.nan), (7, 2350, 2600)):
        steps = np.where(np.arange(8) < solved, 100.0 * (20 + np.arange(8)), np.nan)
        rows.loc[rnn, "solved"], rows.loc[rnn, "solved_at"] = ~np.isnan(steps), steps
        (line,) = found_panel(rows, "solved_at", "RNN").lines
        np.testing.assert_array_equal([line.value[1], line.high[1]], [middle, high])
    few = table()[table()["seed"] < 4]  # too few for an interval
    (line,) = found_panel(few, "solved_at", "RNN").lines
    assert np.isnan([*line.low, *line.high]).all()
    assert line.told["band"] == ["–", "–"]
    rows.loc[rnn, "solved_at"] = np.where(np.arange(8) < 5, 2000.0 + 100 * np.arange(8), np.nan)
    rows.loc[rnn, "solved"] = rows.loc[rnn, "solved_at"].notna()
    (line,) = found_panel(rows, "solved_at", "RNN").lines
    assert line.told["band"][1] == "at least 2,100"


def test_the_figure_is_valid_and_shows_every_run(tmp_path: Path) -> None:
    """Altair's own schema accepts it; the SVG has its words as text."""
    chart = retention.chart(experiment(), table())
    chart.to_dict()
    svg = export.save(chart, tmp_path / "retention.svg").read_text()
    for word in ("RNN", "LSTM", "chrono", "accuracy", "half-life (time steps)", "guessing"):
        assert f">{word}<" in svg
    crosses = len(re.findall(r">×<", svg))
    assert crosses == 8  # one RNN and seven LSTMs at delay 20
    for theme in ("light", "dark"):
        for measure in measures(experiment(), table()):
            picture = pictured(experiment(), table(), Look(theme), measure)
            assert all(spec["layer"] for spec in picture.row.specs)
            kept = pack(picture).row
            assert all(isinstance(spec, Packed) for spec in kept.specs), "as it is kept"


def test_every_panel_of_the_figure_keeps_its_lines_apart() -> None:
    """Chrono has its colour and dash in all five measures of the LSTM, and in the legend."""
    svg = export.render(retention.chart(experiment(), table()), "svg").decode()
    lines = re.findall(r'<path d="[^"]*" stroke="[^>]*>', svg)
    chrono = [stroke for stroke in lines if f'stroke="{STYLES[2].light}"' in stroke]
    assert len(lines) > len(chrono)
    assert len(chrono) == 5
    assert all('stroke-dasharray="10,3,2,3"' in stroke for stroke in chrono)


def told(**solved: tuple[int, int]) -> list[str]:
    """The sentences where so many of so many seeds solve 20 steps, by network."""
    rows = table()
    names = {"rnn": "rnn", "lstm": "lstm", "chrono": "lstm:chrono"}
    for name, (count, seeds) in solved.items():
        mine = (rows.variant == names[name]) & (rows.delay == 20)
        rows.loc[mine, "solved"] = rows.loc[mine, "seed"] < count
        rows = rows[~mine | (rows.seed < seeds)]
    return retention_words.sentences(experiment(), rows)


def test_the_lesson_is_told_from_the_table() -> None:
    """RNN 7 of 8 and LSTM 1 of 8 at delay 20; chrono 8 of 8 after 2,350 steps."""
    found = told()
    assert found[0].startswith(
        "At a delay of 20 steps 7 of 8 plain RNNs solve the task, and 1 of 8 LSTMs with "
        "PyTorch's default initialization (+75 points, 95% interval +26 to +90)."
    )
    assert "8 of 8 of the same LSTMs solve a delay of 20 steps, after 2,350" in found[1]
    assert "it is 1 of 8 (+88 points" in found[2]
    assert "the initial gate biases make the difference" in found[2]
    assert "a half-life of 0.9 steps" in found[-1]
    assert "of 83 with chrono" in found[-1]


def test_a_headline_follows_from_its_rule() -> None:
    """One side, the other, undecided, and too few seeds: never bold on a difference by chance."""
    better, turned, even = told(), told(rnn=(0, 8), lstm=(8, 8)), told(rnn=(5, 8), lstm=(2, 8))
    assert "Gates alone do not give memory" in better[0]
    assert turned[0].startswith("At none of these delays do more plain RNNs than LSTMs")
    assert (
        "At 20 steps the LSTM does better: 8 of 8 LSTMs solve it, 0 of 8 RNNs (−100 points"
        in " ".join(turned)
    )
    assert even[0] == turned[0]
    assert "At 20 steps it is undecided: 5 of 8 RNNs, 2 of 8 LSTMs (+38" in " ".join(even)
    assert told(rnn=(8, 8), lstm=(8, 8))[1].startswith("With chrono")
    assert "no difference is shown" in " ".join(told(lstm=(8, 8)))
    for seeds, words in ((7, "7 seeds"), (1, "1 seed:")):
        rows = table()
        (few,) = retention_words.sentences(experiment(), rows[rows.seed < seeds])
        assert few.startswith(words)
        assert few.endswith("too few for a verdict, which needs 8. The table has the counts.")
    # seven of them at one delay are too few there
    assert even[0] == told(rnn=(7, 7), lstm=(0, 7))[0]


def test_an_undecided_interval_without_zero_says_why_it_is() -> None:
    """4 of 8 and 8 of 8: from -78 to -7, and a difference counts from 10 points on."""
    line = next(each for each in told(rnn=(4, 8), lstm=(8, 8)) if "undecided" in each)
    assert "95% interval −78 to −7" in line
    assert line.endswith("Decided is only what lies with its whole interval beyond 10 points, "
                         "either way.")  # fmt: skip


def test_a_caption_names_only_what_its_picture_has() -> None:
    """Crosses with the training steps alone; the end of the axis where one is cut."""
    crosses = {m: "rosses" in retention_words.how(m) for m in retention.MEASURES}
    assert [m for m, there in crosses.items() if there] == ["solved_at"]
    for measure in retention.MEASURES:
        drawn = retention.rows(experiment(), table())[measure]
        missed = any(not rows.empty for rows in (runs(p, reached=False) for p in drawn))
        assert missed == crosses[measure]


def test_a_network_fails_where_fewer_than_half_of_its_seeds_solve_the_task() -> None:
    """Half is not fewer."""
    rows = table()
    rnn = (rows.variant == "rnn") & (rows.delay == 20)
    for count, delay in ((4, None), (3, 20)):
        rows.loc[rnn, "solved"] = rows.loc[rnn, "seed"] < count
        assert retention_words.fails_at(rows, "rnn") == delay
        assert f"{count} of 8 seeds" in retention_words.failed(rows, "rnn")


@pytest.mark.parametrize(("count", "longest"), [(8, 20), (7, 20), (6, 5), (5, 5), (4, 5), (0, 5)])
def test_most_seeds_is_more_than_chance(count: int, longest: int) -> None:
    """Seven of eight; with six, or just half of them, it is the delay below."""
    found = told(chrono=(count, 8))
    assert f"of the same LSTMs solve a delay of {longest} steps, after" in " ".join(found)


def test_where_no_delay_is_solved_it_is_a_sentence() -> None:
    """And a table of one network has no comparison."""
    rows = table().assign(solved=False)
    found = retention_words.sentences(experiment(), rows)
    assert "LSTM, chrono: no delay was solved by most seeds." in found
    assert "none" not in " ".join(found).replace("At none", "")
    alone = retention_words.sentences(experiment(variants=("rnn",)), rows[rows.variant == "rnn"])
    assert alone == []
    gru = table().assign(variant=lambda t: t.variant.replace({"rnn": "gru", "lstm": "gru:chrono"}))
    found = retention_words.sentences(experiment(), gru[gru.variant.str.startswith("gru")])
    assert found == [
        "GRU, PyTorch's default: most seeds solve delays up to 20 steps (7 of 8).",
        "GRU, chrono: most seeds solve delays up to 5 steps (8 of 8).",
    ]


def test_the_rule_stands_on_the_page() -> None:
    """With its numbers, which are those of the table of rules."""
    found = retention_words.rule()
    for part in ("95% interval", "above 50%", "beyond 10 points", "8 seeds", "undecided"):
        assert part in found


def test_the_settings_are_those_of_the_experiment() -> None:
    """With their units."""
    told = retention_words.settings(experiment(max_grad_norm=None, match="parameters"))
    for part in ("48 networks", "delays of 5 and 20 steps", "8 seeds each", "gradients not clipped",
                 "as many parameters as an LSTM of 32 units", "97%", "limit of 1,500"):  # fmt: skip
        assert part in told
    assert retention_words.time_taken(table()) == "Training took 48 minutes of one core."


def test_one_is_one_and_none_is_no_number() -> None:
    """Seeds, seats and runs: '1 seeds' and '0 of 0 runs' are never said."""
    one = retention_words.settings(experiment(seeds=(3,)))
    assert "6 networks" in one
    assert "1 seed each" in one
    seats = retention_words.settings(experiment(seeds=(0, 1, 2)), seats=True)
    assert "18 networks" in seats
    assert "3 seeds each, shared by the students" in seats
    said = [
        retention_words.stands(ClassStatus("abcde", number, at_work, 0, 6 * number), 240)
        for number, at_work in ((0, 0), (1, 0), (2, 2))
    ]
    assert said[0] == "Nobody has joined yet. Together it takes about 4 minutes at most."
    assert said[1] == "1 student has joined · 0 of 6 runs finished"
    assert said[2] == (
        "2 students have joined · 0 of 12 runs finished · about 4 minutes left at most"
    )


def on(app: AppTest, tab: str) -> AppTest:
    """The page on one of its tabs."""
    app.session_state["tab_retention"] = say(f"retention.tab_{tab}")
    return app.run()


def test_the_page_says_what_the_shipped_table_says(open_app: Callable[..., AppTest]) -> None:
    """The headline's counts, by plain pandas from the CSV."""
    app = open_app(PAGE)
    assert not app.exception
    shipped = pd.read_csv(library.RESULTS / "retention.csv")
    assert shipped.groupby(["variant", "delay"]).size().unique().tolist() == [8]
    solved = shipped.groupby(["variant", "delay"])["solved"].sum().unstack()
    charts = [len(on(app, tab).get("vega_lite_chart")) for tab in retention.MEASURES]
    assert charts == [3, 3, 2, 2, 3]
    on(app, "numbers")
    text = "\n".join(found.value for found in app.markdown)
    for delay in solved:
        if solved[delay]["rnn"] != solved[delay]["lstm"]:
            counts = f"{solved[delay]['rnn']} of 8", f"{solved[delay]['lstm']} of 8"
            (line,) = {
                part.removeprefix("- ")
                for part in re.split(r"(?<=\.)\s+", text)
                if f" {delay} steps" in part and "RNNs" in part and "points" in part
            }
            assert all(count in line for count in counts)
    chrono = solved.loc["lstm:chrono"]
    assert f"a delay of {max(chrono[chrono >= 7].index)} steps, after" in text
    on(app, "accuracy")
    assert all(chart.proto.alt for chart in app.get("vega_lite_chart"))


def test_the_lines_of_python_draw_the_pages_figure(
    open_app: Callable[..., AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run as they stand, at the project's root."""
    (code,) = open_app(PAGE).code
    monkeypatch.chdir(Path(__file__).parents[4])
    target = tmp_path / "found.json"
    exec(compile(code.value.replace('"retention.svg"', repr(str(target))), "snippet", "exec"), {})
    expected = export.render(retention.chart(*Retention().data()), "json")
    assert target.read_bytes() == expected


def test_an_experiment_from_the_form_to_its_picture(
    open_app: Callable[..., AppTest], own_queue: Any
) -> None:
    """Start, stop, come back by the address, go on, and see all of it."""
    app = on(open_app(PAGE), "own")
    app.multiselect[0].set_value(["rnn"])
    app.multiselect[1].set_value([5])
    numbers = {field.label: field for field in app.number_input}
    for label, value in (("Seeds", 2), ("Hidden units", 4), ("Step limit", 60)):
        numbers[label].set_value(value)
    start = next(button for button in app.button if button.label == "Start")
    start.click().run()
    assert not app.exception
    job = app.query_params["job"]
    assert own_queue.experiment(job, RetentionConfig) == RetentionConfig.of(
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
    assert len(app.get("vega_lite_chart")) == 1
    rows = cached.recordings.retention(own_queue.finished(job))
    assert rows["seed"].tolist() == [0, 1]
    configs = own_queue.experiment(job, RetentionConfig).configs()
    for line in rows.itertuples():
        run = own_queue.store.get(configs["rnn", 5, line.seed])
        assert line.accuracy == run.test_accuracy


def test_a_run_that_was_removed_and_trained_again_is_in_the_table_again(own_queue: Any) -> None:
    """What was not there is looked for anew each time."""
    small = experiment(variants=("rnn",), delays=(5,), seeds=(0, 1), hidden_size=4, max_steps=20)
    asked = small.configs()
    first, second = asked.values()
    own_queue.store.put(train(first))
    assert cached.recordings.retention(asked)["seed"].tolist() == [0]
    own_queue.store.put(train(second))
    assert cached.recordings.retention(asked)["seed"].tolist() == [0, 1]


def test_an_impossible_experiment_is_a_sentence(
    open_app: Callable[..., AppTest], own_queue: Any
) -> None:
    """Nothing to train: what to change, and no traceback."""
    app = on(open_app(PAGE), "own")
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
    assert "There is no job 'nothing'" in app.error[0].value
    next(b for b in app.button if b.label == say("retention.back")).click().run()
    assert len(app.get("vega_lite_chart")) == 3


def test_the_table_counts_the_seeds_that_solved() -> None:
    """A network a row, a delay a column."""
    found = retention_words.solved_table(table())
    assert list(found.columns) == ["5 steps", "20 steps"]
    assert found.loc["RNN, PyTorch's default"].tolist() == ["8 of 8", "7 of 8"]
    assert found.loc["LSTM, PyTorch's default"].tolist() == ["8 of 8", "1 of 8"]


def test_what_is_left_stands_between_whole_powers_of_ten() -> None:
    """Exact zeros are drawn at the end of the axis, at 10 to the -12; the gradient's line is 1."""
    kept, back = panel("gate_left", "LSTM"), panel("gradient_left", "RNN")
    assert (kept.y.ends, kept.levels) == ((1e-12, 1.0), [])
    assert (back.y.ends, [level.height for level in back.levels]) == ((0.1, 10.0), [1.0])
    assert [line.value.tolist() for line in kept.lines] == [[0.0, 0.0], [0.9, 0.9]]


def test_the_gradients_level_is_named_above_all_points() -> None:
    """In its own decade, below which every run lies."""
    rows = table()
    rows["gradient_left"] = rows["gradient_left"] * 30
    panels = retention.rows(experiment(), rows)["gradient_left"]
    largest = rows["gradient_left"].max()
    for found in panels:
        (level,) = found.levels
        assert level.height == 1.0
        assert level.named_at is not None
        assert 1.0 < largest <= level.named_at == found.y.ends[1] / 10
