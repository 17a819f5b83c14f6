"""Interventions as text and as Python: the same again, and what is none."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatescope import intervention
from gatescope.intervention import Bias, Clamp, Intervention, Scale, SetState, ZeroUnit
from viz_app.kit import interventions

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
PLACES = st.none() | st.integers(0, 99) | st.sets(st.integers(0, 99), min_size=1)
SIGNALS = st.sampled_from(["forget_gate", "cell_state"])
LAYERS = st.none() | st.just("recurrent/l0_reverse")
ONE: st.SearchStrategy[Intervention] = st.one_of(
    st.builds(Clamp, SIGNALS, NUMBERS, PLACES, PLACES, LAYERS),
    st.builds(Scale, SIGNALS, NUMBERS, PLACES, PLACES, LAYERS),
    st.builds(ZeroUnit, PLACES, PLACES, LAYERS),
    st.builds(SetState, SIGNALS, NUMBERS, st.integers(0, 99), PLACES, LAYERS),
    st.builds(Bias, SIGNALS, NUMBERS, PLACES, LAYERS),
)


@settings(settings.get_profile("fuzz"))
@given(st.lists(ONE, max_size=3))
def test_text_and_python_give_the_same_back(done: list[Intervention]) -> None:
    """And plain ones stay as they are, with the units and steps that were named."""
    plain = interventions.plain(done)
    assert interventions.read(interventions.write(plain)) == plain
    assert eval(interventions.code(plain), vars(intervention)) == plain
    assert interventions.plain(plain) == plain
    assert hash(plain) == hash(interventions.plain(done))
    for one, other in zip(done, plain, strict=True):
        assert type(one) is type(other)
        for name, value in vars(one).items():
            kept = getattr(other, name)
            if name in ("units", "steps") and value is not None:
                assert set(kept) == (value if isinstance(value, set) else {value})
            else:
                assert kept == value


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("none", ()),
        ("clamp:forget_gate:1", (Clamp("forget_gate", 1.0),)),
        ("zero:units=3.7:steps=10-30", (ZeroUnit((3, 7), range(10, 31)),)),
        ("zero:units=all:steps=0-999999999", (ZeroUnit(None, range(1_000_000_000)),)),
        ("bias:input_gate:-2,set:cell_state:0:step=4",
         (Bias("input_gate", -2.0), SetState("cell_state", 0.0, 4))),
    ],
)  # fmt: skip
def test_what_a_text_says(text: str, read: tuple[Intervention, ...]) -> None:
    """A long row of steps is not gone through."""
    assert interventions.read(text) == read


@pytest.mark.parametrize(
    "text",
    ["", "clamp", "clamp:forget_gate", "clamp:forget_gate:high", "clamp:forget_gate:nan",
     "clamp:forget_gate:1:2", "clamp:forget_gate:1:units=", "clamp:forget_gate:1:steps=9-3",
     "clamp:forget_gate:1:doors=3", "set:cell_state:0", "sing:forget_gate:1", "none,none"],
)  # fmt: skip
def test_what_is_no_text(text: str) -> None:
    """Is refused as a whole."""
    assert interventions.read(text) is None


@pytest.mark.parametrize("wrong", ["clamp", 3, [Clamp("forget_gate", np.zeros((2, 3)))], [Clamp]])
def test_what_is_no_plain_intervention(wrong: Any) -> None:
    """An array cannot be compared; `gatescope.intervene` takes it."""
    with pytest.raises((TypeError, ValueError, KeyError)):
        interventions.plain(wrong)
