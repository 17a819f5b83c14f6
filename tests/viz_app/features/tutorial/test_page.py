"""The tutorial's page shows each verdict with its sentence, its criteria and its runs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from viz_app.features import Tutorial
from viz_app.features.tutorial import entries as tutorial
from viz_app.features.tutorial import evidence as tutorial_evidence
from viz_app.features.tutorial import words as tutorial_words
from viz_app.features.tutorial.view import TRAINED, by_loss
from viz_app.kit.words import three_digits
from viz_app.text import say

PAGE = "tutorial"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1234, "0.123"), (-0.05, "−0.05"), (1234.5, "1,234"), (float("inf"), "∞"),
        (float("-inf"), "−∞"), (3e-7, "3·10⁻⁷"), (2.5e9, "2·10⁹"), (0.0, "0"), (1.0, "1"),
        (float("nan"), "unknown"),
    ],
)  # fmt: skip
def test_numbers_as_a_reader_sees_them(value: float, text: str) -> None:
    assert three_digits(value) == text


def test_the_page_says_every_answer_with_its_numbers(open_app: Callable[..., AppTest]) -> None:
    app = open_app(PAGE)
    assert not app.exception
    text, labels = "", []
    for group in ("statement", "listing"):
        app.session_state["tab_tutorial"] = say(f"tutorial.tab_{group}")
        app.run()
        assert not app.exception
        text += "\n".join(element.value for element in app.markdown)
        labels += [place.label for place in app.expander]
    found = Tutorial().findings()
    assert len(tutorial.ENTRIES) == 27
    for entry in tutorial.ENTRIES:
        assert entry.says in text
        assert entry.found(found[entry.key]) in text
    assert len(labels) == sum(bool(finding.criteria) for finding in found.values()) == 24
    for entry in tutorial.ENTRIES:
        if found[entry.key].criteria:
            assert any(tutorial_words.met(found[entry.key]) in label for label in labels)
    assert found["rnn_gates"].verdict == "wrong"
    assert found["to_come"].verdict == found["relu"].verdict == "untested"
    count = tutorial.counted(found, "statement")
    assert count.total() == 20
    app = open_app(PAGE, show="untested")
    text = "\n".join(element.value for element in app.markdown)
    assert "This is an outlook" in text
    assert "has 0 gates" not in text


@pytest.mark.parametrize("entry", TRAINED)
def test_the_chart_shows_every_run_and_its_mean(entry: str) -> None:
    view = Tutorial(entry)
    table = view.data().rows
    spec = view.chart().to_dict()
    shown = [row for data in spec["datasets"].values() for row in data if "seed" in row]
    runs = table[table["experiment"] == view.experiment()]
    values = runs["score"]
    if by_loss(view.experiment()):
        values = runs["loss"] / runs["baseline"]
    assert sorted(row["value"] for row in shown) == pytest.approx(sorted(values))


def test_the_same_in_python_draws_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(Tutorial("stock").code(), "snippet", "exec"), {})
    assert "no change" not in (svg := (tmp_path / "tutorial.svg").read_text())
    assert "naive forecast" in svg
    assert svg.count("LSTM") >= 1


def test_without_its_measurements_the_page_says_so(
    open_app: Callable[..., AppTest], fresh_caches: None, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(tutorial_evidence, "FOLDER", tmp_path)
    app = open_app(PAGE)
    assert not app.exception
    assert "make assets" in app.error[0].value
