"""How does success fall with the delay, for cells, initializations and seeds?"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from gatescope.analysis import (
    RULES,
    Interval,
    bootstrap_interval,
    gate_retention,
    half_life,
    median_interval,
    newcombe_interval,
    quantiles,
    retention_gate,
    wilson_interval,
)
from gatescope.errors import say
from gatescope.experiments.study import Study
from gatescope.experiments.variants import matched_units, parameter_count, split_variant
from gatescope.recording import record
from gatescope.tasks import TASKS, make_task
from gatescope.training import Run, TrainConfig

DEFAULT_VARIANTS = ("rnn", "lstm", "lstm:forget_bias", "lstm:chrono", "gru", "gru:chrono")
BAND = 0.9
"""Level of a median's interval over the seeds: five decide it."""


class RetentionConfig(Study):
    """A retention experiment: every variant at every delay with every seed.

    Attributes
    ----------
    base
        Settings of all runs. Its task's ``delay``, or ``length`` where it has none, is set by
        ``delays``; chrono's T_max is that + 1, the task's length. Settings that are given beside
        one another, ``delays`` and those of the base, make one by `RetentionConfig.of`.
    variants
        ``cell`` or ``cell:initialization``, as ``"lstm:chrono"``.
    delays
        Steps.
    seeds
        One run each.
    match
        With ``"units"`` every network has the base's hidden units; with ``"parameters"`` each has
        as many as come nearest to the parameter count of an LSTM of that size.
    solved
        A run has solved its task when two evaluations in a row reach this accuracy; then it stops.
    """

    varied = ("cell", "initialization", "chrono_max", "stop_accuracy", "seed")
    first_fields = (
        "task", "task_options", "variants", "delays", "seeds", "hidden_size", "match",
        "num_layers", "forget_bias", "optimiser", "learning_rate", "batch_size", "clip",
        "max_steps", "evaluate_every", "solved",
    )  # fmt: skip

    base: TrainConfig = TrainConfig(task="delayed_recall", hidden_size=32, max_steps=1500)
    variants: tuple[str, ...] = Field(DEFAULT_VARIANTS, min_length=1)
    delays: tuple[int, ...] = Field((5, 10, 20, 50, 100, 200), min_length=1)
    seeds: tuple[int, ...] = Field(tuple(range(8)), min_length=1)
    match: Literal["units", "parameters"] = "units"
    solved: float = Field(0.97, gt=0, le=1)

    @classmethod
    def up_to_date(cls, said: Mapping[str, Any]) -> dict[str, Any]:
        """As for any experiment; the base has the longest delay, so that all it says can be."""
        current = super().up_to_date(said)
        base, delays = (
            current.get("base"),
            current.get("delays", cls.model_fields["delays"].default),
        )
        if isinstance(base, dict) and base.get("task") in TASKS:
            with suppress(ValueError, TypeError):  # which is said where they are looked at
                option = {delay_option(base["task"]): max(delays)}
                base["task_options"] = {**base.get("task_options", {}), **option}
        return current

    def first_saved(self) -> dict[str, Any]:
        """As for any experiment; the delay stood in ``delays`` alone."""
        said = super().first_saved()
        options = dict(said["task_options"])
        options.pop(delay_option(self.base.task), None)
        return said | {"task_options": options}

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for name, values in (("variants", self.variants), ("delays", self.delays)):
            if len(set(values)) < len(values):
                raise ValueError(say("values_must_differ", name=name, values=values))
        for variant in self.variants:
            for delay in self.delays:
                self.config(variant, delay, self.seeds[0])
        return self

    def config(self, variant: str, delay: int, seed: int) -> TrainConfig:
        """One run's settings."""
        cell, initialization = split_variant(variant)
        return TrainConfig(
            **self.shared()
            | {
                "task_options": self._options(delay), "cell": cell, "seed": seed,
                "hidden_size": self._units(cell, delay), "initialization": initialization,
                "stop_accuracy": self.solved,
            }
        )  # fmt: skip

    def _options(self, delay: int) -> dict[str, Any]:
        return self.base.task_options | {delay_option(self.base.task): delay}

    def configs(self) -> dict[tuple[str, int, int], TrainConfig]:
        """Every run's settings by (variant, delay, seed); short delays first, as they end first."""
        return {
            (variant, delay, seed): self.config(variant, delay, seed)
            for delay in sorted(self.delays)
            for seed in self.seeds
            for variant in self.variants
        }

    def _units(self, cell: str, delay: int) -> int:
        if self.match == "units":
            return self.base.hidden_size
        task = make_task(self.base.task, **self._options(delay))
        sizes = (task.input_size, task.output_size, self.base.num_layers)
        return matched_units(cell, parameter_count("lstm", self.base.hidden_size, *sizes), *sizes)


def delay_option(task: str) -> str:
    """The name of the option that is a task's delay: ``delay``, or ``length`` where it has none.

    Raises
    ------
    ValueError
        When there is no such task, or its sequences have one length only.
    """
    if task not in TASKS:
        raise ValueError(say("task_unknown", name=task, known=", ".join(TASKS)))
    options = TASKS[task].options()
    for name in ("delay", "length"):
        if name in options:
            return name
    raise ValueError(say("task_without_distance", task=task))


