"""How long an experiment would train."""

from gatescope.experiments import RunStore
from gatescope.jobs.kinds import Experiment


def estimate(experiment: Experiment, store: RunStore | None = None) -> float:
    """Seconds that an experiment would train for at most, on this machine, one run at a time."""
    configs = experiment.configs()
    return float(sum(config.max_steps for config in configs.values())) * 1e-3
