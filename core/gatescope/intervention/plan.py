"""Which effects meet which layer, in which of its calls."""

from collections.abc import Sequence

import torch
import xarray as xr
from torch import Tensor

from gatescope.errors import say
from gatescope.intervention.changes import LayerChange
from gatescope.intervention.effects import Effect, effects_of, signal_of
from gatescope.intervention.kinds import Intervention, InterventionError


class Plan:
    """Interventions made ready for a model; it counts calls as the changed network runs.

    Parameters
    ----------
    interventions
        In the order in which they act.
    trace
        The recording of the untouched run.

    Raises
    ------
    InterventionError
        When an intervention does not fit the model.
    """

    def __init__(self, interventions: Sequence[Intervention], trace: xr.DataTree) -> None:
        self.nodes = {leaf.path.strip("/"): leaf.to_dataset() for leaf in trace.leaves}
        self.effects: dict[str, list[Effect]] = {node: [] for node in self.nodes}
        self.elapsed: dict[str, int] = {}
        for intervention in interventions:
            for node in self._meant(intervention):
                self.effects[node] += effects_of(intervention, node, self.nodes[node])

    def change(self, key: str, times: Tensor, order: Tensor | None = None) -> LayerChange | None:
        """What becomes of the next call of a layer and direction; None leaves it alone.

        Parameters
        ----------
        key
            ``<module path>/l0``.
        times, order
            As in `LayerChange`, counted from the beginning of this call.
        """
        elapsed = self.elapsed.get(key, 0)
        self.elapsed[key] = elapsed + len(times)
        effects = self.effects.get(key, [])
        if not effects:
            return None
        # calls follow one another along time
        later = torch.where(times < 0, times, times + elapsed)
        return LayerChange(key, effects, later, order)

    def _meant(self, intervention: Intervention) -> list[str]:
        """The layers that an intervention names, or all that have its signal."""
        if not isinstance(intervention, Intervention):
            raise InterventionError(say("intervention_needed", intervention=intervention))
        layer, signal = intervention.layer, signal_of(intervention)
        if layer is None:
            having = [node for node, found in self.nodes.items() if signal in found]
            if having:
                return having
            signals = dict.fromkeys(str(n) for found in self.nodes.values() for n in found)
            raise InterventionError(say("signal_unknown", signal=signal, names=", ".join(signals)))
        if layer not in list(self.nodes):  # a layer may be given as what has no hash
            raise InterventionError(say("node_unknown", layer=layer, names=", ".join(self.nodes)))
        return [layer]
