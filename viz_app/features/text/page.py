"""Text: what does a network know of a book that it reads letter by letter?"""

import streamlit as st

from gatescope import Run
from gatescope.jobs import SingleRun
from viz_app.features import Text
from viz_app.features.gates import words as gates_words
from viz_app.features.text import train, words
from viz_app.features.text.form import SHORTEST, ask_settings, begun, key, look_at, restore
from viz_app.features.text.measures import prepared, task_of
from viz_app.kit.page import blocks, choices, job_view, run_choice, stage, window
from viz_app.kit.page import served as cached
from viz_app.text import name_of, say

AT_ONCE, EVERY = 25, 1.0  # characters that are written at a time, and seconds between two times


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


def goes(on: bool) -> None:
    """Write on in sight, or stop."""
    st.session_state[key("goes")] = on


def going() -> bool:
    """Whether it is written on."""
    return bool(st.session_state.get(key("goes"), False))


def kept() -> Text:
    """The text as far as it is written."""
    text: Text = st.session_state[key("text")]
    return text


def controls(settings: Text, wrong: str) -> None:
    """Write, stop, and go on."""
    full = kept().length >= settings.length
    first, second, _ = st.columns([0.12, 0.12, 0.76], vertical_alignment="center")
    if first.button(
        say("writing.write"), type="primary", width="stretch", disabled=bool(wrong),
        help=say("writing.write_help", count=AT_ONCE),
    ):  # fmt: skip
        st.session_state[key("text")] = settings.but(length=0)
        goes(True)
        st.rerun()
    if going():
        second.button(
            say("app.stop"), on_click=goes, args=(False,), width="stretch",
            help=say("writing.stop_help"),
        )  # fmt: skip
    else:
        second.button(
            say("app.go_on"), on_click=goes, args=(True,), width="stretch", disabled=full,
            help=say("writing.go_on_help"),
        )  # fmt: skip


def step(settings: Text) -> None:
    """Write the next few characters, where the text is not long enough yet."""
    left = settings.length - kept().length
    if left > 0:
        st.session_state[key("text")] = kept().written(
            min(AT_ONCE, left), settings.temperature, settings.top_k
        )
    if left <= AT_ONCE:
        goes(False)
        st.rerun()


def body(settings: Text) -> None:
    """The text and the gates; drawn again and again while it is written."""
    if going():
        step(settings)
    view = kept()
    most = max(view.length, settings.length)
    st.caption(say("writing.bold", written=view.length, count=most))
    view = look_at(view)
    reading, cell = view.reading(cached.recordings), view.cell(cached.recordings)
    found = view.measured(cached.recordings).of(view.look) if view.look else None
    meaning = st.container()  # what comes below keeps its place, so the browser keeps its charts
    if found is not None:
        meaning.markdown(f"**{words.of_unit(found)}**  \n{words.on_this_text(reading, found)}")
    alternative = say(
        "writing.alt_text", count=len(reading.text), unit=cell.unit,
        signal=name_of("signal", cell.signal),
    )  # fmt: skip
    spec = view.spec(window.theme(), cached.recordings)
    blocks.chart(spec, alternative, key=f"text-{view.run}")
    st.markdown("  \n".join(words.look_for(reading, cell)))
    heatmaps(view)
    blocks.show_files(view)
    unfinished = going() or view.length < SHORTEST
    link = view.but(length=settings.length, then=()) if unfinished else view
    choices.remember(**link.brief(cached.recordings).to_query())


def heatmaps(view: Text) -> None:
    """The gates over the last characters."""
    spec, shape = view.gates(window.theme(), cached.recordings)
    st.markdown(f"##### {say('writing.gates', count=shape.steps)}")
    plot, _ = st.columns([blocks.PLOT, blocks.LEGEND])
    alternative = gates_words.alternative(shape, cached.run_of(view.run).config.cell)
    key = f"writing-gates-{view.run}-{shape.steps}"
    blocks.chart(spec, alternative, key=key, place=plot)
    st.caption(say("writing.gates_how", unit=view.cell(cached.recordings).unit))


def numbers(view: Text) -> None:
    """What units mean, and how well all networks do beside counting."""
    st.markdown(f"##### {say('writing.units')}")
    st.table(words.meanings(view.measured(cached.recordings)))
    st.caption(say("writing.units_how"))
    st.markdown(f"##### {say('writing.score')}")
    bars = view.bars(cached.recordings)
    plot, _ = st.columns([0.7, 0.3])
    alternative = say("writing.alt_bits", names=", ".join(f"{b.name} {b.bits:.2f}" for b in bars))
    blocks.chart(view.bars_spec(window.theme(), cached.recordings), alternative, place=plot)
    st.caption(words.compared(view.networks(cached.recordings)))


def choose_run() -> str:
    """Ask for a network: a prepared one, or one's own."""
    names = [*prepared(), *train.own()]
    choices.keep(key("run"), names, names[0])
    column = stage.heading(say("writing.title"), say("writing.question"))

    def label(name: str) -> str:
        cell = name_of("cell", cached.run_of(name).config.cell)
        own = train.own()
        return (
            say("writing.own", cell=cell, number=own.index(name) + 1) if name in own else cell
        )  # fmt: skip

    return str(
        column.segmented_control(
            say("writing.cell"), names, key=key("run"), required=True, width="stretch",
            format_func=label, help=say("writing.cell_help"),
        )
    )  # fmt: skip


def page() -> None:
    """Everything but a network that is in training."""
    name = choose_run()
    run = cached.run_of(name)
    st.caption(words.head(run, Text(name).measured(cached.recordings)))
    settings = ask_settings(name)
    wrong = fault(run, settings)
    if wrong:
        st.error(wrong)
    text = st.session_state.get(key("text"))
    if text is None or text.run != name:
        goes(False)
        st.session_state[key("text")] = begun(settings.but(prompt="A") if wrong else settings)
    controls(settings, wrong)
    st.fragment(body, run_every=EVERY if going() else None)(settings)
    numbers(Text(name))
    run_choice.open_on(say("writing.open_on"), name, train.PAGES)
    st.divider()
    train.ask()


choices.restore()
train.restore()
restore()
if choices.address("job"):
    stage.heading(say("writing.title"), say("writing.question"))
    job_view.visit(SingleRun, train.draw, "writing")
page()
