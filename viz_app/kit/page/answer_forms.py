"""The widgets of a question: one way to answer for each of its kinds.

A place can be chosen in a picture too: the picture's page tells `touch`.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import streamlit as st

from viz_app.kit.chart import guess
from viz_app.kit.page import blocks, window
from viz_app.kit.question import Answer, Curve, Number, OneOf, Order, Place, Question
from viz_app.kit.words import brief, places_of
from viz_app.kit.words import number as numeral
from viz_app.text import say, words


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
    label, name = say("question.number"), f"{key}_number"
    label = say("question.number_in", number=label, unit=unit) if unit else label
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
    what = say(f"question.place_{question.axis}")
    for nth, column in enumerate(columns):
        label = say("question.place_nth", what=what, number=nth + 1, count=count)
        st.session_state.setdefault(f"{key}_place_{nth}", None)
        column.number_input(
            label if count > 1 else what, 0, question.places - 1, step=1,
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
