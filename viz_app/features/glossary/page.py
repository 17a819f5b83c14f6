"""Glossary: what the words mean, and where each is seen."""

import streamlit as st

from viz_app.features.glossary import words
from viz_app.kit.glossary import TERMS, matching
from viz_app.kit.page import choices, stage, window
from viz_app.kit.words import counted
from viz_app.text import say
from viz_app.text.plain import NAME, plain

TERM, FIND = "glossary_term", "glossary_find"
FIND_WIDTH = 260  # pixels

STYLE = """
.glossary h2 {font-size: 1.1rem; margin: 0; padding: .8rem 0 .5rem 0}
.glossary .terms {display: grid; gap: 1rem 2rem;
  grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr))}
.glossary .asked article {border-left: .25rem solid; padding-left: .8rem}
.glossary h3 {font-size: 1.02rem; font-weight: 600; margin: 0; padding: 0 0 .15rem 0}
.glossary h3 a {color: inherit; text-decoration: none}
.glossary h3 a:hover {text-decoration: underline}
.glossary p {margin: 0 0 .25rem 0; line-height: 1.4}
.glossary p a {display: inline-block; padding: .2rem 0; margin-right: 1.2rem}
"""


def body() -> None:
    """The page."""
    here = stage.stage(say("glossary.title"), axis=0, wide=True)
    choices.take("term", TERM)
    choices.take("find", FIND)
    asked = st.session_state.get(TERM)
    choices.linked(TERM)
    choices.linked(FIND)
    sought = here.bar.text_input(
        say("glossary.find"), key=FIND, help=say("glossary.find_help"), max_chars=60,
        width=window.scaled(FIND_WIDTH), placeholder=say("glossary.find"),
        label_visibility="collapsed",
    )  # fmt: skip
    term = TERMS.get(asked or "")
    if asked and term is None:
        choices.notice(say("glossary.not_there", name=plain(asked, NAME)))
    terms = matching(sought)
    if sought.strip() and not terms:
        choices.notice(say("glossary.none", text=plain(sought.strip(), NAME)))
    here.headline(
        counted("glossary.found", len(terms)) if sought.strip() and terms else say("glossary.intro")
    )
    with here.picture:
        st.html(f"<style>{STYLE}</style>{words.listed(terms or list(TERMS.values()), term)}")
    choices.remember(term=asked if term else None, find=sought.strip() or None)


choices.restore()
body()
