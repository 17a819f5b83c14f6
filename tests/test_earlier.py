"""What earlier versions wrote and called by other names still loads, works and is found."""

import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from gatescope import TrainConfig, analysis, load_run, save_run, train
from gatescope.earlier import SETTINGS, EarlierNameWarning, also_called
from gatescope.experiments import AidPair, run_key
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
    with pytest.warns(DeprecationWarning, match=rf"TrainConfig\({name}=...\) is called {now}") as w:
        assert TrainConfig(task="adding", **{name: VALUES[name]}) == expected
    assert len(w) == 1
    assert w[0].filename == __file__
    assert name in earlier(expected)
    assert silent(TrainConfig.from_saved, earlier(expected)) == expected
    assert silent(TrainConfig.from_saved, json.loads(expected.model_dump_json())) == expected
    with pytest.raises(ValueError, match=f"are the same: give {now} alone"):
        TrainConfig(task="adding", **{name: VALUES[name], now: VALUES[name]})


@pytest.mark.parametrize(("settings", "run", "job"), KEYS)
def test_what_was_trained_before_is_found(settings: dict[str, Any], run: str, job: str) -> None:
    """The keys are those that earlier versions gave."""
    config = TrainConfig.from_saved(settings)
    assert run_key(config) == run
    assert JobQueue.key(SingleRun(run=config)) == job


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
    with pytest.raises(ValueError, match="new and old are the same: give new alone"):
        double(old=1, new=2)  # type: ignore[call-arg]
    assert double.__doc__ == "Twice a number."


def test_a_function_has_its_earlier_name() -> None:
    """With one warning; any other name is not there."""
    with pytest.warns(EarlierNameWarning, match="moved_by_others is called influence_of_other"):
        assert analysis.moved_by_others is analysis.influence_of_other_steps
    with pytest.raises(AttributeError, match="has no attribute 'moved'"):
        _ = analysis.moved
