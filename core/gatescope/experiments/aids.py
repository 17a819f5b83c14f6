"""The same network on the same data and seeds, without and with one training technique."""

from collections.abc import Callable
from typing import Any, Literal, Self, get_args

import torch
from pydantic import Field, model_validator

from gatescope.errors import say
from gatescope.settings import FrozenConfig
from gatescope.training import Run, TrainConfig

Aid = Literal[
    "clipping", "l1", "l2", "dropout", "recurrent_dropout", "early_stopping", "plateau",
    "plateau_floor", "batch_size", "hidden_size",
]  # fmt: skip
AIDS: tuple[Aid, ...] = get_args(Aid)

FIELDS: dict[Aid, str] = {
    "clipping": "max_grad_norm",
    "l1": "l1",
    "l2": "l2",
    "dropout": "readout_dropout",
    "recurrent_dropout": "recurrent_dropout",
    "early_stopping": "stop_patience",
    "plateau": "plateau_patience",
    "plateau_floor": "plateau_patience",
    "batch_size": "batch_size",
    "hidden_size": "hidden_size",
}
"""Of `TrainConfig`: the setting that holds how strong an aid is."""

WHOLE = ("stop_patience", "plateau_patience", "batch_size", "hidden_size")

BESIDE: dict[Aid, Callable[[TrainConfig], dict[str, Any]]] = {
    "early_stopping": lambda base: {"restore_best": True},
    "plateau_floor": lambda base: {"plateau_min_rate": base.learning_rate},
}
"""What an aid sets beside it: ``plateau_floor`` is the mistake of a lowest rate (``min_lr``) that
is the rate itself, so that it is never lowered."""


MOST_SEEDS = 30


class AidPair(FrozenConfig):
    """Two networks to train, which differ in one aid; and the same two from other seeds.

    Attributes
    ----------
    aid
        One of `AIDS`.
    strength
        The value of its setting, see `FIELDS`.
    base
        The settings without it; of ``batch_size`` and ``hidden_size`` with the first value.
    seeds
        How many pairs to train: of the base's seed and of those that follow it.
    """

    aid: Aid
    strength: float
    base: TrainConfig
    seeds: int = Field(1, ge=1, le=MOST_SEEDS)

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.with_aid() == self.base:
            name = FIELDS[self.aid]
            raise ValueError(say("aid_same", name=name, value=getattr(self.base, name)))
        return self

    def with_aid(self) -> TrainConfig:
        """The settings with the aid."""
        name = FIELDS[self.aid]
        value = int(self.strength) if name in WHOLE else self.strength
        beside = BESIDE[self.aid](self.base) if self.aid in BESIDE else {}
        return TrainConfig(**(self.base.model_dump() | {name: value} | beside))

    def pairs(self) -> list[dict[str, TrainConfig]]:
        """Both runs' settings, for each seed."""
        sides = {"without": self.base, "with": self.with_aid()}
        return [
            {side: seeded(config, self.base.seed + k) for side, config in sides.items()}
            for k in range(self.seeds)
        ]

    def configs(self) -> dict[str, TrainConfig]:
        """Every run's settings, pair by pair; the first pair's without a number."""
        return {
            f"{side} {k}" if k else side: config
            for k, pair in enumerate(self.pairs())
            for side, config in pair.items()
        }


def seeded(config: TrainConfig, seed: int) -> TrainConfig:
    """The same settings with another seed."""
    return TrainConfig(**(config.model_dump() | {"seed": seed}))


def asks_to_lower(run: Run) -> list[int]:
    """The training steps at which ReduceLROnPlateau would lower the rate if nothing held it back.

    It is torch's own, with the run's patience and a lowest rate of 0, given the losses of the
    run's history; where the rate of the run did not change, they are those it waited for in vain.
    """
    patience = run.config.plateau_patience
    if patience is None:
        return []
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, patience=patience, factor=run.config.plateau_factor, eps=0.0
    )
    found, rate = [], 1.0
    for row in run.history[1:]:
        scheduler.step(row.loss)
        now = optimizer.param_groups[0]["lr"]
        if now < rate:
            found.append(row.step)
        rate = now
    return found
