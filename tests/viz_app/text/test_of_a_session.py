"""Every session has its own language, whatever is drawn, in whatever part of a run, and kept."""

import ast
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.testing.v1 import AppTest, local_script_runner

import viz_app.text as texts
from tests.viz_app.text.made_up import made_up, spoken
from tests.viz_app.text.walked import sentences
from viz_app.kit.page import language
from viz_app.kit.sharing import STORE, Store
from viz_app.text import LANGUAGE, LOCALE, known, of_environment, peek, say, speaking, uses

APP = Path(texts.__file__).parents[1]


@pytest.fixture(scope="module", autouse=True)
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The made-up language, beside English."""
    STORE.clear()
    with spoken(tmp_path_factory.mktemp("texts")) as name:
        yield name
    STORE.clear()


def title(app: AppTest) -> str:
    """The name of the page, as its heading has it."""
    (found,) = [text.value for text in app.markdown if text.value.startswith("# ")]
    return str(found).removeprefix("# ")


def again(app: AppTest, spoken: str) -> AppTest:
    """One more run; the test, whose thread is no session, speaks as the session does.

    AppTest names the options of its widgets there.
    """
    with speaking(spoken):
        return app.run()


def english(key: str) -> str:
    """A text in English."""
    with speaking("en"):
        return say(key)


def test_two_sessions_side_by_side_see_two_languages(
    open_app: Callable[..., AppTest], other: str
) -> None:
    """In turn, on the same view: neither sees a word of the other, and numbers are shared."""
    one, two = open_app("gates"), open_app("gates", lang=other)
    for _ in range(2):
        assert title(one) == english("gates.title")
        assert title(two) == made_up(english("gates.title"))
        said = sentences(one)
        assert sentences(two).keys() == said.keys()
        alike = {where for where, text in sentences(two).items() if text == said[where]}
        assert alike == set()
        one, two = one.run(), again(two, other)
    kinds = {"batch": {""}, "trace": {""}, "order": {""}, "bounds": {""}, "spec": {"en", other}}
    assert {kind: STORE.languages(lambda k, kind=kind: k[0] == kind) for kind in kinds} == kinds


def test_the_address_says_the_language_on_every_page(
    open_app: Callable[..., AppTest], other: str
) -> None:
    """And it stays in the session where a page's address has none."""
    app = open_app("gates", lang=other, example="3")
    assert (app.query_params["lang"], app.query_params["example"]) == (other, "3")
    for name in list(app.query_params):
        del app.query_params[name]
    app = again(app.switch_page("features/tasks/page.py"), other)
    assert title(app) == made_up(english("tasks.title"))
    assert app.query_params["lang"] == other
    app.query_params["lang"] = "en"
    app = again(app, other)
    assert title(app) == english("tasks.title")


def test_english_is_what_a_browser_that_says_nothing_gets(open_app: Callable[..., AppTest]) -> None:
    """And its addresses say nothing of it."""
    app = open_app("tasks")
    assert title(app) == english("tasks.title")
    assert "lang" not in app.query_params


def test_a_language_that_is_none_is_said_to_be_none(open_app: Callable[..., AppTest]) -> None:
    """Above the page, which is in English; the address no longer asks for it."""
    app = open_app("tasks", lang="*klingon*")
    (warning,) = app.warning
    assert r"\*klingon\*" in warning.value
    assert "qq" in warning.value
    assert "lang" not in app.query_params


@pytest.mark.parametrize(
    ("cookie", "locale", "server", "expected"),
    [
        ("", "qq-CN", "", "qq"), ("", "de-DE", "", "en"), ("", "de-DE", "qq", "qq"),
        ("qq", "en-GB", "", "qq"), ("en", "qq", "qq", "en"), ("nonsense", "qq", "", "qq"),
        ("", None, "", "en"), ("", "en-US", "qq", "en"),
    ],
)  # fmt: skip
def test_the_cookie_then_the_browser_then_the_server(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch,
    cookie: str, locale: str | None, server: str, expected: str,
) -> None:  # fmt: skip
    """What one has chosen, else what the browser has, else what the server is run with."""
    monkeypatch.setattr(ContextProxy, "cookies", {language.COOKIE: cookie})
    monkeypatch.setattr(ContextProxy, "locale", locale)
    monkeypatch.setenv(LANGUAGE, server)
    with speaking(expected):
        wanted = say("tasks.title")
    assert title(open_app("tasks")) == wanted


