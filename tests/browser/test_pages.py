"""A short way through every page that has no test of its own here: see, change, see the change."""

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as Late

from gatescope import intervene, load_run, make_task, record
from gatescope.experiments.claims import CLAIMS
from gatescope.intervention import Clamp
from gatescope.training.scoring import held_out_examples
from tests.browser.conftest import rest
from viz_app.features.claims import data as claims
from viz_app.features.claims import words as claims_words
from viz_app.features.tasks import words as tasks_words
from viz_app.features.tasks.view import SHOWN
from viz_app.kit import library, units
from viz_app.kit.figure_layout import PRESETS
from viz_app.text import name_of, say

pytestmark = pytest.mark.browser

PATIENCE = 90_000
"""Milliseconds: a worker first imports what it needs."""


def asked(page: Any) -> dict[str, str]:
    """What stands in the address."""
    return {name: values[0] for name, values in parse_qs(urlparse(page.url).query).items()}


def told(screen: Any, pattern: str) -> str:
    """The text of the page that fits, waited for."""
    found = screen.page.get_by_text(re.compile(pattern)).first
    found.wait_for()
    return str(found.inner_text())


def saved(page: Any, label: str, place: int = 0) -> str:
    """The text of a file that a button gives; while a page is drawn anew its files are others."""
    rest(page)
    button = page.get_by_role("button", name=label, exact=True).nth(place)
    with page.expect_download() as download:
        button.click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def rows(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text)))


def test_gradient_flow(screen: Any) -> None:
    """All panels; the numbers are the run's own record."""
    page = screen.page
    screen.open("/gradient_flow?run=adding-gru")
    screen.drawn("RNN: ‖dL/dh‖", "LSTM: ‖dL/dh‖")
    page.get_by_text("LSTM: ‖dL/dc‖ · GRU: ‖dL/dh‖").click()
    screen.drawn("LSTM: ‖dL/dc‖", "GRU: ‖dL/dh‖")
    assert "steps before the end" in told(screen, "After training")
    page.get_by_text(say("app.export"), exact=True).click()
    run = load_run(library.PREPARED / "adding-gru")
    kept = {row.time: row.median for row in run.gradients if row.checkpoint == run.steps[-1]}
    trained = say("flow.condition_trained")
    table = [
        row
        for row in rows(saved(page, say("app.download_data")))
        if row["panel"].startswith("GRU") and row["line"] == trained
    ]
    assert len(table) == run.task.length
    for row in table[::7]:
        assert float(row["median"]) == pytest.approx(kept[int(row["time"])], rel=1e-3)


@pytest.mark.long
def test_gradients_explode(screen: Any) -> None:
    """A larger factor is told, and clipped gradients are used at norm 1."""
    page = screen.page
    screen.open("/gradient_flow?run=adding-gru")
    page.get_by_role("tab", name=say("flow.tab_explode")).click()
    before = told(screen, r"With factor 8, .* of the RNN grows")
    screen.drag(page.get_by_test_id("stSlider"), 1.0)
    after = told(screen, r"With factor 12, .* of the RNN grows")
    assert before != after
    page.get_by_text(say("flow.clip"), exact=True).click()
    used = page.get_by_test_id("stTable").locator("tbody tr td:nth-of-type(2)")
    screen.until(lambda: used.all_inner_texts() == ["1.00"] * 3, "gradients clipped at norm 1")
    screen.until(lambda: asked(page).get("run") == "adding-gru", "the network in the address")


def test_memory(screen: Any) -> None:
    """Six lines of shipped numbers; a log axis stands in the address and survives a reload."""
    page = screen.page
    screen.open("/memory?run=adding-lstm")
    screen.drawn("LSTM", "100%", say("memory.lag"))
    page.get_by_text(say("app.export"), exact=True).click()
    found = rows(saved(page, say("app.download_data")))
    shipped = json.loads((library.PREPARED.parent / "memory" / "adding-lstm.json").read_text())
    for measure, curve in shipped["measures"].items():
        values = [
            float(row["value"])
            for row in found
            if (row["cell"], row["measure"]) == ("lstm", measure)
        ]
        assert values == pytest.approx(curve["value"], nan_ok=True)
    assert {row["cell"] for row in found} == {"rnn", "lstm", "gru"}

    assert "10⁻³" not in screen.titles()
    page.get_by_text(say("memory.log"), exact=True).click()
    screen.drawn("10⁻³", "10⁰")
    screen.until(lambda: asked(page).get("log") == "1", "the log scale in the address")
    page.reload()
    screen.drawn("10⁻³")


