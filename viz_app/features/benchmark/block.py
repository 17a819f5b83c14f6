"""The comparison bench, a part of the page Compare: which network is best, and how sure is that?"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from gatescope.experiments import ResultError
from gatescope.experiments.comparison import Comparison, ComparisonConfig
from gatescope.jobs import JobStatus
from gatescope.training.scoring import HELD_OUT_EXAMPLES
from viz_app.features import Benchmark
from viz_app.features.benchmark import form as bench_form
from viz_app.features.benchmark import numbers as bench_numbers
from viz_app.features.benchmark import setting as bench_setting
from viz_app.features.benchmark.data import AXES
from viz_app.features.benchmark.view import Picture
from viz_app.features.train import training_progress
from viz_app.kit.page import blocks, choices, job_view, stage, tabbed
from viz_app.kit.page import served as cached
from viz_app.kit.page.jobs import queue
from viz_app.kit.words import some, spoken
from viz_app.text import say

PART, PARTS = "compare_part", ("example", "bench")
AXIS = "bench_axis"

FIRST = 5
"""Sentences beside the picture, the headline with them; all of them stand below the table."""


def is_asked() -> bool:
    """Whether the bench is wanted, by the address or as it was chosen last."""
    choices.take("part", PART)
    if choices.asked("part") is None and choices.asked("with"):
        st.session_state[PART] = PARTS[0]  # somebody opens a comparison of recordings
    choices.keep(PART, list(PARTS), PARTS[0])
    return bool(st.session_state[PART] == "bench")


def choose_part(place: Any = st) -> None:
    """Ask which part of the page is wanted."""
    place.segmented_control(
        say("bench.part"), PARTS, key=PART, required=True, label_visibility="collapsed",
        format_func=lambda name: say(f"bench.part_{name}"), help=say("bench.part_help"),
    )  # fmt: skip


def show() -> None:
    """The whole part: a prepared comparison and a form, or a comparison of one's own."""
    choices.take("axis", AXIS)
    job_view.visit(ComparisonConfig, draw_job, say("compare.title"), say("bench.back"))
    here = stage.stage(say("compare.title"), axis=0)
    choose_part(here.bar)
    view = chosen_view(None)
    remember(view)
    with here.picture:
        try:
            view.data(cached.recordings)
        except ResultError:
            st.info(say("bench.no_result"))
            ask()
            return
    result = pictured(view, here, own=True)
    with here.more:
        with st.expander(say("bench.how_made")):
            st.caption(bench_setting.what(result.config))
        with st.expander(say("app.export")):
            files(view, result)
        blocks.python(blocks.code_of(view))


def chosen_view(job: str | None) -> Benchmark:
    """A comparison, with the curves against what is chosen."""
    there = Benchmark().among()["axis"]
    choices.keep(AXIS, there.values, there.usual)
    return Benchmark(st.session_state[AXIS], job)


def remember(view: Benchmark) -> None:
    """Write the part, the job and the axis into the address."""
    choices.remember(part="bench", **view.brief().to_query())


def pictured(view: Benchmark, here: stage.Stage, *, own: bool) -> Comparison:
    """The curves of a comparison, its numbers, and a form for another one, each in a tab.

    Parameters
    ----------
    view, here
        The comparison, and the places of the page.
    own
        Whether there is the form.
    """
    picture = view.picture(tabbed.look(), cached.recordings)
    with here.picture:
        tabs(picture, own)
    here.controls.segmented_control(
        say("bench.axis"), AXES, key=AXIS, required=True, help=say("bench.axis_help"),
        format_func=lambda name: say(f"bench.axis_{name}"),
    )  # fmt: skip
    here.headline(picture.sentences[0])
    here.look_for([*picture.sentences[1:FIRST], curves_how()])
    return picture.result


def tabs(picture: Picture, own: bool) -> None:
    """What there is to see of a comparison; only the open one is drawn."""
    names = ["curves", "numbers", *(["own"] if own else [])]
    shown, tab = tabbed.tabs("bench.tab_", names)
    with tab:
        if shown == "own":
            ask()
        elif shown == "numbers":
            result = picture.result
            blocks.table(picture.numbers)
            st.markdown("\n".join(f"- {sentence}" for sentence in picture.sentences[1:]))
            st.caption(
                spoken(bench_setting.how(result), bench_setting.rule(), bench_setting.wall(result))
            )
        else:
            blocks.panel_row(picture.row)


def curves_how() -> str:
    """What the lines are."""
    return say("bench.curves_how", examples=some("examples", HELD_OUT_EXAMPLES))


def files(view: Benchmark, result: Comparison) -> None:
    """The figure and every run; the table for a paper; the line for the terminal."""
    blocks.show_downloads(view)
    made: dict[str, Callable[[], str]] = {
        "csv": lambda: result.summary().to_csv(index=False),
        "md": lambda: bench_numbers.markdown(result),
        "tex": lambda: bench_numbers.latex(result),
    }
    for place, (ending, written) in zip(st.columns(4), made.items(), strict=False):
        name = f"{view.file_name()}.{ending}"
        blocks.download(say(f"bench.as_{ending}"), name, written, place)
    command = bench_setting.command(result.config)
    if command:
        st.caption(say("bench.command"))
        st.code(command, "bash", wrap_lines=True)


def draw_job(stand: JobStatus, experiment: ComparisonConfig) -> None:
    """A comparison that was asked for, as far as it is; it grows while it runs."""
    here = stage.stage(say("compare.title"), axis=0)
    view = chosen_view(stand.key)
    remember(view)
    result = view.data(cached.recordings)
    job_view.bar(here.bar, stand, None, experiment, "runs", back=say("bench.back"))
    if len(result.table):
        pictured(view, here, own=False)
        with here.more.expander(say("app.export")):
            files(view, result)
    elif stand.state in job_view.GOES_ON:
        if stand.state == "running" and not result.references:
            here.headline(say("bench.measuring"))
        here.picture.skeleton(height=300)
    here.more.caption(bench_setting.what(experiment))
    if stand.state == "running":
        training_progress.glance(queue().training(stand.key))


def ask() -> None:
    """A comparison of one's own."""
    st.markdown(say("bench.own_how"))
    bench_form.ask()
