"""Terms that can be touched where they stand: by thumb, pointer or keyboard, without the server."""

from typing import Any

import streamlit as st

from viz_app.kit.glossary import marked, touchable

STYLE = """
button.term {all: unset; cursor: pointer; color: inherit; font: inherit; border-radius: 2px;
  border-bottom: .1em dotted %(accent)s; padding: .15em 0}
button.term:hover {background: color-mix(in srgb, %(accent)s 15%%, transparent)}
button.term:focus-visible {outline: 3px solid %(accent)s; outline-offset: 2px}
.term-joined {white-space: nowrap}
.term-is {display: none}
.term-is:popover-open {display: flex; flex-direction: column; gap: .5rem; text-align: start;
  box-sizing: border-box; width: min(26rem, 100%%); margin: auto; padding: 1.1rem 1.3rem;
  border: 1px solid %(quiet)s; border-radius: .6rem; font-size: 1rem; line-height: 1.45;
  color: %(text)s; background: %(background)s; box-shadow: 0 .3rem 1.2rem rgb(0 0 0 / .3)}
.term-is::backdrop {background: rgb(0 0 0 / .2)}
.term-is a {padding: .3rem 0}
.terms-here {margin: 0; line-height: 2}
.term-symbol {font-family: "STIX Two Math", "Cambria Math", Georgia, serif; font-style: italic}
@media (pointer: coarse) {
  .terms-here {line-height: 2.75}
  .terms-here .term {position: relative}
  .terms-here .term::after {content: ""; position: absolute; inset: -.6em 0}}
@media (max-width: 599px) {
  .term-is:popover-open {margin: auto auto 0; border-radius: .8rem .8rem 0 0;
    padding-bottom: 1.6rem}}
"""
"""Of every page; a browser that knows no popovers shows the words and opens nothing."""


def write(text: str, place: Any = st) -> None:
    """Show a text whose marked terms can be touched, ``[[half_life]]`` or ``[[gate|gates]]``.

    Parameters
    ----------
    text
        Markdown, as `viz_app.kit.glossary` reads its marks.
    place
        Where on the page.
    """
    place.markdown(touchable(text), unsafe_allow_html=True)


def explain(text: str, place: Any = st) -> None:
    """Show a text in which each term that it mentions can be touched where it first stands."""
    write(marked(text), place)
