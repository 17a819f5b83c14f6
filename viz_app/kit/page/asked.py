"""A question on a page: its widgets, and the answer that was given first, with how sure.

``ask(question, texts, key)`` is the one call of all pages that ask: a lesson's step, Intervene,
Mystery, Retention. It draws the widgets until there is an answer, and returns it from then on.
A place can be chosen in a picture too: the picture's page tells `touch`.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import streamlit as st

from viz_app.kit.chart import guess
from viz_app.kit.classes.value import Asked, Turn
from viz_app.kit.page import blocks, classroom, window
from viz_app.kit.question import (
    SURE,
    Answer,
    AnswerError,
    Curve,
    Number,
    OneOf,
    Order,
    Place,
    Question,
)
from viz_app.kit.words import brief, places_of
from viz_app.kit.words import number as numeral
from viz_app.text import say, words
from viz_app.text.plain import plain

ANSWERS = "answers"
"""Where a session keeps all answers, as text by their key."""

AT = "@"
"""Between an answer and how sure its giver is."""


class Texts(NamedTuple):
    """The words of a question.

    Attributes
    ----------
    asks
        What is asked.
    options
        Of one of several, and of an order: what there is.
    titles
        Of a number its unit, of a curve its two axes.
    """

    asks: str
    options: Sequence[str] = ()
    titles: Sequence[str] = ()


class Given(NamedTuple):
    """An answer, and how sure its giver was: one of `SURE`, or None where that was left open."""

    answer: Answer
    sure: int | None


class Seen(NamedTuple):
    """What is drawn of a question.

    Attributes
    ----------
    told
        Whether the truth is: one has answered, or the class is shown it.
    given
        What this browser answered; None while there is nothing, and of whoever came too late.
    turn
        Of a class, what may be done now.
    asked
        The question as a class takes it.
    """

    told: bool
    given: Given | None
    turn: Turn
    asked: Asked

    @property
    def may_answer(self) -> bool:
        """Whether the widgets are drawn."""
        return not self.told and self.turn.stage in ("alone", "answer")


def seen(question: Question, texts: Texts, key: str) -> Seen:
    """What is drawn of a question: alone the truth once it is answered, in a class as that goes."""
    asked = Asked(key, question, texts.asks, tuple(texts.options))
    turn = classroom.turn(asked)
    if turn.stage == "alone":
        own = given(question, key)
        return Seen(own is not None, own, turn, asked)
    last = turn.last
    if last is None:
        return Seen(turn.told, None, turn, asked)
    found = read(question, last.answer, last.sure)
    if turn.told and found is not None and given(question, key) is None:
        put(key, written(question, found.answer, found.sure))  # progress knows it too
    return Seen(turn.told, found, turn, asked)


def ask_of(shown: Seen, texts: Texts, key: str) -> None:
    """The widgets of a question that may be answered; in a class also what is waited for."""
    if shown.may_answer:
        ask(shown.asked.question, texts, key, shown=shown)
        return
    lines = [f"**{texts.asks}**", "\n".join(f"- {each}" for each in texts.options)]
    if shown.given is not None:
        said = shown.asked.said(shown.asked.question.write(shown.given.answer))
        lines.append(say("class.you_said", answer=plain(said)))
    st.markdown("\n\n".join(filter(None, lines)))


def ask(
    question: Question, texts: Texts, key: str, place: Any = None, shown: Seen | None = None
) -> Given | None:
    """The answer that was given; without one, its widgets, and None.

    Parameters
    ----------
    question, texts
        What is asked, and its words.
    key
        Under which the answer is kept: another for each question of the app.
    place
        Where on the page; None is here.
    shown
        Where a class asks too: its turn. An answer is then the class's.
    """
    in_class = shown is not None and shown.turn.stage != "alone"
    found = None if in_class else given(question, key)
    if found is not None:
        return found

    def keep(text: str) -> None:
        if shown is None or not in_class:
            put(key, text)
            return
        answer, _, sure = text.partition(AT)
        classroom.give(shown.asked, answer, int(sure) if sure else None)

    with st.container() if place is None else place:
        st.markdown(f"**{texts.asks}**")
        answer = FORMS[question.kind](question, texts, key)
        sure = st.segmented_control(
            say("question.sure"), SURE, key=f"{key}_sure",
            format_func=lambda each: say(f"question.sure_{each}"),
        )  # fmt: skip
        text = None if answer is None else written(question, answer, sure)
        st.button(
            say("question.guess"), type="primary", disabled=text is None, key=f"{key}_given",
            on_click=lambda: keep(str(text)), width="stretch",
        )  # fmt: skip
    return None


def given(question: Question, key: str) -> Given | None:
    """The answer that was given, where it still is one."""
    text, _, sure = answers().get(key, "").partition(AT)
    return read(question, text, int(sure) if sure in map(str, SURE) else None) if text else None


def read(question: Question, text: str, sure: int | None) -> Given | None:
    """An answer from its text; None where it is one of an earlier version of the question."""
    try:
        return Given(question.read(text), sure)
    except AnswerError:
        return None


def written(question: Question, answer: Answer, sure: int | None) -> str:
    """An answer as it is kept."""
    return question.write(answer) + (f"{AT}{sure}" if sure else "")


def answers() -> dict[str, str]:
    """All answers of this session, by key."""
    found: dict[str, str] = st.session_state.setdefault(ANSWERS, {})
    return found


def put(key: str, text: str) -> None:
    """Keep an answer."""
    answers()[key] = text


def forget(key: str) -> None:
    """Let it be answered anew."""
    answers().pop(key, None)
    for name in list(st.session_state):
        if str(name).startswith(f"{key}_"):
            del st.session_state[name]


def touch(question: Question, key: str, place: int) -> None:
    """Take over a place that was chosen in a picture: a new one, or none where it was chosen."""
    if not isinstance(question, Place) or not 0 <= place < question.places:
        return
    chosen = touched(question, key)
    if place in chosen:
        chosen.remove(place)
    else:
        chosen = [*chosen, place][-len(question.truth) :]
    for nth in range(len(question.truth)):
        st.session_state[f"{key}_place_{nth}"] = dict(enumerate(chosen)).get(nth)


def touched(question: Question, key: str) -> list[int]:
    """The places that are chosen so far."""
    if not isinstance(question, Place):
        return []
    found = [st.session_state.get(f"{key}_place_{k}") for k in range(len(question.truth))]
    return [int(each) for each in found if each is not None]


def _one(question: Question, texts: Texts, key: str) -> Answer | None:
    found: int | None = st.radio(
        texts.asks, range(len(texts.options)), index=None, key=f"{key}_one",
        format_func=lambda number: texts.options[number], label_visibility="collapsed",
    )  # fmt: skip
    return found


def _number(question: Question, texts: Texts, key: str) -> Answer | None:
    assert isinstance(question, Number)
    unit = texts.titles[0] if texts.titles else ""
    label, name = unit or say("question.number"), f"{key}_number"
    if question.log:
        found = st.select_slider(
            label, question.places(), value=question.start(), format_func=numeral, key=name,
            on_change=_move, args=(key, (name,)),
        )  # fmt: skip
    else:
        found = st.slider(
            label, float(question.low), float(question.high), question.start(),
            float(question.step), format=f"%.{places_of(question.step)}f", key=name,
            on_change=_move, args=(key, (name,)),
        )  # fmt: skip
    return float(found) if _moved(key, (found,)) else None


def _move(key: str, names: Sequence[str]) -> None:
    """Keep that sliders were moved, and where to: where they are drawn anew, they were not."""
    st.session_state[f"{key}_moved"] = tuple(float(st.session_state[name]) for name in names)


def _moved(key: str, values: Sequence[float]) -> bool:
    """Whether sliders were moved to where they are; else it is said that they have to be."""
    found = st.session_state.get(f"{key}_moved") == tuple(map(float, values))
    if not found:
        st.caption(say("question.move"))
    return found


def _place(question: Question, texts: Texts, key: str) -> Answer | None:
    assert isinstance(question, Place)
    count = len(question.truth)
    st.caption(say("question.place_how"))
    columns = st.columns(count) if count < 4 else [st.container()] * count
    for nth, column in enumerate(columns):
        st.session_state.setdefault(f"{key}_place_{nth}", None)
        column.number_input(
            say(f"question.place_{question.axis}"), 0, question.places - 1, step=1,
            key=f"{key}_place_{nth}", placeholder=f"0 – {question.places - 1}",
        )  # fmt: skip
    chosen = touched(question, key)
    return tuple(sorted(chosen)) if len(set(chosen)) == count else None


def _curve(question: Question, texts: Texts, key: str) -> Answer | None:
    assert isinstance(question, Curve)
    titles = (*texts.titles, "", "")
    middle, step = (question.low + question.high) / 2, (question.high - question.low) / 50
    names = [f"{key}_point_{k}" for k in range(len(question.at))]
    picture = st.container()
    heights = tuple(
        float(
            st.slider(
                f"{titles[0]} {brief(at) if at != int(at) else int(at)}".strip(),
                float(question.low), float(question.high), middle, step, key=names[k],
                on_change=_move, args=(key, names),
            )
        )
        for k, at in enumerate(question.at)
    )  # fmt: skip
    ends = (question.low, question.high)
    spec = guess.curve(
        words(), question.at, heights, None, ends, window.look(), titles=(titles[0], titles[1])
    )
    told = say("question.curve_alt", heights=", ".join(map(brief, heights)))
    blocks.chart(spec, told, place=picture)
    return heights if _moved(key, heights) else None


def _order(question: Question, texts: Texts, key: str) -> Answer | None:
    st.caption(say("question.order_how"))
    name = f"{key}_order"
    chosen: list[int] = st.session_state.setdefault(name, [])

    def take(thing: int) -> None:
        st.session_state[name] = [*chosen, thing]

    for place, thing in enumerate(chosen):
        st.markdown(f"{place + 1}. {texts.options[thing]}")
    for thing, text in enumerate(texts.options):
        if thing not in chosen:
            st.button(
                text, key=f"{key}_take_{thing}", on_click=take, args=(thing,), width="stretch"
            )
    st.button(
        say("question.order_anew"), key=f"{key}_anew", disabled=not chosen, type="tertiary",
        on_click=lambda: st.session_state.update({name: []}),
    )  # fmt: skip
    return tuple(chosen) if len(chosen) == len(texts.options) else None


FORMS: dict[str, Callable[[Question, Texts, str], Answer | None]] = {
    OneOf.kind: _one, Number.kind: _number, Place.kind: _place, Curve.kind: _curve,
    Order.kind: _order,
}  # fmt: skip
"""The widgets of each kind; each returns an answer, or None while there is none."""