def test_the_menu_changes_it_at_once(open_app: Callable[..., AppTest], other: str) -> None:
    """In the run that follows, and what is chosen stays as it is."""
    app = open_app("gates", example="3")
    menu = app.menu_button(language.MENU)
    assert [*menu.options] == sorted(["English", made_up("English")])
    menu.click(other)
    app = app.run()
    assert title(app) == made_up(english("gates.title"))
    assert (app.query_params["lang"], app.query_params["example"]) == (other, "3")
    app.menu_button(language.MENU).click("en")
    app = again(app, other)
    assert title(app) == english("gates.title")


def parts() -> None:
    """A page with a word from its script, from a fragment, and from callbacks of both."""
    import streamlit as st

    from viz_app.kit.page import language
    from viz_app.text import say

    def called(name: str) -> None:
        st.session_state[name] = say("gates.title")

    language.take()
    st.markdown(say("gates.title"))
    st.session_state["runs"] = st.session_state.get("runs", 0) + 1

    @st.fragment
    def part() -> None:
        st.button("in", on_click=called, args=("of fragment",))
        st.caption(say("gates.title"))

    part()
    st.button("out", on_click=called, args=("of script",))


def press(app: AppTest, label: str, only: str | None = None) -> AppTest:
    """Press a button; what runs then is the whole script, or the fragment of that name alone."""
    (button,) = [each for each in app.button if each.label == label]
    with pytest.MonkeyPatch.context() as patch:
        run = partial(RerunData, fragment_id=only)
        patch.setattr(local_script_runner, "RerunData", run)
        return button.click().run()


def test_fragments_and_callbacks_speak_it_too(other: str) -> None:
    """Of two sessions in turn: first their fragments alone, then their scripts."""
    apps: dict[str, AppTest] = {}
    for name in ("en", other):
        apps[name] = AppTest.from_function(parts)
        apps[name].query_params["lang"] = name
        apps[name].run()
    alone = {name: app._fragment_storage for name, app in apps.items()}
    for name, app in apps.items():
        (fragment,) = alone[name]._fragments
        app = press(app, "in", fragment)
        assert app.caption[0].value == app.session_state["of fragment"]
        assert app.session_state["runs"] == 1, "the fragment alone was run"
    for name, app in apps.items():
        app = press(app.run(), "out")
        with speaking(name):
            wanted = say("gates.title")
        state = app.session_state
        said = [state["of fragment"], state["of script"], app.caption[0].value]
        assert said == [wanted] * 3
        assert app.markdown[0].value == wanted


def test_what_has_words_is_kept_for_each_language() -> None:
    """Its own words or those of what it is made of; numbers are computed once for all."""
    store, computed = Store(), []

    def number() -> int:
        computed.append("number")
        return 7

    def word() -> str:
        computed.append("word")
        return f"{store.get('number', number)} {say('gates.title')}"

    def made() -> str:
        computed.append("made")
        return f"<{store.get('word', word)}>"

    for name in ("en", "qq", "en", "qq"):
        with speaking(name):
            store.get("word", word)
            found = store.get("made", made)
            assert found == f"<7 {say('gates.title')}>"
    assert sorted(computed) == ["made", "made", "number", "word", "word"]
    kept = {key: store.languages(lambda one, key=key: one == key) for key in ("number", "made")}
    assert kept == {"number": {""}, "made": {"en", "qq"}}
    store.clear(lambda key: key == "made")
    assert len(store) == 3


def test_two_languages_at_once_wait_for_one_number_and_get_their_own_words() -> None:
    """Asked for at the same time; what goes wrong is said to each in their own words."""
    store, both, calls = Store(), Barrier(2), []
    begun, may_end = Event(), Event()

    def slow() -> int:
        calls.append(peek())
        begun.set()
        assert may_end.wait(30)
        return 7

    def wrong() -> str:
        raise ValueError(say("gates.title"))

    def visit(name: str) -> tuple[int, str, str]:
        with speaking(name):
            both.wait(30)
            number = store.get("number", slow)
            text = store.get("text", lambda: say("gates.title"))
            with pytest.raises(ValueError, match=r"\w") as refused:
                store.get("wrong", wrong)
            return number, text, str(refused.value)

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(visit, name) for name in ("en", "qq")]
        assert begun.wait(30)
        may_end.set()
        found = [one.result(30) for one in asked]
    title = english("gates.title")
    assert found == [(7, title, title), (7, made_up(title), made_up(title))]
    assert len(calls) == 1


