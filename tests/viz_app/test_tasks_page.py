"""The tasks page: its rows, words and files against the task itself."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from gatescope import TASKS, make_task
from viz_app import figures
from viz_app.views import tasks

PAGE = "app_pages/tasks.py"
FORMS = [
    *((name, {}) for name in TASKS),
    ("adding", {"variant": "anywhere"}),
    ("adding", {"variant": "hs97"}),
    ("adding", {"distractors": 3}),
    ("copy", {"variant": "bai"}),
    ("delayed_recall", {"delay": 9, "symbols": 3, "distractors": 2}),
]


def address(name: str, options: dict[str, Any]) -> dict[str, str]:
    """Where the page shows that."""
    return {"made": name} | {key: str(value) for key, value in options.items()}


def first_spec(app: AppTest) -> dict[str, Any]:
    """The page's chart."""
    assert not app.exception
    return json.loads(app.get("vega_lite_chart")[0].proto.spec)


def rows_of(panel: dict[str, Any]) -> list[dict[str, Any]]:
    """All inline rows of one panel."""
    return [row for layer in panel["layer"] for row in layer["data"].get("values", [])]


@pytest.mark.parametrize(("name", "options"), FORMS)
def test_every_form_opens_by_its_address_and_says_its_baseline(
    open_app: Callable[..., AppTest], name: str, options: dict[str, Any]
) -> None:
    """Four rows; the loss and the accuracy of remembering nothing are those of the task."""
    app = open_app(PAGE, **address(name, options))
    spec = first_spec(app)
    assert len(spec["vconcat"]) == tasks.SHOWN
    task = make_task(name, **options)
    told = "\n".join(found.value for found in app.markdown)
    (said,) = re.findall(r"(?:error|cross-entropy) of ([\d.]+)", told)
    assert float(said) == pytest.approx(task.baseline_loss, rel=0.02)
    (right,) = re.findall(r"is right in ([\d.]+)%", told)
    assert float(right) / 100 == pytest.approx(task.baseline_accuracy, abs=6e-4)


def test_the_symbols_drawn_are_those_of_the_inputs(open_app: Callable[..., AppTest]) -> None:
    """Letter by letter, and the answer below the last of them."""
    app = open_app(PAGE, made="delayed_recall", delay="9", symbols="3", seed="5")
    batch = make_task("delayed_recall", delay=9, symbols=3).sample(4, 5)
    for example, panel in enumerate(first_spec(app)["vconcat"]):
        letters = {
            (row["lane"], row["time"]): row["value"]
            for row in rows_of(panel)
            if row.get("lane") in ("input", "target") and row.get("value")
        }
        codes = batch.inputs[:, example].argmax(-1).tolist()
        for step, code in enumerate(codes):
            assert letters["input", step] == "ABC?abc"[code]
        assert letters["target", 9] == "ABC"[codes[0]]


def test_the_bars_are_the_numbers_and_the_sum_is_the_target(
    open_app: Callable[..., AppTest],
) -> None:
    """Of the adding problem, with its marks."""
    app = open_app(PAGE, made="adding", length="12", seed="2")
    batch = make_task("adding", length=12).sample(4, 2)
    for example, panel in enumerate(first_spec(app)["vconcat"]):
        rows = rows_of(panel)
        numbers = {r["time"]: r["value"] for r in rows if r.get("lane") == "number"}
        expected = batch.inputs[:, example, 0].tolist()
        assert [numbers[t] for t in range(12)] == pytest.approx(expected, abs=5e-5)
        marked = sorted({r["time"] for r in rows if r.get("lane") == "mark"})
        assert marked == batch.inputs[:, example, 1].nonzero().flatten().tolist()
        (target,) = {
            r["value"] for r in rows if r.get("lane") == "target" and isinstance(r["value"], str)
        }
        assert float(target) == pytest.approx(sum(expected[t] for t in marked), abs=0.006)


def test_the_headline_reads_the_first_row(open_app: Callable[..., AppTest]) -> None:
    """Steps, numbers and sum."""
    app = open_app(PAGE, made="adding", seed="7")
    batch = make_task("adding").sample(4, 7)
    one, two = batch.inputs[:, 0, 1].nonzero().flatten().tolist()
    values = [float(batch.inputs[step, 0, 0]) for step in (one, two)]
    headline = app.markdown[1].value
    total = float(batch.targets[-1, 0, 0])
    for part in (
        f"steps {one} ({values[0]:.2f})",
        f"{two} ({values[1]:.2f})",
        f"their sum: {total:.2f}",
        f"{49 - one} steps after",
    ):
        assert part in headline


@pytest.mark.parametrize("name", ["flip_flop", "parity", "adding", "digits"])
def test_the_table_holds_inputs_and_targets(name: str) -> None:
    """One line a row and step."""
    task = make_task(name)
    batch = task.sample(3, 1)
    found = tasks.table(task, batch)
    assert len(found) == 3 * task.length
    for example in range(3):
        part = found[found["row"] == example + 1]
        inputs = torch.tensor(part.filter(like="input_").to_numpy(), dtype=torch.float32)
        torch.testing.assert_close(inputs, batch.inputs[:, example])
        assert part["scored"].tolist() == batch.scored[:, example].tolist()
        if task.kind == "classification":
            assert part["target"].iloc[-1] == task.classes[int(batch.targets[-1, example])]


@pytest.mark.parametrize(
    ("name", "options"), [("copy", {"delay": 12}), ("flip_flop", {}), ("adding", {"length": 20})]
)
def test_the_lines_of_python_draw_the_pages_rows(
    open_app: Callable[..., AppTest],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    options: dict[str, Any],
) -> None:
    """Run as they stand; the panels are those on the page."""
    app = open_app(PAGE, **address(name, options))
    monkeypatch.chdir(tmp_path)
    code = app.code[0].value.replace('"tasks.svg"', '"tasks.json"')
    exec(compile(code, "snippet", "exec"), {})
    drawn = json.loads((tmp_path / "tasks.json").read_text())
    assert drawn["vconcat"] == first_spec(app)["vconcat"]


def test_the_figure_is_valid(tmp_path: Path) -> None:
    """Altair's schema accepts it for every task, and it can be written."""
    for name in TASKS:
        task = make_task(name)
        chart = tasks.chart(task, task.sample(2, 0))
        chart.to_dict()
    assert figures.save(chart, tmp_path / "rows.svg").stat().st_size > 1000


def test_an_address_that_means_nothing_is_passed_over(open_app: Callable[..., AppTest]) -> None:
    """Old, mistyped or hostile: the page opens as it does without."""
    app = open_app(PAGE, made="nothing", delay="-3", seed="x", chance="2", variant="bogus")
    assert not app.exception
    assert app.selectbox[0].value == "adding"


def test_the_options_reach_the_address(open_app: Callable[..., AppTest]) -> None:
    """And only what differs from how the page opens."""
    app = open_app(PAGE, made="parity", length="7")
    assert not app.exception
    assert {name: app.query_params[name] for name in app.query_params} == {
        "made": "parity",
        "length": "7",
    }
