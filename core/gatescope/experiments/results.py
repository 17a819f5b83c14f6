"""A retention experiment's result on disk: settings as JSON, numbers as CSV and netCDF."""

import json
import os
import tempfile
from pathlib import Path

import pandas as pd

from gatescope.errors import GatescopeError, say
from gatescope.experiments.retention import RetentionConfig
from gatescope.files import write_whole
from gatescope.version import __version__

SETTINGS, TABLE, ARRAYS = "experiment.json", "retention.csv", "retention.nc"
SCHEMA = 2


class ResultError(GatescopeError, ValueError):
    """A result that cannot be read; the message says why and what to do."""


def save_result(
    experiment: RetentionConfig,
    table: pd.DataFrame,
    folder: str | os.PathLike[str],
    *,
    arrays: bool = True,
) -> Path:
    """Write a result; each file appears whole or not at all.

    Parameters
    ----------
    experiment, table
        What was asked for, and `retention_table` of it.
    folder
        Made when it is missing.
    arrays
        Write the netCDF file too: dimensions variant, delay, seed.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    settings = {
        "schema": SCHEMA,
        "gatescope": __version__,
        "experiment": experiment.model_dump(mode="json"),
    }
    write_whole(target / SETTINGS, (json.dumps(settings, indent=2) + "\n").encode())
    write_whole(target / TABLE, table.to_csv(index=False, float_format="%.6g").encode())
    if arrays:
        cube = table.set_index(["variant", "delay", "seed"]).to_xarray()
        cube.attrs = {"schema": SCHEMA, "gatescope": __version__}
        cube.attrs["experiment"] = experiment.model_dump_json()
        with tempfile.TemporaryDirectory(prefix=f".{ARRAYS}-", dir=target) as fresh:
            cube.to_netcdf(Path(fresh) / ARRAYS, engine="h5netcdf")
            os.replace(Path(fresh) / ARRAYS, target / ARRAYS)
    return target


def load_result(folder: str | os.PathLike[str]) -> tuple[RetentionConfig, pd.DataFrame]:
    """Read what `save_result` wrote: the settings and one row a run.

    Raises
    ------
    ResultError
        When it is missing, unreadable, or of a newer version.
    """
    source = Path(folder)
    try:
        settings = json.loads((source / SETTINGS).read_bytes())
        if settings["schema"] != SCHEMA:
            raise ValueError(say("schema_unknown", schema=settings["schema"], known=SCHEMA))
        experiment = RetentionConfig.of(**settings["experiment"])
        return experiment, pd.read_csv(source / TABLE)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultError(say("result_unreadable", folder=source, reason=error)) from error
