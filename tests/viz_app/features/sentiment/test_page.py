"""The page Sentiment: its picture, a sentence of one's own, its table, a network of one's own."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics
from streamlit.testing.v1 import AppTest

from gatescope import TrainConfig, load_run, save_run, train
from gatescope.experiments import run_key
from gatescope.jobs import JobQueue
from gatescope.tasks.reviews import Reviews
from viz_app.features import SentimentScores
from viz_app.features.sentiment import reading as sentiment
from viz_app.kit.chart.window import WINDOWS, Look
from viz_app.kit.library import folder_of
from viz_app.kit.page import tabbed
from viz_app.kit.recordings import HERE

PAGE = "sentiment"


def texts(app: AppTest) -> str:
    """All that is said on a page."""
    assert not app.exception, [error.value for error in app.exception]
    places = (app.markdown, app.caption, app.info, app.error)
    return "\n".join(str(each.value) for place in places for each in place)


def typed(app: AppTest, text: str) -> AppTest:
    """The page with another sentence."""
    app.text_input("sentiment_typed").set_value(text)
    return app.run()


def tab(app: AppTest, name: str) -> AppTest:
    """The page with another tab open."""
    app.session_state["tab_sentiment"] = name
    return app.run()


def test_it_opens_on_a_prepared_network_and_sentence(
    open_app: Callable[..., AppTest], page_spec: Any
) -> None:
    """With the network's own numbers in headline, chart and table."""
    app = open_app(PAGE)
    run = load_run(folder_of("reviews-lstm"))
    found = sentiment.reading(run, "this film is not good")
    assert f"gives “positive” a probability of {found.score:.2f}." in texts(app)
    scores = [row["score"] for row in page_spec(app)["datasets"]["scores"]][1:]
    assert scores == pytest.approx(found.data.scores, abs=1e-4)
    assert len(app.get("vega_lite_chart")) == 1
    told = app.get("vega_lite_chart")[0].proto.alt
    assert all(f"{score:.2f}" in told for score in found.data.scores)
    app = tab(app, "Test set")
    assert len(app.get("vega_lite_chart")) == 2
    table = app.table[0].value
    truth = np.array([s.rating > 0 for s in Reviews("test").sentences])
    answers = sentiment.praise_of(run, Reviews("test").everything()) >= 0.5
    expected = [
        metrics.accuracy_score(truth, answers), metrics.precision_score(truth, answers),
        metrics.recall_score(truth, answers), metrics.f1_score(truth, answers),
    ]  # fmt: skip
    assert table.iloc[0, :4].tolist() == [f"{value:.1%}" for value in expected]
    often = max(truth.mean(), 1 - truth.mean())
    assert table.iloc[-1, 0] == f"{often:.1%}"
    assert len(table) == 4 + 2
    _, matrix = SentimentScores("reviews-lstm").row(Look(), HERE).specs
    confusion = matrix["data"]["values"]
    assert [row["count"] for row in confusion] == metrics.confusion_matrix(
        truth, answers
    ).ravel().tolist()


def test_on_a_phone_a_reader_chooses_which_panel_is_seen() -> None:
    """Where not both have room each has a name to be chosen by."""
    look = Look("light", WINDOWS["phone"]).below(tabbed.HEIGHT)
    row = SentimentScores("reviews-lstm").row(look, HERE)
    assert row.place is not None
    assert row.place.at_once < len(row.specs) == len(row.titles)
    assert row.titles == ["ROC curves", "Confusion matrix: LSTM"]


def test_a_sentence_of_ones_own_is_read_and_stands_in_the_address(
    open_app: Callable[..., AppTest], page_spec: Any
) -> None:
    """Unknown words are named; what cannot be read is told, and the page goes on."""
    app = typed(open_app(PAGE), "a zorbly dull film")
    assert "A word that the network does not know: zorbly." in texts(app)
    spoken = [row["spoken"] for row in page_spec(app)["datasets"]["scores"]][1:]
    assert spoken == ["a", "zorbly ?", "dull", "film"]
    assert app.query_params["sentence"] == "a zorbly dull film"
    assert app.selectbox("sentiment_example").value is None
    app = typed(app, "")
    assert "There is no word to read" in texts(app)
    app = typed(app, "zzz")
    assert "knows 0 of the 1 words it would read" in texts(app)
    assert not app.get("vega_lite_chart")
    app = typed(app, "it is never dull")
    assert "No answer" not in texts(app)
    assert app.selectbox("sentiment_example").value == "never"
    again = open_app(PAGE, sentence="a film", run="reviews-rnn")
    assert again.text_input("sentiment_typed").value == "a film"
    assert "The RNN answers" in texts(again)


def test_examples_and_test_sentences_fill_the_field(open_app: Callable[..., AppTest]) -> None:
    """The network is kept from sentence to sentence."""
    app = open_app(PAGE, run="reviews-gru")
    app.selectbox("sentiment_example").set_value("but").run()
    assert app.text_input("sentiment_typed").value == "the acting is good, but the story is dull"
    assert "The GRU answers" in texts(app)
    app.number_input("sentiment_number").set_value(12).run()
    sentence = Reviews("test").sentences[12]
    assert app.text_input("sentiment_typed").value == sentence.text
    assert f"rated it {sentence.rating:+.1f}" in texts(app)
    assert app.number_input("sentiment_number").value == 12


@pytest.mark.long
def test_a_network_is_trained_here_and_looked_at(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """The form asks for what it says; the job's page offers the finished network."""
    app = open_app(PAGE)
    next(g for g in app.get("button_group") if g.key == "sentiment_form_cell").set_value("rnn")
    app.number_input("sentiment_form_units").set_value(4)
    app.number_input("sentiment_form_embedding").set_value(2)
    app.number_input("sentiment_form_steps").set_value(50)
    app.toggle("sentiment_form_dropout").set_value(False)
    app.run()
    app.button("sentiment_train").click().run()
    job = str(app.query_params["job"])
    config = TrainConfig(
        task="reviews", cell="rnn", hidden_size=4, embedding_size=2, max_steps=50, batch_size=64
    )
    name = run_key(config)
    assert "embedding size 2 · dropout before the output layer 0%" in texts(app)
    end = time.monotonic() + 60
    while own_queue.status(job).state != "done":
        assert time.monotonic() < end
        time.sleep(0.1)
    app.run()
    next(button for button in app.button if button.label == "Look at it here").click().run()
    assert "RNN, 4 units" in texts(app)
    assert f"RNN, own {name[:6]}" in tab(app, "Test set").table[0].value.index
    assert app.query_params["run"] == name
    assert "job" not in app.query_params


def test_the_network_of_another_page_is_taken_over_and_given_on(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """By the button: Gates then shows the very network."""
    app = open_app(PAGE, run="reviews-gru")
    app.button("open_gates").click().run()
    assert app.session_state["run"] == "reviews-gru"
    for page in ("gates", "step_through", "saturation"):
        other = open_app(page, run="reviews-gru")
        assert "film reviews" in texts(other)
        assert not other.error
    config = TrainConfig(task="reviews", cell="gru", hidden_size=3, max_steps=1)
    save_run(train(config), own_queue.store.folder / run_key(config))
    own = open_app(PAGE, run=run_key(config))
    assert "GRU, 3 units" in texts(own)
