"""Sentences about a sentence that was read word by word, every number taken from its recording."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd

from gatescope import Run
from gatescope.analysis import Interval
from gatescope.tasks.reviews import Reviews, Sentence
from gatescope.training import TrainConfig
from viz_app.features.sentiment.reading import EXAMPLES, Example, Reading, Spoken, praise_of
from viz_app.features.sentiment.scored import RULE, Scored, bag, negates
from viz_app.kit.words import commas, counted, decimals, digits, joined, number, percent, spoken
from viz_app.text import name_of, say

SMALL = 0.02
"""A difference of probabilities below this is called none."""


def side(score: float) -> str:
    """What a probability of praise answers."""
    return say("sentiment.praise" if score >= 0.5 else "sentiment.blame")


def network(config: TrainConfig) -> str:
    """Embedding and dropout, which the usual line of settings leaves out."""
    return say(
        "sentiment.network", embedding=config.embedding_size,
        readout=percent(config.readout_dropout), recurrent=percent(config.recurrent_dropout),
    )  # fmt: skip


def example_of(text: str) -> Example | None:
    """The prepared example that this is."""
    return next((example for example in EXAMPLES if example.text == text), None)


@cache
def _rated() -> dict[str, tuple[str, int, Sentence]]:
    """Every rated sentence by its text: part, place in it, and the sentence."""
    return {
        sentence.text: (split, number, sentence)
        for split in ("train", "validation", "test")
        for number, sentence in enumerate(Reviews(split).sentences)
    }


def rated(text: str) -> tuple[str, int, Sentence] | None:
    """The part of the data in which a sentence stands, its place there, and its rating."""
    return _rated().get(text)


def headline(reading: Reading, run: Run) -> str:
    """The answer, and whether it is right where that is known."""
    told = say(
        "sentiment.headline", cell=name_of("cell", run.config.cell), answer=side(reading.score),
        score=decimals(reading.score),
    )  # fmt: skip
    example, known = example_of(reading.said.text), rated(reading.said.text)
    if example is not None:
        right = (reading.score >= 0.5) == example.praise
        key = "sentiment.gets_right" if right else "sentiment.gets_wrong"
        meant = say("sentiment.praise" if example.praise else "sentiment.blame")
        return spoken(told, say(key, about=about(example), meant=meant))
    if known is not None:
        split, _, sentence = known
        right = (reading.score >= 0.5) == (sentence.rating > 0)
        return spoken(
            told,
            say(
                f"sentiment.rated_{'right' if right else 'wrong'}",
                rating=_signed(sentence.rating, 1),
            ),
            say(f"sentiment.from_{split}"),
        )
    return told


def about(example: Example) -> str:
    """What a prepared example is about."""
    return say(f"sentiment.about_{example.key}")


def remarks(said: Spoken) -> list[str]:
    """What the network does not get to see of a sentence."""
    lines = []
    if said.unknown:
        lines.append(counted("sentiment.unknown", len(said.unknown), words=joined(said.unknown)))
    if said.unread:
        lines.append(counted("sentiment.unread", said.unread, read=len(said.words)))
    return lines


def look_for(reading: Reading, run: Run) -> list[str]:
    """What to look for: the word that decides, the gate that moves there, and what 'not' does."""
    step, data = reading.decisive, reading.data
    before = data.start if step == 0 else data.scores[step - 1]
    lines = [
        say(
            "sentiment.look_word", word=reading.said.words[step], step=step,
            before=decimals(float(before)), after=decimals(float(data.scores[step])),
        )
    ]  # fmt: skip
    if len(reading.said.words) > 1:
        lines.append(_moves(reading))
    lines += _negation(reading, run)
    score = bag_score(reading)
    lines.append(say("sentiment.look_bag", score=decimals(score), answer=side(score)))
    return lines


def _moves(reading: Reading) -> str:
    """The word at which any gate moves most, and by how much."""
    moved = reading.data.moved[:, 1:]
    gate, before = np.unravel_index(int(moved.argmax()), moved.shape)
    name, step = reading.data.signals[gate], int(before) + 1
    one = reading.changes.sel(signal=name).isel(time=step, batch=0)
    unit, change = int(one["unit"]), float(one["change"])
    after = float(reading.seen.one()[name].sel(unit=unit).values[step])
    return say(
        "sentiment.look_gate", gate=name_of("signal", name), word=reading.said.words[step],
        step=step, moved=decimals(float(moved.max())), unit=unit,
        before=decimals(after - change), after=decimals(after),
    )  # fmt: skip


def _negation(reading: Reading, run: Run) -> list[str]:
    """What the answer is without each word that negates; the first two of them."""
    words = reading.said.words
    places = [step for step, word in enumerate(words) if negates(word) and len(words) > 1][:2]
    if not places:
        return []
    rests = [words[:step] + words[step + 1 :] for step in places]
    scores = praise_of(run, Reviews("test").batch(rests, [True] * len(rests)))
    return [
        say(
            f"sentiment.negation_{_effect(reading.score, float(without))}", word=words[step],
            step=step, without=decimals(float(without)), score=decimals(reading.score),
        )
        for step, without in zip(places, scores, strict=True)
    ]  # fmt: skip


def _effect(score: float, without: float) -> str:
    if abs(score - without) < SMALL:
        return "none"
    return "turns" if (score >= 0.5) != (without >= 0.5) else "moves"


def bag_score(reading: Reading) -> float:
    """What word counts alone say to the same words."""
    batch = Reviews("test").batch([reading.said.words], [True])
    return float(bag().scores(batch.inputs)[0])


def alternative(reading: Reading) -> str:
    """What the picture shows, for those who cannot see it."""
    data, step = reading.data, reading.decisive
    spoken = zip(reading.said.words, data.scores, strict=True)
    return counted(
        "sentiment.alt", len(reading.said.words), start=decimals(data.start),
        end=decimals(reading.score), word=reading.said.words[step],
        change=_signed(float(data.changes[step]), 2),
        scores=commas(f"{word} {decimals(float(score))}" for word, score in spoken),
    )  # fmt: skip


def _signed(value: float, places: int) -> str:
    """A number with its sign, a true minus."""
    text = decimals(value, places)
    return text if value <= 0 else f"+{text}"


def checked_table(scores: pd.DataFrame) -> pd.DataFrame:
    """The same to be shown, each score with a word on whether it is right."""
    rows = []
    for example, values in zip(EXAMPLES, scores.to_numpy(), strict=True):
        said = [
            say("sentiment.right" if right else "sentiment.wrong", score=decimals(float(value)))
            for value, right in zip(values, (values >= 0.5) == example.praise, strict=True)
        ]
        meant = say("sentiment.praise" if example.praise else "sentiment.blame")
        rows.append([example.text, about(example), meant, *said])
    heads = [say(f"sentiment.{name}") for name in ("example", "about", "meant")]
    return pd.DataFrame(rows, columns=[*heads, *scores.columns]).set_index(heads[0])


def checked_told(scores: pd.DataFrame) -> str:
    """Who gets most of the prepared examples right, and who fewest."""
    meant = np.array([example.praise for example in EXAMPLES])
    right = ((scores.to_numpy() >= 0.5) == meant[:, None]).sum(axis=0)
    best, worst = int(right.argmax()), int(right.argmin())
    if right[best] == right[worst]:
        return say("sentiment.checked_same", count=len(EXAMPLES), most=int(right[best]))
    return say(
        "sentiment.checked_told", count=len(EXAMPLES), best=scores.columns[best],
        most=int(right[best]), worst=scores.columns[worst], fewest=int(right[worst]),
    )  # fmt: skip


def verdict(rows: Sequence[Scored], name: str) -> list[str]:
    """What the scores say: negation, order against none, and dropout where both are there."""
    one = next(row for row in rows if row.name == name)
    counts = next(row for row in rows if row.name == say("sentiment.bag"))
    return [
        say(
            "sentiment.verdict_negation", name=name, negated=_percent(one.accuracy("negated")),
            plain=_percent(one.accuracy("plain")), some=len(one.of("negated")),
            rest=len(one.of("plain")),
            **_points(one.negation),
        ),
        say(
            "sentiment.verdict_bag", bag=_percent(counts.found.accuracy),
            accuracy=_percent(one.found.accuracy),
            name=name, **_points(one.lead(counts)),
        ),
        say("sentiment.verdict_rule", edge=number(100 * RULE.smallest)),
    ]  # fmt: skip


def _percent(share: float) -> str:
    """An accuracy with a digit after the point, as its interval has."""
    return f"{decimals(100 * share, 1)}%"


def _points(difference: Interval) -> dict[str, str]:
    """A difference of two accuracies in points, with its interval, and what follows from it."""
    ends = {"difference": difference.estimate, "low": difference.low, "high": difference.high}
    told = {name: _signed(100 * end, 1) for name, end in ends.items()}
    return told | {"verdict": say(f"sentiment.{RULE.verdict(difference)}")}


def dropout(runs: Mapping[str, Run]) -> str:
    """Both losses at the end of training, with and without dropout; empty without both."""
    pair = [runs.get(name) for name in ("reviews-lstm", "reviews-lstm-no-dropout")]
    if None in pair:
        return ""
    with_, without = (run.history[-1] for run in pair if run is not None)
    return say(
        "sentiment.dropout_told", train=digits(without.train_loss), loss=digits(without.loss),
        dropped_train=digits(with_.train_loss), dropped_loss=digits(with_.loss),
    )  # fmt: skip
