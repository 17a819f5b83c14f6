"""The class in a session: whoever is in one follows its teacher, and pages hand it what they ask.

`enter` and `Strip` stand around every page. A page that asks something calls `turn`, draws what it
says, keeps an answer by `give`, and shows what the class answered by `results`.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException

from viz_app.kit.classes.store import Classes, Member, right_ones
from viz_app.kit.classes.value import (
    Asked,
    Class,
    ClassError,
    Given,
    Phase,
    Turn,
    Where,
    next_move,
    turn_of,
)
from viz_app.kit.page import choices, class_bars, tabbed, window
from viz_app.kit.page.browser import browser
from viz_app.kit.words import counted, percent
from viz_app.pages import FRONT, PAGES, script
from viz_app.serving import names
from viz_app.serving.secrets import server_folder
from viz_app.text import say
from viz_app.text.plain import plain

LOOK_AGAIN = 1.0
"""Seconds between two looks at where the class is."""

STRIP = 60
"""Pixels that the strip takes above a page, where the window is not narrow."""

SEEN, SENT, DRAWN, PAGE = "_class_seen", "_class_sent", "_class_drawn", "_class_page"
"""Of this session: the moves of its class that it has followed, those after which it was sent
somewhere and how often, the version at which its page was drawn, and that page."""

LEADS = "_class_leads"
"""Whether it led its class when its page was drawn."""

ENDED = "_class_ended"
"""The class that has ended while this session was in it, whether it led it, and the page where that
is told."""

RUNS = "_class_runs"
"""How often a page of this session was drawn in a class."""

MOST_SENT = 5
"""So often a session is sent to one place."""

ASKED, NEXT, AT, TROUBLE = "_class_asked", "_class_next", "_class_at", "_class_trouble"
"""What its page asks, what comes after, which step of it this is, and what went wrong at the last
press of a button."""

GO = "_class_go"
"""Where the teacher goes at once, and everyone with them."""

OWN = (choices.LANGUAGE, "embed", "embed_options")
"""What stands in an address and is each reader's own business."""

PAGE_OF_CLASS = "class"
ADDRESSES = frozenset(address for addresses in PAGES.values() for address in addresses)

STYLE = """
.st-key-class_strip {border-bottom: 1px solid rgba(128, 128, 128, .35); padding-bottom: .4rem;
  margin-bottom: .2rem; row-gap: .3rem}
.st-key-class_strip [data-testid="stMarkdownContainer"] {margin: 0}
.st-key-class_strip p {margin: 0; line-height: 1.3}
"""


@st.cache_resource(show_spinner=False)
def classes() -> Classes:
    """The one store of classes, which all processes of a server share."""
    path = None
    if names.current() is not None:
        with suppress(OSError):  # then each process has classes of its own
            path = server_folder() / "classes.sqlite"
    return Classes(path)


def member() -> Member | None:
    """The class that this browser is in; None also while the store cannot be read."""
    try:
        return classes().member(browser())
    except ClassError as error:
        st.session_state[TROUBLE] = str(error)
        return None


def enter(page: str) -> None:
    """At the start of every page: be where the class is."""
    st.session_state[PAGE] = page or FRONT
    nothing_asked()
    found = None if st.context.is_embedded else member()
    _note_end(page or FRONT, found)
    st.session_state[DRAWN] = _version(found)
    st.session_state[LEADS] = found is not None and found.host
    tall = 0 if found is None or window.plain_window().narrow else STRIP
    st.session_state[window.ABOVE] = tall
    _follow(found, arriving=True)


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


def _draw(place: Any) -> None:
    if st.session_state[DRAWN] is None:
        trouble = st.session_state.pop(TROUBLE, None)
        if trouble:
            place.warning(plain(trouble))
        if (ended := st.session_state.get(ENDED)) is not None:
            key, led, _ = ended
            place.info(say("class.ended_led", word=key) if led else say("class.ended"))
        return
    with place:
        st.html(f"<style>{STYLE}</style>")
        again(_look)


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


def after(where: Where | None, at: Mapping[str, str] | None = None) -> None:
    """Where the class goes from this page, or step; ``at`` is what tells this step from others."""
    st.session_state[NEXT] = where
    st.session_state[AT] = at


def follows() -> str:
    """Who moves this page on: "" its reader, "host" the strip above it, "seat" the teacher."""
    found = member() if is_in() else None
    if found is None or found.state.pace == "own":
        return ""
    if found.host:
        return "host"
    return "" if found.state.where is None else "seat"


def turn(asked: Asked) -> Turn:
    """What a page draws of its question for this browser; alone where it is in no class."""
    found = member()
    if found is None:
        return Turn()
    st.session_state.setdefault(ASKED, {})[asked.place] = asked
    try:
        kept = classes().asked(found.key, asked.place)
        given = classes().given(found.key, found.seat, asked.place)
    except ClassError as error:
        st.session_state[TROUBLE] = str(error)
        return Turn()
    return turn_of(found.state, kept, given, asked.place, host=found.host)


