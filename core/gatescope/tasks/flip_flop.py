"""The 3-bit flip-flop: three switches that keep the last push."""

from itertools import pairwise, product
from typing import Annotated, Any

import torch
from annotated_types import Ge, Lt
from torch import Tensor

from gatescope.settings import Offer
from gatescope.tasks.base import BLANK, Batch, Mark, Task, require_batch_size

CHANNELS = 3
SIGNS = {1: "+", -1: "−", 0: BLANK}


Chance = Annotated[float, Ge(0), Lt(1), Offer(values=(0.02, 0.05, 0.1, 0.2, 0.5))]


class FlipFlop(Task):
    """Hold the sign of each channel's last pulse, at every step.

    One row, T = 12, three inputs and below them what each output must be::

        step      0  1  2  3  4  5  6  7  8  9 10 11
        input 0   +  .  .  .  -  .  .  .  .  .  .  .
        input 1   -  .  .  .  .  .  -  .  .  +  .  .
        input 2   -  .  +  .  .  .  .  .  .  .  .  .
        output 0  +  +  +  +  -  -  -  -  -  -  -  -
        output 1  -  -  -  -  -  -  -  -  -  +  +  +
        output 2  -  -  +  +  +  +  +  +  +  +  +  +

    A pulse is +1 or -1, equally likely; each channel has one at step 0 and later with the chance
    ``pulse_chance``, independently. Every step counts. The loss is the mean squared error over
    the three outputs; an answer is right when all three lie within `tolerance` of their targets
    (which gives them the right sign).

    Remembering nothing means to see the present input alone: a pulse is answered exactly, without
    one 0 has the least squared error, 1, and a guess of +1 or -1 is right half of the time.

    Source: Sussillo & Barak 2013; the pulse at step 0, without which the first targets would
    be undefined: Golub & Sussillo 2018.

    Parameters
    ----------
    length
        Number of time steps T, at least 2.
    pulse_chance
        The chance of a pulse at a step of a channel, at least 0 and below 1.
    """

    kind = "regression"
    edits = "symbols"
    input_kind = "channels"
    input_size = CHANNELS
    output_size = CHANNELS
    value_range = (-1.0, 1.0)
    tolerance = 0.5
    """An answer counts as right when no output is off by as much as this."""

    def __init__(self, length: Annotated[int, Ge(2)] = 50, pulse_chance: Chance = 0.1) -> None:
        self.require_options(length=length, pulse_chance=pulse_chance)
        self.length = length
        self.pulse_chance = pulse_chance

    @property
    def baseline_loss(self) -> float:
        """(1 - q)(T - 1)/T: the error is 1 wherever there is no pulse, q being its chance."""
        return (1 - self.pulse_chance) * (self.length - 1) / self.length

    @property
    def baseline_accuracy(self) -> float:
        """(1 + (T - 1)((1 + q)/2)^3)/T: each channel is seen, or guessed."""
        later = ((1 + self.pulse_chance) / 2) ** CHANNELS
        return (1 + (self.length - 1) * later) / self.length

    def told(self, batch: Batch) -> dict[str, Any]:
        """See `Task`."""
        pulses, waits = batch.inputs[:, 0] != 0, []
        for channel in range(self.input_size):
            steps = [*pulses[:, channel].nonzero().flatten().tolist(), self.length]
            waits += [(after - before - 1, channel, before) for before, after in pairwise(steps)]
        wait, channel, since = max(waits, key=lambda each: each[0])
        return {"pulses": int(pulses.sum()), "wait": wait, "channel": channel, "since": since}

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw rows as the class describes."""
        require_batch_size(batch_size)
        draw = torch.Generator().manual_seed(seed)
        size = (self.length, batch_size, CHANNELS)
        pulsed = torch.rand(size, generator=draw) < self.pulse_chance
        pulsed[0] = True
        signs = 2 * torch.randint(0, 2, size, generator=draw) - 1
        return self.asked((signs * pulsed).float())

    def asked(self, inputs: Tensor) -> Batch:
        """See `Task`."""
        pulsed, size = inputs != 0, inputs.shape[1]
        steps = torch.arange(self.length).reshape(-1, 1, 1)
        last = (steps * pulsed).cummax(dim=0).values
        marks = tuple(
            tuple(
                Mark(step, labels[step])
                for step in pulsed[:, b].any(dim=-1).nonzero().flatten().tolist()
            )
            for b, labels in enumerate(map(self.spell, inputs.unbind(1)))
        )
        return Batch(
            inputs=inputs,
            targets=inputs.gather(0, last),
            scored=torch.ones(self.length, size, dtype=torch.bool),
            marks=marks,
        )

    def spell(self, row: Tensor) -> tuple[str, ...]:
        """See `Task`: a sign for each channel."""
        return tuple("".join(SIGNS[int(sign)] for sign in step) for step in row.tolist())

    def instead(self, row: Tensor, step: int) -> tuple[str, ...]:
        """See `Task`: a sign or none for each channel, at the first step a sign."""
        signs = [sign for size, sign in SIGNS.items() if size or step]
        return tuple(map("".join, product(signs, repeat=CHANNELS)))

    def put(self, row: Tensor, step: int, what: str) -> None:
        """See `Task`."""
        super().put(row, step, what)
        signs = {sign: size for size, sign in SIGNS.items()}
        row[step] = torch.tensor([float(signs[sign]) for sign in what])

    def correct(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Whether all outputs of a step are within `tolerance`."""
        error = outputs[batch.scored] - batch.targets[batch.scored]
        return (error.abs() < self.tolerance).all(dim=-1)
