"""The recurrent layers in a state dict, whatever it is wrapped in."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from gatescope.errors import say
from gatescope.loading.made_weights import PLAIN, WeightsError

FUSED = r"(?:weight|bias)_(?:ih|hh|hr)_l[0-9]{1,4}(?:_reverse)?"
CELL = r"(?:weight|bias)_(?:ih|hh)"
NAMED = re.compile(
    # a cell's names are words that others use too: only after a dot, or alone
    rf"(?P<prefix>.*?)(?P<name>{FUSED}|(?<![^./]){CELL})(?:_(?P<part>orig|mask|u|v|g|raw))?",
    re.DOTALL,
)
PARAMETRIZED = re.compile(
    rf"(?P<prefix>(?:.*\.)?)parametrizations\.(?P<name>{FUSED}|{CELL})(?P<part>\..+)", re.DOTALL
)

WRAPPERS = {
    "module",  # DataParallel, AveragedModel, weight drop
    "_orig_mod",  # torch.compile
    "_module",  # Opacus
    "_fsdp_wrapped_module",
    "_checkpoint_wrapped_module",
}
"""Parts of a module's path that something put around the model."""

PACKED = re.compile(r"\b_(?:all_weight_values|packed_params|packed_weight_\w+)\b")
"""In the names of a quantized model's state dict."""

QUANTIZED = say("quantized")

DEEPEST = 6
"""Of dicts in dicts."""


@dataclass(frozen=True)
class Stored:
    """What a state dict has of one recurrent layer.

    Attributes
    ----------
    name
        The layer's path in the model, without what is wrapped around it; empty where the state
        dict is that of the layer itself.
    prefixes
        What stands before the names of its weights in the state dict.
    parts
        By the weight's name (as torch has it), then by what follows the name.
    """

    name: str
    prefixes: tuple[str, ...]
    parts: Mapping[str, Mapping[str, Tensor]]

    @property
    def is_cell(self) -> bool:
        """Whether its names are those of an ``nn.LSTMCell`` and the like."""
        return all(re.fullmatch(CELL, name) for name in self.parts)

    def label(self, name: str) -> str:
        """A weight's name with the layer's path."""
        return f"{self.name}.{name}" if self.name else name


def flattened(found: Any) -> dict[str, Tensor]:
    """The tensors of a state dict, or of the state dicts in a checkpoint.

    Parameters
    ----------
    found
        A state dict, or dicts and lists around one or several. Of several with recurrent layers
        each keeps its place (``"ema.lstm.weight_ih_l0"``); one alone is taken as it stands.

    Raises
    ------
    WeightsError
        When there is no tensor in it.
    """
    holders = dict(_holders(found, (), set()))
    recurrent = [place for place, held in holders.items() if any(map(_split, held))]
    if len(recurrent) == 1:
        return holders[recurrent[0]]
    if not recurrent:
        _require_near(found)
    names = [(place, name) for place in recurrent or holders for name in holders[place]]
    flat = {".".join((*place, name)): holders[place][name] for place, name in names}
    if not flat:
        raise WeightsError(say("no_tensor_in_it", kind=type(found).__name__))
    if len(flat) < len(names):
        raise WeightsError(say("weights_named_twice"))
    return flat


def layer_names(weights: Mapping[str, Any]) -> list[str]:
    """The paths of the recurrent layers of which these are the weights, in their order there.

    Parameters
    ----------
    weights
        As in `layer_from_weights`.

    Raises
    ------
    WeightsError
        When there are none.
    """
    return list(_layers(flattened(weights)))


def stored_layer(weights: Mapping[str, Any], layer: str | None = None) -> Stored:
    """One recurrent layer of those of which these are the weights.

    Parameters
    ----------
    weights, layer
        As in `layer_from_weights`.

    Raises
    ------
    WeightsError
        When there is none of that name, none at all, several of which none is named, or more in
        it than an nn.RNN, nn.LSTM or nn.GRU has.
    """
    flat = flattened(weights)
    found = _layers(flat)
    if layer is None and len(found) > 1:
        raise WeightsError(
            say("several_layers", count=len(found), names=few(found, 8), first=next(iter(found)))
        )
    chosen = next(iter(found.values())) if layer is None else _called(found, layer)
    _require_alone(chosen, flat)
    return chosen


