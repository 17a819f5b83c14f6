"""A comparison's result on disk: settings and references as JSON, numbers as CSV."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from gatescope.errors import say
from gatescope.experiments.comparison.config import ComparisonConfig
from gatescope.experiments.comparison.references import Reference
from gatescope.experiments.comparison.table import Comparison
from gatescope.experiments.results import ResultError
from gatescope.files import write_whole
from gatescope.version import __version__

SETTINGS, RUNS, CURVES, SUMMARY = "comparison.json", "runs.csv", "curves.csv", "summary.csv"
SCHEMA = 1


def save_comparison(result: Comparison, folder: str | os.PathLike[str]) -> Path:
    """Write a result; each file appears whole or not at all.

    Parameters
    ----------
    result
        What was asked for, and what came out.
    folder
        Made when it is missing. It then has the settings and the references as JSON, and as CSV
        one row a run, one row a network, and the learning curves.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    said = {
        "schema": SCHEMA,
        "gatescope": __version__,
        "experiment": result.config.model_dump(mode="json"),
        "references": [asdict(reference) for reference in result.references],
    }
    write_whole(target / SETTINGS, (json.dumps(said, indent=2) + "\n").encode())
    tables = {RUNS: result.table, CURVES: result.curves, SUMMARY: result.summary()}
    for name, table in tables.items():
        write_whole(target / name, csv_of(table))
    return target


def load_comparison(folder: str | os.PathLike[str]) -> Comparison:
    """Read what `save_comparison` wrote.

    Raises
    ------
    ResultError
        When it is missing, unreadable, or of a newer version.
    """
    source = Path(folder)
    try:
        said = json.loads((source / SETTINGS).read_bytes())
        if said["schema"] != SCHEMA:
            raise ValueError(say("schema_unknown", schema=said["schema"], known=SCHEMA))
        return Comparison(
            ComparisonConfig.of(**said["experiment"]),
            pd.read_csv(source / RUNS),
            pd.read_csv(source / CURVES),
            tuple(Reference(**line) for line in said["references"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultError(say("comparison_unreadable", folder=source, reason=error)) from error


def csv_of(table: pd.DataFrame) -> bytes:
    """A table as CSV with six significant digits; the same table gives the same bytes."""
    text: str = table.to_csv(index=False, float_format="%.6g")
    return text.encode()
