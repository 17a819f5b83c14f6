"""One step of a lesson: words, free play, the guess, the picture with the guess, the reason."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import streamlit as st

from viz_app.features.lessons import controls, guesses, picture, progress
from viz_app.features.lessons.asked import Asked
from viz_app.features.lessons.builds import build_of
from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.lesson import lesson, names
from viz_app.features.lessons.value import Goal, Lesson, Step
from viz_app.features.lessons.words import fill
from viz_app.kit.classes.value import Asked as InClass
from viz_app.kit.classes.value import Where
from viz_app.kit.page import asked, classroom, stage, terms
from viz_app.kit.page import served as cached
from viz_app.kit.page.answer_forms import Texts, touch, touched
from viz_app.kit.page.kept_answers import Given
from viz_app.kit.page.stage import Stage
from viz_app.kit.panels import OfLines
from viz_app.kit.question import Curve, OneOf, Place, Question
from viz_app.kit.words import spoken
from viz_app.text import say

Open = Callable[[Lesson | None, str | None], None]
"""Called with where to go."""

SHARE = 0.62
"""Of the width that the picture takes."""

STYLE = """
.st-key-lessons_progress_place {display: none}
.st-key-headline p {font-size: 1.05rem; font-weight: 400}
.st-key-told p {margin-bottom: .5rem}
.st-key-picture :is(canvas, svg) {touch-action: pan-y}
.st-key-ways {margin-top: .3rem}
"""

ALONE = """
:is(.st-key-told, .st-key-questions, .st-key-headline > [data-testid="stElementContainer"],
  .st-key-ways) {max-width: 46rem}
