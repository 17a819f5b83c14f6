"""Whatever a page, a fragment, a callback or a dialog raises is one sentence and a number."""

import inspect
import logging
import logging.config
import re
from collections.abc import Callable
from typing import Any

import pytest
from streamlit import error_util
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1 import local_script_runner as local

from viz_app.kit.page import guard, run_choice
from viz_app.pages import script
from viz_app.text.plain import plain


def callback() -> None:
    import streamlit as st

    def fall() -> None:
        raise RuntimeError("secret detail")

    st.button("press", on_click=fall)


def fragment() -> None:
    import streamlit as st

    @st.fragment
    def part() -> None:
        if st.button("press"):
            raise RuntimeError("secret detail")

    st.title("stays")
    part()


def dialog() -> None:
    import streamlit as st

    @st.dialog("over the page")
    def part() -> None:
        raise RuntimeError("secret detail")

    st.title("stays")
    if st.button("press"):
        part()


def body() -> None:
    import streamlit as st

    from viz_app.kit.page import guard

    st.title("stays")
    with guard.Guarded():
        if st.button("press"):
            raise RuntimeError("secret detail")


def fragment_within() -> None:
    import streamlit as st

    from viz_app.kit.page import guard

    @st.fragment
    def part(pressed: bool) -> None:
        if pressed:
            raise RuntimeError("secret detail")

    st.title("stays")
    with guard.Guarded():
        part(st.button("press"))


@pytest.fixture
def as_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page under test has the handler that the served app has."""
    made = local.LocalScriptRunner.__init__

    def init(self: Any, *given: Any, **named: Any) -> None:
        made(self, *given, **named)
        self._on_script_error = guard.report

    monkeypatch.setattr(local.LocalScriptRunner, "__init__", init)


@pytest.mark.usefixtures("as_served")
@pytest.mark.parametrize("script", [callback, fragment, dialog, body, fragment_within])
def test_a_fault_is_one_sentence_whose_number_is_in_the_log(
    script: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Said once, without what it was, and the rest of the page stays."""
    app = AppTest.from_function(script).run()
    assert not app.error
    app.button[0].click().run()
    assert not app.exception
    (told,) = app.error
    (number,) = re.findall(r"number ([0-9a-f]{8})\b", told.value)
    assert "secret" not in told.value
    assert [title.value for title in app.title] == ([] if script is callback else ["stays"])
    (entry,) = (record for record in caplog.records if record.name == guard.__name__)
    assert number in entry.getMessage()
    assert entry.levelno == logging.ERROR
    assert entry.exc_info
    assert "secret detail" in str(entry.exc_info[1])


def test_a_page_that_falls_leaves_the_others_as_they_are(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app's own entry has the guard around every page."""

    def fall() -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(run_choice, "require_runs", fall)
        app = open_app()
    assert not app.exception
    assert "Something unexpected went wrong" in app.error[0].value
    app.switch_page(script("tasks")).run()
    assert not app.error
    app.switch_page(script("gates")).run()
    assert not app.error
    assert app.get("vega_lite_chart")


def ends() -> None:
    import streamlit as st

    from viz_app.kit.page import guard

    with guard.Guarded():
        if "again" not in st.session_state:
            st.session_state["again"] = True
            st.rerun()
        st.title("first")
        st.stop()
    st.title("never")


def test_that_a_page_ends_or_starts_anew_is_no_fault() -> None:
    """st.stop and st.rerun go through."""
    app = AppTest.from_function(ends).run()
    assert not app.error
    assert [title.value for title in app.title] == ["first"]


def said() -> None:
    from gatescope.jobs import JobError
    from viz_app.kit.page import guard

    with guard.Guarded():
        raise JobError("no room for the job ![x](http://a.example): wait")


def test_what_is_a_sentence_for_a_reader_is_said_as_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Escaped, without a number, and not logged."""
    (told,) = AppTest.from_function(said).run().error
    assert told.value == plain("No room for the job ![x](http://a.example): wait")
    assert not [record for record in caplog.records if record.name == guard.__name__]


def test_the_same_fault_again_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever causes it on purpose does not fill the disk; another fault is told in full."""

    def fall(what: str) -> None:
        try:
            raise RuntimeError(what)
        except RuntimeError as error:
            guard.log(what, error)

    for number in ("one", "two", "three"):
        fall(number)
    guard.log("other", KeyError("x"))
    told = [record for record in caplog.records if record.name == guard.__name__]
    assert [bool(record.exc_info) for record in told] == [True, False, False, True]
    assert "two: RuntimeError, as fault one" in told[1].getMessage()


def test_streamlit_writes_no_fault_down_a_second_time(caplog: pytest.LogCaptureFixture) -> None:
    """What else it has to say stays, also after the server has set up its own log."""
    logger = logging.getLogger(guard.STREAMLIT)
    before = list(logger.filters)
    try:
        guard.log_alone()
        logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})
        logger.error(guard.UNCAUGHT)
        logger.error("something else")
    finally:
        logger.filters[:] = before
    assert [record.getMessage() for record in caplog.records] == ["something else"]
    source = inspect.getsource(error_util)
    assert guard.UNCAUGHT in source
    assert error_util.__name__ == guard.STREAMLIT
