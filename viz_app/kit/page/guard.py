"""What nobody foresaw: a sentence with a number on the page, and what happened in the log."""

import secrets
from logging import getLogger
from traceback import extract_tb
from types import TracebackType

import streamlit as st
from streamlit.errors import FragmentHandledException

from viz_app.text import say
from viz_app.text.plain import sentence

LOG = getLogger(__name__)

STREAMLIT, UNCAUGHT = "streamlit.error_util", "Uncaught app execution"
"""Where, and as what, Streamlit writes down what `report` is then given to write down."""

MOST_TOLD = 500
"""Faults that are remembered as written down."""

_told: dict[object, str] = {}


def report(error: Exception) -> bool:
    """Say on the page that something went wrong, and log what it was, both with one number.

    Parameters
    ----------
    error
        What no page, fragment, dialog or callback caught; ``streamlit.starlette.App`` hands it over
        as ``on_script_error``.

    Returns
    -------
    bool
        True: it is said, so Streamlit need not.
    """
    from gatescope import RunError  # the server answers before torch is there
    from gatescope.jobs import JobError
    from viz_app.kit.classes.value import ClassError

    if isinstance(
        error, (JobError, RunError, ClassError)
    ):  # a sentence for a reader, whoever raised it
        st.error(sentence(error))
        return True
    number = secrets.token_hex(4)
    log(number, error)
    st.error(say("app.unforeseen", number=number))
    return True


def log(number: str, error: Exception) -> None:
    """Write a fault down; one that came by the same way before as a line, which names the first.

    Who sends what no page would send could fill the disk otherwise.
    """
    way = (
        type(error),
        *((frame.filename, frame.lineno) for frame in extract_tb(error.__traceback__)),
    )
    first = _told.get(way)
    if first is None:
        if len(_told) < MOST_TOLD:
            _told[way] = number
        LOG.error("fault %s: %s", number, type(error).__name__, exc_info=error)
    else:
        LOG.error("fault %s: %s, as fault %s", number, type(error).__name__, first)


def log_alone() -> None:
    """From now on Streamlit writes no fault down a second time."""
    getLogger(STREAMLIT).addFilter(lambda record: record.msg != UNCAUGHT)


class Guarded:
    """A with-block around a page: whatever is raised in it is reported, and the app goes on.

    That a page ends or starts anew is no error, and what a fragment raised is reported by then.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception) or isinstance(error, FragmentHandledException):
            return False
        return report(error)
