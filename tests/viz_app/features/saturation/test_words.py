"""Every branch of the saturation page's words, on gates made up for it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from viz_app.features.saturation import data as saturation
from viz_app.features.saturation import words as saturation_words
from viz_app.text import texts

STEPS = 200
SIGNALS = (
    "input_gate", "forget_gate", "output_gate", "reset_gate", "update_gate", "new_gate",
)  # fmt: skip


def made(
    layer: Callable[..., xr.Dataset], signal: str, shares: list[tuple[float, float]]
) -> dict[str, xr.Dataset]:
    """A run of one checkpoint; each unit is at the lower and upper end in these shares of steps."""
    low, mid, high = (0.05, 0.5, 0.95) if signal.endswith("gate") else (-0.95, 0.0, 0.95)
    values = np.full((STEPS, 1, len(shares)), mid)
    for unit, (left, right) in enumerate(shares):
        values[: round(left * STEPS), 0, unit] = low
        values[STEPS - round(right * STEPS) :, 0, unit] = high
    return saturation.over_training({0: layer("any", **{signal: values})})


@pytest.mark.parametrize(
    ("signal", "shares", "expected"),
    [
        ("input_gate", [(1, 0), (0, 0)],
         "Unit 0 is never written: its input gate is below 0.1 in 100%"),
        ("input_gate", [(0.96, 0.04), (0, 0)],
         "Unit 0 is hardly ever written: its input gate is below 0.1 in 96% of steps, "
         "above 0.9 in 4%."),
        ("forget_gate", [(0, 0), (0, 0.99)],
         "Unit 1 never forgets: its forget gate is above 0.9 in 99% of steps."),
        ("forget_gate", [(0, 0.995), (0, 0.96), (0, 0)],
         "Units 0 and 1 hardly ever forget: their forget gates are above 0.9 in 96% to "
         "over 99% of steps."),
        ("forget_gate", [(1, 0)] * 3, "All 3 units always forget at once"),
        ("output_gate", [(0.97, 0), (0, 0)], "Unit 0 hardly ever shows its cell state"),
        ("reset_gate", [(0, 1)] * 7 + [(0, 0)],
         "7 of 8 units always use the old states in full for their candidates"),
        ("update_gate", [(0, 0), (0, 1)],
         "Unit 1 never overwrites its state: its update gate is above 0.9 in 100% of "
         "steps, and in PyTorch's GRU an open one keeps."),
        ("update_gate", [(0.95, 0), (0, 0)], "Unit 0 nearly always overwrites its state"),
        ("new_gate", [(0, 1), (0, 0)], "Unit 0 always has its new gate open"),
        ("new_gate", [(0.5, 0.47), (0, 0)],
         "Unit 0 uses its new gate as a switch: it is shut or open in 97% of steps, and seldom "
         "between."),
        ("hidden_state", [(0.5, 0.5), (0, 0)],
         "Unit 0 works as a switch: it is at −1 or +1 in 100% of steps."),
        ("hidden_state", [(1, 0), (0, 0)],
         "Unit 0 always stands at −1: its hidden state is below −0.9 in 100%"),
        ("forget_gate", [(0.2, 0), (0, 0.7)],
         "No gate is stuck: none is shut, or open, in 95% of steps or more. The "
         "forget gate of unit 1 comes nearest: open in 70% of steps."),
        ("hidden_state", [(0.3, 0)],
         "No unit is stuck: none is at −1, or at +1, in 95% of steps or more. The "
         "hidden state of unit 0 comes nearest: at −1 in 30% of steps."),
        ("hidden_state", [(0, 0)], "None is ever below −0.9 or above 0.9."),
        ("input_gate", [(0, 0)], "None is ever below 0.1 or above 0.9."),
    ],
)  # fmt: skip
def test_every_branch(
    layer: Callable[..., xr.Dataset], signal: str, shares: list[Any], expected: str
) -> None:
    """One checkpoint alone has no change to tell."""
    (told,) = saturation_words.sentences(made(layer, signal, shares), 0)
    assert expected in told


@pytest.mark.parametrize("signal", [*SIGNALS, "hidden_state"])
@pytest.mark.parametrize("side", [(1, 0), (0, 1), (0.5, 0.5)])
@pytest.mark.parametrize("count", [1, 2])
def test_every_signal_has_a_sentence_for_each_end(
    layer: Callable[..., xr.Dataset], signal: str, side: tuple[float, float], count: int
) -> None:
    """With everything in it filled in, one unit or several."""
    found = made(layer, signal, [side] * count + [(0.0, 0.0)])
    (told,) = saturation_words.sentences(found, 0)
    assert told.startswith("Unit 0 " if count == 1 else "Units 0 and 1 ")
    assert "{" not in told
    assert "100%" in told


def test_every_known_gates_sentences_are_whole() -> None:
    """A gate with words of its own has them for both ends, for one unit and for several."""
    keys = {key for key in texts("en") if key.startswith("saturation.")}
    for signal in SIGNALS[:-1]:
        for side in ("left", "right"):
            for number in ("one", "some"):
                assert f"saturation.{signal}_{side}_{number}" in keys


def test_the_change_is_from_the_first_checkpoint_to_the_last(
    layer: Callable[..., xr.Dataset],
) -> None:
    """The one between is drawn, not told; small shares are not called none."""

    def at(share: float) -> xr.Dataset:
        values = np.full((1000, 1, 1), 0.5)
        values[: round(share * 1000)] = 0.01
        return layer("any", forget_gate=values)

    found = saturation.over_training({0: at(0.0), 10: at(0.9), 99: at(0.004)})
    told = saturation_words.sentences(found, 10)
    assert told[-1].endswith("after 99 training steps: forget gate 0% → under 1%.")
    assert "shut in 90% of steps" in told[0]
    alternative = saturation_words.map_alternative("forget_gate", found["forget_gate"])
    assert "at 3 training steps" in alternative
    now = found["forget_gate"].sel(checkpoint=10)
    assert "most steps shut (below 0.1), unit 0 with 90%" in saturation_words.alternative(
        "forget_gate", now
    )
