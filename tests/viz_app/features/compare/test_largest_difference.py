"""Where two recordings differ most: differences are over the bounds of their colours."""

import numpy as np
import pytest

from gatescope.intervention import Clamp
from viz_app.features.compare import data as compare
from viz_app.features.compare import sides as compare_sides
from viz_app.features.compare.sides import Side
from viz_app.features.intervene import compared as intervene_compare
from viz_app.features.intervene import data as intervene
from viz_app.kit.library import Library


@pytest.mark.parametrize(("small", "expected"), [("gates", "gate"), ("states", "state")])
def test_a_comparison_is_over_the_bounds(library: Library, small: str, expected: str) -> None:
    """The same two sides: what is drawn on a fine scale differs most, what on a coarse one least.

    Found again by hand, over all aspects and cells.
    """
    run = library.runs["adding-lstm"]
    sides = [Side(run, run.steps[0], "before"), Side(run, run.steps[-1], "after")]
    seen = compare.view(compare_sides.compare(sides), example=1)
    fine = [aspect.is_gate == (small == "gates") for aspect in seen.aspects]
    bounds = tuple(0.01 if narrow else 100.0 for narrow in fine)
    vars(seen)["bounds"] = bounds  # instead of those that are worked out
    found = seen.largest()
    sizes = [
        np.abs(after - before) / bound
        for (before, after), bound in zip(seen.values, bounds, strict=True)
    ]
    number = int(np.argmax([size.max() for size in sizes]))
    step, unit = np.unravel_index(int(sizes[number].argmax()), sizes[number].shape)
    assert (found.aspect.key, found.step, found.unit) == (seen.aspects[number].key, step, unit)
    assert found.aspect.is_gate == (expected == "gate")


@pytest.mark.parametrize(("bound", "expected"), [(100.0, "update_gate"), (0.001, "hidden_state")])
def test_an_intervention_is_over_the_bounds(library: Library, bound: float, expected: str) -> None:
    """The gate that is held changes by more than the state; on a fine scale the state does."""
    run = library.runs["adding-gru"]
    compared = intervene_compare.compare(
        run, Clamp("update_gate", 0.0, units=7, steps=range(20, 22))
    )
    signals = ["update_gate", "hidden_state"]
    seen = intervene.view(
        compared, run.probe(), run.task, example=3, signals=signals, bounds={"hidden_state": bound}
    )
    unit, step, signal = intervene.most_changed(seen)
    assert signal == expected
    change = np.abs((compared.changed[signal] - compared.untouched[signal]).values[:, 3])
    assert change[step, unit] == change.max()
