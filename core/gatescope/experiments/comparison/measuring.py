"""What is measured before the networks are trained: the references, and the time of a step."""

import json
import statistics
import time
from dataclasses import asdict, dataclass

import torch

from gatescope.experiments.comparison.config import ComparisonConfig
from gatescope.experiments.comparison.references import Reference, references
from gatescope.training import TrainConfig, build_model
from gatescope.training.update import Updater

WARM, MOST_UPDATES, LEAST_UPDATES, LONGEST = 2, 15, 3, 0.6
"""Updates before it counts; updates that count, at most and at least; seconds of them a run."""

FIRST_BATCH = 7_000_000


@dataclass(frozen=True)
class Measured:
    """What is known of a comparison before anything is trained.

    Attributes
    ----------
    references
        What needs no recurrence.
    step_ms
        Milliseconds of an update by network and seed, as `step_ms` measures them.
    """

    references: tuple[Reference, ...] = ()
    step_ms: tuple[tuple[str, int, float], ...] = ()


def measure(experiment: ComparisonConfig) -> Measured:
    """Fit the references and time the steps, on one thread; takes some seconds."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        found = references(experiment.make_task())
        times = tuple(
            (name, seed, step_ms(config)) for (name, seed), config in experiment.configs().items()
        )
    finally:
        torch.set_num_threads(threads)
    return Measured(tuple(found), times)


def step_ms(config: TrainConfig) -> float:
    """Milliseconds of the processor that an update takes: the median of some updates.

    An update is the loss of a batch, its gradient, clipping and the optimiser's step; drawing the
    batch and evaluating are not in it. The processor's time is that of this process alone, so
    that other work on the same machine counts little.
    """
    with torch.random.fork_rng():
        torch.manual_seed(config.seed)
        task, model = config.make_task(), build_model(config)
        updater = Updater(model, config)
        times: list[float] = []
        for number in range(WARM + MOST_UPDATES):
            batch = task.sample(config.batch_size, FIRST_BATCH + number)
            began = time.process_time()
            updater.update(task, batch)
            if number >= WARM:
                times.append(time.process_time() - began)
            if len(times) >= LEAST_UPDATES and sum(times) > LONGEST:
                break
    return round(1000 * statistics.median(times), 4)


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
        if said["experiment"] != experiment.model_dump(mode="json"):
            raise ValueError("it was measured for another comparison")
        return Measured(
            tuple(Reference(**line) for line in said["references"]),
            tuple((name, seed, ms) for name, seed, ms in said["step_ms"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"it is incomplete: {error}") from error
