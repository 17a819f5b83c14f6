"""Claims: papers say it; does it come out here?"""

import time
from contextlib import suppress
from typing import Any

import streamlit as st

from gatescope.experiments import ResultError, process_pool
from gatescope.experiments.claims import (
    CLAIMS,
    Claim,
    ClaimConfig,
    ClaimResult,
    measure_untrained,
)
from gatescope.jobs import JobStatus
from viz_app.features import Claims
from viz_app.features.claims import lessons as claims_lessons
from viz_app.features.claims import words as claims_words
from viz_app.kit.page import blocks, choices, job_form, job_view, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.jobs import queue
from viz_app.kit.sharing import shared
from viz_app.text import say


def choose(job: str | None) -> Claim:
    """Ask for a claim, first that of a job; it is still chosen after another page."""
    choices.take("claim")
    if job:
        with suppress(*job_form.FAULTS):  # the page says so below
            st.session_state["claim"] = queue().experiment(job, ClaimConfig).key
    keys = list(CLAIMS)
    choices.keep("claim", keys, keys[0])
    st.segmented_control(
        say("claims.claim"), keys, key="claim", required=True, help=say("claims.claim_help"),
        format_func=lambda name: say(f"claims.name_{name}"), on_change=job_view.leave,
        width="stretch",
    )  # fmt: skip
    choices.remember(claim=st.session_state["claim"], job=job)
    return CLAIMS[st.session_state["claim"]]


def show(view: Claims, result: ClaimResult) -> None:
    """Verdict, picture, what is to be learnt, and the numbers."""
    claim = view.which()
    st.markdown(f"**{claims_words.verdict(claim, result)}**")
    row = view.row(window.look(), cached.recordings)
    place = st if len(row.specs) > 1 else st.columns([0.7, 0.3])[0]
    with place.container():
        blocks.panel_row(row)
    st.caption(claims_words.how(claim))
    for lesson in claims_lessons.lessons(claim, result):
        st.markdown(lesson)
    if result.parts:
        st.markdown(f"#### {say('claims.how_judged')}")
        st.table(claims_words.parts(result))
        st.caption(claims_words.rule(claim))
    st.markdown(f"#### {say('claims.numbers')}")
    st.table(claims_words.numbers(claim, result))
    if claims_words.no_paper(result):
        st.caption(claims_words.no_paper(result))
    blocks.show_downloads(view)


def draw_job(stand: JobStatus, experiment: ClaimConfig) -> None:
    """A claim that was asked for, as far as its networks are trained."""
    view = Claims(experiment.key, stand.key)
    job_view.head(stand, experiment, "runs")
    result = view.data(cached.recordings)
    if len(result.curves):
        show(view, result)
    elif stand.state in job_view.GOES_ON:
        st.skeleton(height=300)


@shared
def measured(key: str) -> tuple[ClaimResult, float]:
    """A claim about untrained networks, measured once in a process of its own; and its seconds."""
    began = time.perf_counter()
    with process_pool(1) as pool:
        result = pool.submit(measure_untrained, key).result()
    return result, time.perf_counter() - began


def measure_here(view: Claims) -> ClaimResult:
    """A claim about untrained networks, measured while one waits."""
    with st.spinner(say("claims.measuring")):
        result, seconds = measured(view.which().key)
    st.success(say("claims.measured", seconds=seconds))
    return cached.recordings.get(view.measured(), lambda: result)


def without_job(view: Claims, result: ClaimResult | None, place: Any) -> None:
    """The prepared result, and the button that makes it again."""
    claim = view.which()
    pressed = place.button(
        say("claims.run"), type="primary", width="stretch",
        help=say("claims.run_help" if claim.trains else "claims.run_nothing_help"),
    )  # fmt: skip
    if claim.trains:
        job_form.cost(lambda: ClaimConfig(key=claim.key), place)
    if pressed and claim.trains:
        job_form.begin(lambda: ClaimConfig(key=claim.key), "claims", claim=claim.key)
    elif pressed:
        result, view = measure_here(view), view.but(anew=True)
    if result is None:
        st.info(say("claims.no_result"))
    else:
        show(view, result)


def prepared(view: Claims) -> ClaimResult | None:
    """The result that comes with the app; None when there is none of today's budget."""
    try:
        return view.data(cached.recordings)
    except ResultError:
        return None


st.markdown(f"### {say('claims.title')}  \n{say('claims.question')}")
job = choices.address("job")
claim = choose(job)
head, beside = st.columns([0.78, 0.22], vertical_alignment="top")
head.markdown(f"##### {say(f'claims.says_{claim.key}')}")
view = Claims(claim.key)
result = None if job else prepared(view)
lines = [claims_words.sources(claim), claims_words.budget(claim)]
lines += [claims_words.took(result)] if result is not None else []
head.caption("  \n".join(lines))
if job:
    beside.button(say("claims.back"), on_click=job_view.leave, width="stretch")
    job_view.follow(job, ClaimConfig, draw_job)
else:
    without_job(view, result, beside)
st.caption(say("claims.command"))
st.code(f"gatescope claim {claim.key} --out runs/claim-{claim.key.replace('_', '-')}", "bash")
if result is not None:
    blocks.python(blocks.code_of(view))
