"""Text: what does a network know about a book that it reads character by character?"""

from typing import Any

import streamlit as st

from gatescope import Run
from gatescope.jobs import SingleRun
from viz_app.features import Text
from viz_app.features.gates import words as gates_words
from viz_app.features.text import train, words
from viz_app.features.text.form import ask_settings, begun, key, look_at, restore
from viz_app.features.text.measures import prepared, task_of
from viz_app.kit.chart.window import Look
from viz_app.kit.page import blocks, choices, job_view, run_choice, stage, tabbed, window
from viz_app.kit.page import served as cached
from viz_app.kit.words import commas, some
from viz_app.text import name_of, say

TABS = 62  # pixels that the tabs take above a picture


def fault(run: Run, settings: Text) -> str:
    """What is wrong with the beginning, in a sentence; nothing where it can be written on."""
    if not settings.prompt:
        return say("writing.nothing")
    task = task_of(run)
    strange = sorted(set(settings.prompt) - set(task.characters))
    if not strange:
        return ""
    named = " ".join(f"“{character}”" for character in strange)
    return say("writing.not_of_the_book", strange=named, known=task.known)


def kept() -> Text:
    """The text as far as it is written."""
    text: Text = st.session_state[key("text")]
    return text


def keep(text: Text) -> None:
    """Keep a text that has just been written: the next picture shows how it is written."""
    st.session_state[key("text")], st.session_state[key("new")] = text, True


def controls(settings: Text, wrong: str, place: Any) -> None:
    """Write, and go on."""
    first, second = place.columns(2)
    if first.button(
        say("writing.write"), type="primary", width="stretch", disabled=bool(wrong),
        help=say("writing.write_help"),
    ):  # fmt: skip
        keep(settings)
    left = settings.length - kept().length
    if second.button(
        say("writing.go_on"), width="stretch", disabled=left <= 0, help=say("writing.go_on_help")
    ):
        keep(kept().written(left, settings.temperature, settings.top_k))


@st.fragment
def body() -> None:
    """The whole page."""
    here, recordings = stage.stage(say("writing.title")), cached.recordings
    name = choose_run(here.bar)
    place = here.controls.container()  # what colours the text comes before how it is written
    more = here.more.expander(say("writing.more"))
    settings = ask_settings(name, here.controls, more)
    wrong = fault(cached.run_of(name), settings)
    if wrong:
        here.controls.error(wrong)
    text = st.session_state.get(key("text"))
    if text is None or text.run != name:
        st.session_state[key("text")] = begun(settings.but(prompt="A") if wrong else settings)
    controls(settings, wrong, here.controls)
    view = look_at(kept(), place)
    found = view.measured(recordings).of(view.look) if view.look else None
    reading, cell = view.reading(recordings), view.cell(recordings)
    here.headline(words.headline(reading, cell, found))
    with here.picture:
        pictures(view, Look(window.theme(), here.window.below(TABS)), found)
    here.look_for([
        say("writing.bold"),
        *([words.on_this_text(reading, found)] if found is not None else []),
        *words.look_for(reading, cell),
    ])  # fmt: skip
    with here.more:
        with st.expander(say("app.settings_of_run")):
            st.caption(words.head(cached.run_of(name), view.measured(recordings)))
        blocks.folded_files(view)
    choices.remember(**view.brief(recordings).to_query())


def pictures(view: Text, look: Look, found: Any) -> None:
    """The text, and what else there is to see, each in a tab; only the open one is drawn."""
    drawing = {"text": coloured, "gates": gates, "units": units, "score": score, "train": own}
    shown, place = tabbed.tabs("writing.tab_", list(drawing))
    with place:
        drawing[shown](view, look, found)


def coloured(view: Text, look: Look, found: Any) -> None:
    """The text on the colours of a unit."""
    recordings = cached.recordings
    new = bool(st.session_state.pop(key("new"), False))
    blocks.chart(
        view.spec(look, recordings, new), view.alternative(recordings),
        key=f"text-{view.run}",
    )  # fmt: skip


def gates(view: Text, look: Look, _: Any) -> None:
    """The gates over the last characters."""
    spec, shape = view.gates(look.below(TABS // 2), cached.recordings)
    alternative = gates_words.alternative(shape, cached.run_of(view.run).config.cell)
    blocks.chart(spec, alternative, key=f"writing-gates-{view.run}-{shape.steps}")
    unit = view.cell(cached.recordings).unit
    st.caption(say("writing.gates_how", unit=unit, count=some("characters", shape.steps)))


def units(view: Text, *_: Any) -> None:
    """What units mean."""
    blocks.table(words.meanings(view.measured(cached.recordings)))
    st.caption(say("writing.units_how"))


def score(view: Text, look: Look, _: Any) -> None:
    """How well all networks do beside counting."""
    bars = view.bars(cached.recordings)
    ranked = sorted(bars, key=lambda bar: bar.bits)
    told = commas(f"{bar.name} {bar.bits:.2f}" for bar in ranked)
    st.markdown(words.compared(view.networks(cached.recordings)))
    spec = view.bars_spec(look.below(TABS), cached.recordings)
    blocks.chart(spec, say("writing.alt_bits", names=told))
    st.caption(words.how_counting_works())


def own(view: Text, *_: Any) -> None:
    """A network of one's own, and where this one opens."""
    train.ask()
    run_choice.open_on(say("writing.open_on"), view.run, train.PAGES)


def choose_run(place: Any) -> str:
    """Ask for a network: a prepared one, or one's own."""
    names = [*prepared(), *train.own()]
    choices.keep(key("run"), names, names[0])

    def label(name: str) -> str:
        cell = name_of("cell", cached.run_of(name).config.cell)
        own = train.own()
        return (
            say("writing.own", cell=cell, number=own.index(name) + 1) if name in own else cell
        )  # fmt: skip

    return str(
        place.segmented_control(
            say("writing.cell"), names, key=key("run"), required=True, format_func=label,
            help=say("writing.cell_help"), label_visibility="collapsed",
        )
    )  # fmt: skip


choices.restore()
train.restore()
restore()
job_view.visit(SingleRun, train.draw, say("writing.title"), say("writing.back"))
body()