"""
"""Without a picture a line of words is no longer than one reads."""


def step(opened: Lesson, name: str, go: Open) -> None:
    """The step of that id, or the questions at the end."""
    found = opened.step(name)
    seen = picture.view_at(found.view) if found and found.view else None
    axis, alone = picture.margin(seen), seen is None
    here = stage.stage(opened.title, axis=axis, share=SHARE, wide=alone)
    st.html(f"<style>{STYLE + (ALONE if alone else '')}</style>")
    steps = progress.steps_of(opened)
    place = steps.index(name)
    here.bar.caption(say("lessons.place", step=place + 1, count=len(steps)), width="content")
    here.bar.button(
        say("lessons.all"), type="tertiary", on_click=go, args=(None, None), key="lessons_all"
    )
    facts = facts_of(opened.id, cached.recordings)
    on = dict(pairwise(steps)).get(name)
    classroom.after(
        Where.of("lessons", {"lesson": opened.id, "step": on}) if on else None,
        {"lesson": opened.id, "step": name},
    )
    plan(opened, facts)
    whole = closing(opened, facts, here) if found is None else shown(opened, found, facts, here)
    ways(opened, place, here.more, go, answered=whole)


def plan(opened: Lesson, facts: Any) -> None:
    """Where a class is led through it, its table has the questions that are left out too."""
    if not classroom.leads_at("lessons", lesson=opened.id):
        return
    asks = []
    for name, question in opened.questions.items():
        step = name if opened.step(name) else progress.END
        told, where = question.told(facts), Where.of("lessons", {"lesson": opened.id, "step": step})
        options = tuple(told.options.values())
        kind = question.question(facts)
        asks.append(InClass(f"{opened.id}.{name}", kind, told.asks, options, where))
    classroom.plan(asks)


def ways(opened: Lesson, place: int, where: Any, go: Open, *, answered: bool) -> None:
    """Back and on."""
    steps = progress.steps_of(opened)
    row = where.container(key="ways", horizontal=True, horizontal_alignment="distribute")

    def on(where: Lesson | None, step: str | None) -> None:
        progress.see(opened.id, steps[place])
        go(where, step)

    row.button(
        say("lessons.back"), disabled=place == 0, key="lessons_back", on_click=go,
        args=(opened, steps[max(place - 1, 0)]), icon=":material/arrow_back:",
    )  # fmt: skip
    last = place + 1 == len(steps)
    mover = classroom.follows()
    if mover == "seat" or (mover == "host" and not last):
        row.caption(say(f"lessons.next_{mover}"), width="content")
        return
    later = (lesson(name) for name in names())
    following = next((each for each in later if last and each.number > opened.number), None)
    if following is not None and not mover:
        row.button(
            say("lessons.next_lesson"),
            key="lessons_next_lesson",
            on_click=on,
            args=(following, progress.next_of(following)),
        )
    row.button(
        say("lessons.finish" if last else "lessons.next"), key="lessons_next", on_click=on,
        args=(None, None) if last else (opened, steps[place + 1]),
        type="primary" if answered else "secondary", icon=":material/arrow_forward:",
    )  # fmt: skip


def shown(opened: Lesson, step: Step, facts: Any, here: Stage) -> bool:
    """A step; returns whether nothing is left to be answered in it."""
    key = f"{opened.id}.{step.id}"
    question = step.question.question(facts) if step.question else None
    seen, given = None, None
    if step.question is not None and question is not None:
        texts = texts_of(step.question.told(facts))
        seen = asked.seen(question, texts, key)
        given = seen.given if seen.told else None
    words = here.head if here.window.narrow or step.view is None else here.told
    terms.explain(fill(step.words, facts), words)
    hidden = seen is not None and not seen.told
    address = step.before if hidden else step.view
    view = picture.view_at(address).complete(cached.recordings) if address else None
    if view is not None:
        as_told, note = view, words.container()
        view = controls.ask(view, step.controls, key, here.controls)
        if view != as_told:  # the step's words are of the view that it names
            note.caption(say("lessons.before_change"))
    if step.question is not None and question is not None and seen is not None:
        with here.told:
            if not seen.told:
                asked.ask(seen, texts)
            else:
                shown_at = picture.view_at(step.view) if step.view else None
                drawn = is_drawn(shown_at, step.question, question, facts)
                told_of(step.question, given, facts, key, drawn=drawn)
                if step.then:
                    terms.explain(fill(step.then, facts))
                classroom.results(seen.asked)
    if step.change and not hidden:
        here.told.markdown(f"**{say('lessons.change')}** {fill(step.change, facts)}")
    if view is None and step.view is not None:
        here.picture.caption(say("lessons.picture_later"))
    if view is not None:
        with here.picture:
            guess = None
            if step.question is not None and seen is not None and question is not None:
                told = step.question.told(facts)
                guess = guessed(view, told, seen, facts)
            moved = partial(controls.move, key) if "own" in step.controls else None
            picture.draw(view, f"{key}-{'before' if hidden else 'after'}", guess, moved)
    if step.build is not None:
        with here.head if step.view is None else here.controls:
            build(opened, step, step.build, facts)
    return not hidden


def is_drawn(view: Any, asked: Asked, question: Question, facts: Any) -> bool:
    """Whether a guess is drawn on the step's own picture."""
    if isinstance(question, Curve):
        return isinstance(view, OfLines)
    return guesses.mark_of(view, asked, facts) is not None


def guessed(view: Any, told: Asked, seen: asked.Seen, facts: Any) -> picture.Guess:
    """What is drawn of guesses on the picture; ``told`` is the question with its facts.

    Before the truth only places are: all else could be read off where it is drawn.
    """
    question, key = seen.asked.question, seen.asked.place
    mark = guesses.mark_of(view, told, facts)
    answer = seen.given.answer if seen.given is not None else None
    rows: list[dict[str, Any]] = []
    if seen.told:
        rows += guesses.crowd(question, classroom.answered(seen.asked)) if mark else []
        rows += guesses.truth(told, question) if mark else []
    if isinstance(question, Place):
        chosen = touched(question, key) if answer is None else answer
        rows += guesses.own(told, tuple(chosen))  # type: ignore[arg-type]
    elif answer is not None and seen.told and mark:
        rows += guesses.own(told, answer)
    finger = partial(touch, question, key) if seen.may_answer else None
    return picture.Guess(question, mark, rows, answer, finger)


