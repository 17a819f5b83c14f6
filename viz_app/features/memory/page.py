"""Memory: how long does this network remember, by six measures?"""

from contextlib import suppress

import streamlit as st

from gatescope import Run
from gatescope.experiments.memory import Curves
from gatescope.jobs import JobError, JobStatus, MemoryOf
from viz_app.features import Memory
from viz_app.features.memory import data as memory
from viz_app.features.memory import words as memory_words
from viz_app.kit.choice import KINDS
from viz_app.kit.memory_shipped import shipped
from viz_app.kit.page import (
    blocks,
    choices,
    job_form,
    job_view,
    run_choice,
    stage,
    tabbed,
)
from viz_app.kit.page import served as cached
from viz_app.kit.page.jobs import queue
from viz_app.kit.words import spoken
from viz_app.text import name_of, say
from viz_app.text.plain import plain

LOOK_AGAIN = 1.0  # seconds between two looks at a measurement


def ask(missing: list[MemoryOf]) -> None:
    """Offer to measure what nobody has asked for yet; end the page here until somebody has."""
    if not missing:
        return
    st.info(say("memory.not_measured"))
    pressed = st.button(say("memory.start_button"), type="primary")
    st.caption(say("memory.measure_cost"))
    if pressed and None not in [job_form.submit(each) for each in missing]:
        st.rerun()
    st.stop()


def stand_of(job: str) -> JobStatus | None:
    """Where a measurement stands; None where nobody has asked for it, or it was removed."""
    return queue().status(job) if queue().has(job) else None


def goes_well(stand: JobStatus | None) -> bool:
    """Whether a measurement needs not be asked for: it is there, or on its way."""
    if stand is None:
        return False
    if stand.state == "done":
        with suppress(JobError):
            return bool(queue().measured(stand.key))
    return stand.state in job_view.GOES_ON


def measured(names: list[str]) -> None:
    """Have the networks measured that are not; end the page here until they are."""
    try:
        asked = [cached.recordings.memory_of(name) for name in names]
        asked = [each for each in asked if each.fingerprint not in shipped()]
        stands = {queue().key(each): stand_of(queue().key(each)) for each in asked}
        for stand in stands.values():
            if stand is not None and stand.state == "failed":
                st.error(say("memory.failed", reason=plain(stand.fault)))
        ask([each for each in asked if not goes_well(stands[queue().key(each)])])
    except job_form.FAULTS as error:
        st.error(job_form.why(error))
        st.stop()
    if all(stand is not None and stand.state == "done" for stand in stands.values()):
        return

    def look() -> None:
        st.info(say("memory.measuring"))
        st.skeleton(height=300)
        now = [stand_of(job) for job in stands]
        if all(stand is None or stand.state not in job_view.GOES_ON for stand in now):
            st.rerun()

    st.fragment(look, run_every=LOOK_AGAIN)()
    st.stop()


def require_weights(names: list[str]) -> None:
    """End the page with a sentence where the weights of a network are no numbers."""
    runs = [cached.run_of(name) for name in names]
    lost = [run for run in runs if not memory.has_weights(run)]
    for run in lost:
        st.info(say("memory.diverged", cell=name_of("cell", run.config.cell)))
    if lost:
        st.stop()


def curves(view: Memory) -> None:
    """The picture."""
    blocks.panel_row(view.row(tabbed.look(), cached.recordings))


def lives(found: dict[str, Curves]) -> None:
    """Half-lives in numbers, why they differ, and what each measure asks."""
    blocks.table(memory_words.half_lives(found))
    st.markdown(f"## {say('memory.disagree')}")
    st.markdown("\n\n".join(memory_words.sentences(found)))
    st.markdown(f"## {say('memory.measures')}")
    st.markdown("\n".join(f"- {line}" for line in memory_words.what_is_asked(found)))


@st.fragment
def body() -> None:
    """The whole page: what is chosen on it draws nothing else anew."""
    here = stage.stage(say("memory.title"), axis=0)
    names = run_choice.choose_task(here.bar)
    log = here.controls.toggle(say("memory.log"), key="log", help=say("memory.log_help"))
    run = cached.run_of(st.session_state["run"])
    with here.more.expander(say("app.settings_of_run")):  # before anything ends the page
        for name in names:
            blocks.run_settings(cached.run_of(name))
    with here.picture:
        run_choice.require_common_end(run)
        view = Memory(*run_choice.several(names), log=log)
        choices.remember_view(view)
        require_weights(names)
        measured(names)
        found = view.data(cached.recordings)
        here.headline(memory_words.headline(found))
        shown, place = tabbed.tabs("memory.tab_", ("curves", "lives"))
        with place:
            if shown == "curves":
                curves(view)
            else:
                lives(found)
    told = memory_words.of_network(found[run.config.cell])[:2]
    here.look_for([*_about(run, told), say("memory.how_log" if log else "memory.how",
                                           last=run.task.length - 1)])  # fmt: skip
    if run.task.input_kind == "pixels":
        here.told.caption(say("memory.pixels"))
    with here.more:
        blocks.folded_files(view)


def _about(run: Run, told: list[str]) -> list[str]:
    """What is said of one network."""
    cell = name_of("cell", run.config.cell)
    return [say("memory.about", cell=cell, told=spoken(*told))] if told else []


run_choice.require_runs()
choices.restore()
choices.take("log", read=KINDS["log"].read)
body()
