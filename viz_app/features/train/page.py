"""Train: what changes while it learns?"""

from typing import Any

import streamlit as st

from gatescope import CELLS, TASKS, Run, TrainConfig
from gatescope.experiments import run_key
from gatescope.jobs import JobStatus, SingleRun
from viz_app.features import Training
from viz_app.features.train import replay, training_progress
from viz_app.kit.chart import play
from viz_app.kit.page import (
    blocks,
    choices,
    job_form,
    job_view,
    player,
    run_choice,
    stage,
    tabbed,
    task_form,
    window,
)
from viz_app.kit.page import served as cached
from viz_app.kit.page.fields import Fields
from viz_app.kit.page.stage import Stage
from viz_app.kit.run_words import network, score, settings, task_label, what
from viz_app.kit.words import counted, spoken
from viz_app.text import name_of, say

LONGEST = 500  # steps of a task
AIM = 0.97
OPENS = ("gates", "gradient_flow", "memory")
# what trains with nothing changed: input gates open at the marks a third of the way
SHOW = TrainConfig(
    task="adding", task_options={"length": 50}, hidden_size=8, initialization="forget_bias",
    learning_rate=1e-3, batch_size=50, max_steps=15_000, evaluate_every=25,
)  # fmt: skip
FORM = Fields("train", "train.", SHOW)
TASK_WIDTH, CELL_WIDTH, UNITS_WIDTH = 190, 120, 184
PAGE, TABS = "train", ("watch", "curves", "gradient")
STOOD = "train_stood"  # the training step where what plays was stopped
JOB = "train_job"  # the job that this reader looked at last
PLAYED = "train_played"  # the job that began to play by itself


def ask_first(bar: Any) -> dict[str, Any]:
    """What stands in one line: task, cell and size."""
    task = FORM.pick(
        bar, "task", list(TASKS), SHOW.task, format_func=lambda task: name_of("task", task),
        on_change=task_form.anew, args=(FORM.key,), width=window.scaled(TASK_WIDTH),
        label_visibility="collapsed",
    )  # fmt: skip
    cell = FORM.pick(
        bar, "cell", list(CELLS), SHOW.cell, format_func=lambda cell: name_of("cell", cell),
        width=window.scaled(CELL_WIDTH), label_visibility="collapsed",
    )  # fmt: skip
    units = FORM.setting(bar, "hidden_size", width=window.scaled(UNITS_WIDTH))
    return {"task": task, "cell": cell, "hidden_size": units}


def ask_rest(first: dict[str, Any]) -> dict[str, Any]:
    """What is folded: the task's options, the start, the training."""
    task, cell = first["task"], first["cell"]
    options = task_form.options_of(task, FORM.key, iter(lambda: st, None), longest=LONGEST)
    starts = ["default", "forget_bias", "chrono"] if CELLS[cell].retention_gate else ["default"]
    usual = SHOW.initialization if SHOW.initialization in starts else starts[0]
    start = FORM.one_of(st, "start", starts, usual, lambda name: say(f"train.start_{name}"))
    more = {"forget_bias": ["forget_bias"], "chrono": ["chrono_max"]}.get(start, [])
    names = [
        "num_layers", *more, "optimizer", "learning_rate", "batch_size", "max_grad_norm",
        "max_steps", "seed",
    ]  # fmt: skip
    chosen = {name: FORM.setting(st, name) for name in names}
    chosen |= {"stop_accuracy": AIM} if FORM.switch(st, "stop_solved", True) else {}
    seldom = ["bidirectional", *(["dropout"] if chosen["num_layers"] > 1 else [])]
    return {
        "task_options": options, "initialization": start, **chosen,
        **{name: FORM.setting(st, name) for name in seldom},
        "plateau_patience": FORM.setting(st, "plateau_patience", evaluations),
    }  # fmt: skip


def evaluations(count: int) -> str:
    """After how many evaluations something is done; 0 is never."""
    return counted("train.evaluations", count) if count else say("train.never")


def ask(here: Stage) -> None:
    """The settings of a network of one's own, and the button that trains it."""
    first = ask_first(here.bar)
    button = here.bar.container(width="content")
    cost = here.controls.container()
    with here.controls.expander(say("train.more")):
        chosen = first | ask_rest(first)
    job_form.offer(lambda: SingleRun(run=FORM.config(chosen)), "train", button, told=cost)


