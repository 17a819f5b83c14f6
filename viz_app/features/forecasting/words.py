"""Sentences about forecasts of a series, every number in them taken from the forecasts."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch

from gatescope import Run
from gatescope.analysis import Interval, Verdict
from gatescope.experiments.forecasting import RULE
from gatescope.tasks.forecast import Forecast
from viz_app.features.forecasting.forecasts import Forecasted, are_dates
from viz_app.kit.words import digits, percent, some, three_digits
from viz_app.text import has, say
from viz_app.text.plain import NAME, bare, plain

HALF = 0.5
"""Of two forecasts that are equally good one is nearer to the truth in about half of the cases."""

ABOUT = 0.05
"""So near to a half is about a half."""


def chart_words(seen: Forecasted) -> dict[str, str]:
    """The charts' words, in the reader's language."""
    naive = seen.task.series.naive
    return {
        "time": say("forecast.time" if seen.dated else "forecast.step"),
        "value": series_name(seen.task) + seen.unit,
        "seen": say("forecast.seen", window=seen.task.window),
        "lead": say("forecast.lead"),
        **_written_dates(),
        "error": say("forecast.rmse") + seen.unit,
        "line": say("forecast.line"),
        "naive": say(f"forecast.line_{naive}"),
        **{key: say(f"forecast.line_{key}") for key in ("truth", "network", "linear")},
    }


def series_name(task: Forecast) -> str:
    """What is forecast, in the reader's language where it is a series that came with us."""
    key = f"forecast.what_{task.name}"
    return say(key, ticker=task.ticker) if has(key) else bare(task.series.features[0], NAME)


def about(series: str) -> str | None:
    """What is to be known of a series before it is forecast; None where nothing is."""
    key = f"forecast.about_{series}"
    return say(key) if has(key) else None


def scores(seen: Mapping[str, Forecasted]) -> pd.DataFrame:
    """A row for each network on a series, by what it is called, then for each other forecast."""
    rows = [_row(name, one, "network") for name, one in seen.items()]
    last = list(seen.values())[-1]
    rows.append(_row(say("forecast.line_linear"), last, "linear"))
    rows.append(_row(say(f"forecast.line_{last.task.series.naive}"), last, "naive"))
    return pd.DataFrame(rows).set_index(say("forecast.method"))


def _row(name: str, one: Forecasted, method: str) -> dict[str, str]:
    squared, naive = one.found.squared(method), method == "naive"
    error = float(np.sqrt(squared.mean())) * float(one.task.deviation[0])
    return {
        say("forecast.method"): name,
        say("forecast.rmse") + one.unit: three_digits(error),
        say("forecast.mse"): three_digits(float(squared.mean())),
        say("forecast.ratio"): "1" if naive else interval(one.ratio(method, "naive")),
        say("forecast.nearer"): "–" if naive else percent(one.found.nearer(method)),
    }


def interval(found: Interval) -> str:
    """A ratio and its interval."""
    ends = say("app.from_to", first=short(found.low), last=short(found.high))
    return say("app.aside", what=short(found.estimate), aside=ends)


