"""The class of a browser, as pages use it: what they ask in it, and what its members press.

A page that asks something calls `turn`, draws what it says, keeps an answer by `give`, and shows
what the class answered by `results`; `after` says where the class goes from there.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from operator import itemgetter
from typing import Any

import streamlit as st

from viz_app.kit.classes.records import Member
from viz_app.kit.classes.store import Classes
from viz_app.kit.classes.turn import Turn, turn_of
from viz_app.kit.classes.value import Asked, Class, ClassError, Given, Where
from viz_app.kit.page import choices, class_bars
from viz_app.kit.page.browser import browser
from viz_app.kit.question import Answer, AnswerError
from viz_app.pages import FRONT
from viz_app.serving import names
from viz_app.serving.secrets import server_folder

PAGE, DRAWN = "_class_page", "_class_drawn"
"""Of this session: its page, and the version of its class at which that was drawn."""

ASKED, NEXT, AT, TROUBLE = "_class_asked", "_class_next", "_class_at", "_class_trouble"
"""What its page asks, what comes after, which step of it this is, and what went wrong at the last
press of a button."""

PLANNED = "_class_planned"
"""What this session has kept as what there is to be asked, by class and place."""

GO = "_class_go"
"""Where the teacher goes at once, and everyone with them."""

OWN = (choices.LANGUAGE, "embed", "embed_options")
"""What stands in an address and is each reader's own business."""


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


def is_in() -> bool:
    """Whether this browser was in a class when its page was drawn."""
    return st.session_state.get(DRAWN) is not None


def here() -> Where:
    """This very view's address."""
    query = {k: v for k, v in st.query_params.to_dict().items() if k not in OWN}
    return Where.of(st.session_state.get(PAGE, FRONT), query)


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


def answered(asked: Asked) -> list[Answer]:
    """What everyone answered in the last round, where there is a class."""
    found, last = member(), {}
    if found is not None:
        with suppress(ClassError):
            rounds = sorted(classes().answers(found.key, asked.place).items(), key=itemgetter(0))
            last = {seat: given.answer for (seat, _), given in rounds}
    read = []
    for text in last.values():
        with suppress(AnswerError):
            read.append(asked.question.read(text))
    return read


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


def nothing_asked() -> None:
    """The page asks nothing any more, and leads nowhere: before a part of it is drawn anew."""
    for name in (ASKED, NEXT, AT):
        st.session_state.pop(name, None)


def next_asked(found: Member) -> Asked | None:
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


def open_here() -> None:
    """Open a class, led by this browser, when a button is pressed."""
    _try(lambda: classes().open(browser()))


def take_part(key: str, name: str | None = None) -> None:
    """Be in a class, when a word is typed; the strip says why not."""
    _try(lambda: classes().join(key, browser(), name))


def take_over(private: str) -> None:
    """Lead a class by its private link; the strip says why not."""
    _try(lambda: classes().take_over(private, browser()))


def admit(number: str) -> None:
    """Let the device that shows a number lead too; the strip says why not."""
    found = member()
    if found is not None:
        _try(lambda: classes().admit(found.key, browser(), number))


def lead_alone() -> None:
    """Take the lead from all other devices, when a button is pressed."""
    found = member()
    if found is not None:
        _try(lambda: classes().lead_alone(found.key, browser()))


def leads_at(page: str, **choices: str) -> bool:
    """Whether this browser leads a class, and has brought it to a page with these choices."""
    found = member() if is_in() else None
    if found is None or not found.host or found.state.pace == "own" or found.state.where is None:
        return False
    where = found.state.where
    return where.page == page and choices.items() <= dict(where.query).items()


def plan(asks: Sequence[Asked]) -> None:
    """Keep what there is to be asked where the class is, once; only who leads it does."""
    found = member()
    if found is None or not found.host:
        return
    known: set[tuple[str, str]] = st.session_state.setdefault(PLANNED, set())
    new = [each for each in asks if (found.key, each.place) not in known]
    if new:
        _try(lambda: classes().plan(found.key, browser(), new))
        known.update((found.key, each.place) for each in new)


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
        asked = asks or (next_asked(found) if where is None else None)
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


def _try(action: Callable[[], Any]) -> None:
    try:
        action()
    except ValueError as error:  # of the class, or an answer that is none
        st.session_state[TROUBLE] = str(error)
