"""How another device leads a class: a phone as a clicker, or a computer after the first one failed.

A student sees the projector, so nothing that would let them lead may stand on the teacher's screen.
A device that is at hand shows a number, and the one that leads lets in whoever shows that number;
for later there is a private link, in a file.
"""

from html import escape
from typing import Any
from urllib.parse import urlencode

import segno
import streamlit as st

from viz_app.kit.classes.records import Member
from viz_app.kit.classes.value import ClassError
from viz_app.kit.page import blocks, classroom
from viz_app.kit.page.browser import browser
from viz_app.kit.words import counted
from viz_app.text import say
from viz_app.text.plain import plain

CLAIMED = "class_claimed"
"""Of a phone: the class for which it shows a number."""

PAPER = """\
<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title></head>
<body style="font-family: sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem">
<p>{told}</p><p><a href="{link}">{link}</a></p>{code}</body></html>
"""


def offer(found: Member, address: str, place: Any) -> None:
    """Of the device that leads, folded; ``address`` is the page's, as phones know it."""
    with place.expander(say("class.lead_elsewhere")):
        st.markdown(say("class.clicker"))
        with st.form("class_admit", border=False, clear_on_submit=True):
            number = st.text_input(
                say("class.clicker_number"), max_chars=12, key="class_admit_number"
            )
            if st.form_submit_button(say("class.admit"), type="primary") and number.strip():
                classroom.admit(number)
                st.rerun()
        st.markdown(say("class.spare"))
        leader = browser()  # the file is made outside of any session
        blocks.download(
            say("class.spare_file"), f"class-{found.key}-private.html",
            lambda: paper(found.key, leader, address),
        )  # fmt: skip
        if others := len(found.state.leaders):
            st.markdown(counted("class.also_lead", others))
            st.button(
                say("class.lead_alone"), on_click=classroom.lead_alone,
                help=say("class.lead_alone_help"),
            )  # fmt: skip


def paper(word: str, leader: str, address: str) -> str:
    """The private link, as a page that can be kept, printed or scanned."""
    link = f"{address}?{urlencode({'lead': classroom.classes().private(word, leader)})}"
    code = segno.make(link, error="m").svg_inline(scale=6, border=2, light="white")
    told = say("class.spare_text", word=word)
    return PAPER.format(title=escape(word), told=escape(told), link=escape(link), code=code)


def claim(found: Member, place: Any) -> None:
    """For a student's device: the number by which the teacher lets it lead, where asked for."""
    if st.session_state.get(CLAIMED) != found.key:
        place.button(
            say("class.teacher"), type="tertiary", help=say("class.teacher_help"),
            on_click=st.session_state.update, args=({CLAIMED: found.key},),
        )  # fmt: skip
        return
    try:
        number = classroom.classes().claim(found.key, browser())
    except ClassError as error:
        place.warning(plain(error))
        return
    place.markdown(say("class.teacher_number", number=f"{number[:3]} {number[3:]}"))
