"""What is measured before the networks are trained: the references, and the time of a step."""

import json
import statistics
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TypeVar

import torch

from gatescope.errors import say
from gatescope.experiments.comparison.config import ComparisonConfig
from gatescope.experiments.comparison.references import Reference, references
from gatescope.training import TrainConfig, build_model
from gatescope.training.update import Updater

WARM, MOST_UPDATES, LEAST_UPDATES, LONGEST = 2, 15, 3, 0.6
"""Updates before it counts; updates that count, at most and at least; seconds of them a run."""

FIRST_BATCH = 7_000_000
K = TypeVar("K")


@dataclass(frozen=True)
class Measured:
    """What is known of a comparison before anything is trained.

    Attributes
    ----------
    references
        What needs no recurrence.
    step_ms
        Milliseconds of an update by network and seed, as `step_times` measures them.
    """

    references: tuple[Reference, ...] = ()
    step_ms: tuple[tuple[str, int, float], ...] = ()


def measure(experiment: ComparisonConfig) -> Measured:
    """Fit the references and time the steps, on one thread; takes some seconds."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        found = references(experiment.make_task())
        times = step_times(experiment.configs())
    finally:
        torch.set_num_threads(threads)
    return Measured(tuple(found), tuple((*run, ms) for run, ms in times.items()))


def step_ms(config: TrainConfig) -> float:
    """Milliseconds of CPU time that an update of one network takes, as from `step_times`."""
    return step_times({"": config})[""]


def step_times(configs: Mapping[K, TrainConfig]) -> dict[K, float]:
    """Milliseconds of CPU time that an update takes, by run: the median of some updates.

    An update is the loss of a batch, its gradient, clipping and the optimizer's step; drawing the
    batch and evaluating are not in it. The CPU time is that of this process alone, and the runs
    take turns, update by update, in it: what else the machine does meets all of them alike.
    """
    turns = {run: _Stepper(config) for run, config in configs.items()}
    times: dict[K, list[float]] = {run: [] for run in turns}
    for number in range(WARM + MOST_UPDATES):
        order = list(turns) if number % 2 else list(reversed(turns))
        for run in order:
            seconds = turns[run].update(number)
            if number >= WARM:
                times[run].append(seconds)
        rounds = number + 1 - WARM
        if rounds >= LEAST_UPDATES and sum(map(sum, times.values())) > LONGEST * len(turns):
            break
    return {run: round(1000 * statistics.median(seconds), 4) for run, seconds in times.items()}


class _Stepper:
    """One network that is updated again and again; its weights start from its seed."""

    def __init__(self, config: TrainConfig) -> None:
        with torch.random.fork_rng():
            torch.manual_seed(config.seed)
            self.task, self.batch_size = config.make_task(), config.batch_size
            self.updater = Updater(build_model(config), config)

    def update(self, number: int) -> float:
        """CPU seconds of one update; the batch is drawn before."""
        batch = self.task.sample(self.batch_size, FIRST_BATCH + number)
        with torch.random.fork_rng():
            began = time.process_time()
            self.updater.update(self.task, batch)
            return time.process_time() - began


def measure_text(experiment: ComparisonConfig) -> str:
    """What `measure` finds, as text."""
    return measured_text(experiment, measure(experiment))


def measured_text(experiment: ComparisonConfig, found: Measured) -> str:
    """What was measured as JSON, with what it was measured for."""
    said = {
        "experiment": experiment.model_dump(mode="json"),
        "references": [asdict(reference) for reference in found.references],
        "step_ms": [[name, seed, ms] for name, seed, ms in found.step_ms],
    }
    return json.dumps(said, indent=1) + "\n"


def measured_of(experiment: ComparisonConfig, text: str | bytes) -> Measured:
    """Read what `measured_text` wrote.

    Raises
    ------
    ValueError
        When it cannot be read, or was measured for another comparison.
    """
    try:
        said = json.loads(text)
        measured_for = ComparisonConfig.of(**said["experiment"])
        if measured_for.first_saved() != experiment.first_saved():
            raise ValueError(say("measured_for_another"))
        return Measured(
            tuple(Reference(**line) for line in said["references"]),
            tuple((name, seed, ms) for name, seed, ms in said["step_ms"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(say("incomplete", reason=error)) from error
