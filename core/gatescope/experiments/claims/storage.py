"""A claim's result on disk: one JSON file, small enough to come with the app."""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from gatescope.analysis import Interval
from gatescope.errors import say
from gatescope.experiments.claims.base import Claim, ClaimResult
from gatescope.experiments.claims.judging import Part
from gatescope.experiments.claims.rows import COLUMNS, CURVE_COLUMNS
from gatescope.experiments.results import ResultError
from gatescope.experiments.store import run_key
from gatescope.files import write_whole
from gatescope.version import __version__

SCHEMA, DIGITS, KEY_LENGTH = 2, 5, 12


def budget_key(claim: Claim) -> str:
    """The key of all that a claim runs: another budget has another key."""
    keys = [run_key(claim.budget.config(place)) for place in claim.budget.places().values()]
    return hashlib.sha256(" ".join(keys).encode()).hexdigest()[:KEY_LENGTH]


def save_claim(claim: Claim, result: ClaimResult, path: str | os.PathLike[str]) -> Path:
    """Write a result with five significant digits; the file appears whole or not at all."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    said = {
        "schema": SCHEMA,
        "gatescope": __version__,
        "key": result.key,
        "budget": budget_key(claim),
        "done": result.done,
        "total": result.total,
        "seconds": round(result.seconds, 1),
        "parts": [_said(part) for part in result.parts],
        "table": _columns(result.table),
        "curves": _columns(result.curves),
    }
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(said[name])}" for name in said)
    write_whole(target, f"{{\n{lines}\n}}\n".encode())
    return target


def load_claim(claim: Claim, path: str | os.PathLike[str]) -> ClaimResult:
    """Read what `save_claim` wrote.

    Raises
    ------
    ResultError
        When it is missing, unreadable, of another version, or of another budget.
    """
    try:
        said = json.loads(Path(path).read_bytes())
        if said["schema"] != SCHEMA:
            raise ValueError(say("schema_unknown", schema=said["schema"], known=SCHEMA))
        if (said["key"], said["budget"]) != (claim.key, budget_key(claim)):
            raise ValueError(say("claim_of_another_budget", key=claim.key))
        return ClaimResult(
            key=said["key"],
            table=_frame(said["table"], COLUMNS),
            curves=_frame(said["curves"], CURVE_COLUMNS),
            parts=tuple(_part(part) for part in said["parts"]),
            done=said["done"],
            total=said["total"],
            seconds=said["seconds"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultError(say("claim_unreadable", path=path, reason=error)) from error


def _said(part: Part) -> dict[str, Any]:
    """A part as JSON takes it."""
    said = asdict(part)
    if part.interval is not None:
        said["interval"] = {name: _plain(value) for name, value in said["interval"].items()}
    return said


def _part(said: Mapping[str, Any]) -> Part:
    interval = said["interval"]
    if interval is None:
        return Part(**said)
    ends = {
        name: math.nan if interval[name] is None else float(interval[name])
        for name in ("estimate", "low", "high", "level")
    }
    return Part(**{**said, "interval": Interval(n=int(interval["n"]), **ends)})


def _columns(table: pd.DataFrame) -> dict[str, list[Any]]:
    """Column by column; JSON has no NaN, so that is null, and infinity is a word."""
    return {str(name): [_plain(value) for value in table[name]] for name in table.columns}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    number = float(f"{value:.{DIGITS}g}")
    if math.isnan(number):
        return None
    if math.isinf(number):
        return str(number)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _frame(columns: Mapping[str, list[Any]], names: tuple[str, ...]) -> pd.DataFrame:
    """The same rows again, numbers as numbers."""
    text = ("measure", "line", "source", "note", "panel")
    return pd.DataFrame(
        {name: pd.Series(columns[name], dtype=object if name in text else float) for name in names}
    )
