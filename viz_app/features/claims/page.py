"""Claims: published claims; do they replicate here?"""

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
from viz_app.kit.page import blocks, choices, job_form, job_view, stage, tabbed, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.jobs import queue
from viz_app.kit.sharing import shared
from viz_app.text import say

NAME_WIDTH = 290  # pixels for a claim's name


def restore() -> None:
    """Take over the claim that the address names, or the one of its job."""
    choices.take("claim")
    if job := choices.address("job"):
        with suppress(*job_form.FAULTS):  # the page says so below
            st.session_state["claim"] = queue().experiment(job, ClaimConfig).key


def choose(place: Any, job: str | None = None) -> Claim:
    """Ask for a claim; it is still chosen after another page, and another one leaves a job."""
    keys = list(CLAIMS)
    choices.keep("claim", keys, keys[0])
    place.selectbox(
        say("claims.claim"), keys, key="claim", help=say("claims.claim_help"),
        format_func=lambda name: say(f"claims.name_{name}"), on_change=job_view.leave,
        width=window.scaled(NAME_WIDTH), label_visibility="collapsed",
    )  # fmt: skip
    choices.remember(claim=st.session_state["claim"], job=job)
    return CLAIMS[st.session_state["claim"]]


def pictured(view: Claims, result: ClaimResult, here: stage.Stage) -> None:
    """The verdict, the picture, and in tabs how it is judged and all numbers."""
    claim = view.which()
    here.headline(claims_words.verdict(claim, result))
    with here.picture:
        tabs(view, result)
    here.look_for([*claims_lessons.lessons(claim, result), claims_words.how(claim)])


def tabs(view: Claims, result: ClaimResult) -> None:
    """What there is to see of a claim; only the open tab is drawn."""
    claim = view.which()
    names = ("curves", "judged", "numbers") if result.parts else ("curves", "numbers")
    shown, place = tabbed.tabs("claims.tab_", names)
    with place:
        if shown == "curves":
            look = tabbed.look()
            blocks.panel_row(view.row(look, cached.recordings))
        elif shown == "judged":
            blocks.table(claims_words.parts(result))
            st.caption(claims_words.rule(claim))
        else:
            blocks.table(claims_words.numbers(claim, result))
            if claims_words.no_paper(result):
                st.caption(claims_words.no_paper(result))


def says(claim: Claim, here: stage.Stage) -> None:
    """What is claimed."""
    here.told.markdown(say("claims.claim_says", claim=say(f"claims.says_{claim.key}")))


def how_made(claim: Claim, result: ClaimResult | None) -> None:
    """Where a claim stands, what it takes, and the command for the terminal."""
    with st.expander(say("claims.how_made")):
        lines = [claims_words.sources(claim), claims_words.budget(claim)]
        lines += [claims_words.took(result)] if result is not None else []
        st.caption("  \n".join(line for line in lines if line))
        st.caption(say("claims.command"))
        name = claim.key.replace("_", "-")
        st.code(f"gatescope claim {claim.key} --out runs/claim-{name}", "bash")


def draw_job(stand: JobStatus, experiment: ClaimConfig) -> None:
    """A claim that was asked for, as far as its networks are trained."""
    if choices.address("job") is None:
        st.rerun()  # another claim is chosen: all of the page, not this fragment alone
    view = Claims(experiment.key, stand.key)
    here = stage.stage(say("claims.title"), axis=0)
    claim = choose(here.bar, stand.key)
    job_view.bar(here.bar, stand, None, experiment, "runs", back=say("claims.back"))
    says(claim, here)
    result = view.data(cached.recordings)
    if len(result.curves):
        pictured(view, result, here)
    elif stand.state in job_view.GOES_ON:
        here.picture.skeleton(height=300)
    with here.more:
        how_made(claim, None)


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


def without_job(view: Claims, result: ClaimResult | None, here: stage.Stage) -> Claims:
    """The prepared result, and the button that makes it again; returns what is shown."""
    claim, place = view.which(), here.controls
    pressed = place.button(
        say("claims.run"), width="stretch",
        help=say("claims.run_help" if claim.trains else "claims.run_nothing_help"),
    )  # fmt: skip
    if claim.trains:
        job_form.cost(lambda: ClaimConfig(key=claim.key), place)
    with here.picture:
        if pressed and claim.trains:
            job_form.begin(lambda: ClaimConfig(key=claim.key), "claims", claim=claim.key)
        elif pressed:
            result, view = measure_here(view), view.but(anew=True)
        if result is None:
            st.info(say("claims.no_result"))
            return view
    pictured(view, result, here)
    return view


def prepared(view: Claims) -> ClaimResult | None:
    """The result that comes with the app; None when there is none of today's budget."""
    try:
        return view.data(cached.recordings)
    except ResultError:
        return None


def body() -> None:
    """The page."""
    here = stage.stage(say("claims.title"), axis=0)
    claim = choose(here.bar)
    says(claim, here)
    view = Claims(claim.key)
    result = prepared(view)
    view = without_job(view, result, here)
    with here.more:
        how_made(claim, result)
        if result is not None:
            blocks.folded_files(view)


restore()
job_view.visit(ClaimConfig, draw_job, say("claims.title"), say("claims.back"))
body()