def short(value: float) -> str:
    """Two decimals, or two digits of what is smaller than that; a true minus."""
    if not np.isfinite(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def verdict(found: Interval) -> Verdict:
    """Better where the whole interval of the ratio lies below 1 by what counts, and so on."""
    return RULE.verdict(found, lower_is_better=True)


def headline(seen: Forecasted) -> str:
    """Whether the network beats the naive forecast, from its own numbers."""
    found = seen.against["naive"]
    return say(
        f"forecast.headline_{verdict(found)}_{seen.task.series.naive}",
        count=seen.count, blocks=found.n, **_ratio(found),
    )  # fmt: skip


def rule() -> str:
    """What the verdicts follow from."""
    return say("forecast.rule", edge=percent(RULE.smallest), least=RULE.n)


def _ratio(found: Interval) -> dict[str, str]:
    return {"ratio": short(found.estimate), "low": short(found.low), "high": short(found.high)}


def look_for(seen: Forecasted, number: int) -> list[str]:
    """Sentences about the picture, from its numbers."""
    linear = seen.against["linear"]
    told = [error_of(seen), say(f"forecast.linear_{verdict(linear)}", **_ratio(linear))]
    own, naive = (seen.found.squared(m)[number].mean() for m in ("network", "naive"))
    root = float(seen.task.deviation[0])
    told.append(
        say(
            "forecast.this_one", when=seen.when(seen.step(number)),
            own=three_digits(np.sqrt(own) * root), naive=three_digits(np.sqrt(naive) * root),
            unit=f" {seen.task.series.unit}".rstrip(),
            which=say("forecast.nearer_word" if own < naive else "forecast.farther_word"),
        )
    )  # fmt: skip
    told += [*against_the_ratio(seen), *overfitting(seen.run)]
    if seen.task.scaling == "all":
        told.append(say("forecast.leaks"))
    return told


def error_of(seen: Forecasted) -> str:
    """The two errors of the headline's ratio, over all forecasts."""
    found = {name: float(seen.found.squared(name).mean()) for name in ("network", "naive")}
    return say(
        "forecast.error_test", loss=digits(found["network"]), baseline=digits(found["naive"])
    )


def against_the_ratio(seen: Forecasted) -> list[str]:
    """Why the squared error and how often a forecast is nearer tell two things, where they do."""
    better, share = seen.against["naive"].estimate < 1, seen.found.nearer("network")
    if better == (share >= HALF) or abs(share - HALF) < ABOUT:
        return []
    told = [say(f"forecast.nearer_{'less' if better else 'more'}", share=percent(share))]
    exact = float((seen.found.squared("naive").mean(1) == 0).mean())
    return [*told, *([say("forecast.nearer_exact", share=percent(exact))] if exact > 0 else [])]


def overfitting(run: Run) -> list[str]:
    """A sentence where the network was better on unseen data earlier, and was not put back."""
    losses: Sequence[float] = [row.loss for row in run.history[1:]] or [np.nan]
    best, last = int(np.argmin(losses)), losses[-1]
    if run.config.restore_best or not last > 1.15 * losses[best]:
        return []
    return [
        say(
            "forecast.overfits", step=run.history[1:][best].step, best=digits(losses[best]),
            last=digits(last), end=run.history[-1].step,
        )
    ]  # fmt: skip


def alternative(seen: Forecasted, number: int) -> str:
    """What the picture shows, for those who cannot see it."""
    step, unit = seen.step(number), f" {seen.task.series.unit}".rstrip()
    stretch = seen.stretch(number).lines["truth"]
    values = {
        name: float(seen.task.measured(torch.tensor(getattr(seen.found, name)[number, 0])))
        for name in ("truth", "network", "linear", "naive")
    }
    return say(
        "forecast.alt", what=series_name(seen.task), when=seen.when(step), unit=unit,
        low=three_digits(float(stretch.min())), high=three_digits(float(stretch.max())),
        **{name: three_digits(value) for name, value in values.items()},
    )  # fmt: skip


def leads_told(seen: Forecasted) -> str:
    """The errors at the first and the last step ahead, for those who cannot see the picture."""
    errors = seen.rmse("network"), seen.rmse("naive")
    ends = [three_digits(float(error[k])) for error in errors for k in (0, -1)]
    return say(
        "forecast.leads_alt", steps=seen.task.horizon,
        **dict(zip(("first", "last", "naive_first", "naive_last"), ends, strict=True)),
        unit=f" {seen.task.series.unit}".rstrip(),
    )  # fmt: skip


def parts_words(task: Forecast) -> dict[str, str]:
    """The words on the picture of a whole series."""
    unit = f" ({task.series.unit})" if task.series.unit else ""
    return {
        "time": say("forecast.time" if are_dates(task.series.times) else "forecast.step"),
        "value": series_name(task) + unit,
        "truth": say("forecast.line_truth"),
        **_written_dates(),
        **{part: say(f"forecast.part_{part}") for part in ("train", "validation", "test")},
    }


def _written_dates() -> dict[str, str]:
    """How an axis writes a day and a year, as D3 has it."""
    return {"day": say("forecast.axis_day"), "year": say("forecast.axis_year")}


def parts_told(task: Forecast) -> tuple[str, str]:
    """What a whole series is, as markdown, and the same for those who cannot see its picture."""
    values, rows = task.series.values[:, 0], some("time_steps", len(task.series.values))
    ends = {"low": float(values.min()), "high": float(values.max())}
    return (
        say("forecast.parts", series=plain(series_name(task), NAME), rows=rows),
        say(
            "forecast.parts_alt", what=series_name(task), rows=rows,
            **{name: three_digits(value) for name, value in ends.items()},
        ),
    )  # fmt: skip
