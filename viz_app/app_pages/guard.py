"""What nobody foresaw: a sentence with a number on the page, and what happened in the log."""

import secrets
from logging import getLogger
from types import TracebackType

import streamlit as st
from streamlit.errors import FragmentHandledException

from viz_app.text import say

LOG = getLogger(__name__)


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
    number = secrets.token_hex(4)
    LOG.error("fault %s: %s", number, type(error).__name__, exc_info=error)
    st.error(say("app.unforeseen", number=number))
    return True


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
