"""The tasks page: its rows, words and files against the task itself."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
import vl_convert
from streamlit.testing.v1 import AppTest

from gatescope import TASKS, SequenceModel, make_task, record
from viz_app.features.gates import data as gates
from viz_app.features.tasks.chart import task_rows
from viz_app.features.tasks.rows import rows, table
from viz_app.features.tasks.view import SHOWN, Tasks
from viz_app.kit import export
from viz_app.kit.chart.window import WINDOWS, Look
from viz_app.kit.recordings import HERE
from viz_app.text import words as texts

PAGE = "tasks"
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
    """As many rows as fit; the loss and accuracy of no memory are those of the task."""
    app = open_app(PAGE, **address(name, options))
    spec = first_spec(app)
    assert 1 <= len(spec["vconcat"]) <= SHOWN
    task = make_task(name, **options)
    told = "\n".join(found.value for found in app.markdown)
    (said,) = re.findall(r"(?:error|cross-entropy) of ([\d.]+)", told)
    assert float(said) == pytest.approx(task.baseline_loss, rel=0.02)
    (right,) = re.findall(r"an accuracy of ([\d.]+)%", told)
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


def test_the_flip_flop_draws_its_pulses_and_what_must_be_held(
    open_app: Callable[..., AppTest],
) -> None:
    """A bar up or down for each pulse, and a line through every target, up for plus."""
    app = open_app(PAGE, made="flip_flop", length="15", chance="0.2", seed="3")
    batch = make_task("flip_flop", length=15, pulse_chance=0.2).sample(4, 3)
    for example, panel in enumerate(first_spec(app)["vconcat"]):
        bars = [row for row in rows_of(panel) if "paint" in row]
        lines = [layer["data"]["values"] for layer in panel["layer"] if "at" in str(layer["data"])]
        assert len(lines) == 3
        for channel in range(3):
            pulses = batch.inputs[:, example, channel].tolist()
            mine = [row for row in bars if row["lane"] == f"channel {channel}"]
            assert {row["time"]: row["value"] for row in mine} == {
                t: value for t, value in enumerate(pulses) if value
            }
            assert all((row["top"] < row["bottom"]) == (row["value"] > 0) for row in mine)
            held = batch.targets[:, example, channel].tolist()
            assert [row["held"] for row in lines[channel]] == [v for v in held for _ in (0, 1)]
            places = {row["held"]: row["top"] for row in lines[channel]}
            assert places.get(1, -1) < places.get(-1, 1e9)


def test_values_below_zero_hang_down_and_end_with_their_row(
    open_app: Callable[..., AppTest],
) -> None:
    """The adding problem as it was published: nothing after the marked end but the next label."""
    app = open_app(PAGE, made="adding", variant="hs97", length="40", seed="1")
    batch = make_task("adding", length=40, variant="hs97").sample(4, 1)
    for example, panel in enumerate(first_spec(app)["vconcat"]):
        bars = [r for r in rows_of(panel) if "paint" in r and r["lane"] == "number"]
        assert all((row["top"] < row["bottom"]) == (row["value"] > 0) for row in bars)
        assert {row["value"] < 0 for row in bars} == {True, False}
        (end,) = batch.scored[:, example].nonzero().flatten().tolist()
        assert max(row["time"] for row in bars) <= end
        (shaded,) = (r for r in rows_of(panel) if "paint" in r and r["lane"] == "target")
        assert shaded["time"] == end


@pytest.mark.parametrize(("asked", "said"), [({}, 11), ({"distractors": "4"}, 4)])
def test_the_headline_counts_what_came_between(
    open_app: Callable[..., AppTest], asked: dict[str, str], said: int
) -> None:
    """All steps between, or as many as there are distractors."""
    app = open_app(PAGE, made="delayed_recall", delay="12", **asked)
    assert f"; {said} others came between" in app.markdown[1].value


@pytest.mark.parametrize("delay", [3, 20, 60, 120])
def test_long_symbols_are_thinned_out_but_not_the_first_and_last(delay: int) -> None:
    """No two letters nearer than they are wide; the marked one and the last are always there."""
    task = make_task("noise_free_lag", delay=delay)
    spec = export.spec(task_rows(rows(task, task.sample(1, 0)), texts(), "light", 900))
    (panel,) = spec["vconcat"]
    letters = sorted(
        (row["time"], row["value"]) for row in rows_of(panel)
        if row.get("lane") == "input" and row.get("value")
    )  # fmt: skip
    assert letters[0][0] == 0
    assert letters[-1] == (delay - 1, f"a{delay - 1}")
    gaps = [after[0] - before[0] for before, after in pairwise(letters)]
    assert min(gaps) * panel["width"] / delay > 6 * len(f"a{delay - 1}")


@pytest.mark.parametrize(
    ("name", "options"),
    [("flip_flop", {"length": 12}), ("adding", {"variant": "hs97"}), ("noise_free_lag", {}),
     ("delayed_recall", {"distractors": 3}), ("copy", {"delay": 5}), ("parity", {})],
)  # fmt: skip
def test_the_gates_chart_draws_the_input_of_every_task(name: str, options: dict[str, Any]) -> None:
    """Above an untrained network's gates: pulses, signed bars, blanks."""
    task = make_task(name, **options)
    batch = task.sample(2, 0)
    model = SequenceModel("lstm", task.input_size, 3, task.output_size)
    (leaf,) = record(model, batch.inputs).leaves
    look = gates.GatesLook(hover=False)
    seen = gates.view(leaf.to_dataset(), batch, task, example=1)
    chart = seen.chart(look, seen.picked())
    drawn = export.spec(chart)
    assert export.render(chart, "svg")
    rows = drawn["datasets"]["strip"]
    given = batch.inputs[:, 1]
    if name == "flip_flop":
        found = torch.zeros(12, 3)
        for row in rows:
            found[row["time"], row["lane"]] = row["value"]
        assert torch.equal(found, given)
    elif name == "adding":
        assert [row["value"] for row in rows] == pytest.approx(given[:, 0].tolist(), abs=1e-4)
        (scale,) = {
            str(layer["encoding"]["y"]["scale"]["domain"])
            for layer in drawn["vconcat"][0]["layer"]
            if "domain" in layer["encoding"].get("y", {}).get("scale", {})
        }
        assert scale in ("[-1.0, 1.0]", "[-1, 1]")
    else:
        empty = [not row.any() for row in given]
        expected = [
            "·" if nothing else task.symbols[int(code)]
            for nothing, code in zip(empty, given.argmax(-1), strict=True)
        ]
        assert [row["value"] for row in rows] == expected
        assert sum(empty) == (16 if name == "delayed_recall" else 0)


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
    found = table(task, batch)
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
    shown = first_spec(app)["vconcat"]
    assert len(drawn["vconcat"]) == SHOWN >= len(shown)
    for number, panel in enumerate(shown):  # the last one on the page has the axis' title
        same = drawn["vconcat"][number]
        assert panel["title"] == same["title"]
        assert panel["layer"][0]["data"] == same["layer"][0]["data"]


