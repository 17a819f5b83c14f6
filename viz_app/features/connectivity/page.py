"""Connectivity: which input mattered for this output?"""

from functools import partial

import streamlit as st

from viz_app.features import Connectivity
from viz_app.features.connectivity import data as connectivity
from viz_app.features.connectivity import play
from viz_app.features.connectivity import words as connectivity_words
from viz_app.features.connectivity.chart import MOST_FRAMED, ROW
from viz_app.kit.chart import play as clock
from viz_app.kit.chart.raster import framed
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import KINDS, whole
from viz_app.kit.page import (
    ask,
    blocks,
    choices,
    player,
    run_choice,
    stage,
    tabbed,
)
from viz_app.kit.page import served as cached
from viz_app.kit.words import spoken
from viz_app.text import say


def chosen(view: Connectivity, here: stage.Stage) -> Connectivity:
    """Ask for example, training step, output step and scale."""
    ask.example(view, here.bar)
    ask.checkpoint(view, here.bar, plays=view.name, clicker=True)
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


def strip(view: Connectivity, look: Look) -> None:
    """Draw one output step over the input; while it plays, at every training step."""
    playing = player.now(view.name)
    if playing is None:
        spec = dict(view.strip(look, cached.recordings))
        blocks.chart(spec, view.alternative(cached.recordings))
        return
    first = player.clock(playing, cached.run_of(view.run).steps)
    spec = play.strip(view, look.below(clock.HEIGHT), first, cached.recordings)
    alternative = at_the_end(view).alternative(cached.recordings)
    key = f"connectivity-played-{view.run}-{view.example}"
    blocks.chart(spec, say("play.alt", told=alternative), key=key)


def at_the_end(view: Connectivity) -> Connectivity:
    """The trained networks: what plays is told of them, since another text would begin it anew."""
    return view.but(checkpoint=None)


def triangles(view: Connectivity, look: Look) -> None:
    """Draw every network's triangle; a click picks a row."""
    found, playing = view.data(cached.recordings), player.now(view.name)
    if playing is None:
        drawn = view.triangles(look, cached.recordings)
    else:
        first = player.clock(playing, cached.run_of(view.run).steps)
        found = at_the_end(view).data(cached.recordings)
        drawn = play.triangles(view, look.below(clock.HEIGHT), first, cached.recordings)
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
        spec = framed(drawn.specs[place], steps.index(view.t))
        column = columns[(place - shown.start) % len(columns)]
        # a picture with another row framed is another one: what was clicked in the last is gone
        key = f"connectivity-{cell}-{view.t}"
        alternative = connectivity_words.alternative(cell, norms, view.t)
        if playing is not None:
            told = say("play.alt", told=alternative)
            blocks.chart(spec, told, place=column, key=f"{key}-played")
            continue
        blocks.chart(
            spec, alternative, place=column, key=key, selection_mode=ROW,
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
    return spoken(*told)


@st.fragment
def body() -> None:
    """The whole page: what is chosen on it draws nothing else anew."""
    here = stage.stage(say("connectivity.title"), axis=0)
    names = run_choice.choose_task(here.bar)
    view = chosen(ask.view(Connectivity(*run_choice.several(names))), here)
    run, example, step = cached.run_of(view.run), view.example, view.t
    found, marks = view.data(cached.recordings), view.sequence(cached.recordings).marks
    headline = connectivity_words.headline(found, run.config.cell, marks, step)
    here.headline(player.headline(view.name, view.checkpoint, headline))
    what = connectivity_words.what(run.task, connectivity.target(run, example, step))
    told = view.told(cached.recordings)
    look = tabbed.look()
    with here.picture:
        shown, place = tabbed.tabs("connectivity.tab_", ("one", "whole"))
        with place:
            if shown == "one":
                strip(view, look)
            else:
                triangles(view, look)
    when = say("connectivity.trained" if run.task.asks else "connectivity.brought")
    if view.checkpoint != run.steps[-1]:
        when = say("connectivity.at", step=view.checkpoint)
    asked = say("connectivity.asked", example=example, what=what, when=when)
    if run.task.asks and not run.probe().scored[step, example]:
        asked = spoken(asked, say("connectivity.not_asked", step=step))
    here.look_for([*told, asked, *([notes(view, what)] if shown == "whole" else [])])
    with here.more:
        with st.expander(say("app.settings_of_run")):
            for name in view.names(cached.recordings):
                blocks.run_settings(cached.run_of(name), view.step_of(name, cached.recordings))
        blocks.folded_files(view)
    choices.remember_view(view)


run_choice.require_runs()
choices.restore()
choices.take("t", read=whole)
choices.take("relative", read=KINDS["relative"].read)
body()
