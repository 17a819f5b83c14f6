"""What earlier versions wrote and called by other names still loads, works and is found."""

import hashlib
import json
import warnings
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from gatescope import TrainConfig, analysis, load_run, save_run, train
from gatescope.earlier import SETTINGS, EarlierNameWarning, also_called
from gatescope.experiments import AidPair, RetentionConfig, run_key
from gatescope.experiments.comparison import ComparisonConfig
from gatescope.jobs import JobQueue, SingleRun
from gatescope.jobs.kinds import from_said
from gatescope.training.folder import CONFIG, RESULT, digest_of

VALUES: dict[str, Any] = {"optimiser": "sgd", "initialisation": "chrono", "clip": 0.5}
"""A value of each setting that has an earlier name."""

KEYS = [
    ({"task": "adding"}, "e595390bf6a876e6", "25963d16c037"),
    (
        {
            "task": "digits", "optimiser": "sgd", "clip": None, "initialisation": "chrono",
            "l2": 0.1,
        },
        "0dc32e4e9aa1db7f",
        "34da4702ea95",
    ),
    (
        {
            "task": "copy", "task_options": {"delay": 9}, "initialisation": "forget_bias",
            "clip": 0.25, "seed": 4,
        },
        "7db564f7eb24fc1e",
        "9f11f1230956",
    ),
]  # fmt: skip
"""Settings, their run's key and their job's, as they were before anything was renamed."""


STUDIES: list[tuple[type[Any], dict[str, Any], str, str]] = [
    (RetentionConfig, {}, "cac4130f742e", "e709165860c3422e"),
    (
        RetentionConfig,
        {
            "task": "adding", "task_options": {"distractors": 3}, "delays": [10, 20],
            "variants": ["rnn", "lstm:chrono"], "hidden_size": 8, "match": "parameters",
            "forget_bias": 2.0, "optimiser": "rmsprop", "clip": None, "solved": 0.9,
        },
        "9492b1097acb", "4ef1be7ad7275796",
    ),
    (
        RetentionConfig,
        {"delays": [60, 90], "task_options": {"distractors": 50, "symbols": 4}},
        "6da87a43c2f2", "b6e44955531f1fe6",
    ),
    (ComparisonConfig, {}, "2bef99f30dbd", "726af285b199f35a"),
    (
        ComparisonConfig,
        {
            "task": "adding", "task_options": {"length": 9},
            "cells": ["rnn", "gru+lstm", "lstm:chrono"], "match": "both", "aim_of": "loss",
            "aim": 0.3, "num_layers": 2, "dropout": 0.1, "chrono_max": 5, "optimiser": "sgd",
            "learning_rate": 0.1, "learning_rates": {"rnn": 0.2}, "clip": 0.5,
        },
        "a570e3bb0292", "060fcefc657d1cc7",
    ),
    (
        ComparisonConfig,
        {"task": "forecast", "task_options": {"series": "weather"}},
        "4eea33b3bf8c", "09d6b11bd40bf636",
    ),
]  # fmt: skip
"""Experiments as they were said, all settings side by side; their job's key, and a run's."""


def silent(make: Any, *given: Any, **settings: Any) -> Any:
    """What a call returns; it may not warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return make(*given, **settings)


def earlier(config: TrainConfig) -> dict[str, Any]:
    """A config's JSON as it was written when each setting was new."""
    return json.loads(json.dumps(config.first_saved()))


@pytest.mark.parametrize(("name", "now"), SETTINGS.items())
def test_an_earlier_name_works_with_one_warning(name: str, now: str) -> None:
    """As a keyword; in what a file says, without one; both names at once are refused."""
    expected = TrainConfig(task="adding", **{now: VALUES[name]})
    with pytest.warns(
        DeprecationWarning, match=rf"\({name}=...\) is called TrainConfig\({now}"
    ) as w:
        assert TrainConfig(task="adding", **{name: VALUES[name]}) == expected
    assert len(w) == 1
    assert w[0].filename == __file__
    assert name in earlier(expected)
    assert silent(TrainConfig.of, **earlier(expected)) == expected
    assert silent(TrainConfig.of, **json.loads(expected.model_dump_json())) == expected
    with pytest.raises(ValueError, match=f"are two names of one setting: give only {now}"):
        TrainConfig(task="adding", **{name: VALUES[name], now: VALUES[name]})


@pytest.mark.parametrize(("settings", "run", "job"), KEYS)
def test_what_was_trained_before_is_found(settings: dict[str, Any], run: str, job: str) -> None:
    """The keys are those that earlier versions gave."""
    config = TrainConfig.of(**settings)
    assert run_key(config) == run
    assert JobQueue.key(SingleRun(run=config)) == job


