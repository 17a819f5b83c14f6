"""A game that a whole room plays: the teacher's screen and the students', which follow it."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from viz_app.features.mystery import round_blocks as shared
from viz_app.features.mystery import served as cached
from viz_app.features.mystery import words as mystery_words
from viz_app.features.mystery.game import MOST_SEATS, GameError, Stand
from viz_app.features.mystery.picture import Mystery
from viz_app.features.mystery.rounds import following
from viz_app.kit.page import blocks, choices, job_view, shell, stage, window
from viz_app.kit.page.browser import browser, unknown
from viz_app.kit.page.stage import Stage
from viz_app.text import say
from viz_app.text.plain import plain

CLASS, GUESSES, TROUBLE = "mystery_class", "mystery_class_guesses", "mystery_trouble"
QR = 190
"""Pixels of the code that a room's phones read from the projector."""


def asked() -> str | None:
    """The class game that the address asks for, or that this session is in."""
    found = choices.address("class")
    if found is None and "round" not in st.query_params:
        found = st.session_state.get(CLASS)
    return found


def begin(number: int) -> None:
    """Open a class game at a round, and go to it."""
    try:
        key = cached.games().open(browser(), number)
    except GameError as error:
        st.session_state[TROUBLE] = str(error)
        return
    st.session_state[CLASS] = key
    st.query_params.from_dict({"class": key})


def leave() -> None:
    """Back to playing alone; the game goes on."""
    st.session_state.pop(CLASS, None)
    st.query_params.clear()


def trouble() -> None:
    """What went wrong at the last press of a button, once, above the picture."""
    told = st.session_state.pop(TROUBLE, None)
    if told:
        choices.notice(plain(told))


def visit(key: str) -> None:
    """Draw a class game, for whoever leads it or for who guesses."""
    try:
        stand = cached.games().look(key, browser())
    except GameError as error:
        gone(str(error))
    st.session_state[CLASS] = key
    settle(key, stand)
    mystery = cached.round_of(stand.number)
    here = stage.stage(say("mystery.title"))
    trouble()
    if mystery is None:
        here.headline(say("mystery.nothing"))
        st.stop()
    here.headline(mystery_words.ask(mystery))
    (_led if stand.host else _played)(here, key, stand, mystery)
    with here.picture:
        shared.picture(stand.number, mystery, stand.revealed)
    if stand.revealed:
        shared.settings(mystery, here)
    choices.remember(**{"class": key})


def gone(told: str) -> None:
    """The game is not there: say so, and offer to play alone."""
    here = stage.stage(say("mystery.title"))
    _leave_button(here.bar)
    here.head.error(plain(told))
    st.stop()


def own_guesses(key: str) -> dict[int, int]:
    """What this session has guessed in a game, by how many rounds there were before."""
    kept = st.session_state.get(GUESSES)
    if kept is None or kept[0] != key:
        st.session_state[GUESSES] = kept = (key, {})
    found: dict[int, int] = kept[1]
    return found


def settle(key: str, stand: Stand) -> None:
    """Add the guesses whose answer is known by now to one's own score."""
    scored: set[tuple[str, int]] = st.session_state.setdefault(f"{GUESSES}_scored", set())
    numbers = [number for number, _ in stand.past] + ([stand.number] if stand.revealed else [])
    for place, guess in own_guesses(key).items():
        mystery = cached.round_of(numbers[place]) if place < len(numbers) else None
        if mystery is not None and (key, place) not in scored:
            scored.add((key, place))
            shared.right_ones().append(guess == mystery.answer)


def _played(here: Stage, key: str, stand: Stand, mystery: Mystery) -> None:
    """Beside a student's picture: guess, wait, see what others guessed, see the answer."""
    here.bar.markdown(mystery_words.score(shared.right_ones()), width="content")
    _leave_button(here.bar)
    place = here.controls.container(horizontal=here.window.narrow)
    mine = own_guesses(key).get(len(stand.past))
    offered = mystery_words.answers(mystery.riddle.kind, mystery.run)
    if stand.revealed:
        shared.answer(mystery, mine, place)
        shared.to_gates(mystery, place)
    elif stand.guessed and mine is not None:
        place.info(say("mystery.class_wait", guess=offered[mine]))
    elif stand.guessed:
        place.info(say("mystery.class_counted"))
    elif not browser():
        place.info(unknown())
    elif not stand.seated:
        place.info(say("mystery.class_full", most=MOST_SEATS))
    else:
        shared.guess_buttons(mystery, f"{key}_{len(stand.past)}", _guess(key, stand), place)
    with here.more:
        _live(key, stand, mystery)


