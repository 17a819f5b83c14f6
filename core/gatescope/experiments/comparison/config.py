"""What a comparison is asked to do: cells beside one another on one task, with several seeds."""

from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Literal, NamedTuple, Self

import torch
from pydantic import Field, model_validator

from gatescope.errors import say
from gatescope.experiments.study import Study
from gatescope.experiments.variants import nearest_units, split
from gatescope.models import SequenceModel
from gatescope.tasks import DATA_TASKS, Task
from gatescope.training import TrainConfig
from gatescope.training.config import MIXED

REACHED = 0.9
"""The aim, where none is named: this share of right answers; on real data this times the naive
answer's loss."""

SIZE_OF = "@"
"""What stands between a variant and its units in the name of a network of another size."""


class Aim(NamedTuple):
    """What a run should reach on the validation examples: a score at least, or a loss at most."""

    of: Literal["score", "loss"]
    value: float


class Network(NamedTuple):
    """One network of a comparison: its variant, and the hidden units of each layer."""

    variant: str
    units: int


@cache
def on_digits() -> TrainConfig:
    """The usual base; the digits themselves are read when it is first made."""
    return TrainConfig(
        task="digits", hidden_size=32, learning_rate=5e-3, batch_size=64, max_steps=1500
    )


class ComparisonConfig(Study):
    """A comparison: every network with every seed, on one task.

    Attributes
    ----------
    base
        Settings of all runs; every network is trained for all steps. Settings that are given
        beside one another, ``cells`` and those of the base, make one by `ComparisonConfig.of`.
    cells
        Variants: ``cell`` or ``cell:initialization``, as ``"lstm"``, ``"lstm:forget_bias"`` or
        ``"gru+lstm"`` (a cell for each layer).
    seeds
        One run each.
    match
        With ``"units"`` every network has the base's hidden units in each layer and direction.
        With ``"parameters"`` the variant that has the most parameters at that size keeps it, and
        every other one has as many units as come nearest to that number of parameters. With
        ``"both"`` each variant is there in both sizes, where they differ.
    learning_rates
        Rates for some of the variants; the others have the base's.
    aim_of, aim
        The steps and seconds are measured to a ``"score"`` of at least the aim, or a ``"loss"``
        of at most it, on the validation examples. Without one: a score of 0.9, or on real data a
        loss of 0.9 times the naive answer's.
    """

    varied = ("cell", "initialization", "stop_accuracy", "stop_patience", "seed")
    first_fields = (
        "task", "task_options", "cells", "seeds", "hidden_size", "match", "aim_of", "aim",
        "num_layers", "bidirectional", "dropout", "readout_dropout", "recurrent_dropout",
        "embedding_size", "forget_bias", "chrono_max", "optimiser", "learning_rate",
        "learning_rates", "batch_size", "clip", "max_steps", "evaluate_every",
    )  # fmt: skip

    base: TrainConfig = Field(default_factory=on_digits)
    cells: tuple[str, ...] = Field(("rnn", "lstm", "gru"), min_length=1)
    seeds: tuple[int, ...] = Field((0, 1, 2, 3, 4), min_length=1)
    match: Literal["parameters", "units", "both"] = "parameters"
    aim_of: Literal["score", "loss"] | None = None
    aim: float | None = Field(None, ge=0)
    learning_rates: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for name, values in (("cells", self.cells), ("seeds", self.seeds)):
            if len(set(values)) < len(values):
                raise ValueError(say("values_must_differ", name=name, values=values))
        if (self.aim is None) != (self.aim_of is None):
            raise ValueError(say("aim_and_kind", aim=self.aim, aim_of=self.aim_of))
        if self.aim_of == "score" and not 0 < (self.aim or 0) <= 1:
            raise ValueError(say("aim_range", aim=self.aim))
        for variant, rate in self.learning_rates.items():
            if variant not in self.cells or rate <= 0:
                raise ValueError(
                    say("learning_rates", cells=", ".join(self.cells), variant=variant, rate=rate)
                )
        for variant in self.cells:
            self._config(Network(variant, self.base.hidden_size), self.seeds[0])
        if not self.make_task().asks:
            raise ValueError(say("task_asks_nothing", task=self.base.task))
        return self

    def make_task(self) -> Task:
        """The task as it is drawn for training."""
        return self._config(Network(self.cells[0], self.base.hidden_size), 0).make_task()

    def networks(self) -> dict[str, Network]:
        """Every network by its name: its variant; where that is there in two sizes, the one with
        ``hidden_size`` units as ``lstm@32``."""
        plain = {variant: Network(variant, self.base.hidden_size) for variant in self.cells}
        if self.match == "units":
            return plain
        count = self._counter()
        goal = max(count(network) for network in plain.values())
        found: dict[str, Network] = {}
        for variant, network in plain.items():
            units = nearest_units(goal, partial(_parameters, count, variant))
            found[variant] = Network(variant, units)
            if self.match == "both" and found[variant] != network:
                found[f"{variant}{SIZE_OF}{network.units}"] = network
        return found

    def configs(self) -> dict[tuple[str, int], TrainConfig]:
        """Every run's settings by network and seed: all networks with the first seed come first."""
        networks = self.networks()
        return {
            (name, seed): self._config(network, seed)
            for seed in self.seeds
            for name, network in networks.items()
        }

    def goal(self) -> Aim:
        """The aim, named or not."""
        if self.aim is not None and self.aim_of is not None:
            return Aim(self.aim_of, self.aim)
        if self.base.task not in DATA_TASKS:
            return Aim("score", REACHED)
        return Aim("loss", REACHED * self.make_task().held_out("validation").baseline_loss)

    def parameters(self, network: Network) -> int:
        """Number of parameters of a network, embedding and output layer included."""
        return self._counter()(network)

    def _counter(self) -> Callable[[Network], int]:
        """Counts parameters; the task is made once."""
        task, both = self.make_task(), self.base.bidirectional
        sizes = (task.input_size, task.output_size, task.vocabulary_size, self.base.embedding_size)

        def count(network: Network) -> int:
            cell, _ = split(network.variant)
            layers = cell.split(MIXED) if MIXED in cell else [cell] * self.base.num_layers
            return _count(tuple(layers), network.units, sizes, both)

        return count

    def _config(self, network: Network, seed: int) -> TrainConfig:
        cell, start = split(network.variant)
        changed = {
            "cell": cell, "initialization": start, "hidden_size": network.units, "seed": seed,
            "learning_rate": self.learning_rates.get(network.variant, self.base.learning_rate),
        }  # fmt: skip
        if MIXED in cell:
            changed["num_layers"] = 1  # its name says how many there are
        return TrainConfig(**self.shared() | changed)


def _parameters(count: Callable[[Network], int], variant: str, units: int) -> int:
    return count(Network(variant, units))


@lru_cache(maxsize=4096)
def _count(
    layers: tuple[str, ...], units: int, sizes: tuple[int, int, int, int], bidirectional: bool
) -> int:
    inputs, outputs, vocabulary, embedding = sizes
    with torch.device("meta"):  # nothing is drawn, nothing is stored
        model = SequenceModel(
            layers, inputs, units, outputs, bidirectional=bidirectional,
            vocabulary_size=vocabulary, embedding_size=embedding,
        )  # fmt: skip
    return sum(parameter.numel() for parameter in model.parameters())
