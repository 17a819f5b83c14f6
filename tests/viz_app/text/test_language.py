"""Every page in a made-up language: whatever is still in Latin letters was not in the texts."""

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from html import unescape
from itertools import cycle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import streamlit as st
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

import viz_app.text as texts
from gatescope import TrainConfig, save_run, train
from gatescope.experiments.claims import CLAIMS
from gatescope.tasks.forecast import TICKERS
from tests.viz_app.text.made_up import LANGUAGE, made_up, spoken
from tests.viz_app.text.walked import on_every_tab
from viz_app import pages
from viz_app.features import Intervene
from viz_app.features.intervene.form import KINDS
from viz_app.features.lessons import lesson as lessons
from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.progress import steps_of
from viz_app.features.sentiment.reading import EXAMPLES
from viz_app.features.text.view import PROMPT
from viz_app.kit import environment, library
from viz_app.kit.page import jobs as cached_jobs
from viz_app.kit.page import served as cached
from viz_app.kit.page.kept_answers import ANSWERS
from viz_app.kit.sharing import STORE

EXEMPT = {
    "PNG", "SVG", "PDF", "CSV", "HTML", "netCDF",  # names of formats
    "XX", "XY", "YX", "YY",  # what a network answers, as its task calls it
    "recurrent", "reverse",  # a layer's path in the trace
    "mine", "broken", "run", "json", "tmp",  # a run's folder and file
    *re.findall(r"\w+", PROMPT),  # of an English book
    "tanh", "ln", "min",  # functions in the glossary's equations
}  # fmt: skip
"""Words in Latin letters that no language changes."""

UNSEEN = {
    "id", "key", "form_id", "spec", "language", "mime_type", "url", "type", "theme", "data",
    "datasets", "selection_mode", "element_id", "icon", "format", "gap", "widget_type",
    "name", "group_id", "auto_show", "deferred_file_id", "code_text", "raw_values",
    "user_key", "table_uuid", "uuid", "js_content", "json", "component_name", "shortcut",
}  # fmt: skip
"""Fields of Streamlit's messages that carry no text for a reader."""

STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)

DRAWN = {"title", "text", "note", "line", "word", "description"}
"""Keys of a spec, and columns of its rows, that hold text."""

PAGES = [page for part in pages.PAGES.values() for page in part]


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """There is a made-up language beside English; there are runs of one's own.

    One has several layers and failed, one of the same cell is beside it, and one is broken.
    """
    folder = tmp_path_factory.mktemp("runs")
    config = TrainConfig(
        task="adding", task_options={"length": 50}, hidden_size=4, num_layers=2,
        bidirectional=True, max_steps=1, batch_size=2,
    )  # fmt: skip
    save_run(train(config), folder / "mine")
    shutil.copytree(folder / "mine", folder / "broken")
    (folder / "broken" / "config.json").write_text("{}")
    st.cache_resource.clear()
    STORE.clear()
    with pytest.MonkeyPatch.context() as patch, spoken(tmp_path_factory.mktemp("texts")):
        patch.setenv(library.OWN_RUNS, str(folder))
        patch.setenv(environment.JOBS, str(tmp_path_factory.mktemp("jobs")))
        measure("mine")
        yield
        cached_jobs.queue().close()
    st.cache_resource.clear()
    STORE.clear()


def measure(run: str) -> None:
    """Have the memory of a run of one's own measured, as its page does, and wait for it."""
    key = cached_jobs.queue().submit(cached.recordings.memory_of(run))
    end = time.monotonic() + 90
    while cached_jobs.queue().status(key).state != "done":
        assert time.monotonic() < end
        time.sleep(0.1)


def of_message(message: Message, path: str = "") -> Iterator[tuple[str, str]]:
    """Every string of a Streamlit message, with the name of its field."""
    for field, value in message.ListFields():
        if field.name in UNSEEN:
            continue
        for part in value if field.is_repeated else [value]:
            if isinstance(part, Message):
                yield from of_message(part, f"{path}.{field.name}")
            elif isinstance(part, str):
                yield f"{path}.{field.name}", STYLE.sub("", part)


def written(expression: str) -> Iterator[str]:
    """The strings in an expression; names of fields and of data are left out."""
    expression = re.sub(r"""\["[^"]*"\]|data\('[^']*'\)""", "", expression)
    for found in re.finditer(r"""'[^']*'|"[^"]*\"""", expression):
        before = expression[: found.start()].rstrip()[-1:]
        after = expression[found.end() :].lstrip()[:1]
        if not (before in ("{", ",") and after == ":"):
            yield found[0][1:-1]


