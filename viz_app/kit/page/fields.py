"""The widgets of a form whose values are kept from page to page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from viz_app.kit.page import choices


@dataclass(frozen=True)
class Fields:
    """The fields of one form.

    Attributes
    ----------
    form
        Its name; under it and a field's name the field's value is kept in the session.
    said
        From a field's name to its label, and from that name with ``_help`` to its help.
    """

    form: str
    said: Callable[..., str]

    def key(self, name: str) -> str:
        """Where a field's value is kept."""
        return f"{self.form}_{name}"

    def keep(self) -> None:
        """Keep all values on a page that has not drawn its widgets yet."""
        choices.keep_all(self.key(""))

    def pick(self, place: Any, name: str, options: list[Any], usual: Any, **settings: Any) -> Any:
        """Ask for one of some values."""
        choices.keep(self.key(name), options, usual)
        return place.selectbox(
            self.said(name), options, key=self.key(name), help=self.said(f"{name}_help"),
            **settings,
        )  # fmt: skip

    def whole(
        self, place: Any, name: str, lowest: int, highest: int, usual: int, step: int = 1,
        **told: Any,
    ) -> int:  # fmt: skip
        """Ask for a whole number; ``told`` is what the help says of it."""
        st.session_state.setdefault(self.key(name), usual)
        found: int = place.number_input(
            self.said(name), lowest, highest, key=self.key(name), step=step,
            help=self.said(f"{name}_help", **told),
        )  # fmt: skip
        return found
