"""Jacobians, singular values and Lyapunov exponents of an LSTM with 128 units over 500 steps.

Run by hand: ``python tests/benchmarks/bench_spectrum.py``.
"""

import time

import torch
from _tables import seconds, table
from torch import nn

from gatescope.analysis import log_singular_values, lyapunov_exponents, step_jacobians


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    layer = nn.LSTM(2, 128).double()
    sequence = torch.randn(500, 1, 2, dtype=torch.float64)
    start = time.perf_counter()
    jacobians = step_jacobians(layer, sequence)
    made = time.perf_counter()
    log_singular_values(jacobians, range(10, 501, 10))
    kept = time.perf_counter()
    lyapunov_exponents(jacobians)
    done = time.perf_counter()
    rows = [("Jacobians", made - start), ("singular values, 50 lags", kept - made)]
    rows += [("Lyapunov exponents", done - kept), ("all", done - start)]
    table(["128 units, 500 steps", "time"], [(name, seconds(taken)) for name, taken in rows])


if __name__ == "__main__":
    main()
