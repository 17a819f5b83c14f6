"""The tutorial, tested: do its statements replicate here?"""

from typing import get_args

import streamlit as st

from viz_app.features import Tutorial
from viz_app.features.tutorial import words
from viz_app.features.tutorial.entries import ENTRIES, VERDICTS, Entry, Group, summary
from viz_app.features.tutorial.evidence import Finding
from viz_app.kit.page import blocks, choices, run_choice, window
from viz_app.kit.page import served as cached
from viz_app.text import say
from viz_app.text.plain import plain

ALL = "all"
COLOURS = {
    "holds": "green", "depends": "orange", "undecided": "grey", "wrong": "red", "fault": "red",
    "unseen": "green", "untested": "grey",
}  # fmt: skip


def chosen_verdict(findings: dict[str, Finding]) -> str:
    """Ask which answers to show."""
    verdicts = {finding.verdict for finding in findings.values()}
    there = [name for name in VERDICTS if name in verdicts]
    options = [ALL, *there]
    choices.take("show", "tutorial_show")
    if choices.asked("entry") in {entry.key for entry in ENTRIES}:
        st.session_state[f"runs-{choices.asked('entry')}"] = True
        st.session_state["tutorial_show"] = ALL
    choices.keep("tutorial_show", options, ALL)
    return str(
        st.segmented_control(
            say("tutorial.show"), options, key="tutorial_show", required=True,
            format_func=lambda name: say(
                "tutorial.show_all" if name == ALL else f"tutorial.verdict_{name}"
            ),
            help=say("tutorial.show_help"),
        )
    )  # fmt: skip


def row(entry: Entry, finding: Finding) -> None:
    """One statement: its answer, its sentence, its runs, and the page that shows more."""
    with st.container(border=True):
        verdict, said, more = st.columns([0.15, 0.63, 0.22], vertical_alignment="top")
        label = say(f"tutorial.verdict_{finding.verdict}")
        verdict.markdown(f"**{entry.number}** :{COLOURS[finding.verdict]}-badge[{label}]")
        said.markdown(f"**{entry.says}**  \n{entry.found(finding)}")
        if entry.page and more.button(
            say("tutorial.see", page=say(f"app.{entry.page}")), key=f"see-{entry.key}",
            width="stretch",
        ):  # fmt: skip
            run_choice.open_page(entry.page, entry.run)
        if finding.criteria:
            behind(entry, finding)


def behind(entry: Entry, finding: Finding) -> None:
    """What a verdict follows from, and the runs behind it."""
    label = say("tutorial.behind", met=words.met(finding))
    with st.expander(label, key=f"runs-{entry.key}", on_change="rerun") as place:
        if place.open:
            st.table(words.criteria_table(entry.key, finding).set_index(say("tutorial.criterion")))
            if entry.experiment:
                runs(entry, finding)


def runs(entry: Entry, finding: Finding) -> None:
    """The runs behind an answer, one dot each."""
    view = Tutorial(entry.key)
    plot, _ = st.columns([0.75, 0.25])
    spec = view.spec(window.theme(), cached.recordings)
    key = f"chart-{entry.key}"
    blocks.chart(spec, entry.found(finding), key=key, place=plot, width="content")
    blocks.show_downloads(view)
    st.code(blocks.code_of(view), language="python")


choices.restore()
st.markdown(f"### {say('tutorial.title')}  \n{say('tutorial.question')}")
st.markdown(say("tutorial.intro"))
try:
    answers = Tutorial().findings(cached.recordings)
except ValueError as error:
    st.error(say("tutorial.missing", reason=plain(error)))
    st.stop()
st.markdown(f"**{summary(answers, 'statement')}**  \n{summary(answers, 'listing')}")
wanted = chosen_verdict(answers)
entry = choices.address("entry")
choices.remember(
    show=None if wanted == ALL else wanted,
    entry=entry if st.session_state.get(f"runs-{entry}") else None,
)
for group in get_args(Group):
    kept = [e for e in ENTRIES if e.group == group]
    kept = [e for e in kept if wanted in (ALL, answers[e.key].verdict)]
    if kept:
        st.markdown(f"#### {say(f'tutorial.{group}s')}")
    for each in kept:
        row(each, answers[each.key])
