"""A network of one's own on the page Text: asked for, watched while it learns, kept."""

import math
from contextlib import suppress

import streamlit as st

from gatescope import RunError, TrainConfig
from gatescope.experiments import run_key
from gatescope.jobs import JobStatus, SingleRun
from viz_app.app_pages import cached, choices, live, parts
from viz_app.app_pages import cached_writing as shared
from viz_app.app_pages.cached_jobs import kept, queue
from viz_app.app_pages.writing_form import key
from viz_app.text import name_of, say
from viz_app.views import training_words

RATES = {"lstm": 1e-2, "gru": 8e-3, "rnn": 3e-3}
USUAL_STEPS = 1400
PAGES = ("gates", "gradient_flow", "step_through", "saturation")


def own() -> tuple[str, ...]:
    """The runs on the book that this reader has trained, or opened by their address."""
    found: tuple[str, ...] = st.session_state.get(key("own"), ())
    return found


def restore() -> None:
    """Take over the run that the address names, or that is open on the other pages."""
    name = choices.asked("run") or st.session_state.get("run")
    if choices.asked("run") is None and key("run") in st.session_state:
        st.session_state[key("run")] = st.session_state[key("run")]
        return
    if isinstance(name, str):
        adopt(name)


def adopt(name: str) -> None:
    """Choose a run, where it is one on the book."""
    with suppress(RunError):
        if cached.run_of(name).config.task == "characters":
            if name not in (*shared.PREPARED, *own()):
                st.session_state[key("own")] = (*own(), name)
            st.session_state[key("run")] = name


def ask() -> None:
    """The settings of a network, and the button that trains it."""
    st.markdown(f"##### {say('writing.train')}")
    st.markdown(say("writing.train_how"))
    places = st.columns([0.3, 0.16, 0.18, 0.14, 0.22], vertical_alignment="bottom")
    cells = list(RATES)
    choices.keep(key("train_cell"), cells, cells[0])
    cell = str(
        places[0].segmented_control(
            say("writing.train_cell"), cells, key=key("train_cell"), required=True,
            width="stretch", format_func=lambda name: name_of("cell", name),
            help=say("writing.train_cell_help"),
        )
    )  # fmt: skip
    units = places[1].number_input(
        say("writing.train_units"), 4, 128, 64, key=key("train_units"),
        help=say("writing.train_units_help"),
    )  # fmt: skip
    steps = places[2].number_input(
        say("writing.train_steps"), 100, 10_000, USUAL_STEPS, step=100, key=key("train_steps"),
        help=say("writing.train_steps_help"),
    )  # fmt: skip
    seed = places[3].number_input(
        say("writing.train_seed"), 0, 9999, 0, key=key("train_seed"),
        help=say("writing.train_seed_help"),
    )  # fmt: skip
    if places[4].button(say("writing.train_start"), type="primary", width="stretch"):
        config = setting(cell, units, steps, seed)
        st.query_params.from_dict({"job": queue().submit(SingleRun(run=config))})
        st.rerun()


def setting(cell: str, units: int = 64, steps: int = USUAL_STEPS, seed: int = 0) -> TrainConfig:
    """A network that learns the book within a minute."""
    return TrainConfig(
        task="characters", task_options={"length": 64}, cell=cell, hidden_size=units,
        learning_rate=RATES[cell], batch_size=16, max_steps=steps, evaluate_every=100, seed=seed,
    )  # fmt: skip


def draw(stand: JobStatus, experiment: SingleRun) -> None:
    """A network that was asked for, as far as it is."""
    config = experiment.run
    name, finished = run_key(config), stand.state == "done"
    run = kept(name) if finished else next(iter(queue().training(stand.key)), None)
    st.caption(training_words.what(config))
    told, button = st.columns([0.8, 0.2], vertical_alignment="center")
    text = training_words.standing(stand, run, config.max_steps)
    if stand.state == "failed":
        told.error(text)
    else:
        share = run.steps[-1] / config.max_steps if run and not finished else float(finished)
        told.progress(share, text)
    live.stop_or_go_on(stand, button, experiment, "train")
    if run is None:
        st.skeleton(height=300)
        return
    if finished and st.button(say("writing.train_look"), type="primary"):
        live.leave()
        adopt(name)
        st.rerun()  # the whole page, not only this part of it
    last = run.history[-1]
    bits = last.loss / math.log(2)
    st.markdown(say("writing.train_now", step=last.step, bits=bits))
    st.code(shared.sample(name, last.step, "Alice ", run), language=None, wrap_lines=True)
    plot, _ = st.columns([0.7, 0.3])
    plot.vega_lite_chart(
        dict(shared.learning_spec(name, last.step, parts.theme(), run)), theme=None,
        width="stretch", alt=say("writing.alt_learning", bits=bits, step=last.step),
    )  # fmt: skip
    st.caption(say("writing.train_levels"))


def open_on(name: str) -> None:
    """The other pages, on this network."""
    places = st.columns([0.2, *([0.16] * len(PAGES)), 0.16], vertical_alignment="center")
    places[0].markdown(say("writing.open_on"))
    for place, page in zip(places[1:], PAGES, strict=False):
        if place.button(say(f"app.{page}"), key=key(f"open_{page}"), width="stretch"):
            choices.forget()
            st.session_state["run"] = name
            st.switch_page(f"app_pages/{page}.py")