def draw(stand: JobStatus, experiment: SingleRun) -> None:
    """A run that was asked for, as far as it is; it grows while it trains."""
    config, finished = experiment.run, stand.state == "done"
    st.session_state[JOB] = stand.key
    run = job_view.so_far(stand, config)
    here = stage.stage(say("train.title"))
    task = task_label(config.task, config.make_task().length)
    said = say("train.running_on", network=network(config), task=task)
    here.bar.caption(said, width="content")
    job_view.bar(here.bar, stand, run, experiment)
    if not finished:
        player.stop()
    known = finished and st.session_state.get(job_form.FINISHED_BEFORE) == stand.key
    if known and run is not None and st.session_state.get(PLAYED) != stand.key:
        st.session_state[PLAYED] = stand.key
        player.start(PAGE, "training", run.steps[0])
    if finished and run is not None:
        player.button(PAGE, "training", run.steps[0], here.bar, say("play.again"))
        open_on(here.bar, run_key(config))
    if here.bar.button(say("train.back")):
        player.stop()
        st.session_state.pop(JOB, None)
        st.session_state.pop(PLAYED, None)
        job_view.leave()
        st.rerun()  # all of the page, not this fragment alone
    first = say("train.known") if known else ""
    shown(here, run_key(config), run or job_view.untrained(config), finished, first)
    with here.more:
        if finished and run is not None:
            st.markdown(f"**{score(run)}**")
        with st.expander(say("app.settings_of_run")):
            st.caption(what(config))
        if finished:
            blocks.folded_files(Training(run_key(config)))


def open_on(bar: Any, run: str) -> None:
    """A button for each other page that shows it."""
    bar.markdown(say("train.open_on"), width="content")
    for page in OPENS:
        if bar.button(say(f"app.{page}"), key=f"open_{page}"):
            run_choice.open_page(page, run)


def shown(here: Stage, name: str, run: Run, finished: bool, first: str = "") -> None:
    """The picture: one tab is drawn, the others when they are opened; a finished run can play.

    ``first`` stands before the headline.
    """
    playing = player.now(PAGE) if finished else None
    if playing is None:
        st.session_state.pop(STOOD, None)
    step = st.session_state.get(STOOD, run.steps[-1])
    stops = step in run.steps[:-1]
    there = replay.until(run, step) if stops else run
    now = training_progress.of(there, finished and not stops, room=tabbed.HEIGHT)
    here.headline(spoken(first, now.headline))
    here.look_for(now.told)
    with here.picture:
        if not run.history or not run.steps[-1]:
            training_progress.show(now, name)
            return
        tab, place = tabbed.tabs("train.tab_", TABS)
        with place:
            if tab == "curves":
                training_progress.curves(run)
            elif tab == "gradient":
                training_progress.flow(run)
            elif playing is None:
                training_progress.show(now, name)
            else:
                again(name, run, playing, now.unit)


def again(name: str, run: Run, playing: player.Playing, unit: int) -> None:
    """The pictures below the clock, which plays all training steps in them; a unit is framed."""
    first = player.clock(playing, run.steps, STOOD)
    look = training_progress.look_below(tabbed.HEIGHT + play.HEIGHT)
    training_progress.show(replay.played(name, run, look, first, unit), f"{name}_played")


def take_up() -> None:
    """Where the address names no job, go back to the one that this reader looked at last.

    One that is there no more is forgotten so.
    """
    last = st.session_state.pop(JOB, None)
    if last and not st.query_params.get("job"):
        choices.rewrite(st.query_params.to_dict() | {"job": last})


@st.fragment
def body() -> None:
    """The form, and how a prepared network learned."""
    here = stage.stage(say("train.title"))
    trained = [name for name, run in cached.library().runs.items() if run.history]
    if trained:
        run = cached.run_of(trained[0])
        shown(here, trained[0], run, finished=True)
        here.told.caption(f"{say('train.prepared')}  \n{settings(run)}  \n**{score(run)}**")
    ask(here)
    if trained:
        player.button(PAGE, "training", run.steps[0], here.bar, say("play.again"))
        with here.more:
            blocks.folded_files(Training(trained[0]))


FORM.keep()
take_up()
job_view.visit(SingleRun, draw, say("train.title"), say("train.back"))
run_choice.require_runs()
body()
