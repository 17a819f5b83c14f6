"""Memory: how long does this network remember, by six measures?"""

from contextlib import suppress

import streamlit as st

from gatescope.jobs import JobError, JobStatus, MemoryOf
from viz_app.features import Memory
from viz_app.features.memory import words as memory_words
from viz_app.kit.choice import KINDS
from viz_app.kit.memory_shipped import shipped
from viz_app.kit.page import blocks, choices, job_form, job_view, run_choice, stage, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.jobs import queue
from viz_app.kit.run_words import score
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


run_choice.require_runs()
choices.restore()
row = stage.heading(say("memory.title"), say("memory.question"))
names = run_choice.choose_task(row)
choices.take("log", read=KINDS["log"].read)
log = row.toggle(say("memory.log"), key="log", help=say("memory.log_help"))
runs = [cached.run_of(name) for name in names]
st.caption("  \n".join(f"{name_of('cell', run.config.cell)}: {score(run)}" for run in runs))
run_choice.require_common_end(runs[0])
view = Memory(*run_choice.several(names), log=log)
choices.remember_view(view)
measured(names)
found = view.data(cached.recordings)
blocks.panel_row(view.row(window.look(), cached.recordings))
st.caption(say("memory.how_log" if log else "memory.how", last=runs[0].task.length - 1))
st.table(memory_words.half_lives(found))
st.markdown(f"#### {say('memory.disagree')}")
st.markdown("\n\n".join(memory_words.sentences(found)))
if runs[0].task.input_kind == "pixels":
    st.caption(say("memory.pixels"))
blocks.show_files(view)