def test_saturation(screen: Any) -> None:
    """The stuck units are those of the recording; before training there are none."""
    page = screen.page
    screen.open("/saturation?run=adding-lstm")
    screen.drawn(say("saturation.left_gate"))
    run = load_run(library.PREPARED / "adding-lstm")
    gate = units.layer_of(record(run.model(), run.probe().inputs))["forget_gate"].values
    stuck = np.flatnonzero((gate > 0.9).mean(axis=(0, 1)) > 0.99)
    named = " and ".join(str(unit) for unit in stuck)
    assert told(screen, f"Units {named} never forget")
    page.get_by_text(say("app.export"), exact=True).click()
    svg = saved(page, say("app.download", format="SVG"))
    assert f">{', '.join(map(str, stuck))}<" in svg

    screen.drag(page.get_by_test_id("stSlider"), 0.0)
    screen.until(lambda: asked(page).get("checkpoint") == "0", "step 0 in the address")
    assert told(screen, f"after 0 of {run.steps[-1]:,}")
    gone = page.get_by_text(f"Units {named} never forget")
    screen.until(lambda: gone.count() == 0, "no unit that never forgets")


def test_intervene(screen: Any) -> None:
    """Guess first; revealed, there are the changed run, the difference, and what it scores."""
    page = screen.page
    screen.open("/intervene?run=adding-lstm&ask=cannot_forget&example=14&pictures=forget_gate")
    page.get_by_text(say("intervene.guess_first")).wait_for()
    reveal = page.get_by_role("button", name=say("intervene.reveal"), exact=True)
    assert reveal.is_disabled()
    title = say("intervene.title_changed", signal=name_of("signal", "forget_gate"))
    before = say("intervene.title_untouched", signal=name_of("signal", "forget_gate"))
    screen.drawn(before)
    assert title not in screen.titles()
    page.get_by_text(say("intervene.outcome_none")).first.click()
    reveal.click()
    screen.drawn(before, title)
    run = load_run(library.PREPARED / "adding-lstm")
    batch = held_out_examples(run.task)
    held = intervene(run.model(), batch.inputs, Clamp("forget_gate", 1.0))
    share = run.task.accuracy(held.changed_output, batch)
    score = page.get_by_role("row").filter(has_text=say("intervene.changed"))
    score.filter(has_text=f"{share:.0%}").wait_for()
    assert told(screen, say("intervene.guessed_wrong", guess="").split(":")[0])
    screen.until(lambda: asked(page).get("ask") == "cannot_forget", "what is asked, in the address")
    page.get_by_text(say("app.export"), exact=True).click()
    table = rows(saved(page, say("app.download_data")))
    assert {float(row["changed_forget_gate"]) for row in table} == {1.0}


def test_tasks(screen: Any) -> None:
    """Another task and another seed: its own chart, words, address and numbers."""
    page = screen.page
    screen.open("/tasks")
    task = make_task("temporal_order")
    asks = tasks_words.asked("temporal_order", task, task.sample(SHOWN, 0))
    assert page.get_by_text(asks).count() == 0
    kinds = page.get_by_role("combobox", name=say("tasks.task"))
    screen.choose(kinds, name_of("task", "temporal_order"))
    screen.until(lambda: asked(page).get("made") == "temporal_order", "the task in the address")
    page.get_by_text(asks).wait_for()
    field = page.get_by_label(say("tasks.seed"), exact=True)
    field.fill("5")
    field.press("Enter")
    screen.until(lambda: asked(page).get("seed") == "5", "the seed in the address")
    marks = dict(task.sample(SHOWN, 5).marks[0])
    screen.until(lambda: set(marks.values()) <= screen.titles(), "the letters of this seed")
    page.get_by_text(say("app.export"), exact=True).click()
    first = [row for row in rows(saved(page, say("app.download_data"))) if row["row"] == "1"]
    assert {int(row["step"]): row["mark"] for row in first if row["mark"]} == marks
    page.reload()
    screen.settle()
    screen.until(lambda: field.input_value() == "5", "the seed again")


def test_claims(screen: Any) -> None:
    """Another claim: its verdict and picture, its name in the address, its numbers."""
    page = screen.page
    screen.open("/claims")
    screen.until(lambda: asked(page).get("claim") == next(iter(CLAIMS)), "the first claim")
    screen.choose(page.get_by_test_id("stSelectbox"), say("claims.name_distractors"))
    screen.until(lambda: asked(page).get("claim") == "distractors", "the claim in the address")
    page.get_by_text(say("claims.says_distractors")).wait_for()
    claim, result = CLAIMS["distractors"], claims.prepared("distractors")
    page.get_by_text(claims_words.verdict(claim, result)).wait_for()
    screen.drawn(say("claims.axis_distractors"))
    page.get_by_text(say("app.export"), exact=True).click()
    found = rows(saved(page, say("app.download_data")))
    kept = json.loads((claims.FOLDER / "distractors.json").read_text())["table"]
    assert [float(row["ours"]) for row in found] == pytest.approx(kept["ours"], nan_ok=True)
    assert [row["line"] for row in found] == kept["line"]
    page.reload()
    page.get_by_text(say("claims.says_distractors")).wait_for()