def few(names: Iterable[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    names = ["".join(letter for letter in str(name)[:60] if letter.isprintable()) for name in names]
    shown = ", ".join(name or "(the model itself)" for name in names[:most])
    return shown if len(names) <= most else say("few", shown=shown, more=len(names) - most)


def _holders(
    found: Any, place: tuple[str, ...], seen: set[int]
) -> Iterator[tuple[tuple[str, ...], dict[str, Tensor]]]:
    """Every dict or list that has tensors in it, by its place; each once, and not too deep."""
    if not isinstance(found, Mapping | list | tuple) or id(found) in seen or len(place) > DEEPEST:
        return
    seen.add(id(found))
    items = found.items() if isinstance(found, Mapping) else enumerate(found)
    named = [(str(name), value) for name, value in items]
    tensors = {name: value for name, value in named if isinstance(value, Tensor)}
    if tensors:
        yield place, tensors
    for name, value in named:
        yield from _holders(value, (*place, name), seen)


def _require_near(found: Any) -> None:
    """Raise WeightsError where weights are packed, or lie deeper than they are sought."""
    there, seen = [(found, 0)], set()
    while there:
        value, depth = there.pop()
        if isinstance(value, Tensor) and depth > DEEPEST + 1:
            raise WeightsError(say("tensors_too_deep", most=DEEPEST))
        if not isinstance(value, Mapping | list | tuple) or id(value) in seen:
            continue
        seen.add(id(value))
        for name in value if isinstance(value, Mapping) else ():
            if PACKED.search(str(name)):
                raise WeightsError(say("weights_packed", name=few([name]), fix=QUANTIZED))
        inside = value.values() if isinstance(value, Mapping) else value
        there.extend((each, depth + 1) for each in inside)


def _layers(flat: Mapping[str, Tensor]) -> dict[str, Stored]:
    """All that have a recurrent matrix; where none has one, all that have anything."""
    by_prefix: dict[str, dict[str, dict[str, Tensor]]] = {}
    for key, tensor in flat.items():
        split = _split(key)
        if split is not None:
            prefix, name, part = split
            by_prefix.setdefault(prefix, {}).setdefault(name, {})[part] = tensor
    if not by_prefix:
        raise WeightsError(say("no_recurrent_weights", names=few(flat)))
    found: dict[str, Stored] = {}
    for prefix, parts in by_prefix.items():
        name = _bare(prefix)
        beside = found.get(name, Stored(name, (), {}))
        joined = _joined(beside.parts, parts)
        if joined is None:
            name = prefix.rstrip(".")
            beside, joined = Stored(name, (), {}), parts
        found[name] = Stored(name, (*beside.prefixes, prefix), joined)
    whole = {
        name: stored
        for name, stored in found.items()
        if any(weight.startswith("weight_hh") for weight in stored.parts)
    }
    return whole or found


def _split(key: str) -> tuple[str, str, str] | None:
    """What stands before a weight's name, the name, and which part of the weight it is."""
    match = NAMED.fullmatch(key) or PARAMETRIZED.fullmatch(key)
    return match and (match["prefix"], match["name"], match["part"] or PLAIN)


def _bare(prefix: str) -> str:
    """A layer's path without its wrappers."""
    return ".".join(part for part in prefix.rstrip("._/").split(".") if part not in WRAPPERS)


def _joined(
    first: Mapping[str, Mapping[str, Tensor]], second: Mapping[str, Mapping[str, Tensor]]
) -> dict[str, dict[str, Tensor]] | None:
    """The parts of a layer that a wrapper divides; None where both have the same part."""
    if any(set(parts) & set(first.get(name, ())) for name, parts in second.items()):
        return None
    return {name: {**first.get(name, {}), **second.get(name, {})} for name in {**first, **second}}


def _called(found: Mapping[str, Stored], layer: str) -> Stored:
    """The layer of that name, wrapped or bare."""
    wanted = layer.rstrip(".")
    chosen = found.get(layer) or found.get(wanted)
    wrapped = [each for each in found.values() if f"{wanted}." in each.prefixes]
    if chosen is None and not wrapped:
        raise WeightsError(say("layer_unknown", layer=layer, names=few(found, 8)))
    return chosen or wrapped[0]


def _require_alone(chosen: Stored, flat: Mapping[str, Tensor]) -> None:
    """Raise WeightsError where a layer has parts that a layer of torch does not have."""
    own = [prefix for prefix in chosen.prefixes if not prefix or prefix.endswith(".")]
    others = [
        key
        for key in flat
        if any(key.startswith(prefix) for prefix in own)
        and ((split := _split(key)) is None or split[0] not in chosen.prefixes)
    ]
    if others:
        raise WeightsError(say("weights_beside", names=few(others), name=chosen.name or say("it")))
