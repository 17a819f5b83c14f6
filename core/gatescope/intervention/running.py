"""Runs the layers that are intervened on by our own equations, all others by torch's kernel."""

import torch
from torch import Tensor

from gatescope.cells.observer import Step
from gatescope.intervention.plan import Plan
from gatescope.recording.attempt import Attempt
from gatescope.recording.autograd_cells import Layer, OwnCells
from gatescope.recording.call import FusedCall
from gatescope.recording.direction import Direction, MakeDirection
from gatescope.recording.intercept import Interceptor, MakeStore
from gatescope.recording.names import LayerNames
from gatescope.recording.stepwise import StepwiseDirection
from gatescope.recording.store_factory import Keeper
from gatescope.recording.witness import Witness


class ChangedCells(OwnCells):
    """Records our own cells, and torch's single-step ones, while they are changed.

    Parameters
    ----------
    attempt, keeper, names, witness
        As in `OwnCells`.
    plan
        What is changed.
    """

    def __init__(
        self, attempt: Attempt, keeper: Keeper, names: LayerNames, witness: Witness, plan: Plan
    ) -> None:
        super().__init__(attempt, keeper, names, witness)
        self.plan = plan

    def changed(self, layer: Layer, time: int, step: Step) -> Step:
        """Take each step with the changes that are planned for it."""
        times = torch.arange(time).unsqueeze(1)
        times = times.flip(0) if layer.reverse else times
        change = self.plan.change(layer.node, times)
        return step if change is None else change.stepper(step)


class ChangingInterceptor(Interceptor):
    """Replays fused calls; the layers that are intervened on run step by step.

    Parameters
    ----------
    own
        As in `Interceptor`.
    """

    own: ChangedCells

    def maker(self, order: Tensor | None, store: MakeStore) -> MakeDirection:
        """What a recorder makes of a layer without changes, our equations for one with them."""
        recorded = super().maker(order, store)

        def make(call: FusedCall, layer: int, reverse: bool) -> Direction:
            direction = recorded(call, layer, reverse)
            times = _reading_times(call, reverse)
            change = self.own.plan.change(direction.store.node, times, order)
            if change is None:
                return direction
            return StepwiseDirection(
                self.attempt, call, layer, reverse, direction.store,
                attach=self.own.attach, stepper=change.stepper,
            )  # fmt: skip

        return make


def _reading_times(call: FusedCall, reverse: bool) -> Tensor:
    """(time, batch or 1): the step in input time that is read at each step; -1 past the end."""
    layout = call.layout
    times = torch.arange(layout.time, device=call.rows.device).unsqueeze(1)
    if layout.lengths is None or layout.mask is None:
        return times.flip(0) if reverse else times
    times = layout.lengths - 1 - times if reverse else times.expand(-1, layout.batch)
    return times.masked_fill(~layout.mask, -1)


def comparable(
    attempt: Attempt, keeper: Keeper, names: LayerNames, witness: Witness
) -> Interceptor:
    """See what runs by the same operations as where it is changed, so that both agree to a bit."""
    return Interceptor(OwnCells(attempt, keeper, names, witness), waits=False)