def is_in() -> bool:
    """Whether this browser was in a class when its page was drawn."""
    return st.session_state.get(DRAWN) is not None


def nothing_asked() -> None:
    """The page asks nothing any more, and leads nowhere: before a part of it is drawn anew."""
    for name in (ASKED, NEXT, AT):
        st.session_state.pop(name, None)


def give(asked: Asked, answer: str, sure: int | None = None) -> None:
    """Keep this browser's answer, when a button is pressed; the strip says what went wrong."""
    found = member()
    if found is None:
        return
    now = found.state.asked
    round_ = now.round if now is not None and now.place == asked.place else 1
    if found.state.pace == "own":
        round_ = 1
    asked = replace(asked, where=asked.where or here())
    _try(lambda: classes().answer(found.key, browser(), asked, Given(round_, answer, sure)))


def results(asked: Asked, place: Any = st) -> None:
    """What the class answered, as bars beside what is right."""
    found = member()
    if found is None:
        return
    with suppress(ClassError):
        class_bars.draw(asked, classes().answers(found.key, asked.place), place)


def here() -> Where:
    """This very view's address."""
    query = {k: v for k, v in st.query_params.to_dict().items() if k not in OWN}
    return Where.of(st.session_state.get(PAGE, FRONT), query)


def go(where: Where) -> None:
    """Open an address as if for the first time: nothing that was chosen here before counts."""
    kept = (*choices.KEPT, *choices.NETWORKS, choices.WRITTEN, tabbed.LAST)
    for name in list(st.session_state):
        if name in kept or str(name).startswith("tab_"):
            st.session_state.pop(name, None)
    st.switch_page(script(where.page), query_params=dict(where.query))


def open_here() -> None:
    """Open a class, led by this browser, when a button is pressed."""
    _try(lambda: classes().open(browser()))


def take_part(key: str, name: str | None = None) -> None:
    """Be in a class, when a word is typed; the strip says why not."""
    _try(lambda: classes().join(key, browser(), name))


def leave() -> None:
    """Be in no class."""
    _try(lambda: classes().leave(browser()))


def lead(change: Callable[[Class], Class]) -> None:
    """Change how the class stands, when its teacher presses a button."""
    found = member()
    if found is not None:
        _try(lambda: classes().lead(found.key, browser(), change))


def show_names(shown: bool) -> None:
    """Whether the teacher sees nicknames."""
    lead(lambda state: replace(state, names=shown))


def end(key: str) -> None:
    """End a class that this browser leads, and remove its answers."""
    _try(lambda: classes().end(key, browser()))


def bring(where: Where | None = None, *, asks: Asked | None = None, opened: bool = False) -> None:
    """Call everyone to an address, or here with what is asked here; ``opened`` opens that too."""
    found = member()
    if found is None:
        return

    def do() -> None:
        asked = asks or (_next_asked(found) if where is None else None)
        if asked is not None:
            asked = replace(asked, where=here())
        classes().bring(found.key, browser(), where or here(), asked)
        if opened:
            classes().lead(found.key, browser(), Class.opened)

    _try(do)


def back(where: Where) -> None:
    """Go somewhere once the page is drawn, when a button is pressed."""
    st.session_state[GO] = where


def on() -> None:
    """The teacher goes on to what comes next, and everyone with them."""
    after: Where | None = st.session_state.get(NEXT)
    if after is not None:
        st.session_state[GO] = after


def _look() -> None:
    """Where the class is, again and again; the page follows."""
    try:
        found = classes().member(browser())
    except ClassError as error:
        st.caption(plain(error))
        return
    if (after := st.session_state.pop(GO, None)) is not None:
        if found is not None and found.host:
            bring(after)
        go(after)  # does not return
    _follow(found)
    if _version(found) != st.session_state[DRAWN]:
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


def _follow(found: Member | None, *, arriving: bool = False) -> None:
    """Go where the class was brought, unless this session has been there since.

    It has been there when the page is drawn: a page that is just drawn for another reason may take
    the place of the one that it was sent to, and then it is sent again.
    """
    if found is None or found.host or found.state.where is None or found.state.pace == "own":
        return
    moved, where = (found.key, found.state.moves), found.state.where
    sent, times = st.session_state.get(SENT, (None, 0))
    if st.session_state.get(SEEN) == moved:
        return
    at_page = st.session_state[PAGE] == where.page
    there = at_page and (here() == where or (arriving and sent == moved))
    if there or where.page not in ADDRESSES or (sent == moved and times >= MOST_SENT):
        st.session_state[SEEN] = moved
        return
    st.session_state[SENT] = moved, times + 1 if sent == moved else 1
    go(where)


