"""Two networks that differ in one training aid."""

import json
from typing import Any

import pytest

from gatescope import TrainConfig, train
from gatescope.experiments import AIDS, AidPair
from gatescope.experiments.aids import FIELDS, asks_to_lower
from gatescope.jobs.kinds import from_said, to_text

BASE: dict[str, Any] = {
    "task": "delayed_recall",
    "task_options": {"delay": 1, "symbols": 2},
    "hidden_size": 4,
    "max_grad_norm": None,
    "learning_rate": 0.2,
    "max_steps": 120,
    "evaluate_every": 5,
}
STRENGTHS = {"l1": 0.01, "l2": 0.1, "dropout": 0.5, "recurrent_dropout": 0.25}


@pytest.mark.parametrize("aid", AIDS)
def test_a_pair_differs_in_its_aid_alone(aid: Any) -> None:
    """And its job's file tells of the same pair."""
    pair = AidPair(aid=aid, strength=STRENGTHS.get(aid, 3), base=TrainConfig(**BASE))
    without, aided = pair.configs().values()
    assert without == TrainConfig(**BASE)
    changed = {
        name for name, value in aided.model_dump().items() if value != getattr(without, name)
    }
    beside = {"early_stopping": {"restore_best"}, "plateau_floor": {"plateau_min_rate"}}
    assert changed == {FIELDS[aid]} | beside.get(aid, set())
    assert getattr(aided, FIELDS[aid]) == pair.strength
    assert from_said(json.loads(to_text(pair))) == pair


def test_a_pair_without_a_difference_is_refused() -> None:
    with pytest.raises(ValueError, match="both networks have hidden_size 4: give two diff"):
        AidPair(aid="hidden_size", strength=4, base=TrainConfig(**BASE))
    with pytest.raises(ValueError, match="aid: must be 'clipping'"):
        AidPair(aid="magic", strength=4, base=TrainConfig(**BASE))  # type: ignore[arg-type]


def test_when_the_rate_would_be_lowered() -> None:
    """Of a run that is not held back it is when it was; of one that is, the same question."""
    pair = AidPair(aid="plateau", strength=1, base=TrainConfig(**BASE))
    free = train(pair.with_aid())
    rates = [row.learning_rate for row in free.history]
    lowered = [
        row.step for row, before in zip(free.history[1:], rates, strict=False)
        if row.learning_rate < before
    ]  # fmt: skip
    assert lowered
    assert asks_to_lower(free) == lowered
    assert asks_to_lower(train(TrainConfig(**BASE))) == []
    held = train(AidPair(aid="plateau_floor", strength=1, base=TrainConfig(**BASE)).with_aid())
    assert {row.learning_rate for row in held.history} == {0.2}
    assert asks_to_lower(held)[0] == lowered[0]
    assert [row.loss for row in held.history] == [
        row.loss for row in train(TrainConfig(**BASE)).history
    ]


def test_pairs_of_other_seeds_are_the_same_pair() -> None:
    """Each of its own seed; the first pair is named as ever, and jobs of earlier versions read."""
    pair = AidPair(aid="dropout", strength=0.5, base=TrainConfig(**BASE, seed=3), seeds=3)
    configs = pair.configs()
    assert list(configs) == ["without", "with", "without 1", "with 1", "without 2", "with 2"]
    assert [config.seed for config in configs.values()] == [3, 3, 4, 4, 5, 5]
    first, second = (config.model_dump() for config in (configs["with"], configs["with 2"]))
    assert first | {"seed": 5} == second
    said = json.loads(to_text(pair))
    del said["experiment"]["seeds"]
    assert from_said(said) == AidPair(aid="dropout", strength=0.5, base=pair.base)
    with pytest.raises(ValueError, match="seeds: must be 1 to 30"):
        AidPair(aid="dropout", strength=0.5, base=pair.base, seeds=31)