def test_figures(screen: Any) -> None:
    """A view and a title: the preview follows, and the SVG holds what was typed."""
    page = screen.page
    page.goto(screen.root + "/figures?run=adding-gru")
    preview = page.get_by_test_id("stImage").locator("img")
    preview.wait_for()
    first = preview.get_attribute("src")
    screen.choose(page.get_by_role("combobox").nth(1), say("figures.view_training"))
    screen.until(lambda: preview.get_attribute("src") != first, "another preview")
    second = preview.get_attribute("src")
    page.get_by_text(say("figures.texts"), exact=True).click()
    title = page.get_by_label(say("figures.heading"), exact=True)
    title.fill("A GRU learns to add")
    title.press("Enter")
    screen.until(lambda: preview.get_attribute("src") != second, "a preview with its title")
    svg = saved(page, "SVG")
    assert ">A GRU learns to add<" in svg
    assert f'width="{PRESETS["slide"].millimetres:.4g}mm"' in svg
    assert "adding-gru" in svg[: svg.index("</metadata>")]
    page.get_by_text(say("figures.terminal"), exact=True).click()
    told(screen, r"gatescope figure view training adding-gru .*'A GRU learns to add'")


@pytest.fixture
def students(chromium: Browser) -> Iterator[list[Page]]:
    """Two browsers: tabs of one would be one student."""
    contexts = [chromium.new_context(locale="en-GB") for _ in range(2)]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


@pytest.mark.long
def test_a_class_of_two(screen: Any, students: list[Page]) -> None:
    """Two browsers follow their teacher: a seed each, and after the guesses one picture."""
    page = screen.page
    screen.open("/retention")

    page.get_by_role("tab", name=say("retention.tab_own"), exact=True).click()
    for label, value in ((say("retention.steps"), "50"), (say("retention.units"), "4")):
        page.get_by_label(label, exact=True).fill(value)
        page.get_by_label(label, exact=True).press("Tab")
    # each change draws the page anew, which closes a list that is open
    delays = page.get_by_test_id("stMultiSelect").nth(1)
    rest(page)
    delays.get_by_role("button", name="Clear all").click()
    rest(page)
    delays.get_by_role("combobox").click()
    page.get_by_role("option", name="5", exact=True).click()
    page.keyboard.press("Escape")
    rest(page)
    begin = page.get_by_role("button", name=say("retention.class_button"), exact=True)
    empty = page.get_by_text(say("retention.class_stand_none", duration="…").partition("…")[0])
    begin.click()
    # what it would cost is said meanwhile, above the button: a click may have met its old place
    with suppress(Late):
        empty.wait_for(timeout=10_000)
    if not empty.is_visible():
        begin.click()
    empty.wait_for()
    screen.until(lambda: bool(asked(page).get("class")), "the class in the address")
    strip = page.locator(".st-key-class_strip")
    word = strip.get_by_role("link").first.inner_text().split()[-1]
    for seat in students:
        seat.goto(f"{screen.root}/class?join={word}")
        seat.get_by_text(say("class.wait_for_teacher")).wait_for()
    strip.get_by_role("button", name=say("class.bring"), exact=True).click()
    for seat in students:
        seat.wait_for_url("**/retention?*seat=*")
    assert {asked(seat)["seat"] for seat in students} == {"0", "1"}
    # three networks at one delay, one seed a seat
    joined = "2 students have joined · 6 of 6 runs finished"
    page.get_by_text(joined).wait_for(timeout=PATIENCE)
    students[0].get_by_text(joined).wait_for()
    # what it shows comes after the class has guessed, at three networks
    page.get_by_text(say("retention.guess_hidden")).wait_for()
    for _ in range(3):
        for key in ("class.open", "class.close", "class.show"):
            strip.get_by_role("button", name=say(key), exact=True).click()
            rest(page)
    page.get_by_text(say("retention.guess_hidden")).wait_for(state="detached")
    screen.drawn("RNN", "LSTM", say("retention.reference_accuracy"))
    found = rows(saved(page, say("app.download_data")))
    assert sorted(int(row["seed"]) for row in found) == [0, 0, 0, 1, 1, 1]
    assert {row["units"] for row in found} == {"4"}
