"""The claims: each with its budget, its papers' numbers, and how it is judged."""

from typing import Any, Self

from pydantic import model_validator

from gatescope.errors import say
from gatescope.experiments.claims.base import Budget, Claim, ClaimResult, Published
from gatescope.experiments.claims.decay import judge_decay, observe_decay
from gatescope.experiments.claims.learning import (
    below_at,
    judge_adding,
    judge_copy,
    judge_distractors,
    judge_order,
    learnt,
    observe_copy,
    observe_distractors,
    observe_order,
)
from gatescope.experiments.claims.storage import budget_key
from gatescope.experiments.claims.timescales import judge_timescales, observe_timescales
from gatescope.settings import FrozenConfig
from gatescope.training import TrainConfig

FIVE = (0, 1, 2, 3, 4)
DELAYS, TWENTY = (19, 49, 99, 199), 20
"""Of chrono's timescales: the delays, and how many seeds each has, with which the tenth percentile
over all their units (32 a seed) is known to about a fifth."""

ADDING = Claim(
    key="adding",
    sources=("hochreiter_1997", "le_2015"),
    budget=Budget(
        task="adding",
        option="length",
        values=(100,),
        variants=("rnn", "lstm:forget_bias", "lstm:chrono", "gru"),
        seeds=FIVE,
        settings={
            "hidden_size": 64, "learning_rate": 2e-3, "batch_size": 50, "max_steps": 2500,
            "stop_accuracy": 0.7,
        },
        own={"rnn": {"learning_rate": 1e-3}},
    ),
    observe=learnt("loss", below_at),
    judge=judge_adding,
    published={
        ("loss", "rnn", 100): Published(0.177, "bai_2018", "bai_600"),
        ("loss", "lstm:forget_bias", 100): Published(0.164, "bai_2018", "bai_600_start"),
        ("loss", "gru", 100): Published(5.3e-5, "bai_2018", "bai_600"),
        ("sequences", "lstm:chrono", 100): Published(74_000, "hochreiter_1997", "hs97_adding"),
    },
)  # fmt: skip
TEMPORAL_ORDER = Claim(
    key="temporal_order",
    sources=("tallec_2018", "hochreiter_1997"),
    budget=Budget(
        task="temporal_order",
        option="length",
        values=(100,),
        variants=("lstm:forget_bias", "lstm:chrono"),
        seeds=FIVE,
        settings={
            "hidden_size": 32, "learning_rate": 3e-3, "batch_size": 32, "max_steps": 3000,
            "stop_accuracy": 0.97,
        },
    ),
    observe=observe_order,
    judge=judge_order,
    published={
        ("sequences", "lstm:chrono", 100): Published(31_390, "hochreiter_1997", "hs97_order"),
        ("times_faster", "lstm:chrono", 100): Published(7, "tallec_2018", "tallec_750"),
    },
)  # fmt: skip
COPY = Claim(
    key="copy",
    sources=("tallec_2018", "arjovsky_2016"),
    budget=Budget(
        task="copy",
        option="delay",
        values=(30, 100),
        variants=("lstm:forget_bias", "lstm:chrono"),
        seeds=FIVE,
        own_seeds={100: (0,)},  # a run takes two minutes, and nothing is judged by it
        settings={
            "hidden_size": 64, "learning_rate": 1e-2, "batch_size": 32, "max_steps": 5000,
            "evaluate_every": 100,
        },
    ),
    observe=observe_copy,
    judge=judge_copy,
    published={
        ("loss", "lstm:forget_bias", 100): Published(0.1733, "arjovsky_2016", "at_baseline"),
    },
)  # fmt: skip
GRADIENT_DECAY = Claim(
    key="gradient_decay",
    sources=("gers_2000", "tallec_2018"),
    budget=Budget(
        task="temporal_order",
        option="length",
        values=(100,),
        variants=("lstm", "lstm:forget_bias", "lstm:chrono"),
        seeds=tuple(range(8)),
        settings={"hidden_size": 32},
    ),
    observe=observe_decay,
    judge=judge_decay,
    trains=False,
)
CHRONO_TIMESCALES = Claim(
    key="chrono_timescales",
    sources=("tallec_2018",),
    budget=Budget(
        task="delayed_recall",
        option="delay",
        values=DELAYS,
        variants=("lstm:chrono",),
        seeds=tuple(range(TWENTY)),
        own_seeds={  # with the same ones all values would scale the same uniform draws
            delay: tuple(range(TWENTY * place, TWENTY * (place + 1)))
            for place, delay in enumerate(DELAYS)
        },
        settings={
            "hidden_size": 32, "learning_rate": 3e-3, "batch_size": 32, "max_steps": 1500,
            "stop_accuracy": 0.97,
        },
    ),
    observe=observe_timescales,
    judge=judge_timescales,
)  # fmt: skip
DISTRACTORS = Claim(
    key="distractors",
    sources=("hochreiter_1997", "gers_2000", "greff_2017"),
    budget=Budget(
        task="delayed_recall",
        option="distractors",
        values=(0, 2, 5, 10, 19),
        variants=("rnn", "lstm:chrono", "lstm_no_forget"),
        seeds=FIVE,
        settings={
            "hidden_size": 32, "learning_rate": 3e-3, "batch_size": 32, "max_steps": 1500,
            "stop_accuracy": 0.97,
        },
        options={"delay": 20, "noise": "same"},
    ),
    observe=observe_distractors,
    judge=judge_distractors,
)  # fmt: skip

CLAIMS: dict[str, Claim] = {
    claim.key: claim
    for claim in (
        ADDING, TEMPORAL_ORDER, COPY, GRADIENT_DECAY, CHRONO_TIMESCALES, DISTRACTORS
    )
}  # fmt: skip


def claim_of(key: str) -> Claim:
    """Look a claim up in `CLAIMS`.

    Raises
    ------
    ValueError
        When there is no such claim; the message lists those there are.
    """
    if key not in CLAIMS:
        raise ValueError(say("claim_unknown", key=key, names=", ".join(CLAIMS)))
    return CLAIMS[key]


def measure_untrained(key: str) -> ClaimResult:
    """What a claim about untrained networks shows; it can be asked of another process."""
    return claim_of(key).measure({})


class ClaimConfig(FrozenConfig):
    """A claim as something that can be run.

    Attributes
    ----------
    key
        A key of `CLAIMS`.
    budget
        Tells the claim's budget from any other; today's where it is left out. So what was asked
        for before a budget was changed is never taken for what is asked for now.
    """

    key: str
    budget: str = ""

    @model_validator(mode="before")
    @classmethod
    def _of_today(cls, values: dict[str, Any]) -> dict[str, Any]:
        key = values.get("key")
        return values if key not in CLAIMS else {"budget": budget_key(CLAIMS[key])} | values

    @model_validator(mode="after")
    def _exists(self) -> Self:
        if self.budget != budget_key(claim_of(self.key)):
            raise ValueError(say("claim_budget_changed", key=self.key))
        return self

    def configs(self) -> dict[str, TrainConfig]:
        """Every run's settings by its label, as `Claim.configs`."""
        return claim_of(self.key).configs()