def _guess(key: str, stand: Stand) -> Callable[[int], None]:
    """What a guess button does: count the guess, and keep it for one's own score."""

    def guess(answer: int) -> None:
        place = len(stand.past)
        try:
            cached.games().guess(key, browser(), (place, stand.number), answer)
        except GameError as error:
            st.session_state[TROUBLE] = str(error)
        else:
            own_guesses(key)[place] = answer

    return guess


def _led(here: Stage, key: str, stand: Stand, mystery: Mystery) -> None:
    """Beside the teacher's picture: the answers, the address, what was guessed."""
    here.bar.markdown(say("mystery.round", number=len(stand.past) + 1), width="content")
    _controls(here.bar, key, stand)
    if stand.revealed:
        shared.answer(mystery, None, here.told)
        shared.to_gates(mystery, here.told)
    else:
        here.told.markdown(mystery_words.offered(mystery))
    guesses, join = here.controls.container(), here.more.container()
    if not stand.shown:  # the address is looked at, not yet the guesses
        guesses, join = join, guesses
    with guesses:
        _live(key, stand, mystery)
    with join:
        st.caption(say("mystery.class_join"))
        address = (st.context.url or "").split("?")[0]
        shell.link(f"{address}?class={key}", window.scaled(QR))


def _controls(bar: DeltaGenerator, key: str, stand: Stand) -> None:
    """Show, reveal, go on, end."""
    games, host = cached.games(), browser()

    def do(action: Callable[..., None], *given: Any) -> None:
        try:
            action(key, host, *given)
        except GameError as error:
            st.session_state[TROUBLE] = str(error)

    bar.button(
        say("mystery.class_show"), shortcut="s", disabled=stand.shown, on_click=do,
        args=(games.show,), help=say("mystery.class_show_help"),
    )  # fmt: skip
    bar.button(
        say("mystery.class_reveal"), shortcut="v", disabled=stand.revealed, on_click=do,
        args=(games.reveal,), help=say("mystery.class_reveal_help"),
        type="secondary" if stand.revealed else "primary",
    )  # fmt: skip
    bar.button(
        say("mystery.next"), shortcut="n", on_click=do,
        args=(games.advance, len(stand.past), following(stand.number)),
        type="primary" if stand.revealed else "secondary", help=say("mystery.class_next_help"),
    )  # fmt: skip
    bar.button(
        say("mystery.class_end"), on_click=do, args=(games.end,), help=say("mystery.class_end_help")
    )


def _live(key: str, drawn: Stand, mystery: Mystery) -> None:
    """What the class has guessed, looked at again and again; the page follows the game."""

    def look() -> None:
        try:
            stand = cached.games().look(key, browser())
        except GameError:
            st.rerun()  # the whole page says so
        if stand.place != drawn.place:
            st.rerun()
        st.markdown(say("mystery.class_here", here=stand.here, guesses=stand.guesses))
        if stand.counts is None:
            hidden = "mystery.class_hidden_host" if stand.host else "mystery.class_hidden"
            st.caption(say(hidden))
        else:
            _counts(stand, mystery)

    st.fragment(look, run_every=job_view.LOOK_AGAIN)()


def _counts(stand: Stand, mystery: Mystery) -> None:
    """The guesses as bars and in words; how many were right once that is known."""
    assert stand.counts is not None
    offered = mystery_words.answers(mystery.riddle.kind, mystery.run)
    right = mystery.answer
    told = mystery_words.counted(offered, stand.counts)
    counts = tuple(stand.counts.get(number, 0) for number in range(len(offered)))
    chart = cached.guesses(offered, counts, right if stand.revealed else None, window.look())
    blocks.chart(chart, say("mystery.class_chart", counts=told))
    if stand.revealed:
        st.markdown(mystery_words.share(stand.counts, right))
        score = mystery_words.total([*_past(stand), (stand.counts, right)])
        if score:
            st.markdown(score)
    else:
        st.caption(told)


def _past(stand: Stand) -> list[tuple[Any, int]]:
    """The counts of each earlier round, and its right answer."""
    rounds = [(counts, cached.round_of(number)) for number, counts in stand.past]
    return [(counts, found.answer) for counts, found in rounds if found is not None]


def _leave_button(place: Any) -> None:
    place.button(
        say("mystery.class_leave"), on_click=leave, help=say("mystery.class_leave_help"),
    )  # fmt: skip