def solved_at(run: Run) -> int | None:
    """The step of the second evaluation in a row that reached the run's aim; None if none did."""
    aim = run.config.stop_accuracy
    if aim is None:
        return None
    for before, now in zip(run.history, run.history[1:], strict=False):
        if before.accuracy >= aim and now.accuracy >= aim:
            return now.step
    return None


def retention_row(variant: str, delay: int, run: Run) -> dict[str, Any]:
    """One run in numbers: success, and what its gates and gradients look like after training.

    Returns
    -------
    dict
        ``variant``, ``delay``, ``seed``, ``units``, ``parameters``; ``accuracy`` and ``loss`` on
        the test examples; ``solved``, ``solved_at`` (training step, NaN if not), ``steps``,
        ``seconds``; ``half_life``, that of the longest-lived tenth of units in steps (90th
        percentile over units of the median over probe examples; NaN without a retention gate);
        ``gate_left``, the product of the retention gates from the first step to the last in the
        unit that keeps most, median over probe examples; ``gradient_left``, the median gradient
        norm with respect to the state at the first step over that at the last (cell state where
        there is one).
    """
    step = solved_at(run)
    return {
        "variant": variant,
        "delay": delay,
        "seed": run.config.seed,
        "units": run.config.hidden_size,
        "parameters": run.parameters,
        "accuracy": run.test_accuracy,
        "loss": run.test_loss,
        "solved": step is not None,
        "solved_at": float("nan") if step is None else float(step),
        "steps": run.history[-1].step,
        "seconds": run.seconds,
        **_gates(run),
        "gradient_left": _gradient_left(run),
    }


def _gates(run: Run) -> dict[str, float]:
    """What the retention gates of the first layer keep, after training."""
    trace = record(run.model(), run.probe().inputs)
    gate = retention_gate(next(iter(trace.leaves)).to_dataset())
    if gate is None:
        return {"half_life": float("nan"), "gate_left": float("nan")}
    lives = half_life(gate).median("batch").values
    left = gate_retention(gate, [gate.sizes["time"] - 1]).max("unit").values
    return {
        "half_life": float(quantiles(lives, [0.9])[0]),
        "gate_left": float(np.nanmedian(left)),
    }


def _gradient_left(run: Run) -> float:
    last = run.steps[-1]
    rows = [row for row in run.gradients if row.checkpoint == last]
    node = rows[0].node
    signals = {row.signal for row in rows}
    signal = "cell_state" if "cell_state" in signals else "hidden_state"
    norms = {row.time: row.median for row in rows if (row.node, row.signal) == (node, signal)}
    end = norms[max(norms)]
    return norms[min(norms)] / end if end > 0 else float("nan")


def retention_table(
    experiment: RetentionConfig, runs: Iterable[tuple[tuple[str, int, int], Run]]
) -> pd.DataFrame:
    """One row a run, as `retention_row` makes it, in the order of the experiment.

    Parameters
    ----------
    experiment
        What was asked for.
    runs
        What there is of it by (variant, delay, seed); not all need be there.
    """
    order = {key: number for number, key in enumerate(experiment.configs())}
    found = sorted(runs, key=lambda pair: order[pair[0]])
    return pd.DataFrame([retention_row(variant, delay, run) for (variant, delay, _), run in found])


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Over the seeds: how many solved it, median accuracy and steps to solve, with intervals.

    Parameters
    ----------
    table
        As from `retention_table`.

    Returns
    -------
    pandas.DataFrame
        One row a variant and delay: ``seeds``, ``solved`` (fraction) with ``solved_low`` and
        ``solved_high`` (Wilson), ``accuracy`` (median) with ``low`` and ``high`` (infinite with
        fewer than 5 seeds), ``solved_at`` (median; a run that did not solve it counts as
        infinite), ``half_life``, ``gate_left`` and ``gradient_left`` (medians).
    """
    rows = []
    for (variant, delay), group in table.groupby(["variant", "delay"], sort=False):
        share = solved_fraction(group)
        right = median_interval(group["accuracy"].to_numpy(), BAND)
        steps = group["solved_at"].where(group["solved"].astype(bool), np.inf)
        rows.append(
            {
                "variant": variant,
                "delay": delay,
                "seeds": len(group),
                "solved": share.estimate,
                "solved_low": share.low,
                "solved_high": share.high,
                "accuracy": right.estimate,
                "low": right.low,
                "high": right.high,
                "solved_at": median_interval(steps.to_numpy()).estimate,
                "half_life": float(group["half_life"].median()),
                "gate_left": float(group["gate_left"].median()),
                "gradient_left": float(group["gradient_left"].median()),
            }
        )
    return pd.DataFrame(rows)


def solved_fraction(rows: pd.DataFrame) -> Interval:
    """The fraction of a table's runs that solved their task, by the rule of `RULES`."""
    return wilson_interval(int(rows["solved"].sum()), len(rows), RULES["retention_most"].level)


def solved_difference(rows: pd.DataFrame, others: pd.DataFrame) -> Interval:
    """The fraction of runs that solved their task minus that of others, by the rule of `RULES`."""
    counts = [(int(table["solved"].sum()), len(table)) for table in (rows, others)]
    return newcombe_interval(*counts[0], *counts[1], RULES["retention"].level)


def bootstrap(
    values: Sequence[float] | np.ndarray, *, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """10th and 90th percentile of the median, by `bootstrap_interval`."""
    found = bootstrap_interval(
        values, lambda rows: float(np.median(rows)), level=0.8, draws=draws, seed=seed
    )
    return found.low, found.high
