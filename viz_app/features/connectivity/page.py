"""Connectivity: which input mattered for this output?"""

from functools import partial

import streamlit as st

from viz_app.features import Connectivity
from viz_app.features.connectivity import data as connectivity
from viz_app.features.connectivity import words as connectivity_words
from viz_app.features.connectivity.chart import MOST_FRAMED, ROW
from viz_app.kit.chart.raster import framed
from viz_app.kit.choice import KINDS, whole
from viz_app.kit.page import ask, blocks, choices, run_choice, stage, tabbed, window
from viz_app.kit.page import served as cached
from viz_app.text import say


def chosen(view: Connectivity, here: stage.Stage) -> Connectivity:
    """Ask for example, output step and scale."""
    ask.example(view, here.bar)
    here.controls.select_slider(
        say("connectivity.step"), view.among(cached.recordings)["t"].values, key="t",
        help=say("connectivity.step_help"),
    )  # fmt: skip
    relative = here.controls.toggle(
        say("connectivity.relative"), key="relative", help=say("connectivity.relative_help")
    )
    return view.but(relative=relative)


def clicked(key: str, steps: list[int]) -> None:
    """Take over the row that was clicked in a triangle."""
    for picked in st.session_state[key]["selection"].get(ROW, []):
        st.session_state["t"] = steps[int(picked["row"])]


def triangles(view: Connectivity) -> None:
    """Draw every network's triangle; a click picks a row."""
    found = view.data(cached.recordings)
    drawn = view.triangles(window.look().below(tabbed.HEIGHT), cached.recordings)
    steps = next(iter(found.values()))["output_time"].values.tolist()
    assert drawn.place is not None
    shown = range(len(found))
    if drawn.place.at_once < len(found):
        names = st.segmented_control(
            say("connectivity.network"), shown, format_func=drawn.titles.__getitem__, default=0,
            required=True, key="connectivity_network", label_visibility="collapsed",
        )  # fmt: skip
        shown = range(int(names or 0), int(names or 0) + 1)
    columns = st.columns(min(max(drawn.place.columns, 1), max(2, len(shown))), gap="small")
    for place, (cell, norms) in enumerate(found.items()):
        if place not in shown:
            continue
        # a picture with another row framed is another one: what was clicked in the last is gone
        key = f"connectivity-{cell}-{view.t}"
        blocks.chart(
            framed(drawn.specs[place], steps.index(view.t)),
            connectivity_words.alternative(cell, norms, view.t),
            place=columns[(place - shown.start) % len(columns)], key=key, selection_mode=ROW,
            on_select=partial(clicked, key, steps),
        )  # fmt: skip


def notes(view: Connectivity, what: str) -> str:
    """What the triangles show, and what is special here."""
    probe = cached.run_of(view.run).probe()
    told = [say(f"connectivity.how_{'relative' if view.relative else 'absolute'}", what=what)]
    if 0 < len(probe.marks[view.example]) <= MOST_FRAMED:
        told.append(say("connectivity.marked"))
    if view.has_zeros(cached.recordings):
        told.append(say("connectivity.zeros"))
    rows = next(iter(view.data(cached.recordings).values())).sizes["output_time"]
    if rows < len(probe.inputs):
        told.append(say("connectivity.some_rows", count=rows, steps=len(probe.inputs)))
    return " ".join(told)


@st.fragment
def body() -> None:
    """The whole page: what is chosen on it draws nothing else anew."""
    here = stage.stage(say("connectivity.title"), axis=0)
    names = run_choice.choose_task(here.bar)
    view = chosen(ask.view(Connectivity(*run_choice.several(names))), here)
    run, example, step = cached.run_of(view.run), view.example, view.t
    found, marks = view.data(cached.recordings), view.sequence(cached.recordings).marks
    here.headline(connectivity_words.headline(found, run.config.cell, marks, step))
    what = connectivity_words.what(run.task, connectivity.target(run, example, step))
    told = connectivity_words.sentences(found, marks, step, relative=view.relative)
    with here.picture:
        shown, place = tabbed.tabs("connectivity.tab_", ("one", "whole"))
        with place:
            if shown == "one":
                blocks.chart(
                    dict(view.strip(window.look().below(tabbed.HEIGHT), cached.recordings)),
                    say("connectivity.strip_alt", step=step, told=" ".join(told)),
                )
            else:
                triangles(view)
    when = say("connectivity.trained" if run.task.asks else "connectivity.brought")
    asked = say("connectivity.asked", example=example, what=what, when=when)
    if run.task.asks and not run.probe().scored[step, example]:
        asked = f"{asked} {say('connectivity.not_asked', step=step)}"
    here.look_for([*told, asked, *([notes(view, what)] if shown == "whole" else [])])
    with here.more:
        with st.expander(say("app.settings_of_run")):
            for name in view.names(cached.recordings):
                blocks.run_settings(cached.run_of(name))
        blocks.folded_files(view)
    choices.remember_view(view)


run_choice.require_runs()
choices.restore()
choices.take("t", read=whole)
choices.take("relative", read=KINDS["relative"].read)
body()
