"""The tutorial, tested: do its statements replicate here?"""

import streamlit as st

from viz_app.features import Tutorial
from viz_app.features.tutorial import data as tutorial
from viz_app.features.tutorial import words as tutorial_words
from viz_app.features.tutorial.data import Entry
from viz_app.features.tutorial.evidence import Finding
from viz_app.kit.page import blocks, choices
from viz_app.kit.page import served as cached
from viz_app.text import say
from viz_app.text.plain import plain

ALL = "all"
COLOURS = {
    "holds": "green", "depends": "orange", "undecided": "grey", "wrong": "red", "fault": "red",
    "unseen": "green", "untested": "grey",
}  # fmt: skip


def chosen_verdict(found: dict[str, Finding]) -> str:
    """Ask which answers to show."""
    there = [name for name in tutorial.VERDICTS if name in {f.verdict for f in found.values()}]
    options = [ALL, *there]
    choices.take("show", "tutorial_show")
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
            open_page(entry)
        if finding.criteria:
            behind(entry, finding)


def open_page(entry: Entry) -> None:
    """Go to the page that shows more, on its run."""
    choices.open_page(entry.page, entry.run)


def behind(entry: Entry, finding: Finding) -> None:
    """What a verdict follows from, and the runs behind it."""
    label = say("tutorial.behind", met=tutorial_words.met(finding))
    with st.expander(label, key=f"runs-{entry.key}", on_change="rerun") as place:
        if place.open:
            st.table(entry.criteria(finding).set_index(say("tutorial.criterion")))
            if entry.experiment:
                runs(entry, finding)


def runs(entry: Entry, finding: Finding) -> None:
    """The runs behind an answer, one dot each."""
    view = Tutorial(entry.key)
    plot, _ = st.columns([0.75, 0.25])
    plot.vega_lite_chart(
        dict(view.spec(blocks.theme(), cached.recordings)), theme=None, width="content",
        key=f"chart-{entry.key}", on_select="ignore", alt=entry.found(finding),
    )  # fmt: skip
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
st.markdown(
    f"**{tutorial.summary(answers, 'statement')}**  \n{tutorial.summary(answers, 'listing')}"
)
wanted = chosen_verdict(answers)
choices.remember(show=None if wanted == ALL else wanted)
for group in ("statement", "listing"):
    kept = [e for e in tutorial.ENTRIES if e.group == group]
    kept = [e for e in kept if wanted in (ALL, answers[e.key].verdict)]
    if kept:
        st.markdown(f"#### {say(f'tutorial.{group}s')}")
    for each in kept:
        row(each, answers[each.key])
