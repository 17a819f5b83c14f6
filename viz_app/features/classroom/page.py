"""Class: open one, join one, who is here, and what the class answered beside what is right."""

import os

import streamlit as st

from viz_app.features.classroom import closing, joining, second
from viz_app.kit.classes.database import DAYS
from viz_app.kit.classes.records import Member
from viz_app.kit.classes.value import ClassError
from viz_app.kit.environment import LOCAL
from viz_app.kit.page import (
    choices,
    class_follow,
    class_strip,
    classroom,
    shell,
    stage,
    tabbed,
    window,
)
from viz_app.kit.page.browser import browser, unknown
from viz_app.kit.page.stage import Stage
from viz_app.kit.words import counted
from viz_app.serving import names
from viz_app.serving.addresses import with_host
from viz_app.text import say
from viz_app.text.plain import plain

QR = 300  # pixels of the code that a room's phones read from the projector
WORD = ".st-key-class_word h1 {font-size: 4.2rem; letter-spacing: .06em; padding: .2rem 0 1rem 0}"

NICKNAME, KEPT = "class_nickname", "_class_nickname_kept"
HOST = "class_host"


def outside(here: Stage) -> None:
    """Of who is in no class: join one, or open one."""
    here.headline(say("class.what"))
    with here.picture, st.form("class_join", border=False):
        word = st.text_input(say("class.word"), max_chars=24, help=say("class.word_help"))
        name = st.text_input(
            say("class.nickname"), max_chars=24, help=say("class.nickname_help", days=DAYS)
        )
        if st.form_submit_button(say("class.join"), type="primary") and word.strip():
            classroom.take_part(word, name or None)
            st.rerun()
    here.told.markdown(say("class.for_teachers"))
    here.told.button(
        say("class.begin"), on_click=classroom.open_here, help=say("class.begin_help"),
        width="stretch",
    )  # fmt: skip
    _earlier(here, "")


def led(here: Stage, found: Member) -> None:
    """Of who leads it: the word and the code, who is here, what was answered, and its end."""
    address, hosts = _addresses()
    with here.picture:
        tab, place = tabbed.tabs("class.tab_", ["join", "answers"])
    with place:
        if tab == "answers":
            closing.show(found, here)
        else:
            here.headline(say("class.alone_how" if found.state.pace == "own" else "class.lead_how"))
            _how_to_join(found.key, address, hosts)
    _settings(here, found, with_host(address, st.session_state[HOST]))
    _earlier(here, found.key)


def _how_to_join(key: str, address: str, hosts: list[str]) -> None:
    """The word large, and the code for the address that the teacher chooses."""
    code, word = st.columns([2, 3], gap="medium")
    st.html(f"<style>{WORD}</style>")
    with word.container(key="class_word"):
        st.markdown(say("class.type_word", address=with_host(address, st.session_state[HOST])))
        st.markdown(f"# {key}")
        if len(hosts) > 1:
            st.selectbox(say("class.network"), hosts, key=HOST, help=say("class.network_help"))
        _here(key)
    with code:
        chosen = with_host(address, st.session_state[HOST])
        shell.link(f"{chosen}?join={key}", window.scaled(QR))


def _addresses() -> tuple[str, list[str]]:
    """This page's address, and the hosts by which phones may know it; one of them is chosen."""
    address = (st.context.url or "").split("?")[0]
    hosts = joining.hosts(address, os.environ.get(LOCAL) == "1")
    choices.keep(HOST, hosts, hosts[0])
    return address, hosts


def _here(key: str) -> None:
    """Who is here, looked at again and again."""

    def look() -> None:
        found = classroom.member()
        if found is None or found.key != key:
            return
        seats = classroom.classes().seats(key)
        st.markdown(counted("class.joined", len(seats), here=sum(seat.here for seat in seats)))
        if found.state.names:
            named = [plain(seat.name) or str(seat.number) for seat in seats if seat.here]
            st.caption(" · ".join(named))

    class_strip.again(look)


def _settings(here: Stage, found: Member, address: str) -> None:
    """How the class goes on, and how it ends; ``address`` is this page's, as phones know it."""
    key, state = found.key, found.state
    other = "own" if state.pace == "led" else "led"
    here.controls.button(
        say(f"class.pace_{other}"), width="stretch", help=say("class.pace_help"),
        on_click=classroom.lead, args=(lambda each: each.paced(other),),
    )  # fmt: skip
    shown = here.controls.toggle(
        say("class.names"), state.names, key=f"class_names_{key}_{state.names}",
        help=say("class.names_help"),
    )  # fmt: skip
    if shown != state.names:
        classroom.show_names(shown)
        st.rerun()
    closing.download(found, here.controls)
    here.controls.button(say("class.leave"), on_click=classroom.leave, width="stretch")
    if here.controls.button(say("class.end"), width="stretch", help=say("class.end_help")):
        _confirm(key)
    second.offer(found, address, here.more)
    here.more.caption(say("class.removed", days=DAYS))


def _confirm(key: str) -> None:
    """Ask once more before all answers are removed."""

    def ask() -> None:
        st.caption(say("class.end_final"))
        if st.button(
            say("teacher.yes"), type="primary", key="class_end_yes", on_click=classroom.end,
            args=(key,),
        ):  # fmt: skip
            st.rerun()

    st.dialog(say("class.end_sure"))(ask)()


def _earlier(here: Stage, key: str) -> None:
    """Classes that this browser leads and is not in now: go on with one."""
    try:
        rows = [row for row in classroom.classes().led_by(browser()) if row.key != key]
    except ClassError:
        return
    if rows and browser():
        here.more.markdown(say("class.earlier"))
        for row in rows:
            here.more.button(
                say("class.go_on", word=row.key, answers=row.answers), width="stretch",
                key=f"class_again_{row.key}", on_click=classroom.take_part, args=(row.key,),
            )  # fmt: skip


def seated(here: Stage, found: Member) -> None:
    """Of a student: that one is in, a nickname, what was answered and shown, the way out."""
    here.headline(say("class.you_are_in", word=found.key))
    with here.picture:
        closing.show(found, here)
    st.session_state.setdefault(NICKNAME, found.name)
    name = here.controls.text_input(
        say("class.nickname"), max_chars=24, key=NICKNAME,
        help=say("class.nickname_help", days=DAYS),
    )  # fmt: skip
    if name != found.name:
        classroom.take_part(found.key, name)
        st.session_state[KEPT] = True
        st.rerun()
    if st.session_state.pop(KEPT, False):
        here.controls.caption(say("class.nickname_kept" if name else "class.nickname_gone"))
    where = found.state.where
    if where is not None and found.state.pace == "own":  # led, it is in the strip
        here.controls.button(
            say("class.to_class"), width="stretch", on_click=classroom.back, args=(where,)
        )
    here.controls.button(
        say("class.leave"), on_click=classroom.leave, width="stretch", help=say("class.leave_help")
    )
    second.claim(found, here.more)
    here.more.caption(say("class.removed", days=DAYS))


def body() -> None:
    """The page."""
    if (lead := choices.address("lead")) is not None:
        st.query_params.clear()
        classroom.take_over(lead)
        class_follow.anew()
        st.rerun()
    if (word := choices.address("join")) is not None:
        choices.rewrite({})
        classroom.take_part(word)
        st.rerun()
    here = stage.stage(say("class.title"), axis=0)
    if not browser():
        here.picture.info(unknown())
        return
    if names.current() is None:
        here.more.caption(say("class.tab_alone"))
    found = classroom.member()
    if found is None:
        outside(here)
    else:
        (led if found.host else seated)(here, found)


body()