def of_spec(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text that a chart draws or shows under the pointer."""
    if isinstance(node, list):
        for part in node:
            yield from of_spec(part, key)
    elif isinstance(node, dict):
        for name, part in node.items():
            if name in DRAWN and isinstance(part, str):
                yield name, part
                continue
            if name in ("labelExpr", "calculate") and isinstance(part, str):
                yield from ((name, text) for text in written(part))
                continue
            if name == "signals":
                told = (signal["update"] for signal in part if signal["name"] == "told")
                yield from (("told", text) for update in told for text in written(update))
                continue
            if name == "tooltip" and part != {"value": None}:
                for tip in part if isinstance(part, list) else [part]:
                    assert "title" in tip, f"a tooltip shows the name of its field: {tip}"
            yield from of_spec(part, name)


def seen(app: AppTest) -> Iterator[tuple[str, str]]:
    """All that a reader can see, hear or hover on a page."""
    assert not app.exception

    def walk(block: Any) -> Iterator[Any]:
        for child in block.children.values():
            if hasattr(child, "children"):
                if child.proto is not None:
                    yield child
                yield from walk(child)
            else:
                yield child

    for element in walk(app._tree):
        kind = type(element).__name__
        if kind in ("Code", "MenuButton"):  # the languages have their own names
            continue
        yield from of_message(element.proto, kind)
        if getattr(element, "type", "") == "vega_lite_chart":
            yield from of_spec(json.loads(element.proto.spec))
            for data in element.proto.datasets:
                rows = pa.ipc.open_stream(data.data.data).read_pandas()
                yield from of_spec(rows.to_dict("records"))
    for table in app.table:
        frame = table.value
        yield from (
            ("table", str(cell)) for cell in [*frame.columns, *frame.index, frame.index.name]
        )


LINK = re.compile(r"\]\(glossary\?[^)]*\)")
"""Where a term of a help text leads."""


def latin(text: str) -> list[str]:
    """Words of two Latin letters or more, without tags, entities and places on the web."""
    plain = unescape(LINK.sub(" ", re.sub(r"<style>.*?</style>|<[^<>]*>|:\w+-badge", " ", text)))
    return [word for word in re.findall(r"[A-Za-z]{2,}", plain) if word not in EXEMPT]


@pytest.fixture
def open_made_up(
    open_app: Callable[..., AppTest], translated: None
) -> Iterator[Callable[..., AppTest]]:
    """Open the app as a reader of the made-up language, after one who reads English.

    So whatever is kept for all and has words in it is found: it would be in English.
    """

    def opened(page: str, /, **address: str) -> AppTest:
        with texts.speaking("en"):
            for _ in on_every_tab(open_app(page, **address)):
                pass
        return open_app(page, **address, lang=LANGUAGE)

    with texts.speaking(LANGUAGE):  # AppTest names options here, in no session
        yield opened


MINE, *OTHERS = ("mine", "adding-rnn", "temporal-order-gru", "digits-lstm")
"""Each page shows the first and one of the others in turn; the rest is tried with what is long."""

READ = {word for example in EXAMPLES for word in re.findall(r"\w+", example.text)}
"""What networks are given to read, which was learnt in English."""

APP = Path(pages.__file__).parent
WITHOUT_RUNS = {
    page for page in PAGES if "require_runs()" not in (APP / pages.script(page)).read_text()
}
"""Pages on which there is no run to choose."""


def on_tabs(app: AppTest) -> Iterator[tuple[str, str]]:
    """The same on each tab of a page in turn; on the last one at the end."""
    for tab in on_every_tab(app):
        yield from seen(tab)


@pytest.mark.parametrize(
    ("page", "run"),
    [
        pytest.param(page, run, marks=() if run in (MINE, other) else pytest.mark.long)
        for page, other in zip(PAGES, cycle(OTHERS), strict=False)
        for run in (MINE, *(() if page in WITHOUT_RUNS else OTHERS))
    ],
)
def test_no_english_is_left(open_made_up: Callable[..., AppTest], page: str, run: str) -> None:
    """Headings, sentences, labels, helps, options, tables, and all text of the charts."""
    # an address of the front page with a run opens Gates
    app = open_made_up("") if page == pages.FRONT else open_made_up(page, run=run)
    warnings = [warning.value for warning in app.warning]
    assert len(warnings) == (page not in WITHOUT_RUNS)
    warned = warnings[0] if warnings else ""
    found = list(on_tabs(app) if run == MINE else seen(app))
    assert len(found) > (0 if page in WITHOUT_RUNS else 40)
    given = READ if page == "sentiment" else set()
    if page == "writing":  # what a network has written, in the language of its book
        found = [pair for pair in found if not pair[0].endswith(".alt")]
    left = {
        (where, text)
        for where, text in found
        if set(latin(re.sub(r"\(adding-lstm(-one-unit)?\)", "", text))) - given and text != warned
    }
    assert left == set()
    # but where the run is, and which of its files is wrong
    assert set(latin(warned)) <= {*latin(os.environ[library.OWN_RUNS]), "config"}


@pytest.mark.parametrize("claim", CLAIMS)
def test_no_claim_is_in_english(open_made_up: Callable[..., AppTest], claim: str) -> None:
    """Each has sentences, tables and a chart of its own."""
    found = list(seen(open_made_up("claims", claim=claim)))
    assert len(found) > 40
    assert {(where, text) for where, text in found if latin(text)} == set()


@pytest.mark.long
@pytest.mark.parametrize("name", lessons.names())
def test_no_lesson_is_in_english(
    open_app: Callable[..., AppTest], translated: None, name: str
) -> None:
    """Each step before it is answered and after, and the questions at the end."""
    read, facts = lessons.lesson(name, "en"), facts_of(name)
    told = {
        f"{name}.{place}": question.question(facts).write(question.question(facts).truth)  # type: ignore[attr-defined]
        for place, question in read.questions.items()
    }
    found = []
    for step in steps_of(read):
        with texts.speaking("en"):
            open_app("lessons", lesson=name, step=step)
        with texts.speaking(LANGUAGE):  # AppTest names options here, in no session
            app = open_app("lessons", lesson=name, step=step, lang=LANGUAGE)
            found += list(seen(app))
            app.session_state[ANSWERS] = dict(told)
            found += list(seen(app.run()))
    assert len(found) > 100
    left = {text for _, text in found if set(latin(text)) - set(TICKERS)}
    assert left == set()


def test_the_bench_is_not_in_english(open_made_up: Callable[..., AppTest]) -> None:
    """The other part of the page Compare, with the form for real data."""
    app = open_made_up("compare", part="bench")
    found = list(on_tabs(app))
    app.selectbox(key="benchform_task").set_value("forecast").run()
    app.selectbox(key="benchform_series").set_value("stocks").run()
    found += list(seen(app))
    assert len(found) > 80
    left = {(where, text) for where, text in found if latin(text)}
    assert {pair for pair in left if pair[1] not in TICKERS} == set()


@pytest.mark.long
@pytest.mark.parametrize("run", ["adding-lstm", "temporal-order-gru", "digits-rnn"])
def test_no_intervention_is_in_english(open_made_up: Callable[..., AppTest], run: str) -> None:
    """Each question before and after it is answered, and each kind of one's own."""
    found: list[tuple[str, str]] = []
    for key in Intervene(run).among()["ask"].values:
        app = open_made_up("intervene", run=run, ask=key)
        found += seen(app)
        app.radio[0].set_value("same").run()
        reveal = texts.say("intervene.reveal")
        next(button for button in app.button if button.label == reveal).click().run()
        assert len(app.table) == 1
        found += seen(app)
    for kind in KINDS:
        app = open_made_up("intervene", run=run, change="own", kind=kind)
        assert app.selectbox(key="intervene_kind").value == kind
        found += seen(app)
    warned = {warning.value for warning in app.warning}
    left = {text for _, text in found if latin(re.sub(r"\(adding-lstm(-one-unit)?\)", "", text))}
    assert left - warned == set()


def test_the_menu_is_translated(
    open_made_up: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups and pages."""
    found: list[str] = []
    real = st.navigation

    def noted(pages: Any, **settings: Any) -> Any:
        found[:] = [*pages, *(page.title for group in pages.values() for page in group)]
        return real(pages, **settings)

    monkeypatch.setattr(st, "navigation", noted)
    open_made_up("")
    assert len(found) > len(PAGES) > 1
    assert [text for text in found if latin(text)] == []


@pytest.mark.usefixtures("translated")
def test_no_runs_is_said_in_the_readers_language(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The sentence on an empty page."""
    monkeypatch.setattr(library, "PREPARED", tmp_path / "nothing")
    monkeypatch.delenv(library.OWN_RUNS)
    cached.library.clear()
    (told,) = open_app(lang=LANGUAGE).info
    cached.library.clear()
    assert latin(told.value) == []


def test_the_search_finds_english() -> None:
    """In titles, tooltips, labels made by expressions, and text with tags around it."""
    spec = {
        "title": {"text": "Alpha"},
        "encoding": {"x": {"axis": {"title": "beta", "labelExpr": "'gamma ' + datum.value"}}},
        "transform": [
            {"calculate": "'unit ' + datum.unit", "as": "name"},
            {"calculate": "{'input_gate': 'epsilon'}[datum.value] ? 'zeta' : 'eta'", "as": "x"},
        ],
        "config": {"signals": [{"name": "told", "update": '["theta", data(\'x\')[0]["y"]]'}]},
        "tooltip": [{"field": "time", "title": "delta"}],
    }
    words = [word for _, text in of_spec(spec) for word in latin(text)]
    assert words == ["Alpha", "beta", "gamma", "unit", "epsilon", "zeta", "eta", "theta", "delta"]
    assert latin("<b style='x'>word</b>&emsp;PNG a 1e-3") == ["word"]
    with pytest.raises(AssertionError, match="name of its field"):
        list(of_spec({"tooltip": [{"field": "time"}]}))
    assert made_up("say **{count:,}** {what}") == "ταϑ **{count:,}** {what}"
