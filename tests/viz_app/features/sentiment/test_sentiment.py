"""A sentence word by word: its numbers, its words, and the sentences about it."""

import json
import re
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from gatescope import Run, TrainConfig, load_run, record, train
from gatescope.tasks.reviews import Reviews, words_of
from viz_app.features.sentiment import reading as sentiment
from viz_app.features.sentiment import scored as sentiment_scores
from viz_app.features.sentiment import words as sentiment_words
from viz_app.features.sentiment.chart import sentence_chart, words_spec
from viz_app.features.sentiment.chart_data import moved_rows, score_rows
from viz_app.features.sentiment.view import chart_words
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.window import LAPTOP, Look
from viz_app.kit.library import folder_of

NOT = "this film is not good"
NAMES = ("reviews-lstm", "reviews-gru", "reviews-rnn", "reviews-lstm-no-dropout")


@cache
def run_of(name: str) -> Run:
    """A prepared network."""
    return load_run(folder_of(name))


def praise(run: Run, text: str) -> list[float]:
    """The probability of praise after each word, of the model itself."""
    batch = Reviews("test").batch([words_of(text)], [True])
    with torch.no_grad():
        found: list[float] = run.model()(batch.inputs).softmax(-1)[:, 0, 1].tolist()
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_line_is_what_the_model_says_after_each_word(name: str) -> None:
    """The bars are its differences; the last point is the answer."""
    run = run_of(name)
    found, expected = sentiment.reading(run, NOT), praise(run, NOT)
    np.testing.assert_allclose(found.data.scores, expected, atol=1e-6)
    assert found.score == pytest.approx(expected[-1], abs=1e-6)
    start = float(run.model().readout.bias.detach().softmax(-1)[1])
    assert found.data.start == pytest.approx(start, abs=1e-6)
    changes = [after - before for before, after in zip([start, *expected], expected, strict=False)]
    np.testing.assert_allclose(found.data.changes, changes, atol=1e-6)
    assert found.decisive == max(range(5), key=lambda step: abs(changes[step]))
    first, *rows = score_rows(found.data)
    assert first["time"] == -0.5
    assert [row["spoken"] for row in rows] == NOT.split()
    assert [row["score"] for row in rows] == pytest.approx(expected, abs=1e-4)
    assert [row["change"] for row in rows] == pytest.approx(changes, abs=2e-4)


def test_the_gates_changes_are_those_of_the_recording() -> None:
    """Mean |change| over units; a plain RNN, which has no gate, shows its state's."""
    run = run_of("reviews-gru")
    batch = Reviews("test").batch([words_of(NOT)], [True])
    (leaf,) = record(run.model(), batch.inputs).leaves
    rows = moved_rows(sentiment.reading(run, NOT).data)
    assert len(rows) == 2 * 4
    for name, label in (("reset_gate", "reset gate"), ("update_gate", "update gate")):
        drawn = [row["value"] for row in rows if row["line"] == label]
        expected = np.abs(np.diff(leaf[name].values[:, 0], axis=0)).mean(axis=1)
        np.testing.assert_allclose(drawn, expected, atol=1e-4)
    assert sentiment.reading(run_of("reviews-rnn"), NOT).data.signals == ("hidden_state",)


def test_rows_stand_by_their_vote() -> None:
    """The unit whose read-out weights speak most for praise is on top."""
    run = run_of("reviews-lstm")
    weights = run.model().readout.weight.detach()
    votes = (weights[1] - weights[0]).tolist()
    units = sentiment.reading(run, NOT).data.gates.shape.units
    assert list(units) == sorted(range(32), key=lambda unit: -votes[unit])


def test_the_sentences_are_true_of_the_recording() -> None:
    """The decisive word, the gate that moved most, what 'not' does, what counts say."""
    run = run_of("reviews-lstm")
    found, scores = sentiment.reading(run, NOT), praise(run, NOT)
    word, gate, negation, bag = sentiment_words.look_for(found, run)
    step = found.decisive
    assert word.startswith(f"“{NOT.split()[step]}” (step {step}) ")
    assert f"from {scores[step - 1]:.2f} to {scores[step]:.2f}" in word
    without = praise(run, "this film is good")[-1]
    assert f"{without:.2f} instead of {scores[-1]:.2f}" in negation
    assert ("would flip" in negation) == ((without >= 0.5) != (scores[-1] >= 0.5))
    batch = Reviews("test").batch([words_of(NOT)], [True])
    (leaf,) = record(run.model(), batch.inputs).leaves
    said = re.search(r"of the (\w+ gate) at “\w+” \(step (\d)\): ([\d.]+) .* unit (\d+) goes", gate)
    assert said is not None
    moved = {
        name: np.abs(np.diff(leaf[name].values[:, 0], axis=0)).mean(axis=1)
        for name in ("input_gate", "forget_gate", "output_gate")
    }
    most = max(moved, key=lambda name: moved[name].max())
    at = int(moved[most].argmax()) + 1
    values = leaf[most].values[:, 0]
    unit = int(np.abs(values[at] - values[at - 1]).argmax())
    assert said.groups() == (
        most.replace("_", " "), str(at), f"{moved[most].max():.2f}", str(unit),
    )  # fmt: skip
    assert f"from {values[at - 1, unit]:.2f} to {values[at, unit]:.2f}" in gate
    counts = float(sentiment_scores.bag().scores(batch.inputs)[0])
    assert f"{counts:.2f}" in bag


