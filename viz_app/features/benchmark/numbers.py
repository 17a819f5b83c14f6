"""A comparison's table as a person reads it: on the page, as Markdown, as LaTeX."""

import math
from collections.abc import Callable

import pandas as pd

from gatescope.experiments.comparison import Comparison, Reference
from viz_app.features.benchmark.data import (
    loss_name,
    network_name,
    reference_name,
    score_name,
    short,
)
from viz_app.features.benchmark.setting import how, what
from viz_app.kit import tables
from viz_app.kit.words import digits, spoken
from viz_app.text import say

COLUMNS = (
    "units", "parameters", "step_ms", "seconds", "reached", "steps_to_aim", "seconds_to_aim",
    "loss", "score",
)  # fmt: skip

NOTHING = "–"


def numbers(result: Comparison) -> pd.DataFrame:
    """One row a network, then one a reference; all as text, the columns with their units."""
    task = result.config.make_task()
    rows: dict[str, list[str]] = {}
    for _, line in result.summary().iterrows():
        rows[network_name(line["network"])] = _network(line)
    for reference in result.references:
        rows[reference_name(reference, task)] = _reference(reference)
    titles = {
        "loss": say("bench.test", what=loss_name(task)),
        "score": say("bench.test", what=score_name(task)),
    }
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=[titles.get(c) or say(f"bench.column_{c}") for c in COLUMNS]
    )
    table.index.name = say("bench.network")
    return table


def markdown(result: Comparison) -> str:
    """The table as GitHub's Markdown, with what was done below it."""
    return f"{tables.markdown(numbers(result))}\n\n{what(result.config)}\n\n{how(result)}\n"


def latex(result: Comparison) -> str:
    """The table for LaTeX, a rule between the networks and the references."""
    caption = spoken(what(result.config), how(result))
    return tables.latex(numbers(result), caption, len(result.summary()))


def _network(line: pd.Series) -> list[str]:
    seeds, reached = int(line["seeds"]), int(line["reached"])
    return [
        f"{line['units']:,}",
        f"{line['parameters']:,}",
        _mean(line, "step_ms", short),
        _mean(line, "seconds", short),
        say("bench.of", count=reached, seeds=seeds),
        _range(line, "steps_to_aim", lambda v: f"{v:,.0f}"),
        _range(line, "seconds_to_aim", short),
        _mean(line, "loss", digits),
        _mean(line, "score", lambda v: f"{100 * v:.1f}", unit="%"),
    ]


def _reference(reference: Reference) -> list[str]:
    fitted = reference.kind != "naive"
    return [
        NOTHING,
        f"{reference.parameters:,}" if reference.parameters else NOTHING,
        NOTHING,
        short(reference.seconds) if fitted else NOTHING,
        NOTHING,
        NOTHING,
        NOTHING,
        digits(reference.loss),
        f"{100 * reference.score:.1f}%",
    ]


def _mean(line: pd.Series, column: str, write: Callable[[float], str], unit: str = "") -> str:
    """The mean and how far its interval reaches; the mean alone where there is none."""
    value, high = float(line[column]), float(line[f"{column}_high"])
    if not math.isfinite(value):
        return NOTHING
    if not math.isfinite(high):
        return write(value) + unit
    return say("bench.plus_minus", value=write(value), reach=write(high - value)) + unit


def _range(line: pd.Series, column: str, write: Callable[[float], str]) -> str:
    """The median, lowest and highest where they differ; some seeds may never have got there."""
    value, low, high = (float(line[f"{column}{end}"]) for end in ("", "_low", "_high"))
    if math.isinf(value) and math.isfinite(low):
        return say("bench.most_never", low=write(low))
    if not math.isfinite(value):
        return NOTHING
    if math.isinf(high):
        return say("bench.range_open", value=write(value), low=write(low))
    if not math.isfinite(low) or low == high:
        return write(value)
    return say("bench.range", value=write(value), low=write(low), high=write(high))
