"""A text that is written: exactly the states of reading it, seeded, and drawn by chance."""

import math
from itertools import accumulate

import numpy as np
import pytest
import torch

from gatescope import TrainConfig
from gatescope.models import SequenceModel
from gatescope.tasks.characters import Characters
from gatescope.training import build_model
from gatescope.writing import bits_of, mean_bits, write
from gatescope.writing.sampling import MOST, stepper

TASK = Characters(length=32)
TEXT = "`Oh dear!' (said Alice)\n"


def untrained(cell: str, **settings: object) -> SequenceModel:
    """A small network, in double precision."""
    config = TrainConfig(task="characters", cell=cell, hidden_size=7, seed=1, **settings)
    return build_model(config).double().eval()


CELLS = ["lstm", "gru", "rnn", "janet", "gru+lstm"]


@pytest.mark.parametrize("cell", CELLS)
def test_step_by_step_is_the_whole_text_at_once(cell: str) -> None:
    """The logits after each character are those of running on all of it."""
    model = untrained(cell)
    rows = TASK.encode(TEXT).double()
    step, state = stepper(model), None
    with torch.no_grad():
        expected = model(rows)[:, 0]
        for number, x in enumerate(rows.unsqueeze(1)):
            logits, state = step(x, state)
            torch.testing.assert_close(logits, expected[number], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("temperature", "top_k"), [(1.0, None), (0.5, 4)])
def test_what_is_written_is_drawn_from_what_comes_next(
    cell: str, temperature: float, top_k: int | None
) -> None:
    """By plain Python from the logits of the whole text: cumulated chances against the draws."""
    model = untrained(cell).float()
    text = write(model, TASK, TEXT, 30, temperature=temperature, top_k=top_k, seed=5)
    draws = torch.rand(len(text), dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    assert text.startswith(TEXT)
    with torch.no_grad():
        logits = model(TASK.encode(text))[:, 0].double()
    for place in range(len(TEXT), len(text)):
        before = logits[place - 1].tolist()
        least = sorted(before)[-(top_k or len(before))]
        weights = [math.exp(v / temperature) if v >= least else 0.0 for v in before]
        drawn = float(draws[place]) * sum(weights)
        code = next(k for k, reached in enumerate(accumulate(weights)) if drawn < reached)
        assert text[place] == TASK.characters[code]


def test_a_text_can_be_written_in_parts() -> None:
    """20 characters and 30 more are the 50 at once; another seed writes another text."""
    model = untrained("lstm").float()
    first = write(model, TASK, "Alice", 20, seed=3)
    assert write(model, TASK, first, 30, seed=3) == write(model, TASK, "Alice", 50, seed=3)
    assert write(model, TASK, "Alice", 50, seed=4) != write(model, TASK, "Alice", 50, seed=3)
    assert write(model, TASK, "Alice", 0) == "Alice"


def test_one_of_the_likeliest_is_the_likeliest() -> None:
    model = untrained("gru").float()
    text = write(model, TASK, "A", 10, top_k=1, seed=9)
    assert text == write(model, TASK, "A", 10, temperature=1e-4, seed=2)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"text": ""}, "at least one character"),
        ({"text": "Zoë"}, "holds 'ë'"),
        ({"temperature": 0}, "temperature must be above 0, got 0"),
        ({"temperature": math.nan}, "temperature must be above 0, got nan"),
        ({"top_k": 0}, "top_k must be 1 to 72"),
        ({"count": -1}, "count must be 0 to"),
        ({"count": MOST}, f"{MOST + 1:,} characters, but at most {MOST:,}"),
    ],
)
def test_what_cannot_be_written_is_told(settings: dict[str, object], words: str) -> None:
    asked = {"text": "A", "count": 3} | settings
    with pytest.raises(ValueError, match=words):
        write(untrained("rnn").float(), TASK, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", ["lstm", "janet"])
def test_a_network_that_reads_backwards_cannot_write(cell: str) -> None:
    with pytest.raises(ValueError, match="bidirectional network cannot write"):
        write(untrained(cell, bidirectional=True).float(), TASK, "A", 3)


def test_bits_are_those_of_torch() -> None:
    """Cross-entropy over ln 2; the mean over the part is that of one pass with its states."""
    model = untrained("gru").float()
    codes = TASK.held_out("test").codes
    rows = torch.nn.functional.one_hot(codes, TASK.input_size).float().unsqueeze(1)
    with torch.no_grad():
        logits = model(rows[:-1])[:, 0]
    loss = torch.nn.functional.cross_entropy(logits, codes[1:], reduction="none") / math.log(2)
    text = "".join(TASK.characters[code] for code in codes[:100].tolist())
    np.testing.assert_allclose(bits_of(model, TASK, text), loss[:99].numpy(), rtol=1e-4)
    assert mean_bits(model, TASK, "test") == pytest.approx(float(loss.mean()), rel=1e-5)
