"""The strip above every page of a class: where the class is, and what to do next."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException

from viz_app.kit.classes.records import Member
from viz_app.kit.classes.tally import right_ones
from viz_app.kit.classes.turn import next_move, turn_of
from viz_app.kit.classes.value import Asked, Class, ClassError, Phase, Where
from viz_app.kit.page import class_follow, classroom
from viz_app.kit.page.browser import browser
from viz_app.kit.page.classroom import ASKED, AT, DRAWN, GO, NEXT, PAGE, TROUBLE, classes
from viz_app.kit.words import counted, percent
from viz_app.pages import script
from viz_app.text import say
from viz_app.text.plain import plain

LOOK_AGAIN = 1.0
"""Seconds between two looks at where the class is."""

RUNS = "_class_runs"
"""How often a page of this session was drawn in a class."""

PAGE_OF_CLASS = "class"

STYLE = """
.st-key-class_strip {border-bottom: 1px solid rgba(128, 128, 128, .35); padding-bottom: .4rem;
  margin-bottom: .2rem; row-gap: .3rem}
.st-key-class_strip [data-testid="stMarkdownContainer"] {margin: 0}
.st-key-class_strip p {margin: 0; line-height: 1.3}
.st-key-class_strip:not(:has(button)) {flex-wrap: nowrap}
"""


class Strip:
    """A with-block around a page: above it is said where its class is and what to do next.

    Only at its end it is known what the page asks; a page may end itself. One that is drawn anew
    leaves what is to be said to the next one.
    """

    def __enter__(self) -> None:
        self._place = st.container()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not isinstance(error, RerunException):
            _draw(self._place)


def again(look: Callable[[], None]) -> None:
    """Draw a part of a page, again and again, under another name after each run of the page.

    A look that was asked for before the page was drawn anew, and comes when it just has been, would
    have Streamlit forget to tell the browser that it shall look again: the phone would stay behind.
    Streamlit does not hear a look of a name that is no more.
    """
    st.session_state[RUNS] = st.session_state.get(RUNS, 0) + 1

    def named() -> None:
        look()

    named.__qualname__ = named.__name__ = f"look_{st.session_state[RUNS]}"
    st.fragment(named, run_every=LOOK_AGAIN)()


def _draw(place: Any) -> None:
    if st.session_state[DRAWN] is None:
        trouble = st.session_state.pop(TROUBLE, None)
        if trouble:
            place.warning(plain(trouble))
        if (ended := st.session_state.get(class_follow.ENDED)) is not None:
            key, led, _ = ended
            place.info(say("class.ended_led", word=key) if led else say("class.ended"))
        return
    with place:
        st.html(f"<style>{STYLE}</style>")
        again(_look)


def _look() -> None:
    """Where the class is, again and again; the page follows."""
    try:
        found = classes().member(browser())
    except ClassError as error:
        st.caption(plain(error))
        return
    if (after := st.session_state.pop(GO, None)) is not None:
        if found is not None and found.host:
            classroom.bring(after)
        class_follow.go(after)  # does not return
    class_follow.follow(found)
    if class_follow.version(found) != st.session_state[DRAWN]:
        st.rerun()
    if found is None:
        return
    trouble = st.session_state.pop(TROUBLE, None)
    row = st.container(key="class_strip", horizontal=True, vertical_alignment="center", gap="small")
    with row:
        st.page_link(
            script(PAGE_OF_CLASS), label=f"**{found.key}**", icon=":material/groups:",
            help=say("class.page_help"),
        )  # fmt: skip
        (_led if found.host else _seated)(found)
    if trouble:
        st.warning(plain(trouble))


def _led(found: Member) -> None:
    """The teacher's: how many are here, and what can be done now."""
    state, asks = found.state, classroom.next_asked(found)
    seats = classes().seats(found.key)
    present = sum(seat.here for seat in seats)
    st.markdown(counted("class.here", present), width="content")
    if state.pace == "own":
        st.markdown(say("class.own_pace"), width="content")
        st.button(
            say("class.lead_again"), on_click=classroom.lead,
            args=(lambda each: each.paced("led"),), help=say("class.pace_help"),
        )  # fmt: skip
        return
    st.button(
        say("class.bring"), on_click=classroom.bring, disabled=state.where == classroom.here(),
        help=say("class.bring_help"),
    )  # fmt: skip
    if state.where is not None and _is_elsewhere(state.where):
        st.button(say("class.to_class"), on_click=class_follow.anew)
    if state.where == classroom.here():
        asked: Mapping[str, Asked] = st.session_state.get(ASKED, {})
        classroom.plan([replace(each, where=state.where) for each in asked.values()])
    if asks is not None:
        _question(found, asks, present)
    if st.session_state.get(NEXT) is not None:
        done = asks is None or _kept(found, asks.place) == "shown"
        st.button(
            say("class.next"), on_click=classroom.on, type="primary" if done else "secondary",
            help=say("class.next_help"),
        )  # fmt: skip
    if st.session_state[PAGE] != PAGE_OF_CLASS:  # there it stands beside the picture
        st.button(
            say("class.pace_own"), on_click=classroom.lead, args=(lambda each: each.paced("own"),),
            type="tertiary", help=say("class.pace_help"),
        )  # fmt: skip


