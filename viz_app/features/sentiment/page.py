"""Sentiment: which word moved the answer, and which gate?"""

from typing import Any

import streamlit as st

from gatescope import Run
from gatescope.jobs import SingleRun
from gatescope.tasks.reviews import Reviews
from viz_app.features import Sentiment, SentimentScores
from viz_app.features.sentiment import form, words
from viz_app.features.sentiment.reading import EXAMPLES, SentenceError, is_one
from viz_app.features.sentiment.scored import name_of_run, prepared
from viz_app.features.sentiment.scores import table
from viz_app.kit.page import blocks, choices, job_view, run_choice, window
from viz_app.kit.page import served as cached
from viz_app.text import say
from viz_app.text.plain import plain

SENTENCE, CHOSEN = "sentence", "sentiment_run"
LONGEST = 1000  # characters
OPENS = ("gates", "step_through", "saturation")


def restore() -> None:
    """The sentence that the address asks for, or that was read last."""
    asked = choices.asked(SENTENCE)
    if asked is not None:
        st.session_state[SENTENCE] = asked[:LONGEST]
    st.session_state.setdefault(SENTENCE, Sentiment.sentence)


def offered() -> dict[str, Run]:
    """The prepared networks, and those of this reader that tell praise from blame."""
    own = {name: run for name, run in run_choice.shelf().runs.items() if is_one(run)}
    return {name: cached.run_of(name) for name in prepared()} | own


def choose(place: Any) -> str:
    """Ask for the network; one that another page shows is taken over."""
    networks = offered()
    run_choice.say_if_missing(run_choice.shelf())
    asked = st.session_state.get("run")
    if asked in networks and asked != st.session_state.get("sentiment_seen"):
        st.session_state[CHOSEN] = asked
    st.session_state["sentiment_seen"] = asked
    choices.keep(CHOSEN, list(networks), next(iter(networks)))
    name: str = place.segmented_control(
        say("sentiment.cell"), list(networks), key=CHOSEN, required=True, width="stretch",
        format_func=lambda key: name_of_run(key, networks[key]),
        help=say("sentiment.cell_help"),
    )  # fmt: skip
    return name


def ask_sentence() -> str:
    """A field for the sentence; prepared examples and test sentences fill it."""
    text: str = st.session_state[SENTENCE]
    tests = Reviews("test").sentences
    example_place, field, number_place = st.columns([0.27, 0.57, 0.16], vertical_alignment="bottom")
    keys = {example.key: example for example in EXAMPLES}
    known, rated = words.example_of(text), words.rated(text)
    st.session_state["sentiment_example"] = known.key if known else None
    example_place.selectbox(
        say("sentiment.prepared"), list(keys), key="sentiment_example", index=None,
        placeholder=say("sentiment.prepared_none"), help=say("sentiment.prepared_help"),
        format_func=lambda key: words.about(keys[key]),
        on_change=lambda: take(keys[st.session_state["sentiment_example"]].text)
        if st.session_state["sentiment_example"] else None,
    )  # fmt: skip
    st.session_state["sentiment_typed"] = text
    field.text_input(
        say("sentiment.sentence"), key="sentiment_typed", max_chars=LONGEST,
        help=say("sentiment.sentence_help"),
        on_change=lambda: take(st.session_state["sentiment_typed"]),
    )  # fmt: skip
    st.session_state["sentiment_number"] = rated[1] if rated and rated[0] == "test" else None
    number_place.number_input(
        say("sentiment.test"), 0, len(tests) - 1, key="sentiment_number",
        placeholder=f"0 … {len(tests) - 1:,}", help=say("sentiment.test_help", count=len(tests)),
        on_change=lambda: take(tests[st.session_state["sentiment_number"]].text)
        if st.session_state["sentiment_number"] is not None else None,
    )  # fmt: skip
    return text


def take(text: str) -> None:
    """Read this sentence from now on."""
    st.session_state[SENTENCE] = text


@st.fragment
def body(name: str) -> None:
    """The sentence, and what the network does with it."""
    view = Sentiment(name, ask_sentence())
    choices.remember(run=view.run, sentence=view.sentence)
    try:
        found, said = view.data(cached.recordings), view.words(cached.recordings)
    except SentenceError as error:
        st.error(plain(error))
        return
    st.markdown(f"**{said.headline}**")
    for remark in words.remarks(found.said):
        st.caption(remark)
    plot, _ = st.columns([blocks.PLOT, blocks.LEGEND])
    spec = view.spec(window.theme(), cached.recordings)
    blocks.chart(spec, said.alternative, key=f"sentiment-{name}", place=plot)
    st.caption(say("sentiment.how"))
    st.markdown(f"##### {say('sentiment.look')}")
    st.markdown("  \n".join(said.look_for))
    blocks.show_files(view)
    run_choice.open_on(say("sentiment.open_on"), name, OPENS)


def measured(name: str) -> None:
    """The prepared examples, and all test sentences, by every network."""
    view, names = SentimentScores(name), tuple(offered())
    if set(names) != set(view.names()):
        view = view.but(others=tuple(other for other in names if other != name))
    st.divider()
    st.markdown(f"#### {say('sentiment.checked')}")
    checked = view.checked(cached.recordings)
    st.markdown(words.checked_told(checked))
    st.table(words.checked_table(checked))
    st.caption(say("sentiment.checked_how"))
    st.markdown(f"#### {say('sentiment.scores')}")
    rows, one = view.data(cached.recordings), view.scored(cached.recordings)
    verdict = words.verdict(rows, one.name)
    if name in prepared():
        verdict += filter(None, [words.dropout(view.runs(cached.recordings))])
    st.markdown("  \n".join(verdict))
    st.table(table(rows))
    found = one.found
    praise = found.confusion[1].sum() / found.count
    st.caption(say("sentiment.scores_how", count=found.count, praise=praise))
    blocks.panel_row(view.row(window.look(), cached.recordings))
    blocks.show_files(view)


choices.restore()
restore()
form.FORM.keep()
head, place = st.columns([0.36, 0.64], vertical_alignment="bottom")  # one's own stand there too
head.markdown(f"### {say('sentiment.title')}  \n{say('sentiment.question')}")
job_view.visit(SingleRun, form.draw, "sentiment", place)
run_name = choose(place)
run = cached.run_of(run_name)
blocks.run_settings(run)
st.caption(words.network(run.config))
body(run_name)
measured(run_name)
st.divider()
form.ask()
