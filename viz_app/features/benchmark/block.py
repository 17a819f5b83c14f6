"""The comparison bench, a part of the page Compare: which network is best, and how sure is that?"""

from collections.abc import Callable

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
from viz_app.features.train import training_progress
from viz_app.kit.page import blocks, choices, job_view, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.jobs import queue
from viz_app.text import say

PART, PARTS = "compare_part", ("example", "bench")
AXIS = "bench_axis"


def is_asked() -> bool:
    """Whether the bench is wanted, by the address or as it was chosen last."""
    choices.take("part", PART)
    if choices.asked("part") is None and choices.asked("with"):
        st.session_state[PART] = PARTS[0]  # somebody opens a comparison of recordings
    choices.keep(PART, list(PARTS), PARTS[0])
    return bool(st.session_state[PART] == "bench")


def choose_part() -> None:
    """Ask which part of the page is wanted."""
    st.segmented_control(
        say("bench.part"), PARTS, key=PART, required=True, label_visibility="collapsed",
        format_func=lambda name: say(f"bench.part_{name}"), help=say("bench.part_help"),
    )  # fmt: skip


def show() -> None:
    """The whole part: a prepared comparison and a form, or a comparison of one's own."""
    st.markdown(f"### {say('compare.title')}  \n{say('bench.question')}")
    choose_part()
    choices.take("axis", AXIS)
    remember(chosen_view(choices.address("job")))
    job_view.visit(ComparisonConfig, draw_job, "bench")
    try:
        view = chosen_view(None)
        what = bench_setting.what(view.data(cached.recordings).config)
    except ResultError:
        st.info(say("bench.no_result"))
    else:
        st.caption(f"{say('bench.prepared')} {what}")
        draw(view)
        blocks.python(blocks.code_of(view))
    st.divider()
    ask()


def chosen_view(job: str | None) -> Benchmark:
    """A comparison, with the curves against what is chosen."""
    there = Benchmark().among()["axis"]
    choices.keep(AXIS, there.values, there.usual)
    return Benchmark(st.session_state[AXIS], job)


def remember(view: Benchmark) -> None:
    """Write the part, the job and the axis into the address."""
    choices.remember(part="bench", **view.brief().to_query())


def draw(view: Benchmark) -> None:
    """What a comparison has shown: headline, curves, words, table, files."""
    remember(view)
    picture = view.picture(window.look(), cached.recordings)
    headline, *rest = picture.sentences
    st.markdown(f"**{headline}**")
    legend, switch = st.columns([0.62, 0.38], vertical_alignment="bottom")
    with legend:
        blocks.line_legend(picture.row.legend)
    switch.segmented_control(
        say("bench.axis"), AXES, key=AXIS, required=True, help=say("bench.axis_help"),
        format_func=lambda name: say(f"bench.axis_{name}"),
    )  # fmt: skip
    blocks.panel_row(picture.row._replace(legend=()))
    st.caption(say("bench.curves_how", examples=HELD_OUT_EXAMPLES))
    if rest:
        st.markdown(f"##### {say('bench.look')}")
        st.markdown("\n".join(f"- {sentence}" for sentence in rest))
    st.markdown(f"##### {say('bench.numbers')}")
    st.table(picture.numbers)
    result = picture.result
    st.caption(f"{bench_setting.how(result)} {bench_setting.rule()} {bench_setting.wall(result)}")
    files(view, result)


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
    view = chosen_view(stand.key)
    result = view.data(cached.recordings)
    st.caption(bench_setting.what(experiment))
    job_view.head(stand, experiment, "runs")
    if len(result.table):
        draw(view)
    elif stand.state in job_view.GOES_ON:
        if stand.state == "running" and not result.references:
            st.caption(say("bench.measuring"))
        st.skeleton(height=300)
    if stand.state == "running":
        training_progress.glance(queue().training(stand.key))


def ask() -> None:
    """A comparison of one's own."""
    st.markdown(f"#### {say('bench.own')}")
    st.markdown(say("bench.own_how"))
    bench_form.ask()
