"""The bench on the page Compare, run without a browser: prepared, and one of one's own."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gatescope.experiments.comparison import ComparisonConfig, load_comparison
from gatescope.jobs import JobQueue
from viz_app.features.benchmark import numbers as bench_numbers
from viz_app.kit import export
from viz_app.kit.library import BENCH
from viz_app.kit.page import blocks
from viz_app.text import say

PAGE = "compare"
ROOT = Path(__file__).parents[4]


def words(app: AppTest) -> str:
    """All text of the page."""
    assert not app.exception, [error.value for error in app.exception]
    return "\n".join(part.value for part in [*app.markdown, *app.caption])


def on(app: AppTest, tab: str) -> AppTest:
    """The page on one of its tabs."""
    app.session_state["tab_bench"] = say(f"bench.tab_{tab}")
    return app.run()


def group(app: AppTest, key: str) -> Any:
    """A segmented control by its key."""
    (found,) = (each for each in app.get("button_group") if each.key == key)
    return found


def test_the_prepared_comparison(
    open_app: Callable[..., AppTest], page_spec: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Table, curves and sentences of the result beside the app; the snippet draws the download."""
    offered: list[Any] = []
    real = blocks.downloads
    monkeypatch.setattr(blocks, "downloads", lambda *given: (offered.append(given), real(*given)))
    app = open_app(PAGE, part="bench", axis="seconds")
    result = load_comparison(BENCH)
    assert len(result.table) == 15
    assert len(app.get("vega_lite_chart")) == 2
    assert "accuracy, validation set" in str(page_spec(app, 1)["title"])
    assert "CPU seconds" in str(page_spec(app, 1))
    shown = on(app, "numbers").table[0].value
    expected = bench_numbers.numbers(result)
    assert shown.to_numpy().tolist() == expected.to_numpy().tolist()
    assert list(shown.index) == list(expected.index)
    assert "gatescope compare --task digits --out runs/compare-digits" in app.code[0].value
    assert dict(app.query_params) == {"part": "bench", "axis": "seconds", "tab": "numbers"}
    code = app.code[1].value
    monkeypatch.chdir(ROOT)
    exec(
        compile(code.replace('"benchmark.svg"', repr(str(tmp_path / "b.json"))), "snippet", "exec"),
        {},
    )
    assert (tmp_path / "b.json").read_bytes() == export.render(offered[-1][1](), "json")
    assert export.render(offered[-1][1](), "svg").startswith(b"<svg")


def test_from_one_part_to_the_other(open_app: Callable[..., AppTest]) -> None:
    """The part stands in the address; nonsense there is put right."""
    app = open_app(PAGE)
    assert "part" not in app.query_params
    group(app, "compare_part").set_value("bench").run()
    assert app.query_params["part"] == "bench"
    assert "What to look for" in words(app)
    group(app, "bench_axis").set_value("seconds").run()
    assert app.query_params["axis"] == "seconds"
    group(app, "compare_part").set_value("example").run()
    assert app.query_params["with"] == "adding-lstm"
    assert "part" not in app.query_params
    app = open_app(PAGE, part="beauty", axis="beauty")
    assert "part" not in app.query_params
    app = open_app(PAGE, part="bench", axis="beauty", job="nonsense")
    (told,) = app.error
    assert "nonsense" in told.value


@pytest.mark.parametrize(
    ("task", "options"),
    [("reviews", {}), ("characters", {"length": 50}), ("adding", {"length": 50}),
     ("forecast", {"series": "sea_temperature", "window": 24, "horizon": 1})],
)  # fmt: skip
def test_every_task_can_be_asked_for(
    open_app: Callable[..., AppTest], own_queue: JobQueue, task: str, options: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """What the form says is what the job is asked to do."""
    monkeypatch.setattr(own_queue, "tend", lambda: None)  # nothing is trained here
    app = on(open_app(PAGE, part="bench"), "own")
    app.selectbox(key="benchform_task").set_value(task).run()
    app.selectbox(key="benchform_match").set_value("both").run()
    app.number_input(key="benchform_seeds").set_value(2).run()
    (start,) = (button for button in app.button if button.label == "Start")
    start.click().run()
    asked = own_queue.experiment(app.query_params["job"], ComparisonConfig)
    assert asked.base.task == task
    assert asked.base.task_options.items() >= options.items()
    assert (asked.match, asked.seeds) == ("both", (0, 1))


def test_what_cannot_be_run_is_said(open_app: Callable[..., AppTest]) -> None:
    """One sentence, and no job."""
    app = on(open_app(PAGE, part="bench"), "own")
    app.multiselect(key="benchform_cells").set_value([]).run()
    (start,) = (button for button in app.button if button.label == "Start")
    start.click().run()
    (told,) = app.error
    assert told.value.startswith("This comparison cannot be run: cells")
    assert "job" not in app.query_params


def test_a_comparison_of_ones_own_grows(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """It is measured, trained, and shown with its references and numbers."""
    experiment = ComparisonConfig.of(
        task="parity", task_options={"length": 4}, cells=("rnn", "gru"), seeds=(0, 1),
        hidden_size=3, max_steps=20, evaluate_every=10,
    )  # fmt: skip
    job = own_queue.submit(experiment)
    app = open_app(PAGE, part="bench", job=job)
    assert "parity, 4 time steps. 2 networks, 2 seeds each" in words(app)
    end = time.monotonic() + 120
    while own_queue.status(job).state != "done":
        assert time.monotonic() < end, own_queue.status(job)
        time.sleep(0.2)
    app = on(open_app(PAGE, part="bench", job=job), "numbers")
    assert "logistic regression" in list(app.table[0].value.index)
    assert "±" in app.table[0].value.loc["GRU"].iloc[2]
    assert {name for name, _, _ in own_queue.beforehand(job).step_ms} == {"rnn", "gru"}
    assert dict(app.query_params) == {"part": "bench", "job": job, "tab": "numbers"}
    back = next(button for button in app.button if button.label.startswith("Back"))
    back.click().run()
    assert dict(app.query_params) == {"part": "bench"}
    assert len(on(app, "numbers").table[0].value) == 6