@pytest.mark.parametrize(("kind", "said", "job", "run"), STUDIES)
def test_an_experiment_with_its_base_beside_the_rest(
    kind: type[Any], said: dict[str, Any], job: str, run: str
) -> None:
    """Its keys are those of the version that wrote it, and a keyword that moved warns once."""
    experiment = silent(kind.of, **said)
    assert JobQueue.key(experiment) == job
    assert run_key(next(iter(experiment.configs().values()))) == run
    written = json.loads(json.dumps(experiment.first_saved()))
    assert silent(kind.of, **written) == experiment
    assert said.items() <= written.items()
    assert silent(kind.of, **json.loads(experiment.model_dump_json())) == experiment
    assert silent(kind.of, **experiment.side_by_side()) == experiment
    assert silent(kind, **dict(experiment)) == experiment
    if not said:
        assert silent(kind) == experiment
        return
    with pytest.warns(EarlierNameWarning, match=rf"is called {kind.__name__}\(.*base=TrainC") as w:
        assert kind(**said) == experiment
    assert [each.filename for each in w] == [__file__]


def test_what_an_experiment_varies_is_not_its_bases() -> None:
    """A run's own settings make a base; cell, start and seed are those of variants and seeds."""
    own = TrainConfig(
        task="adding", task_options={"length": 7}, cell="gru", initialization="chrono", seed=5,
        hidden_size=4, l2=0.1, stop_accuracy=0.5,
    )  # fmt: skip
    retention = RetentionConfig(base=own, variants=("rnn",), delays=(9,), seeds=(2,))
    (config,) = retention.configs().values()
    expected = {
        "cell": "rnn", "initialization": "default", "seed": 2, "task_options": {"length": 9},
        "stop_accuracy": 0.97,
    }  # fmt: skip
    assert config == TrainConfig(**dict(own) | expected)
    comparison = ComparisonConfig(base=own, cells=("lstm",), seeds=(1, 3), match="units")
    configs = comparison.configs().values()
    assert {config.seed for config in configs} == {1, 3}
    assert {(each.cell, each.l2, each.stop_accuracy) for each in configs} == {("lstm", 0.1, None)}


def test_a_setting_that_came_later_has_another_key() -> None:
    """It is in the key where it is not as usual, and nowhere else."""
    plain, changed = RetentionConfig(), RetentionConfig.of(bidirectional=True)
    assert JobQueue.key(plain) != JobQueue.key(changed)
    assert changed.first_saved() == plain.first_saved() | {"bidirectional": True}
    assert "bidirectional" not in plain.first_saved()
    with pytest.raises(ValueError, match="cell: no such setting"):
        ComparisonConfig.of(cell="gru")


def test_an_earlier_run_loads(tmp_path: Path) -> None:
    """With the names that its version wrote; nothing is said of them."""
    config = TrainConfig(task="adding", max_steps=1, **{SETTINGS[n]: v for n, v in VALUES.items()})
    folder = save_run(train(config), tmp_path / "run")
    text = json.dumps(earlier(config)).encode()
    (folder / CONFIG).write_bytes(text)
    result = json.loads((folder / RESULT).read_text())
    result["sha256"][CONFIG] = hashlib.sha256(text).hexdigest()
    result["sha256"][RESULT] = digest_of(result)
    (folder / RESULT).write_text(json.dumps(result))
    assert silent(load_run, folder).config == config


def test_an_earlier_job_is_read() -> None:
    """Of a config within a config too."""
    base = TrainConfig(task="adding", **{SETTINGS[name]: value for name, value in VALUES.items()})
    for kind, asked in (
        ("training", SingleRun(run=base)), ("aid", AidPair(aid="l2", strength=0.1, base=base))
    ):  # fmt: skip
        said = json.loads(json.dumps({"kind": kind, "experiment": asked.first_saved()}))
        assert silent(from_said, said) == asked


def test_a_function_may_be_called_by_an_earlier_keyword() -> None:
    """With one warning at the call; not together with the keyword of now."""

    @also_called(old="new")
    def double(number: int = 0, *, new: int = 1) -> int:
        """Twice a number."""
        return 2 * (number + new)

    assert silent(double, 1, new=2) == 6
    with pytest.warns(
        EarlierNameWarning, match=r"double\(old=...\) is called double\(new=...\)"
    ) as w:
        assert double(1, old=2) == 6  # type: ignore[call-arg]
    assert [each.filename for each in w] == [__file__]
    with pytest.raises(ValueError, match="new and old are two names of one setting: give only new"):
        double(old=1, new=2)  # type: ignore[call-arg]
    assert double.__doc__ == "Twice a number."


def test_a_function_has_its_earlier_name() -> None:
    """With one warning; any other name is not there."""
    with pytest.warns(EarlierNameWarning, match="moved_by_others is called influence_of_other"):
        assert analysis.moved_by_others is analysis.influence_of_other_steps
    with pytest.raises(AttributeError, match="has no attribute 'moved'"):
        _ = analysis.moved


@pytest.mark.parametrize(
    ("config", "name", "now"),
    [
        (TrainConfig(task="adding"), "clip", "max_grad_norm"),
        (RetentionConfig(), "optimiser", "base.optimizer"),
        (ComparisonConfig(), "hidden_size", "base.hidden_size"),
    ],
)
def test_an_attribute_by_its_earlier_name_is_the_one_of_now(config, name, now):
    with pytest.warns(EarlierNameWarning, match=rf"\.{name} is called \w+\.{now} now"):
        assert getattr(config, name) == attrgetter(now)(config)


def test_what_a_config_sets_itself_and_what_is_unknown_are_no_attributes():
    for name in ("cell", "nonsense", "__nonsense__"):
        assert not hasattr(RetentionConfig(), name)
