"""Gradient flow: how much of the error reaches step t?"""

import pandas as pd
import streamlit as st

from gatescope.analysis import Update
from viz_app.features import GradientFlow, WhileLearning
from viz_app.features.gradient_flow import data as gradients
from viz_app.features.gradient_flow import words as gradients_words
from viz_app.features.gradient_flow.while_learning import sentences
from viz_app.kit.choice import KINDS
from viz_app.kit.page import blocks, choices, run_choice, stage, tabbed, window
from viz_app.kit.page import served as cached
from viz_app.kit.sharing import shared
from viz_app.kit.words import counted, digits, spoken
from viz_app.text import name_of, say

LINKED = "flow_linked"  # a link asks for a factor, and so for its tab
TABLE = 190  # pixels of the table of updates
TABS = "flow.tab_"


def learning(view: WhileLearning, here: stage.Stage) -> None:
    """The gradient at every checkpoint."""
    found = view.data(cached.recordings)
    here.headline(say("flow.learning_title"))
    blocks.panel_row(view.row(tabbed.look(), cached.recordings))
    count = max(len(panel.checkpoints) for panel in found)
    here.look_for([say("flow.learning_how", count=count), *sentences(found)])
    files(view, here)


def flowing(view: GradientFlow, here: stage.Stage) -> None:
    """The gradient at every time step, before training and after."""
    first, *more = gradients_words.sentences(view.data(cached.recordings))
    here.headline(first)
    blocks.panel_row(view.row(tabbed.look(), cached.recordings))
    names = view.names(cached.recordings)
    run = cached.run_of(view.run)
    probe = run.probe()
    how = "flow.how_each" if probe.scored[0].all() else "flow.how"
    told = [say(how, last=run.task.length - 1), counted("flow.lines", len(probe.marks))]
    if run.task.asks and "rnn" in {cached.run_of(name).config.cell for name in names}:
        told.append(say("flow.no_bias"))
    here.look_for([*more, spoken(*told)])
    files(view, here)


def exploding(names: list[str], here: stage.Stage) -> GradientFlow:
    """The slider on the recurrent matrix, and clipping."""
    asks = cached.run_of(names[0]).task.asks
    choices.keep("gain", gradients.GAINS, gradients.FIRST_GAIN)
    gain: float = here.controls.select_slider(
        say("flow.gain"), gradients.GAINS, key="gain", help=say("flow.gain_help"),
        format_func=lambda value: f"{value:g}",
    )  # fmt: skip
    clip = asks and here.controls.toggle(say("flow.clip"), key="clip", help=say("flow.clip_help"))
    view = GradientFlow(*run_choice.several(names), gain=gain)
    look = window.look().below(tabbed.HEIGHT + (TABLE if asks else 0))
    blocks.panel_row(view.row(look, cached.recordings))
    told = gradients_words.growth(view.data(cached.recordings), gain)
    here.headline(gradients_words.largest_growth(view.data(cached.recordings), gain))
    here.look_for([say("flow.explode_how" if asks else "flow.explode_how_brought"), *told])
    if asks:
        blocks.table(updates(names, gain, 1.0 if clip else None))
        count = len(cached.run_of(names[0]).probe().marks)
        st.caption(say("flow.update_how", rate=gradients.LEARNING_RATE, count=count))
    files(view, here)
    return view if gain != gradients.FIRST_GAIN else view.but(gain=None)


def files(view: GradientFlow | WhileLearning, here: stage.Stage) -> None:
    """Below what to look for and the settings: exports and code."""
    with here.more:
        blocks.folded_files(view)


@shared
def update(run: str, gain: float, clip: float | None) -> Update:
    """One step of gradient descent, tried on a copy."""
    return gradients.update(cached.run_of(run), gain, clip)


def updates(names: list[str], gain: float, clip: float | None) -> pd.DataFrame:
    """What one step of gradient descent does to each network, as text."""
    rows = []
    for name in names:
        found = update(name, gain, clip)
        cell = name_of("cell", cached.run_of(name).config.cell)
        numbers = (found.norm, found.clipped_norm, found.before, found.after)
        rows.append([cell, *(digits(number) for number in numbers)])
    headers = ("cell", "norm", "used", "before", "after")
    frame = pd.DataFrame(rows, columns=[say(f"flow.update_{header}") for header in headers])
    return frame.set_index(frame.columns[0])


@st.fragment
def body() -> None:
    """The whole page: what is chosen on it draws nothing else anew."""
    here = stage.stage(say("flow.title"), axis=0)
    names = run_choice.choose_task(here.bar)
    runs = [cached.run_of(name) for name in names]
    with here.more.expander(say("app.settings_of_run")):  # before anything ends the page
        for run in runs:
            blocks.run_settings(run)
    with here.picture:
        run_choice.require_common_end(runs[0])
        # of a brought one nobody knows whether it was trained
        there = ["flow" if runs[0].task.asks else "brought", "explode"]
        if all(run.history for run in runs):
            there.insert(1, "learning")
        if st.session_state.pop(LINKED, False):
            st.session_state[tabbed.key_of(TABS)] = say("flow.tab_explode")
        shown, place = tabbed.tabs(TABS, there)
        view = GradientFlow(*run_choice.several(names))
        with place:
            if shown == "explode":
                view = exploding(names, here)
            elif shown == "learning":
                learning(WhileLearning(view.run, view.others), here)
            else:
                flowing(view, here)
    choices.remember_view(view)


run_choice.require_runs()
choices.restore()
if choices.asked("gain") is not None:
    st.session_state[LINKED] = True
choices.take("gain", read=KINDS["gain"].read)
body()
