"""A network writes: each character is drawn from what the network expects next.

Shapes: x (1, 1, feature), one character; logits (output,).
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from gatescope.cells import Cell, Recurrence
from gatescope.errors import say
from gatescope.models import SequenceModel
from gatescope.tasks.base import require_whole
from gatescope.tasks.characters import Characters
from gatescope.tasks.real import Split

MOST = 5000
"""Characters of a text, at most."""

Step = Callable[[Tensor, Any], tuple[Tensor, Any]]


def write(
    model: SequenceModel,
    task: Characters,
    text: str,
    count: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int = 0,
) -> str:
    """Write a text on.

    The network reads the text from its first character, step by step, and its states are carried
    on while it writes. Character number n of the whole text is chosen by the n-th number of the
    seed: writing 20 characters, and 30 more after them, gives what writing 50 gives.

    Parameters
    ----------
    model
        The network; it must read forwards only.
    task
        What its characters are.
    text
        How the text begins, at least one character.
    count
        How many characters to write.
    temperature
        The logits are divided by it: below 1 the likely characters become likelier still.
    top_k
        Draw from so many of the likeliest characters only; None draws from all.
    seed
        Of the draws.

    Returns
    -------
    str
        The text and what was written.

    Raises
    ------
    ValueError
        When the text is empty or holds a character that is not in the book, a number is out of
        its range, or the network also reads backwards.

    Examples
    --------
    >>> import gatescope
    >>> from gatescope.writing import write
    >>> run = gatescope.train(gatescope.TrainConfig(task="characters", max_steps=1))
    >>> len(write(run.model(), run.task, "Alice ", 14))
    20
    """
    require_whole("count", count, 0, MOST)
    require_whole("top_k", task.output_size if top_k is None else top_k, 1, task.output_size)
    if not 0 < temperature < math.inf:
        raise ValueError(say("temperature", temperature=temperature))
    if len(text) + count > MOST:
        raise ValueError(say("text_too_long", most=MOST, count=len(text) + count))
    rows = task.encode(text)
    draws = torch.rand(
        len(text) + count, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    step, state = stepper(model), None
    written = []
    with torch.inference_mode():
        for x in rows.unsqueeze(1):
            logits, state = step(x, state)
        for number in range(len(text), len(text) + count):
            code = _chosen(logits, temperature, top_k, float(draws[number]))
            written.append(task.characters[code])
            x = one_hot(torch.tensor([[code]]), task.input_size).float()
            logits, state = step(x, state)
    return text + "".join(written)


def stepper(model: SequenceModel) -> Step:
    """A function from one character and the states before it to the logits and the states after.

    The states are those of the network's own layers; None begins with zeros.
    """
    layers = model.recurrent
    if getattr(layers, "bidirectional", False) or getattr(layers, "directions", 1) == 2:
        raise ValueError(say("reads_backward"))
    run = _own_step(layers) if isinstance(layers, Recurrence) else layers

    def step(x: Tensor, state: Any) -> tuple[Tensor, Any]:
        hidden, state = run(x, state)
        return model.answer(hidden)[0, 0], state

    return step


def bits_of(model: SequenceModel, task: Characters, text: str) -> np.ndarray:
    """How surprised a network is by each character of a text, the first one left out.

    Returns
    -------
    ndarray
        (characters - 1,), -log2 of the chance that it gave to the character that came.
    """
    rows = task.encode(text)
    with torch.inference_mode():
        chances = model(rows[:-1]).log_softmax(-1)[:, 0]
    there = rows[1:, 0].argmax(-1)
    nats: np.ndarray = -chances[torch.arange(len(there)), there].double().numpy()
    return nats / math.log(2)


def mean_bits(model: SequenceModel, task: Characters, split: Split) -> float:
    """Bits a character on a whole part of the book, read in one go with its states carried on."""
    text = "".join(task.characters[code] for code in task.held_out(split).codes.tolist())
    return float(bits_of(model, task, text).mean())


def _own_step(layers: Recurrence) -> Step:
    cells = [cell for cell in layers.cells if isinstance(cell, Cell)]

    def step(x: Tensor, states: Any) -> tuple[Tensor, Any]:
        hidden, after = x[0], []
        for number, cell in enumerate(cells):
            before = cell.initial_state(hidden) if states is None else states[number]
            signals = cell.step(hidden, before)
            after.append({name: signals[name] for name in cell.states})
            hidden = signals["hidden_state"]
        return hidden.unsqueeze(0), after

    return step


def _chosen(logits: Tensor, temperature: float, top_k: int | None, draw: float) -> int:
    """The character at a place in [0, 1) of all that may come, laid side by side by chance."""
    scaled = logits.double() / temperature
    if top_k is not None:
        likeliest = scaled.topk(top_k).indices
        scaled = torch.full_like(scaled, -math.inf).index_copy(0, likeliest, scaled[likeliest])
    ends = scaled.softmax(0).cumsum(0)
    found = int(torch.searchsorted(ends, draw * float(ends[-1]), right=True))
    return min(found, len(ends) - 1)
