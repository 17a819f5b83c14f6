"""What all tests share: seeded weights, and reproducible examples from hypothesis."""

from collections.abc import Iterator

import pytest
import torch
from hypothesis import HealthCheck, settings

settings.register_profile(
    "gatescope",
    deadline=None,
    derandomize=True,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("gatescope")


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    """Every test draws the same weights, and leaves the global random state alone."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield
