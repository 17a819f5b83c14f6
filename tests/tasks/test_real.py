"""Real data: what an example holds, and the baselines, against plain Python."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
import torch

from gatescope import make_task
from gatescope.tasks.characters import Characters, book, part_of
from gatescope.tasks.forecast import Forecast, encode
from gatescope.tasks.reviews import LENGTH, Reviews, words_of


def test_a_forecast_is_the_next_value_scaled_with_the_training_part() -> None:
    values = torch.arange(40.0).reshape(20, 2) ** 1.5
    task = Forecast(window=3, horizon=2, features=["a", "b"], **encode(values))  # type: ignore[arg-type]
    learnt = values[:14].double()
    scaled = ((values - learnt.mean(0)) / learnt.std(0, correction=0)).float()
    batch = task.forecasts(torch.tensor([5, 9]))
    torch.testing.assert_close(batch.inputs[:, 0], scaled[2:5])
    torch.testing.assert_close(batch.targets[-1, 1], scaled[9:11, 0])
    assert batch.scored.sum(0).tolist() == [1, 1]
    assert batch.scored[-1].all()


def test_no_forecast_of_a_part_reaches_into_another() -> None:
    parts = [make_task("forecast", horizon=3, split=s) for s in ("train", "validation", "test")]
    first = [int(task.targets[0]) for task in parts]
    last = [int(task.targets[-1]) + 2 for task in parts]
    assert last[0] < first[1]
    assert last[1] < first[2]
    assert last[2] == len(parts[0].series.values) - 1


def test_persistence_by_hand() -> None:
    task = make_task("forecast", series="weather", window=5, split="test")
    scaled = task.scaled[:, 0].numpy()
    first = int(0.8 * len(scaled))
    by_hand = np.mean([(scaled[t] - scaled[t - 1]) ** 2 for t in range(first, len(scaled))])
    assert task.baseline_loss == pytest.approx(by_hand, rel=1e-5)


def test_of_returns_the_naive_forecast_is_no_change() -> None:
    task = make_task("forecast", series="stocks", ticker="IBM", window=10, split="test")
    returns = task.series.values[:, 0]
    first = int(0.8 * len(returns))
    by_hand = ((returns[first:] / task.deviation[0]) ** 2).mean()
    assert task.baseline_loss == pytest.approx(float(by_hand), rel=1e-5)


@pytest.mark.parametrize("series", ["temperature", "stocks"])
def test_right_means_nearer_than_the_naive_forecast(series: str) -> None:
    task = make_task("forecast", series=series, window=6)
    batch = task.forecasts(task.targets[:50])
    naive = task.naive(task.targets[:50])
    outputs = torch.zeros(6, 50, 1)
    outputs[-1] = naive
    assert task.accuracy(outputs, batch) == 0
    assert float(task.loss(outputs, batch)) == pytest.approx(
        float(((naive - task.truth(task.targets[:50])) ** 2).mean())
    )
    outputs[-1] = batch.targets[-1]
    assert task.accuracy(outputs, batch) > 0.9  # but where the naive forecast is right too


def test_scaling_with_all_of_it_lets_the_test_part_in() -> None:
    honest, leaking = make_task("forecast"), make_task("forecast", scaling="all")
    everything = honest.series.values
    assert leaking.mean == pytest.approx(float(everything.mean()))
    assert honest.mean == pytest.approx(float(everything[: int(0.7 * len(everything))].mean()))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"window": 0}, "window must be 1 to 1000"),
        (
            {"series": "rain"},
            "series must be one of sea_temperature, dengue, weather, stocks, temperature",
        ),
        ({"series": "stocks", "ticker": "X"}, "ticker must be one of AAPL"),
        ({"series": "own"}, "needs data and shape"),
        ({"window": 9, **encode(torch.arange(12.0)[:, None])}, "too few for a window of 9"),
        ({"window": 2, **encode(torch.ones(60, 1))}, "never changes"),
        ({"series": "own", "data": "?", "shape": [3, 1]}, "must hold"),
    ],
)
def test_what_cannot_be_forecast_is_said(options: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make_task("forecast", **options)


def test_words_of_a_sentence() -> None:
    assert words_of("It's NOT good, but...") == ("it's", "not", "good", ",", "but", ".", ".", ".")


def test_a_sentence_is_scored_at_its_own_last_word() -> None:
    task = Reviews()
    batch = task.batch([("the", "film"), ("not", "a", "zzzz")], [True, False])
    assert batch.inputs.shape == (3, 2, 1)
    assert batch.scored.T.tolist() == [[False, True, False], [False, False, True]]
    assert batch.targets[batch.scored].sum() == 1
    assert task.spell(batch.inputs[:, 0])[:2] == ("the", "film")
    assert task.spell(batch.inputs[:, 0])[2] == "·"
    assert task.spell(batch.inputs[:, 1])[2] == "?"
    with pytest.raises(ValueError, match="at least one word"):
        task.batch([()], [True])


def test_reviews_share_nothing_and_the_vocabulary_is_the_training_parts() -> None:
    parts = {s: Reviews(s) for s in ("train", "validation", "test")}
    texts = [set(map(id, part.sentences)) for part in parts.values()]
    assert sum(map(len, texts)) == len(set().union(*texts)) == 10_568
    counts = Counter(word for s in parts["train"].sentences for word in s.words)
    known = parts["test"].symbols[2:]
    least = min(counts[word] for word in known)
    assert all(counts[word] >= least for word in known)
    assert sum(count > least for count in counts.values()) <= len(known)
    share = np.mean([s.rating > 0 for s in parts["test"].sentences])
    assert parts["test"].baseline_accuracy == pytest.approx(max(share, 1 - share))
    entropy = -(share * math.log(share) + (1 - share) * math.log(1 - share))
    assert parts["test"].baseline_loss == pytest.approx(entropy)
    assert max(len(parts["test"].sample(2000, 0).inputs), 0) <= LENGTH


def test_characters_are_followed_by_the_next() -> None:
    task = Characters(length=20, split="validation")
    batch = task.sample(3, seed=4)
    assert (batch.inputs.argmax(-1)[1:] == batch.targets[:-1]).all()
    written = "".join(task.characters[k] for k in batch.targets[:, 0].tolist())
    assert written in book()[0]
    assert batch.scored.all()
    assert task.encode("Alice\n").argmax(-1).squeeze(1).tolist() == [
        task.characters.index(c) for c in "Alice\n"
    ]
    with pytest.raises(ValueError, match="'é'"):
        task.encode("café")


def test_the_bigram_baseline_by_hand() -> None:
    task = Characters(split="test")
    train, test = part_of("train").tolist(), part_of("test").tolist()
    pairs, singles = Counter(itertools.pairwise(train)), Counter(train[:-1])
    size, extra = len(task.characters), Characters.SMOOTHING
    loss = [
        -math.log((pairs[a, b] + extra) / (singles[a] + size * extra))
        for a, b in itertools.pairwise(test)
    ]
    assert task.baseline_loss == pytest.approx(np.mean(loss))


@pytest.mark.parametrize("name", ["forecast", "reviews", "characters"])
def test_the_same_seed_draws_the_same(name: str) -> None:
    task = make_task(name)
    one, other, third = (task.sample(5, seed=seed).inputs for seed in (1, 1, 2))
    assert torch.equal(one, other)
    assert one.shape != third.shape or not torch.equal(one, third)
    with pytest.raises(ValueError, match="split must be one of"):
        make_task(name, split="all")
