"""Connectivity: which input mattered for this output?"""

from functools import partial

import streamlit as st

from viz_app.app_pages import cached, cached_connectivity, choices, parts
from viz_app.text import name_of, say
from viz_app.views import connectivity, connectivity_words, examples, snippets
from viz_app.views.framing import framed
from viz_app.views.settings import score


def step_key() -> str:
    """Where the output step is kept: each task has its own."""
    return f"output_step-{st.session_state['task']}"


def restore() -> None:
    """Take over the output step and scale that the address asks for."""
    if st.query_params.get("relative") == "1":
        st.session_state.setdefault("relative", True)
    choices.take("t", step_key(), choices.whole)


def chosen(names: list[str]) -> tuple[int, int, bool]:
    """Ask for example, output step and scale."""
    probe = cached.run_of(names[0]).probe()
    example_column, step_column, scale_column = st.columns(
        [0.16, 0.62, 0.22], vertical_alignment="bottom"
    )
    count = len(probe.marks)
    choices.keep("example", list(range(count)), examples.longest(probe))
    example = example_column.number_input(
        say("app.example"), 0, count - 1, key="example",
        help=say("app.example_help", count=count),
    )  # fmt: skip
    steps = connectivity.output_steps(len(probe.inputs))
    last = connectivity.last_asked(probe, example)
    choices.keep(step_key(), steps, max(step for step in steps if step <= last))
    step = step_column.select_slider(
        say("connectivity.step"), steps, key=step_key(), help=say("connectivity.step_help")
    )
    relative = scale_column.toggle(
        say("connectivity.relative"), key="relative", help=say("connectivity.relative_help")
    )
    return example, step, relative


def clicked(key: str, steps: list[int]) -> None:
    """Take over the row that was clicked in a triangle."""
    for picked in st.session_state[key]["selection"].get(connectivity.ROW, []):
        st.session_state[step_key()] = steps[int(picked["row"])]


def triangles(names: tuple[str, ...], example: int, step: int, relative: bool) -> None:
    """Draw every network's triangle; a click picks a row."""
    found = cached_connectivity.found(names, example)
    specs = cached_connectivity.specs(names, example, relative, parts.theme())
    steps = next(iter(found.values()))["output_time"].values.tolist()
    columns = st.columns(max(3, len(specs)), gap="small")
    for column, spec, (cell, norms) in zip(columns, specs, found.items(), strict=False):
        # a picture with another row framed is another one: what was clicked in the last is gone
        key = f"connectivity-{cell}-{step}"
        column.vega_lite_chart(
            framed(spec, steps.index(step)),
            theme=None, width="stretch", key=key, selection_mode=connectivity.ROW,
            on_select=partial(clicked, key, steps),
            alt=connectivity_words.alternative(cell, norms, step),
        )  # fmt: skip


def notes(names: tuple[str, ...], example: int, step: int, relative: bool) -> str:
    """What the triangles show, and what is special here."""
    run = cached.run_of(names[0])
    probe, found = run.probe(), cached_connectivity.found(names, example)
    told = [
        say(
            f"connectivity.how_{'relative' if relative else 'absolute'}",
            what=connectivity_words.what(run.task, connectivity.target(run, example, step)),
        )
    ]
    if 0 < len(probe.marks[example]) <= connectivity.MOST_FRAMED:
        told.append(say("connectivity.marked"))
    if cached_connectivity.has_zeros(names, example):
        told.append(say("connectivity.zeros"))
    rows = next(iter(found.values())).sizes["output_time"]
    if rows < len(probe.inputs):
        told.append(say("connectivity.some_rows", count=rows, steps=len(probe.inputs)))
    return " ".join(told)


@st.fragment
def body(names: tuple[str, ...]) -> None:
    """Everything below the choice of the task."""
    run = cached.run_of(names[0])
    example, step, relative = chosen(list(names))
    found = cached_connectivity.found(names, example)
    shown = cached_connectivity.shown(names[0], example)
    st.markdown(f"#### {say('connectivity.strip', step=step)}")
    what = connectivity_words.what(run.task, connectivity.target(run, example, step))
    asked = say("connectivity.asked", example=example, what=what)
    if not run.probe().scored[step, example]:
        asked = f"{asked} {say('connectivity.not_asked', step=step)}"
    st.caption(asked)
    told = connectivity_words.sentences(found, shown.marks, step, relative=relative)
    st.vega_lite_chart(
        dict(cached_connectivity.strip(names, example, step, relative, parts.theme())),
        theme=None, width="stretch",
        alt=say("connectivity.strip_alt", step=step, told=" ".join(told)),
    )  # fmt: skip
    st.markdown("\n".join(f"- {sentence}" for sentence in told))
    st.markdown(f"#### {say('connectivity.whole')}")
    triangles(names, example, step, relative)
    st.caption(notes(names, example, step, relative))
    parts.downloads(
        f"connectivity-example{example}",
        lambda: connectivity.figure(found, shown, step, relative=relative, theme=parts.theme()),
        lambda: connectivity.table(found),
    )
    parts.python(snippets.connectivity(list(names), example, step, relative, parts.theme()))
    choices.remember(
        run=st.session_state["run"], example=example, t=step, relative=1 if relative else None
    )


choices.require_runs()
choices.restore()
run_names = choices.choose_task(
    parts.heading(say("connectivity.title"), say("connectivity.question"))[0]
)
restore()
runs = [cached.run_of(name) for name in run_names]
st.caption("  \n".join(f"{name_of('cell', run.config.cell)}: {score(run)}" for run in runs))
body(tuple(run_names))
