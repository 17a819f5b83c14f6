"""A setting is declared once: forms, the command line and refusals read the same numbers."""

import math
from typing import Annotated, Any

import pytest
from pydantic import Field

from gatescope import TrainConfig
from gatescope.experiments import AidPair
from gatescope.jobs import SingleRun
from gatescope.settings import FrozenConfig, Offer, Setting, settings_of

SETTINGS = settings_of(TrainConfig)
NUMBERS = [setting for setting in SETTINGS.values() if setting.kind in ("whole", "number")]


def trained(name: str, value: Any) -> TrainConfig:
    """Settings with one of them changed."""
    return TrainConfig(**{"task": "adding", "evaluate_every": 1} | {name: value})


def test_every_field_of_a_run_is_there() -> None:
    """In its order, with the default that a config really has."""
    usual = TrainConfig(task="adding").model_dump()
    assert list(SETTINGS) == list(TrainConfig.model_fields) == list(usual)
    assert {name: setting.usual for name, setting in SETTINGS.items()} == usual | {"task": None}
    assert [name for name, setting in SETTINGS.items() if setting.kind == "other"] == [
        "task_options"
    ]


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda setting: setting.name)
def test_validation_has_the_same_bounds(setting: Setting) -> None:
    """What lies just within is taken, what lies just beyond is refused in the setting's words."""
    tiny = 1 if setting.kind == "whole" else 1e-9
    for bound, open_end, outwards in (
        (setting.low, setting.above, -tiny), (setting.high, setting.below, tiny)
    ):  # fmt: skip
        if bound is None:
            continue
        within, beyond = (bound - outwards, bound) if open_end else (bound, bound + outwards)
        assert getattr(trained(setting.name, within), setting.name) == within
        with pytest.raises(ValueError, match=setting.name) as refused:
            trained(setting.name, beyond)
        assert str(refused.value) == f"{setting.name}: {setting.refusal(beyond)}"
        assert f"must be {setting.expected()}, got {beyond!r}" in str(refused.value)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda setting: setting.name)
def test_what_a_form_offers_can_be_trained(setting: Setting) -> None:
    """Every number can be asked for, the usual value among them."""
    offer = setting.offer
    values = [*offer.values, *setting.choices, *(end for end in (offer.low, offer.high) if end)]
    if setting.kind in ("whole", "number"):
        assert offer.values or offer.low is not None
        if setting.usual is not None:
            assert setting.usual in offer.values or offer.low <= setting.usual <= offer.high
    for value in values:
        bidirectional = {"bidirectional": True} if value == "both_ends" else {}
        config = TrainConfig(**{"task": "adding", setting.name: value} | bidirectional)
        assert getattr(config, setting.name) == value
    for name in ("None",) if setting.optional else ():
        assert name in setting.expected()
        assert getattr(trained(setting.name, None), setting.name) is None


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (Setting("n", "whole"), "a whole number"),
        (Setting("n", "whole", low=1, high=9), "1 to 9 (a whole number)"),
        (
            Setting("n", "number", low=0, below=True, high=1),
            "at least 0 and less than 1 (a number)",
        ),
        (Setting("n", "number", low=0, above=True, optional=True), "None, or greater than 0 (a nu"),
        (Setting("n", "choice", choices=("a", "b", "c")), "'a', 'b' or 'c'"),
        (Setting("n", "choice", choices=("a",)), "'a'"),
        (Setting("n", "switch"), "True or False"),
    ],
)
def test_what_may_be_said_in_words(setting: Setting, words: str) -> None:
    assert setting.expected().startswith(words)


def test_a_long_value_is_cut() -> None:
    with pytest.raises(ValueError, match=r"^cell: must be a text, got ") as refused:
        TrainConfig(task="adding", cell=["lstm"] * 10_000)  # type: ignore[arg-type]
    assert "…" in str(refused.value)
    assert len(str(refused.value)) < 150


def test_a_config_within_a_config_has_its_own_usual_values() -> None:
    """Its fields stand in its place; what is wrong in it is named with where it is."""

    class Study(FrozenConfig):
        seeds: Annotated[int, Offer(1, 20)] = Field(5, ge=1)
        base: TrainConfig = TrainConfig(task="digits", learning_rate=5e-3)

    settings = settings_of(Study)
    assert list(settings) == ["seeds", *SETTINGS]
    assert (settings["learning_rate"].usual, settings["task"].usual) == (5e-3, "digits")
    assert settings["learning_rate"].offer == SETTINGS["learning_rate"].offer
    assert settings_of(SingleRun) == SETTINGS
    assert settings_of(AidPair)["seeds"].high == 30
    with pytest.raises(ValueError, match=r"^hidden_size: must be at least 1 .* \(default: 16\)$"):
        Study(base={"task": "adding", "hidden_size": 0})  # type: ignore[arg-type]


def test_no_number_is_no_number() -> None:
    for value in (math.nan, math.inf, "many", [], None):
        with pytest.raises(ValueError, match="learning_rate: must be greater than 0"):
            trained("learning_rate", value)
