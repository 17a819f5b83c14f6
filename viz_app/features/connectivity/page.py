"""Connectivity: which input mattered for this output?"""

from functools import partial

import streamlit as st

from viz_app.features import Connectivity
from viz_app.features.connectivity import data as connectivity
from viz_app.features.connectivity import words as connectivity_words
from viz_app.features.connectivity.chart import MOST_FRAMED, ROW
from viz_app.kit.chart.raster import framed
from viz_app.kit.choice import KINDS, whole
from viz_app.kit.page import ask, blocks, choices, run_choice, stage, window
from viz_app.kit.page import served as cached
from viz_app.kit.run_words import score
from viz_app.text import name_of, say


def chosen(names: list[str]) -> Connectivity:
    """Ask for example, output step and scale."""
    view = ask.view(Connectivity(*run_choice.several(names)))
    columns = st.columns([0.16, 0.62, 0.22], vertical_alignment="bottom")
    ask.example(view, columns[0])
    columns[1].select_slider(
        say("connectivity.step"), view.among(cached.recordings)["t"].values, key="t",
        help=say("connectivity.step_help"),
    )  # fmt: skip
    relative = columns[2].toggle(
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
    specs = view.triangles(window.theme(), cached.recordings)
    steps = next(iter(found.values()))["output_time"].values.tolist()
    columns = st.columns(max(3, len(specs)), gap="small")
    for column, spec, (cell, norms) in zip(columns, specs, found.items(), strict=False):
        # a picture with another row framed is another one: what was clicked in the last is gone
        key = f"connectivity-{cell}-{view.t}"
        column.vega_lite_chart(
            framed(spec, steps.index(view.t)),
            theme=None, width="stretch", key=key, selection_mode=ROW,
            on_select=partial(clicked, key, steps),
            alt=connectivity_words.alternative(cell, norms, view.t),
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
def body(names: list[str]) -> None:
    """Everything below the choice of the task."""
    view = chosen(names)
    run, example, step = cached.run_of(view.run), view.example, view.t
    st.markdown(f"#### {say('connectivity.strip', step=step)}")
    what = connectivity_words.what(run.task, connectivity.target(run, example, step))
    asked = say("connectivity.asked", example=example, what=what)
    if not run.probe().scored[step, example]:
        asked = f"{asked} {say('connectivity.not_asked', step=step)}"
    st.caption(asked)
    marks = view.sequence(cached.recordings).marks
    told = connectivity_words.sentences(
        view.data(cached.recordings), marks, step, relative=view.relative
    )
    st.vega_lite_chart(
        dict(view.strip(window.theme(), cached.recordings)),
        theme=None, width="stretch",
        alt=say("connectivity.strip_alt", step=step, told=" ".join(told)),
    )  # fmt: skip
    st.markdown("\n".join(f"- {sentence}" for sentence in told))
    st.markdown(f"#### {say('connectivity.whole')}")
    triangles(view)
    st.caption(notes(view, what))
    blocks.show_files(view)
    choices.remember_view(view)


run_choice.require_runs()
choices.restore()
choices.take("t", read=whole)
choices.take("relative", read=KINDS["relative"].read)
names = run_choice.choose_task(
    stage.heading(say("connectivity.title"), say("connectivity.question"))
)
runs = [cached.run_of(name) for name in names]
st.caption("  \n".join(f"{name_of('cell', run.config.cell)}: {score(run)}" for run in runs))
body(names)