def _note_end(page: str, found: Member | None) -> None:
    """Notice that the class of this session is gone, and forget it on another page."""
    before = st.session_state.get(DRAWN)
    ended = st.session_state.get(ENDED)
    if found is not None or (ended is not None and ended[2] != page):
        st.session_state.pop(ENDED, None)
    if found is None and before is not None:
        with suppress(ClassError):
            if not classes().is_there(before[0]):
                st.session_state[ENDED] = before[0], st.session_state.get(LEADS, False), page


def _version(found: Member | None) -> tuple[str, int] | None:
    return None if found is None else (found.key, found.state.version)


def _next_asked(found: Member) -> Asked | None:
    """Of what this page asks, what the class is at; else the first that was not shown yet."""
    asks: dict[str, Asked] = st.session_state.get(ASKED, {})
    now = found.state.asked
    if now is not None and now.place in asks and now.phase != "shown":
        return asks[now.place]
    for place, each in asks.items():
        kept = now if now is not None and now.place == place else classes().asked(found.key, place)
        if kept is None or kept.phase != "shown":
            return each
    return None if now is None else asks.get(now.place)


def _kept(found: Member, place: str) -> Phase | None:
    """How far a question of this page is; None where it was never asked."""
    now = found.state.asked
    kept = now if now and now.place == place else classes().asked(found.key, place)
    return None if kept is None else kept.phase


def _elsewhere(where: Where) -> bool:
    """Whether this is another step of the page where the class is."""
    at: Mapping[str, str] = st.session_state.get(AT) or {}
    there = dict(where.query)
    return any(there.get(name, value) != value for name, value in at.items())


def _led(found: Member) -> None:
    """The teacher's: how many are here, and what can be done now."""
    state, asks = found.state, _next_asked(found)
    seats = classes().seats(found.key)
    present = sum(seat.here for seat in seats)
    st.markdown(counted("class.here", present), width="content")
    if state.pace == "own":
        st.markdown(say("class.own_pace"), width="content")
        st.button(
            say("class.lead_again"), on_click=lead, args=(lambda each: each.paced("led"),),
            help=say("class.pace_help"),
        )  # fmt: skip
        return
    at = here()
    st.button(
        say("class.bring"), on_click=bring, disabled=state.where == at, help=say("class.bring_help")
    )
    if asks is not None:
        _question(found, asks, present)
    if st.session_state.get(NEXT) is not None:
        done = asks is None or _kept(found, asks.place) == "shown"
        st.button(
            say("class.next"), on_click=on, type="primary" if done else "secondary",
            help=say("class.next_help"),
        )  # fmt: skip
    if st.session_state[PAGE] != PAGE_OF_CLASS:  # there it stands beside the picture
        st.button(
            say("class.pace_own"), on_click=lead, args=(lambda each: each.paced("own"),),
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
            say("class.open"), on_click=bring, kwargs={"asks": asks, "opened": True},
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
        st.button(say("class.close"), on_click=lead, args=(Class.closed,), type="primary")
        return
    right = right_ones(now, answers)
    move = next_move(right, len(answers), now.round)
    share = percent(right / len(answers)) if answers else ""
    if now.phase == "closed":
        st.markdown(say(f"class.move_{move}", share=share), width="content")
        if not answers:
            st.button(
                say("class.reopen"), on_click=lead, args=(Class.reopened,), type="primary",
                help=say("class.reopen_help"),
            )  # fmt: skip
        elif now.round == 1:
            st.button(
                say("class.again"), on_click=lead, args=(Class.again,),
                type="primary" if move == "pairs" else "secondary", help=say("class.again_help"),
            )  # fmt: skip
        st.button(
            say("class.show"), on_click=lead, args=(Class.shown,),
            type="secondary" if move in ("pairs", "nobody") else "primary",
            help=say("class.show_help"),
        )  # fmt: skip
    elif answers:
        told = say("class.right", share=share, right=right, answers=len(answers))
        st.markdown(told, width="content")


def _seated(found: Member) -> None:
    """A student's: what to do now."""
    state, asks = found.state, _next_asked(found)
    if state.pace == "own":
        st.markdown(say("class.at_own_pace"), width="content")
        return
    where = state.where
    if where is None:
        st.markdown(say("class.wait_for_teacher"), width="content")
    elif where.page != st.session_state[PAGE] or _elsewhere(where):
        st.button(say("class.to_class"), on_click=_to_class)
    elif asks is not None:
        kept = classes().asked(found.key, asks.place)
        given = classes().given(found.key, found.seat, asks.place)
        seen = turn_of(state, kept, given, asks.place, host=False)
        answers = seen.stage == "answer"
        key = f"class.answer_{seen.round}" if answers else f"class.stage_{seen.stage}"
        st.markdown(say(key), width="content")
    else:
        st.markdown(say("class.follow"), width="content")


def _to_class() -> None:
    """Go where the class is, as if one was never there."""
    for name in (SEEN, SENT):
        st.session_state.pop(name, None)


def _try(action: Callable[[], Any]) -> None:
    try:
        action()
    except ValueError as error:  # of the class, or an answer that is none
        st.session_state[TROUBLE] = str(error)
