"""Text: what does a network know of a book that it reads letter by letter?"""

import streamlit as st

from gatescope import Run
from gatescope.jobs import SingleRun
from gatescope.writing import write
from viz_app.app_pages import cached, choices, live, parts, writing_train
from viz_app.app_pages import cached_writing as shared
from viz_app.app_pages.writing_form import Settings, ask_settings, key, look_at, restore
from viz_app.text import name_of, say
from viz_app.views import snippets_real, writing, writing_words
from viz_app.views.writing_shipped import task_of

AT_ONCE, EVERY = 25, 1.0  # characters that are written at a time, and seconds between two times


def start(run: Run, settings: Settings, count: int) -> None:
    """Begin a text anew, with so many characters written."""
    st.session_state[key("text")] = {
        "run": st.session_state[key("run")], "prompt": settings.prompt, "text": settings.prompt,
        "seed": settings.seed, "parts": [],
    }  # fmt: skip
    write_on(run, settings, count)


def write_on(run: Run, settings: Settings, count: int) -> None:
    """Write some characters more."""
    kept = st.session_state[key("text")]
    kept["text"] = write(
        run.model(), task_of(run), kept["text"], count,
        temperature=settings.temperature, top_k=settings.top_k, seed=kept["seed"],
    )  # fmt: skip
    how = (settings.temperature, settings.top_k)
    if kept["parts"] and kept["parts"][-1][1:] == how:
        count += kept["parts"].pop()[0]
    if count:
        kept["parts"].append((count, *how))


def fault(run: Run, settings: Settings) -> str:
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


def controls(run: Run, settings: Settings, wrong: str) -> None:
    """Write, stop, and go on."""
    going, kept = st.session_state.get(key("goes"), False), st.session_state[key("text")]
    full = len(kept["text"]) - len(kept["prompt"]) >= settings.count
    first, second, _ = st.columns([0.12, 0.12, 0.76], vertical_alignment="center")
    if first.button(
        say("writing.write"), type="primary", width="stretch", disabled=bool(wrong),
        help=say("writing.write_help", count=AT_ONCE),
    ):  # fmt: skip
        start(run, settings, 0)
        goes(True)
        st.rerun()
    if going:
        second.button(
            say("app.stop"), on_click=goes, args=(False,), width="stretch",
            help=say("writing.stop_help"),
        )  # fmt: skip
    else:
        second.button(
            say("app.go_on"), on_click=goes, args=(True,), width="stretch", disabled=full,
            help=say("writing.go_on_help"),
        )  # fmt: skip


def step(run: Run, settings: Settings) -> None:
    """Write the next few characters, where the text is not long enough yet."""
    kept = st.session_state[key("text")]
    left = settings.count - (len(kept["text"]) - len(kept["prompt"]))
    if left > 0:
        write_on(run, settings, min(AT_ONCE, left))
    if left <= AT_ONCE:
        goes(False)
        st.rerun()