def test_words_are_noted_whoever_asks_for_them() -> None:
    """By each of the ways to ask; not where the language is the same for every reader."""
    ways: list[Callable[[], Any]] = [
        lambda: say("gates.title"), texts.words, lambda: texts.has("no.key"),
        lambda: texts.name_of("cell", "lstm"), texts.language,
    ]  # fmt: skip
    for ask in ways:
        with uses() as outer, uses() as inner:
            ask()
        assert outer.words
        assert inner.words
    with uses() as used, speaking("qq"):
        say("gates.title")
        peek()
    assert not used.words


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "en"), ({"LANG": "qq_CN.UTF-8"}, "qq"), ({"LANG": "qq", "LC_ALL": "C"}, "en"),
        ({LANGUAGE: "en", "LANG": "qq"}, "en"), ({LANGUAGE: "qq"}, "qq"),
        ({LANGUAGE: "tlh"}, "en"), ({"LC_MESSAGES": "qq@latin", "LANG": "en_US"}, "qq"),
    ],
)  # fmt: skip
def test_the_command_line_speaks_the_systems_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    """Unless its own variable names another."""
    for name in (LANGUAGE, *LOCALE):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert of_environment() == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("qq", "qq"), ("QQ-Hans-CN", "qq"), ("qq_TW", "qq"), ("q", None), ("", None), (None, None)],
)
def test_a_tag_is_the_language_that_there_is(tag: str | None, expected: str | None) -> None:
    """The longest part of it that is one."""
    assert known(tag) == expected


ASK = {
    "say", "words", "texts", "counted", "name_of", "joined", "either", "language", "some",
    "in_words", "has", "plain", "bare",
}  # fmt: skip
"""What asks for words."""

RUN_BY_STREAMLIT = "page.py"
"""A page is a script, run for each reader."""


def at_import(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls that run as a module is imported: outside functions, or in their defaults."""
    ahead: list[ast.AST] = [tree]
    while ahead:
        node = ahead.pop()
        if isinstance(node, ast.Call):
            yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            ahead += [*node.decorator_list, *node.args.defaults]
            ahead += [default for default in node.args.kw_defaults if default]
        elif not isinstance(node, ast.Lambda):
            ahead += ast.iter_child_nodes(node)


def test_no_word_is_asked_for_at_import() -> None:
    """There is no reader then; but the command line, whose process has one language."""
    found = []
    for path in APP.rglob("*.py"):
        if path.name in (RUN_BY_STREAMLIT, "app.py") or path.parent == APP / "commands":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = ((node, ast.unparse(node.func).split(".")[-1]) for node in at_import(tree))
        found += [(path.name, node.lineno, name) for node, name in names if name in ASK]
    assert found == []
    sample = "x = say('a')\ndef f(a=say('b')):\n    return say('c')\ny = lambda: say('d')"
    assert sorted(node.lineno for node in at_import(ast.parse(sample))) == [1, 2]


CACHES = {"cache", "lru_cache", "cache_resource", "cache_data", "cached_property"}
"""What keeps a result and does not notice whether there are words in it."""


def cached(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The functions whose results such a cache keeps, unless the language is an argument."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            bare = (
                each.func if isinstance(each, ast.Call) else each for each in node.decorator_list
            )
            names = {ast.unparse(each).split(".")[-1] for each in bare}
            if names & CACHES and "language" not in {each.arg for each in node.args.args}:
                yield node


def test_no_word_is_kept_by_a_cache_that_knows_no_language() -> None:
    """`Store` and `shared` do; the others are given words, or keep numbers."""
    found = []
    asked = ASK - {"plain", "bare"}  # of what is not kept: an error
    for path in set(APP.rglob("*.py")) - {Path(texts.__file__)}:
        for function in cached(ast.parse(path.read_text(encoding="utf-8"))):
            raised = {id(part) for node in ast.walk(function) if isinstance(node, ast.Raise)
                      for part in ast.walk(node)}  # fmt: skip
            nodes = (node for node in ast.walk(function) if id(node) not in raised)
            calls = (node for node in nodes if isinstance(node, ast.Call))
            names = {ast.unparse(call.func).split(".")[-1] for call in calls}
            found += [(path.name, function.name, name) for name in names & asked]
    assert found == []
    sample = "@st.cache_resource(ttl=1)\ndef f(x):\n    return say('a')"
    assert [node.name for node in cached(ast.parse(sample))] == ["f"]