def test_the_answer_is_called_right_or_wrong_honestly() -> None:
    """Of each prepared example, and of rated sentences with the part they come from."""
    run = run_of("reviews-lstm")
    for example in sentiment.EXAMPLES:
        right = (praise(run, example.text)[-1] >= 0.5) == example.praise
        told = sentiment_words.headline(sentiment.reading(run, example.text), run)
        assert ("That is right" in told) == right
        assert ("That is wrong" in told) == (not right)
    for split, words in (("train", "in the training set, so"), ("test", "in the test set")):
        sentence = Reviews(split).sentences[5]
        told = sentiment_words.headline(sentiment.reading(run, sentence.text), run)
        right = (praise(run, sentence.text)[-1] >= 0.5) == (sentence.rating > 0)
        assert f"rated it {sentence.rating:+.1f}".replace("-", "−") in told
        assert ("That is right" in told) == right
        assert words in told


def test_what_cannot_be_read_is_told() -> None:
    """No word, no known word; unknown words and those past the fortieth are named."""
    for text in ("", "  ", "...", "ничего"):
        with pytest.raises(sentiment.SentenceError, match="no word to read"):
            sentiment.read(text)
    with pytest.raises(sentiment.SentenceError, match=r"knows 0 of the 2 words .* zzz and qqq"):
        sentiment.read("zzz qqq!")
    said = sentiment.read("a zzz film " + "very " * 50)
    assert said.unknown == ("zzz",)
    assert (len(said.words), said.unread) == (40, 13)
    remarks = " ".join(sentiment_words.remarks(said))
    assert "A word that the network does not know: zzz." in remarks
    assert "the last 13 are not read" in remarks


@pytest.mark.parametrize(
    ("text", "known", "count"),
    [
        ("un film formidable vraiment", 1, 4),
        ("zzz qqq good", 1, 3),
        ("good, zzz, qqq!", 1, 3),
        ("zzz good " * 19 + "zzz zzz good good good good", 19, 40),
    ],
)
def test_a_network_abstains_where_it_knows_less_than_half(
    text: str, known: int, count: int
) -> None:
    """Of the words that it would read; punctuation is none. From half on it answers."""
    said = f"the network knows {known} of the {count} words it would read, and answers only"
    with pytest.raises(sentiment.SentenceError, match=said):
        sentiment.read(text)
    assert sentiment.read("zzz good").unknown == ("zzz",)
    assert sentiment.read("zzz , good !").unknown == ("zzz",)


def test_one_word_has_no_empty_panel(page_spec: Any) -> None:
    """Nothing comes before it, so no gate has moved; every named dataset has rows."""
    for text, panels in (("good", 0), ("good film", 1)):
        found = sentiment.reading(run_of("reviews-lstm"), text)
        look = GatesLook(hover=False)
        drawn = (found.data, chart_words(), look, found.picked())
        titles = json.dumps(sentence_chart(*drawn).to_dict())
        assert titles.count("Mean change of each gate") == panels
        page = GatesLook.of(Look("light", LAPTOP))
        spec = words_spec(found.data, chart_words(), page, 460)
        assert all(len(rows) for rows in spec["datasets"].values())
        assert json.dumps(spec["vconcat"]).count("Mean change of each gate") == panels