def body(name: str, settings: Settings) -> None:
    """The text and the gates; drawn again and again while it is written."""
    run, theme = cached.run_of(name), parts.theme()
    kept = st.session_state[key("text")]
    if st.session_state.get(key("goes"), False):
        step(run, settings)
    written = len(kept["text"]) - len(kept["prompt"])
    st.caption(say("writing.bold", written=written, count=max(written, settings.count)))
    given = len(kept["prompt"])
    text = kept["text"]
    # while it grows nobody will ask for this much of it again
    grows = st.session_state.get(key("goes"), False)
    reading = writing.read(run, text, given) if grows else shared.reading(name, text, given)
    cell, meaning = look_at(reading, shared.measured(name))
    found = shared.measured(name).of(meaning) if meaning else None
    told = st.container()  # what comes below keeps its place, so the browser keeps its charts
    if found is not None:
        told.markdown(
            f"**{writing_words.of_unit(found)}**  \n{writing_words.on_this_text(reading, found)}"
        )
    st.vega_lite_chart(
        shared.spec(name, text, given, cell, meaning, theme, reading),
        theme=None, width="stretch", key=f"text-{name}", on_select="ignore", alt=say(
            "writing.alt_text", count=len(reading.text), unit=cell.unit,
            signal=name_of("signal", cell.signal),
        ),
    )  # fmt: skip
    st.markdown("  \n".join(writing_words.look_for(reading, cell)))
    heatmaps(name, text, given, cell, reading)
    drawn = (
        f"given={given}, node={cell.node!r}, signal={cell.signal!r},\n"
        f"    unit={cell.unit}, meaning={meaning!r}, theme={theme!r},"
    )
    parts.downloads(
        f"text-{name}",
        lambda: writing.chart(
            run, text, given=given, node=cell.node, signal=cell.signal,
            unit=cell.unit, meaning=meaning, theme=theme,
        ),
        lambda: writing.table(
            writing.written(reading, cell, cached.bounds(name, cell.node), meaning)
        ),
    )  # fmt: skip
    parts.python(snippets_real.writing(name, kept["prompt"], kept["parts"], kept["seed"], drawn))
    choices.remember(
        run=name, prompt=settings.prompt, temperature=f"{settings.temperature:g}",
        top_k=settings.top_k, length=settings.count, seed=settings.seed,
        look=meaning, unit=None if meaning else cell.unit,
    )  # fmt: skip


def heatmaps(
    name: str, text: str, given: int, cell: writing.Cell, reading: writing.Reading
) -> None:
    """The gates over the last characters."""
    spec, steps, told = shared.gates_of(name, text, given, cell, parts.theme(), reading)
    st.markdown(f"##### {say('writing.gates', count=steps)}")
    plot, _ = st.columns([parts.PLOT, parts.LEGEND])
    plot.vega_lite_chart(
        spec, theme=None, width="stretch", key=f"writing-gates-{name}-{steps}", on_select="ignore",
        alt=told,
    )  # fmt: skip
    st.caption(say("writing.gates_how", unit=cell.unit))


def numbers(name: str) -> None:
    """What units mean, and how well all networks do beside counting."""
    st.markdown(f"##### {say('writing.units')}")
    st.table(writing_words.meanings(shared.measured(name)))
    st.caption(say("writing.units_how"))
    st.markdown(f"##### {say('writing.score')}")
    networks = shared.networks(name)
    bars = writing.bars(networks, name)
    plot, _ = st.columns([0.7, 0.3])
    plot.vega_lite_chart(
        dict(shared.bars_spec(name, parts.theme())), theme=None, width="stretch",
        alt=say("writing.alt_bits", names=", ".join(f"{b.name} {b.bits:.2f}" for b in bars)),
    )  # fmt: skip
    st.caption(writing_words.compared(networks))


def choose_run() -> str:
    """Ask for a network: a prepared one, or one's own."""
    names = [*shared.prepared(), *writing_train.own()]
    choices.keep(key("run"), names, names[0])
    *_, column = parts.heading(say("writing.title"), say("writing.question"))

    def label(name: str) -> str:
        cell = name_of("cell", cached.run_of(name).config.cell)
        own = writing_train.own()
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
    st.caption(writing_words.head(run, shared.measured(name)))
    settings = ask_settings()
    wrong = fault(run, settings)
    if wrong:
        st.error(wrong)
    kept = st.session_state.get(key("text"))
    if kept is None or kept["run"] != name:
        goes(False)
        first = settings if not wrong else Settings(**vars(settings) | {"prompt": "A"})
        start(run, first, settings.count)
    controls(run, settings, wrong)
    going = st.session_state.get(key("goes"), False)
    st.fragment(body, run_every=EVERY if going else None)(name, settings)
    numbers(name)
    choices.open_on(say("writing.open_on"), name, writing_train.PAGES)
    st.divider()
    writing_train.ask()


choices.restore()
writing_train.restore()
restore()
job = choices.address("job")
if job:
    parts.heading(say("writing.title"), say("writing.question"))
    st.button(say("writing.train_back"), on_click=live.leave)
    live.follow(job, SingleRun, writing_train.draw)
else:
    page()