@pytest.mark.parametrize("name", TASKS)
def test_a_room_can_read_every_word(name: str) -> None:
    """Projected, nothing is smaller than the window's type, and the rows have room in it."""
    window = WINDOWS["projector"]
    look = Look("light", window)
    svg = vl_convert.vegalite_to_svg(json.dumps(Tasks(name).spec(look, HERE)))
    sizes = [float(found) for found in re.findall(r'font-size="([\d.]+)px"', svg)]
    assert min(sizes) >= window.type_size
    size = re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', svg)
    assert size is not None
    assert float(size[1]) <= window.height


def test_the_figure_is_valid(tmp_path: Path) -> None:
    """Altair's schema accepts it for every task, and it can be written."""
    for name in TASKS:
        task = make_task(name)
        chart = task_rows(rows(task, task.sample(2, 0)), texts(), "light", 900)
        chart.to_dict()
    assert export.save(chart, tmp_path / "rows.svg").stat().st_size > 1000


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


@pytest.mark.parametrize("variant", ["halves", "anywhere"])
def test_marked_numbers_make_the_sum_as_they_are_written(variant: str) -> None:
    """A reader who adds them up finds what stands there: with more digits where it is needed."""
    longest = 0
    for seed in range(20):
        for row in rows(*Tasks("adding", variant=variant, seed=seed).data(HERE)):
            numbers = [label for _, label in row.marks]
            (written,) = [each for each in row.lanes[-1].values if each is not None]
            assert sum(map(Decimal, numbers)) == Decimal(str(written))
            longest = max(longest, len(str(written)))
    assert 5 <= longest <= 7