def _question(found: Member, asks: Asked, present: int) -> None:
    """What can be done with the question of this page."""
    now = found.state.asked
    if now is not None and now.place == asks.place and now.phase != "waiting":
        _phase(found, now, present)
        return
    if _kept(found, asks.place) != "shown":
        st.button(
            say("class.open"), on_click=classroom.bring, kwargs={"asks": asks, "opened": True},
            type="primary", help=say("class.open_help"),
        )  # fmt: skip


def _phase(found: Member, now: Asked, present: int) -> None:
    """What can be done with the question that the class is at."""
    answers = [
        given for (_, round_), given in classes().answers(found.key, now.place).items()
        if round_ == now.round
    ]  # fmt: skip
    if now.phase == "open":
        told = say("class.answered", answers=len(answers), here=max(present, len(answers)))
        st.markdown(told, width="content")
        st.button(say("class.close"), on_click=classroom.lead, args=(Class.closed,), type="primary")
        return
    right = right_ones(now, answers)
    move = next_move(right, len(answers), now.round)
    share = percent(right / len(answers)) if answers else ""
    if now.phase == "closed":
        st.markdown(say(f"class.move_{move}", share=share), width="content")
        if not answers:
            st.button(
                say("class.reopen"), on_click=classroom.lead, args=(Class.reopened,),
                type="primary", help=say("class.reopen_help"),
            )  # fmt: skip
        elif now.round == 1:
            st.button(
                say("class.again"), on_click=classroom.lead, args=(Class.again,),
                type="primary" if move == "pairs" else "secondary", help=say("class.again_help"),
            )  # fmt: skip
        st.button(
            say("class.show"), on_click=classroom.lead, args=(Class.shown,),
            type="secondary" if move in ("pairs", "nobody") else "primary",
            help=say("class.show_help"),
        )  # fmt: skip
    elif answers:
        told = say("class.right", share=share, right=right, answers=len(answers))
        st.markdown(told, width="content")


def _kept(found: Member, place: str) -> Phase | None:
    """How far a question of this page is; None where it was never asked."""
    now = found.state.asked
    kept = now if now and now.place == place else classes().asked(found.key, place)
    return None if kept is None else kept.phase


def _seated(found: Member) -> None:
    """A student's: what to do now."""
    state, asks = found.state, classroom.next_asked(found)
    if state.pace == "own":
        st.markdown(say("class.at_own_pace"), width="content")
        return
    where = state.where
    if where is None:
        st.markdown(say("class.wait_for_teacher"), width="content")
    elif _is_elsewhere(where):
        st.button(say("class.to_class"), on_click=class_follow.anew)
    elif asks is not None:
        kept = classes().asked(found.key, asks.place)
        given = classes().given(found.key, found.seat, asks.place)
        seen = turn_of(state, kept, given, asks.place, host=False)
        answers = seen.stage == "answer"
        key = f"class.answer_{seen.round}" if answers else f"class.stage_{seen.stage}"
        st.markdown(say(key), width="content")
    else:
        st.markdown(say("class.follow"), width="content")


def _is_elsewhere(where: Where) -> bool:
    """Whether this is another page than that where the class is, or another step of it."""
    if where.page != st.session_state[PAGE]:
        return True
    at: Mapping[str, str] = st.session_state.get(AT) or {}
    there = dict(where.query)
    return any(there.get(name, value) != value for name, value in at.items())
