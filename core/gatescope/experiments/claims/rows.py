"""A claim's numbers as rows of a table, and its lines as rows of curves."""

from typing import Any

import numpy as np
import pandas as pd

from gatescope.analysis import RULES, median_interval

COLUMNS = (
    "measure", "line", "at", "ours", "lowest", "highest", "low", "high", "count", "paper",
    "source", "note",
)  # fmt: skip
CURVE_COLUMNS = ("panel", "line", "run", "x", "value", "low", "high")
Rows = list[dict[str, Any]]


def row(measure: str, line: str, at: int, values: Any, **paper: Any) -> dict[str, Any]:
    """One row: the median of some values, one a seed, with its interval, lowest and highest."""
    found = np.asarray(values, dtype=float)
    median = median_interval(found, RULES["claim"].level)
    return {
        "measure": measure,
        "line": line,
        "at": at,
        "ours": median.estimate,
        "lowest": float(found.min()),
        "highest": float(found.max()),
        "low": median.low,
        "high": median.high,
        "count": len(found),
    } | paper


def cell_of(table: pd.DataFrame, measure: str, line: str, at: int, column: str = "ours") -> float:
    """One number of a table; NaN when there is no such row."""
    rows = table[(table["measure"] == measure) & (table["line"] == line) & (table["at"] == at)]
    return float(rows[column].iloc[0]) if len(rows) else float("nan")


def curve(panel: str, line: str, run: int, x: Any, value: Any, **band: Any) -> pd.DataFrame:
    """One line of a chart; without a band ``low`` and ``high`` are the value."""
    columns = {"x": np.asarray(x, dtype=float), "value": np.asarray(value, dtype=float)}
    low, high = band.get("low", value), band.get("high", value)
    return pd.DataFrame({"panel": panel, "line": line, "run": run, **columns}).assign(
        low=np.asarray(low, dtype=float), high=np.asarray(high, dtype=float)
    )


def together(curves: list[pd.DataFrame]) -> pd.DataFrame:
    """All lines below one another; empty with its columns when there is none."""
    if not curves:
        return pd.DataFrame(columns=list(CURVE_COLUMNS))
    return pd.concat(curves, ignore_index=True)
