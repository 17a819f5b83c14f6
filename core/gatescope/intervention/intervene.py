"""The one call: a model, its inputs and interventions in; the untouched and the changed run out."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import xarray as xr
from torch import Tensor, nn

from gatescope.errors import say
from gatescope.intervention.kinds import Intervention, InterventionError
from gatescope.intervention.plan import Plan
from gatescope.intervention.running import ChangedCells, ChangingInterceptor, comparable
from gatescope.recording.attempt import Attempt
from gatescope.recording.names import LayerNames
from gatescope.recording.running import Invocation, observed_run
from gatescope.recording.store_factory import Keeper
from gatescope.recording.witness import Witness


@dataclass(frozen=True)
class Intervened:
    """A network's run as it is, and its run with interventions.

    Attributes
    ----------
    untouched, changed
        What `gatescope.record` gives of each; in the second, signals as they were changed.
    untouched_output, changed_output
        What the model returned, tensors detached.
    """

    untouched: xr.DataTree
    changed: xr.DataTree
    untouched_output: Any
    changed_output: Any

    @property
    def difference(self) -> xr.DataTree:
        """Changed minus untouched, every signal and gradient.

        Raises
        ------
        InterventionError
            Where the changed network took another way, as a loop that ends sooner.
        """
        sizes, others = (
            {leaf.path.strip("/"): dict(leaf.sizes) for leaf in run.leaves}
            for run in (self.untouched, self.changed)
        )
        for path in sizes | others:
            if sizes.get(path) != others.get(path):
                raise InterventionError(
                    say("runs_differ", node=path, one=_told(sizes, path), other=_told(others, path))
                )
        nodes = {leaf.path: leaf.to_dataset() for leaf in self.untouched.leaves}
        return xr.DataTree.from_dict(
            {
                path: (self.changed[path].to_dataset() - before).assign_attrs(before.attrs)
                for path, before in nodes.items()
            }
        )


def intervene(
    model: nn.Module,
    inputs: Any,
    interventions: Intervention | Iterable[Intervention],
    *,
    loss: Callable[[Any], Tensor] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    method: str = "forward",
) -> Intervened:
    """Run a model twice: as it is, and with interventions.

    Layers that are intervened on run step by step by our own equations, on the model's weights;
    all others by torch's kernel. Both runs start from the same random state, so dropout falls
    alike. Afterwards the model is as it was, as after `gatescope.record`.

    Parameters
    ----------
    model, inputs, loss, kwargs, method
        As `gatescope.record` takes them. With a loss, ``grad_<signal>`` is there in both runs;
        in the changed one, the derivative with respect to the signal as it was changed.
    interventions
        One or several `Clamp`, `Scale`, `ZeroUnit`, `SetState` and `Bias`, of
        ``gatescope.intervention``; where several meet, the later acts on what the earlier left.

    Returns
    -------
    Intervened
        Traces and outputs of both runs, and their difference.

    Raises
    ------
    InterventionError
        When a layer, signal, unit, step or value does not fit; it says what there is.
    RecordError
        As `gatescope.record`.

    Examples
    --------
    What if it cannot forget?

    >>> import gatescope, torch
    >>> from gatescope.intervention import Clamp
    >>> lstm = torch.nn.LSTM(3, 8)
    >>> run = gatescope.intervene(lstm, torch.randn(20, 5, 3), Clamp("forget_gate", 1.0))
    >>> float(run.changed["lstm/l0"]["forget_gate"].min())
    1.0
    """
    # a lone intervention is no collection; neither is something else by mistake, and Plan says so
    is_many = isinstance(interventions, Iterable) and not isinstance(interventions, str)
    several: Any = interventions if is_many else (interventions,)
    interventions = tuple(map(_to_keep, several))
    invocation = Invocation(model, inputs, loss, kwargs or {}, method)
    output, untouched = observed_run(invocation, comparable)
    Plan(interventions, untouched)  # what does not fit is refused before the model runs again

    def make(
        attempt: Attempt, keeper: Keeper, names: LayerNames, witness: Witness
    ) -> ChangingInterceptor:
        plan = Plan(interventions, untouched)  # it counts calls, anew for each attempt
        own = ChangedCells(attempt, keeper, names, witness, plan)
        return ChangingInterceptor(own, waits=False)

    changed_output, changed = observed_run(invocation, make)
    return Intervened(untouched, changed, _detached(output), _detached(changed_output))


def _told(sizes: Mapping[str, Mapping[Hashable, int]], path: str) -> str:
    """A layer's size in one of the runs, for a message."""
    if path not in sizes:
        return say("run_without")
    return ", ".join(f"{name} {size}" for name, size in sizes[path].items())


def _to_keep(intervention: Any) -> Any:
    """The same, with tuples for what can be gone through once only: several layers look at it."""
    if not is_dataclass(intervention) or isinstance(intervention, type):
        return intervention  # which Plan refuses
    given = {part.name: getattr(intervention, part.name) for part in fields(intervention)}
    once = {name: tuple(part) for name, part in given.items() if isinstance(part, Iterator)}
    return replace(intervention, **once)


def _detached(output: Any) -> Any:
    """The same without its autograd graph: tensors, also in tuples, lists and dicts."""
    if isinstance(output, Tensor):
        return output.detach()
    if isinstance(output, dict):
        return type(output)((key, _detached(part)) for key, part in output.items())
    if isinstance(output, tuple) and hasattr(output, "_fields"):
        return type(output)(*map(_detached, output))
    if isinstance(output, (tuple, list)):
        return type(output)(map(_detached, output))
    return output