def texts_of(question: Asked) -> Texts:
    """The words of a question's widgets."""
    names = ("x", "y") if question.kind == "curve" else ()
    titles = [question.titles.get(name, "") for name in names]
    titles = [question.unit()] if question.kind == "number" else titles
    return Texts(question.asks, list(question.options.values()), titles)


def told_of(
    question: Asked, given: Given | None, facts: Any, key: str, *, drawn: bool
) -> None:  # fmt: skip
    """What was answered, what is right, and why; no score. ``given`` None is of a class."""
    question = question.told(facts)
    value = question.question(facts)
    st.markdown(f"**{question.asks}**")
    truth: Any = value.truth  # type: ignore[attr-defined]
    if given is None:
        st.info(say("lessons.it_is", truth=question.said(truth)))
        st.markdown(question.reason(facts))
        return
    right = value.right(given.answer)
    both = question.said(given.answer), question.said(truth)
    mine = say("lessons.you_said", answer=both[0])
    far = say("lessons.it_is", truth=both[1])
    if right:
        exact = value.exact(given.answer) or both[0] == both[1]
        near = say("lessons.as_it_is") if exact else say("lessons.close", truth=both[1])
        st.success(spoken(mine, near), icon=":material/check:")
    else:
        st.info(spoken(mine, far), icon=":material/compare_arrows:")
    if not drawn and not isinstance(value, OneOf):
        texts = texts_of(question)
        about = {"options": texts.options, "titles": texts.titles, "said": both}
        alternative = spoken(mine, far)
        picture.beside(value, given.answer, about, alternative, f"{key}-beside")
    if wrong := question.said_of(given.answer, facts):
        st.markdown(wrong)
    terms.explain(question.reason(facts))


def closing(opened: Lesson, facts: Any, here: Stage) -> bool:
    """The questions at the end, one below the other; returns whether all are answered."""
    earlier = any(question.of in names() for question in opened.closing)
    here.headline(say("lessons.closing_earlier" if earlier else "lessons.closing"))
    whole = True
    place = here.picture.container(key="questions")
    for question in opened.closing:
        key = f"{opened.id}.closing.{question.id}"
        with place.container(border=True):
            if question.of in names():
                st.caption(say("lessons.from_earlier", title=lesson(question.of).title))
            value = question.question(facts)
            texts = texts_of(question.told(facts))
            seen = asked.seen(value, texts, key)
            if seen.told:
                told_of(question, seen.given, facts, key, drawn=False)
                classroom.results(seen.asked)
            else:
                asked.ask(seen, texts)
                whole = False
    if whole:
        here.told.success(say("lessons.finished", goal=fill(opened.goal, facts)))
    here.told.button(
        say("lessons.anew"), key="lessons_anew", type="tertiary", on_click=progress.forget,
        args=(opened,),
    )  # fmt: skip
    return whole


def build(opened: Lesson, step: Step, goal: Goal, facts: Any) -> None:
    """The thing to build, and how far one is."""
    made = build_of(goal.name)
    text = progress.built(opened.id, step.id)
    try:
        state = made.read(text) if text else made.start
    except ValueError:  # of an earlier version
        state = made.start
    if goal.hint:
        with st.expander(say("lessons.hint")):
            st.markdown(fill(goal.hint, facts))
    state = made.block(st.container(), state, cached.recordings)
    if state != made.start or text:
        progress.build(opened.id, step.id, made.write(state))
    if made.checked(state, cached.recordings).reached:
        progress.reach(opened.id, step.id)
        st.success(fill(goal.reached, facts), icon=":material/check:")
