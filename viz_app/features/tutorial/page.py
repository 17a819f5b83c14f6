"""The tutorial, tested: do its statements replicate here?"""

from typing import Any, get_args

import streamlit as st

from viz_app.features import Tutorial
from viz_app.features.tutorial import words
from viz_app.features.tutorial.entries import ENTRIES, VERDICTS, Entry, Group, summary
from viz_app.features.tutorial.evidence import Finding
from viz_app.kit.page import blocks, choices, run_choice, stage, tabbed, window
from viz_app.kit.page import served as cached
from viz_app.text import say
from viz_app.text.plain import plain

ALL = "all"
TABS = "tutorial.tab_"
SHOW_WIDTH = 190  # pixels of a verdict's name
COLOURS = {
    "holds": "green", "depends": "orange", "undecided": "grey", "wrong": "red", "fault": "red",
    "unseen": "green", "untested": "grey",
}  # fmt: skip


def chosen_verdict(findings: dict[str, Finding], place: Any) -> str:
    """Ask which answers to show."""
    verdicts = {finding.verdict for finding in findings.values()}
    there = [name for name in VERDICTS if name in verdicts]
    options = [ALL, *there]
    choices.take("show", "tutorial_show")
    asked = next((e for e in ENTRIES if e.key == choices.asked("entry")), None)
    if asked is not None:
        st.session_state[f"runs-{asked.key}"] = True
        st.session_state["tutorial_show"] = ALL
        st.session_state[tabbed.key_of(TABS)] = say(f"tutorial.tab_{asked.group}")
    choices.keep("tutorial_show", options, ALL)
    return str(
        place.selectbox(
            say("tutorial.show"), options, key="tutorial_show", width=window.scaled(SHOW_WIDTH),
            format_func=lambda name: say(
                "tutorial.show_all" if name == ALL else f"tutorial.verdict_{name}"
            ),
            help=say("tutorial.show_help"),
        )
    )  # fmt: skip


def row(entry: Entry, finding: Finding) -> None:
    """One statement: its answer, its sentence, its runs, and the page that shows more."""
    with st.container(border=True):
        verdict, said, more = st.columns([0.19, 0.59, 0.22], vertical_alignment="top")
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
            blocks.table(
                words.criteria_table(entry.key, finding).set_index(say("tutorial.criterion"))
            )
            if entry.experiment:
                runs(entry, finding)


def runs(entry: Entry, finding: Finding) -> None:
    """The runs behind an answer, one dot each."""
    view = Tutorial(entry.key)
    spec = view.spec(window.look(), cached.recordings)
    blocks.chart(spec, view.alternative(cached.recordings), key=f"chart-{entry.key}")
    blocks.show_downloads(view)
    st.code(blocks.code_of(view), language="python")


def body() -> None:
    """The page."""
    here = stage.stage(say("tutorial.title"), axis=0)
    try:
        answers = Tutorial().findings(cached.recordings)
    except ValueError as error:
        st.error(say("tutorial.missing", reason=plain(error)))
        return
    wanted = chosen_verdict(answers, here.bar)
    here.headline(summary(answers, "statement"))
    here.told.markdown("\n\n".join([say("tutorial.intro"), say("tutorial.how_judged"),
                                    summary(answers, "listing")]))  # fmt: skip
    entry = choices.address("entry")
    choices.remember(
        show=None if wanted == ALL else wanted,
        entry=entry if st.session_state.get(f"runs-{entry}") else None,
    )
    kept = [each for each in ENTRIES if wanted in (ALL, answers[each.key].verdict)]
    groups = [group for group in get_args(Group) if any(e.group == group for e in kept)]
    with here.picture:
        shown, place = tabbed.tabs(TABS, groups)
        with place:
            for each in kept:
                if each.group == shown:
                    row(each, answers[each.key])


choices.restore()
body()
