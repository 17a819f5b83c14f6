"""The digits against scikit-learn's own pictures."""

from collections import Counter

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from gatescope.tasks import Batch, make_task

SIZES = {"train": 1097, "validation": 200, "test": 500}


def whole(split: str) -> Batch:
    """Every digit of a part, once: as many as it has."""
    return make_task("digits", split=split).sample(SIZES[split], 0)


def rows(batch: Batch) -> list[tuple[int, bytes]]:
    """Label and pixels 0 to 16 of every example."""
    pixels = (batch.inputs[..., 0].T * 16).round().to(torch.uint8).numpy()
    return [(int(c), p.tobytes()) for c, p in zip(batch.targets[-1], pixels, strict=True)]


def test_the_parts_are_all_of_scikit_learns_digits_each_once() -> None:
    """Pixels row by row, in sixteenths, with their labels; no picture in two parts."""
    pixels, labels = load_digits(return_X_y=True)
    expected = Counter(
        (int(label), row.astype(np.uint8).tobytes())
        for label, row in zip(labels, pixels, strict=True)
    )
    found = [rows(whole(split)) for split in SIZES]
    assert Counter(found[0] + found[1] + found[2]) == expected
    assert [len(part) for part in found] == list(SIZES.values())
    ink = whole("test").inputs
    assert (ink.min(), ink.max()) == (0, 1)
    assert torch.equal(ink * 16, (ink * 16).round())


@pytest.mark.parametrize("split", SIZES)
def test_the_baseline_is_the_parts_own_class_shares(split: str) -> None:
    """The entropy of the label counts, and the largest share."""
    counts = np.array(list(Counter(label for label, _ in rows(whole(split))).values()))
    share = counts / counts.sum()
    task = make_task("digits", split=split)
    assert task.baseline_loss == pytest.approx(-(share * np.log(share)).sum(), rel=1e-12)
    assert task.baseline_accuracy == pytest.approx(share.max(), rel=1e-12)


@pytest.mark.parametrize("start", SIZES)
@pytest.mark.parametrize("part", ["validation", "test"])
def test_held_out_is_the_named_part(start: str, part: str) -> None:
    """From whichever part one starts."""
    held_out = make_task("digits", split=start).held_out(part)
    assert set(rows(held_out.sample(SIZES[part], 1))) == set(rows(whole(part)))


def test_a_batch_has_no_digit_twice_until_there_are_too_few() -> None:
    """Without replacement up to the part's size, with replacement beyond."""
    task = make_task("digits", split="validation")
    several = Counter(rows(whole("validation")))
    assert not Counter(rows(task.sample(150, 3))) - several
    more = rows(task.sample(900, 3))
    assert len(more) == 900
    assert set(more) <= set(several)
    assert len(set(more)) > 180  # 1 - exp(-4.5) of 200 are expected