def test_the_verdicts_of_all_test_sentences() -> None:
    """Negation by Newcombe's interval, against word counts by the paired t, with their n."""
    part = sentiment_scores.groups()
    scores = sentiment.praise_of(run_of("reviews-lstm"), Reviews("test").everything())
    rows = [sentiment_scores.scored("LSTM", scores), *sentiment_scores.without_a_network()]
    right = (scores >= 0.5) == part["truth"]
    one, other = right[part["negated"]], right[~part["negated"] & ~part["turned"]]
    negation, counts, rule = sentiment_words.verdict(rows, "LSTM")
    assert (len(one), len(other)) == (463, 1376)
    assert "463 test sentences with a negation" in negation
    difference = 100 * (one.mean() - other.mean())
    error = 196 * np.sqrt(one.var() / len(one) + other.var() / len(other))
    said = re.search(
        r"([+−][\d.]+) percentage points \(95% interval ([+−][\d.]+) to ([+−][\d.]+)\)", negation
    )
    assert said is not None
    values = [float(value.replace("−", "-")) for value in said.groups()]
    # Wald's interval lies evenly about the difference, Newcombe's not quite
    assert values == pytest.approx([difference, difference - error, difference + error], abs=0.25)
    assert values[0] == pytest.approx(difference, abs=0.051)
    assert negation.endswith("undecided.")  # about 3 points, and the interval holds none
    apart = 1.0 * right - 1.0 * rows[1].right
    low, high = stats.t.interval(0.95, 1999, 100 * apart.mean(), 100 * stats.sem(apart))
    assert f"({95}% interval {low:+.1f} to {high:+.1f})".replace("-", "−") in counts
    assert "interval lies beyond ±1 percentage point" in rule


@pytest.mark.parametrize(("gap", "word"), [(-0.2, "worse"), (0.2, "better"), (-0.03, "undecided")])
def test_the_verdict_on_negation_follows_the_interval(gap: float, word: str) -> None:
    """Of answers that are right in 75 % of plain sentences, and in more or fewer of the others."""
    part = sentiment_scores.groups()
    right = np.arange(len(part["truth"])) % 100 < 75
    some = np.flatnonzero(part["negated"])
    right[some] = np.arange(len(some)) < (0.75 + gap) * len(some)
    one = sentiment_scores.scored("x", np.where(right, part["truth"], ~part["truth"]).astype(float))
    told = sentiment_words.verdict([one, *sentiment_scores.without_a_network()], "x")
    assert told[0].endswith(f", {word}.")


def test_no_effect_of_negation_is_seldom_called_one() -> None:
    """In at most 7 of 100 draws of answers that negation does nothing to."""
    draw, truth = np.random.default_rng(5), sentiment_scores.groups()["truth"]
    wrong = 0
    for _ in range(200):
        right = draw.random(len(truth)) < 0.77
        one = sentiment_scores.Scored("x", None, right)  # type: ignore[arg-type]
        wrong += sentiment_scores.RULE.verdict(one.negation) in ("better", "worse")
    assert wrong / 200 <= 0.07


@pytest.mark.parametrize("text", ["good", "good " * 60])
def test_one_word_and_many_are_drawn(text: str) -> None:
    """The whole chart is valid, with and without a pointer."""
    found = sentiment.reading(run_of("reviews-lstm"), text)
    for hover in (False, True):
        look = GatesLook(hover=hover)
        sentence_chart(found.data, chart_words(), look, found.picked()).to_dict()
    assert len(found.table()) == min(len(text.split()), 40)
    assert sentiment_words.look_for(found, run_of("reviews-lstm"))


def test_scores_of_the_whole_test_part() -> None:
    """Right answers counted one by one, by kind of sentence."""
    run, task = run_of("reviews-gru"), Reviews("test")
    scores = sentiment.praise_of(run, task.everything())
    for number in (0, 7, 1999):
        alone = praise(run, " ".join(task.sentences[number].words))[-1]
        assert scores[number] == pytest.approx(alone, abs=1e-5)
    found = sentiment_scores.scored("x", scores)
    right = [(p >= 0.5) == (s.rating > 0) for p, s in zip(scores, task.sentences, strict=True)]
    assert found.found.accuracy == pytest.approx(np.mean(right))
    but = [r for r, s in zip(right, task.sentences, strict=True) if "but" in s.words]
    assert found.accuracy("turned") == pytest.approx(np.mean(but))
    negated = [
        any(w in sentiment_scores.NEGATIONS or w.endswith("n't") for w in s.words)
        for s in task.sentences
    ]
    assert found.accuracy("negated") == pytest.approx(np.mean(np.array(right)[negated]))


def test_a_network_of_two_layers_is_read_at_its_top() -> None:
    """And one that reads from both ends has no answer before the end."""
    config = TrainConfig(task="reviews", cell="gru", num_layers=2, hidden_size=3, max_steps=1)
    run = train(config)
    found = sentiment.reading(run, NOT)
    np.testing.assert_allclose(found.data.scores, praise(run, NOT), atol=1e-6)
    assert sentiment.is_one(run)
    both = TrainConfig(task="reviews", hidden_size=3, bidirectional=True, max_steps=1)
    assert not sentiment.is_one(train(both))
