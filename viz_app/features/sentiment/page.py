"""Sentiment: which word moved the answer, and which gate?"""

from typing import Any

import streamlit as st

from gatescope import Run
from gatescope.jobs import SingleRun
from gatescope.tasks.reviews import Reviews
from viz_app.features import Sentiment, SentimentScores
from viz_app.features.gates import words as gates_words
from viz_app.features.sentiment import form, words
from viz_app.features.sentiment.reading import EXAMPLES, SentenceError, is_one
from viz_app.features.sentiment.scored import name_of_run, prepared
from viz_app.features.sentiment.scores import table
from viz_app.kit.chart.window import Look
from viz_app.kit.page import blocks, choices, job_view, run_choice, stage, tabbed, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.stage import Stage
from viz_app.kit.words import percent
from viz_app.text import say
from viz_app.text.plain import plain

SENTENCE, CHOSEN = "sentence", "sentiment_run"
LONGEST = 1000  # characters
FIELD_WIDTH, EXAMPLE_WIDTH = 330, 200
TABS = ("sentence", "gates", "checked", "scores")
OPENS = ("gates", "step_through", "saturation")


def restore() -> None:
    """The sentence that the address asks for, or that was read last."""
    asked = choices.asked(SENTENCE)
    if asked is not None:
        st.session_state[SENTENCE] = asked[:LONGEST]
    st.session_state.setdefault(SENTENCE, Sentiment.sentence)


def offered() -> dict[str, Run]:
    """The prepared networks, and those of this reader that classify sentences."""
    own = {name: run for name, run in run_choice.shelf().runs.items() if is_one(run)}
    return {name: cached.run_of(name) for name in prepared()} | own


def choose(bar: Any) -> str:
    """Ask for the network; one that another page shows is taken over."""
    networks = offered()
    run_choice.say_if_missing(run_choice.shelf())
    asked = st.session_state.get("run")
    if asked in networks and asked != st.session_state.get("sentiment_seen"):
        st.session_state[CHOSEN] = asked
    st.session_state["sentiment_seen"] = asked
    choices.keep(CHOSEN, list(networks), next(iter(networks)))
    name: str = bar.segmented_control(
        say("sentiment.cell"), list(networks), key=CHOSEN, required=True,
        format_func=lambda key: name_of_run(key, networks[key]),
        help=say("sentiment.cell_help"), label_visibility="collapsed",
    )  # fmt: skip
    return name


def ask_sentence(here: Stage) -> str:
    """A field for the sentence; prepared examples and test sentences fill it."""
    text: str = st.session_state[SENTENCE]
    tests = Reviews("test").sentences
    keys = {example.key: example for example in EXAMPLES}
    known, rated = words.example_of(text), words.rated(text)
    st.session_state["sentiment_typed"] = text
    here.bar.text_input(
        say("sentiment.sentence"), key="sentiment_typed", max_chars=LONGEST,
        help=say("sentiment.sentence_help"), label_visibility="collapsed",
        width=window.scaled(FIELD_WIDTH), placeholder=say("sentiment.sentence"),
        on_change=lambda: take(st.session_state["sentiment_typed"]),
    )  # fmt: skip
    st.session_state["sentiment_example"] = known.key if known else None
    here.bar.selectbox(
        say("sentiment.prepared"), list(keys), key="sentiment_example", index=None,
        placeholder=say("sentiment.prepared"), help=say("sentiment.prepared_help"),
        format_func=lambda key: words.about(keys[key]), label_visibility="collapsed",
        width=window.scaled(EXAMPLE_WIDTH),
        on_change=lambda: take(keys[st.session_state["sentiment_example"]].text)
        if st.session_state["sentiment_example"] else None,
    )  # fmt: skip
    st.session_state["sentiment_number"] = rated[1] if rated and rated[0] == "test" else None
    here.controls.number_input(
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
def body() -> None:
    """The sentence, what the network does with it, and how well all networks do."""
    here = stage.stage(say("sentiment.title"))
    name = choose(here.bar)
    view = Sentiment(name, ask_sentence(here))
    said = None
    try:
        found, said = view.data(cached.recordings), view.words(cached.recordings)
    except SentenceError as error:
        here.headline(plain(error))
    else:
        here.headline(said.headline)
        for remark in words.remarks(found.said):
            here.head.caption(remark)
        here.look_for(said.look_for)
    with here.picture:
        tabs(name, None if said is None else view, "" if said is None else said.alternative)
    with here.more:
        beside(name, view, said is not None)
    choices.remember(run=view.run, sentence=view.sentence)


def beside(name: str, view: Sentiment, answered: bool) -> None:
    """What is folded beside the picture: how the network was trained, files, and a form."""
    run = cached.run_of(name)
    with st.expander(say("app.settings_of_run")):
        blocks.run_settings(run)
        st.caption(words.network(run.config))
        st.caption(say("sentiment.how"))
    with st.expander(say("sentiment.train_title")):
        form.ask()
    if answered:
        blocks.folded_files(view)
    run_choice.open_on(say("sentiment.open_on"), name, OPENS)


def tabs(name: str, view: Sentiment | None, alternative: str) -> None:
    """The sentence word by word, its gates, negation, the test set; only the open one is drawn."""
    tab, place = tabbed.tabs("sentiment.tab_", TABS)
    look = tabbed.look()
    with place:
        if tab in ("sentence", "gates"):
            if view is not None:
                of_sentence(tab, view, alternative, look)
        else:
            measured(tab, name, look)


def of_sentence(tab: str, view: Sentiment, alternative: str, look: Look) -> None:
    """What each word did, or the gates while the sentence is read."""
    if tab == "sentence":
        spec = view.spec(look, cached.recordings)
        blocks.chart(spec, alternative, key=f"sentiment-{view.run}")
    else:
        shape = view.data(cached.recordings).data.gates.shape
        told = gates_words.alternative(shape, cached.run_of(view.run).config.cell)
        spec = view.gates(look, cached.recordings)
        blocks.chart(spec, told, key=f"sentiment-gates-{view.run}")


def measured(tab: str, name: str, look: Look) -> None:
    """The prepared examples, or all test sentences, by every network."""
    view, names = SentimentScores(name), tuple(offered())
    if set(names) != set(view.names()):
        view = view.but(others=tuple(other for other in names if other != name))
    if tab == "checked":
        checked = view.checked(cached.recordings)
        st.markdown(words.checked_told(checked))
        blocks.table(words.checked_table(checked))
        st.caption(say("sentiment.checked_how"))
        return
    rows, one = view.data(cached.recordings), view.scored(cached.recordings)
    blocks.panel_row(view.row(look, cached.recordings))
    blocks.table(table(rows))
    found = one.found
    praise = percent(found.confusion[1].sum() / found.count)
    st.caption(say("sentiment.scores_how", count=found.count, praise=praise))
    verdict = words.verdict(rows, one.name)
    if name in prepared():
        verdict += filter(None, [words.dropout(view.runs(cached.recordings))])
    st.markdown("  \n".join(verdict))
    blocks.folded_files(view)


choices.restore()
restore()
form.FORM.keep()
job_view.visit(SingleRun, form.draw, say("sentiment.title"), say("sentiment.back"))
body()
