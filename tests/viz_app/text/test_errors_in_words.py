"""Errors of core in another language: by their key, with their values, on pages and commands."""

import pickle
import tomllib
from collections.abc import Callable
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import viz_app.text as texts
from gatescope import RunError, TrainConfig
from gatescope.errors import SENTENCES, Sentence, say
from gatescope.jobs import JobQueue, SingleRun
from gatescope.jobs.files import write_fault
from viz_app.commands._terminal import explain
from viz_app.kit import library
from viz_app.text import in_words
from viz_app.text.plain import plain

OTHER = {f"error.{key}": f"«{sentence}»" for key, sentence in SENTENCES.items()}
"""A language that has each sentence between marks of its own."""


@pytest.fixture(autouse=True)
def other(monkeypatch: pytest.MonkeyPatch) -> None:
    """All texts are English, and the errors' are in the other language."""
    both = {**texts.texts("en"), **OTHER}
    monkeypatch.setattr(texts, "texts", lambda chosen: both)


def sample(key: str) -> Sentence:
    """A sentence with a value for each of its names."""
    fields = [(name, spec) for _, name, spec, _ in Formatter().parse(SENTENCES[key]) if name]
    return say(key, **{name: 7 if spec else "seven" for name, spec in fields})


def test_each_sentence_is_said() -> None:
    """Alone, in an error, and in one that came from another process."""
    for sentence in map(sample, SENTENCES):
        error = RunError(sentence)
        for said in (sentence, error, pickle.loads(pickle.dumps(error))):
            assert in_words(said) == f"«{sentence}»"
            assert str(said) == sentence


def test_sentences_within_a_sentence_are_said() -> None:
    """An error's reason is an error, and marks of markdown in a value stay escaped."""
    inner = RunError(say("run_file_none", folder="my_run", name="*a*"))
    outer = say("run_not_removed", key="k", reason=inner)
    expected = (
        "«the run k cannot be removed: «the run at my_run cannot be read: *a* is not a file»»"
    )
    assert in_words(outer) == expected
    assert plain(outer) == expected.replace("*", r"\*")
    assert in_words(OSError("disk full")) == "disk full"


def test_what_a_language_lacks_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """And so is what another version wrote with other values."""
    some = {"error.no_layer": "«»", "error.temperature": "«{degrees:,}»"}
    monkeypatch.setattr(texts, "texts", lambda chosen: some)
    for error in (sample("run_missing"), sample("temperature"), RunError("no key"), RunError()):
        assert in_words(error) == str(error)
    assert in_words(sample("no_layer")) == "«»"


def given(app: AppTest, page: str, data: bytes) -> AppTest:
    """A page with a file for it, whose name is a number."""
    if page == "forecasting":
        app.get("button_group")[0].set_value("own")
        app.run()
    place = "forecast_file" if page == "forecasting" else "your_weights"
    app.file_uploader(place).set_value(("7", data, "text/plain"))
    return app.run()


@pytest.mark.parametrize(
    ("page", "data", "said"),
    [
        ("your_model", b"not weights", "«this is text, not a file of weights"),
        ("your_model", b"", "«the file is empty"),
        ("forecasting", b"%PDF-1.4", "«7 is «a PDF», not text"),
        ("forecasting", b"level\n1\n2\n", "«'level' has 2 values"),
        ("forecasting", b"day,level\n1,2\n3\n", "«7, row 3 has «1 cell»"),
    ],
)
def test_a_file_is_refused_in_words(
    open_app: Callable[..., AppTest], page: str, data: bytes, said: str
) -> None:
    """What was read in another process is said by its key too."""
    (error,) = given(open_app(page), page, data).error
    assert said in error.value


def test_two_readings_are_asked_about_in_words(open_app: Callable[..., AppTest]) -> None:
    """The fact, without the argument that decides in Python."""
    data = "\n".join(f"{k},{k % 7}" for k in range(40)).encode()
    (question,) = given(open_app("forecasting"), "forecasting", data).warning
    assert question.value.startswith("«7 can be read in two ways: «")
    assert "reading=" not in question.value


def test_jobs_speak_in_words(open_app: Callable[..., AppTest], own_queue: JobQueue) -> None:
    """One that is not there, and one that failed in its own process."""
    app = open_app("retention", job="nothing")
    assert app.error[0].value.startswith("«there is no job 'nothing'")
    config = TrainConfig(task="adding", max_steps=1)
    key = own_queue.submit(SingleRun(run=config))
    write_fault(own_queue.folder / key, say("job_killed", count=3, status=-9))
    shown = open_app("train", job=key)
    said = [
        str(each.value) for place in (shown.error, shown.info, shown.markdown) for each in place
    ]
    assert any("«its process died 3 times" in text for text in said)


def test_a_run_that_cannot_be_read_is_told_in_words(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Above every page that shows runs."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{}")
    monkeypatch.setenv(library.OWN_RUNS, str(tmp_path))
    from viz_app.kit.page import served

    served.library.clear()
    app = open_app("gates")
    served.library.clear()
    assert any("«" in warning.value and "run.json" in warning.value for warning in app.warning)


def test_the_command_line_speaks_in_words() -> None:
    """One line, in the language of the environment."""
    error = RunError(say("run_missing", folder="a\nb"))
    assert explain(error, []).startswith("«there is no run at a b: no such folder; ")


def wrong_in(folder: Path) -> dict[str, Any]:
    """What a language's errors lack, have too many, and fill in otherwise."""
    said = tomllib.loads((folder / "error.toml").read_text(encoding="utf-8"))

    def fields(sentence: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(sentence) if name}

    return {
        "lacking": SENTENCES.keys() - said.keys(),
        "unknown": said.keys() - SENTENCES.keys(),
        "values": {k for k in said.keys() & SENTENCES if fields(said[k]) != fields(SENTENCES[k])},
    }


def test_a_translation_is_whole(tmp_path: Path) -> None:
    """Every language that has its errors has all of them, with the same values."""
    lines = [f"{key} = {sentence!r}" for key, sentence in {"no_layer": "x", "it": "{y}"}.items()]
    (tmp_path / "error.toml").write_text("\n".join([*lines, "more = 'z'"]))
    found = wrong_in(tmp_path)
    assert (found["unknown"], found["values"]) == ({"more"}, {"it"})
    assert len(found["lacking"]) == len(SENTENCES) - 2
    for path in texts.FOLDER.glob("*/error.toml"):
        assert not any(wrong_in(path.parent).values()), path.parent.name
