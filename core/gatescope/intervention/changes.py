"""What the steps of a layer are changed into, step by step as the layer reads."""

from collections.abc import Callable

import torch
from torch import Tensor

from gatescope.cells.change import changing
from gatescope.cells.observer import Step
from gatescope.errors import say
from gatescope.intervention.effects import Effect
from gatescope.intervention.kinds import InterventionError

CHANGES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "set": lambda x, value: value,
    "scale": lambda x, value: x * value,
    "add": lambda x, value: x + value,
}


class Timed:
    """An effect along the steps of one call.

    Parameters
    ----------
    effect
        The effect.
    times
        (time, batch or 1), the step in input time that is read at each step of the call; -1 where
        a sequence has ended. Batch is 1 where all sequences are read alike.
    order
        Where each example of the original batch stands in a packed one, or None.
    """

    def __init__(self, effect: Effect, times: Tensor, order: Tensor | None) -> None:
        there = times >= 0
        if effect.steps is None:
            self.rows = times.clamp(min=0)
        else:
            steps = torch.tensor(effect.steps, device=times.device)
            there = there & torch.isin(times, steps)
            self.rows = (times.unsqueeze(-1) == steps).int().argmax(-1)
        self.mask = there.unsqueeze(-1) & effect.units.to(times.device)
        self.active = there.any(1).tolist()
        self.change = CHANGES[effect.kind]
        value = effect.value.to(times.device)
        if order is not None and value.shape[1] > 1:
            value = value[:, torch.argsort(order)]
        if len(value) > 1 and int(self.rows.max()) >= len(value):
            raise InterventionError(say("change_steps", effect=effect.name, count=len(value)))
        self.value = value

    def __call__(self, step: int, x: Tensor) -> Tensor:
        """Change (batch, unit) at that step of the call."""
        if not self.active[step]:
            return x
        value = self._value(step).to(x.dtype)
        if len(value) > len(x):
            value = value[: len(x)]  # a call of fewer examples than others of its layer
        return torch.where(self.mask[step], self.change(x, value), x)

    def _value(self, step: int) -> Tensor:
        if len(self.value) == 1:
            return self.value[0]
        rows = self.rows[step]
        if len(rows) == 1:
            return self.value[rows[0]]
        wide = self.value.expand(-1, len(rows), -1)
        return wide[rows, torch.arange(len(rows), device=rows.device)]


class LayerChange:
    """All effects on one layer and direction in one call; a `Change` for its current step.

    Parameters
    ----------
    node
        The layer's name in the trace, for messages.
    effects
        In the order in which they act.
    times, order
        As in `Timed`.
    """

    def __init__(
        self, node: str, effects: list[Effect], times: Tensor, order: Tensor | None = None
    ) -> None:
        self.node = node
        self.step = -1
        self.changes: dict[tuple[str, str], list[Timed]] = {}
        for effect in effects:
            place = "pre-activation" if effect.kind == "add" else "signal"
            timed = Timed(effect, times, order)
            self.changes.setdefault((place, effect.name), []).append(timed)
        self.missed = set(self.changes)

    def signal(self, name: str, value: Tensor) -> Tensor:
        """See `Change`."""
        return self._through(("signal", name), value)

    def pre_activation(self, block: str, value: Tensor) -> Tensor:
        """See `Change`."""
        return self._through(("pre-activation", block), value)

    def stepper(self, step: Step) -> Step:
        """Take each step with its changes, one after the other."""

        def take(x: Tensor, state: dict[str, Tensor]) -> dict[str, Tensor]:
            self.step += 1
            with changing(self):
                signals = step(x, state)
            self._require_reached()
            return signals

        return take

    def _through(self, key: tuple[str, str], value: Tensor) -> Tensor:
        if key not in self.changes:
            return value
        for change in self.changes[key]:
            value = change(self.step, value)
        self.missed.discard(key)
        return value

    def _require_reached(self) -> None:
        for place, name in sorted(self.missed):
            raise InterventionError(
                say(
                    "signal_out_of_reach" if place == "signal" else "sum_out_of_reach",
                    node=self.node, place=place, name=name,
                )
            )  # fmt: skip
